//! PostgreSQL's SQL on DataFusion.
//!
//! Knows no lake and no door: it is handed text and the tables a statement may see, and gives
//! back plans. In reading order: the types (`types`), how a value reads as text and back
//! (`value`), reading statements (`statement`), names (`resolve`), planning (`plan`), functions.

pub mod apply;
pub mod error;
pub mod functions;
pub mod rules;
pub mod state;
pub mod statement;
pub mod types;
pub mod value;

#[cfg(test)]
mod harness;
