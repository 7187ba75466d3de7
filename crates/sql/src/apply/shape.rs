//! Which correlated subqueries DataFusion turns into joins, and rightly so.
//!
//! Its own test of that (`check_subquery_expr`) lets pass plans that it later mistakes or cannot
//! plan: references below a LIMIT, references two levels out, `NOT IN` inside a larger
//! condition. So this is a list of what is known to be right; all else runs as an Apply.

use datafusion::common::tree_node::{TreeNode, TreeNodeRecursion};
use datafusion::common::{JoinType, Result};
use datafusion::logical_expr::expr::{Exists, InSubquery};
use datafusion::logical_expr::utils::split_conjunction;
use datafusion::logical_expr::{Expr, Filter, LogicalPlan};

use super::lift::is_array_subquery;
use super::refs::{free, nested, own, subquery_of};

/// Whether DataFusion can be left to plan every subquery of this condition of a WHERE.
pub(super) fn joins_condition(condition: &Expr) -> Result<bool> {
    match condition {
        Expr::Not(inner) => match inner.as_ref() {
            Expr::Exists(exists) => joins_exists(exists),
            Expr::InSubquery(within) => joins_in(within, !within.negated),
            _ => joins_value(condition),
        },
        Expr::Exists(exists) => joins_exists(exists),
        Expr::InSubquery(within) => joins_in(within, within.negated),
        _ => joins_value(condition),
    }
}

/// Whether DataFusion can be left to plan every subquery of this expression.
pub(super) fn joins_value(expr: &Expr) -> Result<bool> {
    let mut all = true;
    expr.apply(|expr| {
        all = all && !is_array(expr);
        if let Some(subquery) = subquery_of(expr) {
            let plan = &subquery.subquery;
            all = all
                && matches!(expr, Expr::ScalarSubquery(_))
                && (free(plan)?.is_empty() || is_aggregate(plan)?);
        }
        Ok(if all { TreeNodeRecursion::Continue } else { TreeNodeRecursion::Stop })
    })?;
    Ok(all)
}

/// Whether an expression holds no subquery but uncorrelated scalar ones, which DataFusion runs once.
pub(super) fn only_constants(expr: &Expr) -> Result<bool> {
    let mut all = true;
    expr.apply(|expr| {
        all = all && !is_array(expr);
        if let Some(subquery) = subquery_of(expr) {
            all = all && matches!(expr, Expr::ScalarSubquery(_)) && free(&subquery.subquery)?.is_empty();
        }
        Ok(if all { TreeNodeRecursion::Continue } else { TreeNodeRecursion::Stop })
    })?;
    Ok(all)
}

/// Whether references out of a plan stand only in the conditions of its WHERE.
pub(super) fn is_select(plan: &LogicalPlan) -> Result<bool> {
    match plan {
        LogicalPlan::Projection(projection) => Ok(is_local(plan)? && is_select(&projection.input)?),
        LogicalPlan::SubqueryAlias(alias) => is_select(&alias.input),
        LogicalPlan::Filter(filter) => Ok(joins_filter(plan, filter)? && is_select(&filter.input)?),
        LogicalPlan::Join(join) if join.join_type == JoinType::Inner => Ok(free(plan)?.is_empty()),
        other => Ok(free(other)?.is_empty()),
    }
}

fn joins_exists(exists: &Exists) -> Result<bool> {
    let plan = &exists.subquery.subquery;
    Ok(free(plan)?.is_empty() || is_select(plan)?)
}

fn joins_in(within: &InSubquery, negated: bool) -> Result<bool> {
    let plan = &within.subquery.subquery;
    if has_subquery(&within.expr)? {
        return Ok(false);
    }
    // A null-aware anti join looks for NULLs in the whole inner side, not in the row's part of it.
    Ok(free(plan)?.is_empty() || (!negated && is_select(plan)?))
}

/// An ungrouped aggregate over a plan that refers outwards only in its WHERE: one row, always.
fn is_aggregate(plan: &LogicalPlan) -> Result<bool> {
    match plan {
        LogicalPlan::Projection(projection) => Ok(is_local(plan)? && is_aggregate(&projection.input)?),
        LogicalPlan::SubqueryAlias(alias) => is_aggregate(&alias.input),
        LogicalPlan::Aggregate(aggregate) => Ok(aggregate.group_expr.is_empty()
            && !aggregate.aggr_expr.is_empty()
            && is_local(plan)?
            && is_select(&aggregate.input)?),
        _ => Ok(false),
    }
}

/// A node whose own expressions refer to nothing outside of it.
fn is_local(plan: &LogicalPlan) -> Result<bool> {
    let mut found = Vec::new();
    own(plan, &mut found)?;
    nested(plan, &mut found)?;
    Ok(found.is_empty())
}

/// A WHERE whose subqueries refer to nothing beyond it, and whose references outwards stand in
/// conditions without subqueries.
fn joins_filter(plan: &LogicalPlan, filter: &Filter) -> Result<bool> {
    let mut found = Vec::new();
    nested(plan, &mut found)?;
    if !found.is_empty() {
        return Ok(false);
    }
    for condition in split_conjunction(&filter.predicate) {
        if condition.contains_outer() && has_subquery(condition)? {
            return Ok(false);
        }
    }
    Ok(true)
}

/// Whether an expression holds a subquery.
pub(super) fn has_subquery(expr: &Expr) -> Result<bool> {
    expr.exists(|expr| Ok(subquery_of(expr).is_some()))
}

fn is_array(expr: &Expr) -> bool {
    matches!(expr, Expr::ScalarFunction(function) if is_array_subquery(function))
}
