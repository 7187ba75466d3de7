//! Apply as it runs: for each batch of the input, one more column.

use std::fmt;
use std::sync::Arc;

use arrow::datatypes::{FieldRef, Schema, SchemaRef};
use arrow::record_batch::RecordBatch;
use datafusion::common::tree_node::TreeNodeRecursion;
use datafusion::common::{Result, internal_err};
use datafusion::execution::{SendableRecordBatchStream, TaskContext};
use datafusion::physical_expr::{EquivalenceProperties, PhysicalExpr};
use datafusion::physical_plan::execution_plan::EmissionType;
use datafusion::physical_plan::stream::RecordBatchStreamAdapter;
use datafusion::physical_plan::{
    ChildrenPropertiesMode, DisplayAs, DisplayFormatType, Distribution, ExecutionPlan,
    ExecutionPlanProperties, InputDistributionRequirements, Partitioning, PlanProperties,
    ReplaceChildrenOptions,
};
use futures::{StreamExt, TryStreamExt};

use super::evaluate::{Asked, Evaluator, Inner};
use super::node::Mode;
use crate::held::Held;

/// For each batch of the input, one more column: what the inner plan gives for each row.
///
/// Runs in one partition, since all runs of the inner plan share one [`Held`]. Dropping the
/// stream ends the run that is on its way.
#[derive(Debug)]
pub(super) struct ApplyExec {
    input: Arc<dyn ExecutionPlan>,
    inner: Arc<dyn ExecutionPlan>,
    mode: Mode,
    row: Arc<Held>,
    asked: Asked,
    field: FieldRef,
    properties: Arc<PlanProperties>,
}

impl ApplyExec {
    pub(super) fn new(
        input: Arc<dyn ExecutionPlan>,
        inner: Arc<dyn ExecutionPlan>,
        mode: Mode,
        row: Arc<Held>,
        asked: Asked,
        field: FieldRef,
    ) -> Self {
        let properties = properties(&input, &field);
        Self { input, inner, mode, row, asked, field, properties }
    }

    fn over(&self, input: Arc<dyn ExecutionPlan>) -> Self {
        Self {
            properties: properties(&input, &self.field),
            input,
            inner: Arc::clone(&self.inner),
            mode: self.mode,
            row: Arc::clone(&self.row),
            asked: self.asked.clone(),
            field: Arc::clone(&self.field),
        }
    }
}

fn properties(input: &Arc<dyn ExecutionPlan>, field: &FieldRef) -> Arc<PlanProperties> {
    let fields: Vec<FieldRef> = input.schema().fields().iter().chain([field]).cloned().collect();
    let schema: SchemaRef = Arc::new(Schema::new_with_metadata(fields, input.schema().metadata().clone()));
    Arc::new(PlanProperties::new(
        EquivalenceProperties::new(schema),
        Partitioning::UnknownPartitioning(1),
        EmissionType::Incremental,
        input.boundedness(),
    ))
}

impl DisplayAs for ApplyExec {
    fn fmt_as(&self, _format: DisplayFormatType, f: &mut fmt::Formatter) -> fmt::Result {
        let values: Vec<String> = self.asked.values.iter().map(ToString::to_string).collect();
        write!(f, "ApplyExec: {:?}, for each [{}]", self.mode, values.join(", "))
    }
}

impl ExecutionPlan for ApplyExec {
    fn name(&self) -> &str {
        "ApplyExec"
    }

    fn properties(&self) -> &Arc<PlanProperties> {
        &self.properties
    }

    fn input_distribution_requirements(&self) -> InputDistributionRequirements {
        InputDistributionRequirements::new(vec![Distribution::SinglePartition])
    }

    fn maintains_input_order(&self) -> Vec<bool> {
        vec![true]
    }

    fn benefits_from_input_partitioning(&self) -> Vec<bool> {
        vec![false]
    }

    fn children(&self) -> Vec<&Arc<dyn ExecutionPlan>> {
        vec![&self.input]
    }

    fn replace_children(
        self: Arc<Self>,
        mut children: Vec<Arc<dyn ExecutionPlan>>,
        _options: ReplaceChildrenOptions,
    ) -> Result<Arc<dyn ExecutionPlan>> {
        match (children.pop(), children.is_empty()) {
            (Some(input), true) => Ok(Arc::new(self.over(input))),
            _ => internal_err!("ApplyExec has one input"),
        }
    }

    fn with_new_children(
        self: Arc<Self>,
        children: Vec<Arc<dyn ExecutionPlan>>,
    ) -> Result<Arc<dyn ExecutionPlan>> {
        self.replace_children(children, ReplaceChildrenOptions::new(ChildrenPropertiesMode::Recompute))
    }

    fn apply_expressions(
        &self,
        f: &mut dyn FnMut(&Arc<dyn PhysicalExpr>) -> Result<TreeNodeRecursion>,
    ) -> Result<TreeNodeRecursion> {
        for expr in self.asked.all() {
            if f(expr)? == TreeNodeRecursion::Stop {
                return Ok(TreeNodeRecursion::Stop);
            }
        }
        Ok(TreeNodeRecursion::Continue)
    }

    fn execute(&self, partition: usize, context: Arc<TaskContext>) -> Result<SendableRecordBatchStream> {
        if partition != 0 {
            return internal_err!("ApplyExec has one partition");
        }
        let batches = self.input.execute(0, Arc::clone(&context))?;
        let inner = Inner {
            plan: Arc::clone(&self.inner),
            mode: self.mode,
            row: Arc::clone(&self.row),
            field: Arc::clone(&self.field),
        };
        let evaluator = Evaluator::new(inner, self.asked.clone(), &self.input.schema(), context)?;
        let schema = self.schema();
        let output = Arc::clone(&schema);
        // Batches go one by one: `try_unfold` hands the evaluator from each to the next.
        let stream =
            futures::stream::try_unfold((batches, evaluator), move |(mut batches, mut evaluator)| {
                let schema = Arc::clone(&output);
                async move {
                    let Some(batch) = batches.next().await.transpose()? else { return Ok(None) };
                    let column = evaluator.column(&batch).await?;
                    let columns = batch.columns().iter().cloned().chain([column]).collect();
                    Ok(Some((RecordBatch::try_new(schema, columns)?, (batches, evaluator))))
                }
            });
        Ok(Box::pin(RecordBatchStreamAdapter::new(schema, stream.into_stream())))
    }
}
