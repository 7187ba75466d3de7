//! A session's prepared statements and portals, by name.
//!
//! The empty name is the one that may be taken again without having been closed.
//!
//! Invariant: there are never more statements than the bound, nor more portals.

use std::collections::HashMap;
use std::sync::Arc;

use arrow::array::ArrayRef;
use lakeport_base::SqlState;
use lakeport_engine::{Error, Prepared};

use crate::formats::Formats;
use crate::rows::Feed;

/// A prepared statement; none for a text without any statement.
pub(crate) type Statement = Option<Arc<Prepared>>;

/// A statement with its parameters, which runs once.
pub(crate) struct Portal {
    /// The statement.
    pub(crate) statement: Statement,
    /// How the columns of its answer are written.
    pub(crate) formats: Formats,
    /// How far it has come.
    pub(crate) progress: Progress,
}

/// How far a portal has come.
pub(crate) enum Progress {
    /// It has not been run.
    Bound(Vec<ArrayRef>),
    /// Some of its rows have been sent.
    Suspended(Feed),
    /// All of its rows have been sent: the tag's word.
    Ended(&'static str),
    /// It gave no rows, or failed: it cannot be run again.
    Spent,
}

/// A session's prepared statements and portals.
pub(crate) struct Names {
    statements: HashMap<String, Statement>,
    portals: HashMap<String, Portal>,
    max: usize,
}

impl Names {
    /// None yet, and never more of each than this.
    pub(crate) fn new(max: usize) -> Self {
        Self { statements: HashMap::new(), portals: HashMap::new(), max }
    }

    /// Whether a statement may take this name: 42P05 and 54000 where it may not. The unnamed
    /// one is gone from here on, whether what is to come in its place comes or not.
    pub(crate) fn reserve_statement(&mut self, name: &str) -> Result<(), Error> {
        if name.is_empty() {
            self.statements.remove(name);
        } else if self.statements.contains_key(name) {
            let message = format!("prepared statement \"{name}\" already exists");
            return Err(Error::new(SqlState::DUPLICATE_PREPARED_STATEMENT, message));
        }
        self.room(self.statements.len(), "prepared statements")
    }

    /// Puts a statement under a name that has been [reserved](Self::reserve_statement).
    pub(crate) fn set_statement(&mut self, name: String, statement: Statement) {
        self.statements.insert(name, statement);
    }

    /// The statement with this name: 26000 where there is none.
    pub(crate) fn statement(&self, name: &str) -> Result<&Statement, Error> {
        self.statements.get(name).ok_or_else(|| {
            let message = if name.is_empty() {
                "unnamed prepared statement does not exist".to_owned()
            } else {
                format!("prepared statement \"{name}\" does not exist")
            };
            Error::new(SqlState::INVALID_SQL_STATEMENT_NAME, message)
        })
    }

    /// Drops a statement, if it is there.
    pub(crate) fn drop_statement(&mut self, name: &str) {
        self.statements.remove(name);
    }

    /// Drops all statements.
    pub(crate) fn drop_statements(&mut self) {
        self.statements.clear();
    }

    /// Puts a portal under a name: 42P03 where it is taken, 54000 where there are too many.
    pub(crate) fn add_portal(&mut self, name: String, portal: Portal) -> Result<(), Error> {
        if name.is_empty() {
            self.portals.remove(&name);
        } else if self.portals.contains_key(&name) {
            return Err(Error::new(SqlState::DUPLICATE_CURSOR, format!("cursor \"{name}\" already exists")));
        }
        self.room(self.portals.len(), "portals")?;
        self.portals.insert(name, portal);
        Ok(())
    }

    /// The portal with this name: 34000 where there is none.
    pub(crate) fn portal(&mut self, name: &str) -> Result<&mut Portal, Error> {
        self.portals.get_mut(name).ok_or_else(|| {
            Error::new(SqlState::INVALID_CURSOR_NAME, format!("portal \"{name}\" does not exist"))
        })
    }

    /// Whether there is a portal with this name, for a statement that calls it a cursor: 34000
    /// where there is none.
    pub(crate) fn cursor(&self, name: &str) -> Result<(), Error> {
        if self.portals.contains_key(name) {
            return Ok(());
        }
        Err(Error::new(SqlState::INVALID_CURSOR_NAME, format!("cursor \"{name}\" does not exist")))
    }

    /// Drops a portal, if it is there, and with it what it runs.
    pub(crate) fn drop_portal(&mut self, name: &str) {
        self.portals.remove(name);
    }

    /// Drops all portals, and with them what they run.
    pub(crate) fn drop_portals(&mut self) {
        self.portals.clear();
    }

    fn room(&self, count: usize, what: &str) -> Result<(), Error> {
        if count < self.max {
            return Ok(());
        }
        let message = format!("a session may hold {} {what} at most", self.max);
        Err(Error::new(SqlState::PROGRAM_LIMIT_EXCEEDED, message)
            .with_hint("The limit is limits.session_objects in the server's configuration."))
    }
}

#[cfg(test)]
mod tests {
    use lakeport_base::SqlState;

    use super::{Names, Portal, Progress};
    use crate::formats::Formats;

    fn portal() -> Portal {
        Portal { statement: None, formats: Formats::default(), progress: Progress::Spent }
    }

    fn code<T>(result: Result<T, lakeport_engine::Error>) -> SqlState {
        result.err().map_or(SqlState::SUCCESSFUL_COMPLETION, |error| error.sqlstate)
    }

    #[test]
    fn only_the_unnamed_ones_are_replaced() {
        let mut names = Names::new(10);
        for name in ["", "a"] {
            names.reserve_statement(name).unwrap();
            names.set_statement(name.to_owned(), None);
            names.add_portal(name.to_owned(), portal()).unwrap();
        }
        assert_eq!(code(names.reserve_statement("")), SqlState::SUCCESSFUL_COMPLETION);
        assert_eq!(code(names.reserve_statement("a")), SqlState::DUPLICATE_PREPARED_STATEMENT);
        assert_eq!(code(names.add_portal(String::new(), portal())), SqlState::SUCCESSFUL_COMPLETION);
        assert_eq!(code(names.add_portal("a".to_owned(), portal())), SqlState::DUPLICATE_CURSOR);
    }

    #[test]
    fn the_unnamed_statement_is_gone_once_another_was_to_come() {
        let mut names = Names::new(10);
        names.set_statement(String::new(), None);
        names.reserve_statement("").unwrap();
        assert_eq!(code(names.statement("")), SqlState::INVALID_SQL_STATEMENT_NAME);
    }

    #[test]
    fn what_is_not_there_has_its_code() {
        let mut names = Names::new(10);
        assert_eq!(code(names.statement("x")), SqlState::INVALID_SQL_STATEMENT_NAME);
        assert_eq!(code(names.portal("x")), SqlState::INVALID_CURSOR_NAME);
        assert_eq!(code(names.cursor("x")), SqlState::INVALID_CURSOR_NAME);
    }

    #[test]
    fn there_are_never_more_than_the_bound() {
        let mut names = Names::new(2);
        for name in ["a", "b"] {
            names.reserve_statement(name).unwrap();
            names.set_statement(name.to_owned(), None);
            names.add_portal(name.to_owned(), portal()).unwrap();
        }
        assert_eq!(code(names.reserve_statement("c")), SqlState::PROGRAM_LIMIT_EXCEEDED);
        assert_eq!(code(names.add_portal("c".to_owned(), portal())), SqlState::PROGRAM_LIMIT_EXCEEDED);
        names.drop_statement("a");
        names.drop_portal("a");
        assert_eq!(code(names.reserve_statement("c")), SqlState::SUCCESSFUL_COMPLETION);
        assert_eq!(code(names.add_portal("c".to_owned(), portal())), SqlState::SUCCESSFUL_COMPLETION);
    }
}
