//! A client that takes answers and does nothing with them, so that the servers' own speed is what is timed.
//!
//! In reading order: what is counted in a stream of messages (`scanner`), the connection (`connection`,
//! with `stream` for TLS), the ways that clients ask for many rows (`ways`), and what is not timed (`transfer`).

mod connection;
mod scanner;
mod stream;
mod transfer;
mod ways;

pub use connection::{Client, Pace};
pub use scanner::Seen;
pub use stream::Address;
pub use ways::{Received, Way};
