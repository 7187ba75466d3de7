//! The pages of a row group as the decoder asks for them, from the bytes that were brought.
//!
//! The decoder reads the pages of a column one behind the other, each once, so what it has read can go. It trusts the
//! offset index in how many rows a page has; here a page that has others is an error, since otherwise the columns of a
//! row would come from different rows.

use std::collections::VecDeque;
use std::sync::{Arc, Mutex, PoisonError};

use bytes::{Buf as _, Bytes, buf};
use parquet::arrow::arrow_reader::RowGroups;
use parquet::basic::Encoding;
use parquet::column::page::{Page, PageIterator, PageMetadata, PageReader};
use parquet::errors::{ParquetError, Result};
use parquet::file::metadata::{ParquetMetaData, RowGroupMetaData};
use parquet::file::reader::{ChunkReader, Length, SerializedPageReader};

use crate::offsets::Offsets;

/// The bytes of one column chunk that were brought and not read yet.
#[derive(Debug, Default)]
pub(crate) struct Chunk {
    /// By where they begin in the file, in that order.
    runs: Mutex<VecDeque<(u64, Bytes)>>,
}

impl Chunk {
    /// Adds bytes that lie behind all that are there.
    pub(crate) fn put(&self, start: u64, bytes: Bytes) {
        self.runs.lock().unwrap_or_else(PoisonError::into_inner).push_back((start, bytes));
    }

    /// The bytes from `start` to the end of their run. What lies before goes.
    fn from(&self, start: u64) -> Result<Bytes> {
        let mut runs = self.runs.lock().unwrap_or_else(PoisonError::into_inner);
        while let Some((first, bytes)) = runs.front() {
            let skipped = start.checked_sub(*first).and_then(|bytes| usize::try_from(bytes).ok());
            match skipped {
                Some(skipped) if skipped < bytes.len() => return Ok(bytes.slice(skipped..)),
                Some(_) => runs.pop_front(),
                None => break,
            };
        }
        Err(damaged("a page does not lie where its offset index says"))
    }
}

impl Length for Chunk {
    /// Nobody who reads by an offset index asks for it.
    fn len(&self) -> u64 {
        u64::MAX
    }
}

impl ChunkReader for Chunk {
    type T = buf::Reader<Bytes>;

    fn get_read(&self, start: u64) -> Result<Self::T> {
        Ok(self.from(start)?.reader())
    }

    fn get_bytes(&self, start: u64, length: usize) -> Result<Bytes> {
        let run = self.from(start)?;
        if length > run.len() {
            return Err(damaged("a page is longer than its offset index says"));
        }
        Ok(run.slice(..length))
    }
}

/// Some columns of a row group, whose bytes come while it is read.
pub(crate) struct Group<'a> {
    pub(crate) footer: &'a ParquetMetaData,
    pub(crate) offsets: &'a Offsets,
    /// Which row group.
    pub(crate) index: usize,
    /// The leaf columns wanted, in their order.
    pub(crate) leaves: &'a [usize],
    /// Their bytes.
    pub(crate) chunks: &'a [Arc<Chunk>],
}

impl RowGroups for Group<'_> {
    fn num_rows(&self) -> usize {
        usize::try_from(self.footer.row_group(self.index).num_rows()).unwrap_or_default()
    }

    fn column_chunks(&self, leaf: usize) -> Result<Box<dyn PageIterator>> {
        let place = self.leaves.binary_search(&leaf).ok();
        let (Some(chunk), Some(pages)) =
            (place.and_then(|place| self.chunks.get(place)), self.offsets.pages(self.index, leaf))
        else {
            return Err(ParquetError::General(format!("the column {leaf} is not read")));
        };
        let column = self.footer.row_group(self.index).column(leaf);
        let rows = self.num_rows();
        let ends = pages.iter().skip(1).map(|page| page.first_row_index).chain([rows as i64]);
        let counts = pages.iter().zip(ends).map(|(page, end)| end.abs_diff(page.first_row_index)).collect();
        let pages = SerializedPageReader::new(Arc::clone(chunk), column, rows, Some(pages.to_vec()))?;
        let level_max = column.column_descr().max_rep_level();
        Ok(Box::new(OneChunk(Some(Ok(Box::new(Checked { pages, counts, level_max }))))))
    }

    fn row_groups(&self) -> Box<dyn Iterator<Item = &RowGroupMetaData> + '_> {
        Box::new(std::iter::once(self.footer.row_group(self.index)))
    }

    fn metadata(&self) -> &ParquetMetaData {
        self.footer
    }
}

/// The pages of one column chunk, as an iterator over chunks.
struct OneChunk(Option<Result<Box<dyn PageReader>>>);

impl Iterator for OneChunk {
    type Item = Result<Box<dyn PageReader>>;

    fn next(&mut self) -> Option<Self::Item> {
        self.0.take()
    }
}

impl PageIterator for OneChunk {}

/// Pages that have as many rows as the offset index says.
struct Checked {
    pages: SerializedPageReader<Chunk>,
    /// The rows of each page that is still to come.
    counts: VecDeque<u64>,
    /// The largest repetition level; 0 where each row is one value.
    level_max: i16,
}

impl PageReader for Checked {
    fn get_next_page(&mut self) -> Result<Option<Page>> {
        let page = self.pages.get_next_page()?;
        if let Some(page) = page.as_ref().filter(|page| page.is_data_page()) {
            let expected = self.counts.pop_front().unwrap_or_default();
            let is_right = match page {
                Page::DataPageV2 { num_rows, .. } => u64::from(*num_rows) == expected,
                Page::DataPage { num_values, .. } if self.level_max == 0 => {
                    u64::from(*num_values) == expected
                }
                Page::DataPage { buf, rep_level_encoding: Encoding::RLE, .. } => {
                    begins_with_a_row(buf, self.level_max)
                }
                // The other encoding went out of use before there were offset indexes.
                Page::DataPage { .. } => false,
                Page::DictionaryPage { .. } => true,
            };
            if !is_right {
                return Err(damaged("a page does not have the rows that its offset index says"));
            }
        }
        Ok(page)
    }

    fn peek_next_page(&mut self) -> Result<Option<PageMetadata>> {
        self.pages.peek_next_page()
    }

    fn skip_next_page(&mut self) -> Result<()> {
        if self.pages.peek_next_page()?.is_some_and(|page| !page.is_dict) {
            self.counts.pop_front();
        }
        self.pages.skip_next_page()
    }

    fn at_record_boundary(&mut self) -> Result<bool> {
        self.pages.at_record_boundary()
    }
}

impl Iterator for Checked {
    type Item = Result<Page>;

    fn next(&mut self) -> Option<Self::Item> {
        self.get_next_page().transpose()
    }
}

/// Whether the first repetition level of a page of version 1 is 0. They are a length, and then a run (an even head and
/// the level) or packed bits (an odd head and the levels from the lowest bit on).
///
/// Source: <https://parquet.apache.org/docs/file-format/data-pages/encodings/#RLE>
fn begins_with_a_row(page: &[u8], level_max: i16) -> bool {
    const LENGTH: usize = 4;
    let levels = page.get(LENGTH..).unwrap_or_default();
    let head = levels.iter().position(|byte| byte & 0x80 == 0);
    let first = head.and_then(|head| levels.get(head + 1));
    // A file's columns are not so deep that a level took more than a byte.
    let bits = (level_max.unsigned_abs() + 1).next_power_of_two() - 1;
    first.is_some_and(|first| u16::from(*first) & bits == 0)
}

fn damaged(what: &str) -> ParquetError {
    ParquetError::General(what.to_owned())
}
