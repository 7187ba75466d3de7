//! Where aggregates and window functions may not stand.
//!
//! Source: `check_agglevels_and_constraints` and `transformWindowFuncCall` in PostgreSQL's `parse_agg.c`.

use std::ops::ControlFlow;

use datafusion::sql::sqlparser::ast::{Expr, Function, Ident, Visit, Visitor};
use lakeport_base::SqlState;

use crate::error::{Error, Result};
use crate::resolve::frame::{Case, Relation};
use crate::resolve::{Resolver, folded};

/// What bars a call.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Bar {
    /// The clause that it is in, as messages call it.
    Clause(&'static str),
    /// An aggregate around it.
    Aggregate,
    /// A window function around it.
    Window,
}

/// What bars aggregates and window functions at one place of a query.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Barred {
    aggregates: Option<Bar>,
    windows: Option<Bar>,
}

impl Barred {
    /// A clause that has neither.
    pub(super) fn in_clause(clause: &'static str) -> Self {
        let bar = Some(Bar::Clause(clause));
        Self { aggregates: bar, windows: bar }
    }

    /// A clause that has aggregates where they could be anyway.
    pub(super) fn windows_in(self, clause: &'static str) -> Self {
        Self { windows: Some(Bar::Clause(clause)), ..self }
    }

    /// The arguments of an aggregate.
    pub(super) fn in_aggregate() -> Self {
        let bar = Some(Bar::Aggregate);
        Self { aggregates: bar, windows: bar }
    }

    /// The arguments of a window function.
    pub(super) fn in_window(self) -> Self {
        Self { windows: Some(Bar::Window), ..self }
    }
}

impl Resolver<'_> {
    /// Does some work where these are barred.
    pub(super) fn where_barred<T>(
        &mut self,
        barred: Barred,
        work: impl FnOnce(&mut Self) -> Result<T>,
    ) -> Result<T> {
        let around = std::mem::replace(&mut self.barred, barred);
        let done = work(self);
        self.barred = around;
        done
    }

    /// Refuses a call of an aggregate or a window function where it may not be, and tells what is barred in its
    /// arguments.
    pub(super) fn barred_within(&self, function: &Function, name: &str) -> Result<Barred> {
        if function.over.is_some() {
            let Some(bar) = self.barred.windows else { return Ok(self.barred.in_window()) };
            let (state, message) = match bar {
                Bar::Clause(clause) => {
                    (SqlState::WINDOWING_ERROR, format!("window functions are not allowed in {clause}"))
                }
                Bar::Aggregate => (
                    SqlState::GROUPING_ERROR,
                    "aggregate function calls cannot contain window function calls".to_owned(),
                ),
                Bar::Window => {
                    (SqlState::WINDOWING_ERROR, "window function calls cannot be nested".to_owned())
                }
            };
            return Err(self.at_call(Error::new(state, message), function));
        }
        if !self.names.is_aggregate(name) {
            return Ok(self.barred);
        }
        let Some(bar) = self.barred.aggregates.filter(|_| !self.is_of_outer_query(function)) else {
            return Ok(Barred::in_aggregate());
        };
        let message = match bar {
            Bar::Clause(clause) => format!("aggregate functions are not allowed in {clause}"),
            Bar::Aggregate | Bar::Window => "aggregate function calls cannot be nested".to_owned(),
        };
        Err(self.at_call(Error::new(SqlState::GROUPING_ERROR, message), function))
    }

    fn at_call(&self, error: Error, function: &Function) -> Error {
        match function.name.0.first().and_then(|part| part.as_ident()) {
            Some(ident) => self.placed(error, ident),
            None => error,
        }
    }

    /// Whether an aggregate names columns, and none of the innermost query: it is one of a query around.
    fn is_of_outer_query(&self, function: &Function) -> bool {
        let mut named = Named::default();
        let _: ControlFlow<()> = function.visit(&mut named);
        let is_here = |idents: &Vec<Ident>| {
            let Some(frame) = self.frames.last() else { return false };
            let Some((last, qualifier)) = idents.split_last() else { return false };
            let is_named = |name: &str| Case::Ignored.fits(name, &folded(last));
            let is_qualified = |relation: &&Relation| {
                let wanted: Vec<String> = qualifier.iter().map(folded).collect();
                relation.parts.ends_with(&wanted)
            };
            match qualifier {
                [] => frame.columns.iter().any(|column| is_named(&column.name)),
                _ => frame.relations.iter().any(|relation| is_qualified(&relation)),
            }
        };
        !named.0.is_empty() && !named.0.iter().any(is_here)
    }
}

/// The names of columns in an expression.
#[derive(Default)]
struct Named(Vec<Vec<Ident>>);

impl Visitor for Named {
    type Break = ();

    fn pre_visit_expr(&mut self, expr: &Expr) -> ControlFlow<()> {
        match expr {
            Expr::Identifier(ident) => self.0.push(vec![ident.clone()]),
            Expr::CompoundIdentifier(idents) => self.0.push(idents.clone()),
            _ => {}
        }
        ControlFlow::Continue(())
    }
}
