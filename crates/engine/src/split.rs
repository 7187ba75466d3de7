//! Cuts batches to the usual number of rows.
//!
//! Unnesting makes one batch of whatever an array holds, and an array may hold millions. Whatever is computed on such a
//! batch is computed on all of it at once: it takes as much memory, and nothing stops it.

use std::fmt;
use std::sync::Arc;

use datafusion::common::Result;
use datafusion::common::tree_node::TreeNodeRecursion;
use datafusion::execution::TaskContext;
use datafusion::physical_expr::PhysicalExpr;
use datafusion::physical_plan::metrics::{ExecutionPlanMetricsSet, SplitMetrics};
use datafusion::physical_plan::stream::BatchSplitStream;
use datafusion::physical_plan::{
    DisplayAs, DisplayFormatType, ExecutionPlan, PlanProperties, SendableRecordBatchStream,
};

/// The rows of a plan in batches of the session's size at most. Cutting copies nothing.
#[derive(Debug)]
pub(crate) struct SplitExec {
    input: Arc<dyn ExecutionPlan>,
}

impl SplitExec {
    /// The same rows in smaller batches.
    pub(crate) fn new(input: Arc<dyn ExecutionPlan>) -> Self {
        Self { input }
    }
}

impl DisplayAs for SplitExec {
    fn fmt_as(&self, _: DisplayFormatType, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("SplitExec")
    }
}

impl ExecutionPlan for SplitExec {
    fn name(&self) -> &str {
        "SplitExec"
    }

    fn properties(&self) -> &Arc<PlanProperties> {
        self.input.properties()
    }

    fn maintains_input_order(&self) -> Vec<bool> {
        vec![true]
    }

    fn children(&self) -> Vec<&Arc<dyn ExecutionPlan>> {
        vec![&self.input]
    }

    fn apply_expressions(
        &self,
        _: &mut dyn FnMut(&Arc<dyn PhysicalExpr>) -> Result<TreeNodeRecursion>,
    ) -> Result<TreeNodeRecursion> {
        Ok(TreeNodeRecursion::Continue)
    }

    fn with_new_children(
        self: Arc<Self>,
        mut children: Vec<Arc<dyn ExecutionPlan>>,
    ) -> Result<Arc<dyn ExecutionPlan>> {
        let Some(input) = children.pop() else { return Ok(self) };
        Ok(Arc::new(Self { input }))
    }

    fn execute(&self, partition: usize, context: Arc<TaskContext>) -> Result<SendableRecordBatchStream> {
        let rows_max = context.session_config().batch_size();
        let metrics = SplitMetrics::new(&ExecutionPlanMetricsSet::new(), partition);
        Ok(Box::pin(BatchSplitStream::new(self.input.execute(partition, context)?, rows_max, metrics)))
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use datafusion::physical_plan::collect;
    use datafusion::prelude::SessionContext;

    use super::SplitExec;

    #[tokio::test]
    async fn no_batch_has_more_rows_than_the_session_says_and_none_is_lost() {
        let ctx = SessionContext::new();
        let rows = (0..20_000).map(|row| format!("({row})")).collect::<Vec<_>>().join(", ");
        let frame = ctx.sql(&format!("VALUES {rows}")).await.unwrap();
        let plan = Arc::new(SplitExec::new(frame.create_physical_plan().await.unwrap()));
        let batches = collect(plan, ctx.task_ctx()).await.unwrap();
        assert!(batches.iter().all(|batch| batch.num_rows() <= 8192));
        assert_eq!(batches.iter().map(|batch| batch.num_rows()).sum::<usize>(), 20_000);
    }
}
