//! DataFusion's Parquet source, with failures that name their file.
//!
//! A damaged page is found by the decoder, deep below anything that knows which file it reads, and some damage makes it
//! panic. This source is DataFusion's own in everything but how a file is opened: there each error of the decoder, and
//! each panic, becomes [`Error::Corrupt`] of the file, and a file that is read whole is decoded by its pages where that
//! is better (`paged.rs`). What went wrong before the decoder (the store) or after it (an expression of the statement)
//! passes as it is.

use std::collections::VecDeque;
use std::fmt;
use std::panic::AssertUnwindSafe;
use std::sync::Arc;

use arrow::array::RecordBatch;
use arrow::error::ArrowError;
use datafusion::common::config::ConfigOptions;
use datafusion::common::tree_node::TreeNodeRecursion;
use datafusion::common::{DataFusionError, Result};
use datafusion::datasource::listing::PartitionedFile;
use datafusion::datasource::physical_plan::{FileOpenFuture, FileOpener, FileScanConfig, FileSource};
use datafusion::datasource::table_schema::TableSchema;
use datafusion::physical_expr::projection::ProjectionExprs;
use datafusion::physical_expr::{EquivalenceProperties, PhysicalExpr, PhysicalSortExpr};
use datafusion::physical_plan::filter_pushdown::FilterPushdownPropagation;
use datafusion::physical_plan::metrics::{
    ExecutionPlanMetricsSet, MetricBuilder, MetricCategory, MetricType,
};
use datafusion::physical_plan::{DisplayFormatType, SortOrderPushdownResult};
use futures::stream::BoxStream;
use futures::{FutureExt as _, StreamExt as _, stream};
use lakeport_base::TableName;
use object_store::ObjectStore;

use crate::Error;
use crate::paged::Paging;
use crate::reader::ReaderFactory;

/// A Parquet source whose failures name the file, and which knows its table.
#[derive(Clone)]
pub(crate) struct NamingSource {
    parquet: Arc<dyn FileSource>,
    table: TableName,
    store: Arc<ReaderFactory>,
    batch_rows: usize,
    /// Whether the source reads row groups in an order of its own, which a sort asked for.
    is_sorting: bool,
}

impl NamingSource {
    /// Reads as `parquet` does, or by pages, from the store of a table.
    pub(crate) fn over(
        parquet: Arc<dyn FileSource>,
        table: TableName,
        store: Arc<ReaderFactory>,
    ) -> Arc<dyn FileSource> {
        // Each scan says how many rows a batch has.
        Arc::new(Self { parquet, table, store, batch_rows: 0, is_sorting: false })
    }

    /// The same of another source.
    fn with(&self, parquet: Arc<dyn FileSource>) -> Arc<dyn FileSource> {
        Arc::new(Self { parquet, ..self.clone() })
    }

    /// How files are read by their pages; none if this scan skips rows or wants them in some order.
    fn paging(&self, partition: usize) -> Option<Paging> {
        let columns = self.parquet.projection()?;
        if self.parquet.filter().is_some() || self.is_sorting {
            return None;
        }
        Some(Paging {
            store: Arc::clone(&self.store),
            table: self.parquet.table_schema().clone(),
            columns: columns.clone(),
            batch_rows: self.batch_rows,
            scanned: MetricBuilder::new(self.parquet.metrics())
                .with_type(MetricType::Summary)
                .with_category(MetricCategory::Bytes)
                .counter("bytes_scanned", partition),
        })
    }
}

/// The table that a scan of files reads, if it is one of ours.
pub fn scanned(scan: &FileScanConfig) -> Option<&TableName> {
    scan.file_source().downcast_ref::<NamingSource>().map(|source| &source.table)
}

impl FileSource for NamingSource {
    fn create_file_opener(
        &self,
        objects: Arc<dyn ObjectStore>,
        config: &FileScanConfig,
        partition: usize,
    ) -> Result<Arc<dyn FileOpener>> {
        let files = Arc::new(self.parquet.create_morselizer(objects, config, partition)?);
        let paging = self.paging(partition).map(Arc::new);
        Ok(Arc::new(Opener(move |file: PartitionedFile| {
            let path = file.object_meta.location.to_string();
            let (files, paging) = (Arc::clone(&files), paging.clone());
            let opened = async move {
                if let Some(paging) = paging
                    && let Some(rows) = paging.open(&file).await?
                {
                    return Ok(rows);
                }
                // A file's steps in their order, up to the streams of its rows; a Parquet file has one stream.
                let mut steps = VecDeque::from([files.plan_file(file)?]);
                let mut streams = Vec::new();
                while let Some(step) = steps.pop_front() {
                    let Some(mut found) = step.plan()? else { continue };
                    streams.extend(found.take_morsels().into_iter().map(|rows| rows.into_stream()));
                    for step in found.take_ready_planners().into_iter().rev() {
                        steps.push_front(step);
                    }
                    if let Some(step) = found.take_pending_planner() {
                        steps.push_front(step.await?);
                    }
                }
                Ok(stream::iter(streams).flatten().boxed())
            };
            let opened = AssertUnwindSafe(opened).catch_unwind();
            let opened = async move {
                let rows = settled(&path, opened.await)?;
                Ok(naming(path, rows))
            };
            Ok(opened.boxed())
        })))
    }

    fn table_schema(&self) -> &TableSchema {
        self.parquet.table_schema()
    }

    fn with_batch_size(&self, batch_size: usize) -> Arc<dyn FileSource> {
        let parquet = self.parquet.with_batch_size(batch_size);
        Arc::new(Self { parquet, batch_rows: batch_size, ..self.clone() })
    }

    fn filter(&self) -> Option<Arc<dyn PhysicalExpr>> {
        self.parquet.filter()
    }

    fn projection(&self) -> Option<&ProjectionExprs> {
        self.parquet.projection()
    }

    fn metrics(&self) -> &ExecutionPlanMetricsSet {
        self.parquet.metrics()
    }

    fn file_type(&self) -> &str {
        self.parquet.file_type()
    }

    fn fmt_extra(&self, format: DisplayFormatType, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.parquet.fmt_extra(format, f)
    }

    fn supports_repartitioning(&self) -> bool {
        self.parquet.supports_repartitioning()
    }

    fn try_pushdown_filters(
        &self,
        filters: Vec<Arc<dyn PhysicalExpr>>,
        config: &ConfigOptions,
    ) -> Result<FilterPushdownPropagation<Arc<dyn FileSource>>> {
        let FilterPushdownPropagation { filters, updated_node } =
            self.parquet.try_pushdown_filters(filters, config)?;
        Ok(FilterPushdownPropagation { filters, updated_node: updated_node.map(|node| self.with(node)) })
    }

    fn try_pushdown_sort(
        &self,
        order: &[PhysicalSortExpr],
        properties: &EquivalenceProperties,
    ) -> Result<SortOrderPushdownResult<Arc<dyn FileSource>>> {
        let sorting = |parquet| Arc::new(Self { parquet, is_sorting: true, ..self.clone() }) as _;
        Ok(self.parquet.try_pushdown_sort(order, properties)?.map(sorting))
    }

    fn reorder_files(&self, files: Vec<PartitionedFile>) -> Vec<PartitionedFile> {
        self.parquet.reorder_files(files)
    }

    fn try_pushdown_projection(&self, projection: &ProjectionExprs) -> Result<Option<Arc<dyn FileSource>>> {
        Ok(self.parquet.try_pushdown_projection(projection)?.map(|source| self.with(source)))
    }

    fn apply_expressions(
        &self,
        f: &mut dyn FnMut(&Arc<dyn PhysicalExpr>) -> Result<TreeNodeRecursion>,
    ) -> Result<TreeNodeRecursion> {
        self.parquet.apply_expressions(f)
    }
}

/// Opens one file after the other by a function.
struct Opener<F>(F);

impl<F> FileOpener for Opener<F>
where
    F: Fn(PartitionedFile) -> Result<FileOpenFuture> + Send + Sync + Unpin,
{
    fn open(&self, file: PartitionedFile) -> Result<FileOpenFuture> {
        (self.0)(file)
    }
}

/// The same rows; a failure names the file, and is the last that comes.
fn naming(
    path: String,
    rows: BoxStream<'static, Result<RecordBatch>>,
) -> BoxStream<'static, Result<RecordBatch>> {
    // After a panic nothing is asked of the decoder any more, so nothing half-done can be seen.
    AssertUnwindSafe(rows).catch_unwind().map(move |rows| settled(&path, rows)).boxed()
}

/// What a step of the decoder came to, be it a panic.
fn settled<T>(path: &str, ended: std::thread::Result<Result<T>>) -> Result<T> {
    match ended {
        Ok(result) => result.map_err(|error| named(path, error)),
        Err(_) => Err(corrupt(path, "its pages are damaged".to_owned())),
    }
}

/// The error with the file's name, if it is one of the decoder.
fn named(path: &str, error: DataFusionError) -> DataFusionError {
    if Error::within(&error).is_some() {
        return error;
    }
    let reason = match error.find_root() {
        DataFusionError::ParquetError(error) => error.to_string(),
        DataFusionError::ArrowError(error, _) if matches!(**error, ArrowError::ParquetError(_)) => {
            error.to_string()
        }
        _ => return error,
    };
    corrupt(path, reason)
}

fn corrupt(path: &str, reason: String) -> DataFusionError {
    DataFusionError::External(Box::new(Error::Corrupt { path: path.to_owned(), reason }))
}

#[cfg(test)]
mod tests {
    use arrow::error::ArrowError;
    use datafusion::common::{DataFusionError, Result};
    use futures::{StreamExt as _, stream};

    use super::naming;
    use crate::Error;

    /// What comes out where the decoder does this.
    async fn failure(decoder: impl FnOnce() -> DataFusionError + Send + 'static) -> DataFusionError {
        let rows = stream::once(async move { Err(decoder()) }).chain(stream::once(async { panic!("asked") }));
        let mut rows = naming("a/b.parquet".to_owned(), rows.boxed());
        match rows.next().await {
            Some(Err(error)) => error,
            other => panic!("{other:?}"),
        }
    }

    #[tokio::test]
    async fn a_panic_of_the_decoder_is_an_error_of_the_file() {
        let error = failure(|| panic!("index out of bounds")).await;
        let found = Error::within(&error).unwrap();
        assert_eq!(found.to_string(), "file a/b.parquet cannot be read as Parquet: its pages are damaged");
        assert_eq!(found.sqlstate().code(), "XX001");
    }

    #[tokio::test]
    async fn the_decoders_errors_name_the_file_and_no_other_error_does() {
        let decoder = || parquet::errors::ParquetError::General("bad page".to_owned());
        let error = failure(move || DataFusionError::ParquetError(Box::new(decoder()))).await;
        let text = Error::within(&error).unwrap().to_string();
        assert!(text.contains("a/b.parquet") && text.contains("bad page"), "{text}");
        let error = failure(|| ArrowError::ParquetError("bad page".to_owned()).into()).await;
        assert!(Error::within(&error).is_some(), "{error}");
        let error = failure(|| ArrowError::DivideByZero.into()).await;
        assert!(Error::within(&error).is_none(), "{error}");
        let refused = || parquet::errors::ParquetError::External(Box::new(Error::Refused));
        let error = failure(move || DataFusionError::ParquetError(Box::new(refused()))).await;
        assert!(matches!(Error::within(&error), Some(Error::Refused)), "{error}");
    }

    #[tokio::test]
    async fn rows_pass_as_they_are() {
        let none: Vec<Result<arrow::array::RecordBatch>> = Vec::new();
        assert_eq!(naming("x".to_owned(), stream::iter(none).boxed()).count().await, 0);
    }
}
