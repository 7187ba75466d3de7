//! Trigonometry in degrees: exact where the answer is.
//!
//! Source: `sind`, `cosd`, `asind` and their kin in PostgreSQL's `float.c`, which scale what the library gives so that
//! the sine of 30 degrees is just 0.5.

use lakeport_base::SqlState;

use super::defined::{Definition, immutable, taking};
use crate::error::{Error, Result};
use crate::types::PgType;
use crate::value::read::Value;

const FLOAT: PgType = PgType::FLOAT8;

macro_rules! of_one {
    ($name:literal, $function:expr) => {
        immutable(
            $name,
            &[taking(&[FLOAT], FLOAT, |values, _| match values {
                [Value::Float8(value)] => computed(*value, $function),
                _ => Ok(None),
            })],
        )
    };
}

pub(super) const FUNCTIONS: &[Definition] = &[
    of_one!("sind", |angle| Some(sine(angle))),
    of_one!("cosd", |angle| Some(cosine(angle))),
    of_one!("tand", |angle| Some(tangent(angle))),
    of_one!("cotd", |angle| Some(tangent(90.0 - angle))),
    of_one!("asind", |value| inverse(value, arc_sine)),
    of_one!("acosd", |value| inverse(value, |value| if value >= 0.0 {
        90.0 - arc_sine(value)
    } else {
        90.0 + arc_sine(-value)
    })),
    of_one!("atand", |value| Some(arc_tangent(value))),
    immutable(
        "atan2d",
        &[taking(&[FLOAT, FLOAT], FLOAT, |values, _| match values {
            [Value::Float8(y), Value::Float8(x)] => Ok(Some(Value::Float8(y.atan2(*x) / 1f64.atan() * 45.0))),
            _ => Ok(None),
        })],
    ),
];

fn computed(value: f64, function: impl Fn(f64) -> Option<f64>) -> Result<Option<Value>> {
    if value.is_nan() {
        return Ok(Some(Value::Float8(value)));
    }
    match function(value).filter(|_| value.is_finite() || function(1.0).is_some()) {
        Some(answer) if !answer.is_nan() => Ok(Some(Value::Float8(answer))),
        _ => Err(Error::new(SqlState::NUMERIC_VALUE_OUT_OF_RANGE, "input is out of range")),
    }
}

/// From 0 to 30 degrees by the sine, from there to 90 by the cosine of the rest.
fn first_quadrant(angle: f64) -> f64 {
    if angle <= 30.0 { small_sine(angle) } else { small_cosine(90.0 - angle) }
}

fn small_sine(angle: f64) -> f64 {
    angle.to_radians().sin() / 30f64.to_radians().sin() / 2.0
}

fn small_cosine(angle: f64) -> f64 {
    1.0 - (1.0 - angle.to_radians().cos()) / (1.0 - 60f64.to_radians().cos()) / 2.0
}

fn sine(angle: f64) -> f64 {
    let angle = angle % 360.0;
    let (sign, angle) = if angle < 0.0 { (-1.0, -angle) } else { (1.0, angle) };
    let (sign, angle) = if angle > 180.0 { (-sign, 360.0 - angle) } else { (sign, angle) };
    sign * first_quadrant(if angle > 90.0 { 180.0 - angle } else { angle })
}

fn cosine(angle: f64) -> f64 {
    let angle = (angle % 360.0).abs();
    let angle = if angle > 180.0 { 360.0 - angle } else { angle };
    if angle > 90.0 { -first_quadrant(angle - 90.0) } else { first_quadrant(90.0 - angle) }
}

fn tangent(angle: f64) -> f64 {
    sine(angle) / cosine(angle)
}

fn inverse(value: f64, function: impl Fn(f64) -> f64) -> Option<f64> {
    (-1.0..=1.0).contains(&value).then(|| function(value))
}

fn arc_sine(value: f64) -> f64 {
    if value < 0.0 {
        return -arc_sine(-value);
    }
    if value <= 0.5 {
        value.asin() / 0.5f64.asin() * 30.0
    } else {
        90.0 - value.acos() / 0.5f64.acos() * 60.0
    }
}

fn arc_tangent(value: f64) -> f64 {
    value.atan() / 1f64.atan() * 45.0
}
