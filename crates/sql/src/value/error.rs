//! Why a value cannot be written as text, or a text is no value.

use lakeport_base::SqlState;

/// Why a value cannot be written, or a text (or a client's bytes) is no value. Reads as
/// PostgreSQL's own message, without the value's neighbours.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Error {
    /// A text that does not read as a value of the type.
    #[error("invalid input syntax for type {type_name}: \"{text}\"")]
    Syntax {
        /// The type, as SQL names it.
        type_name: &'static str,
        /// The text.
        text: String,
    },
    /// A text that is no JSON.
    #[error("invalid input syntax for type json")]
    Json,
    /// A date, time or interval that is written as none.
    #[error("invalid input syntax for type {type_name}: \"{text}\"")]
    DateSyntax {
        /// The type, as SQL names it.
        type_name: &'static str,
        /// The text.
        text: String,
    },
    /// A number that its type cannot hold.
    #[error("value \"{text}\" is out of range for type {type_name}")]
    Range {
        /// The type, as SQL names it.
        type_name: &'static str,
        /// The number.
        text: String,
    },
    /// A float that its type cannot hold.
    #[error("\"{text}\" is out of range for type {type_name}")]
    FloatRange {
        /// The type, as SQL names it.
        type_name: &'static str,
        /// The number.
        text: String,
    },
    /// A decimal with more digits than its precision, or than there can be.
    #[error("numeric field overflow")]
    NumericOverflow,
    /// A numeric with more digits than a column of any numerics keeps.
    #[error("a numeric has more digits behind its point than are kept without a scale")]
    NumericDigits,
    /// A date or time with a part that there is not, such as month 13.
    #[error("date/time field value out of range: \"{text}\"")]
    DateField {
        /// The text.
        text: String,
    },
    /// An interval with a part that is too large.
    #[error("interval field value out of range: \"{text}\"")]
    IntervalField {
        /// The text.
        text: String,
    },
    /// A date or timestamp that PostgreSQL's type does not reach.
    #[error("{type_name} out of range")]
    DateRange {
        /// The type, as SQL names it.
        type_name: &'static str,
    },
    /// A displacement from UTC that is too large.
    #[error("time zone displacement out of range: \"{text}\"")]
    Displacement {
        /// The text.
        text: String,
    },
    /// A time zone that there is not.
    #[error("time zone \"{name}\" not recognized")]
    UnknownZone {
        /// The name.
        name: String,
    },
    /// A text with a zero byte, which PostgreSQL's text cannot hold.
    #[error("invalid byte sequence for encoding \"UTF8\": 0x00")]
    ZeroByte,
    /// Bytes that are not UTF-8.
    #[error("invalid byte sequence for encoding \"UTF8\"")]
    NotUtf8,
    /// A malformed bytea.
    #[error("{message}")]
    Bytea {
        /// What is wrong.
        message: String,
    },
    /// A bytea in hexadecimal digits that are none.
    #[error("{message}")]
    Hexadecimal {
        /// What is wrong.
        message: String,
    },
    /// An array that is not written as one.
    #[error("malformed array literal: \"{text}\"")]
    Array {
        /// The text.
        text: String,
    },
    /// Nested lists of different lengths, which are no array.
    #[error("multidimensional arrays must have array expressions with matching dimensions")]
    Ragged,
    /// More dimensions than an array has.
    #[error("number of array dimensions ({count}) exceeds the maximum allowed (6)")]
    Dimensions {
        /// How many there are.
        count: usize,
    },
    /// Types nested deeper than values are written.
    #[error("a column's type is nested too deep")]
    Depth,
    /// A type whose values cannot be read or written this way.
    #[error("{what} is not supported")]
    Unsupported {
        /// What was asked for.
        what: String,
    },
    /// A column declared as a type that its values are not of.
    #[error("a column of type {arrow} cannot be sent as {type_name}")]
    Mismatch {
        /// What it is.
        arrow: String,
        /// What it should be.
        type_name: &'static str,
    },
    /// Bytes of a parameter that are no value of its type.
    #[error("incorrect binary data format in bind parameter of type {type_name}")]
    Binary {
        /// The type, as `pg_type` names it.
        type_name: &'static str,
    },
    /// A value longer than a gigabyte.
    #[error("a value or row is longer than {limit} bytes")]
    TooLong {
        /// The longest there may be.
        limit: usize,
    },
}

impl Error {
    /// What can be done about it.
    pub fn hint(&self) -> Option<&'static str> {
        match self {
            Self::NumericDigits => Some("Cast it to numeric(p,s), which rounds to a scale of s."),
            _ => None,
        }
    }

    /// The code the client sees.
    pub fn sqlstate(&self) -> SqlState {
        match self {
            Self::Syntax { .. } | Self::Json | Self::Array { .. } | Self::Bytea { .. } => {
                SqlState::INVALID_TEXT_REPRESENTATION
            }
            Self::DateSyntax { .. } => SqlState::INVALID_DATETIME_FORMAT,
            Self::Range { .. } | Self::FloatRange { .. } | Self::NumericOverflow | Self::NumericDigits => {
                SqlState::NUMERIC_VALUE_OUT_OF_RANGE
            }
            Self::DateField { .. } | Self::IntervalField { .. } | Self::DateRange { .. } => {
                SqlState::DATETIME_FIELD_OVERFLOW
            }
            Self::Displacement { .. } => SqlState::INVALID_TIME_ZONE_DISPLACEMENT_VALUE,
            Self::UnknownZone { .. } | Self::Hexadecimal { .. } => SqlState::INVALID_PARAMETER_VALUE,
            Self::ZeroByte | Self::NotUtf8 => SqlState::CHARACTER_NOT_IN_REPERTOIRE,
            Self::Ragged => SqlState::ARRAY_SUBSCRIPT_ERROR,
            Self::Depth => SqlState::STATEMENT_TOO_COMPLEX,
            Self::Dimensions { .. } | Self::TooLong { .. } => SqlState::PROGRAM_LIMIT_EXCEEDED,
            Self::Unsupported { .. } => SqlState::FEATURE_NOT_SUPPORTED,
            Self::Mismatch { .. } => SqlState::DATATYPE_MISMATCH,
            Self::Binary { .. } => SqlState::INVALID_BINARY_REPRESENTATION,
        }
    }
}
