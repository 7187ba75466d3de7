//! `information_schema.table_privileges` and `role_table_grants`: what the user may do with which relation.
//!
//! Nobody can write, and what others may read is not pinned, so it is one SELECT per relation.

use datafusion::common::Result;

use super::AnyRelation;
use super::everything::everything;
use crate::names::Names;
use crate::pinned::Pinned;
use crate::rows::Rows;

pub(super) fn rows(pinned: &Pinned, rows: &mut Rows) -> Result<()> {
    let names = Names::new(pinned);
    let relations = everything(pinned);
    let all = || relations.iter();
    rows.count(relations.len());
    rows.fill("grantor", all().map(|relation| names.role_name(relation.owner(&names))))?;
    rows.fill_all("grantee", &pinned.user)?;
    rows.fill_all("table_catalog", &pinned.database)?;
    rows.fill("table_schema", all().map(AnyRelation::schema))?;
    rows.fill("table_name", all().map(AnyRelation::name))?;
    rows.fill_all("privilege_type", "SELECT")?;
    rows.fill_all("is_grantable", "NO")?;
    rows.fill_all("with_hierarchy", "YES")
}
