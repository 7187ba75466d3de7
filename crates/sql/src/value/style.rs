//! The session settings that change how values read.

use chrono_tz::Tz;

/// How values are written as text: the session's settings that matter for it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Style {
    /// `TimeZone`: the zone that timestamps with time zone are shown in.
    pub zone: Tz,
    /// `DateStyle`, its first half.
    pub date: DateStyle,
    /// `DateStyle`, its second half.
    pub order: DateOrder,
    /// `IntervalStyle`
    pub interval: IntervalStyle,
    /// `extra_float_digits`: shortest exact above 0, rounded otherwise.
    pub extra_float_digits: i8,
    /// `bytea_output`: hex, or the old escape format.
    pub bytea_escape: bool,
}

/// `DateStyle`, its first half.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum DateStyle {
    /// `2024-01-31`
    Iso,
    /// `31/01/2024`
    Sql,
    /// `31-01-2024`
    Postgres,
    /// `31.01.2024`
    German,
}

/// `DateStyle`, its second half: which number of a date comes first.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum DateOrder {
    /// Year, month, day.
    Ymd,
    /// Day, month, year.
    Dmy,
    /// Month, day, year.
    Mdy,
}

/// `IntervalStyle`
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum IntervalStyle {
    /// `1 year 2 mons 3 days 04:05:06`
    Postgres,
    /// `@ 1 year 2 mons 3 days 4 hours 5 mins 6 secs`
    PostgresVerbose,
    /// `1-2 3 4:05:06`
    SqlStandard,
    /// `P1Y2M3DT4H5M6S`
    Iso8601,
}

impl Default for Style {
    /// What a session of PostgreSQL starts with, in UTC.
    fn default() -> Self {
        Self {
            zone: Tz::UTC,
            date: DateStyle::Iso,
            order: DateOrder::Mdy,
            interval: IntervalStyle::Postgres,
            extra_float_digits: 1,
            bytea_escape: false,
        }
    }
}
