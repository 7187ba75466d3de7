//! Rows that are given only while somebody wants them, and that let others have their turn.

use std::fmt;
use std::sync::Arc;
use std::task::Poll;
use std::time::{Duration, Instant};

use datafusion::common::tree_node::TreeNodeRecursion;
use datafusion::common::{Result, exec_err};
use datafusion::execution::TaskContext;
use datafusion::physical_expr::PhysicalExpr;
use datafusion::physical_plan::stream::RecordBatchStreamAdapter;
use datafusion::physical_plan::{
    DisplayAs, DisplayFormatType, ExecutionPlan, PlanProperties, SendableRecordBatchStream,
};
use futures::{StreamExt, stream};

use lakeport_sql::Unwanted;

/// How long an operator may compute before others get their turn. A guess: what nobody notices.
const TURN: Duration = Duration::from_millis(20);

/// The rows of a plan, until they are unwanted.
///
/// Tokio's own budget counts batches, and a hundred batches may be a minute of work for what is above.
#[derive(Debug)]
pub(crate) struct GuardExec {
    input: Arc<dyn ExecutionPlan>,
    unwanted: Unwanted,
}

impl GuardExec {
    /// The same rows, as long as they are wanted.
    pub(crate) fn new(input: Arc<dyn ExecutionPlan>, unwanted: Unwanted) -> Self {
        Self { input, unwanted }
    }
}

impl DisplayAs for GuardExec {
    fn fmt_as(&self, _: DisplayFormatType, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("GuardExec")
    }
}

impl ExecutionPlan for GuardExec {
    fn name(&self) -> &str {
        "GuardExec"
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
        Ok(Arc::new(Self { input, unwanted: self.unwanted.clone() }))
    }

    fn execute(&self, partition: usize, context: Arc<TaskContext>) -> Result<SendableRecordBatchStream> {
        let mut input = self.input.execute(partition, context)?;
        let (schema, unwanted) = (input.schema(), self.unwanted.clone());
        let mut turn = Instant::now();
        let guarded = stream::poll_fn(move |ctx| {
            if unwanted.is_so() {
                return Poll::Ready(Some(exec_err!("the answer is not wanted any more")));
            }
            if turn.elapsed() > TURN {
                turn = Instant::now();
                ctx.waker().wake_by_ref();
                return Poll::Pending;
            }
            let polled = input.poll_next_unpin(ctx);
            if polled.is_pending() {
                turn = Instant::now();
            }
            polled
        });
        Ok(Box::pin(RecordBatchStreamAdapter::new(schema, guarded)))
    }
}
