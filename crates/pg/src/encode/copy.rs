//! COPY's lines: batches of Arrow to CopyData messages in text and csv, one for each row.
//!
//! Each value is looked at before it is written: most have nothing in them that needs an escape, and
//! columns that cannot have are not looked at.
//!
//! Source: `CopyOneRowTo`, `CopyAttributeOutText` and `CopyAttributeOutCSV` in PostgreSQL's `copyto.c`.

use std::ops::Range;
use std::sync::Arc;

use arrow::datatypes::{Field, FieldRef, SchemaRef};
use arrow::record_batch::RecordBatch;
use lakeport_base::Buffers;
use lakeport_sql::copy::CopyForm;
use lakeport_sql::types::{PgType, column_type};
use lakeport_sql::value::{self, Column, Numeral, Sink, Style, TakeTexts, Text};

use super::out::Out;
use super::pieces::{Pieces, ROW_SIZE_MAX, WriteRow, buffers, message};
use super::strip::{Lines, Strip, WriteLines};

/// The type of CopyData.
pub(crate) const COPY_DATA: u8 = b'd';

/// Turns the batches of one COPY into messages. Cheap to clone.
#[derive(Debug, Clone)]
pub struct CopyEncoder {
    columns: Arc<[(FieldRef, bool)]>,
    writing: Arc<Writing>,
    style: Style,
    buffers: Buffers,
}

impl CopyEncoder {
    /// An encoder of lines; `quoted` says which columns csv quotes whatever they hold. None for
    /// [`CopyForm::Binary`], which [`Encoder::copying_binary`](super::Encoder::copying_binary) writes.
    pub fn new(schema: &SchemaRef, form: &CopyForm, quoted: &[bool], style: Style) -> Option<Self> {
        let writing = Arc::new(Writing::of(form, schema.fields().len())?);
        let quoted = quoted.iter().copied().chain(std::iter::repeat(false));
        let columns = schema.fields().iter().cloned().zip(quoted).collect();
        Some(Self { columns, writing, style, buffers: buffers() })
    }

    /// The rows of a batch, in pieces of whole messages. Work is done as the pieces are asked for.
    ///
    /// # Errors
    ///
    /// As [`Encoder::encode`](super::Encoder::encode).
    pub fn encode(&self, batch: RecordBatch) -> Pieces<CopyLines> {
        let cells = self.columns.iter().zip(batch.columns()).map(|((field, quoted), array)| {
            Ok(Cell {
                column: Column::new(array.as_ref(), field, &self.style)?,
                plain: self.writing.never_escapes(field),
                quoted: *quoted,
            })
        });
        let cells = cells.collect::<Result<Vec<_>, value::Error>>();
        let strip = Strip::new(batch.num_rows());
        let lines =
            cells.map(|cells| CopyLines { row: Row { cells, writing: Arc::clone(&self.writing) }, strip });
        Pieces::new(lines, batch.num_rows(), self.buffers.clone())
    }

    /// The message with the columns' names, where there is to be one.
    ///
    /// # Errors
    ///
    /// Where the names are longer than a message may be.
    pub fn header(&self) -> Result<Option<Vec<u8>>, lakeport_engine::Error> {
        if !self.writing.header {
            return Ok(None);
        }
        let mut out = Out::default();
        let written = message(COPY_DATA, &mut out, |out| {
            for (index, (field, _)) in self.columns.iter().enumerate() {
                if index > 0 {
                    out.put([self.writing.delimiter]);
                }
                // A name from a file may hold a zero byte, which is no text.
                self.writing.put(field.name().replace('\0', "\u{fffd}").as_bytes(), false, false, out);
            }
            out.put([b'\n']);
            Ok(())
        });
        written.map_err(|error| lakeport_engine::Error::new(error.sqlstate(), error.to_string()))?;
        Ok(Some(out.into_bytes()))
    }
}

/// How values become lines.
#[derive(Debug)]
struct Writing {
    header: bool,
    delimiter: u8,
    null: String,
    /// No number or date reads as null does, so that they need not be compared with it.
    null_is_no_value: bool,
    csv: Option<Csv>,
}

#[derive(Debug)]
struct Csv {
    quote: u8,
    escape: u8,
    /// Whether a line is one value: then `\.` would read as the end of all.
    is_single: bool,
}

impl Writing {
    fn of(form: &CopyForm, columns: usize) -> Option<Self> {
        Some(match form.clone() {
            CopyForm::Text { header, delimiter, null } => {
                Self { header, delimiter, null, null_is_no_value: true, csv: None }
            }
            CopyForm::Csv { header, delimiter, null, quote, escape } => {
                let csv = Csv { quote, escape, is_single: columns == 1 };
                let null_is_no_value = null.is_empty() || null.bytes().any(is_foreign);
                Self { header, delimiter, null, null_is_no_value, csv: Some(csv) }
            }
            CopyForm::Binary => return None,
        })
    }

    /// Whether no value of the column can hold anything that needs an escape: numbers and dates are made
    /// of letters, digits and a few signs, and delimiters are seldom one of those.
    fn never_escapes(&self, field: &Field) -> bool {
        let is_made_of_few = matches!(
            column_type(field).pg_type,
            PgType::BOOL
                | PgType::INT2
                | PgType::INT4
                | PgType::INT8
                | PgType::OID
                | PgType::FLOAT4
                | PgType::FLOAT8
                | PgType::NUMERIC
                | PgType::DATE
                | PgType::TIME
                | PgType::TIMESTAMP
                | PgType::TIMESTAMPTZ
                | PgType::INTERVAL
                | PgType::UUID
        );
        is_made_of_few
            && is_foreign(self.delimiter)
            && self.csv.as_ref().is_none_or(|csv| is_foreign(csv.quote))
    }

    /// Writes a value so that it reads back as itself.
    #[inline(always)]
    fn put(&self, value: &[u8], plain: bool, quoted: bool, out: &mut Out) {
        match &self.csv {
            None if plain || !self.has_special(value) => out.put_slice(value),
            None => self.put_escaped(value, out),
            Some(csv) => {
                let needs_quotes = quoted
                    || value == self.null.as_bytes()
                    || (csv.is_single && value == b"\\.")
                    || (!plain && self.needs_quotes(csv, value));
                if needs_quotes { csv.put_quoted(value, out) } else { out.put_slice(value) }
            }
        }
    }

    /// Whether a value in text has anything that is escaped: from \b to \r are those that are written as letters.
    fn has_special(&self, value: &[u8]) -> bool {
        let delimiter = self.delimiter;
        any(value, |byte| (byte == b'\\') | (byte == delimiter) | (byte.wrapping_sub(0x08) <= 0x0d - 0x08))
    }

    fn put_escaped(&self, value: &[u8], out: &mut Out) {
        let is_special = |byte: u8| byte == b'\\' || byte == self.delimiter || (0x08..=0x0d).contains(&byte);
        rewrite(value, out, is_special, |byte| {
            let letter = match byte {
                0x08 => b'b',
                b'\t' => b't',
                b'\n' => b'n',
                0x0b => b'v',
                0x0c => b'f',
                b'\r' => b'r',
                other => other,
            };
            [b'\\', letter]
        });
    }

    /// Whether a value has anything that csv puts in quotes.
    fn needs_quotes(&self, csv: &Csv, value: &[u8]) -> bool {
        let (delimiter, quote) = (self.delimiter, csv.quote);
        any(value, |byte| (byte == delimiter) | (byte == quote) | (byte == b'\n') | (byte == b'\r'))
    }
}

impl Csv {
    fn put_quoted(&self, value: &[u8], out: &mut Out) {
        out.put([self.quote]);
        rewrite(value, out, |byte| byte == self.quote || byte == self.escape, |byte| [self.escape, byte]);
        out.put([self.quote]);
    }
}

/// Whether a byte is in no number and no date.
fn is_foreign(byte: u8) -> bool {
    !byte.is_ascii_alphanumeric() && !b"+-.:/ @<>".contains(&byte)
}

/// Whether a byte of the text is special. Looks at 32 bytes at a time, which processors do at once.
fn any(text: &[u8], is_special: impl Fn(u8) -> bool) -> bool {
    let mut blocks = text.chunks_exact(32);
    blocks.by_ref().any(|block| block.iter().fold(false, |any, byte| any | is_special(*byte)))
        || blocks.remainder().iter().fold(false, |any, byte| any | is_special(*byte))
}

/// Writes the text, in place of each of its special bytes two others.
fn rewrite(text: &[u8], out: &mut Out, is_special: impl Fn(u8) -> bool, escaped: impl Fn(u8) -> [u8; 2]) {
    let mut rest = text;
    while let Some(at) = rest.iter().position(|byte| is_special(*byte)) {
        out.put_slice(&rest[..at]);
        out.put(escaped(rest[at]));
        rest = &rest[at + 1..];
    }
    out.put_slice(rest);
}

/// The rows of one batch as lines.
#[derive(Debug)]
pub struct CopyLines {
    row: Row,
    strip: Strip,
}

/// What each row has.
#[derive(Debug)]
struct Row {
    cells: Vec<Cell>,
    writing: Arc<Writing>,
}

#[derive(Debug)]
struct Cell {
    column: Column,
    /// Nothing in it can need an escape.
    plain: bool,
    /// It is quoted whatever it is.
    quoted: bool,
}

impl Cell {
    /// Writes the value of a row.
    #[inline(always)]
    fn put(&self, text: Text<'_>, row: usize, writing: &Writing, out: &mut Out) -> Result<(), value::Error> {
        match text {
            Text::Short(word) => {
                let bytes = word.bytes();
                if self.plain && !self.quoted && writing.null_is_no_value {
                    out.put_word(word);
                } else {
                    writing.put(&bytes[..word.length()], self.plain, self.quoted, out);
                }
            }
            Text::Slice(text) => writing.put(text, self.plain, self.quoted, out),
            Text::Numeral(numeral) => {
                let mut room = [0; Numeral::ROOM];
                let length = numeral.store(&mut room);
                writing.put(&room[..length], self.plain, self.quoted, out);
            }
            Text::Parts(_) | Text::List(_) | Text::Long => {
                let long = out.made(|made| self.column.write(row, made))?;
                writing.put(&long, self.plain, self.quoted, out);
                out.give_back(long);
            }
        }
        Ok(())
    }
}

/// Writes a column's values, and what stands for null.
struct Values<'a, L: ?Sized> {
    cell: &'a Cell,
    writing: &'a Writing,
    first: usize,
    lines: &'a mut L,
}

impl<L: Lines + ?Sized> TakeTexts<'_> for Values<'_, L> {
    #[inline(always)]
    fn null(&mut self, row: usize) {
        self.lines.line(row - self.first).put_slice(self.writing.null.as_bytes());
    }

    #[inline(always)]
    fn take(&mut self, row: usize, text: Text<'_>) -> Result<(), value::Error> {
        self.cell.put(text, row, self.writing, self.lines.line(row - self.first))
    }
}

impl WriteLines for Row {
    fn write_lines<L: Lines + ?Sized>(&self, rows: Range<usize>, lines: &mut L) -> Result<(), value::Error> {
        let (count, start) = (rows.len(), lines.line(0).len());
        for (index, cell) in self.cells.iter().enumerate() {
            if index > 0 {
                (0..count).for_each(|row| lines.line(row).put([self.writing.delimiter]));
            }
            let mut values = Values { cell, writing: &self.writing, first: rows.start, lines };
            cell.column.texts(rows.clone(), &mut values)?;
            if lines.line(0).len().saturating_sub(start) > ROW_SIZE_MAX {
                return Err(value::Error::TooLong { limit: ROW_SIZE_MAX });
            }
        }
        (0..count).for_each(|row| lines.line(row).put([b'\n']));
        Ok(())
    }
}

impl WriteRow for CopyLines {
    #[inline(always)]
    fn write_row(&mut self, row: usize, out: &mut Out) -> Result<(), value::Error> {
        message(COPY_DATA, out, |out| self.strip.write_row(row, &self.row, out))
    }
}
