//! A client that speaks the protocol byte by byte: for what no driver would send, and to see all that is answered.
//!
//! Blocking, with a limit on every wait, so that a server that hangs is a test that fails.

use std::io::{Read, Write};
use std::net::TcpStream;
use std::time::Duration;

use crate::Server;

/// Longest wait for a byte. Far more than any answer here takes, for busy machines.
const PATIENCE: Duration = Duration::from_secs(90);

/// A client's socket.
#[derive(Debug)]
pub struct Socket {
    stream: TcpStream,
    key: Vec<u8>,
}

/// What a server said up to a ReadyForQuery, or up to its end.
#[derive(Debug, Default, Clone, PartialEq, Eq)]
pub struct Reply {
    /// The types of the messages in their order; runs of DataRow count as one.
    pub kinds: String,
    /// The cells of each row, as they were sent.
    pub rows: Vec<Vec<Option<Vec<u8>>>>,
    /// The tags of commands.
    pub tags: Vec<String>,
    /// The errors.
    pub errors: Vec<Failure>,
    /// Whether the server closed the connection.
    pub closed: bool,
}

/// One error of a server.
#[derive(Debug, Default, Clone, PartialEq, Eq)]
pub struct Failure {
    /// ERROR or FATAL.
    pub severity: String,
    /// The SQLSTATE.
    pub code: String,
    /// The message.
    pub message: String,
    /// The detail and the hint, where there are any.
    pub more: String,
}

impl Reply {
    /// The only row's only cell as text.
    #[track_caller]
    pub fn cell(&self) -> String {
        assert!(self.errors.is_empty(), "{:?}", self.errors);
        let [row] = &self.rows[..] else { panic!("{} rows", self.rows.len()) };
        let cell = row[0].clone().unwrap_or_else(|| b"NULL".to_vec());
        String::from_utf8(cell).expect("text")
    }

    /// The only error's code; `00000` without any.
    #[track_caller]
    pub fn code(&self) -> &str {
        match &self.errors[..] {
            [] => "00000",
            [error] => &error.code,
            more => panic!("several errors: {more:?}"),
        }
    }

    /// The only error, which must have this code.
    #[track_caller]
    pub fn failed(&self, code: &str) -> &Failure {
        assert_eq!(self.code(), code, "{:?}", self.errors);
        &self.errors[0]
    }
}

/// A message of this type.
pub fn message(kind: u8, body: &[u8]) -> Vec<u8> {
    let length = u32::try_from(body.len() + 4).expect("no message is that long");
    [&[kind][..], &length.to_be_bytes(), body].concat()
}

impl Socket {
    /// A connection on which nothing has been said.
    pub fn silent(server: &Server) -> Socket {
        Socket::at(&format!("127.0.0.1:{}", server.port))
    }

    /// The same to any server, by host and port.
    pub fn at(address: &str) -> Socket {
        let stream = TcpStream::connect(address).expect("a connection");
        stream.set_read_timeout(Some(PATIENCE)).expect("a limit");
        stream.set_write_timeout(Some(PATIENCE)).expect("a limit");
        Socket { stream, key: Vec::new() }
    }

    /// A session, of a server that wants no password.
    #[track_caller]
    pub fn open(server: &Server) -> Socket {
        let mut socket = Socket::silent(server);
        let reply = socket.log_in();
        assert!(!reply.closed, "{:?}", reply.errors);
        socket
    }

    /// Asks for a session.
    pub fn log_in(&mut self) -> Reply {
        let body = [&196_608_u32.to_be_bytes()[..], b"user\0test\0database\0lake\0\0"].concat();
        self.packet(&body);
        self.reply()
    }

    /// Sends a message without a type, such as begin a connection.
    pub fn packet(&mut self, body: &[u8]) {
        let length = u32::try_from(body.len() + 4).expect("no message is that long");
        self.send(&[&length.to_be_bytes()[..], body].concat());
    }

    /// Sends bytes. That the server has hung up meanwhile is no failure: what it said can still be read.
    pub fn send(&mut self, bytes: &[u8]) {
        let _ = self.stream.write_all(bytes);
    }

    /// Sends a statement by the simple protocol.
    pub fn ask(&mut self, sql: &str) {
        self.send(&message(b'Q', &[sql.as_bytes(), b"\0"].concat()));
    }

    /// Sends a statement and reads the answer.
    pub fn query(&mut self, sql: &str) -> Reply {
        self.ask(sql);
        self.reply()
    }

    /// Reads up to the next ReadyForQuery, or to the end.
    pub fn reply(&mut self) -> Reply {
        let mut reply = Reply::default();
        loop {
            let Some((kind, body)) = self.next() else {
                reply.closed = true;
                return reply;
            };
            if kind != b'D' || !reply.kinds.ends_with('D') {
                reply.kinds.push(char::from(kind));
            }
            match kind {
                b'D' => reply.rows.push(cells(&body)),
                b'C' => reply.tags.push(text(&body)),
                b'E' => reply.errors.push(failure(&body)),
                b'K' => self.key = body,
                b'Z' => return reply,
                _ => {}
            }
        }
    }

    /// The next message; none where the server has hung up.
    #[expect(
        clippy::should_implement_trait,
        reason = "a socket is no iterator: it is written to between two messages"
    )]
    pub fn next(&mut self) -> Option<(u8, Vec<u8>)> {
        let mut head = [0; 5];
        self.read(&mut head)?;
        let length = u32::from_be_bytes([head[1], head[2], head[3], head[4]]) as usize;
        let mut body = vec![0; length.checked_sub(4).expect("a length counts itself")];
        self.read(&mut body)?;
        Some((head[0], body))
    }

    /// Asks on another connection for the end of what this session runs.
    pub fn cancel(&self, server: &Server) {
        let mut other = Socket::silent(server);
        other.packet(&[&80_877_102_u32.to_be_bytes()[..], &self.key].concat());
        assert!(other.next().is_none(), "a cancel request has no answer");
    }

    /// All bytes up to the end of the connection.
    pub fn rest(&mut self) -> Vec<u8> {
        let mut bytes = Vec::new();
        let mut buffer = [0; 4096];
        loop {
            match self.stream.read(&mut buffer) {
                Ok(0) => return bytes,
                Ok(count) => bytes.extend_from_slice(&buffer[..count]),
                Err(error) => {
                    assert_ne!(error.kind(), std::io::ErrorKind::WouldBlock, "the server does not hang up");
                    return bytes;
                }
            }
        }
    }

    fn read(&mut self, buffer: &mut [u8]) -> Option<()> {
        match self.stream.read_exact(buffer) {
            Ok(()) => Some(()),
            Err(error) => {
                assert_ne!(error.kind(), std::io::ErrorKind::WouldBlock, "the server does not answer");
                None
            }
        }
    }
}

fn cells(body: &[u8]) -> Vec<Option<Vec<u8>>> {
    let count = usize::from(u16::from_be_bytes([body[0], body[1]]));
    let mut at = 2;
    let mut cells = Vec::with_capacity(count);
    for _ in 0..count {
        let length = i32::from_be_bytes([body[at], body[at + 1], body[at + 2], body[at + 3]]);
        at += 4;
        cells.push(usize::try_from(length).ok().map(|length| {
            at += length;
            body[at - length..at].to_vec()
        }));
    }
    cells
}

fn text(body: &[u8]) -> String {
    String::from_utf8_lossy(body).trim_end_matches('\0').to_owned()
}

fn failure(body: &[u8]) -> Failure {
    let mut failure = Failure::default();
    for field in body.split(|byte| *byte == 0).filter(|field| !field.is_empty()) {
        let value = text(&field[1..]);
        match field[0] {
            b'V' => failure.severity = value,
            b'C' => failure.code = value,
            b'M' => failure.message = value,
            b'D' | b'H' => failure.more += &value,
            _ => {}
        }
    }
    failure
}
