//! All temporary tables of a session, and how transactions take them back.

use std::collections::BTreeMap;
use std::sync::Arc;

use lakeport_base::SqlState;
use lakeport_sql::temp::OnCommit;

use super::TempTable;
use crate::memory::Purse;
use crate::{Error, Result};

/// What a session has at one moment, by name. A statement reads what there was when it was planned.
pub(crate) type TempSet = Arc<BTreeMap<String, Arc<TempTable>>>;

/// The schema that holds the temporary tables of a session.
pub(crate) fn schema_name(session: i32) -> String {
    format!("pg_temp_{session}")
}

/// All temporary tables of a session.
#[derive(Debug)]
pub(crate) struct TempTables {
    now: TempSet,
    at_begin: Option<TempSet>,
    /// What their rows are held by.
    pub(crate) purse: Purse,
    max: usize,
}

impl TempTables {
    /// None yet, and never more than `max`.
    pub(crate) fn new(purse: Purse, max: usize) -> TempTables {
        TempTables { now: TempSet::default(), at_begin: None, purse, max }
    }

    /// Goes back to what there was.
    pub(crate) fn restore(&mut self, then: TempSet) {
        self.now = then;
    }

    /// What there is now: also what a savepoint keeps.
    pub(crate) fn now(&self) -> TempSet {
        Arc::clone(&self.now)
    }

    /// Puts a table in, in the place of one of its name.
    ///
    /// # Errors
    ///
    /// 54000 where there are too many.
    pub(crate) fn put(&mut self, table: TempTable) -> Result<()> {
        if self.now.len() >= self.max && !self.now.contains_key(&table.name) {
            let message = format!("a session may hold {} temporary tables at most", self.max);
            return Err(Error::new(SqlState::PROGRAM_LIMIT_EXCEEDED, message)
                .with_hint("The limit is limits.session_objects in the server's configuration."));
        }
        Arc::make_mut(&mut self.now).insert(table.name.clone(), Arc::new(table));
        Ok(())
    }

    /// Drops a table.
    pub(crate) fn drop(&mut self, name: &str) {
        Arc::make_mut(&mut self.now).remove(name);
    }

    /// Drops all tables.
    pub(crate) fn clear(&mut self) {
        self.now = TempSet::default();
    }

    /// A transaction begins: what changes from here on is undone by a rollback.
    pub(crate) fn begin(&mut self) {
        self.at_begin.get_or_insert_with(|| Arc::clone(&self.now));
    }

    /// A transaction ends.
    pub(crate) fn end(&mut self, committed: bool) {
        let before = self.at_begin.take();
        if !committed {
            self.now = before.unwrap_or_else(|| Arc::clone(&self.now));
            return;
        }
        if self.now.values().all(|table| table.on_commit == OnCommit::Preserve) {
            return;
        }
        let left = self.now.values().filter_map(|table| match table.on_commit {
            OnCommit::Drop => None,
            OnCommit::Delete => Some(Arc::new(table.with_rows(Vec::new()))),
            OnCommit::Preserve => Some(Arc::clone(table)),
        });
        self.now = Arc::new(left.map(|table| (table.name.clone(), table)).collect());
    }

    /// A change outside of any transaction was one by itself.
    pub(crate) fn settle(&mut self) {
        if self.at_begin.is_none() {
            self.end(true);
        }
    }
}
