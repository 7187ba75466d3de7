//! A connection: requests out, counted messages in.

use std::io::{Read, Write};
use std::net::TcpStream;
use std::time::{Duration, Instant};

use anyhow::{Result, bail};

use super::scanner::{Scanner, Seen};
use super::stream::{Address, Stream};

/// Read at once, at most. It stays in the second-level cache of most processors, so that counting costs
/// little beside the copy out of the kernel.
const BUFFER_SIZE: usize = 256 << 10;

/// How an answer is taken.
#[derive(Debug, Clone, Copy, Default)]
pub struct Pace {
    /// Bytes a second, at most; as fast as they come without it.
    pub bytes_per_second: Option<u64>,
    /// Longest that an answer is read; the connection is of no use afterwards.
    pub give_up_after: Option<Duration>,
}

/// A logged-in client.
pub struct Client {
    address: Address,
    pub(super) stream: Stream,
    buffer: Vec<u8>,
    key: Vec<u8>,
    /// How its answers are taken.
    pub pace: Pace,
}

/// When bytes and the first row came, counted from a request on.
pub(super) struct Clock {
    pub(super) start: Instant,
    pub(super) bytes: u64,
    pub(super) first: Option<Duration>,
    /// Whether the answer was left before its end.
    pub(super) gave_up: bool,
}

impl Clock {
    pub(super) fn start() -> Clock {
        Clock { start: Instant::now(), bytes: 0, first: None, gave_up: false }
    }
}

impl Client {
    /// Connects and logs in.
    ///
    /// # Errors
    ///
    /// Where there is no server, or it asks for a password.
    pub fn connect(address: &Address) -> Result<Client> {
        let mut stream = Stream::connect(address)?;
        let mut body = 196_608_u32.to_be_bytes().to_vec();
        body.extend(format!("user\0{}\0database\0{}\0\0", address.user, address.database).as_bytes());
        let mut start = (body.len() as u32 + 4).to_be_bytes().to_vec();
        start.append(&mut body);
        stream.write_all(&start)?;
        let mut client = Client {
            address: address.clone(),
            stream,
            buffer: vec![0; BUFFER_SIZE],
            key: Vec::new(),
            pace: Pace::default(),
        };
        let seen = client.read(&mut Clock::start())?;
        if let Some((state, message)) = seen.error {
            bail!("{state} {message}");
        }
        client.key = seen.key;
        Ok(client)
    }

    /// Sends whole messages and reads up to ReadyForQuery.
    pub(super) fn ask(&mut self, request: &[u8], clock: &mut Clock) -> Result<Seen> {
        self.stream.write_all(request)?;
        self.stream.flush()?;
        let seen = self.read(clock)?;
        match seen.error {
            Some((state, message)) => bail!("{state} {message}"),
            None => Ok(seen),
        }
    }

    /// Runs a statement whose answer does not matter.
    ///
    /// # Errors
    ///
    /// The server's.
    pub fn run(&mut self, sql: &str) -> Result<Seen> {
        self.ask(&super::ways::query(sql), &mut Clock::start())
    }

    /// What another thread needs to cancel the statement that this client runs.
    pub fn canceller(&self) -> impl FnOnce() -> Result<()> + Send + use<> {
        let (socket, key) = (self.address.socket, self.key.clone());
        move || {
            let mut request = vec![0, 0, 0, 16, 4, 210, 22, 46];
            request.extend(key);
            TcpStream::connect(socket)?.write_all(&request)?;
            Ok(())
        }
    }

    /// Says goodbye, and waits until the server has gone too.
    ///
    /// # Errors
    ///
    /// Where the connection is broken.
    pub fn close(mut self) -> Result<()> {
        self.stream.write_all(&[b'X', 0, 0, 0, 4])?;
        self.stream.flush()?;
        // With TLS, a server may go without a farewell.
        while matches!(self.stream.read(&mut self.buffer), Ok(count) if count > 0) {}
        Ok(())
    }

    fn read(&mut self, clock: &mut Clock) -> Result<Seen> {
        let mut scanner = Scanner::default();
        let mut kept = 0;
        loop {
            let count = self.stream.read(&mut self.buffer[kept..])?;
            if count == 0 {
                bail!("the server closed the connection");
            }
            clock.bytes += count as u64;
            let filled = kept + count;
            kept = scanner.take(&self.buffer[..filled])?;
            if kept > 0 {
                self.buffer.copy_within(filled - kept..filled, 0);
            }
            if clock.first.is_none() && scanner.seen.rows > 0 {
                clock.first = Some(clock.start.elapsed());
            }
            if scanner.seen.ready {
                return Ok(scanner.seen);
            }
            if self.pace.give_up_after.is_some_and(|limit| clock.start.elapsed() > limit) {
                clock.gave_up = true;
                return Ok(scanner.seen);
            }
            if let Some(speed) = self.pace.bytes_per_second {
                let due = Duration::from_secs_f64(clock.bytes as f64 / speed as f64);
                std::thread::sleep(due.saturating_sub(clock.start.elapsed()));
            }
        }
    }
}
