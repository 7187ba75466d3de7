//! Queries that are put together, given one type in each column: UNION, INTERSECT, EXCEPT, WITH RECURSIVE.
//!
//! Invariant: every column keeps its name, since those above name it.

use std::sync::Arc;

use arrow::datatypes::FieldRef;
use datafusion::common::{Column, Result};
use datafusion::logical_expr::{
    Distinct, Expr, Join, JoinType, LogicalPlan, Projection, RecursiveQuery, SubqueryAlias, Union,
};

use super::common::{Common, common};
use super::unify::{cast, external, is_open, mismatch};
use super::{marks, numeric};
use crate::error::Culprit;

/// A UNION whose queries have one type in each column.
pub(super) fn union(union: Union) -> Result<LogicalPlan> {
    let Union { inputs, schema: named } = union;
    let targets = targets(&inputs, named.fields().len(), "UNION")?;
    let inputs =
        inputs.into_iter().map(|input| input_unified(input, &targets)).collect::<Result<Vec<_>>>()?;
    Ok(LogicalPlan::Union(Union::try_new_with_loose_types(inputs)?))
}

/// An INTERSECT or EXCEPT whose queries have one type in each column.
pub(super) fn intersection(join: Join) -> Result<LogicalPlan> {
    let word = if join.join_type == JoinType::LeftSemi { "INTERSECT" } else { "EXCEPT" };
    let width = join.left.schema().fields().len();
    let targets = targets(&[Arc::clone(&join.left), Arc::clone(&join.right)], width, word)?;
    let (left, right) = (input_unified(join.left, &targets)?, input_unified(join.right, &targets)?);
    let columns = |plan: &LogicalPlan| plan.schema().columns().into_iter().map(Expr::Column);
    let on = columns(&left).zip(columns(&right)).collect();
    Ok(LogicalPlan::Join(Join::try_new(
        left,
        right,
        on,
        join.filter,
        join.join_type,
        join.join_constraint,
        join.null_equality,
        join.null_aware,
    )?))
}

/// The types that the columns of queries have in common.
fn targets(inputs: &[Arc<LogicalPlan>], width: usize, word: &'static str) -> Result<Vec<Option<FieldRef>>> {
    let mut targets: Vec<Option<FieldRef>> = Vec::with_capacity(width);
    for index in 0..width {
        let known: Vec<FieldRef> = inputs
            .iter()
            .filter(|input| !is_open_column(input, index))
            .map(|input| Arc::clone(&input.schema().fields()[index]))
            .collect();
        targets.push(match common(&known) {
            Common::Field(field) if field.data_type().is_decimal() => {
                Some(numeric::union_type(inputs, index).unwrap_or(field))
            }
            Common::Field(field) => Some(field),
            Common::Mismatch(left, right) => {
                return Err(external(mismatch(word, &left, &right).about(Culprit::Column(index))));
            }
            Common::Open => None,
        });
    }
    Ok(targets)
}

/// A recursive query whose parts have one type in each column.
pub(super) fn recursion(query: RecursiveQuery) -> Result<LogicalPlan> {
    let targets = super::recursion::targets(&query);
    if targets.iter().all(Option::is_none) {
        return marks::recursive(query);
    }
    let first = input_unified(query.static_term, &targets)?;
    let turn = Arc::new(super::recursion::uncast(Arc::unwrap_or_clone(query.recursive_term))?);
    let turn = input_unified(turn, &targets)?;
    marks::recursive(RecursiveQuery::try_new(query.name, first, turn, query.is_distinct)?)
}

/// Whether a query's column is a constant whose type is open.
fn is_open_column(plan: &LogicalPlan, index: usize) -> bool {
    match plan {
        LogicalPlan::Projection(projection) => projection.expr.get(index).is_some_and(is_open),
        LogicalPlan::Distinct(Distinct::All(input)) => is_open_column(input, index),
        LogicalPlan::SubqueryAlias(alias) => is_open_column(&alias.input, index),
        _ => false,
    }
}

fn input_unified(input: Arc<LogicalPlan>, targets: &[Option<FieldRef>]) -> Result<Arc<LogicalPlan>> {
    let schema = Arc::clone(input.schema());
    let fits = |(field, target): (&FieldRef, &Option<FieldRef>)| {
        target.as_ref().is_none_or(|target| {
            field.data_type() == target.data_type() && field.metadata() == target.metadata()
        })
    };
    if schema.fields().iter().zip(targets).all(fits) {
        return Ok(input);
    }
    if let LogicalPlan::Distinct(Distinct::All(inner)) = input.as_ref() {
        let inner = input_unified(Arc::clone(inner), targets)?;
        return Ok(Arc::new(LogicalPlan::Distinct(Distinct::All(inner))));
    }
    if let LogicalPlan::SubqueryAlias(SubqueryAlias { input: inner, alias, .. }) = input.as_ref()
        && (0..targets.len()).any(|index| is_open_column(inner, index))
    {
        let inner = input_unified(Arc::clone(inner), targets)?;
        let named = SubqueryAlias::try_new(inner, alias.clone())?;
        return Ok(Arc::new(LogicalPlan::SubqueryAlias(named)));
    }
    // A constant is cast where it stands: a column of it would be a text already.
    if let LogicalPlan::Projection(projection) = input.as_ref() {
        let exprs = projection.expr.iter().zip(targets).zip(schema.iter()).map(|((expr, target), named)| {
            let (qualifier, field) = named;
            match target {
                Some(target) => {
                    let cast = cast(expr.clone().unalias(), target, projection.input.schema())?;
                    Ok(cast.alias_qualified(qualifier.cloned(), field.name()))
                }
                None => Ok(expr.clone()),
            }
        });
        let exprs = exprs.collect::<Result<Vec<_>>>()?;
        return Ok(Arc::new(LogicalPlan::Projection(Projection::try_new(
            exprs,
            Arc::clone(&projection.input),
        )?)));
    }
    let exprs = schema.iter().zip(targets).map(|((qualifier, field), target)| {
        let column = Expr::Column(Column::new(qualifier.cloned(), field.name()));
        match target {
            Some(target) => {
                Ok(cast(column, target, &schema)?.alias_qualified(qualifier.cloned(), field.name()))
            }
            None => Ok(column),
        }
    });
    let exprs = exprs.collect::<Result<Vec<_>>>()?;
    Ok(Arc::new(LogicalPlan::Projection(Projection::try_new(exprs, input)?)))
}
