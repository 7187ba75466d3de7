//! Who may do what: identities, password verifiers, grants. No I/O.
//!
//! In reading order: who a session is (`identity`), what users and roles are allowed (`grants`), how a
//! password is proven without being stored (`verifier`, over `saslprep`), and why a set of users and
//! roles is refused (`error`). Nothing here reads a file or speaks a protocol: plain values come in
//! from the config, and the PostgreSQL door runs the SCRAM exchange with the verifier it gets here.

mod error;
mod grants;
mod identity;
mod saslprep;
mod verifier;

pub use error::Error;
pub use grants::{Access, Login, Role, User};
pub use identity::Identity;
pub use verifier::{ITERATIONS_DEFAULT, ITERATIONS_MAX, ITERATIONS_MIN, Verifier};
