//! What a footer says of floating point columns, cut down to what can be believed.
//!
//! NaN stands above every number in PostgreSQL and is left out of a footer's smallest and largest values by whoever
//! writes it. So the largest value and the page index of such a column say nothing; the smallest does, unless it is
//! NaN itself, as some writers have it. Whoever prunes by a footer gets it without the rest. Does no I/O.

use parquet::basic::{LogicalType, Type as PhysicalType};
use parquet::data_type::FixedLenByteArray;
use parquet::errors::Result;
use parquet::file::metadata::{ColumnChunkMetaData, ParquetMetaData};
use parquet::file::statistics::Statistics;
use parquet::schema::types::ColumnDescriptor;

/// The footer without what it cannot know of floating point columns; the same one where there are none.
pub(crate) fn believable(footer: ParquetMetaData) -> Result<ParquetMetaData> {
    if !footer.file_metadata().schema_descr().columns().iter().any(|column| is_float(column)) {
        return Ok(footer);
    }
    let mut builder = footer.into_builder();
    let mut groups = builder.take_row_groups();
    for column in groups.iter_mut().flat_map(|group| group.columns_mut()) {
        if is_float(column.column_descr()) {
            *column = of_column(column)?;
        }
    }
    Ok(builder.set_row_groups(groups).build())
}

/// Every type of Parquet that holds NaN.
fn is_float(column: &ColumnDescriptor) -> bool {
    matches!(column.physical_type(), PhysicalType::FLOAT | PhysicalType::DOUBLE)
        || column.logical_type_ref() == Some(&LogicalType::Float16)
}

fn of_column(column: &ColumnChunkMetaData) -> Result<ColumnChunkMetaData> {
    let statistics = column.statistics().map(of_statistics);
    let builder =
        column.clone().into_builder().set_column_index_offset(None).set_column_index_length(None);
    match statistics {
        Some(statistics) => builder.set_statistics(statistics).build(),
        None => builder.build(),
    }
}

fn of_statistics(of: &Statistics) -> Statistics {
    let (distinct, nulls) = (of.distinct_count_opt(), of.null_count_opt());
    match of {
        Statistics::Float(of) => {
            let min = of.min_opt().copied().filter(|value| !value.is_nan());
            Statistics::new(min, None, distinct, nulls, false)
        }
        Statistics::Double(of) => {
            let min = of.min_opt().copied().filter(|value| !value.is_nan());
            Statistics::new(min, None, distinct, nulls, false)
        }
        // Half precision, as bytes.
        _ => Statistics::new::<FixedLenByteArray>(None, None, distinct, nulls, false),
    }
}
