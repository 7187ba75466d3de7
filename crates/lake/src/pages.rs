//! Which bytes of a row group are brought, and when: the pages of each column, in runs, as its rows are wanted.
//!
//! Does no I/O. Each page is brought once, and never later than its first row is wanted; pages beyond are brought only
//! to make a request worth its while.

use std::ops::Range;
use std::sync::Arc;

use lakeport_store::Asking;
use parquet::file::metadata::RowGroupMetaData;

use crate::offsets::Offsets;
use crate::parts::Part;

/// How much is asked of a store at once.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct Reach {
    /// Bytes of a row group, over all columns, that are brought before its rows are wanted.
    pub(crate) window_bytes: u64,
    /// The least that is brought of a column at once, as long as it has so much; a quarter where there are many columns.
    pub(crate) run_bytes: u64,
    /// How runs are asked for.
    pub(crate) asking: Asking,
}

impl Reach {
    /// Files of this machine: a request costs some 50 µs, which is what copying 256 KiB takes, and brings many runs.
    pub(crate) const NEAR: Reach =
        Reach { window_bytes: 4 << 20, run_bytes: 256 << 10, asking: Asking::Gathered { request: 4 << 20 } };

    /// A store behind a network: a request costs some 20 ms, in which one connection brings 1 to 2 MiB.
    pub(crate) const FAR: Reach =
        Reach { window_bytes: 32 << 20, run_bytes: 2 << 20, asking: Asking::Joined { gap: 256 << 10 } };

    /// The least that is brought of each of so many columns at once.
    fn run_bytes(self, columns: usize) -> u64 {
        let share = 2 * self.window_bytes / columns.max(1) as u64;
        share.clamp(self.run_bytes / 4, self.run_bytes)
    }

    /// Whether a row group of so many bytes is brought in more than one go.
    pub(crate) fn is_cutting(self, bytes: u64) -> bool {
        bytes >= 2 * self.window_bytes
    }
}

/// Bytes that are brought in one piece.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Run {
    /// Of which of the columns wanted.
    pub(crate) column: usize,
    pub(crate) bytes: Range<u64>,
}

/// What is still to be brought of a part of a row group.
#[derive(Debug)]
pub(crate) struct Pages {
    offsets: Arc<Offsets>,
    part: Part,
    run_bytes: u64,
    columns: Vec<Column>,
}

#[derive(Debug)]
struct Column {
    leaf: usize,
    /// The dictionary, until it is brought; empty where there is none.
    dictionary: Range<u64>,
    /// The first page that is not brought.
    next: usize,
}

impl Pages {
    /// Nothing of the part is there yet. All pages of these leaf columns are known.
    pub(crate) fn new(
        group: &RowGroupMetaData,
        offsets: &Arc<Offsets>,
        leaves: &[usize],
        part: Part,
        reach: Reach,
    ) -> Pages {
        let columns = leaves.iter().map(|leaf| {
            let pages = offsets.pages(part.group, *leaf).unwrap_or_default();
            let first_page = pages.first().map_or(0, |page| page.offset.unsigned_abs());
            let behind = pages.partition_point(|page| page.first_row_index.unsigned_abs() <= part.rows.start);
            let dictionary = group.column(*leaf).byte_range().0..first_page;
            Column { leaf: *leaf, dictionary, next: behind.saturating_sub(1) }
        });
        Pages {
            columns: columns.collect(),
            offsets: Arc::clone(offsets),
            part,
            run_bytes: reach.run_bytes(leaves.len()),
        }
    }

    /// Of which row group.
    pub(crate) fn group(&self) -> usize {
        self.part.group
    }

    /// What has to be brought for the rows before `row`.
    pub(crate) fn until(&mut self, row: u64) -> Vec<Run> {
        let mut runs = Vec::new();
        for (column, state) in self.columns.iter_mut().enumerate() {
            let pages = self.offsets.pages(self.part.group, state.leaf).unwrap_or_default();
            let mut run: Option<Range<u64>> = None;
            while let Some(page) = pages.get(state.next) {
                let first_row = page.first_row_index.unsigned_abs();
                let is_long = run.as_ref().is_none_or(|run| run.end - run.start >= self.run_bytes);
                if first_row >= self.part.rows.end || (first_row >= row && is_long) {
                    break;
                }
                let start = page.offset.unsigned_abs();
                let end = start + u64::from(page.compressed_page_size.unsigned_abs());
                run = Some(run.map_or(start, |run| run.start)..end);
                state.next += 1;
            }
            let Some(mut run) = run else { continue };
            let dictionary = std::mem::take(&mut state.dictionary);
            if dictionary.end == run.start {
                run.start = dictionary.start.min(run.start);
            } else if !dictionary.is_empty() {
                runs.push(Run { column, bytes: dictionary });
            }
            runs.push(Run { column, bytes: run });
        }
        runs
    }
}
