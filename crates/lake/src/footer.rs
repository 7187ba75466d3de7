//! Reading one Parquet file's footer, and what planning needs to remember of it.
//!
//! A footer is looked over before it is decoded (`thrift.rs`) and after (here): every length and offset that a
//! later read would trust lies within the file. Decoding runs inside `catch_unwind`, since the decoder panics on some
//! damaged files.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;

use bytes::Bytes;
use lakeport_store::{Object, read_range};
use object_store::ObjectStore;
use parquet::file::metadata::{FooterTail, ParquetMetaData, ParquetMetaDataReader};

use crate::bounds::FileBounds;
use crate::file_schema::file_schema;
use crate::{Error, Result, floats, thrift};

/// How much of a file's end the first request asks for: most footers fit, and a small file is read whole.
const GUESS: u64 = 64 << 10;

/// Longest footer that is read, in bytes: 10,000 columns in 200 row groups come to about as much.
const FOOTER_MAX: u64 = 256 << 20;

/// Length and magic at the end of a file, in bytes.
const TAIL: u64 = 8;

/// What planning remembers of a file once its footer may be forgotten.
#[derive(Debug, Clone)]
pub(crate) struct Facts {
    /// The schema that it is read with.
    pub(crate) schema: arrow::datatypes::SchemaRef,
    /// How many rows it has.
    pub(crate) rows: u64,
    /// How many bytes its rows take decompressed, as the file says.
    pub(crate) decoded_bytes: u64,
    /// The smallest and largest values of its columns.
    pub(crate) bounds: Arc<FileBounds>,
}

/// Reads the footer of an object: one request, and a second where it is longer than the guess.
///
/// # Errors
///
/// [`Error::Corrupt`] if the object is no Parquet file or a damaged one, [`Error::TooMuch`] for a footer longer than
/// is read, and what the store fails with.
pub(crate) async fn read(objects: &dyn ObjectStore, object: &Object) -> Result<ParquetMetaData> {
    if object.size < 2 * TAIL - 4 {
        return Err(corrupt(object, "it is too short to be one"));
    }
    let guess = read_range(objects, object, object.size.saturating_sub(GUESS)..object.size).await?;
    let length = footer_length(object, &guess)?;
    let start = object.size - TAIL - length;
    let have = object.size - guess.len() as u64;
    let footer = if start >= have {
        let at = usize::try_from(start - have).unwrap_or(usize::MAX);
        guess.slice(at..guess.len() - TAIL as usize)
    } else {
        read_range(objects, object, start..object.size - TAIL).await?
    };
    decode(object, &footer)
}

fn footer_length(object: &Object, end: &Bytes) -> Result<u64> {
    let tail =
        end.last_chunk::<{ TAIL as usize }>().ok_or_else(|| corrupt(object, "it is too short to be one"))?;
    if !tail.ends_with(b"PAR1") && !tail.ends_with(b"PARE") {
        return Err(corrupt(object, "it does not end in PAR1"));
    }
    let tail = FooterTail::try_new(tail).map_err(|error| corrupt(object, error.to_string()))?;
    if tail.is_encrypted_footer() {
        return Err(corrupt(object, "it is encrypted"));
    }
    let length = tail.metadata_length() as u64;
    if length == 0 || length > object.size - TAIL - 4 {
        return Err(corrupt(object, format!("its footer claims {length} bytes, more than the file has")));
    }
    if length > FOOTER_MAX {
        let what = format!("the footer of {} with {length} bytes", object.path);
        return Err(Error::TooMuch { what, bound: FOOTER_MAX });
    }
    Ok(length)
}

fn decode(object: &Object, footer: &[u8]) -> Result<ParquetMetaData> {
    thrift::check(footer).map_err(|reason| corrupt(object, reason))?;
    let metadata = contained(object, || ParquetMetaDataReader::decode_metadata(footer))?
        .map_err(|error| corrupt(object, error.to_string()))?;
    check(object, &metadata).map_err(|reason| corrupt(object, reason))?;
    floats::believable(metadata).map_err(|error| corrupt(object, error.to_string()))
}

/// What planning remembers of a file with this footer.
pub(crate) fn facts(object: &Object, metadata: &ParquetMetaData) -> Result<Facts> {
    let schema = contained(object, || file_schema(metadata.file_metadata()))?;
    let schema = Arc::new(schema.map_err(|reason| corrupt(object, reason))?);
    let bounds = contained(object, || FileBounds::of(metadata, &schema))?;
    let rows = metadata.row_groups().iter().map(|group| group.num_rows().unsigned_abs()).sum();
    let decoded_bytes =
        metadata.row_groups().iter().map(|group| group.total_byte_size().unsigned_abs()).sum();
    Ok(Facts { schema, rows, decoded_bytes, bounds: Arc::new(bounds) })
}

/// Whether everything that later reads trust lies within the file.
fn check(object: &Object, metadata: &ParquetMetaData) -> Result<(), String> {
    let columns = metadata.file_metadata().schema_descr().num_columns();
    let mut rows = 0_i64;
    for group in metadata.row_groups() {
        let counted = rows.checked_add(group.num_rows()).filter(|_| group.num_rows() >= 0);
        rows = counted.ok_or("a row group has an impossible number of rows")?;
        if group.columns().len() != columns || group.total_byte_size() < 0 {
            return Err("a row group does not fit the schema".to_owned());
        }
        for column in group.columns() {
            if column.file_path().is_some() {
                return Err("it keeps its columns in another file".to_owned());
            }
            let first = column.dictionary_page_offset().unwrap_or_else(|| column.data_page_offset());
            let first = first.min(column.data_page_offset());
            let end = first.checked_add(column.compressed_size());
            let inside = first >= 0
                && column.compressed_size() >= 0
                && column.num_values() >= 0
                && end.is_some_and(|end| end.unsigned_abs() <= object.size);
            if !inside {
                return Err(format!("its column {} does not lie within it", column.column_path()));
            }
        }
    }
    if rows != metadata.file_metadata().num_rows() {
        return Err("its row groups do not add up to its rows".to_owned());
    }
    Ok(())
}

/// Runs a decoder that may panic on damaged input.
fn contained<T>(object: &Object, decode: impl FnOnce() -> T) -> Result<T> {
    // Nothing outlives the closure but its result, so nothing half-done can be seen.
    catch_unwind(AssertUnwindSafe(decode)).map_err(|_| corrupt(object, "its footer is damaged"))
}

/// The error for an object that cannot be read as Parquet.
pub(crate) fn corrupt(object: &Object, reason: impl Into<String>) -> Error {
    Error::Corrupt { path: object.path.to_string(), reason: reason.into() }
}
