//! Where the pages of a file lie: its offset index, read, bounded and checked.
//!
//! The index is a help and no more. A row group without one, or with one that cannot be true, and a file whose index is
//! too long, are read as if there were none: a row group at a time. So nothing here fails but the store.

use std::ops::Range;

use bytes::Bytes;
use lakeport_store::{Object, read_range};
use object_store::ObjectStore;
use parquet::file::metadata::{ColumnChunkMetaData, ParquetMetaData, RowGroupMetaData};
use parquet::file::page_index::offset_index::PageLocation;

use crate::{Result, thrift};

/// Longest offset index that is read, in bytes of the file, and how far apart its parts may lie. A page takes at least
/// seven of them and 24 bytes in memory; 200 columns of a thousand pages each come to about 2 MiB.
const INDEX_MAX: u64 = 16 << 20;

/// The pages of a file's column chunks.
#[derive(Debug, Default)]
pub(crate) struct Offsets {
    /// By row group and leaf column; none where they are not known.
    groups: Vec<Option<Group>>,
}

type Group = Box<[Box<[PageLocation]>]>;

impl Offsets {
    /// Of these row groups and columns.
    #[cfg(test)]
    pub(crate) fn of(groups: Vec<Option<Vec<Box<[PageLocation]>>>>) -> Offsets {
        Offsets { groups: groups.into_iter().map(|group| group.map(Vec::into_boxed_slice)).collect() }
    }

    /// The pages of a column chunk in their order, of which there is one at least; none if they are not known.
    pub(crate) fn pages(&self, group: usize, column: usize) -> Option<&[PageLocation]> {
        Some(self.groups.get(group)?.as_ref()?.get(column)?)
    }

    /// How many bytes it takes, about.
    pub(crate) fn memory_size(&self) -> usize {
        let columns = |group: &Group| {
            group.iter().map(|pages| size_of_val::<[PageLocation]>(pages) + 16).sum::<usize>()
        };
        self.groups.iter().flatten().map(columns).sum::<usize>() + self.groups.len() * 16
    }
}

/// Reads where the pages of a file lie: one request, or none where there is nothing to read.
///
/// # Errors
///
/// What the store fails with.
pub(crate) async fn read(
    objects: &dyn ObjectStore,
    object: &Object,
    footer: &ParquetMetaData,
) -> Result<Offsets> {
    let Some(span) = span(object, footer) else { return Ok(Offsets::default()) };
    let bytes = read_range(objects, object, span.clone()).await?;
    let groups = footer.row_groups().iter().map(|group| pages_of(group, &bytes, span.start)).collect();
    Ok(Offsets { groups })
}

/// The bytes that all parts of the index lie in.
fn span(object: &Object, footer: &ParquetMetaData) -> Option<Range<u64>> {
    let chunks = footer.row_groups().iter().flat_map(RowGroupMetaData::columns);
    let mut all: Option<Range<u64>> = None;
    let mut bytes = 0;
    for part in chunks.filter_map(index_of) {
        bytes += part.end - part.start;
        let span = all.unwrap_or(part.clone());
        all = Some(span.start.min(part.start)..span.end.max(part.end));
        // Parts that lie upon each other are read once, but decoded for each.
        if bytes > INDEX_MAX {
            return None;
        }
    }
    all.filter(|span| span.end - span.start <= INDEX_MAX && span.end <= object.size)
}

/// Where the index of a column chunk lies.
fn index_of(chunk: &ColumnChunkMetaData) -> Option<Range<u64>> {
    let start = u64::try_from(chunk.offset_index_offset()?).ok()?;
    let length = u64::try_from(chunk.offset_index_length()?).ok()?;
    Some(start..start.checked_add(length)?)
}

/// The pages of a row group, if they are known of every column.
fn pages_of(group: &RowGroupMetaData, bytes: &Bytes, start: u64) -> Option<Group> {
    let columns = group.columns().iter().map(|chunk| {
        let part = index_of(chunk)?;
        let at = |place: u64| usize::try_from(place.checked_sub(start)?).ok();
        let pages = thrift::page_locations(bytes.get(at(part.start)?..at(part.end)?)?).ok()?;
        is_possible(chunk, group.num_rows(), &pages).then(|| pages.into_boxed_slice())
    });
    columns.collect()
}

/// Whether pages can lie so: in the chunk, one behind the other, each with rows.
fn is_possible(chunk: &ColumnChunkMetaData, rows: i64, pages: &[PageLocation]) -> bool {
    let (start, length) = chunk.byte_range();
    let (mut free, mut row) = (start, -1);
    for page in pages {
        let (Ok(offset), Ok(size)) = (u64::try_from(page.offset), u64::try_from(page.compressed_page_size))
        else {
            return false;
        };
        let end = offset.saturating_add(size);
        if offset < free || size == 0 || end > start + length || page.first_row_index <= row {
            return false;
        }
        (free, row) = (end, page.first_row_index);
    }
    let Some(first) = pages.first() else { return false };
    // What lies before the first page is taken for the dictionary, and read in one piece.
    let before = first.offset.unsigned_abs() - start;
    let is_dictionary = chunk.dictionary_page_offset().is_some();
    first.first_row_index == 0 && row < rows && (before > 0) == is_dictionary && i32::try_from(before).is_ok()
}
