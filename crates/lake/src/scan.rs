//! The plan that reads a snapshot: which files, in which groups, with which statistics and batches.

use std::collections::BTreeSet;
use std::sync::Arc;

use arrow::datatypes::Schema;
use datafusion::catalog::Session;
use datafusion::common::config::TableParquetOptions;
use datafusion::common::stats::Precision;
use datafusion::common::{ColumnStatistics, Result, Statistics};
use datafusion::datasource::listing::PartitionedFile;
use datafusion::datasource::physical_plan::{
    FileGroup, FileGroupPartitioner, FileScanConfigBuilder, ParquetSource,
};
use datafusion::datasource::source::DataSourceExec;
use datafusion::datasource::table_schema::TableSchema;
use datafusion::logical_expr::Expr;
use datafusion::physical_plan::ExecutionPlan;
use datafusion::physical_plan::empty::EmptyExec;
use lakeport_base::ByteSize;
use lakeport_store::Meter;
use object_store::ObjectMeta;

use crate::reader::{Pinned, ReaderFactory};
use crate::source::NamingSource;
use crate::{Snapshot, prune, registry};

/// What a batch should stay below: large enough to be worth its overhead, small enough that a few per core
/// are no memory to speak of.
const BATCH_BYTES: ByteSize = ByteSize::mebibytes(4);

/// Fewest rows of a batch, however wide they are.
const BATCH_ROWS_MIN: usize = 16;

/// Most statistics that are handed on with the files of one scan; beyond, a file has none. They only help DataFusion
/// skip a file while it runs, and each takes some 300 bytes.
const FILE_STATISTICS_MAX: usize = 500_000;

/// One scan of a snapshot.
pub(crate) struct Scan<'a> {
    pub(crate) snapshot: &'a Arc<Snapshot>,
    pub(crate) meter: &'a Arc<Meter>,
    pub(crate) session: &'a dyn Session,
    /// The columns wanted, by their place in the table; none for all.
    pub(crate) projection: Option<&'a [usize]>,
    pub(crate) filters: &'a [Expr],
    /// As many rows are enough.
    pub(crate) limit: Option<usize>,
}

impl Scan<'_> {
    /// Plans it. Asks the store for nothing.
    pub(crate) fn plan(&self) -> Result<Arc<dyn ExecutionPlan>> {
        let files = self.within_limit(prune::files(self.snapshot, self.session, self.filters)?);
        if files.is_empty() {
            let schema: &Schema = self.snapshot.schema();
            let schema =
                self.projection.map_or_else(|| Ok(schema.clone()), |columns| schema.project(columns))?;
            return Ok(Arc::new(EmptyExec::new(Arc::new(schema))));
        }
        let (columns, _) = self.snapshot.bounds();
        let schema = TableSchema::builder(Arc::clone(columns))
            .with_table_partition_cols(self.snapshot.partition_columns().to_vec())
            .build();
        let store = Arc::new(ReaderFactory::new(self.snapshot, self.meter));
        let source = ParquetSource::new(schema)
            .with_table_parquet_options(self.options())
            .with_parquet_file_reader_factory(Arc::clone(&store) as _);
        let config = FileScanConfigBuilder::new(
            registry::here(),
            NamingSource::over(Arc::new(source), self.snapshot.name().clone(), store),
        )
        .with_file_groups(self.groups(&files))
        .with_statistics(self.statistics(&files))
        .with_projection_indices(self.projection.map(<[usize]>::to_vec))?
        .with_limit(self.limit)
        .with_batch_size(Some(self.batch_rows(&files)))
        .build();
        Ok(DataSourceExec::from_data_source(config))
    }

    /// The session's options but for what this crate does itself.
    fn options(&self) -> TableParquetOptions {
        let mut global = self.session.config_options().execution.parquet.clone();
        // The schema that each file is read with says it already.
        global.coerce_int96 = None;
        global.coerce_int96_tz = None;
        TableParquetOptions { global, ..TableParquetOptions::default() }
    }

    /// As many of the first files as hold the rows wanted, where no filter can take rows away.
    fn within_limit(&self, mut files: Vec<usize>) -> Vec<usize> {
        let is_exact = self.filters.iter().all(|filter| prune::is_of_partitions(self.snapshot, filter));
        if let Some(limit) = self.limit.filter(|_| is_exact) {
            let mut rows = 0_u64;
            let enough = files.iter().position(|file| {
                rows = rows.saturating_add(self.snapshot.files()[*file].rows);
                rows >= limit as u64
            });
            if let Some(last) = enough {
                files.truncate(last + 1);
            }
        }
        files
    }

    /// The files in one group per core, of about equal size; large files in parts.
    fn groups(&self, files: &[usize]) -> Vec<FileGroup> {
        let columns = self.columns_of_interest();
        let has_statistics =
            files.len().saturating_mul(self.snapshot.schema().fields().len()) <= FILE_STATISTICS_MAX;
        let files = files.iter().map(|file| {
            // Inexact, so that they only skip files: where smallest and largest are one exact value, DataFusion
            // would answer with it and not read the column, and a footer that lies would be believed.
            let statistics =
                has_statistics.then(|| Arc::new(self.file_statistics(*file, &columns).to_inexact()));
            self.file(*file, statistics)
        });
        let group = FileGroup::new(files.collect());
        let config = self.session.config_options();
        let target = config.execution.target_partitions.max(1);
        let spread = FileGroupPartitioner::new()
            .with_target_partitions(target)
            .with_repartition_file_min_size(config.optimizer.repartition_file_min_size)
            .repartition_file_groups(std::slice::from_ref(&group));
        spread.unwrap_or_else(|| group.split_files(target))
    }

    fn file(&self, file: usize, statistics: Option<Arc<Statistics>>) -> PartitionedFile {
        let known = &self.snapshot.files()[file];
        let mut partitioned = PartitionedFile::new_from_meta(ObjectMeta::from(&known.object))
            .with_partition_values(self.snapshot.partition_values(file).to_vec())
            .with_arrow_schema(Arc::clone(&known.schema))
            .with_extension(Pinned(known.object.clone()));
        // Not with_statistics, which believes that a folder's value is never NULL.
        partitioned.statistics = statistics;
        partitioned
    }

    /// The columns that the statement asks for or filters by, by their place in the table.
    fn columns_of_interest(&self) -> BTreeSet<usize> {
        let schema = self.snapshot.schema();
        let mut columns: BTreeSet<usize> = match self.projection {
            Some(columns) => columns.iter().copied().collect(),
            None => (0..schema.fields().len()).collect(),
        };
        let filtered = self.filters.iter().flat_map(Expr::column_refs);
        columns.extend(filtered.filter_map(|column| schema.index_of(&column.name).ok()));
        columns
    }

    fn file_statistics(&self, file: usize, columns: &BTreeSet<usize>) -> Statistics {
        let mut statistics = Statistics::new_unknown(self.snapshot.schema());
        let known = &self.snapshot.files()[file];
        statistics.num_rows = Precision::Exact(count(known.rows));
        statistics.total_byte_size = Precision::Inexact(count(known.decoded_bytes));
        for column in columns {
            statistics.column_statistics[*column] = self.column_statistics(file, *column);
        }
        statistics
    }

    fn column_statistics(&self, file: usize, column: usize) -> ColumnStatistics {
        let (of_files, bounds) = self.snapshot.bounds();
        let Some(partition) = column.checked_sub(of_files.fields().len()) else {
            return bounds.statistics(column, file);
        };
        let value = &self.snapshot.partition_values(file)[partition];
        let bound = if value.is_null() { Precision::Absent } else { Precision::Exact(value.clone()) };
        let nulls = if value.is_null() { count(self.snapshot.files()[file].rows) } else { 0 };
        ColumnStatistics {
            min_value: bound.clone(),
            max_value: bound,
            null_count: Precision::Exact(nulls),
            ..ColumnStatistics::new_unknown()
        }
    }

    /// What is known of all files together.
    fn statistics(&self, files: &[usize]) -> Statistics {
        let known = || files.iter().map(|file| &self.snapshot.files()[*file]);
        let mut statistics = Statistics::new_unknown(self.snapshot.schema());
        statistics.num_rows = Precision::Exact(count(known().map(|file| file.rows).sum()));
        statistics.total_byte_size = Precision::Inexact(count(known().map(|file| file.decoded_bytes).sum()));
        let columns = self.columns_of_interest();
        if files.len().saturating_mul(columns.len()) > FILE_STATISTICS_MAX {
            // Over so many files and columns the bounds are worth less than the time that they take.
            return statistics;
        }
        for column in columns {
            let all = files.iter().map(|file| self.column_statistics(*file, column));
            let sum = all.reduce(|sum, next| ColumnStatistics {
                min_value: sum.min_value.min(&next.min_value),
                max_value: sum.max_value.max(&next.max_value),
                null_count: sum.null_count.add(&next.null_count),
                ..ColumnStatistics::new_unknown()
            });
            statistics.column_statistics[column] = sum.unwrap_or_else(ColumnStatistics::new_unknown);
        }
        statistics
    }

    /// Rows of a batch: the session's number, or fewer where rows are wide.
    fn batch_rows(&self, files: &[usize]) -> usize {
        let files = files.iter().map(|file| &self.snapshot.files()[*file]);
        let (rows, bytes) = files.fold((0_u64, 0_u64), |(rows, bytes), file| {
            (rows.saturating_add(file.rows), bytes.saturating_add(file.decoded_bytes))
        });
        let row_bytes = bytes.div_ceil(rows.max(1)).max(1);
        let fitting = usize::try_from(BATCH_BYTES.as_bytes() / row_bytes).unwrap_or(usize::MAX);
        let wanted = self.session.config().batch_size();
        wanted.min(fitting.max(BATCH_ROWS_MIN))
    }
}

/// A number of rows or bytes as DataFusion counts them.
fn count(number: u64) -> usize {
    usize::try_from(number).unwrap_or(usize::MAX)
}
