//! References from an inner plan to the columns of the queries around it.
//!
//! DataFusion writes such a reference as `OuterReferenceColumn` without saying how many levels
//! out it points. A name belongs to the innermost query that has it, as in PostgreSQL; the
//! functions here follow that rule through subqueries, lateral joins and Apply nodes.

use std::sync::Arc;

use arrow::datatypes::FieldRef;
use datafusion::common::tree_node::{Transformed, TreeNode, TreeNodeRecursion};
use datafusion::common::{Column, DFSchema, Result};
use datafusion::logical_expr::expr::{Exists, InSubquery, SetComparison};
use datafusion::logical_expr::expr_rewriter::NamePreserver;
use datafusion::logical_expr::{Expr, Extension, LogicalPlan, Subquery};

use super::node::Apply;

/// A reference to a column of an outer query.
pub(super) type Reference = (FieldRef, Column);

/// The subquery of an expression, if it is one.
pub(super) fn subquery_of(expr: &Expr) -> Option<&Subquery> {
    match expr {
        Expr::ScalarSubquery(subquery)
        | Expr::Exists(Exists { subquery, .. })
        | Expr::InSubquery(InSubquery { subquery, .. })
        | Expr::SetComparison(SetComparison { subquery, .. }) => Some(subquery),
        _ => None,
    }
}

/// The same expression over another subquery plan.
pub(super) fn with_subquery(expr: Expr, plan: LogicalPlan) -> Expr {
    let outer_ref_columns = plan.all_out_ref_exprs();
    let renew = |old: Subquery| Subquery { subquery: Arc::new(plan), outer_ref_columns, spans: old.spans };
    match expr {
        Expr::ScalarSubquery(subquery) => Expr::ScalarSubquery(renew(subquery)),
        Expr::Exists(Exists { subquery, negated }) => {
            Expr::Exists(Exists { subquery: renew(subquery), negated })
        }
        Expr::InSubquery(InSubquery { expr, subquery, negated }) => {
            Expr::InSubquery(InSubquery { expr, subquery: renew(subquery), negated })
        }
        Expr::SetComparison(mut comparison) => {
            comparison.subquery = renew(comparison.subquery);
            Expr::SetComparison(comparison)
        }
        other => other,
    }
}

/// All that a node's own expressions can name: the columns of its inputs.
pub(super) fn visible(plan: &LogicalPlan) -> DFSchema {
    let mut schema = DFSchema::empty();
    for input in plan.inputs() {
        schema.merge(input.schema());
    }
    schema
}

/// Whether this is an expression that names a column of this schema.
pub(super) fn resolves(schema: &DFSchema, column: &Column) -> bool {
    schema.has_column(column)
}

/// The references that point out of a plan, each once.
pub(super) fn free(plan: &LogicalPlan) -> Result<Vec<Reference>> {
    let mut found = Vec::new();
    own(plan, &mut found)?;
    nested(plan, &mut found)?;
    for (index, input) in plan.inputs().into_iter().enumerate() {
        let hidden = hidden_by_join(plan, index);
        for reference in free(input)? {
            if !hidden.is_some_and(|schema| resolves(schema, &reference.1)) {
                add(&mut found, reference);
            }
        }
    }
    Ok(found)
}

/// The references in the subqueries of a node's expressions that point beyond the node.
pub(super) fn nested(plan: &LogicalPlan, found: &mut Vec<Reference>) -> Result<()> {
    let schema = visible(plan);
    plan.apply_expressions(|expr| {
        expr.apply(|expr| {
            if let Some(subquery) = subquery_of(expr) {
                for reference in free(&subquery.subquery)? {
                    if !resolves(&schema, &reference.1) {
                        add(found, reference);
                    }
                }
            }
            Ok(TreeNodeRecursion::Continue)
        })
    })?;
    if let Some(apply) = Apply::of(plan) {
        for reference in free(apply.inner())? {
            if !apply.binds(&reference.1) {
                add(found, reference);
            }
        }
    }
    Ok(())
}

/// The references in a node's expressions themselves.
pub(super) fn own(plan: &LogicalPlan, found: &mut Vec<Reference>) -> Result<()> {
    plan.apply_expressions(|expr| {
        expr.apply(|expr| {
            if let Expr::OuterReferenceColumn(field, column) = expr {
                add(found, (Arc::clone(field), column.clone()));
            }
            Ok(TreeNodeRecursion::Continue)
        })
    })?;
    Ok(())
}

/// Puts other expressions in the place of references that point out of a plan.
pub(super) fn replace(plan: LogicalPlan, with: &dyn Fn(&Column) -> Option<Expr>) -> Result<LogicalPlan> {
    let schema = visible(&plan);
    let names = NamePreserver::new(&plan);
    let beyond = |column: &Column| if resolves(&schema, column) { None } else { with(column) };
    let plan = plan
        .map_expressions(|expr| {
            let name = names.save(&expr);
            let expr = expr.transform_up(|expr| replace_in(expr, with, &beyond))?;
            Ok(Transformed::yes(name.restore(expr.data)))
        })?
        .data;
    let plan = replace_in_apply(plan, with)?;
    let mut index = 0;
    let hiding = plan.clone();
    let plan = plan
        .map_children(|child| {
            let hidden = hidden_by_join(&hiding, index);
            index += 1;
            let outside = |column: &Column| match hidden {
                Some(schema) if resolves(schema, column) => None,
                _ => with(column),
            };
            Ok(Transformed::yes(replace(child, &outside)?))
        })?
        .data;
    Ok(renewed(plan))
}

fn replace_in(
    expr: Expr,
    with: &dyn Fn(&Column) -> Option<Expr>,
    beyond: &dyn Fn(&Column) -> Option<Expr>,
) -> Result<Transformed<Expr>> {
    if let Expr::OuterReferenceColumn(_, column) = &expr {
        return Ok(with(column).map_or(Transformed::no(expr), Transformed::yes));
    }
    let Some(subquery) = subquery_of(&expr) else { return Ok(Transformed::no(expr)) };
    let plan = replace(subquery.subquery.as_ref().clone(), beyond)?;
    Ok(Transformed::yes(with_subquery(expr, plan)))
}

fn replace_in_apply(plan: LogicalPlan, with: &dyn Fn(&Column) -> Option<Expr>) -> Result<LogicalPlan> {
    let Some(apply) = Apply::of(&plan) else { return Ok(plan) };
    let beyond = |column: &Column| if apply.binds(column) { None } else { with(column) };
    let inner = replace(apply.inner().clone(), &beyond)?;
    Ok(LogicalPlan::Extension(Extension { node: Arc::new(apply.with_inner(inner)) }))
}

/// What a lateral join's left side offers to its right side.
fn hidden_by_join(plan: &LogicalPlan, input_index: usize) -> Option<&DFSchema> {
    match plan {
        LogicalPlan::Join(join) if input_index == 1 => Some(join.left.schema().as_ref()),
        _ => None,
    }
}

/// A lateral subquery's list of references, made anew; without any, it is no subquery any more.
fn renewed(plan: LogicalPlan) -> LogicalPlan {
    let LogicalPlan::Subquery(subquery) = plan else { return plan };
    let outer_ref_columns = subquery.subquery.all_out_ref_exprs();
    if outer_ref_columns.is_empty() {
        return subquery.subquery.as_ref().clone();
    }
    LogicalPlan::Subquery(Subquery { outer_ref_columns, ..subquery })
}

fn add(found: &mut Vec<Reference>, reference: Reference) {
    if !found.iter().any(|(_, column)| *column == reference.1) {
        found.push(reference);
    }
}
