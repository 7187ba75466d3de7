//! Numerics as columns: of one scale where all have one, open where each has its own.
//!
//! A column of decimals has one scale, PostgreSQL's numerics each have their own. What is known when a statement is
//! planned (a constant, a parameter) keeps its scale; the others are [`OPEN_NUMERIC`]. Nothing is rounded unasked.

use std::sync::Arc;

use arrow::array::{ArrayRef, Decimal128Array, Decimal256Array};
use arrow::datatypes::{DataType, i256};

use super::Error;
use super::read::{Decimal, decimal};
use crate::types::{
    COMMON_LOGARITHM_NUMERIC, DEVIATION_NUMERIC, LOGARITHM_NUMERIC, OPEN_NUMERIC, OPEN_SCALE, POWER_NUMERIC,
    RATIO_NUMERIC, RATIO_SCALE, ROOT_NUMERIC, VARIANCE_NUMERIC,
};

/// The most digits of a decimal of 128 bits, and of any.
const NARROW: u8 = 38;
const WIDE: u8 = 76;

/// Digits that a quotient has at least: PostgreSQL's `NUMERIC_MIN_SIG_DIGITS`.
pub const SIGNIFICANT_DIGITS: i32 = 16;

/// Decimal digits in one of the digits that PostgreSQL keeps: its `DEC_DIGITS`.
pub const DIGIT: i32 = 4;

impl Decimal {
    /// The first of the digits that PostgreSQL keeps, of four of ours each, behind the power of it that it stands for.
    pub fn leading(self) -> (i32, i32) {
        let magnitude = self.unscaled.wrapping_abs();
        if magnitude == i256::ZERO {
            return (0, 0);
        }
        let digits = match magnitude.to_i128() {
            Some(magnitude) => magnitude.unsigned_abs().ilog10() as i32 + 1,
            None => magnitude.to_string().len() as i32,
        };
        let exponent = digits - i32::from(self.scale) - 1;
        let weight = exponent.div_euclid(DIGIT);
        let ten = i256::from_i128(10);
        let first = match digits - (exponent - weight * DIGIT + 1) {
            cut @ 0.. => magnitude.wrapping_div(ten.wrapping_pow(cut.unsigned_abs())),
            missing => magnitude.wrapping_mul(ten.wrapping_pow(missing.unsigned_abs())),
        };
        (weight, first.to_i128().and_then(|first| i32::try_from(first).ok()).unwrap_or(0))
    }

    /// The same number with as many zeros behind it as PostgreSQL's quotient has.
    ///
    /// Where the first digits of dividend and divisor are equal it has four more than their sizes ask for. The quotient
    /// begins with a 1 then, and mostly needs the digits; one that does not is taken for one of other numbers, unless both
    /// were equal.
    fn as_quotient(self) -> Decimal {
        let short = self.shortest();
        let (weight, first) = short.leading();
        let least = SIGNIFICANT_DIGITS - weight * DIGIT;
        let is_unit =
            first <= 1 && short.unscaled.wrapping_abs().to_string().trim_end_matches('0').len() <= 1;
        let is_longer = is_unit || (first == 1 && i32::from(short.scale) > least);
        let scale = least + if is_longer { DIGIT } else { 0 };
        let scale = u8::try_from(scale.clamp(0, i32::from(RATIO_SCALE))).unwrap_or(0).max(short.scale);
        match short.rescaled(scale, WIDE) {
            Some(unscaled) => Decimal { unscaled, scale },
            None => short,
        }
    }

    /// The same number with as many zeros behind it as a standard deviation has: those of the variance, whose root it is.
    fn as_deviation(self) -> Decimal {
        let short = self.shortest();
        let value = short.to_f64();
        let variance = value * value;
        if variance == 0.0 {
            return short;
        }
        let least = SIGNIFICANT_DIGITS - variance.log10().div_euclid(f64::from(DIGIT)) as i32 * DIGIT;
        // Where the first digits of sums and counts were equal there are four more, and one of them is hardly a zero.
        let is_longer = i32::from(short.scale) > least;
        short.filled(least + if is_longer { DIGIT } else { 0 })
    }

    /// The same number with so many digits behind its point as one of its size has.
    fn with_digits(self, scale: impl Fn(f64) -> i32) -> Decimal {
        let short = self.shortest();
        short.filled(scale(short.to_f64()))
    }

    /// The same number with zeros up to this scale, as far as there is room.
    fn filled(self, scale: i32) -> Decimal {
        let scale = u8::try_from(scale.clamp(0, i32::from(RATIO_SCALE))).unwrap_or(0).max(self.scale);
        match self.rescaled(scale, WIDE) {
            Some(unscaled) => Decimal { unscaled, scale },
            None => self,
        }
    }

    /// The nearest float.
    pub fn to_f64(self) -> f64 {
        match self.unscaled.to_i128() {
            Some(unscaled) => unscaled as f64 / 10f64.powi(i32::from(self.scale)),
            None => {
                self.unscaled.to_string().parse::<f64>().unwrap_or(0.0) / 10f64.powi(i32::from(self.scale))
            }
        }
    }

    /// The same number without the zeros at the end of its fraction.
    pub fn shortest(self) -> Decimal {
        let Decimal { mut unscaled, mut scale } = self;
        let ten = i256::from_i128(10);
        // By halves: a fraction of zeros only takes few steps.
        for places in [32, 16, 8, 4, 2, 1] {
            while scale >= places {
                let power = ten.wrapping_pow(u32::from(places));
                if unscaled.wrapping_rem(power) != i256::ZERO {
                    break;
                }
                unscaled = unscaled.wrapping_div(power);
                scale -= places;
            }
        }
        Decimal { unscaled, scale }
    }

    /// The narrowest type that holds the number with its scale.
    pub fn data_type(self) -> DataType {
        data_type(self.precision(), self.scale)
    }

    fn precision(self) -> u8 {
        let digits = self.unscaled.wrapping_abs().to_string().len();
        u8::try_from(digits).unwrap_or(WIDE).clamp(1, WIDE).max(self.scale)
    }
}

fn data_type(precision: u8, scale: u8) -> DataType {
    let scale = i8::try_from(scale).unwrap_or(i8::MAX);
    match precision {
        0..=NARROW => DataType::Decimal128(precision.max(1), scale),
        _ => DataType::Decimal256(precision, scale),
    }
}

/// Digits behind the point of a square root.
///
/// Source: `numeric_sqrt` in PostgreSQL's `numeric.c`, which goes by the weight of what the root is of.
fn root_scale(root: f64) -> i32 {
    let square = root * root;
    let weight = if square == 0.0 { 0 } else { square.log10().div_euclid(f64::from(DIGIT)) as i32 };
    root_scale_of(weight)
}

/// Digits behind the point of the root of a number with this weight, by powers of ten thousand.
pub fn root_scale_of(weight: i32) -> i32 {
    SIGNIFICANT_DIGITS - ((weight + 1) * DIGIT / 2 - 1)
}

/// Digits behind the point of a natural logarithm.
fn logarithm_scale(logarithm: f64) -> i32 {
    SIGNIFICANT_DIGITS - logarithm_weight(logarithm.exp(), logarithm)
}

/// The power of ten that the logarithm of a number begins with, as it is guessed.
///
/// Source: `estimate_ln_dweight` in PostgreSQL's `numeric.c`.
pub fn logarithm_weight(number: f64, logarithm: f64) -> i32 {
    // Near 1 a number is as far from 1 as its logarithm from 0.
    if (0.9..=1.1).contains(&number) {
        let distance = logarithm.exp_m1().abs();
        return if distance == 0.0 { 0 } else { distance.log10().floor() as i32 };
    }
    logarithm.abs().log10() as i32
}

/// Digits behind the point of a power with this natural logarithm.
///
/// Source: `numeric_exp` and `power_var` in PostgreSQL's `numeric.c`.
pub fn power_scale(logarithm: f64) -> i32 {
    if logarithm.is_infinite() {
        return SIGNIFICANT_DIGITS;
    }
    SIGNIFICANT_DIGITS - (logarithm * std::f64::consts::LOG10_E) as i32
}

/// A number of a column of this type as it is shown: without the zeros that only the column's scale has.
pub fn shown(unscaled: i256, data_type: &DataType) -> Decimal {
    let scale = match data_type {
        DataType::Decimal128(_, scale) | DataType::Decimal256(_, scale) => u8::try_from(*scale).unwrap_or(0),
        _ => 0,
    };
    let number = Decimal { unscaled, scale };
    match data_type {
        open if *open == OPEN_NUMERIC => number.shortest(),
        ratio if *ratio == RATIO_NUMERIC => number.as_quotient(),
        variance if *variance == VARIANCE_NUMERIC => match number.unscaled {
            zero if zero == i256::ZERO => number.shortest(),
            _ => number.as_quotient(),
        },
        deviation if *deviation == DEVIATION_NUMERIC => number.as_deviation(),
        root if *root == ROOT_NUMERIC => number.with_digits(root_scale),
        log if *log == LOGARITHM_NUMERIC => number.with_digits(logarithm_scale),
        log if *log == COMMON_LOGARITHM_NUMERIC => {
            number.with_digits(|value| logarithm_scale(value * std::f64::consts::LN_10))
        }
        power if *power == POWER_NUMERIC => number.with_digits(|value| power_scale(value.abs().ln())),
        _ => number,
    }
}

/// The type of a column in which each of these numbers is shown as it is; where there is none, that of the largest scale.
pub fn common_type(values: &[Decimal]) -> DataType {
    let scale = values.iter().map(|value| value.scale).max().unwrap_or(0);
    let is_one = values.iter().all(|value| value.scale == scale);
    let is_short = |value: &Decimal| value.shortest().scale == value.scale;
    if !is_one
        && values.iter().all(is_short)
        && values.iter().all(|value| rescaled(*value, &OPEN_NUMERIC).is_ok())
    {
        return OPEN_NUMERIC;
    }
    let whole = values.iter().map(|value| value.precision() - value.scale).max().unwrap_or(1);
    data_type(whole.saturating_add(scale).clamp(1, WIDE), scale)
}

/// Numbers as a column of this type: rounded where it says a scale, and exact where it is open.
///
/// # Errors
///
/// [`Error::NumericOverflow`] where one has too many digits before the point, [`Error::NumericDigits`] behind it.
pub fn column(
    values: impl Iterator<Item = Option<Decimal>>,
    data_type: &DataType,
) -> Result<ArrayRef, Error> {
    let scaled = values.map(|value| value.map(|value| rescaled(value, data_type)).transpose());
    let overflow = |_| Error::NumericOverflow;
    Ok(match data_type {
        DataType::Decimal128(precision, scale) => {
            let values = scaled.map(|value| Ok(value?.and_then(i256::to_i128)));
            let values = values.collect::<Result<Decimal128Array, Error>>()?;
            Arc::new(values.with_precision_and_scale(*precision, *scale).map_err(overflow)?)
        }
        DataType::Decimal256(precision, scale) => {
            let values = scaled.collect::<Result<Decimal256Array, Error>>()?;
            Arc::new(values.with_precision_and_scale(*precision, *scale).map_err(overflow)?)
        }
        other => return Err(Error::Mismatch { arrow: other.to_string(), type_name: "numeric" }),
    })
}

fn rescaled(value: Decimal, data_type: &DataType) -> Result<i256, Error> {
    let (DataType::Decimal128(precision, scale) | DataType::Decimal256(precision, scale)) = data_type else {
        return Err(Error::NumericOverflow);
    };
    if *data_type == OPEN_NUMERIC && i16::from(value.shortest().scale) > i16::from(OPEN_SCALE) {
        return Err(Error::NumericDigits);
    }
    let scale = u8::try_from(*scale).map_err(|_| Error::NumericOverflow)?;
    value.rescaled(scale, *precision).ok_or(Error::NumericOverflow)
}

/// A float as a numeric: as many digits as it has for certain.
///
/// Source: `float8_numeric` and `float4_numeric` in PostgreSQL's `numeric.c`.
///
/// # Errors
///
/// [`Error::Unsupported`] for NaN and infinity, [`Error::NumericOverflow`] beyond 76 digits.
pub fn of_float(value: f64, digits: usize) -> Result<Decimal, Error> {
    let text =
        if value.is_finite() { format!("{value:.*e}", digits.saturating_sub(1)) } else { value.to_string() };
    Ok(decimal(&text)?.shortest())
}

#[cfg(test)]
mod tests {
    use arrow::datatypes::{DataType, i256};

    use super::{column, common_type, of_float};
    use crate::types::OPEN_NUMERIC;
    use crate::value::read::{Decimal, decimal};

    #[track_caller]
    fn check(texts: &[&str], expected: DataType) {
        let values: Vec<Decimal> = texts.iter().map(|text| decimal(text).unwrap()).collect();
        assert_eq!(common_type(&values), expected, "{texts:?}");
    }

    #[test]
    fn a_column_is_open_where_that_shows_each_number_as_it_is() {
        check(&["1.50"], DataType::Decimal128(3, 2));
        check(&["1.50", "20.25"], DataType::Decimal128(4, 2));
        check(&["1", "2.5"], OPEN_NUMERIC);
        check(&["1", "2.50"], DataType::Decimal128(3, 2));
        check(&["0.00"], DataType::Decimal128(2, 2));
        check(&[], DataType::Decimal128(1, 0));
        check(&["123456789012345678901234567890.123456789"], DataType::Decimal256(39, 9));
    }

    #[test]
    fn what_is_open_is_never_rounded() {
        let of = |text: &str| column([Some(decimal(text).unwrap())].into_iter(), &OPEN_NUMERIC);
        assert!(of("0.1234567890123456789012345678901234567").is_ok());
        assert!(of("0.10000000000000000000000000000000000000000000").is_ok());
        assert_eq!(of("0.12345678901234567890123456789012345678").unwrap_err().sqlstate().code(), "22003");
        assert_eq!(of("1e39").unwrap_err().sqlstate().code(), "22003");
        let rounded = column([Some(decimal("1.239").unwrap())].into_iter(), &DataType::Decimal128(10, 2));
        assert!(rounded.is_ok());
    }

    #[test]
    fn a_float_has_the_digits_that_are_certain() {
        for (value, digits, unscaled, scale) in [
            (1.5, 15, 15, 1),
            (0.1 + 0.2, 15, 3, 1),
            (1e20, 15, 100_000_000_000_000_000_000, 0),
            (2.718_281_9, 6, 271_828, 5),
            (-0.0, 15, 0, 0),
        ] {
            let expected = Decimal { unscaled: i256::from_i128(unscaled), scale };
            assert_eq!(of_float(value, digits).unwrap(), expected, "{value}");
        }
        assert_eq!(of_float(f64::NAN, 15).unwrap_err().sqlstate().code(), "0A000");
        assert_eq!(of_float(1e100, 15).unwrap_err().sqlstate().code(), "22003");
    }
}
