//! Whether a cast can be NULL: as what it casts.
//!
//! A plan takes that from the value that is cast, the running expression from the cast's own field where it says more
//! than a type. DataFusion refuses an aggregation over a column about which the two differ.

use std::sync::Arc;

use datafusion::common::Result;
use datafusion::common::tree_node::{Transformed, TreeNode};
use datafusion::logical_expr::utils::merge_schema;
use datafusion::logical_expr::{Cast, Expr, ExprSchemable, LogicalPlan};
use datafusion::optimizer::optimizer::ApplyOrder;
use datafusion::optimizer::{OptimizerConfig, OptimizerRule};

/// Gives the field of each cast the nullability of its value. The last rule, for others may change what is NULL.
#[derive(Debug, Default)]
pub struct CastNulls;

impl OptimizerRule for CastNulls {
    fn name(&self) -> &str {
        "cast_nulls"
    }

    fn apply_order(&self) -> Option<ApplyOrder> {
        Some(ApplyOrder::BottomUp)
    }

    fn supports_rewrite(&self) -> bool {
        true
    }

    fn rewrite(&self, plan: LogicalPlan, _config: &dyn OptimizerConfig) -> Result<Transformed<LogicalPlan>> {
        // The filters of a scan name columns that no input has, and nothing is aggregated there.
        if matches!(plan, LogicalPlan::TableScan(_)) {
            return Ok(Transformed::no(plan));
        }
        let schema = merge_schema(&plan.inputs());
        plan.map_expressions(|expr| {
            expr.transform_up(|expr| {
                let Expr::Cast(cast) = &expr else { return Ok(Transformed::no(expr)) };
                let Ok(is_nullable) = cast.expr.nullable(&schema) else { return Ok(Transformed::no(expr)) };
                let says_type_only = cast.field.name().is_empty() && cast.field.metadata().is_empty();
                if says_type_only || cast.field.is_nullable() == is_nullable {
                    return Ok(Transformed::no(expr));
                }
                let field = Arc::new(cast.field.as_ref().clone().with_nullable(is_nullable));
                Ok(Transformed::yes(Expr::Cast(Cast { expr: cast.expr.clone(), field })))
            })
        })
    }
}
