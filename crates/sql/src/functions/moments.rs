//! `age`, `date_trunc`, `timezone`, `justify_…` and `make_…`: PostgreSQL's functions of dates and times.

use std::sync::Arc;

use chrono_tz::{TZ_VARIANTS, Tz};
use datafusion::logical_expr::ScalarUDF;
use lakeport_base::SqlState;

use super::clock::{
    age, is_infinite, justified, justified_days, justified_hours, local, moment, out_of_range, table,
    truncated, truncated_interval,
};
use super::defined::{Definition, immutable, stable, taking};
use super::transactions::age_of_number;
use super::units::Unit;
use crate::error::{Error, Result};
use crate::types::PgType;
use crate::value::calendar::{DAY_US, Day, EPOCH_US, days_in_month, days_of};
use crate::value::read::{Value, abbreviation};
use crate::value::{Interval, IntervalFields, Style};

const FLOAT: PgType = PgType::FLOAT8;
const INT: PgType = PgType::INT4;
const INTERVAL: PgType = PgType::INTERVAL;
const TEXT: PgType = PgType::TEXT;
const STAMP: PgType = PgType::TIMESTAMP;
const ZONED: PgType = PgType::TIMESTAMPTZ;

pub(super) const FUNCTIONS: &[Definition] = &[
    stable(
        "age",
        &[
            taking(&[STAMP, STAMP], INTERVAL, age_of_locals),
            taking(&[ZONED, ZONED], INTERVAL, age_of_moments),
            taking(&[STAMP, PgType::XID], INT, |values, style| age_of_number(&values[1..], style)),
        ],
    ),
    immutable(
        "justify_hours",
        &[taking(&[INTERVAL], INTERVAL, |values, _| changed(values, justified_hours))],
    ),
    immutable(
        "interval",
        &[taking(&[INTERVAL, INT], INTERVAL, |values, _| match values {
            [Value::Interval(interval), Value::Int4(typmod)] => {
                Ok(Some(Value::Interval(IntervalFields::of_typmod(*typmod).kept(*interval))))
            }
            _ => Ok(None),
        })],
    ),
    immutable("justify_days", &[taking(&[INTERVAL], INTERVAL, |values, _| changed(values, justified_days))]),
    immutable("justify_interval", &[taking(&[INTERVAL], INTERVAL, |values, _| changed(values, justified))]),
    stable(
        "date_trunc",
        &[
            taking(&[TEXT, ZONED], ZONED, |values, style| truncated_moment(values, Place::Zone(style.zone))),
            taking(&[TEXT, STAMP], STAMP, truncated_local),
            taking(&[TEXT, INTERVAL], INTERVAL, truncated_length),
            taking(&[TEXT, ZONED, TEXT], ZONED, |values, _| match values {
                [_, _, Value::Text(zone)] => truncated_moment(values, place(zone)?),
                _ => Ok(None),
            }),
        ],
    ),
    immutable(
        "timezone",
        &[
            taking(&[TEXT, ZONED], STAMP, |values, _| moved(values, Place::local)),
            taking(&[INTERVAL, ZONED], STAMP, |values, _| moved(values, Place::local)),
            taking(&[TEXT, STAMP], ZONED, |values, _| moved(values, Place::moment)),
            taking(&[INTERVAL, STAMP], ZONED, |values, _| moved(values, Place::moment)),
        ],
    ),
    stable(
        "timestamp",
        &[
            taking(&[ZONED], STAMP, |values, style| in_session(values, style, Place::local)),
            taking(&[STAMP, INT], STAMP, rounded),
        ],
    ),
    stable(
        "timestamptz",
        &[
            taking(&[STAMP], ZONED, |values, style| in_session(values, style, Place::moment)),
            taking(&[ZONED, INT], ZONED, rounded),
        ],
    ),
    immutable("time", &[taking(&[PgType::TIME, INT], PgType::TIME, rounded)]),
    immutable(
        "isfinite",
        &[
            taking(&[PgType::DATE], PgType::BOOL, is_finite),
            taking(&[STAMP], PgType::BOOL, is_finite),
            taking(&[ZONED], PgType::BOOL, is_finite),
            taking(&[INTERVAL], PgType::BOOL, is_finite),
        ],
    ),
    immutable("make_date", &[taking(&[INT, INT, INT], PgType::DATE, make_date)]),
    immutable("make_time", &[taking(&[INT, INT, FLOAT], PgType::TIME, make_time)]),
    immutable(
        "make_timestamp",
        &[taking(&[INT, INT, INT, INT, INT, FLOAT], STAMP, |values, _| {
            Ok(Some(Value::Timestamp(made_timestamp(values)?)))
        })],
    ),
    stable(
        "make_timestamptz",
        &[
            taking(&[INT, INT, INT, INT, INT, FLOAT], ZONED, |values, style| {
                Ok(Some(Value::Timestamp(Place::Zone(style.zone).moment(made_timestamp(values)?))))
            }),
            taking(&[INT, INT, INT, INT, INT, FLOAT, TEXT], ZONED, |values, _| match values {
                [.., Value::Text(zone)] => {
                    Ok(Some(Value::Timestamp(place(zone)?.moment(made_timestamp(values)?))))
                }
                _ => Ok(None),
            }),
        ],
    ),
    // Years, months, weeks, days, hours, minutes and seconds; `spell` fills in those left out.
    immutable("make_interval", &[taking(&[INT, INT, INT, INT, INT, INT, FLOAT], INTERVAL, make_interval)]),
];

fn age_of_locals(values: &[Value], _style: &Style) -> Result<Option<Value>> {
    match values {
        [Value::Timestamp(later), Value::Timestamp(earlier)] => between(*later, *earlier),
        _ => Ok(None),
    }
}

fn age_of_moments(values: &[Value], style: &Style) -> Result<Option<Value>> {
    let zone = Place::Zone(style.zone);
    match values {
        [Value::Timestamp(later), Value::Timestamp(earlier)] => {
            between(zone.local(*later), zone.local(*earlier))
        }
        _ => Ok(None),
    }
}

fn between(later: i64, earlier: i64) -> Result<Option<Value>> {
    if is_infinite(later) || is_infinite(earlier) {
        return Err(out_of_range("interval"));
    }
    Ok(Some(Value::Interval(age(later, earlier))))
}

fn changed(values: &[Value], change: impl Fn(Interval) -> Result<Interval>) -> Result<Option<Value>> {
    match values {
        [Value::Interval(interval)] => Ok(Some(Value::Interval(change(*interval)?))),
        _ => Ok(None),
    }
}

/// The unit that is asked for, or the refusal of another.
fn unit<T>(name: &str, type_name: &str, cut: impl Fn(Unit) -> Option<T>) -> Result<T> {
    let Some(unit) = Unit::named(name).filter(|unit| *unit != Unit::Epoch) else {
        let message = format!("unit \"{}\" not recognized for type {type_name}", name.to_ascii_lowercase());
        return Err(Error::new(SqlState::INVALID_PARAMETER_VALUE, message));
    };
    cut(unit).ok_or_else(|| {
        Error::unsupported(format!(
            "unit \"{}\" not supported for type {type_name}",
            name.to_ascii_lowercase()
        ))
    })
}

fn truncated_local(values: &[Value], _style: &Style) -> Result<Option<Value>> {
    let [Value::Text(name), Value::Timestamp(micros)] = values else { return Ok(None) };
    let cut = unit(name, "timestamp without time zone", |unit| truncated(*micros, unit))?;
    Ok(Some(Value::Timestamp(cut)))
}

fn truncated_moment(values: &[Value], place: Place) -> Result<Option<Value>> {
    let [Value::Text(name), Value::Timestamp(micros), ..] = values else { return Ok(None) };
    let local = place.local(*micros);
    let cut = unit(name, "timestamp with time zone", |unit| {
        let cut = truncated(local, unit)?;
        // Hours and less are cut where the clock stands, also when it is set back in that hour.
        let is_short =
            matches!(unit, Unit::Microsecond | Unit::Millisecond | Unit::Second | Unit::Minute | Unit::Hour);
        Some(if is_short { cut - (local - micros) } else { place.moment(cut) })
    })?;
    Ok(Some(Value::Timestamp(cut)))
}

fn truncated_length(values: &[Value], _style: &Style) -> Result<Option<Value>> {
    let [Value::Text(name), Value::Interval(interval)] = values else { return Ok(None) };
    Ok(Some(Value::Interval(unit(name, "interval", |unit| truncated_interval(*interval, unit))?)))
}

/// Where a clock stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Place {
    Zone(Tz),
    /// Seconds east of UTC.
    East(i64),
}

impl Place {
    fn local(self, micros: i64) -> i64 {
        match self {
            _ if is_infinite(micros) => micros,
            Place::Zone(zone) => local(micros, &table(zone)),
            Place::East(seconds) => micros + seconds * 1_000_000,
        }
    }

    fn moment(self, micros: i64) -> i64 {
        match self {
            _ if is_infinite(micros) => micros,
            Place::Zone(zone) => moment(micros, &table(zone)),
            Place::East(seconds) => micros - seconds * 1_000_000,
        }
    }
}

/// The place that a text names: a zone, its abbreviation, or hours west of Greenwich as POSIX writes them.
fn place(name: &str) -> Result<Place> {
    let unknown =
        || Error::new(SqlState::INVALID_PARAMETER_VALUE, format!("time zone \"{name}\" not recognized"));
    let lower = name.trim().to_ascii_lowercase();
    if let Some(seconds) = abbreviation(&lower) {
        return Ok(Place::East(i64::from(seconds)));
    }
    if let Some(zone) = TZ_VARIANTS.iter().find(|zone| zone.name().eq_ignore_ascii_case(&lower)) {
        return Ok(Place::Zone(*zone));
    }
    let (sign, digits) = match lower.strip_prefix('-') {
        Some(digits) => (1, digits),
        None => (-1, lower.strip_prefix('+').unwrap_or(&lower)),
    };
    let mut seconds = 0;
    for (part, unit) in digits.split(':').zip([3_600, 60, 1]) {
        seconds += part.parse::<u16>().map(i64::from).map_err(|_| unknown())? * unit;
    }
    // A displacement has less than a week of hours; PostgreSQL's own bound.
    if digits.split(':').count() > 3 || seconds >= 168 * 3_600 {
        return Err(unknown());
    }
    Ok(Place::East(sign * seconds))
}

fn moved(values: &[Value], to: impl Fn(Place, i64) -> i64) -> Result<Option<Value>> {
    let (place, micros) = match values {
        [Value::Text(name), Value::Timestamp(micros)] => (place(name)?, micros),
        [Value::Interval(east), Value::Timestamp(micros)] if east.months == 0 && east.days == 0 => {
            (Place::East(east.micros / 1_000_000), micros)
        }
        [Value::Interval(_), _] => {
            let message = "interval time zone must not include months or days";
            return Err(Error::new(SqlState::INVALID_PARAMETER_VALUE, message));
        }
        _ => return Ok(None),
    };
    Ok(Some(Value::Timestamp(to(place, *micros))))
}

/// A time with so many digits of a second. `AdjustTimestampForTypmod`
fn rounded(values: &[Value], _style: &Style) -> Result<Option<Value>> {
    let [value, Value::Int4(digits)] = values else { return Ok(None) };
    let unit = 10_i64.pow(6 - digits.clamp(&0, &6).unsigned_abs());
    let nearest = |micros: i64| match micros < 0 {
        true => -((-micros + unit / 2) / unit * unit),
        false => (micros + unit / 2) / unit * unit,
    };
    Ok(match value {
        Value::Timestamp(micros) if is_infinite(*micros) => Some(Value::Timestamp(*micros)),
        // PostgreSQL rounds what it counts from the year 2000.
        Value::Timestamp(micros) => Some(Value::Timestamp(nearest(micros - EPOCH_US) + EPOCH_US)),
        Value::Time(micros) => Some(Value::Time(nearest(*micros))),
        _ => None,
    })
}

fn is_finite(values: &[Value], _style: &Style) -> Result<Option<Value>> {
    Ok(Some(Value::Bool(match values {
        [Value::Date(days)] => *days != i32::MAX && *days != i32::MIN,
        [Value::Timestamp(micros)] => !is_infinite(*micros),
        _ => true,
    })))
}

/// The function that rounds times of this type, or takes fields of intervals away; none where there is none.
pub(crate) fn rounding(pg_type: PgType) -> Option<Arc<ScalarUDF>> {
    [PgType::TIME, STAMP, ZONED, INTERVAL].contains(&pg_type).then(|| named(pg_type.name))
}

/// What a clock of the session's zone shows at a moment.
pub(crate) fn session_local() -> Arc<ScalarUDF> {
    named("timestamp")
}

/// The moment when a clock of the session's zone shows this.
pub(crate) fn session_moment() -> Arc<ScalarUDF> {
    named("timestamptz")
}

fn named(name: &str) -> Arc<ScalarUDF> {
    let definition = FUNCTIONS.iter().find(|definition| definition.name() == name);
    definition.expect("these are functions of the table above").function()
}

fn in_session(values: &[Value], style: &Style, to: impl Fn(Place, i64) -> i64) -> Result<Option<Value>> {
    let [Value::Timestamp(micros)] = values else { return Ok(None) };
    Ok(Some(Value::Timestamp(to(Place::Zone(style.zone), *micros))))
}

fn make_date(values: &[Value], _style: &Style) -> Result<Option<Value>> {
    let [Value::Int4(year), Value::Int4(month), Value::Int4(day)] = values else { return Ok(None) };
    Ok(Some(Value::Date(made_days(*year, *month, *day)? as i32)))
}

fn make_time(values: &[Value], _style: &Style) -> Result<Option<Value>> {
    let [Value::Int4(hour), Value::Int4(minute), Value::Float8(second)] = values else { return Ok(None) };
    Ok(Some(Value::Time(made_clock(*hour, *minute, *second)?)))
}

/// The last year of PostgreSQL's dates.
const YEAR_MAX: i32 = 5_874_897;

fn made_days(year: i32, month: i32, day: i32) -> Result<i64> {
    let refused = || {
        let message = format!("date field value out of range: {year}-{month:02}-{day:02}");
        Error::new(SqlState::DATETIME_FIELD_OVERFLOW, message)
    };
    if year == 0 || !(-4713..=YEAR_MAX).contains(&year) || !(1..=12).contains(&month) {
        return Err(refused());
    }
    // There is no year 0: -1 is the one before year 1.
    let counted = i64::from(if year < 0 { year + 1 } else { year });
    let (month, day) = (month as u32, u32::try_from(day).map_err(|_| refused())?);
    if day == 0 || day > days_in_month(counted, month) {
        return Err(refused());
    }
    Ok(days_of(Day { year: counted, month, day }))
}

fn made_clock(hour: i32, minute: i32, second: f64) -> Result<i64> {
    let micros = (second * 1e6).round_ties_even();
    let is_day =
        (0..24).contains(&hour) && (0..60).contains(&minute) && (0.0..=60_000_000.0).contains(&micros);
    let is_midnight = hour == 24 && minute == 0 && micros == 0.0;
    if !is_day && !is_midnight {
        let message = format!("time field value out of range: {hour}:{minute:02}:{second:02}");
        return Err(Error::new(SqlState::DATETIME_FIELD_OVERFLOW, message));
    }
    Ok((i64::from(hour) * 60 + i64::from(minute)) * 60_000_000 + micros as i64)
}

fn made_timestamp(values: &[Value]) -> Result<i64> {
    let [
        Value::Int4(year),
        Value::Int4(month),
        Value::Int4(day),
        Value::Int4(hour),
        Value::Int4(minute),
        Value::Float8(second),
        ..,
    ] = values
    else {
        return Err(out_of_range("timestamp"));
    };
    let (days, clock) = (made_days(*year, *month, *day)?, made_clock(*hour, *minute, *second)?);
    days.checked_mul(DAY_US)
        .and_then(|start| start.checked_add(clock))
        .ok_or_else(|| out_of_range("timestamp"))
}

fn make_interval(values: &[Value], _style: &Style) -> Result<Option<Value>> {
    let number = |index: usize| match values.get(index) {
        Some(Value::Int4(number)) => i64::from(*number),
        _ => 0,
    };
    let second = match values.get(6) {
        Some(Value::Float8(second)) => *second,
        _ => 0.0,
    };
    let too_large = || out_of_range("interval");
    // Seconds beyond 2^63 microseconds, and NaN, fit no interval.
    let micros = (second * 1e6).round_ties_even();
    if micros.is_nan() || micros.abs() >= 2f64.powi(63) {
        return Err(too_large());
    }
    Ok(Some(Value::Interval(Interval {
        months: i32::try_from(number(0) * 12 + number(1)).map_err(|_| too_large())?,
        days: i32::try_from(number(2) * 7 + number(3)).map_err(|_| too_large())?,
        micros: (number(4) * 3_600_000_000 + number(5) * 60_000_000)
            .checked_add(micros as i64)
            .ok_or_else(too_large)?,
    })))
}
