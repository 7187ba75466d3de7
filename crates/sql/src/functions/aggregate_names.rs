//! Aggregates that differ only in a cast: `sum(x), sum(x::numeric)`.
//!
//! DataFusion names an aggregate after its arguments and leaves their casts out of the name, so that two such
//! aggregates would be one. An argument with a cast in it gets a name that tells of it.

use datafusion::common::Result;
use datafusion::common::tree_node::TreeNode;
use datafusion::logical_expr::Expr;
use datafusion::logical_expr::planner::{ExprPlanner, PlannerResult, RawAggregateExpr, RawWindowExpr};

/// Names arguments by their casts too.
#[derive(Debug, Default)]
pub(super) struct AggregateNames;

impl ExprPlanner for AggregateNames {
    fn plan_aggregate(&self, mut expr: RawAggregateExpr) -> Result<PlannerResult<RawAggregateExpr>> {
        expr.args = named(expr.args)?;
        Ok(PlannerResult::Original(expr))
    }

    fn plan_window(&self, mut expr: RawWindowExpr) -> Result<PlannerResult<RawWindowExpr>> {
        expr.args = named(expr.args)?;
        Ok(PlannerResult::Original(expr))
    }
}

fn named(args: Vec<Expr>) -> Result<Vec<Expr>> {
    let args = args.into_iter().enumerate().map(|(index, arg)| {
        // Behind the first, constants are settings: a separator, a fraction.
        let is_setting =
            index > 0 && matches!(&arg, Expr::Cast(cast) if matches!(*cast.expr, Expr::Literal(..)));
        let has_cast = !is_setting && arg.exists(|expr| Ok(matches!(expr, Expr::Cast(_))))?;
        Ok(if has_cast { arg.clone().alias(arg.to_string()) } else { arg })
    });
    args.collect()
}
