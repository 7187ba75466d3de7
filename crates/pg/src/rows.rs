//! The rows of an answer on their way to the client.
//!
//! Pieces come encoded from the tasks that computed them, and go out one by one: nothing is
//! gathered here, whatever number of rows a client asks for. A piece that holds more rows than the
//! client wants now is cut between two messages, and its rest kept for the next time.
//!
//! Invariant: what is sent is written as the one who asks for it wants it. What was written ahead
//! in another way is written once more, from the batch it was made of.

use std::collections::VecDeque;
use std::mem;
use std::sync::{Arc, Mutex, PoisonError};

use arrow::array::UInt32Array;
use arrow::compute::take_record_batch;
use arrow::datatypes::SchemaRef;
use arrow::record_batch::RecordBatch;
use bytes::Bytes;
use lakeport_base::{ByteSize, SqlState};
use lakeport_engine::{Chunks, Error, Kept, Rows, Weigh};
use lakeport_sql::value::Style;

use crate::conversation::Failure;
use crate::encode::{Encoder, Piece};
use crate::formats::Formats;
use crate::wire::Wire;
use crate::work::{Stops, contained};

/// How much of an answer may be encoded before the client has read what is in front of it: some pieces, so that
/// computing goes on while the socket takes what it can at once.
pub(crate) const WINDOW: ByteSize = ByteSize::mebibytes(4);

/// Up to this size a piece is copied behind what else is to be written, so that an answer of one
/// row leaves in one packet.
const SMALL: usize = 32 << 10;

/// How the rows of an answer are written.
pub(crate) struct Coding {
    formats: Formats,
    style: Style,
    encoder: Encoder,
}

impl Coding {
    /// Rows of these columns, in these formats and this style.
    pub(crate) fn new(columns: &SchemaRef, formats: &Formats, style: Style) -> Result<Arc<Self>, Error> {
        let encoder = Encoder::new(columns, formats.said(), style)?;
        Ok(Arc::new(Self { formats: formats.clone(), style, encoder }))
    }

    /// A batch in pieces.
    fn pieces(
        self: &Arc<Self>,
        batch: RecordBatch,
    ) -> impl Iterator<Item = Result<Coded, Error>> + Send + use<> {
        let coding = Arc::clone(self);
        let mut first = 0;
        self.encoder.encode(batch.clone()).map(move |piece| {
            let piece = piece?;
            let coded = Coded { first, coding: Arc::clone(&coding), batch: batch.clone(), piece };
            first += coded.piece.rows;
            Ok(coded)
        })
    }
}

/// A piece, and what it was made of.
struct Coded {
    piece: Piece,
    coding: Arc<Coding>,
    batch: RecordBatch,
    /// The row of the batch that the piece begins with.
    first: usize,
}

impl Weigh for Coded {
    fn bytes(&self) -> usize {
        self.piece.bytes()
    }
}

impl Coded {
    /// Takes the first `rows` rows out and leaves the others.
    fn split(&mut self, rows: usize) -> Piece {
        let piece = self.piece.split(rows);
        self.first += piece.rows;
        piece
    }

    /// About what its rows take in the batch, in bytes.
    fn share_of_batch(&self) -> usize {
        self.batch.get_array_memory_size() / self.batch.num_rows().max(1) * self.piece.rows
    }

    /// The same rows, written in another way.
    fn recoded(self, coding: &Arc<Coding>) -> Result<VecDeque<Self>, Error> {
        coding.pieces(self.batch.slice(self.first, self.piece.rows)).collect()
    }
}

/// The rows of an answer that have not been sent.
pub(crate) struct Feed {
    state: State,
    /// How rows were wanted when they were last asked for.
    coding: Arc<Coding>,
    /// What has been taken from the window and not been sent.
    rest: VecDeque<Coded>,
    /// How many rows have been sent or passed over.
    at: u64,
    /// What has been taken from the window, to be sent again.
    kept: Option<Kept>,
}

enum State {
    /// Nobody has asked for a row.
    Waiting(Rows),
    Running {
        chunks: Chunks<Coded>,
        /// What the tasks that encode ahead go by.
        shared: Arc<Mutex<Arc<Coding>>>,
    },
    Ended,
}

impl Feed {
    /// The rows, which are computed once somebody asks for the first.
    pub(crate) fn new(rows: Rows, coding: Arc<Coding>) -> Self {
        Self { state: State::Waiting(rows), coding, rest: VecDeque::new(), at: 0, kept: None }
    }

    /// The same, which keeps what it sends so that it can be sent again.
    pub(crate) fn keeping(rows: Rows, coding: Arc<Coding>) -> Self {
        let kept = Some(rows.kept());
        Self { kept, ..Self::new(rows, coding) }
    }

    /// Whether it keeps what it sends.
    pub(crate) fn keeps(&self) -> bool {
        self.kept.is_some()
    }

    /// How many rows have been sent or passed over.
    pub(crate) fn at(&self) -> u64 {
        self.at
    }

    /// From here on rows are written like this.
    pub(crate) fn write_as(
        &mut self,
        columns: &SchemaRef,
        formats: &Formats,
        style: Style,
    ) -> Result<(), Error> {
        if self.coding.formats == *formats && self.coding.style == style {
            return Ok(());
        }
        self.coding = Coding::new(columns, formats, style)?;
        if let State::Running { shared, .. } = &self.state {
            *shared.lock().unwrap_or_else(PoisonError::into_inner) = Arc::clone(&self.coding);
        }
        Ok(())
    }

    /// Starts computing the rows, if that has not begun.
    fn start(&mut self) {
        if !matches!(self.state, State::Waiting(_)) {
            return;
        }
        if let State::Waiting(rows) = mem::replace(&mut self.state, State::Ended) {
            let shared = Arc::new(Mutex::new(Arc::clone(&self.coding)));
            let ahead = Arc::clone(&shared);
            let chunks = rows.encoded(WINDOW, move |batch| {
                let coding = Arc::clone(&ahead.lock().unwrap_or_else(PoisonError::into_inner));
                coding.pieces(batch)
            });
            self.state = State::Running { chunks, shared };
        }
    }

    /// The next rows; none at the end.
    async fn next(&mut self, wire: &mut Wire, stops: &Stops<'_>) -> Result<Option<Coded>, Failure> {
        if let Some(rest) = self.rest.pop_front() {
            return Ok(Some(rest));
        }
        self.start();
        let State::Running { chunks, .. } = &mut self.state else { return Ok(None) };
        let next = stops.race(wire, async { chunks.next().await.transpose() }).await?;
        match (&next, &mut self.kept) {
            // What the plan holds is free from here on, however long the cursor lives.
            (None, _) => self.state = State::Ended,
            (Some(coded), Some(kept)) => {
                let rows = coded.batch.slice(coded.first, coded.piece.rows);
                stops.race(wire, kept.push(rows, coded.share_of_batch())).await?;
            }
            _ => {}
        }
        Ok(next)
    }

    /// Sends rows, all of them or as many as are wanted, and says how many there were.
    pub(crate) async fn send(
        &mut self,
        wire: &mut Wire,
        stops: &Stops<'_>,
        wanted: Option<u64>,
    ) -> Result<u64, Failure> {
        let mut sent = 0;
        while wanted.is_none_or(|wanted| sent < wanted) {
            let Some(mut coded) = self.next(wire, stops).await? else { break };
            if !Arc::ptr_eq(&coded.coding, &self.coding) {
                let mut recoded = contained(|| coded.recoded(&self.coding))?;
                recoded.append(&mut self.rest);
                self.rest = recoded;
                continue;
            }
            let piece = coded.split(left(wanted, sent));
            sent += piece.rows as u64;
            self.at += piece.rows as u64;
            if coded.piece.rows > 0 {
                self.rest.push_front(coded);
            }
            write(wire, stops, piece.bytes).await?;
        }
        Ok(sent)
    }

    /// Passes over rows, all of them or as many as are wanted, and says how many there were.
    pub(crate) async fn skip(
        &mut self,
        wire: &mut Wire,
        stops: &Stops<'_>,
        wanted: Option<u64>,
    ) -> Result<u64, Failure> {
        let mut skipped = 0;
        while wanted.is_none_or(|wanted| skipped < wanted) {
            let Some(mut coded) = self.next(wire, stops).await? else { break };
            let rows = coded.split(left(wanted, skipped)).rows as u64;
            skipped += rows;
            self.at += rows;
            if coded.piece.rows > 0 {
                self.rest.push_front(coded);
            }
        }
        Ok(skipped)
    }
}

impl Feed {
    /// Sends so many of the rows that have been sent or passed over before, beginning with this one,
    /// counted from 0.
    pub(crate) async fn send_again(
        &mut self,
        wire: &mut Wire,
        stops: &Stops<'_>,
        first: u64,
        count: u64,
        forward: bool,
    ) -> Result<(), Failure> {
        let (mut row, mut left) = (first, count);
        while left > 0 {
            let Some(kept) = &mut self.kept else {
                let message = "rows that were not kept are to be sent again";
                return Err(Error::new(SqlState::INTERNAL_ERROR, message).into());
            };
            let (batch, offset) = stops.race(wire, kept.read(row)).await?;
            let there = if forward { batch.num_rows() - offset } else { offset + 1 };
            let rows = there.min(usize::try_from(left).unwrap_or(usize::MAX));
            let coding = Arc::clone(&self.coding);
            let pieces: Vec<Coded> = contained(|| {
                let rows = if forward { batch.slice(offset, rows) } else { reversed(&batch, offset, rows)? };
                coding.pieces(rows).collect()
            })?;
            for coded in pieces {
                write(wire, stops, coded.piece.bytes).await?;
            }
            left -= rows as u64;
            row = if forward { row + rows as u64 } else { row.saturating_sub(rows as u64) };
        }
        Ok(())
    }
}

/// So many rows of a batch, from this one backward.
fn reversed(batch: &RecordBatch, last: usize, rows: usize) -> Result<RecordBatch, Error> {
    let part = batch.slice(last + 1 - rows, rows);
    let indices = UInt32Array::from_iter_values((0..u32::try_from(rows).unwrap_or(u32::MAX)).rev());
    take_record_batch(&part, &indices).map_err(|error| {
        Error::new(SqlState::INTERNAL_ERROR, format!("rows cannot be turned round: {error}"))
    })
}

fn left(wanted: Option<u64>, done: u64) -> usize {
    wanted.map_or(usize::MAX, |wanted| usize::try_from(wanted - done).unwrap_or(usize::MAX))
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
