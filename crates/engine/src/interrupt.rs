//! Makes plans stop where they would not look up.
//!
//! A statement is stopped by dropping its tasks, which takes effect where they next wait. A join may compute for
//! hours without ever waiting: its inputs are in memory, and what it makes goes straight into the next operator, or
//! into a filter that lets nothing through. So what joins and scans give is guarded ([`GuardExec`]), and each filter of
//! a join looks first whether anybody still wants the answer. What comes from arrays is cut to batches of the usual size.

use std::fmt;
use std::hash::{Hash, Hasher};
use std::sync::Arc;

use arrow::datatypes::{FieldRef, Schema};
use arrow::record_batch::RecordBatch;
use datafusion::common::Result;
use datafusion::common::tree_node::{Transformed, TreeNode};
use datafusion::logical_expr::ColumnarValue;
use datafusion::physical_expr::PhysicalExpr;
use datafusion::physical_plan::ExecutionPlan;
use datafusion::physical_plan::joins::utils::JoinFilter;
use datafusion::physical_plan::joins::{
    CrossJoinExec, HashJoinExec, HashJoinExecBuilder, NestedLoopJoinExec, NestedLoopJoinExecBuilder,
};
use datafusion::physical_plan::unnest::UnnestExec;

use lakeport_sql::Unwanted;

use crate::guard::GuardExec;
use crate::split::SplitExec;

/// The same plan, with joins that give way and stop once the answer is unwanted.
pub(crate) fn interruptible(
    plan: Arc<dyn ExecutionPlan>,
    unwanted: &Unwanted,
) -> Result<Arc<dyn ExecutionPlan>> {
    let interruptible = plan.transform_up(|plan| {
        let join: Arc<dyn ExecutionPlan> = if let Some(join) = plan.downcast_ref::<NestedLoopJoinExec>() {
            let filter = join.filter().map(|filter| watched(filter, unwanted));
            Arc::new(NestedLoopJoinExecBuilder::from(join).with_filter(filter).build()?)
        } else if let Some(join) = plan.downcast_ref::<HashJoinExec>() {
            match join.filter() {
                Some(filter) => {
                    let filter = Some(watched(filter, unwanted));
                    Arc::new(HashJoinExecBuilder::from(join).with_filter(filter).build()?)
                }
                None => plan,
            }
        } else if plan.downcast_ref::<CrossJoinExec>().is_some() || plan.children().is_empty() {
            plan
        } else if plan.downcast_ref::<UnnestExec>().is_some() {
            Arc::new(SplitExec::new(plan))
        } else {
            return Ok(Transformed::no(plan));
        };
        Ok(Transformed::yes(Arc::new(GuardExec::new(join, unwanted.clone())) as Arc<dyn ExecutionPlan>))
    })?;
    Ok(interruptible.data)
}

fn watched(filter: &JoinFilter, unwanted: &Unwanted) -> JoinFilter {
    let inner = Arc::clone(filter.expression());
    let watched = Arc::new(Watched { inner, unwanted: unwanted.clone() });
    JoinFilter::new(watched, filter.column_indices().to_vec(), Arc::clone(filter.schema()))
}

/// A filter that fails once the answer is unwanted. The error goes nowhere: nobody reads it.
#[derive(Debug)]
struct Watched {
    inner: Arc<dyn PhysicalExpr>,
    unwanted: Unwanted,
}

impl PartialEq for Watched {
    fn eq(&self, other: &Self) -> bool {
        self.inner.eq(&other.inner)
    }
}

impl Eq for Watched {}

impl Hash for Watched {
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.inner.hash(state);
    }
}

impl fmt::Display for Watched {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.inner.fmt(f)
    }
}

impl PhysicalExpr for Watched {
    fn return_field(&self, input_schema: &Schema) -> Result<FieldRef> {
        self.inner.return_field(input_schema)
    }

    fn evaluate(&self, batch: &RecordBatch) -> Result<ColumnarValue> {
        self.unwanted.check()?;
        self.inner.evaluate(batch)
    }

    fn children(&self) -> Vec<&Arc<dyn PhysicalExpr>> {
        vec![&self.inner]
    }

    fn with_new_children(
        self: Arc<Self>,
        mut children: Vec<Arc<dyn PhysicalExpr>>,
    ) -> Result<Arc<dyn PhysicalExpr>> {
        let Some(inner) = children.pop() else { return Ok(self) };
        Ok(Arc::new(Self { inner, unwanted: self.unwanted.clone() }))
    }

    fn fmt_sql(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.inner.fmt_sql(f)
    }
}

#[cfg(test)]
mod tests {
    use datafusion::physical_plan::collect;
    use datafusion::prelude::SessionContext;

    use lakeport_sql::Unwanted;

    use super::interruptible;

    async fn check(join: &str) {
        let ctx = SessionContext::new();
        for table in ["a", "b"] {
            let rows = format!("CREATE TABLE {table} AS VALUES (1, 2), (3, 4)");
            ctx.sql(&rows).await.unwrap().collect().await.unwrap();
        }
        let sql = format!("SELECT * FROM a JOIN b ON {join}");
        let plan = ctx.sql(&sql).await.unwrap().create_physical_plan().await.unwrap();
        let unwanted = Unwanted::default();
        let plan = interruptible(plan, &unwanted).unwrap();
        let wanted = unwanted.when_dropped();
        collect(plan.clone(), ctx.task_ctx()).await.expect(join);
        drop(wanted);
        let plan = datafusion::physical_plan::execution_plan::reset_plan_states(plan).unwrap();
        let error = collect(plan, ctx.task_ctx()).await.expect_err(join);
        assert!(error.to_string().contains("not wanted"), "{join}: {error}");
    }

    #[tokio::test]
    async fn a_filter_of_a_join_fails_once_nobody_wants_the_answer() {
        check("a.column1 + b.column1 < 0").await;
        check("a.column1 = b.column1 AND a.column2 + b.column2 < 0").await;
    }
}
