//! The calendar: days and microseconds to year, month, day and back, without any bound but i64.
//!
//! Proleptic Gregorian, as PostgreSQL counts; year 0 is 1 BC.

/// Microseconds in a day.
pub(crate) const DAY_US: i64 = 86_400_000_000;

/// Days from 1970-01-01 to 2000-01-01, where PostgreSQL begins to count.
pub const EPOCH_DAYS: i32 = 10_957;

/// Microseconds from 1970-01-01 to 2000-01-01.
pub const EPOCH_US: i64 = EPOCH_DAYS as i64 * DAY_US;

/// A day.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Day {
    /// 0 is 1 BC.
    pub(crate) year: i64,
    /// From 1.
    pub(crate) month: u32,
    /// From 1.
    pub(crate) day: u32,
}

/// Days from 0000-03-01, where the algorithms' years begin, to 1970-01-01.
const SHIFT: i64 = 719_468;

/// The day that is this many days after 1970-01-01.
#[inline(always)]
pub(crate) fn day_of(days: i64) -> Day {
    match u32::try_from(days + SHIFT) {
        Ok(shifted) if shifted < u32::MAX / 8 => near_day_of(shifted),
        _ => any_day_of(days),
    }
}

/// The day that is this many days after 0000-03-01: all in 32 bits, and divided only by constants.
///
/// Source: figure 12 of Neri and Schneider, "Euclidean affine functions and their application to calendar
/// algorithms", <https://doi.org/10.1002/spe.3172>
#[inline(always)]
fn near_day_of(shifted: u32) -> Day {
    let century_days = 4 * shifted + 3;
    let century = century_days / 146_097;
    let year_days = 4 * (century_days % 146_097 / 4) + 3;
    let product = 2_939_745 * u64::from(year_days);
    let year_of_century = (product >> 32) as u32;
    let day_of_year = product as u32 / 2_939_745 / 4;
    let months = 2_141 * day_of_year + 197_913;
    // From January on the year is the next one.
    let is_next = day_of_year >= 306;
    let month = (months >> 16) - if is_next { 12 } else { 0 };
    let year = i64::from(100 * century + year_of_century) + i64::from(is_next);
    Day { year, month, day: (months & 0xffff) / 2_141 + 1 }
}

/// As [`day_of`], for every day there is.
///
/// Source: the algorithm `civil_from_days` in Howard Hinnant's
/// <https://howardhinnant.github.io/date_algorithms.html>
fn any_day_of(days: i64) -> Day {
    let shifted = days + SHIFT;
    let era = shifted.div_euclid(146_097);
    let day_of_era = shifted.rem_euclid(146_097) as u32;
    let year_of_era = (day_of_era - day_of_era / 1_460 + day_of_era / 36_524 - day_of_era / 146_096) / 365;
    let day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    let month_from_march = (5 * day_of_year + 2) / 153;
    let day = day_of_year - (153 * month_from_march + 2) / 5 + 1;
    let month = if month_from_march < 10 { month_from_march + 3 } else { month_from_march - 9 };
    Day { year: i64::from(year_of_era) + era * 400 + i64::from(month <= 2), month, day }
}

/// How many days after 1970-01-01 a day is. The inverse of [`day_of`].
pub(crate) fn days_of(day: Day) -> i64 {
    let year = day.year - i64::from(day.month <= 2);
    let era = year.div_euclid(400);
    let year_of_era = year.rem_euclid(400);
    let month_from_march = i64::from(if day.month > 2 { day.month - 3 } else { day.month + 9 });
    let day_of_year = (153 * month_from_march + 2) / 5 + i64::from(day.day) - 1;
    let day_of_era = year_of_era * 365 + year_of_era / 4 - year_of_era / 100 + day_of_year;
    era * 146_097 + day_of_era - 719_468
}

/// 0 for Sunday.
pub(crate) fn weekday(days: i64) -> usize {
    (days + 4).rem_euclid(7) as usize
}

/// How many days a month has.
pub(crate) fn days_in_month(year: i64, month: u32) -> u32 {
    match month {
        4 | 6 | 9 | 11 => 30,
        2 if year.rem_euclid(4) == 0 && (year.rem_euclid(100) != 0 || year.rem_euclid(400) == 0) => 29,
        2 => 28,
        _ => 31,
    }
}

/// `Jan` to `Dec`.
pub(crate) const MONTHS: [&str; 12] =
    ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"];

/// `Sun` to `Sat`.
pub(crate) const WEEKDAYS: [&str; 7] = ["Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"];

#[cfg(test)]
mod tests {
    use super::{Day, any_day_of, day_of, days_in_month, days_of, weekday};

    #[test]
    fn days_and_dates_are_inverse_over_ten_thousand_years() {
        let mut expected = Day { year: -4800, month: 1, day: 1 };
        for days in days_of(expected)..days_of(Day { year: 5200, month: 1, day: 1 }) {
            assert_eq!(day_of(days), expected);
            assert_eq!(any_day_of(days), expected);
            assert_eq!(days_of(expected), days);
            expected.day += 1;
            if expected.day > days_in_month(expected.year, expected.month) {
                expected.day = 1;
                expected.month += 1;
            }
            if expected.month > 12 {
                expected.month = 1;
                expected.year += 1;
            }
        }
    }

    #[test]
    fn far_days_are_as_the_other_algorithm_has_them() {
        for days in (2_000_000..600_000_000).step_by(997).chain(536_151_000..536_152_000) {
            assert_eq!(day_of(days), any_day_of(days), "{days}");
        }
    }

    #[test]
    fn the_epoch_was_a_thursday() {
        assert_eq!(weekday(0), 4);
        assert_eq!(weekday(-1), 3);
        assert_eq!(day_of(0), Day { year: 1970, month: 1, day: 1 });
    }
}
