//! No clause is silently ignored.
//!
//! The parser reads more dialects than PostgreSQL's, and DataFusion's planner drops some of what
//! it is given: locks, samples, hints, ordinality. Here each part of a query is taken apart
//! without `..`, so that a new field of the parser's is a build that fails. A part is let
//! through, written in the form that the planner knows (FETCH FIRST as LIMIT), or refused.
//!
//! In reading order: `query`, `select`, `from`, `expr`.

mod expr;
mod from;
mod query;
mod select;

use std::ops::ControlFlow;

use datafusion::sql::sqlparser::ast::{Expr, Query, Select, TableFactor, VisitMut, VisitorMut};
use lakeport_base::SqlState;

use crate::error::{Error, Result};

/// Refuses what would be dropped, and rewrites what the planner knows under another form.
pub(crate) fn check(query: &mut Query) -> Result<()> {
    match query.visit(&mut Check) {
        ControlFlow::Continue(()) => Ok(()),
        ControlFlow::Break(error) => Err(error),
    }
}

struct Check;

impl VisitorMut for Check {
    type Break = Error;

    fn pre_visit_query(&mut self, query: &mut Query) -> ControlFlow<Error> {
        flow(query::check(query))
    }

    fn pre_visit_select(&mut self, select: &mut Select) -> ControlFlow<Error> {
        flow(select::check(select))
    }

    fn pre_visit_table_factor(&mut self, factor: &mut TableFactor) -> ControlFlow<Error> {
        flow(from::check(factor))
    }

    fn pre_visit_expr(&mut self, expr: &mut Expr) -> ControlFlow<Error> {
        flow(expr::check(expr))
    }
}

fn flow(checked: Result<()>) -> ControlFlow<Error> {
    match checked {
        Ok(()) => ControlFlow::Continue(()),
        Err(error) => ControlFlow::Break(error),
    }
}

/// Refuses a clause of PostgreSQL's that is not there.
fn refuse(is_there: bool, clause: &str) -> Result<()> {
    if is_there { Err(Error::unsupported(format!("{clause} is not supported"))) } else { Ok(()) }
}

/// Refuses a clause that PostgreSQL does not have at all.
fn refuse_foreign(is_there: bool, clause: &str) -> Result<()> {
    if is_there {
        return Err(Error::new(SqlState::SYNTAX_ERROR, format!("{clause} is no clause of PostgreSQL's")));
    }
    Ok(())
}

#[cfg(test)]
mod tests;
