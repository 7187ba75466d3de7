//! Floats and decimals as PostgreSQL writes them.

use std::io::Write;

use arrow::datatypes::i256;

use super::digits::{write_padded, write_u64};
use super::numeral::{Numeral, divided};
use super::word::Word;

/// What tells the two float types apart in writing.
#[derive(Debug, Clone, Copy)]
struct Kind {
    /// Digits that are always exact: `FLT_DIG`, `DBL_DIG`.
    digits: i32,
    /// The first power of ten that the shortest form writes with an exponent.
    threshold: i32,
    /// The same power of ten as a number.
    plain_end: f64,
}

const FLOAT4: Kind = Kind { digits: 6, threshold: 6, plain_end: 1e6 };
const FLOAT8: Kind = Kind { digits: 15, threshold: 15, plain_end: 1e15 };

/// The digits of a finite number other than zero: `0.d1d2d3… × 10^point`, without zeros at either end.
struct Digits {
    bytes: [u8; 40],
    length: usize,
    point: i32,
}

/// The shortest text of a float8 that is written without an exponent, as nearly every one is.
#[inline(always)]
pub(crate) fn plain_float8(number: f64) -> Option<[Word; 3]> {
    /// Every decimal of so many digits is another float: one that reads as the number is its shortest text.
    const DIGITS_END: f64 = 1e14;
    /// A float of this size has no bits for fractions: adding it rounds what is below 2^51. To round by name is a call.
    const TO_WHOLE: f64 = 1.5 * (1_u64 << 52) as f64;
    let scaled = (number * FOUR_PLACES + TO_WHOLE) - TO_WHOLE;
    if scaled.abs() < DIGITS_END && scaled / FOUR_PLACES == number {
        return of_four_places(number.is_sign_negative(), scaled.abs() as i64);
    }
    if !is_plain(number, FLOAT8) {
        return None;
    }
    let mut buffer = ryu::Buffer::new();
    words(number.is_sign_negative(), without_point_zero(buffer.format_finite(number.abs())))
}

/// [`plain_float8`] of a float4.
#[inline(always)]
pub(crate) fn plain_float4(number: f32) -> Option<[Word; 3]> {
    const DIGITS_END: f32 = 1e6;
    const TO_WHOLE: f32 = 1.5 * (1_u32 << 23) as f32;
    let scaled = (number * FOUR_PLACES as f32 + TO_WHOLE) - TO_WHOLE;
    if scaled.abs() < DIGITS_END && scaled / FOUR_PLACES as f32 == number {
        return of_four_places(number.is_sign_negative(), scaled.abs() as i64);
    }
    if !is_plain(f64::from(number), FLOAT4) {
        return None;
    }
    let mut buffer = ryu::Buffer::new();
    words(number.is_sign_negative(), without_point_zero(buffer.format_finite(number.abs())))
}

/// Floats are tried as decimals of four places first: what people measure and pay is, and a division tells it.
const FOUR_PLACES: f64 = 1e4;

/// The text of so many ten thousandths, without zeros at the end.
#[inline(always)]
fn of_four_places(is_negative: bool, unscaled: i64) -> Option<[Word; 3]> {
    let number = Word::decimal(unscaled, 4)?.without_zeros(4);
    Some([if is_negative { Word::byte(b'-') } else { Word::EMPTY }, number, Word::EMPTY])
}

/// The words of a number's text, none if it has more than 32 bytes without its sign.
#[inline(always)]
fn words(is_negative: bool, text: &str) -> Option<[Word; 3]> {
    let mut bytes = [0; 32];
    bytes.get_mut(..text.len())?.copy_from_slice(text.as_bytes());
    let [first, second] = [0, 16].map(|start: usize| {
        let sixteen = bytes[start..].first_chunk().map_or(0, |bytes| u128::from_le_bytes(*bytes));
        Word::of_bytes(sixteen, text.len().saturating_sub(start).min(16))
    });
    Some([if is_negative { Word::byte(b'-') } else { Word::EMPTY }, first, second])
}

/// Writes a float8. `extra` is `extra_float_digits`.
pub(crate) fn write_float8(number: f64, extra: i8, out: &mut Vec<u8>) {
    if extra > 0
        && let Some(plain) = plain_float8(number)
    {
        return plain.into_iter().for_each(|word| word.write(out));
    }
    if write_special(number, out) {
        return;
    }
    if extra <= 0 {
        return write_rounded(number, FLOAT8, extra, out);
    }
    let mut buffer = ryu::Buffer::new();
    let digits = strictly_between_float8(number, Digits::of(buffer.format_finite(number.abs())));
    write_shortest(&digits, FLOAT8, out);
}

/// Writes a float4. `extra` is `extra_float_digits`.
pub(crate) fn write_float4(number: f32, extra: i8, out: &mut Vec<u8>) {
    if extra > 0
        && let Some(plain) = plain_float4(number)
    {
        return plain.into_iter().for_each(|word| word.write(out));
    }
    if write_special(f64::from(number), out) {
        return;
    }
    if extra <= 0 {
        return write_rounded(f64::from(number), FLOAT4, extra, out);
    }
    let mut buffer = ryu::Buffer::new();
    let digits = strictly_between_float4(number, Digits::of(buffer.format_finite(number.abs())));
    write_shortest(&digits, FLOAT4, out);
}

/// Whether ryu writes a number as PostgreSQL does, but for a `.0` behind whole ones: without an exponent, and never
/// exactly between two floats. A number between two floats below 2^51 has more digits behind its point than the
/// 17 that the shortest form has at most; with float4 it is 2^21 and 9.
fn is_plain(number: f64, kind: Kind) -> bool {
    (1e-4..kind.plain_end).contains(&number.abs())
}

fn without_point_zero(text: &str) -> &str {
    text.strip_suffix(".0").unwrap_or(text)
}

/// Writes what has no digits, and otherwise the sign; true if nothing is left to write.
fn write_special(number: f64, out: &mut Vec<u8>) -> bool {
    if number.is_nan() {
        out.extend_from_slice(b"NaN");
        return true;
    }
    if number.is_sign_negative() {
        out.push(b'-');
    }
    if number.is_infinite() {
        out.extend_from_slice(b"Infinity");
    } else if number == 0.0 {
        out.push(b'0');
    }
    number.is_infinite() || number == 0.0
}

impl Digits {
    /// Reads the digits of a positive number in any usual notation.
    fn of(text: &str) -> Self {
        let mut digits = Self { bytes: [b'0'; 40], length: 0, point: 0 };
        let mut after_point = false;
        let (mantissa, exponent) = text.split_once('e').unwrap_or((text, "0"));
        for byte in mantissa.bytes() {
            if byte == b'.' {
                after_point = true;
            } else if byte == b'0' && digits.length == 0 {
                digits.point -= i32::from(after_point);
            } else if let Some(place) = digits.bytes.get_mut(digits.length) {
                *place = byte;
                digits.length += 1;
                digits.point += i32::from(!after_point);
            }
        }
        while digits.length > 1 && digits.bytes[digits.length - 1] == b'0' {
            digits.length -= 1;
        }
        digits.point += exponent.parse::<i32>().unwrap_or(0);
        digits
    }

    fn as_slice(&self) -> &[u8] {
        &self.bytes[..self.length]
    }

    /// The digits as a number and the power of ten it is to be multiplied with.
    fn mantissa(&self) -> (u64, i32) {
        let mantissa = self.as_slice().iter().fold(0, |sum: u64, byte| sum * 10 + u64::from(byte - b'0'));
        (mantissa, self.point - self.length as i32)
    }
}

/// Writes the digits: with an exponent where PostgreSQL's shortest form has one.
///
/// Source: `to_chars` in PostgreSQL's `d2s.c` and `f2s.c`.
fn write_shortest(digits: &Digits, kind: Kind, out: &mut Vec<u8>) {
    let exponent = digits.point - 1;
    if (-4..kind.threshold).contains(&exponent) {
        write_fixed(digits, out);
    } else {
        write_scientific(digits, out);
    }
}

fn write_fixed(digits: &Digits, out: &mut Vec<u8>) {
    let bytes = digits.as_slice();
    if digits.point <= 0 {
        out.extend_from_slice(b"0.");
        out.resize(out.len() + digits.point.unsigned_abs() as usize, b'0');
        out.extend_from_slice(bytes);
        return;
    }
    let point = digits.point as usize;
    if bytes.len() <= point {
        out.extend_from_slice(bytes);
        out.resize(out.len() + point - bytes.len(), b'0');
    } else {
        out.extend_from_slice(&bytes[..point]);
        out.push(b'.');
        out.extend_from_slice(&bytes[point..]);
    }
}

fn write_scientific(digits: &Digits, out: &mut Vec<u8>) {
    let bytes = digits.as_slice();
    out.push(bytes[0]);
    if bytes.len() > 1 {
        out.push(b'.');
        out.extend_from_slice(&bytes[1..]);
    }
    let exponent = digits.point - 1;
    out.extend_from_slice(if exponent < 0 { b"e-" } else { b"e+" });
    write_padded(u64::from(exponent.unsigned_abs()), 2, out);
}

/// Writes a number as C's `%.*g` does, with as many digits as `extra_float_digits` leaves.
fn write_rounded(number: f64, kind: Kind, extra: i8, out: &mut Vec<u8>) {
    let precision = (kind.digits + i32::from(extra)).max(1);
    let mut buffer = [0u8; 40];
    let mut rest = &mut buffer[..];
    let written = write!(rest, "{:.*e}", precision as usize - 1, number.abs());
    debug_assert!(written.is_ok(), "at most 17 digits, a point and an exponent");
    let length = 40 - rest.len();
    let digits = Digits::of(std::str::from_utf8(&buffer[..length]).unwrap_or("0"));
    if (-4..precision).contains(&(digits.point - 1)) {
        write_fixed(&digits, out);
    } else {
        write_scientific(&digits, out);
    }
}

/// Replaces the shortest digits where they stand exactly between two floats.
///
/// PostgreSQL's shortest form never is such a midpoint, since not every reader breaks the tie
/// in the same way; ryu's is, where the float is even. Source: `STRICTLY_SHORTEST` in `d2s.c`.
fn strictly_between_float8(number: f64, digits: Digits) -> Digits {
    let bits = number.to_bits();
    let fraction = bits & ((1 << 52) - 1);
    let exponent = ((bits >> 52) & 0x7ff) as i32;
    let (mantissa, exponent) =
        if exponent == 0 { (fraction, -1074) } else { (fraction | 1 << 52, exponent - 1075) };
    let mut digits = digits;
    while digits.length < LONGEST && is_midpoint(mantissa, exponent, fraction == 0, &digits) {
        digits = next_longer(number.abs(), digits);
    }
    digits
}

/// As [`strictly_between_float8`].
fn strictly_between_float4(number: f32, digits: Digits) -> Digits {
    let bits = number.to_bits();
    let fraction = bits & ((1 << 23) - 1);
    let exponent = ((bits >> 23) & 0xff) as i32;
    let (mantissa, exponent) =
        if exponent == 0 { (fraction, -149) } else { (fraction | 1 << 23, exponent - 150) };
    let mut digits = digits;
    while digits.length < LONGEST && is_midpoint(u64::from(mantissa), exponent, fraction == 0, &digits) {
        digits = next_longer(f64::from(number).abs(), digits);
    }
    digits
}

/// The most digits a float needs.
const LONGEST: usize = 17;

/// The number with as many digits more as make a difference, rounded to nearest.
fn next_longer(number: f64, shorter: Digits) -> Digits {
    for precision in shorter.length..LONGEST {
        let mut buffer = [0u8; 40];
        let mut rest = &mut buffer[..];
        let written = write!(rest, "{number:.precision$e}");
        debug_assert!(written.is_ok(), "at most 18 digits, a point and an exponent");
        let length = 40 - rest.len();
        let longer = Digits::of(std::str::from_utf8(&buffer[..length]).unwrap_or("0"));
        if longer.mantissa() != shorter.mantissa() {
            return longer;
        }
    }
    shorter
}

/// Whether the digits are exactly halfway from `mantissa * 2^exponent` to a neighbour.
fn is_midpoint(mantissa: u64, exponent: i32, is_power: bool, digits: &Digits) -> bool {
    if mantissa % 2 == 1 {
        return false;
    }
    let (decimal, power) = digits.mantissa();
    // The neighbour below a power of two is only half as far.
    let below = if is_power { (4 * mantissa - 1, exponent - 2) } else { (2 * mantissa - 1, exponent - 1) };
    let above = (2 * mantissa + 1, exponent - 1);
    [below, above].into_iter().any(|(middle, exponent)| is_equal(decimal, power, middle, exponent))
}

/// Whether `decimal * 10^power` is `binary * 2^exponent`, for odd `binary`.
fn is_equal(decimal: u64, power: i32, binary: u64, exponent: i32) -> bool {
    // Both sides by their odd part and their power of two; 5^24 exceeds what is in question.
    let Some(five) = 5u128.checked_pow(power.unsigned_abs()).filter(|_| power.unsigned_abs() <= 31) else {
        return false;
    };
    let decimal = u128::from(decimal);
    let twos = decimal.trailing_zeros() as i32;
    let (left, right) = if power >= 0 {
        ((decimal >> twos).checked_mul(five), Some(u128::from(binary)))
    } else {
        (Some(decimal >> twos), u128::from(binary).checked_mul(five))
    };
    left.is_some() && left == right && twos + power == exponent
}

/// A decimal of this scale that is short: nearly always.
#[inline(always)]
pub(crate) fn short_decimal(unscaled: i128, scale: i8) -> Option<Word> {
    Word::decimal(i64::try_from(unscaled).ok()?, usize::try_from(scale).ok()?)
}

/// A decimal of this scale that is not short, if it has at most 16 digits before its point and at most 15 behind: its
/// sign, and what stands on either side.
#[inline(always)]
pub(crate) fn decimal_parts(unscaled: i128, scale: i8) -> Option<[Word; 3]> {
    let scale = usize::try_from(scale).ok()?;
    let by = Word::TENS.get(scale).filter(|_| scale > 0)?;
    let (whole, behind) = divided(unscaled.unsigned_abs(), *by);
    let whole = Word::unsigned(u64::try_from(whole).ok()?)?;
    let sign = if unscaled < 0 { Word::byte(b'-') } else { Word::EMPTY };
    Some([sign, whole, Word::behind_point(behind, scale)])
}

/// A decimal of this scale that is not short, if it has at most 38 digits.
#[inline(always)]
pub(crate) fn long_decimal(unscaled: i128, scale: i8) -> Option<Numeral> {
    Numeral::decimal(unscaled, usize::try_from(scale).ok()?)
}

/// Writes a decimal of this scale. A negative scale adds zeros.
pub(crate) fn write_decimal(unscaled: i128, scale: i8, out: &mut Vec<u8>) {
    if let Some(word) = short_decimal(unscaled, scale) {
        return word.write(out);
    }
    if unscaled < 0 {
        out.push(b'-');
    }
    let magnitude = unscaled.unsigned_abs();
    if scale < 0 {
        write_u128(magnitude, out);
        if magnitude != 0 {
            out.resize(out.len() + usize::from(scale.unsigned_abs()), b'0');
        }
        return;
    }
    let start = out.len();
    write_u128(magnitude, out);
    insert_point(start, scale as usize, out);
}

/// Writes a decimal of this scale, of up to 76 digits.
pub(crate) fn write_decimal256(unscaled: i256, scale: i8, out: &mut Vec<u8>) {
    if let Some(unscaled) = unscaled.to_i128() {
        return write_decimal(unscaled, scale, out);
    }
    if unscaled.is_negative() {
        out.push(b'-');
    }
    let start = out.len();
    // At most 78 digits: two parts, the upper one of at most 40.
    let part = i256::from_i128(10i128.pow(38));
    let upper = unscaled.wrapping_div(part).wrapping_abs().to_i128().unwrap_or(i128::MAX);
    let lower = unscaled.wrapping_rem(part).wrapping_abs().to_i128().unwrap_or(0);
    write_u128(upper.unsigned_abs(), out);
    let lower_start = out.len();
    write_u128(lower.unsigned_abs(), out);
    let missing = 38 - (out.len() - lower_start);
    out.splice(lower_start..lower_start, std::iter::repeat_n(b'0', missing));
    if scale < 0 {
        out.resize(out.len() + usize::from(scale.unsigned_abs()), b'0');
    } else {
        insert_point(start, scale as usize, out);
    }
}

fn write_u128(number: u128, out: &mut Vec<u8>) {
    match u64::try_from(number) {
        Ok(number) => write_u64(number, out),
        Err(_) => out.extend_from_slice(itoa::Buffer::new().format(number).as_bytes()),
    }
}

/// Puts a point before the last `scale` digits of what stands from `start` on, and zeros before
/// that where there are too few.
fn insert_point(start: usize, scale: usize, out: &mut Vec<u8>) {
    if scale == 0 {
        return;
    }
    let length = out.len() - start;
    if length <= scale {
        out.splice(start..start, std::iter::repeat_n(b'0', scale + 1 - length));
    }
    out.insert(out.len() - scale, b'.');
}

#[cfg(test)]
mod tests {
    use arrow::datatypes::i256;

    use super::{
        Digits, FLOAT4, FLOAT8, strictly_between_float4, strictly_between_float8, write_decimal,
        write_decimal256, write_float4, write_float8, write_shortest,
    };

    #[track_caller]
    fn float8(number: f64, extra: i8, expected: &str) {
        let mut out = Vec::new();
        write_float8(number, extra, &mut out);
        assert_eq!(String::from_utf8(out).unwrap(), expected);
    }

    #[track_caller]
    fn float4(number: f32, extra: i8, expected: &str) {
        let mut out = Vec::new();
        write_float4(number, extra, &mut out);
        assert_eq!(String::from_utf8(out).unwrap(), expected);
    }

    #[track_caller]
    fn decimal(unscaled: i128, scale: i8, expected: &str) {
        let mut out = Vec::new();
        write_decimal(unscaled, scale, &mut out);
        assert_eq!(String::from_utf8(out).unwrap(), expected);
        let mut out = Vec::new();
        write_decimal256(i256::from_i128(unscaled), scale, &mut out);
        assert_eq!(String::from_utf8(out).unwrap(), expected);
    }

    #[test]
    fn decimals_in_parts_have_all_digits_of_their_scale() {
        let numbers = (0..32).flat_map(|exponent| {
            let power = 10_i128.pow(exponent);
            [power - 1, power, power + 1, power * 7 + power / 7, power / 3]
        });
        for number in numbers.flat_map(|number| [number, -number]) {
            for scale in 0..=38 {
                let Some(parts) = super::decimal_parts(number, scale) else {
                    let is_long = number.unsigned_abs() / 10_u128.pow(scale as u32) >= 10_u128.pow(16);
                    assert!(scale == 0 || scale > 15 || is_long, "{number} {scale}");
                    continue;
                };
                let mut text = Vec::new();
                parts.into_iter().for_each(|part| part.write(&mut text));
                let scale = scale as usize;
                let mut expected = format!("{:0>width$}", number.unsigned_abs(), width = scale + 1);
                expected.insert(expected.len() - scale, '.');
                let sign = if number < 0 { "-" } else { "" };
                assert_eq!(String::from_utf8(text).unwrap(), format!("{sign}{expected}"));
            }
        }
    }

    #[test]
    fn plain_floats_are_those_of_the_long_way() {
        let mut state = 5u64;
        for index in 0..400_000 {
            state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
            // From whole numbers to those of sixteen digits, and those near the ends.
            let number = match index % 8 {
                0 => (state >> 14) as f64,
                1 => (state >> 20) as f64 / 1e4,
                2 => (state >> 40) as f64 / 1e11,
                3 => (state >> 40) as f64 / 1e2,
                4 => ((state >> 44) as f64 / 1e4).next_up(),
                5 => (state >> 44) as f64 * 1e-3,
                6 => (state >> 16) as f64 / 1e4,
                _ => f64::from_bits(1e15f64.to_bits() - index % 4_000),
            };
            let mut long = Vec::new();
            let digits = Digits::of(ryu::Buffer::new().format_finite(number));
            write_shortest(&strictly_between_float8(number, digits), FLOAT8, &mut long);
            float8(number, 1, std::str::from_utf8(&long).unwrap());
            let number = number as f32;
            let mut long = Vec::new();
            let digits = Digits::of(ryu::Buffer::new().format_finite(number));
            write_shortest(&strictly_between_float4(number, digits), FLOAT4, &mut long);
            float4(number, 1, std::str::from_utf8(&long).unwrap());
        }
    }

    #[test]
    fn floats_are_as_short_as_they_can_be() {
        for (number, expected) in [
            (0.0, "0"),
            (-0.0, "-0"),
            (1.0, "1"),
            (-1.5, "-1.5"),
            (0.1, "0.1"),
            (0.0001, "0.0001"),
            (0.00001, "1e-05"),
            (1e14, "100000000000000"),
            (1e15, "1e+15"),
            (1e20, "1e+20"),
            (1e100, "1e+100"),
            (123456789012345.6, "123456789012345.6"),
            (1234567890123456.7, "1.2345678901234568e+15"),
            (f64::MAX, "1.7976931348623157e+308"),
            (5e-324, "5e-324"),
            // Ryu alone would give the midpoint to the float above.
            (1e23, "9.999999999999999e+22"),
            (f64::NAN, "NaN"),
            (f64::INFINITY, "Infinity"),
            (f64::NEG_INFINITY, "-Infinity"),
        ] {
            float8(number, 1, expected);
        }
        float4(1e6, 1, "1e+06");
        float4(123456.0, 1, "123456");
        float4(0.1, 1, "0.1");
        float4(f32::MAX, 1, "3.4028235e+38");
    }

    #[test]
    fn fewer_digits_round_as_printf_does() {
        float8(0.1 + 0.2, 0, "0.3");
        float8(1e15, 0, "1e+15");
        float8(123456.789, -10, "1.2346e+05");
        float8(2.5, -15, "2");
        float4(0.1, 0, "0.1");
        float4(1234567.0, 0, "1.23457e+06");
    }

    #[test]
    fn decimals_keep_their_scale() {
        for (unscaled, scale, expected) in [
            (0, 0, "0"),
            (0, 2, "0.00"),
            (5, 2, "0.05"),
            (-5, 2, "-0.05"),
            (12345, 2, "123.45"),
            (12345, 0, "12345"),
            (12345, -3, "12345000"),
            (0, -3, "0"),
            (1, 20, "0.00000000000000000001"),
            (
                99_999_999_999_999_999_999_999_999_999_999_999_999,
                38,
                "0.99999999999999999999999999999999999999",
            ),
            (
                -99_999_999_999_999_999_999_999_999_999_999_999_999,
                10,
                "-9999999999999999999999999999.9999999999",
            ),
        ] {
            decimal(unscaled, scale, expected);
        }
    }

    #[test]
    fn decimals_of_76_digits_are_whole() {
        let digits = "1".to_owned() + &"0".repeat(74) + "7";
        let number = i256::from_string(&digits).unwrap();
        for (number, sign) in [(number, ""), (number.wrapping_neg(), "-")] {
            for (scale, expected) in [
                (0, digits.clone()),
                (-1, digits.clone() + "0"),
                (76, "0.".to_owned() + &digits),
                (1, "1".to_owned() + &"0".repeat(74) + ".7"),
            ] {
                let mut out = Vec::new();
                write_decimal256(number, scale, &mut out);
                assert_eq!(String::from_utf8(out).unwrap(), sign.to_owned() + &expected);
            }
        }
    }
}
