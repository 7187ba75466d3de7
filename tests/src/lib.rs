//! What the end-to-end tests share: the real program on a free port, and the tools they run.
//!
//! The tests themselves stand in `tests/`, one topic a file; the scripts of other languages' clients
//! in `clients/`; statements with their answers in `sql/`.

mod lake;
mod server;
mod tools;

pub use lake::demo_lake;
pub use server::{Server, program};
pub use tools::{java, psql, python, required};
