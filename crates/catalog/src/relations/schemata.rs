//! `information_schema.schemata`: schemas, PostgreSQL's own included.

use datafusion::common::Result;

use crate::fixed::system_schemas;
use crate::names::Names;
use crate::pinned::Pinned;
use crate::rows::Rows;

pub(super) fn rows(pinned: &Pinned, rows: &mut Rows) -> Result<()> {
    let names = Names::new(pinned);
    let own = system_schemas().iter().map(|(_, name)| *name);
    let schemas: Vec<&str> = own.chain(pinned.schemas.iter().map(|schema| schema.name.as_str())).collect();
    rows.count(schemas.len());
    rows.fill_all("catalog_name", &pinned.database)?;
    rows.fill("schema_name", schemas)?;
    rows.fill_all("schema_owner", names.role_name(names.superuser_oid()))
}
