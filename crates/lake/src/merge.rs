//! One schema for all files of a table, by the names of the columns.
//!
//! Does no I/O. Columns stand in the order of the first file, then what later files add. Names are compared exactly,
//! so two that differ in case are two columns. A column is nullable where a file says so or has none of it.

use std::collections::HashMap;
use std::sync::Arc;

use arrow::datatypes::{Field, Schema, SchemaRef};
use lakeport_base::TableName;

use crate::{Error, Result, widen};

struct Column {
    field: Field,
    /// The file that the type is from.
    path: String,
    /// How many different schemas have it.
    files: usize,
}

/// Merges the schemas of a table's files, given with their paths in order.
///
/// Files that share one schema (one `Arc`) cost nothing after the first.
///
/// # Errors
///
/// [`Error::Mismatch`] for a column whose types in two files no type holds, naming it, both files and both types.
pub(crate) fn merge<'a>(
    table: &TableName,
    files: impl Iterator<Item = (&'a str, &'a SchemaRef)>,
) -> Result<SchemaRef> {
    let mut columns: Vec<Column> = Vec::new();
    let mut places: HashMap<String, usize> = HashMap::new();
    let mut seen: Vec<&SchemaRef> = Vec::new();
    for (path, schema) in files {
        if seen.iter().any(|other| Arc::ptr_eq(other, schema)) {
            continue;
        }
        seen.push(schema);
        for field in schema.fields() {
            let Some(at) = places.get(field.name()) else {
                places.insert(field.name().clone(), columns.len());
                columns.push(Column { field: field.as_ref().clone(), path: path.to_owned(), files: 1 });
                continue;
            };
            let column = &mut columns[*at];
            let merged = widen::field(&column.field, field).map_err(|conflict| Error::Mismatch {
                table: table.clone(),
                reason: format!(
                    "the column \"{}\" is {} in {} but {} in {path}",
                    conflict.path, conflict.left, column.path, conflict.right
                ),
            })?;
            if merged.data_type() != column.field.data_type() {
                column.path = path.to_owned();
            }
            column.field = merged;
            column.files += 1;
        }
    }
    let fields = columns.into_iter().map(|column| {
        let nullable = column.field.is_nullable() || column.files < seen.len();
        column.field.with_nullable(nullable)
    });
    Ok(Arc::new(Schema::new(fields.collect::<Vec<_>>())))
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use arrow::datatypes::{DataType, Field, Schema, SchemaRef};
    use lakeport_base::TableName;

    use super::merge;

    fn schema(fields: &[(&str, DataType, bool)]) -> SchemaRef {
        let fields = fields.iter().map(|(name, of, nullable)| Field::new(*name, of.clone(), *nullable));
        Arc::new(Schema::new(fields.collect::<Vec<_>>()))
    }

    #[test]
    fn columns_keep_the_first_order_and_new_ones_follow() {
        let a = schema(&[("b", DataType::Int32, false), ("a", DataType::Utf8View, false)]);
        let b = schema(&[("c", DataType::Date32, false), ("b", DataType::Int64, false)]);
        let merged = merge(&TableName::new("s", "t"), [("1", &a), ("2", &b), ("3", &a)].into_iter()).unwrap();
        let expected = schema(&[
            ("b", DataType::Int64, false),
            ("a", DataType::Utf8View, true),
            ("c", DataType::Date32, true),
        ]);
        assert_eq!(merged, expected);
    }

    #[test]
    fn names_that_differ_in_case_are_two_columns() {
        let a = schema(&[("id", DataType::Int32, false), ("ID", DataType::Utf8View, false)]);
        assert_eq!(merge(&TableName::new("s", "t"), [("1", &a)].into_iter()).unwrap(), a);
    }

    #[test]
    fn a_conflict_names_the_column_both_files_and_both_types() {
        let a = schema(&[("v", DataType::Int32, false)]);
        let b = schema(&[("v", DataType::Int64, false)]);
        let c = schema(&[("v", DataType::Utf8View, false)]);
        let files = [("a.parquet", &a), ("b.parquet", &b), ("c.parquet", &c)];
        let error = merge(&TableName::new("s", "t"), files.into_iter()).unwrap_err();
        assert_eq!(
            error.to_string(),
            "table s.t: the column \"v\" is Int64 in b.parquet but Utf8View in c.parquet"
        );
        assert_eq!(error.sqlstate().to_string(), "42804");
    }
}
