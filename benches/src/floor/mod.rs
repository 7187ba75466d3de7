//! The floor: how fast this machine gets from Parquet to a socket when nothing else is done.
//!
//! Threads that decode and encode in one go, buffers of whole DataRow messages, a queue of eight of
//! them to whoever writes, one `write_all` for each. No planning, no nulls, no other types than lineitem's. It
//! says what is to be reached, and is no server for anything else.
//!
//! In reading order: who answers (`server`), how a batch becomes messages (`rows`), how values are written (`values`), and
//! what is below the floor: rows that are there already (`wire`).

mod rows;
mod server;
mod values;
mod wire;

pub use server::Floor;
pub use wire::Wire;
