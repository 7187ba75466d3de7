//! Moments taken apart and put together: what arithmetic with dates, timestamps and intervals is made of.
//!
//! Source: PostgreSQL's `timestamp.c`; each function names the one whose rules it follows.

use std::sync::Arc;

use chrono_tz::Tz;
use lakeport_base::SqlState;

use crate::error::{Error, Result};
use crate::value::Interval;
use crate::value::calendar::{DAY_US, Day, day_of, days_in_month, days_of, weekday};
use crate::value::zone::{Last, Zone};

use super::units::Unit;

/// Days of a month of an interval.
const MONTH_DAYS: i32 = 30;

/// Whether a timestamp is one of the two infinities.
pub(super) fn is_infinite(micros: i64) -> bool {
    micros == i64::MAX || micros == i64::MIN
}

pub(super) fn out_of_range(what: &str) -> Error {
    Error::new(SqlState::DATETIME_FIELD_OVERFLOW, format!("{what} out of range"))
}

/// What a clock of a zone shows at a moment. `DetermineTimeZoneOffset` is the way back.
pub(super) fn local(micros: i64, zone: &Zone) -> i64 {
    micros + i64::from(zone.at(micros.div_euclid(1_000_000), &Last::default()).offset) * 1_000_000
}

/// The moment when a clock of a zone shows this.
pub(super) fn moment(local: i64, zone: &Zone) -> i64 {
    local - i64::from(zone.offset_of_local(local.div_euclid(1_000_000))) * 1_000_000
}

/// The table of a zone.
pub(super) fn table(zone: Tz) -> Arc<Zone> {
    Zone::of(zone)
}

/// A timestamp and an interval: months first, then days, then the clock. `timestamp_pl_interval`
pub(super) fn plus(micros: i64, interval: Interval) -> Result<i64> {
    if is_infinite(micros) {
        return Ok(micros);
    }
    plus_days(micros, interval)?
        .checked_add(interval.micros)
        .filter(|micros| !is_infinite(*micros))
        .ok_or_else(|| out_of_range("timestamp"))
}

/// The same by the calendar of a zone, for a timestamp with time zone. `timestamptz_pl_interval`
pub(super) fn plus_in_zone(micros: i64, interval: Interval, zone: Tz) -> Result<i64> {
    if is_infinite(micros) {
        return Ok(micros);
    }
    let mut moved = micros;
    if interval.months != 0 || interval.days != 0 {
        let zone = table(zone);
        moved = moment(plus_days(local(micros, &zone), interval)?, &zone);
    }
    moved
        .checked_add(interval.micros)
        .filter(|micros| !is_infinite(*micros))
        .ok_or_else(|| out_of_range("timestamp"))
}

fn plus_days(micros: i64, interval: Interval) -> Result<i64> {
    let (days, clock) = (micros.div_euclid(DAY_US), micros.rem_euclid(DAY_US));
    let days = plus_months(days, interval.months) + i64::from(interval.days);
    days.checked_mul(DAY_US)
        .and_then(|start| start.checked_add(clock))
        .ok_or_else(|| out_of_range("timestamp"))
}

/// A day so many months later; the last of its month where that is shorter.
fn plus_months(days: i64, months: i32) -> i64 {
    if months == 0 {
        return days;
    }
    let Day { year, month, day } = day_of(days);
    let months = year * 12 + i64::from(month) - 1 + i64::from(months);
    let (year, month) = (months.div_euclid(12), months.rem_euclid(12) as u32 + 1);
    days_of(Day { year, month, day: day.min(days_in_month(year, month)) })
}

pub(super) fn negated(interval: Interval) -> Result<Interval> {
    let negated = (interval.months.checked_neg(), interval.days.checked_neg(), interval.micros.checked_neg());
    match negated {
        (Some(months), Some(days), Some(micros)) => Ok(Interval { months, days, micros }),
        _ => Err(out_of_range("interval")),
    }
}

/// `interval_pl`
pub(super) fn sum(left: Interval, right: Interval) -> Result<Interval> {
    let sums = (
        left.months.checked_add(right.months),
        left.days.checked_add(right.days),
        left.micros.checked_add(right.micros),
    );
    match sums {
        (Some(months), Some(days), Some(micros)) => Ok(Interval { months, days, micros }),
        _ => Err(out_of_range("interval")),
    }
}

/// An interval so many times; what is left of months becomes days, and of days hours. `interval_mul`
pub(super) fn scaled(interval: Interval, by: impl Fn(f64) -> f64) -> Result<Interval> {
    const DAY_SECONDS: f64 = 86_400.0;
    let rounded = |number: f64| (number * 1e6).round_ties_even() / 1e6;
    let whole = |number: f64| {
        let fits = number >= f64::from(i32::MIN) && number <= f64::from(i32::MAX);
        if fits { Ok(number as i32) } else { Err(out_of_range("interval")) }
    };
    let (exact_months, exact_days) = (by(f64::from(interval.months)), by(f64::from(interval.days)));
    let (months, mut days) = (whole(exact_months)?, whole(exact_days)?);
    let days_of_months = rounded((exact_months - f64::from(months)) * f64::from(MONTH_DAYS));
    let mut seconds =
        rounded((exact_days - f64::from(days) + days_of_months - days_of_months.trunc()) * DAY_SECONDS);
    if seconds.abs() >= DAY_SECONDS {
        let more = (seconds / DAY_SECONDS).trunc();
        days = days.checked_add(more as i32).ok_or_else(|| out_of_range("interval"))?;
        seconds -= more * DAY_SECONDS;
    }
    let days = days.checked_add(days_of_months as i32).ok_or_else(|| out_of_range("interval"))?;
    let micros = (by(interval.micros as f64) + seconds * 1e6).round_ties_even();
    // The first float above every i64 is 2^63; NaN compares false.
    if !(micros >= -(2f64.powi(63)) && micros < 2f64.powi(63)) {
        return Err(out_of_range("interval"));
    }
    Ok(Interval { months, days, micros: micros as i64 })
}

/// Hours of whole days become days. `interval_justify_hours`
pub(super) fn justified_hours(interval: Interval) -> Result<Interval> {
    let more = i32::try_from(interval.micros / DAY_US).map_err(|_| out_of_range("interval"))?;
    let mut micros = interval.micros % DAY_US;
    let mut days = interval.days.checked_add(more).ok_or_else(|| out_of_range("interval"))?;
    if days > 0 && micros < 0 {
        (days, micros) = (days - 1, micros + DAY_US);
    } else if days < 0 && micros > 0 {
        (days, micros) = (days + 1, micros - DAY_US);
    }
    Ok(Interval { months: interval.months, days, micros })
}

/// Thirty days become a month. `interval_justify_days`
pub(super) fn justified_days(interval: Interval) -> Result<Interval> {
    let mut days = interval.days % MONTH_DAYS;
    let mut months =
        interval.months.checked_add(interval.days / MONTH_DAYS).ok_or_else(|| out_of_range("interval"))?;
    if months > 0 && days < 0 {
        (months, days) = (months - 1, days + MONTH_DAYS);
    } else if months < 0 && days > 0 {
        (months, days) = (months + 1, days - MONTH_DAYS);
    }
    Ok(Interval { months, days, micros: interval.micros })
}

/// Both, with one sign for all parts. `interval_justify_interval`
pub(super) fn justified(interval: Interval) -> Result<Interval> {
    let more = i32::try_from(interval.micros / DAY_US).map_err(|_| out_of_range("interval"))?;
    let mut micros = interval.micros % DAY_US;
    let mut days = interval.days.checked_add(more).ok_or_else(|| out_of_range("interval"))?;
    let mut months =
        interval.months.checked_add(days / MONTH_DAYS).ok_or_else(|| out_of_range("interval"))?;
    days %= MONTH_DAYS;
    if months > 0 && (days < 0 || (days == 0 && micros < 0)) {
        (months, days) = (months - 1, days + MONTH_DAYS);
    } else if months < 0 && (days > 0 || (days == 0 && micros > 0)) {
        (months, days) = (months + 1, days - MONTH_DAYS);
    }
    if days > 0 && micros < 0 {
        (days, micros) = (days - 1, micros + DAY_US);
    } else if days < 0 && micros > 0 {
        (days, micros) = (days + 1, micros - DAY_US);
    }
    Ok(Interval { months, days, micros })
}

/// The time between two local timestamps in years, months and days. `timestamp_age`
pub(super) fn age(later: i64, earlier: i64) -> Interval {
    let is_negative = later < earlier;
    let (high, low) = if is_negative { (earlier, later) } else { (later, earlier) };
    let (high_day, low_day) = (day_of(high.div_euclid(DAY_US)), day_of(low.div_euclid(DAY_US)));
    let mut micros = high.rem_euclid(DAY_US) - low.rem_euclid(DAY_US);
    let mut days = i64::from(high_day.day) - i64::from(low_day.day);
    let mut months =
        (high_day.year - low_day.year) * 12 + i64::from(high_day.month) - i64::from(low_day.month);
    if micros < 0 {
        (micros, days) = (micros + DAY_US, days - 1);
    }
    while days < 0 {
        // Days are borrowed from the month of the earlier timestamp.
        (days, months) = (days + i64::from(days_in_month(low_day.year, low_day.month)), months - 1);
    }
    let sign = if is_negative { -1 } else { 1 };
    Interval { months: sign * months as i32, days: sign * days as i32, micros: i64::from(sign) * micros }
}

/// A local timestamp cut to a unit; none for a unit that cuts nothing. `timestamp_trunc`
pub(super) fn truncated(micros: i64, unit: Unit) -> Option<i64> {
    if is_infinite(micros) {
        return Some(micros);
    }
    let within = |length: i64| Some(micros - micros.rem_euclid(length));
    let days = micros.div_euclid(DAY_US);
    let Day { year, month, .. } = day_of(days);
    let start = |year: i64, month: u32| Some(days_of(Day { year, month, day: 1 }) * DAY_US);
    // The year 1 begins the first century; before it, ages count from the year 0, which is 1 BC.
    let ages = |length: i64| {
        if year > 0 {
            (year + length - 1) / length * length - (length - 1)
        } else {
            -((length - 1 - (year - 1)) / length) * length + 1
        }
    };
    match unit {
        Unit::Microsecond => Some(micros),
        Unit::Millisecond => within(1_000),
        Unit::Second => within(1_000_000),
        Unit::Minute => within(60_000_000),
        Unit::Hour => within(3_600_000_000),
        Unit::Day => Some(days * DAY_US),
        Unit::Week => Some((days - (weekday(days) as i64 + 6) % 7) * DAY_US),
        Unit::Month => start(year, month),
        Unit::Quarter => start(year, (month - 1) / 3 * 3 + 1),
        Unit::Year => start(year, 1),
        Unit::Decade => start(if year > 0 { year / 10 * 10 } else { -((8 - (year - 1)) / 10) * 10 }, 1),
        Unit::Century => start(ages(100), 1),
        Unit::Millennium => start(ages(1000), 1),
        _ => None,
    }
}

/// An interval cut to a unit. `interval_trunc`
pub(super) fn truncated_interval(interval: Interval, unit: Unit) -> Option<Interval> {
    let months =
        |length: i32| Some(Interval { months: interval.months / length * length, days: 0, micros: 0 });
    let clock = |length: i64| Some(Interval { micros: interval.micros / length * length, ..interval });
    match unit {
        Unit::Microsecond => Some(interval),
        Unit::Millisecond => clock(1_000),
        Unit::Second => clock(1_000_000),
        Unit::Minute => clock(60_000_000),
        Unit::Hour => clock(3_600_000_000),
        Unit::Day => Some(Interval { micros: 0, ..interval }),
        Unit::Month => months(1),
        Unit::Quarter => months(3),
        Unit::Year => months(12),
        Unit::Decade => months(120),
        Unit::Century => months(1_200),
        Unit::Millennium => months(12_000),
        _ => None,
    }
}
