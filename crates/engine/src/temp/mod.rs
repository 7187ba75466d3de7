//! Temporary tables: a session's own, in memory, gone with it.
//!
//! A table never changes: whoever changes its rows makes another one that shares those that stay. So what a session
//! has is one map, and going back to what it had before is keeping the old map. In reading order: one
//! table (`table`), its rows as they come (`incoming`), all of a session's (`tables`).

mod incoming;
mod table;
mod tables;

pub(crate) use incoming::Incoming;
pub(crate) use table::{Pieces, TempColumn, TempTable};
pub(crate) use tables::{TempSet, TempTables, schema_name};
