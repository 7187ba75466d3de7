//! Text in: what PostgreSQL's input functions accept, and what they refuse.
//!
//! In reading order: one value of any type (`value`), numbers, bytes, moments (`scan` takes a text
//! apart, `moment` makes sense of the parts), intervals, arrays, JSON.

mod abbreviations;
mod array;
mod bytes;
mod interval;
mod json;
mod moment;
mod number;
mod scan;
mod value;

pub(crate) use abbreviations::abbreviation;
pub use array::{array_texts, elements};
pub use bytes::{bytea, uuid};
pub use interval::{interval, interval_of};
pub use json::is_json;
pub use moment::{date, time, timestamp, timestamptz};
pub use number::{Decimal, boolean, decimal, float4, float8, int2, int4, int8, oid};
pub use value::{Value, array_of, array_value, read, value};
