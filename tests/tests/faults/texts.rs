//! Statements that are too long, too deep, or ask for too much.

use std::time::Instant;

use lakeport_tests::{Server, Socket, message};

use crate::lake::{Lake, undisturbed};

/// A text of this many characters around a statement: it is padded with a comment.
fn padded(length: usize) -> String {
    let (start, end) = ("select 42 /*", "*/");
    format!("{start}{}{end}", "x".repeat(length - start.len() - end.len()))
}

#[test]
fn a_text_of_64_mb_is_a_statement_and_one_of_65_is_refused() {
    const LIMIT: usize = 64 << 20;
    let lake = Lake::new();
    let server = lake.serve("");
    undisturbed(&server, || {
        let mut socket = Socket::open(&server);
        // The length of a message counts itself and the zero at the text's end.
        assert_eq!(socket.query(&padded(LIMIT - 5)).cell(), "42");
        assert_eq!(socket.query(&format!("select length('{}')", "y".repeat(60 << 20))).cell(), "62914560");
        let long = message(b'P', format!("\0{}\0\0\0", padded(60 << 20)).as_bytes());
        socket.send(&[long, message(b'S', &[])].concat());
        assert_eq!(socket.reply().kinds, "1Z");
        // Behind a refused message nobody knows where the next one begins: the connection ends.
        socket.ask(&padded(65 << 20));
        let reply = socket.reply();
        assert!(reply.closed, "{reply:?}");
        if let [failure] = &reply.errors[..] {
            assert_eq!((&failure.code[..], &failure.severity[..]), ("08P01", "FATAL"), "{failure:?}");
        }
        assert_eq!(Socket::open(&server).query("select 1").cell(), "1");
    });
}

/// Each is answered or refused, for its depth (54001) or its length (54000), and both leave the session as it was.
#[track_caller]
fn check_nesting(server: &Server, name: &str, sql: &str, answer: &str) {
    let started = Instant::now();
    let mut socket = Socket::open(server);
    let reply = socket.query(sql);
    match reply.code() {
        "00000" => assert_eq!(reply.cell(), answer, "{name}"),
        code => assert!(matches!(code, "54001" | "54000"), "{name}: {:?}", reply.errors),
    }
    assert_eq!(socket.query("select 1").cell(), "1", "{name}");
    // The same by the extended protocol, which plans before it runs.
    let parse = message(b'P', format!("\0{sql}\0\0\0").as_bytes());
    socket.send(&[parse, message(b'D', b"S\0"), message(b'S', &[])].concat());
    let reply = socket.reply();
    assert!(matches!(reply.code(), "00000" | "54001" | "54000"), "{name}: {:?}", reply.errors);
    assert_eq!(socket.query("select 1").cell(), "1", "{name}");
    eprintln!("{name} of {} bytes: {} after {:?}", sql.len(), reply.code(), started.elapsed());
}

#[test]
fn nesting_is_answered_or_refused_at_any_depth() {
    let lake = Lake::new();
    let server = lake.serve("statement_timeout = \"1m\"");
    undisturbed(&server, || {
        let sum = |count: usize| format!("select 1{}", "+1".repeat(count - 1));
        check_nesting(&server, "a short sum", &sum(100), "100");
        check_nesting(&server, "a long sum", &sum(20_000), "20000");
        let or =
            |count: usize| format!("select count(*) from good where id = 0{}", " or id = 7".repeat(count));
        check_nesting(&server, "some ORs", &or(500), "2");
        check_nesting(&server, "many ORs", &or(50_000), "2");
        let and = format!("select count(*) from good where id >= 0{}", " and id < 7".repeat(50_000));
        check_nesting(&server, "many ANDs", &and, "7");
        for depth in [100, 10_000, 1_000_000] {
            let parentheses = format!("select {}1{}", "(".repeat(depth), ")".repeat(depth));
            check_nesting(&server, "parentheses", &parentheses, "1");
        }
        // Each level of these is planned inside the next, so that more than a few are refused.
        for depth in [5, 12, 13, 100, 5_000] {
            let scalars = format!("select {}1{}", "(select ".repeat(depth), ")".repeat(depth));
            check_nesting(&server, "scalar subqueries", &scalars, "1");
        }
        for depth in [100, 5_000] {
            let subqueries =
                format!("{}select 1 as a{}", "select a from (".repeat(depth), ") t".repeat(depth));
            check_nesting(&server, "subqueries", &subqueries, "1");
            let cases = format!("select {}1{}", "case when true then ".repeat(depth), " end".repeat(depth));
            check_nesting(&server, "cases", &cases, "1");
            let calls = format!("select {}1{}", "abs(".repeat(depth), ")".repeat(depth));
            check_nesting(&server, "calls", &calls, "1");
            let minus = format!("select {}1", "- ".repeat(depth));
            check_nesting(&server, "signs", &minus, "1");
            let not = format!("select {}true", "not ".repeat(depth));
            check_nesting(&server, "negations", &not, "t");
            let arrays = format!("select 1 from (select {}1{}) t", "array[".repeat(depth), "]".repeat(depth));
            check_nesting(&server, "arrays", &arrays, "1");
            let casts = format!("select 1{}", "::int".repeat(depth));
            check_nesting(&server, "casts", &casts, "1");
            let unions = format!("select count(*) from (select 1{}) t", " union all select 1".repeat(depth));
            check_nesting(&server, "unions", &unions, &(depth + 1).to_string());
            let texts = format!("select length('a'{})", " || 'a'".repeat(depth));
            check_nesting(&server, "texts", &texts, &(depth + 1).to_string());
        }
    });
}

#[test]
fn what_would_take_all_memory_is_refused() {
    let lake = Lake::new();
    let server = lake.serve(
        "memory = \"256MiB\"\nstatement_memory = \"128MiB\"\nspill = \"64MiB\"\nstatement_timeout = \"30s\"",
    );
    undisturbed(&server, || {
        for (sql, codes) in [
            ("select repeat('x', 2000000000)", &["54000"][..]),
            ("select length(repeat('x', 2000000000))", &["54000"]),
            ("select repeat(repeat('x', 30000), 60000)", &["54000"]),
            ("select lpad('x', 2000000000)", &["54000"]),
            ("select rpad('x', 2000000000, 'yz')", &["54000"]),
            ("select replace(repeat('x', 100000), 'x', repeat('y', 100000))", &["54000", "53200"]),
            (
                "select regexp_replace(repeat('x', 100000), 'x', repeat('y', 100000), 'g')",
                &["54000", "53200"],
            ),
        ] {
            let mut socket = Socket::open(&server);
            let started = Instant::now();
            let reply = socket.query(sql);
            // Where a build is slow its time may be over before its memory is.
            let ended = codes.contains(&reply.code()) || reply.code() == "57014";
            assert!(ended, "{sql}: {:?}", reply.errors);
            assert_eq!(socket.query("select 1").cell(), "1", "{sql}");
            eprintln!(
                "{sql}: {} after {:?}, {} MiB",
                reply.code(),
                started.elapsed(),
                server.resident_bytes() >> 20
            );
            assert!(server.resident_bytes() < 3 << 30, "{sql}: {} MiB", server.resident_bytes() >> 20);
        }
    });
}
