//! `pg_depend`: what keys and their indexes depend on, and what views do. Clients find the key of an index by it.
//!
//! The rule of a view depends on the relations that its text names, each as a whole: which of their columns it needs is
//! known once they are opened, and so is not told.

use std::sync::Arc;

use arrow::array::RecordBatch;
use arrow::datatypes::Schema;
use async_trait::async_trait;
use datafusion::common::Result;
use lakeport_sql::types::PgType;

use super::FromColumns;
use super::columns::picked;
use super::keys::{Targets, keys, resolved};
use crate::cell::array;
use crate::pinned::{Pinned, Relation, RelationKind};
use crate::rows::Rows;

/// `pg_class` and `pg_constraint`, the relations that the objects are in.
const CLASSES: (u32, u32) = (1259, 2606);

/// `pg_rewrite`, the relation that the rules of views are in.
const RULES: u32 = 2618;

pub(super) struct PgDepend;

/// An object of a class that depends on another, or on a column of it, in a way.
struct Row {
    object: (u32, u32),
    on: (u32, u32),
    column: i16,
    how: &'static str,
}

#[async_trait]
impl FromColumns for PgDepend {
    /// Nothing tells the rows of one key from those of another here: both it and its index have some. Views come behind
    /// the keys.
    fn key(&self, pinned: &Pinned) -> Result<RecordBatch> {
        let schema = Schema::new(vec![PgType::INT4.field("objsubid", false)]);
        let zeros = array(&PgType::INT4.arrow(), (0..self.estimated(pinned)).map(|_| 0.into()))?;
        Ok(RecordBatch::try_new(Arc::new(schema), vec![zeros])?)
    }

    async fn fill(&self, pinned: &Pinned, wanted: &[usize], rows: &mut Rows) -> Result<()> {
        let targets = Targets::new(pinned);
        let mut found = Vec::new();
        let key_count = keys(pinned).count();
        let (wanted, wanted_views) = wanted.split_at(wanted.partition_point(|index| *index < key_count));
        let wanted_views: Vec<usize> = wanted_views.iter().map(|index| index - key_count).collect();
        for view in picked(views(pinned), &wanted_views) {
            let rule = (RULES, view.oid);
            found.push(Row { object: rule, on: (CLASSES.0, view.oid), column: 0, how: "i" });
            for read in view.reads.iter().chain([&view.oid]) {
                found.push(Row { object: rule, on: (CLASSES.0, *read), column: 0, how: "n" });
            }
        }
        for key in resolved(pinned, picked(keys(pinned), wanted)).await {
            let constraint = (CLASSES.1, key.of.key.oid);
            let table = (CLASSES.0, key.of.table.oid);
            for column in key.columns {
                found.push(Row { object: constraint, on: table, column, how: "a" });
            }
            if let Some(index) = key.of.key.index() {
                found.push(Row { object: (CLASSES.0, index), on: constraint, column: 0, how: "i" });
            }
            let Some(target) = targets.of(key.of.key) else { continue };
            if let Some(index) = target.key.index() {
                found.push(Row { object: constraint, on: (CLASSES.0, index), column: 0, how: "n" });
            }
            for column in key.referenced {
                found.push(Row { object: constraint, on: (CLASSES.0, target.table.oid), column, how: "n" });
            }
        }
        let all = || found.iter();
        rows.count(found.len());
        rows.fill("classid", all().map(|row| row.object.0))?;
        rows.fill("objid", all().map(|row| row.object.1))?;
        rows.fill("refclassid", all().map(|row| row.on.0))?;
        rows.fill("refobjid", all().map(|row| row.on.1))?;
        rows.fill("refobjsubid", all().map(|row| row.column))?;
        rows.fill("deptype", all().map(|row| row.how))
    }

    fn estimated(&self, pinned: &Pinned) -> usize {
        keys(pinned).count() + views(pinned).count()
    }
}

fn views(pinned: &Pinned) -> impl Iterator<Item = &Relation> {
    pinned.relations.iter().filter(|relation| relation.kind == RelationKind::View)
}
