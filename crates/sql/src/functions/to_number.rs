//! `to_number(text, pattern)`: numbers read by the patterns that `to_char` writes.
//!
//! Source: `NUM_processor` and `NUM_numpart_from_char` in PostgreSQL's `formatting.c`, in the C locale. Each number has
//! the digits that it was read from.

use std::sync::Arc;

use arrow::array::{Array, AsArray};
use arrow::datatypes::DataType;
use datafusion::common::{Result as DataFusionResult, plan_err};
use datafusion::logical_expr::{
    ColumnarValue, Expr, ScalarFunctionArgs, ScalarUDF, ScalarUDFImpl, Signature, Volatility,
};
use lakeport_base::SqlState;

use super::defined::external;
use crate::error::{Error, Result};
use crate::types::OPEN_NUMERIC;
use crate::value;
use crate::value::read::{Decimal, decimal};

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
        Ok(OPEN_NUMERIC)
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
                Some(decimal(&number).map_err(|error| external(error.into()))?)
            });
        }
        let numbers = value::decimals(numbers.into_iter(), &OPEN_NUMERIC);
        Ok(ColumnarValue::Array(numbers.map_err(|error| external(error.into()))?))
    }
}

/// The number, where text and pattern are constants and it can be read.
pub(super) fn constant(args: &[Expr]) -> Option<Decimal> {
    let text = |expr: &Expr| match expr {
        Expr::Literal(value, _) => value.try_as_str().flatten().map(str::to_owned),
        _ => None,
    };
    let [number, pattern] = args else { return None };
    decimal(&read(&text(number)?, &text(pattern)?).ok()?).ok()
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
