//! Which files of a snapshot a statement's filters leave, before any of them is touched.
//!
//! A filter over partition columns alone is computed exactly, so that nothing has to apply it again. Every other filter
//! takes out the files whose bounds show that no row can pass. Does no I/O.

use std::collections::HashSet;
use std::sync::Arc;

use arrow::array::{Array, ArrayRef, AsArray, BooleanArray, RecordBatch, RecordBatchOptions, UInt64Array};
use arrow::datatypes::Schema;
use datafusion::catalog::Session;
use datafusion::common::pruning::PruningStatistics;
use datafusion::common::tree_node::TreeNode as _;
use datafusion::common::{Column, DFSchema, Result, ScalarValue};
use datafusion::logical_expr::Expr;
use datafusion::logical_expr::utils::conjunction;
use datafusion::physical_optimizer::pruning::PruningPredicateBuilder;

use crate::Snapshot;

/// Whether a filter depends on partition columns alone, so that each file passes it whole or not at all.
pub(crate) fn is_of_partitions(snapshot: &Snapshot, filter: &Expr) -> bool {
    let columns = filter.column_refs();
    !columns.is_empty()
        && !filter.is_volatile()
        && !has_subquery(filter)
        && columns.iter().all(|column| {
            snapshot.partition_columns().iter().any(|partition| *partition.name() == column.name)
        })
}

/// What is only known once the statement runs cannot choose files before.
fn has_subquery(filter: &Expr) -> bool {
    let is_later = |expr: &Expr| {
        matches!(
            expr,
            Expr::ScalarSubquery(_)
                | Expr::Exists(_)
                | Expr::InSubquery(_)
                | Expr::OuterReferenceColumn(..)
                | Expr::Placeholder(_)
        )
    };
    filter.exists(|expr| Ok(is_later(expr))).unwrap_or(true)
}

/// The files, by their place in the snapshot, that can hold rows which pass all filters.
pub(crate) fn files(snapshot: &Snapshot, session: &dyn Session, filters: &[Expr]) -> Result<Vec<usize>> {
    let count = snapshot.files().len();
    let mut keep = vec![true; count];
    for (keep, file) in keep.iter_mut().zip(snapshot.files()) {
        *keep = file.rows > 0;
    }
    let (exact, rest): (Vec<&Expr>, Vec<&Expr>) =
        filters.iter().partition(|filter| is_of_partitions(snapshot, filter));
    if !exact.is_empty() {
        by_partitions(snapshot, session, &exact, &mut keep)?;
    }
    if let Some(filter) = conjunction(rest.into_iter().cloned()) {
        by_bounds(snapshot, session, filter, &mut keep)?;
    }
    Ok((0..count).filter(|file| keep[*file]).collect())
}

fn by_partitions(
    snapshot: &Snapshot,
    session: &dyn Session,
    filters: &[&Expr],
    keep: &mut [bool],
) -> Result<()> {
    let schema = Arc::new(Schema::new(snapshot.partition_columns().to_vec()));
    let options = RecordBatchOptions::new().with_row_count(Some(keep.len()));
    let columns = snapshot.partition_arrays().to_vec();
    let rows = RecordBatch::try_new_with_options(Arc::clone(&schema), columns, &options)?;
    let names = DFSchema::try_from(schema)?;
    for filter in filters {
        let filter = session.create_physical_expr((*filter).clone(), &names)?;
        let passed = filter.evaluate(&rows)?.into_array(keep.len())?;
        let passed = passed.as_boolean();
        for (file, keep) in keep.iter_mut().enumerate() {
            *keep &= passed.is_valid(file) && passed.value(file);
        }
    }
    Ok(())
}

fn by_bounds(snapshot: &Snapshot, session: &dyn Session, filter: Expr, keep: &mut [bool]) -> Result<()> {
    let schema = snapshot.schema();
    let filter = session.create_physical_expr(filter, &DFSchema::try_from(Arc::clone(schema))?)?;
    // A filter that nothing can be concluded from is no error: it is applied to the rows.
    let Ok(predicate) = PruningPredicateBuilder::new().with_file_schema(Arc::clone(schema)).try_build(filter)
    else {
        return Ok(());
    };
    if predicate.always_true() {
        return Ok(());
    }
    let Ok(passed) = predicate.prune(&Bounds(snapshot)) else { return Ok(()) };
    keep.iter_mut().zip(passed).for_each(|(keep, passed)| *keep &= passed);
    Ok(())
}

/// A snapshot's bounds as DataFusion's pruning asks for them.
struct Bounds<'a>(&'a Snapshot);

impl Bounds<'_> {
    fn partition(&self, column: &Column) -> Option<ArrayRef> {
        let index =
            self.0.partition_columns().iter().position(|partition| *partition.name() == column.name)?;
        Some(Arc::clone(&self.0.partition_arrays()[index]))
    }

    fn column(&self, column: &Column) -> Option<&crate::bounds::ColumnBounds> {
        let (schema, bounds) = self.0.bounds();
        bounds.column(schema.index_of(&column.name).ok()?)
    }
}

impl PruningStatistics for Bounds<'_> {
    fn min_values(&self, column: &Column) -> Option<ArrayRef> {
        self.partition(column).or_else(|| Some(Arc::clone(&self.column(column)?.min)))
    }

    fn max_values(&self, column: &Column) -> Option<ArrayRef> {
        self.partition(column).or_else(|| Some(Arc::clone(&self.column(column)?.max)))
    }

    fn num_containers(&self) -> usize {
        self.0.files().len()
    }

    fn null_counts(&self, column: &Column) -> Option<ArrayRef> {
        if let Some(values) = self.partition(column) {
            let rows = self.0.files().iter().map(|file| file.rows);
            let nulls = rows.enumerate().map(|(file, rows)| if values.is_null(file) { rows } else { 0 });
            return Some(Arc::new(UInt64Array::from_iter_values(nulls)));
        }
        Some(Arc::new(self.column(column)?.nulls.clone()))
    }

    fn row_counts(&self) -> Option<ArrayRef> {
        Some(Arc::new(UInt64Array::from_iter_values(self.0.files().iter().map(|file| file.rows))))
    }

    fn contained(&self, _column: &Column, _values: &HashSet<ScalarValue>) -> Option<BooleanArray> {
        None
    }
}
