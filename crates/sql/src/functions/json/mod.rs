//! PostgreSQL's functions and operators of JSON.
//!
//! Both types are text here: json as it was written, jsonb in order. `inside` looks into a value, `rows` gives rows of
//! it, `change` makes another of it, `build` makes one of values of any type, `operators` plans the operators.

mod build;
mod change;
mod inside;
mod operators;
mod rows;

pub(super) use build::functions as building_functions;
pub(super) use operators::JsonPlanner;

use super::defined::Definition;

/// The functions that take JSON.
pub(super) fn definitions() -> impl Iterator<Item = &'static Definition> {
    inside::TABLES.into_iter().chain([rows::FUNCTIONS, change::FUNCTIONS]).flatten()
}
