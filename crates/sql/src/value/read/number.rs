//! Booleans and numbers from text.

use arrow::datatypes::i256;

use crate::value::Error;

/// The most digits a decimal has: `Decimal256`'s.
const DIGITS_MAX: usize = 76;

/// PostgreSQL's `isspace`.
pub(crate) fn trimmed(text: &str) -> &str {
    text.trim_matches(|letter: char| matches!(letter, ' ' | '\t'..='\r'))
}

/// Reads a bool: any prefix of `true`, `false`, `yes`, `no`; `on`, `off`, `1`, `0`.
///
/// # Errors
///
/// [`Error::Syntax`]
pub fn boolean(text: &str) -> Result<bool, Error> {
    let word = trimmed(text).to_ascii_lowercase();
    let begins = |whole: &str, shortest: usize| word.len() >= shortest && whole.starts_with(&word);
    if begins("true", 1) || begins("yes", 1) || word == "on" || word == "1" {
        return Ok(true);
    }
    if begins("false", 1) || begins("no", 1) || begins("off", 2) || word == "0" {
        return Ok(false);
    }
    Err(Error::Syntax { type_name: "boolean", text: text.to_owned() })
}

/// Reads a smallint.
///
/// # Errors
///
/// [`Error::Syntax`], [`Error::Range`]
pub fn int2(text: &str) -> Result<i16, Error> {
    let number = integer(text, "smallint")?;
    i16::try_from(number).map_err(|_| out_of_range(text, "smallint"))
}

/// Reads an integer.
///
/// # Errors
///
/// [`Error::Syntax`], [`Error::Range`]
pub fn int4(text: &str) -> Result<i32, Error> {
    let number = integer(text, "integer")?;
    i32::try_from(number).map_err(|_| out_of_range(text, "integer"))
}

/// Reads a bigint.
///
/// # Errors
///
/// [`Error::Syntax`], [`Error::Range`]
pub fn int8(text: &str) -> Result<i64, Error> {
    let number = integer(text, "bigint")?;
    i64::try_from(number).map_err(|_| out_of_range(text, "bigint"))
}

/// Reads an oid. A negative one wraps around, as in PostgreSQL.
///
/// # Errors
///
/// [`Error::Syntax`], [`Error::Range`]
pub fn oid(text: &str) -> Result<u32, Error> {
    let number = integer(text, "oid")?;
    let wrapped = if number < 0 {
        i32::try_from(number).ok().map(|number| number as u32)
    } else {
        number.try_into().ok()
    };
    wrapped.ok_or_else(|| out_of_range(text, "oid"))
}

/// Reads digits with a sign. What is beyond i128 is i128's end, which no type holds.
fn integer(text: &str, type_name: &'static str) -> Result<i128, Error> {
    let body = trimmed(text);
    let (is_negative, digits) = signed(body);
    if digits.is_empty() || !digits.bytes().all(|byte| byte.is_ascii_digit()) {
        return Err(Error::Syntax { type_name, text: text.to_owned() });
    }
    let magnitude = digits.parse::<i128>().unwrap_or(i128::MAX);
    Ok(if is_negative { -magnitude } else { magnitude })
}

fn signed(text: &str) -> (bool, &str) {
    match text.as_bytes().first() {
        Some(b'-') => (true, &text[1..]),
        Some(b'+') => (false, &text[1..]),
        _ => (false, text),
    }
}

fn out_of_range(text: &str, type_name: &'static str) -> Error {
    Error::Range { type_name, text: text.to_owned() }
}

/// Reads a float8.
///
/// # Errors
///
/// [`Error::Syntax`], [`Error::FloatRange`] where it is too large or too small for any float.
pub fn float8(text: &str) -> Result<f64, Error> {
    let (number, digits) = float::<f64>(text, "double precision")?;
    if digits && (number.is_infinite() || (number == 0.0 && has_digit_above_zero(text))) {
        return Err(Error::FloatRange { type_name: "double precision", text: trimmed(text).to_owned() });
    }
    Ok(number)
}

/// Reads a float4.
///
/// # Errors
///
/// As [`float8`].
pub fn float4(text: &str) -> Result<f32, Error> {
    let (number, digits) = float::<f32>(text, "real")?;
    if digits && (number.is_infinite() || (number == 0.0 && has_digit_above_zero(text))) {
        return Err(Error::FloatRange { type_name: "real", text: trimmed(text).to_owned() });
    }
    Ok(number)
}

/// The number, and whether it was written in digits.
fn float<F: std::str::FromStr>(text: &str, type_name: &'static str) -> Result<(F, bool), Error> {
    let body = trimmed(text);
    let error = || Error::Syntax { type_name, text: text.to_owned() };
    let (is_negative, unsigned) = signed(body);
    let is_nan = unsigned.eq_ignore_ascii_case("nan");
    let is_infinite = unsigned.eq_ignore_ascii_case("inf") || unsigned.eq_ignore_ascii_case("infinity");
    if !is_nan && !is_infinite && !unsigned.starts_with(|first: char| first.is_ascii_digit() || first == '.')
    {
        return Err(error());
    }
    // Rust reads no signed NaN.
    let rust = if is_nan {
        "NaN"
    } else if is_infinite && is_negative {
        "-inf"
    } else if is_infinite {
        "inf"
    } else {
        body
    };
    let number = rust.parse().map_err(|_| error())?;
    Ok((number, !is_nan && !is_infinite))
}

fn has_digit_above_zero(text: &str) -> bool {
    let mantissa = text.split(['e', 'E']).next().unwrap_or("");
    mantissa.bytes().any(|byte| (b'1'..=b'9').contains(&byte))
}

/// A number with a fixed point: `unscaled / 10^scale`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Decimal {
    /// All digits.
    pub unscaled: i256,
    /// How many of them stand after the point.
    pub scale: u8,
}

impl Decimal {
    /// The same number with another scale, rounded half away from zero as PostgreSQL does; none
    /// where it has too many digits then.
    pub fn rescaled(self, scale: u8, precision: u8) -> Option<i256> {
        let ten = i256::from_i128(10);
        let unscaled = if scale >= self.scale {
            self.unscaled.checked_mul(ten.checked_pow(u32::from(scale - self.scale))?)?
        } else {
            let power = ten.checked_pow(u32::from(self.scale - scale))?;
            let quotient = self.unscaled.checked_div(power)?;
            let rest = self.unscaled.checked_rem(power)?.wrapping_abs();
            let is_up = rest >= power.wrapping_sub(rest);
            let step = if self.unscaled.is_negative() { i256::MINUS_ONE } else { i256::ONE };
            if is_up { quotient.checked_add(step)? } else { quotient }
        };
        let limit = ten.checked_pow(u32::from(precision))?;
        (unscaled.wrapping_abs() < limit).then_some(unscaled)
    }
}

/// Reads a numeric with as many digits after the point as are written.
///
/// # Errors
///
/// [`Error::Syntax`]; [`Error::Unsupported`] for NaN and infinity, which decimals have not;
/// [`Error::NumericOverflow`] beyond 76 digits.
pub fn decimal(text: &str) -> Result<Decimal, Error> {
    let error = || Error::Syntax { type_name: "numeric", text: text.to_owned() };
    let (is_negative, body) = signed(trimmed(text));
    if ["nan", "inf", "infinity"].iter().any(|word| body.eq_ignore_ascii_case(word)) {
        return Err(Error::Unsupported { what: format!("numeric \"{}\"", trimmed(text)) });
    }
    let (mantissa, exponent) = match body.split_once(['e', 'E']) {
        Some((mantissa, exponent)) => {
            let (_, digits) = signed(exponent);
            if digits.is_empty() || !digits.bytes().all(|byte| byte.is_ascii_digit()) {
                return Err(error());
            }
            (mantissa, exponent.parse::<i32>().map_err(|_| Error::NumericOverflow)?)
        }
        None => (body, 0),
    };
    let (whole, fraction) = mantissa.split_once('.').unwrap_or((mantissa, ""));
    let digits: String = [whole, fraction].concat();
    if digits.is_empty() || !digits.bytes().all(|byte| byte.is_ascii_digit()) {
        return Err(error());
    }
    assemble(is_negative, digits.trim_start_matches('0'), fraction.len(), exponent)
}

/// Puts a decimal together from its digits without leading zeros.
fn assemble(is_negative: bool, digits: &str, fraction: usize, exponent: i32) -> Result<Decimal, Error> {
    let scale = i64::try_from(fraction).map_err(|_| Error::NumericOverflow)? - i64::from(exponent);
    let zeros = usize::try_from((-scale).max(0)).map_err(|_| Error::NumericOverflow)?;
    let scale = scale.max(0);
    if digits.is_empty() {
        return Ok(Decimal { unscaled: i256::ZERO, scale: scale.min(DIGITS_MAX as i64) as u8 });
    }
    if digits.len().saturating_add(zeros) > DIGITS_MAX || scale > DIGITS_MAX as i64 {
        return Err(Error::NumericOverflow);
    }
    let digits = digits.to_owned() + &"0".repeat(zeros);
    let unscaled = i256::from_string(&digits).ok_or(Error::NumericOverflow)?;
    let unscaled = if is_negative { unscaled.wrapping_neg() } else { unscaled };
    Ok(Decimal { unscaled, scale: scale as u8 })
}

#[cfg(test)]
mod tests {
    use arrow::datatypes::i256;

    use super::{boolean, decimal, float4, float8, int2, int4, int8, oid};

    #[test]
    fn booleans_have_many_spellings() {
        for text in ["t", "TRUE", " tr ", "yes", "y", "on", "1"] {
            assert_eq!(boolean(text), Ok(true), "{text}");
        }
        for text in ["f", "false", "fa", "no", "n", "off", "of", "0"] {
            assert_eq!(boolean(text), Ok(false), "{text}");
        }
        for text in ["", "o", "truee", "2", "ja"] {
            let error = boolean(text).unwrap_err();
            assert_eq!(error.to_string(), format!("invalid input syntax for type boolean: \"{text}\""));
        }
    }

    #[test]
    fn integers_are_refused_with_the_right_code() {
        assert_eq!(int4(" -12 "), Ok(-12));
        assert_eq!(int4("+7"), Ok(7));
        assert_eq!(int8("-9223372036854775808"), Ok(i64::MIN));
        assert_eq!(oid("-1"), Ok(u32::MAX));
        for text in ["", "x", "1.0", "1 2", "--1", "0x10", "1e3"] {
            assert_eq!(int4(text).unwrap_err().sqlstate().code(), "22P02", "{text}");
        }
        assert_eq!(
            int2("32768").unwrap_err().to_string(),
            "value \"32768\" is out of range for type smallint"
        );
        assert_eq!(
            int8("99999999999999999999999999999999999999999999").unwrap_err().sqlstate().code(),
            "22003"
        );
    }

    #[test]
    fn floats_have_names_and_bounds() {
        assert_eq!(float8("1e10"), Ok(1e10));
        assert_eq!(float8(" .5 "), Ok(0.5));
        assert_eq!(float8("-Infinity"), Ok(f64::NEG_INFINITY));
        assert!(float8("nan").unwrap().is_nan());
        assert_eq!(float8("0e400"), Ok(0.0));
        assert_eq!(
            float8("1e400").unwrap_err().to_string(),
            "\"1e400\" is out of range for type double precision"
        );
        assert_eq!(float8("1e-400").unwrap_err().sqlstate().code(), "22003");
        assert_eq!(float4("1e40").unwrap_err().sqlstate().code(), "22003");
        assert_eq!(float8("abc").unwrap_err().sqlstate().code(), "22P02");
    }

    #[test]
    fn decimals_keep_what_is_written() {
        for (text, unscaled, scale) in [
            ("1.50", 150, 2),
            ("-.5", -5, 1),
            ("5.", 5, 0),
            ("1e3", 1000, 0),
            ("1.25e1", 125, 1),
            ("1e-3", 1, 3),
            ("0.000", 0, 3),
        ] {
            let number = decimal(text).unwrap();
            assert_eq!((number.unscaled, number.scale), (i256::from_i128(unscaled), scale), "{text}");
        }
        for text in ["", ".", "-", "1e", "1 2", "1.2.3", "e5"] {
            assert_eq!(decimal(text).unwrap_err().sqlstate().code(), "22P02", "{text}");
        }
        assert_eq!(decimal("NaN").unwrap_err().sqlstate().code(), "0A000");
        assert_eq!(decimal("1e77").unwrap_err().sqlstate().code(), "22003");
    }

    #[test]
    fn rounding_goes_away_from_zero() {
        for (text, scale, expected) in
            [("2.5", 0, 3), ("-2.5", 0, -3), ("2.45", 1, 25), ("2.44", 1, 24), ("2", 2, 200)]
        {
            assert_eq!(decimal(text).unwrap().rescaled(scale, 38), Some(i256::from_i128(expected)), "{text}");
        }
        assert_eq!(decimal("100").unwrap().rescaled(0, 2), None);
    }
}
