//! `to_char(interval, pattern)`: the same patterns as for dates, filled with what an interval has.
//!
//! Source: `DCH_to_char` in PostgreSQL's `formatting.c`, its branches for intervals.

use lakeport_base::SqlState;

use super::date_pattern::Piece;
use crate::error::{Error, Result};
use crate::value::Interval;

/// An interval, taken apart.
struct Parts {
    years: i64,
    months: i64,
    days: i64,
    hours: i64,
    minutes: i64,
    seconds: i64,
    micros: i64,
}

/// Writes an interval by a pattern.
///
/// # Errors
///
/// 22007 for the names of months and days, eras and zones: an interval has none.
pub(super) fn written(interval: Interval, pieces: &[Piece]) -> Result<String> {
    let parts = Parts {
        years: i64::from(interval.months / 12),
        months: i64::from(interval.months % 12),
        days: i64::from(interval.days),
        hours: interval.micros / 3_600_000_000,
        minutes: interval.micros / 60_000_000 % 60,
        seconds: interval.micros / 1_000_000 % 60,
        micros: interval.micros % 1_000_000,
    };
    let mut text = String::new();
    for piece in pieces {
        match piece {
            Piece::Literal(literal) => text.push_str(literal),
            Piece::Field { key, written, fill, ordinal } => {
                let start = text.len();
                parts.write(key, written, *fill, &mut text)?;
                if let Some(ordinal) = ordinal {
                    let suffix = super::to_char::suffix(text[start..].trim().parse().unwrap_or(0));
                    text.push_str(&if *ordinal == "TH" { suffix.to_uppercase() } else { suffix.to_owned() });
                }
            }
        }
    }
    Ok(text)
}

impl Parts {
    fn write(&self, key: &str, written: &str, fill: bool, out: &mut String) -> Result<()> {
        if matches!(key, "AM" | "PM" | "A.M." | "P.M.") {
            let is_late = self.hours.rem_euclid(24) >= 12;
            let half = match (key.contains('.'), is_late) {
                (true, true) => "P.M.",
                (true, false) => "A.M.",
                (false, true) => "PM",
                (false, false) => "AM",
            };
            let is_lower = written.starts_with(char::is_lowercase);
            out.push_str(&if is_lower { half.to_lowercase() } else { half.to_owned() });
            return Ok(());
        }
        let (number, width) = self.number(key).ok_or_else(|| {
            Error::new(
                SqlState::INVALID_DATETIME_FORMAT,
                "invalid format specification for an interval value",
            )
            .with_hint("Intervals are not tied to specific calendar dates.")
        })?;
        // Of these a minus takes no place of its own.
        let is_wide = matches!(key, "HH" | "HH12" | "HH24" | "MI" | "SS" | "YYYY" | "IYYY");
        let width = if fill { 0 } else { width + usize::from(is_wide && number < 0) };
        out.push_str(&format!("{number:0width$}"));
        Ok(())
    }

    fn number(&self, key: &str) -> Option<(i64, usize)> {
        let day_of_year = (self.years * 12 + self.months) * 30 + self.days;
        Some(match key {
            "HH24" => (self.hours, 2),
            "HH" | "HH12" => (if self.hours % 12 == 0 { 12 } else { self.hours % 12 }, 2),
            "MI" => (self.minutes, 2),
            "SS" => (self.seconds, 2),
            "MS" | "FF3" => (self.micros / 1_000, 3),
            "US" | "FF6" => (self.micros, 6),
            "FF1" => (self.micros / 100_000, 1),
            "FF2" => (self.micros / 10_000, 2),
            "FF4" => (self.micros / 100, 4),
            "FF5" => (self.micros / 10, 5),
            "SSSS" | "SSSSS" => (self.hours * 3_600 + self.minutes * 60 + self.seconds, 1),
            "DD" => (self.days, 2),
            "DDD" => (day_of_year, 3),
            "MM" => (self.months, 2),
            "Q" if self.months != 0 => ((self.months - 1) / 3 + 1, 1),
            "CC" => (self.years / 100, 2),
            "YYYY" => (self.years, 4),
            "YYY" => (self.years % 1000, 3),
            "YY" => (self.years % 100, 2),
            "Y" => (self.years % 10, 1),
            "W" => ((self.days - 1) / 7 + 1, 1),
            "WW" => ((day_of_year - 1) / 7 + 1, 2),
            _ => return None,
        })
    }
}
