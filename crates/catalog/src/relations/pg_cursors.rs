//! `pg_cursors`: the session's cursors and portals.

use datafusion::common::Result;

use crate::pinned::Pinned;
use crate::rows::Rows;

pub(super) fn rows(pinned: &Pinned, rows: &mut Rows) -> Result<()> {
    let cursors = &pinned.objects.cursors;
    rows.count(cursors.len());
    rows.fill("name", cursors.keys())?;
    rows.fill("statement", cursors.values().map(|cursor| &*cursor.statement))?;
    rows.fill("is_holdable", cursors.values().map(|cursor| cursor.holdable))?;
    rows.fill("is_binary", cursors.values().map(|cursor| cursor.binary))?;
    rows.fill("is_scrollable", cursors.values().map(|cursor| cursor.scrollable))?;
    rows.fill("creation_time", cursors.values().map(|cursor| cursor.created_us))
}
