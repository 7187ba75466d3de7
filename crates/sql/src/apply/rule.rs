//! The rules that put Apply nodes where subqueries stood.
//!
//! [`ApplySubqueries`] runs last of the analyzer, before DataFusion checks the plan, and takes
//! what DataFusion would refuse or mistake. [`ApplyLeftovers`] runs right after DataFusion's own
//! decorrelation and takes what that left standing.

use std::sync::Arc;

use datafusion::common::config::ConfigOptions;
use datafusion::common::tree_node::{Transformed, TreeNode, TreeNodeRecursion};
use datafusion::common::{DFSchemaRef, JoinType, Result, not_impl_err};
use datafusion::logical_expr::expr_rewriter::NamePreserver;
use datafusion::logical_expr::utils::{conjunction, split_conjunction_owned};
use datafusion::logical_expr::{
    Aggregate, Distinct, DistinctOn, Expr, Filter, Join, LogicalPlan, LogicalPlanBuilder, Projection, Sort,
    SortExpr, Window,
};
use datafusion::optimizer::{AnalyzerRule, ApplyOrder, OptimizerConfig, OptimizerRule};

use super::lateral;
use super::lift::Lift;
use super::refs::{free, resolves, subquery_of, with_subquery};
use super::shape::{has_subquery, joins_condition, joins_value, only_constants};

/// When a rule runs, and so whether DataFusion's decorrelation is still to come.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Stage {
    /// It is still to come.
    Before,
    /// It has been, and what is left is ours.
    After,
}

/// Puts an Apply in the place of each subquery that DataFusion would refuse or mistake.
#[derive(Debug, Default)]
pub struct ApplySubqueries;

impl AnalyzerRule for ApplySubqueries {
    fn analyze(&self, plan: LogicalPlan, _config: &ConfigOptions) -> Result<LogicalPlan> {
        rewrite(plan)
    }

    fn name(&self) -> &str {
        "apply_subqueries"
    }
}

/// Puts an Apply in the place of each subquery that DataFusion's decorrelation left standing.
#[derive(Debug, Default)]
pub struct ApplyLeftovers;

impl OptimizerRule for ApplyLeftovers {
    fn name(&self) -> &str {
        "apply_leftovers"
    }

    fn apply_order(&self) -> Option<ApplyOrder> {
        Some(ApplyOrder::BottomUp)
    }

    fn supports_rewrite(&self) -> bool {
        true
    }

    fn rewrite(&self, plan: LogicalPlan, _config: &dyn OptimizerConfig) -> Result<Transformed<LogicalPlan>> {
        rewrite_node(plan, Stage::After)
    }
}

/// A plan with every subquery replaced that DataFusion would refuse or mistake.
fn rewrite(plan: LogicalPlan) -> Result<LogicalPlan> {
    plan.transform_up(|node| rewrite_node(node, Stage::Before)).map(|rewritten| rewritten.data)
}

fn rewrite_node(node: LogicalPlan, stage: Stage) -> Result<Transformed<LogicalPlan>> {
    let lateral = lateral::rewrite(node, stage)?;
    if lateral.transformed || !node_has_subquery(&lateral.data)? {
        return Ok(lateral);
    }
    let rewritten = match lateral.data {
        LogicalPlan::Filter(filter) => rewrite_filter(filter, stage),
        LogicalPlan::Projection(projection) => rewrite_projection(projection, stage),
        LogicalPlan::Aggregate(aggregate) => rewrite_aggregate(aggregate),
        LogicalPlan::Sort(sort) => rewrite_sort(sort),
        LogicalPlan::Window(window) => rewrite_window(window),
        LogicalPlan::Join(join) => rewrite_join(join, stage),
        LogicalPlan::Distinct(Distinct::On(on)) => rewrite_distinct_on(on),
        other => refuse_unless_constant(other),
    }?;
    if stage == Stage::After {
        return Ok(Transformed::yes(rewritten));
    }
    rewritten
        .map_expressions(|expr| {
            let name = NamePreserver::new_for_projection().save(&expr);
            Ok(expr.transform_down(rewrite_inside)?.update_data(|expr| name.restore(expr)))
        })
        .map(|rewritten| Transformed::yes(rewritten.data))
}

/// The plan of a subquery that stays where it is holds subqueries of its own.
fn rewrite_inside(expr: Expr) -> Result<Transformed<Expr>> {
    let Some(subquery) = subquery_of(&expr) else { return Ok(Transformed::no(expr)) };
    let plan = rewrite(subquery.subquery.as_ref().clone())?;
    Ok(Transformed::yes(with_subquery(expr, plan)))
}

fn rewrite_filter(filter: Filter, stage: Stage) -> Result<LogicalPlan> {
    let schema = Arc::clone(filter.input.schema());
    let (mut plain, mut joined, mut lifted) = (Vec::new(), Vec::new(), Vec::new());
    for condition in split_conjunction_owned(filter.predicate) {
        if !has_subquery(&condition)? {
            plain.push(condition);
        } else if stays(&condition, stage, joins_condition)? {
            joined.push(condition);
        } else {
            lifted.push(condition);
        }
    }
    // Conditions without subqueries come first: each row they drop is a run of a subquery less.
    let input = filtered(Arc::unwrap_or_clone(filter.input), plain)?;
    let input = filtered(input, joined)?;
    if lifted.is_empty() {
        return Ok(input);
    }
    let mut lift = Lift::over(input);
    let conditions =
        lifted.into_iter().map(|condition| lift.out_of(condition)).collect::<Result<Vec<_>>>()?;
    let filtered = filtered(lift.input, conditions)?;
    restored(filtered, &schema)
}

fn rewrite_projection(projection: Projection, stage: Stage) -> Result<LogicalPlan> {
    let names = NamePreserver::new_for_projection();
    let mut lift = Lift::over(Arc::unwrap_or_clone(projection.input));
    let mut exprs = Vec::with_capacity(projection.expr.len());
    for expr in projection.expr {
        if stays(&expr, stage, joins_value)? {
            exprs.push(expr);
        } else {
            let name = names.save(&expr);
            exprs.push(name.restore(lift.out_of(expr)?));
        }
    }
    Ok(LogicalPlan::Projection(Projection::try_new(exprs, Arc::new(lift.input))?))
}

fn rewrite_aggregate(aggregate: Aggregate) -> Result<LogicalPlan> {
    let mut lift = Lift::over(Arc::unwrap_or_clone(aggregate.input));
    let group = lift_named(&mut lift, aggregate.group_expr)?;
    let aggregates = lift_named(&mut lift, aggregate.aggr_expr)?;
    Ok(LogicalPlan::Aggregate(Aggregate::try_new(Arc::new(lift.input), group, aggregates)?))
}

fn rewrite_distinct_on(on: DistinctOn) -> Result<LogicalPlan> {
    let mut lift = Lift::over(Arc::unwrap_or_clone(on.input));
    let on_expr = lift_named(&mut lift, on.on_expr)?;
    let select_expr = lift_named(&mut lift, on.select_expr)?;
    let keys = on.sort_expr.map(|keys| {
        keys.into_iter()
            .map(|key| Ok(SortExpr { expr: lift.out_of(key.expr)?, ..key }))
            .collect::<Result<_>>()
    });
    let sort_expr = keys.transpose()?;
    let on = DistinctOn::try_new(on_expr, select_expr, sort_expr, Arc::new(lift.input))?;
    Ok(LogicalPlan::Distinct(Distinct::On(on)))
}

fn rewrite_sort(sort: Sort) -> Result<LogicalPlan> {
    let schema = Arc::clone(sort.input.schema());
    let mut lift = Lift::over(Arc::unwrap_or_clone(sort.input));
    let mut keys = Vec::with_capacity(sort.expr.len());
    for key in sort.expr {
        keys.push(SortExpr { expr: lift.out_of(key.expr)?, ..key });
    }
    let sorted = LogicalPlan::Sort(Sort { expr: keys, input: Arc::new(lift.input), fetch: sort.fetch });
    restored(sorted, &schema)
}

fn rewrite_window(window: Window) -> Result<LogicalPlan> {
    let schema = Arc::clone(&window.schema);
    let mut lift = Lift::over(Arc::unwrap_or_clone(window.input));
    let exprs = lift_named(&mut lift, window.window_expr)?;
    restored(LogicalPlan::Window(Window::try_new(exprs, Arc::new(lift.input))?), &schema)
}

fn rewrite_join(join: Join, stage: Stage) -> Result<LogicalPlan> {
    let Some(condition) = join.filter else { return refuse_unless_constant(LogicalPlan::Join(join)) };
    if only_constants(&condition)? {
        return Ok(LogicalPlan::Join(Join { filter: Some(condition), ..join }));
    }
    match join.join_type {
        JoinType::Inner => {
            let joined = LogicalPlan::Join(Join { filter: None, ..join });
            rewrite_filter(Filter::try_new(condition, Arc::new(joined))?, stage)
        }
        // What concerns only the side that may be missing can be asked before the join.
        JoinType::Left => {
            let (early, late): (Vec<_>, Vec<_>) = split_conjunction_owned(condition)
                .into_iter()
                .partition(|part| has_subquery(part).unwrap_or(true));
            let right_schema = Arc::clone(join.right.schema());
            for part in &early {
                if !concerns_only(part, &right_schema)? {
                    return not_impl_err!("a subquery over both sides of an outer join in its ON");
                }
            }
            let Some(early) = conjunction(early) else { return not_impl_err!("this ON of an outer join") };
            let right = rewrite_filter(Filter::try_new(early, join.right)?, stage)?;
            Ok(LogicalPlan::Join(Join { right: Arc::new(right), filter: conjunction(late), ..join }))
        }
        _ => not_impl_err!("a subquery in the ON of a {} join", join.join_type),
    }
}

fn concerns_only(expr: &Expr, schema: &DFSchemaRef) -> Result<bool> {
    let mut all = expr.column_refs().iter().all(|column| resolves(schema, column));
    expr.apply(|expr| {
        if let Some(subquery) = subquery_of(expr) {
            all = all && free(&subquery.subquery)?.iter().all(|(_, column)| resolves(schema, column));
        }
        Ok(TreeNodeRecursion::Continue)
    })?;
    Ok(all)
}

fn refuse_unless_constant(plan: LogicalPlan) -> Result<LogicalPlan> {
    let mut constant = true;
    plan.apply_expressions(|expr| {
        constant = constant && only_constants(expr)?;
        Ok(TreeNodeRecursion::Continue)
    })?;
    if constant { Ok(plan) } else { not_impl_err!("a subquery in this place") }
}

/// Whether all subqueries of an expression stay where they are.
fn stays(expr: &Expr, stage: Stage, joins: impl Fn(&Expr) -> Result<bool>) -> Result<bool> {
    Ok(only_constants(expr)? || (stage == Stage::Before && joins(expr)?))
}

fn node_has_subquery(plan: &LogicalPlan) -> Result<bool> {
    let mut found = false;
    plan.apply_expressions(|expr| {
        found = found || has_subquery(expr)?;
        Ok(if found { TreeNodeRecursion::Stop } else { TreeNodeRecursion::Continue })
    })?;
    Ok(found)
}

fn lift_named(lift: &mut Lift, exprs: Vec<Expr>) -> Result<Vec<Expr>> {
    let names = NamePreserver::new_for_projection();
    exprs
        .into_iter()
        .map(|expr| {
            let name = names.save(&expr);
            Ok(name.restore(lift.out_of(expr)?))
        })
        .collect()
}

fn filtered(input: LogicalPlan, conditions: Vec<Expr>) -> Result<LogicalPlan> {
    match conjunction(conditions) {
        Some(predicate) => Ok(LogicalPlan::Filter(Filter::try_new(predicate, Arc::new(input))?)),
        None => Ok(input),
    }
}

/// The plan with just the columns of this schema.
fn restored(plan: LogicalPlan, schema: &DFSchemaRef) -> Result<LogicalPlan> {
    let columns = schema.columns().into_iter().map(Expr::Column);
    LogicalPlanBuilder::from(plan).project(columns)?.build()
}
