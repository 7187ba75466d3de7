//! Which queries say the same whenever they are asked of the same catalog: no session, no clock and no chance in them.

use std::ops::ControlFlow;

use datafusion::arrow::datatypes::DataType;
use datafusion::common::tree_node::{TreeNode, TreeNodeRecursion};
use datafusion::logical_expr::expr::{Cast, TryCast};
use datafusion::logical_expr::{Expr, LogicalPlan, Volatility};
use lakeport_catalog::{is_steady_function, is_steady_relation};
use lakeport_sql::ast::{self, Query, TableFactor, Value, ValueWithSpan, Visit, Visitor};

use super::Resolved;
use crate::Result;
use crate::error::from_datafusion;

/// Functions that depend on how the session writes values, and on nothing else but what they are given. A generic plan
/// belongs to one way of writing them.
const STYLED: [&str; 16] = [
    "array_dims",
    "array_flat",
    "array_ndims",
    "array_to_json",
    "array_to_string",
    "format",
    "generate_series",
    "generate_subscripts",
    "json_build_array",
    "json_build_object",
    "jsonb_build_array",
    "jsonb_build_object",
    "quote_literal",
    "row_to_json",
    "to_json",
    "to_jsonb",
];

/// Functions in FROM that say nothing but what they are given. What they are given is not in the plan any more.
const ROWS: [&str; 2] = ["generate_series", "unnest"];

/// Texts that are moments, wherever they are read as one.
///
/// Source: PostgreSQL's "Special Date/Time Inputs".
const MOMENTS: [&str; 4] = ["now", "today", "tomorrow", "yesterday"];

/// Whether a query reads nothing but steady relations of the system, as far as its names and words tell.
pub(super) fn is_steady(query: &Query, resolved: &[Resolved]) -> bool {
    let reads_steady = resolved.iter().all(|resolved| match resolved {
        Resolved::System(name) => is_steady_relation(&name.schema, &name.name),
        Resolved::Table(_) | Resolved::Path(_) | Resolved::Temp(_) | Resolved::View(_) => false,
    });
    reads_steady && query.visit(&mut Passing { in_from: 0 }).is_continue()
}

/// Looks for what passes.
struct Passing {
    /// How many functions in FROM are around what is visited.
    in_from: usize,
}

impl Visitor for Passing {
    type Break = ();

    fn pre_visit_query(&mut self, query: &Query) -> ControlFlow<()> {
        // A recursive query cannot be run again.
        match query.with.as_ref().is_some_and(|with| with.recursive) {
            true => ControlFlow::Break(()),
            false => ControlFlow::Continue(()),
        }
    }

    fn pre_visit_table_factor(&mut self, factor: &TableFactor) -> ControlFlow<()> {
        let name = match factor {
            TableFactor::Table { name, args: Some(_), .. } | TableFactor::Function { name, .. } => name,
            _ => return ControlFlow::Continue(()),
        };
        self.in_from += 1;
        let name = name.0.last().and_then(|part| part.as_ident());
        match name.is_some_and(|name| ROWS.contains(&name.value.as_str()) || is_steady_function(&name.value))
        {
            true => ControlFlow::Continue(()),
            false => ControlFlow::Break(()),
        }
    }

    fn post_visit_table_factor(&mut self, factor: &TableFactor) -> ControlFlow<()> {
        if let TableFactor::Table { args: Some(_), .. } | TableFactor::Function { .. } = factor {
            self.in_from -= 1;
        }
        ControlFlow::Continue(())
    }

    fn pre_visit_expr(&mut self, expr: &ast::Expr) -> ControlFlow<()> {
        let ast::Expr::Function(call) = expr else { return ControlFlow::Continue(()) };
        let name = call.name.0.last().and_then(|part| part.as_ident());
        match self.in_from == 0 || name.is_some_and(|name| is_steady_function(&name.value)) {
            true => ControlFlow::Continue(()),
            false => ControlFlow::Break(()),
        }
    }

    fn pre_visit_value(&mut self, value: &ValueWithSpan) -> ControlFlow<()> {
        match &value.value {
            Value::SingleQuotedString(text) if is_moment(text) => ControlFlow::Break(()),
            _ => ControlFlow::Continue(()),
        }
    }
}

fn is_moment(text: &str) -> bool {
    let text = text.trim();
    MOMENTS.iter().any(|moment| text.eq_ignore_ascii_case(moment))
}

/// Whether all functions of a plan are steady. It must not have been optimized: rules read functions.
pub(super) fn is_steady_plan(plan: &LogicalPlan) -> Result<bool> {
    let mut steady = true;
    let looked = plan.apply_with_subqueries(|node| {
        steady &= !matches!(node, LogicalPlan::RecursiveQuery(_));
        node.apply_expressions(|expr| {
            expr.apply(|expr| {
                steady &= is_steady_expr(expr);
                Ok(if steady { TreeNodeRecursion::Continue } else { TreeNodeRecursion::Stop })
            })
        })
    });
    looked.map_err(from_datafusion)?;
    Ok(steady)
}

fn is_steady_expr(expr: &Expr) -> bool {
    let steady = |volatility: Volatility, name: &str| {
        volatility == Volatility::Immutable || is_steady_function(name) || STYLED.contains(&name)
    };
    match expr {
        Expr::ScalarFunction(call) => steady(call.func.signature().volatility, call.name()),
        Expr::HigherOrderFunction(call) => steady(call.func.signature().volatility, call.name()),
        Expr::AggregateFunction(call) => steady(call.func.signature().volatility, call.func.name()),
        Expr::ScalarVariable(..) => false,
        // A text may be a moment that depends on the session's zone, or on the clock.
        Expr::Cast(Cast { field, .. }) | Expr::TryCast(TryCast { field, .. }) => !is_time(field.data_type()),
        _ => true,
    }
}

fn is_time(data_type: &DataType) -> bool {
    matches!(data_type, DataType::Timestamp(..) | DataType::Date32 | DataType::Date64 | DataType::Time64(_))
}
