//! The wire: how fast rows get from one process's memory into a client that counts them, with nothing to be read, decoded
//! or encoded before: about the most that a server on this machine can send.

use std::io::{BufReader, Read, Write};
use std::net::{SocketAddr, TcpListener, TcpStream};

use anyhow::{Context, Result, bail};

use super::server::{end_of_answer, greet, read_body};

/// What is given to the socket at once, in bytes: about as much as a buffer of the floor has of lineitem.
const WRITTEN: usize = 1 << 20;

/// A listening server of rows without meaning. It ends with the program.
pub struct Wire {
    /// Where it listens.
    pub address: SocketAddr,
}

impl Wire {
    /// Answers [`Wire::query`].
    ///
    /// # Errors
    ///
    /// Where there is no port.
    pub fn start() -> Result<Wire> {
        let listener = TcpListener::bind("127.0.0.1:0")?;
        let address = listener.local_addr()?;
        std::thread::spawn(move || {
            for socket in listener.incoming().map_while(std::result::Result::ok) {
                std::thread::spawn(move || serve(&socket));
            }
        });
        Ok(Wire { address })
    }

    /// The query for so many rows of so many bytes each, the head of the message included.
    pub fn query(rows: u64, row_bytes: u64) -> String {
        format!("{rows} {row_bytes}")
    }
}

fn serve(socket: &TcpStream) -> Result<()> {
    let (mut reader, mut writer) = (BufReader::new(socket), socket);
    let mut body = Vec::new();
    greet(socket, &mut reader, &mut body)?;
    loop {
        let mut kind = [0];
        reader.read_exact(&mut kind)?;
        read_body(&mut reader, &mut body)?;
        match kind[0] {
            b'Q' => {
                let rows = send(writer, &String::from_utf8_lossy(&body))?;
                writer.write_all(&end_of_answer(rows))?;
            }
            b'X' => return Ok(()),
            other => bail!("a message {other} to the wire"),
        }
    }
}

/// Sends what is asked for, and says how many rows there were.
fn send(mut socket: &TcpStream, query: &str) -> Result<usize> {
    const HEAD: usize = 7;
    let numbers = query.trim_end_matches('\0').split_once(' ').context("rows and their size")?;
    let (rows, row_bytes): (usize, usize) = (numbers.0.parse()?, numbers.1.parse()?);
    let row_bytes = row_bytes.max(HEAD);
    // Rows of no columns whose bodies have bytes all the same: nobody looks into them.
    let mut row = vec![b'D'];
    row.extend((row_bytes as u32 - 1).to_be_bytes());
    row.resize(row_bytes, 0);
    let at_once = (WRITTEN / row_bytes).max(1);
    let block = row.repeat(at_once);
    let mut left = rows;
    while left > 0 {
        let now = left.min(at_once);
        socket.write_all(&block[..now * row_bytes])?;
        left -= now;
    }
    Ok(rows)
}
