//! The clock as it runs, `date_bin`, OVERLAPS, and values that are new each time: `gen_random_uuid`.

use chrono::{TimeZone, Utc};
use lakeport_base::SqlState;

use super::clock::{is_infinite, out_of_range};
use super::defined::{Definition, immutable, taking, volatile};
use crate::error::{Error, Result};
use crate::types::PgType;
use crate::value::calendar::DAY_US;
use crate::value::read::Value;
use crate::value::{Interval, Style};

const STAMP: PgType = PgType::TIMESTAMP;
const ZONED: PgType = PgType::TIMESTAMPTZ;

pub(super) const FUNCTIONS: &[Definition] = &[
    volatile(
        "clock_timestamp",
        &[taking(&[], ZONED, |_, _| Ok(Some(Value::Timestamp(Utc::now().timestamp_micros()))))],
    ),
    volatile("timeofday", &[taking(&[], PgType::TEXT, timeofday)]),
    volatile("gen_random_uuid", &[taking(&[], PgType::UUID, random_uuid)]),
    immutable(
        "date_bin",
        &[
            taking(&[PgType::INTERVAL, STAMP, STAMP], STAMP, date_bin),
            taking(&[PgType::INTERVAL, ZONED, ZONED], ZONED, date_bin),
        ],
    ),
    immutable(
        "overlaps",
        &[
            taking(&[STAMP, STAMP, STAMP, STAMP], PgType::BOOL, overlaps),
            taking(&[ZONED, ZONED, ZONED, ZONED], PgType::BOOL, overlaps),
            taking(&[PgType::TIME, PgType::TIME, PgType::TIME, PgType::TIME], PgType::BOOL, overlaps),
        ],
    ),
];

/// The time of day as the system's clock writes it.
fn timeofday(_values: &[Value], style: &Style) -> Result<Option<Value>> {
    let now = style.zone.from_utc_datetime(&Utc::now().naive_utc());
    Ok(Some(Value::Text(now.format("%a %b %d %H:%M:%S%.6f %Y %Z").to_string())))
}

/// A version 4 UUID. RFC 9562, section 5.4
fn random_uuid(_values: &[Value], _style: &Style) -> Result<Option<Value>> {
    let mut bytes = [0; 16];
    getrandom::fill(&mut bytes)
        .map_err(|_| Error::new(SqlState::SYSTEM_ERROR, "could not generate random values"))?;
    bytes[6] = bytes[6] & 0x0f | 0x40;
    bytes[8] = bytes[8] & 0x3f | 0x80;
    Ok(Some(Value::Uuid(bytes)))
}

/// The begin of the bin that a timestamp is in.
///
/// Source: `timestamp_bin` in PostgreSQL's `timestamp.c`.
fn date_bin(values: &[Value], _style: &Style) -> Result<Option<Value>> {
    let [Value::Interval(stride), Value::Timestamp(value), Value::Timestamp(origin)] = values else {
        return Ok(None);
    };
    if is_infinite(*value) {
        return Ok(Some(Value::Timestamp(*value)));
    }
    if is_infinite(*origin) {
        return Err(Error::new(SqlState::DATETIME_FIELD_OVERFLOW, "origin out of range"));
    }
    let Interval { months, days, micros } = *stride;
    if months != 0 {
        let message = "timestamps cannot be binned into intervals containing months or years";
        return Err(Error::unsupported(message));
    }
    let width = i64::from(days).checked_mul(DAY_US).and_then(|days| days.checked_add(micros));
    let width = width.ok_or_else(|| out_of_range("interval"))?;
    if width <= 0 {
        let message = "stride must be greater than zero";
        return Err(Error::new(SqlState::DATETIME_FIELD_OVERFLOW, message));
    }
    let distance = value.checked_sub(*origin).ok_or_else(|| out_of_range("interval"))?;
    let begin = value.checked_sub(distance.rem_euclid(width)).ok_or_else(|| out_of_range("timestamp"))?;
    Ok(Some(Value::Timestamp(begin)))
}

/// Whether two spans of time have a moment in common. The ends of a span may stand either way round.
fn overlaps(values: &[Value], _style: &Style) -> Result<Option<Value>> {
    let mut moments = [0; 4];
    for (moment, value) in moments.iter_mut().zip(values) {
        *moment = match value {
            Value::Timestamp(micros) | Value::Time(micros) => *micros,
            _ => return Ok(None),
        };
    }
    let [from, to, other_from, other_to] = moments;
    let (from, to) = (from.min(to), from.max(to));
    let (other_from, other_to) = (other_from.min(other_to), other_from.max(other_to));
    let overlap = match from.cmp(&other_from) {
        std::cmp::Ordering::Greater => from < other_to,
        std::cmp::Ordering::Less => other_from < to,
        std::cmp::Ordering::Equal => true,
    };
    Ok(Some(Value::Bool(overlap)))
}
