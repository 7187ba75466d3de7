//! `interval year to month`, `interval second(2)`: which fields an interval keeps, as the type's modifier says it.
//!
//! Source: `AdjustIntervalForTypmod` in PostgreSQL's `timestamp.c`.

use super::Interval;

/// What a bit stands for. PostgreSQL's `INTERVAL_MASK`.
const MONTH: i32 = 1 << 1;
const YEAR: i32 = 1 << 2;
const DAY: i32 = 1 << 3;
const HOUR: i32 = 1 << 10;
const MINUTE: i32 = 1 << 11;
const SECOND: i32 = 1 << 12;

/// All fields, and all digits of a second.
const FULL_RANGE: i32 = 0x7FFF;
const FULL_PRECISION: i32 = 0xFFFF;

const HOUR_US: i64 = 3_600_000_000;
const MINUTE_US: i64 = 60_000_000;

/// A field of an interval.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum IntervalField {
    /// Years.
    Year,
    /// Months.
    Month,
    /// Days.
    Day,
    /// Hours.
    Hour,
    /// Minutes.
    Minute,
    /// Seconds.
    Second,
}

impl IntervalField {
    fn bit(self) -> i32 {
        match self {
            Self::Year => YEAR,
            Self::Month => MONTH,
            Self::Day => DAY,
            Self::Hour => HOUR,
            Self::Minute => MINUTE,
            Self::Second => SECOND,
        }
    }
}

/// The fields that an interval keeps, and how many digits of a second.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct IntervalFields {
    range: i32,
    precision: i32,
}

impl Default for IntervalFields {
    fn default() -> Self {
        Self { range: FULL_RANGE, precision: FULL_PRECISION }
    }
}

impl IntervalFields {
    /// What a modifier says; everything where there is none.
    pub fn of_typmod(typmod: i32) -> Self {
        match typmod {
            0.. => Self { range: typmod >> 16 & FULL_RANGE, precision: typmod & FULL_PRECISION },
            _ => Self::default(),
        }
    }

    /// Fields from one to another, and so many digits of a second.
    pub fn between(fields: Option<(IntervalField, IntervalField)>, precision: Option<u16>) -> Self {
        use IntervalField::{Day, Hour, Minute, Month, Second, Year};
        let range = match fields {
            None => FULL_RANGE,
            Some((first, last)) => [Year, Month, Day, Hour, Minute, Second]
                .into_iter()
                .filter(|field| (first..=last).contains(field))
                .map(IntervalField::bit)
                .sum(),
        };
        Self { range, precision: precision.map_or(FULL_PRECISION, i32::from) }
    }

    /// The modifier that says this; none for everything.
    pub fn typmod(self) -> Option<i32> {
        (self != Self::default()).then_some(self.range << 16 | self.precision)
    }

    /// The last field, which a number without a unit is of; seconds where there is none.
    pub fn last(self) -> IntervalField {
        use IntervalField::{Day, Hour, Minute, Month, Second, Year};
        let last = [Second, Minute, Hour, Day, Month, Year]
            .into_iter()
            .find(|field| self.range & field.bit() != 0)
            .filter(|_| self.range != FULL_RANGE);
        last.unwrap_or(Second)
    }

    /// Whether two numbers with a colon are minutes and seconds, and not hours and minutes.
    pub fn is_minute_to_second(self) -> bool {
        self.range == MINUTE | SECOND
    }

    /// The interval without the fields below the last, and its seconds rounded.
    pub fn kept(self, interval: Interval) -> Interval {
        use IntervalField::{Day, Hour, Minute, Month, Second, Year};
        let Interval { months, days, micros } = interval;
        let (months, days, micros) = match self.last() {
            Year => (months / 12 * 12, 0, 0),
            Month => (months, 0, 0),
            Day => (months, days, 0),
            Hour => (months, days, micros / HOUR_US * HOUR_US),
            Minute => (months, days, micros / MINUTE_US * MINUTE_US),
            Second => (months, days, self.rounded(micros)),
        };
        Interval { months, days, micros }
    }

    /// To the digits of a second that are kept, half away from zero.
    fn rounded(self, micros: i64) -> i64 {
        let Some(unit) = u32::try_from(6 - self.precision).ok().map(|digits| 10i64.pow(digits)) else {
            return micros;
        };
        let up = if micros < 0 { -(unit / 2) } else { unit / 2 };
        micros.saturating_add(up) / unit * unit
    }
}

#[cfg(test)]
mod tests {
    use super::{IntervalField, IntervalFields};
    use crate::value::Interval;

    #[test]
    fn modifiers_are_postgres_own() {
        let of = |first, last, precision| IntervalFields::between(Some((first, last)), precision).typmod();
        assert_eq!(of(IntervalField::Year, IntervalField::Year, None), Some(327_679));
        assert_eq!(of(IntervalField::Year, IntervalField::Month, None), Some(458_751));
        assert_eq!(of(IntervalField::Day, IntervalField::Second, Some(3)), Some(470_286_339));
        assert_eq!(IntervalFields::between(None, Some(2)).typmod(), Some(2_147_418_114));
        assert_eq!(IntervalFields::default().typmod(), None);
    }

    #[test]
    fn what_is_below_the_last_field_is_cut_off() {
        let interval = Interval { months: 14, days: 3, micros: 14_706_789_000 };
        let kept =
            |last| IntervalFields::between(Some((IntervalField::Year.min(last), last)), None).kept(interval);
        assert_eq!(kept(IntervalField::Year), Interval { months: 12, days: 0, micros: 0 });
        assert_eq!(kept(IntervalField::Month), Interval { months: 14, days: 0, micros: 0 });
        assert_eq!(kept(IntervalField::Hour), Interval { months: 14, days: 3, micros: 14_400_000_000 });
        let rounded = IntervalFields::between(None, Some(1)).kept(interval);
        assert_eq!(rounded.micros, 14_706_800_000);
    }
}
