//! `information_schema.views`: views with their SELECT, which only their owner and superusers are shown.

use datafusion::common::Result;

use super::AnyRelation;
use super::everything::everything;
use crate::pinned::Pinned;
use crate::rows::Rows;

pub(super) fn rows(pinned: &Pinned, rows: &mut Rows) -> Result<()> {
    let views: Vec<AnyRelation<'_>> = everything(pinned).into_iter().filter(AnyRelation::is_view).collect();
    let all = || views.iter();
    let definition = |view: &AnyRelation<'_>| match view {
        AnyRelation::User(relation) if !pinned.superuser && relation.owner != pinned.user => None,
        _ => view.definition(),
    };
    rows.count(views.len());
    rows.fill_all("table_catalog", &pinned.database)?;
    rows.fill("table_schema", all().map(AnyRelation::schema))?;
    rows.fill("table_name", all().map(AnyRelation::name))?;
    rows.fill("view_definition", all().map(definition))?;
    rows.fill_all("check_option", "NONE")?;
    for column in [
        "is_updatable",
        "is_insertable_into",
        "is_trigger_updatable",
        "is_trigger_deletable",
        "is_trigger_insertable_into",
    ] {
        rows.fill_all(column, "NO")?;
    }
    Ok(())
}
