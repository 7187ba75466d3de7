//! What functions do to sessions: settings set in a SELECT, statements cancelled and sessions ended by others.

use lakeport_tests::{Server, Socket, demo_lake};

fn server() -> Server {
    Server::config(&demo_lake().join("lakeport.toml"))
}

#[test]
fn set_config_sets_as_set_does() {
    let server = server();
    let mut socket = Socket::open(&server);
    let reply = socket.query("SELECT set_config('DateStyle', 'german', false)");
    assert_eq!(reply.cell(), "German, DMY");
    assert!(reply.kinds.contains('S'), "{}", reply.kinds);
    assert_eq!(socket.query("SELECT date '2024-01-31'").cell(), "31.01.2024");
    assert_eq!(socket.query("SELECT pg_catalog.set_config('search_path', '', false)").cell(), "");
    socket.query("SELECT * FROM customers").failed("42P01");
    let both = "SELECT set_config('application_name', 'x', false) || current_setting(s.n) FROM (VALUES ('application_name')) AS s (n)";
    assert_eq!(socket.query(both).cell(), "xx");
    assert_eq!(socket.query("SELECT set_config('a.b', 'c', false)").cell(), "c");
    assert_eq!(socket.query("SELECT current_setting('a.b')").cell(), "c");
    let pgadmin = "SELECT set_config('bytea_output','hex',false) FROM pg_show_all_settings() WHERE name = 'bytea_output'";
    assert_eq!(socket.query(pgadmin).rows, [[Some(b"hex".to_vec())]]);
    let row = socket.query("SELECT set_config('jit', 'off', false), CASE WHEN true THEN set_config('work_mem', '8MB', false) END");
    assert_eq!(row.rows[0], [Some(b"off".to_vec()), Some(b"8MB".to_vec())]);
}

#[test]
fn what_is_set_ends_with_a_transaction_that_fails_and_local_with_any() {
    let server = server();
    let mut socket = Socket::open(&server);
    socket.query("BEGIN");
    socket.query("SELECT set_config('application_name', 'undone', false)");
    assert_eq!(socket.query("SHOW application_name").cell(), "undone");
    socket.query("ROLLBACK");
    assert_eq!(socket.query("SHOW application_name").cell(), "");
    socket.query("BEGIN");
    socket.query("SELECT set_config('application_name', 'local', true)");
    assert_eq!(socket.query("SHOW application_name").cell(), "local");
    socket.query("COMMIT");
    assert_eq!(socket.query("SHOW application_name").cell(), "");
    socket.query("SELECT set_config('application_name', 'never', false), 1 / (n - 1) FROM generate_series(1, 1) AS s (n)").failed("22012");
    assert_eq!(socket.query("SHOW application_name").cell(), "");
}

#[test]
fn what_is_no_value_of_its_setting_is_refused() {
    let server = server();
    let mut socket = Socket::open(&server);
    socket.query("SELECT set_config('DateStyle', 'roman', false)").failed("22023");
    socket.query("SELECT set_config('nope', 'x', false)").failed("42704");
    socket.query("SELECT set_config('server_version', '16', false)").failed("55P02");
    socket.query("SELECT set_config(NULL, 'x', false)").failed("22004");
}

#[test]
fn sessions_are_seen_cancelled_and_ended() {
    let server = server();
    let (mut one, mut other) = (Socket::open(&server), Socket::open(&server));
    let pid = other.query("SELECT pg_backend_pid()").cell();
    let state =
        one.query(&format!("SELECT state || ' ' || query FROM pg_stat_activity WHERE pid = {pid}")).cell();
    assert_eq!(state, "idle SELECT pg_backend_pid()");
    other.ask(
        "SELECT count(*) FROM generate_series(1, 100000000) AS a (n), generate_series(1, 100000) AS b (n)",
    );
    let seen =
        format!("SELECT pg_cancel_backend(pid) FROM pg_stat_activity WHERE pid = {pid} AND state = 'active'");
    while one.query(&seen).rows.is_empty() {
        std::thread::sleep(std::time::Duration::from_millis(10));
    }
    other.reply().failed("57014");
    assert_eq!(other.query("SELECT 1").cell(), "1");
    // The number as text, as Superset writes it.
    let end = format!(
        "SELECT pg_terminate_backend(pg_stat_activity.pid) FROM pg_stat_activity WHERE pid = '{pid}'"
    );
    assert_eq!(one.query(&end).cell(), "t");
    let reply = other.reply();
    assert!(reply.closed);
    assert_eq!((reply.code(), reply.errors[0].severity.as_str()), ("57P01", "FATAL"));
    assert_eq!(one.query("SELECT pg_terminate_backend(2147483647)").cell(), "f");
}

#[test]
fn every_parameter_of_postgresql_is_shown_and_listed() {
    let server = server();
    let mut socket = Socket::open(&server);
    let text = |cell: &Option<Vec<u8>>| cell.clone().map(|bytes| String::from_utf8(bytes).expect("text"));
    let all = socket.query("SELECT name, current_setting(name), setting, unit FROM pg_settings");
    assert!(all.rows.len() > 340, "{}", all.rows.len());
    for row in &all.rows {
        let cells: Vec<Option<String>> = row.iter().map(text).collect();
        let name = cells[0].clone().expect("a name");
        assert_eq!(Some(socket.query(&format!("SHOW {name}")).cell()), cells[1], "{name}");
        assert!(cells[3].is_some() || cells[1] == cells[2], "{name}: {cells:?}");
    }
    let memory = socket.query("SELECT setting || unit || context || vartype || min_val || boot_val FROM pg_settings WHERE name = 'work_mem'");
    assert_eq!(memory.cell(), "4096kBuserinteger644096");
}

#[test]
fn what_cannot_change_an_answer_is_set_and_the_rest_is_refused() {
    let server = server();
    let mut socket = Socket::open(&server);
    for (set, shown) in [
        ("work_mem = 65536", "64MB"),
        ("effective_cache_size = '1GB'", "1GB"),
        ("geqo = off", "off"),
        ("cpu_tuple_cost = 0.5", "0.5"),
        ("force_parallel_mode = regress", "regress"),
        ("temp_tablespaces = 'x'", "x"),
        ("array_nulls = on", "on"),
    ] {
        let name = set.split(' ').next().expect("a name");
        assert!(socket.query(&format!("SET {set}")).errors.is_empty(), "{set}");
        assert_eq!(socket.query(&format!("SHOW {name}")).cell(), shown);
    }
    for (set, code) in [
        ("work_mem = 1", "22023"),
        ("work_mem = '1 fortnight'", "22023"),
        ("geqo = perhaps", "22023"),
        ("array_nulls = off", "0A000"),
        ("log_statement = 'all'", "42501"),
        ("max_connections = 5", "55P02"),
        ("shared_buffers = '1GB'", "55P02"),
        ("block_size = 1", "55P02"),
    ] {
        socket.query(&format!("SET {set}")).failed(code);
    }
}

#[test]
fn statistics_are_there_to_be_asked_for() {
    let server = server();
    let mut socket = Socket::open(&server);
    let counted = "SELECT numbackends || ' ' || xact_commit + deadlocks FROM pg_stat_database WHERE datname = current_database()";
    assert_eq!(socket.query(counted).cell(), "1 0");
    assert!(socket.query("SELECT l.pid, mode, relation::regclass FROM pg_locks l JOIN pg_stat_activity a ON a.pid = l.pid WHERE NOT granted").rows.is_empty());
    let peer = "SELECT client_addr, inet_client_addr(), client_port = inet_client_port() FROM pg_stat_activity WHERE pid = pg_backend_pid()";
    assert_eq!(socket.query(peer).rows, [["127.0.0.1", "127.0.0.1", "t"].map(|cell| Some(cell.into()))]);
    socket.query("BEGIN");
    assert_eq!(socket.query("SELECT xact_start <= query_start FROM pg_stat_activity").cell(), "t");
}
