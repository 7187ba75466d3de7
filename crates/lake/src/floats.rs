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
    let builder = column.clone().into_builder().set_column_index_offset(None).set_column_index_length(None);
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

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use arrow::array::{ArrayRef, Float32Array, Int32Array, RecordBatch};
    use bytes::Bytes;
    use parquet::arrow::ArrowWriter;
    use parquet::file::metadata::ParquetMetaDataReader;
    use parquet::file::statistics::Statistics;

    use super::{believable, of_statistics};

    #[test]
    fn only_what_a_footer_can_know_of_floats_is_left() {
        let float: ArrayRef = Arc::new(Float32Array::from(vec![Some(1.5), None, Some(f32::NAN)]));
        let whole: ArrayRef = Arc::new(Int32Array::from(vec![Some(1), None, Some(2)]));
        let rows = RecordBatch::try_from_iter([("f", float), ("i", whole)]).unwrap();
        let mut file = Vec::new();
        let mut writer = ArrowWriter::try_new(&mut file, rows.schema(), None).unwrap();
        writer.write(&rows).unwrap();
        writer.close().unwrap();
        let footer = ParquetMetaDataReader::new().parse_and_finish(&Bytes::from(file)).unwrap();
        let [float, whole] = believable(footer).unwrap().row_group(0).columns().to_vec().try_into().unwrap();
        let Some(Statistics::Float(of)) = float.statistics() else { panic!("{float:?}") };
        assert_eq!((of.min_opt(), of.max_opt(), of.null_count_opt()), (Some(&1.5), None, Some(1)));
        assert!(float.column_index_offset().is_none() && float.offset_index_offset().is_some());
        let Some(Statistics::Int32(of)) = whole.statistics() else { panic!("{whole:?}") };
        assert_eq!((of.min_opt(), of.max_opt(), of.null_count_opt()), (Some(&1), Some(&2), Some(1)));
        assert!(whole.column_index_offset().is_some());
    }

    #[test]
    fn a_smallest_value_that_is_nan_says_nothing() {
        let nan = Statistics::new(Some(f64::NAN), Some(f64::NAN), None, Some(3), false);
        let left = of_statistics(&nan);
        assert_eq!(
            (left.min_bytes_opt(), left.max_bytes_opt(), left.null_count_opt()),
            (None, None, Some(3))
        );
    }
}
