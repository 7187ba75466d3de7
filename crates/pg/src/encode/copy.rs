//! COPY's lines: batches of Arrow to CopyData messages in text and csv, one for each row.
//!
//! Each value is written by its column's writer behind the last one, and looked at there: most have
//! nothing in them that needs an escape, and columns that cannot have are not looked at. The few that
//! do are written once more by way of a buffer that is kept.
//!
//! Source: `CopyOneRowTo`, `CopyAttributeOutText` and `CopyAttributeOutCSV` in PostgreSQL's `copyto.c`.

use std::sync::Arc;

use arrow::datatypes::{Field, FieldRef, SchemaRef};
use arrow::record_batch::RecordBatch;
use lakeport_sql::copy::CopyForm;
use lakeport_sql::types::{PgType, column_type};
use lakeport_sql::value::{self, Column, Style};

use super::pieces::{Pieces, ROW_SIZE_MAX, WriteRow, message};

/// The type of CopyData.
pub(crate) const COPY_DATA: u8 = b'd';

/// Turns the batches of one COPY into messages. Cheap to clone.
#[derive(Debug, Clone)]
pub struct CopyEncoder {
    columns: Arc<[(FieldRef, bool)]>,
    writing: Arc<Writing>,
    style: Style,
}

impl CopyEncoder {
    /// An encoder of lines; `quoted` says which columns csv quotes whatever they hold. None for
    /// [`CopyForm::Binary`], which [`Encoder::copying_binary`](super::Encoder::copying_binary) writes.
    pub fn new(schema: &SchemaRef, form: &CopyForm, quoted: &[bool], style: Style) -> Option<Self> {
        let writing = Arc::new(Writing::of(form, schema.fields().len())?);
        let quoted = quoted.iter().copied().chain(std::iter::repeat(false));
        let columns = schema.fields().iter().cloned().zip(quoted).collect();
        Some(Self { columns, writing, style })
    }

    /// The rows of a batch, in pieces of whole messages. Work is done as the pieces are asked for.
    ///
    /// # Errors
    ///
    /// As [`Encoder::encode`](super::Encoder::encode).
    pub fn encode(&self, batch: RecordBatch) -> Pieces<Lines> {
        let cells = self.columns.iter().zip(batch.columns()).map(|((field, quoted), array)| {
            Ok(Cell {
                column: Column::new(array.as_ref(), field, &self.style)?,
                plain: self.writing.never_escapes(field),
                quoted: *quoted,
            })
        });
        let cells = cells.collect::<Result<Vec<_>, value::Error>>();
        let lines = cells.map(|cells| Lines { cells, writing: Arc::clone(&self.writing), spare: Vec::new() });
        Pieces::new(lines, batch.num_rows())
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
        let (mut out, mut spare) = (Vec::new(), Vec::new());
        let written = message(COPY_DATA, &mut out, |out| {
            for (index, (field, _)) in self.columns.iter().enumerate() {
                if index > 0 {
                    out.push(self.writing.delimiter);
                }
                let start = out.len();
                // A name from a file may hold a zero byte, which is no text.
                out.extend_from_slice(field.name().replace('\0', "\u{fffd}").as_bytes());
                self.writing.escape(false, false, start, out, &mut spare);
            }
            out.push(b'\n');
            Ok(())
        });
        written.map_err(|error| lakeport_engine::Error::new(error.sqlstate(), error.to_string()))?;
        Ok(Some(out))
    }
}

/// How values become lines.
#[derive(Debug)]
struct Writing {
    header: bool,
    delimiter: u8,
    null: String,
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
            CopyForm::Text { header, delimiter, null } => Self { header, delimiter, null, csv: None },
            CopyForm::Csv { header, delimiter, null, quote, escape } => {
                let csv = Csv { quote, escape, is_single: columns == 1 };
                Self { header, delimiter, null, csv: Some(csv) }
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
        let is_foreign = |byte: u8| !byte.is_ascii_alphanumeric() && !b"+-.:/ @<>".contains(&byte);
        is_made_of_few
            && is_foreign(self.delimiter)
            && self.csv.as_ref().is_none_or(|csv| is_foreign(csv.quote))
    }

    /// Makes the value that begins at `start` and ends with `out` one that reads back as itself.
    fn escape(&self, plain: bool, quoted: bool, start: usize, out: &mut Vec<u8>, spare: &mut Vec<u8>) {
        let Some(csv) = &self.csv else {
            if !plain {
                self.escape_text(start, out, spare);
            }
            return;
        };
        let value = &out[start..];
        let needs_quotes = quoted
            || value == self.null.as_bytes()
            || (csv.is_single && value == b"\\.")
            || (!plain && {
                let (delimiter, quote) = (self.delimiter, csv.quote);
                any(value, |byte| (byte == delimiter) | (byte == quote) | (byte == b'\n') | (byte == b'\r'))
            });
        if needs_quotes {
            let is_special = |byte| byte == csv.quote || byte == csv.escape;
            set_aside(start, out, spare);
            out.push(csv.quote);
            rewrite(spare, out, is_special, |byte, out| out.extend_from_slice(&[csv.escape, byte]));
            out.push(csv.quote);
        }
    }

    fn escape_text(&self, start: usize, out: &mut Vec<u8>, spare: &mut Vec<u8>) {
        let delimiter = self.delimiter;
        // From \b to \r: those that are written as letters.
        let is_special =
            |byte: u8| (byte == b'\\') | (byte == delimiter) | (byte.wrapping_sub(0x08) <= 0x0d - 0x08);
        if !any(&out[start..], is_special) {
            return;
        }
        set_aside(start, out, spare);
        rewrite(spare, out, is_special, |byte, out| {
            let letter = match byte {
                0x08 => b'b',
                b'\t' => b't',
                b'\n' => b'n',
                0x0b => b'v',
                0x0c => b'f',
                b'\r' => b'r',
                other => other,
            };
            out.extend_from_slice(&[b'\\', letter]);
        });
    }
}

/// Whether a byte of the text is special. Looks at 32 bytes at a time, which processors do at once.
fn any(text: &[u8], is_special: impl Fn(u8) -> bool) -> bool {
    let mut blocks = text.chunks_exact(32);
    blocks.by_ref().any(|block| block.iter().fold(false, |any, byte| any | is_special(*byte)))
        || blocks.remainder().iter().fold(false, |any, byte| any | is_special(*byte))
}

/// Moves what `out` has from `start` on into `spare`.
fn set_aside(start: usize, out: &mut Vec<u8>, spare: &mut Vec<u8>) {
    spare.clear();
    spare.extend_from_slice(&out[start..]);
    out.truncate(start);
}

/// Writes the text, its special bytes by `write`.
fn rewrite(
    text: &[u8],
    out: &mut Vec<u8>,
    is_special: impl Fn(u8) -> bool,
    write: impl Fn(u8, &mut Vec<u8>),
) {
    let mut rest = text;
    while let Some(at) = rest.iter().position(|byte| is_special(*byte)) {
        out.extend_from_slice(&rest[..at]);
        write(rest[at], out);
        rest = &rest[at + 1..];
    }
    out.extend_from_slice(rest);
}

/// The rows of one batch as lines.
#[derive(Debug)]
pub struct Lines {
    cells: Vec<Cell>,
    writing: Arc<Writing>,
    /// Where a value is while it is written once more.
    spare: Vec<u8>,
}

#[derive(Debug)]
struct Cell {
    column: Column,
    /// Nothing in it can need an escape.
    plain: bool,
    /// It is quoted whatever it is.
    quoted: bool,
}

impl WriteRow for Lines {
    fn write_row(&mut self, row: usize, out: &mut Vec<u8>) -> Result<(), value::Error> {
        let Self { cells, writing, spare } = self;
        let line = out.len();
        message(COPY_DATA, out, |out| {
            for (index, cell) in cells.iter().enumerate() {
                if index > 0 {
                    out.push(writing.delimiter);
                }
                if cell.column.is_null(row) {
                    out.extend_from_slice(writing.null.as_bytes());
                } else {
                    let start = out.len();
                    cell.column.write(row, out)?;
                    writing.escape(cell.plain, cell.quoted, start, out, spare);
                }
                if out.len() - line > ROW_SIZE_MAX {
                    return Err(value::Error::TooLong { limit: ROW_SIZE_MAX });
                }
            }
            out.push(b'\n');
            Ok(())
        })
    }
}
