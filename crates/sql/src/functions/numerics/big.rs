//! Whole numbers of any size, for what decimals of 256 bits have no room for on the way.

use arrow::datatypes::i256;
use num_bigint::{BigInt, Sign};

/// Bytes of a decimal of 256 bits.
const WIDTH: usize = 32;

/// The same number with any room.
pub(super) fn big(number: i256) -> BigInt {
    BigInt::from_signed_bytes_le(&number.to_le_bytes())
}

/// The same number in 256 bits; none where it does not fit.
pub(super) fn narrow(number: &BigInt) -> Option<i256> {
    let bytes = number.to_signed_bytes_le();
    let mut wide = [if number.sign() == Sign::Minus { u8::MAX } else { 0 }; WIDTH];
    wide.get_mut(..bytes.len())?.copy_from_slice(&bytes);
    Some(i256::from_le_bytes(wide))
}

/// Ten to this power.
pub(super) fn ten(power: u32) -> BigInt {
    BigInt::from(10).pow(power)
}

/// How many decimal digits a number has: none for 0.
pub(super) fn digits(number: &BigInt) -> u32 {
    if number.sign() == Sign::NoSign {
        return 0;
    }
    u32::try_from(number.magnitude().to_string().len()).unwrap_or(u32::MAX)
}

/// A number with another count of digits behind its point, rounded half away from zero.
pub(super) fn rescaled(number: &BigInt, from: u32, to: u32) -> BigInt {
    match to.checked_sub(from) {
        Some(missing) => number * ten(missing),
        None => divided(number, &ten(from - to)),
    }
}

/// A quotient, rounded half away from zero. The divisor is above zero.
pub(super) fn divided(dividend: &BigInt, divisor: &BigInt) -> BigInt {
    let (quotient, rest) = (dividend / divisor, dividend % divisor);
    let is_up = rest.magnitude() * 2u32 >= *divisor.magnitude();
    match (is_up, dividend.sign()) {
        (true, Sign::Minus) => quotient - 1,
        (true, _) => quotient + 1,
        (false, _) => quotient,
    }
}

#[cfg(test)]
mod tests {
    use arrow::datatypes::i256;
    use num_bigint::BigInt;

    use super::{big, divided, narrow, rescaled, ten};

    #[test]
    fn numbers_keep_their_value_in_both_widths() {
        for number in [i256::ZERO, i256::MAX, i256::MIN, i256::from_i128(-1), i256::from_i128(255)] {
            assert_eq!(narrow(&big(number)), Some(number));
        }
        assert_eq!(narrow(&ten(90)), None);
    }

    #[test]
    fn halves_are_rounded_away_from_zero() {
        for (dividend, divisor, expected) in [(5, 2, 3), (-5, 2, -3), (4, 3, 1), (-4, 3, -1), (0, 7, 0)] {
            assert_eq!(divided(&BigInt::from(dividend), &BigInt::from(divisor)), BigInt::from(expected));
        }
        assert_eq!(rescaled(&BigInt::from(1245), 3, 2), BigInt::from(125));
        assert_eq!(rescaled(&BigInt::from(12), 1, 3), BigInt::from(1200));
    }
}
