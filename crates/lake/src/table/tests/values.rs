//! Values that need care: NaN beside footers that leave it out, folders' values, wide rows, times out of range.

use std::sync::Arc;

use arrow::array::{
    ArrayRef, Float32Array, Float64Array, StringArray, TimestampMicrosecondArray, TimestampNanosecondArray,
};
use arrow::datatypes::DataType;
use lakeport_base::ByteSize;
use lakeport_config::PartitionType;
use lakeport_store::Meter;
use parquet::file::properties::WriterProperties;

use super::{Lake, Table, ask, ints, names, session, settings, texts, write_as};
use crate::{Footers, Snapshot};

async fn count(snapshot: &Arc<Snapshot>, condition: &str) -> String {
    let sql = format!("SELECT count(*) FROM t WHERE {condition}");
    ask(snapshot, &Arc::new(Meter::default()), &sql).await.unwrap()
}

#[tokio::test]
async fn nan_is_found_by_every_filter_above_every_number() {
    // Three row groups of three pages each, with NaN in the middle one.
    let values = [1.0, 2.0, 3.0, 4.0, f64::NAN, 5.0, 200.0, 300.0, 6.0];
    let rows = |of: &dyn Fn(f64) -> f64| values.iter().map(|value| of(*value)).collect::<Vec<f64>>();
    for by_page in [false, true] {
        let lake = Lake::new();
        let properties = WriterProperties::builder()
            .set_max_row_group_row_count(Some(if by_page { 9 } else { 3 }))
            .set_data_page_row_count_limit(1)
            .set_write_batch_size(1)
            .build();
        let double: ArrayRef = Arc::new(Float64Array::from(rows(&|value| value)));
        let single: ArrayRef = Arc::new(Float32Array::from_iter_values(
            rows(&|value| value).into_iter().map(|value| value as f32),
        ));
        let columns = vec![("d", double), ("f", single), ("i", ints(&[1, 2, 3, 4, 5, 6, 7, 8, 9]))];
        write_as(&lake.folder.path().join("t/a.parquet"), columns, properties);
        let snapshot = lake.table("t").snapshot().await.unwrap();
        for column in ["d", "f"] {
            for (condition, expected) in [
                (format!("{column} > 100"), "| 3 |"),
                (format!("{column} > 1000"), "| 1 |"),
                (format!("{column} > 100 AND i < 7"), "| 1 |"),
                (format!("{column} <= 50"), "| 6 |"),
                (format!("NOT {column} <= 50"), "| 3 |"),
                (format!("{column} <> 4"), "| 8 |"),
                (format!("{column} IS NULL"), "| 0 |"),
            ] {
                assert_eq!(count(&snapshot, &condition).await, expected, "{condition}, by page: {by_page}");
            }
            let meter = Arc::new(Meter::default());
            let largest = format!("SELECT {column} FROM t ORDER BY {column} DESC LIMIT 2");
            assert_eq!(ask(&snapshot, &meter, &largest).await.unwrap(), "| NaN |\n| 300.0 |");
            let max = format!("SELECT max({column}) FROM t");
            assert_eq!(ask(&snapshot, &meter, &max).await.unwrap(), "| NaN |");
            let some = format!("SELECT {column} FROM t WHERE {column} <= 50 LIMIT 6");
            assert!(!ask(&snapshot, &meter, &some).await.unwrap().contains("NaN"));
        }
    }
}

#[tokio::test]
async fn row_groups_are_still_left_out_by_numbers_that_a_footer_knows() {
    let lake = Lake::new();
    let properties = WriterProperties::builder()
        .set_max_row_group_row_count(Some(1_000))
        .set_dictionary_enabled(false)
        .build();
    let double: ArrayRef = Arc::new(Float64Array::from_iter_values((0..10_000).map(f64::from)));
    let columns = vec![("d", double), ("i", ints(&(0..10_000).collect::<Vec<_>>()))];
    write_as(&lake.folder.path().join("t/a.parquet"), columns, properties);
    let snapshot = lake.table("t").snapshot().await.unwrap();
    let mut bytes = Vec::new();
    for condition in ["i < 500", "i > 9500", "d < 500", "d > 9500"] {
        let meter = Arc::new(Meter::default());
        let sql = format!("SELECT sum(d), sum(i) FROM t WHERE {condition}");
        ask(&snapshot, &meter, &sql).await.unwrap();
        bytes.push(meter.bytes());
    }
    let [first, last, smallest, all] = bytes[..] else { unreachable!() };
    assert!(first < all / 5 && last < all / 5 && smallest < all / 5, "{bytes:?}");
}

#[tokio::test]
async fn dates_in_folders_are_dates_and_choose_files() {
    let lake = Lake::new();
    for day in 1..=5 {
        lake.write(&format!("t/day=2024-02-0{day}/a.parquet"), vec![("v", ints(&[day]))]);
    }
    lake.write("t/day=__HIVE_DEFAULT_PARTITION__/a.parquet", vec![("v", ints(&[9]))]);
    let snapshot = lake.table("t").snapshot().await.unwrap();
    assert_eq!(snapshot.schema().field(1).data_type(), &DataType::Date32);
    let meter = Arc::new(Meter::default());
    let found = ask(&snapshot, &meter, "SELECT v, day FROM t WHERE day > date '2024-02-04'").await.unwrap();
    assert_eq!((found.as_str(), meter.requests()), ("| 5 | 2024-02-05 |", 1));
    assert_eq!(count(&snapshot, "day IS NULL").await, "| 1 |");
}

#[tokio::test]
async fn declared_types_are_held_against_the_folders() {
    let lake = Lake::new();
    lake.write("t/day=2024-02-01/code=007/a.parquet", vec![("v", ints(&[1]))]);
    lake.write("t/day=2024-02-30/code=8/b.parquet", vec![("v", ints(&[2]))]);
    let table = |partitions: &[(&str, PartitionType)]| {
        let partitions = partitions.iter().map(|(name, of)| ((*name).to_owned(), *of)).collect();
        let settings = super::TableSettings { partitions, ..settings(&lake.store, "t") };
        Table::new(settings, Footers::new(ByteSize::mebibytes(1)))
    };
    let text = table(&[("day", PartitionType::Text), ("code", PartitionType::Text)]).snapshot().await;
    let meter = Arc::new(Meter::default());
    let found = ask(&text.unwrap(), &meter, "SELECT code, day FROM t ORDER BY v").await.unwrap();
    assert_eq!(found, "| 007 | 2024-02-01 |\n| 8 | 2024-02-30 |");
    for (declared, words) in [
        (
            &[("day", PartitionType::Date), ("code", PartitionType::Int)][..],
            &["day=2024-02-30", "t/day=2024-02-30/code=8/b.parquet", "no date"][..],
        ),
        (
            &[("day", PartitionType::Int), ("code", PartitionType::Int)],
            &["day=2024-02-01", "no whole number"],
        ),
        (&[("day", PartitionType::Text)], &["declares day", "day, code"]),
        (&[("code", PartitionType::Int), ("day", PartitionType::Text)], &["declares code, day"]),
    ] {
        names(&table(declared).snapshot().await.unwrap_err(), "42804", words);
    }
}

#[tokio::test]
async fn wide_rows_come_in_small_batches() {
    let lake = Lake::new();
    // Distinct texts of 100 KB: 41 of them are 4 MiB.
    let wide: Vec<String> =
        (0..150).map(|row| row.to_string().repeat(100_000 / row.to_string().len())).collect();
    lake.write("wide.parquet", vec![("w", Arc::new(StringArray::from(wide)))]);
    let huge: Vec<String> =
        (0..40).map(|row| row.to_string().repeat(1_000_000 / row.to_string().len())).collect();
    lake.write("huge.parquet", vec![("w", Arc::new(StringArray::from(huge)))]);
    lake.write("narrow.parquet", vec![("w", ints(&(0..20_000).collect::<Vec<_>>()))]);
    for (file, rows, largest) in [
        ("wide.parquet", 150, 35..=41),
        ("huge.parquet", 40, 16..=16),
        ("narrow.parquet", 20_000, 8_192..=8_192),
    ] {
        let snapshot = lake.table(file).snapshot().await.unwrap();
        let session = session(&snapshot, &Arc::new(Meter::default()));
        let batches = session.sql("SELECT * FROM t").await.unwrap().collect().await.unwrap();
        let counts: Vec<usize> = batches.iter().map(arrow::array::RecordBatch::num_rows).collect();
        assert_eq!(counts.iter().sum::<usize>(), rows);
        assert!(largest.contains(counts.iter().max().unwrap()), "{file}: {counts:?}");
    }
}

#[tokio::test]
async fn a_time_that_the_finer_unit_cannot_hold_is_an_error_and_never_another_time() {
    let lake = Lake::new();
    // The year 2500 in microseconds, and a moment of 1970 in nanoseconds.
    let far: ArrayRef = Arc::new(TimestampMicrosecondArray::from(vec![16_725_225_600_000_000]));
    let near: ArrayRef = Arc::new(TimestampNanosecondArray::from(vec![1]));
    lake.write("t/far.parquet", vec![("at", far), ("v", texts(&["far"]))]);
    lake.write("t/near.parquet", vec![("at", near), ("v", texts(&["near"]))]);
    let snapshot = lake.table("t").snapshot().await.unwrap();
    assert_eq!(snapshot.schema().field(0).data_type().to_string(), "Timestamp(ns)");
    let meter = Arc::new(Meter::default());
    for sql in ["SELECT at FROM t", "SELECT max(at) FROM t", "SELECT v FROM t WHERE at > '1980-01-01'"] {
        let answer = ask(&snapshot, &meter, sql).await;
        assert!(answer.is_err(), "{sql}: {answer:?}");
    }
    assert_eq!(ask(&snapshot, &meter, "SELECT v FROM t ORDER BY v").await.unwrap(), "| far |\n| near |");
}
