//! Declared keys as a list, and which columns they stand for.

use std::collections::HashMap;

use arrow::datatypes::SchemaRef;
use futures::{FutureExt, StreamExt, stream};

use super::everything::Index;
use crate::pinned::{Asked, Key, KeyKind, Pinned, Relation};

/// How many tables are opened at once for the numbers of their columns. A guess.
const OPENED_AT_ONCE: usize = 16;

/// A key with its table.
#[derive(Debug, Clone, Copy)]
pub(crate) struct KeyOf<'a> {
    pub(crate) table: &'a Relation,
    pub(crate) key: &'a Key,
}

/// A key whose columns are all there, by their numbers from 1.
#[derive(Debug)]
pub(crate) struct Resolved<'a> {
    pub(crate) of: KeyOf<'a>,
    pub(crate) columns: Vec<i16>,
    /// Those that a foreign key refers to.
    pub(crate) referenced: Vec<i16>,
    /// The columns of its table.
    pub(crate) schema: SchemaRef,
}

/// The table that a foreign key refers to, and its key.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Target<'a> {
    pub(crate) table: &'a Relation,
    pub(crate) columns: &'a [String],
    pub(crate) key: &'a Key,
}

impl KeyOf<'_> {
    /// `contype`
    pub(crate) fn letter(&self) -> &'static str {
        match self.key.kind {
            KeyKind::Primary { .. } => "p",
            KeyKind::Unique { .. } => "u",
            KeyKind::Foreign { .. } => "f",
        }
    }
}

/// Every key, by table.
pub(crate) fn keys(pinned: &Pinned) -> impl Iterator<Item = KeyOf<'_>> {
    let tables = pinned.relations.iter();
    tables.flat_map(|table| table.keys.iter().map(move |key| KeyOf { table, key }))
}

/// The indexes of the primary and unique keys.
pub(crate) fn indexes(pinned: &Pinned) -> impl Iterator<Item = Index<'_>> {
    keys(pinned).filter_map(|KeyOf { table, key }| Some(Index { oid: key.index()?, table, key }))
}

/// The tables of a catalog by oid, as far as keys refer to them.
pub(crate) struct Targets<'a>(HashMap<u32, &'a Relation>);

impl<'a> Targets<'a> {
    pub(crate) fn new(pinned: &'a Pinned) -> Self {
        let referenced = pinned.relations.iter().filter(|relation| relation.referenced);
        Self(referenced.map(|relation| (relation.oid, relation)).collect())
    }

    /// What a foreign key refers to.
    pub(crate) fn of(&self, key: &'a Key) -> Option<Target<'a>> {
        let KeyKind::Foreign { relation, columns, key } = &key.kind else { return None };
        let table = *self.0.get(relation)?;
        let key = table.keys.iter().find(|own| own.name == *key)?;
        Some(Target { table, columns, key })
    }
}

/// Those of `keys` whose columns are all there, with their numbers. Opens the tables that they are of.
pub(crate) async fn resolved<'a>(pinned: &'a Pinned, keys: Vec<KeyOf<'a>>) -> Vec<Resolved<'a>> {
    let targets = Targets::new(pinned);
    let mut tables: Vec<&Relation> = Vec::new();
    for of in &keys {
        tables.push(of.table);
        tables.extend(targets.of(of.key).map(|target| target.table));
    }
    tables.sort_by_key(|table| table.oid);
    tables.dedup_by_key(|table| table.oid);
    let amount = Asked::of(tables.len());
    // Boxed one by one: the compiler cannot see that a closure's futures live as long as `tables`.
    let asked: Vec<_> =
        tables.iter().map(|table| pinned.columns.columns(&table.name, amount).boxed()).collect();
    let opened: Vec<_> = stream::iter(asked).buffered(OPENED_AT_ONCE).collect().await;
    let schemas: HashMap<u32, SchemaRef> =
        tables.iter().zip(opened).filter_map(|(table, schema)| Some((table.oid, schema.ok()?))).collect();
    keys.into_iter()
        .filter_map(|of| {
            let schema = schemas.get(&of.table.oid)?;
            let referenced = match (&of.key.kind, targets.of(of.key)) {
                (KeyKind::Foreign { .. }, None) => return None,
                (_, None) => Vec::new(),
                (_, Some(target)) => numbers(schemas.get(&target.table.oid)?, target.columns)?,
            };
            let columns = numbers(schema, &of.key.columns)?;
            Some(Resolved { of, columns, referenced, schema: SchemaRef::clone(schema) })
        })
        .collect()
}

/// Where the columns of these names are, from 0; none if one of them is not there.
pub(crate) fn positions(schema: &SchemaRef, names: &[String]) -> Option<Vec<usize>> {
    names.iter().map(|name| schema.index_of(name).ok()).collect()
}

fn numbers(schema: &SchemaRef, names: &[String]) -> Option<Vec<i16>> {
    positions(schema, names)?.into_iter().map(|position| i16::try_from(position + 1).ok()).collect()
}
