//! The PostgreSQL door: protocol, encoders, portals.
//!
//! In reading order: taking connections (`listen`, `connection`), the bytes (`wire`, `codec`,
//! `body`), getting in (`startup`, `tls`, `login`, `scram`), the session (`conversation` and a file
//! for each verb: `simple`, `parse`, `bind`, `describe`, `execute`, `close`), what the verbs share
//! (`start`, `fetch`, `work`, `cursor`, `rows`, `copy`, `names`, `formats`), values as bytes (`encode`), and what goes wrong
//! (`report`).

mod bind;
mod body;
mod cancel;
mod certificate;
mod close;
mod codec;
mod connection;
mod conversation;
mod copy;
mod cursor;
mod describe;
mod door;
mod execute;
mod fetch;
mod formats;
mod listen;
mod login;
mod names;
mod options;
mod parse;
mod report;
mod rows;
mod scram;
mod simple;
mod start;
mod startup;
mod throttle;
mod tls;
mod wire;
mod work;

pub mod encode;

#[cfg(test)]
mod holes;
#[cfg(test)]
mod talk;
#[cfg(test)]
mod testing;

pub use listen::serve;
pub use options::Options;
pub use tls::Tls;
