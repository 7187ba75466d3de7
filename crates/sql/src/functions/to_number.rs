//! `to_number(text, pattern)`: numbers read by the patterns that `to_char` writes.
//!
//! Source: `NUM_processor` and `NUM_numpart_from_char` in PostgreSQL's `formatting.c`, in the C locale. A column of
//! numerics has one scale here: the number's own where text and pattern are constants, and otherwise the pattern's.

use std::sync::Arc;

use arrow::array::{Array, AsArray};
use arrow::compute::cast;
use arrow::datatypes::{DataType, Field, FieldRef};
use datafusion::common::{Result as DataFusionResult, ScalarValue, plan_err};
use datafusion::logical_expr::{
    ColumnarValue, ReturnFieldArgs, ScalarFunctionArgs, ScalarUDF, ScalarUDFImpl, Signature, Volatility,
};
use lakeport_base::SqlState;

use super::defined::external;
use crate::error::{Error, Result};
use crate::types::PgType;
use crate::value::read::{Value, array_of, decimal};

/// Digits of a numeric at most, and behind its point where the pattern is no constant.
const DIGITS: (u8, i8) = (38, 9);

/// `to_number(text, pattern)`
pub(super) fn to_number() -> Arc<ScalarUDF> {
    Arc::new(ScalarUDF::new_from_impl(ToNumber { signature: Signature::user_defined(Volatility::Immutable) }))
}

#[derive(Debug, PartialEq, Eq, Hash)]
struct ToNumber {
    signature: Signature,
}

impl ScalarUDFImpl for ToNumber {
    fn name(&self) -> &str {
        "to_number"
    }

    fn signature(&self) -> &Signature {
        &self.signature
    }

    fn coerce_types(&self, arg_types: &[DataType]) -> DataFusionResult<Vec<DataType>> {
        match arg_types {
            [_, _] => Ok(vec![DataType::Utf8; 2]),
            _ => plan_err!("function to_number() takes a text and a pattern"),
        }
    }

    fn return_type(&self, _arg_types: &[DataType]) -> DataFusionResult<DataType> {
        Ok(DataType::Decimal128(DIGITS.0, DIGITS.1))
    }

    fn return_field_from_args(&self, args: ReturnFieldArgs) -> DataFusionResult<FieldRef> {
        let constant = |index: usize| args.scalar_arguments.get(index).copied().flatten().and_then(text);
        let scale = match (constant(0), constant(1)) {
            (Some(text), Some(pattern)) => read(&text, &pattern)
                .ok()
                .map(|number| number.split_once('.').map_or(0, |(_, fraction)| fraction.len())),
            (None, Some(pattern)) => {
                let behind = pattern.split_once(['.', 'D', 'd']).map_or("", |(_, behind)| behind);
                Some(behind.chars().filter(|letter| matches!(letter, '9' | '0')).count())
            }
            _ => None,
        };
        let scale = scale.and_then(|scale| i8::try_from(scale).ok()).filter(|scale| *scale <= 38);
        let data_type = DataType::Decimal128(DIGITS.0, scale.unwrap_or(DIGITS.1));
        Ok(Arc::new(Field::new(self.name(), data_type, true)))
    }

    fn invoke_with_args(&self, args: ScalarFunctionArgs) -> DataFusionResult<ColumnarValue> {
        let texts = args.args[0].to_array(args.number_rows)?;
        let patterns = args.args[1].to_array(args.number_rows)?;
        let (texts, patterns) = (texts.as_string::<i32>(), patterns.as_string::<i32>());
        let mut numbers = Vec::with_capacity(texts.len());
        for row in 0..texts.len() {
            let is_null = texts.is_null(row) || patterns.is_null(row);
            numbers.push(if is_null {
                None
            } else {
                let number = read(texts.value(row), patterns.value(row)).map_err(external)?;
                Some(Value::Decimal(decimal(&number).map_err(|error| external(error.into()))?))
            });
        }
        let numbers = array_of(&numbers, PgType::NUMERIC).map_err(|error| external(error.into()))?;
        Ok(ColumnarValue::Array(cast(&numbers, args.return_field.data_type())?))
    }
}

fn text(value: &ScalarValue) -> Option<String> {
    value.try_as_str().flatten().map(str::to_owned)
}

/// What a text says by a pattern, as a number's digits with its sign and point.
fn read(text: &str, pattern: &str) -> Result<String> {
    let mut reader = Reader::new(text, pattern);
    reader.run(pattern)?;
    let number = format!("{}{}", reader.sign, reader.digits.strip_suffix('.').unwrap_or(&reader.digits));
    if reader.digits.bytes().any(|digit| digit.is_ascii_digit()) {
        return Ok(number.trim_start().to_owned());
    }
    let message = format!("invalid input syntax for type numeric: \"{number}\"");
    Err(Error::new(SqlState::INVALID_TEXT_REPRESENTATION, message))
}

struct Reader<'t> {
    text: &'t [u8],
    at: usize,
    /// A blank where none has been read.
    sign: char,
    digits: String,
    digit_count: usize,
    fraction_count: usize,
    fraction_max: usize,
    seen_point: bool,
    has_sign: bool,
    has_placed_sign: bool,
    has_brackets: bool,
}

impl<'t> Reader<'t> {
    fn new(text: &'t str, pattern: &str) -> Self {
        let upper = pattern.to_ascii_uppercase();
        let behind = upper.split_once(['.', 'D']).map_or("", |(_, behind)| behind);
        let plain = upper.replace("SG", "").replace("PR", "").replace("PL", "").replace("MI", "");
        Reader {
            text: text.as_bytes(),
            at: 0,
            sign: ' ',
            digits: String::new(),
            digit_count: 0,
            fraction_count: 0,
            fraction_max: behind.bytes().filter(|letter| matches!(letter, b'9' | b'0')).count(),
            seen_point: false,
            has_sign: plain.contains('S'),
            has_placed_sign: ["SG", "PL", "MI"].iter().any(|sign| upper.contains(sign)),
            has_brackets: upper.contains("PR"),
        }
    }

    fn run(&mut self, pattern: &str) -> Result<()> {
        let mut rest = pattern;
        while let (Some(first), true) = (rest.chars().next(), self.at < self.text.len()) {
            let upper = rest.get(..2).map(str::to_ascii_uppercase).unwrap_or_default();
            let mut length = first.len_utf8();
            match (upper.as_str(), first) {
                ("FM", _) => length = 2,
                ("MI" | "PL" | "SG", _) => {
                    length = 2;
                    self.placed_sign(&upper);
                }
                ("PR", _) => length = 2,
                ("TH", _) => {
                    length = 2;
                    self.at = (self.at + 2).min(self.text.len());
                }
                ("RN" | "EE", _) | (_, 'V' | 'v') => {
                    let message = "this number pattern is not supported by to_number";
                    return Err(Error::unsupported(message));
                }
                (_, '9' | '0' | '.' | 'D' | 'd') => self.number(matches!(first, '9' | '0')),
                (_, ',' | 'G' | 'g') => self.at += usize::from(self.peek() == Some(b',')),
                (_, 'L' | 'l') => self.pass(),
                (_, 'S' | 's') => {}
                (_, '"') => {
                    let quoted: String = rest[1..].chars().take_while(|letter| *letter != '"').collect();
                    length = (quoted.len() + 2).min(rest.len());
                    quoted.chars().for_each(|_| self.pass());
                }
                _ => self.pass(),
            }
            rest = &rest[length..];
        }
        // A sign may stand behind the last digit.
        if self.sign == ' ' && self.has_sign && self.digit_count > 0 {
            match self.peek() {
                Some(b'-') => self.sign = '-',
                Some(b'+') => self.sign = '+',
                _ => {}
            }
        }
        Ok(())
    }

    fn peek(&self) -> Option<u8> {
        self.text.get(self.at).copied()
    }

    /// Passes a character that is no part of a number.
    fn pass(&mut self) {
        if self.peek().is_some_and(|letter| !letter.is_ascii_digit() && !b".,+-".contains(&letter)) {
            self.at += 1;
            while self.peek().is_some_and(|letter| letter & 0xc0 == 0x80) {
                self.at += 1;
            }
        }
    }

    fn placed_sign(&mut self, kind: &str) {
        match self.peek() {
            Some(b'-') if kind != "PL" => {
                self.sign = '-';
                self.at += 1;
            }
            Some(b'+') if kind != "MI" => {
                self.sign = '+';
                self.at += 1;
            }
            _ => self.pass(),
        }
    }

    /// A place of the pattern where a digit or the point may stand.
    fn number(&mut self, is_digit: bool) {
        self.at += usize::from(self.peek() == Some(b' '));
        if self.sign == ' ' && is_digit && self.digit_count + self.fraction_count == 0 {
            match self.peek() {
                Some(b'-') => self.signed('-'),
                Some(b'<') if self.has_brackets => self.signed('-'),
                Some(b'+') => self.signed('+'),
                _ => {}
            }
        }
        match self.peek() {
            Some(digit) if digit.is_ascii_digit() => {
                if self.seen_point && self.fraction_count == self.fraction_max {
                    return;
                }
                self.digits.push(char::from(digit));
                *(if self.seen_point { &mut self.fraction_count } else { &mut self.digit_count }) += 1;
                self.at += 1;
            }
            Some(b'.') if !self.seen_point => {
                self.digits.push('.');
                self.seen_point = true;
                self.at += 1;
            }
            Some(sign @ (b'-' | b'+'))
                if self.sign == ' '
                    && self.digit_count + self.fraction_count > 0
                    && !self.has_placed_sign =>
            {
                self.signed(char::from(sign));
            }
            _ => self.at += usize::from(self.at < self.text.len() && !self.has_sign),
        }
    }

    fn signed(&mut self, sign: char) {
        self.sign = sign;
        self.at += 1;
    }
}

#[cfg(test)]
mod tests {
    use super::read;

    #[test]
    fn numbers_are_read_as_in_postgres() {
        for (text, pattern, expected) in [
            ("12,454.8-", "99G999D9S", "-12454.8"),
            ("1234.5", "9999.9", "1234.5"),
            ("-34,338,492", "99G999G999", "-34338492"),
            ("$1,234.56", "L9,999.99", "1234.56"),
            ("<564646.654564>", "999999.999999PR", "-564646.654564"),
            ("0.00001-", "9.999999S", "-0.00001"),
            ("5.01-", "FM9.999999S", "-5.01"),
            (" 4.05", "9 9 . 9 9", "4.05"),
            ("42nd", "99th", "42"),
        ] {
            assert_eq!(read(text, pattern).unwrap(), expected, "{text} by {pattern}");
        }
        assert_eq!(read("abc", "999").unwrap_err().sqlstate().code(), "22P02");
    }
}
