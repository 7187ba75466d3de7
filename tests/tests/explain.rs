//! EXPLAIN as those read it who do not read it with their eyes: postgres_fdw, Superset, pgAdmin, DBeaver.

use lakeport_tests::{Server, Socket, demo_lake};

fn lines(socket: &mut Socket, sql: &str) -> Vec<String> {
    let reply = socket.query(sql);
    assert!(reply.errors.is_empty(), "{sql}: {:?}", reply.errors);
    let text = |row: &Vec<Option<Vec<u8>>>| String::from_utf8(row[0].clone().expect("a line")).expect("text");
    reply.rows.iter().map(text).collect()
}

/// What `cost=%lf..%lf rows=%lf width=%d` finds, which is how postgres_fdw reads the first line.
fn estimate(line: &str) -> (f64, f64, f64, u32) {
    let (_, rest) = line.rsplit_once("(cost=").unwrap_or_else(|| panic!("no cost in {line}"));
    let numbers: Vec<&str> = rest.split(|c: char| !c.is_ascii_digit() && c != '.').collect();
    let number =
        |index: usize| -> &str { numbers.iter().filter(|text| !text.is_empty()).nth(index).expect(line) };
    let (startup, total) = number(0).split_once("..").expect(line);
    let float = |text: &str| -> f64 { text.parse().expect(line) };
    (float(startup), float(total), float(number(1)), number(2).parse().expect(line))
}

#[test]
fn every_operator_has_cost_rows_and_width_in_postgres_own_form() {
    let server = Server::config(&demo_lake().join("lakeport.toml"));
    let mut socket = Socket::open(&server);
    for (sql, first) in [
        ("SELECT * FROM shop.customers", "Seq Scan on shop.customers  ("),
        ("SELECT * FROM shop.customers ORDER BY 1 LIMIT 3", "Limit  ("),
        ("SELECT count(*) FROM shop.customers WHERE active", "Finalize Aggregate  ("),
        ("SELECT 1 FROM shop.customers a JOIN shop.customers b USING (\"CustomerID\")", "Hash Join  ("),
        ("SELECT \"Country\" FROM shop.customers UNION ALL SELECT 'x'", "Append  ("),
        ("SELECT 1", "Result  (cost=0.00..0.01 rows=1 width=4)"),
    ] {
        let lines = lines(&mut socket, &format!("EXPLAIN {sql}"));
        assert!(lines[0].starts_with(first), "{sql}: {lines:?}");
        for line in lines.iter().filter(|line| line.contains("->") || **line == lines[0]) {
            let (startup, total, rows, _) = estimate(line);
            assert!(startup <= total && rows >= 0.0, "{line}");
        }
    }
}

#[test]
fn rows_come_from_the_footers_and_width_from_the_types() {
    let server = Server::config(&demo_lake().join("lakeport.toml"));
    let mut socket = Socket::open(&server);
    let count = socket.query("SELECT count(*) FROM shop.customers").cell();
    let lines = lines(&mut socket, "EXPLAIN SELECT \"CustomerID\", \"SignupDate\" FROM shop.customers");
    let (_, _, rows, width) = estimate(&lines[0]);
    assert_eq!((rows.to_string(), width), (count, 8));
}

#[test]
fn analyze_says_what_happened() {
    let server = Server::config(&demo_lake().join("lakeport.toml"));
    let mut socket = Socket::open(&server);
    let join =
        "SELECT 1 FROM shop.customers a LEFT JOIN shop.customers b USING (\"CustomerID\") WHERE a.active";
    let found = lines(&mut socket, &format!("EXPLAIN ANALYZE {join}"));
    let rows = socket.query(&format!("SELECT count(*) FROM ({join}) AS x")).cell();
    assert!(found[0].contains(&format!("rows={rows} loops=1)")), "{found:?}");
    assert!(found[0].contains("(actual time="), "{found:?}");
    let ends =
        |start: &str| found.iter().filter(|line| line.starts_with(start) && line.ends_with(" ms")).count();
    assert_eq!((ends("Planning Time: "), ends("Execution Time: ")), (1, 1), "{found:?}");
    let bare = lines(
        &mut socket,
        "EXPLAIN (ANALYZE, COSTS off, TIMING off, SUMMARY off) SELECT * FROM shop.customers LIMIT 2",
    );
    assert_eq!(bare[0], "Limit (actual rows=2 loops=1)");
    assert!(!bare.iter().any(|line| line.contains("Time") || line.contains("cost")), "{bare:?}");
}

#[test]
fn json_has_the_keys_that_tools_read() {
    let server = Server::config(&demo_lake().join("lakeport.toml"));
    let mut socket = Socket::open(&server);
    let sql = "EXPLAIN (ANALYZE, FORMAT JSON) SELECT * FROM shop.customers WHERE active LIMIT 2";
    let json: serde_json::Value = serde_json::from_str(&socket.query(sql).cell()).expect("JSON");
    let plan = &json[0]["Plan"];
    assert_eq!(plan["Node Type"], "Limit");
    assert_eq!(plan["Actual Rows"], 2);
    let scan = &plan["Plans"][0];
    assert_eq!((&scan["Node Type"], &scan["Relation Name"]), (&"Seq Scan".into(), &"customers".into()));
    for key in ["Startup Cost", "Total Cost", "Plan Rows", "Plan Width", "Actual Total Time", "Actual Loops"]
    {
        assert!(scan[key].is_number(), "{key}: {scan}");
    }
    assert!(json[0]["Planning Time"].is_number() && json[0]["Execution Time"].is_number());
}

#[test]
fn options_that_make_no_sense_are_refused_with_their_codes() {
    let server = Server::config(&demo_lake().join("lakeport.toml"));
    let mut socket = Socket::open(&server);
    for (options, code) in [
        ("(generic_plan)", "42601"),
        ("(timing)", "22023"),
        ("(wal)", "22023"),
        ("(format foo)", "22023"),
        ("(format xml)", "0A000"),
        ("(analyze maybe)", "42601"),
        ("(buffers, settings, summary, costs off, wal off)", "00000"),
    ] {
        assert_eq!(socket.query(&format!("EXPLAIN {options} SELECT 1")).code(), code, "{options}");
    }
    socket.query("EXPLAIN INSERT INTO shop.customers VALUES (1)").failed("0A000");
}
