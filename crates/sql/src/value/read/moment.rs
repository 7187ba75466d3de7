//! Dates, times and timestamps from text, in every order and spelling that PostgreSQL reads.
//!
//! Source: `DecodeDateTime` in PostgreSQL's `datetime.c`.

use chrono_tz::{TZ_VARIANTS, Tz};

use super::abbreviations::abbreviation;
use super::scan::{Part, parts};
use crate::value::calendar::{DAY_US, Day, MONTHS, WEEKDAYS, days_in_month, days_of};
use crate::value::zone::{Last, Zone};
use crate::value::{DateOrder, Error, Style, date_in_range, timestamp_micros};

/// Where a time is told from UTC.
#[derive(Debug, Clone, Copy)]
enum Place {
    /// Seconds east.
    Offset(i32),
    Zone(Tz),
}

/// What the parts of a text say.
#[derive(Debug, Default)]
struct Fields {
    year: Option<i64>,
    month: Option<u32>,
    day: Option<u32>,
    /// A year of two digits stands for one near 2000.
    is_short_year: bool,
    is_bc: bool,
    micros: Option<i64>,
    is_afternoon: Option<bool>,
    place: Option<Place>,
    /// `infinity`, `epoch`, `now` …
    special: Option<Special>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Special {
    Infinity,
    MinusInfinity,
    Epoch,
    Now,
    /// Days from today.
    Day(i64),
}

/// Why a part makes no sense.
enum Wrong {
    Syntax,
    Field,
    Displacement,
    Zone(String),
}

/// Reads a date, as days since 1970. A time of day beside it is read and forgotten.
///
/// # Errors
///
/// [`Error::DateSyntax`], [`Error::DateField`], [`Error::Displacement`], [`Error::UnknownZone`]
pub fn date(text: &str, style: &Style) -> Result<i32, Error> {
    let fields = fields(text, style, "date")?;
    let days = match fields.special {
        Some(Special::Infinity) => return Ok(i32::MAX),
        Some(Special::MinusInfinity) => return Ok(i32::MIN),
        Some(Special::Epoch) => 0,
        Some(Special::Now) => today(style),
        Some(Special::Day(days)) => today(style) + days,
        None => fields.days(text, "date")?,
    };
    let days = i32::try_from(days).ok().and_then(|days| date_in_range(days).ok());
    days.ok_or_else(|| Error::DateField { text: text.to_owned() })
}

/// Reads a time of day, as microseconds since midnight. A date beside it is read and forgotten.
///
/// # Errors
///
/// As [`date`].
pub fn time(text: &str, style: &Style) -> Result<i64, Error> {
    let fields = fields(text, style, "time")?;
    match (fields.special, fields.micros) {
        (Some(Special::Now), _) => Ok(local_now(style).rem_euclid(DAY_US)),
        (None, Some(micros)) => Ok(micros),
        _ => Err(Error::DateSyntax { type_name: "time", text: text.to_owned() }),
    }
}

/// Reads a timestamp, as microseconds since 1970. A zone beside it is read and forgotten, as in
/// PostgreSQL.
///
/// # Errors
///
/// As [`date`].
pub fn timestamp(text: &str, style: &Style) -> Result<i64, Error> {
    let fields = fields(text, style, "timestamp")?;
    match fields.special {
        Some(Special::Infinity) => Ok(i64::MAX),
        Some(Special::MinusInfinity) => Ok(i64::MIN),
        Some(Special::Epoch) => Ok(0),
        Some(Special::Now) => Ok(local_now(style)),
        Some(Special::Day(days)) => Ok((today(style) + days) * DAY_US + fields.micros.unwrap_or(0)),
        None => fields.local_micros(text, "timestamp"),
    }
}

/// Reads a timestamp with time zone, as microseconds since 1970 in UTC. Without a zone, the
/// session's is meant.
///
/// # Errors
///
/// As [`date`].
pub fn timestamptz(text: &str, style: &Style) -> Result<i64, Error> {
    const NAME: &str = "timestamp with time zone";
    let fields = fields(text, style, NAME)?;
    let local = match fields.special {
        Some(Special::Infinity) => return Ok(i64::MAX),
        Some(Special::MinusInfinity) => return Ok(i64::MIN),
        Some(Special::Epoch) => return Ok(0),
        Some(Special::Now) => return Ok(now()),
        Some(Special::Day(days)) => (today(style) + days) * DAY_US + fields.micros.unwrap_or(0),
        None => fields.local_micros(text, NAME)?,
    };
    let offset = match fields.place {
        Some(Place::Offset(offset)) => offset,
        Some(Place::Zone(tz)) => Zone::of(tz).offset_of_local(local.div_euclid(1_000_000)),
        None => Zone::of(style.zone).offset_of_local(local.div_euclid(1_000_000)),
    };
    let micros = local.checked_sub(i64::from(offset) * 1_000_000);
    micros.and_then(in_range).ok_or_else(|| Error::DateField { text: text.to_owned() })
}

fn now() -> i64 {
    chrono::Utc::now().timestamp_micros()
}

fn local_now(style: &Style) -> i64 {
    let now = now();
    now + i64::from(Zone::of(style.zone).at(now.div_euclid(1_000_000), &Last::default()).offset) * 1_000_000
}

fn today(style: &Style) -> i64 {
    local_now(style).div_euclid(DAY_US)
}

fn in_range(micros: i64) -> Option<i64> {
    timestamp_micros(micros, arrow::datatypes::TimeUnit::Microsecond).ok()
}

fn fields(text: &str, style: &Style, type_name: &'static str) -> Result<Fields, Error> {
    let owned = || text.to_owned();
    let parts = parts(text).ok_or_else(|| Error::DateSyntax { type_name, text: owned() })?;
    let mut fields = Fields::default();
    for part in &parts {
        let read = match part {
            Part::Date(date) => fields.read_date(date, style.order),
            Part::Time(time) => fields.read_time(time),
            Part::Offset(offset) => fields.read_offset(offset),
            Part::Number(number) => fields.read_number(number),
            Part::Word(word) => fields.read_word(word),
        };
        read.map_err(|wrong| match wrong {
            Wrong::Syntax => Error::DateSyntax { type_name, text: owned() },
            Wrong::Field => Error::DateField { text: owned() },
            Wrong::Displacement => Error::Displacement { text: owned() },
            Wrong::Zone(name) => Error::UnknownZone { name },
        })?;
    }
    fields.apply_afternoon().ok_or_else(|| Error::DateField { text: owned() })?;
    Ok(fields)
}

impl Fields {
    fn read_date(&mut self, date: &str, order: DateOrder) -> Result<(), Wrong> {
        if self.year.is_some() || self.month.is_some() || self.day.is_some() {
            return Err(Wrong::Syntax);
        }
        let parts: Vec<&str> = date.split(['-', '/', '.']).collect();
        if let Some(named) = parts.iter().position(|part| month(&part.to_ascii_lowercase()).is_some()) {
            self.month = month(&parts[named].to_ascii_lowercase());
            for (index, part) in parts.iter().enumerate() {
                if index != named {
                    self.read_day_or_year(part)?;
                }
            }
            return Ok(());
        }
        let (year, month, day) = match parts.as_slice() {
            [year, day] if year.len() >= 3 && day.len() == 3 => return self.read_day_of_year(year, day),
            [a, b, c] if a.len() >= 3 => (a, b, c),
            [a, b, c] => match order {
                DateOrder::Ymd => (a, b, c),
                DateOrder::Dmy => (c, b, a),
                DateOrder::Mdy => (c, a, b),
            },
            _ => return Err(Wrong::Syntax),
        };
        self.set_year(year)?;
        self.month = Some(number(month)?);
        self.day = Some(number(day)?);
        Ok(())
    }

    fn read_day_of_year(&mut self, year: &str, day: &str) -> Result<(), Wrong> {
        self.set_year(year)?;
        let mut day: u32 = number(day)?;
        let year = self.year.unwrap_or(0);
        let mut month = 1;
        while month < 12 && day > days_in_month(year, month) {
            day -= days_in_month(year, month);
            month += 1;
        }
        self.month = Some(month);
        self.day = Some(day);
        Ok(())
    }

    fn set_year(&mut self, text: &str) -> Result<(), Wrong> {
        if self.year.is_some() {
            return Err(Wrong::Syntax);
        }
        self.year = Some(
            number::<i64>(text)
                .and_then(|year| if year > 9_999_999 { Err(Wrong::Field) } else { Ok(year) })?,
        );
        self.is_short_year = text.len() <= 2;
        Ok(())
    }

    /// A number beside a month's name.
    fn read_day_or_year(&mut self, text: &str) -> Result<(), Wrong> {
        if text.len() >= 3 || self.day.is_some() {
            return self.set_year(text);
        }
        self.day = Some(number(text)?);
        Ok(())
    }

    fn read_number(&mut self, text: &str) -> Result<(), Wrong> {
        let (digits, fraction) =
            text.split_once('.').map_or((text, None), |(whole, part)| (whole, Some(part)));
        let has_date = self.year.is_some() && self.month.is_some() && self.day.is_some();
        if has_date && self.micros.is_none() && matches!(digits.len(), 4 | 6) {
            let seconds = if digits.len() == 6 { &digits[4..] } else { "00" };
            return self.set_time(number(&digits[..2])?, number(&digits[2..4])?, number(seconds)?, fraction);
        }
        if fraction.is_some() {
            return Err(Wrong::Syntax);
        }
        if self.year.is_none() && self.month.is_none() && self.day.is_none() && matches!(digits.len(), 6 | 8)
        {
            let year = digits.len() - 4;
            self.set_year(&digits[..year])?;
            self.month = Some(number(&digits[year..year + 2])?);
            self.day = Some(number(&digits[year + 2..])?);
            return Ok(());
        }
        if has_date { Err(Wrong::Syntax) } else { self.read_day_or_year(digits) }
    }

    fn read_time(&mut self, text: &str) -> Result<(), Wrong> {
        let mut parts = text.split(':');
        let (hours, minutes, seconds) = (parts.next(), parts.next(), parts.next());
        if parts.next().is_some() {
            return Err(Wrong::Syntax);
        }
        let (hours, minutes) = hours.zip(minutes).ok_or(Wrong::Syntax)?;
        let (seconds, fraction) = match seconds {
            Some(seconds) => {
                seconds.split_once('.').map_or((seconds, None), |(whole, part)| (whole, Some(part)))
            }
            None => ("0", None),
        };
        self.set_time(number(hours)?, number(minutes)?, number(seconds)?, fraction)
    }

    fn set_time(
        &mut self,
        hours: i64,
        minutes: i64,
        seconds: i64,
        fraction: Option<&str>,
    ) -> Result<(), Wrong> {
        if self.micros.is_some() {
            return Err(Wrong::Syntax);
        }
        let fraction = fraction_micros(fraction.unwrap_or("")).ok_or(Wrong::Syntax)?;
        if hours > 24 || minutes > 59 || seconds > 60 {
            return Err(Wrong::Field);
        }
        let micros = ((hours * 60 + minutes) * 60 + seconds) * 1_000_000 + fraction;
        self.micros = Some(micros);
        if micros > DAY_US { Err(Wrong::Field) } else { Ok(()) }
    }

    fn apply_afternoon(&mut self) -> Option<()> {
        const HOUR: i64 = 3_600_000_000;
        if let Some(is_afternoon) = self.is_afternoon {
            let micros = self.micros?;
            let hours = micros / HOUR;
            if hours > 12 {
                return None;
            }
            let shift = match (is_afternoon, hours == 12) {
                (true, false) => 12 * HOUR,
                (false, true) => -12 * HOUR,
                _ => 0,
            };
            self.micros = Some(micros + shift);
        }
        Some(())
    }

    fn read_offset(&mut self, text: &str) -> Result<(), Wrong> {
        if self.place.is_some() {
            return Err(Wrong::Syntax);
        }
        let body = text[1..].trim_start();
        let mut numbers = body.split(':');
        let first = numbers.next().unwrap_or("");
        let (hours, minutes, seconds) = match (first.len(), numbers.next(), numbers.next()) {
            (1 | 2, minutes, seconds) => (first, minutes.unwrap_or("0"), seconds.unwrap_or("0")),
            (3 | 4, None, _) => (&first[..first.len() - 2], &first[first.len() - 2..], "0"),
            _ => return Err(Wrong::Syntax),
        };
        let (hours, minutes, seconds) =
            (number::<i32>(hours)?, number::<i32>(minutes)?, number::<i32>(seconds)?);
        // Source: MAX_TZDISP_HOUR
        if hours > 15 || minutes > 59 || seconds > 59 {
            return Err(Wrong::Displacement);
        }
        let offset = (hours * 60 + minutes) * 60 + seconds;
        self.place = Some(Place::Offset(if text.starts_with('-') { -offset } else { offset }));
        Ok(())
    }

    fn read_word(&mut self, word: &str) -> Result<(), Wrong> {
        if let Some(month) = month(word) {
            if self.month.is_some() {
                return Err(Wrong::Syntax);
            }
            self.month = Some(month);
            return Ok(());
        }
        let is_weekday =
            word.len() >= 3 && WEEKDAYS.iter().any(|name| word.starts_with(&name.to_ascii_lowercase()));
        let special = match word {
            "infinity" => Special::Infinity,
            "-infinity" => Special::MinusInfinity,
            "epoch" => Special::Epoch,
            "now" => Special::Now,
            "today" => Special::Day(0),
            "tomorrow" => Special::Day(1),
            "yesterday" => Special::Day(-1),
            _ => {
                match word {
                    "t" | "at" | "on" | "ad" => {}
                    "bc" => self.is_bc = true,
                    "am" => self.is_afternoon = Some(false),
                    "pm" => self.is_afternoon = Some(true),
                    "allballs" => {
                        self.micros = Some(0);
                        self.place = Some(Place::Offset(0));
                    }
                    _ if is_weekday && (word.ends_with("day") || word.len() <= 5) => {}
                    _ => return self.read_zone(word),
                }
                return Ok(());
            }
        };
        if self.special.replace(special).is_some() { Err(Wrong::Syntax) } else { Ok(()) }
    }

    fn read_zone(&mut self, name: &str) -> Result<(), Wrong> {
        if self.place.is_some() {
            return Err(Wrong::Syntax);
        }
        self.place = Some(match abbreviation(name) {
            Some(seconds) => Place::Offset(seconds),
            None => match TZ_VARIANTS.iter().find(|zone| zone.name().eq_ignore_ascii_case(name)) {
                Some(zone) => Place::Zone(*zone),
                None if name.contains('/') => return Err(Wrong::Zone(name.to_owned())),
                None => return Err(Wrong::Syntax),
            },
        });
        Ok(())
    }

    fn days(&self, text: &str, type_name: &'static str) -> Result<i64, Error> {
        let out_of_range = || Error::DateField { text: text.to_owned() };
        let (Some(year), Some(month), Some(day)) = (self.year, self.month, self.day) else {
            return Err(Error::DateSyntax { type_name, text: text.to_owned() });
        };
        let year = match (self.is_bc, self.is_short_year) {
            (true, _) => 1 - year,
            // Source: ValidateDate: 00 to 69 is this century, 70 to 99 the last one.
            (false, true) if year < 70 => year + 2000,
            (false, true) => year + 1900,
            (false, false) => year,
        };
        let is_year_zero = self.year == Some(0) && (self.is_bc || !self.is_short_year);
        if is_year_zero || !(1..=12).contains(&month) || day == 0 || day > days_in_month(year, month) {
            return Err(out_of_range());
        }
        Ok(days_of(Day { year, month, day }))
    }

    fn local_micros(&self, text: &str, type_name: &'static str) -> Result<i64, Error> {
        let days = self.days(text, type_name)?;
        let micros = days.checked_mul(DAY_US).and_then(|micros| micros.checked_add(self.micros.unwrap_or(0)));
        micros.and_then(in_range).ok_or_else(|| Error::DateField { text: text.to_owned() })
    }
}

fn number<N: std::str::FromStr>(text: &str) -> Result<N, Wrong> {
    if text.is_empty() || !text.bytes().all(|byte| byte.is_ascii_digit()) {
        return Err(Wrong::Syntax);
    }
    text.parse().map_err(|_| Wrong::Field)
}

/// Microseconds of the digits after the point, rounded half to even.
pub(super) fn fraction_micros(digits: &str) -> Option<i64> {
    if !digits.bytes().all(|byte| byte.is_ascii_digit()) {
        return None;
    }
    if digits.is_empty() {
        return Some(0);
    }
    let fraction: f64 = format!("0.{digits}").parse().ok()?;
    Some((fraction * 1_000_000.0).round_ties_even() as i64)
}

/// The month of this name, in lower case, whole or its first three letters.
pub(super) fn month(word: &str) -> Option<u32> {
    const WHOLE: [&str; 12] = [
        "january",
        "february",
        "march",
        "april",
        "may",
        "june",
        "july",
        "august",
        "september",
        "october",
        "november",
        "december",
    ];
    if word == "sept" {
        return Some(9);
    }
    let index = MONTHS.iter().position(|name| name.eq_ignore_ascii_case(word));
    index.or_else(|| WHOLE.iter().position(|name| *name == word)).map(|index| index as u32 + 1)
}

#[cfg(test)]
mod tests {
    use chrono_tz::Tz;

    use super::{date, time, timestamp, timestamptz};
    use crate::types::PgType;
    use crate::value::read::{Value, array_of};
    use crate::value::{Column, DateOrder, Error, Style};

    /// The value as it is written, so that expectations can be read.
    fn shown(value: Result<Value, Error>, pg_type: PgType, style: &Style) -> String {
        match value.and_then(|value| array_of(&[Some(value)], pg_type)) {
            Ok(array) => {
                let mut out = Vec::new();
                let style = Style { zone: Tz::UTC, ..*style };
                Column::new(array.as_ref(), &pg_type.field("c", true), &style)
                    .unwrap()
                    .write(0, &mut out)
                    .unwrap();
                String::from_utf8(out).unwrap()
            }
            Err(error) => error.sqlstate().code().to_owned(),
        }
    }

    #[test]
    fn dates_are_read_in_every_spelling() {
        let style = Style::default();
        for (text, expected) in [
            ("2024-01-31", "2024-01-31"),
            ("20240131", "2024-01-31"),
            ("240131", "2024-01-31"),
            ("1/2/2024", "2024-01-02"),
            ("1.2.2024", "2024-01-02"),
            ("Jan 5, 2024", "2024-01-05"),
            ("5 January 2024", "2024-01-05"),
            ("Fri Jan 5 2024", "2024-01-05"),
            ("5-Jan-2024", "2024-01-05"),
            ("Jan-05-2024", "2024-01-05"),
            ("2024-Jan-05", "2024-01-05"),
            ("2024-031", "2024-01-31"),
            ("01/02/69", "2069-01-02"),
            ("01/02/70", "1970-01-02"),
            ("2024-01-31 23:59:59+05", "2024-01-31"),
            ("0044-03-15 BC", "0044-03-15 BC"),
            ("infinity", "infinity"),
            ("epoch", "1970-01-01"),
            ("10000-01-01", "10000-01-01"),
            ("4714-11-24 BC", "4714-11-24 BC"),
            ("4714-11-23 BC", "22008"),
            ("2024-02-30", "22008"),
            ("2024-13-01", "22008"),
            ("13/01/2024", "22008"),
            ("0000-01-01", "22008"),
            ("", "22007"),
            ("x", "22007"),
            ("2024", "22007"),
            ("2024-01-31 2024-01-31", "22007"),
        ] {
            assert_eq!(shown(date(text, &style).map(Value::Date), PgType::DATE, &style), expected, "{text}");
        }
    }

    #[test]
    fn the_date_order_decides_what_comes_first() {
        for (order, text, expected) in [
            (DateOrder::Mdy, "01/02/2024", "2024-01-02"),
            (DateOrder::Dmy, "01/02/2024", "2024-02-01"),
            (DateOrder::Ymd, "24-01-02", "2024-01-02"),
            (DateOrder::Dmy, "2024-01-02", "2024-01-02"),
        ] {
            let style = Style { order, ..Style::default() };
            assert_eq!(shown(date(text, &style).map(Value::Date), PgType::DATE, &style), expected, "{text}");
        }
    }

    #[test]
    fn times_are_read_with_halves_of_the_day() {
        let style = Style::default();
        for (text, expected) in [
            ("04:05:06.789", "04:05:06.789"),
            ("04:05", "04:05:00"),
            ("4:05 PM", "16:05:00"),
            ("12:05 AM", "00:05:00"),
            ("24:00:00", "24:00:00"),
            ("23:59:60", "24:00:00"),
            ("04:05:06.1234565", "04:05:06.123456"),
            ("24:00:01", "22008"),
            ("25:00", "22008"),
            ("13:00 PM", "22008"),
            ("x", "22007"),
        ] {
            assert_eq!(shown(time(text, &style).map(Value::Time), PgType::TIME, &style), expected, "{text}");
        }
    }

    #[test]
    fn timestamps_forget_a_zone_and_timestamps_with_zone_use_it() {
        let style = Style { zone: Tz::America__Los_Angeles, ..Style::default() };
        for (text, without, with) in [
            ("2024-01-31", "2024-01-31 00:00:00", "2024-01-31 08:00:00+00"),
            ("2024-01-31 +00", "2024-01-31 00:00:00", "2024-01-31 00:00:00+00"),
            ("2024-01-31T04:05:06Z", "2024-01-31 04:05:06", "2024-01-31 04:05:06+00"),
            ("2024-01-31 04:05:06.5+05:30", "2024-01-31 04:05:06.5", "2024-01-30 22:35:06.5+00"),
            ("2024-01-31 04:05:06 -0530", "2024-01-31 04:05:06", "2024-01-31 09:35:06+00"),
            ("2024-01-31 04:05:06 PST", "2024-01-31 04:05:06", "2024-01-31 12:05:06+00"),
            ("2024-07-01 00:00 Europe/Berlin", "2024-07-01 00:00:00", "2024-06-30 22:00:00+00"),
            ("20240131T040506", "2024-01-31 04:05:06", "2024-01-31 12:05:06+00"),
            ("Wed Jan 31 04:05:06 2024 PST", "2024-01-31 04:05:06", "2024-01-31 12:05:06+00"),
            ("2024-03-10 02:30", "2024-03-10 02:30:00", "2024-03-10 10:30:00+00"),
            ("0044-03-15 12:00 BC", "0044-03-15 12:00:00 BC", "0044-03-15 19:52:58+00 BC"),
            ("-infinity", "-infinity", "-infinity"),
            ("2024-01-31 04:05:06 +16", "22009", "22009"),
            ("2024-01-31 Mars/Phobos", "22023", "22023"),
            ("2024-01-31 25:00", "22008", "22008"),
            ("294277-01-01", "22008", "22008"),
            ("yesterday morning", "22007", "22007"),
        ] {
            let plain = timestamp(text, &style).map(Value::Timestamp);
            assert_eq!(shown(plain, PgType::TIMESTAMP, &style), without, "{text}");
            let zoned = timestamptz(text, &style).map(Value::Timestamp);
            assert_eq!(shown(zoned, PgType::TIMESTAMPTZ, &style), with, "{text}");
        }
    }
}
