//! Roots, powers and logarithms of single numerics, rounded to the digits that PostgreSQL shows.
//!
//! Source: `numeric_sqrt`, `numeric_exp`, `numeric_ln`, `log_var` and `power_var` in PostgreSQL's `numeric.c`.

use arrow::datatypes::i256;
use lakeport_base::SqlState;
use num_bigint::{BigInt, Sign};

use super::big::{big, digits, divided, narrow, rescaled, ten};
use super::fixed;
use crate::error::{Error, Result};
use crate::value::read::Decimal;
use crate::value::{SIGNIFICANT_DIGITS, logarithm_weight, power_scale, root_scale_of};

/// Digits of a decimal of 256 bits.
const DIGITS_MAX: u32 = 76;

/// Digits of a power that is multiplied out; longer ones go by logarithms.
const EXACT_DIGITS_MAX: u32 = 2_000;

/// Digits that a logarithm in the exponent has more than the power of it shows.
const GUARD: u32 = 12;

/// The square root.
///
/// # Errors
///
/// 2201F of a negative number.
pub(super) fn sqrt(number: Decimal) -> Result<Decimal> {
    if number.unscaled.is_negative() {
        return Err(refused("cannot take square root of a negative number"));
    }
    let (weight, _) = number.leading();
    let scale = bounded(root_scale_of(weight).max(i32::from(number.scale)));
    root(&big(number.unscaled), u32::from(number.scale), scale)
}

/// The root of a number that is not negative, to so many digits.
pub(super) fn root(number: &BigInt, from: u32, scale: u32) -> Result<Decimal> {
    // One digit more than is shown is enough to round by.
    let square = match (2 * (scale + 1)).checked_sub(from) {
        Some(missing) => number * ten(missing),
        None => number / ten(from - 2 * (scale + 1)),
    };
    decimal(divided(&square.sqrt(), &BigInt::from(10)), scale)
}

/// e to the power of a number.
///
/// # Errors
///
/// 22003 where that is too large.
pub(super) fn exp(number: Decimal) -> Result<Decimal> {
    let scale = bounded(power_scale(number.to_f64()).max(i32::from(number.scale)));
    exponential(&big(number.unscaled), u32::from(number.scale), scale)
}

fn exponential(number: &BigInt, from: u32, scale: u32) -> Result<Decimal> {
    let power = fixed::exp(number, from, scale, DIGITS_MAX).ok_or_else(overflow)?;
    decimal(power, scale)
}

/// The natural logarithm.
///
/// # Errors
///
/// 2201E of what is not above zero.
pub(super) fn ln(number: Decimal) -> Result<Decimal> {
    above_zero(number)?;
    let scale = bounded((SIGNIFICANT_DIGITS - weight_of(number)).max(i32::from(number.scale)));
    decimal(fixed::ln(&big(number.unscaled), u32::from(number.scale), scale), scale)
}

/// The logarithm to a base.
///
/// # Errors
///
/// 2201E of what is not above zero, 22012 to the base of 1.
pub(super) fn log(base: Decimal, number: Decimal) -> Result<Decimal> {
    above_zero(base)?;
    above_zero(number)?;
    let (base_weight, number_weight) = (weight_of(base), weight_of(number));
    let least = SIGNIFICANT_DIGITS - (number_weight - base_weight);
    let scale = bounded(least.max(i32::from(base.scale)).max(i32::from(number.scale)));
    // Both as long as the quotient, and as they are near zero.
    let work = scale + 2 * GUARD + 2 * base_weight.unsigned_abs() + number_weight.unsigned_abs();
    let of = |number: Decimal| fixed::ln(&big(number.unscaled), u32::from(number.scale), work);
    let (above, below) = (of(number) * ten(scale), of(base));
    match below.sign() {
        Sign::NoSign => Err(Error::new(SqlState::DIVISION_BY_ZERO, "division by zero")),
        Sign::Minus => decimal(divided(&-above, &-below), scale),
        Sign::Plus => decimal(divided(&above, &below), scale),
    }
}

/// A number to the power of another.
///
/// # Errors
///
/// 2201F where there is none, 22003 where it is too large.
pub(super) fn power(base: Decimal, exponent: Decimal) -> Result<Decimal> {
    let zero = i256::ZERO;
    if base.unscaled == zero && exponent.unscaled.is_negative() {
        return Err(refused("zero raised to a negative power is undefined"));
    }
    let whole = exponent.shortest();
    let is_whole = whole.scale == 0;
    if base.unscaled.is_negative() && !is_whole {
        return Err(refused("a negative number raised to a non-integer power yields a complex result"));
    }
    if let (true, Some(count)) =
        (is_whole, whole.unscaled.to_i128().and_then(|count| i32::try_from(count).ok()))
    {
        return whole_power(base, count);
    }
    if base.unscaled == zero {
        return decimal(BigInt::ZERO, SIGNIFICANT_DIGITS.unsigned_abs());
    }
    let is_odd = is_whole && whole.unscaled.wrapping_rem(i256::from_i128(2)) != zero;
    let magnitude = Decimal { unscaled: base.unscaled.wrapping_abs(), ..base };
    let least = estimated_scale(magnitude, exponent);
    let scale = bounded(least.max(i32::from(base.scale)).max(i32::from(exponent.scale)));
    let power = by_logarithm(magnitude, &big(exponent.unscaled), u32::from(exponent.scale), scale)?;
    Ok(if is_odd && base.unscaled.is_negative() {
        Decimal { unscaled: power.unscaled.wrapping_neg(), ..power }
    } else {
        power
    })
}

/// The scale that a power has by its size, which PostgreSQL guesses from a logarithm of few digits.
fn estimated_scale(base: Decimal, exponent: Decimal) -> i32 {
    let few = u32::try_from((8 - weight_of(base)).max(0)).unwrap_or(0);
    let logarithm = fixed::ln(&big(base.unscaled), u32::from(base.scale), few) * big(exponent.unscaled);
    let product = rescaled(&logarithm, few + u32::from(exponent.scale), few);
    let logarithm = narrow(&product).zip(u8::try_from(few).ok());
    logarithm.map_or(0, |(unscaled, scale)| power_scale(Decimal { unscaled, scale }.to_f64()))
}

fn by_logarithm(base: Decimal, exponent: &BigInt, exponent_scale: u32, scale: u32) -> Result<Decimal> {
    let work = scale + DIGITS_MAX + digits(exponent) + GUARD;
    let logarithm = fixed::ln(&big(base.unscaled), u32::from(base.scale), work) * exponent;
    exponential(&logarithm, work + exponent_scale, scale)
}

/// A power with a whole exponent: as many digits behind the point as there are significant ones, whatever its size.
fn whole_power(base: Decimal, exponent: i32) -> Result<Decimal> {
    let scale = bounded(SIGNIFICANT_DIGITS.max(i32::from(base.scale)));
    if exponent == 0 {
        return decimal(ten(scale), scale);
    }
    let short = base.shortest();
    let number = big(short.unscaled);
    if number.sign() == Sign::NoSign {
        return decimal(number, scale);
    }
    // So many digits it has before its point, or zeros behind it.
    let size = (f64::from(digits(&number)) - f64::from(short.scale)) * f64::from(exponent);
    if size > f64::from(DIGITS_MAX + exponent.unsigned_abs()) && exponent > 0 {
        return Err(overflow());
    }
    let count = exponent.unsigned_abs();
    if digits(&number).saturating_mul(count) > EXACT_DIGITS_MAX {
        let magnitude = Decimal { unscaled: short.unscaled.wrapping_abs(), ..short };
        let power = by_logarithm(magnitude, &BigInt::from(exponent), 0, scale)?;
        let is_negative = number.sign() == Sign::Minus && exponent % 2 != 0;
        let unscaled = if is_negative { power.unscaled.wrapping_neg() } else { power.unscaled };
        return Ok(Decimal { unscaled, ..power });
    }
    let power = number.pow(count);
    let places = u32::from(short.scale) * count;
    if exponent > 0 {
        return decimal(rescaled(&power, places, scale), scale);
    }
    let dividend = ten(places + scale);
    match power.sign() {
        Sign::Minus => decimal(divided(&-dividend, &-power), scale),
        _ => decimal(divided(&dividend, &power), scale),
    }
}

fn weight_of(number: Decimal) -> i32 {
    let (value, logarithm) = (number.to_f64(), ln_of(number));
    logarithm_weight(value, logarithm)
}

/// The logarithm as a float; near 1, that of the distance, which a float of the number itself would lose.
fn ln_of(number: Decimal) -> f64 {
    let one = i256::from_i128(10).checked_pow(u32::from(number.scale)).unwrap_or(i256::MAX);
    let distance = Decimal { unscaled: number.unscaled.wrapping_sub(one), scale: number.scale };
    match distance.to_f64() {
        near if near.abs() < 0.2 => near.ln_1p(),
        _ => number.to_f64().ln(),
    }
}

fn above_zero(number: Decimal) -> Result<()> {
    let message = match number.unscaled {
        zero if zero == i256::ZERO => "cannot take logarithm of zero",
        other if other.is_negative() => "cannot take logarithm of a negative number",
        _ => return Ok(()),
    };
    Err(Error::new(SqlState::INVALID_ARGUMENT_FOR_LOGARITHM, message))
}

fn bounded(scale: i32) -> u32 {
    scale.unsigned_abs().min(DIGITS_MAX) * u32::from(scale > 0)
}

/// A number with so many digits behind its point.
///
/// # Errors
///
/// 22003 where it has too many.
pub(super) fn decimal(unscaled: BigInt, scale: u32) -> Result<Decimal> {
    match (narrow(&unscaled), u8::try_from(scale)) {
        (Some(unscaled), Ok(scale)) => Ok(Decimal { unscaled, scale }),
        _ => Err(overflow()),
    }
}

fn overflow() -> Error {
    Error::new(SqlState::NUMERIC_VALUE_OUT_OF_RANGE, "value overflows numeric format")
}

fn refused(message: &str) -> Error {
    Error::new(SqlState::INVALID_ARGUMENT_FOR_POWER, message)
}

#[cfg(test)]
mod tests {
    use super::{exp, ln, log, power, sqrt};
    use crate::error::Result;
    use crate::value::read::{Decimal, decimal};

    fn number(text: &str) -> Decimal {
        decimal(text).unwrap()
    }

    #[track_caller]
    fn check(found: Result<Decimal>, expected: &str) {
        assert_eq!(found.unwrap(), number(expected));
    }

    // What PostgreSQL 15 answers.
    #[test]
    fn roots_have_postgres_digits() {
        check(sqrt(number("2.0")), "1.414213562373095");
        check(sqrt(number("0.5")), "0.70710678118654752");
        check(sqrt(number("10000.0")), "100.0000000000000");
        check(sqrt(number("0.00005")), "0.0070710678118654752");
        check(sqrt(number("123456789.5")), "11111.11108305556");
        check(sqrt(number("0.0")), "0.000000000000000");
    }

    #[test]
    fn powers_have_postgres_digits() {
        check(power(number("2.0"), number("3")), "8.0000000000000000");
        check(power(number("0.0001"), number("3")), "0.0000000000010000");
        check(power(number("2.0"), number("0.5")), "1.4142135623730950");
        check(power(number("3.0"), number("-3")), "0.0370370370370370");
        check(power(number("0.5"), number("100")), "0.0000000000000000");
        check(power(number("1.5"), number("100")), "406561177535215237.3972797075670417");
        check(power(number("1000000.0"), number("0.5")), "1000.0000000000000");
        check(power(number("0.001"), number("0.5")), "0.03162277660168379");
        check(power(number("-8.0"), number("3")), "-512.0000000000000000");
        check(
            power(number("1.1"), number("1000")),
            "246993291800582633412408838508522147770973.3385238396234869",
        );
        check(power(number("0.0"), number("0.5")), "0.0000000000000000");
        check(power(number("0.0"), number("0")), "1.0000000000000000");
    }

    #[test]
    fn logarithms_have_postgres_digits() {
        check(ln(number("2.0")), "0.6931471805599453");
        check(ln(number("1.05")), "0.048790164169432003");
        check(ln(number("0.9")), "-0.10536051565782630");
        check(ln(number("1.1")), "0.09531017980432486");
        check(ln(number("1.11")), "0.1043600153242428");
        check(ln(number("100000.0")), "11.512925464970228");
        check(ln(number("1.0")), "0.0000000000000000");
        check(log(number("10"), number("0.0001")), "-4.0000000000000000");
        check(log(number("10"), number("12345.678")), "4.0915149455092013");
        check(log(number("10"), number("1.05")), "0.021189299069938073");
        check(log(number("3"), number("10")), "2.0959032742893846");
    }

    #[test]
    fn exponentials_have_postgres_digits() {
        check(exp(number("1.0")), "2.7182818284590452");
        check(exp(number("10.0")), "22026.465794806717");
        check(exp(number("-10.0")), "0.00004539992976248485");
        check(exp(number("-1.5")), "0.2231301601484298");
        check(exp(number("30.0")), "10686474581524.462");
        check(exp(number("0.0")), "1.0000000000000000");
    }

    #[test]
    fn what_has_no_answer_is_refused_with_its_code() {
        let code = |found: Result<Decimal>| found.unwrap_err().sqlstate().code().to_owned();
        assert_eq!(code(sqrt(number("-1.0"))), "2201F");
        assert_eq!(code(ln(number("0.0"))), "2201E");
        assert_eq!(code(log(number("2"), number("-1"))), "2201E");
        assert_eq!(code(log(number("1"), number("2"))), "22012");
        assert_eq!(code(power(number("0.0"), number("-1"))), "2201F");
        assert_eq!(code(power(number("-1.0"), number("0.5"))), "2201F");
        assert_eq!(code(power(number("10.0"), number("2000000000"))), "22003");
        assert_eq!(code(exp(number("1000.0"))), "22003");
    }
}
