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

use super::columns::columns_of;
use super::{AnyRelation, FromColumns};
use crate::pinned::Pinned;
use crate::rows::Rows;

/// `pg_class` and `pg_namespace`, the relations that descriptions say their object is in.
const CLASSES: (u32, u32) = (1259, 2615);

pub(super) struct PgDescription;

#[async_trait]
impl FromColumns for PgDescription {
    fn relations<'a>(&self, pinned: &'a Pinned) -> Vec<AnyRelation<'a>> {
        let described = |relation: &&crate::pinned::Relation| {
            relation.description.is_some() || !relation.column_descriptions.is_empty()
        };
        pinned.relations.iter().filter(described).map(AnyRelation::User).collect()
    }

    fn key(&self, _pinned: &Pinned, relations: &[AnyRelation<'_>]) -> Result<RecordBatch> {
        let oids = UInt32Array::from_iter_values(relations.iter().map(AnyRelation::oid));
        let schema = Schema::new(vec![PgType::OID.field("objoid", false)]);
        Ok(RecordBatch::try_new(Arc::new(schema), vec![Arc::new(oids)])?)
    }

    async fn fill(&self, pinned: &Pinned, relations: Vec<AnyRelation<'_>>, rows: &mut Rows) -> Result<()> {
        // Object, relation it is in, number of the column or 0, text.
        let mut found: Vec<(u32, u32, i32, &str)> = Vec::new();
        for schema in &pinned.schemas {
            found.extend(schema.description.iter().map(|text| (schema.oid, CLASSES.1, 0, text.as_str())));
        }
        for relation in &relations {
            let AnyRelation::User(relation) = relation else { continue };
            found.extend(relation.description.iter().map(|text| (relation.oid, CLASSES.0, 0, text.as_str())));
        }
        let with_columns = |relation: &AnyRelation<'_>| match relation {
            AnyRelation::User(relation) => !relation.column_descriptions.is_empty(),
            AnyRelation::System(_) => false,
        };
        let opened: Vec<AnyRelation<'_>> = relations.into_iter().filter(with_columns).collect();
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
