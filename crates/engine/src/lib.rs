//! The product as a library: open a lake, run statements, stream Arrow batches.
//!
//! Knows no door: what comes in is text and Arrow values, what goes out is Arrow. In reading
//! order: `engine` (what is shared), `session` (one client), `answer` (what a statement gives).

mod answer;
mod engine;
mod error;
mod session;
mod stop;

pub use answer::{Answer, Chunks, Rows, Weigh};
pub use engine::Engine;
pub use error::{Error, Position};
pub use session::{Prepared, Session, Transaction};
pub use stop::Running;

pub use lakeport_sql::statement::{Kind, Statement};

/// What this crate gives back.
pub type Result<T, E = Error> = std::result::Result<T, E>;
