//! From a statement to a plan: names become tables, access deciding; views become their text's plan.
//!
//! In reading order: who asks and with what (`planner`), names (`name`), what the system relations
//! are made of (`pinned`), what a transaction holds on to (`pins`), what plans are made with (`states`, `light`, `smaller_side`), plans that are run
//! again (`generic`, `steady`), EXPLAIN (`explain`), waiting (`sleep`).

mod asks;
mod explain;
mod generic;
mod keys;
mod light;
mod name;
mod pinned;
mod pins;
mod planner;
mod sleep;
mod smaller_side;
mod states;
mod steady;

pub(crate) use explain::{explain_columns, explain_rows};
pub(crate) use generic::{GenericPlans, Loan};
pub(crate) use name::{Resolved, is_system};
pub(crate) use pinned::named;
pub(crate) use pins::Pins;
pub(crate) use planner::{Planned, Planner, view_path};
pub(crate) use states::States;
