//! Dates, times and timestamps as PostgreSQL writes them, in all its date styles.
//!
//! Source: `EncodeDateOnly`, `EncodeTimeOnly` and `EncodeDateTime` in PostgreSQL's `datetime.c`.

use arrow::datatypes::TimeUnit;

use super::calendar::{DAY_US, Day, EPOCH_DAYS, EPOCH_US, MONTHS, WEEKDAYS, day_of, weekday};
use super::digits::{pair, write_padded};
use super::error::Error;
use super::style::{DateOrder, DateStyle};
use super::word::Word;
use super::zone::{Last, Local, Zone};

/// The first day PostgreSQL has, 4714-11-24 BC, in days since 1970.
const FIRST_DAY: i32 = -2_451_545 + EPOCH_DAYS;

/// The day after the last one it has, 5874898-01-01, in days since 1970.
const END_DAY: i32 = 2_145_031_949 + EPOCH_DAYS;

/// The first moment it has, in microseconds since 1970.
const FIRST_MICRO: i64 = -211_813_488_000_000_000 + EPOCH_US;

const DAY_SECONDS: u64 = (DAY_US / 1_000_000) as u64;

/// The half of the session's style that dates depend on.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Dates {
    pub(crate) style: DateStyle,
    pub(crate) order: DateOrder,
}

/// A day in days since 1970, as PostgreSQL's date; `i32::MAX` and `i32::MIN` are its infinities.
///
/// # Errors
///
/// [`Error::DateRange`] where PostgreSQL has no such day.
pub fn date_in_range(days: i32) -> Result<i32, Error> {
    if (FIRST_DAY..END_DAY).contains(&days) || days == i32::MAX || days == i32::MIN {
        return Ok(days);
    }
    Err(Error::DateRange { type_name: "date" })
}

/// The day of a number of milliseconds since 1970, rounded down.
///
/// # Errors
///
/// [`Error::DateRange`] where PostgreSQL has no such day.
pub fn date_of_millis(millis: i64) -> Result<i32, Error> {
    let days = match millis {
        i64::MAX => i32::MAX,
        i64::MIN => i32::MIN,
        _ => i32::try_from(millis.div_euclid(86_400_000))
            .map_err(|_| Error::DateRange { type_name: "date" })?,
    };
    date_in_range(days)
}

/// Microseconds since 1970 of a timestamp of any unit. `i64::MAX` and `i64::MIN` are the
/// infinities in every unit. Nanoseconds are rounded, half to even, as PostgreSQL rounds a text
/// with more than six digits.
///
/// # Errors
///
/// [`Error::DateRange`] where PostgreSQL has no such moment.
#[inline(always)]
pub fn timestamp_micros(value: i64, unit: TimeUnit) -> Result<i64, Error> {
    if value == i64::MAX || value == i64::MIN {
        return Ok(value);
    }
    let micros = match unit {
        TimeUnit::Second => value.checked_mul(1_000_000),
        TimeUnit::Millisecond => value.checked_mul(1_000),
        TimeUnit::Microsecond => Some(value),
        TimeUnit::Nanosecond => Some(micros_of_nanos(value)),
    };
    micros.filter(|micros| *micros >= FIRST_MICRO).ok_or(Error::DateRange { type_name: "timestamp" })
}

/// Microseconds of nanoseconds, half to even.
pub(crate) fn micros_of_nanos(nanos: i64) -> i64 {
    let micros = nanos.div_euclid(1_000);
    match nanos.rem_euclid(1_000) {
        0..500 => micros,
        500 => micros + (micros & 1),
        _ => micros + 1,
    }
}

/// Microseconds since midnight of a time of any unit, rounded half to even.
///
/// # Errors
///
/// [`Error::DateRange`] outside of 00:00:00 to 24:00:00.
pub fn time_micros(value: i64, unit: TimeUnit) -> Result<i64, Error> {
    let micros = match unit {
        TimeUnit::Second => value.checked_mul(1_000_000),
        TimeUnit::Millisecond => value.checked_mul(1_000),
        TimeUnit::Microsecond => Some(value),
        TimeUnit::Nanosecond => Some(micros_of_nanos(value)),
    };
    micros.filter(|micros| (0..=DAY_US).contains(micros)).ok_or(Error::DateRange { type_name: "time" })
}

/// A date in ISO 8601, where its year has four digits: nearly always.
#[inline(always)]
pub(crate) fn iso_date(days: i32) -> Option<Word> {
    Word::iso_date(day_of(i64::from(days)))
}

/// A timestamp in ISO 8601 on a clock so many seconds east, where its year has four digits: the date and a space,
/// and the time of day.
#[inline(always)]
pub(crate) fn iso_timestamp(micros: i64, offset: i32) -> Option<[Word; 2]> {
    /// From 0001-01-01 on.
    const DAYS_TO_1970: i64 = 719_162;
    /// From the day after: clocks are less than a day apart, and nothing is negative that is divided.
    const MICROS_TO_1970: i64 = (DAYS_TO_1970 - 1) * DAY_US;
    let since = micros.checked_add(MICROS_TO_1970).and_then(|since| u64::try_from(since).ok())?;
    let seconds = (since / 1_000_000).wrapping_add_signed(DAY_SECONDS.cast_signed() + i64::from(offset));
    let day = day_of((seconds / DAY_SECONDS).cast_signed() - DAYS_TO_1970);
    let clock = Word::clock((seconds % DAY_SECONDS) as u32);
    let date = Word::iso_date(day)?.then(Word::byte(b' '));
    Some([date, clock.then(Word::fraction((since % 1_000_000) as u32))])
}

/// `+01`, `-03:30`, `-07:52:58`
#[inline(always)]
pub(crate) fn iso_offset(offset: i32) -> Word {
    let seconds = offset.unsigned_abs();
    let length = if seconds.is_multiple_of(3600) {
        2
    } else if seconds.is_multiple_of(60) {
        5
    } else {
        8
    };
    Word::byte(if offset < 0 { b'-' } else { b'+' }).then(Word::clock(seconds).cut(length))
}

/// Writes a date that [`date_in_range`] has passed.
pub(crate) fn write_date(days: i32, dates: Dates, out: &mut Vec<u8>) {
    match days {
        i32::MAX => return out.extend_from_slice(b"infinity"),
        i32::MIN => return out.extend_from_slice(b"-infinity"),
        _ => {}
    }
    let day = day_of(i64::from(days));
    write_day(day, dates, out);
    write_era(day, out);
}

/// Writes a time of day.
pub(crate) fn write_time(micros: i64, out: &mut Vec<u8>) {
    let seconds = (micros / 1_000_000) as u32;
    out.extend_from_slice(&clock(seconds));
    Word::fraction((micros % 1_000_000) as u32).write(out);
}

/// Writes a timestamp without time zone that [`timestamp_micros`] has passed.
pub(crate) fn write_timestamp(micros: i64, dates: Dates, out: &mut Vec<u8>) {
    write_moment(micros, None, dates, out);
}

/// Writes a timestamp with time zone that [`timestamp_micros`] has passed, in a zone.
pub(crate) fn write_timestamptz(micros: i64, zone: &Zone, last: &Last, dates: Dates, out: &mut Vec<u8>) {
    let local = zone.at(micros.div_euclid(1_000_000), last);
    write_moment(micros, Some(local), dates, out);
}

/// Writes a timestamp as JSON has it: ISO 8601 with a `T`, and minutes in every offset.
pub(crate) fn write_json_timestamp(micros: i64, local: Option<Local<'_>>, out: &mut Vec<u8>) {
    let start = out.len();
    let dates = Dates { style: DateStyle::Iso, order: DateOrder::Ymd };
    let is_whole_hour = local.is_some_and(|local| local.offset % 3600 == 0);
    write_moment(micros, local, dates, out);
    if let Some(space) = memchr::memchr(b' ', &out[start..]) {
        out[start + space] = b'T';
        if is_whole_hour {
            let end = if out.ends_with(b" BC") { out.len() - 3 } else { out.len() };
            out.splice(end..end, *b":00");
        }
    }
}

fn write_moment(micros: i64, local: Option<Local<'_>>, dates: Dates, out: &mut Vec<u8>) {
    match micros {
        i64::MAX => return out.extend_from_slice(b"infinity"),
        i64::MIN => return out.extend_from_slice(b"-infinity"),
        _ => {}
    }
    // In seconds the offset can be added without overflow.
    let seconds = micros.div_euclid(1_000_000) + local.map_or(0, |local| i64::from(local.offset));
    let fraction = micros.rem_euclid(1_000_000) as u32;
    let days = seconds.div_euclid(86_400);
    let clock = clock(seconds.rem_euclid(86_400) as u32);
    let day = day_of(days);
    if dates.style == DateStyle::Postgres {
        write_postgres_style(days, day, &clock, fraction, dates.order, out);
    } else {
        write_day(day, dates, out);
        out.push(b' ');
        out.extend_from_slice(&clock);
        Word::fraction(fraction).write(out);
    }
    if let Some(local) = local {
        if dates.style == DateStyle::Iso {
            iso_offset(local.offset).write(out);
        } else {
            out.push(b' ');
            out.extend_from_slice(local.abbreviation.as_bytes());
        }
    }
    write_era(day, out);
}

/// `Wed Jan 31 04:05:06.7 2024`
fn write_postgres_style(
    days: i64,
    day: Day,
    clock: &[u8; 8],
    fraction: u32,
    order: DateOrder,
    out: &mut Vec<u8>,
) {
    out.extend_from_slice(WEEKDAYS[weekday(days)].as_bytes());
    out.push(b' ');
    let month = MONTHS[day.month as usize - 1].as_bytes();
    if order == DateOrder::Dmy {
        out.extend_from_slice(&pair(day.day));
        out.push(b' ');
        out.extend_from_slice(month);
    } else {
        out.extend_from_slice(month);
        out.push(b' ');
        out.extend_from_slice(&pair(day.day));
    }
    out.push(b' ');
    out.extend_from_slice(clock);
    Word::fraction(fraction).write(out);
    out.push(b' ');
    write_padded(year_in_era(day), 4, out);
}

fn write_day(day: Day, dates: Dates, out: &mut Vec<u8>) {
    let year = year_in_era(day);
    let [m, n] = pair(day.month);
    let [d, e] = pair(day.day);
    let (separator, day_first) = match dates.style {
        DateStyle::Iso => {
            if year < 10_000 {
                let ([a, b], [c, f]) = (pair(year as u32 / 100), pair(year as u32));
                return out.extend_from_slice(&[a, b, c, f, b'-', m, n, b'-', d, e]);
            }
            write_padded(year, 4, out);
            return out.extend_from_slice(&[b'-', m, n, b'-', d, e]);
        }
        DateStyle::German => (b'.', true),
        DateStyle::Sql => (b'/', dates.order == DateOrder::Dmy),
        DateStyle::Postgres => (b'-', dates.order == DateOrder::Dmy),
    };
    if day_first {
        out.extend_from_slice(&[d, e, separator, m, n, separator]);
    } else {
        out.extend_from_slice(&[m, n, separator, d, e, separator]);
    }
    write_padded(year, 4, out);
}

fn year_in_era(day: Day) -> u64 {
    if day.year > 0 { day.year.unsigned_abs() } else { (1 - day.year).unsigned_abs() }
}

fn write_era(day: Day, out: &mut Vec<u8>) {
    if day.year <= 0 {
        out.extend_from_slice(b" BC");
    }
}

/// `04:05:06`, of seconds since midnight.
fn clock(seconds: u32) -> [u8; 8] {
    let ([a, b], [c, d], [e, f]) = (pair(seconds / 3600), pair(seconds / 60 % 60), pair(seconds % 60));
    [a, b, b':', c, d, b':', e, f]
}

#[cfg(test)]
mod tests {
    use arrow::datatypes::TimeUnit;
    use chrono_tz::Tz;

    use super::{
        Dates, date_in_range, timestamp_micros, write_date, write_json_timestamp, write_time, write_timestamp,
    };
    use super::{Last, Zone, write_timestamptz};
    use crate::value::{DateOrder, DateStyle};

    const ISO: Dates = Dates { style: DateStyle::Iso, order: DateOrder::Mdy };

    fn written(write: impl FnOnce(&mut Vec<u8>)) -> String {
        let mut out = Vec::new();
        write(&mut out);
        String::from_utf8(out).unwrap()
    }

    #[test]
    fn dates_of_every_age_read_as_in_postgres() {
        for (days, expected) in [
            (0, "1970-01-01"),
            (19_753, "2024-01-31"),
            (-719_162, "0001-01-01"),
            (-719_163, "0001-12-31 BC"),
            (2_932_897, "10000-01-01"),
            (super::FIRST_DAY, "4714-11-24 BC"),
            (super::END_DAY - 1, "5874897-12-31"),
            (i32::MAX, "infinity"),
            (i32::MIN, "-infinity"),
        ] {
            assert_eq!(written(|out| write_date(date_in_range(days).unwrap(), ISO, out)), expected);
        }
        assert!(date_in_range(super::FIRST_DAY - 1).is_err());
        assert!(date_in_range(super::END_DAY).is_err());
    }

    #[test]
    fn each_date_style_has_its_order() {
        for (style, order, date, moment) in [
            (DateStyle::Iso, DateOrder::Dmy, "2024-01-31", "2024-01-31 04:05:06.7-08"),
            (DateStyle::Sql, DateOrder::Mdy, "01/31/2024", "01/31/2024 04:05:06.7 PST"),
            (DateStyle::Sql, DateOrder::Dmy, "31/01/2024", "31/01/2024 04:05:06.7 PST"),
            (DateStyle::Sql, DateOrder::Ymd, "01/31/2024", "01/31/2024 04:05:06.7 PST"),
            (DateStyle::German, DateOrder::Mdy, "31.01.2024", "31.01.2024 04:05:06.7 PST"),
            (DateStyle::Postgres, DateOrder::Mdy, "01-31-2024", "Wed Jan 31 04:05:06.7 2024 PST"),
            (DateStyle::Postgres, DateOrder::Dmy, "31-01-2024", "Wed 31 Jan 04:05:06.7 2024 PST"),
        ] {
            let dates = Dates { style, order };
            assert_eq!(written(|out| write_date(19_753, dates, out)), date);
            let zone = Zone::of(Tz::America__Los_Angeles);
            let micros = (19_753 * 86_400 + 12 * 3600 + 5 * 60 + 6) * 1_000_000 + 700_000;
            assert_eq!(written(|out| write_timestamptz(micros, &zone, &Last::default(), dates, out)), moment);
        }
    }

    #[test]
    fn offsets_are_as_long_as_they_must_be() {
        for (tz, micros, expected) in [
            (Tz::UTC, 0, "1970-01-01 00:00:00+00"),
            (Tz::Asia__Kolkata, 0, "1970-01-01 05:30:00+05:30"),
            (Tz::America__Los_Angeles, -4_000_000_000_000_000, "1843-03-31 09:00:22-07:52:58"),
        ] {
            let zone = Zone::of(tz);
            assert_eq!(written(|out| write_timestamptz(micros, &zone, &Last::default(), ISO, out)), expected);
        }
    }

    #[test]
    fn timestamps_of_all_units_are_rounded_to_microseconds() {
        for (value, unit, expected) in [
            (1, TimeUnit::Second, "1970-01-01 00:00:01"),
            (-1, TimeUnit::Millisecond, "1969-12-31 23:59:59.999"),
            (1_500_000, TimeUnit::Microsecond, "1970-01-01 00:00:01.5"),
            (1_499, TimeUnit::Nanosecond, "1970-01-01 00:00:00.000001"),
            (1_500, TimeUnit::Nanosecond, "1970-01-01 00:00:00.000002"),
            (2_500, TimeUnit::Nanosecond, "1970-01-01 00:00:00.000002"),
            (-500, TimeUnit::Nanosecond, "1970-01-01 00:00:00"),
            (i64::MAX, TimeUnit::Second, "infinity"),
            (i64::MIN, TimeUnit::Nanosecond, "-infinity"),
        ] {
            let micros = timestamp_micros(value, unit).unwrap();
            assert_eq!(written(|out| write_timestamp(micros, ISO, out)), expected);
        }
        assert!(timestamp_micros(i64::MAX - 1, TimeUnit::Second).is_err());
        assert!(timestamp_micros(super::FIRST_MICRO - 1, TimeUnit::Microsecond).is_err());
    }

    #[test]
    fn midnight_at_the_end_of_a_day_is_24() {
        assert_eq!(written(|out| write_time(86_400_000_000, out)), "24:00:00");
        assert_eq!(written(|out| write_time(1, out)), "00:00:00.000001");
    }

    #[test]
    fn json_has_a_t_and_whole_offsets() {
        assert_eq!(written(|out| write_json_timestamp(0, None, out)), "1970-01-01T00:00:00");
        let zone = Zone::of(Tz::UTC);
        let last = Last::default();
        assert_eq!(
            written(|out| write_json_timestamp(0, Some(zone.at(0, &last)), out)),
            "1970-01-01T00:00:00+00:00"
        );
    }
}
