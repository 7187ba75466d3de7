//! What is counted in a stream of messages.
//!
//! Only headers are looked at: the rows of DataRow and CopyData are counted and passed over. No I/O.

use anyhow::{Result, bail};

/// Longest message that is looked into: errors, tags. Rows may be of any length.
const LOOKED_INTO_MAX: usize = 16 << 10;

/// What has been seen since the last request.
#[derive(Debug, Default, Clone)]
pub struct Seen {
    /// Messages with a row: DataRow and CopyData.
    pub rows: u64,
    /// The tag of the last command that ended.
    pub tag: String,
    /// Whether a portal was left with rows to come.
    pub suspended: bool,
    /// The first error's SQLSTATE and message.
    pub error: Option<(String, String)>,
    /// Whether the server waits for the next request.
    pub ready: bool,
    /// The key for cancelling, as BackendKeyData tells it.
    pub key: Vec<u8>,
}

/// Counts messages, however the stream is cut.
#[derive(Debug, Default)]
pub(super) struct Scanner {
    pub(super) seen: Seen,
    /// Bytes of the current message that have not come yet.
    skip: usize,
}

impl Scanner {
    /// Takes the next bytes of the stream, and says how many at their end are to be given again with
    /// what follows them.
    pub(super) fn take(&mut self, bytes: &[u8]) -> Result<usize> {
        let mut at = self.skip;
        while let Some(&[kind, a, b, c, d]) = bytes.get(at..at + 5) {
            let end = at + 1 + u32::from_be_bytes([a, b, c, d]) as usize;
            match kind {
                b'D' | b'd' => self.seen.rows += 1,
                _ => match bytes.get(at + 5..end) {
                    Some(body) => self.look_into(kind, body)?,
                    None if end - at > LOOKED_INTO_MAX => bail!("message {kind} of {} bytes", end - at),
                    None => return Ok(self.keep(bytes.len() - at)),
                },
            }
            at = end;
        }
        if at > bytes.len() {
            self.skip = at - bytes.len();
            return Ok(0);
        }
        Ok(self.keep(bytes.len() - at))
    }

    fn keep(&mut self, size: usize) -> usize {
        self.skip = 0;
        size
    }

    fn look_into(&mut self, kind: u8, body: &[u8]) -> Result<()> {
        let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).trim_end_matches('\0').to_owned();
        match kind {
            b'C' => self.seen.tag = text(body),
            b's' => self.seen.suspended = true,
            b'Z' => self.seen.ready = true,
            b'K' => self.seen.key = body.to_vec(),
            b'R' if body != [0, 0, 0, 0] => bail!("the server asks for a password"),
            b'E' => {
                let field = |wanted: u8| {
                    let mut fields = body.split(|byte| *byte == 0);
                    fields.find(|field| field.first() == Some(&wanted)).map(|field| text(&field[1..]))
                };
                let error = (field(b'C').unwrap_or_default(), field(b'M').unwrap_or_default());
                self.seen.error.get_or_insert(error);
            }
            _ => {}
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn message(kind: u8, body: &[u8]) -> Vec<u8> {
        let mut bytes = vec![kind];
        bytes.extend((body.len() as u32 + 4).to_be_bytes());
        bytes.extend(body);
        bytes
    }

    /// Feeds the stream in reads of so many bytes, as a client would.
    fn read_by(size: usize) -> Seen {
        let mut stream = message(b'T', b"columns");
        for length in [0, 3, 700] {
            stream.extend(message(b'D', &vec![b'Z'; length]));
        }
        stream.extend(message(b'd', b"copied"));
        stream.extend(message(b'C', b"SELECT 3\0"));
        stream.extend(message(b'E', b"SERROR\0C57014\0Mcanceled\0\0"));
        stream.extend(message(b'Z', b"I"));
        let (mut scanner, mut pending) = (Scanner::default(), Vec::new());
        for part in stream.chunks(size) {
            pending.extend_from_slice(part);
            let kept = scanner.take(&pending).expect("good messages");
            pending.drain(..pending.len() - kept);
        }
        assert!(pending.is_empty());
        scanner.seen
    }

    #[test]
    fn messages_are_counted_however_the_stream_is_cut() {
        for size in 1..800 {
            let seen = read_by(size);
            assert_eq!((seen.rows, seen.tag.as_str(), seen.ready), (4, "SELECT 3", true), "by {size}");
            assert_eq!(seen.error, Some(("57014".to_owned(), "canceled".to_owned())), "by {size}");
        }
    }
}
