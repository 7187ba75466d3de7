//! `information_schema.character_sets`: the one encoding there is.

use datafusion::common::Result;

use crate::pinned::Pinned;
use crate::rows::Rows;

pub(super) fn rows(pinned: &Pinned, rows: &mut Rows) -> Result<()> {
    rows.count(1);
    rows.fill_all("character_set_name", "UTF8")?;
    rows.fill_all("character_repertoire", "UCS")?;
    rows.fill_all("form_of_use", "UTF8")?;
    rows.fill_all("default_collate_catalog", &pinned.database)?;
    rows.fill_all("default_collate_schema", "pg_catalog")?;
    rows.fill_all("default_collate_name", "C.UTF-8")
}
