//! The rows of an answer on their way to the client.
//!
//! Pieces come encoded from the tasks that computed them, and go out one by one: nothing is
//! gathered here, whatever number of rows a client asks for. A piece that holds more rows than the
//! client wants now is cut between two messages, and its rest kept for the next time.

use arrow::record_batch::RecordBatch;
use bytes::Bytes;
use lakeport_base::ByteSize;
use lakeport_engine::{Chunks, Error, Rows};
use lakeport_sql::value::Style;

use crate::conversation::Failure;
use crate::encode::{Encoder, Piece};
use crate::formats::Formats;
use crate::wire::Wire;
use crate::work::Stops;

/// How much of an answer may be encoded before the client has read what is in front of it.
pub(crate) const WINDOW: ByteSize = ByteSize::mebibytes(1);

/// Up to this size a piece is copied behind what else is to be written, so that an answer of one
/// row leaves in one packet.
const SMALL: usize = 16 << 10;

/// How far a feed has come.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Sent {
    /// So many rows were sent, and there are no more.
    All(u64),
    /// As many rows were sent as were wanted; there may be more.
    Enough,
}

/// The rows of an answer that have not been sent.
pub(crate) struct Feed {
    /// The tag's word.
    pub(crate) tag: &'static str,
    chunks: Chunks<Piece>,
    rest: Option<Piece>,
}

impl Feed {
    /// Starts computing the rows.
    pub(crate) fn start(rows: Rows, formats: &Formats, style: Style) -> Result<Self, Error> {
        let tag = rows.tag;
        let encoder = Encoder::new(&rows.schema, formats.said(), style)?;
        let chunks = rows.encoded(WINDOW, move |batch: RecordBatch| encoder.encode(batch));
        Ok(Self { tag, chunks, rest: None })
    }

    /// Sends rows: all of them, or as many as are wanted.
    pub(crate) async fn send(
        &mut self,
        wire: &mut Wire,
        stops: &Stops<'_>,
        wanted: Option<u64>,
    ) -> Result<Sent, Failure> {
        let mut sent = 0;
        while wanted.is_none_or(|wanted| sent < wanted) {
            let mut piece = match self.rest.take() {
                Some(rest) => rest,
                None => match stops.race(wire, async { self.chunks.next().await.transpose() }).await? {
                    Some(piece) => piece,
                    None => return Ok(Sent::All(sent)),
                },
            };
            let left = wanted.map_or(u64::MAX, |wanted| wanted - sent);
            let first = piece.split(usize::try_from(left).unwrap_or(usize::MAX));
            self.rest = (piece.rows > 0).then_some(piece);
            sent += first.rows as u64;
            write(wire, stops, first.bytes).await?;
        }
        Ok(Sent::Enough)
    }
}

/// Writes whole messages: small ones behind what is written next, others at once.
pub(crate) async fn write(wire: &mut Wire, stops: &Stops<'_>, bytes: Bytes) -> Result<(), Failure> {
    if bytes.len() <= SMALL {
        wire.output().extend_from_slice(&bytes);
        if !wire.is_full() {
            return Ok(());
        }
    } else {
        wire.set_chunk(bytes);
    }
    stops.flush(wire).await
}
