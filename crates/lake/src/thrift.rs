//! A look over a footer's bytes before the decoder gets them, and the pages that an offset index names.
//!
//! The decoder reserves memory by the length that a list claims, and follows a schema as deep as it goes. Both are
//! checked here, by a walk that allocates nothing that the bytes do not pay for. Does no I/O.
//!
//! Source: <https://github.com/apache/thrift/blob/master/doc/specs/thrift-compact-protocol.md> and `parquet.thrift`.

use parquet::file::page_index::offset_index::PageLocation;

use crate::file_schema::DEPTH_MAX;

/// Deepest nesting of structs and lists in a footer; the format needs about eight.
const NESTING_MAX: usize = 32;

/// The id of the schema in `FileMetaData`, a list of `SchemaElement`.
const SCHEMA: i64 = 2;

/// The id of `num_children` in `SchemaElement`.
const CHILDREN: i64 = 5;

/// Checks that every length in the footer is covered by its bytes and that its schema is not too deep.
pub(crate) fn check(footer: &[u8]) -> Result<(), String> {
    let mut walk = Walk { rest: footer };
    let mut last = 0;
    while let Some((kind, id)) = walk.field(&mut last)? {
        if id == SCHEMA && kind == LIST {
            walk.schema()?;
        } else {
            walk.skip(kind, 1, false)?;
        }
    }
    Ok(())
}

/// The id of the pages in `OffsetIndex`, a list of `PageLocation`.
const PAGES: i64 = 1;

/// Where the pages lie that an offset index names. Only that everything is there is checked, not whether it can be true.
pub(crate) fn page_locations(index: &[u8]) -> Result<Vec<PageLocation>, String> {
    let mut walk = Walk { rest: index };
    let mut pages = None;
    let mut last = 0;
    while let Some((kind, id)) = walk.field(&mut last)? {
        if id != PAGES || kind != LIST {
            walk.skip(kind, 1, false)?;
            continue;
        }
        let (STRUCT, count) = walk.list()? else { return Err("its offset index has no pages".to_owned()) };
        // A page takes more than a byte, so this grows to no more than the bytes pay for.
        pages = Some((0..count).map(|_| walk.page_location()).collect::<Result<_, _>>()?);
    }
    pages.ok_or_else(|| "its offset index has no pages".to_owned())
}

const TRUE: u8 = 1;
const FALSE: u8 = 2;
const BYTE: u8 = 3;
const I16: u8 = 4;
const I32: u8 = 5;
const I64: u8 = 6;
const DOUBLE: u8 = 7;
const BINARY: u8 = 8;
const LIST: u8 = 9;
const SET: u8 = 10;
const MAP: u8 = 11;
const STRUCT: u8 = 12;
const UUID: u8 = 13;

struct Walk<'a> {
    rest: &'a [u8],
}

impl Walk<'_> {
    fn take(&mut self, count: u64) -> Result<(), String> {
        let count = usize::try_from(count).ok().filter(|count| *count <= self.rest.len());
        self.rest = &self.rest[count.ok_or("its footer claims more than it holds")?..];
        Ok(())
    }

    fn byte(&mut self) -> Result<u8, String> {
        let (first, rest) = self.rest.split_first().ok_or("its footer ends too early")?;
        self.rest = rest;
        Ok(*first)
    }

    fn varint(&mut self) -> Result<u64, String> {
        let mut value = 0_u64;
        for shift in (0..64).step_by(7) {
            let byte = self.byte()?;
            value |= u64::from(byte & 0x7f) << shift;
            if byte & 0x80 == 0 {
                return Ok(value);
            }
        }
        Err("its footer has a number without an end".to_owned())
    }

    fn zigzag(&mut self) -> Result<i64, String> {
        let value = self.varint()?;
        Ok((value >> 1).cast_signed() ^ -((value & 1).cast_signed()))
    }

    /// The next field of a struct: its type and id; none at the end.
    fn field(&mut self, last: &mut i64) -> Result<Option<(u8, i64)>, String> {
        let head = self.byte()?;
        if head & 0x0f == 0 {
            return Ok(None);
        }
        *last = match head >> 4 {
            0 => self.zigzag()?,
            delta => last.saturating_add(i64::from(delta)),
        };
        Ok(Some((head & 0x0f, *last)))
    }

    /// The type and number of a list's elements; each takes at least a byte.
    fn list(&mut self) -> Result<(u8, u64), String> {
        let head = self.byte()?;
        let count = match head >> 4 {
            15 => self.varint()?,
            short => u64::from(short),
        };
        if count > self.rest.len() as u64 {
            return Err("a list in its footer claims more than it holds".to_owned());
        }
        Ok((head & 0x0f, count))
    }

    fn page_location(&mut self) -> Result<PageLocation, String> {
        let mut values = [None; 3];
        let mut last = 0;
        while let Some((kind, id)) = self.field(&mut last)? {
            let wanted = usize::try_from(id - 1).ok().and_then(|place| values.get_mut(place));
            match wanted {
                Some(value) if matches!(kind, I16 | I32 | I64) => *value = Some(self.zigzag()?),
                _ => self.skip(kind, 2, false)?,
            }
        }
        let [Some(offset), Some(size), Some(first_row_index)] = values else {
            return Err("a page of its offset index lies nowhere".to_owned());
        };
        let compressed_page_size =
            i32::try_from(size).map_err(|_| "a page of its offset index is too long")?;
        Ok(PageLocation { offset, compressed_page_size, first_row_index })
    }

    fn skip(&mut self, kind: u8, depth: usize, in_list: bool) -> Result<(), String> {
        if depth > NESTING_MAX {
            return Err("its footer is nested too deep".to_owned());
        }
        match kind {
            // A boolean field is its own type; in a list it takes a byte.
            TRUE | FALSE => {
                if in_list {
                    self.take(1)
                } else {
                    Ok(())
                }
            }
            BYTE => self.take(1),
            I16 | I32 | I64 => self.varint().map(|_| ()),
            DOUBLE => self.take(8),
            UUID => self.take(16),
            BINARY => {
                let length = self.varint()?;
                self.take(length)
            }
            LIST | SET => {
                let (element, count) = self.list()?;
                (0..count).try_for_each(|_| self.skip(element, depth + 1, true))
            }
            MAP => {
                let count = self.varint()?;
                let kinds = if count == 0 { 0 } else { self.byte()? };
                (0..count).try_for_each(|_| {
                    self.skip(kinds >> 4, depth + 1, true)?;
                    self.skip(kinds & 0x0f, depth + 1, true)
                })
            }
            STRUCT => {
                let mut last = 0;
                while let Some((kind, _)) = self.field(&mut last)? {
                    self.skip(kind, depth + 1, false)?;
                }
                Ok(())
            }
            _ => Err("its footer has an unknown type".to_owned()),
        }
    }

    /// The schema lies flat, each element saying how many of the next are its children.
    fn schema(&mut self) -> Result<(), String> {
        let (kind, count) = self.list()?;
        if kind != STRUCT {
            return Err("its footer has no schema".to_owned());
        }
        // For each open group, how many of its children are still to come.
        let mut open: Vec<u64> = Vec::new();
        for _ in 0..count {
            let mut last = 0;
            let mut children = 0;
            while let Some((kind, id)) = self.field(&mut last)? {
                if id == CHILDREN && matches!(kind, I16 | I32 | I64) {
                    children = u64::try_from(self.zigzag()?)
                        .map_err(|_| "its schema has a group of less than none")?;
                } else {
                    self.skip(kind, 2, false)?;
                }
            }
            if let Some(left) = open.last_mut() {
                *left = left.saturating_sub(1);
            }
            if children > 0 {
                open.push(children);
            }
            while open.last() == Some(&0) {
                open.pop();
            }
            // A list takes up to three groups of the file's schema.
            if open.len() > 3 * DEPTH_MAX + 1 {
                return Err(format!("its columns are nested deeper than {DEPTH_MAX}"));
            }
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::{check, page_locations};

    #[test]
    fn an_offset_index_names_pages_or_nothing() {
        // Two pages, and a list after them that is not asked for.
        let page = |first: u8| [0x16, 0x08, 0x15, 0x14, 0x16, first, 0x00];
        let index = [&[0x19, 0x2c][..], &page(0), &page(20), &[0x19, 0x16, 0x02, 0x00]].concat();
        let pages = page_locations(&index).unwrap();
        let read = |page: &parquet::file::page_index::offset_index::PageLocation| {
            (page.offset, page.compressed_page_size, page.first_row_index)
        };
        assert_eq!(pages.iter().map(read).collect::<Vec<_>>(), [(4, 10, 0), (4, 10, 10)]);
        for end in 0..index.len() {
            assert!(page_locations(&index[..end]).is_err(), "{end}");
        }
        for odd in [&[0x00][..], &[0x19, 0x15, 0x02, 0x00], &[0x19, 0xfc, 0xff, 0xff, 0xff, 0xff, 0x07]] {
            assert!(page_locations(odd).is_err(), "{odd:x?}");
        }
        let endless =
            [0x19, 0x1c, 0x16, 0x08, 0x16, 0xfe, 0xff, 0xff, 0xff, 0xff, 0x1f, 0x16, 0x00, 0x00, 0x00];
        assert!(page_locations(&endless).unwrap_err().contains("too long"));
    }

    #[test]
    fn what_claims_more_than_it_holds_is_refused() {
        for (bytes, reason) in [
            (&[][..], "ends too early"),
            (&[0x19][..], "ends too early"),
            (&[0x19, 0xfc, 0xff, 0xff, 0xff, 0xff, 0x07][..], "claims more"),
            (&[0x48, 0xff, 0xff, 0xff, 0xff, 0x0f][..], "claims more"),
            (&[0x49, 0xfc, 0xff, 0xff, 0xff, 0xff, 0x07, 0][..], "claims more"),
            (&[0x46, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80][..], "without an end"),
            (&[0x4e, 0][..], "unknown type"),
        ] {
            let error = check(bytes).unwrap_err();
            assert!(error.contains(reason), "{bytes:x?}: {error}");
        }
    }

    #[test]
    fn a_schema_of_one_long_chain_is_refused() {
        let element = [0x55, 0x02, 0x00];
        for (deep, fits) in [(10, true), (100_000, false)] {
            let mut footer = vec![0x29, 0xfc];
            let mut count = deep;
            while count >= 0x80 {
                footer.push((count & 0x7f) as u8 | 0x80);
                count >>= 7;
            }
            footer.push(count as u8);
            (0..deep).for_each(|_| footer.extend(element));
            footer.push(0);
            assert_eq!(check(&footer).is_ok(), fits, "{deep}");
        }
    }

    #[test]
    fn lists_in_lists_without_end_are_refused() {
        assert!(check(&[0x49, 0x19].iter().copied().chain([0x19; 100]).collect::<Vec<_>>()).is_err());
    }
}
