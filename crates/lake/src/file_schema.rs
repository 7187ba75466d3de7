//! The Arrow schema that a Parquet file is read with.
//!
//! Starts from what the file says and takes out what would make two files of one table differ for nothing: one type
//! of text (`Utf8View` for a column, `Utf8` within a nested one), one of bytes, no dictionaries, one time zone, no
//! metadata but what decides the PostgreSQL type. Does no I/O.
//!
//! A column is a view type because that is what the decoder makes fastest: it points into the decoded pages. Within
//! lists and structs plain text is kept, since DataFusion's functions on nested types know it better.

use std::collections::{HashMap, HashSet};
use std::sync::Arc;

use arrow::datatypes::{DataType, Field, FieldRef, Fields, Schema, TimeUnit};
use parquet::arrow::parquet_to_arrow_schema;
use parquet::basic::{ConvertedType, LogicalType, Type as PhysicalType};
use parquet::file::metadata::FileMetaData;
use parquet::schema::types::{ColumnDescriptor, SchemaDescriptor};

/// Deepest nesting of a column: far above what anyone writes, far below what a thread's stack holds.
pub(crate) const DEPTH_MAX: usize = 32;

/// Most columns of one file, counting the leaves of nested ones.
pub(crate) const COLUMNS_MAX: usize = 100_000;

/// Key of the field metadata that names a PostgreSQL type, as `sql` reads it.
const PG_TYPE: &str = "pg.type";

/// Key of the field metadata that names an Arrow extension type.
const EXTENSION: &str = "ARROW:extension:name";

/// The schema to read a file with; the reason if it has none that can be read.
pub(crate) fn file_schema(file: &FileMetaData) -> Result<Schema, String> {
    let descriptor = file.schema_descr();
    if descriptor.num_columns() > COLUMNS_MAX {
        return Err(format!("it has more than {COLUMNS_MAX} columns"));
    }
    // The schema that an Arrow writer left beside the file's own is only advice, and may be damaged alone.
    let inferred = parquet_to_arrow_schema(descriptor, file.key_value_metadata())
        .or_else(|_| parquet_to_arrow_schema(descriptor, None))
        .map_err(|error| error.to_string())?;
    let mut names = HashSet::new();
    if let Some(twice) = inferred.fields().iter().find(|field| !names.insert(field.name().as_str())) {
        return Err(format!("the column \"{}\" is there twice", twice.name()));
    }
    let mut leaves = Leaves { descriptor, next: 0 };
    let fields: Result<Vec<_>, _> = inferred.fields().iter().map(|field| leaves.field(field, 0)).collect();
    Ok(Schema::new(fields?))
}

/// Goes through the leaves of the Parquet schema while the Arrow schema, which has the same leaves, is walked.
struct Leaves<'a> {
    descriptor: &'a SchemaDescriptor,
    next: usize,
}

impl Leaves<'_> {
    fn field(&mut self, field: &Field, depth: usize) -> Result<FieldRef, String> {
        if depth >= DEPTH_MAX {
            return Err(format!("its columns are nested deeper than {DEPTH_MAX}"));
        }
        let mut metadata = HashMap::new();
        let data_type = match field.data_type() {
            DataType::List(inner)
            | DataType::LargeList(inner)
            | DataType::ListView(inner)
            | DataType::LargeListView(inner)
            | DataType::FixedSizeList(inner, _) => DataType::List(self.field(inner, depth + 1)?),
            DataType::Struct(fields) => DataType::Struct(self.fields(fields, depth)?),
            DataType::Map(entries, sorted) => DataType::Map(self.field(entries, depth + 1)?, *sorted),
            leaf => {
                if self.next >= self.descriptor.num_columns() {
                    return Err("its schema does not fit its columns".to_owned());
                }
                let column = self.descriptor.column(self.next);
                self.next += 1;
                if let Some((key, value)) = meaning(&column).or_else(|| extension(field)) {
                    metadata.insert(key.to_owned(), value.to_owned());
                }
                leaf_type(leaf, &column, depth == 0)
            }
        };
        Ok(Arc::new(Field::new(field.name(), data_type, field.is_nullable()).with_metadata(metadata)))
    }

    fn fields(&mut self, fields: &Fields, depth: usize) -> Result<Fields, String> {
        fields.iter().map(|field| self.field(field, depth + 1)).collect()
    }
}

fn leaf_type(leaf: &DataType, column: &ColumnDescriptor, is_column: bool) -> DataType {
    if column.physical_type() == PhysicalType::INT96 {
        // Spark and Impala mean an instant; a date such as 0001-01-01 does not fit nanoseconds.
        return DataType::Timestamp(TimeUnit::Microsecond, Some("UTC".into()));
    }
    match leaf {
        DataType::Dictionary(_, value) => leaf_type(value, column, is_column),
        DataType::Utf8 | DataType::LargeUtf8 | DataType::Utf8View if is_column => DataType::Utf8View,
        DataType::Utf8 | DataType::LargeUtf8 | DataType::Utf8View => DataType::Utf8,
        DataType::Binary | DataType::LargeBinary | DataType::BinaryView if is_column => DataType::BinaryView,
        DataType::Binary | DataType::LargeBinary | DataType::BinaryView => DataType::Binary,
        DataType::Decimal32(precision, scale) | DataType::Decimal64(precision, scale) => {
            DataType::Decimal128(*precision, *scale)
        }
        DataType::Timestamp(unit, Some(_)) => DataType::Timestamp(*unit, Some("UTC".into())),
        other => other.clone(),
    }
}

/// What an Arrow writer left beside the file's own schema, where that says no more than a length.
fn extension(field: &Field) -> Option<(&'static str, &'static str)> {
    let is_uuid = field.data_type() == &DataType::FixedSizeBinary(16)
        && field.metadata().get(EXTENSION).is_some_and(|name| name == "arrow.uuid");
    is_uuid.then_some((EXTENSION, "arrow.uuid"))
}

/// What the file says of a column's meaning that its Arrow type does not.
fn meaning(column: &ColumnDescriptor) -> Option<(&'static str, &'static str)> {
    match (column.logical_type_ref(), column.converted_type()) {
        (Some(LogicalType::Uuid), _) => Some((EXTENSION, "arrow.uuid")),
        (Some(LogicalType::Json), _) | (None, ConvertedType::JSON) => Some((PG_TYPE, "json")),
        _ => None,
    }
}
