//! `information_schema.constraint_column_usage`: the columns that keys are of, and for foreign keys the columns
//! that they refer to.

use datafusion::common::Result;

use super::keys::{KeyOf, Targets, keys};
use crate::pinned::{Pinned, Relation};
use crate::rows::Rows;

pub(super) fn rows(pinned: &Pinned, rows: &mut Rows) -> Result<()> {
    let targets = Targets::new(pinned);
    let mut columns: Vec<(KeyOf<'_>, &Relation, &String)> = Vec::new();
    for of in keys(pinned) {
        let (table, names) = match targets.of(of.key) {
            Some(target) => (target.table, target.columns),
            None => (of.table, of.key.columns.as_slice()),
        };
        columns.extend(names.iter().map(|name| (of, table, name)));
    }
    let all = || columns.iter();
    rows.count(columns.len());
    rows.fill_all("table_catalog", &pinned.database)?;
    rows.fill("table_schema", all().map(|(_, table, _)| &table.name.schema))?;
    rows.fill("table_name", all().map(|(_, table, _)| &table.name.name))?;
    rows.fill("column_name", all().map(|(_, _, name)| *name))?;
    rows.fill_all("constraint_catalog", &pinned.database)?;
    rows.fill("constraint_schema", all().map(|(of, _, _)| &of.table.name.schema))?;
    rows.fill("constraint_name", all().map(|(of, _, _)| &of.key.name))
}
