//! Query: WITH, set operations, ORDER BY, LIMIT.

use datafusion::sql::sqlparser::ast::{
    Cte, Fetch, LimitClause, Offset, OrderBy, OrderByExpr, OrderByKind, OrderByOptions, Query, SetExpr,
    SetOperator, SetQuantifier, TableAlias, TableAliasColumnDef, Value, Values, With,
};
use lakeport_base::SqlState;

use crate::check::{refuse, refuse_foreign};
use crate::error::{Error, Result};

pub(super) fn check(query: &mut Query) -> Result<()> {
    let Query {
        with,
        body,
        order_by,
        limit_clause,
        fetch,
        locks,
        for_clause,
        settings,
        format_clause,
        pipe_operators,
    } = query;
    if let Some(with) = with {
        check_with(with)?;
    }
    if !locks.is_empty() {
        let message = "cannot execute SELECT FOR UPDATE in a read-only transaction";
        return Err(Error::new(SqlState::READ_ONLY_SQL_TRANSACTION, message)
            .with_hint("This is a read-only lake: there is nothing to lock."));
    }
    refuse_foreign(for_clause.is_some(), "FOR XML or FOR JSON")?;
    refuse_foreign(settings.is_some(), "SETTINGS")?;
    refuse_foreign(format_clause.is_some(), "FORMAT")?;
    refuse_foreign(!pipe_operators.is_empty(), "|>")?;
    check_body(body)?;
    if let Some(order_by) = order_by {
        check_order_by(order_by)?;
    }
    check_limit(limit_clause, fetch)
}

fn check_with(with: &With) -> Result<()> {
    let With { with_token: _, recursive: _, cte_tables } = with;
    for cte in cte_tables {
        // MATERIALIZED only says how to compute it.
        let Cte { alias, query: _, from, materialized: _, closing_paren_token: _ } = cte;
        refuse_foreign(from.is_some(), "FROM behind a WITH query")?;
        check_alias(Some(alias))?;
    }
    Ok(())
}

/// Checks an alias, with its columns.
pub(super) fn check_alias(alias: Option<&TableAlias>) -> Result<()> {
    let Some(TableAlias { explicit: _, name: _, columns, at }) = alias else { return Ok(()) };
    refuse_foreign(at.is_some(), "AT in an alias")?;
    for TableAliasColumnDef { name: _, data_type } in columns {
        refuse(data_type.is_some(), "a list of column definitions")?;
    }
    Ok(())
}

/// Iterative along the left side, which is as deep as a chain of UNIONs is long.
fn check_body(mut body: &SetExpr) -> Result<()> {
    loop {
        match body {
            // Visited on their own.
            SetExpr::Select(_) | SetExpr::Query(_) => return Ok(()),
            SetExpr::SetOperation { left, op, set_quantifier, right } => {
                match op {
                    SetOperator::Union | SetOperator::Except | SetOperator::Intersect => {}
                    SetOperator::Minus => refuse_foreign(true, "MINUS")?,
                }
                match set_quantifier {
                    SetQuantifier::All | SetQuantifier::Distinct | SetQuantifier::None => {}
                    SetQuantifier::ByName | SetQuantifier::AllByName | SetQuantifier::DistinctByName => {
                        refuse_foreign(true, "BY NAME")?;
                    }
                }
                check_body(right)?;
                body = left;
            }
            SetExpr::Values(Values { explicit_row, value_keyword, rows: _ }) => {
                refuse_foreign(*explicit_row, "VALUES ROW")?;
                return refuse_foreign(*value_keyword, "VALUE");
            }
            SetExpr::Insert(_) | SetExpr::Update(_) | SetExpr::Delete(_) | SetExpr::Merge(_) => {
                let message = "cannot execute a WITH query that writes in a read-only transaction";
                return Err(Error::new(SqlState::READ_ONLY_SQL_TRANSACTION, message)
                    .with_hint("This is a read-only lake."));
            }
            SetExpr::Table(_) => return refuse(true, "TABLE in this place"),
        }
    }
}

fn check_order_by(order_by: &OrderBy) -> Result<()> {
    let OrderBy { kind, interpolate } = order_by;
    refuse_foreign(interpolate.is_some(), "INTERPOLATE")?;
    match kind {
        OrderByKind::All(_) => refuse_foreign(true, "ORDER BY ALL"),
        OrderByKind::Expressions(items) => items.iter().try_for_each(check_order_item),
    }
}

/// Checks one expression of any ORDER BY.
pub(super) fn check_order_item(item: &OrderByExpr) -> Result<()> {
    let OrderByExpr { expr: _, options: OrderByOptions { asc: _, nulls_first: _ }, with_fill } = item;
    refuse_foreign(with_fill.is_some(), "WITH FILL")
}

/// FETCH FIRST n ROWS ONLY is LIMIT n; one with ties stays what it is.
fn check_limit(limit_clause: &mut Option<LimitClause>, fetch: &mut Option<Fetch>) -> Result<()> {
    match limit_clause {
        None => {}
        Some(LimitClause::LimitOffset { limit, offset, limit_by }) => {
            refuse_foreign(!limit_by.is_empty(), "LIMIT BY")?;
            if fetch.is_some() && limit.is_some() {
                return Err(Error::new(SqlState::SYNTAX_ERROR, "multiple LIMIT clauses not allowed"));
            }
            if let Some(Offset { value: _, rows: _ }) = offset {}
        }
        Some(LimitClause::OffsetCommaLimit { offset: _, limit: _ }) => {
            return Err(Error::new(SqlState::SYNTAX_ERROR, "LIMIT #,# syntax is not supported")
                .with_hint("Use separate LIMIT and OFFSET clauses."));
        }
    }
    let Some(Fetch { with_ties, percent, quantity: _ }) = fetch else { return Ok(()) };
    refuse_foreign(*percent, "FETCH FIRST … PERCENT")?;
    if *with_ties {
        return Ok(());
    }
    let quantity = fetch.take().and_then(|fetch| fetch.quantity);
    let one = || {
        datafusion::sql::sqlparser::ast::Expr::Value(Value::Number("1".to_owned(), false).with_empty_span())
    };
    let rows = Some(quantity.unwrap_or_else(one));
    match limit_clause {
        Some(LimitClause::LimitOffset { limit, .. }) => *limit = rows,
        _ => {
            *limit_clause = Some(LimitClause::LimitOffset { limit: rows, offset: None, limit_by: Vec::new() })
        }
    }
    Ok(())
}
