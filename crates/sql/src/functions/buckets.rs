//! `width_bucket`, and functions of a numeric's digits: `scale`, `min_scale`, `trim_scale`, `div`.

use arrow::datatypes::i256;
use lakeport_base::SqlState;

use super::defined::{Definition, immutable, taking};
use crate::error::{Error, Result};
use crate::types::PgType;
use crate::value::Style;
use crate::value::read::{Decimal, Value};

const FLOAT: PgType = PgType::FLOAT8;
const INT: PgType = PgType::INT4;
const NUMERIC: PgType = PgType::NUMERIC;

pub(super) const FUNCTIONS: &[Definition] = &[
    immutable(
        "width_bucket",
        &[
            taking(&[NUMERIC, NUMERIC, NUMERIC, INT], INT, of_numerics),
            taking(&[FLOAT, FLOAT, FLOAT, INT], INT, of_floats),
            taking(&[INT, PgType::INT4_ARRAY], INT, among),
            taking(&[PgType::INT8, PgType::INT8_ARRAY], INT, among),
            taking(&[FLOAT, PgType::FLOAT8_ARRAY], INT, among),
            taking(&[PgType::DATE, PgType::DATE_ARRAY], INT, among),
            taking(&[PgType::TIMESTAMP, PgType::TIMESTAMP_ARRAY], INT, among),
            taking(&[PgType::TIMESTAMPTZ, PgType::TIMESTAMPTZ_ARRAY], INT, among),
            taking(&[PgType::TEXT, PgType::TEXT_ARRAY], INT, among),
        ],
    ),
    immutable(
        "scale",
        &[taking(&[NUMERIC], INT, |values, _| match values {
            [Value::Decimal(value)] => Ok(Some(Value::Int4(i32::from(value.scale)))),
            _ => Ok(None),
        })],
    ),
    immutable(
        "div",
        &[taking(&[NUMERIC, NUMERIC], NUMERIC, |values, _| match values {
            [Value::Decimal(left), Value::Decimal(right)] => whole_quotient(*left, *right),
            _ => Ok(None),
        })],
    ),
    immutable(
        "trim_scale",
        &[taking(&[NUMERIC], NUMERIC, |values, _| match values {
            [Value::Decimal(value)] => Ok(Some(Value::Decimal(value.shortest()))),
            _ => Ok(None),
        })],
    ),
    immutable(
        "min_scale",
        &[taking(&[NUMERIC], INT, |values, _| match values {
            [Value::Decimal(value)] => Ok(Some(Value::Int4(i32::from(value.shortest().scale)))),
            _ => Ok(None),
        })],
    ),
];

/// A quotient without its fraction.
fn whole_quotient(left: Decimal, right: Decimal) -> Result<Option<Value>> {
    if right.unscaled == i256::ZERO {
        return Err(Error::new(SqlState::DIVISION_BY_ZERO, "division by zero"));
    }
    let (left, right) = (left.shortest(), right.shortest());
    let scale = left.scale.max(right.scale);
    let whole = |number: Decimal| number.rescaled(scale, 76);
    let (Some(left), Some(right)) = (whole(left), whole(right)) else {
        return Err(Error::new(SqlState::NUMERIC_VALUE_OUT_OF_RANGE, "numeric field overflow"));
    };
    Ok(Some(Value::Decimal(Decimal { unscaled: left.wrapping_div(right), scale: 0 })))
}

fn refused(message: &str) -> Error {
    Error::new(SqlState::INVALID_ARGUMENT_FOR_WIDTH_BUCKET, message)
}

fn count_of(count: i32) -> Result<i64> {
    if count <= 0 { Err(refused("count must be greater than zero")) } else { Ok(i64::from(count)) }
}

/// The number of a bucket as an integer; one behind the last bucket may be too many.
fn numbered(bucket: i64) -> Result<Option<Value>> {
    let bucket = i32::try_from(bucket)
        .map_err(|_| Error::new(SqlState::NUMERIC_VALUE_OUT_OF_RANGE, "integer out of range"))?;
    Ok(Some(Value::Int4(bucket)))
}

fn of_numerics(values: &[Value], _style: &Style) -> Result<Option<Value>> {
    let [Value::Decimal(value), Value::Decimal(low), Value::Decimal(high), Value::Int4(count)] = values
    else {
        return Ok(None);
    };
    let count = count_of(*count)?;
    let scale = value.scale.max(low.scale).max(high.scale);
    let whole = |decimal: &Decimal| {
        // As many digits as 256 bits hold.
        let scaled = decimal.rescaled(scale, 76);
        scaled.ok_or_else(|| Error::new(SqlState::NUMERIC_VALUE_OUT_OF_RANGE, "numeric field overflow"))
    };
    let (value, low, high) = (whole(value)?, whole(low)?, whole(high)?);
    if low == high {
        return Err(refused("lower bound cannot equal upper bound"));
    }
    let (from, width) = if low < high { (value - low, high - low) } else { (low - value, low - high) };
    if from < i256::ZERO {
        return numbered(0);
    }
    if from >= width {
        return numbered(count + 1);
    }
    let bucket =
        from.checked_mul(i256::from_i128(i128::from(count))).and_then(|share| share.checked_div(width));
    let bucket = bucket.and_then(|bucket| bucket.to_i128()).and_then(|bucket| i64::try_from(bucket).ok());
    numbered(bucket.unwrap_or(i64::MAX - 1) + 1)
}

fn of_floats(values: &[Value], _style: &Style) -> Result<Option<Value>> {
    let [Value::Float8(value), Value::Float8(low), Value::Float8(high), Value::Int4(count)] = values else {
        return Ok(None);
    };
    let count = count_of(*count)?;
    if value.is_nan() || low.is_nan() || high.is_nan() {
        return Err(refused("operand, lower bound, and upper bound cannot be NaN"));
    }
    if low.is_infinite() || high.is_infinite() {
        return Err(refused("lower and upper bounds must be finite"));
    }
    if low == high {
        return Err(refused("lower bound cannot equal upper bound"));
    }
    let (from, width) = if low < high { (value - low, high - low) } else { (low - value, low - high) };
    numbered(if from < 0.0 {
        0
    } else if from >= width {
        count + 1
    } else {
        // Rounding must not lead behind the last bucket.
        ((count as f64 * (from / width)) as i64).min(count - 1) + 1
    })
}

/// How many of the bounds, which must be sorted, are not above the value.
fn among(values: &[Value], _style: &Style) -> Result<Option<Value>> {
    let [value, Value::List(bounds)] = values else { return Ok(None) };
    if bounds.iter().any(Option::is_none) {
        return Err(Error::new(SqlState::NULL_VALUE_NOT_ALLOWED, "thresholds array must not contain NULLs"));
    }
    let is_reached = |bound: &Option<Value>| bound.as_ref().is_some_and(|bound| !is_less(value, bound));
    let reached = bounds.partition_point(is_reached);
    numbered(i64::try_from(reached).unwrap_or(i64::MAX))
}

fn is_less(left: &Value, right: &Value) -> bool {
    match (left, right) {
        (Value::Int4(left), Value::Int4(right)) => left < right,
        (Value::Int8(left), Value::Int8(right)) => left < right,
        (Value::Float8(left), Value::Float8(right)) => left < right,
        (Value::Date(left), Value::Date(right)) => left < right,
        (Value::Timestamp(left), Value::Timestamp(right)) => left < right,
        (Value::Text(left), Value::Text(right)) => left < right,
        _ => false,
    }
}
