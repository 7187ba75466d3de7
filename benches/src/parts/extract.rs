//! How fast all rows come, by each path, from each server in turn.

use std::collections::BTreeMap;

use anyhow::{Context, Result, bail};

use super::setting::{Options, Setting};
use crate::client::{Client, Received, Way};
use crate::report::{Report, median, millions, milliseconds, ratio, seconds};

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

const COLUMNS: [&str; 9] = [
    "path",
    "Lakeport, rows/s",
    "MB/s",
    "first row",
    "PostgreSQL, rows/s",
    "first row",
    "ratio",
    "floor, rows/s",
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
        let mut received: BTreeMap<&str, Vec<Received>> = BTreeMap::new();
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
fn turn(setting: &Setting, path: &Path, rows: u64) -> Result<Vec<(&'static str, Received)>> {
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
        let mut client = Client::connect(&address).with_context(about)?;
        let one = client.read_all(path.way, "SELECT * FROM lineitem").with_context(about)?;
        if one.rows != rows {
            bail!("{}: {} rows of {rows} came", about(), one.rows);
        }
        received.push((server, one));
    }
    Ok(received)
}

fn row(name: &str, received: &BTreeMap<&str, Vec<Received>>) -> Vec<String> {
    let of = |server: &str, figure: fn(&Received) -> f64| {
        median(received.get(server).into_iter().flatten().map(figure))
    };
    let rate = |server| of(server, Received::rows_per_second);
    let first = |server| milliseconds(of(server, |one| seconds(one.first)));
    let bytes = of("lakeport", |one| one.bytes as f64 / seconds(one.total) / 1e6);
    vec![
        name.to_owned(),
        millions(rate("lakeport")),
        bytes.map_or(String::new(), |bytes| format!("{bytes:.0}")),
        first("lakeport"),
        millions(rate("postgres")),
        first("postgres"),
        ratio(rate("lakeport"), rate("postgres")),
        millions(rate("floor")),
        ratio(rate("lakeport"), rate("floor")),
    ]
}
