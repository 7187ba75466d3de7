//! Conversations of the protocol, written message by message in a block that has the flag `talk`.
//!
//! Each line that begins with `> ` is a message; lines below it go on with its SQL. All messages up to `> read` go out
//! in one packet, then their answers are read up to as many ReadyForQuery as there were `query` and `sync`. A name of
//! `-` is the empty one.
//!
//! ```text
//! > parse STATEMENT [types]: SQL
//! > bind PORTAL STATEMENT [formats sent/wanted]: value | null | \x0001
//! > describe statement|portal NAME
//! > execute PORTAL [rows]
//! > close statement|portal NAME
//! > query: SQL
//! > skipped query: SQL    (one that has no answer, since an error came before and no Sync yet)
//! > flush, > sync, > read
//! ```

use lakeport_tests::message;

use crate::corpus::type_of;
use crate::talk::{bind, close, describe, execute, parse, query, sync};

/// What is sent at once, and how many ReadyForQuery come back.
#[derive(Debug, Default)]
pub(crate) struct Packet {
    pub(crate) bytes: Vec<u8>,
    pub(crate) ready_count: usize,
}

/// The packets of a block's text.
pub(crate) fn packets(text: &str) -> Vec<Packet> {
    let mut packets = Vec::new();
    let mut packet = Packet::default();
    for line in format!("\n{text}").split("\n> ").filter(|line| !line.trim().is_empty()) {
        if line.trim() == "read" {
            packets.push(std::mem::take(&mut packet));
            continue;
        }
        let (head, rest) = line.split_once(':').unwrap_or((line, ""));
        let words: Vec<&str> = head.split_whitespace().collect();
        let name = |index: usize| words.get(index).copied().filter(|name| *name != "-").unwrap_or("");
        packet.bytes.extend(match words[0] {
            "parse" => {
                let types: Vec<u32> =
                    name(2).split(',').filter(|kind| !kind.is_empty()).map(type_of).collect();
                parse(name(1), rest.trim(), &types)
            }
            "bind" => {
                let (sent, wanted) = name(3).split_once('/').unwrap_or_default();
                bind(name(1), name(2), &values(rest), &codes(sent), &codes(wanted))
            }
            "describe" => describe(name(1).to_uppercase().as_bytes()[0], name(2)),
            "close" => close(name(1).to_uppercase().as_bytes()[0], name(2)),
            "execute" => execute(name(1), name(2).parse().unwrap_or(0)),
            "query" | "skipped" => query(rest.trim()),
            "flush" => message(b'H', b""),
            "sync" => sync(),
            other => panic!("no message is named {other}"),
        });
        packet.ready_count += usize::from(["query", "sync"].contains(&words[0]));
    }
    if !packet.bytes.is_empty() {
        packets.push(packet);
    }
    packets
}

fn codes(text: &str) -> Vec<u16> {
    text.split(',').filter(|code| !code.is_empty()).map(|code| code.parse().expect("a format")).collect()
}

fn values(text: &str) -> Vec<Option<Vec<u8>>> {
    let values = text.trim().split(" | ").filter(|_| !text.trim().is_empty());
    values
        .map(|value| match value.strip_prefix("\\x") {
            Some(hex) => Some(
                (0..hex.len() / 2)
                    .map(|at| u8::from_str_radix(&hex[2 * at..2 * at + 2], 16).expect("hex digits"))
                    .collect(),
            ),
            None => (value != "null").then(|| value.as_bytes().to_vec()),
        })
        .collect()
}
