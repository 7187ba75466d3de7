//! What the server's resident memory grows by during an extract.
//!
//! Each case has a server of its own: what an earlier extract left in the allocator would hide a later one's.

use std::time::Duration;

use anyhow::{Context, Result, anyhow};

use super::setting::{Options, Setting};
use crate::client::{Address, Client, Pace, Way};
use crate::place::Place;
use crate::report::{Report, mebibytes};
use crate::usage::{forget_peak, peak, resident};

const SQL: &str = "SELECT * FROM lineitem";

/// A slow client: 5 MB a second, for so long. All of 40 million rows would take it half an hour, and what memory
/// holds does not change once every queue on the way is full.
const SLOW: Pace = Pace { bytes_per_second: Some(5_000_000), give_up_after: Some(Duration::from_secs(20)) };

/// Clients at once, and longest that they read.
const AT_ONCE: usize = 10;
const TOGETHER: Pace = Pace { bytes_per_second: None, give_up_after: Some(Duration::from_secs(120)) };

struct Case {
    name: &'static str,
    way: Way,
}

const CASES: [Case; 5] = [
    Case { name: "SELECT, text", way: Way::Simple },
    Case { name: "Execute, max_rows 0, binary", way: Way::Binary },
    Case { name: "cursor, FETCH 2048", way: Way::Cursor(2048) },
    Case { name: "portal, max_rows 2048", way: Way::Portal(2048) },
    Case { name: "COPY, text", way: Way::Copy("") },
];

/// Runs each case and prints what memory grew by.
///
/// # Errors
///
/// The server's.
pub fn memory(place: &Place, options: &Options) -> Result<()> {
    let options = Options { servers: vec!["lakeport".to_owned()], ..options.clone() };
    let title = format!("Resident memory of the server over idle, {} rows", options.rows);
    let mut report = Report::new(title, &["client", "rows read", "idle", "growth", "wanted"]);
    let mut add = |name: String, measured: Growth, wanted: &str| {
        let rows = format!("{:.1} M", measured.rows as f64 / 1e6);
        let growth = mebibytes(measured.peak.saturating_sub(measured.idle));
        report.push(vec![name, rows, mebibytes(measured.idle), growth, wanted.to_owned()]);
    };
    for case in CASES {
        let growth = measure(place, &options, |address| read(address, case.way, Pace::default()))?;
        add(format!("{}, fast", case.name), growth, "150 MiB");
        let growth = measure(place, &options, |address| read(address, case.way, SLOW))?;
        add(format!("{}, 5 MB/s for 20 s", case.name), growth, "150 MiB");
    }
    let growth = measure(place, &options, ten_at_once)?;
    add(format!("{AT_ONCE} at once, text and binary"), growth, "1024 MiB");
    report.print();
    Ok(())
}

struct Growth {
    rows: u64,
    idle: u64,
    peak: u64,
}

fn measure(place: &Place, options: &Options, read: impl Fn(&Address) -> Result<u64>) -> Result<Growth> {
    let setting = Setting::of_lineitem(place, options)?;
    let server = setting.lakeport.as_ref().context("Lakeport runs")?;
    // Idle is after a first look: footers and schemas are kept for good.
    Client::connect(&server.address())?.run(&format!("{SQL} LIMIT 1"))?;
    let idle = resident(server.process())?;
    forget_peak(server.process())?;
    let rows = read(&server.address())?;
    Ok(Growth { rows, idle, peak: peak(server.process())? })
}

fn read(address: &Address, way: Way, pace: Pace) -> Result<u64> {
    let mut client = Client::connect(address)?;
    client.pace = pace;
    Ok(client.read_all(way, SQL)?.rows)
}

fn ten_at_once(address: &Address) -> Result<u64> {
    std::thread::scope(|scope| {
        let clients: Vec<_> = (0..AT_ONCE)
            .map(|index| {
                let way = if index % 2 == 0 { Way::Simple } else { Way::Binary };
                scope.spawn(move || read(address, way, TOGETHER))
            })
            .collect();
        clients.into_iter().map(|client| client.join().map_err(|_| anyhow!("a client panicked"))?).sum()
    })
}
