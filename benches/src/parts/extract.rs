//! How fast all rows come, by each path, from each server in turn.

use anyhow::{Result, bail};

use super::setting::{Options, Setting};
use super::turns::{Path, Query, Turns, take_turns};
use crate::client::Way;
use crate::report::{Report, megabytes, millions, milliseconds, nanoseconds, ratio};

const PATHS: [Path; 10] = [
    Path { name: "text", way: Way::Simple, tls: false },
    Path { name: "binary", way: Way::Binary, tls: false },
    Path { name: "fetch-2048", way: Way::Cursor(2048), tls: false },
    Path { name: "fetch-100", way: Way::Cursor(100), tls: false },
    Path { name: "portal-2048", way: Way::Portal(2048), tls: false },
    Path { name: "copy-text", way: Way::Copy(""), tls: false },
    Path { name: "copy-csv", way: Way::Copy(" (FORMAT csv)"), tls: false },
    Path { name: "copy-binary", way: Way::Copy(" (FORMAT binary)"), tls: false },
    Path { name: "tls-text", way: Way::Simple, tls: true },
    Path { name: "tls-binary", way: Way::Binary, tls: true },
];

const COLUMNS: [&str; 12] = [
    "path",
    "Lakeport, rows/s",
    "MB/s",
    "first row",
    "CPU/row",
    "PostgreSQL, rows/s",
    "first row",
    "CPU/row",
    "ratio",
    "floor, rows/s",
    "CPU/row",
    "ratio",
];

/// Runs each path as often as is wanted, the servers taking turns, and prints the medians.
///
/// # Errors
///
/// A server's, or where one sends another number of rows than there are.
pub fn extract(setting: &Setting, options: &Options) -> Result<()> {
    if let Some(unknown) = options.paths.iter().find(|name| PATHS.iter().all(|path| path.name != *name)) {
        let known: Vec<&str> = PATHS.iter().map(|path| path.name).collect();
        bail!("there is no path {unknown}; there are {}", known.join(", "));
    }
    let title = format!("SELECT * FROM lineitem, {} rows, medians of {}", options.rows, options.runs);
    let mut report = Report::new(title, &COLUMNS);
    for path in &PATHS {
        let wanted = options.paths.is_empty() || options.paths.iter().any(|name| name == path.name);
        if !wanted || (path.tls && setting.certificate.is_none()) {
            continue;
        }
        let query = Query { sql: "SELECT * FROM lineitem", rows: options.rows, to_postgres: None };
        report.push(row(path.name, &take_turns(setting, path, &query, options.runs)?));
    }
    report.print();
    Ok(())
}

fn row(name: &str, turns: &Turns) -> Vec<String> {
    let rate = |server| turns.rate(server);
    vec![
        name.to_owned(),
        millions(rate("lakeport")),
        megabytes(turns.bytes("lakeport")),
        milliseconds(turns.first("lakeport")),
        nanoseconds(turns.cost("lakeport")),
        millions(rate("postgres")),
        milliseconds(turns.first("postgres")),
        nanoseconds(turns.cost("postgres")),
        ratio(rate("lakeport"), rate("postgres")),
        millions(rate("floor")),
        nanoseconds(turns.cost("floor")),
        ratio(rate("lakeport"), rate("floor")),
    ]
}
