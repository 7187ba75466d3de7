//! Columns that stand in folder names: `year=2024/month=3`, as Hive writes them.
//!
//! Does no I/O. Values and names are percent-decoded once; `__HIVE_DEFAULT_PARTITION__` is NULL. A folder without
//! `=` says nothing and may stand anywhere between. Without declared types, a column is `int` if every value in
//! every folder is a whole number of 64 bits (`03` is 3, as Spark reads it), else `date` if every value is one
//! like `2024-01-31`, else `text`.

use std::sync::Arc;

use arrow::datatypes::{DataType, Field, FieldRef};
use chrono::NaiveDate;
use datafusion::common::ScalarValue;
use lakeport_base::TableName;
use lakeport_config::PartitionType;
use percent_encoding::percent_decode_str;

use crate::{Error, Result};

/// What Hive and Spark write for NULL.
const NULL_NAME: &str = "__HIVE_DEFAULT_PARTITION__";

/// The folders of one file that say something: name and value, none where it is NULL.
pub(crate) type Keys = Vec<(String, Option<String>)>;

/// The partition columns of a table, and each file's values.
#[derive(Debug, Clone, PartialEq, Default)]
pub(crate) struct Partitions {
    /// The columns, in the order of the folders.
    pub(crate) columns: Vec<FieldRef>,
    /// For each file, in the order given, a value for each column.
    pub(crate) values: Vec<Vec<ScalarValue>>,
}

/// Reads the keys in the folders between `base` and the file.
pub(crate) fn keys(base: &str, path: &str) -> Keys {
    let below = path.strip_prefix(base).unwrap_or(path).trim_start_matches('/');
    let folders = below.rsplit_once('/').map_or("", |(folders, _)| folders);
    folders
        .split('/')
        .filter_map(|folder| folder.split_once('='))
        .filter(|(name, _)| !name.is_empty())
        .map(|(name, value)| (decoded(name), (value != NULL_NAME).then(|| decoded(value))))
        .collect()
}

/// Types the folders of all files of a table.
///
/// # Errors
///
/// [`Error::Mismatch`] if two files have different keys, naming both; if a folder's value is none of its declared
/// type, naming the file; or if the declared columns are not those of the folders.
pub(crate) fn partitions(
    table: &TableName,
    files: &[(&str, Keys)],
    declared: &[(String, PartitionType)],
) -> Result<Partitions> {
    let Some((first_path, first)) = files.first() else { return Ok(Partitions::default()) };
    let mismatch = |reason: String| Error::Mismatch { table: table.clone(), reason };
    for (index, (name, _)) in first.iter().enumerate() {
        if first[..index].iter().any(|(other, _)| other == name) {
            return Err(mismatch(format!(
                "the partition column \"{name}\" is twice in the path of {first_path}"
            )));
        }
    }
    for (path, keys) in files {
        if !keys.iter().map(|(name, _)| name).eq(first.iter().map(|(name, _)| name)) {
            let (one, other) = (names(first), names(keys));
            return Err(mismatch(format!("{first_path} has {one}, but {path} has {other}")));
        }
    }
    if !declared.is_empty() && !declared.iter().map(|(name, _)| name).eq(first.iter().map(|(name, _)| name)) {
        let wanted: Vec<_> = declared.iter().map(|(name, _)| name.as_str()).collect();
        let wanted = wanted.join(", ");
        return Err(mismatch(format!("{first_path} has {}, but the table declares {wanted}", names(first))));
    }
    let types: Vec<PartitionType> = (0..first.len())
        .map(|column| match declared.get(column) {
            Some((_, declared)) => *declared,
            None => inferred(files.iter().filter_map(|(_, keys)| keys[column].1.as_deref())),
        })
        .collect();
    let columns = first.iter().zip(&types);
    let columns = columns.map(|((name, _), of)| Arc::new(Field::new(name, data_type(*of), true))).collect();
    let mut values = Vec::with_capacity(files.len());
    for (path, keys) in files {
        let row = keys.iter().zip(&types).map(|((name, text), of)| {
            value(*of, text.as_deref()).ok_or_else(|| {
                let text = text.as_deref().unwrap_or_default();
                mismatch(format!("the folder {name}={text} of {path} is no {}", type_name(*of)))
            })
        });
        values.push(row.collect::<Result<_>>()?);
    }
    Ok(Partitions { columns, values })
}

fn decoded(text: &str) -> String {
    percent_decode_str(text).decode_utf8_lossy().into_owned()
}

fn names(keys: &Keys) -> String {
    if keys.is_empty() {
        return "no partition folders".to_owned();
    }
    let names: Vec<_> = keys.iter().map(|(name, _)| name.as_str()).collect();
    format!("the partition folders {}", names.join(", "))
}

fn inferred<'a>(values: impl Iterator<Item = &'a str> + Clone) -> PartitionType {
    if values.clone().next().is_none() {
        PartitionType::Text
    } else if values.clone().all(|text| integer(text).is_some()) {
        PartitionType::Int
    } else if values.clone().all(|text| date(text).is_some()) {
        PartitionType::Date
    } else {
        PartitionType::Text
    }
}

fn data_type(of: PartitionType) -> DataType {
    match of {
        PartitionType::Int => DataType::Int64,
        PartitionType::Date => DataType::Date32,
        PartitionType::Text => DataType::Utf8View,
    }
}

fn type_name(of: PartitionType) -> &'static str {
    match of {
        PartitionType::Int => "whole number",
        PartitionType::Date => "date such as 2024-01-31",
        PartitionType::Text => "text",
    }
}

/// The value of a folder; none if it is none of the type.
fn value(of: PartitionType, text: Option<&str>) -> Option<ScalarValue> {
    Some(match (of, text) {
        (PartitionType::Int, text) => {
            ScalarValue::Int64(text.map_or(Some(None), |text| integer(text).map(Some))?)
        }
        (PartitionType::Date, text) => {
            ScalarValue::Date32(text.map_or(Some(None), |text| date(text).map(Some))?)
        }
        (PartitionType::Text, text) => ScalarValue::Utf8View(text.map(str::to_owned)),
    })
}

/// Digits with at most a minus in front: no plus, no blanks, no underscores.
fn integer(text: &str) -> Option<i64> {
    let digits = text.strip_prefix('-').unwrap_or(text);
    digits.bytes().all(|byte| byte.is_ascii_digit()).then(|| text.parse().ok())?
}

/// Days since 1970 of a text of exactly the form 2024-01-31.
fn date(text: &str) -> Option<i32> {
    if text.len() != 10
        || !text
            .bytes()
            .enumerate()
            .all(|(at, b)| if at == 4 || at == 7 { b == b'-' } else { b.is_ascii_digit() })
    {
        return None;
    }
    let date = NaiveDate::parse_from_str(text, "%Y-%m-%d").ok()?;
    i32::try_from(date.signed_duration_since(NaiveDate::default()).num_days()).ok()
}

#[cfg(test)]
mod tests {
    use arrow::datatypes::DataType;
    use datafusion::common::ScalarValue;
    use lakeport_base::TableName;
    use lakeport_config::PartitionType;

    use super::{Partitions, keys, partitions};
    use crate::Result;

    fn read(paths: &[&str], declared: &[(&str, PartitionType)]) -> Result<Partitions> {
        let files: Vec<_> = paths.iter().map(|path| (*path, keys("t", path))).collect();
        let declared: Vec<_> = declared.iter().map(|(name, of)| ((*name).to_owned(), *of)).collect();
        partitions(&TableName::new("s", "t"), &files, &declared)
    }

    #[track_caller]
    fn check(values: &[&str], expected: &DataType, last: &ScalarValue) {
        let paths: Vec<_> = values.iter().map(|value| format!("t/k={value}/x.parquet")).collect();
        let paths: Vec<_> = paths.iter().map(String::as_str).collect();
        let found = read(&paths, &[]).unwrap();
        assert_eq!(found.columns[0].data_type(), expected, "{values:?}");
        assert_eq!(found.values.last().unwrap()[0], *last, "{values:?}");
    }

    #[test]
    fn types_are_inferred_over_all_values() {
        check(&["1", "03"], &DataType::Int64, &ScalarValue::Int64(Some(3)));
        check(&["-7"], &DataType::Int64, &ScalarValue::Int64(Some(-7)));
        check(&["1", "x", "2"], &DataType::Utf8View, &ScalarValue::Utf8View(Some("2".into())));
        check(&["1970-01-02"], &DataType::Date32, &ScalarValue::Date32(Some(1)));
        check(&["2024-02-30"], &DataType::Utf8View, &ScalarValue::Utf8View(Some("2024-02-30".into())));
        check(&["2024-01-01", "1"], &DataType::Utf8View, &ScalarValue::Utf8View(Some("1".into())));
        check(
            &["9223372036854775808"],
            &DataType::Utf8View,
            &ScalarValue::Utf8View(Some("9223372036854775808".into())),
        );
        check(&["+1"], &DataType::Utf8View, &ScalarValue::Utf8View(Some("+1".into())));
        check(&[""], &DataType::Utf8View, &ScalarValue::Utf8View(Some(String::new())));
        check(&["-"], &DataType::Utf8View, &ScalarValue::Utf8View(Some("-".into())));
    }

    #[test]
    fn values_are_decoded_once_and_the_default_partition_is_null() {
        check(&["New%20York"], &DataType::Utf8View, &ScalarValue::Utf8View(Some("New York".into())));
        check(&["a%252Fb"], &DataType::Utf8View, &ScalarValue::Utf8View(Some("a%2Fb".into())));
        check(&["..%2F..%2Fetc"], &DataType::Utf8View, &ScalarValue::Utf8View(Some("../../etc".into())));
        check(&["1", "__HIVE_DEFAULT_PARTITION__"], &DataType::Int64, &ScalarValue::Int64(None));
        check(&["__HIVE_DEFAULT_PARTITION__"], &DataType::Utf8View, &ScalarValue::Utf8View(None));
    }

    #[test]
    fn folders_without_a_key_may_stand_between() {
        let found =
            read(&["t/a/year=2024/b/month=1/x.parquet", "t/year=2023/month=2/c/x.parquet"], &[]).unwrap();
        assert_eq!(
            found.columns.iter().map(|field| field.name().as_str()).collect::<Vec<_>>(),
            ["year", "month"]
        );
    }

    #[test]
    fn declared_types_win_over_what_would_be_inferred() {
        let found = read(&["t/zip=01234/x.parquet"], &[("zip", PartitionType::Text)]).unwrap();
        assert_eq!(found.values[0][0], ScalarValue::Utf8View(Some("01234".into())));
    }

    #[test]
    fn what_does_not_fit_is_named() {
        for (paths, declared, named) in [
            (vec!["t/a=1/x.parquet", "t/b=1/y.parquet"], vec![], vec!["t/a=1/x.parquet", "t/b=1/y.parquet"]),
            (vec!["t/a=1/x.parquet", "t/y.parquet"], vec![], vec!["t/a=1/x.parquet", "t/y.parquet"]),
            (vec!["t/a=1/b=2/x.parquet", "t/b=1/a=2/y.parquet"], vec![], vec!["a, b", "b, a"]),
            (vec!["t/a=1/a=2/x.parquet"], vec![], vec!["\"a\"", "twice"]),
            (vec!["t/a=x1/x.parquet"], vec![("a", PartitionType::Int)], vec!["a=x1", "whole number"]),
            (vec!["t/a=x1/x.parquet"], vec![("a", PartitionType::Date)], vec!["a=x1", "date"]),
            (vec!["t/a=1/x.parquet"], vec![("b", PartitionType::Int)], vec!["declares b"]),
            (vec!["t/x.parquet"], vec![("b", PartitionType::Int)], vec!["declares b"]),
        ] {
            let error = read(&paths, &declared).unwrap_err();
            assert_eq!(error.sqlstate().to_string(), "42804");
            for name in named {
                assert!(error.to_string().contains(name), "{error} should name {name}");
            }
        }
    }
}
