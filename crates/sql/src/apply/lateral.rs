//! Lateral joins: the right side sees the left side's row.
//!
//! The right side runs as an Apply that gives its rows as a list, which is then unnested. A
//! right side that is a plain SELECT with its references in WHERE is left to DataFusion, which
//! makes an ordinary join of it.

use std::sync::Arc;

use datafusion::common::tree_node::{Transformed, TreeNode};
use datafusion::common::{ExprSchema, JoinType, Result, Spans, UnnestOptions, not_impl_err};
use datafusion::functions::core::expr_fn::get_field;
use datafusion::logical_expr::utils::conjunction;
use datafusion::logical_expr::{
    Expr, Filter, Join, LogicalPlan, LogicalPlanBuilder, Projection, Subquery, lit,
};

use super::lift::Lift;
use super::node::Mode;
use super::refs::{free, resolves};
use super::rule::Stage;
use super::shape::is_select;

/// Puts an Apply in the place of a lateral join that DataFusion cannot be left to plan.
pub(super) fn rewrite(plan: LogicalPlan, stage: Stage) -> Result<Transformed<LogicalPlan>> {
    let LogicalPlan::Join(join) = plan else { return Ok(Transformed::no(plan)) };
    if !is_lateral(&join)? || (stage == Stage::Before && is_left_to_datafusion(&join)?) {
        return Ok(Transformed::no(LogicalPlan::Join(join)));
    }
    if !matches!(join.join_type, JoinType::Inner | JoinType::Left) {
        return not_impl_err!("LATERAL in a {} join", join.join_type);
    }
    let inner = inner_plan(&join)?;
    unnested(join, inner).map(Transformed::yes)
}

/// Whether the right side reads columns of the left one.
fn is_lateral(join: &Join) -> Result<bool> {
    let references = free(&join.right)?;
    Ok(references.iter().any(|(_, column)| resolves(join.left.schema(), column)))
}

fn is_left_to_datafusion(join: &Join) -> Result<bool> {
    let right = match join.right.as_ref() {
        LogicalPlan::SubqueryAlias(alias) => alias.input.as_ref(),
        right => right,
    };
    match right {
        LogicalPlan::Subquery(subquery) => {
            Ok(join.join_type == JoinType::Inner && is_select(&subquery.subquery)?)
        }
        _ => Ok(false),
    }
}

/// The right side with the join's condition on top, where the left side's columns are outer ones.
fn inner_plan(join: &Join) -> Result<LogicalPlan> {
    let plan = join.right.as_ref().clone();
    let equalities = join.on.iter().map(|(left, right)| left.clone().eq(right.clone()));
    let Some(condition) = conjunction(equalities.chain(join.filter.clone())) else { return Ok(plan) };
    if condition == lit(true) {
        return Ok(plan);
    }
    let left = join.left.schema();
    let condition = condition.transform_up(|expr| {
        Ok(match expr {
            Expr::Column(column) => match left.field_from_column(&column) {
                Ok(field) => Transformed::yes(Expr::OuterReferenceColumn(Arc::clone(field), column)),
                Err(_) => Transformed::no(Expr::Column(column)),
            },
            other => Transformed::no(other),
        })
    })?;
    Ok(LogicalPlan::Filter(Filter::try_new(condition.data, Arc::new(plan))?))
}

fn unnested(join: Join, inner: LogicalPlan) -> Result<LogicalPlan> {
    let columns: Vec<_> =
        inner.schema().iter().map(|(relation, field)| (relation.cloned(), field.name().clone())).collect();
    let left: Vec<Expr> = join.left.schema().columns().into_iter().map(Expr::Column).collect();
    let mut lift = Lift::over(Arc::unwrap_or_clone(join.left));
    let outer_ref_columns = inner.all_out_ref_exprs();
    let inner = Subquery { subquery: Arc::new(inner), outer_ref_columns, spans: Spans::new() };
    let Expr::Column(rows) = lift.apply(&inner, Mode::Rows, None)? else {
        return not_impl_err!("LATERAL here");
    };
    let options = UnnestOptions::new().with_preserve_nulls(join.join_type == JoinType::Left);
    let unnested = LogicalPlanBuilder::from(lift.input)
        .unnest_columns_with_options(vec![rows.clone()], options)?
        .build()?;
    let right = columns.into_iter().enumerate().map(|(index, (relation, name))| {
        get_field(Expr::Column(rows.clone()), format!("c{index}")).alias_qualified(relation, name)
    });
    let exprs = left.into_iter().chain(right).collect();
    Ok(LogicalPlan::Projection(Projection::try_new(exprs, Arc::new(unnested))?))
}
