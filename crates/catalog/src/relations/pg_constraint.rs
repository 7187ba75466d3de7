//! `pg_constraint`: the keys that tables declare. Nobody enforces them.
//!
//! The numbers of their columns are only known from the tables, which are opened for it; a key with a column
//! that is not there has no row.

use std::sync::Arc;

use arrow::array::RecordBatch;
use arrow::datatypes::Schema;
use async_trait::async_trait;
use datafusion::common::Result;
use lakeport_sql::types::PgType;

use super::FromColumns;
use super::columns::picked;
use super::keys::{KeyOf, Resolved, Targets, keys, resolved};
use crate::cell::{Cell, array};
use crate::names::Names;
use crate::pinned::{KeyKind, Pinned};
use crate::rows::Rows;

pub(super) struct PgConstraint;

#[async_trait]
impl FromColumns for PgConstraint {
    fn key(&self, pinned: &Pinned) -> Result<RecordBatch> {
        let names = Names::new(pinned);
        let all = || keys(pinned);
        let schema = Schema::new(vec![
            PgType::OID.field("oid", false),
            PgType::NAME.field("conname", false),
            PgType::OID.field("connamespace", false),
            PgType::CHAR.field("contype", false),
            PgType::OID.field("conrelid", false),
            PgType::OID.field("confrelid", false),
        ]);
        let (oid, name, char) = (PgType::OID.arrow(), PgType::NAME.arrow(), PgType::CHAR.arrow());
        let columns = vec![
            array(&oid, all().map(|of| of.key.oid.into()))?,
            array(&name, all().map(|of| Cell::from(&of.key.name)))?,
            array(&oid, all().map(|of| schema_of(&names, &of).into()))?,
            array(&char, all().map(|of| of.letter().into()))?,
            array(&oid, all().map(|of| of.table.oid.into()))?,
            array(&oid, all().map(|of| other(&of).into()))?,
        ];
        Ok(RecordBatch::try_new(Arc::new(schema), columns)?)
    }

    async fn fill(&self, pinned: &Pinned, wanted: &[usize], rows: &mut Rows) -> Result<()> {
        let names = Names::new(pinned);
        let targets = Targets::new(pinned);
        let keys = resolved(pinned, picked(keys(pinned), wanted)).await;
        let all = || keys.iter();
        let foreign = |key: &Resolved<'_>| matches!(key.of.key.kind, KeyKind::Foreign { .. });
        let action = |key: &Resolved<'_>, action| if foreign(key) { action } else { " " };
        rows.count(keys.len());
        rows.fill("oid", all().map(|key| key.of.key.oid))?;
        rows.fill("conname", all().map(|key| &key.of.key.name))?;
        rows.fill("connamespace", all().map(|key| schema_of(&names, &key.of)))?;
        rows.fill("contype", all().map(|key| key.of.letter()))?;
        rows.fill_all("convalidated", true)?;
        rows.fill("conrelid", all().map(|key| key.of.table.oid))?;
        let index = |key: &Resolved<'_>| {
            let target = targets.of(key.of.key).map(|target| target.key);
            target.unwrap_or(key.of.key).index().unwrap_or(0)
        };
        rows.fill("conindid", all().map(index))?;
        rows.fill("confrelid", all().map(|key| other(&key.of)))?;
        rows.fill("confupdtype", all().map(|key| action(key, "a")))?;
        rows.fill("confdeltype", all().map(|key| action(key, "a")))?;
        rows.fill("confmatchtype", all().map(|key| action(key, "s")))?;
        rows.fill_all("conislocal", true)?;
        rows.fill_all("connoinherit", true)?;
        rows.fill("conkey", all().map(|key| key.columns.clone()))?;
        rows.fill("confkey", all().map(|key| foreign(key).then(|| key.referenced.clone())))
    }

    fn estimated(&self, pinned: &Pinned) -> usize {
        keys(pinned).count()
    }
}

fn schema_of(names: &Names<&Pinned>, of: &KeyOf<'_>) -> u32 {
    names.schema_named(&of.table.name.schema).unwrap_or(0)
}

/// The relation that a foreign key refers to.
fn other(of: &KeyOf<'_>) -> u32 {
    if let KeyKind::Foreign { relation, .. } = of.key.kind { relation } else { 0 }
}
