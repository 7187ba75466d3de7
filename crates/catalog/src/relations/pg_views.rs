//! `pg_views`: views by name, with their SELECT. PostgreSQL's own are there without it.

use datafusion::common::Result;

use super::AnyRelation;
use super::everything::everything;
use crate::names::Names;
use crate::pinned::Pinned;
use crate::rows::Rows;

pub(super) fn rows(pinned: &Pinned, rows: &mut Rows) -> Result<()> {
    let names = Names::new(pinned);
    let views: Vec<AnyRelation<'_>> = everything(pinned).into_iter().filter(AnyRelation::is_view).collect();
    let all = || views.iter();
    rows.count(views.len());
    rows.fill("schemaname", all().map(AnyRelation::schema))?;
    rows.fill("viewname", all().map(AnyRelation::name))?;
    rows.fill("viewowner", all().map(|view| names.role_name(view.owner(&names))))?;
    rows.fill("definition", all().map(AnyRelation::definition))
}
