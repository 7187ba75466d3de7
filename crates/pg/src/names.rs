//! A session's prepared statements and portals, by name.
//!
//! Cursors are portals: what DECLARE made can be run by Execute, and what Bind made be fetched from.
//!
//! The empty name is the one that may be taken again without having been closed.
//!
//! Invariant: there are never more statements than the bound, nor more portals.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{SystemTime, UNIX_EPOCH};

use arrow::array::ArrayRef;
use arrow::datatypes::SchemaRef;
use lakeport_base::SqlState;
use lakeport_engine::{CursorInfo, Error, Prepared, SessionObjects, StatementInfo};

use crate::cursor::{Cursor, Step};
use crate::formats::Formats;

/// A prepared statement; none for a text without any statement.
pub(crate) type Statement = Option<Arc<Prepared>>;

/// A statement with its parameters, which runs once.
pub(crate) struct Portal {
    /// The statement.
    pub(crate) statement: Statement,
    /// How the columns of its answer are written.
    pub(crate) formats: Formats,
    /// The columns of its answer; none where it gives no rows.
    pub(crate) columns: Option<SchemaRef>,
    /// FETCH in a Query message gives its rows in binary.
    pub(crate) binary: bool,
    /// How long it lives.
    pub(crate) life: Life,
    /// How far it has come.
    pub(crate) progress: Progress,
}

/// How long a portal lives.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Life {
    /// As long as its transaction, and while no savepoint before it is gone back to.
    Transaction {
        /// How many savepoints there were when it was made.
        savepoints: usize,
        /// WITH HOLD: a commit makes it live on.
        hold: bool,
    },
    /// As long as the session: its transaction was committed.
    Session,
}

/// How far a portal has come.
pub(crate) enum Progress {
    /// It has not been run.
    Bound(Vec<ArrayRef>),
    /// It gives rows.
    Open(Box<Cursor>),
    /// It is a FETCH, and this is left of it.
    Fetching(Step),
    /// It gave no rows, or failed: it cannot be run again.
    Spent,
}

/// A session's prepared statements and portals.
pub(crate) struct Names {
    statements: HashMap<String, Statement>,
    portals: HashMap<String, Portal>,
    /// What of it the catalog shows.
    shown: Arc<Mutex<SessionObjects>>,
    max: usize,
}

impl Names {
    /// None yet, and never more of each than this.
    pub(crate) fn new(max: usize, shown: Arc<Mutex<SessionObjects>>) -> Self {
        Self { statements: HashMap::new(), portals: HashMap::new(), shown, max }
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
    pub(crate) fn set_statement(&mut self, name: String, statement: Statement, from_sql: bool) {
        if let Some(prepared) = &statement
            && !name.is_empty()
        {
            let info = StatementInfo {
                statement: prepared.statement.text.as_str().into(),
                parameter_types: prepared.parameters.iter().map(|pg_type| pg_type.oid).collect(),
                from_sql,
                prepared_us: now_us(),
            };
            self.shown().statements.insert(name.clone(), info);
        }
        self.statements.insert(name, statement);
    }

    fn shown(&self) -> MutexGuard<'_, SessionObjects> {
        self.shown.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The catalog shows only the portals that are left.
    fn show_what_is_left(&self) {
        self.shown().cursors.retain(|name, _| self.portals.contains_key(name));
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
        self.shown().statements.remove(name);
        self.statements.remove(name);
    }

    /// Drops all statements.
    pub(crate) fn drop_statements(&mut self) {
        self.shown().statements.clear();
        self.statements.clear();
    }

    /// Puts a portal under a name: 42P03 where it is taken, 54000 where there are too many.
    pub(crate) fn add_portal(&mut self, name: String, portal: Portal) -> Result<(), Error> {
        if name.is_empty() {
            self.portals.remove(&name);
        }
        self.check_cursor(&name)?;
        if let Some(prepared) = &portal.statement
            && !name.is_empty()
        {
            let info = CursorInfo {
                statement: prepared.statement.text.as_str().into(),
                holdable: matches!(portal.life, Life::Transaction { hold: true, .. }),
                binary: portal.binary,
                scrollable: matches!(&portal.progress, Progress::Open(cursor) if cursor.is_scrolling()),
                created_us: now_us(),
            };
            self.shown().cursors.insert(name.clone(), info);
        }
        self.portals.insert(name, portal);
        Ok(())
    }

    /// The portal with this name: 34000 where there is none.
    pub(crate) fn portal(&mut self, name: &str) -> Result<&mut Portal, Error> {
        self.portals.get_mut(name).ok_or_else(|| {
            Error::new(SqlState::INVALID_CURSOR_NAME, format!("portal \"{name}\" does not exist"))
        })
    }

    /// The portal with this name, for a statement that calls it a cursor: 34000 where there is none.
    pub(crate) fn cursor(&mut self, name: &str) -> Result<&mut Portal, Error> {
        self.portals.get_mut(name).ok_or_else(|| {
            Error::new(SqlState::INVALID_CURSOR_NAME, format!("cursor \"{name}\" does not exist"))
        })
    }

    /// Whether a cursor may take this name: 42P03 and 54000 where it may not.
    pub(crate) fn check_cursor(&self, name: &str) -> Result<(), Error> {
        if self.portals.contains_key(name) {
            return Err(Error::new(SqlState::DUPLICATE_CURSOR, format!("cursor \"{name}\" already exists")));
        }
        self.room(self.portals.len(), "portals")
    }

    /// The transaction ends: what lives no longer than that is dropped, and with it what it runs.
    pub(crate) fn end_transaction(&mut self, committed: bool) {
        self.portals.retain(|_, portal| match portal.life {
            Life::Session => true,
            Life::Transaction { hold, .. } => {
                portal.life = Life::Session;
                hold && committed
            }
        });
        self.show_what_is_left();
    }

    /// The transaction goes back to the last of so many savepoints: what was made behind it is dropped.
    pub(crate) fn rollback_to(&mut self, savepoints: usize) {
        self.portals.retain(|_, portal| match portal.life {
            Life::Session => true,
            Life::Transaction { savepoints: before, .. } => before < savepoints,
        });
        self.show_what_is_left();
    }

    /// Only so many savepoints are left: what was made behind others belongs to the last of these.
    pub(crate) fn release_to(&mut self, left: usize) {
        for portal in self.portals.values_mut() {
            if let Life::Transaction { savepoints, .. } = &mut portal.life {
                *savepoints = left.min(*savepoints);
            }
        }
    }

    /// Drops a portal, if it is there, and with it what it runs.
    pub(crate) fn drop_portal(&mut self, name: &str) {
        self.shown().cursors.remove(name);
        self.portals.remove(name);
    }

    /// Drops all portals, and with them what they run.
    pub(crate) fn drop_portals(&mut self) {
        self.shown().cursors.clear();
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

/// The time, in microseconds since 1970.
fn now_us() -> i64 {
    let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    i64::try_from(since.as_micros()).unwrap_or(i64::MAX)
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use lakeport_base::SqlState;

    use super::{Life, Names, Portal, Progress};
    use crate::formats::Formats;

    fn portal() -> Portal {
        living(Life::Transaction { savepoints: 0, hold: false })
    }

    fn living(life: Life) -> Portal {
        Portal {
            statement: None,
            formats: Formats::default(),
            columns: None,
            binary: false,
            life,
            progress: Progress::Spent,
        }
    }

    #[test]
    fn what_is_held_outlives_a_commit_and_no_rollback() {
        let mut names = Names::new(10, Arc::default());
        let hold = Life::Transaction { savepoints: 1, hold: true };
        names.add_portal("held".to_owned(), living(hold)).unwrap();
        names.add_portal("plain".to_owned(), portal()).unwrap();
        names.end_transaction(true);
        assert!(names.cursor("held").is_ok() && names.cursor("plain").is_err());
        names.add_portal("lost".to_owned(), living(hold)).unwrap();
        names.rollback_to(0);
        names.end_transaction(false);
        assert!(names.cursor("held").is_ok() && names.cursor("lost").is_err());
    }

    #[test]
    fn what_was_made_behind_a_savepoint_is_gone_when_that_is_gone_back_to() {
        let mut names = Names::new(10, Arc::default());
        for (name, savepoints) in [("before", 0), ("first", 1), ("second", 2)] {
            let life = Life::Transaction { savepoints, hold: false };
            names.add_portal(name.to_owned(), living(life)).unwrap();
        }
        names.rollback_to(2);
        assert!(names.cursor("second").is_err());
        names.release_to(0);
        names.rollback_to(1);
        assert!(names.cursor("before").is_ok() && names.cursor("first").is_ok());
    }

    fn code<T>(result: Result<T, lakeport_engine::Error>) -> SqlState {
        result.err().map_or(SqlState::SUCCESSFUL_COMPLETION, |error| error.sqlstate)
    }

    #[test]
    fn only_the_unnamed_ones_are_replaced() {
        let mut names = Names::new(10, Arc::default());
        for name in ["", "a"] {
            names.reserve_statement(name).unwrap();
            names.set_statement(name.to_owned(), None, false);
            names.add_portal(name.to_owned(), portal()).unwrap();
        }
        assert_eq!(code(names.reserve_statement("")), SqlState::SUCCESSFUL_COMPLETION);
        assert_eq!(code(names.reserve_statement("a")), SqlState::DUPLICATE_PREPARED_STATEMENT);
        assert_eq!(code(names.add_portal(String::new(), portal())), SqlState::SUCCESSFUL_COMPLETION);
        assert_eq!(code(names.add_portal("a".to_owned(), portal())), SqlState::DUPLICATE_CURSOR);
    }

    #[test]
    fn the_unnamed_statement_is_gone_once_another_was_to_come() {
        let mut names = Names::new(10, Arc::default());
        names.set_statement(String::new(), None, false);
        names.reserve_statement("").unwrap();
        assert_eq!(code(names.statement("")), SqlState::INVALID_SQL_STATEMENT_NAME);
    }

    #[test]
    fn what_is_not_there_has_its_code() {
        let mut names = Names::new(10, Arc::default());
        assert_eq!(code(names.statement("x")), SqlState::INVALID_SQL_STATEMENT_NAME);
        assert_eq!(code(names.portal("x")), SqlState::INVALID_CURSOR_NAME);
        assert_eq!(code(names.cursor("x")), SqlState::INVALID_CURSOR_NAME);
    }

    #[test]
    fn there_are_never_more_than_the_bound() {
        let mut names = Names::new(2, Arc::default());
        for name in ["a", "b"] {
            names.reserve_statement(name).unwrap();
            names.set_statement(name.to_owned(), None, false);
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
