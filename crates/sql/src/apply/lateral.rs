//! Lateral joins: the right side sees the left side's row.
//!
//! The right side runs as an Apply that gives its rows as a list, which is then unnested. A
//! right side that is a plain SELECT with its references in WHERE is left to DataFusion, which
//! makes an ordinary join of it.

use std::sync::Arc;

use datafusion::common::tree_node::{Transformed, TreeNode};
use datafusion::common::{ExprSchema, JoinType, Result, TableReference, UnnestOptions, not_impl_err};
use datafusion::functions::core::expr_fn::get_field;
use datafusion::logical_expr::utils::conjunction;
use datafusion::logical_expr::{
    Expr, Filter, Join, LogicalPlan, LogicalPlanBuilder, Projection, Subquery, SubqueryAlias, lit,
};

use super::lift::Lift;
use super::node::Mode;
use super::rule::Stage;
use super::shape::is_select;

/// Puts an Apply in the place of a lateral join that DataFusion cannot be left to plan.
pub(super) fn rewrite(plan: LogicalPlan, stage: Stage) -> Result<Transformed<LogicalPlan>> {
    let LogicalPlan::Join(join) = plan else { return Ok(Transformed::no(plan)) };
    let Some((alias, subquery)) = lateral_side(&join.right) else {
        return Ok(Transformed::no(LogicalPlan::Join(join)));
    };
    let plain = stage == Stage::Before && join.join_type == JoinType::Inner && is_select(&subquery.subquery)?;
    if plain {
        return Ok(Transformed::no(LogicalPlan::Join(join)));
    }
    if !matches!(join.join_type, JoinType::Inner | JoinType::Left) {
        return not_impl_err!("LATERAL in a {} join", join.join_type);
    }
    let inner = inner_plan(&join, alias, &subquery)?;
    unnested(join, &subquery, inner).map(Transformed::yes)
}

fn lateral_side(plan: &LogicalPlan) -> Option<(Option<TableReference>, Subquery)> {
    match plan {
        LogicalPlan::Subquery(subquery) => Some((None, subquery.clone())),
        LogicalPlan::SubqueryAlias(SubqueryAlias { input, alias, .. }) => match input.as_ref() {
            LogicalPlan::Subquery(subquery) => Some((Some(alias.clone()), subquery.clone())),
            _ => None,
        },
        _ => None,
    }
}

/// The right side with the join's condition on top, where the left side's columns are outer ones.
fn inner_plan(join: &Join, alias: Option<TableReference>, subquery: &Subquery) -> Result<LogicalPlan> {
    let mut builder = LogicalPlanBuilder::from(subquery.subquery.as_ref().clone());
    if let Some(alias) = alias {
        builder = builder.alias(alias)?;
    }
    let plan = builder.build()?;
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

fn unnested(join: Join, subquery: &Subquery, inner: LogicalPlan) -> Result<LogicalPlan> {
    let columns: Vec<_> =
        inner.schema().iter().map(|(relation, field)| (relation.cloned(), field.name().clone())).collect();
    let left: Vec<Expr> = join.left.schema().columns().into_iter().map(Expr::Column).collect();
    let mut lift = Lift { input: Arc::unwrap_or_clone(join.left) };
    let inner = Subquery { subquery: Arc::new(inner), ..subquery.clone() };
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
