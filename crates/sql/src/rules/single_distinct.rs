//! `count(DISTINCT a)` beside `sum(b)`, kept to the types that were planned.
//!
//! DataFusion makes one DISTINCT into two groupings, and computes a plain `sum` beside it as a sum of sums. Our sums
//! are of another type than what they add up, as PostgreSQL's are, so that a sum of sums is not the sum that was
//! described. Where there is one, the statement runs as it was written.

use datafusion::common::Result;
use datafusion::common::tree_node::Transformed;
use datafusion::logical_expr::expr::AggregateFunction;
use datafusion::logical_expr::{Expr, LogicalPlan};
use datafusion::optimizer::optimizer::ApplyOrder;
use datafusion::optimizer::single_distinct_to_groupby::SingleDistinctToGroupBy;
use datafusion::optimizer::{OptimizerConfig, OptimizerRule};

/// DataFusion's rule for a single DISTINCT, where it changes no type.
#[derive(Debug, Default)]
pub struct SingleDistinct(SingleDistinctToGroupBy);

impl OptimizerRule for SingleDistinct {
    fn name(&self) -> &str {
        self.0.name()
    }

    fn apply_order(&self) -> Option<ApplyOrder> {
        self.0.apply_order()
    }

    fn supports_rewrite(&self) -> bool {
        true
    }

    fn rewrite(&self, plan: LogicalPlan, config: &dyn OptimizerConfig) -> Result<Transformed<LogicalPlan>> {
        match &plan {
            LogicalPlan::Aggregate(aggregate) if aggregate.aggr_expr.iter().any(is_plain_sum) => {
                Ok(Transformed::no(plan))
            }
            _ => self.0.rewrite(plan, config),
        }
    }
}

fn is_plain_sum(expr: &Expr) -> bool {
    match expr {
        Expr::AggregateFunction(AggregateFunction { func, params }) => {
            func.name() == "sum" && !params.distinct
        }
        _ => false,
    }
}
