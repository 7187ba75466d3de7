//! Why a verifier, or a set of users and roles, is refused.

use lakeport_base::SqlState;

/// What is wrong with what access was given. Never says any part of a verifier.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Error {
    /// Not `SCRAM-SHA-256$ITERATIONS:SALT$STOREDKEY:SERVERKEY`, or one of its parts is out of bounds.
    #[error("not a SCRAM-SHA-256 verifier: {reason}")]
    Verifier {
        /// The part that is wrong.
        reason: &'static str,
    },

    /// A user has a role that there is not.
    #[error("user {user} has role {role}, which does not exist")]
    UnknownRole {
        /// The user.
        user: String,
        /// The role.
        role: String,
    },

    /// Two users, or two roles, have one name.
    #[error("{name} is there twice")]
    Duplicate {
        /// The name.
        name: String,
    },

    /// A pattern of `read` that is neither `*`, `SCHEMA.*` nor `SCHEMA.TABLE`.
    #[error("role {role} reads \"{pattern}\", which is neither \"*\", \"schema.*\" nor \"schema.table\"")]
    Pattern {
        /// The role.
        role: String,
        /// The pattern, as it was written.
        pattern: String,
    },

    /// The system gave no random bytes.
    #[error("no random bytes for a salt")]
    Random,
}

impl Error {
    /// The code a client would see. No `_` arm: a new failure must choose its code.
    pub fn sqlstate(&self) -> SqlState {
        match self {
            Self::Verifier { .. }
            | Self::UnknownRole { .. }
            | Self::Duplicate { .. }
            | Self::Pattern { .. } => SqlState::CONFIG_FILE_ERROR,
            Self::Random => SqlState::SYSTEM_ERROR,
        }
    }
}
