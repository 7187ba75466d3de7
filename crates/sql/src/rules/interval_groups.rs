//! Intervals that are equally long are one: in GROUP BY, DISTINCT, set operations and the keys of joins.
//!
//! DataFusion hashes the parts of an interval, and '1 day' has other parts than '24 hours'. Rows are grouped and joined by
//! the length instead; a group shows the first of its intervals.

use std::sync::Arc;

use datafusion::common::tree_node::Transformed;
use datafusion::common::{Column, DFSchema, Result};
use datafusion::functions_aggregate::expr_fn::first_value;
use datafusion::logical_expr::{Aggregate, Distinct, Expr, Join, LogicalPlan, Projection};

use super::interval_order::{is_interval, is_interval_type, length};

/// The plan with its groups and keys by length; unchanged where none is an interval.
pub(super) fn by_length(plan: LogicalPlan) -> Result<Transformed<LogicalPlan>> {
    match plan {
        LogicalPlan::Aggregate(aggregate) => grouped(aggregate),
        LogicalPlan::Distinct(Distinct::All(input)) => {
            let schema = Arc::clone(input.schema());
            if !schema.fields().iter().any(|field| is_interval_type(field.data_type())) {
                return Ok(Transformed::no(LogicalPlan::Distinct(Distinct::All(input))));
            }
            let columns = schema.columns().into_iter().map(Expr::Column).collect();
            grouped(Aggregate::try_new(input, columns, Vec::new())?)
        }
        LogicalPlan::Join(join) => joined(join),
        other => Ok(Transformed::no(other)),
    }
}

fn grouped(aggregate: Aggregate) -> Result<Transformed<LogicalPlan>> {
    let Aggregate { input, group_expr, aggr_expr, schema: named, .. } = &aggregate;
    let is_replaced = |expr: &Expr| is_interval(expr, input.schema());
    if !group_expr.iter().any(is_replaced) {
        return Ok(Transformed::no(LogicalPlan::Aggregate(aggregate)));
    }
    // Where each column comes from: a group, or an aggregate behind those that there were.
    let mut groups = Vec::with_capacity(group_expr.len());
    let mut aggregates = aggr_expr.clone();
    let mut places = Vec::with_capacity(group_expr.len());
    for expr in group_expr {
        if is_replaced(expr) {
            places.push(group_expr.len() + aggregates.len());
            aggregates.push(first_value(expr.clone(), Vec::new()));
            groups.push(length(expr.clone()));
        } else {
            places.push(groups.len());
            groups.push(expr.clone());
        }
    }
    places.extend(group_expr.len()..group_expr.len() + aggr_expr.len());
    let made = LogicalPlan::Aggregate(Aggregate::try_new(Arc::clone(input), groups, aggregates)?);
    let columns: Vec<Column> = made.schema().columns();
    let shown = named.iter().zip(places).map(|((qualifier, field), place)| {
        Expr::Column(columns[place].clone()).alias_qualified(qualifier.cloned(), field.name())
    });
    let shown = shown.collect();
    Ok(Transformed::yes(LogicalPlan::Projection(Projection::try_new(shown, Arc::new(made))?)))
}

fn joined(mut join: Join) -> Result<Transformed<LogicalPlan>> {
    let mut changed = false;
    let by_length = |expr: &mut Expr, schema: &DFSchema| {
        let is_replaced = is_interval(expr, schema);
        if is_replaced {
            *expr = length(expr.clone());
        }
        is_replaced
    };
    for (left, right) in &mut join.on {
        changed |= by_length(left, join.left.schema());
        changed |= by_length(right, join.right.schema());
    }
    Ok(if changed {
        Transformed::yes(LogicalPlan::Join(join))
    } else {
        Transformed::no(LogicalPlan::Join(join))
    })
}
