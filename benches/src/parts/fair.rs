//! What others notice of an extract, and how soon it ends when it is cancelled.

use std::sync::mpsc::channel;
use std::time::{Duration, Instant};

use anyhow::{Context, Result, anyhow, bail};

use super::setting::{Options, Setting};
use crate::client::{Address, Client, Way};
use crate::place::Place;
use crate::report::{Report, median, milliseconds, ratio, seconds};

const SQL: &str = "SELECT * FROM lineitem";
/// A small aggregate over another table.
const AGGREGATE: &str = "SELECT p_kind, count(*), sum(p_price) FROM parts GROUP BY p_kind ORDER BY p_kind";
/// How often the aggregate is asked, and how often an extract is cancelled.
const TIMES: usize = 31;
const CANCELS: usize = 5;
/// How long an extract runs before it is looked at.
const UNDER_WAY: Duration = Duration::from_millis(300);

/// Prints the aggregate's times, idle and beside two extracts, and the time that a cancel takes.
///
/// # Errors
///
/// The server's, or where an extract ended before it was cancelled: there are too few rows then.
pub fn fair(place: &Place, options: &Options) -> Result<()> {
    let options = Options { servers: vec!["lakeport".to_owned()], ..options.clone() };
    let setting = Setting::of_lineitem(place, &options)?;
    let address = setting.lakeport.as_ref().context("Lakeport runs")?.address();
    let mut report = Report::new("Beside extracts, medians", &["", "measured", "ratio", "wanted"]);
    aggregates(&address)?;
    let idle = aggregates(&address)?;
    report.push(vec!["aggregate, idle".to_owned(), milliseconds(idle)]);
    let extracts = [Way::Simple, Way::Binary].map(|way| Extract::start(&address, way));
    let mut ends = Vec::new();
    let busy = {
        let extracts: Vec<Extract> = extracts.into_iter().collect::<Result<_>>()?;
        std::thread::sleep(UNDER_WAY);
        let busy = aggregates(&address)?;
        for extract in extracts {
            ends.push(extract.cancel()?);
        }
        busy
    };
    let row = |name: &str, value, of, wanted: &str| {
        vec![name.to_owned(), milliseconds(value), ratio(value, of), wanted.to_owned()]
    };
    report.push(row("aggregate beside two extracts", busy, idle, "3"));
    for _ in 0..CANCELS {
        let extract = Extract::start(&address, Way::Simple)?;
        std::thread::sleep(UNDER_WAY);
        ends.push(extract.cancel()?);
    }
    report.push(row("cancel of an extract", median(ends.iter().copied()), None, "1000 ms"));
    report.push(row("the slowest cancel", ends.into_iter().max_by(f64::total_cmp), None, "1000 ms"));
    report.print();
    Ok(())
}

/// The median time of the aggregate, in seconds.
fn aggregates(address: &Address) -> Result<Option<f64>> {
    let mut client = Client::connect(address)?;
    let mut times = Vec::new();
    for _ in 0..TIMES {
        let start = Instant::now();
        client.run(AGGREGATE)?;
        times.push(seconds(start.elapsed()));
    }
    Ok(median(times))
}

/// An extract that runs until it is cancelled.
struct Extract {
    thread: std::thread::JoinHandle<(Result<()>, Instant)>,
    cancel: Box<dyn FnOnce() -> Result<()> + Send>,
}

impl Extract {
    fn start(address: &Address, way: Way) -> Result<Extract> {
        let mut client = Client::connect(address)?;
        let cancel = Box::new(client.canceller());
        let (started, starts) = channel();
        let thread = std::thread::spawn(move || {
            let _ = started.send(());
            let result = loop {
                // One that comes to its end begins again.
                if let Err(error) = client.read_all(way, SQL) {
                    break Err(error);
                }
            };
            (result, Instant::now())
        });
        starts.recv().context("the extract starts")?;
        Ok(Extract { thread, cancel })
    }

    /// Cancels it, and says how many seconds it took to end.
    fn cancel(self) -> Result<f64> {
        let start = Instant::now();
        (self.cancel)()?;
        let (result, end) = self.thread.join().map_err(|_| anyhow!("the client panicked"))?;
        match result {
            Err(error) if error.to_string().starts_with("57014") => Ok(seconds(end - start)),
            Err(error) => Err(error),
            Ok(()) => bail!("the extract ended before it was cancelled"),
        }
    }
}
