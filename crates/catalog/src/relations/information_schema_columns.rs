//! `information_schema.columns`: the columns of every relation, in the words of the SQL standard.
//!
//! Source: the view's definition in PostgreSQL's `information_schema.sql`.

use std::sync::Arc;

use arrow::array::RecordBatch;
use arrow::datatypes::Schema;
use async_trait::async_trait;
use datafusion::common::Result;
use lakeport_sql::types::PgType;

use super::FromColumns;
use super::columns::{ColumnOf, columns_of, picked};
use super::everything::everything;
use crate::cell::{Cell, array};
use crate::names::Names;
use crate::pinned::Pinned;
use crate::rows::Rows;
use crate::type_name::written;

pub(super) struct InformationSchemaColumns;

#[async_trait]
impl FromColumns for InformationSchemaColumns {
    fn key(&self, pinned: &Pinned) -> Result<RecordBatch> {
        let relations = everything(pinned);
        let field = |name| PgType::NAME.field(name, true);
        let schema = Schema::new(vec![field("table_catalog"), field("table_schema"), field("table_name")]);
        let text = PgType::NAME.arrow();
        let all = || relations.iter();
        let columns = vec![
            array(&text, all().map(|_| Cell::from(&pinned.database)))?,
            array(&text, all().map(|relation| relation.schema().into()))?,
            array(&text, all().map(|relation| relation.name().into()))?,
        ];
        Ok(RecordBatch::try_new(Arc::new(schema), columns)?)
    }

    async fn fill(&self, pinned: &Pinned, wanted: &[usize], rows: &mut Rows) -> Result<()> {
        let relations = picked(everything(pinned).into_iter(), wanted);
        let names = Names::new(pinned);
        let columns = columns_of(pinned, &relations).await;
        let all = || columns.iter();
        rows.count(columns.len());
        rows.fill_all("table_catalog", &pinned.database)?;
        rows.fill("table_schema", all().map(|column| relations[column.relation].schema()))?;
        rows.fill("table_name", all().map(|column| relations[column.relation].name()))?;
        rows.fill("column_name", all().map(|column| column.field.name()))?;
        rows.fill("ordinal_position", all().map(|column| column.number))?;
        rows.fill(
            "is_nullable",
            all().map(|column| {
                let not_null = !column.field.is_nullable()
                    || relations[column.relation].has_in_primary_key(column.field.name());
                if not_null { "NO" } else { "YES" }
            }),
        )?;
        rows.fill(
            "data_type",
            all().map(|column| {
                let array = column.type_row.is_some_and(|row| row.is_array());
                if array { "ARRAY".to_owned() } else { written(&names, column.column_type.pg_type.oid, None) }
            }),
        )?;
        rows.fill("character_maximum_length", all().map(character_length))?;
        rows.fill("character_octet_length", all().map(octet_length))?;
        rows.fill(
            "numeric_precision",
            all().map(|column| numeric(column).and_then(|(precision, _, _)| precision)),
        )?;
        rows.fill("numeric_precision_radix", all().map(radix))?;
        rows.fill("numeric_scale", all().map(|column| numeric(column).and_then(|(_, _, scale)| scale)))?;
        rows.fill("datetime_precision", all().map(datetime_precision))?;
        let own_collation =
            |column: &ColumnOf| column.type_row.is_some_and(|row| row.collation == C_COLLATION);
        rows.fill(
            "collation_catalog",
            all().map(|column| own_collation(column).then_some(&pinned.database)),
        )?;
        rows.fill("collation_schema", all().map(|column| own_collation(column).then_some("pg_catalog")))?;
        rows.fill("collation_name", all().map(|column| own_collation(column).then_some("C")))?;
        rows.fill_all("udt_catalog", &pinned.database)?;
        rows.fill_all("udt_schema", "pg_catalog")?;
        rows.fill("udt_name", all().map(|column| column.column_type.pg_type.name))?;
        rows.fill("dtd_identifier", all().map(|column| column.number.to_string()))?;
        rows.fill_all("is_self_referencing", "NO")?;
        rows.fill_all("is_identity", "NO")?;
        rows.fill_all("identity_cycle", "NO")?;
        rows.fill_all("is_generated", "NEVER")?;
        rows.fill_all("is_updatable", "NO")
    }
}

/// The collation `C`, the only one that a type has besides the default.
const C_COLLATION: u32 = 950;

/// The declared length, of the types that have one.
fn character_length(column: &ColumnOf) -> Option<i32> {
    let of_type = [PgType::BPCHAR, PgType::VARCHAR].contains(&column.column_type.pg_type);
    (of_type && column.column_type.typmod != -1).then(|| column.column_type.typmod - 4)
}

fn octet_length(column: &ColumnOf) -> Option<i32> {
    // A character of UTF-8 has at most 4 bytes, and PostgreSQL says 2^30 where no length is declared.
    const LONGEST: i32 = 1 << 30;
    let of_type = [PgType::TEXT, PgType::BPCHAR, PgType::VARCHAR].contains(&column.column_type.pg_type);
    of_type.then(|| character_length(column).map_or(LONGEST, |length| length.saturating_mul(4)))
}

/// Precision, its radix, and the scale of a number.
fn numeric(column: &ColumnOf) -> Option<(Option<i32>, i32, Option<i32>)> {
    let packed = (column.column_type.typmod != -1).then(|| column.column_type.typmod - 4);
    Some(match column.column_type.pg_type {
        PgType::INT2 => (Some(16), 2, Some(0)),
        PgType::INT4 => (Some(32), 2, Some(0)),
        PgType::INT8 => (Some(64), 2, Some(0)),
        PgType::FLOAT4 => (Some(24), 2, None),
        PgType::FLOAT8 => (Some(53), 2, None),
        PgType::NUMERIC => {
            (packed.map(|packed| (packed >> 16) & 0xffff), 10, packed.map(|packed| packed & 0x7ff))
        }
        _ => return None,
    })
}

fn radix(column: &ColumnOf) -> Option<i32> {
    numeric(column).map(|(_, radix, _)| radix)
}

/// Digits of a second.
fn datetime_precision(column: &ColumnOf) -> Option<i32> {
    let typmod = column.column_type.typmod;
    match column.column_type.pg_type {
        PgType::DATE => Some(0),
        PgType::TIME | PgType::TIMESTAMP | PgType::TIMESTAMPTZ => Some(if typmod < 0 { 6 } else { typmod }),
        PgType::INTERVAL => Some(if typmod < 0 || typmod & 0xffff == 0xffff { 6 } else { typmod & 0xffff }),
        _ => None,
    }
}
