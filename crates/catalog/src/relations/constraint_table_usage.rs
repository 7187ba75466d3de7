//! `information_schema.constraint_table_usage`: the table of each key, and for foreign keys the table that they
//! refer to.

use datafusion::common::Result;

use super::keys::{KeyOf, Targets, keys};
use crate::pinned::{Pinned, Relation};
use crate::rows::Rows;

pub(super) fn rows(pinned: &Pinned, rows: &mut Rows) -> Result<()> {
    let targets = Targets::new(pinned);
    let used: Vec<(KeyOf<'_>, &Relation)> =
        keys(pinned).map(|of| (of, targets.of(of.key).map_or(of.table, |target| target.table))).collect();
    let all = || used.iter();
    rows.count(used.len());
    rows.fill_all("table_catalog", &pinned.database)?;
    rows.fill("table_schema", all().map(|(_, table)| &table.name.schema))?;
    rows.fill("table_name", all().map(|(_, table)| &table.name.name))?;
    rows.fill_all("constraint_catalog", &pinned.database)?;
    rows.fill("constraint_schema", all().map(|(of, _)| &of.table.name.schema))?;
    rows.fill("constraint_name", all().map(|(of, _)| &of.key.name))
}
