//! Files that vanish and files that are written anew, between listing and reading and in the middle of reading.
//!
//! A listing is believed for an hour here, so that only the versions can tell that something changed. What the footers
//! of a listing know (counts, bounds) is answered from them, so the queries here ask for what only the pages say.

use std::fs;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use lakeport_tests::{Reply, Socket};

use crate::lake::{Lake, undisturbed};
use crate::small;

const LONG: &str = "fresh_within = \"1h\"";

#[test]
fn a_file_that_vanished_since_the_listing_is_no_part_of_the_answer() {
    let lake = Lake::new();
    small::write_version(&lake.path("two/a.parquet"), 10, "a");
    small::write_version(&lake.path("two/b.parquet"), 20, "b");
    small::write_version(&lake.path("one.parquet"), 10, "one");
    let server = lake.serve(LONG);
    undisturbed(&server, || {
        let mut socket = Socket::open(&server);
        assert_eq!(socket.query("select count(*) from two where length(version) > 0").cell(), "30");
        assert_eq!(socket.query("select count(*) from one where length(version) > 0").cell(), "10");
        fs::remove_file(lake.path("two/b.parquet")).expect("it was there");
        fs::remove_file(lake.path("one.parquet")).expect("it was there");
        // The whole answer is of what is there now.
        assert_eq!(socket.query("select string_agg(distinct version, ',') from two").cell(), "a");
        let failure =
            socket.query("select count(*) from one where length(version) > 0").failed("42P01").clone();
        assert!(failure.message.contains("one"), "{failure:?}");
    });
}

#[test]
fn a_file_that_was_overwritten_since_the_listing_is_read_as_it_is_now() {
    let lake = Lake::new();
    small::write_version(&lake.path("book.parquet"), 1_000, "old");
    let server = lake.serve(LONG);
    undisturbed(&server, || {
        let mut socket = Socket::open(&server);
        let query = "select count(*) || min(version) || max(version) from book where length(version) > 0";
        assert_eq!(socket.query(query).cell(), "1000oldold");
        // Moved into place, as good programs do; then in place, by one that does not.
        small::write_version(&lake.path("book.parquet"), 2_000, "new");
        assert_eq!(socket.query(query).cell(), "2000newnew");
        small::write_version(&lake.path("aside"), 3_000, "newest");
        fs::copy(lake.path("aside"), lake.path("book.parquet")).expect("a copy");
        assert_eq!(socket.query(query).cell(), "3000newestnewest");
    });
}

/// What is done to the file while half of it has been read.
fn check_in_mid_scan(change: impl FnOnce(&Lake)) {
    const ROWS: usize = 1_500_000;
    let lake = Lake::new();
    small::write_version(&lake.path("big.parquet"), ROWS as i64, "old");
    let server = lake.serve(LONG);
    let reply = undisturbed(&server, || {
        let mut socket = Socket::open(&server);
        socket.ask("select id, version || repeat(' and much more of it', 10) from big");
        // The first rows have left; the rest waits for this slow reader.
        while socket.next().expect("a message").0 != b'D' {}
        std::thread::sleep(Duration::from_millis(500));
        change(&lake);
        let mut reply = socket.reply();
        reply.rows.push(vec![Some(b"0".to_vec()), Some(b"old".to_vec())]);
        reply
    });
    match reply.code() {
        "00000" => assert_eq!(reply.rows.len(), ROWS, "all rows or an error"),
        "40001" => assert!(reply.rows.len() < ROWS),
        _ => panic!("{:?}", reply.errors),
    }
    check_one_version(&reply, b"old");
    let mut socket = Socket::open(&server);
    assert_eq!(socket.query("select 1").cell(), "1");
}

#[track_caller]
fn check_one_version(reply: &Reply, version: &[u8]) {
    for row in &reply.rows {
        let cell = row[1].as_deref().expect("no nulls");
        assert!(cell.starts_with(version), "a row of another version: {row:?}");
    }
}

#[test]
fn a_file_that_is_replaced_in_mid_scan_gives_one_version_or_40001() {
    check_in_mid_scan(|lake| small::write_version(&lake.path("big.parquet"), 1_500_000, "new"));
}

#[test]
fn a_file_that_is_overwritten_in_place_in_mid_scan_gives_one_version_or_40001() {
    let write = |lake: &Lake| {
        small::write_version(&lake.path("aside"), 1_500_000, "new");
        fs::copy(lake.path("aside"), lake.path("big.parquet")).expect("a copy");
    };
    check_in_mid_scan(write);
}

#[test]
fn a_file_that_vanishes_in_mid_scan_gives_all_of_it_or_40001() {
    check_in_mid_scan(|lake| fs::remove_file(lake.path("big.parquet")).expect("it was there"));
}

#[test]
fn a_file_that_is_replaced_all_the_time_is_never_read_half_and_half() {
    let lake = Lake::new();
    let write = |round: usize| {
        let version = format!("version {}", round % 7);
        small::write_version(&lake.path("busy/a.parquet"), 20_000 + (round % 7) as i64, &version);
    };
    write(0);
    let server = lake.serve(LONG);
    let (done, answers) = (AtomicBool::new(false), AtomicBool::new(false));
    std::thread::scope(|scope| {
        scope.spawn(|| {
            let mut round = 1;
            while !done.load(Ordering::Relaxed) {
                write(round);
                round += 1;
                std::thread::sleep(Duration::from_millis(30));
            }
        });
        let mut socket = Socket::open(&server);
        for _ in 0..60 {
            let reply = socket
                .query("select count(*), min(version), max(version) from busy where length(version) > 0");
            match reply.code() {
                "00000" => {
                    let text = |index: usize| {
                        String::from_utf8(reply.rows[0][index].clone().expect("a value")).expect("text")
                    };
                    let rows: usize = text(0).parse().expect("a count");
                    let expected = format!("version {}", rows - 20_000);
                    if (text(1), text(2)) != (expected.clone(), expected) {
                        done.store(true, Ordering::Relaxed);
                        panic!("{:?}", reply.rows);
                    }
                    answers.store(true, Ordering::Relaxed);
                }
                "40001" => {}
                _ => {
                    done.store(true, Ordering::Relaxed);
                    panic!("{:?}", reply.errors);
                }
            }
        }
        done.store(true, Ordering::Relaxed);
    });
    assert!(answers.load(Ordering::Relaxed), "not one answer in sixty");
}
