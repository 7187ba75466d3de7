//! How fast batches become DataRow messages: each type by itself, rows like those of an extract, and wide rows.
//!
//! Throughput counts the bytes of the messages, so that types can be compared with a wire.

use std::hint::black_box;
use std::sync::Arc;

use arrow::array::{
    ArrayRef, BooleanArray, Date32Array, Decimal128Array, Float64Array, Int32Array, Int32Builder, Int64Array,
    ListBuilder, NullArray, StringBuilder, StringViewArray, TimestampMicrosecondArray, UInt32Array,
};
use arrow::compute::{cast, take};
use arrow::datatypes::DataType;
use arrow::record_batch::RecordBatch;
use criterion::{Criterion, Throughput, criterion_group, criterion_main};
use lakeport_pg::encode::{Encoder, Format};
use lakeport_sql::value::Style;

const ROWS: usize = 8192;

/// Numbers that look random and are the same at every run.
fn numbers(seed: u64) -> impl Iterator<Item = u64> {
    let mut state = seed;
    (0..ROWS).map(move |_| {
        state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        state >> 33
    })
}

fn decimal(seed: u64) -> ArrayRef {
    let values = Decimal128Array::from_iter_values(numbers(seed).map(|n| i128::from(n % 10_000_000)));
    Arc::new(values.with_precision_and_scale(15, 2).expect("the values fit"))
}

fn long_decimal(seed: u64) -> ArrayRef {
    let values = numbers(seed).zip(numbers(seed + 1)).map(|(a, b)| i128::from(a) << 54 | i128::from(b));
    let values = Decimal128Array::from_iter_values(values);
    Arc::new(values.with_precision_and_scale(38, 10).expect("the values fit"))
}

fn text(seed: u64, length: usize) -> ArrayRef {
    Arc::new(StringViewArray::from_iter_values(numbers(seed).map(|n| format!("{n:0>length$}"))))
}

/// Up to eight numbers in each.
fn int_arrays(seed: u64) -> ArrayRef {
    let mut lists = ListBuilder::new(Int32Builder::new());
    for (length, first) in numbers(seed).zip(numbers(seed + 1)) {
        (0..length % 9).for_each(|index| lists.values().append_value((first + index) as i32 % 1_000_000));
        lists.append(true);
    }
    Arc::new(lists.finish())
}

/// Up to four words in each.
fn text_arrays(seed: u64) -> ArrayRef {
    let mut lists = ListBuilder::new(StringBuilder::new());
    for (length, first) in numbers(seed).zip(numbers(seed + 1)) {
        (0..length % 5).for_each(|index| lists.values().append_value(format!("word {}", first + index)));
        lists.append(true);
    }
    Arc::new(lists.finish())
}

fn columns() -> Vec<(&'static str, ArrayRef)> {
    vec![
        ("bool", Arc::new(BooleanArray::from_iter(numbers(1).map(|n| Some(n % 2 == 0)))) as ArrayRef),
        ("int4", Arc::new(Int32Array::from_iter_values(numbers(2).map(|n| n as i32)))),
        ("int8", Arc::new(Int64Array::from_iter_values(numbers(3).map(|n| (n * 1_000_003) as i64)))),
        ("float8", Arc::new(Float64Array::from_iter_values(numbers(4).map(|n| n as f64 / 1e4)))),
        ("numeric", decimal(5)),
        ("date", Arc::new(Date32Array::from_iter_values(numbers(6).map(|n| (n % 20_000) as i32)))),
        (
            "timestamp",
            Arc::new(TimestampMicrosecondArray::from_iter_values(numbers(7).map(|n| n as i64 * 700_000))),
        ),
        (
            "timestamptz",
            Arc::new(
                TimestampMicrosecondArray::from_iter_values(numbers(8).map(|n| n as i64 * 700_000))
                    .with_timezone("UTC"),
            ),
        ),
        ("text", text(9, 27)),
        ("text of 400", text(10, 400)),
        ("numeric(38,10)", long_decimal(11)),
        ("int4[]", int_arrays(13)),
        ("text[]", text_arrays(15)),
        ("null", cast(&NullArray::new(ROWS), &DataType::Int32).expect("nulls are of every type")),
    ]
}

/// Two hundred columns of the types of the odd table of that name, as many rows as a scan of it puts in a batch.
fn wide() -> RecordBatch {
    const WIDE_ROWS: u32 = 2048;
    let names = ["int4", "int8", "float8", "numeric", "date", "text", "bool", "timestamp"];
    let of_type: Vec<ArrayRef> =
        columns().into_iter().filter_map(|(name, column)| names.contains(&name).then_some(column)).collect();
    let columns = (0..200).map(|index| {
        // Memory of its own for each, since that is what many columns are about.
        let rows = UInt32Array::from_iter_values((0..WIDE_ROWS).map(|row| (row + index) % ROWS as u32));
        let column =
            take(&of_type[index as usize % of_type.len()], &rows, None).expect("rows that are there");
        (format!("c{index}"), column)
    });
    RecordBatch::try_from_iter(columns).expect("columns of one length")
}

/// Sixteen columns of the types of TPC-H's lineitem.
fn lineitem() -> RecordBatch {
    let key = |seed| Arc::new(Int64Array::from_iter_values(numbers(seed).map(|n| n as i64))) as ArrayRef;
    let date = |seed| {
        Arc::new(Date32Array::from_iter_values(numbers(seed).map(|n| (n % 20_000) as i32))) as ArrayRef
    };
    let columns = [
        key(1),
        key(2),
        key(3),
        key(4),
        decimal(5),
        decimal(6),
        decimal(7),
        decimal(8),
        text(9, 1),
        text(10, 1),
        date(11),
        date(12),
        date(13),
        text(14, 17),
        text(15, 5),
        text(16, 27),
    ];
    let named = columns.into_iter().enumerate().map(|(index, column)| (format!("c{index}"), column));
    RecordBatch::try_from_iter(named).expect("columns of one length")
}

fn encode(batch: &RecordBatch, encoder: &Encoder) -> usize {
    encoder
        .encode(batch.clone())
        .map(|piece| black_box(piece.expect("values that can be sent")).bytes.len())
        .sum()
}

fn bench(criterion: &mut Criterion) {
    let mut batches: Vec<(String, RecordBatch)> = columns()
        .into_iter()
        .map(|(name, column)| {
            (name.to_owned(), RecordBatch::try_from_iter([(name, column)]).expect("one column"))
        })
        .collect();
    batches.push(("lineitem".to_owned(), lineitem()));
    batches.push(("200 columns".to_owned(), wide()));
    for (format_name, format) in [("text", Format::Text), ("binary", Format::Binary)] {
        let mut group = criterion.benchmark_group(format_name);
        for (name, batch) in &batches {
            let formats = vec![format; batch.num_columns()];
            let encoder =
                Encoder::new(&batch.schema(), &formats, Style::default()).expect("types that can be sent");
            group.throughput(Throughput::Bytes(encode(batch, &encoder) as u64));
            group.bench_function(name, |bencher| bencher.iter(|| encode(batch, &encoder)));
        }
        group.finish();
    }
}

criterion_group!(benches, bench);
criterion_main!(benches);
