//! PostgreSQL's SQL on DataFusion.
//!
//! Knows no lake and no door: it is handed text and the tables a statement may see, and gives
//! back plans. In reading order: errors (`error`), the types (`types`), how a value reads as text
//! and back (`value`), what a statement is (`statement`), reading it (`parse`), refusing what would
//! be ignored (`check`), names (`resolve`), planning (`plan`).

mod error;
pub mod types;
pub mod value;
pub mod statement;
mod parse;
mod check;
mod resolve;
mod plan;

pub use error::{Error, Result};
pub use parse::parse;
pub use plan::{Planned, Scope, error_of, plan};
pub use resolve::relations;
