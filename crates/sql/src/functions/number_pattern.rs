//! The patterns of `to_char` for numbers: `999,990.00`, `FM9999`, `S099`, `999PR`.
//!
//! Source: <https://www.postgresql.org/docs/15/functions-formatting.html>, table 9.28, in the C locale.

use datafusion::common::Result;
use lakeport_base::SqlState;

use super::failure;

/// Stand in a number that is being written for what is known later, or may be taken away.
const SIGN: char = '\u{1}';
const BLANK: char = '\u{2}';
const BEFORE_DIGITS: char = '\u{3}';

/// A pattern, taken apart.
#[derive(Debug)]
pub(super) struct Numbers {
    parts: Vec<Part>,
    /// Digits before the point.
    whole: usize,
    /// Digits behind it.
    fraction: usize,
    fill: bool,
    sign: Sign,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Part {
    /// A digit, or nothing where there is none.
    Nine,
    /// A digit, or a zero.
    Zero,
    Point,
    Group,
    /// Where an explicit sign stands.
    Sign,
    Literal(char),
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Sign {
    /// A minus right before the number, or a space.
    Implicit,
    /// `S`: a plus or a minus right beside the number.
    Anchored,
    /// `SG`, `MI` or `PL`: at its own place; which of plus and minus are shown.
    Placed { plus: bool, minus: bool },
    /// `PR`: a negative number in angle brackets.
    Brackets,
}

impl Numbers {
    /// Takes a pattern apart.
    ///
    /// # Errors
    ///
    /// 0A000 for scientific and Roman notation and for shifted digits, 42601 for two points.
    pub(super) fn read(pattern: &str) -> Result<Numbers> {
        let mut numbers =
            Numbers { parts: Vec::new(), whole: 0, fraction: 0, fill: false, sign: Sign::Implicit };
        let mut seen_point = false;
        let mut rest = pattern;
        while let Some(first) = rest.chars().next() {
            let upper = rest.get(..2).map(str::to_ascii_uppercase).unwrap_or_default();
            let mut length = first.len_utf8();
            match (upper.as_str(), first) {
                ("FM", _) => (numbers.fill, length) = (true, 2),
                ("MI", _) => length = numbers.placed(false, true),
                ("PL", _) => length = numbers.placed(true, false),
                ("SG", _) => length = numbers.placed(true, true),
                ("PR", _) => (numbers.sign, length) = (Sign::Brackets, 2),
                ("RN" | "EE" | "TH", _) | (_, 'V' | 'v') => {
                    return Err(failure(
                        SqlState::FEATURE_NOT_SUPPORTED,
                        "this number pattern is not supported",
                    ));
                }
                (_, 'S' | 's') => {
                    numbers.sign = Sign::Anchored;
                    numbers.parts.push(Part::Sign);
                }
                (_, '9' | '0') => {
                    numbers.parts.push(if first == '9' { Part::Nine } else { Part::Zero });
                    *(if seen_point { &mut numbers.fraction } else { &mut numbers.whole }) += 1;
                }
                (_, '.' | 'D' | 'd') => {
                    if seen_point {
                        return Err(failure(SqlState::SYNTAX_ERROR, "multiple decimal points"));
                    }
                    seen_point = true;
                    numbers.parts.push(Part::Point);
                }
                (_, ',' | 'G' | 'g') => numbers.parts.push(Part::Group),
                (_, 'L' | 'l') => numbers.parts.push(Part::Literal(' ')),
                (_, '"') => {
                    let text: String = rest[1..].chars().take_while(|c| *c != '"').collect();
                    length = (text.len() + 2).min(rest.len());
                    numbers.parts.extend(text.chars().map(Part::Literal));
                }
                (_, other) => numbers.parts.push(Part::Literal(other)),
            }
            rest = &rest[length..];
        }
        Ok(numbers)
    }

    fn placed(&mut self, plus: bool, minus: bool) -> usize {
        self.sign = Sign::Placed { plus, minus };
        self.parts.push(Part::Sign);
        2
    }

    /// A number, written in digits with an optional minus and point, in this pattern.
    pub(super) fn format(&self, number: &str) -> String {
        let (is_negative, whole, fraction) = rounded(number, self.fraction);
        let is_negative = is_negative && (whole != "0" || fraction.bytes().any(|digit| digit != b'0'));
        let whole = if whole == "0" { "" } else { whole.as_str() };
        let mut digits: Vec<char> = Vec::new();
        if whole.len() > self.whole {
            digits.resize(self.whole + self.fraction, '#');
        } else {
            digits.resize(self.whole - whole.len(), ' ');
            digits.extend(whole.chars().chain(fraction.chars()));
        }
        let body = self.body(&digits, whole.is_empty());
        self.signed(body, is_negative)
    }

    /// The number without its sign: a blank stands where a digit is missing.
    fn body(&self, digits: &[char], whole_is_zero: bool) -> String {
        let zero_from = self
            .parts
            .iter()
            .filter(|part| matches!(part, Part::Nine | Part::Zero))
            .position(|part| *part == Part::Zero);
        let mut body = String::new();
        let (mut index, mut begun) = (0, false);
        for part in &self.parts {
            match part {
                Part::Nine | Part::Zero => {
                    let forced = zero_from.is_some_and(|from| index >= from && index < self.whole);
                    // Without a fraction, the last place of a zero is shown.
                    let last = whole_is_zero && self.fraction == 0 && index + 1 == self.whole;
                    let digit = match digits.get(index) {
                        Some(' ') if forced || last => '0',
                        Some(digit) => *digit,
                        None => ' ',
                    };
                    if digit != ' ' && !std::mem::replace(&mut begun, true) {
                        body.push(BEFORE_DIGITS);
                    }
                    body.push(if digit == ' ' { BLANK } else { digit });
                    index += 1;
                }
                Part::Point => {
                    if !std::mem::replace(&mut begun, true) {
                        body.push(BEFORE_DIGITS);
                    }
                    body.push('.');
                }
                Part::Group => body.push(if begun { ',' } else { BLANK }),
                Part::Sign => body.push(SIGN),
                Part::Literal(text) => body.push(*text),
            }
        }
        if !begun {
            body.push(BEFORE_DIGITS);
        }
        if self.fill { self.without_fill(&body) } else { body }
    }

    /// `FM`: no blanks in front, and no zeros at the end that a 9 stands for.
    fn without_fill(&self, body: &str) -> String {
        let mut body: String = body.chars().filter(|character| *character != BLANK).collect();
        let optional =
            self.parts.iter().rev().take_while(|part| **part == Part::Nine).count().min(self.fraction);
        if self.parts.contains(&Part::Point) {
            for _ in 0..optional {
                if body.ends_with('0') {
                    body.pop();
                } else {
                    break;
                }
            }
        }
        body
    }

    fn signed(&self, body: String, is_negative: bool) -> String {
        let blank = if self.fill { "" } else { " " };
        let before_digits = |body: &str, sign: &str| body.replace(BEFORE_DIGITS, sign);
        let signed = match self.sign {
            Sign::Implicit => before_digits(&body, if is_negative { "-" } else { blank }),
            Sign::Brackets if is_negative => format!("{}>", before_digits(&body, "<")),
            Sign::Brackets => format!("{}{blank}", before_digits(&body, blank)),
            Sign::Anchored => {
                let sign = if is_negative { "-" } else { "+" };
                match body.strip_prefix(SIGN) {
                    Some(rest) => before_digits(rest, sign),
                    None => before_digits(&body.replace(SIGN, sign), ""),
                }
            }
            Sign::Placed { plus, minus } => {
                let sign = match (is_negative, plus, minus) {
                    (true, _, true) => "-",
                    (false, true, _) => "+",
                    _ => blank,
                };
                let body = body.replace(SIGN, sign);
                before_digits(&body, if is_negative && !minus { "-" } else { "" })
            }
        };
        signed.replace(BLANK, " ")
    }
}

/// A number's sign, whole digits without leading zeros, and just so many digits behind the point.
fn rounded(number: &str, scale: usize) -> (bool, String, String) {
    let (is_negative, number) = match number.strip_prefix('-') {
        Some(number) => (true, number),
        None => (false, number),
    };
    let (whole, fraction) = number.split_once('.').unwrap_or((number, ""));
    let mut digits: Vec<u8> = std::iter::once(b'0').chain(whole.bytes()).chain(fraction.bytes()).collect();
    let kept = 1 + whole.len() + scale;
    let rounds_up = digits.get(kept).is_some_and(|digit| *digit >= b'5');
    digits.resize(kept, b'0');
    if rounds_up {
        for digit in digits.iter_mut().rev() {
            if *digit < b'9' {
                *digit += 1;
                break;
            }
            *digit = b'0';
        }
    }
    let text: String = digits.into_iter().map(char::from).collect();
    let (whole, fraction) = text.split_at(text.len() - scale);
    let whole = whole.trim_start_matches('0');
    (is_negative, if whole.is_empty() { "0".to_owned() } else { whole.to_owned() }, fraction.to_owned())
}

#[cfg(test)]
mod tests {
    use super::Numbers;

    #[track_caller]
    fn check(number: &str, pattern: &str, expected: &str) {
        let text = Numbers::read(pattern).expect("the pattern is read").format(number);
        assert_eq!(text, expected, "{number} as {pattern}");
    }

    #[test]
    fn numbers_read_as_in_postgres() {
        check("125", "999", " 125");
        check("-125", "999", "-125");
        check("125.8", "999D9", " 125.8");
        check("1234567.891", "9,999,999.99", " 1,234,567.89");
        check("12", "9990999.9", "    0012.0");
        check("0.1", "0.9", " 0.1");
        check("0.1", "FM9.99", ".1");
        check("-0.1", "FM9.99", "-.1");
        check("12345", "999", " ###");
        check("485", "FM999", "485");
        check("1234", "FM9,999.00", "1,234.00");
        check("12", "9,999", "    12");
        check("0", "999", "   0");
        check("-12", "S999", " -12");
        check("12", "SG999", "+ 12");
        check("-485", "999PR", "<485>");
        check("-12", "999MI", " 12-");
        check("0.996", "0.99", " 1.00");
        check("12.4", "\"Pre: \"999", "Pre:   12");
        check("12", "FM999\" x y\"", "12 x y");
    }
}
