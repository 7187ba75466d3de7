//! All relations as one list: PostgreSQL's own, and those of the lake.

use std::sync::Arc;

use arrow::datatypes::SchemaRef;

use crate::fixed::{SystemRelation, system_relations};
use crate::pinned::{Pinned, Relation, RelationKind};

/// A relation of either kind.
#[derive(Debug, Clone)]
pub(crate) enum AnyRelation {
    /// One of PostgreSQL's own.
    System(&'static SystemRelation),
    /// A table or view of the lake.
    User(Relation),
}

impl AnyRelation {
    /// Its oid.
    pub(crate) fn oid(&self) -> u32 {
        match self {
            Self::System(relation) => relation.oid,
            Self::User(relation) => relation.oid,
        }
    }

    /// Its schema.
    pub(crate) fn schema(&self) -> &str {
        match self {
            Self::System(relation) => relation.schema,
            Self::User(relation) => &relation.name.schema,
        }
    }

    /// Its name.
    pub(crate) fn name(&self) -> &str {
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

    /// Its columns, where they can be known.
    pub(crate) async fn columns(&self, pinned: &Pinned) -> Option<SchemaRef> {
        match self {
            Self::System(relation) => Some(Arc::clone(&relation.columns)),
            // One broken table must not take the others out of the catalog with it.
            Self::User(relation) => pinned.columns.columns(&relation.name).await.ok(),
        }
    }
}

/// Every relation, PostgreSQL's own first.
pub(crate) fn everything(pinned: &Pinned) -> Vec<AnyRelation> {
    let system = system_relations().iter().map(AnyRelation::System);
    system.chain(user_relations(pinned)).collect()
}

/// The relations of the lake.
pub(crate) fn user_relations(pinned: &Pinned) -> impl Iterator<Item = AnyRelation> {
    pinned.relations.iter().cloned().map(AnyRelation::User)
}
