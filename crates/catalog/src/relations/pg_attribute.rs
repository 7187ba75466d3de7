//! `pg_attribute`: the columns of every relation, indexes of keys among them.

use std::sync::Arc;

use arrow::array::{RecordBatch, UInt32Array};
use async_trait::async_trait;
use datafusion::common::Result;
use lakeport_sql::types::PgType;

use super::columns::{columns_of, picked};
use super::everything::user_relations;
use super::keys::indexes;
use super::{AnyRelation, FromColumns};
use crate::pinned::Pinned;
use crate::rows::Rows;

pub(super) struct PgAttribute;

#[async_trait]
impl FromColumns for PgAttribute {
    fn key(&self, pinned: &Pinned) -> Result<RecordBatch> {
        let oids = UInt32Array::from_iter_values(relations(pinned).map(|relation| relation.oid()));
        let field = PgType::OID.field("attrelid", false);
        let schema = arrow::datatypes::Schema::new(vec![field]);
        Ok(RecordBatch::try_new(Arc::new(schema), vec![Arc::new(oids)])?)
    }

    async fn fill(&self, pinned: &Pinned, wanted: &[usize], rows: &mut Rows) -> Result<()> {
        let relations: Vec<AnyRelation<'_>> = picked(relations(pinned), wanted);
        let columns = columns_of(pinned, &relations).await;
        let all = || columns.iter();
        rows.count(columns.len());
        rows.fill("attrelid", all().map(|column| relations[column.relation].oid()))?;
        rows.fill("attname", all().map(|column| column.field.name()))?;
        rows.fill("atttypid", all().map(|column| column.column_type.pg_type.oid))?;
        rows.fill_all("attstattarget", -1)?;
        rows.fill("attlen", all().map(|column| column.column_type.pg_type.size))?;
        rows.fill("attnum", all().map(|column| column.number))?;
        rows.fill(
            "attndims",
            all().map(|column| i32::from(column.type_row.is_some_and(|row| row.is_array()))),
        )?;
        rows.fill_all("attcacheoff", -1)?;
        rows.fill("atttypmod", all().map(|column| column.column_type.typmod))?;
        rows.fill("attbyval", all().map(|column| column.type_row.is_some_and(|row| row.by_value)))?;
        rows.fill("attalign", all().map(|column| column.type_row.map_or("i", |row| row.align)))?;
        rows.fill("attstorage", all().map(|column| column.type_row.map_or("x", |row| row.storage)))?;
        rows.fill(
            "attnotnull",
            all().map(|column| {
                let relation = &relations[column.relation];
                relation.has_in_primary_key(column.field.name())
                    || !column.field.is_nullable() && !matches!(relation, AnyRelation::Index(_))
            }),
        )?;
        rows.fill_all("attislocal", true)?;
        rows.fill("attcollation", all().map(|column| column.type_row.map_or(0, |row| row.collation)))
    }
}

/// Tables, views and indexes. The columns of the system relations are among the fixed rows.
fn relations(pinned: &Pinned) -> impl Iterator<Item = AnyRelation<'_>> {
    user_relations(pinned).chain(indexes(pinned).map(AnyRelation::Index))
}
