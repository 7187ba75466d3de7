//! EXCEPT ALL and INTERSECT ALL, which count equal rows, as set operations of numbered rows, which need not.
//!
//! The rows of both sides that are equal are numbered; the first of one side then meets the first of the other, and so
//! on. DataFusion keeps or drops all equal rows at once.

use datafusion::sql::sqlparser::ast::{Query, SetExpr, SetOperator, TableFactor};
use datafusion::sql::sqlparser::dialect::PostgreSqlDialect;
use datafusion::sql::sqlparser::parser::Parser;

use crate::error::{Error, Result};
use crate::resolve::{Output, Resolver, exact, unique};

/// A side of a set operation that has been resolved, and its columns.
pub(super) struct Side<'o> {
    pub(super) body: SetExpr,
    pub(super) outputs: &'o [Output],
}

impl Resolver<'_> {
    /// The set operation that counts, as one that does not.
    pub(super) fn counted(&mut self, op: SetOperator, left: Side<'_>, right: Side<'_>) -> Result<SetExpr> {
        let broken = || Error::unsupported("EXCEPT ALL and INTERSECT ALL are not supported here");
        let aliases = ["left", "right", "both"].map(|wish| exact(&self.unique_alias(wish)).to_string());
        let number = unique("number", |name| {
            left.outputs.iter().chain(right.outputs).any(|output| output.internal == name)
        });
        let numbered = |side: &Side<'_>, alias: &str| {
            let columns = columns(side.outputs, alias);
            format!(
                "SELECT {columns}, row_number() OVER (PARTITION BY {columns}) AS {} FROM (SELECT 1) AS {alias}",
                exact(&number)
            )
        };
        let [own, other, both] = &aliases;
        let sql = format!(
            "SELECT {} FROM ({} {op} {}) AS {both}",
            columns(left.outputs, both),
            numbered(&left, own),
            numbered(&right, other),
        );
        let parsed =
            Parser::new(&PostgreSqlDialect {}).try_with_sql(&sql).map_err(|_| broken())?.parse_query();
        let mut query = parsed.map_err(|_| broken())?;
        let inner = derived(&mut query.body).ok_or_else(broken)?;
        let SetExpr::SetOperation { left: own, right: other, .. } = inner.body.as_mut() else {
            return Err(broken());
        };
        *derived(own).ok_or_else(broken)?.body = left.body;
        *derived(other).ok_or_else(broken)?.body = right.body;
        Ok(*query.body)
    }
}

fn columns(outputs: &[Output], alias: &str) -> String {
    let columns = outputs.iter().map(|output| format!("{alias}.{}", exact(&output.internal)));
    columns.collect::<Vec<_>>().join(", ")
}

/// The query that a SELECT reads from.
fn derived(body: &mut SetExpr) -> Option<&mut Query> {
    let SetExpr::Select(select) = body else { return None };
    match &mut select.from.first_mut()?.relation {
        TableFactor::Derived { subquery, .. } => Some(subquery),
        _ => None,
    }
}
