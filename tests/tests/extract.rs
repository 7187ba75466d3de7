//! Large answers by every path: all rows come, and the server's memory stays where it was, whether the client is fast or slow.
//!
//! How fast they come is measured by `scripts/bench-extract.sh`, whose client this is; a busy machine says little about that.

use std::time::Duration;

use lakeport_benches::client::{Address, Client, Pace, Way};
use lakeport_benches::usage::{forget_peak, peak};
use lakeport_tests::{Server, demo_lake};

/// What the memory may grow by while rows leave, over what it is after a first small query.
const GROWTH_MAX: u64 = 150 << 20;

/// All rows of the demo's orders.
const SQL: &str = "SELECT * FROM shop.orders";
const ROWS: u64 = 2_160_000;

/// A client that would take minutes for them, and is gone after a while.
const SLOW: Pace = Pace { bytes_per_second: Some(5_000_000), give_up_after: Some(Duration::from_secs(5)) };

fn connect(server: &Server) -> Client {
    let socket = ([127, 0, 0, 1], server.port).into();
    Client::connect(&Address { socket, database: "lake".to_owned(), user: "test", authority: None })
        .expect("a connection")
}

/// Reads the rows in this way and gives their number; memory has grown by little at most.
fn read(way: Way, sql: &str, pace: Pace) -> u64 {
    let server = Server::config(&demo_lake().join("lakeport.toml"));
    let mut client = connect(&server);
    // A first look warms what is kept for good: threads, footers, schemas.
    client.run(&format!("{SQL} LIMIT 1")).expect("a row");
    let before = server.resident_bytes();
    forget_peak(server.process()).expect("a peak that is forgotten");
    client.pace = pace;
    let received = client.read_all(way, sql).expect("rows");
    let grown = peak(server.process()).expect("a peak").saturating_sub(before);
    eprintln!("{way:?}: {} rows in {:?}, {} MiB more", received.rows, received.total, grown >> 20);
    assert!(grown < GROWTH_MAX, "{way:?}: memory grew by {} MiB over {} MiB", grown >> 20, before >> 20);
    received.rows
}

#[track_caller]
fn check(way: Way) {
    assert_eq!(read(way, SQL, Pace::default()), ROWS, "{way:?}");
}

#[track_caller]
fn check_slow(way: Way) {
    let rows = read(way, SQL, SLOW);
    assert!((1000..ROWS).contains(&rows), "{way:?}: {rows} rows");
}

#[test]
fn all_rows_come_by_a_simple_query() {
    check(Way::Simple);
}

#[test]
fn all_rows_come_by_execute_without_a_row_limit() {
    check(Way::Binary);
}

#[test]
fn all_rows_come_by_a_cursor() {
    check(Way::Cursor(2048));
}

#[test]
fn all_rows_come_by_small_fetches() {
    let rows = read(Way::Cursor(100), &format!("{SQL} LIMIT 200000"), Pace::default());
    assert_eq!(rows, 200_000);
}

#[test]
fn all_rows_come_by_a_portal_with_a_row_limit() {
    check(Way::Portal(2048));
}

#[test]
fn all_rows_come_by_copy_as_text() {
    check(Way::Copy(""));
}

#[test]
fn all_rows_come_by_copy_as_csv() {
    check(Way::Copy(" (FORMAT csv)"));
}

#[test]
fn all_rows_come_by_copy_in_binary() {
    check(Way::Copy(" (FORMAT binary)"));
}

#[test]
fn a_slow_client_of_a_simple_query_holds_no_memory() {
    check_slow(Way::Simple);
}

#[test]
fn a_slow_client_of_execute_holds_no_memory() {
    check_slow(Way::Binary);
}

#[test]
fn a_slow_client_of_copy_holds_no_memory() {
    check_slow(Way::Copy(""));
}

#[test]
fn a_slow_client_of_a_cursor_holds_no_memory() {
    check_slow(Way::Cursor(2048));
}

#[test]
fn ten_clients_at_once_share_a_bounded_memory() {
    let server = Server::config(&demo_lake().join("lakeport.toml"));
    connect(&server).run(&format!("{SQL} LIMIT 1")).expect("a row");
    let before = server.resident_bytes();
    forget_peak(server.process()).expect("a peak that is forgotten");
    std::thread::scope(|scope| {
        for index in 0..10 {
            let mut client = connect(&server);
            client.pace = SLOW;
            let way = if index % 2 == 0 { Way::Simple } else { Way::Binary };
            scope.spawn(move || client.read_all(way, SQL).expect("rows"));
        }
    });
    let grown = peak(server.process()).expect("a peak").saturating_sub(before);
    assert!(grown < 1 << 30, "memory grew by {} MiB over {} MiB", grown >> 20, before >> 20);
}
