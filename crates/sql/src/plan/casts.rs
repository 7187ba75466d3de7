//! Casts that PostgreSQL does not have, though DataFusion would make something up for them.

use arrow::datatypes::DataType;
use datafusion::common::tree_node::{TreeNode, TreeNodeRecursion};
use datafusion::logical_expr::{Cast, Expr, ExprSchemable, LogicalPlan};
use lakeport_base::SqlState;

use crate::error::{Culprit, Error, Result};
use crate::plan::failure::{self, long_name};

/// Refuses casts between numbers and moments, and between truth values and what is no integer.
///
/// # Errors
///
/// 42846, as PostgreSQL says it.
pub(super) fn refuse_senseless(plan: &LogicalPlan) -> Result<()> {
    let mut refused = None;
    let looked = plan.apply_with_subqueries(|node| {
        let inputs = node.inputs();
        node.apply_expressions(|expr| {
            expr.apply(|expr| {
                if let Expr::Cast(Cast { expr: inner, field }) = expr {
                    let from = inputs.iter().find_map(|input| inner.get_type(input.schema()).ok());
                    let to = field.data_type();
                    if let Some(from) = from.filter(|from| is_senseless(from, to)) {
                        refused.get_or_insert((from, to.clone()));
                        return Ok(TreeNodeRecursion::Stop);
                    }
                }
                Ok(TreeNodeRecursion::Continue)
            })
        })
    });
    looked.map_err(failure::of)?;
    match refused {
        None => Ok(()),
        Some((from, to)) => {
            let message = format!("cannot cast type {} to {}", long_name(&from), long_name(&to));
            Err(Error::new(SqlState::CANNOT_COERCE, message).about(Culprit::Cast))
        }
    }
}

fn is_senseless(from: &DataType, to: &DataType) -> bool {
    let is_moment = |data_type: &DataType| {
        matches!(
            data_type,
            DataType::Date32
                | DataType::Date64
                | DataType::Time32(_)
                | DataType::Time64(_)
                | DataType::Timestamp(_, _)
                | DataType::Interval(_)
                | DataType::Duration(_)
        )
    };
    let is_truth = |data_type: &DataType| *data_type == DataType::Boolean;
    (from.is_numeric() && is_moment(to))
        || (is_moment(from) && to.is_numeric())
        || (is_truth(from) && (is_moment(to) || (to.is_numeric() && !to.is_integer())))
        || (is_truth(to) && (is_moment(from) || (from.is_numeric() && !from.is_integer())))
}
