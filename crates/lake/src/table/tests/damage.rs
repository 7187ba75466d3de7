//! Files that are damaged behind their footer: the file is named, and every other is read.

use std::sync::Arc;

use arrow::array::{ArrayRef, Float64Array, ListArray};
use arrow::datatypes::Int32Type;
use lakeport_store::Meter;
use parquet::basic::{Compression, Encoding};
use parquet::file::properties::{WriterProperties, WriterVersion};

use super::{Lake, ask, ints, names, texts, write_as};
use crate::Error;

/// The answer, or none for an error that names the file `t/bad.parquet`; any other error fails.
async fn checked(lake: &Lake, sql: &str) -> Option<String> {
    let snapshot = match lake.table("t").snapshot().await {
        Ok(snapshot) => snapshot,
        Err(error) => {
            names(&error, "XX001", &["t/bad.parquet"]);
            return None;
        }
    };
    match ask(&snapshot, &Arc::new(Meter::default()), sql).await {
        Ok(answer) => Some(answer),
        Err(error) => {
            let found = Error::within(&error);
            names(found.unwrap_or_else(|| panic!("{error}")), "XX001", &["t/bad.parquet"]);
            None
        }
    }
}

#[tokio::test]
async fn a_damaged_page_is_an_error_that_names_the_file_and_others_stay_readable() {
    let lake = Lake::new();
    lake.write("t/bad.parquet", vec![("v", texts(&["one", "two"]))]);
    lake.write("t/good.parquet", vec![("v", texts(&["three"]))]);
    let path = lake.folder.path().join("t/bad.parquet");
    let mut bytes = std::fs::read(&path).unwrap();
    bytes[4..24].fill(0xff);
    std::fs::write(&path, bytes).unwrap();
    assert_eq!(checked(&lake, "SELECT v FROM t").await, None);
    assert_eq!(checked(&lake, "SELECT upper(v) FROM t WHERE v > 'a'").await, None);
    let good = lake.table("t/good.parquet").snapshot().await.unwrap();
    assert_eq!(ask(&good, &Arc::new(Meter::default()), "SELECT v FROM t").await.unwrap(), "| three |");
}

#[tokio::test]
async fn damage_anywhere_reads_or_names_the_file_and_never_panics() {
    let lake = Lake::new();
    let columns = || -> Vec<(&str, ArrayRef)> {
        let lists = (0..40).map(|row| (row % 3 > 0).then(|| (0..row % 5).map(Some).collect::<Vec<_>>()));
        let words: Vec<String> = (0..40).map(|row| format!("word {}", row % 7)).collect();
        vec![
            ("i", ints(&(0..40).collect::<Vec<_>>())),
            ("f", Arc::new(Float64Array::from_iter((0..40).map(|row| (row % 4 > 0).then_some(0.5))))),
            ("w", texts(&words.iter().map(String::as_str).collect::<Vec<_>>())),
            ("l", Arc::new(ListArray::from_iter_primitive::<Int32Type, _, _>(lists))),
        ]
    };
    let path = lake.folder.path().join("t/bad.parquet");
    let plain = WriterProperties::builder;
    for properties in [
        plain().set_compression(Compression::UNCOMPRESSED).set_dictionary_enabled(false).build(),
        plain().set_compression(Compression::SNAPPY).build(),
        plain()
            .set_writer_version(WriterVersion::PARQUET_2_0)
            .set_compression(Compression::ZSTD(Default::default()))
            .set_column_encoding("i".into(), Encoding::DELTA_BINARY_PACKED)
            .set_column_dictionary_enabled("i".into(), false)
            .set_column_encoding("w".into(), Encoding::DELTA_BYTE_ARRAY)
            .set_column_dictionary_enabled("w".into(), false)
            .build(),
    ] {
        write_as(&path, columns(), properties);
        let good = std::fs::read(&path).unwrap();
        assert_eq!(checked(&lake, "SELECT count(i), count(f) FROM t").await.unwrap(), "| 40 | 30 |");
        let footer = u32::from_le_bytes(good[good.len() - 8..good.len() - 4].try_into().unwrap()) as usize;
        let mut failed = 0;
        for at in (4..good.len() - 8 - footer).step_by(5) {
            let mut bad = good.clone();
            bad[at] ^= 0xff;
            std::fs::write(&path, bad).unwrap();
            failed += usize::from(checked(&lake, "SELECT * FROM t WHERE i >= 3").await.is_none());
        }
        assert!(failed > 10, "only {failed} were noticed");
    }
}

#[tokio::test]
async fn what_an_expression_of_the_statement_does_is_not_the_files_fault() {
    let lake = Lake::new();
    lake.write("t/a.parquet", vec![("v", ints(&[0, 1]))]);
    let snapshot = lake.table("t").snapshot().await.unwrap();
    let error = ask(&snapshot, &Arc::new(Meter::default()), "SELECT 1 / v FROM t").await.unwrap_err();
    assert!(Error::within(&error).is_none(), "{error}");
    assert!(error.to_string().contains("Divide by zero"), "{error}");
}
