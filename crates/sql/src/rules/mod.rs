//! Where DataFusion computes otherwise than PostgreSQL, and what is put in its place.
//!
//! Nearly all run in the analyzer, behind type coercion: types are settled, and nothing has been
//! computed ahead yet. `single_distinct` stands in the optimizer, in place of a rule of DataFusion's, and
//! `cast_nulls` at its end.

mod arithmetic;
mod cast_elements;
mod cast_nulls;
mod casts;
mod interval_groups;
mod interval_order;
mod read;
mod reg;
mod reg_names;
mod round;
mod single_distinct;
mod text;

pub use arithmetic::CheckedArithmetic;
pub use cast_nulls::CastNulls;
pub use casts::PgCasts;
pub use interval_order::IntervalOrder;
pub use reg::RegFunctions;
pub use reg::is_reg;
pub(crate) use reg_names::reg_texts;
pub use reg_names::{naming_regs, reg_oids, reg_parameters, with_reg_names};
pub use single_distinct::SingleDistinct;

#[cfg(test)]
mod tests;
