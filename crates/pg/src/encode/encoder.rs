//! Batches of Arrow to whole DataRow messages.
//!
//! Each column's writer is chosen once per batch. Rows are then written one after the other into a
//! buffer of about [`PIECE_SIZE`], which is as much as fits a processor's second cache.

use std::sync::Arc;

use arrow::datatypes::{FieldRef, SchemaRef};
use arrow::record_batch::RecordBatch;
use lakeport_engine::Error;
use lakeport_sql::value::{self, Column, Style};

use super::binary::Binary;
use super::describe::Format;
use super::piece::Piece;

/// How large a piece gets before the next one begins, in bytes. A guess: large enough that a write to the
/// socket costs little, small enough to stay in the cache until then.
const PIECE_SIZE: usize = 256 * 1024;

/// Room for the row that exceeds [`PIECE_SIZE`], so that the buffer seldom grows.
const PIECE_SLACK: usize = 8 * 1024;

/// The longest message, in bytes: PostgreSQL's `MaxAllocSize`, beyond which clients refuse it.
const ROW_SIZE_MAX: usize = 0x3fff_ffff;

/// Turns the batches of one answer into messages. Cheap to clone.
#[derive(Debug, Clone)]
pub struct Encoder {
    columns: Arc<[(FieldRef, Format)]>,
    style: Style,
    message: u8,
}

impl Encoder {
    /// An encoder of DataRow messages.
    ///
    /// `formats` as a Bind message gives them, see [`Format::of_column`].
    ///
    /// # Errors
    ///
    /// 54011 with more columns than a message can count.
    pub fn new(schema: &SchemaRef, formats: &[Format], style: Style) -> Result<Self, Error> {
        Self::of_messages(b'D', schema, formats, style)
    }

    /// An encoder of CopyData messages as `COPY … (FORMAT binary)` has them: one tuple each, which
    /// has the same bytes as a DataRow in binary.
    ///
    /// # Errors
    ///
    /// As [`Encoder::new`].
    pub fn copying_binary(schema: &SchemaRef, style: Style) -> Result<Self, Error> {
        Self::of_messages(b'd', schema, &[Format::Binary], style)
    }

    fn of_messages(message: u8, schema: &SchemaRef, formats: &[Format], style: Style) -> Result<Self, Error> {
        if i16::try_from(schema.fields().len()).is_err() {
            return Err(Error::new(
                lakeport_base::SqlState::TOO_MANY_COLUMNS,
                format!("an answer has at most {} columns", i16::MAX),
            ));
        }
        let columns = schema.fields().iter().enumerate();
        let columns = columns.map(|(index, field)| (field.clone(), Format::of_column(index, formats))).collect();
        Ok(Self { columns, style, message })
    }

    /// The rows of a batch, in pieces of whole messages. Work is done as the pieces are asked for.
    ///
    /// # Errors
    ///
    /// A piece is an error where a value cannot be sent (see [`Column::write`]), or a row is longer than
    /// a gigabyte (54000). The rows before it have been given by then; nothing follows it.
    pub fn encode(&self, batch: RecordBatch) -> Pieces {
        let header = (self.columns.len() as i16).to_be_bytes();
        let mut pieces = Pieces {
            cells: Vec::with_capacity(self.columns.len()),
            header: [self.message, 0, 0, 0, 0, header[0], header[1]],
            row: 0,
            rows: batch.num_rows(),
            error: None,
        };
        for ((field, format), array) in self.columns.iter().zip(batch.columns()) {
            match Cells::new(array.as_ref(), field, *format, &self.style) {
                Ok(cells) => pieces.cells.push(cells),
                Err(error) => {
                    pieces.fail(error);
                    break;
                }
            }
        }
        pieces
    }
}

/// The pieces of one batch.
#[derive(Debug)]
pub struct Pieces {
    cells: Vec<Cells>,
    /// The bytes that every message begins with; its length is still missing.
    header: [u8; 7],
    row: usize,
    rows: usize,
    error: Option<value::Error>,
}

impl Pieces {
    /// Ends the pieces with this error.
    fn fail(&mut self, error: value::Error) {
        self.error = Some(error);
        self.rows = self.row;
    }

    fn write_row(&self, row: usize, out: &mut Vec<u8>) -> Result<(), value::Error> {
        let start = out.len();
        out.extend_from_slice(&self.header);
        for cells in &self.cells {
            cells.append(row, out)?;
            if out.len() - start > ROW_SIZE_MAX {
                return Err(value::Error::TooLong { limit: ROW_SIZE_MAX });
            }
        }
        // The length counts itself and not the byte before it.
        let length = (out.len() - start - 1) as u32;
        out[start + 1..start + 5].copy_from_slice(&length.to_be_bytes());
        Ok(())
    }
}

impl Iterator for Pieces {
    type Item = Result<Piece, Error>;

    fn next(&mut self) -> Option<Self::Item> {
        let first = self.row;
        let mut out = Vec::new();
        if self.row < self.rows {
            out.reserve_exact(PIECE_SIZE + PIECE_SLACK);
        }
        while self.row < self.rows && out.len() < PIECE_SIZE {
            let start = out.len();
            if let Err(error) = self.write_row(self.row, &mut out) {
                out.truncate(start);
                self.fail(error);
                break;
            }
            self.row += 1;
        }
        if self.row > first {
            return Some(Ok(Piece { bytes: out.into(), rows: self.row - first }));
        }
        let error = self.error.take()?;
        Some(Err(Error::new(error.sqlstate(), error.to_string())))
    }
}

/// One column of a batch in its format.
#[derive(Debug)]
enum Cells {
    Text(Column),
    Binary(Binary),
}

impl Cells {
    fn new(
        array: &dyn arrow::array::Array,
        field: &FieldRef,
        format: Format,
        style: &Style,
    ) -> Result<Self, value::Error> {
        Ok(match format {
            Format::Text => Self::Text(Column::new(array, field, style)?),
            Format::Binary => Self::Binary(Binary::new(array, field, style)?),
        })
    }

    /// Writes the length of a row's value, -1 where it is null, and the value.
    fn append(&self, row: usize, out: &mut Vec<u8>) -> Result<(), value::Error> {
        match self {
            Self::Text(column) => append_text(column, row, out),
            Self::Binary(binary) => binary.append(row, out),
        }
    }
}

/// Writes the length of a text and the text.
pub(super) fn append_text(column: &Column, row: usize, out: &mut Vec<u8>) -> Result<(), value::Error> {
    if column.is_null(row) {
        out.extend_from_slice(&NULL);
        return Ok(());
    }
    sized(out, |out| column.write(row, out))
}

/// The length of a value that is null.
pub(super) const NULL: [u8; 4] = (-1i32).to_be_bytes();

/// Writes what `write` writes, after its length.
pub(super) fn sized(
    out: &mut Vec<u8>,
    write: impl FnOnce(&mut Vec<u8>) -> Result<(), value::Error>,
) -> Result<(), value::Error> {
    let start = out.len();
    out.extend_from_slice(&[0; 4]);
    write(out)?;
    let length = (out.len() - start - 4) as u32;
    out[start..start + 4].copy_from_slice(&length.to_be_bytes());
    Ok(())
}
