//! Why a question about the catalog has no answer.

use datafusion::error::DataFusionError;
use lakeport_base::SqlState;

/// Why a function over the catalog has no answer. Travels inside `DataFusionError::External`.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Error {
    /// No such table or view, or the caller may not know that there is one.
    #[error("relation \"{name}\" does not exist")]
    UnknownRelation {
        /// As it was written.
        name: String,
    },
    /// No such schema.
    #[error("schema \"{name}\" does not exist")]
    UnknownSchema {
        /// As it was written.
        name: String,
    },
    /// No such type.
    #[error("type \"{name}\" does not exist")]
    UnknownType {
        /// As it was written.
        name: String,
    },
    /// No such function.
    #[error("function \"{name}\" does not exist")]
    UnknownFunction {
        /// As it was written.
        name: String,
    },
    /// More than one function has this name.
    #[error("more than one function named \"{name}\"")]
    AmbiguousFunction {
        /// As it was written.
        name: String,
    },
    /// No such operator.
    #[error("operator does not exist: {name}")]
    UnknownOperator {
        /// As it was written.
        name: String,
    },
    /// More than one operator has this name.
    #[error("more than one operator named {name}")]
    AmbiguousOperator {
        /// As it was written.
        name: String,
    },
    /// No such collation, text search configuration and so on.
    #[error("{kind} \"{name}\" does not exist")]
    UnknownObject {
        /// What is missing: `collation`, `tablespace` …
        kind: &'static str,
        /// As it was written.
        name: String,
    },
    /// What the session says no to.
    #[error("{message}")]
    Refused {
        /// Its code.
        sqlstate: SqlState,
        /// Its words.
        message: String,
    },
    /// No such role.
    #[error("role \"{name}\" does not exist")]
    UnknownRole {
        /// As it was written.
        name: String,
    },
    /// No role with this number.
    #[error("role with OID {oid} does not exist")]
    UnknownRoleOid {
        /// The number.
        oid: u32,
    },
    /// A table or view where a sequence was expected.
    #[error("\"{name}\" is not a sequence")]
    NotASequence {
        /// Its name.
        name: String,
    },
    /// Another database than the one there is.
    #[error("database \"{name}\" does not exist")]
    UnknownDatabase {
        /// As it was written.
        name: String,
    },
    /// No such setting.
    #[error("unrecognized configuration parameter \"{name}\"")]
    UnknownSetting {
        /// As it was written.
        name: String,
    },
    /// A privilege that this kind of thing does not have.
    #[error("unrecognized privilege type: \"{name}\"")]
    UnknownPrivilege {
        /// As it was written.
        name: String,
    },
    /// A kind of object that access lists have no letter for.
    #[error("unrecognized objtype abbreviation: {letter}")]
    UnknownObjectKind {
        /// As it was written.
        letter: String,
    },
    /// Another session holds the lock.
    #[error("the advisory lock is held by another session")]
    LockNotAvailable,
    /// More locks than there is room for.
    #[error("out of shared memory: too many advisory locks")]
    TooManyLocks,
    /// What there is none of here.
    #[error("{what} is not supported")]
    Unsupported {
        /// What was asked for.
        what: &'static str,
    },
    /// What can only be asked in another state.
    #[error("{what}")]
    NotInState {
        /// What is not so.
        what: &'static str,
    },
    /// A text that is no size.
    #[error("invalid size: \"{text}\"")]
    InvalidSize {
        /// As it was written.
        text: String,
    },
    /// A number that its type cannot hold.
    #[error("{type_name} out of range")]
    OutOfRange {
        /// The type, as SQL names it.
        type_name: &'static str,
    },
    /// Text that is no name.
    #[error("invalid name syntax")]
    InvalidName,
    /// A name of more parts than there can be.
    #[error("improper relation name (too many dotted names): {name}")]
    TooManyNames {
        /// As it was written.
        name: String,
    },
    /// A name of three parts whose first is not this database.
    #[error("cross-database references are not implemented: \"{name}\"")]
    OtherDatabase {
        /// As it was written.
        name: String,
    },
    /// A number that is no oid.
    #[error("value \"{value}\" is out of range for type oid")]
    OidOutOfRange {
        /// As it was written.
        value: String,
    },
    /// Text where a number was expected.
    #[error("invalid input syntax for type {type_name}: \"{value}\"")]
    InvalidText {
        /// The type it should have been.
        type_name: &'static str,
        /// As it was written.
        value: String,
    },
}

impl Error {
    /// The code the client sees.
    pub fn sqlstate(&self) -> SqlState {
        match self {
            Self::Refused { sqlstate, .. } => *sqlstate,
            Self::UnknownRelation { .. } => SqlState::UNDEFINED_TABLE,
            Self::UnknownSchema { .. } => SqlState::INVALID_SCHEMA_NAME,
            Self::UnknownType { .. }
            | Self::UnknownObject { .. }
            | Self::UnknownRole { .. }
            | Self::UnknownRoleOid { .. }
            | Self::UnknownSetting { .. } => SqlState::UNDEFINED_OBJECT,
            Self::UnknownFunction { .. } | Self::UnknownOperator { .. } => SqlState::UNDEFINED_FUNCTION,
            Self::AmbiguousFunction { .. } | Self::AmbiguousOperator { .. } => SqlState::AMBIGUOUS_FUNCTION,
            Self::UnknownDatabase { .. } => SqlState::INVALID_CATALOG_NAME,
            Self::UnknownPrivilege { .. } => SqlState::INVALID_PARAMETER_VALUE,
            Self::NotASequence { .. } => SqlState::WRONG_OBJECT_TYPE,
            Self::UnknownObjectKind { .. } => SqlState::INTERNAL_ERROR,
            Self::LockNotAvailable => SqlState::LOCK_NOT_AVAILABLE,
            Self::TooManyLocks => SqlState::OUT_OF_MEMORY,
            Self::Unsupported { .. } => SqlState::FEATURE_NOT_SUPPORTED,
            Self::NotInState { .. } => SqlState::OBJECT_NOT_IN_PREREQUISITE_STATE,
            Self::InvalidSize { .. } => SqlState::INVALID_PARAMETER_VALUE,
            Self::OutOfRange { .. } => SqlState::NUMERIC_VALUE_OUT_OF_RANGE,
            Self::InvalidName => SqlState::INVALID_NAME,
            Self::TooManyNames { .. } => SqlState::SYNTAX_ERROR,
            Self::OtherDatabase { .. } => SqlState::FEATURE_NOT_SUPPORTED,
            Self::OidOutOfRange { .. } => SqlState::NUMERIC_VALUE_OUT_OF_RANGE,
            Self::InvalidText { .. } => SqlState::INVALID_TEXT_REPRESENTATION,
        }
    }
}

impl From<Error> for DataFusionError {
    fn from(error: Error) -> Self {
        Self::External(Box::new(error))
    }
}
