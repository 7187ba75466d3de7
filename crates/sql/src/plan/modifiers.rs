//! Which columns of an answer have a modifier, as numeric(10,2) has one.
//!
//! An Arrow decimal always has a precision and a scale. PostgreSQL tells them only of what is a column of a table
//! or a cast to such a type; sums, products, literals and what functions give are numerics without a modifier.
//!
//! Source: `exprTypmod` in PostgreSQL's `nodeFuncs.c`.

use datafusion::logical_expr::{Expr, Join, JoinType, LogicalPlan};

use crate::types::is_open_numeric;

/// Whether each column of a plan has the modifier that its type says. The plan must be as it was written: what is
/// cast by rule later looks like a cast of the query's own.
pub(super) fn kept(plan: &LogicalPlan) -> Vec<bool> {
    (0..plan.schema().fields().len()).map(|index| keeps(plan, index)).collect()
}

fn keeps(plan: &LogicalPlan, index: usize) -> bool {
    match plan {
        LogicalPlan::TableScan(_) => true,
        LogicalPlan::Projection(node) => node.expr.get(index).is_some_and(|expr| has(expr, &node.input)),
        LogicalPlan::Aggregate(node) => node.group_expr.get(index).is_some_and(|expr| has(expr, &node.input)),
        LogicalPlan::Window(node) => index < node.input.schema().fields().len() && keeps(&node.input, index),
        LogicalPlan::Union(node) => {
            let of_type = |input: &LogicalPlan| input.schema().field(index).data_type().clone();
            let first = node.inputs.first().map(|input| of_type(input));
            node.inputs.iter().all(|input| keeps(input, index) && Some(of_type(input)) == first)
        }
        LogicalPlan::Join(node) => joined(node, index),
        LogicalPlan::Filter(_)
        | LogicalPlan::Sort(_)
        | LogicalPlan::Limit(_)
        | LogicalPlan::Distinct(_)
        | LogicalPlan::SubqueryAlias(_)
        | LogicalPlan::Subquery(_) => plan.inputs().first().is_some_and(|input| keeps(input, index)),
        _ => false,
    }
}

fn joined(node: &Join, index: usize) -> bool {
    let left = node.left.schema().fields().len();
    match node.join_type {
        JoinType::RightSemi | JoinType::RightAnti | JoinType::RightMark => keeps(&node.right, index),
        _ if index < left => keeps(&node.left, index),
        _ => index - left < node.right.schema().fields().len() && keeps(&node.right, index - left),
    }
}

fn has(expr: &Expr, input: &LogicalPlan) -> bool {
    match expr {
        Expr::Alias(alias) => has(&alias.expr, input),
        Expr::Column(column) => {
            input.schema().maybe_index_of_column(column).is_some_and(|index| keeps(input, index))
        }
        Expr::Cast(cast) => !is_open_numeric(cast.field.data_type()),
        Expr::ScalarSubquery(query) => keeps(&query.subquery, 0),
        _ => false,
    }
}
