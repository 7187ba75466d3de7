//! `lakeport check`: every fault at once, or what was found right.

use std::time::Duration;

use anyhow::{Result, bail};
use indicatif::{ProgressBar, ProgressStyle};
use lakeport_base::Faults;
use lakeport_engine::Engine;

use crate::arguments::Check;
use crate::wiring;

/// How often the progress is drawn.
const TICK: Duration = Duration::from_millis(100);

/// Checks the config and the lake behind it.
pub(crate) fn run(check: &Check) -> Result<()> {
    let engine = match wiring::settings(&check.lake).and_then(wiring::engine) {
        Ok(engine) => engine,
        Err(error) => return tell(error.downcast::<Faults>()?),
    };
    wiring::runtime()?.block_on(async {
        let checked = match engine.check().await {
            Ok(checked) => checked,
            Err(faults) => return tell(faults),
        };
        let mut parts = vec![
            count(checked.stores, "store"),
            count(checked.tables, "table"),
            count(checked.views, "view"),
        ];
        if check.keys {
            match keys(&engine).await {
                Ok(tried) => parts.push(count(tried, "key")),
                Err(faults) => return tell(faults),
            }
        }
        println!("{}: all right", parts.join(", "));
        Ok(())
    })
}

/// Tries the keys, and says on a terminal which one is being tried.
async fn keys(engine: &Engine) -> std::result::Result<usize, Faults> {
    // Hidden where stderr is no terminal.
    let bar = ProgressBar::no_length();
    if let Ok(style) = ProgressStyle::with_template("{spinner} key {pos} of {len}: {msg} {elapsed}") {
        bar.set_style(style);
    }
    bar.enable_steady_tick(TICK);
    let result = engine
        .check_keys(|progress| {
            bar.set_length(progress.count as u64);
            bar.set_position(progress.done as u64 + 1);
            bar.set_message(format!("{} of {}", progress.key, progress.table));
        })
        .await;
    bar.finish_and_clear();
    result
}

/// Prints each fault on a line that begins with its place.
fn tell(faults: Faults) -> Result<()> {
    println!("{faults}");
    bail!("{}", count(faults.0.len(), "fault"));
}

fn count(count: usize, what: &str) -> String {
    format!("{count} {what}{}", if count == 1 { "" } else { "s" })
}
