//! `pg_settings`: the session's settings.

use datafusion::common::Result;

use crate::cell::Cell;
use crate::functions::{SETTING, settings};
use crate::pinned::Pinned;
use crate::rows::Rows;

pub(super) fn rows(pinned: &Pinned, rows: &mut Rows) -> Result<()> {
    let all: Vec<Vec<Cell<'static>>> = settings(pinned).collect();
    rows.count(all.len());
    for (index, (column, _)) in SETTING.iter().enumerate() {
        rows.fill(column, all.iter().map(|row| row[index].clone()))?;
    }
    Ok(())
}
