//! `to_date(text, pattern)` and `to_timestamp`: texts read by the patterns that `to_char` writes.
//!
//! Source: `DCH_from_char` and `do_to_timestamp` in PostgreSQL's `formatting.c`. `FX` is
//! refused.

use lakeport_base::SqlState;

use super::clock::{moment, out_of_range, table};
use super::date_pattern::{Piece, pieces};
use super::defined::{Definition, immutable, stable, taking};
use crate::error::{Error, Result};
use crate::types::PgType;
use crate::value::calendar::{DAY_US, Day, MONTHS, WEEKDAYS, days_in_month, days_of};
use crate::value::read::Value;
use crate::value::{Style, date_in_range};

pub(super) const FUNCTIONS: &[Definition] = &[
    immutable("to_date", &[taking(&[PgType::TEXT, PgType::TEXT], PgType::DATE, to_date)]),
    stable(
        "to_timestamp",
        &[
            taking(&[PgType::FLOAT8], PgType::TIMESTAMPTZ, of_seconds),
            taking(&[PgType::TEXT, PgType::TEXT], PgType::TIMESTAMPTZ, to_timestamp),
        ],
    ),
];

/// The Julian day of 1970-01-01.
const JULIAN_EPOCH: i64 = 2_440_588;

fn to_date(values: &[Value], _style: &Style) -> Result<Option<Value>> {
    let [Value::Text(text), Value::Text(pattern)] = values else { return Ok(None) };
    let (days, _) = Fields::read(text, pattern)?.moment(text)?;
    let days = i32::try_from(days).map_err(|_| out_of_range("date"))?;
    Ok(Some(Value::Date(date_in_range(days)?)))
}

fn to_timestamp(values: &[Value], style: &Style) -> Result<Option<Value>> {
    let [Value::Text(text), Value::Text(pattern)] = values else { return Ok(None) };
    let fields = Fields::read(text, pattern)?;
    let (days, clock) = fields.moment(text)?;
    let local = days.checked_mul(DAY_US).and_then(|start| start.checked_add(clock));
    let local = local.ok_or_else(|| out_of_range("timestamp"))?;
    Ok(Some(Value::Timestamp(match fields.zone_minutes {
        Some(minutes) => local - minutes * 60_000_000,
        None => moment(local, &table(style.zone)),
    })))
}

fn of_seconds(values: &[Value], _style: &Style) -> Result<Option<Value>> {
    let [Value::Float8(seconds)] = values else { return Ok(None) };
    if seconds.is_infinite() {
        return Ok(Some(Value::Timestamp(if *seconds > 0.0 { i64::MAX } else { i64::MIN })));
    }
    let micros = (seconds * 1e6).round_ties_even();
    // NaN compares false; the years of timestamps end before 2^63 microseconds do.
    if micros.is_nan() || micros.abs() >= 2f64.powi(63) {
        let message = format!("timestamp out of range: \"{seconds}\"");
        return Err(Error::new(SqlState::DATETIME_FIELD_OVERFLOW, message));
    }
    Ok(Some(Value::Timestamp(micros as i64)))
}

/// What a text says, as far as it says it.
#[derive(Debug, Default)]
struct Fields {
    year: Option<i64>,
    century: Option<i64>,
    is_short_year: bool,
    is_bc: bool,
    month: Option<i64>,
    day: Option<i64>,
    day_of_year: Option<i64>,
    week_of_year: Option<i64>,
    week_of_month: Option<i64>,
    julian: Option<i64>,
    iso_year: Option<i64>,
    iso_week: Option<i64>,
    iso_weekday: Option<i64>,
    iso_day_of_year: Option<i64>,
    hour: i64,
    is_twelve: bool,
    is_afternoon: Option<bool>,
    minute: i64,
    second: i64,
    micros: i64,
    seconds_of_day: Option<i64>,
    zone_sign: i64,
    zone_minutes: Option<i64>,
}

impl Fields {
    fn read(text: &str, pattern: &str) -> Result<Fields> {
        if pattern.to_ascii_uppercase().contains("FX") {
            return Err(Error::unsupported("the pattern FX is not supported"));
        }
        let pieces = pieces(pattern);
        let mut fields = Fields { zone_sign: 1, ..Fields::default() };
        let mut input = Input { rest: text, extra: 0 };
        for (index, piece) in pieces.iter().enumerate() {
            if index == 0 || matches!(piece, Piece::Field { .. }) {
                input.skip_blanks();
            }
            if input.rest.is_empty() {
                break;
            }
            match piece {
                Piece::Literal(literal) => literal.chars().for_each(|character| input.pass(character)),
                Piece::Field { key, fill, ordinal, .. } => {
                    let is_open = *fill || ordinal.is_some() || !is_number(pieces.get(index + 1));
                    fields.field(key, &mut input, is_open)?;
                    if ordinal.is_some() {
                        input.pass('t');
                        input.pass('h');
                    }
                    input.extra = 0;
                    input.skip_blanks();
                }
            }
        }
        Ok(fields)
    }

    fn field(&mut self, key: &'static str, input: &mut Input<'_>, is_open: bool) -> Result<()> {
        let length = match key {
            "HH24" | "HH12" => 2,
            "J" => 7,
            "DDD" | "IDDD" => 3,
            "ID" => 1,
            "MS" | "FF3" => 3,
            "US" | "FF6" => 6,
            "FF1" | "FF2" | "FF4" | "FF5" => usize::from(key.as_bytes()[2] - b'0'),
            "SSSS" | "SSSSS" => 5,
            "CC" => 2,
            key => key.len(),
        };
        let mut number = || input.number(key, length, is_open);
        match key {
            "YYYY" => self.year = Some(number()?.0),
            "YYY" | "YY" | "Y" => {
                let (year, digits) = number()?;
                self.is_short_year = true;
                self.year = Some(if digits < 4 { near_2020(year) } else { year });
            }
            "Y,YYY" => {
                let (thousands, _) = input.number(key, 1, true)?;
                input.pass(',');
                let (rest, _) = input.number(key, 3, true)?;
                self.year = Some(thousands * 1_000 + rest);
            }
            "IYYY" => self.iso_year = Some(number()?.0),
            "IYY" | "IY" | "I" => {
                let (year, digits) = number()?;
                self.iso_year = Some(if digits < 4 { near_2020(year) } else { year });
            }
            "IW" => self.iso_week = Some(number()?.0),
            "ID" => self.iso_weekday = Some(number()?.0),
            "IDDD" => self.iso_day_of_year = Some(number()?.0),
            "CC" => self.century = Some(number()?.0),
            "MM" => self.month = Some(number()?.0),
            "MONTH" | "MON" => self.month = Some(input.name(key, &MONTHS, MONTH_REST)? as i64 + 1),
            "RM" => self.month = Some(input.roman()?),
            "DD" => self.day = Some(number()?.0),
            "DDD" => self.day_of_year = Some(number()?.0),
            "DAY" | "DY" => drop(input.name(key, &WEEKDAYS, DAY_REST)?),
            "D" | "Q" => drop(number()?),
            "WW" => self.week_of_year = Some(number()?.0),
            "W" => self.week_of_month = Some(number()?.0),
            "J" => self.julian = Some(number()?.0),
            "HH24" => self.hour = number()?.0,
            "HH" | "HH12" => (self.hour, self.is_twelve) = (number()?.0, true),
            "MI" => self.minute = number()?.0,
            "SS" => self.second = number()?.0,
            "SSSS" | "SSSSS" => self.seconds_of_day = Some(number()?.0),
            "MS" | "US" | "FF1" | "FF2" | "FF3" | "FF4" | "FF5" | "FF6" => {
                let (value, digits) = number()?;
                self.micros = value * 10_i64.pow(6 - digits.min(6) as u32);
            }
            "AM" | "PM" => self.is_afternoon = Some(input.one_of(key, &["am", "pm"])? == 1),
            "A.M." | "P.M." => self.is_afternoon = Some(input.one_of(key, &["a.m.", "p.m."])? == 1),
            "BC" | "AD" => self.is_bc = input.one_of(key, &["ad", "bc"])? == 1,
            "B.C." | "A.D." => self.is_bc = input.one_of(key, &["a.d.", "b.c."])? == 1,
            "TZH" => {
                self.zone_sign = input.sign();
                self.zone_minutes = Some(self.zone_sign * input.number(key, 2, is_open)?.0 * 60);
            }
            "TZM" => {
                let minutes = self.zone_sign * number()?.0;
                self.zone_minutes = Some(self.zone_minutes.unwrap_or(0) + minutes);
            }
            other => {
                let message = format!("formatting field \"{other}\" is only supported in to_char");
                return Err(Error::unsupported(message));
            }
        }
        Ok(())
    }

    /// The local day, and the microseconds of it.
    fn moment(&self, text: &str) -> Result<(i64, i64)> {
        let refused = || {
            let message = format!("date/time field value out of range: \"{text}\"");
            Error::new(SqlState::DATETIME_FIELD_OVERFLOW, message)
        };
        if self.is_iso() && (self.year.is_some() || self.month.is_some() || self.day.is_some()) {
            let message = "invalid combination of date conventions";
            return Err(Error::new(SqlState::INVALID_DATETIME_FORMAT, message)
                .with_hint("Do not mix Gregorian and ISO week date conventions in a formatting template."));
        }
        let days = if self.is_iso() { self.iso_days() } else { self.days() };
        let days = days.ok_or_else(refused)?;
        let mut hour = self.hour;
        if self.is_twelve {
            if !(1..=12).contains(&hour) {
                let message = format!("hour \"{hour}\" is invalid for the 12-hour clock");
                return Err(Error::new(SqlState::INVALID_DATETIME_FORMAT, message)
                    .with_hint("Use the 24-hour clock, or give an hour between 1 and 12."));
            }
            match self.is_afternoon {
                Some(true) if hour < 12 => hour += 12,
                Some(false) if hour == 12 => hour = 0,
                _ => {}
            }
        }
        let seconds = match self.seconds_of_day {
            Some(seconds) if (0..=86_400).contains(&seconds) => seconds,
            Some(_) => return Err(refused()),
            None => {
                let is_clock = (0..24).contains(&hour)
                    && (0..60).contains(&self.minute)
                    && (0..60).contains(&self.second);
                let is_midnight = hour == 24 && self.minute == 0 && self.second == 0 && self.micros == 0;
                if !is_clock && !is_midnight {
                    return Err(refused());
                }
                hour * 3_600 + self.minute * 60 + self.second
            }
        };
        Ok((days, seconds * 1_000_000 + self.micros))
    }

    fn is_iso(&self) -> bool {
        self.iso_year.is_some() || self.iso_week.is_some() || self.iso_day_of_year.is_some()
    }

    /// The day of a date by weeks. ISO 8601: the first week is the one with 4 January in it, and begins on Monday.
    fn iso_days(&self) -> Option<i64> {
        let fourth = days_of(Day { year: self.iso_year.unwrap_or(0), month: 1, day: 4 });
        // 1970-01-01 was a Thursday, which is three days after Monday.
        let monday = fourth - (fourth + 3).rem_euclid(7);
        if let Some(day) = self.iso_day_of_year {
            return (1..=371).contains(&day).then_some(monday + day - 1);
        }
        let (week, weekday) = match self.iso_week {
            Some(week) => (week, self.iso_weekday.unwrap_or(1)),
            None => return Some(fourth - 3),
        };
        ((1..=53).contains(&week) && (1..=7).contains(&weekday))
            .then_some(monday + (week - 1) * 7 + weekday - 1)
    }

    /// The day; none where there is no such day. What is not said is the first.
    fn days(&self) -> Option<i64> {
        if let Some(julian) = self.julian {
            return Some(julian - JULIAN_EPOCH);
        }
        // A year that is not said is 1 BC, and so is the year 0.
        let year = match (self.year, self.century) {
            (Some(year), Some(century)) if self.is_short_year => {
                let year = year % 100;
                if year == 0 { century * 100 } else { (century - 1) * 100 + year }
            }
            (None, Some(century)) => (century - 1) * 100 + 1,
            (year, _) => year.unwrap_or(0),
        };
        let year = match (self.is_bc, year) {
            (true, year) if year > 0 => 1 - year,
            (_, year) if year < 0 => year + 1,
            (_, year) => year,
        };
        let (mut month, mut day) = (self.month, self.day);
        let start = days_of(Day { year, month: 1, day: 1 });
        let day_of_year = self.day_of_year.or(self.week_of_year.map(|week| (week - 1) * 7 + 1));
        if let (Some(count), None) = (day_of_year, self.month) {
            let length = if days_in_month(year, 2) == 29 { 366 } else { 365 };
            return (1..=length).contains(&count).then_some(start + count - 1);
        }
        if let (Some(week), None) = (self.week_of_month, day) {
            day = Some((week - 1) * 7 + 1);
        }
        let month = u32::try_from(*month.get_or_insert(1)).ok().filter(|month| (1..=12).contains(month))?;
        let day = u32::try_from(*day.get_or_insert(1)).ok()?;
        (1..=days_in_month(year, month)).contains(&day).then(|| days_of(Day { year, month, day }))
    }
}

/// A year of less than four digits, near the year 2020. `adjust_partial_year_to_2020`
fn near_2020(year: i64) -> i64 {
    match year {
        ..70 => year + 2_000,
        70..100 => year + 1_900,
        100..520 => year + 2_000,
        520..1_000 => year + 1_000,
        _ => year,
    }
}

/// Whether what follows a number begins with a digit, so that its width alone ends the number.
fn is_number(next: Option<&Piece>) -> bool {
    match next {
        Some(Piece::Literal(text)) => text.starts_with(|character: char| character.is_ascii_digit()),
        Some(Piece::Field { key, .. }) => !matches!(
            *key,
            "MONTH"
                | "MON"
                | "DAY"
                | "DY"
                | "AM"
                | "PM"
                | "A.M."
                | "P.M."
                | "BC"
                | "AD"
                | "B.C."
                | "A.D."
                | "RM"
                | "TZ"
                | "TZH"
                | "OF"
        ),
        None => false,
    }
}

const MONTH_REST: [&str; 12] =
    ["uary", "ruary", "ch", "il", "", "e", "y", "ust", "tember", "ober", "ember", "ember"];
const DAY_REST: [&str; 7] = ["day", "day", "sday", "nesday", "rsday", "day", "urday"];

/// The text that is not read yet.
struct Input<'t> {
    rest: &'t str,
    /// Blanks that were skipped without the pattern asking for them.
    extra: usize,
}

impl Input<'_> {
    fn skip_blanks(&mut self) {
        let trimmed = self.rest.trim_start();
        self.extra += self.rest.chars().count() - trimmed.chars().count();
        self.rest = trimmed;
    }

    /// Passes a character of the pattern that stands for itself: a separator passes any other one or none.
    fn pass(&mut self, written: char) {
        let Some(first) = self.rest.chars().next() else { return };
        let is_separator = |character: char| {
            character.is_whitespace() || (character.is_ascii() && !character.is_ascii_alphanumeric())
        };
        let is_passed = if is_separator(written) {
            is_separator(first)
        } else if self.extra > 0 {
            self.extra -= 1;
            false
        } else {
            true
        };
        if is_passed {
            self.rest = &self.rest[first.len_utf8()..];
        }
    }

    /// A number and how many digits it has: as many as there are, or just so many.
    fn number(&mut self, key: &str, length: usize, is_open: bool) -> Result<(i64, usize)> {
        let invalid = |text: &str, detail: String| {
            let message = format!("invalid value \"{text}\" for \"{key}\"");
            Err(Error::new(SqlState::INVALID_DATETIME_FORMAT, message).with_detail(detail))
        };
        let taken: &str = match is_open {
            true => self.rest,
            false => match self.rest.char_indices().nth(length) {
                Some((end, _)) => &self.rest[..end],
                None => self.rest,
            },
        };
        let unsigned = taken.strip_prefix(['-', '+']).unwrap_or(taken);
        let sign_length = taken.len() - unsigned.len();
        let digits = unsigned.bytes().take_while(u8::is_ascii_digit).count();
        let shown: String = taken.chars().take(length).collect();
        if digits == 0 {
            return invalid(&shown, "Value must be an integer.".to_owned());
        }
        let end = sign_length + digits;
        if !is_open && end < length {
            let detail = format!("Field requires {length} characters, but only {end} could be parsed.");
            return invalid(&shown, detail);
        }
        let Ok(number) = taken[..end].trim_start_matches('+').parse::<i32>() else {
            let message = format!("value for \"{key}\" in source string is out of range");
            return Err(Error::new(SqlState::DATETIME_FIELD_OVERFLOW, message));
        };
        self.rest = &self.rest[end..];
        Ok((i64::from(number), digits))
    }

    /// The place of the name that stands here, whole or its first three letters, in any case.
    fn name(
        &mut self,
        key: &str,
        short: &[&str],
        rest: impl IntoIterator<Item = &'static str>,
    ) -> Result<usize> {
        let starts = |text: &str, with: &str| {
            text.get(..with.len()).is_some_and(|head| head.eq_ignore_ascii_case(with))
        };
        let is_whole = key == "MONTH" || key == "DAY";
        for (index, (short, rest)) in short.iter().zip(rest).enumerate() {
            let whole = format!("{short}{rest}");
            let name: &str = if is_whole { &whole } else { short };
            if starts(self.rest, name) {
                self.rest = &self.rest[name.len()..];
                return Ok(index);
            }
        }
        self.no_name(key)
    }

    fn one_of(&mut self, key: &str, names: &[&str]) -> Result<usize> {
        for (index, name) in names.iter().enumerate() {
            if self.rest.get(..name.len()).is_some_and(|head| head.eq_ignore_ascii_case(name)) {
                self.rest = &self.rest[name.len()..];
                return Ok(index);
            }
        }
        self.no_name(key)
    }

    /// A month in Roman numerals: the longest that fits.
    fn roman(&mut self) -> Result<i64> {
        const ROMAN: [(&str, i64); 12] = [
            ("VIII", 8),
            ("III", 3),
            ("VII", 7),
            ("XII", 12),
            ("II", 2),
            ("IV", 4),
            ("VI", 6),
            ("IX", 9),
            ("XI", 11),
            ("I", 1),
            ("V", 5),
            ("X", 10),
        ];
        for (name, month) in ROMAN {
            if self.rest.get(..name.len()).is_some_and(|head| head.eq_ignore_ascii_case(name)) {
                self.rest = &self.rest[name.len()..];
                return Ok(month);
            }
        }
        self.no_name("RM")
    }

    fn sign(&mut self) -> i64 {
        let sign = if self.rest.starts_with('-') { -1 } else { 1 };
        self.rest = self.rest.strip_prefix(['-', '+', ' ']).unwrap_or(self.rest);
        sign
    }

    fn no_name<T>(&self, key: &str) -> Result<T> {
        let word: String = self.rest.chars().take_while(|character| !character.is_whitespace()).collect();
        let message = format!("invalid value \"{word}\" for \"{key}\"");
        Err(Error::new(SqlState::INVALID_DATETIME_FORMAT, message)
            .with_detail("The given value did not match any of the allowed values for this field."))
    }
}
