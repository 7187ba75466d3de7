//! What is not timed: single values, and rows copied from one server to another.

use std::io::{BufReader, Read, Write};

use anyhow::{Result, bail};

use super::connection::{Client, Clock};
use super::ways::{message, query};

/// Bytes of rows that are gathered before they are passed on.
const GATHERED: usize = 256 << 10;

impl Client {
    /// The first column of the first row, as text; empty where it is null or there is no row.
    ///
    /// # Errors
    ///
    /// The server's.
    pub fn text(&mut self, sql: &str) -> Result<String> {
        self.stream.write_all(&query(sql))?;
        self.stream.flush()?;
        let (mut value, mut failure) = (None, None);
        loop {
            let (kind, body) = next(&mut self.stream)?;
            match kind {
                // The number of columns, the length of the first, and its bytes.
                b'D' if value.is_none() => {
                    let length = body
                        .get(2..6)
                        .map_or(-1, |length| i32::from_be_bytes(length.try_into().unwrap_or_default()));
                    let bytes = usize::try_from(length).ok().and_then(|length| body.get(6..6 + length));
                    value = Some(String::from_utf8_lossy(bytes.unwrap_or_default()).into_owned());
                }
                b'E' => failure = Some(String::from_utf8_lossy(&body).replace('\0', " ")),
                b'Z' => break,
                _ => {}
            }
        }
        match failure {
            Some(failure) => bail!("{failure}"),
            None => Ok(value.unwrap_or_default()),
        }
    }

    /// Sends what `copy_to` gives here to `copy_from` there, and waits for both to end.
    ///
    /// # Errors
    ///
    /// The servers'.
    pub fn pipe(&mut self, copy_to: &str, target: &mut Client, copy_from: &str) -> Result<()> {
        target.stream.write_all(&query(copy_from))?;
        target.stream.flush()?;
        let (kind, body) = next(&mut target.stream)?;
        if kind != b'G' {
            bail!("{copy_from}: {}", String::from_utf8_lossy(&body));
        }
        self.stream.write_all(&query(copy_to))?;
        self.stream.flush()?;
        let mut source = BufReader::with_capacity(GATHERED, &mut self.stream);
        let mut gathered = Vec::with_capacity(GATHERED * 2);
        loop {
            let (kind, body) = next(&mut source)?;
            match kind {
                b'd' => gathered.extend(message(b'd', &body)),
                b'E' => bail!("{copy_to}: {}", String::from_utf8_lossy(&body)),
                b'Z' => break,
                _ => {}
            }
            if gathered.len() > GATHERED {
                target.stream.write_all(&gathered)?;
                gathered.clear();
            }
        }
        gathered.extend(message(b'c', &[]));
        target.ask(&gathered, &mut Clock::start()).map(drop)
    }
}

/// The next message: its kind and its body.
fn next(stream: &mut impl Read) -> Result<(u8, Vec<u8>)> {
    let mut head = [0; 5];
    stream.read_exact(&mut head)?;
    let length = u32::from_be_bytes([head[1], head[2], head[3], head[4]]);
    let mut body = vec![0; length.saturating_sub(4) as usize];
    stream.read_exact(&mut body)?;
    Ok((head[0], body))
}
