//! A snapshot as a table of DataFusion.

use std::fmt;
use std::sync::Arc;

use arrow::datatypes::SchemaRef;
use async_trait::async_trait;
use datafusion::catalog::{Session, TableProvider};
use datafusion::common::Result;
use datafusion::logical_expr::{Expr, TableProviderFilterPushDown, TableType};
use datafusion::physical_plan::ExecutionPlan;
use lakeport_store::Meter;

use crate::scan::Scan;
use crate::{Snapshot, prune};

/// A snapshot, read for one statement.
pub(crate) struct Provider {
    snapshot: Arc<Snapshot>,
    meter: Arc<Meter>,
}

impl Provider {
    /// Counts what is read in `meter`.
    pub(crate) fn new(snapshot: Arc<Snapshot>, meter: Arc<Meter>) -> Self {
        Self { snapshot, meter }
    }
}

impl fmt::Debug for Provider {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Provider").field("table", self.snapshot.name()).finish_non_exhaustive()
    }
}

#[async_trait]
impl TableProvider for Provider {
    fn schema(&self) -> SchemaRef {
        Arc::clone(self.snapshot.schema())
    }

    fn table_type(&self) -> TableType {
        TableType::Base
    }

    fn supports_filters_pushdown(&self, filters: &[&Expr]) -> Result<Vec<TableProviderFilterPushDown>> {
        let support = |filter: &&Expr| {
            if prune::is_of_partitions(&self.snapshot, filter) {
                TableProviderFilterPushDown::Exact
            } else {
                TableProviderFilterPushDown::Inexact
            }
        };
        Ok(filters.iter().map(support).collect())
    }

    async fn scan(
        &self,
        session: &dyn Session,
        projection: Option<&Vec<usize>>,
        filters: &[Expr],
        limit: Option<usize>,
    ) -> Result<Arc<dyn ExecutionPlan>> {
        let (snapshot, meter) = (&self.snapshot, &self.meter);
        Scan { snapshot, meter, session, projection: projection.map(Vec::as_slice), filters, limit }.plan()
    }
}
