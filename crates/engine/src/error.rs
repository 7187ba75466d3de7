//! Why a statement has no answer.

use lakeport_base::SqlState;

/// Where in the statement's text something is wrong, in characters from 1.
pub type Position = usize;

/// Why a statement has no answer: everything a client is told, and nothing else.
#[derive(Debug, thiserror::Error)]
#[error("{message}")]
pub struct Error {
    /// The code.
    pub sqlstate: SqlState,
    /// What is wrong.
    pub message: String,
    /// More about it, where there is more.
    pub detail: Option<String>,
    /// What to do about it, where that is known.
    pub hint: Option<String>,
    /// Where in the text, where that is known.
    pub position: Option<Position>,
}

impl Error {
    /// An error of this code.
    pub fn new(sqlstate: SqlState, message: impl Into<String>) -> Self {
        Self { sqlstate, message: message.into(), detail: None, hint: None, position: None }
    }

    /// The same with advice.
    pub fn with_hint(mut self, hint: impl Into<String>) -> Self {
        self.hint = Some(hint.into());
        self
    }
}
