//! All relations as one list: PostgreSQL's own, and those of the lake.

use std::ops::Deref;
use std::sync::Arc;

use arrow::datatypes::SchemaRef;

use super::keys::positions;
use crate::fixed::{SystemRelation, system_relations};
use crate::names::Names;
use crate::pinned::{Asked, Key, KeyKind, Pinned, Relation, RelationKind};

/// A relation of either kind.
#[derive(Debug, Clone, Copy)]
pub(crate) enum AnyRelation<'a> {
    /// One of PostgreSQL's own.
    System(&'static SystemRelation),
    /// A table or view of the lake.
    User(&'a Relation),
    /// The index of a key.
    Index(Index<'a>),
}

/// The index that a primary or unique key has.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Index<'a> {
    /// Its oid in `pg_class`.
    pub(crate) oid: u32,
    /// Its table.
    pub(crate) table: &'a Relation,
    /// The key, which has its name.
    pub(crate) key: &'a Key,
}

impl<'a> AnyRelation<'a> {
    /// Its oid.
    pub(crate) fn oid(&self) -> u32 {
        match self {
            Self::System(relation) => relation.oid,
            Self::User(relation) => relation.oid,
            Self::Index(index) => index.oid,
        }
    }

    /// Its schema.
    pub(crate) fn schema(&self) -> &'a str {
        match self {
            Self::System(relation) => relation.schema,
            Self::User(relation) => &relation.name.schema,
            Self::Index(index) => &index.table.name.schema,
        }
    }

    /// Its name.
    pub(crate) fn name(&self) -> &'a str {
        match self {
            Self::System(relation) => relation.name,
            Self::User(relation) => &relation.name.name,
            Self::Index(index) => &index.key.name,
        }
    }

    /// Whether it is a view.
    pub(crate) fn is_view(&self) -> bool {
        match self {
            Self::System(relation) => relation.kind == "v",
            Self::User(relation) => relation.kind == RelationKind::View,
            Self::Index(_) => false,
        }
    }

    /// Its owner's oid.
    pub(crate) fn owner<P: Deref<Target = Pinned>>(&self, names: &Names<P>) -> u32 {
        match self {
            Self::System(_) => names.superuser_oid(),
            Self::User(relation) => names.role_oid(&relation.owner),
            Self::Index(index) => names.role_oid(&index.table.owner),
        }
    }

    /// The SELECT of a view. Those of PostgreSQL's own views would be of no use: nothing here runs them.
    pub(crate) fn definition(&self) -> Option<String> {
        match self {
            Self::System(_) | Self::Index(_) => None,
            Self::User(relation) => relation.definition.as_deref().map(statement),
        }
    }

    /// Whether the column of this name is in the primary key.
    pub(crate) fn has_in_primary_key(&self, column: &str) -> bool {
        let Self::User(relation) = self else { return false };
        let primary = relation.keys.iter().find(|key| matches!(key.kind, KeyKind::Primary { .. }));
        primary.is_some_and(|key| key.columns.iter().any(|own| own == column))
    }

    /// Its columns, where they can be known.
    pub(crate) async fn columns(&self, pinned: &Pinned, asked: Asked) -> Option<SchemaRef> {
        match self {
            Self::System(relation) => Some(Arc::clone(&relation.columns)),
            // One broken table must not take the others out of the catalog with it.
            Self::User(relation) => pinned.columns.columns(&relation.name, asked).await.ok(),
            Self::Index(index) => {
                let columns = pinned.columns.columns(&index.table.name, asked).await.ok()?;
                let positions = positions(&columns, &index.key.columns)?;
                Some(Arc::new(columns.project(&positions).ok()?))
            }
        }
    }
}

/// A SELECT as PostgreSQL shows a view's: ending in one semicolon.
pub(crate) fn statement(text: &str) -> String {
    format!("{};", text.trim().trim_end_matches(';').trim_end())
}

/// Every relation, PostgreSQL's own first.
pub(crate) fn everything(pinned: &Pinned) -> Vec<AnyRelation<'_>> {
    let system = system_relations().iter().map(AnyRelation::System);
    system.chain(user_relations(pinned)).collect()
}

/// The relations of the lake.
pub(crate) fn user_relations(pinned: &Pinned) -> impl Iterator<Item = AnyRelation<'_>> {
    pinned.relations.iter().map(AnyRelation::User)
}
