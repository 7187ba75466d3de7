//! Intervals as PostgreSQL writes them, in all four styles.
//!
//! Source: `EncodeInterval` in PostgreSQL's `datetime.c`.

use arrow::datatypes::TimeUnit;

use super::calendar::DAY_US;
use super::datetime::micros_of_nanos;
use super::digits::{pair, write_i64, write_padded};
use super::error::Error;
use super::style::IntervalStyle;
use super::word::Word;

/// An interval as PostgreSQL keeps it: three parts that are never turned into each other.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Interval {
    /// Months.
    pub months: i32,
    /// Days.
    pub days: i32,
    /// Microseconds.
    pub micros: i64,
}

impl Interval {
    /// Of months, days and nanoseconds, which are rounded half to even.
    pub fn of_nanos(months: i32, days: i32, nanos: i64) -> Self {
        Self { months, days, micros: micros_of_nanos(nanos) }
    }

    /// Of an Arrow duration, which is what the difference of two timestamps is: whole days are
    /// taken out of it, as PostgreSQL does in that place.
    ///
    /// # Errors
    ///
    /// [`Error::DateRange`] where it has more days or microseconds than an interval.
    pub fn of_duration(value: i64, unit: TimeUnit) -> Result<Self, Error> {
        let micros = match unit {
            TimeUnit::Second => value.checked_mul(1_000_000),
            TimeUnit::Millisecond => value.checked_mul(1_000),
            TimeUnit::Microsecond => Some(value),
            TimeUnit::Nanosecond => Some(micros_of_nanos(value)),
        };
        let micros = micros.ok_or(Error::DateRange { type_name: "interval" })?;
        let days = i32::try_from(micros / DAY_US).map_err(|_| Error::DateRange { type_name: "interval" })?;
        Ok(Self { months: 0, days, micros: micros % DAY_US })
    }

    /// Writes it.
    pub(crate) fn write(self, style: IntervalStyle, out: &mut Vec<u8>) {
        let parts = Parts::of(self);
        match style {
            IntervalStyle::Postgres => parts.write_postgres(out),
            IntervalStyle::PostgresVerbose => parts.write_verbose(out),
            IntervalStyle::SqlStandard => parts.write_sql_standard(out),
            IntervalStyle::Iso8601 => parts.write_iso_8601(out),
        }
    }
}

/// The fields that are written. All of the last four have the sign of the microseconds.
#[derive(Debug, Clone, Copy)]
struct Parts {
    years: i64,
    months: i64,
    days: i64,
    hours: i64,
    minutes: i64,
    seconds: i64,
    micros: i64,
}

impl Parts {
    fn of(interval: Interval) -> Self {
        Self {
            years: i64::from(interval.months / 12),
            months: i64::from(interval.months % 12),
            days: i64::from(interval.days),
            hours: interval.micros / 3_600_000_000,
            minutes: interval.micros / 60_000_000 % 60,
            seconds: interval.micros / 1_000_000 % 60,
            micros: interval.micros % 1_000_000,
        }
    }

    fn all(&self) -> [i64; 7] {
        [self.years, self.months, self.days, self.hours, self.minutes, self.seconds, self.micros]
    }

    fn clock(&self) -> [i64; 4] {
        [self.hours, self.minutes, self.seconds, self.micros]
    }

    fn has_clock(&self) -> bool {
        self.clock() != [0; 4]
    }

    fn is_clock_negative(&self) -> bool {
        self.clock().iter().any(|part| *part < 0)
    }

    /// `1 year 2 mons -3 days +04:05:06.7`
    fn write_postgres(&self, out: &mut Vec<u8>) {
        let start = out.len();
        let mut after_negative = false;
        for (value, unit) in [(self.years, "year"), (self.months, "mon"), (self.days, "day")] {
            if value == 0 {
                continue;
            }
            if out.len() > start {
                out.push(b' ');
            }
            if after_negative && value > 0 {
                out.push(b'+');
            }
            write_counted(value, unit, value != 1, out);
            after_negative = value < 0;
        }
        let is_empty = out.len() == start;
        if is_empty || self.has_clock() {
            if !is_empty {
                out.push(b' ');
            }
            if self.is_clock_negative() {
                out.push(b'-');
            } else if after_negative {
                out.push(b'+');
            }
            self.write_clock(2, out);
        }
    }

    /// `@ 1 year 2 mons 3 days 4 hours 5 mins 6.7 secs ago`
    fn write_verbose(&self, out: &mut Vec<u8>) {
        out.push(b'@');
        let mut is_first = true;
        let mut is_ago = false;
        let units = ["year", "mon", "day", "hour", "min"];
        for (value, unit) in self.all().into_iter().zip(units) {
            if value == 0 {
                continue;
            }
            let mut value = value;
            if is_first {
                is_ago = value < 0;
                value = value.abs();
            } else if is_ago {
                value = -value;
            }
            is_first = false;
            out.push(b' ');
            write_counted(value, unit, value != 1, out);
        }
        if self.seconds != 0 || self.micros != 0 {
            out.push(b' ');
            if self.seconds < 0 || self.micros < 0 {
                if is_first {
                    is_ago = true;
                } else if !is_ago {
                    out.push(b'-');
                }
            } else if is_ago {
                out.push(b'-');
            }
            self.write_seconds(1, out);
            let is_one = self.seconds.abs() == 1 && self.micros == 0;
            out.extend_from_slice(if is_one { b" sec" } else { b" secs" });
            is_first = false;
        }
        if is_first {
            out.extend_from_slice(b" 0");
        }
        if is_ago {
            out.extend_from_slice(b" ago");
        }
    }

    /// `1-2`, `3 4:05:06.7`, and with every sign where they differ or both halves are there
    fn write_sql_standard(&self, out: &mut Vec<u8>) {
        let has_negative = self.all().iter().any(|part| *part < 0);
        let has_positive = self.all().iter().any(|part| *part > 0);
        let has_months = self.years != 0 || self.months != 0;
        let has_time = self.days != 0 || self.has_clock();
        if !has_negative && !has_positive {
            return out.push(b'0');
        }
        if (has_negative && has_positive) || (has_months && has_time) {
            let sign = |is_negative| if is_negative { b'-' } else { b'+' };
            out.push(sign(self.years < 0 || self.months < 0));
            write_i64(self.years.abs(), out);
            out.push(b'-');
            write_i64(self.months.abs(), out);
            out.extend_from_slice(&[b' ', sign(self.days < 0)]);
            write_i64(self.days.abs(), out);
            out.extend_from_slice(&[b' ', sign(self.is_clock_negative())]);
            return self.write_clock(1, out);
        }
        if has_negative {
            out.push(b'-');
        }
        if has_months {
            write_i64(self.years.abs(), out);
            out.push(b'-');
            return write_i64(self.months.abs(), out);
        }
        if self.days != 0 {
            write_i64(self.days.abs(), out);
            out.push(b' ');
        }
        self.write_clock(1, out);
    }

    /// `P1Y2M3DT4H5M6.7S`
    fn write_iso_8601(&self, out: &mut Vec<u8>) {
        if self.all() == [0; 7] {
            return out.extend_from_slice(b"PT0S");
        }
        out.push(b'P');
        let write = |value: i64, unit: u8, out: &mut Vec<u8>| {
            if value != 0 {
                write_i64(value, out);
                out.push(unit);
            }
        };
        write(self.years, b'Y', out);
        write(self.months, b'M', out);
        write(self.days, b'D', out);
        if self.has_clock() {
            out.push(b'T');
        }
        write(self.hours, b'H', out);
        write(self.minutes, b'M', out);
        if self.seconds != 0 || self.micros != 0 {
            if self.seconds < 0 || self.micros < 0 {
                out.push(b'-');
            }
            self.write_seconds(1, out);
            out.push(b'S');
        }
    }

    /// `04:05:06.7` without sign, the hours at least this wide.
    fn write_clock(&self, hours_width: usize, out: &mut Vec<u8>) {
        write_padded(self.hours.unsigned_abs(), hours_width, out);
        let [m, n] = pair(self.minutes.unsigned_abs() as u32);
        out.extend_from_slice(&[b':', m, n, b':']);
        self.write_seconds(2, out);
    }

    fn write_seconds(&self, width: usize, out: &mut Vec<u8>) {
        write_padded(self.seconds.unsigned_abs(), width, out);
        Word::fraction(self.micros.unsigned_abs() as u32).write(out);
    }
}

fn write_counted(value: i64, unit: &str, is_plural: bool, out: &mut Vec<u8>) {
    write_i64(value, out);
    out.push(b' ');
    out.extend_from_slice(unit.as_bytes());
    if is_plural {
        out.push(b's');
    }
}

#[cfg(test)]
mod tests {
    use arrow::datatypes::TimeUnit;

    use super::Interval;
    use crate::value::IntervalStyle;

    #[track_caller]
    fn check(months: i32, days: i32, micros: i64, expected: [&str; 4]) {
        let styles = [
            IntervalStyle::Postgres,
            IntervalStyle::PostgresVerbose,
            IntervalStyle::SqlStandard,
            IntervalStyle::Iso8601,
        ];
        for (style, expected) in styles.into_iter().zip(expected) {
            let mut out = Vec::new();
            Interval { months, days, micros }.write(style, &mut out);
            assert_eq!(String::from_utf8(out).unwrap(), expected, "{style:?}");
        }
    }

    #[test]
    fn each_style_writes_its_own_words() {
        check(0, 0, 0, ["00:00:00", "@ 0", "0", "PT0S"]);
        let clock = 14_706_000_000;
        check(
            14,
            3,
            clock,
            [
                "1 year 2 mons 3 days 04:05:06",
                "@ 1 year 2 mons 3 days 4 hours 5 mins 6 secs",
                "+1-2 +3 +4:05:06",
                "P1Y2M3DT4H5M6S",
            ],
        );
        check(
            -14,
            3,
            -clock,
            [
                "-1 years -2 mons +3 days -04:05:06",
                "@ 1 year 2 mons -3 days 4 hours 5 mins 6 secs ago",
                "-1-2 +3 -4:05:06",
                "P-1Y-2M3DT-4H-5M-6S",
            ],
        );
        check(0, 0, -500_000, ["-00:00:00.5", "@ 0.5 secs ago", "-0:00:00.5", "PT-0.5S"]);
        check(14, 0, 0, ["1 year 2 mons", "@ 1 year 2 mons", "1-2", "P1Y2M"]);
        check(0, -1, 0, ["-1 days", "@ 1 day ago", "-1 0:00:00", "P-1D"]);
    }

    #[test]
    fn durations_have_days_as_differences_of_timestamps_do() {
        let interval = Interval::of_duration(90_000, TimeUnit::Second).unwrap();
        assert_eq!(interval, Interval { months: 0, days: 1, micros: 3_600_000_000 });
        assert!(Interval::of_duration(i64::MAX, TimeUnit::Second).is_err());
    }
}
