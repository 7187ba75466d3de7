//! The rows of a file, decoded while its pages come.
//!
//! DataFusion's own Parquet source brings all that a scan needs of a row group before it decodes any of it, and a row
//! group is decoded by one task. Here a row group is cut between tasks (`parts.rs`), and its pages come as their rows are
//! wanted (`pages.rs`): the first rows are there after the first pages, and only a fraction of a row group is held. A
//! dictionary is read and decoded once by each task, however many pages use it.
//!
//! That is for scans which read whole columns of files with an offset index and large row groups, and which skip no rows:
//! everything else is left to DataFusion, by answering none.

use std::collections::VecDeque;
use std::ops::Range;
use std::sync::Arc;

use arrow::array::RecordBatch;
use bytes::Bytes;
use datafusion::common::Result;
use datafusion::datasource::listing::PartitionedFile;
use datafusion::datasource::table_schema::TableSchema;
use datafusion::physical_expr::projection::ProjectionExprs;
use datafusion::physical_plan::metrics::Count;
use futures::future::BoxFuture;
use futures::stream::{self, BoxStream};
use futures::{FutureExt as _, StreamExt as _};
use lakeport_store::Object;
use parquet::arrow::arrow_reader::{ParquetRecordBatchReader, RowSelection, RowSelector};
use parquet::errors::ParquetError;
use parquet::file::metadata::ParquetMetaData;

use crate::chunks::{Chunk, Group};
use crate::offsets::Offsets;
use crate::pages::{Pages, Reach, Run};
use crate::parts::{Part, parts};
use crate::reader::{Pinned, ReaderFactory};
use crate::shape::Shape;

/// How much larger each window of a part is than the one before, up to the usual: the first rows should come soon.
const WINDOW_GROWTH: u64 = 4;

/// Versions of the Rust writer below this one could break a row of lists over two pages; the next that is sure not to.
const RUST_WRITER_MIN: u32 = 45;

/// How one task of a scan reads its files.
pub(crate) struct Paging {
    pub(crate) store: Arc<ReaderFactory>,
    pub(crate) table: TableSchema,
    pub(crate) columns: ProjectionExprs,
    pub(crate) batch_rows: usize,
    /// Counts the bytes that are brought.
    pub(crate) scanned: Count,
}

impl Paging {
    /// The rows of a file, or of the range of it; none if it is not to be read so.
    pub(crate) async fn open(
        &self,
        file: &PartitionedFile,
    ) -> Result<Option<BoxStream<'static, Result<RecordBatch>>>> {
        let Some(Pinned(object)) = file.extension::<Pinned>() else { return Ok(None) };
        let footer = self.store.footer(object).await?;
        let Some(shape) = Shape::new(&self.table, &self.columns, file, &footer)? else { return Ok(None) };
        let reach = self.store.reach();
        if !is_large(&footer, &shape.leaves, reach) || breaks_rows(&footer, &shape.leaves) {
            return Ok(None);
        }
        let offsets = self.store.offsets(object, &footer).await?;
        let Some(parts) = parts(&footer, &offsets, &shape.leaves, file.range.as_ref()) else {
            return Ok(None);
        };
        let file = File {
            store: Arc::clone(&self.store),
            object: object.clone(),
            footer,
            offsets,
            shape,
            reach,
            batch_rows: self.batch_rows.max(1),
            scanned: self.scanned.clone(),
        };
        let rows = Rows { file, parts: parts.into(), now: None, then: None };
        let rows =
            stream::try_unfold(
                rows,
                |mut rows| async move { Ok(rows.next().await?.map(|batch| (batch, rows))) },
            );
        Ok(Some(rows.boxed()))
    }
}

/// Whether what is wanted of a row group is more than is brought at once.
fn is_large(footer: &ParquetMetaData, leaves: &[usize], reach: Reach) -> bool {
    let bytes = |group: usize| bytes_of(footer, group, leaves);
    (0..footer.num_row_groups()).any(|group| reach.is_cutting(bytes(group)))
}

/// What is wanted of a row group, in bytes.
fn bytes_of(footer: &ParquetMetaData, group: usize, leaves: &[usize]) -> u64 {
    let group = footer.row_group(group);
    leaves.iter().map(|leaf| group.column(*leaf).compressed_size().unsigned_abs()).sum()
}

/// Whether the file's writer may have broken a row of lists over two pages, which its offset index cannot say.
///
/// Source: <https://github.com/apache/arrow-rs/pull/4327>
fn breaks_rows(footer: &ParquetMetaData, leaves: &[usize]) -> bool {
    let file = footer.file_metadata();
    let writer = file.created_by().and_then(|writer| writer.strip_prefix("parquet-rs version "));
    let version = writer.and_then(|version| version.split('.').next()?.parse::<u32>().ok());
    version.is_some_and(|version| version < RUST_WRITER_MIN)
        && leaves.iter().any(|leaf| file.schema_descr().column(*leaf).max_rep_level() > 0)
}

/// A file that is read.
struct File {
    store: Arc<ReaderFactory>,
    object: Object,
    footer: Arc<ParquetMetaData>,
    offsets: Arc<Offsets>,
    shape: Shape,
    reach: Reach,
    batch_rows: usize,
    scanned: Count,
}

impl File {
    /// Begins with a part; nothing of it is there yet. The first window has `rows` rows.
    fn begin(&self, part: Part, rows: u64) -> Result<Reading> {
        let (group, leaves) = (self.footer.row_group(part.group), &self.shape.leaves);
        let chunks: Vec<Arc<Chunk>> = leaves.iter().map(|_| Arc::default()).collect();
        let pages = Group {
            footer: &self.footer,
            offsets: &self.offsets,
            index: part.group,
            leaves,
            chunks: &chunks,
        };
        // One run of rows: whichever way the decoder takes to select them, it reads no page before or behind.
        let rows_of = |rows: u64| usize::try_from(rows).unwrap_or(usize::MAX);
        let selection = RowSelection::from(vec![
            RowSelector::skip(rows_of(part.rows.start)),
            RowSelector::select(rows_of(part.rows.end - part.rows.start)),
        ]);
        let decoder = ParquetRecordBatchReader::try_new_with_row_groups(
            &self.shape.levels,
            &pages,
            self.batch_rows,
            Some(selection),
        )?;
        Ok(Reading {
            decoder,
            chunks,
            rows: part.rows.clone(),
            there: part.rows.start,
            window_rows: rows,
            pages: Pages::new(group, &self.offsets, leaves, part, self.reach),
            coming: None,
        })
    }

    /// Rows of a window of the usual size.
    fn window_rows(&self, group: usize) -> u64 {
        let bytes = bytes_of(&self.footer, group, &self.shape.leaves).max(1);
        let rows = self.footer.row_group(group).num_rows().unsigned_abs();
        let rows = u128::from(rows) * u128::from(self.reach.window_bytes) / u128::from(bytes);
        u64::try_from(rows).unwrap_or(u64::MAX).max(self.batch_rows as u64)
    }
}

/// Rows of a file as they come.
struct Rows {
    file: File,
    /// The parts that are not begun.
    parts: VecDeque<Part>,
    /// The part that is decoded.
    now: Option<Reading>,
    /// The part after it, once all pages of that are there.
    then: Option<Reading>,
}

impl Rows {
    /// The next batch; none at the end.
    async fn next(&mut self) -> Result<Option<RecordBatch>> {
        loop {
            if self.now.is_none() {
                self.now = self.then.take();
            }
            let now = match &mut self.now {
                Some(now) => now,
                none => {
                    let Some(part) = self.parts.pop_front() else { return Ok(None) };
                    // The first rows of all should come soon.
                    none.insert(self.file.begin(part, self.file.batch_rows as u64)?)
                }
            };
            if now.rows.is_empty() {
                self.now = None;
                continue;
            }
            let wanted = now.rows.end.min(now.rows.start + self.file.batch_rows as u64);
            while now.there < wanted {
                now.ask(&self.file);
                now.arrive().await?;
            }
            self.look_ahead()?;
            let Some(now) = &mut self.now else { continue };
            let batch = now.decoder.next().transpose()?;
            let Some(batch) = batch.filter(|batch| batch.num_rows() as u64 == wanted - now.rows.start) else {
                return Err(ParquetError::General("a column ends before its rows do".to_owned()).into());
            };
            now.rows.start = wanted;
            return Ok(Some(self.file.shape.rows(&batch)?));
        }
    }

    /// Asks for what is wanted after what is there, and takes it if it has come.
    fn look_ahead(&mut self) -> Result<()> {
        let is_whole = self.now.as_ref().is_none_or(Reading::is_whole);
        if is_whole && self.then.is_none() {
            let Some(part) = self.parts.pop_front() else { return Ok(()) };
            let rows = self.file.window_rows(part.group);
            self.then = Some(self.file.begin(part, rows)?);
        }
        let reading = if is_whole { &mut self.then } else { &mut self.now };
        let Some(reading) = reading else { return Ok(()) };
        // A window ahead and no more, of the part after as well.
        let rows = reading.there - reading.rows.start;
        if rows <= if is_whole { 0 } else { self.file.window_rows(reading.pages.group()) } {
            reading.ask(&self.file);
        }
        // Polled once, so that the store is asked while the decoder works.
        reading.arrive().now_or_never().unwrap_or(Ok(()))
    }
}

/// A part of a row group that is read.
struct Reading {
    decoder: ParquetRecordBatchReader,
    /// The bytes that are there, of each column.
    chunks: Vec<Arc<Chunk>>,
    /// The rows that are not decoded yet.
    rows: Range<u64>,
    /// The pages of all rows before this one are there.
    there: u64,
    /// Rows of the next window.
    window_rows: u64,
    pages: Pages,
    coming: Option<Coming>,
}

/// What was asked of the store.
struct Coming {
    until: u64,
    runs: Vec<Run>,
    bytes: BoxFuture<'static, Result<Vec<Bytes>>>,
}

impl Reading {
    /// Whether the pages of all rows are there.
    fn is_whole(&self) -> bool {
        self.there >= self.rows.end
    }

    /// Asks for the next window, unless one is on its way or all is there.
    fn ask(&mut self, file: &File) {
        if self.coming.is_some() || self.is_whole() {
            return;
        }
        let until = self.rows.end.min(self.there + self.window_rows);
        let usual = file.window_rows(self.pages.group());
        self.window_rows = (self.window_rows * WINDOW_GROWTH).min(usual);
        let runs = self.pages.until(until);
        if runs.is_empty() {
            self.there = until;
            return;
        }
        let ranges: Vec<Range<u64>> = runs.iter().map(|run| run.bytes.clone()).collect();
        file.scanned.add(ranges.iter().map(|range| range.end - range.start).sum::<u64>() as usize);
        let bytes = file.store.read(file.object.clone(), ranges);
        self.coming = Some(Coming { until, runs, bytes });
    }

    /// Waits for what was asked for. Dropping the future loses nothing.
    async fn arrive(&mut self) -> Result<()> {
        let Some(coming) = &mut self.coming else { return Ok(()) };
        let bytes = (&mut coming.bytes).await?;
        let Some(Coming { until, runs, .. }) = self.coming.take() else { return Ok(()) };
        for (run, bytes) in runs.into_iter().zip(bytes) {
            self.chunks[run.column].put(run.bytes.start, bytes);
        }
        self.there = until;
        Ok(())
    }
}

#[cfg(test)]
mod tests;
