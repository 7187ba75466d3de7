//! COPY … TO STDOUT on its way to the client: CopyOutResponse, rows in CopyData, CopyDone.
//!
//! Rows come and go as those of a query do (`rows`): encoded where they were computed, no more of
//! them held than the window, and ended by whatever ends a query.

use bytes::{BufMut, Bytes};
use lakeport_base::SqlState;
use lakeport_engine::{Chunks, Error, Rows};
use lakeport_sql::copy::CopyForm;
use lakeport_sql::value::Style;
use pgwire::messages::copy::CopyDone;

use crate::conversation::Failure;
use crate::encode::{CopyEncoder, Encoder, Format, Piece};
use crate::rows::{WINDOW, write};
use crate::start::complete;
use crate::wire::Wire;
use crate::work::Stops;

/// What begins a COPY in binary: the signature, no flags, no extension of the header.
///
/// Source: <https://www.postgresql.org/docs/15/sql-copy.html>, "File Header"
const BINARY_HEAD: &[u8] = b"PGCOPY\n\xff\r\n\0\0\0\0\0\0\0\0\0";

/// What ends it, in place of a tuple's number of columns.
const BINARY_TAIL: &[u8] = &[0xff, 0xff];

/// Bytes of a message before its body.
const HEADER_SIZE: usize = 5;

/// Rows that are copied to the client.
pub(crate) struct CopyOut {
    pub(crate) rows: Rows,
    pub(crate) form: CopyForm,
    pub(crate) quoted: Vec<bool>,
    pub(crate) style: Style,
}

impl CopyOut {
    /// Sends everything from CopyOutResponse to the tag.
    pub(crate) async fn send(self, wire: &mut Wire, stops: &Stops<'_>) -> Result<(), Failure> {
        let Self { rows, form, quoted, style } = self;
        let schema = rows.schema.clone();
        let Ok(columns) = i16::try_from(schema.fields().len()) else {
            let message = format!("an answer has at most {} columns", i16::MAX);
            return Err(Error::new(SqlState::TOO_MANY_COLUMNS, message).into());
        };
        let (mut chunks, format, mut head) = match CopyEncoder::new(&schema, &form, &quoted, style) {
            Some(lines) => {
                let names = lines.header()?.unwrap_or_default();
                (rows.encoded(WINDOW, move |batch| lines.encode(batch)), Format::Text, Head::Message(names))
            }
            None => {
                let tuples = Encoder::copying_binary(&schema, style)?;
                (rows.encoded(WINDOW, move |batch| tuples.encode(batch)), Format::Binary, Head::Start)
            }
        };
        put_response(wire, format, columns);
        let mut count = 0;
        while let Some(piece) = next(wire, stops, &mut chunks).await? {
            count += piece.rows as u64;
            let bytes = std::mem::replace(&mut head, Head::Gone).put(wire, piece.bytes);
            write(wire, stops, bytes).await?;
        }
        match (head, format) {
            (Head::Message(names), _) => wire.output().extend_from_slice(&names),
            (Head::Start, _) => put_data(wire, BINARY_HEAD, BINARY_TAIL),
            (Head::Gone, Format::Binary) => put_data(wire, BINARY_TAIL, &[]),
            (Head::Gone, Format::Text) => {}
        }
        wire.put(&CopyDone::new());
        complete(wire, "COPY", count);
        Ok(())
    }
}

async fn next(
    wire: &mut Wire,
    stops: &Stops<'_>,
    chunks: &mut Chunks<Piece>,
) -> Result<Option<Piece>, Failure> {
    stops.race(wire, async { chunks.next().await.transpose() }).await
}

/// What comes before the first row.
enum Head {
    /// A message of its own, or nothing.
    Message(Vec<u8>),
    /// The start of the first message: so PostgreSQL sends it, and there are clients that look for the first
    /// tuple behind it.
    Start,
    /// Nothing more.
    Gone,
}

impl Head {
    /// Puts it before these messages; gives what is left of them.
    fn put(self, wire: &mut Wire, mut messages: Bytes) -> Bytes {
        match self {
            Self::Gone => {}
            Self::Message(names) => wire.output().extend_from_slice(&names),
            Self::Start => {
                let length = messages.get(1..HEADER_SIZE).and_then(|bytes| bytes.try_into().ok());
                let length = 1 + length.map_or(0, u32::from_be_bytes) as usize;
                let first = messages.split_to(length.min(messages.len()));
                put_data(wire, BINARY_HEAD, first.get(HEADER_SIZE..).unwrap_or_default());
            }
        }
        messages
    }
}

/// Written by hand: pgwire's own refuses to be as long as many columns make it.
fn put_response(wire: &mut Wire, format: Format, columns: i16) {
    let code = format.code();
    let output = wire.output();
    output.put_u8(b'H');
    output.put_u32(7 + 2 * u32::from(columns.unsigned_abs()));
    output.put_u8(code.to_be_bytes()[1]);
    output.put_i16(columns);
    for _ in 0..columns {
        output.put_i16(code);
    }
}

/// A CopyData message of these bytes.
fn put_data(wire: &mut Wire, start: &[u8], rest: &[u8]) {
    let output = wire.output();
    output.put_u8(b'd');
    output.put_u32((4 + start.len() + rest.len()) as u32);
    output.put_slice(start);
    output.put_slice(rest);
}
