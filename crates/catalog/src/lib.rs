//! pg_catalog and information_schema as tables over the pinned catalog.
//!
//! Knows no lake and no door: it is handed what one user may see ([`Pinned`]), and gives tables and
//! functions that DataFusion runs like any other. Nothing here looks at a query's text.

mod pinned;

pub use pinned::{Columns, Pinned, Relation, RelationKind, RoleInfo, SchemaInfo, SettingInfo};

use std::sync::Arc;

use datafusion::catalog::TableProvider;
use datafusion::logical_expr::ScalarUDF;

/// The schemas that this crate fills.
pub const SCHEMAS: [&str; 2] = ["pg_catalog", "information_schema"];

/// The system relation with this name, if there is one.
pub fn table(_schema: &str, _name: &str, _pinned: &Arc<Pinned>) -> Option<Arc<dyn TableProvider>> {
    todo!()
}

/// The functions that read the catalog (`pg_get_viewdef`, `pg_table_is_visible`, `regclassin` …) and those that
/// only clients' catalog queries use (`format_type`, `pg_encoding_to_char` …).
pub fn functions(_pinned: &Arc<Pinned>) -> Vec<Arc<ScalarUDF>> {
    todo!()
}
