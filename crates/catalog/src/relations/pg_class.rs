//! `pg_class`: tables and views. PostgreSQL's own are among the fixed rows.

use std::collections::HashMap;

use datafusion::common::Result;

use crate::names::Names;
use crate::pinned::{Pinned, RelationKind};
use crate::rows::Rows;

/// The access method `heap`.
const HEAP: u32 = 2;

/// How many columns a relation has (`relnatts`) stays 0: to know it, every table would have to be opened.
/// `reltuples` is -1 as for a table that was never analysed, `relpages` 0 so that nobody reads by page.
pub(super) fn rows(pinned: &Pinned, rows: &mut Rows) -> Result<()> {
    let schemas: HashMap<&str, u32> =
        pinned.schemas.iter().map(|schema| (schema.name.as_str(), schema.oid)).collect();
    let names = Names::new(pinned);
    let all = || pinned.relations.iter();
    let is_table = |kind| kind == RelationKind::Table;
    rows.count(pinned.relations.len());
    rows.fill("oid", all().map(|relation| relation.oid))?;
    rows.fill("relname", all().map(|relation| &relation.name.name))?;
    rows.fill(
        "relnamespace",
        all().map(|relation| schemas.get(relation.name.schema.as_str()).copied().unwrap_or(0)),
    )?;
    rows.fill("relowner", all().map(|relation| names.role_oid(&relation.owner)))?;
    rows.fill("relam", all().map(|relation| if is_table(relation.kind) { HEAP } else { 0 }))?;
    rows.fill_all("reltuples", -1.0)?;
    rows.fill_all("relpersistence", "p")?;
    rows.fill("relkind", all().map(|relation| if is_table(relation.kind) { "r" } else { "v" }))?;
    rows.fill("relhasrules", all().map(|relation| !is_table(relation.kind)))?;
    rows.fill_all("relispopulated", true)?;
    rows.fill("relreplident", all().map(|relation| if is_table(relation.kind) { "d" } else { "n" }))
}
