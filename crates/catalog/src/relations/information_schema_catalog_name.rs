//! `information_schema.information_schema_catalog_name`: the database.

use datafusion::common::Result;

use crate::pinned::Pinned;
use crate::rows::Rows;

pub(super) fn rows(pinned: &Pinned, rows: &mut Rows) -> Result<()> {
    rows.count(1);
    rows.fill_all("catalog_name", &pinned.database)
}
