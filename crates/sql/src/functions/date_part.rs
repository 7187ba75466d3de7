//! `date_part(field, value)`, and so `extract(field FROM value)`: always a float, seconds with their fraction.
//!
//! Timestamps with time zone are taken in the session's zone. PostgreSQL's extract is numeric;
//! its values are these.

use std::sync::Arc;

use arrow::array::{Array, ArrayRef, AsArray, Float64Array};
use arrow::datatypes::{
    DataType, IntervalMonthDayNano, IntervalMonthDayNanoType, IntervalUnit, Time64MicrosecondType, TimeUnit,
    TimestampMicrosecondType,
};
use chrono::{DateTime, Datelike, FixedOffset, Offset, Timelike};
use datafusion::common::{DataFusionError, Result, ScalarValue, exec_err, plan_err};
use datafusion::logical_expr::expr::ScalarFunction;
use datafusion::logical_expr::planner::{ExprPlanner, PlannerResult};
use datafusion::logical_expr::{
    ColumnarValue, Expr, ScalarFunctionArgs, ScalarUDF, ScalarUDFImpl, Signature, Volatility,
};
use lakeport_base::SqlState;

use super::failure;
use crate::state::style;

const MICROS: f64 = 1_000_000.0;

/// `date_part(field, value)`
pub(super) fn date_part() -> Arc<ScalarUDF> {
    Arc::new(ScalarUDF::new_from_impl(DatePart {
        aliases: vec!["datepart".to_owned(), "extract".to_owned()],
        signature: Signature::user_defined(Volatility::Stable),
    }))
}

/// Plans `extract(field FROM value)` as a call of `date_part`.
#[derive(Debug, Default)]
pub struct ExtractPlanner;

impl ExprPlanner for ExtractPlanner {
    fn plan_extract(&self, args: Vec<Expr>) -> Result<PlannerResult<Vec<Expr>>> {
        Ok(PlannerResult::Planned(Expr::ScalarFunction(ScalarFunction::new_udf(date_part(), args))))
    }
}

#[derive(Debug, PartialEq, Eq, Hash)]
struct DatePart {
    aliases: Vec<String>,
    signature: Signature,
}

impl ScalarUDFImpl for DatePart {
    fn name(&self) -> &str {
        "date_part"
    }

    fn aliases(&self) -> &[String] {
        &self.aliases
    }

    fn signature(&self) -> &Signature {
        &self.signature
    }

    fn coerce_types(&self, arg_types: &[DataType]) -> Result<Vec<DataType>> {
        let [_, value] = arg_types else {
            return plan_err!("function date_part() takes a field and a value");
        };
        let value = match value {
            DataType::Timestamp(_, zone) => DataType::Timestamp(TimeUnit::Microsecond, zone.clone()),
            DataType::Date32 | DataType::Date64 | DataType::Null => {
                DataType::Timestamp(TimeUnit::Microsecond, None)
            }
            DataType::Utf8 | DataType::Utf8View | DataType::LargeUtf8 => {
                DataType::Timestamp(TimeUnit::Microsecond, None)
            }
            DataType::Time32(_) | DataType::Time64(_) => DataType::Time64(TimeUnit::Microsecond),
            DataType::Interval(_) | DataType::Duration(_) => DataType::Interval(IntervalUnit::MonthDayNano),
            other => return plan_err!("function date_part(text, {other}) does not exist"),
        };
        Ok(vec![DataType::Utf8, value])
    }

    fn return_type(&self, _arg_types: &[DataType]) -> Result<DataType> {
        Ok(DataType::Float64)
    }

    fn invoke_with_args(&self, args: ScalarFunctionArgs) -> Result<ColumnarValue> {
        let ColumnarValue::Scalar(ScalarValue::Utf8(Some(field))) = &args.args[0] else {
            return exec_err!("the field of date_part must be constant");
        };
        let field = field.trim().to_lowercase();
        let values = args.args[1].to_array(args.number_rows)?;
        let parts = match values.data_type() {
            DataType::Timestamp(_, zone) => {
                let zone = zone.as_ref().map(|_| style(&args.config_options).zone);
                of_moments(&field, &values, zone)?
            }
            DataType::Time64(_) => of_times(&field, &values)?,
            _ => of_intervals(&field, &values)?,
        };
        Ok(ColumnarValue::Array(Arc::new(parts)))
    }
}

fn of_moments(field: &str, values: &ArrayRef, zone: Option<chrono_tz::Tz>) -> Result<Float64Array> {
    let values = values.as_primitive::<TimestampMicrosecondType>();
    each(values.iter(), |micros| {
        if field == "epoch" {
            return Ok(micros as f64 / MICROS);
        }
        let Some(moment) = DateTime::from_timestamp_micros(micros) else {
            return Err(failure(SqlState::DATETIME_FIELD_OVERFLOW, "timestamp out of range"));
        };
        let local = match zone {
            Some(zone) => {
                let local = moment.with_timezone(&zone);
                local.with_timezone(&local.offset().fix())
            }
            None => moment.fixed_offset(),
        };
        let offset = f64::from(local.offset().local_minus_utc());
        match field {
            "timezone" if zone.is_some() => Ok(offset),
            "timezone_hour" if zone.is_some() => Ok((offset / 3600.0).trunc()),
            "timezone_minute" if zone.is_some() => Ok(((offset % 3600.0) / 60.0).trunc()),
            field => of_day(field, &local).ok_or_else(|| unknown(field, "timestamp")),
        }
    })
}

/// A part of a day or of its time; none for a field that there is not.
fn of_day(field: &str, moment: &DateTime<FixedOffset>) -> Option<f64> {
    // PostgreSQL has no year 0: chrono's is 1 BC, which is -1 here.
    let year = if moment.year() > 0 { moment.year() } else { moment.year() - 1 };
    let ages =
        |length: i32| if year > 0 { (year + length - 1) / length } else { -((length - 1 - year) / length) };
    let iso = moment.iso_week();
    let weekday = moment.weekday();
    Some(match field {
        "year" | "years" | "y" => f64::from(year),
        "month" | "months" | "mon" | "mons" => f64::from(moment.month()),
        "day" | "days" | "d" => f64::from(moment.day()),
        "quarter" | "qtr" => f64::from(moment.month0() / 3 + 1),
        "week" | "weeks" | "w" => f64::from(iso.week()),
        "isoyear" => f64::from(iso.year()),
        "dow" => f64::from(weekday.num_days_from_sunday()),
        "isodow" => f64::from(weekday.number_from_monday()),
        "doy" => f64::from(moment.ordinal()),
        "decade" | "decades" => f64::from(moment.year().div_euclid(10)),
        "century" | "centuries" => f64::from(ages(100)),
        "millennium" | "millenniums" | "millennia" => f64::from(ages(1000)),
        "julian" => {
            let day = f64::from(moment.num_days_from_ce() + 1_721_425);
            let micros = i64::from(moment.num_seconds_from_midnight()) * 1_000_000
                + i64::from(moment.nanosecond() / 1000);
            day + micros as f64 / (86_400.0 * MICROS)
        }
        other => {
            let micros = i64::from(moment.num_seconds_from_midnight()) * 1_000_000
                + i64::from(moment.nanosecond() / 1000);
            return of_time(other, micros);
        }
    })
}

fn of_time(field: &str, micros: i64) -> Option<f64> {
    let in_minute = micros % 60_000_000;
    Some(match field {
        "hour" | "hours" | "h" => (micros / 3_600_000_000) as f64,
        "minute" | "minutes" | "min" | "m" => (micros / 60_000_000 % 60) as f64,
        "second" | "seconds" | "sec" | "s" => in_minute as f64 / MICROS,
        "millisecond" | "milliseconds" | "ms" => in_minute as f64 / 1_000.0,
        "microsecond" | "microseconds" | "us" => in_minute as f64,
        _ => return None,
    })
}

fn of_times(field: &str, values: &ArrayRef) -> Result<Float64Array> {
    each(values.as_primitive::<Time64MicrosecondType>().iter(), |micros| match field {
        "epoch" => Ok(micros as f64 / MICROS),
        field => of_time(field, micros).ok_or_else(|| unknown(field, "time")),
    })
}

fn of_intervals(field: &str, values: &ArrayRef) -> Result<Float64Array> {
    each(values.as_primitive::<IntervalMonthDayNanoType>().iter(), |interval: IntervalMonthDayNano| {
        let (months, days, micros) = (interval.months, interval.days, interval.nanoseconds / 1_000);
        Ok(match field {
            // A year of an interval has 365.25 days, a month 30.
            "epoch" => {
                let days = f64::from(months / 12) * 365.25 + f64::from(months % 12) * 30.0 + f64::from(days);
                days * 86_400.0 + micros as f64 / MICROS
            }
            "year" | "years" | "y" => f64::from(months / 12),
            "month" | "months" | "mon" | "mons" => f64::from(months % 12),
            "quarter" | "qtr" => f64::from(months % 12 / 3 + 1),
            "day" | "days" | "d" => f64::from(days),
            "decade" | "decades" => f64::from(months / 120),
            "century" | "centuries" => f64::from(months / 1_200),
            "millennium" | "millenniums" | "millennia" => f64::from(months / 12_000),
            field => of_time(field, micros).ok_or_else(|| unknown(field, "interval"))?,
        })
    })
}

fn each<T>(values: impl Iterator<Item = Option<T>>, part: impl Fn(T) -> Result<f64>) -> Result<Float64Array> {
    values.map(|value| value.map(&part).transpose()).collect()
}

fn unknown(field: &str, type_name: &str) -> DataFusionError {
    failure(
        SqlState::INVALID_PARAMETER_VALUE,
        format!("unit \"{field}\" not recognized for type {type_name}"),
    )
}
