//! What the end-to-end tests share: the real program on a free port, and the tools they run.
//!
//! The tests themselves stand in `tests/`, one topic a file; the scripts of other languages' clients
//! in `clients/`; statements with their answers in `sql/`.

mod lake;
mod server;
mod socket;
mod tools;
mod twins;

pub use lake::{demo_lake, make_demo_lake};
pub use server::{Server, program};
pub use socket::{Failure, Reply, Socket, message};
pub use tools::{Said, folder, java, lakeport, node, psql, psql_as, python, python_of, required};
pub use twins::{DATABASE, same};
