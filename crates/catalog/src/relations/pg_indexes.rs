//! `pg_indexes`: the indexes of keys, with the statement that PostgreSQL would make each by.

use datafusion::common::Result;

use super::keys::indexes;
use crate::key_text::index_definition;
use crate::pinned::Pinned;
use crate::rows::Rows;

pub(super) fn rows(pinned: &Pinned, rows: &mut Rows) -> Result<()> {
    let all = || indexes(pinned);
    rows.count(all().count());
    rows.fill("schemaname", all().map(|index| &index.table.name.schema))?;
    rows.fill("tablename", all().map(|index| &index.table.name.name))?;
    rows.fill("indexname", all().map(|index| &index.key.name))?;
    rows.fill("indexdef", all().map(|index| index_definition(index.key, &index.table.name.to_string())))
}
