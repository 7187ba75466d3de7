//! How a batch becomes DataRow messages: a typed slice for each column, one pass over the rows.

use arrow::array::{
    Array, Date32Array, Decimal128Array, Int32Array, Int64Array, RecordBatch, StringViewArray,
};

use super::values::{Out, put_date, put_decimal, put_decimal_binary, put_int};

/// How values are written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Format {
    Text,
    Binary,
}

/// Days from 1970-01-01 to 2000-01-01, from which PostgreSQL counts.
const EPOCH_DAYS: i32 = 10_957;

/// Longest that a number or a date can be, with its length in front.
const VALUE_MAX: usize = 28;

enum Column<'a> {
    Int4(&'a [i32]),
    Int8(&'a [i64]),
    Date(&'a [i32]),
    /// With two digits behind the point.
    Decimal(&'a [i128]),
    Text(&'a StringViewArray),
}

impl<'a> Column<'a> {
    fn of(array: &'a dyn Array) -> Column<'a> {
        assert_eq!(array.null_count(), 0, "the floor knows no nulls");
        let any = array.as_any();
        if let Some(values) = any.downcast_ref::<Int32Array>() {
            Column::Int4(values.values())
        } else if let Some(values) = any.downcast_ref::<Int64Array>() {
            Column::Int8(values.values())
        } else if let Some(values) = any.downcast_ref::<Date32Array>() {
            Column::Date(values.values())
        } else if let Some(values) = any.downcast_ref::<Decimal128Array>() {
            assert_eq!(values.scale(), 2, "the floor knows decimals of two digits");
            Column::Decimal(values.values())
        } else if let Some(values) = any.downcast_ref::<StringViewArray>() {
            Column::Text(values)
        } else {
            panic!("the floor knows lineitem's types, and not {}", array.data_type())
        }
    }
}

/// Writes the batch's rows over what the buffer held, and says how far it is filled.
pub(super) fn encode(batch: &RecordBatch, format: Format, buffer: &mut Vec<u8>) -> usize {
    let columns: Vec<Column<'_>> = batch.columns().iter().map(|array| Column::of(array)).collect();
    let texts: usize = columns
        .iter()
        .map(|column| match column {
            Column::Text(values) => values.total_bytes_len(),
            _ => 0,
        })
        .sum();
    // As large as the rows can be at most; a buffer that comes back from the writer is that already.
    let size = batch.num_rows() * (7 + columns.len() * VALUE_MAX) + texts;
    if buffer.len() < size {
        buffer.resize(size, 0);
    }
    let mut out = Out { bytes: buffer, at: 0 };
    for row in 0..batch.num_rows() {
        let start = out.at;
        out.put(b"D\0\0\0\0");
        out.put(&(columns.len() as u16).to_be_bytes());
        match format {
            Format::Text => columns.iter().for_each(|column| text(&mut out, column, row)),
            Format::Binary => columns.iter().for_each(|column| binary(&mut out, column, row)),
        }
        out.put_length(start + 1);
    }
    out.at
}

fn text(out: &mut Out<'_>, column: &Column<'_>, row: usize) {
    if let Column::Text(values) = column {
        let value = values.value(row).as_bytes();
        out.put(&(value.len() as u32).to_be_bytes());
        return out.put(value);
    }
    let start = out.at;
    out.put(&[0; 4]);
    match column {
        Column::Int4(values) => put_int(out, i64::from(values[row])),
        Column::Int8(values) => put_int(out, values[row]),
        Column::Date(values) => put_date(out, values[row]),
        Column::Decimal(values) => put_decimal(out, values[row]),
        Column::Text(_) => {}
    }
    out.put_value_length(start);
}

fn binary(out: &mut Out<'_>, column: &Column<'_>, row: usize) {
    match column {
        Column::Int4(values) => {
            out.put(&[0, 0, 0, 4]);
            out.put(&values[row].to_be_bytes());
        }
        Column::Int8(values) => {
            out.put(&[0, 0, 0, 8]);
            out.put(&values[row].to_be_bytes());
        }
        Column::Date(values) => {
            out.put(&[0, 0, 0, 4]);
            out.put(&(values[row] - EPOCH_DAYS).to_be_bytes());
        }
        Column::Decimal(values) => {
            let start = out.at;
            out.put(&[0; 4]);
            put_decimal_binary(out, values[row]);
            out.put_value_length(start);
        }
        Column::Text(_) => text(out, column, row),
    }
}
