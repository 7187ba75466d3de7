//! A batch on its way into pieces: rows written one after the other into a buffer of one size.

use bytes::Bytes;
use lakeport_base::{Buffers, ByteSize};
use lakeport_engine::Error;
use lakeport_sql::value;

use super::out::Out;
use super::piece::Piece;

/// How large a piece gets before the next one begins, in bytes: large enough that waking the socket's thread for it
/// costs little, small enough to stay in the cache until then. Measured: with half of it extracts are slower, with
/// twice as much they are no faster.
pub(super) const PIECE_SIZE: usize = 512 * 1024;

/// Room for the row that exceeds [`PIECE_SIZE`], so that the buffer seldom grows.
pub(super) const PIECE_SLACK: usize = 8 * 1024;

const BUFFER_SIZE: usize = PIECE_SIZE + PIECE_SLACK;

/// Bytes of written pieces that wait to be filled again, of one answer at most.
const WAITING_MAX: ByteSize = ByteSize::mebibytes(4);

/// The longest message, in bytes: PostgreSQL's `MaxAllocSize`, beyond which clients refuse it.
pub(super) const ROW_SIZE_MAX: usize = 0x3fff_ffff;

/// Writes the rows of one batch as messages.
pub trait WriteRow {
    /// Writes a row as one whole message. What has been written before an error stays.
    ///
    /// # Errors
    ///
    /// Where a value cannot be sent, or the row is too long.
    fn write_row(&mut self, row: usize, out: &mut Out) -> Result<(), value::Error>;
}

/// The pieces of one batch. Work is done as they are asked for.
#[derive(Debug)]
pub struct Pieces<W> {
    /// None where it could not be made; `error` says why.
    writer: Option<W>,
    row: usize,
    rows: usize,
    error: Option<value::Error>,
    buffers: Buffers,
}

impl<W> Pieces<W> {
    /// The pieces of so many rows, in these buffers.
    pub(super) fn new(writer: Result<W, value::Error>, rows: usize, buffers: Buffers) -> Self {
        match writer {
            Ok(writer) => Self { writer: Some(writer), row: 0, rows, error: None, buffers },
            Err(error) => Self { writer: None, row: 0, rows: 0, error: Some(error), buffers },
        }
    }

    /// A buffer for what is left: one of full size unless that is little.
    fn buffer(&self) -> Out {
        const FEW_ROWS: usize = 64;
        if self.rows - self.row < FEW_ROWS {
            Out::default()
        } else {
            Out::over(self.buffers.take(BUFFER_SIZE))
        }
    }
}

impl<W: WriteRow> Iterator for Pieces<W> {
    type Item = Result<Piece, Error>;

    fn next(&mut self) -> Option<Self::Item> {
        let first = self.row;
        let mut out = self.buffer();
        if let Some(writer) = &mut self.writer {
            while self.row < self.rows && out.len() < PIECE_SIZE {
                let start = out.len();
                if let Err(error) = writer.write_row(self.row, &mut out) {
                    out.truncate(start);
                    // Nothing follows the error.
                    self.error = Some(error);
                    self.rows = self.row;
                    break;
                }
                self.row += 1;
            }
        }
        if self.row > first {
            return Some(Ok(Piece { bytes: written(out, &self.buffers), rows: self.row - first }));
        }
        let error = self.error.take()?;
        Some(Err(Error::new(error.sqlstate(), error.to_string())))
    }
}

/// Where the buffers of one answer's pieces come from.
pub(super) fn buffers() -> Buffers {
    Buffers::new(WAITING_MAX)
}

/// What has been written, in a buffer that comes back once it has been sent.
fn written(out: Out, buffers: &Buffers) -> Bytes {
    let (bytes, length) = out.into_parts();
    if bytes.len() == BUFFER_SIZE {
        return buffers.lend(bytes, length);
    }
    // One that has grown is as large as the largest row was: let it go.
    Bytes::from(bytes).slice(..length)
}

/// Writes a message of this type: its length, and what `write` writes.
#[inline(always)]
pub(super) fn message(
    kind: u8,
    out: &mut Out,
    write: impl FnOnce(&mut Out) -> Result<(), value::Error>,
) -> Result<(), value::Error> {
    let start = out.len();
    out.put([kind, 0, 0, 0, 0]);
    write(out)?;
    if out.len() - start > ROW_SIZE_MAX {
        return Err(value::Error::TooLong { limit: ROW_SIZE_MAX });
    }
    // The length counts itself and not the byte before it.
    let length = (out.len() - start - 1) as u32;
    out.patch(start + 1, length.to_be_bytes());
    Ok(())
}
