//! `generate_series` and `generate_subscripts`, as functions that give arrays.
//!
//! In FROM and in a select list their arrays are unnested ([`super::spell()`], [`super::from_item`]).
//! Integers, and timestamps with an interval as the step; a series of dates is one of timestamps.

use std::sync::Arc;

use arrow::array::{Array, ArrayRef, AsArray, Int32Array, Int64Array, ListArray, TimestampMicrosecondArray};
use arrow::buffer::{NullBuffer, OffsetBuffer};
use arrow::compute::cast;
use arrow::datatypes::{
    DataType, Field, Int64Type, IntervalMonthDayNanoType, IntervalUnit, TimeUnit, TimestampMicrosecondType,
};
use chrono_tz::Tz;
use datafusion::common::{Result, exec_err, plan_err};
use datafusion::logical_expr::{
    ColumnarValue, ScalarFunctionArgs, ScalarUDF, ScalarUDFImpl, Signature, Volatility,
};
use lakeport_base::SqlState;

use super::array_shapes::lengths;
use super::clock::{plus, plus_in_zone};
use super::defined::external;
use super::failure;
use super::lists::{element_count, element_field};
use crate::state::style;
use crate::value::Interval;

/// Elements that one call may make: 128 MiB of them. Series in FROM with constant bounds are not made by calls.
const ELEMENTS_MAX: usize = 16 << 20;

/// `generate_series(start, stop [, step])`
pub(super) fn generate_series() -> Arc<ScalarUDF> {
    // Stable: days are counted in the session's zone.
    Arc::new(ScalarUDF::new_from_impl(Series { signature: Signature::user_defined(Volatility::Stable) }))
}

/// `generate_subscripts(array, dimension [, reverse])`
pub(super) fn generate_subscripts() -> Arc<ScalarUDF> {
    Arc::new(ScalarUDF::new_from_impl(Subscripts {
        signature: Signature::user_defined(Volatility::Immutable),
    }))
}

#[derive(Debug, PartialEq, Eq, Hash)]
struct Series {
    signature: Signature,
}

impl ScalarUDFImpl for Series {
    fn name(&self) -> &str {
        "generate_series"
    }

    fn signature(&self) -> &Signature {
        &self.signature
    }

    fn coerce_types(&self, arg_types: &[DataType]) -> Result<Vec<DataType>> {
        if !(2..=3).contains(&arg_types.len()) {
            return plan_err!("function generate_series() takes two or three arguments");
        }
        if arg_types.iter().all(|arg| arg.is_integer() || arg.is_null()) {
            let is_small = |arg: &DataType| {
                matches!(arg, DataType::Int8 | DataType::Int16 | DataType::Int32 | DataType::Null)
            };
            let integer = if arg_types.iter().all(is_small) { DataType::Int32 } else { DataType::Int64 };
            return Ok(vec![integer; arg_types.len()]);
        }
        let zone = arg_types[..2].iter().find_map(|arg| match arg {
            DataType::Timestamp(_, zone) => Some(zone.clone()),
            _ => None,
        });
        let is_moment = |arg: &DataType| {
            matches!(arg, DataType::Timestamp(_, _) | DataType::Date32 | DataType::Date64 | DataType::Utf8)
        };
        if arg_types.len() != 3 || !arg_types[..2].iter().all(is_moment) {
            return plan_err!("function generate_series({}, {}) does not exist", arg_types[0], arg_types[1]);
        }
        // A series of dates is one of timestamps with time zone, which PostgreSQL prefers.
        let is_day = |arg: &DataType| matches!(arg, DataType::Date32 | DataType::Date64);
        let zone = zone.unwrap_or_else(|| arg_types[..2].iter().any(is_day).then(|| "UTC".into()));
        let moment = DataType::Timestamp(TimeUnit::Microsecond, zone);
        Ok(vec![moment.clone(), moment, DataType::Interval(IntervalUnit::MonthDayNano)])
    }

    fn return_type(&self, arg_types: &[DataType]) -> Result<DataType> {
        Ok(DataType::new_list(arg_types[0].clone(), true))
    }

    fn invoke_with_args(&self, args: ScalarFunctionArgs) -> Result<ColumnarValue> {
        let arrays =
            args.args.iter().map(|arg| arg.to_array(args.number_rows)).collect::<Result<Vec<_>>>()?;
        let list = match arrays[0].data_type() {
            DataType::Int64 => integers(&arrays)?,
            // No element lies outside its bounds, so that each fits.
            DataType::Int32 => {
                let wide = arrays
                    .iter()
                    .map(|array| Ok(cast(array, &DataType::Int64)?))
                    .collect::<Result<Vec<_>>>()?;
                let (_, offsets, values, nulls) = integers(&wide)?.into_parts();
                let values = cast(&values, &DataType::Int32)?;
                ListArray::try_new(
                    Arc::new(Field::new_list_field(DataType::Int32, true)),
                    offsets,
                    values,
                    nulls,
                )?
            }
            DataType::Timestamp(TimeUnit::Microsecond, _) => {
                moments(&arrays, style(&args.config_options).zone)?
            }
            other => return exec_err!("a series of {other} is not supported"),
        };
        Ok(ColumnarValue::Array(Arc::new(list)))
    }
}

fn integers(arrays: &[ArrayRef]) -> Result<ListArray> {
    let columns: Vec<&Int64Array> = arrays.iter().map(|array| array.as_primitive::<Int64Type>()).collect();
    let mut made: Vec<i64> = Vec::new();
    let lists = each_row(arrays, |row| {
        let (start, stop) = (columns[0].value(row), columns[1].value(row));
        let step = columns.get(2).map_or(1, |steps| steps.value(row));
        if step == 0 {
            return Err(zero_step());
        }
        let last = (i128::from(stop) - i128::from(start)) / i128::from(step);
        let is_empty = if step > 0 { start > stop } else { start < stop };
        let length = if is_empty { 0 } else { usize::try_from(last + 1).unwrap_or(usize::MAX) };
        if made.len().saturating_add(length) > ELEMENTS_MAX {
            return Err(too_long());
        }
        made.extend((0..length as i64).map(|index| start + index * step));
        Ok(length)
    })?;
    lists.over(Arc::new(Int64Array::from(made)))
}

fn moments(arrays: &[ArrayRef], zone: Tz) -> Result<ListArray> {
    let starts = arrays[0].as_primitive::<TimestampMicrosecondType>();
    let stops = arrays[1].as_primitive::<TimestampMicrosecondType>();
    let steps = arrays[2].as_primitive::<IntervalMonthDayNanoType>();
    let is_zoned = matches!(arrays[0].data_type(), DataType::Timestamp(_, Some(_)));
    let mut made: Vec<i64> = Vec::new();
    let lists = each_row(arrays, |row| {
        let (start, stop, step) = (starts.value(row), stops.value(row), steps.value(row));
        let step = Interval::of_nanos(step.months, step.days, step.nanoseconds);
        let next_to = |moment| if is_zoned { plus_in_zone(moment, step, zone) } else { plus(moment, step) };
        let second = next_to(start).map_err(external)?;
        if second == start {
            return Err(zero_step());
        }
        let (before, rises) = (made.len(), second > start);
        let mut next = Some(start);
        while let Some(value) = next.filter(|value| if rises { *value <= stop } else { *value >= stop }) {
            push(&mut made, value)?;
            next = next_to(value).ok();
        }
        Ok(made.len() - before)
    })?;
    let DataType::Timestamp(_, zone) = arrays[0].data_type() else { return exec_err!("timestamps") };
    lists.over(Arc::new(TimestampMicrosecondArray::from(made).with_timezone_opt(zone.clone())))
}

fn push(made: &mut Vec<i64>, value: i64) -> Result<()> {
    if made.len() >= ELEMENTS_MAX {
        return Err(too_long());
    }
    made.push(value);
    Ok(())
}

fn too_long() -> datafusion::common::DataFusionError {
    failure(SqlState::PROGRAM_LIMIT_EXCEEDED, "a series is too long to be one array")
}

/// The lengths of rows' lists, before their elements.
struct Lists {
    lengths: Vec<usize>,
    nulls: Vec<bool>,
}

impl Lists {
    fn over(self, values: ArrayRef) -> Result<ListArray> {
        let field = Arc::new(Field::new_list_field(values.data_type().clone(), true));
        let nulls = Some(NullBuffer::from(self.nulls));
        Ok(ListArray::try_new(field, OffsetBuffer::from_lengths(self.lengths), values, nulls)?)
    }
}

/// Asks for each row's elements; a row with a NULL argument has a NULL list.
fn each_row(arrays: &[ArrayRef], mut make: impl FnMut(usize) -> Result<usize>) -> Result<Lists> {
    let mut lists = Lists { lengths: Vec::new(), nulls: Vec::new() };
    for row in 0..arrays[0].len() {
        let is_valid = arrays.iter().all(|array| array.is_valid(row));
        lists.lengths.push(if is_valid { make(row)? } else { 0 });
        lists.nulls.push(is_valid);
    }
    Ok(lists)
}

fn zero_step() -> datafusion::common::DataFusionError {
    failure(SqlState::INVALID_PARAMETER_VALUE, "step size cannot equal zero")
}

#[derive(Debug, PartialEq, Eq, Hash)]
struct Subscripts {
    signature: Signature,
}

impl ScalarUDFImpl for Subscripts {
    fn name(&self) -> &str {
        "generate_subscripts"
    }

    fn signature(&self) -> &Signature {
        &self.signature
    }

    fn coerce_types(&self, arg_types: &[DataType]) -> Result<Vec<DataType>> {
        match arg_types {
            [array, _] if element_field(array).is_some() => Ok(vec![array.clone(), DataType::Int64]),
            [array, _, _] if element_field(array).is_some() => {
                Ok(vec![array.clone(), DataType::Int64, DataType::Boolean])
            }
            _ => plan_err!("function generate_subscripts() takes an array and a dimension"),
        }
    }

    fn return_type(&self, _arg_types: &[DataType]) -> Result<DataType> {
        Ok(DataType::new_list(DataType::Int32, true))
    }

    fn invoke_with_args(&self, args: ScalarFunctionArgs) -> Result<ColumnarValue> {
        let first = super::subscript::first_index(&args.arg_fields[0]);
        let arrays =
            args.args.iter().map(|arg| arg.to_array(args.number_rows)).collect::<Result<Vec<_>>>()?;
        let dimensions = arrays[1].as_primitive::<Int64Type>();
        let reverses = arrays.get(2).map(|reverses| reverses.as_boolean());
        let mut made: Vec<i32> = Vec::new();
        let lists = each_row(&arrays, |row| {
            let wanted = usize::try_from(dimensions.value(row)).ok().and_then(|number| number.checked_sub(1));
            let length = match wanted {
                Some(0) => element_count(&arrays[0], row),
                Some(number) => lengths(&arrays[0], row).get(number).copied().unwrap_or(0),
                None => 0,
            };
            let count = i32::try_from(length).unwrap_or(i32::MAX);
            let start = i32::try_from(first).unwrap_or(0);
            let range = start..start.saturating_add(count);
            if reverses.is_some_and(|reverses| reverses.value(row)) {
                made.extend(range.rev());
            } else {
                made.extend(range);
            }
            Ok(length)
        })?;
        Ok(ColumnarValue::Array(Arc::new(lists.over(Arc::new(Int32Array::from(made)))?)))
    }
}
