//! The columns of many relations, asked for a few at a time.

use arrow::datatypes::FieldRef;
use futures::{FutureExt, StreamExt, stream};
use lakeport_sql::types::{ColumnType, column_type};

use super::AnyRelation;
use crate::fixed::{TypeRow, type_by_oid};
use crate::pinned::{Asked, Pinned};

/// How many relations are opened at once. A guess: more hides the latency of a store better, and holds more
/// footers in memory.
const OPENED_AT_ONCE: usize = 16;

/// One column of a relation.
pub(crate) struct ColumnOf {
    /// The relation, as a position in the list that was asked for.
    pub(crate) relation: usize,
    /// From 1.
    pub(crate) number: i16,
    /// Name and type.
    pub(crate) field: FieldRef,
    /// The type as clients see it.
    pub(crate) column_type: ColumnType,
    /// The same as `pg_type` has it.
    pub(crate) type_row: Option<&'static TypeRow>,
}

/// The columns of these relations, in order. Relations that cannot be read have none.
pub(crate) async fn columns_of(pinned: &Pinned, relations: &[AnyRelation<'_>]) -> Vec<ColumnOf> {
    let amount = Asked::of(relations.len());
    // Boxed one by one: the compiler cannot see that a closure's futures live as long as `relations`.
    let asked: Vec<_> = relations.iter().map(|relation| relation.columns(pinned, amount).boxed()).collect();
    let schemas: Vec<_> = stream::iter(asked).buffered(OPENED_AT_ONCE).collect().await;
    let mut columns = Vec::new();
    for (relation, schema) in schemas.iter().enumerate() {
        for (field, number) in schema.iter().flat_map(|schema| schema.fields()).zip(1..=i16::MAX) {
            let column_type = column_type(field);
            columns.push(ColumnOf {
                relation,
                number,
                field: FieldRef::clone(field),
                column_type,
                type_row: type_by_oid(column_type.pg_type.oid),
            });
        }
    }
    columns
}

/// Those of `all` at the positions `wanted`, which ascend.
pub(crate) fn picked<T>(all: impl Iterator<Item = T>, wanted: &[usize]) -> Vec<T> {
    let mut wanted = wanted.iter().peekable();
    all.enumerate()
        .filter(|(index, _)| wanted.next_if(|next| *next == index).is_some())
        .map(|(_, item)| item)
        .collect()
}
