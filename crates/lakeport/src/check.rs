//! `lakeport check`: every fault at once, or what was found right.

use anyhow::{Result, bail};

use crate::arguments::Check;
use crate::wiring;

/// Checks the config and the lake behind it.
pub(crate) fn run(check: &Check) -> Result<()> {
    let settings = wiring::settings(&check.lake)?;
    let engine = wiring::engine(settings)?;
    match wiring::runtime()?.block_on(engine.check()) {
        Ok(checked) => {
            let count =
                |count: usize, what: &str| format!("{count} {what}{}", if count == 1 { "" } else { "s" });
            println!(
                "{}, {}, {}: all right",
                count(checked.stores, "store"),
                count(checked.tables, "table"),
                count(checked.views, "view")
            );
            Ok(())
        }
        Err(faults) => {
            for fault in &faults.0 {
                println!("{fault}");
            }
            let count = faults.0.len();
            bail!("{count} {}", if count == 1 { "fault" } else { "faults" });
        }
    }
}
