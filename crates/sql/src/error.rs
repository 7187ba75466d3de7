//! Why a text cannot be read or planned, in PostgreSQL's words.

use lakeport_base::SqlState;

/// What reading and planning give.
pub type Result<T, E = Error> = std::result::Result<T, E>;

/// Why a statement cannot be read or planned.
///
/// One kind of failure for each code would only repeat [`SqlState`]; what a client is told is
/// the code, a message in PostgreSQL's words, and where it stands.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{message}")]
pub struct Error {
    sqlstate: SqlState,
    message: String,
    position: Option<usize>,
    hint: Option<String>,
    detail: Option<String>,
    /// In a box, since every result has room for one.
    culprit: Option<Box<Culprit>>,
}

/// What in a statement an error is about, where a plan tells that and no place.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Culprit {
    /// A constant of this text, which is none of its type.
    Constant(String),
    /// A call of a function of this name.
    Function(String),
    /// An operator, as messages write it.
    Operator(String),
    /// A cast.
    Cast,
    /// A type, as messages write it.
    Type(String),
    /// One of the values that are to be of one type, in a construct that messages call so.
    Value(&'static str),
    /// A column, from 0, of one of the queries or rows that are put together.
    Column(usize),
    /// A condition, or one side of AND or OR, that is no truth value. A message without its clause says WHERE.
    Condition,
}

impl Error {
    /// A failure of this code.
    pub fn new(sqlstate: SqlState, message: impl Into<String>) -> Self {
        Self { sqlstate, message: message.into(), position: None, hint: None, detail: None, culprit: None }
    }

    /// The same, at this place of the whole text: characters from 1.
    pub fn at(mut self, position: usize) -> Self {
        self.position = Some(position);
        self
    }

    /// The same with advice.
    pub fn with_hint(mut self, hint: impl Into<String>) -> Self {
        self.hint = Some(hint.into());
        self
    }

    /// The same with more about it.
    pub fn with_detail(mut self, detail: impl Into<String>) -> Self {
        self.detail = Some(detail.into());
        self
    }

    /// The same about this, so that its place can be looked for.
    pub(crate) fn about(mut self, culprit: Culprit) -> Self {
        self.culprit = Some(Box::new(culprit));
        self
    }

    /// The same in other words.
    pub(crate) fn saying(mut self, message: String) -> Self {
        self.message = message;
        self
    }

    /// The same with its position counted from further on, `start` characters.
    pub fn shifted(mut self, start: usize) -> Self {
        self.position = self.position.map(|position| position + start);
        self
    }

    /// The code the client sees.
    pub fn sqlstate(&self) -> SqlState {
        self.sqlstate
    }

    /// What is wrong.
    pub fn message(&self) -> &str {
        &self.message
    }

    /// Where in the text it stands, in characters from 1, where that is known.
    pub fn position(&self) -> Option<usize> {
        self.position
    }

    /// What it is about, where its place is not known.
    pub(crate) fn culprit(&self) -> Option<&Culprit> {
        self.culprit.as_deref().filter(|_| self.position.is_none())
    }

    /// What to do about it, where that is known.
    pub fn hint(&self) -> Option<&str> {
        self.hint.as_deref()
    }

    /// More about it, where there is more.
    pub fn detail(&self) -> Option<&str> {
        self.detail.as_deref()
    }

    /// A statement that asks for something that is not there.
    pub fn unsupported(what: impl Into<String>) -> Self {
        Self::new(SqlState::FEATURE_NOT_SUPPORTED, what)
    }
}
