//! Intervals from text: PostgreSQL's words, the SQL standard's forms and ISO 8601.
//!
//! Source: `DecodeInterval` and `DecodeISO8601Interval` in PostgreSQL's `datetime.c`.

use crate::value::calendar::DAY_US;
use crate::value::{Error, Interval, IntervalField, IntervalFields, IntervalStyle, Style};

/// What a unit is made of.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Unit {
    /// So many months; a fraction is rounded to whole ones if it is of years.
    Months(i64),
    Days(i64),
    Micros(i64),
}

const SECOND: i64 = 1_000_000;

/// The fields read so far. A part that does not fit is none.
#[derive(Debug, Default, Clone, Copy)]
struct Sum {
    months: i64,
    days: i64,
    micros: i64,
}

/// A number as it is written: its sign apart, so that `-0.5` keeps it.
#[derive(Debug, Clone, Copy)]
struct Number {
    is_negative: bool,
    whole: i64,
    fraction: f64,
}

/// Reads an interval.
///
/// # Errors
///
/// [`Error::DateSyntax`], [`Error::IntervalField`]
pub fn interval(text: &str, style: &Style) -> Result<Interval, Error> {
    interval_of(text, style, IntervalFields::default())
}

/// Reads an interval that keeps some fields: the last of them is what a number without a unit is of.
///
/// # Errors
///
/// As [`interval`].
pub fn interval_of(text: &str, style: &Style, fields: IntervalFields) -> Result<Interval, Error> {
    let body = super::number::trimmed(text);
    let is_iso = body.trim_start_matches(['-', '+']).starts_with('P');
    let sum = if is_iso { iso_8601(body) } else { words(body, style.interval, fields) };
    let sum = sum.ok_or_else(|| Error::DateSyntax { type_name: "interval", text: text.to_owned() })?;
    let sum = sum.ok_or_else(|| Error::IntervalField { text: text.to_owned() })?;
    match (i32::try_from(sum.months), i32::try_from(sum.days)) {
        (Ok(months), Ok(days)) => Ok(fields.kept(Interval { months, days, micros: sum.micros })),
        _ => Err(Error::IntervalField { text: text.to_owned() }),
    }
}

impl Sum {
    fn add(&mut self, number: Number, unit: Unit) -> Option<()> {
        let sign = if number.is_negative { -1 } else { 1 };
        let whole = number.whole.checked_mul(sign)?;
        let fraction = number.fraction * sign as f64;
        match unit {
            Unit::Months(1) => {
                self.months = self.months.checked_add(whole)?;
                self.add_days(fraction * 30.0)?;
            }
            Unit::Months(size) => {
                let part = (fraction * size as f64).round_ties_even() as i64;
                self.months = self.months.checked_add(whole.checked_mul(size)?)?.checked_add(part)?;
            }
            Unit::Days(size) => {
                self.days = self.days.checked_add(whole.checked_mul(size)?)?;
                self.add_days(fraction * size as f64)?;
            }
            Unit::Micros(size) => {
                let part = (fraction * size as f64).round_ties_even() as i64;
                self.micros = self.micros.checked_add(whole.checked_mul(size)?)?.checked_add(part)?;
            }
        }
        Some(())
    }

    /// Adds days with a fraction, which is a time.
    fn add_days(&mut self, days: f64) -> Option<()> {
        self.days = self.days.checked_add(days.trunc() as i64)?;
        let part = (days.fract() * DAY_US as f64).round_ties_even() as i64;
        self.micros = self.micros.checked_add(part)?;
        Some(())
    }

    fn negated(self) -> Self {
        Self { months: -self.months, days: -self.days, micros: self.micros.wrapping_neg() }
    }
}

fn unit(word: &str) -> Option<Unit> {
    Some(match word {
        "us" | "usec" | "usecs" | "usecond" | "useconds" | "microsecond" | "microseconds" => Unit::Micros(1),
        "ms" | "msec" | "msecs" | "msecond" | "mseconds" | "millisecond" | "milliseconds" => {
            Unit::Micros(1_000)
        }
        "s" | "sec" | "secs" | "second" | "seconds" => Unit::Micros(SECOND),
        "m" | "min" | "mins" | "minute" | "minutes" => Unit::Micros(60 * SECOND),
        "h" | "hr" | "hrs" | "hour" | "hours" => Unit::Micros(3600 * SECOND),
        "d" | "day" | "days" => Unit::Days(1),
        "w" | "week" | "weeks" => Unit::Days(7),
        "mon" | "mons" | "month" | "months" => Unit::Months(1),
        "y" | "yr" | "yrs" | "year" | "years" => Unit::Months(12),
        "dec" | "decs" | "decade" | "decades" => Unit::Months(120),
        "c" | "cent" | "century" | "centuries" => Unit::Months(1_200),
        "mil" | "mils" | "millennium" | "millennia" => Unit::Months(12_000),
        _ => return None,
    })
}

/// A text that is read from its beginning.
struct Reader<'a> {
    rest: &'a str,
}

impl<'a> Reader<'a> {
    fn skip(&mut self) {
        self.rest = self.rest.trim_start_matches([' ', '\t', '\n', '\r', ',']);
    }

    fn take(&mut self, is_part: impl Fn(char) -> bool) -> &'a str {
        let end = self.rest.find(|letter| !is_part(letter)).unwrap_or(self.rest.len());
        let (part, rest) = self.rest.split_at(end);
        self.rest = rest;
        part
    }

    fn take_sign(&mut self) -> Option<bool> {
        let sign = self.rest.chars().next().filter(|letter| matches!(letter, '-' | '+'))?;
        self.rest = &self.rest[1..];
        Some(sign == '-')
    }

    /// Digits with a fraction perhaps. The inner none: there is no number; the number's none: too large.
    fn number(&mut self, is_negative: bool) -> Option<Option<Number>> {
        let whole = self.take(|letter| letter.is_ascii_digit());
        let fraction = if self.rest.starts_with('.') {
            self.rest = &self.rest[1..];
            Some(self.take(|letter| letter.is_ascii_digit()))
        } else {
            None
        };
        if whole.is_empty() && fraction.unwrap_or("").is_empty() {
            return None;
        }
        let fraction = format!("0.{}", fraction.unwrap_or("0")).trim_end_matches('.').parse().ok()?;
        let whole = if whole.is_empty() { Some(0) } else { whole.parse().ok() };
        Some(whole.map(|whole| Number { is_negative, whole, fraction }))
    }
}

/// Reads `1 year 2 mons 3 days 04:05:06`, `1-2 3 4:05:06` and what mixes them. The outer none is a syntax
/// error, the inner one a part that is too large.
fn words(text: &str, style: IntervalStyle, fields: IntervalFields) -> Option<Option<Sum>> {
    let mut reader = Reader { rest: text.strip_prefix('@').unwrap_or(text) };
    let mut sum = Some(Sum::default());
    let mut is_ago = false;
    let mut count = 0;
    // In the SQL standard's style, one sign in front is for all that follows.
    let signs = text.matches(['-', '+']).count() - sign_like_dashes(text);
    let is_sign_for_all = style == IntervalStyle::SqlStandard && text.starts_with('-') && signs == 1;
    loop {
        reader.skip();
        if reader.rest.is_empty() || is_ago {
            break;
        }
        count += 1;
        if reader.rest.starts_with(|letter: char| letter.is_ascii_alphabetic()) {
            let word = reader.take(|letter| letter.is_ascii_alphabetic());
            is_ago = word.eq_ignore_ascii_case("ago") && count > 1;
            if !is_ago {
                return None;
            }
            continue;
        }
        let sign = reader.take_sign();
        reader.skip();
        let is_negative = sign.unwrap_or(is_sign_for_all);
        let number = reader.number(is_negative)?;
        let part = if reader.rest.starts_with(':') {
            clock(number, &mut reader, fields)?
        } else if reader.rest.starts_with('-')
            && reader.rest[1..].starts_with(|letter: char| letter.is_ascii_digit())
        {
            years_and_months(number, &mut reader)?
        } else {
            counted(number, &mut reader, fields)?
        };
        sum = sum.zip(part).and_then(|(mut sum, parts)| {
            for (number, unit) in parts {
                sum.add(number, unit)?;
            }
            Some(sum)
        });
    }
    if count == 0 || !reader.rest.is_empty() {
        return None;
    }
    Some(sum.map(|sum| if is_ago { sum.negated() } else { sum }))
}

/// The dashes between years and months, which are no signs.
fn sign_like_dashes(text: &str) -> usize {
    text.as_bytes()
        .windows(3)
        .filter(|near| near[0].is_ascii_digit() && near[1] == b'-' && near[2].is_ascii_digit())
        .count()
}

type Parts = Vec<(Number, Unit)>;

/// `4:05:06.7`, after the hours.
fn clock(hours: Option<Number>, reader: &mut Reader<'_>, fields: IntervalFields) -> Option<Option<Parts>> {
    let is_negative = hours.is_some_and(|hours| hours.is_negative);
    reader.rest = &reader.rest[1..];
    let minutes = reader.number(is_negative)?;
    let has_seconds = reader.rest.starts_with(':');
    let seconds = if has_seconds {
        reader.rest = &reader.rest[1..];
        reader.number(is_negative)?
    } else {
        Some(Number { is_negative, whole: 0, fraction: 0.0 })
    };
    let (Some(hours), Some(minutes), Some(seconds)) = (hours, minutes, seconds) else {
        return Some(None);
    };
    // `1:02.5` is one minute and a fraction of a second.
    let is_short = minutes.fraction != 0.0 || (!has_seconds && fields.is_minute_to_second());
    if minutes.whole > 59 || seconds.whole > 60 {
        return Some(None);
    }
    let units = if is_short {
        [Unit::Micros(60 * SECOND), Unit::Micros(SECOND), Unit::Micros(1)]
    } else {
        [Unit::Micros(3600 * SECOND), Unit::Micros(60 * SECOND), Unit::Micros(SECOND)]
    };
    Some(Some([hours, minutes, seconds].into_iter().zip(units).collect()))
}

/// `1-2`, after the years.
fn years_and_months(years: Option<Number>, reader: &mut Reader<'_>) -> Option<Option<Parts>> {
    reader.rest = &reader.rest[1..];
    let months = reader.number(years.is_some_and(|years| years.is_negative))?;
    let (Some(years), Some(months)) = (years, months) else {
        return Some(None);
    };
    if months.whole > 11 {
        return Some(None);
    }
    Some(Some(vec![(years, Unit::Months(12)), (months, Unit::Months(1))]))
}

/// A number and its unit. Without one it is days before a time of day or before hours, and at the end of the last field.
fn counted(number: Option<Number>, reader: &mut Reader<'_>, fields: IntervalFields) -> Option<Option<Parts>> {
    reader.skip();
    let word = reader.take(|letter| letter.is_ascii_alphabetic()).to_ascii_lowercase();
    let unit = if !word.is_empty() {
        unit(&word)?
    } else if reader.rest.is_empty() {
        match fields.last() {
            IntervalField::Year => Unit::Months(12),
            IntervalField::Month => Unit::Months(1),
            IntervalField::Day => Unit::Days(1),
            IntervalField::Hour => Unit::Micros(3600 * SECOND),
            IntervalField::Minute => Unit::Micros(60 * SECOND),
            IntervalField::Second => Unit::Micros(SECOND),
        }
    } else {
        let ahead = reader.rest.trim_start_matches(['-', '+']);
        let digits = ahead.trim_start_matches(|letter: char| letter.is_ascii_digit());
        let is_before_hours = digits.is_empty() && fields.last() == IntervalField::Hour;
        if digits.len() == ahead.len() || !(digits.starts_with(':') || is_before_hours) {
            return None;
        }
        Unit::Days(1)
    };
    Some(number.map(|number| vec![(number, unit)]))
}

/// Reads `P1Y2M3DT4H5M6S`, `P2W` and `P0001-02-03T04:05:06`.
fn iso_8601(text: &str) -> Option<Option<Sum>> {
    let mut reader = Reader { rest: text };
    let is_all_negative = reader.take_sign().unwrap_or(false);
    reader.rest = reader.rest.strip_prefix('P')?;
    let mut sum = Some(Sum::default());
    let mut is_time = false;
    let mut count = 0;
    let mut dashes = 0;
    while !reader.rest.is_empty() {
        if let Some(rest) = reader.rest.strip_prefix('T').filter(|_| !is_time) {
            reader.rest = rest;
            is_time = true;
            continue;
        }
        let is_negative = if dashes > 0 { false } else { reader.take_sign().unwrap_or(false) };
        let number = reader.number(is_negative ^ is_all_negative)?;
        count += 1;
        let designator = reader.rest.chars().next();
        let unit = match (designator, is_time) {
            (Some('Y'), false) => Unit::Months(12),
            (Some('M'), false) => Unit::Months(1),
            (Some('W'), false) => Unit::Days(7),
            (Some('D'), false) => Unit::Days(1),
            (Some('H'), true) => Unit::Micros(3600 * SECOND),
            (Some('M'), true) => Unit::Micros(60 * SECOND),
            (Some('S'), true) => Unit::Micros(SECOND),
            // The other form: years, months and days between dashes, then a clock.
            (Some('-'), false) if dashes < 2 => {
                dashes += 1;
                if dashes == 1 { Unit::Months(12) } else { Unit::Months(1) }
            }
            (Some('T') | None, false) if dashes == 2 => {
                sum = sum
                    .zip(number)
                    .and_then(|(mut sum, number)| sum.add(number, Unit::Days(1)).map(|()| sum));
                dashes = 3;
                continue;
            }
            (Some(':'), true) => {
                let parts = clock(number, &mut reader, IntervalFields::default())?;
                sum = sum.zip(parts).and_then(|(mut sum, parts)| {
                    for (number, unit) in parts {
                        sum.add(number, unit)?;
                    }
                    Some(sum)
                });
                continue;
            }
            _ => return None,
        };
        reader.rest = &reader.rest[1..];
        sum = sum.zip(number).and_then(|(mut sum, number)| sum.add(number, unit).map(|()| sum));
    }
    (count > 0).then_some(sum)
}

#[cfg(test)]
mod tests {
    use super::interval;
    use crate::value::{IntervalStyle, Style};

    #[track_caller]
    fn check(text: &str, expected: &str) {
        check_in(IntervalStyle::Postgres, text, expected);
    }

    #[track_caller]
    fn check_in(style: IntervalStyle, text: &str, expected: &str) {
        let style = Style { interval: style, ..Style::default() };
        let found = match interval(text, &style) {
            Ok(interval) => {
                let mut out = Vec::new();
                interval.write(IntervalStyle::Postgres, &mut out);
                String::from_utf8(out).unwrap()
            }
            Err(error) => error.sqlstate().code().to_owned(),
        };
        assert_eq!(found, expected, "{text}");
    }

    #[test]
    fn words_and_numbers_make_an_interval() {
        check("1 year 2 mons 3 days 04:05:06.7", "1 year 2 mons 3 days 04:05:06.7");
        check("@ 1 year 2 months 3 days 4 hours 5 mins 6 secs ago", "-1 years -2 mons -3 days -04:05:06");
        check("1y2mon3d", "1 year 2 mons 3 days");
        check("90", "00:01:30");
        check("1.5 days", "1 day 12:00:00");
        check("1.5 months", "1 mon 15 days");
        check("1.5 years", "1 year 6 mons");
        check("2 weeks", "14 days");
        check("-1 day +2 hours", "-1 days +02:00:00");
        check("-0.5 sec", "-00:00:00.5");
        check("3 4:05:06", "3 days 04:05:06");
        check("1-2", "1 year 2 mons");
        check("1 decade", "10 years");
        check("100 ms", "00:00:00.1");
    }

    #[test]
    fn iso_8601_is_read_in_both_its_forms() {
        check("P1Y2M3DT4H5M6S", "1 year 2 mons 3 days 04:05:06");
        check("P0001-02-03T04:05:06", "1 year 2 mons 3 days 04:05:06");
        check("PT-0.5S", "-00:00:00.5");
        check("P2W", "14 days");
        check("P1DT", "1 day");
    }

    #[test]
    fn one_sign_in_front_is_for_all_in_the_standards_style() {
        check_in(IntervalStyle::SqlStandard, "-1 2:03:04", "-1 days -02:03:04");
        check_in(IntervalStyle::Postgres, "-1 2:03:04", "-1 days +02:03:04");
        check_in(IntervalStyle::SqlStandard, "-1-2", "-1 years -2 mons");
    }

    #[test]
    fn what_is_no_interval_is_refused() {
        for text in ["", "x", "1 fortnight", "1 day x", "P", "PX", "ago", "1 2", "@"] {
            check(text, "22007");
        }
        check("99999999999999999999 days", "22008");
        check("3000000000 days", "22008");
        check("1:99:00", "22008");
    }
}
