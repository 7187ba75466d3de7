//! A table's folder of Parquet files, made once and used again.
//!
//! Files are as Spark and DuckDB write them unless told otherwise: snappy, dictionaries where they help,
//! row groups of about a million rows. A folder that is complete carries a mark; one that is not is made anew.

use std::fs::{self, File};
use std::path::Path;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

use anyhow::{Context, Result};
use arrow::array::{Array, ArrayRef};
use arrow::datatypes::{Field, Schema};
use arrow::record_batch::RecordBatch;
use indicatif::{ProgressBar, ProgressStyle};
use parquet::arrow::ArrowWriter;
use parquet::basic::Compression;
use parquet::file::properties::WriterProperties;

use super::Table;

/// Rows of one file.
const FILE_ROWS: u64 = 5_000_000;
/// Rows of one row group.
const GROUP_ROWS: usize = 1_000_000;
/// Rows that are made at once.
const BATCH_ROWS: usize = 50_000;
/// What a folder was made by. Another number makes every folder anew.
const VERSION: u32 = 1;

/// Makes the table's folder below `lake`, unless it is there, on all processors.
///
/// # Errors
///
/// Where a file cannot be written.
pub fn make(table: &Table, lake: &Path) -> Result<()> {
    let folder = lake.join(table.name);
    let mark = folder.join("_complete");
    let complete = format!("{} rows, version {VERSION}\n", table.rows);
    if fs::read_to_string(&mark).is_ok_and(|text| text == complete) {
        return Ok(());
    }
    let _ = fs::remove_dir_all(&folder);
    fs::create_dir_all(&folder).with_context(|| format!("the folder {} cannot be made", folder.display()))?;
    let bar = ProgressBar::new(table.rows).with_style(
        ProgressStyle::with_template("{msg} [{bar:40}] {human_pos} of {human_len} rows, {eta} left")
            .context("the progress bar's template")?
            .progress_chars("=> "),
    );
    bar.set_message(format!("making {}", table.name));
    let (next, failed) = (AtomicU64::new(0), Mutex::new(None));
    let files = table.rows.div_ceil(FILE_ROWS);
    std::thread::scope(|scope| {
        for _ in 0..std::thread::available_parallelism().map_or(1, usize::from) {
            scope.spawn(|| {
                loop {
                    let file = next.fetch_add(1, Ordering::Relaxed);
                    if file >= files {
                        break;
                    }
                    if let Err(error) = write(table, &folder, file, &bar) {
                        *failed.lock().unwrap_or_else(PoisonError::into_inner) = Some(error);
                        next.store(files, Ordering::Relaxed);
                    }
                }
            });
        }
    });
    bar.finish_and_clear();
    if let Some(error) = failed.into_inner().unwrap_or_else(PoisonError::into_inner) {
        return Err(error);
    }
    fs::write(&mark, complete).with_context(|| format!("{} cannot be written", mark.display()))
}

/// Writes the rows of one file.
fn write(table: &Table, folder: &Path, file: u64, bar: &ProgressBar) -> Result<()> {
    let path = folder.join(format!("part-{file:03}.parquet"));
    let about = || format!("the file {} cannot be written", path.display());
    let end = table.rows.min((file + 1) * FILE_ROWS);
    let mut row = file * FILE_ROWS;
    let mut writer = None;
    while row < end {
        let count = BATCH_ROWS.min((end - row) as usize);
        let columns = (table.make)(row, count).with_context(about)?;
        let schema = schema(table, &columns);
        let batch = RecordBatch::try_new(Arc::clone(&schema), columns).with_context(about)?;
        let writer = match &mut writer {
            Some(writer) => writer,
            none => {
                let properties = WriterProperties::builder()
                    .set_compression(Compression::SNAPPY)
                    .set_max_row_group_row_count(Some(GROUP_ROWS))
                    .build();
                let file = File::create(&path).with_context(about)?;
                none.insert(ArrowWriter::try_new(file, schema, Some(properties)).with_context(about)?)
            }
        };
        writer.write(&batch).with_context(about)?;
        bar.inc(count as u64);
        row += count as u64;
    }
    match writer {
        Some(writer) => writer.close().map(drop).with_context(about),
        None => Ok(()),
    }
}

/// Every column may be null, as most programs write them.
fn schema(table: &Table, columns: &[ArrayRef]) -> Arc<Schema> {
    let fields: Vec<Field> = table
        .columns
        .iter()
        .zip(columns)
        .map(|(column, values)| Field::new(&column.name, values.data_type().clone(), true))
        .collect();
    Arc::new(Schema::new(fields))
}
