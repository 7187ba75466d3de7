//! Planning: from a query to DataFusion's logical plan.

use std::collections::HashMap;
use std::sync::Arc;

use datafusion::catalog::TableProvider;
use datafusion::common::ScalarValue;
use datafusion::execution::SessionState;
use datafusion::logical_expr::{LogicalPlan, ScalarUDF};
use datafusion::sql::sqlparser::ast;

use crate::error::Result;
use crate::types::PgType;

/// What planning one query may see.
#[derive(Debug, Clone)]
pub struct Scope {
    /// The tables, by the parts of their names as [`relations`] gives them.
    pub tables: HashMap<Vec<String>, Arc<dyn TableProvider>>,
    /// Functions of this statement alone: `current_user` and its kin, the catalog's. They come first.
    pub functions: Vec<Arc<ScalarUDF>>,
    /// All other functions, rules and options.
    pub state: Arc<SessionState>,
    /// The types that the client declared for `$1` and on; none where it left one open.
    pub parameters: Vec<Option<PgType>>,
}

/// A query's plan.
#[derive(Debug, Clone)]
pub struct Planned {
    /// The plan. Its columns have names of their own, each unique.
    pub plan: LogicalPlan,
    /// PostgreSQL's names for the columns of the answer. They may repeat.
    pub names: Vec<String>,
    /// The types of the parameters, `$1` first: declared, inferred, and otherwise text.
    pub parameters: Vec<PgType>,
}

/// The relations that a query reads and does not define itself, in order, without repeats:
/// each name as its one to three folded parts. Subqueries everywhere are included.
pub fn relations(_query: &ast::Query) -> Vec<Vec<String>> {
    todo!()
}

/// Plans a query. `text` is the statement's, for positions.
pub fn plan(_query: &ast::Query, _scope: &Scope, _text: &str) -> Result<Planned> {
    todo!()
}

impl Planned {
    /// The plan with its parameters filled in, `$1` first.
    pub fn bind(&self, _values: Vec<ScalarValue>) -> Result<LogicalPlan> {
        todo!()
    }
}
