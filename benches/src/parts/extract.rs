//! How fast all rows come, by each path, from each server in turn.

use std::collections::BTreeMap;
use std::time::Duration;

use anyhow::{Context, Result, bail};

use super::setting::{Options, Setting};
use crate::client::{Client, Received, Way};
use crate::report::{Report, median, millions, milliseconds, nanoseconds, ratio, seconds};

/// A way to ask, with TLS or without.
struct Path {
    name: &'static str,
    way: Way,
    tls: bool,
}

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

/// One answer, and what it cost the server.
struct Run {
    received: Received,
    processor: Duration,
}

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
        let mut received: BTreeMap<&str, Vec<Run>> = BTreeMap::new();
        for _ in 0..options.runs {
            for (server, one) in turn(setting, path, options.rows)? {
                received.entry(server).or_default().push(one);
            }
        }
        report.push(row(path.name, &received));
    }
    report.print();
    Ok(())
}

/// One run of a path on each server.
fn turn(setting: &Setting, path: &Path, rows: u64) -> Result<Vec<(&'static str, Run)>> {
    let mut received = Vec::new();
    for (server, mut address) in setting.addresses() {
        // The floor has no TLS, no cursors and no COPY.
        if server == "floor" && (path.tls || !matches!(path.way, Way::Simple | Way::Binary)) {
            continue;
        }
        if path.tls {
            address.authority = setting.certificate.as_ref().map(|made| made.authority.clone());
        }
        let about = || format!("{} from {server}", path.name);
        let before = setting.processor_time(server)?;
        let mut client = Client::connect(&address).with_context(about)?;
        let one = client.read_all(path.way, "SELECT * FROM lineitem").with_context(about)?;
        if one.rows != rows {
            bail!("{}: {} rows of {rows} came", about(), one.rows);
        }
        client.close()?;
        // PostgreSQL counts what a client's process used when it has been waited for.
        std::thread::sleep(Duration::from_millis(100));
        let processor = setting.processor_time(server)?.saturating_sub(before);
        received.push((server, Run { received: one, processor }));
    }
    Ok(received)
}

fn row(name: &str, runs: &BTreeMap<&str, Vec<Run>>) -> Vec<String> {
    let of =
        |server: &str, figure: fn(&Run) -> f64| median(runs.get(server).into_iter().flatten().map(figure));
    let rate = |server| of(server, |run| run.received.rows_per_second());
    let first = |server| milliseconds(of(server, |run| seconds(run.received.first)));
    let cost = |server| nanoseconds(of(server, |run| seconds(run.processor) / run.received.rows as f64));
    let bytes = of("lakeport", |run| run.received.bytes as f64 / seconds(run.received.total) / 1e6);
    vec![
        name.to_owned(),
        millions(rate("lakeport")),
        bytes.map_or(String::new(), |bytes| format!("{bytes:.0}")),
        first("lakeport"),
        cost("lakeport"),
        millions(rate("postgres")),
        first("postgres"),
        cost("postgres"),
        ratio(rate("lakeport"), rate("postgres")),
        millions(rate("floor")),
        cost("floor"),
        ratio(rate("lakeport"), rate("floor")),
    ]
}
