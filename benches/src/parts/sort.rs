//! ORDER BY without LIMIT over more than a statement's memory: it spills, and then streams.

use std::fs;
use std::path::Path as FilePath;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::time::Duration;

use anyhow::Result;

use super::setting::{Options, Setting};
use super::turns::{Path, Query, take_turns};
use crate::client::Way;
use crate::data::lineitem;
use crate::place::Place;
use crate::report::{Report, mebibytes, millions, milliseconds, ratio};
use crate::servers::Limits;

/// Rows that are sorted, at most: about a gigabyte in memory, many times what a statement gets here.
const ROWS_MAX: u64 = 5_000_000;
/// What a statement may hold before it spills, on either server. With half of it, Lakeport refuses this sort.
const MEMORY: Limits = Limits { statement_memory: Some("256MiB") };
const POSTGRES_MEMORY: &str = "SET work_mem = '256MB'";
const SQL: &str = "SELECT * FROM lineitem ORDER BY l_extendedprice, l_orderkey, l_linenumber";

const PATHS: [Path; 2] = [
    Path { name: "text", way: Way::Simple, tls: false },
    Path { name: "binary", way: Way::Binary, tls: false },
];

const COLUMNS: [&str; 8] = [
    "path",
    "first row, Lakeport",
    "PostgreSQL",
    "rows/s from then on, Lakeport",
    "PostgreSQL",
    "ratio",
    "whole, ratio",
    "spilled",
];

/// Sorts by text and binary, the servers taking turns, and prints the medians.
///
/// # Errors
///
/// A server's, or where one sends another number of rows than there are.
pub fn sort(place: &Place, options: &Options) -> Result<()> {
    let rows = options.rows.min(ROWS_MAX);
    let setting = Setting::start(place, options, &format!("sort_{rows}"), &[lineitem(rows)], &MEMORY)?;
    let title = format!("ORDER BY of {rows} rows with 256 MiB for a statement, medians of {}", options.runs);
    let mut report = Report::new(title, &COLUMNS);
    for path in &PATHS {
        let query = Query { sql: SQL, rows, to_postgres: Some(POSTGRES_MEMORY) };
        let (turns, spilled) =
            watching(&place.scratch.join("spill"), || take_turns(&setting, path, &query, options.runs));
        let turns = turns?;
        report.push(vec![
            path.name.to_owned(),
            milliseconds(turns.first("lakeport")),
            milliseconds(turns.first("postgres")),
            millions(turns.rate_from_the_first("lakeport")),
            millions(turns.rate_from_the_first("postgres")),
            ratio(turns.rate_from_the_first("lakeport"), turns.rate_from_the_first("postgres")),
            ratio(turns.rate("lakeport"), turns.rate("postgres")),
            mebibytes(spilled),
        ]);
    }
    report.print();
    Ok(())
}

/// Does the work, and says how large the folder was at most meanwhile, in bytes.
fn watching<T>(folder: &FilePath, work: impl FnOnce() -> T) -> (T, u64) {
    let (done, most) = (AtomicBool::new(false), AtomicU64::new(0));
    let result = std::thread::scope(|scope| {
        scope.spawn(|| {
            while !done.load(Ordering::Relaxed) {
                most.fetch_max(size(folder), Ordering::Relaxed);
                std::thread::sleep(Duration::from_millis(100));
            }
        });
        let result = work();
        done.store(true, Ordering::Relaxed);
        result
    });
    (result, most.into_inner())
}

/// The bytes of all files below a folder; files that go meanwhile count nothing.
fn size(folder: &FilePath) -> u64 {
    let entries = fs::read_dir(folder).into_iter().flatten().flatten();
    entries
        .map(|entry| match entry.metadata() {
            Ok(metadata) if metadata.is_dir() => size(&entry.path()),
            Ok(metadata) => metadata.len(),
            Err(_) => 0,
        })
        .sum()
}
