//! Why a store could not be used.

use lakeport_base::SqlState;

/// Why a store could not be opened or read.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// The store cannot be opened with what the config says.
    #[error("store {store} cannot be opened: {reason}")]
    Open {
        /// The store's name.
        store: String,
        /// What is wrong and what to do, without a secret.
        reason: String,
    },
}

impl Error {
    /// The code the client sees.
    pub fn sqlstate(&self) -> SqlState {
        match self {
            Self::Open { .. } => SqlState::IO_ERROR,
        }
    }
}
