//! `pg_class`: tables, views and the indexes of keys. PostgreSQL's own relations are among the fixed rows.

use std::collections::HashMap;

use datafusion::common::Result;

use super::everything::Index;
use super::keys::indexes;
use crate::names::Names;
use crate::pinned::{Pinned, Relation, RelationKind};
use crate::rows::Rows;

/// The access method `heap`.
const HEAP: u32 = 2;

/// The access method `btree`.
const BTREE: u32 = 403;

/// How many columns a table has (`relnatts`) stays 0: to know it, every table would have to be opened.
/// `reltuples` is -1 as for a table that was never analysed, `relpages` 0 so that nobody reads by page.
pub(super) fn rows(pinned: &Pinned, rows: &mut Rows) -> Result<()> {
    let schemas: HashMap<&str, u32> =
        pinned.schemas.iter().map(|schema| (schema.name.as_str(), schema.oid)).collect();
    let schema_oid = |name: &str| schemas.get(name).copied().unwrap_or(0);
    let names = Names::new(pinned);
    let relations = || pinned.relations.iter();
    let indexes: Vec<Index<'_>> = indexes(pinned).collect();
    let indexes = || indexes.iter();
    let is_table = |relation: &Relation| relation.kind == RelationKind::Table;
    let none = |_: &Index<'_>| false;
    rows.count(relations().count() + indexes().count());
    rows.fill("oid", relations().map(|own| own.oid).chain(indexes().map(|index| index.oid)))?;
    let index_names = indexes().map(|index| &index.key.name);
    rows.fill("relname", relations().map(|own| &own.name.name).chain(index_names))?;
    let index_schemas = indexes().map(|index| schema_oid(&index.table.name.schema));
    rows.fill("relnamespace", relations().map(|own| schema_oid(&own.name.schema)).chain(index_schemas))?;
    let owners = relations().chain(indexes().map(|index| index.table));
    rows.fill("relowner", owners.map(|own| names.role_oid(&own.owner)))?;
    let methods = relations().map(|own| if is_table(own) { HEAP } else { 0 });
    rows.fill("relam", methods.chain(indexes().map(|_| BTREE)))?;
    rows.fill_all("reltuples", -1.0)?;
    let has_index = relations().map(|own| own.keys.iter().any(|key| key.index().is_some()));
    rows.fill("relhasindex", has_index.chain(indexes().map(none)))?;
    let persistence = |relation: &Relation| if pinned.is_temp(&relation.name.schema) { "t" } else { "p" };
    rows.fill("relpersistence", relations().map(persistence).chain(indexes().map(|_| "p")))?;
    let kinds = relations().map(|own| if is_table(own) { "r" } else { "v" });
    rows.fill("relkind", kinds.chain(indexes().map(|_| "i")))?;
    let counts = indexes().map(|index| i16::try_from(index.key.columns.len()).unwrap_or(i16::MAX));
    rows.fill("relnatts", relations().map(|_| 0).chain(counts))?;
    rows.fill("relhasrules", relations().map(|own| !is_table(own)).chain(indexes().map(none)))?;
    // PostgreSQL keeps foreign keys by triggers, and clients look for keys only where it says that there are some.
    let has_foreign = |own: &Relation| own.referenced || own.keys.iter().any(|key| key.index().is_none());
    rows.fill("relhastriggers", relations().map(has_foreign).chain(indexes().map(none)))?;
    rows.fill_all("relispopulated", true)?;
    let replicated = relations().map(|own| if is_table(own) { "d" } else { "n" });
    rows.fill("relreplident", replicated.chain(indexes().map(|_| "n")))
}
