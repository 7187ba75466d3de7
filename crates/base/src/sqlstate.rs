//! The one vocabulary of failures: PostgreSQL's five-character codes.
//!
//! Log level, exit code and "may be tried again" follow from the code, so each failure
//! chooses its code once and nothing else.
//!
//! Source: <https://www.postgresql.org/docs/15/errcodes-appendix.html>

use std::fmt;

/// A PostgreSQL error code, such as `42P01`.
#[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct SqlState(&'static str);

macro_rules! codes {
    ($($(#[$doc:meta])* $name:ident = $code:literal;)*) => {
        impl SqlState {
            $($(#[$doc])* pub const $name: SqlState = SqlState($code);)*

            /// Every code that this program can send.
            pub const ALL: &'static [SqlState] = &[$(Self::$name),*];
        }
    };
}

codes! {
    /// The statement did what it was asked.
    SUCCESSFUL_COMPLETION = "00000";
    /// Worked, and there is something to know.
    WARNING = "01000";
    /// A feature that is not there, cleanly refused.
    FEATURE_NOT_SUPPORTED = "0A000";
    /// More than one row from a subquery used as an expression.
    CARDINALITY_VIOLATION = "21000";
    /// Text too long for its declared type.
    STRING_DATA_RIGHT_TRUNCATION = "22001";
    /// NULL where a function cannot do without a value.
    NULL_VALUE_NOT_ALLOWED = "22004";
    /// A logarithm of zero or less.
    INVALID_ARGUMENT_FOR_LOGARITHM = "2201E";
    /// A power or root that is no real number.
    INVALID_ARGUMENT_FOR_POWER = "2201F";
    /// A histogram without buckets.
    INVALID_ARGUMENT_FOR_WIDTH_BUCKET = "2201G";
    /// A part of a text of negative length.
    SUBSTRING_ERROR = "22011";
    /// A number outside its type's range.
    NUMERIC_VALUE_OUT_OF_RANGE = "22003";
    /// Text that is no date or time.
    INVALID_DATETIME_FORMAT = "22007";
    /// A date or time outside its type's range.
    DATETIME_FIELD_OVERFLOW = "22008";
    /// A time zone displacement outside its range.
    INVALID_TIME_ZONE_DISPLACEMENT_VALUE = "22009";
    /// An array subscript outside what is allowed.
    ARRAY_SUBSCRIPT_ERROR = "2202E";
    /// A division by zero.
    DIVISION_BY_ZERO = "22012";
    /// A text in an encoding it is not in.
    CHARACTER_NOT_IN_REPERTOIRE = "22021";
    /// Bit strings of different lengths where they must have one.
    STRING_DATA_LENGTH_MISMATCH = "22026";
    /// A value out of the range of a setting or argument.
    INVALID_PARAMETER_VALUE = "22023";
    /// A regular expression that is none.
    INVALID_REGULAR_EXPRESSION = "2201B";
    /// A negative LIMIT.
    INVALID_ROW_COUNT_IN_LIMIT_CLAUSE = "2201W";
    /// A negative OFFSET.
    INVALID_ROW_COUNT_IN_RESULT_OFFSET_CLAUSE = "2201X";
    /// An escape in a pattern that ends too early.
    INVALID_ESCAPE_SEQUENCE = "22025";
    /// Text that is no value of its type.
    INVALID_TEXT_REPRESENTATION = "22P02";
    /// Bytes that are no value of their type.
    INVALID_BINARY_REPRESENTATION = "22P03";
    /// A character that the other side cannot hold.
    UNTRANSLATABLE_CHARACTER = "22P05";
    /// NULL in a column that has none.
    NOT_NULL_VIOLATION = "23502";
    /// A statement that makes no sense in the transaction's state.
    INVALID_TRANSACTION_STATE = "25000";
    /// BEGIN inside a transaction.
    ACTIVE_SQL_TRANSACTION = "25001";
    /// A write to what is only read.
    READ_ONLY_SQL_TRANSACTION = "25006";
    /// Something that needs a transaction, outside of one.
    NO_ACTIVE_SQL_TRANSACTION = "25P01";
    /// A statement after an error in the same transaction.
    IN_FAILED_SQL_TRANSACTION = "25P02";
    /// The session waited too long inside a transaction.
    IDLE_IN_TRANSACTION_SESSION_TIMEOUT = "25P03";
    /// A prepared statement that is not there.
    INVALID_SQL_STATEMENT_NAME = "26000";
    /// A login that may not be.
    INVALID_AUTHORIZATION_SPECIFICATION = "28000";
    /// A wrong password.
    INVALID_PASSWORD = "28P01";
    /// Something else still needs it.
    DEPENDENT_OBJECTS_STILL_EXIST = "2BP01";
    /// A cursor or portal that is not there.
    INVALID_CURSOR_NAME = "34000";
    /// A savepoint that is not there.
    INVALID_SAVEPOINT_SPECIFICATION = "3B001";
    /// A database that is not there.
    INVALID_CATALOG_NAME = "3D000";
    /// A schema that is not there.
    INVALID_SCHEMA_NAME = "3F000";
    /// What was read changed meanwhile; trying again helps.
    SERIALIZATION_FAILURE = "40001";
    /// Something that is wrong with a statement and has no code of its own.
    SYNTAX_ERROR_OR_ACCESS_RULE_VIOLATION = "42000";
    /// May not.
    INSUFFICIENT_PRIVILEGE = "42501";
    /// Not SQL.
    SYNTAX_ERROR = "42601";
    /// A name that cannot be one.
    INVALID_NAME = "42602";
    /// A name longer than 63 bytes.
    NAME_TOO_LONG = "42622";
    /// A column that exists twice in one list.
    DUPLICATE_COLUMN = "42701";
    /// A column name that fits two columns.
    AMBIGUOUS_COLUMN = "42702";
    /// A column that is not there.
    UNDEFINED_COLUMN = "42703";
    /// An object, such as a setting, that is not there.
    UNDEFINED_OBJECT = "42704";
    /// A relation that is there twice.
    DUPLICATE_ALIAS = "42712";
    /// A function call that fits two functions.
    AMBIGUOUS_FUNCTION = "42725";
    /// A column neither grouped nor aggregated.
    GROUPING_ERROR = "42803";
    /// An expression of the wrong type.
    DATATYPE_MISMATCH = "42804";
    /// An object of the wrong kind.
    WRONG_OBJECT_TYPE = "42809";
    /// A cast that there is not.
    CANNOT_COERCE = "42846";
    /// A function or operator that is not there.
    UNDEFINED_FUNCTION = "42883";
    /// A name that fits two things.
    AMBIGUOUS_ALIAS = "42P09";
    /// A relation that is not there.
    UNDEFINED_TABLE = "42P01";
    /// A parameter that is not there.
    UNDEFINED_PARAMETER = "42P02";
    /// A cursor that is there already.
    DUPLICATE_CURSOR = "42P03";
    /// A prepared statement that is there already.
    DUPLICATE_PREPARED_STATEMENT = "42P05";
    /// A schema that is there already.
    DUPLICATE_SCHEMA = "42P06";
    /// A table or view that is there already.
    DUPLICATE_TABLE = "42P07";
    /// A column reference that makes no sense where it is.
    INVALID_COLUMN_REFERENCE = "42P10";
    /// Options of a cursor that exclude each other.
    INVALID_CURSOR_DEFINITION = "42P11";
    /// A definition that makes no sense.
    INVALID_TABLE_DEFINITION = "42P16";
    /// A definition that goes round in a circle.
    INVALID_RECURSION = "42P19";
    /// A window function where there may be none.
    WINDOWING_ERROR = "42P20";
    /// A parameter whose type could not be found out.
    INDETERMINATE_DATATYPE = "42P18";
    /// Not enough of something.
    INSUFFICIENT_RESOURCES = "53000";
    /// No room to spill to.
    DISK_FULL = "53100";
    /// No memory left for this statement.
    OUT_OF_MEMORY = "53200";
    /// All connections are taken.
    TOO_MANY_CONNECTIONS = "53300";
    /// A configured limit was reached.
    CONFIGURATION_LIMIT_EXCEEDED = "53400";
    /// A limit of the program was reached.
    PROGRAM_LIMIT_EXCEEDED = "54000";
    /// A statement nested too deep.
    STATEMENT_TOO_COMPLEX = "54001";
    /// More columns than there may be.
    TOO_MANY_COLUMNS = "54011";
    /// Something is not in the state it would have to be in.
    OBJECT_NOT_IN_PREREQUISITE_STATE = "55000";
    /// A setting that cannot be changed now.
    CANT_CHANGE_RUNTIME_PARAM = "55P02";
    /// A lock that another session holds.
    LOCK_NOT_AVAILABLE = "55P03";
    /// Cancelled, by the user or by a timeout.
    QUERY_CANCELED = "57014";
    /// The server is going down.
    ADMIN_SHUTDOWN = "57P01";
    /// The server takes no new connections now.
    CANNOT_CONNECT_NOW = "57P03";
    /// The session waited too long.
    IDLE_SESSION_TIMEOUT = "57P05";
    /// Something outside the database failed.
    SYSTEM_ERROR = "58000";
    /// A store did not answer or broke off.
    IO_ERROR = "58030";
    /// An object that is not there.
    UNDEFINED_FILE = "58P01";
    /// Bytes in a file that are not what they must be.
    DATA_CORRUPTED = "XX001";
    /// A message that is not of the protocol.
    PROTOCOL_VIOLATION = "08P01";
    /// The connection broke.
    CONNECTION_FAILURE = "08006";
    /// The configuration file is wrong.
    CONFIG_FILE_ERROR = "F0000";
    /// A defect of this program.
    INTERNAL_ERROR = "XX000";
}

impl SqlState {
    /// The five characters.
    pub fn code(self) -> &'static str {
        self.0
    }

    /// Whether the same statement may well succeed when it is sent again.
    pub fn may_be_retried(self) -> bool {
        matches!(&self.0[..2], "40" | "53" | "57" | "58")
    }

    /// Whether a person who runs the server must look, and not the one who sent the statement.
    pub fn is_fault_of_server(self) -> bool {
        matches!(&self.0[..2], "58" | "XX" | "F0")
    }
}

impl fmt::Display for SqlState {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.0)
    }
}

impl fmt::Debug for SqlState {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::SqlState;

    #[test]
    fn every_code_has_five_characters_and_stands_once() {
        let mut codes: Vec<&str> = SqlState::ALL.iter().map(|state| state.code()).collect();
        assert!(codes.iter().all(|code| code.len() == 5));
        let before = codes.len();
        codes.sort_unstable();
        codes.dedup();
        assert_eq!(codes.len(), before);
    }
}
