//! Lakeport's vocabulary: what every other crate speaks of.
//!
//! Does no I/O and knows no library of the lake. In reading order: the codes a failure
//! has, the names things have, sizes, memory that is used again, secrets that cannot be
//! printed, and faults found in what a person wrote.

mod buffers;
mod fault;
mod name;
mod redacted;
mod size;
mod sqlstate;

pub use buffers::Buffers;
pub use fault::{Fault, Faults};
pub use name::{TableName, quote_ident};
pub use redacted::Redacted;
pub use size::{ByteSize, ParseSizeError};
pub use sqlstate::SqlState;
