//! What a transaction holds on to: the catalog and each table as its first statement found them.
//!
//! Read committed transactions have none of it: each of their statements sees what the lake holds then.

use std::collections::HashMap;
use std::collections::hash_map::Entry;
use std::sync::{Arc, Mutex, OnceLock, PoisonError};

use lakeport_base::{SqlState, TableName};
use lakeport_lake::{Snapshot, Table};
use lakeport_store::Meter;

use crate::error::from_lake;
use crate::open::Opened;
use crate::{Error, Result};

/// Most tables that one transaction holds on to. A guess: more than any reads.
const TABLES_MAX: usize = 10_000;

/// What a repeatable read transaction has seen, and sees until it ends.
#[derive(Debug, Default)]
pub(crate) struct Pins {
    opened: OnceLock<Arc<Opened>>,
    tables: Mutex<HashMap<Pinned, Pin>>,
}

/// A table, and whether it is one by a path: those have names of their own.
type Pinned = (bool, TableName);

/// A table's files, and which statement found them: its meter.
#[derive(Debug)]
struct Pin {
    snapshot: Arc<Snapshot>,
    found_by: Arc<Meter>,
}

impl Pins {
    /// The catalog of the transaction: this one, if it has none yet.
    pub(crate) fn opened(&self, now: impl FnOnce() -> Arc<Opened>) -> Arc<Opened> {
        Arc::clone(self.opened.get_or_init(now))
    }

    /// The files of a table in this transaction. With `refresh` those that this very statement has
    /// found are listed anew; nobody has seen any of their rows yet.
    ///
    /// # Errors
    ///
    /// Where they cannot be listed; 54000 where the transaction reads too many tables.
    pub(crate) async fn snapshot(
        &self,
        table: &Table,
        by_path: bool,
        statement: &Arc<Meter>,
        refresh: bool,
    ) -> Result<Arc<Snapshot>> {
        let name = (by_path, table.name().clone());
        if let Some(pin) = self.tables.lock().unwrap_or_else(PoisonError::into_inner).get(&name)
            && !(refresh && Arc::ptr_eq(&pin.found_by, statement))
        {
            return Ok(Arc::clone(&pin.snapshot));
        }
        let found = if refresh { table.refresh().await } else { table.snapshot().await };
        let found = found.map_err(|error| from_lake(&error))?;
        let mut tables = self.tables.lock().unwrap_or_else(PoisonError::into_inner);
        let count = tables.len();
        match tables.entry(name) {
            // Another part of the statement was faster.
            Entry::Occupied(pin) if !refresh => Ok(Arc::clone(&pin.get().snapshot)),
            Entry::Vacant(_) if count >= TABLES_MAX => {
                let message = format!("a repeatable read transaction reads {TABLES_MAX} tables at most");
                Err(Error::new(SqlState::PROGRAM_LIMIT_EXCEEDED, message))
            }
            entry => {
                let pin = Pin { snapshot: Arc::clone(&found), found_by: Arc::clone(statement) };
                entry.insert_entry(pin);
                Ok(found)
            }
        }
    }
}
