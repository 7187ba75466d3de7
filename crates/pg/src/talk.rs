//! Conversations as bytes in and bytes out.

use std::collections::BTreeMap;
use std::net::Ipv4Addr;
use std::time::Duration;

use lakeport_base::ByteSize;
use tokio::net::TcpListener;

use crate::listen::serve;
use crate::testing::{Server, bind, execute, message, million_rows, packet, parse, startup, sync};

async fn check(bytes: Vec<u8>, expected: &str) {
    let mut client = Server::open().client().await;
    client.send(&[bytes, sync()].concat()).await;
    assert_eq!(client.ready().await, expected);
}

#[tokio::test]
async fn a_query_of_several_statements_has_one_ready_and_ends_at_the_first_error() {
    let mut client = Server::open().client().await;
    assert_eq!(client.query("").await, "I Z(I)");
    assert_eq!(client.query("SELECT 1 AS a; SELECT 2 AS b").await, "T D C(SELECT 1) T D C(SELECT 1) Z(I)");
    assert_eq!(client.query("SELECT 1 AS a; SELECT x; SELECT 2").await.split(' ').next_back(), Some("Z(I)"));
    assert!(client.query("CREATE TABLE t (a int)").await.ends_with("E(25006) Z(I)"));
}

#[tokio::test]
async fn a_failed_transaction_refuses_all_but_its_end() {
    let mut client = Server::open().client().await;
    assert_eq!(client.query("BEGIN").await, "C(BEGIN) Z(T)");
    assert!(client.query("SELECT * FROM nowhere").await.ends_with("Z(E)"));
    assert_eq!(client.query("SELECT 1").await, "E(25P02) Z(E)");
    client.send(&[parse("", "SELECT 1"), sync()].concat()).await;
    assert_eq!(client.ready().await, "E(25P02) Z(E)");
    assert_eq!(client.query("COMMIT").await, "C(ROLLBACK) Z(I)");
}

#[tokio::test]
async fn an_error_skips_to_the_sync_even_a_query() {
    let query = message(b'Q', b"SELECT 1\0");
    check([bind("", "none"), query, parse("", "SELECT 1")].concat(), "E(26000) Z(I)").await;
}

#[tokio::test]
async fn names_that_are_taken_or_missing_have_their_codes() {
    check(execute("none", 0), "E(34000) Z(I)").await;
    check([parse("a", "SELECT 1"), parse("a", "SELECT 1")].concat(), "1 E(42P05) Z(I)").await;
    check([parse("", "SELECT 1"), bind("p", ""), bind("p", "")].concat(), "1 2 E(42P03) Z(I)").await;
    check(message(b'C', b"Snone\0"), "3 Z(I)").await;
    check(parse("", "SELECT 1; SELECT 2"), "E(42601) Z(I)").await;
}

#[tokio::test]
async fn a_portal_gives_as_many_rows_as_are_wanted_and_goes_on() {
    let rows =
        [parse("", &million_rows(1)), bind("", ""), execute("", 4), execute("", 4), execute("", 4)].concat();
    let again = execute("", 0);
    check([rows, again].concat(), "1 2 D D D D s D D D D s D D C(SELECT 2) C(SELECT 0) Z(I)").await;
}

#[tokio::test]
async fn a_portal_ends_with_its_transaction() {
    let mut client = Server::open().client().await;
    client
        .send(&[parse("s", "SELECT 1 AS a"), bind("p", "s"), sync(), execute("p", 0), sync()].concat())
        .await;
    assert_eq!(client.ready().await, "1 2 Z(I)");
    assert_eq!(client.ready().await, "E(34000) Z(I)");
    client.query("BEGIN").await;
    client.send(&[bind("p", "s"), sync(), execute("p", 0), sync()].concat()).await;
    assert_eq!(client.ready().await, "2 Z(T)");
    assert_eq!(client.ready().await, "D C(SELECT 1) Z(T)");
}

#[tokio::test]
async fn an_empty_statement_is_described_and_run() {
    check(
        [parse("", ""), message(b'D', b"S\0"), bind("", ""), message(b'D', b"P\0"), execute("", 0)].concat(),
        "1 t n 2 n I Z(I)",
    )
    .await;
}

#[tokio::test]
async fn statements_are_deallocated_and_discarded_by_sql_too() {
    let mut client = Server::open().client().await;
    client.send(&[parse("a", "SELECT 1"), parse("b", "SELECT 1"), sync()].concat()).await;
    assert_eq!(client.ready().await, "1 1 Z(I)");
    assert_eq!(client.query("DEALLOCATE a").await, "C(DEALLOCATE) Z(I)");
    assert_eq!(client.query("DEALLOCATE a").await, "E(26000) Z(I)");
    assert_eq!(client.query("DISCARD ALL").await, "C(DISCARD ALL) Z(I)");
    client.send(&[bind("", "b"), sync()].concat()).await;
    assert_eq!(client.ready().await, "E(26000) Z(I)");
}

#[tokio::test]
async fn the_wrong_number_of_parameters_is_refused() {
    check([parse("", "SELECT $1::int"), bind("", "")].concat(), "1 E(08P01) Z(I)").await;
}

#[tokio::test]
async fn a_session_holds_so_many_statements_and_no_more() {
    let mut client = Server::open().client().await;
    let many: Vec<u8> = (0..51).flat_map(|index| parse(&format!("s{index}"), "")).collect();
    client.send(&[many, sync()].concat()).await;
    assert!(client.ready().await.ends_with("1 E(54000) Z(I)"));
}

#[tokio::test]
async fn there_is_room_for_so_many_clients() {
    let server = Server::with(BTreeMap::new(), |options| options.connections_max = 1);
    let first = server.client().await;
    let mut second = server.connect();
    second.send(&startup(3 << 16, b"user\0ann\0\0")).await;
    assert_eq!(second.end().await, "E(53300)");
    drop(first.stream);
    first.served.await.unwrap();
    server.client().await;
}

#[tokio::test]
async fn without_users_only_this_machine_may_come_and_with_users_others_need_tls() {
    for server in [Server::open(), Server::guarded()] {
        let mut client = server.connect_from(Ipv4Addr::new(192, 0, 2, 1).into(), 1024);
        client.send(&startup(3 << 16, b"user\0ann\0\0")).await;
        assert_eq!(client.end().await, "E(28000)");
    }
}

#[tokio::test]
async fn newer_versions_and_extensions_are_negotiated() {
    let mut client = Server::open().connect();
    client.send(&startup(3 << 16 | 9, b"user\0ann\0_pq_.x\x001\0\0")).await;
    let (kind, body) = client.message().await.unwrap();
    assert_eq!((kind, &body[..]), (b'v', &b"\0\x03\0\x02\0\0\0\x01_pq_.x\0"[..]));
    assert_eq!(client.ready().await, "R K Z(I)");
}

#[tokio::test]
async fn a_cancel_with_a_wrong_secret_ends_nothing() {
    let server = Server::open();
    let mut client = server.client().await;
    client.send(&message(b'Q', &[million_rows(11).as_bytes(), b"\0"].concat())).await;
    let mut other = server.connect();
    let cancel = [&(1234 << 16 | 5678_i32).to_be_bytes()[..], &client.id.to_be_bytes(), b"nope"].concat();
    other.send(&packet(&cancel)).await;
    assert_eq!(other.end().await, "");
    for _ in 0..1000 {
        assert_ne!(client.message().await.unwrap().0, b'E');
    }
}

#[tokio::test]
async fn closing_ends_idle_sessions_and_lets_nobody_in() {
    let server = Server::open();
    let mut client = server.client().await;
    let mut late = server.connect();
    server.closing.cancel();
    assert_eq!(client.end().await, "E(57P01)");
    late.send(&startup(3 << 16, b"user\0ann\0\0")).await;
    assert_eq!(late.end().await, "E(57P03)");
}

#[tokio::test]
async fn an_idle_session_ends_with_its_time() {
    let server = Server::with(BTreeMap::new(), |options| {
        options.idle_timeout = Duration::from_millis(20);
        options.message_max = ByteSize::mebibytes(1);
    });
    assert_eq!(server.client().await.end().await, "E(57P05)");
}

#[tokio::test]
async fn a_client_that_goes_away_ends_its_statement() {
    let server = Server::open();
    let mut client = server.client().await;
    let count = format!("SELECT count(*) FROM ({}) AS t", million_rows(12));
    client.send(&message(b'Q', &[count.as_bytes(), b"\0"].concat())).await;
    drop(client.stream);
    tokio::time::timeout(Duration::from_secs(5), client.served).await.unwrap().unwrap();
}

#[tokio::test]
async fn a_real_driver_logs_in_by_password_and_reads_binary() {
    let server = Server::guarded();
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await.unwrap();
    let port = listener.local_addr().unwrap().port();
    let (engine, options) = (server.door.engine.clone(), server.door.options.clone());
    let serving = tokio::spawn(serve(listener, engine, options, server.closing.clone()));
    let connect = |password: &str| {
        let config = format!("host=127.0.0.1 port={port} user=ann password={password}");
        async move { tokio_postgres::connect(&config, tokio_postgres::NoTls).await }
    };
    let refused = connect("ink").await.err().unwrap();
    assert_eq!(refused.code().unwrap().code(), "28P01");
    let (client, connection) = connect("pencil").await.unwrap();
    let connection = tokio::spawn(connection);
    let rows = client.query("SELECT 7::bigint AS a, 'x' AS b", &[]).await.unwrap();
    assert_eq!((rows[0].get::<_, i64>(0), rows[0].get::<_, &str>(1)), (7, "x"));
    server.closing.cancel();
    serving.await.unwrap();
    assert!(connection.await.unwrap().is_err());
}

#[tokio::test]
async fn a_cursor_is_fetched_from_in_one_message_and_in_many() {
    let mut client = Server::open().client().await;
    let declare = format!("DECLARE c CURSOR FOR {}", million_rows(1));
    assert_eq!(client.query(&declare).await, "E(25P01) Z(I)");
    let first = client.query(&format!("BEGIN; {declare}; FETCH 2 IN c")).await;
    assert_eq!(first, "C(BEGIN) C(DECLARE CURSOR) T D D C(FETCH 2) Z(T)");
    assert_eq!(client.query("MOVE FORWARD 5 FROM c").await, "C(MOVE 5) Z(T)");
    assert_eq!(client.query("FETCH ALL FROM c").await, "T D D D C(FETCH 3) Z(T)");
    assert_eq!(client.query("FETCH c").await, "T C(FETCH 0) Z(T)");
    assert_eq!(client.query(&declare).await, "E(42P03) Z(E)");
    assert_eq!(client.query("ROLLBACK").await, "C(ROLLBACK) Z(I)");
    assert_eq!(client.query("FETCH c").await, "E(34000) Z(I)");
}

#[tokio::test]
async fn a_cursor_is_a_portal_and_a_portal_a_cursor() {
    let mut client = Server::open().client().await;
    client.query(&format!("BEGIN; DECLARE c CURSOR FOR {}", million_rows(1))).await;
    let described = message(b'D', b"Pc\0");
    client.send(&[described, execute("c", 2), parse("f", "FETCH 3 c"), bind("", "f"), sync()].concat()).await;
    assert_eq!(client.ready().await, "T D D s 1 2 Z(T)");
    client.send(&[execute("", 2), execute("", 2), sync()].concat()).await;
    assert_eq!(client.ready().await, "D D s D C(FETCH 1) Z(T)");
    client.send(&[parse("", &million_rows(1)), bind("p", ""), execute("p", 4), sync()].concat()).await;
    assert_eq!(client.ready().await, "1 2 D D D D s Z(T)");
    assert_eq!(client.query("FETCH 9 FROM p").await, "T D D D D D D C(FETCH 6) Z(T)");
    assert_eq!(client.query("FETCH BACKWARD c").await, "E(55000) Z(E)");
}

#[tokio::test]
async fn what_was_written_ahead_is_written_anew_in_another_format() {
    let mut client = Server::open().client().await;
    client.query(&format!("BEGIN; DECLARE c CURSOR FOR {}", million_rows(4))).await;
    let binary = message(b'B', b"\0f\0\0\0\0\0\0\x01\0\x01");
    for (count, format) in [(1, 0), (2, 1), (3000, 0), (3000, 1)] {
        let bound = if format == 1 { binary.clone() } else { bind("", "f") };
        let drop = message(b'C', b"Sf\0");
        let fetch = parse("f", &format!("FETCH {count} c"));
        client.send(&[drop, fetch, bound, execute("", 0), sync()].concat()).await;
        let rows: Vec<_> = client.until(b'Z').await.into_iter().filter(|(kind, _)| *kind == b'D').collect();
        assert_eq!(rows.len(), count);
        // Two bytes of columns, four of length, and one digit or a number of four or eight bytes.
        let is_binary = |(_, body): &(u8, Vec<u8>)| body.len() > 7;
        assert!(rows.iter().all(|row| is_binary(row) == (format == 1)), "{count} in format {format}");
    }
}

#[tokio::test]
async fn a_held_cursor_outlives_its_transaction_and_others_do_not() {
    let mut client = Server::open().client().await;
    let rows = million_rows(1);
    client.query(&format!("BEGIN; DECLARE a CURSOR FOR {rows}; DECLARE b CURSOR WITH HOLD FOR {rows}")).await;
    assert_eq!(client.query("COMMIT").await, "C(COMMIT) Z(I)");
    assert_eq!(client.query("FETCH a").await, "E(34000) Z(I)");
    assert_eq!(client.query("FETCH 2 b").await, "T D D C(FETCH 2) Z(I)");
    client.query(&format!("BEGIN; DECLARE c CURSOR WITH HOLD FOR {rows}; ROLLBACK")).await;
    assert_eq!(client.query("FETCH c").await, "E(34000) Z(I)");
    assert_eq!(client.query("FETCH b").await, "T D C(FETCH 1) Z(I)");
    assert_eq!(client.query("CLOSE ALL").await, "C(CLOSE CURSOR ALL) Z(I)");
    assert_eq!(client.query("FETCH b").await, "E(34000) Z(I)");
}

#[tokio::test]
async fn a_rollback_to_a_savepoint_mends_the_transaction_and_drops_what_came_behind_it() {
    let mut client = Server::open().client().await;
    let rows = million_rows(1);
    client
        .query(&format!("BEGIN; DECLARE a CURSOR FOR {rows}; SAVEPOINT s; DECLARE b CURSOR FOR {rows}"))
        .await;
    assert_eq!(client.query("FETCH nowhere").await, "E(34000) Z(E)");
    assert_eq!(client.query("FETCH a").await, "E(25P02) Z(E)");
    assert_eq!(client.query("ROLLBACK TO s").await, "C(ROLLBACK) Z(T)");
    assert_eq!(client.query("FETCH a").await, "T D C(FETCH 1) Z(T)");
    assert_eq!(client.query("FETCH b").await, "E(34000) Z(E)");
    assert_eq!(client.query("ROLLBACK TO s; RELEASE s").await, "C(ROLLBACK) C(RELEASE) Z(T)");
    assert_eq!(client.query("ROLLBACK TO s").await, "E(3B001) Z(E)");
}

#[tokio::test]
async fn what_one_session_tells_others_hear_between_their_transactions() {
    let server = Server::open();
    let (mut one, mut other) = (server.client().await, server.client().await);
    assert_eq!(one.query("LISTEN news").await, "C(LISTEN) Z(I)");
    assert_eq!(other.query("BEGIN; NOTIFY news, 'a'; ROLLBACK").await, "C(BEGIN) C(NOTIFY) C(ROLLBACK) Z(I)");
    other.query("BEGIN; NOTIFY news, 'b'; SELECT pg_notify('other', 'c'); COMMIT").await;
    // It comes without being asked for.
    let expected = [&other.id.to_be_bytes()[..], b"news\0b\0"].concat();
    assert_eq!(one.message().await, Some((b'A', expected)));
    one.query("BEGIN").await;
    other.query("NOTIFY news").await;
    assert_eq!(one.query("SELECT 1 AS a").await, "T D C(SELECT 1) Z(T)");
    assert_eq!(one.query("COMMIT").await, "C(COMMIT) A Z(I)");
    assert_eq!(one.query("UNLISTEN *; NOTIFY news").await, "C(UNLISTEN) C(NOTIFY) Z(I)");
    one.send(&[parse("", "LISTEN mine"), bind("", ""), execute("", 0), sync()].concat()).await;
    assert_eq!(one.ready().await, "1 2 C(LISTEN) Z(I)");
    one.send(&[parse("", "SELECT pg_notify('mine', 'x')"), bind("", ""), execute("", 0), sync()].concat())
        .await;
    assert_eq!(one.ready().await, "1 2 D C(SELECT 1) A Z(I)");
}

#[tokio::test]
async fn notices_are_held_back_as_the_client_wants() {
    let mut client = Server::open().client().await;
    assert_eq!(client.query("DROP TABLE IF EXISTS t").await, "N(00000) C(DROP TABLE) Z(I)");
    client.query("SET client_min_messages = warning").await;
    assert_eq!(client.query("DROP TABLE IF EXISTS t").await, "C(DROP TABLE) Z(I)");
    assert_eq!(client.query("ROLLBACK").await, "N(25P01) C(ROLLBACK) Z(I)");
    assert_eq!(client.query("SELECT pg_cancel_backend(0) AS a").await, "T D N(01000) C(SELECT 1) Z(I)");
    client.query("SET client_min_messages = error").await;
    assert_eq!(
        client.query("ROLLBACK; SELECT pg_cancel_backend(0) AS a").await,
        "C(ROLLBACK) T D C(SELECT 1) Z(I)"
    );
}
