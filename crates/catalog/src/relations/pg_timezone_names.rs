//! `pg_timezone_names` and `pg_timezone_abbrevs`: what the functions of these names give.

use datafusion::common::Result;

use crate::functions::{zone_abbreviations, zone_names};
use crate::pinned::Pinned;
use crate::rows::Rows;

pub(super) fn names(_: &Pinned, rows: &mut Rows) -> Result<()> {
    let zones = zone_names();
    rows.count(zones.len());
    for (index, column) in ["name", "abbrev", "utc_offset", "is_dst"].into_iter().enumerate() {
        rows.fill(column, zones.iter().map(|zone| zone[index].clone()))?;
    }
    Ok(())
}

pub(super) fn abbreviations(_: &Pinned, rows: &mut Rows) -> Result<()> {
    let zones = zone_abbreviations();
    rows.count(zones.len());
    for (index, column) in ["abbrev", "utc_offset", "is_dst"].into_iter().enumerate() {
        rows.fill(column, zones.iter().map(|zone| zone[index].clone()))?;
    }
    Ok(())
}
