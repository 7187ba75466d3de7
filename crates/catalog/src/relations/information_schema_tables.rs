//! `information_schema.tables`: tables and views, PostgreSQL's own included.

use datafusion::common::Result;

use super::AnyRelation;
use super::everything::everything;
use crate::pinned::Pinned;
use crate::rows::Rows;

pub(super) fn rows(pinned: &Pinned, rows: &mut Rows) -> Result<()> {
    let relations = everything(pinned);
    let all = || relations.iter();
    rows.count(relations.len());
    rows.fill_all("table_catalog", &pinned.database)?;
    rows.fill("table_schema", all().map(AnyRelation::schema))?;
    rows.fill("table_name", all().map(AnyRelation::name))?;
    let is_temp = |relation: &AnyRelation<'_>| pinned.is_temp(relation.schema());
    let kind = |relation: &AnyRelation<'_>| match (relation.is_view(), is_temp(relation)) {
        (true, _) => "VIEW",
        (false, true) => "LOCAL TEMPORARY",
        (false, false) => "BASE TABLE",
    };
    rows.fill("table_type", all().map(kind))?;
    rows.fill("is_insertable_into", all().map(|relation| if is_temp(relation) { "YES" } else { "NO" }))?;
    rows.fill_all("is_typed", "NO")?;
    rows.fill("commit_action", all().map(|relation| is_temp(relation).then_some("PRESERVE")))
}
