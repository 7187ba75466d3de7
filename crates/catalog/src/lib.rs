//! pg_catalog and information_schema as tables over the pinned catalog.
//!
//! Knows no lake and no door: it is handed what one user may see ([`Pinned`]), and gives tables and
//! functions that DataFusion runs like any other. Nothing here looks at a query's text.

mod assignment;
mod error;
mod pinned;
mod version;

mod cell;
mod copy_text;
mod data;
mod fixed;

mod identifier;
mod key_text;
mod names;
mod oids;
mod parameters;
mod type_name;

mod relations;
mod rows;
mod scan;

mod functions;

pub use assignment::{assignable, type_text};
pub use error::Error;
pub use functions::{mark_start, release_locks};
pub use oids::{Object, ObjectKind, assign_oids, hashed};
pub use parameters::{Parameter, parameters};
pub use pinned::{
    Asked, Columns, CursorInfo, Key, KeyKind, Lazy, Pinned, Relation, RelationKind, RoleInfo, SchemaInfo,
    SessionInfo, SessionObjects, Sessions, SettingInfo, StatementInfo,
};

pub use version::Relations;

use std::sync::Arc;

use datafusion::catalog::TableProvider;
use datafusion::logical_expr::ScalarUDF;

/// The schemas that this crate fills.
pub const SCHEMAS: [&str; 2] = ["pg_catalog", "information_schema"];

/// The system relation with this name, if there is one. Nothing is computed before it is scanned.
pub fn table(schema: &str, name: &str, pinned: &Arc<Pinned>) -> Option<Arc<dyn TableProvider>> {
    let relation = fixed::system_relation(schema, name)?;
    Some(Arc::new(scan::SystemTable { relation, pinned: Arc::clone(pinned) }))
}

/// Whether there is a system relation with this name.
pub fn has(schema: &str, name: &str) -> bool {
    fixed::system_relation(schema, name).is_some()
}

/// The oid of the system relation with this name, which is PostgreSQL's own.
pub fn oid(schema: &str, name: &str) -> Option<u32> {
    fixed::system_relation(schema, name).map(|relation| relation.oid)
}

/// The names of the system relations in a schema.
pub fn table_names(schema: &str) -> Vec<&'static str> {
    let relations = fixed::system_relations().iter();
    relations.filter(|relation| relation.schema == schema).map(|relation| relation.name).collect()
}

/// The functions that read the catalog (`pg_get_viewdef`, `pg_table_is_visible`, `regclassin` …) and those that
/// only clients' catalog queries use (`format_type`, `pg_encoding_to_char` …).
///
/// Errors of theirs are an [`Error`] inside `DataFusionError::External`.
pub fn functions(pinned: &Arc<Pinned>) -> Vec<Arc<ScalarUDF>> {
    functions::over(pinned)
}

/// Whether the function of this name says the same of the same arguments for the same user, database and search path, as
/// long as the catalog has the same relations: no session, no moment and nothing else changes its answer. So do not all
/// of [`functions()`], and whatever is none of them.
pub fn is_steady_function(name: &str) -> bool {
    functions::is_steady(name)
}

/// Whether the system relation of this name has the same rows for the same user, database and search path, as long as the
/// catalog has the same relations.
pub fn is_steady_relation(schema: &str, name: &str) -> bool {
    fixed::system_relation(schema, name).is_some_and(relations::is_steady)
}

#[cfg(test)]
mod testing;

#[cfg(test)]
mod tests;
