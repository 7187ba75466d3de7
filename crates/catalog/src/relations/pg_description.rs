//! `pg_description`: what people should know of schemas, tables, views and columns.
//!
//! Which number a described column has is only known from the table, so a table with described columns is
//! opened when its descriptions are asked for, and no other.

use std::sync::Arc;

use arrow::array::{RecordBatch, UInt32Array};
use arrow::datatypes::Schema;
use async_trait::async_trait;
use datafusion::common::Result;
use lakeport_sql::types::PgType;

use super::columns::{columns_of, picked};
use super::{AnyRelation, FromColumns};
use crate::pinned::{Pinned, Relation};
use crate::rows::Rows;

/// `pg_class` and `pg_namespace`, the relations that descriptions say their object is in.
const CLASSES: (u32, u32) = (1259, 2615);

pub(super) struct PgDescription;

#[async_trait]
impl FromColumns for PgDescription {
    fn key(&self, pinned: &Pinned) -> Result<RecordBatch> {
        let oids = UInt32Array::from_iter_values(described(pinned).map(|relation| relation.oid));
        let schema = Schema::new(vec![PgType::OID.field("objoid", false)]);
        Ok(RecordBatch::try_new(Arc::new(schema), vec![Arc::new(oids)])?)
    }

    async fn fill(&self, pinned: &Pinned, wanted: &[usize], rows: &mut Rows) -> Result<()> {
        let relations = picked(described(pinned), wanted);
        // Object, relation it is in, number of the column or 0, text.
        let mut found: Vec<(u32, u32, i32, &str)> = Vec::new();
        for schema in &pinned.schemas {
            found.extend(schema.description.iter().map(|text| (schema.oid, CLASSES.1, 0, text.as_str())));
        }
        for relation in &relations {
            found.extend(relation.description.iter().map(|text| (relation.oid, CLASSES.0, 0, text.as_str())));
        }
        let with_columns = relations.into_iter().filter(|relation| !relation.column_descriptions.is_empty());
        let opened: Vec<AnyRelation<'_>> = with_columns.map(AnyRelation::User).collect();
        for column in columns_of(pinned, &opened).await {
            let AnyRelation::User(relation) = opened[column.relation] else { continue };
            let texts = relation.column_descriptions.iter();
            let own = texts.filter(|(name, _)| name == column.field.name());
            found.extend(
                own.map(|(_, text)| (relation.oid, CLASSES.0, i32::from(column.number), text.as_str())),
            );
        }
        rows.count(found.len());
        rows.fill("objoid", found.iter().map(|row| row.0))?;
        rows.fill("classoid", found.iter().map(|row| row.1))?;
        rows.fill("objsubid", found.iter().map(|row| row.2))?;
        rows.fill("description", found.iter().map(|row| row.3))
    }
}

/// The relations that are described, or have columns that are.
fn described(pinned: &Pinned) -> impl Iterator<Item = &Relation> {
    let relations = pinned.relations.iter();
    relations.filter(|relation| relation.description.is_some() || !relation.column_descriptions.is_empty())
}
