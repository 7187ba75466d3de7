//! Small Parquet files, made by the tests that need them.

use std::fs::File;
use std::path::Path;
use std::sync::Arc;

use arrow::array::{ArrayRef, Int64Array, StringArray};
use arrow::record_batch::RecordBatch;
use parquet::arrow::ArrowWriter;
use parquet::file::properties::WriterProperties;

/// A file of these rows: `id` counts from 0, and `version` says the same in every row.
pub(crate) fn write_version(path: &Path, rows: i64, version: &str) {
    let id: ArrayRef = Arc::new(Int64Array::from_iter_values(0..rows));
    let version: ArrayRef = Arc::new(StringArray::from_iter_values((0..rows).map(|_| version)));
    write(path, &RecordBatch::try_from_iter([("id", id), ("version", version)]).expect("a batch"));
}

/// A file of one batch, in row groups of 10,000 rows.
///
/// Written aside and moved into place, as programs that write lakes do.
pub(crate) fn write(path: &Path, batch: &RecordBatch) {
    std::fs::create_dir_all(path.parent().expect("a folder")).expect("a folder");
    let aside = path.with_extension("unfinished");
    let properties = WriterProperties::builder().set_max_row_group_row_count(Some(10_000)).build();
    let file = File::create(&aside).expect("a file");
    let mut writer = ArrowWriter::try_new(file, batch.schema(), Some(properties)).expect("a writer");
    writer.write(batch).expect("rows");
    writer.close().expect("a footer");
    std::fs::rename(&aside, path).expect("a file in its place");
}
