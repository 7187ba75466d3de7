//! What planning one query may see.

use std::collections::HashMap;
use std::sync::Arc;

use datafusion::catalog::TableProvider;
use datafusion::common::ScalarValue;
use datafusion::execution::SessionState;
use datafusion::logical_expr::ScalarUDF;

use crate::Unwanted;
use crate::types::PgType;

/// What planning one query may see.
#[derive(Debug, Clone)]
pub struct Scope {
    /// The tables, by the parts of their names as [`relations`](crate::relations) gives them.
    pub tables: HashMap<Vec<String>, Arc<dyn TableProvider>>,
    /// The oids of those tables that the catalog knows, by the same parts.
    pub oids: HashMap<Vec<String>, u32>,
    /// What `xmin` says of every row: another number once the catalog has changed.
    pub version: u32,
    /// Functions of this statement alone: `current_user` and its kin, the catalog's. They come first.
    pub functions: Vec<Arc<ScalarUDF>>,
    /// All other functions, rules and options.
    pub state: Arc<SessionState>,
    /// The types that the client declared for `$1` and on; none where it left one open.
    pub parameters: Vec<Option<PgType>>,
    /// Values of parameters that the plan is made for, `$1` first; empty where it is made for any. Numbers only: those
    /// are what types of numerics depend on.
    pub values: Vec<Option<ScalarValue>>,
    /// Whether the plan is wanted no more, so that planning ends.
    pub unwanted: Unwanted,
}
