//! Wide and odd tables: what encoders meet beside lineitem's types.
//!
//! Each is as large as a few hundred megabytes of text at the full scale. Long strings stay below the size
//! from which PostgreSQL would store them apart, so that both servers send what lies in the row.

use std::sync::Arc;

use arrow::array::{
    ArrayRef, BooleanArray, Date32Array, Decimal128Array, DictionaryArray, Float64Array, Int32Array,
    Int32Builder, Int64Array, ListBuilder, NullArray, StringArray, StringBuilder, TimestampMicrosecondArray,
};
use arrow::compute::cast;
use arrow::datatypes::{DataType, Int32Type, TimeUnit};
use arrow::error::Result;

use super::dice::Dice;
use super::words::Words;
use super::{Column, Table};

/// Makes one column of so many values.
type Values = fn(&mut Dice, &Words, usize) -> Result<ArrayRef>;

/// The tables, each with this share of its rows at the full scale.
pub fn odd(share: f64) -> Vec<Table> {
    let rows = |rows: f64| ((rows * share) as u64).max(1000);
    let mixed: [(&'static str, Values); 8] = [
        ("integer", int4),
        ("bigint", int8),
        ("double precision", float8),
        ("numeric(15,2)", decimal),
        ("date", date),
        ("varchar", word),
        ("boolean", boolean),
        ("timestamp", timestamp),
    ];
    let wide = mixed.into_iter().cycle().take(200).collect();
    let nulls: Vec<(&'static str, Values)> = vec![
        ("integer", |_, _, count| nulls(&DataType::Int32, count)),
        ("bigint", |_, _, count| nulls(&DataType::Int64, count)),
        ("double precision", |_, _, count| nulls(&DataType::Float64, count)),
        ("numeric(15,2)", |_, _, count| nulls(&DataType::Decimal128(15, 2), count)),
        ("date", |_, _, count| nulls(&DataType::Date32, count)),
        ("varchar", |_, _, count| nulls(&DataType::Utf8, count)),
        ("timestamp", |_, _, count| nulls(&DataType::Timestamp(TimeUnit::Microsecond, None), count)),
    ];
    let mut null_columns: Vec<(&'static str, Values)> = vec![("integer", int4)];
    null_columns.extend(nulls.into_iter().cycle().take(15));
    vec![
        table("wide_200", rows(200_000.0), wide),
        table(
            "long_strings",
            rows(400_000.0),
            vec![("integer", int4), ("text", long), ("text", long), ("text", long)],
        ),
        table("all_null", rows(4_000_000.0), null_columns),
        table("lists", rows(1_000_000.0), vec![("integer", int4), ("integer[]", numbers), ("text[]", words)]),
        table("dictionaries", rows(3_000_000.0), vec![("varchar", picked as Values); 8]),
        table("numeric_38_10", rows(1_000_000.0), vec![("numeric(38,10)", long_decimal as Values); 8]),
        table("timestamps_tz", rows(2_000_000.0), vec![("timestamptz", timestamp_tz as Values); 8]),
    ]
}

fn table(name: &'static str, rows: u64, columns: Vec<(&'static str, Values)>) -> Table {
    let (types, values): (Vec<_>, Vec<_>) = columns.into_iter().unzip();
    let columns = types
        .into_iter()
        .enumerate()
        .map(|(index, pg_type)| Column::new(format!("c{index}"), pg_type))
        .collect();
    let text = Words::new();
    let make = move |first: u64, count: usize| {
        let mut dice = Dice::new(first);
        values.iter().map(|column| column(&mut dice, &text, count)).collect()
    };
    Table { name, columns, rows, make: Box::new(make) }
}

fn int4(dice: &mut Dice, _: &Words, count: usize) -> Result<ArrayRef> {
    Ok(Arc::new(Int32Array::from_iter_values((0..count).map(|_| dice.within(-99_999, 9_999_999) as i32))))
}

fn int8(dice: &mut Dice, _: &Words, count: usize) -> Result<ArrayRef> {
    Ok(Arc::new(Int64Array::from_iter_values((0..count).map(|_| dice.within(0, 99_999_999_999)))))
}

fn float8(dice: &mut Dice, _: &Words, count: usize) -> Result<ArrayRef> {
    Ok(Arc::new(Float64Array::from_iter_values(
        (0..count).map(|_| dice.within(-1_000_000_000, 1_000_000_000) as f64 / 1e4),
    )))
}

fn decimal(dice: &mut Dice, _: &Words, count: usize) -> Result<ArrayRef> {
    let values = (0..count).map(|_| i128::from(dice.within(-1_000_000, 99_999_999)));
    Ok(Arc::new(Decimal128Array::from_iter_values(values).with_precision_and_scale(15, 2)?))
}

fn long_decimal(dice: &mut Dice, _: &Words, count: usize) -> Result<ArrayRef> {
    let values = (0..count).map(|_| {
        i128::from(dice.within(-9_999_999_999, 9_999_999_999)) * 1_000_000_000_000_000
            + i128::from(dice.within(0, 999_999_999_999_999))
    });
    Ok(Arc::new(Decimal128Array::from_iter_values(values).with_precision_and_scale(38, 10)?))
}

fn date(dice: &mut Dice, _: &Words, count: usize) -> Result<ArrayRef> {
    Ok(Arc::new(Date32Array::from_iter_values((0..count).map(|_| dice.within(0, 20_000) as i32))))
}

fn boolean(dice: &mut Dice, _: &Words, count: usize) -> Result<ArrayRef> {
    Ok(Arc::new(BooleanArray::from_iter((0..count).map(|_| Some(dice.below(2) == 0)))))
}

/// Microseconds of this century.
fn times(dice: &mut Dice, count: usize) -> TimestampMicrosecondArray {
    TimestampMicrosecondArray::from_iter_values(
        (0..count).map(|_| dice.within(946_684_800_000_000, 1_767_225_600_000_000)),
    )
}

fn timestamp(dice: &mut Dice, _: &Words, count: usize) -> Result<ArrayRef> {
    Ok(Arc::new(times(dice, count)))
}

fn timestamp_tz(dice: &mut Dice, _: &Words, count: usize) -> Result<ArrayRef> {
    Ok(Arc::new(times(dice, count).with_timezone("UTC")))
}

fn word(dice: &mut Dice, text: &Words, count: usize) -> Result<ArrayRef> {
    Ok(Arc::new(StringArray::from_iter_values((0..count).map(|_| text.piece(dice, 8, 20)))))
}

fn long(dice: &mut Dice, text: &Words, count: usize) -> Result<ArrayRef> {
    Ok(Arc::new(StringArray::from_iter_values((0..count).map(|_| text.piece(dice, 200, 600)))))
}

fn numbers(dice: &mut Dice, _: &Words, count: usize) -> Result<ArrayRef> {
    let mut list = ListBuilder::new(Int32Builder::new());
    for _ in 0..count {
        for _ in 0..dice.below(9) {
            list.values().append_value(dice.within(-999, 999_999) as i32);
        }
        list.append(true);
    }
    Ok(Arc::new(list.finish()))
}

fn words(dice: &mut Dice, text: &Words, count: usize) -> Result<ArrayRef> {
    let mut list = ListBuilder::new(StringBuilder::new());
    for _ in 0..count {
        for _ in 0..dice.below(5) {
            list.values().append_value(text.piece(dice, 3, 12));
        }
        list.append(true);
    }
    Ok(Arc::new(list.finish()))
}

fn picked(dice: &mut Dice, text: &Words, count: usize) -> Result<ArrayRef> {
    // The same forty values in every batch, as the text is the same.
    let mut same = Dice::new(40);
    let choices: Vec<&str> = (0..40).map(|_| text.piece(&mut same, 5, 18)).collect();
    let values: DictionaryArray<Int32Type> = (0..count).map(|_| dice.pick(&choices)).collect();
    Ok(Arc::new(values))
}

fn nulls(data_type: &DataType, count: usize) -> Result<ArrayRef> {
    cast(&NullArray::new(count), data_type)
}
