//! Visits to a web shop: nested values, in folders that mean nothing.

use std::sync::Arc;

use arrow::array::{
    ArrayRef, Int32Array, Int64Array, ListBuilder, StringArray, StringBuilder, StructArray,
    TimestampMicrosecondArray,
};
use arrow::datatypes::{DataType, Field, Fields, Schema, TimeUnit};
use arrow::record_batch::RecordBatch;

use super::dice::Dice;

/// The files, as they lie in the table's folder.
pub(crate) const FILES: [&str; 4] = [
    "2024/spring/part-0.parquet",
    "2024/spring/part-1.parquet",
    "2024/autumn/part-0.parquet",
    "2024/autumn/part-1.parquet",
];

/// Visits in each file.
pub(crate) const COUNT: usize = 75_000;

const PAGES: [&str; 6] = ["home", "search", "product", "basket", "checkout", "help"];
const BROWSERS: [&str; 4] = ["Firefox", "Chrome", "Safari", "Edge"];

/// The visits of one file.
pub(crate) fn batch(file: usize) -> arrow::error::Result<RecordBatch> {
    let mut dice = Dice::new(1_000 + file as u64);
    let mut pages = ListBuilder::new(StringBuilder::new());
    for _ in 0..COUNT {
        if dice.percent(2) {
            pages.append_null();
            continue;
        }
        for _ in 0..dice.below(6) {
            match dice.percent(1) {
                true => pages.values().append_null(),
                false => pages.values().append_value(dice.pick(&PAGES)),
            }
        }
        pages.append(true);
    }
    let browser: ArrayRef =
        Arc::new(StringArray::from_iter_values((0..COUNT).map(|_| *dice.pick(&BROWSERS))));
    let width: ArrayRef = Arc::new(Int32Array::from_iter(
        (0..COUNT).map(|_| dice.percent(95).then(|| 320 + dice.below(3_000) as i32)),
    ));
    let start = 1_704_067_200_000_000 + file as i64 * 7_776_000_000_000;
    let columns: Vec<ArrayRef> = vec![
        Arc::new(Int64Array::from_iter_values(
            (0..COUNT as i64).map(|row| file as i64 * COUNT as i64 + row + 1),
        )),
        Arc::new(TimestampMicrosecondArray::from_iter_values(
            (0..COUNT).map(|_| start + dice.below(7_776_000_000_000) as i64),
        )),
        Arc::new(Int32Array::from_iter(
            (0..COUNT).map(|_| dice.percent(60).then(|| 1 + dice.below(100_000) as i32)),
        )),
        Arc::new(pages.finish()),
        Arc::new(StructArray::try_new(device(), vec![browser, width], None)?),
    ];
    RecordBatch::try_new(schema(), columns)
}

fn device() -> Fields {
    vec![Field::new("browser", DataType::Utf8, false), Field::new("width", DataType::Int32, true)].into()
}

fn schema() -> Arc<Schema> {
    Arc::new(Schema::new(vec![
        Field::new("visit_id", DataType::Int64, false),
        Field::new("began", DataType::Timestamp(TimeUnit::Microsecond, None), false),
        Field::new("customer_id", DataType::Int32, true),
        Field::new("pages", DataType::List(Field::new("item", DataType::Utf8, true).into()), true),
        Field::new("device", DataType::Struct(device()), false),
    ]))
}
