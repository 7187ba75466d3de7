//! Who may do what: identities, password verifiers, grants. No I/O.

mod identity;

pub use identity::Identity;
