//! `pg_tables`: tables by name, PostgreSQL's own included.

use datafusion::common::Result;

use super::AnyRelation;
use super::everything::everything;
use crate::names::Names;
use crate::pinned::Pinned;
use crate::rows::Rows;

pub(super) fn rows(pinned: &Pinned, rows: &mut Rows) -> Result<()> {
    let names = Names::new(pinned);
    let tables: Vec<AnyRelation<'_>> =
        everything(pinned).into_iter().filter(|relation| !relation.is_view()).collect();
    let all = || tables.iter();
    rows.count(tables.len());
    rows.fill("schemaname", all().map(AnyRelation::schema))?;
    rows.fill("tablename", all().map(AnyRelation::name))?;
    rows.fill("tableowner", all().map(|table| names.role_name(table.owner(&names))))?;
    rows.fill_all("hasindexes", false)?;
    rows.fill_all("hasrules", false)?;
    rows.fill_all("hastriggers", false)?;
    rows.fill_all("rowsecurity", false)
}
