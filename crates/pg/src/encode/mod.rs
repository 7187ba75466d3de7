//! Arrow's values as PostgreSQL's bytes, and a client's parameters as Arrow's.
//!
//! In reading order: what a result looks like (`describe`), whole DataRow messages from batches (`encoder`), some rows
//! at once and column by column (`strip`), in pieces of one size (`pieces`, into `out`) that can be cut (`piece`), COPY's
//! lines of text (`copy`), what a value is in binary (`binary`, with `values`, `numeric` and `compound`), and parameters
//! (`parameter`). How a value reads as text is `lakeport_sql::value`'s.

mod binary;
mod compound;
mod copy;
mod describe;
mod encoder;
mod numeric;
mod out;
mod parameter;
mod piece;
mod pieces;
mod strip;
mod values;

pub use copy::CopyEncoder;
pub use describe::{Format, row_description};
pub use encoder::Encoder;
pub use parameter::decode;
pub use piece::Piece;
pub use pieces::Pieces;
