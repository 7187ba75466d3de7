//! COPY … TO STDOUT beside PostgreSQL's own: every message up to ReadyForQuery, byte for byte.
//!
//! `LAKEPORT_TEST_POSTGRES` names a PostgreSQL 15 that trusts us, as `host:port`; ./test starts it.

use std::io::{Read, Write};
use std::net::TcpStream;
use std::time::Duration;

use lakeport_tests::{Server, Socket, demo_lake, message};

/// A session that gives messages as they come.
struct Talk(TcpStream);

impl Talk {
    fn open(address: &str, user: &str) -> Talk {
        let stream = TcpStream::connect(address).expect("the server is there");
        stream.set_read_timeout(Some(Duration::from_secs(90))).expect("a limit");
        let mut talk = Talk(stream);
        let body = format!("\0\x03\0\0user\0{user}\0client_encoding\0UTF8\0\0");
        let length = u32::try_from(body.len() + 4).expect("it is short").to_be_bytes();
        talk.0.write_all(&[&length[..], body.as_bytes()].concat()).expect("written");
        talk.said();
        talk
    }

    /// What is said up to ReadyForQuery, without what is told between statements.
    fn said(&mut self) -> Vec<(u8, Vec<u8>)> {
        let mut said = Vec::new();
        loop {
            let mut head = [0; 5];
            self.0.read_exact(&mut head).expect("a message");
            let length = u32::from_be_bytes([head[1], head[2], head[3], head[4]]) as usize;
            let mut body = vec![0; length - 4];
            self.0.read_exact(&mut body).expect("a body");
            match head[0] {
                b'S' | b'N' | b'K' => {}
                b'E' => said.push((b'E', told(&body))),
                kind => said.push((kind, body)),
            }
            if head[0] == b'Z' {
                return said;
            }
        }
    }

    fn query(&mut self, sql: &str) -> Vec<(u8, Vec<u8>)> {
        self.0.write_all(&message(b'Q', &[sql.as_bytes(), b"\0"].concat())).expect("written");
        self.said()
    }

    /// The same by the extended protocol: described before and after Bind, run with a limit that COPY ignores.
    fn extended(&mut self, sql: &str) -> Vec<(u8, Vec<u8>)> {
        let messages = [
            message(b'P', &[b"\0", sql.as_bytes(), b"\0\0\0"].concat()),
            message(b'D', b"S\0"),
            message(b'B', &[0, 0, 0, 0, 0, 0, 0, 1, 0, 1]),
            message(b'D', b"P\0"),
            message(b'E', &[0, 0, 0, 0, 1]),
            message(b'S', b""),
        ];
        self.0.write_all(&messages.concat()).expect("written");
        self.said()
    }
}

/// Code, message and position of an error; hints are each server's own.
fn told(body: &[u8]) -> Vec<u8> {
    let fields =
        body.split(|byte| *byte == 0).filter(|field| matches!(field.first(), Some(b'C' | b'M' | b'P')));
    fields.collect::<Vec<_>>().join(&b' ')
}

/// The first message that is not the same, of each.
fn difference(ours: &[(u8, Vec<u8>)], theirs: &[(u8, Vec<u8>)]) -> String {
    let same = ours.iter().zip(theirs).take_while(|(ours, theirs)| ours == theirs).count();
    let show = |said: &[(u8, Vec<u8>)]| match said.get(same) {
        Some((kind, body)) => {
            let start = &body[..body.len().min(300)];
            format!("{} of {} bytes: {}", char::from(*kind), body.len(), start.escape_ascii())
        }
        None => "nothing".to_owned(),
    };
    format!("message {same}\n ours   {}\n theirs {}", show(ours), show(theirs))
}

fn both() -> (Server, Talk, Talk) {
    let server = Server::config(&demo_lake().join("lakeport.toml"));
    let ours = Talk::open(&format!("127.0.0.1:{}", server.port), "test");
    let address = std::env::var("LAKEPORT_TEST_POSTGRES").expect("./test sets LAKEPORT_TEST_POSTGRES");
    let mut theirs = Talk::open(&address, "postgres");
    // What superusers may do is none of ours.
    theirs.query("DROP ROLE IF EXISTS copier; CREATE ROLE copier; SET ROLE copier");
    (server, ours, theirs)
}

#[track_caller]
fn compare(statements: &[String]) {
    let (_server, mut ours, mut theirs) = both();
    let mut differences = Vec::new();
    for sql in statements {
        let settled = |talk: &mut Talk| [talk.query(sql), talk.extended(sql)].concat();
        let (found, expected) = (settled(&mut ours), settled(&mut theirs));
        let (found, expected) = (without_prepared(&found), without_prepared(&expected));
        if found != expected {
            differences.push(format!("{sql}: {}", difference(&found, &expected)));
        }
    }
    assert!(differences.is_empty(), "{} differences\n{}", differences.len(), differences.join("\n"));
}

/// An option that makes no sense is refused when it is read, not when it is run: what was answered to Parse,
/// Describe and Bind before the error is left out.
fn without_prepared(said: &[(u8, Vec<u8>)]) -> Vec<(u8, Vec<u8>)> {
    match said.iter().any(|(kind, _)| *kind == b'E') {
        true => said.iter().filter(|(kind, _)| !b"12tn".contains(kind)).cloned().collect(),
        false => said.to_vec(),
    }
}

/// Columns as `name type`, and rows of what is hard to write; `NULL` is none.
const VALUES: &[(&str, &[&str])] = &[
    ("a bool", &["t", "f", "NULL"]),
    ("a int2|b int4|c int8|d oid", &["1|2|-3|4", "NULL|NULL|NULL|NULL", "-32768|0|9223372036854775807|0"]),
    ("a float4|b float8", &["1.5|NaN", "-Infinity|1e300", "0.1|-0", "NULL|1"]),
    ("a numeric(10,2)|b numeric(30,0)", &["1.50|12345678901234567890", "-0.05|0", "NULL|1"]),
    ("a date|b time", &["2024-01-31|04:05:06.789", "infinity|24:00", "NULL|NULL"]),
    ("a timestamp|b timestamptz", &["2024-01-31 04:05:06.7|2024-01-31 04:05:06+02", "NULL|-infinity"]),
    ("a interval", &["1 year 2 mons -3 days 04:05:06.7", "0", "NULL"]),
    ("a bytea", &["\\x00ff7f205c0a", "", "NULL"]),
    ("a uuid", &["a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11", "NULL"]),
    (
        "a text",
        &["plain", "", "NULL", "\\N", "\\.", "null", " ", "é😀", "\"q\"", "a,b", "c;d", "'", "e", "1", "2"],
    ),
    ("a text", &["tab\tnew\nreturn\rback\\feed\u{c}\u{b}\u{8}\u{1}\u{7f}", "\\", "\n", "x\r"]),
    (
        "a text|b varchar(20)",
        &["tab\tnew\n|", "\"q\"|NULL", "a,b|\\.", "\\.|o'o", "\\N|-", "NULL|back\\slash"],
    ),
    ("a json|b jsonb", &["{\"a\": [1, null, \"x\\ty\"]}|{}", "NULL|NULL"]),
    ("a int4[]|b text[]", &["{1,NULL,3}|{\"a b\",NULL,\"x,\\\"y\"}", "{}|{}", "NULL|NULL"]),
    ("a name|b varchar(10)|c char(4)|d \"char\"", &["a_name|varying|ab|c"]),
    ("\"a,b\" int4|\"quote\"\"tab\tback\\slash\" text", &["1|x"]),
    ("a int4", &[]),
];

/// The query that gives them.
fn query(columns: &str, rows: &[&str]) -> String {
    let columns: Vec<(&str, &str)> =
        columns.split('|').map(|column| column.rsplit_once(' ').expect("a name and a type")).collect();
    let cell = |(text, (_, sql_type)): (&str, &(&str, &str))| match text {
        "NULL" => format!("NULL::{sql_type}"),
        text => format!("'{}'::{sql_type}", text.replace('\'', "''")),
    };
    let row = |row: &str| {
        let cells: Vec<String> = row.split('|').zip(&columns).map(cell).collect();
        format!("({})", cells.join(", "))
    };
    let names: Vec<&str> = columns.iter().map(|(name, _)| *name).collect();
    if rows.is_empty() {
        return format!("SELECT * FROM (VALUES {}) AS v ({}) WHERE false", row("1"), names.join(", "));
    }
    let rows: Vec<String> = rows.iter().map(|one| row(one)).collect();
    format!("SELECT * FROM (VALUES {}) AS v ({})", rows.join(", "), names.join(", "))
}

/// Options in both syntaxes.
const OPTIONS: &[&str] = &[
    "",
    "WITH BINARY",
    "(FORMAT binary)",
    "(FORMAT \"binary\")",
    "(FORMAT 'binary')",
    "(FORMAT text, DELIMITER '|', NULL '', HEADER)",
    "(DELIMITER E'\\b', NULL 'NULL')",
    "(DELIMITER '-')",
    "CSV",
    "CSV HEADER",
    "WITH CSV HEADER QUOTE AS '''' DELIMITER AS ';' NULL AS 'NULL'",
    "(FORMAT csv, FORCE_QUOTE *, NULL '\\N')",
    "(FORMAT csv, FORCE_QUOTE (a), ESCAPE '\\', ENCODING utf8)",
    "(FORMAT csv, DELIMITER 'e', QUOTE '1', NULL '2')",
    "(FORMAT csv, DELIMITER E'\\t', HEADER false)",
];

#[test]
fn every_type_and_option_is_written_as_postgres_writes_it() {
    let mut queries: Vec<String> = VALUES.iter().map(|(columns, rows)| query(columns, rows)).collect();
    queries.push(
        "SELECT repeat('long text, ', 20000) || E'\\n' AS a, repeat(E'\\\\\\t', 30000) AS b".to_owned(),
    );
    let pairs = queries.iter().flat_map(|query| OPTIONS.iter().map(move |options| (query, options)));
    // FORCE_QUOTE names a column that not all of them have.
    let pairs = pairs.filter(|(query, options)| !options.contains("(a)") || query.contains("(a"));
    compare(&pairs.map(|(query, options)| format!("COPY ({query}) TO STDOUT {options}")).collect::<Vec<_>>());
}

#[test]
fn what_makes_no_sense_is_refused_as_postgres_refuses_it() {
    let options = [
        "(FORMAT \"CSV\")",
        "(FORMAT csv, FORMAT csv)",
        "(foo)",
        "(FORMAT binary, DELIMITER ',')",
        "(FORMAT binary, NULL '')",
        "(FORMAT binary, HEADER)",
        "(DELIMITER 'xx')",
        "(DELIMITER '')",
        "(DELIMITER 'é')",
        "(DELIMITER 'x')",
        "(DELIMITER '\\')",
        "(DELIMITER E'\\n')",
        "(NULL E'\\r')",
        "(QUOTE '\"')",
        "(FORMAT csv, QUOTE '')",
        "(FORMAT csv, QUOTE ',')",
        "(ESCAPE '\"')",
        "(FORMAT csv, ESCAPE '\"\"')",
        "(FORCE_QUOTE *)",
        "(FORMAT csv, FORCE_QUOTE a)",
        "(FORMAT csv, FORCE_QUOTE (nope))",
        "(FORMAT csv, FORCE_QUOTE (a, a))",
        "(FORMAT csv, FORCE_NOT_NULL (a))",
        "(FORMAT csv, FORCE_NULL (a))",
        "(FORCE_NULL (a))",
        "(NULL E'a\\tb')",
        "(FORMAT csv, NULL 'a\"b')",
        "(ENCODING 'nope')",
        "(HEADER match)",
        "(HEADER 'maybe')",
        "(HEADER 2)",
        "(HEADER *)",
        "(FREEZE 'x')",
        "(FORMAT)",
        "(DELIMITER)",
        "(FORMAT *)",
        "()",
        "(FORMAT csv) more",
        "WITH BINARY CSV",
        "CSV FORCE NOT NULL a",
        "DELIMITERS '|'",
        "WHERE a = 1",
    ];
    let with_options = options.iter().map(|options| format!("COPY (SELECT 1 AS a) TO STDOUT {options}"));
    let whole = [
        "COPY (SELECT nope) TO STDOUT",
        "COPY (SELECT $1) TO STDOUT",
        "COPY (SELECT 1 FROM) TO STDOUT",
        "COPY (SHOW ALL) TO STDOUT",
        "COPY (SELECT 1) FROM STDIN",
        "COPY (SELECT 1) TO '/tmp/never'",
        "COPY (SELECT 1) TO PROGRAM 'true'",
        "COPY (SELECT 1) TO PROGRAM STDOUT",
        "COPY nowhere TO STDOUT",
        "COPY pg_class (relname, relname) TO STDOUT",
        "COPY pg_class (nope) TO STDOUT",
        "COPY pg_class TO STDOUT (FORMAT csv, FORCE_QUOTE (nope))",
        "COPY pg_class (relname) TO STDOUT (FORMAT csv, FORCE_QUOTE (oid))",
        "COPY pg_class TO STDOUT WHERE oid = 1",
        "COPY pg_class TO",
        "COPY pg_class",
        "COPY pg_class FROM '/tmp/never'",
        "COPY pg_class FROM PROGRAM 'true'",
        "COPY BINARY pg_class TO STDOUT CSV",
    ];
    let whole = whole.iter().map(|sql| (*sql).to_owned());
    compare(&with_options.chain(whole).collect::<Vec<_>>());
}

#[test]
fn a_table_is_copied_as_the_query_of_its_columns() {
    let server = Server::config(&demo_lake().join("lakeport.toml"));
    let mut ours = Talk::open(&format!("127.0.0.1:{}", server.port), "test");
    for (table, query, form) in [
        ("shop.customers", "SELECT * FROM shop.customers", "TO STDOUT"),
        ("shop.customers", "TABLE shop.customers", "TO STDOUT (FORMAT csv, HEADER, FORCE_QUOTE *)"),
        ("BINARY shop.customers", "SELECT * FROM shop.customers", "TO STDOUT BINARY"),
        ("pg_am (\"amtype\", amname)", "SELECT amtype, amname FROM pg_am", "TO STDIN"),
    ] {
        let copied = ours.query(&format!("COPY {table} {}", form.trim_end_matches(" BINARY")));
        let selected = ours.query(&format!("COPY ({query}) {form}"));
        assert!(copied == selected, "{table}: {}", difference(&copied, &selected));
        assert!(copied.len() > 5, "{table}: {}", difference(&copied, &[]));
    }
    let several = ours.query("SELECT 1 AS a; COPY (SELECT 2) TO STDOUT; SELECT 3 AS b");
    let kinds: String = several.iter().map(|(kind, _)| char::from(*kind)).collect();
    assert_eq!(kinds, "TDCHdcCTDCZ");
}

#[test]
fn lake_tables_are_copied_and_never_copied_into() {
    let server = Server::config(&demo_lake().join("lakeport.toml"));
    let mut socket = Socket::open(&server);
    let count: u64 = socket.query("SELECT count(*) FROM shop.customers").cell().parse().expect("a number");
    for form in ["", "CSV", "BINARY"] {
        let reply = socket.query(&format!("COPY shop.customers TO STDOUT {form}"));
        assert_eq!(reply.tags, [format!("COPY {count}")], "{form} {:?}", reply.errors);
    }
    socket.query("COPY shop.orders FROM STDIN").failed("25006");
    assert_eq!(socket.query("SELECT 1").cell(), "1");
}

#[test]
fn an_error_among_the_rows_ends_the_copy_and_not_the_session() {
    let server = Server::config(&demo_lake().join("lakeport.toml"));
    let mut socket = Socket::open(&server);
    for form in ["", "CSV", "BINARY"] {
        let sql =
            format!("COPY (SELECT 1 / (n - 5000) FROM generate_series(1, 100000) AS s (n)) TO STDOUT {form}");
        socket.query(&sql).failed("22012");
        assert_eq!(socket.query("SELECT 1").cell(), "1");
    }
}

#[test]
fn a_copy_is_cancelled_while_its_client_reads_nothing() {
    let server = Server::config(&demo_lake().join("lakeport.toml"));
    let mut socket = Socket::open(&server);
    socket.ask("COPY (SELECT a.n, b.n FROM generate_series(1, 1000000) AS a (n), generate_series(1, 1000) AS b (n)) TO STDOUT");
    assert_eq!(socket.next().map(|(kind, _)| kind), Some(b'H'));
    std::thread::sleep(Duration::from_millis(300));
    socket.cancel(&server);
    socket.reply().failed("57014");
    assert_eq!(socket.query("SELECT 1").cell(), "1");
}
