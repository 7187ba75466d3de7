//! Time zones as tables of transitions, so that a column of timestamps costs one comparison each.
//!
//! chrono-tz answers for one moment at a time and ends in 2100; this asks it once per zone, and
//! goes on after its end as PostgreSQL does, by the rules of the last years.

use std::cell::Cell;
use std::collections::HashMap;
use std::sync::{Arc, LazyLock, Mutex, PoisonError};

use chrono::{DateTime, Offset, TimeZone};
use chrono_tz::{OffsetName, Tz};

use super::calendar::{Day, day_of, days_of, weekday};

const DAY_SECONDS: i64 = 86_400;

/// The first year after which the tables are continued; chrono-tz's end in 2100.
const LAST_YEAR: i64 = 2097;

/// What holds from one transition to the next.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Span {
    /// Seconds since 1970 in UTC.
    start: i64,
    /// Seconds east of UTC.
    offset: i32,
    /// Such as `PST`, or `+03` where there are no letters.
    abbreviation: Box<str>,
}

/// One time zone.
#[derive(Debug)]
pub(crate) struct Zone {
    /// By start; the first begins at the beginning of time. Never empty.
    spans: Vec<Span>,
}

/// The span that was looked up last: most timestamps are near the one before.
#[derive(Debug, Default, Clone)]
pub(crate) struct Last(Cell<usize>);

/// What a zone says of a moment.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Local<'a> {
    /// Seconds east of UTC.
    pub(crate) offset: i32,
    /// Such as `PST`.
    pub(crate) abbreviation: &'a str,
}

impl Zone {
    /// The table of a zone. Made once in the life of the program, then shared.
    pub(crate) fn of(tz: Tz) -> Arc<Zone> {
        /// Bounded by the number of zones there are, some 600.
        static ZONES: LazyLock<Mutex<HashMap<Tz, Arc<Zone>>>> = LazyLock::new(Mutex::default);
        let mut zones = ZONES.lock().unwrap_or_else(PoisonError::into_inner);
        zones.entry(tz).or_insert_with(|| Arc::new(Zone::new(tz))).clone()
    }

    fn new(tz: Tz) -> Zone {
        let first = days_of(Day { year: 1800, month: 1, day: 1 }) * DAY_SECONDS;
        let end = days_of(Day { year: LAST_YEAR + 1, month: 1, day: 1 }) * DAY_SECONDS;
        let mut spans = vec![Span { start: i64::MIN, ..span_at(tz, first) }];
        // No zone changes twice within a day and back, so a day's ends tell whether it changed.
        for day in (first..end).step_by(DAY_SECONDS as usize) {
            let after = span_at(tz, day + DAY_SECONDS);
            if spans.last().is_some_and(|last| is_same(last, &after)) {
                continue;
            }
            let (mut low, mut high) = (day, day + DAY_SECONDS);
            while high - low > 1 {
                let middle = low + (high - low) / 2;
                if is_same(&span_at(tz, middle), &after) {
                    high = middle;
                } else {
                    low = middle;
                }
            }
            spans.push(Span { start: high, ..after });
        }
        Zone { spans }
    }

    /// What holds at a moment, in seconds since 1970 in UTC.
    #[inline]
    pub(crate) fn at(&self, seconds: i64, last: &Last) -> Local<'_> {
        let seconds = within_tables(seconds);
        let mut index = last.0.get();
        if !self.holds(index, seconds) {
            index = self.spans.partition_point(|span| span.start <= seconds).saturating_sub(1);
            last.0.set(index);
        }
        let span = &self.spans[index];
        Local { offset: span.offset, abbreviation: &span.abbreviation }
    }

    fn holds(&self, index: usize, seconds: i64) -> bool {
        self.spans.get(index).is_some_and(|span| span.start <= seconds)
            && self.spans.get(index + 1).is_none_or(|next| seconds < next.start)
    }

    /// The seconds east of UTC when a clock of this zone shows `local`, in seconds since 1970.
    ///
    /// A time that is skipped reads as by the offset before, one that comes twice as the later.
    /// Source: `DetermineTimeZoneOffset` in PostgreSQL's `datetime.c`.
    pub(crate) fn offset_of_local(&self, local: i64) -> i32 {
        let shift = within_tables(local) - local;
        let local = local + shift;
        let day_before = local - DAY_SECONDS;
        let index = self.spans.partition_point(|span| span.start <= day_before).saturating_sub(1);
        let before = self.spans[index].offset;
        let Some(next) = self.spans.get(index + 1) else {
            return before;
        };
        let (by_before, by_after) = (local - i64::from(before), local - i64::from(next.offset));
        if by_before < next.start && by_after < next.start {
            before
        } else if by_before > next.start && by_after >= next.start {
            next.offset
        } else if by_before > by_after {
            before
        } else {
            next.offset
        }
    }
}

/// The same moment in a year that the tables cover and that has the same days: where the rules
/// stay as they are, so do the offsets.
fn within_tables(seconds: i64) -> i64 {
    const END: i64 = 4_039_372_800; // 2098-01-01
    if seconds < END {
        return seconds;
    }
    let days = seconds.div_euclid(DAY_SECONDS);
    let year = day_of(days).year;
    let start = days_of(Day { year, month: 1, day: 1 });
    let kind = |year: i64| {
        let start = days_of(Day { year, month: 1, day: 1 });
        (weekday(start), days_of(Day { year: year + 1, month: 1, day: 1 }) - start)
    };
    let wanted = kind(year);
    // Any 28 years without an exception of the calendar hold every kind of year.
    let like = (LAST_YEAR - 27..=LAST_YEAR).find(|like| kind(*like) == wanted).unwrap_or(LAST_YEAR);
    seconds - (start - days_of(Day { year: like, month: 1, day: 1 })) * DAY_SECONDS
}

fn span_at(tz: Tz, seconds: i64) -> Span {
    let moment = DateTime::from_timestamp(seconds, 0).unwrap_or_default().naive_utc();
    let offset = tz.offset_from_utc_datetime(&moment);
    let seconds_east = offset.fix().local_minus_utc();
    let abbreviation = offset.abbreviation().map_or_else(|| numeric_abbreviation(seconds_east), Into::into);
    Span { start: seconds, offset: seconds_east, abbreviation }
}

fn is_same(left: &Span, right: &Span) -> bool {
    left.offset == right.offset && left.abbreviation == right.abbreviation
}

/// `+03`, `-0330`: what the zone database writes where there are no letters.
fn numeric_abbreviation(offset: i32) -> Box<str> {
    let sign = if offset < 0 { '-' } else { '+' };
    let seconds = offset.abs();
    let (hours, minutes) = (seconds / 3600, seconds / 60 % 60);
    if minutes == 0 {
        format!("{sign}{hours:02}").into()
    } else {
        format!("{sign}{hours:02}{minutes:02}").into()
    }
}

#[cfg(test)]
mod tests {
    use chrono_tz::Tz;

    use super::{Last, Zone};

    #[track_caller]
    fn check(tz: Tz, seconds: i64, offset: i32, abbreviation: &str) {
        let zone = Zone::of(tz);
        let local = zone.at(seconds, &Last::default());
        assert_eq!((local.offset, local.abbreviation), (offset, abbreviation), "{tz} at {seconds}");
    }

    #[test]
    fn transitions_are_found_to_the_second() {
        check(Tz::America__Los_Angeles, 1_710_064_799, -28_800, "PST");
        check(Tz::America__Los_Angeles, 1_710_064_800, -25_200, "PDT");
        check(Tz::America__Los_Angeles, i64::MIN, -28_378, "LMT");
        check(Tz::UTC, 0, 0, "UTC");
    }

    #[test]
    fn summer_time_goes_on_after_the_tables_end() {
        check(Tz::Europe__Berlin, 5_695_833_600, 7_200, "CEST"); // 2150-06-30
        check(Tz::Europe__Berlin, 5_711_731_200, 3_600, "CET"); // 2150-12-31
        check(Tz::Europe__Berlin, 9_224_318_016_000, 3_600, "CET");
    }

    #[test]
    fn local_times_that_are_skipped_or_doubled_are_read_as_postgres_does() {
        let zone = Zone::of(Tz::America__Los_Angeles);
        let local = |day: i64, hour: i64, minute: i64| day * 86_400 + hour * 3600 + minute * 60;
        let (spring, fall) = (19_792, 20_030); // 2024-03-10 and 2024-11-03
        assert_eq!(zone.offset_of_local(local(spring, 1, 59)), -28_800);
        assert_eq!(zone.offset_of_local(local(spring, 2, 30)), -28_800);
        assert_eq!(zone.offset_of_local(local(spring, 3, 0)), -25_200);
        assert_eq!(zone.offset_of_local(local(fall, 0, 59)), -25_200);
        assert_eq!(zone.offset_of_local(local(fall, 1, 30)), -28_800);
        assert_eq!(zone.offset_of_local(local(fall, 2, 0)), -28_800);
    }
}
