//! Where DataFusion computes otherwise than PostgreSQL, and what is put in its place.
//!
//! The rules run in the analyzer, behind type coercion: types are settled, and nothing has been
//! computed ahead yet.

mod arithmetic;

pub use arithmetic::CheckedArithmetic;
