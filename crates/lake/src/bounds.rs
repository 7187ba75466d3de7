//! The smallest and largest values of columns: of one file as its footer says, and of all files of a table.
//!
//! A table keeps them as arrays, one element a file, which is small and what pruning computes on. Does no I/O.
//!
//! What a footer says is believed only where it can be: not where the smallest is above the largest, not where an old
//! writer compared text as signed bytes, and for floating point only the smallest, since NaN, which PostgreSQL puts
//! above every number, is left out of a footer's largest.

use std::sync::Arc;

use arrow::array::{Array, ArrayRef, BooleanArray, UInt64Array, new_null_array};
use arrow::compute::{CastOptions, cast_with_options, interleave};
use arrow::datatypes::{DataType, Field, SchemaRef};
use datafusion::common::stats::Precision;
use datafusion::common::{ColumnStatistics, ScalarValue};
use parquet::arrow::arrow_reader::statistics::StatisticsConverter;
use parquet::basic::Type as PhysicalType;
use parquet::file::metadata::{ParquetMetaData, RowGroupMetaData};

/// Longest text or bytes that are kept as a bound; longer ones say nothing.
const VALUE_BYTES_MAX: usize = 256;

/// Most values that one table keeps, about 16 bytes each or a text: columns beyond are not pruned by.
const CELLS_MAX: usize = 16_000_000;

/// What one file's footer says of one of its columns.
#[derive(Debug, Clone, Default, PartialEq)]
struct Bound {
    min: Option<ScalarValue>,
    max: Option<ScalarValue>,
    /// Whether both are values that occur, not only bounds.
    is_exact: bool,
    nulls: Option<u64>,
}

/// What one file's footer says of its columns, by their place in its schema.
#[derive(Debug, Clone, Default, PartialEq)]
pub(crate) struct FileBounds(Vec<Bound>);

impl FileBounds {
    /// Reads them from a footer.
    pub(crate) fn of(metadata: &ParquetMetaData, schema: &SchemaRef) -> FileBounds {
        FileBounds(
            schema.fields().iter().map(|field| bound(metadata, schema, field).unwrap_or_default()).collect(),
        )
    }
}

fn bound(metadata: &ParquetMetaData, schema: &SchemaRef, field: &Field) -> Option<Bound> {
    if field.data_type().is_nested() {
        return None;
    }
    let descriptor = metadata.file_metadata().schema_descr();
    let groups = metadata.row_groups();
    let converter = StatisticsConverter::try_new(field.name(), schema, descriptor).ok()?;
    let converter = converter.with_missing_null_counts_as_zero(false);
    let column = converter.parquet_column_index()?;
    let null_counts = converter.row_group_null_counts(groups).ok()?;
    let mut bound = Bound { nulls: sum(&null_counts), ..Bound::default() };
    let is_ordered = descriptor.column(column).physical_type() != PhysicalType::INT96
        && groups.iter().all(|group| is_comparable(group, column));
    if is_ordered {
        let has_values =
            |group: usize| null_counts.is_null(group) || null_counts.value(group) != rows(groups, group);
        bound.min =
            fold(converter.row_group_mins(groups).ok()?.as_ref(), &has_values, std::cmp::Ordering::Less);
        bound.max =
            fold(converter.row_group_maxes(groups).ok()?.as_ref(), &has_values, std::cmp::Ordering::Greater);
        bound.is_exact = all(&converter.row_group_is_min_value_exact(groups).ok()?)
            && all(&converter.row_group_is_max_value_exact(groups).ok()?);
    }
    if matches!((&bound.min, &bound.max), (Some(min), Some(max)) if min.partial_cmp(max).is_none_or(|order| order.is_gt()))
    {
        (bound.min, bound.max) = (None, None);
    }
    if field.data_type().is_floating() {
        (bound.max, bound.is_exact) = (None, false);
    }
    Some(bound)
}

fn rows(groups: &[RowGroupMetaData], group: usize) -> u64 {
    groups[group].num_rows().unsigned_abs()
}

/// Writers before 2017 compared everything as signed, which is another order for text and unsigned numbers.
fn is_comparable(group: &RowGroupMetaData, column: usize) -> bool {
    group.column(column).statistics().is_none_or(|statistics| {
        !statistics.is_min_max_deprecated() || statistics.is_min_max_backwards_compatible()
    })
}

fn sum(counts: &UInt64Array) -> Option<u64> {
    counts.iter().try_fold(0_u64, |sum, count| sum.checked_add(count?))
}

/// An exactness that is not said is exact: only text is ever cut short, and its writers say so.
fn all(flags: &BooleanArray) -> bool {
    flags.iter().all(|flag| flag.unwrap_or(true))
}

/// The smallest or largest over the row groups; none if a row group that has values does not say.
fn fold(
    values: &dyn Array,
    has_values: &dyn Fn(usize) -> bool,
    wanted: std::cmp::Ordering,
) -> Option<ScalarValue> {
    let mut best: Option<ScalarValue> = None;
    for group in 0..values.len() {
        if values.is_null(group) {
            if has_values(group) {
                return None;
            }
            continue;
        }
        let value = ScalarValue::try_from_array(values, group).ok()?;
        let replaces = match &best {
            Some(best) => value.partial_cmp(best)? == wanted,
            None => true,
        };
        if replaces {
            best = Some(value);
        }
    }
    best.filter(|value| value_bytes(value) <= VALUE_BYTES_MAX)
}

fn value_bytes(value: &ScalarValue) -> usize {
    match value {
        ScalarValue::Utf8View(Some(text)) | ScalarValue::Utf8(Some(text)) => text.len(),
        ScalarValue::BinaryView(Some(bytes)) | ScalarValue::Binary(Some(bytes)) => bytes.len(),
        _ => 0,
    }
}

/// One column's bounds in all files of a table.
#[derive(Debug, Clone)]
pub(crate) struct ColumnBounds {
    /// The smallest values, in the table's type; NULL where a file does not say.
    pub(crate) min: ArrayRef,
    /// The largest values.
    pub(crate) max: ArrayRef,
    /// Where both are values that occur.
    is_exact: BooleanArray,
    /// How many values are NULL.
    pub(crate) nulls: UInt64Array,
}

/// The bounds of a table's columns, an element a file.
#[derive(Debug, Clone, Default)]
pub(crate) struct TableBounds {
    /// By the column's place in the table; none where nothing is kept.
    columns: Vec<Option<ColumnBounds>>,
}

/// Where a file's bounds come from when a table is listed again.
pub(crate) enum Origin<'a> {
    /// The file of this place in the former bounds.
    Former(usize),
    /// A new file, with its schema, rows and bounds.
    New(&'a SchemaRef, u64, &'a FileBounds),
}

impl TableBounds {
    /// Puts together the bounds of a table of this schema from its files.
    pub(crate) fn assemble(
        schema: &SchemaRef,
        former: (&SchemaRef, &TableBounds),
        files: &[Origin<'_>],
    ) -> TableBounds {
        let columns_max = CELLS_MAX / (2 * files.len().max(1));
        let places: Vec<(usize, usize)> = files
            .iter()
            .scan(0, |new, origin| {
                Some(match origin {
                    Origin::Former(index) => (0, *index),
                    Origin::New(..) => {
                        *new += 1;
                        (1, *new - 1)
                    }
                })
            })
            .collect();
        let columns = schema.fields().iter().enumerate().map(|(index, field)| {
            if index >= columns_max || field.data_type().is_nested() {
                return None;
            }
            let former_at = former.0.index_of(field.name()).ok();
            let kept = former_at.and_then(|at| former.1.columns.get(at)?.as_ref());
            let all_kept =
                former_at.is_none() || kept.is_some() || !places.iter().any(|(from, _)| *from == 0);
            if !all_kept {
                return None;
            }
            column(field, kept, files, &places)
        });
        TableBounds { columns: columns.collect() }
    }

    /// The bounds of a column, by its place in the table.
    pub(crate) fn column(&self, index: usize) -> Option<&ColumnBounds> {
        self.columns.get(index)?.as_ref()
    }

    /// What is known of a column in one file.
    pub(crate) fn statistics(&self, column: usize, file: usize) -> ColumnStatistics {
        let Some(column) = self.column(column) else { return ColumnStatistics::new_unknown() };
        let precision = |values: &ArrayRef| match ScalarValue::try_from_array(values, file) {
            Ok(value) if value.is_null() => Precision::Absent,
            Ok(value) if column.is_exact.value(file) => Precision::Exact(value),
            Ok(value) => Precision::Inexact(value),
            Err(_) => Precision::Absent,
        };
        let nulls =
            (!column.nulls.is_null(file)).then(|| usize::try_from(column.nulls.value(file)).ok()).flatten();
        ColumnStatistics {
            min_value: precision(&column.min),
            max_value: precision(&column.max),
            null_count: nulls.map_or(Precision::Absent, Precision::Exact),
            ..ColumnStatistics::new_unknown()
        }
    }
}

fn column(
    field: &Field,
    former: Option<&ColumnBounds>,
    files: &[Origin<'_>],
    places: &[(usize, usize)],
) -> Option<ColumnBounds> {
    let of = field.data_type();
    let new: Vec<Bound> = files
        .iter()
        .filter_map(|origin| match origin {
            Origin::Former(_) => None,
            Origin::New(schema, rows, bounds) => Some(match schema.index_of(field.name()) {
                Ok(at) => bounds.0.get(at).cloned().unwrap_or_default(),
                // The file has no such column, and so only NULLs in it.
                Err(_) => Bound { nulls: Some(*rows), ..Bound::default() },
            }),
        })
        .collect();
    let array = |value: fn(&Bound) -> &Option<ScalarValue>| {
        scalars(of, new.iter().map(|bound| value(bound).as_ref()))
    };
    let (min, max) = (array(|bound| &bound.min)?, array(|bound| &bound.max)?);
    let is_exact: BooleanArray = new.iter().map(|bound| Some(bound.is_exact)).collect();
    let nulls: UInt64Array = new.iter().map(|bound| bound.nulls).collect();
    let places_max = places.iter().filter(|(from, _)| *from == 0).map(|(_, at)| at + 1).max().unwrap_or(0);
    let (old_min, old_max, old_exact, old_nulls): (ArrayRef, ArrayRef, ArrayRef, ArrayRef) = match former {
        Some(former) => (
            widened(&former.min, of)?,
            widened(&former.max, of)?,
            Arc::new(former.is_exact.clone()),
            Arc::new(former.nulls.clone()),
        ),
        None => (
            new_null_array(of, places_max),
            new_null_array(of, places_max),
            Arc::new(BooleanArray::from(vec![false; places_max])),
            new_null_array(&DataType::UInt64, places_max),
        ),
    };
    let joined = |old: &ArrayRef, new: &dyn Array| interleave(&[old.as_ref(), new], places).ok();
    Some(ColumnBounds {
        min: joined(&old_min, min.as_ref())?,
        max: joined(&old_max, max.as_ref())?,
        is_exact: joined(&old_exact, &is_exact)?.as_any().downcast_ref::<BooleanArray>()?.clone(),
        nulls: joined(&old_nulls, &nulls)?.as_any().downcast_ref::<UInt64Array>()?.clone(),
    })
}

/// The values as an array of the table's type; one that does not fit it says nothing.
fn scalars<'a>(of: &DataType, values: impl Iterator<Item = Option<&'a ScalarValue>>) -> Option<ArrayRef> {
    let null = ScalarValue::try_from(of).ok()?;
    let values: Vec<ScalarValue> = values
        .map(|value| match value {
            Some(value) if value.data_type() == *of => value.clone(),
            Some(value) => value.cast_to(of).unwrap_or_else(|_| null.clone()),
            None => null.clone(),
        })
        .collect();
    if values.is_empty() {
        return Some(new_null_array(of, 0));
    }
    ScalarValue::iter_to_array(values).ok()
}

fn widened(values: &ArrayRef, of: &DataType) -> Option<ArrayRef> {
    if values.data_type() == of {
        return Some(Arc::clone(values));
    }
    let options = CastOptions { safe: true, ..CastOptions::default() };
    cast_with_options(values, of, &options).ok()
}
