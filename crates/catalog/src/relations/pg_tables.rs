//! `pg_tables`: tables by name, PostgreSQL's own included.

use datafusion::common::Result;

use super::AnyRelation;
use super::everything::everything;
use crate::names::Names;
use crate::pinned::{Pinned, Relation};
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
    let of_lake = |table: &AnyRelation<'_>, has: fn(&Relation) -> bool| match table {
        AnyRelation::User(relation) => has(relation),
        AnyRelation::System(_) | AnyRelation::Index(_) => false,
    };
    let has_index = |own: &Relation| own.keys.iter().any(|key| key.index().is_some());
    let has_foreign = |own: &Relation| own.referenced || own.keys.iter().any(|key| key.index().is_none());
    rows.fill("hasindexes", all().map(|table| of_lake(table, has_index)))?;
    rows.fill_all("hasrules", false)?;
    rows.fill("hastriggers", all().map(|table| of_lake(table, has_foreign)))?;
    rows.fill_all("rowsecurity", false)
}
