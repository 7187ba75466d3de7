//! FETCH FIRST … WITH TIES: the first rows of an order, and all that are equal to the last of them.
//!
//! Each row is given its number and its rank in that order. Those that come behind OFFSET by their number, and not
//! behind the last that is wanted by their rank, are the answer.

use datafusion::sql::sqlparser::ast::{
    Expr, Fetch, LimitClause, Offset, OrderBy, OrderByExpr, OrderByKind, Query, SelectItem, SetExpr,
    TableFactor, Value,
};
use datafusion::sql::sqlparser::dialect::PostgreSqlDialect;
use datafusion::sql::sqlparser::parser::Parser;
use lakeport_base::SqlState;

use crate::error::{Error, Result};
use crate::resolve::order::number;
use crate::resolve::{Output, Resolver, exact, unique};

impl Resolver<'_> {
    /// Writes a query whose names are resolved, and whose FETCH has ties, as one that has none.
    pub(super) fn with_ties(&mut self, query: &mut Query, outputs: &[Output]) -> Result<()> {
        let Some(Fetch { quantity, .. }) = query.fetch.take() else { return Ok(()) };
        let Some(OrderBy { kind: OrderByKind::Expressions(order), .. }) = query.order_by.take() else {
            let message = "WITH TIES cannot be specified without ORDER BY clause";
            return Err(Error::new(SqlState::SYNTAX_ERROR, message));
        };
        let offset = match query.limit_clause.take() {
            Some(LimitClause::LimitOffset { offset: Some(Offset { value, .. }), .. }) => value,
            _ => whole(0),
        };
        let broken = || Error::unsupported("FETCH FIRST … WITH TIES is not supported here");
        let names = sorted_names(&mut query.body, &order, outputs).ok_or_else(broken)?;
        let [inner, outer] = ["rows", "ranked"].map(|wish| exact(&self.unique_alias(wish)).to_string());
        let is_taken = |name: &str| outputs.iter().any(|output| output.internal == name);
        let [place, rank] = ["place", "rank"].map(|wish| exact(&unique(wish, is_taken)).to_string());
        let order: Vec<String> = names
            .iter()
            .zip(&order)
            .map(|(name, item)| format!("{inner}.{}{}", exact(name), direction(item)))
            .collect();
        let order = order.join(", ");
        let columns = |alias: &str| {
            let columns = outputs.iter().map(|output| format!("{alias}.{}", exact(&output.internal)));
            columns.collect::<Vec<_>>().join(", ")
        };
        let sql = format!(
            "SELECT {} FROM (SELECT {}, row_number() OVER (ORDER BY {order}) AS {place}, rank() OVER (ORDER BY {order}) AS {rank} \
             FROM (SELECT 1) AS {inner}) AS {outer} WHERE {outer}.{place} > 0 AND {outer}.{rank} <= 0 + 0 ORDER BY {outer}.{place}",
            columns(&outer),
            columns(&inner),
        );
        let parsed =
            Parser::new(&PostgreSqlDialect {}).try_with_sql(&sql).map_err(|_| broken())?.parse_query();
        let mut ranked = *parsed.map_err(|_| broken())?;
        fill(&mut ranked, &offset, &quantity.unwrap_or_else(|| whole(1)), query).ok_or_else(broken)?;
        ranked.with = query.with.take();
        *query = ranked;
        Ok(())
    }
}

/// Puts the numbers of rows, and what is ranked, into the frame.
fn fill(ranked: &mut Query, offset: &Expr, count: &Expr, query: &Query) -> Option<()> {
    let SetExpr::Select(select) = ranked.body.as_mut() else { return None };
    let Some(Expr::BinaryOp { left, right, .. }) = &mut select.selection else { return None };
    let (Expr::BinaryOp { right: skipped, .. }, Expr::BinaryOp { right: last, .. }) =
        (left.as_mut(), right.as_mut())
    else {
        return None;
    };
    let Expr::BinaryOp { left: first, right: more, .. } = last.as_mut() else { return None };
    let nested = |expr: &Expr| Box::new(Expr::Nested(Box::new(expr.clone())));
    (*skipped, *first, *more) = (nested(offset), nested(offset), nested(count));
    let TableFactor::Derived { subquery, .. } = &mut select.from.first_mut()?.relation else { return None };
    let SetExpr::Select(numbered) = subquery.body.as_mut() else { return None };
    let TableFactor::Derived { subquery, .. } = &mut numbered.from.first_mut()?.relation else { return None };
    subquery.body = query.body.clone();
    Some(())
}

/// The names of the columns that a query is sorted by; what is none of them becomes one.
fn sorted_names(body: &mut SetExpr, order: &[OrderByExpr], outputs: &[Output]) -> Option<Vec<String>> {
    let mut names = Vec::with_capacity(order.len());
    for (index, item) in order.iter().enumerate() {
        if let Some(number) = number(&item.expr) {
            names.push(outputs.get(number.checked_sub(1)?)?.internal.clone());
            continue;
        }
        let SetExpr::Select(select) = &mut *body else { return None };
        let is_taken = |name: &str| outputs.iter().any(|output| output.internal == name);
        let name = unique(&format!("order_{index}"), is_taken);
        select.projection.push(SelectItem::ExprWithAlias { expr: item.expr.clone(), alias: exact(&name) });
        names.push(name);
    }
    Some(names)
}

fn direction(item: &OrderByExpr) -> String {
    let direction = if item.options.asc == Some(false) { " DESC" } else { "" };
    let nulls = match item.options.nulls_first {
        Some(true) => " NULLS FIRST",
        Some(false) => " NULLS LAST",
        None => "",
    };
    format!("{direction}{nulls}")
}

fn whole(number: u8) -> Expr {
    Expr::Value(Value::Number(number.to_string(), false).with_empty_span())
}
