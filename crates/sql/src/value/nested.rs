//! Values made of values: arrays, records, maps and unions.

use arrow::array::{Array, MapArray, StructArray, UnionArray};
use arrow::buffer::ScalarBuffer;
use arrow::datatypes::DataType;

use super::column::{Column, Values};
use super::error::Error;
use super::shape::{Dimensions, Lists};
use super::sink::{Sink, store_parts};
use super::style::Style;
use super::text::{Quoting, put_element, quote_tail};
use super::texts::{TakeTexts, Text};
use super::word::Word;
use crate::types::PgType;

/// A column of lists.
#[derive(Debug)]
pub(crate) struct List {
    spans: Vec<(usize, usize)>,
    pub(crate) elements: Column,
    /// Whether the elements may need quotes.
    is_quoted: bool,
    /// int2vector and oidvector: numbers and blanks.
    is_vector: bool,
}

impl List {
    pub(crate) fn new(
        array: &dyn Array,
        pg_type: PgType,
        style: &Style,
        depth: usize,
    ) -> Result<Self, Error> {
        let lists =
            Lists::of(array).ok_or_else(|| Error::Unsupported { what: "this kind of list".to_owned() })?;
        let elements = Column::at_depth(lists.elements.as_ref(), &lists.field, style, depth + 1)?;
        Ok(Self {
            spans: lists.spans,
            is_quoted: may_need_quotes(lists.elements.data_type()),
            is_vector: pg_type == PgType::INT2VECTOR || pg_type == PgType::OIDVECTOR,
            elements,
        })
    }

    /// The rows of the elements of a list.
    pub(crate) fn rows(&self, row: usize) -> std::ops::Range<usize> {
        let (start, length) = self.spans[row];
        start..start + length
    }

    /// The list of a row.
    #[inline(always)]
    pub(crate) fn text(&self, row: usize) -> ListText<'_> {
        ListText { list: self, row }
    }

    fn is_nested(&self) -> bool {
        matches!(self.elements.values, Values::List(_))
    }

    fn measure(&self, row: usize, level: usize, dimensions: &mut Dimensions) -> Result<(), Error> {
        dimensions.note(level, self.spans[row].1)?;
        if let Values::List(inner) = &self.elements.values {
            for element in self.rows(row) {
                if self.elements.is_null(element) {
                    dimensions.note(level + 1, 0)?;
                } else {
                    inner.measure(element, level + 1, dimensions)?;
                }
            }
        }
        Ok(())
    }

    fn write_level(&self, row: usize, out: &mut impl Sink) -> Result<(), Error> {
        let rows = self.rows(row);
        if rows.is_empty() {
            out.put_slice(b"{}");
            return Ok(());
        }
        self.elements.texts(rows.clone(), &mut Elements { list: self, first: rows.start, out })?;
        out.put_byte(b'}');
        Ok(())
    }

    fn write_vector(&self, row: usize, out: &mut impl Sink) -> Result<(), Error> {
        for (index, element) in self.rows(row).enumerate() {
            if index > 0 {
                out.put_byte(b' ');
            }
            self.elements.write_text(element, self.elements.text(element)?, out)?;
        }
        Ok(())
    }
}

/// A list of a batch.
#[derive(Debug, Clone, Copy)]
pub struct ListText<'a> {
    list: &'a List,
    row: usize,
}

impl ListText<'_> {
    /// Writes it as a PostgreSQL array: lists of lists are its dimensions.
    ///
    /// # Errors
    ///
    /// As [`Column::write`].
    pub fn write(self, out: &mut impl Sink) -> Result<(), Error> {
        let Self { list, row } = self;
        if list.is_vector {
            return list.write_vector(row, out);
        }
        if list.is_nested() {
            let mut dimensions = Dimensions::default();
            list.measure(row, 0, &mut dimensions)?;
            if dimensions.is_empty() {
                out.put_slice(b"{}");
                return Ok(());
            }
        }
        list.write_level(row, out)
    }
}

/// Writes the elements of a list, each behind what is before it: a bracket or a comma.
struct Elements<'a, S> {
    list: &'a List,
    first: usize,
    out: &'a mut S,
}

impl<S: Sink> Elements<'_, S> {
    #[inline(always)]
    fn before(&self, row: usize) -> u8 {
        if row > self.first { b',' } else { b'{' }
    }
}

impl<S: Sink> TakeTexts<'_> for Elements<'_, S> {
    #[inline(always)]
    fn null(&mut self, row: usize) {
        self.out.put_byte(self.before(row));
        self.out.put_slice(b"NULL");
    }

    #[inline(always)]
    fn take(&mut self, row: usize, text: Text<'_>) -> Result<(), Error> {
        let (list, before) = (self.list, self.before(row));
        match text {
            Text::Short(word) if !list.is_quoted => self.out.within::<{ 1 + Word::ROOM }>(|room| {
                room[0] = before;
                room[1..].copy_from_slice(&word.bytes());
                1 + word.length()
            }),
            _ if !list.is_quoted => {
                self.out.put_byte(before);
                list.elements.write_text(row, text, self.out)?;
            }
            Text::Slice(text) => put_element(before, text, self.out),
            Text::Short(word) => put_element(before, &word.bytes()[..word.length()], self.out),
            Text::Parts(parts) => {
                let mut room = [0; 3 * Word::ROOM];
                let length = store_parts(parts, &mut room, 0);
                put_element(before, &room[..length], self.out);
            }
            Text::List(inner) if list.is_nested() => {
                self.out.put_byte(before);
                inner.list.write_level(inner.row, self.out)?;
            }
            _ => self.out.put_made(|out| {
                out.push(before);
                let start = out.len();
                list.elements.write_text(row, text, out)?;
                quote_tail(start, Quoting::Array, out);
                Ok(())
            })?,
        }
        Ok(())
    }
}

/// Numbers never need quotes.
fn may_need_quotes(data_type: &DataType) -> bool {
    !(data_type.is_numeric() || *data_type == DataType::Boolean)
}

/// A column of records.
#[derive(Debug)]
pub(crate) struct Record {
    names: Vec<String>,
    columns: Vec<Column>,
}

impl Record {
    pub(crate) fn new(array: &StructArray, style: &Style, depth: usize) -> Result<Self, Error> {
        let mut columns = Vec::with_capacity(array.num_columns());
        for (column, field) in array.columns().iter().zip(array.fields()) {
            columns.push(Column::at_depth(column.as_ref(), field, style, depth + 1)?);
        }
        Ok(Self { names: array.column_names().into_iter().map(str::to_owned).collect(), columns })
    }

    /// Writes `(a,"b c",)`.
    pub(crate) fn write(&self, row: usize, out: &mut Vec<u8>) -> Result<(), Error> {
        out.push(b'(');
        for (index, column) in self.columns.iter().enumerate() {
            if index > 0 {
                out.push(b',');
            }
            if !column.is_null(row) {
                let start = out.len();
                column.write(row, out)?;
                quote_tail(start, Quoting::Record, out);
            }
        }
        out.push(b')');
        Ok(())
    }

    /// The members, each with its name.
    pub(crate) fn members(&self) -> impl Iterator<Item = (&str, &Column)> {
        self.names.iter().map(String::as_str).zip(&self.columns)
    }
}

/// A column of maps.
#[derive(Debug)]
pub(crate) struct Entries {
    spans: Vec<(usize, usize)>,
    pub(crate) keys: Column,
    pub(crate) values: Column,
}

impl Entries {
    pub(crate) fn new(array: &MapArray, style: &Style, depth: usize) -> Result<Self, Error> {
        let (key_field, value_field) = array.entries_fields();
        Ok(Self {
            spans: Lists::of(array).map(|lists| lists.spans).unwrap_or_default(),
            keys: Column::at_depth(array.keys().as_ref(), key_field, style, depth + 1)?,
            values: Column::at_depth(array.values().as_ref(), value_field, style, depth + 1)?,
        })
    }

    /// The rows of the entries of a map.
    pub(crate) fn rows(&self, row: usize) -> std::ops::Range<usize> {
        let (start, length) = self.spans[row];
        start..start + length
    }
}

/// A column whose values are of one of several types.
#[derive(Debug)]
pub(crate) struct Members {
    type_ids: ScalarBuffer<i8>,
    offsets: Option<ScalarBuffer<i32>>,
    columns: Vec<(i8, Column)>,
}

impl Members {
    pub(crate) fn new(array: &UnionArray, style: &Style, depth: usize) -> Result<Self, Error> {
        let mut columns = Vec::new();
        for (type_id, field) in array.fields().iter() {
            columns
                .push((type_id, Column::at_depth(array.child(type_id).as_ref(), field, style, depth + 1)?));
        }
        Ok(Self { type_ids: array.type_ids().clone(), offsets: array.offsets().cloned(), columns })
    }

    /// The column that holds a row's value, and the row of it there.
    pub(crate) fn value(&self, row: usize) -> Option<(&Column, usize)> {
        let type_id = self.type_ids[row];
        let (_, column) = self.columns.iter().find(|(id, _)| *id == type_id)?;
        Some((column, self.offsets.as_ref().map_or(row, |offsets| offsets[row] as usize)))
    }
}
