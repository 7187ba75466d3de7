//! Servers that take turns: one query, by one path, from each of them, as often as is wanted.

use std::collections::BTreeMap;
use std::time::Duration;

use anyhow::{Context, Result, bail};

use super::setting::Setting;
use crate::client::{Client, Received, Way};
use crate::report::{median, seconds};

/// A way to ask, with TLS or without.
pub(super) struct Path {
    pub(super) name: &'static str,
    pub(super) way: Way,
    pub(super) tls: bool,
}

/// What is asked.
pub(super) struct Query<'a> {
    pub(super) sql: &'a str,
    /// How many rows it has.
    pub(super) rows: u64,
    /// What PostgreSQL is told before.
    pub(super) to_postgres: Option<&'a str>,
}

/// What came of it, server by server.
#[derive(Default)]
pub(super) struct Turns(BTreeMap<&'static str, Vec<Run>>);

/// One answer, and the processor time that it cost the server.
struct Run {
    received: Received,
    processor: Duration,
}

/// Asks each server in turn, so many times. The floor has one table, no TLS, no cursors and no COPY, and is left
/// out for what it does not have.
///
/// # Errors
///
/// A server's, or where one sends another number of rows than there are.
pub(super) fn take_turns(setting: &Setting, path: &Path, query: &Query<'_>, runs: usize) -> Result<Turns> {
    let mut turns = Turns::default();
    for _ in 0..runs {
        for (server, mut address) in setting.addresses() {
            if server == "floor" && (path.tls || !matches!(path.way, Way::Simple | Way::Binary)) {
                continue;
            }
            if path.tls {
                address.authority = setting.certificate.as_ref().map(|made| made.authority.clone());
            }
            let about = || format!("{} from {server}, {}", query.sql, path.name);
            let before = setting.processor_time(server)?;
            let mut client = Client::connect(&address).with_context(about)?;
            if let ("postgres", Some(sql)) = (server, query.to_postgres) {
                client.run(sql).with_context(about)?;
            }
            let received = client.read_all(path.way, query.sql).with_context(about)?;
            if received.rows != query.rows {
                bail!("{}: {} rows of {} came", about(), received.rows, query.rows);
            }
            client.close()?;
            // PostgreSQL counts what a client's process used when it has been waited for.
            std::thread::sleep(Duration::from_millis(100));
            let processor = setting.processor_time(server)?.saturating_sub(before);
            turns.0.entry(server).or_default().push(Run { received, processor });
        }
    }
    Ok(turns)
}

impl Turns {
    fn median(&self, server: &str, figure: impl Fn(&Run) -> f64) -> Option<f64> {
        median(self.0.get(server).into_iter().flatten().map(figure))
    }

    /// Rows a second.
    pub(super) fn rate(&self, server: &str) -> Option<f64> {
        self.median(server, |run| run.received.rows_per_second())
    }

    /// Rows a second, counted from the first row on.
    pub(super) fn rate_from_the_first(&self, server: &str) -> Option<f64> {
        self.median(server, |run| run.received.rows_per_second_from_the_first())
    }

    /// Bytes a second.
    pub(super) fn bytes(&self, server: &str) -> Option<f64> {
        self.median(server, |run| run.received.bytes as f64 / seconds(run.received.total))
    }

    /// Bytes of a row.
    pub(super) fn row_bytes(&self, server: &str) -> Option<f64> {
        self.median(server, |run| run.received.bytes as f64 / run.received.rows as f64)
    }

    /// Seconds to the first row.
    pub(super) fn first(&self, server: &str) -> Option<f64> {
        self.median(server, |run| seconds(run.received.first))
    }

    /// Seconds of processor time that the server spent for each row.
    pub(super) fn cost(&self, server: &str) -> Option<f64> {
        self.median(server, |run| seconds(run.processor) / run.received.rows as f64)
    }
}
