//! `pg_timezone_names()` and `pg_timezone_abbrevs()`: the time zones that there are.

use chrono::{Offset, TimeZone, Utc};
use chrono_tz::{OffsetComponents, OffsetName, TZ_VARIANTS};
use lakeport_sql::types::PgType;

use super::call::{Definition, Returns, giving};
use crate::cell::Cell;
use crate::copy_text::rows;
use crate::data::TIMEZONE_ABBREVS;

pub(super) const FUNCTIONS: &[Definition] = &[
    giving(
        "pg_timezone_names",
        &[&[]],
        Returns::Table(&[
            ("name", PgType::TEXT),
            ("abbrev", PgType::TEXT),
            ("utc_offset", PgType::INTERVAL),
            ("is_dst", PgType::BOOL),
        ]),
        |_, _| Ok(Cell::List(names().into_iter().map(|zone| Cell::List(zone.into())).collect())),
    ),
    giving(
        "pg_timezone_abbrevs",
        &[&[]],
        Returns::Table(&[
            ("abbrev", PgType::TEXT),
            ("utc_offset", PgType::INTERVAL),
            ("is_dst", PgType::BOOL),
        ]),
        |_, _| Ok(Cell::List(abbreviations().into_iter().map(|zone| Cell::List(zone.into())).collect())),
    ),
];

const MICROS: i64 = 1_000_000;

/// Name, abbreviation, displacement and whether it is summer there, as of now.
pub(crate) fn names() -> Vec<[Cell<'static>; 4]> {
    let now = Utc::now().naive_utc();
    let zone = |zone: &chrono_tz::Tz| {
        let offset = zone.offset_from_utc_datetime(&now);
        [
            zone.name().into(),
            offset.abbreviation().unwrap_or_default().to_owned().into(),
            Cell::Int(i64::from(offset.fix().local_minus_utc()) * MICROS),
            (!offset.dst_offset().is_zero()).into(),
        ]
    };
    TZ_VARIANTS.iter().map(zone).collect()
}

/// Abbreviation, displacement and whether it is one of summer.
pub(crate) fn abbreviations() -> Vec<[Cell<'static>; 3]> {
    let zone = |row: Vec<&'static str>| {
        let seconds: i64 = row.get(1).and_then(|seconds| seconds.parse().ok()).unwrap_or(0);
        [row[0].into(), Cell::Int(seconds * MICROS), row.get(2).is_some_and(|flag| *flag == "t").into()]
    };
    rows(TIMEZONE_ABBREVS).map(zone).collect()
}
