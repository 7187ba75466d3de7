//! Bit strings: read from texts and integers, and read as integers. `bit_operators` computes with them.
//!
//! Source: PostgreSQL's `varbit.c`. A bit string is a text of zeros and ones here.

use std::sync::Arc;

use datafusion::logical_expr::ScalarUDF;
use lakeport_base::SqlState;

use super::defined::{Definition, immutable, taking};
use crate::error::{Error, Result};
use crate::types::PgType;
use crate::value::read::Value;

const BIT: PgType = PgType::BIT;
const INT: PgType = PgType::INT4;
const BIG: PgType = PgType::INT8;

/// What casts to and from bit strings call. A length of 0 is one that was not said.
pub(super) const FUNCTIONS: &[Definition] = &[
    immutable(
        "bit",
        &[
            taking(&[PgType::TEXT, INT], BIT, |values, _| match values {
                [Value::Text(text), Value::Int4(length)] => {
                    Ok(Some(Value::Text(cut(read(text)?, usize::try_from(*length).unwrap_or(0)))))
                }
                _ => Ok(None),
            }),
            taking(&[INT, INT], BIT, |values, _| match values {
                [Value::Int4(number), Value::Int4(length)] => {
                    Ok(Some(of_integer(i64::from(*number), *length)))
                }
                _ => Ok(None),
            }),
            taking(&[BIG, INT], BIT, |values, _| match values {
                [Value::Int8(number), Value::Int4(length)] => Ok(Some(of_integer(*number, *length))),
                _ => Ok(None),
            }),
        ],
    ),
    immutable(
        "bittoint4",
        &[taking(&[PgType::TEXT], INT, |values, _| match values {
            [Value::Text(bits)] => Ok(Some(Value::Int4(integer(bits, 32)? as i32))),
            _ => Ok(None),
        })],
    ),
    immutable(
        "bittoint8",
        &[taking(&[PgType::TEXT], BIG, |values, _| match values {
            [Value::Text(bits)] => Ok(Some(Value::Int8(integer(bits, 64)? as i64))),
            _ => Ok(None),
        })],
    ),
];

/// One of the functions that casts call.
pub(crate) fn bit_function(name: &str) -> Option<Arc<ScalarUDF>> {
    FUNCTIONS.iter().find(|definition| definition.name() == name).map(Definition::function)
}

/// Zeros and ones, behind a `b` if there is one, or hexadecimal digits behind an `x`.
pub(super) fn read(text: &str) -> Result<String> {
    let wrong = |letter: char, kind: &str| {
        let message = format!("\"{letter}\" is not a valid {kind} digit");
        Error::new(SqlState::INVALID_TEXT_REPRESENTATION, message)
    };
    if let Some(digits) = text.strip_prefix(['x', 'X']) {
        let mut bits = String::with_capacity(digits.len() * 4);
        for letter in digits.chars() {
            let digit = letter.to_digit(16).ok_or_else(|| wrong(letter, "hexadecimal"))?;
            bits.push_str(&format!("{digit:04b}"));
        }
        return Ok(bits);
    }
    let digits = text.strip_prefix(['b', 'B']).unwrap_or(text);
    match digits.chars().find(|letter| !matches!(letter, '0' | '1')) {
        Some(letter) => Err(wrong(letter, "binary")),
        None => Ok(digits.to_owned()),
    }
}

/// Cut or filled with zeros at the right.
fn cut(mut bits: String, length: usize) -> String {
    if length > 0 {
        bits.truncate(length);
        bits.extend(std::iter::repeat_n('0', length - bits.len()));
    }
    bits
}

/// The lowest bits; more than there are repeat the sign.
fn of_integer(number: i64, length: i32) -> Value {
    let length = usize::try_from(length).unwrap_or(1).max(1);
    let bit = |place: usize| if number >> place.min(63) & 1 == 1 { '1' } else { '0' };
    Value::Text((0..length).rev().map(bit).collect())
}

fn integer(bits: &str, bits_max: usize) -> Result<u64> {
    if bits.len() > bits_max {
        let name = if bits_max == 32 { "integer" } else { "bigint" };
        return Err(Error::new(SqlState::NUMERIC_VALUE_OUT_OF_RANGE, format!("{name} out of range")));
    }
    if bits.is_empty() { Ok(0) } else { Ok(u64::from_str_radix(bits, 2).unwrap_or(0)) }
}
