//! All relations as one list: PostgreSQL's own, and those of the lake.

use std::ops::Deref;
use std::sync::Arc;

use arrow::datatypes::SchemaRef;

use crate::fixed::{SystemRelation, system_relations};
use crate::names::Names;
use crate::pinned::{Pinned, Relation, RelationKind};

/// A relation of either kind.
#[derive(Debug, Clone, Copy)]
pub(crate) enum AnyRelation<'a> {
    /// One of PostgreSQL's own.
    System(&'static SystemRelation),
    /// A table or view of the lake.
    User(&'a Relation),
}

impl<'a> AnyRelation<'a> {
    /// Its oid.
    pub(crate) fn oid(&self) -> u32 {
        match self {
            Self::System(relation) => relation.oid,
            Self::User(relation) => relation.oid,
        }
    }

    /// Its schema.
    pub(crate) fn schema(&self) -> &'a str {
        match self {
            Self::System(relation) => relation.schema,
            Self::User(relation) => &relation.name.schema,
        }
    }

    /// Its name.
    pub(crate) fn name(&self) -> &'a str {
        match self {
            Self::System(relation) => relation.name,
            Self::User(relation) => &relation.name.name,
        }
    }

    /// Whether it is a view.
    pub(crate) fn is_view(&self) -> bool {
        match self {
            Self::System(relation) => relation.kind == "v",
            Self::User(relation) => relation.kind == RelationKind::View,
        }
    }

    /// Its owner's oid.
    pub(crate) fn owner<P: Deref<Target = Pinned>>(&self, names: &Names<P>) -> u32 {
        match self {
            Self::System(_) => names.superuser_oid(),
            Self::User(relation) => names.role_oid(&relation.owner),
        }
    }

    /// The SELECT of a view. Those of PostgreSQL's own views would be of no use: nothing here runs them.
    pub(crate) fn definition(&self) -> Option<String> {
        match self {
            Self::System(_) => None,
            Self::User(relation) => relation.definition.as_deref().map(statement),
        }
    }

    /// Its columns, where they can be known.
    pub(crate) async fn columns(&self, pinned: &Pinned) -> Option<SchemaRef> {
        match self {
            Self::System(relation) => Some(Arc::clone(&relation.columns)),
            // One broken table must not take the others out of the catalog with it.
            Self::User(relation) => pinned.columns.columns(&relation.name).await.ok(),
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
