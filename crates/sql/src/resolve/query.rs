//! Queries: WITH, set operations, VALUES, LIMIT.

use std::ops::ControlFlow;

use datafusion::sql::sqlparser::ast::{
    Cte as WithQuery, Expr, Fetch, LimitClause, Offset, Query, SelectItem, SetExpr, SetOperator,
    SetQuantifier, Spanned, TableFactor, Value, Visit, Visitor, With,
};
use datafusion::sql::sqlparser::dialect::PostgreSqlDialect;
use datafusion::sql::sqlparser::parser::Parser;
use lakeport_base::SqlState;

use crate::error::{Error, Result};
use crate::resolve::barred::Barred;
use crate::resolve::counted::Side;
use crate::resolve::frame::Frame;
use crate::resolve::rows::COMPARED;
use crate::resolve::{Cte, Output, Resolver, exact, folded};
use crate::value::read::int8;

impl Resolver<'_> {
    /// Resolves a query and gives its columns.
    pub(super) fn query(&mut self, query: &mut Query) -> Result<Vec<Output>> {
        self.where_barred(Barred::default(), |this| this.query_here(query))
    }

    fn query_here(&mut self, query: &mut Query) -> Result<Vec<Output>> {
        let ctes_before = self.ctes.len();
        if let Some(with) = &mut query.with {
            self.with(with)?;
        }
        self.lateral_values(&mut query.body)?;
        let order_by = query.order_by.take();
        let outputs = match query.body.as_mut() {
            SetExpr::Select(select) => {
                let (outputs, order_by) = self.select(select, order_by)?;
                query.order_by = order_by;
                outputs
            }
            body => {
                let outputs = self.set_expr(body)?;
                query.order_by =
                    order_by.map(|order_by| self.order_by_outputs(order_by, &outputs)).transpose()?;
                outputs
            }
        };
        self.limit(&mut query.limit_clause)?;
        if let Some(Fetch { quantity: Some(quantity), .. }) = &mut query.fetch {
            let outer = std::mem::take(&mut self.frames);
            let resolved = self.row_count(quantity, "LIMIT");
            self.frames = outer;
            resolved?;
        }
        self.with_ties(query, &outputs)?;
        self.ctes.truncate(ctes_before);
        Ok(outputs)
    }

    /// What stands between set operations.
    fn set_expr(&mut self, body: &mut SetExpr) -> Result<Vec<Output>> {
        match body {
            SetExpr::Select(select) => Ok(self.select(select, None)?.0),
            SetExpr::Query(query) => self.query(query),
            SetExpr::Values(values) => self.values(values.rows.iter_mut().map(|row| &mut row.content)),
            SetExpr::SetOperation { left, op, right, set_quantifier } => {
                let (op, is_counted) =
                    (*op, *set_quantifier == SetQuantifier::All && *op != SetOperator::Union);
                let mut outputs = self.set_expr(left)?;
                let first = first_item(right).cloned();
                let others = self.set_expr(right)?;
                self.check_widths(op, &outputs, &others, first.as_ref())?;
                if is_counted {
                    let side = |body: &mut SetExpr| std::mem::replace(body, SetExpr::Values(no_values()));
                    let (own, other) = (side(left), side(right));
                    *body = self.counted(
                        op,
                        Side { body: own, outputs: &outputs },
                        Side { body: other, outputs: &others },
                    )?;
                }
                for output in &mut outputs {
                    output.source = None;
                }
                Ok(outputs)
            }
            // Refused by `check` already.
            _ => Err(Error::unsupported("this kind of query is not supported")),
        }
    }

    /// VALUES that name columns of the queries around are SELECTs: DataFusion knows no columns in VALUES.
    fn lateral_values(&self, body: &mut Box<SetExpr>) -> Result<()> {
        let SetExpr::Values(values) = body.as_ref() else { return Ok(()) };
        let names_columns = values.rows.iter().flat_map(|row| &row.content).any(names_a_column);
        if self.frames.is_empty() || !names_columns {
            return Ok(());
        }
        if values.rows.len() > LATERAL_ROWS_MAX {
            let message = format!("VALUES that name columns have at most {LATERAL_ROWS_MAX} rows");
            return Err(Error::new(SqlState::STATEMENT_TOO_COMPLEX, message));
        }
        let width = values.rows.first().map_or(0, |row| row.content.len());
        if values.rows.iter().any(|row| row.content.len() != width) {
            return Err(Error::new(SqlState::SYNTAX_ERROR, "VALUES lists must all be the same length"));
        }
        let mut selects = Vec::with_capacity(values.rows.len());
        for row in &values.rows {
            selects.push(select_of(&row.content)?);
        }
        let union = selects.into_iter().reduce(|left, right| SetExpr::SetOperation {
            op: SetOperator::Union,
            set_quantifier: SetQuantifier::All,
            left: Box::new(left),
            right: Box::new(right),
        });
        if let Some(union) = union {
            **body = union;
        }
        Ok(())
    }

    fn values<'v>(&mut self, rows: impl Iterator<Item = &'v mut Vec<Expr>>) -> Result<Vec<Output>> {
        let mut width = None;
        for row in rows {
            if *width.get_or_insert(row.len()) != row.len() {
                return Err(Error::new(SqlState::SYNTAX_ERROR, "VALUES lists must all be the same length"));
            }
            // A column would be one of the queries around, and DataFusion knows none in VALUES.
            let outer = std::mem::take(&mut self.frames);
            let resolved = self.where_barred(Barred::in_clause("VALUES"), |this| {
                row.iter_mut().try_for_each(|expr| this.expr(expr))
            });
            self.frames = outer;
            resolved?;
        }
        let outputs = (1..=width.unwrap_or(0)).map(|number| {
            let name = format!("column{number}");
            Output { internal: name.clone(), name, data_type: None, source: None }
        });
        Ok(outputs.collect())
    }

    fn with(&mut self, with: &mut With) -> Result<()> {
        let recursive = with.recursive;
        let mut seen: Vec<String> = Vec::new();
        let mut resolved = Vec::with_capacity(with.cte_tables.len());
        for mut cte in std::mem::take(&mut with.cte_tables) {
            let name = folded(&cte.alias.name);
            if seen.contains(&name) {
                let message = format!("WITH query name \"{name}\" specified more than once");
                return Err(self.placed(Error::new(SqlState::DUPLICATE_ALIAS, message), &cte.alias.name));
            }
            seen.push(name.clone());
            let ctes_before = self.ctes.len();
            let internal = self.unique_relation(&name);
            let columns: Vec<String> =
                cte.alias.columns.drain(..).map(|column| folded(&column.name)).collect();
            let outputs = if recursive && names_itself(&cte, &name) {
                resolved.extend(self.inner_with(&mut cte, &name)?);
                let outputs = self.recursive(&mut cte, &name, &internal, &columns);
                self.ctes.truncate(ctes_before);
                outputs?
            } else {
                let mut outputs = self.query(&mut cte.query)?;
                rename(&mut outputs, &columns, "WITH query", &name)?;
                if recursive {
                    wrap(&mut cte.query);
                }
                outputs
            };
            cte.alias.name = exact(&internal);
            self.ctes.push(Cte { name, internal, outputs });
            resolved.push(cte);
        }
        with.cte_tables = resolved;
        Ok(())
    }

    /// The WITH queries inside of a recursive one, resolved and taken out of it: they come before it, under names that
    /// nothing else has, and can be named until those known here are cut off again.
    fn inner_with(&mut self, cte: &mut WithQuery, name: &str) -> Result<Vec<WithQuery>> {
        let Some(mut with) = cte.query.with.take() else { return Ok(Vec::new()) };
        if with.cte_tables.iter().any(|inner| names_itself(inner, name)) {
            return Err(Error::unsupported(
                "a recursive query that a WITH inside of it reads is not supported",
            ));
        }
        self.with(&mut with)?;
        if !with.recursive {
            with.cte_tables.iter_mut().for_each(|inner| wrap(&mut inner.query));
        }
        Ok(with.cte_tables)
    }

    /// A WITH query that reads itself: `static UNION recursive`.
    fn recursive(
        &mut self,
        cte: &mut WithQuery,
        name: &str,
        internal: &str,
        columns: &[String],
    ) -> Result<Vec<Output>> {
        let query = &mut cte.query;
        let refused = [(query.order_by.is_some(), "ORDER BY"), (query.limit_clause.is_some(), "LIMIT")];
        if let Some((_, clause)) = refused.iter().find(|(is_there, _)| *is_there) {
            return Err(Error::unsupported(format!("{clause} in a recursive query is not implemented")));
        }
        let SetExpr::SetOperation { op: op @ SetOperator::Union, left, right, .. } = query.body.as_mut()
        else {
            let message = format!(
                "recursive query \"{name}\" does not have the form non-recursive-term UNION [ALL] recursive-term"
            );
            return Err(Error::new(SqlState::INVALID_RECURSION, message));
        };
        let mut outputs = self.set_expr(left)?;
        rename(&mut outputs, columns, "WITH query", name)?;
        let own = Cte { name: name.to_owned(), internal: internal.to_owned(), outputs: outputs.clone() };
        self.ctes.push(own);
        let first = first_item(right).cloned();
        let others = self.set_expr(right);
        self.ctes.pop();
        self.check_widths(*op, &outputs, &others?, first.as_ref())?;
        for output in &mut outputs {
            output.data_type = None;
            output.source = None;
        }
        Ok(outputs)
    }

    fn limit(&mut self, clause: &mut Option<LimitClause>) -> Result<()> {
        let Some(LimitClause::LimitOffset { limit, offset, .. }) = clause else { return Ok(()) };
        let outer = std::mem::take(&mut self.frames);
        let mut resolved = Ok(());
        if let Some(limit) = limit {
            resolved = self.row_count(limit, "LIMIT");
        }
        if let Some(Offset { value, .. }) = offset {
            resolved = resolved.and_then(|()| self.row_count(value, "OFFSET"));
        }
        self.frames = outer;
        resolved?;
        // LIMIT NULL and OFFSET NULL are none.
        limit.take_if(|limit| is_null(limit));
        offset.take_if(|offset| is_null(&offset.value));
        Ok(())
    }

    /// Resolves a number of rows. A constant without a type is a bigint.
    fn row_count(&mut self, count: &mut Expr, clause: &'static str) -> Result<()> {
        if let Expr::Value(value) = &*count
            && let Value::SingleQuotedString(text) = &value.value
        {
            let number = int8(text).map_err(|error| self.at_start(Error::from(error), count))?;
            *count = Expr::Value(Value::Number(number.to_string(), false).with_span(value.span));
        }
        self.where_barred(Barred::in_clause(clause), |this| this.expr(count))
    }

    /// Refuses to put queries of different widths together. `first` is what the list of the second began with.
    fn check_widths(
        &self,
        op: SetOperator,
        left: &[Output],
        right: &[Output],
        first: Option<&SelectItem>,
    ) -> Result<()> {
        if left.len() == right.len() {
            return Ok(());
        }
        let message = format!("each {op} query must have the same number of columns");
        let error = Error::new(SqlState::SYNTAX_ERROR, message);
        let location = match first {
            Some(SelectItem::UnnamedExpr(expr) | SelectItem::ExprWithAlias { expr, .. }) => {
                return Err(self.at_start(error, expr));
            }
            Some(other) => other.span().start,
            None => return Err(error),
        };
        Err(match self.position_of(location) {
            Some(position) => error.at(position),
            None => error,
        })
    }

    /// The WITH query of this name, if it can be named here.
    pub(super) fn find_cte(&self, name: &str) -> Option<&Cte> {
        self.ctes.iter().rev().find(|cte| cte.name == name)
    }

    /// Runs `work` where the names of `frame` are known, and then no longer.
    pub(super) fn within<T>(&mut self, frame: Frame, work: impl FnOnce(&mut Self) -> Result<T>) -> Result<T> {
        self.frames.push(frame);
        let done = work(self);
        self.frames.pop();
        done
    }
}

/// Rows of VALUES that may be written as SELECTs, one in the other: a guess at what no statement needs.
const LATERAL_ROWS_MAX: usize = 100;

fn names_a_column(expr: &Expr) -> bool {
    struct Search;
    impl Visitor for Search {
        type Break = ();

        fn pre_visit_expr(&mut self, expr: &Expr) -> ControlFlow<()> {
            match expr {
                Expr::Identifier(_) | Expr::CompoundIdentifier(_) => ControlFlow::Break(()),
                _ => ControlFlow::Continue(()),
            }
        }
    }
    expr.visit(&mut Search).is_break()
}

/// `SELECT a AS column1, b AS column2`
fn select_of(row: &[Expr]) -> Result<SetExpr> {
    let broken = || Error::unsupported("VALUES that name columns are not supported");
    let mut parser = Parser::new(&PostgreSqlDialect {}).try_with_sql("SELECT 1").map_err(|_| broken())?;
    let mut frame = parser.parse_query().map_err(|_| broken())?;
    let SetExpr::Select(select) = frame.body.as_mut() else { return Err(broken()) };
    let named = row.iter().enumerate().map(|(index, expr)| SelectItem::ExprWithAlias {
        expr: expr.clone(),
        alias: exact(&format!("column{}", index + 1)),
    });
    select.projection = named.collect();
    Ok(*frame.body)
}

fn is_null(expr: &Expr) -> bool {
    matches!(expr, Expr::Value(value) if value.value == Value::Null)
}

/// Gives the first columns other names, as an alias with a list of names does.
pub(super) fn rename(outputs: &mut [Output], names: &[String], kind: &str, relation: &str) -> Result<()> {
    if relation == COMPARED && names.len() != outputs.len() {
        let few = if outputs.len() < names.len() { "few" } else { "many" };
        let message = format!("subquery has too {few} columns");
        return Err(Error::new(SqlState::SYNTAX_ERROR, message));
    }
    if names.len() > outputs.len() {
        let message = format!(
            "{kind} \"{relation}\" has {} columns available but {} columns specified",
            outputs.len(),
            names.len()
        );
        return Err(Error::new(SqlState::INVALID_COLUMN_REFERENCE, message));
    }
    for (output, name) in outputs.iter_mut().zip(names) {
        output.name.clone_from(name);
    }
    Ok(())
}

/// What the list of a query's columns begins with, as it is written.
fn first_item(body: &SetExpr) -> Option<&SelectItem> {
    match body {
        SetExpr::Select(select) => select.projection.first(),
        SetExpr::Query(query) => first_item(&query.body),
        SetExpr::SetOperation { left, .. } => first_item(left),
        _ => None,
    }
}

/// Hides a query's set operation: under WITH RECURSIVE, DataFusion takes each for a recursion
/// and drops the ORDER BY and LIMIT around it.
fn wrap(query: &mut Box<Query>) {
    if matches!(query.body.as_ref(), SetExpr::SetOperation { .. }) {
        let inner = Query {
            with: query.with.take(),
            body: std::mem::replace(&mut query.body, Box::new(SetExpr::Values(no_values()))),
            order_by: query.order_by.take(),
            limit_clause: query.limit_clause.take(),
            fetch: None,
            locks: Vec::new(),
            for_clause: None,
            settings: None,
            format_clause: None,
            pipe_operators: Vec::new(),
        };
        *query.body = SetExpr::Query(Box::new(inner));
    }
}

fn no_values() -> datafusion::sql::sqlparser::ast::Values {
    datafusion::sql::sqlparser::ast::Values { explicit_row: false, value_keyword: false, rows: Vec::new() }
}

/// Whether a WITH query reads a relation of its own bare name.
fn names_itself(cte: &WithQuery, name: &str) -> bool {
    struct Search<'a>(&'a str);
    impl Visitor for Search<'_> {
        type Break = ();

        fn pre_visit_table_factor(&mut self, factor: &TableFactor) -> std::ops::ControlFlow<()> {
            match factor {
                TableFactor::Table { name, args: None, .. }
                    if super::relations::parts(name).as_slice() == [self.0.to_owned()] =>
                {
                    std::ops::ControlFlow::Break(())
                }
                _ => std::ops::ControlFlow::Continue(()),
            }
        }
    }
    cte.query.visit(&mut Search(name)).is_break()
}
