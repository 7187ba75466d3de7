//! `lakeport check`: every fault at once, or what was found right.

use anyhow::{Result, bail};
use lakeport_base::Faults;

use crate::arguments::Check;
use crate::wiring;

/// Checks the config and the lake behind it.
pub(crate) fn run(check: &Check) -> Result<()> {
    let engine = match wiring::settings(&check.lake).and_then(wiring::engine) {
        Ok(engine) => engine,
        Err(error) => return tell(error.downcast::<Faults>()?),
    };
    match wiring::runtime()?.block_on(engine.check()) {
        Ok(checked) => {
            let (stores, tables, views) = (
                count(checked.stores, "store"),
                count(checked.tables, "table"),
                count(checked.views, "view"),
            );
            println!("{stores}, {tables}, {views}: all right");
            Ok(())
        }
        Err(faults) => tell(faults),
    }
}

/// Prints each fault on a line that begins with its place.
fn tell(faults: Faults) -> Result<()> {
    println!("{faults}");
    bail!("{}", count(faults.0.len(), "fault"));
}

fn count(count: usize, what: &str) -> String {
    format!("{count} {what}{}", if count == 1 { "" } else { "s" })
}
