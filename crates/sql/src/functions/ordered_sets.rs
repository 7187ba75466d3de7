//! What is asked of sorted values: the most frequent one, and those with so many before them.
//!
//! `mode() WITHIN GROUP (ORDER BY x)` and `percentile_disc`, and `percentile_cont` of an array of fractions, are spelled as calls
//! of these functions with the sorted array of the values.
//!
//! Source: PostgreSQL's `orderedsetaggs.c`.

use std::sync::Arc;

use arrow::array::{
    Array, ArrayRef, AsArray, Float64Array, IntervalMonthDayNanoArray, ListArray, UInt32Array,
    make_comparator,
};
use arrow::buffer::OffsetBuffer;
use arrow::compute::{SortOptions, take};
use arrow::datatypes::{
    DataType, Field, FieldRef, Float64Type, IntervalMonthDayNano, IntervalMonthDayNanoType,
};
use datafusion::common::{Result, internal_err, plan_err};
use datafusion::logical_expr::{
    ColumnarValue, ReturnFieldArgs, ScalarFunctionArgs, ScalarUDF, ScalarUDFImpl, Signature, Volatility,
};
use lakeport_base::SqlState;

use super::clock::scaled;
use super::defined::external;
use super::failure;
use super::lists::{as_list, element_field};
use crate::value::Interval;

/// The functions.
pub(super) fn functions() -> Vec<Arc<ScalarUDF>> {
    [Wanted::Mode, Wanted::Discrete, Wanted::Continuous]
        .into_iter()
        .map(|wanted| {
            let signature = Signature::user_defined(Volatility::Immutable);
            Arc::new(ScalarUDF::new_from_impl(OfSorted { wanted, signature }))
        })
        .collect()
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
enum Wanted {
    /// The value that is there most often, the first of several.
    Mode,
    /// The first value with at least that part of all before it.
    Discrete,
    /// What lies between two values at that part of the way.
    Continuous,
}

#[derive(Debug, PartialEq, Eq, Hash)]
struct OfSorted {
    wanted: Wanted,
    signature: Signature,
}

impl ScalarUDFImpl for OfSorted {
    fn name(&self) -> &str {
        match self.wanted {
            Wanted::Mode => "mode_of",
            Wanted::Discrete => "percentile_disc_of",
            Wanted::Continuous => "percentile_cont_of",
        }
    }

    fn signature(&self) -> &Signature {
        &self.signature
    }

    fn coerce_types(&self, arg_types: &[DataType]) -> Result<Vec<DataType>> {
        let list = arg_types.first().and_then(element_field);
        let (Some(item), fractions) = (list, arg_types.get(1..).unwrap_or_default()) else {
            return plan_err!("{} takes an array", self.name());
        };
        let values = match item.data_type() {
            other if self.wanted != Wanted::Continuous || matches!(other, DataType::Interval(_)) => {
                DataType::List(Arc::clone(item))
            }
            other if other.is_numeric() || other.is_null() => DataType::new_list(DataType::Float64, true),
            other => return plan_err!("given name and argument types 'percentile_cont({other})'."),
        };
        match (self.wanted, fractions) {
            (Wanted::Mode, []) => Ok(vec![values]),
            (Wanted::Discrete | Wanted::Continuous, [fraction]) => Ok(vec![
                values,
                match element_field(fraction) {
                    Some(inner) if element_field(inner.data_type()).is_some() => {
                        return plan_err!("percentiles of an array of several dimensions are not supported");
                    }
                    Some(_) => DataType::new_list(DataType::Float64, true),
                    None => DataType::Float64,
                },
            ]),
            _ => plan_err!("{} takes an array and a fraction", self.name()),
        }
    }

    fn return_type(&self, _arg_types: &[DataType]) -> Result<DataType> {
        internal_err!("return_field_from_args is asked instead")
    }

    fn return_field_from_args(&self, args: ReturnFieldArgs) -> Result<FieldRef> {
        let list = &args.arg_fields[0];
        let Some(item) = element_field(list.data_type()) else { return plan_err!("{list} is no array") };
        let is_many =
            args.arg_fields.get(1).is_some_and(|fraction| element_field(fraction.data_type()).is_some());
        Ok(Arc::new(match is_many {
            true => Field::new(self.name(), DataType::List(Arc::clone(item)), true),
            false => item.as_ref().clone().with_name(self.name()).with_nullable(true),
        }))
    }

    fn invoke_with_args(&self, args: ScalarFunctionArgs) -> Result<ColumnarValue> {
        let rows = args.number_rows;
        let lists = as_list(&args.args[0].to_array(rows)?)?;
        let Some(fractions) = args.args.get(1) else { return Ok(ColumnarValue::Array(modes(&lists)?)) };
        let fractions = fractions.to_array(rows)?;
        let DataType::List(item) = lists.data_type() else { return internal_err!("a list is a list") };
        let Some(wanted) = fractions.as_list_opt::<i32>() else {
            let flat = fractions.as_primitive::<Float64Type>();
            let asked: Vec<Asked> = flat
                .iter()
                .enumerate()
                .map(|(row, fraction)| Ok((row, checked(fraction)?)))
                .collect::<Result<_>>()?;
            return Ok(ColumnarValue::Array(self.found(&lists, &asked)?));
        };
        let (mut asked, mut lengths, mut valid) = (Vec::new(), Vec::new(), Vec::new());
        for row in 0..rows {
            // Without values there is no array, not even one of NULLs.
            let is_there = wanted.is_valid(row) && lists.is_valid(row) && lists.value_length(row) > 0;
            let before = asked.len();
            if is_there {
                for fraction in wanted.value(row).as_primitive::<Float64Type>() {
                    asked.push((row, checked(fraction)?));
                }
            }
            lengths.push(asked.len() - before);
            valid.push(is_there);
        }
        let values = self.found(&lists, &asked)?;
        let offsets = OffsetBuffer::from_lengths(lengths);
        let found = ListArray::try_new(Arc::clone(item), offsets, values, Some(valid.into()))?;
        Ok(ColumnarValue::Array(Arc::new(found)))
    }
}

/// A row, and the fraction that is asked of its values.
type Asked = (usize, Option<f64>);

fn checked(fraction: Option<f64>) -> Result<Option<f64>> {
    match fraction {
        Some(value) if !(0.0..=1.0).contains(&value) => {
            let message = format!("percentile value {value} is not between 0 and 1");
            Err(failure(SqlState::NUMERIC_VALUE_OUT_OF_RANGE, message))
        }
        other => Ok(other),
    }
}

impl OfSorted {
    fn found(&self, lists: &ListArray, asked: &[Asked]) -> Result<ArrayRef> {
        if self.wanted == Wanted::Discrete {
            let places = asked.iter().map(|(row, fraction)| {
                let (start, length) = values_of(lists, *row)?;
                let place = ((*fraction)? * length as f64).ceil() as usize;
                Some((start + place.max(1) - 1) as u32)
            });
            return Ok(take(lists.values(), &places.collect::<UInt32Array>(), None)?);
        }
        let between = asked.iter().map(|(row, fraction)| {
            let (start, length) = values_of(lists, *row)?;
            let way = (*fraction)? * (length - 1) as f64;
            Some((start + way.floor() as usize, start + way.ceil() as usize, way - way.floor()))
        });
        match lists.values().as_primitive_opt::<Float64Type>() {
            Some(floats) => {
                let at = |(low, high, part): (usize, usize, f64)| {
                    let (low, high) = (floats.value(low), floats.value(high));
                    if low == high { low } else { low + part * (high - low) }
                };
                Ok(Arc::new(between.map(|place| place.map(at)).collect::<Float64Array>()))
            }
            None => intervals(lists, between),
        }
    }
}

/// Where the values of a row begin, and how many there are; none where there are none.
fn values_of(lists: &ListArray, row: usize) -> Option<(usize, usize)> {
    let length = lists.value_length(row) as usize;
    (lists.is_valid(row) && length > 0).then(|| (lists.value_offsets()[row] as usize, length))
}

fn intervals(
    lists: &ListArray,
    between: impl Iterator<Item = Option<(usize, usize, f64)>>,
) -> Result<ArrayRef> {
    let values = lists.values().as_primitive::<IntervalMonthDayNanoType>();
    let of = |place: usize| {
        let interval = values.value(place);
        Interval::of_nanos(interval.months, interval.days, interval.nanoseconds)
    };
    let overflow = || failure(SqlState::DATETIME_FIELD_OVERFLOW, "interval out of range");
    let found = between.map(|place| {
        let Some((low, high, part)) = place else { return Ok(None) };
        let (low, high) = (of(low), of(high));
        let distance = Interval {
            months: high.months.checked_sub(low.months).ok_or_else(overflow)?,
            days: high.days.checked_sub(low.days).ok_or_else(overflow)?,
            micros: high.micros.checked_sub(low.micros).ok_or_else(overflow)?,
        };
        let way = scaled(distance, |size| size * part).map_err(external)?;
        let micros = low.micros.checked_add(way.micros).and_then(|micros| micros.checked_mul(1_000));
        Ok(Some(IntervalMonthDayNano::new(
            low.months.checked_add(way.months).ok_or_else(overflow)?,
            low.days.checked_add(way.days).ok_or_else(overflow)?,
            micros.ok_or_else(overflow)?,
        )))
    });
    Ok(Arc::new(found.collect::<Result<IntervalMonthDayNanoArray>>()?))
}

/// The most frequent value of each list, whose equal values stand together.
fn modes(lists: &ListArray) -> Result<ArrayRef> {
    let values = lists.values();
    let compare = make_comparator(values, values, SortOptions::default())?;
    let places = (0..lists.len()).map(|row| {
        let (start, length) = values_of(lists, row)?;
        let (mut best, mut best_count) = (start, 0);
        let mut first = start;
        for place in start..start + length {
            if compare(first, place).is_ne() {
                first = place;
            }
            if place - first + 1 > best_count {
                (best, best_count) = (first, place - first + 1);
            }
        }
        Some(best as u32)
    });
    Ok(take(values, &places.collect::<UInt32Array>(), None)?)
}
