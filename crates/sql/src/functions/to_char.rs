//! `to_char(value, pattern)` with PostgreSQL's patterns, for dates, times and numbers.

use std::sync::Arc;

use arrow::array::{Array, ArrayRef, AsArray, StringArray};
use arrow::compute::cast;
use arrow::datatypes::{DataType, Float64Type, IntervalUnit, TimeUnit, TimestampMicrosecondType};
use chrono::{DateTime, Datelike, FixedOffset, Offset, Timelike};
use datafusion::common::{Result, plan_err};
use datafusion::logical_expr::{
    ColumnarValue, ScalarFunctionArgs, ScalarUDF, ScalarUDFImpl, Signature, Volatility,
};
use lakeport_base::SqlState;

use super::date_pattern::{Piece, pieces};
use super::defined::{at, external};
use super::number_pattern::Numbers;
use super::{failure, interval_char};
use crate::state::style;
use crate::value::Interval;
use crate::value::read::Value;

/// `to_char(value, pattern)`
pub(super) fn to_char() -> Arc<ScalarUDF> {
    // Stable: timestamps with time zone are shown in the session's zone.
    Arc::new(ScalarUDF::new_from_impl(ToChar { signature: Signature::user_defined(Volatility::Stable) }))
}

#[derive(Debug, PartialEq, Eq, Hash)]
struct ToChar {
    signature: Signature,
}

impl ScalarUDFImpl for ToChar {
    fn name(&self) -> &str {
        "to_char"
    }

    fn signature(&self) -> &Signature {
        &self.signature
    }

    fn coerce_types(&self, arg_types: &[DataType]) -> Result<Vec<DataType>> {
        let [value, _] = arg_types else {
            return plan_err!("function to_char() takes a value and a pattern");
        };
        let value = match value {
            DataType::Timestamp(_, zone) => DataType::Timestamp(TimeUnit::Microsecond, zone.clone()),
            DataType::Date32 | DataType::Date64 | DataType::Null => {
                DataType::Timestamp(TimeUnit::Microsecond, None)
            }
            // A time of day is as long after midnight.
            DataType::Time32(_) | DataType::Time64(_) => DataType::Time64(TimeUnit::Microsecond),
            DataType::Interval(_) | DataType::Duration(_) => DataType::Interval(IntervalUnit::MonthDayNano),
            number if number.is_numeric() => number.clone(),
            other => return plan_err!("function to_char({other}, text) does not exist"),
        };
        Ok(vec![value, DataType::Utf8])
    }

    fn return_type(&self, _arg_types: &[DataType]) -> Result<DataType> {
        Ok(DataType::Utf8)
    }

    fn invoke_with_args(&self, args: ScalarFunctionArgs) -> Result<ColumnarValue> {
        let values = args.args[0].to_array(args.number_rows)?;
        let patterns = args.args[1].to_array(args.number_rows)?;
        let patterns = patterns.as_string::<i32>();
        let texts = match values.data_type() {
            DataType::Timestamp(_, zone) => {
                let zone = zone.as_ref().map(|_| style(&args.config_options).zone);
                moments(&values, patterns, zone)?
            }
            DataType::Time64(_) | DataType::Interval(_) => lengths(&values, patterns)?,
            _ => numbers(&values, patterns)?,
        };
        Ok(ColumnarValue::Array(Arc::new(texts)))
    }
}

fn moments(values: &ArrayRef, patterns: &StringArray, zone: Option<chrono_tz::Tz>) -> Result<StringArray> {
    let values = values.as_primitive::<TimestampMicrosecondType>();
    let mut last: Option<(&str, Vec<Piece>)> = None;
    let mut texts = Vec::with_capacity(values.len());
    for (value, pattern) in values.iter().zip(patterns) {
        let (Some(value), Some(pattern)) = (value, pattern) else {
            texts.push(None);
            continue;
        };
        if last.as_ref().is_none_or(|(known, _)| *known != pattern) {
            last = Some((pattern, pieces(pattern)));
        }
        let Some(moment) = DateTime::from_timestamp_micros(value) else {
            return Err(failure(SqlState::DATETIME_FIELD_OVERFLOW, "timestamp out of range"));
        };
        let (moment, zone_name) = match zone {
            Some(zone) => {
                let local = moment.with_timezone(&zone);
                (local.with_timezone(&local.offset().fix()), local.format("%Z").to_string())
            }
            None => (moment.fixed_offset(), String::new()),
        };
        let mut text = String::new();
        for piece in last.iter().flat_map(|(_, pieces)| pieces) {
            write_piece(piece, &moment, &zone_name, zone.is_some(), &mut text);
        }
        texts.push(Some(text));
    }
    Ok(texts.into_iter().collect())
}

/// Intervals, and times of day as such.
fn lengths(values: &ArrayRef, patterns: &StringArray) -> Result<StringArray> {
    let mut texts = Vec::with_capacity(values.len());
    for (row, pattern) in patterns.iter().enumerate() {
        texts.push(match (at(values, row)?, pattern) {
            (Some(Value::Interval(length)), Some(pattern)) => {
                Some(interval_char::written(length, &pieces(pattern)).map_err(external)?)
            }
            (Some(Value::Time(micros)), Some(pattern)) => {
                let length = Interval { months: 0, days: 0, micros };
                Some(interval_char::written(length, &pieces(pattern)).map_err(external)?)
            }
            _ => None,
        });
    }
    Ok(texts.into_iter().collect())
}

fn write_piece(piece: &Piece, moment: &DateTime<FixedOffset>, zone: &str, has_zone: bool, out: &mut String) {
    let (key, written, fill, ordinal) = match piece {
        Piece::Literal(text) => return out.push_str(text),
        Piece::Field { key, written, fill, ordinal } => (*key, written, *fill, *ordinal),
    };
    if let Some((number, width)) = number(key, moment) {
        let digits = if fill { number.to_string() } else { format!("{number:0width$}") };
        out.push_str(&digits);
        if let Some(ordinal) = ordinal {
            out.push_str(&cased(suffix(number), if ordinal == "TH" { "TH" } else { "th" }));
        }
        return;
    }
    let offset = moment.offset().local_minus_utc();
    let (sign, minutes) = (if offset < 0 { '-' } else { '+' }, offset.abs() / 60);
    match key {
        "MONTH" | "MON" | "DAY" | "DY" => {
            let format = match key {
                "MONTH" => "%B",
                "MON" => "%b",
                "DAY" => "%A",
                _ => "%a",
            };
            let name = cased(&moment.format(format).to_string(), written);
            let width = if fill || key.len() < 3 || key == "MON" { 0 } else { 9 };
            out.push_str(&format!("{name:<width$}"));
        }
        "AM" | "PM" => out.push_str(&cased(if moment.hour() < 12 { "am" } else { "pm" }, written)),
        "A.M." | "P.M." => out.push_str(&cased(if moment.hour() < 12 { "a.m." } else { "p.m." }, written)),
        "BC" | "AD" => out.push_str(&cased(if moment.year() > 0 { "ad" } else { "bc" }, written)),
        "B.C." | "A.D." => out.push_str(&cased(if moment.year() > 0 { "a.d." } else { "b.c." }, written)),
        "Y,YYY" => {
            let year = era_year(moment.year());
            out.push_str(&format!("{},{:03}", year / 1000, year % 1000));
        }
        "RM" => {
            const ROMAN: [&str; 12] =
                ["I", "II", "III", "IV", "V", "VI", "VII", "VIII", "IX", "X", "XI", "XII"];
            let name = cased(ROMAN[moment.month0() as usize], written);
            let width = if fill { 0 } else { 4 };
            out.push_str(&format!("{name:<width$}"));
        }
        "TZ" if has_zone => {
            out.push_str(&if written == "tz" { zone.to_lowercase() } else { zone.to_owned() })
        }
        "TZH" if has_zone => out.push_str(&format!("{sign}{:02}", minutes / 60)),
        "TZM" if has_zone => out.push_str(&format!("{:02}", minutes % 60)),
        "OF" if has_zone && minutes % 60 == 0 => out.push_str(&format!("{sign}{:02}", minutes / 60)),
        "OF" if has_zone => out.push_str(&format!("{sign}{:02}:{:02}", minutes / 60, minutes % 60)),
        "OF" | "TZH" => out.push_str("+00"),
        "TZM" => out.push_str("00"),
        _ => {}
    }
}

/// A field that is a number, and its width; none for a field that is a name.
fn number(key: &str, moment: &DateTime<FixedOffset>) -> Option<(i64, usize)> {
    let year = i64::from(era_year(moment.year()));
    let iso = moment.iso_week();
    let iso_year = i64::from(iso.year());
    let micros = i64::from(moment.nanosecond() / 1_000);
    let hour12 = i64::from(moment.hour12().1);
    Some(match key {
        "YYYY" => (year, 4),
        "YYY" => (year % 1000, 3),
        "YY" => (year % 100, 2),
        "Y" => (year % 10, 1),
        "IYYY" => (iso_year, 4),
        "IYY" => (iso_year % 1000, 3),
        "IY" => (iso_year % 100, 2),
        "I" => (iso_year % 10, 1),
        "CC" => ((year + 99) / 100, 2),
        "Q" => (i64::from(moment.month0() / 3 + 1), 1),
        "MM" => (i64::from(moment.month()), 2),
        "WW" => (i64::from(moment.ordinal0() / 7 + 1), 2),
        "IW" => (i64::from(iso.week()), 2),
        "W" => (i64::from(moment.day0() / 7 + 1), 1),
        "DDD" => (i64::from(moment.ordinal()), 3),
        "IDDD" => (i64::from(iso.week0() * 7 + moment.weekday().number_from_monday()), 3),
        "DD" => (i64::from(moment.day()), 2),
        "D" => (i64::from(moment.weekday().number_from_sunday()), 1),
        "ID" => (i64::from(moment.weekday().number_from_monday()), 1),
        // Days since noon UTC of 24 November 4714 BC; chrono counts from 1 January of year 1.
        "J" => (i64::from(moment.num_days_from_ce()) + 1_721_425, 1),
        "HH24" => (i64::from(moment.hour()), 2),
        "HH" | "HH12" => (hour12, 2),
        "MI" => (i64::from(moment.minute()), 2),
        "SS" => (i64::from(moment.second()), 2),
        "SSSS" | "SSSSS" => (i64::from(moment.num_seconds_from_midnight()), 1),
        "MS" | "FF3" => (micros / 1_000, 3),
        "US" | "FF6" => (micros, 6),
        "FF1" => (micros / 100_000, 1),
        "FF2" => (micros / 10_000, 2),
        "FF4" => (micros / 100, 4),
        "FF5" => (micros / 10, 5),
        _ => return None,
    })
}

/// The year as it is said: chrono's year 0 is 1 BC.
fn era_year(year: i32) -> i32 {
    if year > 0 { year } else { 1 - year }
}

/// A name in the case of the pattern: MONTH, Month or month.
fn cased(name: &str, written: &str) -> String {
    let mut letters = written.chars().filter(|c| c.is_alphabetic());
    let (first, second) = (letters.next(), letters.next());
    match (first.is_some_and(char::is_uppercase), second.is_none_or(char::is_uppercase)) {
        (true, true) => name.to_uppercase(),
        (true, false) => {
            let mut chars = name.chars();
            chars
                .next()
                .map(|first| first.to_uppercase().chain(chars.flat_map(char::to_lowercase)).collect())
                .unwrap_or_default()
        }
        _ => name.to_lowercase(),
    }
}

pub(super) fn suffix(number: i64) -> &'static str {
    match (number % 100, number % 10) {
        (11..=13, _) => "th",
        (_, 1) => "st",
        (_, 2) => "nd",
        (_, 3) => "rd",
        _ => "th",
    }
}

fn numbers(values: &ArrayRef, patterns: &StringArray) -> Result<StringArray> {
    let floats = match values.data_type() {
        DataType::Float16 | DataType::Float32 | DataType::Float64 => Some(cast(values, &DataType::Float64)?),
        _ => None,
    };
    let floats = floats.as_ref().map(|floats| floats.as_primitive::<Float64Type>());
    let digits = cast(values, &DataType::Utf8)?;
    let mut texts = Vec::with_capacity(values.len());
    for (row, (value, pattern)) in digits.as_string::<i32>().iter().zip(patterns).enumerate() {
        let (Some(value), Some(pattern)) = (value, pattern) else {
            texts.push(None);
            continue;
        };
        let numbers = Numbers::read(pattern)?;
        texts.push(Some(match floats {
            Some(floats) if !floats.value(row).is_finite() => {
                let message = "value out of range for to_char";
                return Err(failure(SqlState::NUMERIC_VALUE_OUT_OF_RANGE, message));
            }
            Some(floats) => numbers.format_float(floats.value(row)),
            None => numbers.format(value),
        }));
    }
    Ok(texts.into_iter().collect())
}
