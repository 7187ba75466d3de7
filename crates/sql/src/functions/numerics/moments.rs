//! The count, the sum and the sum of squares of exact numbers, and the deviation that they tell.
//!
//! Source: `numeric_stddev_internal` in PostgreSQL's `numeric.c`.

use std::sync::Arc;

use arrow::array::{Array, ArrayRef, AsArray, BinaryArray, Decimal256Array, Int64Array};
use arrow::compute::{CastOptions, cast_with_options};
use arrow::datatypes::{DataType, Decimal256Type, Int64Type, i256};
use datafusion::common::{Result, exec_err};
use num_bigint::{BigInt, Sign};

use super::big::{big, digits, divided, ten};
use super::powers;
use crate::functions::defined::external;
use crate::types::{RATIO_SCALE, is_open_numeric};
use crate::value::read::Decimal;
use crate::value::{DIGIT, SIGNIFICANT_DIGITS};

/// Digits of a decimal of 256 bits.
const PRECISION_MAX: u8 = 76;

/// What of the moments is asked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(super) struct Deviation {
    /// Of a sample, and not of a whole population.
    pub is_sample: bool,
    /// The square of the deviation.
    pub is_variance: bool,
}

/// The type that numbers of this one are added up as.
pub(super) fn wide(data_type: &DataType) -> DataType {
    let scale = match data_type {
        DataType::Decimal32(_, scale)
        | DataType::Decimal64(_, scale)
        | DataType::Decimal128(_, scale)
        | DataType::Decimal256(_, scale) => *scale,
        _ => 0,
    };
    DataType::Decimal256(PRECISION_MAX, scale.max(0))
}

/// The numbers of a column of integers or decimals.
pub(super) fn numbers(column: &ArrayRef) -> Result<Decimal256Array> {
    let options = CastOptions { safe: false, ..CastOptions::default() };
    let values = cast_with_options(column, &wide(column.data_type()), &options)?;
    Ok(values.as_primitive::<Decimal256Type>().clone())
}

/// A sum that has no bounds: in 256 bits as long as it fits there.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
struct Total {
    near: i256,
    far: BigInt,
}

impl Total {
    fn add(&mut self, number: i256) {
        self.near = self.near.checked_add(number).unwrap_or_else(|| {
            self.far += big(self.near);
            number
        });
    }

    fn add_big(&mut self, number: BigInt) {
        self.far += number;
    }

    fn whole(&self) -> BigInt {
        &self.far + big(self.near)
    }
}

/// What has been added up.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Moments {
    count: i64,
    sum: Total,
    squares: Total,
}

impl Moments {
    /// Counts a number in.
    pub(super) fn add(&mut self, number: i256) {
        self.count += 1;
        self.sum.add(number);
        match number.checked_mul(number) {
            Some(square) => self.squares.add(square),
            None => self.squares.add_big(big(number).pow(2)),
        }
    }

    /// Counts a number out again.
    pub(super) fn remove(&mut self, number: i256) {
        self.count -= 1;
        self.sum.add_big(-big(number));
        self.squares.add_big(-big(number).pow(2));
    }

    /// Bytes that it holds beyond its own.
    pub(super) fn size(&self) -> usize {
        let (_, sum, squares) = self.parts();
        sum.len() + squares.len()
    }

    /// The three parts, as they go from one half of an aggregation to the other.
    fn parts(&self) -> (i64, Vec<u8>, Vec<u8>) {
        (self.count, self.sum.whole().to_signed_bytes_le(), self.squares.whole().to_signed_bytes_le())
    }

    /// Adds what another half has added up.
    pub(super) fn merge(&mut self, (count, sum, squares): Parts<'_>) {
        self.count += count;
        self.sum.add_big(BigInt::from_signed_bytes_le(sum));
        self.squares.add_big(BigInt::from_signed_bytes_le(squares));
    }

    /// The deviation of numbers of this type; none of too few.
    ///
    /// # Errors
    ///
    /// 22003 where it has too many digits.
    pub(super) fn deviation(&self, wanted: Deviation, data_type: &DataType) -> Result<Option<Decimal>> {
        let scale = match wide(data_type) {
            DataType::Decimal256(_, scale) => u32::from(scale.unsigned_abs()),
            _ => 0,
        };
        if self.count <= i64::from(wanted.is_sample) {
            return Ok(None);
        }
        let count = BigInt::from(self.count);
        let mut above = &count * self.squares.whole() - self.sum.whole().pow(2);
        let mut places = 2 * scale;
        if above.sign() != Sign::Plus {
            return Ok(Some(Decimal { unscaled: i256::ZERO, scale: 0 }));
        }
        // Of open numerics only the digits that they have are known.
        while is_open_numeric(data_type) && places > 0 && (&above % 10u32).sign() == Sign::NoSign {
            above /= 10;
            places -= 1;
        }
        let below = if wanted.is_sample { &count * (&count - 1) } else { &count * &count };
        let scale = quotient_scale((&above, places), &below);
        let variance = divided(&(above * ten(scale)), &(below * ten(places)));
        let answer = match wanted.is_variance {
            true => powers::decimal(variance, scale),
            false => powers::root(&variance, scale, scale),
        };
        answer.map(Some).map_err(external)
    }
}

/// Source: `select_div_scale`.
fn quotient_scale((above, places): (&BigInt, u32), below: &BigInt) -> u32 {
    let ((above_weight, above_first), (below_weight, below_first)) =
        (leading(above, places), leading(below, 0));
    let weight = above_weight - below_weight - i32::from(above_first <= below_first);
    let least = SIGNIFICANT_DIGITS - weight * DIGIT;
    let scale = least.clamp(0, i32::from(RATIO_SCALE)).unsigned_abs();
    scale.max(places.min(u32::from(RATIO_SCALE.unsigned_abs())))
}

/// The first of the digits that PostgreSQL keeps, behind the power of ten thousand that it stands for.
fn leading(number: &BigInt, places: u32) -> (i32, u32) {
    let length = digits(number) as i32;
    let exponent = length - places as i32 - 1;
    let weight = exponent.div_euclid(DIGIT);
    let kept = exponent - weight * DIGIT + 1;
    let text = number.magnitude().to_string();
    let first: String =
        text.chars().chain(std::iter::repeat('0')).take(kept.unsigned_abs() as usize).collect();
    (weight, first.parse().unwrap_or(0))
}

/// The parts of many, as columns.
pub(super) fn columns(all: &[Moments]) -> Vec<ArrayRef> {
    let parts: Vec<_> = all.iter().map(Moments::parts).collect();
    let sums: BinaryArray = parts.iter().map(|(_, sum, _)| Some(sum)).collect();
    let squares: BinaryArray = parts.iter().map(|(_, _, squares)| Some(squares)).collect();
    let counts: Int64Array = parts.iter().map(|(count, ..)| Some(*count)).collect();
    vec![Arc::new(counts), Arc::new(sums), Arc::new(squares)]
}

/// A count, a sum and a sum of squares.
type Parts<'a> = (i64, &'a [u8], &'a [u8]);

/// The parts in the rows of such columns, with the number of the row.
pub(super) fn rows(columns: &[ArrayRef]) -> Result<Vec<(usize, Parts<'_>)>> {
    let [counts, sums, squares] = columns else { return exec_err!("moments have three parts") };
    let (counts, sums, squares) =
        (counts.as_primitive::<Int64Type>(), sums.as_binary::<i32>(), squares.as_binary::<i32>());
    Ok((0..counts.len())
        .filter(|row| counts.is_valid(*row))
        .map(|row| (row, (counts.value(row), sums.value(row), squares.value(row))))
        .collect())
}
