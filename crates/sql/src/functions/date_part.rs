//! `extract(field FROM value)`, which is numeric, and `date_part(field, value)`, which is a float.
//!
//! Timestamps with time zone are taken in the session's zone.

use std::sync::Arc;

use arrow::array::{Array, ArrayRef, AsArray, Decimal128Array, Float64Array};
use arrow::datatypes::{
    DataType, Date32Type, Field, FieldRef, IntervalMonthDayNanoType, IntervalUnit, Time64MicrosecondType,
    TimeUnit, TimestampMicrosecondType,
};
use chrono::{Datelike, NaiveDate};
use datafusion::common::{DataFusionError, Result, ScalarValue, plan_datafusion_err};
use datafusion::logical_expr::expr::ScalarFunction;
use datafusion::logical_expr::planner::{ExprPlanner, PlannerResult};
use datafusion::logical_expr::{
    ColumnarValue, Expr, ReturnFieldArgs, ScalarFunctionArgs, ScalarUDF, ScalarUDFImpl, Signature, Volatility,
};
use lakeport_base::SqlState;

use super::clock::{is_infinite, table};
use super::failure;
use super::units::Unit;
use crate::state::style;
use crate::value::Interval;
use crate::value::calendar::{DAY_US, Day, day_of, days_of, weekday};
use crate::value::zone::{Last, Zone};

/// Parts are counted in millionths, so that seconds keep their fraction.
const ONE: i64 = 1_000_000;

/// The Julian day of 1970-01-01.
const JULIAN_EPOCH: i64 = 2_440_588;

/// `date_part(field, value)`
pub(super) fn date_part() -> Arc<ScalarUDF> {
    part(false)
}

/// `extract(field FROM value)`
pub(super) fn extract() -> Arc<ScalarUDF> {
    part(true)
}

fn part(is_numeric: bool) -> Arc<ScalarUDF> {
    Arc::new(ScalarUDF::new_from_impl(DatePart {
        is_numeric,
        signature: Signature::user_defined(Volatility::Stable),
    }))
}

/// Plans `extract(field FROM value)`.
#[derive(Debug, Default)]
pub struct ExtractPlanner;

impl ExprPlanner for ExtractPlanner {
    fn plan_extract(&self, args: Vec<Expr>) -> Result<PlannerResult<Vec<Expr>>> {
        Ok(PlannerResult::Planned(Expr::ScalarFunction(ScalarFunction::new_udf(extract(), args))))
    }
}

#[derive(Debug, PartialEq, Eq, Hash)]
struct DatePart {
    is_numeric: bool,
    signature: Signature,
}

impl ScalarUDFImpl for DatePart {
    fn name(&self) -> &str {
        if self.is_numeric { "extract" } else { "date_part" }
    }

    fn signature(&self) -> &Signature {
        &self.signature
    }

    fn coerce_types(&self, arg_types: &[DataType]) -> Result<Vec<DataType>> {
        let refused = || {
            let types: Vec<String> = arg_types.iter().map(ToString::to_string).collect();
            // The words that `plan::failure` knows, and tells with PostgreSQL's names of the types.
            plan_datafusion_err!("given name and argument types '{}({})'.", self.name(), types.join(", "))
        };
        let [_, value] = arg_types else { return Err(refused()) };
        let value = match value {
            DataType::Timestamp(_, zone) => DataType::Timestamp(TimeUnit::Microsecond, zone.clone()),
            DataType::Date32 | DataType::Date64 => DataType::Date32,
            DataType::Null | DataType::Utf8 | DataType::Utf8View | DataType::LargeUtf8 => {
                DataType::Timestamp(TimeUnit::Microsecond, None)
            }
            DataType::Time32(_) | DataType::Time64(_) => DataType::Time64(TimeUnit::Microsecond),
            DataType::Interval(_) => DataType::Interval(IntervalUnit::MonthDayNano),
            _ => return Err(refused()),
        };
        Ok(vec![DataType::Utf8, value])
    }

    fn return_type(&self, _arg_types: &[DataType]) -> Result<DataType> {
        Ok(if self.is_numeric { DataType::Decimal128(38, 6) } else { DataType::Float64 })
    }

    fn return_field_from_args(&self, args: ReturnFieldArgs) -> Result<FieldRef> {
        let data_type = if self.is_numeric {
            let scale = field_of(args.scalar_arguments.first().copied().flatten())
                .and_then(Unit::named)
                .map_or(6, |unit| scale(unit, args.arg_fields[1].data_type()));
            DataType::Decimal128(38, scale)
        } else {
            DataType::Float64
        };
        Ok(Arc::new(Field::new(self.name(), data_type, true)))
    }

    fn invoke_with_args(&self, args: ScalarFunctionArgs) -> Result<ColumnarValue> {
        let constant = match &args.args[0] {
            ColumnarValue::Scalar(scalar) => field_of(Some(scalar)),
            ColumnarValue::Array(_) => None,
        };
        let Some(field) = constant else {
            return Err(failure(
                SqlState::FEATURE_NOT_SUPPORTED,
                "the field of date_part must be a constant",
            ));
        };
        let values = args.args[1].to_array(args.number_rows)?;
        let zone = matches!(values.data_type(), DataType::Timestamp(_, Some(_)))
            .then(|| table(style(&args.config_options).zone));
        let parts = parts(field, &values, zone.as_deref())?;
        Ok(ColumnarValue::Array(match args.return_field.data_type() {
            DataType::Decimal128(precision, scale) => {
                let parts = parts.into_iter().map(|part| part.map(|part| part.at_scale(*scale)));
                let parts = parts.collect::<Decimal128Array>();
                Arc::new(parts.with_precision_and_scale(*precision, *scale)?)
            }
            _ => Arc::new(parts.into_iter().map(|part| part.map(Part::float)).collect::<Float64Array>()),
        }))
    }
}

fn field_of(scalar: Option<&ScalarValue>) -> Option<&str> {
    match scalar? {
        ScalarValue::Utf8(Some(field)) | ScalarValue::Utf8View(Some(field)) => Some(field),
        _ => None,
    }
}

/// The digits behind the point that PostgreSQL shows of a part.
fn scale(unit: Unit, data_type: &DataType) -> i8 {
    match unit {
        Unit::Epoch if *data_type == DataType::Date32 => 0,
        Unit::Julian if *data_type == DataType::Date32 => 0,
        Unit::Second | Unit::Epoch => 6,
        Unit::Millisecond => 3,
        Unit::Julian => 20,
        _ => 0,
    }
}

/// A part of a moment.
#[derive(Debug, Clone, Copy)]
enum Part {
    Millionths(i64),
    /// A day and the microseconds of it that are over.
    Julian(i64, i64),
}

impl Part {
    fn float(self) -> f64 {
        match self {
            Part::Millionths(part) => part as f64 / ONE as f64,
            Part::Julian(day, micros) => day as f64 + micros as f64 / DAY_US as f64,
        }
    }

    fn at_scale(self, scale: i8) -> i128 {
        let power = |scale: i8| 10_i128.pow(u32::from(scale.unsigned_abs()));
        match self {
            Part::Millionths(part) if scale <= 6 => i128::from(part) / power(6 - scale),
            Part::Millionths(part) => i128::from(part) * power(scale - 6),
            Part::Julian(day, micros) => {
                let fraction = i128::from(micros) * power(scale);
                let day_length = i128::from(DAY_US);
                i128::from(day) * power(scale) + (fraction + day_length / 2) / day_length
            }
        }
    }
}

fn parts(field: &str, values: &ArrayRef, zone: Option<&Zone>) -> Result<Vec<Option<Part>>> {
    let type_name = match values.data_type() {
        DataType::Date32 => "date",
        DataType::Time64(_) => "time without time zone",
        DataType::Interval(_) => "interval",
        DataType::Timestamp(_, Some(_)) => "timestamp with time zone",
        _ => "timestamp without time zone",
    };
    let Some(unit) = Unit::named(field) else {
        let message = format!("unit \"{}\" not recognized for type {type_name}", field.to_lowercase());
        return Err(failure(SqlState::INVALID_PARAMETER_VALUE, message));
    };
    let whole = |part: i64| Part::Millionths(part * ONE);
    let last = Last::default();
    let each = |row: usize| -> Option<Option<Part>> {
        Some(match values.data_type() {
            DataType::Date32 => {
                let days = values.as_primitive::<Date32Type>().value(row);
                match unit {
                    _ if days == i32::MAX || days == i32::MIN => None,
                    Unit::Epoch => Some(whole(i64::from(days) * 86_400)),
                    unit => Some(of_day(unit, i64::from(days), 0)?),
                }
            }
            DataType::Time64(_) => {
                let micros = values.as_primitive::<Time64MicrosecondType>().value(row);
                Some(if unit == Unit::Epoch { Part::Millionths(micros) } else { of_clock(unit, micros)? })
            }
            DataType::Interval(_) => {
                let interval = values.as_primitive::<IntervalMonthDayNanoType>().value(row);
                Some(of_interval(
                    unit,
                    Interval::of_nanos(interval.months, interval.days, interval.nanoseconds),
                )?)
            }
            _ => {
                let micros = values.as_primitive::<TimestampMicrosecondType>().value(row);
                let offset = zone.map_or(0, |zone| zone.at(micros.div_euclid(ONE), &last).offset);
                match (unit, zone) {
                    _ if is_infinite(micros) => None,
                    (Unit::Epoch, _) => Some(Part::Millionths(micros)),
                    (Unit::Zone, Some(_)) => Some(whole(i64::from(offset))),
                    (Unit::ZoneHour, Some(_)) => Some(whole(i64::from(offset / 3_600))),
                    (Unit::ZoneMinute, Some(_)) => Some(whole(i64::from(offset % 3_600 / 60))),
                    (unit, _) => {
                        let local = micros + i64::from(offset) * ONE;
                        let (days, clock) = (local.div_euclid(DAY_US), local.rem_euclid(DAY_US));
                        Some(of_day(unit, days, clock).or_else(|| of_clock(unit, clock))?)
                    }
                }
            }
        })
    };
    let refused = || {
        let message = format!("unit \"{}\" not supported for type {type_name}", field.to_lowercase());
        failure(SqlState::FEATURE_NOT_SUPPORTED, message)
    };
    (0..values.len())
        .map(|row| if values.is_null(row) { Ok(None) } else { each(row).ok_or_else(refused) })
        .collect::<Result<_, DataFusionError>>()
}

/// A part of a day; none where the unit is none of a day's. `timestamp_part_common`
fn of_day(unit: Unit, days: i64, clock: i64) -> Option<Part> {
    let Day { year, month, day } = day_of(days);
    // There is no year 0: it is 1 BC, which is -1 here.
    let said = if year > 0 { year } else { year - 1 };
    let ages =
        |length: i64| if year > 0 { (year + length - 1) / length } else { -((length - year) / length) };
    let part = match unit {
        Unit::Year => said,
        Unit::Month => i64::from(month),
        Unit::Day => i64::from(day),
        Unit::Quarter => i64::from((month - 1) / 3 + 1),
        Unit::Week => i64::from(iso_week(year, month, day)?.week()),
        Unit::IsoYear => {
            let year = i64::from(iso_week(year, month, day)?.year());
            if year > 0 { year } else { year - 1 }
        }
        Unit::DayOfWeek => weekday(days) as i64,
        Unit::IsoDayOfWeek => (weekday(days) as i64 + 6) % 7 + 1,
        Unit::DayOfYear => days - days_of(Day { year, month: 1, day: 1 }) + 1,
        Unit::Decade => year.div_euclid(10),
        Unit::Century => ages(100),
        Unit::Millennium => ages(1_000),
        Unit::Julian => return Some(Part::Julian(days + JULIAN_EPOCH, clock)),
        _ => return None,
    };
    Some(Part::Millionths(part * ONE))
}

/// None only beyond the years of chrono's calendar, which are more than timestamps have.
fn iso_week(year: i64, month: u32, day: u32) -> Option<chrono::IsoWeek> {
    Some(NaiveDate::from_ymd_opt(i32::try_from(year).ok()?, month, day)?.iso_week())
}

fn of_clock(unit: Unit, micros: i64) -> Option<Part> {
    let in_minute = micros % 60_000_000;
    Some(Part::Millionths(match unit {
        Unit::Hour => micros / 3_600_000_000 * ONE,
        Unit::Minute => micros / 60_000_000 % 60 * ONE,
        Unit::Second => in_minute,
        Unit::Millisecond => in_minute * 1_000,
        Unit::Microsecond => in_minute * ONE,
        _ => return None,
    }))
}

/// `interval_part_common`
fn of_interval(unit: Unit, interval: Interval) -> Option<Part> {
    /// A year has 365.25 days, in seconds.
    const YEAR_SECONDS: i64 = 31_557_600;
    let months = i64::from(interval.months);
    Some(match unit {
        Unit::Epoch => {
            let days = months % 12 * 30 + i64::from(interval.days);
            let seconds = months / 12 * YEAR_SECONDS + days * 86_400;
            Part::Millionths(seconds.checked_mul(ONE)?.checked_add(interval.micros)?)
        }
        Unit::Year => Part::Millionths(months / 12 * ONE),
        Unit::Month => Part::Millionths(months % 12 * ONE),
        Unit::Quarter => Part::Millionths((months % 12 / 3 + 1) * ONE),
        Unit::Day => Part::Millionths(i64::from(interval.days) * ONE),
        Unit::Decade => Part::Millionths(months / 120 * ONE),
        Unit::Century => Part::Millionths(months / 1_200 * ONE),
        Unit::Millennium => Part::Millionths(months / 12_000 * ONE),
        unit => of_clock(unit, interval.micros)?,
    })
}
