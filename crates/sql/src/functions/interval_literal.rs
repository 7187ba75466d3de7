//! `INTERVAL '1-2' YEAR TO MONTH` as a cast, read as all texts are read as intervals.

use datafusion::sql::sqlparser::ast::{
    DataType, DateTimeField, Expr, Interval, IntervalFields, Value, ValueWithSpan,
};

use super::spell::{cast, text};

/// The fields that an interval is written with; none where PostgreSQL has no type of such.
pub(crate) fn fields_of(first: &DateTimeField, last: Option<&DateTimeField>) -> Option<IntervalFields> {
    use DateTimeField::{Day, Hour, Minute, Month, Second, Year};
    Some(match (first, last) {
        (Year, None) => IntervalFields::Year,
        (Month, None) => IntervalFields::Month,
        (Day, None) => IntervalFields::Day,
        (Hour, None) => IntervalFields::Hour,
        (Minute, None) => IntervalFields::Minute,
        (Second, None) => IntervalFields::Second,
        (Year, Some(Month)) => IntervalFields::YearToMonth,
        (Day, Some(Hour)) => IntervalFields::DayToHour,
        (Day, Some(Minute)) => IntervalFields::DayToMinute,
        (Day, Some(Second)) => IntervalFields::DayToSecond,
        (Hour, Some(Minute)) => IntervalFields::HourToMinute,
        (Hour, Some(Second)) => IntervalFields::HourToSecond,
        (Minute, Some(Second)) => IntervalFields::MinuteToSecond,
        _ => return None,
    })
}

/// The interval as a cast of its text; none where it is written as none of PostgreSQL's.
pub(super) fn spelled(interval: &Interval) -> Option<Expr> {
    let Expr::Value(ValueWithSpan { value: Value::SingleQuotedString(value), .. }) = interval.value.as_ref()
    else {
        return None;
    };
    let Some(first) = &interval.leading_field else {
        return Some(cast(text(value), DataType::Interval { fields: None, precision: None }));
    };
    if let Some(fields) = fields_of(first, interval.last_field.as_ref()) {
        let precision = match first {
            DateTimeField::Second => interval.leading_precision,
            _ => interval.fractional_seconds_precision,
        };
        return Some(cast(text(value), DataType::Interval { fields: Some(fields), precision }));
    }
    // A unit that no type has, such as weeks: the text with the unit in it, where that is all it can mean.
    let is_whole = interval.last_field.is_none() && value.trim().parse::<i32>().is_ok();
    let value = format!("{value} {first}");
    is_whole.then(|| cast(text(&value), DataType::Interval { fields: None, precision: None }))
}
