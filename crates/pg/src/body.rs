//! Reading the inside of one message.
//!
//! Knows nothing of which message it is: numbers, names and pieces, each checked against what
//! is left, so that nothing a client writes can make us read past the end, allocate by its
//! word, or take two different byte strings for one name.

use bytes::{Buf, Bytes};
use lakeport_base::SqlState;
use lakeport_engine::Error;

/// What is left of one message.
#[derive(Debug)]
pub(crate) struct Body(Bytes);

impl Body {
    /// The inside of a message: all behind its type and length.
    pub(crate) fn new(bytes: Bytes) -> Self {
        Self(bytes)
    }

    /// A text that ends in a zero byte, which must be UTF-8.
    pub(crate) fn text(&mut self) -> Result<String, Error> {
        let end = memchr::memchr(0, &self.0).ok_or_else(|| violation("invalid string in message"))?;
        let text = self.0.split_to(end);
        self.0.advance(1);
        strict(&text)
    }

    /// One byte.
    pub(crate) fn byte(&mut self) -> Result<u8, Error> {
        self.need(1)?;
        Ok(self.0.get_u8())
    }

    /// A number of 16 bits that counts something.
    pub(crate) fn count(&mut self) -> Result<usize, Error> {
        self.need(2)?;
        Ok(usize::from(self.0.get_u16()))
    }

    /// A number of 16 bits.
    pub(crate) fn int16(&mut self) -> Result<i16, Error> {
        self.need(2)?;
        Ok(self.0.get_i16())
    }

    /// A number of 32 bits.
    pub(crate) fn int32(&mut self) -> Result<i32, Error> {
        self.need(4)?;
        Ok(self.0.get_i32())
    }

    /// As many pieces as a count of 16 bits says. `size` is the least that one piece takes: a
    /// count that cannot be true is refused before there is room made for it.
    pub(crate) fn list<T>(
        &mut self,
        size: usize,
        mut piece: impl FnMut(&mut Self) -> Result<T, Error>,
    ) -> Result<Vec<T>, Error> {
        let count = self.count()?;
        self.need(count * size)?;
        (0..count).map(|_| piece(self)).collect()
    }

    /// A value that is preceded by its length of 32 bits; none where the length is -1.
    pub(crate) fn value(&mut self) -> Result<Option<Bytes>, Error> {
        let length = self.int32()?;
        if length == -1 {
            return Ok(None);
        }
        let length = usize::try_from(length).map_err(|_| violation("insufficient data left in message"))?;
        self.need(length)?;
        Ok(Some(self.0.split_to(length)))
    }

    /// All that is left.
    pub(crate) fn rest(&mut self) -> Bytes {
        self.0.split_to(self.0.len())
    }

    /// Nothing may be left.
    pub(crate) fn end(self) -> Result<(), Error> {
        if self.0.is_empty() { Ok(()) } else { Err(violation("invalid message format")) }
    }

    fn need(&self, length: usize) -> Result<(), Error> {
        if self.0.len() >= length { Ok(()) } else { Err(violation("insufficient data left in message")) }
    }
}

/// An error in what a message holds.
pub(crate) fn violation(message: impl Into<String>) -> Error {
    Error::new(SqlState::PROTOCOL_VIOLATION, message)
}

/// The text that these bytes are, if they are UTF-8.
fn strict(bytes: &[u8]) -> Result<String, Error> {
    std::str::from_utf8(bytes).map(str::to_owned).map_err(|error| {
        let from = error.valid_up_to();
        let length = error.error_len().unwrap_or(bytes.len() - from);
        let wrong: Vec<String> =
            bytes[from..from + length].iter().map(|byte| format!("0x{byte:02x}")).collect();
        let message = format!("invalid byte sequence for encoding \"UTF8\": {}", wrong.join(" "));
        Error::new(SqlState::CHARACTER_NOT_IN_REPERTOIRE, message)
    })
}
