//! Orders: the large table, in a folder for each year and month.

use std::sync::Arc;

use arrow::array::{
    ArrayRef, Decimal128Array, Int16Array, Int32Array, Int64Array, StringArray, TimestampMicrosecondArray,
};
use arrow::datatypes::{DataType, Field, Schema, TimeUnit};
use arrow::record_batch::RecordBatch;

use super::dice::Dice;

/// The years and months there are orders of.
pub(crate) fn months() -> impl Iterator<Item = (i32, u32)> {
    (2022..=2024).flat_map(|year| (1..=12).map(move |month| (year, month)))
}

const STATES: [&str; 5] = ["delivered", "delivered", "shipped", "open", "returned"];
const NOTES: [&str; 4] =
    ["leave at the door", "gift – bitte einpacken 🎁", "call first", "attention, fragile"];

/// `count` orders of one month, the first with the number `first`.
pub(crate) fn batch(year: i32, month: u32, first: i64, count: usize) -> arrow::error::Result<RecordBatch> {
    let mut dice = Dice::new(u64::from(year.unsigned_abs()) * 100 + u64::from(month));
    let start = chrono::NaiveDate::from_ymd_opt(year, month, 1)
        .map_or(0, |date| date.and_time(chrono::NaiveTime::MIN).and_utc().timestamp_micros());
    // Every month has 28 days at least; orders of the last days would need the calendar.
    let span_micros: u64 = 28 * 86_400 * 1_000_000;
    let mut times: Vec<i64> = (0..count).map(|_| start + dice.below(span_micros) as i64).collect();
    times.sort_unstable();
    let columns: Vec<ArrayRef> = vec![
        Arc::new(Int64Array::from_iter_values(first..first + count as i64)),
        Arc::new(TimestampMicrosecondArray::from(times).with_timezone("UTC")),
        Arc::new(Int32Array::from_iter_values((0..count).map(|_| 1 + dice.below(100_000) as i32))),
        Arc::new(Int32Array::from_iter_values((0..count).map(|_| 1 + dice.below(1_000) as i32))),
        Arc::new(Int16Array::from_iter_values((0..count).map(|_| 1 + dice.below(9) as i16))),
        Arc::new(
            Decimal128Array::from_iter_values((0..count).map(|_| 99 + i128::from(dice.below(50_000))))
                .with_precision_and_scale(10, 2)?,
        ),
        Arc::new(
            Decimal128Array::from_iter(
                (0..count).map(|_| dice.percent(20).then(|| i128::from(dice.below(300)))),
            )
            .with_precision_and_scale(4, 3)?,
        ),
        Arc::new(StringArray::from_iter_values((0..count).map(|_| *dice.pick(&STATES)))),
        Arc::new(StringArray::from_iter((0..count).map(|_| dice.percent(3).then(|| *dice.pick(&NOTES))))),
    ];
    RecordBatch::try_new(schema(), columns)
}

fn schema() -> Arc<Schema> {
    Arc::new(Schema::new(vec![
        Field::new("order_id", DataType::Int64, false),
        Field::new("ordered_at", DataType::Timestamp(TimeUnit::Microsecond, Some("UTC".into())), false),
        Field::new("customer_id", DataType::Int32, false),
        Field::new("product_id", DataType::Int32, false),
        Field::new("quantity", DataType::Int16, false),
        Field::new("unit_price", DataType::Decimal128(10, 2), false),
        Field::new("discount", DataType::Decimal128(4, 3), true),
        Field::new("status", DataType::Utf8, false),
        Field::new("note", DataType::Utf8, true),
    ]))
}
