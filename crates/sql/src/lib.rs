//! PostgreSQL's SQL on DataFusion.
//!
//! Knows no lake and no door: it is handed text and the tables a statement may see, and gives
//! back plans. In reading order: errors (`error`), the types (`types`), how a value reads as text
//! and back (`value`), what a statement is (`statement`, `copy`, `explain`), reading it (`parse`), refusing what would
//! be ignored (`check`), names (`resolve`), planning (`plan`), plans that are run with other values (`normalize`, `held`) or not wanted any more (`unwanted`), and what DataFusion runs for us:
//! `functions`, `rules`, `apply`, all put together in `state`.

pub mod apply;
pub mod assign;
mod check;
pub mod copy;
mod error;
pub mod explain;
pub mod functions;
mod held;
mod normalize;
mod parse;
mod plan;
mod resolve;
pub mod rules;
pub mod state;
pub mod statement;
pub mod temp;
pub mod types;
mod unwanted;
pub mod value;

#[cfg(test)]
mod harness;

pub use error::{Error, Result};
pub use held::{Held, holding};
pub use normalize::{Constant, Normalized, has_parameters, normalize, unplaced};
pub use parse::{arguments, parse};
pub use plan::{Planned, Scope, column_field, error_of, plan};
pub use resolve::{relation_position, relations};

pub use datafusion::sql::sqlparser::ast;
pub use statement::Statement;
pub use unwanted::{Unwanted, Wanted};
