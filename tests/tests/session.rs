//! The session's own statements: the same conversation with PostgreSQL 15 and with Lakeport, message by message.
//!
//! Each file of `session/` is a script. A line that begins with `Q` is a Query message; one with `X` is messages of the
//! extended protocol, with `|` between them: `P name text`, `B portal statement formats parameter…`, `D S|P name`,
//! `E portal rows`, `C S|P name`, `S`; `-` is the empty name, and no formats. `NEW` begins a new session.
//!
//! `LAKEPORT_TEST_POSTGRES` names a PostgreSQL 15 that trusts us, as `host:port`; ./test starts it.

use std::process::Command;
use std::time::{Duration, Instant};

use lakeport_tests::{Server, Socket, demo_lake, message, python};

#[test]
fn cursors_answer_as_postgresql_does() {
    check("cursors.talk");
}

#[test]
fn scrolling_cursors_answer_as_postgresql_does() {
    check("scroll.talk");
}

#[test]
fn portals_and_cursors_are_one_as_in_postgresql() {
    check("portals.talk");
}

#[test]
fn transactions_and_savepoints_answer_as_postgresql_does() {
    check("transactions.talk");
}

#[test]
fn prepared_statements_answer_as_postgresql_does() {
    check("prepared.talk");
}

#[test]
fn notifications_come_when_postgresql_sends_them() {
    check("notify.talk");
}

fn check(script: &str) {
    let address = std::env::var("LAKEPORT_TEST_POSTGRES").expect("./test sets LAKEPORT_TEST_POSTGRES");
    let lake = tempfile::tempdir().expect("a folder");
    let server = Server::folder(lake.path());
    let path = lakeport_tests::folder().join("session").join(script);
    let text = std::fs::read_to_string(path).expect("the script");
    let open = || (session(&address, "postgres"), session(&format!("127.0.0.1:{}", server.port), "lake"));
    let (mut postgres, mut lakeport) = open();
    let mut differences = Vec::new();
    for line in text.lines().filter(|line| !line.is_empty() && !line.starts_with('#')) {
        if line == "NEW" {
            (postgres, lakeport) = open();
            continue;
        }
        let (expected, found) = (say(&mut postgres, line), say(&mut lakeport, line));
        if expected != found {
            differences.push(format!("{line}\n  PostgreSQL: {expected}\n  Lakeport:   {found}"));
        }
    }
    assert!(differences.is_empty(), "{script}:\n{}", differences.join("\n"));
}

fn session(address: &str, database: &str) -> Socket {
    let mut socket = Socket::at(address);
    let pairs = ["user", "postgres", "database", database, "TimeZone", "UTC"];
    let parameters: Vec<u8> = pairs.iter().flat_map(|text| zero(text)).collect();
    socket.packet(&[&196_608_u32.to_be_bytes()[..], &parameters, b"\0"].concat());
    assert!(answer(&mut socket).ends_with("Z(I)"));
    socket
}

/// Says one line of a script, and gives the answers in short.
fn say(socket: &mut Socket, line: &str) -> String {
    if let Some(sql) = line.strip_prefix("Q ") {
        socket.ask(sql);
        return answer(socket);
    }
    let messages: Vec<&str> =
        line.strip_prefix("X ").expect("a line begins with Q or X").split(" | ").collect();
    let bytes: Vec<u8> = messages.iter().flat_map(|message| extended(message)).collect();
    socket.send(&bytes);
    let syncs = messages.iter().filter(|message| **message == "S").count();
    (0..syncs).map(|_| answer(socket)).collect::<Vec<_>>().join(" ")
}

fn zero(text: &str) -> Vec<u8> {
    let text = if text == "-" { "" } else { text };
    [text.as_bytes(), b"\0"].concat()
}

fn extended(text: &str) -> Vec<u8> {
    let words: Vec<&str> = text.split(' ').collect();
    match words[..] {
        ["P", name, ..] => {
            let sql = text.splitn(3, ' ').nth(2).unwrap_or_default();
            message(b'P', &[&zero(name)[..], &zero(sql), &[0, 0]].concat())
        }
        ["B", portal, statement, formats, ref parameters @ ..] => {
            let formats: Vec<i16> = if formats == "-" {
                Vec::new()
            } else {
                formats.split(',').map(|code| code.parse().expect("a format")).collect()
            };
            let mut body = [zero(portal), zero(statement), vec![0, 0]].concat();
            body.extend((parameters.len() as i16).to_be_bytes());
            for parameter in parameters {
                body.extend((parameter.len() as i32).to_be_bytes());
                body.extend(parameter.as_bytes());
            }
            body.extend((formats.len() as i16).to_be_bytes());
            body.extend(formats.iter().flat_map(|code| code.to_be_bytes()));
            message(b'B', &body)
        }
        ["D", kind, name] => message(b'D', &[kind.as_bytes(), &zero(name)].concat()),
        ["C", kind, name] => message(b'C', &[kind.as_bytes(), &zero(name)].concat()),
        ["E", portal, rows] => {
            let rows: i32 = rows.parse().expect("a number of rows");
            message(b'E', &[&zero(portal)[..], &rows.to_be_bytes()].concat())
        }
        ["S"] => message(b'S', b""),
        _ => panic!("{text} is no message of a script"),
    }
}

/// What is said up to ReadyForQuery, in short.
fn answer(socket: &mut Socket) -> String {
    let mut said = Vec::new();
    loop {
        let Some((kind, body)) = socket.next() else { return format!("{} closed", said.join(" ")) };
        said.push(match kind {
            b'T' => format!("T({})", columns(&body)),
            b'D' => format!("D({})", cells(&body)),
            b'C' => format!("C({})", text(&body)),
            b'S' => format!("S({})", text(&body).replace('\0', "=")),
            b'E' | b'N' => format!("{}({})", char::from(kind), failure(&body)),
            b'A' => format!("A({})", text(&body[4..]).replace('\0', "=")),
            b'K' => continue,
            b't' => format!("t{}", i16::from_be_bytes([body[0], body[1]])),
            b'Z' => format!("Z({})", char::from(body[0])),
            _ => char::from(kind).to_string(),
        });
        if kind == b'Z' {
            return said.join(" ");
        }
    }
}

fn text(body: &[u8]) -> String {
    String::from_utf8_lossy(&body[..body.len() - 1]).into_owned()
}

/// Names, type oids and formats.
fn columns(body: &[u8]) -> String {
    let (mut rest, mut columns) = (&body[2..], Vec::new());
    while !rest.is_empty() {
        let end = rest.iter().position(|byte| *byte == 0).expect("a name ends");
        let (name, behind) = (String::from_utf8_lossy(&rest[..end]), &rest[end + 1..]);
        let oid = u32::from_be_bytes(behind[6..10].try_into().expect("four bytes"));
        let format = i16::from_be_bytes([behind[16], behind[17]]);
        columns.push(format!("{name}:{oid}:{format}"));
        rest = &behind[18..];
    }
    columns.join(",")
}

fn cells(body: &[u8]) -> String {
    let (mut rest, mut cells) = (&body[2..], Vec::new());
    while !rest.is_empty() {
        let length = i32::from_be_bytes(rest[..4].try_into().expect("four bytes"));
        rest = &rest[4..];
        let Ok(length) = usize::try_from(length) else {
            cells.push("NULL".to_owned());
            continue;
        };
        let cell = &rest[..length];
        rest = &rest[length..];
        let plain = cell.iter().all(|byte| (32..127).contains(byte));
        let hex = || cell.iter().map(|byte| format!("{byte:02x}")).collect::<String>();
        cells.push(if plain { String::from_utf8_lossy(cell).into_owned() } else { format!("x{}", hex()) });
    }
    cells.join(",")
}

/// Code, message, detail and hint of an error or a notice.
fn failure(body: &[u8]) -> String {
    let fields = body
        .split(|byte| *byte == 0)
        .filter(|field| matches!(field.first(), Some(b'C' | b'M' | b'D' | b'H')));
    fields.map(|field| String::from_utf8_lossy(&field[1..]).into_owned()).collect::<Vec<_>>().join(" / ")
}

#[test]
fn psycopg_reads_by_cursors_and_nests_transactions() {
    let lake = tempfile::tempdir().expect("a folder");
    let server = Server::folder(lake.path());
    assert_eq!(python("cursors.py", &[&server.libpq()]).trim(), "all right");
}

#[test]
fn psql_fetches_by_cursor_where_it_is_told_to() {
    let lake = tempfile::tempdir().expect("a folder");
    let server = Server::folder(lake.path());
    let output = Command::new("psql")
        .args(["-X", "-A", "-t", "-v", "FETCH_COUNT=700", "-d", &server.libpq(), "-c"])
        .arg("SELECT g FROM generate_series(1, 5000) g ORDER BY g")
        .output()
        .expect("psql runs");
    let lines = String::from_utf8_lossy(&output.stdout).lines().map(str::to_owned).collect::<Vec<_>>();
    let expected: Vec<String> = (1..=5000).map(|number| number.to_string()).collect();
    assert!(lines == expected, "{}", String::from_utf8_lossy(&output.stderr));
}

#[test]
fn a_repeatable_read_transaction_sees_one_state_of_the_lake_and_others_what_is_there() {
    let lake = tempfile::tempdir().expect("a folder");
    let source = demo_lake().join("lake/shop/customers.parquet");
    let table = lake.path().join("customers");
    std::fs::create_dir(&table).expect("a folder");
    std::fs::copy(&source, table.join("a.parquet")).expect("a file");
    let server = Server::folder(lake.path());
    let mut socket = Socket::open(&server);
    let mut other = Socket::open(&server);
    let count = "SELECT count(*) FROM customers";
    let before: u64 = other.query(count).cell().parse().expect("a number");
    assert_eq!(socket.query("BEGIN ISOLATION LEVEL REPEATABLE READ").code(), "00000");
    assert_eq!(socket.query(count).cell(), before.to_string());
    socket.query("DECLARE c CURSOR WITH HOLD FOR SELECT 1 FROM customers");
    std::fs::copy(&source, table.join("b.parquet")).expect("a file");
    let deadline = Instant::now() + Duration::from_secs(90);
    while other.query(count).cell() != (2 * before).to_string() {
        assert!(Instant::now() < deadline, "the new file is not seen");
    }
    assert_eq!(socket.query(count).cell(), before.to_string());
    assert_eq!(socket.query("COMMIT").code(), "00000");
    assert_eq!(socket.query(count).cell(), (2 * before).to_string());
    // An open cursor keeps to what it was declared on.
    assert_eq!(socket.query("FETCH ALL FROM c").rows.len() as u64, before);
}
