//! `pg_index`: an index for each primary and unique key, as PostgreSQL would have. There is nothing behind it.

use std::collections::HashMap;
use std::sync::{Arc, LazyLock};

use arrow::array::RecordBatch;
use arrow::datatypes::Schema;
use async_trait::async_trait;
use datafusion::common::Result;
use lakeport_sql::types::{PgType, column_type};

use super::FromColumns;
use super::columns::picked;
use super::keys::{KeyOf, Resolved, indexes, resolved};
use crate::cell::{Cell, array};
use crate::fixed::{file_rows, type_by_oid};
use crate::pinned::{KeyKind, Pinned};
use crate::rows::Rows;

pub(super) struct PgIndex;

#[async_trait]
impl FromColumns for PgIndex {
    fn key(&self, pinned: &Pinned) -> Result<RecordBatch> {
        let all = || indexes(pinned);
        let schema = Schema::new(vec![
            PgType::OID.field("indexrelid", false),
            PgType::OID.field("indrelid", false),
            PgType::BOOL.field("indisprimary", false),
        ]);
        let (oid, bool) = (PgType::OID.arrow(), PgType::BOOL.arrow());
        let primary = |kind: &KeyKind| matches!(kind, KeyKind::Primary { .. });
        let columns = vec![
            array(&oid, all().map(|index| index.oid.into()))?,
            array(&oid, all().map(|index| index.table.oid.into()))?,
            array(&bool, all().map(|index| primary(&index.key.kind).into()))?,
        ];
        Ok(RecordBatch::try_new(Arc::new(schema), columns)?)
    }

    async fn fill(&self, pinned: &Pinned, wanted: &[usize], rows: &mut Rows) -> Result<()> {
        let wanted = picked(indexes(pinned), wanted);
        let wanted = wanted.into_iter().map(|index| KeyOf { table: index.table, key: index.key }).collect();
        let keys = resolved(pinned, wanted).await;
        let all = || keys.iter();
        let count = |key: &Resolved<'_>| i16::try_from(key.columns.len()).unwrap_or(i16::MAX);
        rows.count(keys.len());
        rows.fill("indexrelid", all().map(|key| key.of.key.index()))?;
        rows.fill("indrelid", all().map(|key| key.of.table.oid))?;
        rows.fill("indnatts", all().map(count))?;
        rows.fill("indnkeyatts", all().map(count))?;
        rows.fill("indisprimary", all().map(|key| matches!(key.of.key.kind, KeyKind::Primary { .. })))?;
        for column in ["indisunique", "indimmediate", "indisvalid", "indisready", "indislive"] {
            rows.fill_all(column, true)?;
        }
        rows.fill("indkey", all().map(|key| key.columns.clone()))?;
        rows.fill("indcollation", all().map(|key| each_type(key, collation)))?;
        rows.fill("indclass", all().map(|key| each_type(key, operator_class)))?;
        rows.fill("indoption", all().map(|key| vec![0_i16; key.columns.len()]))
    }

    fn estimated(&self, pinned: &Pinned) -> usize {
        indexes(pinned).count()
    }
}

/// Something of the type of each column.
fn each_type(key: &Resolved<'_>, of: fn(PgType) -> u32) -> Vec<Cell<'static>> {
    let types = key.columns.iter().map(|number| {
        let position = usize::try_from(*number).map_or(0, |number| number.saturating_sub(1));
        column_type(key.schema.field(position)).pg_type
    });
    types.map(|pg_type| of(pg_type).into()).collect()
}

fn collation(pg_type: PgType) -> u32 {
    type_by_oid(pg_type.oid).map_or(0, |row| row.collation)
}

/// The operator class that a btree index on a column of this type has by default.
fn operator_class(pg_type: PgType) -> u32 {
    // varchar has none of its own, and all arrays share one.
    let input = match type_by_oid(pg_type.oid) {
        Some(row) if row.is_array() => ANY_ARRAY,
        _ if pg_type == PgType::VARCHAR => PgType::TEXT.oid,
        _ => pg_type.oid,
    };
    CLASSES.get(&input).copied().unwrap_or(0)
}

/// The type `anyarray`.
const ANY_ARRAY: u32 = 2277;

/// The default operator classes of btree, by the type that they take.
static CLASSES: LazyLock<HashMap<u32, u32>> = LazyLock::new(|| {
    // The columns are oid, opcmethod, opcname, opcnamespace, opcowner, opcfamily, opcintype, opcdefault.
    let default = file_rows("pg_opclass").filter(|row| row[1] == "403" && row[7] == "t");
    default.filter_map(|row| Some((row[6].parse().ok()?, row[0].parse().ok()?))).collect()
});
