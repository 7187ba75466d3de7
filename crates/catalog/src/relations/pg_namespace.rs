//! `pg_namespace`: schemas. PostgreSQL's own are among the fixed rows.

use datafusion::common::Result;

use crate::names::Names;
use crate::pinned::Pinned;
use crate::rows::Rows;

pub(super) fn rows(pinned: &Pinned, rows: &mut Rows) -> Result<()> {
    let all = || pinned.schemas.iter();
    rows.count(pinned.schemas.len());
    rows.fill("oid", all().map(|schema| schema.oid))?;
    rows.fill("nspname", all().map(|schema| &schema.name))?;
    rows.fill_all("nspowner", Names::new(pinned).superuser_oid())
}
