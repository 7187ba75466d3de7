//! Why a table could not be made of objects, or an object not be read.

use std::error::Error as StdError;
use std::sync::Arc;

use lakeport_base::{SqlState, TableName};

/// Why a table or an object could not be read. Paths in the texts are below the store's folder.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// An object is no Parquet file, or a damaged one.
    #[error("file {path} cannot be read as Parquet: {reason}")]
    Corrupt {
        /// The object's path.
        path: String,
        /// What is wrong with it, in our words or the decoder's.
        reason: String,
    },

    /// The objects of a table do not fit together.
    #[error("table {table}: {reason}")]
    Mismatch {
        /// The table.
        table: TableName,
        /// Which objects, and what does not fit.
        reason: String,
    },

    /// There is no Parquet file where a table should be.
    #[error("table {table} does not exist: {place} holds no Parquet file")]
    UnknownPlace {
        /// The table.
        table: TableName,
        /// The folder, file or pattern.
        place: String,
    },

    /// A folder holds two things that would be the same table.
    #[error("table {table} is there twice: {first} and {second}")]
    Ambiguous {
        /// The table.
        table: TableName,
        /// One object or folder.
        first: String,
        /// The other.
        second: String,
    },

    /// A path that nobody may read, whatever stands there.
    #[error(
        "permission denied for this path: write a folder, file or pattern below the store, such as \"sales/2024/*.parquet\""
    )]
    Refused,

    /// More than a named bound allows.
    #[error("{what} is more than the {bound} that are allowed")]
    TooMuch {
        /// What there is too much of, with the place.
        what: String,
        /// The bound.
        bound: u64,
    },

    /// The store could not be read.
    #[error(transparent)]
    Store(#[from] lakeport_store::Error),

    /// The same failure, met by several who waited for one read.
    #[error(transparent)]
    Shared(Arc<Error>),
}

impl Error {
    /// The code the client sees.
    pub fn sqlstate(&self) -> SqlState {
        match self {
            Self::Corrupt { .. } => SqlState::DATA_CORRUPTED,
            Self::Mismatch { .. } => SqlState::DATATYPE_MISMATCH,
            Self::UnknownPlace { .. } => SqlState::UNDEFINED_TABLE,
            Self::Ambiguous { .. } => SqlState::DUPLICATE_TABLE,
            Self::Refused => SqlState::INSUFFICIENT_PRIVILEGE,
            Self::TooMuch { .. } => SqlState::PROGRAM_LIMIT_EXCEEDED,
            // A listing found every object that is read here, so it went away since: that is a change like any other.
            Self::Store(lakeport_store::Error::Missing { .. }) => SqlState::SERIALIZATION_FAILURE,
            Self::Store(source) => source.sqlstate(),
            Self::Shared(error) => error.sqlstate(),
        }
    }

    /// Whether reading again on a new snapshot may help: an object changed or went away.
    pub fn is_stale(&self) -> bool {
        match self {
            Self::Store(source) => {
                matches!(
                    source,
                    lakeport_store::Error::Missing { .. } | lakeport_store::Error::Changed { .. }
                )
            }
            Self::Shared(error) => error.is_stale(),
            Self::Corrupt { .. }
            | Self::Mismatch { .. }
            | Self::UnknownPlace { .. }
            | Self::Ambiguous { .. }
            | Self::Refused
            | Self::TooMuch { .. } => false,
        }
    }

    /// This crate's error somewhere in the chain of another, such as DataFusion's.
    pub fn within<'a>(error: &'a (dyn StdError + 'static)) -> Option<&'a Error> {
        let mut next = Some(error);
        // Chains are a handful long; the bound holds against one that bites its tail.
        for _ in 0..64 {
            let error = next?;
            if let Some(own) = error.downcast_ref::<Error>() {
                return Some(own);
            }
            if let Some(own) = error.downcast_ref::<Arc<Error>>() {
                return Some(own);
            }
            next = error.source();
        }
        None
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use lakeport_base::SqlState;

    use super::Error;

    #[test]
    fn an_object_that_went_away_is_a_change_like_any_other() {
        let gone = lakeport_store::Error::Missing { store: "lake".to_owned(), path: Some("a".to_owned()) };
        let error = Error::Shared(Arc::new(Error::Store(gone)));
        assert!(error.is_stale());
        assert_eq!(error.sqlstate(), SqlState::SERIALIZATION_FAILURE);
    }
}
