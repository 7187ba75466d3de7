//! Large answers to slow readers: the server's memory stays where it was.

use std::io::{Read, Write};
use std::net::TcpStream;
use std::time::{Duration, Instant};

use lakeport_tests::{Server, demo_lake};

/// What the memory may grow by while rows stream, over what it is after a first small query.
const GROWTH_MAX: u64 = 150 << 20;

fn message(kind: u8, body: &[u8]) -> Vec<u8> {
    let mut bytes = vec![kind];
    bytes.extend((body.len() as u32 + 4).to_be_bytes());
    bytes.extend(body);
    bytes
}

/// Logs in and reads up to the first ReadyForQuery.
fn connect(server: &Server) -> TcpStream {
    let mut socket = TcpStream::connect(("127.0.0.1", server.port)).expect("a connection");
    let mut body = 196_608_u32.to_be_bytes().to_vec();
    body.extend(b"user\0test\0database\0lake\0\0");
    socket.write_all(&(body.len() as u32 + 4).to_be_bytes()).expect("the length");
    socket.write_all(&body).expect("the start-up message");
    while next(&mut socket).0 != b'Z' {}
    socket
}

fn next(socket: &mut TcpStream) -> (u8, Vec<u8>) {
    let mut head = [0; 5];
    socket.read_exact(&mut head).expect("a message");
    let length = u32::from_be_bytes([head[1], head[2], head[3], head[4]]) as usize;
    let mut body = vec![0; length - 4];
    socket.read_exact(&mut body).expect("a whole message");
    (head[0], body)
}

/// Reads rows up to ReadyForQuery, `pause` after each mebibyte, and gives their number.
fn read_slowly(socket: &mut TcpStream, server: &Server, pause: Duration, before: u64) -> u64 {
    let (mut buffer, mut pending, mut rows) = (vec![0; 1 << 20], Vec::new(), 0);
    loop {
        let count = socket.read(&mut buffer).expect("bytes");
        assert!(count > 0, "the server closed the connection");
        pending.extend_from_slice(&buffer[..count]);
        let mut at = 0;
        while pending.len() - at >= 5 {
            let length =
                u32::from_be_bytes(pending[at + 1..at + 5].try_into().expect("four bytes")) as usize + 1;
            if pending.len() - at < length {
                break;
            }
            match pending[at] {
                b'D' => rows += 1,
                b'E' => panic!("{}", String::from_utf8_lossy(&pending[at..at + length])),
                b'Z' => return rows,
                _ => {}
            }
            at += length;
        }
        pending.drain(..at);
        let grown = server.resident_bytes().saturating_sub(before);
        assert!(grown < GROWTH_MAX, "memory grew by {} MiB after {rows} rows", grown >> 20);
        std::thread::sleep(pause);
    }
}

fn extract(send: impl Fn(&str) -> Vec<u8>) {
    let server = Server::config(&demo_lake().join("lakeport.toml"));
    let mut socket = connect(&server);
    // A first look warms what is kept for good: threads, footers, schemas.
    socket.write_all(&message(b'Q', b"select * from shop.orders limit 1\0")).expect("a query");
    while next(&mut socket).0 != b'Z' {}
    let before = server.resident_bytes();
    socket.write_all(&send("select * from shop.orders")).expect("a query");
    let started = Instant::now();
    let rows = read_slowly(&mut socket, &server, Duration::from_millis(5), before);
    assert_eq!(rows, 2_160_000);
    eprintln!(
        "{rows} rows in {:?}, memory {} MiB over {} MiB",
        started.elapsed(),
        server.resident_bytes().saturating_sub(before) >> 20,
        before >> 20
    );
}

#[test]
fn two_million_rows_by_the_simple_protocol_do_not_pile_up() {
    extract(|query| message(b'Q', format!("{query}\0").as_bytes()));
}

#[test]
fn two_million_rows_by_execute_without_a_row_limit_do_not_pile_up() {
    extract(|query| {
        let mut bytes = message(b'P', format!("\0{query}\0\0\0").as_bytes());
        // Bind the unnamed portal, all results binary.
        bytes.extend(message(b'B', &[0, 0, 0, 0, 0, 0, 0, 1, 0, 1]));
        bytes.extend(message(b'E', &[0, 0, 0, 0, 0]));
        bytes.extend(message(b'S', &[]));
        bytes
    });
}
