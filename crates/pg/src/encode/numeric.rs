//! Numerics in binary: digits in base 10000.
//!
//! Source: `numeric_send` and `numeric_recv` in PostgreSQL's `numeric.c`. A value is the number of
//! digits, the weight of the first (a power of 10000), the sign, the scale it is shown with, and the digits,
//! without zeros at either end.

use arrow::datatypes::i256;
use lakeport_sql::value::read::Decimal;
use lakeport_sql::value::{Error, Word, divided};

use super::out::Out;

const NEGATIVE: u16 = 0x4000;

/// The most digits in base 10000 of what an Arrow decimal holds: 76 decimal digits, cut at the point, and up
/// to 128 places of scale.
const GROUPS_MAX: usize = 24;

/// The digits of a number, the lowest first.
struct Groups {
    digits: [u16; GROUPS_MAX],
    count: usize,
}

impl Groups {
    fn push(&mut self, digit: u16) {
        if let Some(place) = self.digits.get_mut(self.count) {
            *place = digit;
            self.count += 1;
        }
    }
}

/// Writes the length of a decimal of this scale, and the decimal.
#[inline(always)]
pub(super) fn append_decimal(unscaled: i128, scale: i8, out: &mut Out) -> Result<(), Error> {
    if let Some(word) = short_decimal(unscaled, scale) {
        out.put_sized_word(word);
        return Ok(());
    }
    match u16::try_from(scale) {
        Ok(scale) => {
            append_long_decimal(unscaled, scale, out);
            Ok(())
        }
        Err(_) => out.sized(|out| {
            write_decimal256(i256::from_i128(unscaled), scale, out);
            Ok(())
        }),
    }
}

/// [`append_decimal`] of one of up to 39 digits, which is not 0.
#[inline(always)]
fn append_long_decimal(unscaled: i128, scale: u16, out: &mut Out) {
    const FOUR_GROUPS: u64 = 10_000_000_000_000_000;
    // The fraction's last group may hold less than four decimal digits.
    let missing = [1, 1_000, 100, 10][usize::from(scale % 4)];
    let (rest, low) = divided(unscaled.unsigned_abs(), FOUR_GROUPS / missing);
    let (high, middle) = divided(rest, FOUR_GROUPS);
    // Few have more than 32 digits.
    let high = if high == 0 { 0 } else { four_groups(high as u64) };
    let words = [high, four_groups(middle), four_groups(low * missing)];
    // In the direction of the digits: the groups without zeros in front, from the highest bits down.
    let (skipped, [first, second, third]) = match words {
        [0, 0, low] => (8, [low, 0, 0]),
        [0, middle, low] => (4, [middle, low, 0]),
        [high, middle, low] => (0, [high, middle, low]),
    };
    let zeros = first.leading_zeros() / 16;
    let shifted = |word: u64, next: u64| word << (16 * zeros) | next >> 1 >> (63 - 16 * zeros);
    let groups = [shifted(first, second), shifted(second, third), shifted(third, 0)];
    let places = match groups {
        [first, 0, 0] => 4 - first.trailing_zeros() / 16,
        [_, second, 0] => 8 - second.trailing_zeros() / 16,
        [_, _, third] => 12 - third.trailing_zeros() / 16,
    };
    let weight = (11 - skipped - zeros as u16).wrapping_sub(scale.div_ceil(4));
    let sign = if unscaled < 0 { NEGATIVE } else { 0 };
    let head =
        u64::from(places as u16) << 48 | u64::from(weight) << 32 | u64::from(sign) << 16 | u64::from(scale);
    out.within::<36>(|room| {
        room[..4].copy_from_slice(&(8 + 2 * places).to_be_bytes());
        room[4..12].copy_from_slice(&head.to_be_bytes());
        for (place, word) in room[12..].chunks_exact_mut(8).zip(groups) {
            place.copy_from_slice(&word.to_be_bytes());
        }
        12 + 2 * places as usize
    });
}

/// The four groups of a number below 10^16, the first in the highest bits.
#[inline(always)]
fn four_groups(number: u64) -> u64 {
    let two = |eight: u32| u64::from(eight % 10_000) | u64::from(eight / 10_000) << 16;
    two((number % 100_000_000) as u32) | two((number / 100_000_000) as u32) << 32
}

/// A decimal of this scale that has at most 13 digits, and so four groups wherever its point is. It is made in
/// registers: the groups are the lanes of a word, the lowest in the lowest 16 bits.
#[inline(always)]
fn short_decimal(unscaled: i128, scale: i8) -> Option<Word> {
    const END: u64 = 10_000_000_000_000;
    let (unscaled, scale) = (i64::try_from(unscaled).ok()?, u16::try_from(scale).ok()?);
    if unscaled.unsigned_abs() >= END {
        return None;
    }
    // The fraction's last group may hold less than four decimal digits.
    let aligned = unscaled.unsigned_abs() * [1, 1_000, 100, 10][usize::from(scale % 4)];
    let groups = four_groups(aligned);
    if groups == 0 {
        return Some(Word::of_bytes(u128::from(u64::from(scale).swap_bytes()), 8));
    }
    let highest = (63 - groups.leading_zeros()) / 16;
    let count = highest - groups.trailing_zeros() / 16 + 1;
    let weight = (highest as u16).wrapping_sub(scale.div_ceil(4));
    let sign = if unscaled < 0 { NEGATIVE } else { 0 };
    let head = u64::from(count) << 48 | u64::from(weight) << 32 | u64::from(sign) << 16 | u64::from(scale);
    let digits = (groups << (16 * (3 - highest))).swap_bytes();
    Some(Word::of_bytes(u128::from(head.swap_bytes()) | u128::from(digits) << 64, 8 + 2 * count as usize))
}

/// Writes a decimal of this scale, of up to 76 digits.
pub(super) fn write_decimal256(unscaled: i256, scale: i8, out: &mut Out) {
    let mut groups = Groups { digits: [0; GROUPS_MAX], count: 0 };
    let of = |number: u64| i256::from_i128(i128::from(number));
    let low =
        |rest: i256, power: u64| rest.wrapping_rem(of(power)).to_i128().unwrap_or(0).unsigned_abs() as u64;
    let mut rest = unscaled;
    let mut shift = 0;
    if scale < 0 {
        // Zeros to the right of the digits: whole groups of them only move the weight.
        let zeros = u32::from(scale.unsigned_abs());
        shift = (zeros / 4) as i16;
        let partial = zeros % 4;
        if partial > 0 {
            let power = 10u64.pow(4 - partial);
            groups.push((low(rest, power) * 10u64.pow(partial)) as u16);
            rest = rest.wrapping_div(of(power));
        }
    } else if scale % 4 > 0 {
        let partial = scale as u32 % 4;
        let power = 10u64.pow(partial);
        groups.push((low(rest, power) * 10u64.pow(4 - partial)) as u16);
        rest = rest.wrapping_div(of(power));
    }
    while rest != i256::ZERO {
        groups.push(low(rest, 10_000) as u16);
        rest = rest.wrapping_div(of(10_000));
    }
    write_groups(&groups, unscaled.is_negative(), shift, scale.max(0) as u16, out);
}

fn write_groups(groups: &Groups, is_negative: bool, shift: i16, scale: u16, out: &mut Out) {
    let digits = &groups.digits[..groups.count];
    let fraction_groups = i32::from(scale.div_ceil(4));
    let Some(highest) = digits.iter().rposition(|digit| *digit != 0) else {
        out.put([0; 6]);
        return out.put(scale.to_be_bytes());
    };
    let lowest = digits.iter().position(|digit| *digit != 0).unwrap_or(0);
    let count = (highest - lowest + 1) as u16;
    let weight = (highest as i32 - fraction_groups) as i16 + shift;
    let sign = if is_negative { NEGATIVE } else { 0 };
    let ([a, b], [c, d], [e, f], [g, h]) =
        (count.to_be_bytes(), weight.to_be_bytes(), sign.to_be_bytes(), scale.to_be_bytes());
    out.put([a, b, c, d, e, f, g, h]);
    for digit in digits[lowest..=highest].iter().rev() {
        out.put(digit.to_be_bytes());
    }
}

/// Reads a numeric from a client's bytes.
///
/// # Errors
///
/// [`Error::Binary`] for malformed bytes, [`Error::Unsupported`] for NaN and infinity,
/// [`Error::NumericOverflow`] beyond 76 digits.
pub(super) fn read_decimal(bytes: &[u8]) -> Result<Decimal, Error> {
    let malformed = || Error::Binary { type_name: "numeric" };
    let words: Vec<u16> = bytes.chunks_exact(2).map(|pair| u16::from_be_bytes([pair[0], pair[1]])).collect();
    let [count, weight, sign, scale, digits @ ..] = words.as_slice() else {
        return Err(malformed());
    };
    if bytes.len() % 2 == 1
        || digits.len() != usize::from(*count)
        || digits.iter().any(|digit| *digit > 9_999)
    {
        return Err(malformed());
    }
    match sign {
        0 | &NEGATIVE => {}
        0xc000 => return Err(Error::Unsupported { what: "numeric \"NaN\"".to_owned() }),
        0xd000 | 0xf000 => return Err(Error::Unsupported { what: "numeric \"Infinity\"".to_owned() }),
        _ => return Err(malformed()),
    }
    let weight = i32::from(*weight as i16);
    // Whatever is beyond the scale is cut off, as numeric_recv does.
    let scale = i32::from(*scale & 0x3fff);
    let mut unscaled = i256::ZERO;
    let mut push = |digit: u16| -> Option<()> {
        unscaled =
            unscaled.checked_mul(i256::from_i128(10))?.checked_add(i256::from_i128(i128::from(digit)))?;
        Some(())
    };
    if scale > 76 || weight > 19 {
        return Err(Error::NumericOverflow);
    }
    for place in (-scale..=(weight.max(0) * 4 + 3)).rev() {
        let group = place.div_euclid(4);
        let digit =
            usize::try_from(weight - group).ok().and_then(|index| digits.get(index)).copied().unwrap_or(0);
        let digit = digit / 10u16.pow(place.rem_euclid(4) as u32) % 10;
        push(digit).ok_or(Error::NumericOverflow)?;
    }
    let unscaled = if *sign == NEGATIVE { unscaled.wrapping_neg() } else { unscaled };
    Ok(Decimal { unscaled, scale: scale as u8 })
}

#[cfg(test)]
mod tests {
    use arrow::datatypes::i256;

    use super::{append_decimal, read_decimal, write_decimal256};
    use crate::encode::out::Out;

    #[track_caller]
    fn check(unscaled: i128, scale: i8, expected: &[u16]) {
        let expected: Vec<u8> = expected.iter().flat_map(|word| word.to_be_bytes()).collect();
        let mut out = Out::default();
        write_decimal256(i256::from_i128(unscaled), scale, &mut out);
        assert_eq!(out.into_bytes(), expected, "{unscaled} scale {scale}, wide");
        let mut out = Out::default();
        append_decimal(unscaled, scale, &mut out).unwrap();
        let out = out.into_bytes();
        assert_eq!(out[..4], (expected.len() as u32).to_be_bytes());
        assert_eq!(out[4..], expected, "{unscaled} scale {scale}, after its length");
        if scale >= 0 {
            let read = read_decimal(&expected).unwrap();
            assert_eq!((read.unscaled, read.scale), (i256::from_i128(unscaled), scale as u8));
        }
    }

    #[test]
    fn digits_are_cut_at_the_point() {
        check(0, 0, &[0, 0, 0, 0]);
        check(0, 2, &[0, 0, 0, 2]);
        check(1, 0, &[1, 0, 0, 0, 1]);
        check(12345, 2, &[2, 0, 0, 2, 123, 4500]);
        check(-12345, 2, &[2, 0, 0x4000, 2, 123, 4500]);
        check(100_000_000, 0, &[1, 2, 0, 0, 1]);
        check(1, 8, &[1, (-2i16) as u16, 0, 8, 1]);
        check(1, 5, &[1, (-2i16) as u16, 0, 5, 1000]);
        check(12, -3, &[2, 1, 0, 0, 1, 2000]);
        check(12, -4, &[1, 1, 0, 0, 12]);
        check(12, -8, &[1, 2, 0, 0, 12]);
        check(0, -8, &[0, 0, 0, 0]);
    }

    #[test]
    fn numbers_of_38_digits_are_whole() {
        check(
            i128::pow(10, 38) - 1,
            38,
            &[10, (-1i16) as u16, 0, 38, 9999, 9999, 9999, 9999, 9999, 9999, 9999, 9999, 9999, 9900],
        );
        check(
            i128::pow(10, 38) - 1,
            0,
            &[10, 9, 0, 0, 99, 9999, 9999, 9999, 9999, 9999, 9999, 9999, 9999, 9999],
        );
    }

    #[test]
    fn decimals_are_those_of_the_long_way() {
        for digits in 0..39 {
            let power = 10i128.pow(digits);
            for unscaled in [power - 1, power, power + 1, power / 7 * 3, power + power / 5] {
                for scale in 0..39 {
                    for unscaled in [unscaled, -unscaled] {
                        let (mut long, mut short) = (Out::default(), Out::default());
                        write_decimal256(i256::from_i128(unscaled), scale, &mut long);
                        append_decimal(unscaled, scale, &mut short).unwrap();
                        let (long, short) = (long.into_bytes(), short.into_bytes());
                        assert_eq!(short[..4], (long.len() as u32).to_be_bytes());
                        assert_eq!(short[4..], long, "{unscaled} scale {scale}");
                    }
                }
            }
        }
    }

    #[test]
    fn malformed_numerics_are_refused() {
        for words in
            [&[1u16, 0, 0][..], &[1, 0, 0, 0], &[1, 0, 0, 0, 10_000], &[0, 0, 0x1234, 0], &[1, 0, 0, 0, 1, 2]]
        {
            let bytes: Vec<u8> = words.iter().flat_map(|word| word.to_be_bytes()).collect();
            assert_eq!(read_decimal(&bytes).unwrap_err().sqlstate().code(), "22P03", "{words:?}");
        }
        assert_eq!(read_decimal(&[0, 0, 0, 0, 0xc0, 0, 0, 0]).unwrap_err().sqlstate().code(), "0A000");
    }
}
