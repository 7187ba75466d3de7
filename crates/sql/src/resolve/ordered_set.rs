//! `percentile_disc(f) WITHIN GROUP (ORDER BY x)`: the first value with at least that part of all values before it.
//!
//! It is an element of the sorted array of values, and written so.
//!
//! Source: `percentile_disc_final` in PostgreSQL's `orderedsetaggs.c`.

use datafusion::sql::sqlparser::ast::{
    BinaryOperator, CastKind, DataType, Expr, Function, FunctionArg, FunctionArgExpr, FunctionArgumentClause,
    FunctionArgumentList, FunctionArguments, Value,
};

use crate::resolve::function::call;
use crate::resolve::relations;

/// The aggregate in functions that the planner has; none where it is another.
pub(super) fn spelled(function: &Function) -> Option<Expr> {
    let name = relations::parts(&function.name).pop()?;
    let FunctionArguments::List(list) = &function.args else { return None };
    let ([FunctionArg::Unnamed(FunctionArgExpr::Expr(part))], [sorted]) =
        (list.args.as_slice(), function.within_group.as_slice())
    else {
        return None;
    };
    if name != "percentile_disc" || function.over.is_some() {
        return None;
    }
    let value = &sorted.expr;
    let is_there = Expr::IsNotNull(Box::new(nested(value)));
    let filter = match &function.filter {
        Some(filter) => binary(nested(filter), BinaryOperator::And, is_there),
        None => is_there,
    };
    let aggregate = |name: &str, clauses: Vec<FunctionArgumentClause>| {
        let Expr::Function(mut aggregate) = call(name, vec![value.clone()]) else { return None };
        if let FunctionArguments::List(FunctionArgumentList { clauses: own, .. }) = &mut aggregate.args {
            *own = clauses;
        }
        aggregate.filter = Some(Box::new(filter.clone()));
        Some(Expr::Function(aggregate))
    };
    let values = aggregate("array_agg", vec![FunctionArgumentClause::OrderBy(vec![sorted.clone()])])?;
    let count = aggregate("count", Vec::new())?;
    let place = binary(cast(nested(part), DataType::Float8), BinaryOperator::Multiply, count);
    let place = cast(call("ceil", vec![place]), DataType::Int4(None));
    let one = Expr::Value(Value::Number("1".into(), false).with_empty_span());
    Some(call("array_subscript", vec![values, call("greatest", vec![place, one])]))
}

fn nested(expr: &Expr) -> Expr {
    Expr::Nested(Box::new(expr.clone()))
}

fn binary(left: Expr, op: BinaryOperator, right: Expr) -> Expr {
    Expr::BinaryOp { left: Box::new(left), op, right: Box::new(right) }
}

fn cast(expr: Expr, data_type: DataType) -> Expr {
    Expr::Cast { kind: CastKind::Cast, expr: Box::new(expr), data_type, array: false, format: None }
}
