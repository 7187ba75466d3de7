//! For tests: a door over a real engine, and a client that speaks in bytes.

use std::collections::BTreeMap;
use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::sync::Arc;
use std::time::Duration;

use lakeport_access::Verifier;
use lakeport_base::{ByteSize, Redacted};
use lakeport_config::{Limits, Postgres, Settings, User};
use lakeport_engine::Engine;
use tokio::io::{AsyncReadExt, AsyncWriteExt, DuplexStream};
use tokio::task::JoinHandle;
use tokio_util::sync::CancellationToken;

use crate::connection;
use crate::door::Door;
use crate::options::Options;

/// Gives so many rows of one column, out of nothing.
pub(crate) fn million_rows(exponent: usize) -> String {
    let tables: Vec<String> = (0..exponent).map(|index| format!("d d{index}")).collect();
    let ten = "VALUES (0),(1),(2),(3),(4),(5),(6),(7),(8),(9)";
    format!("WITH d AS (SELECT * FROM ({ten}) AS v (x)) SELECT d0.x FROM {}", tables.join(", "))
}

/// A door in memory.
pub(crate) struct Server {
    pub(crate) door: Arc<Door>,
    pub(crate) closing: CancellationToken,
}

impl Server {
    /// A door that anybody on this machine may go through.
    pub(crate) fn open() -> Self {
        Self::with(BTreeMap::new(), |_| {})
    }

    /// A door with one user, `ann`, whose password is `pencil`.
    pub(crate) fn guarded() -> Self {
        let verifier = Verifier::make_with("pencil", b"0123456789abcdef", 4096).unwrap().to_string();
        let ann = User { password: Redacted::new(verifier), roles: Vec::new() };
        Self::with(BTreeMap::from([("ann".to_owned(), ann)]), |_| {})
    }

    /// A door with other options.
    pub(crate) fn with(users: BTreeMap<String, User>, change: impl FnOnce(&mut Options)) -> Self {
        let settings = Settings {
            file: None,
            views: None,
            postgres: Postgres::default(),
            stores: BTreeMap::new(),
            schemas: BTreeMap::new(),
            tables: BTreeMap::new(),
            users,
            roles: BTreeMap::new(),
            limits: limits(),
        };
        let mut options = Options::new(&settings.limits);
        change(&mut options);
        let closing = CancellationToken::new();
        let engine = Engine::open(settings).unwrap();
        Self { door: Arc::new(Door::new(engine, options, closing.clone())), closing }
    }

    /// A client on this machine, before its first byte.
    pub(crate) fn connect(&self) -> Client {
        self.connect_from(Ipv4Addr::LOCALHOST.into(), 1 << 16)
    }

    /// A client elsewhere, with so many bytes between it and the server.
    pub(crate) fn connect_from(&self, peer: IpAddr, window: usize) -> Client {
        let (ours, theirs) = tokio::io::duplex(window);
        let served = tokio::spawn(connection::serve(
            Box::new(theirs),
            SocketAddr::new(peer, 50_000),
            self.door.clone(),
        ));
        Client { stream: ours, served, id: 0, secret: Vec::new() }
    }

    /// A client that has logged in, where nobody needs a password.
    pub(crate) async fn client(&self) -> Client {
        let mut client = self.connect();
        client.login().await;
        client
    }
}

fn limits() -> Limits {
    Limits {
        connections: 8,
        startup_timeout: Duration::from_secs(20),
        idle_timeout: Duration::ZERO,
        statement_timeout: Duration::ZERO,
        shutdown_grace: Duration::from_secs(1),
        memory: ByteSize::mebibytes(1024),
        statement_memory: ByteSize::mebibytes(256),
        statements: 4,
        spill_folder: None,
        spill: ByteSize::mebibytes(256),
        footer_memory: ByteSize::mebibytes(16),
        message: ByteSize::mebibytes(4),
        fresh_within: Duration::ZERO,
        session_objects: 50,
        temp_memory: ByteSize::mebibytes(16),
    }
}

/// A client that speaks in bytes.
pub(crate) struct Client {
    pub(crate) stream: DuplexStream,
    pub(crate) served: JoinHandle<()>,
    pub(crate) id: i32,
    pub(crate) secret: Vec<u8>,
}

impl Client {
    pub(crate) async fn send(&mut self, bytes: &[u8]) {
        self.stream.write_all(bytes).await.unwrap();
    }

    /// Logs in without a password, up to ReadyForQuery.
    pub(crate) async fn login(&mut self) {
        self.send(&startup(3 << 16, b"user\0ann\0\0")).await;
        let greeting = self.until(b'Z').await;
        let key = greeting.iter().find(|(kind, _)| *kind == b'K').unwrap();
        self.id = i32::from_be_bytes(key.1[..4].try_into().unwrap());
        self.secret = key.1[4..].to_vec();
    }

    /// The next message; none when the server has hung up.
    pub(crate) async fn message(&mut self) -> Option<(u8, Vec<u8>)> {
        let mut header = [0; 5];
        let reading = tokio::time::timeout(Duration::from_secs(30), self.stream.read_exact(&mut header));
        reading.await.expect("an answer in time").ok()?;
        let length = u32::from_be_bytes(header[1..].try_into().unwrap()) as usize;
        let mut body = vec![0; length - 4];
        self.stream.read_exact(&mut body).await.ok()?;
        Some((header[0], body))
    }

    /// All messages up to the first of this kind.
    pub(crate) async fn until(&mut self, last: u8) -> Vec<(u8, Vec<u8>)> {
        let mut messages = Vec::new();
        loop {
            let message = self.message().await.expect("another message");
            let ended = message.0 == last;
            messages.push(message);
            if ended {
                return messages;
            }
        }
    }

    /// What the server answers up to ReadyForQuery, in short: kinds, codes, tags and states.
    pub(crate) async fn ready(&mut self) -> String {
        short(&self.until(b'Z').await)
    }

    /// What the server still says before it hangs up, in short.
    pub(crate) async fn end(&mut self) -> String {
        let mut messages = Vec::new();
        while let Some(message) = self.message().await {
            messages.push(message);
        }
        short(&messages)
    }

    pub(crate) async fn query(&mut self, sql: &str) -> String {
        self.send(&message(b'Q', &[sql.as_bytes(), b"\0"].concat())).await;
        self.ready().await
    }
}

/// Messages in short: `T`, `D`; `C(SELECT 1)`, `E(22012)`, `Z(I)`; ParameterStatus is left out.
pub(crate) fn short(messages: &[(u8, Vec<u8>)]) -> String {
    let shorten = |(kind, body): &(u8, Vec<u8>)| match kind {
        b'S' => None,
        b'C' => Some(format!("C({})", String::from_utf8_lossy(&body[..body.len() - 1]))),
        b'Z' => Some(format!("Z({})", char::from(body[0]))),
        b'E' | b'N' => Some(format!("{}({})", char::from(*kind), field(body, b'C'))),
        _ => Some(char::from(*kind).to_string()),
    };
    messages.iter().filter_map(shorten).collect::<Vec<_>>().join(" ")
}

/// One field of an error.
pub(crate) fn field(body: &[u8], code: u8) -> String {
    let mut fields = body.split(|byte| *byte == 0).filter(|field| field.first() == Some(&code));
    fields.next().map(|field| String::from_utf8_lossy(&field[1..]).into_owned()).unwrap_or_default()
}

pub(crate) fn message(kind: u8, body: &[u8]) -> Vec<u8> {
    [&[kind][..], &(body.len() as i32 + 4).to_be_bytes(), body].concat()
}

pub(crate) fn startup(protocol: i32, parameters: &[u8]) -> Vec<u8> {
    packet(&[&protocol.to_be_bytes()[..], parameters].concat())
}

pub(crate) fn packet(body: &[u8]) -> Vec<u8> {
    [&(body.len() as i32 + 4).to_be_bytes()[..], body].concat()
}

pub(crate) fn parse(name: &str, sql: &str) -> Vec<u8> {
    message(b'P', format!("{name}\0{sql}\0\0\0").as_bytes())
}

pub(crate) fn bind(portal: &str, statement: &str) -> Vec<u8> {
    message(b'B', format!("{portal}\0{statement}\0\0\0\0\0\0\0").as_bytes())
}

pub(crate) fn execute(portal: &str, rows_max: i32) -> Vec<u8> {
    message(b'E', &[portal.as_bytes(), b"\0", &rows_max.to_be_bytes()].concat())
}

pub(crate) fn sync() -> Vec<u8> {
    message(b'S', b"")
}
