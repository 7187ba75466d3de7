//! Aggregates of sorted values: `mode()`, `percentile_disc(f)` and, of an array of fractions, `percentile_cont(f)`, each
//! `WITHIN GROUP (ORDER BY x)`.
//!
//! Written as functions of the sorted array of values. `percentile_cont` of one fraction is the planner's.

use datafusion::sql::sqlparser::ast::{
    BinaryOperator, DataType, Expr, Function, FunctionArg, FunctionArgExpr, FunctionArgumentClause,
    FunctionArgumentList, FunctionArguments,
};

use crate::resolve::function::call;
use crate::resolve::relations;

/// The aggregate in functions that the planner has; none where it is another.
pub(super) fn spelled(function: &Function) -> Option<Expr> {
    let name = relations::parts(&function.name).pop()?;
    let FunctionArguments::List(list) = &function.args else { return None };
    let [sorted] = function.within_group.as_slice() else { return None };
    if function.over.is_some() {
        return None;
    }
    let fraction = match list.args.as_slice() {
        [] => None,
        [FunctionArg::Unnamed(FunctionArgExpr::Expr(fraction))] => Some(fraction.clone()),
        _ => return None,
    };
    let wanted = match (name.as_str(), &fraction) {
        ("mode", None) => "mode_of",
        ("percentile_disc", Some(_)) => "percentile_disc_of",
        ("percentile_cont", Some(fraction)) if is_array(fraction) => "percentile_cont_of",
        _ => return None,
    };
    let value = &sorted.expr;
    let is_there = Expr::IsNotNull(Box::new(nested(value)));
    let filter = match &function.filter {
        Some(filter) => {
            let (left, right) = (Box::new(nested(filter)), Box::new(is_there));
            Expr::BinaryOp { left, op: BinaryOperator::And, right }
        }
        None => is_there,
    };
    let Expr::Function(mut values) = call("array_agg", vec![value.clone()]) else { return None };
    if let FunctionArguments::List(FunctionArgumentList { clauses, .. }) = &mut values.args {
        *clauses = vec![FunctionArgumentClause::OrderBy(vec![sorted.clone()])];
    }
    values.filter = Some(Box::new(filter));
    let args = std::iter::once(Expr::Function(values)).chain(fraction);
    Some(call(wanted, args.collect()))
}

/// Whether an expression is written as an array.
fn is_array(expr: &Expr) -> bool {
    match expr {
        Expr::Array(_) | Expr::Cast { data_type: DataType::Array(_), .. } => true,
        Expr::Nested(inner) => is_array(inner),
        _ => false,
    }
}

fn nested(expr: &Expr) -> Expr {
    Expr::Nested(Box::new(expr.clone()))
}
