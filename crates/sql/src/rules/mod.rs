//! Where DataFusion computes otherwise than PostgreSQL, and what is put in its place.
//!
//! The rules run in the analyzer, behind type coercion: types are settled, and nothing has been
//! computed ahead yet.

mod arithmetic;
mod casts;
mod round;
mod text;

pub use arithmetic::CheckedArithmetic;
pub use casts::PgCasts;

#[cfg(test)]
mod tests;
