//! The messages of a client that is past its start-up packet.
//!
//! Two steps, both pure. [`header`] looks at a message's first five bytes and says how long it
//! is or that it cannot be one: what fails here has lost the place where the next message
//! begins, and ends the connection. [`decode`] reads a whole message: what fails here is an
//! error like any other, and the session goes on.
//!
//! pgwire's own decoder is not used: it takes bytes that are no UTF-8 for other text, checks
//! lengths after it has waited for them, and panics on some (a test of each is in `holes.rs`).

use bytes::Bytes;
use lakeport_engine::Error;

use crate::body::{Body, violation};

/// The size of a message's type and length.
pub(crate) const HEADER_SIZE: usize = 5;

/// The longest message that holds no text of the client's own. Source: `PQ_SMALL_MESSAGE_LIMIT`
/// in PostgreSQL's `libpq.h`.
const SMALL_MAX: usize = 10_000;

/// A message of a client.
#[derive(Debug)]
pub(crate) enum Message {
    /// A text of statements, to be answered at once.
    Query(String),
    /// Makes a prepared statement.
    Parse(Parse),
    /// Makes a portal of a prepared statement.
    Bind(Bind),
    /// Asks what a statement or portal is like.
    Describe(Named),
    /// Runs a portal.
    Execute(Execute),
    /// Drops a statement or portal.
    Close(Named),
    /// Asks for what has been answered so far.
    Flush,
    /// Ends a batch.
    Sync,
    /// Says goodbye.
    Terminate,
    /// A call of a function by its oid, from before there were prepared statements.
    FunctionCall,
    /// Belongs to a COPY; there is none, and PostgreSQL lets these pass outside of one.
    Copy,
}

/// Makes a prepared statement.
#[derive(Debug)]
pub(crate) struct Parse {
    /// The statement's name; empty for the unnamed one.
    pub(crate) name: String,
    /// Its text.
    pub(crate) text: String,
    /// The oids of the types of its parameters; 0 where the client leaves one open.
    pub(crate) types: Vec<u32>,
}

/// Makes a portal.
#[derive(Debug)]
pub(crate) struct Bind {
    /// The portal's name; empty for the unnamed one.
    pub(crate) portal: String,
    /// The statement's name.
    pub(crate) statement: String,
    /// How the parameters are written: none (all as text), one for all, or one each.
    pub(crate) parameter_formats: Vec<i16>,
    /// The parameters; none for NULL.
    pub(crate) parameters: Vec<Option<Bytes>>,
    /// How the answer is to be written: none (all as text), one for all, or one each.
    pub(crate) result_formats: Vec<i16>,
}

/// Runs a portal.
#[derive(Debug)]
pub(crate) struct Execute {
    /// The portal's name.
    pub(crate) portal: String,
    /// Most rows to send; all of them where this is not above zero.
    pub(crate) rows_max: i32,
}

/// A statement or a portal, by name.
#[derive(Debug)]
pub(crate) enum Named {
    /// A prepared statement.
    Statement(String),
    /// A portal.
    Portal(String),
}

/// Looks at the first five bytes of a message, and gives the length of the whole.
///
/// # Errors
///
/// Where this is no type of message, or no length that such a message may have; `length_max`
/// bounds those that hold a client's own text.
pub(crate) fn header(bytes: [u8; HEADER_SIZE], length_max: usize) -> Result<usize, Error> {
    let [kind, length @ ..] = bytes;
    let max = match kind {
        b'Q' | b'P' | b'B' | b'F' | b'd' | b'p' => length_max,
        b'D' | b'E' | b'C' | b'H' | b'S' | b'X' | b'c' | b'f' => SMALL_MAX.min(length_max),
        _ => return Err(violation(format!("invalid frontend message type {kind}"))),
    };
    // The length counts itself and not the type.
    match usize::try_from(i32::from_be_bytes(length)) {
        Ok(length) if (4..=max).contains(&length) => Ok(length + 1),
        _ => Err(violation("invalid message length")),
    }
}

/// Reads a whole message of a client that has logged in.
pub(crate) fn decode(kind: u8, bytes: Bytes) -> Result<Message, Error> {
    let mut body = Body::new(bytes);
    let message = match kind {
        b'Q' => Message::Query(body.text()?),
        b'P' => Message::Parse(Parse {
            name: body.text()?,
            text: body.text()?,
            types: body.list(4, |body| body.int32().map(i32::cast_unsigned))?,
        }),
        b'B' => Message::Bind(Bind {
            portal: body.text()?,
            statement: body.text()?,
            parameter_formats: body.list(2, Body::int16)?,
            parameters: body.list(4, Body::value)?,
            result_formats: body.list(2, Body::int16)?,
        }),
        b'E' => Message::Execute(Execute { portal: body.text()?, rows_max: body.int32()? }),
        b'D' => Message::Describe(named(&mut body, "DESCRIBE")?),
        b'C' => Message::Close(named(&mut body, "CLOSE")?),
        b'H' => Message::Flush,
        b'S' => Message::Sync,
        b'X' => Message::Terminate,
        b'F' => return Ok(Message::FunctionCall),
        b'd' | b'c' | b'f' => return Ok(Message::Copy),
        _ => return Err(violation(format!("invalid frontend message type {kind}"))),
    };
    body.end()?;
    Ok(message)
}

fn named(body: &mut Body, verb: &str) -> Result<Named, Error> {
    match body.byte()? {
        b'S' => Ok(Named::Statement(body.text()?)),
        b'P' => Ok(Named::Portal(body.text()?)),
        other => Err(violation(format!("invalid {verb} message subtype {other}"))),
    }
}
