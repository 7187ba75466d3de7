//! `information_schema.table_constraints`: the keys that tables declare. They are not enforced, and it says so.

use datafusion::common::Result;

use super::keys::keys;
use crate::pinned::{KeyKind, Pinned};
use crate::rows::Rows;

pub(super) fn rows(pinned: &Pinned, rows: &mut Rows) -> Result<()> {
    let all = || keys(pinned);
    rows.count(all().count());
    rows.fill_all("constraint_catalog", &pinned.database)?;
    rows.fill("constraint_schema", all().map(|of| &of.table.name.schema))?;
    rows.fill("constraint_name", all().map(|of| &of.key.name))?;
    rows.fill_all("table_catalog", &pinned.database)?;
    rows.fill("table_schema", all().map(|of| &of.table.name.schema))?;
    rows.fill("table_name", all().map(|of| &of.table.name.name))?;
    rows.fill(
        "constraint_type",
        all().map(|of| match of.key.kind {
            KeyKind::Primary { .. } => "PRIMARY KEY",
            KeyKind::Unique { .. } => "UNIQUE",
            KeyKind::Foreign { .. } => "FOREIGN KEY",
        }),
    )?;
    rows.fill_all("is_deferrable", "NO")?;
    rows.fill_all("initially_deferred", "NO")?;
    rows.fill_all("enforced", "NO")?;
    rows.fill("nulls_distinct", all().map(|of| (of.letter() == "u").then_some("YES")))
}
