//! System relations as DataFusion sees them: a provider, and the plan that reads it.
//!
//! Filters are not asked for when a scan is planned, but taken over when the physical plan is optimised. So
//! a condition on the relation itself and one that a join learns while it runs (which relations were found
//! in `pg_class`) arrive the same way, and columns are only asked for where both leave a relation.
//!
//! Invariant: every filter that was taken over is applied to every row.

use std::fmt;
use std::sync::Arc;

use arrow::array::{RecordBatch, UInt32Array};
use arrow::compute::filter_record_batch;
use arrow::datatypes::{Schema, SchemaRef};
use async_trait::async_trait;
use datafusion::catalog::{Session, TableProvider};
use datafusion::common::cast::as_boolean_array;
use datafusion::common::config::ConfigOptions;
use datafusion::common::stats::Precision;
use datafusion::common::tree_node::{TreeNode, TreeNodeRecursion};
use datafusion::common::{Result, Statistics};
use datafusion::execution::{SendableRecordBatchStream, TaskContext};
use datafusion::logical_expr::{Expr, TableType};
use datafusion::physical_expr::expressions::DynamicFilterPhysicalExpr;
use datafusion::physical_expr::utils::{collect_columns, reassign_expr_columns};
use datafusion::physical_expr::{EquivalenceProperties, PhysicalExpr};
use datafusion::physical_plan::execution_plan::{
    Boundedness, ChildrenPropertiesMode, EmissionType, ReplaceChildrenOptions,
};
use datafusion::physical_plan::filter_pushdown::{
    ChildPushdownResult, FilterPushdownPhase, FilterPushdownPropagation, PushedDown,
};
use datafusion::physical_plan::statistics::StatisticsArgs;
use datafusion::physical_plan::stream::RecordBatchStreamAdapter;
use datafusion::physical_plan::{DisplayAs, DisplayFormatType, ExecutionPlan, Partitioning, PlanProperties};
use futures::stream;

use crate::fixed::SystemRelation;
use crate::pinned::Pinned;
use crate::relations::{self, Source};
use crate::rows::Rows;
use crate::version::Part;

/// A system relation as a table.
#[derive(Debug)]
pub(crate) struct SystemTable {
    /// Which one.
    pub(crate) relation: &'static SystemRelation,
    /// What it is made of.
    pub(crate) pinned: Arc<Pinned>,
}

#[async_trait]
impl TableProvider for SystemTable {
    fn schema(&self) -> SchemaRef {
        Arc::clone(&self.relation.columns)
    }

    fn table_type(&self) -> TableType {
        if self.relation.kind == "v" { TableType::View } else { TableType::Base }
    }

    async fn scan(
        &self,
        _state: &dyn Session,
        projection: Option<&Vec<usize>>,
        _filters: &[Expr],
        limit: Option<usize>,
    ) -> Result<Arc<dyn ExecutionPlan>> {
        let all = || (0..self.relation.columns.fields().len()).collect();
        let projection = projection.cloned().unwrap_or_else(all);
        Ok(Arc::new(SystemScan::new(self.relation, Arc::clone(&self.pinned), projection, limit)?))
    }
}

/// Reads a system relation.
#[derive(Debug, Clone)]
struct SystemScan {
    relation: &'static SystemRelation,
    pinned: Arc<Pinned>,
    projection: Vec<usize>,
    /// Over the projected columns.
    filters: Vec<Arc<dyn PhysicalExpr>>,
    limit: Option<usize>,
    properties: Arc<PlanProperties>,
}

impl SystemScan {
    fn new(
        relation: &'static SystemRelation,
        pinned: Arc<Pinned>,
        projection: Vec<usize>,
        limit: Option<usize>,
    ) -> Result<Self> {
        let schema = Arc::new(relation.columns.project(&projection)?);
        let properties = PlanProperties::new(
            EquivalenceProperties::new(schema),
            Partitioning::UnknownPartitioning(1),
            EmissionType::Incremental,
            Boundedness::Bounded,
        );
        Ok(Self {
            relation,
            pinned,
            projection,
            filters: Vec::new(),
            limit,
            properties: Arc::new(properties),
        })
    }

    /// The rows that pass the filters.
    async fn read(self) -> Result<RecordBatch> {
        let fixed = filtered(
            self.owned_by_superuser(self.relation.fixed_rows()?.project(&self.projection)?)?,
            &self.filters,
        )?;
        let made = filtered(self.made_rows().await?, &self.filters)?;
        let rows = if made.num_rows() == 0 {
            fixed
        } else if fixed.num_rows() == 0 {
            made
        } else {
            arrow::compute::concat_batches(&self.schema(), [&fixed, &made])?
        };
        Ok(rows.slice(0, self.limit.unwrap_or(usize::MAX).min(rows.num_rows())))
    }

    /// The rows that depend on what the user may see.
    async fn made_rows(&self) -> Result<RecordBatch> {
        let kept = |part, make: &dyn Fn() -> Result<RecordBatch>| {
            self.pinned.relations.kept(self.relation.oid, part, make)
        };
        let mut rows = Rows::new(&self.relation.columns, &self.projection);
        match relations::source(self.relation) {
            Source::Fixed => {}
            Source::Pinned(fill) | Source::Session(fill) => fill(&self.pinned, &mut rows)?,
            Source::Kept(fill) => {
                let all: Vec<usize> = (0..self.relation.columns.fields().len()).collect();
                let every = kept(Part::Rows, &|| {
                    let mut rows = Rows::new(&self.relation.columns, &all);
                    fill(&self.pinned, &mut rows)?;
                    rows.finish(&all)
                })?;
                return Ok(every.project(&self.projection)?);
            }
            Source::Columns(source) => {
                let wanted = self.kept_by_key(&kept(Part::Key, &|| source.key(&self.pinned))?)?;
                source.fill(&self.pinned, &wanted, &mut rows).await?;
            }
        }
        rows.finish(&self.projection)
    }

    /// Which rows of `key` pass those filters that speak of nothing but its columns.
    fn kept_by_key(&self, key: &RecordBatch) -> Result<Vec<usize>> {
        let schema = key.schema();
        let about_key = |filter: &Arc<dyn PhysicalExpr>| {
            collect_columns(filter).iter().all(|column| schema.index_of(column.name()).is_ok())
        };
        let mut numbered = with_row_numbers(key)?;
        for filter in self.filters.iter().filter(|filter| about_key(filter)) {
            let filter = reassign_expr_columns(Arc::clone(filter), &schema)?;
            numbered = filtered(numbered, &[filter])?;
        }
        let numbers = numbered.column(numbered.num_columns() - 1);
        let numbers = datafusion::common::cast::as_uint32_array(numbers)?;
        Ok(numbers.values().iter().map(|number| *number as usize).collect())
    }

    /// Gives PostgreSQL's own objects to the first superuser there is here.
    fn owned_by_superuser(&self, batch: RecordBatch) -> Result<RecordBatch> {
        let Some(owner) = self.pinned.roles.iter().find(|role| role.superuser) else { return Ok(batch) };
        let mut columns = batch.columns().to_vec();
        for (index, field) in batch.schema().fields().iter().enumerate() {
            if relations::OWNER_COLUMNS.contains(&field.name().as_str()) {
                columns[index] = Arc::new(UInt32Array::from_value(owner.oid, batch.num_rows()));
            }
        }
        let options = arrow::array::RecordBatchOptions::new().with_row_count(Some(batch.num_rows()));
        Ok(RecordBatch::try_new_with_options(batch.schema(), columns, &options)?)
    }
}

/// The rows for which every filter is true.
fn filtered(mut batch: RecordBatch, filters: &[Arc<dyn PhysicalExpr>]) -> Result<RecordBatch> {
    for filter in filters {
        if batch.num_rows() == 0 {
            break;
        }
        let keep = filter.evaluate(&batch)?.into_array(batch.num_rows())?;
        batch = filter_record_batch(&batch, as_boolean_array(&keep)?)?;
    }
    Ok(batch)
}

fn with_row_numbers(batch: &RecordBatch) -> Result<RecordBatch> {
    let mut fields = batch.schema().fields().to_vec();
    fields.push(Arc::new(arrow::datatypes::Field::new("", arrow::datatypes::DataType::UInt32, false)));
    let mut columns = batch.columns().to_vec();
    columns.push(Arc::new(UInt32Array::from_iter_values(0..batch.num_rows() as u32)));
    Ok(RecordBatch::try_new(Arc::new(Schema::new(fields)), columns)?)
}

/// Whether a join or a sort fills this filter in while it runs.
fn is_dynamic(filter: &Arc<dyn PhysicalExpr>) -> Result<bool> {
    filter.exists(|part| Ok(part.downcast_ref::<DynamicFilterPhysicalExpr>().is_some()))
}

impl DisplayAs for SystemScan {
    fn fmt_as(&self, _format: DisplayFormatType, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "SystemScan: {}.{}", self.relation.schema, self.relation.name)?;
        if !self.filters.is_empty() {
            let filters: Vec<String> = self.filters.iter().map(ToString::to_string).collect();
            write!(f, ", filter={}", filters.join(" AND "))?;
        }
        Ok(())
    }
}

impl ExecutionPlan for SystemScan {
    fn name(&self) -> &str {
        "SystemScan"
    }

    fn properties(&self) -> &Arc<PlanProperties> {
        &self.properties
    }

    fn children(&self) -> Vec<&Arc<dyn ExecutionPlan>> {
        Vec::new()
    }

    fn apply_expressions(
        &self,
        f: &mut dyn FnMut(&Arc<dyn PhysicalExpr>) -> Result<TreeNodeRecursion>,
    ) -> Result<TreeNodeRecursion> {
        for filter in &self.filters {
            if f(filter)? == TreeNodeRecursion::Stop {
                return Ok(TreeNodeRecursion::Stop);
            }
        }
        Ok(TreeNodeRecursion::Continue)
    }

    fn replace_children(
        self: Arc<Self>,
        _children: Vec<Arc<dyn ExecutionPlan>>,
        _options: ReplaceChildrenOptions,
    ) -> Result<Arc<dyn ExecutionPlan>> {
        Ok(self)
    }

    fn with_new_children(
        self: Arc<Self>,
        children: Vec<Arc<dyn ExecutionPlan>>,
    ) -> Result<Arc<dyn ExecutionPlan>> {
        self.replace_children(children, ReplaceChildrenOptions::new(ChildrenPropertiesMode::Recompute))
    }

    /// Forgets what joins have filled in: when a plan runs again, its joins fill in anew, and elsewhere.
    fn reset_state(self: Arc<Self>) -> Result<Arc<dyn ExecutionPlan>> {
        let mut fresh = (*self).clone();
        fresh.filters.clear();
        for filter in &self.filters {
            if !is_dynamic(filter)? {
                fresh.filters.push(Arc::clone(filter));
            }
        }
        Ok(Arc::new(fresh))
    }

    fn execute(&self, _partition: usize, _context: Arc<TaskContext>) -> Result<SendableRecordBatchStream> {
        // Nothing is read before the first batch is asked for: a join asks when its filter is complete.
        let rows = stream::once(self.clone().read());
        Ok(Box::pin(RecordBatchStreamAdapter::new(self.schema(), rows)))
    }

    fn statistics_from_inputs(
        &self,
        _inputs: &[Arc<Statistics>],
        _args: &StatisticsArgs,
    ) -> Result<Arc<Statistics>> {
        let rows = relations::estimated_rows(self.relation, &self.pinned);
        Ok(Arc::new(Statistics::new_unknown(&self.schema()).with_num_rows(Precision::Inexact(rows))))
    }

    fn handle_child_pushdown_result(
        &self,
        _phase: FilterPushdownPhase,
        result: ChildPushdownResult,
        _config: &ConfigOptions,
    ) -> Result<FilterPushdownPropagation<Arc<dyn ExecutionPlan>>> {
        let mut scan = self.clone();
        scan.filters.extend(result.parent_filters.iter().map(|parent| Arc::clone(&parent.filter)));
        let taken = vec![PushedDown::Yes; result.parent_filters.len()];
        Ok(FilterPushdownPropagation::with_parent_pushdown_result(taken).with_updated_node(Arc::new(scan)))
    }
}
