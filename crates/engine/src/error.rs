//! Why a statement has no answer.

use std::any::Any;
use std::error::Error as StdError;

use datafusion::common::DataFusionError;
use lakeport_base::SqlState;

/// Where in the statement's text something is wrong, in characters from 1.
pub type Position = usize;

/// Why a statement has no answer: everything a client is told, and nothing else.
#[derive(Debug, Clone, thiserror::Error)]
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

    /// Whether this is a warning where it is no error: what PostgreSQL says of transactions, and what has a code of warnings.
    pub fn is_warning(&self) -> bool {
        ["01", "25"].iter().any(|class| self.sqlstate.code().starts_with(class))
    }

    /// The same with advice.
    pub fn with_hint(mut self, hint: impl Into<String>) -> Self {
        self.hint = Some(hint.into());
        self
    }
}

pub(crate) fn from_sql(error: lakeport_sql::Error) -> Error {
    Error {
        sqlstate: error.sqlstate(),
        message: error.message().to_owned(),
        detail: error.detail().map(str::to_owned),
        hint: error.hint().map(str::to_owned),
        position: error.position(),
    }
}

pub(crate) fn from_lake(error: &lakeport_lake::Error) -> Error {
    logged(error);
    Error::new(error.sqlstate(), error.to_string())
}

pub(crate) fn from_store(error: &lakeport_store::Error) -> Error {
    logged(error);
    Error::new(error.sqlstate(), error.to_string())
}

/// What the client is told of a failure in planning or running.
///
/// The failure of the lowest layer decides: it knows what happened, and those above only passed it on.
pub(crate) fn from_datafusion(error: DataFusionError) -> Error {
    let mut source: Option<&(dyn StdError + 'static)> = Some(&error);
    // Bounded, since a chain of sources that comes back to itself would have no end.
    for _ in 0..64 {
        let Some(current) = source else { break };
        if let Some(ours) = current.downcast_ref::<Error>() {
            return ours.clone();
        }
        if let Some(lake) = current.downcast_ref::<lakeport_lake::Error>() {
            return from_lake(lake);
        }
        if let Some(store) = current.downcast_ref::<lakeport_store::Error>() {
            return from_store(store);
        }
        if let Some(sql) = current.downcast_ref::<lakeport_sql::Error>() {
            return from_sql(sql.clone());
        }
        if let Some(catalog) = current.downcast_ref::<lakeport_catalog::Error>() {
            return Error::new(catalog.sqlstate(), catalog.to_string());
        }
        source = match current.downcast_ref::<DataFusionError>() {
            Some(DataFusionError::Shared(shared)) => Some(shared.as_ref()),
            _ => current.source(),
        };
    }
    tracing::debug!(%error, "refused by the planner, or failed at running");
    from_sql(lakeport_sql::error_of(error))
}

/// A panic is a defect of ours: the client gets a number to name, the log the rest.
pub(crate) fn from_panic(panic: &(dyn Any + Send)) -> Error {
    let incident = std::time::SystemTime::now()
        .duration_since(std::time::UNIX_EPOCH)
        .map_or(0, |elapsed| elapsed.as_micros() as u64);
    let text = panic
        .downcast_ref::<&str>()
        .copied()
        .or_else(|| panic.downcast_ref::<String>().map(String::as_str))
        .unwrap_or("no message");
    tracing::error!(incident = format!("{incident:x}"), panic = text, "a statement panicked");
    Error::new(SqlState::INTERNAL_ERROR, format!("internal error, incident {incident:x}"))
        .with_hint("The server goes on; its log says more under this number.")
}

/// The chain below an error is for the log and never leaves the process.
fn logged(error: &(dyn StdError + 'static)) {
    let mut source = error.source();
    while let Some(cause) = source {
        tracing::debug!(cause = %cause, "caused by");
        source = cause.source();
    }
}
