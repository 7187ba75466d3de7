//! Which rows of a file belong to a range of its bytes.
//!
//! A file is spread over tasks by ranges of bytes. A row group whose pages are known is cut where a range ends in it, at
//! the beginning of a page of its largest column, so that several tasks decode it. Does no I/O.
//!
//! Invariant: ranges that cover a file without overlapping have parts that cover its rows without overlapping. Where a
//! row group is cut depends on the cut and on what every task knows alike, and on nothing else.

use std::ops::Range;

use datafusion::datasource::listing::FileRange;
use parquet::file::metadata::{ParquetMetaData, RowGroupMetaData};
use parquet::file::page_index::offset_index::PageLocation;

use crate::offsets::Offsets;

/// A row group of fewer rows is never cut: the decoder goes other ways where it skips few rows.
const CUT_ROWS_MIN: u64 = 1024;

/// A row group is not cut either where this part of it is dictionaries or more, since each task decodes them anew.
const DICTIONARIES_MAX: u64 = 4;

/// Rows of one row group.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Part {
    /// Which row group.
    pub(crate) group: usize,
    /// Which of its rows; there is one at least.
    pub(crate) rows: Range<u64>,
}

/// The parts of a file that belong to a range of its bytes (none: to all of it), for these leaf columns; none if the
/// pages of one of them are not known.
pub(crate) fn parts(
    footer: &ParquetMetaData,
    offsets: &Offsets,
    leaves: &[usize],
    range: Option<&FileRange>,
) -> Option<Vec<Part>> {
    let mut parts = Vec::new();
    for (index, group) in footer.row_groups().iter().enumerate() {
        let rows = group.num_rows().unsigned_abs();
        if rows == 0 {
            continue;
        }
        let pages = leaves.iter().map(|leaf| offsets.pages(index, *leaf)).collect::<Option<Vec<_>>>()?;
        let pages = leaves.iter().map(|leaf| group.column(*leaf)).zip(pages);
        let (mut bytes, mut dictionaries, mut largest) = (0, 0, None);
        for (chunk, pages) in pages {
            let (start, size) = chunk.byte_range();
            bytes += size;
            dictionaries += pages.first().map_or(0, |page| page.offset.unsigned_abs().saturating_sub(start));
            if largest.is_none_or(|(most, _)| size > most) {
                largest = Some((size, pages));
            }
        }
        let (_, pages) = largest?;
        let cuts = if rows < CUT_ROWS_MIN || dictionaries >= bytes / DICTIONARIES_MAX { &[] } else { pages };
        let rows = match range {
            None => 0..rows,
            Some(range) => row_at(group, cuts, range.start)..row_at(group, cuts, range.end),
        };
        if !rows.is_empty() {
            parts.push(Part { group: index, rows });
        }
    }
    Some(parts)
}

/// The row that a place in the file stands for, as if all rows were of one size: the first of one of the pages, or the
/// first or the last of all.
fn row_at(group: &RowGroupMetaData, pages: &[PageLocation], place: i64) -> u64 {
    let rows = group.num_rows().unsigned_abs();
    let start = group.columns().first().map_or(0, |first| first.byte_range().0);
    let size = group.columns().iter().map(|chunk| chunk.compressed_size().unsigned_abs()).sum::<u64>();
    let into = u64::try_from(place).unwrap_or_default().saturating_sub(start);
    if into == 0 {
        return 0;
    }
    if into >= size || pages.is_empty() {
        return rows;
    }
    let row = u128::from(rows) * u128::from(into) / u128::from(size);
    let row = u64::try_from(row).unwrap_or(rows);
    let behind = pages.partition_point(|page| page.first_row_index.unsigned_abs() <= row);
    let first = |index: usize| pages.get(index).map_or(rows, |page| page.first_row_index.unsigned_abs());
    let (before, after) = (first(behind.saturating_sub(1)), first(behind));
    if row - before <= after - row { before } else { after }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use datafusion::datasource::listing::FileRange;
    use parquet::basic::Type;
    use parquet::file::metadata::{ColumnChunkMetaData, FileMetaData, ParquetMetaData, RowGroupMetaData};
    use parquet::file::page_index::offset_index::PageLocation;
    use parquet::schema::types::{SchemaDescriptor, Type as SchemaType};

    use super::{Part, parts};
    use crate::offsets::Offsets;

    /// Row groups of one column of these rows, each a thousand bytes behind the one before, in pages of a hundred rows.
    fn file(rows: &[i64]) -> (ParquetMetaData, Offsets) {
        let column = SchemaType::primitive_type_builder("c", Type::INT32).build().unwrap();
        let schema = SchemaType::group_type_builder("s").with_fields(vec![Arc::new(column)]).build().unwrap();
        let schema = Arc::new(SchemaDescriptor::new(Arc::new(schema)));
        let groups = rows.iter().enumerate().map(|(index, rows)| {
            let chunk = ColumnChunkMetaData::builder(schema.column(0))
                .set_data_page_offset(4 + index as i64 * 1000)
                .set_total_compressed_size(1000)
                .build()
                .unwrap();
            let group = RowGroupMetaData::builder(Arc::clone(&schema)).set_num_rows(*rows);
            group.set_column_metadata(vec![chunk]).build().unwrap()
        });
        let pages = rows.iter().map(|rows| {
            let pages = (0..*rows).step_by(100).map(|row| PageLocation {
                offset: 4 + row,
                compressed_page_size: 1,
                first_row_index: row,
            });
            Some(vec![pages.collect()])
        });
        let file = FileMetaData::new(1, rows.iter().sum(), None, None, Arc::clone(&schema), None);
        (ParquetMetaData::new(file, groups.collect()), Offsets::of(pages.collect()))
    }

    #[test]
    fn ranges_that_cover_a_file_have_parts_that_cover_its_rows() {
        let rows = [2_000, 0, 1_500, 900, 4_000];
        let (footer, offsets) = file(&rows);
        for step in [1, 7, 250, 999, 1_000, 1_001, 3_333, 10_000] {
            let mut next = vec![0; rows.len()];
            for start in (0..6_000).step_by(step) {
                let range = FileRange { start, end: start + step as i64 };
                for Part { group, rows } in parts(&footer, &offsets, &[0], Some(&range)).unwrap() {
                    assert_eq!(rows.start, next[group], "{start} of {step}");
                    assert!(rows.start % 100 == 0 && !rows.is_empty());
                    next[group] = rows.end;
                }
            }
            assert_eq!(next, rows.map(|rows| rows as u64), "{step}");
        }
        let all = parts(&footer, &offsets, &[0], None).unwrap();
        assert_eq!(
            all.iter().map(|part| (part.group, part.rows.end)).collect::<Vec<_>>(),
            [(0, 2_000), (2, 1_500), (3, 900), (4, 4_000)]
        );
    }

    #[test]
    fn a_row_group_is_cut_at_a_page_or_not_at_all() {
        let (footer, offsets) = file(&[2_000, 900]);
        let until = |end| parts(&footer, &offsets, &[0], Some(&FileRange { start: 0, end })).unwrap();
        assert_eq!(until(4), []);
        assert_eq!(until(504), [Part { group: 0, rows: 0..1_000 }]);
        assert_eq!(until(530), [Part { group: 0, rows: 0..1_100 }]);
        // One of few rows belongs to the range that its first byte is in.
        assert_eq!(until(1_005)[1..], [Part { group: 1, rows: 0..900 }]);
        assert_eq!(until(1_004).len(), 1);
        // Without the pages of all columns there are no parts.
        assert_eq!(parts(&footer, &Offsets::default(), &[0], None), None);
    }
}
