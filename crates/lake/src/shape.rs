//! From the columns of a file to the columns of a scan.
//!
//! What DataFusion's own Parquet source does when it opens a file, for scans of plain columns: folders' values are put
//! in, columns that the file has not are NULL, and those of other types are cast. Does no I/O.

use std::collections::HashMap;
use std::sync::Arc;

use arrow::array::{RecordBatch, RecordBatchOptions};
use arrow::datatypes::SchemaRef;
use datafusion::common::{Result, ScalarValue};
use datafusion::datasource::listing::PartitionedFile;
use datafusion::datasource::physical_plan::parquet::apply_file_schema_type_coercions;
use datafusion::datasource::table_schema::TableSchema;
use datafusion::physical_expr::expressions::Column;
use datafusion::physical_expr::projection::{ProjectionExprs, Projector};
use datafusion::physical_expr::simplifier::PhysicalExprSimplifier;
use datafusion::physical_expr::utils::{collect_columns, reassign_expr_columns};
use datafusion::physical_expr_adapter::{
    DefaultPhysicalExprAdapterFactory, PhysicalExprAdapterFactory as _, replace_columns_with_literals,
};
use parquet::arrow::arrow_reader::{ArrowReaderMetadata, ArrowReaderOptions};
use parquet::arrow::{FieldLevels, ProjectionMask, parquet_to_arrow_field_levels};
use parquet::file::metadata::ParquetMetaData;

/// How the rows of one file become rows of a scan.
#[derive(Debug)]
pub(crate) struct Shape {
    /// What the decoder makes.
    pub(crate) levels: FieldLevels,
    /// The leaf columns that it reads, in their order; one at least.
    pub(crate) leaves: Vec<usize>,
    projector: Projector,
    schema: SchemaRef,
}

impl Shape {
    /// The shape of a file in a scan of these columns; none where more is to be known than whole columns, or less.
    pub(crate) fn new(
        table: &TableSchema,
        columns: &ProjectionExprs,
        file: &PartitionedFile,
        footer: &Arc<ParquetMetaData>,
    ) -> Result<Option<Shape>> {
        if !columns.expr_iter().all(|expr| expr.is::<Column>()) {
            return Ok(None);
        }
        let schema = Arc::new(columns.project_schema(table.table_schema())?);
        let file_schema = file_schema(table, file, footer)?;
        let columns = adapted(table, columns, file, &file_schema)?;
        // Of a nested column in another type less may be needed than all of it.
        let is_whole = columns.expr_iter().all(|expr| {
            let mut of = collect_columns(&expr).into_iter();
            expr.is::<Column>() || !of.any(|column| file_schema.field(column.index()).data_type().is_nested())
        });
        let mut roots: Vec<usize> = columns
            .expr_iter()
            .flat_map(|expr| collect_columns(&expr))
            .map(|column| column.index())
            .collect();
        roots.sort_unstable();
        roots.dedup();
        if !is_whole || roots.is_empty() {
            return Ok(None);
        }
        let descriptor = footer.file_metadata().schema_descr();
        let mask = ProjectionMask::roots(descriptor, roots.iter().copied());
        let leaves = (0..descriptor.num_columns()).filter(|leaf| mask.leaf_included(*leaf)).collect();
        let levels = parquet_to_arrow_field_levels(descriptor, mask, Some(file_schema.fields()))?;
        let decoded = file_schema.project(&roots)?;
        let columns = columns.try_map_exprs(|expr| reassign_expr_columns(expr, &decoded))?;
        Ok(Some(Shape { levels, leaves, projector: columns.make_projector(&decoded)?, schema }))
    }

    /// Rows of the scan from rows that the decoder made.
    pub(crate) fn rows(&self, decoded: &RecordBatch) -> Result<RecordBatch> {
        let rows = self.projector.project_batch(decoded)?;
        if rows.schema_ref() == &self.schema {
            return Ok(rows);
        }
        let options = RecordBatchOptions::new().with_row_count(Some(rows.num_rows()));
        Ok(RecordBatch::try_new_with_options(Arc::clone(&self.schema), rows.columns().to_vec(), &options)?)
    }
}

/// The schema that the file is decoded with.
fn file_schema(
    table: &TableSchema,
    file: &PartitionedFile,
    footer: &Arc<ParquetMetaData>,
) -> Result<SchemaRef> {
    let mut options = ArrowReaderOptions::new();
    if let Some(schema) = &file.arrow_schema {
        options = options.with_schema(Arc::clone(schema));
    }
    let schema = Arc::clone(ArrowReaderMetadata::try_new(Arc::clone(footer), options)?.schema());
    let Some(coerced) = apply_file_schema_type_coercions(table.file_schema(), &schema) else {
        return Ok(schema);
    };
    let options = ArrowReaderOptions::new().with_schema(Arc::new(coerced));
    Ok(Arc::clone(ArrowReaderMetadata::try_new(Arc::clone(footer), options)?.schema()))
}

/// The columns of the scan over those of the file.
fn adapted(
    table: &TableSchema,
    columns: &ProjectionExprs,
    file: &PartitionedFile,
    file_schema: &SchemaRef,
) -> Result<ProjectionExprs> {
    let folders = table.table_partition_cols().iter().zip(&file.partition_values);
    let folders: HashMap<&str, &ScalarValue> =
        folders.map(|(field, value)| (field.name().as_str(), value)).collect();
    let columns = columns.clone().try_map_exprs(|expr| replace_columns_with_literals(expr, &folders))?;
    if table.file_schema() == file_schema {
        return Ok(columns);
    }
    let adapter =
        DefaultPhysicalExprAdapterFactory.create(Arc::clone(table.file_schema()), Arc::clone(file_schema))?;
    let simplifier = PhysicalExprSimplifier::new(file_schema);
    columns.try_map_exprs(|expr| simplifier.simplify(adapter.rewrite(expr)?))
}
