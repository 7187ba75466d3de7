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
    rows.fill("table_type", all().map(|relation| if relation.is_view() { "VIEW" } else { "BASE TABLE" }))?;
    rows.fill_all("is_insertable_into", "NO")?;
    rows.fill_all("is_typed", "NO")
}
