//! The product as a library: open a lake, run statements, stream Arrow batches.
//!
//! Knows no door: what comes in is text and Arrow values, what goes out is Arrow. In reading
//! order: `engine` (what is shared), `session` (one client), `answer` (what a statement gives),
//! `kept` (rows read again), `open` (what a configuration opens), `plan` (from a statement to a plan), `views` (views made
//! and dropped), `check` (every fault at once), `settings`, and what bounds a statement: `stop`,
//! `memory`, `runtimes`, and what a session keeps: `temp`; `channels` (what sessions tell each other).

mod answer;
mod channels;
mod check;
mod engine;
mod error;
mod guard;
mod interrupt;
mod kept;
mod keys;
mod lanes;
mod memory;
mod open;
mod plan;
mod reload;
mod runtimes;
mod session;
mod settings;
mod split;
mod stop;
mod temp;
mod turns;
mod views;

pub use answer::{Answer, Chunks, Rows, Weigh};
pub use channels::Notification;
pub use check::Checked;
pub use engine::Engine;
pub use error::{Error, Position};
pub use kept::Kept;
pub use keys::KeyProgress;
pub use session::{Prepared, Session, Transaction};
pub use stop::Running;

pub use lakeport_access::Identity;
pub use lakeport_catalog::{CursorInfo, SessionObjects, StatementInfo};
pub use lakeport_sql::statement::{Kind, Statement};

/// What this crate gives back.
pub type Result<T, E = Error> = std::result::Result<T, E>;
