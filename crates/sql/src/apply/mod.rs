//! Subqueries that DataFusion cannot turn into joins, answered by running them.
//!
//! DataFusion plans a correlated subquery only as a join, and refuses or mistakes what has no
//! such form. The rule here finds those subqueries (`rule`, `shape`, `lateral`), and puts an
//! operator in their place that runs the inner plan once for each combination of outer values
//! (`node`, `planner`, `exec`, `evaluate`). `refs` is what the two plans share,
//! and `held` outside of here.
//!
//! Uncorrelated scalar subqueries stay with DataFusion, which runs them once.

mod evaluate;
mod exec;
mod lateral;
mod lift;
mod node;
mod planner;
mod refs;
mod rule;
mod shape;

pub use lift::array_subquery;
pub(crate) use node::with_inner;
pub use planner::ApplyQueryPlanner;
pub use rule::{ApplyLeftovers, ApplySubqueries};

#[cfg(test)]
mod tests;
