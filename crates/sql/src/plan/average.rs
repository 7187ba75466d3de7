//! Averages of numbers: a sum divided by a count, with the digits that PostgreSQL's quotient has.
//!
//! Source: `numeric_avg` in PostgreSQL's `numeric.c`, which divides so.

use std::sync::Arc;

use arrow::datatypes::DataType;
use datafusion::common::{Column, DFSchema, Result};
use datafusion::functions_aggregate::count::count_udaf;
use datafusion::logical_expr::expr::{AggregateFunction, WindowFunction};
use datafusion::logical_expr::{
    Aggregate, AggregateUDF, Expr, ExprSchemable, LogicalPlan, Projection, Window, WindowFunctionDefinition,
};

use crate::functions::{numeric_quotient, summing};

/// A node without averages of numerics and integers, their quotients over it; any other node as it is.
pub(super) fn split(node: LogicalPlan) -> Result<LogicalPlan> {
    match node {
        LogicalPlan::Aggregate(aggregate) => {
            let Some(parts) = Parts::of(&aggregate.aggr_expr, aggregate.input.schema())? else {
                return Ok(LogicalPlan::Aggregate(aggregate));
            };
            let inner = Aggregate::try_new(aggregate.input, aggregate.group_expr, parts.exprs.clone())?;
            parts.over(LogicalPlan::Aggregate(inner), &aggregate.schema)
        }
        LogicalPlan::Window(window) => {
            let Some(parts) = Parts::of(&window.window_expr, window.input.schema())? else {
                return Ok(LogicalPlan::Window(window));
            };
            let inner = Window::try_new(parts.exprs.clone(), window.input)?;
            parts.over(LogicalPlan::Window(inner), &window.schema)
        }
        other => Ok(other),
    }
}

/// What is computed in place of averages.
struct Parts {
    /// Everything, each once.
    exprs: Vec<Expr>,
    /// For each expression that there was: where it is now, or where its sum and its count are.
    places: Vec<(usize, Option<usize>)>,
}

impl Parts {
    /// The parts of these expressions; none where no average is among them.
    fn of(exprs: &[Expr], schema: &DFSchema) -> Result<Option<Parts>> {
        let mut parts = Parts { exprs: Vec::new(), places: Vec::new() };
        for expr in exprs {
            let place = match halves(expr, schema)? {
                Some((sum, count)) => (parts.place(sum), Some(parts.place(count))),
                None => (parts.place(expr.clone()), None),
            };
            parts.places.push(place);
        }
        Ok(parts.places.iter().any(|(_, count)| count.is_some()).then_some(parts))
    }

    fn place(&mut self, expr: Expr) -> usize {
        let found = self.exprs.iter().position(|known| *known == expr);
        found.unwrap_or_else(|| {
            self.exprs.push(expr);
            self.exprs.len() - 1
        })
    }

    /// The columns that there were, over the node that computes the parts.
    fn over(&self, inner: LogicalPlan, schema: &DFSchema) -> Result<LogicalPlan> {
        let before = schema.fields().len() - self.places.len();
        let of = |index: usize| Expr::Column(Column::from(inner.schema().qualified_field(before + index)));
        let columns = schema.iter().enumerate().map(|(index, (qualifier, field))| {
            let Some((value, count)) = index.checked_sub(before).map(|index| self.places[index]) else {
                return Expr::Column(Column::from((qualifier, field)));
            };
            match count {
                Some(count) => {
                    numeric_quotient(of(value), of(count)).alias_qualified(qualifier.cloned(), field.name())
                }
                None => of(value),
            }
        });
        let columns = columns.collect();
        Ok(LogicalPlan::Projection(Projection::try_new(columns, Arc::new(inner))?))
    }
}

/// The sum and the count of an average whose argument is exact.
fn halves(expr: &Expr, schema: &DFSchema) -> Result<Option<(Expr, Expr)>> {
    match expr {
        Expr::Alias(alias) => halves(&alias.expr, schema),
        Expr::AggregateFunction(average) if is_exact(average.func.name(), &average.params.args, schema)? => {
            let with = |func: Arc<AggregateUDF>| {
                Expr::AggregateFunction(AggregateFunction { func, params: average.params.clone() })
            };
            Ok(Some((with(summing()), with(count_udaf()))))
        }
        Expr::WindowFunction(average) if is_exact(average.fun.name(), &average.params.args, schema)? => {
            let with = |func: Arc<AggregateUDF>| {
                let fun = WindowFunctionDefinition::AggregateUDF(func);
                Expr::WindowFunction(Box::new(WindowFunction { fun, params: average.params.clone() }))
            };
            Ok(Some((with(summing()), with(count_udaf()))))
        }
        _ => Ok(None),
    }
}

fn is_exact(name: &str, args: &[Expr], schema: &DFSchema) -> Result<bool> {
    let [arg] = args else { return Ok(false) };
    if name != "avg" {
        return Ok(false);
    }
    let data_type = arg.get_type(schema)?;
    Ok(data_type.is_decimal() || (data_type.is_integer() && data_type != DataType::Null))
}
