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
const ORDINAL: char = '\u{4}';

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
    /// `V`: as many places further to the left.
    shift: usize,
    /// `EEEE`: with an exponent.
    is_scientific: bool,
    /// `RN`, or `rn` for small letters.
    roman: Option<Roman>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Roman {
    Upper,
    Lower,
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
    /// `TH` or `th` behind a number.
    Ordinal(&'static str),
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
    /// 42601 for two points, and for an exponent that is not at the end.
    pub(super) fn read(pattern: &str) -> Result<Numbers> {
        let mut numbers = Numbers {
            parts: Vec::new(),
            whole: 0,
            fraction: 0,
            fill: false,
            sign: Sign::Implicit,
            shift: 0,
            is_scientific: false,
            roman: None,
        };
        let (mut seen_point, mut is_shifted) = (false, false);
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
                ("RN", _) => {
                    numbers.roman = Some(if first == 'R' { Roman::Upper } else { Roman::Lower });
                    length = 2;
                }
                ("TH", _) => {
                    numbers.parts.push(Part::Ordinal(if first == 'T' { "TH" } else { "th" }));
                    length = 2;
                }
                ("EE", _) if rest.get(..4).is_some_and(|sign| sign.eq_ignore_ascii_case("EEEE")) => {
                    if numbers.is_scientific {
                        return Err(failure(SqlState::SYNTAX_ERROR, "cannot use \"EEEE\" twice"));
                    }
                    (numbers.is_scientific, length) = (true, 4);
                }
                (_, 'V' | 'v') => {
                    if seen_point {
                        let message = "cannot use \"V\" and decimal point together";
                        return Err(failure(SqlState::SYNTAX_ERROR, message));
                    }
                    is_shifted = true;
                }
                (_, 'S' | 's') => {
                    numbers.sign = Sign::Anchored;
                    numbers.parts.push(Part::Sign);
                }
                (_, '9' | '0') => {
                    numbers.parts.push(if first == '9' { Part::Nine } else { Part::Zero });
                    *(if seen_point { &mut numbers.fraction } else { &mut numbers.whole }) += 1;
                    numbers.shift += usize::from(is_shifted);
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
        if let Some(letters) = self.roman {
            return self.roman(number, letters);
        }
        if self.is_scientific {
            return self.scientific(number);
        }
        let shifted;
        let number = if self.shift > 0 {
            shifted = moved(number, self.shift);
            shifted.as_str()
        } else {
            number
        };
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
        let mut body = self.body(&digits, whole.is_empty());
        if let Some(letters) = self.parts.iter().find_map(|part| match part {
            Part::Ordinal(letters) => Some(*letters),
            _ => None,
        }) {
            // Only a whole number that is not negative has one.
            let is_counted = !is_negative && !digits.contains(&'#') && !self.parts.contains(&Part::Point);
            let last: String = whole.chars().rev().take(2).collect::<Vec<_>>().into_iter().rev().collect();
            let suffix = super::to_char::suffix(last.parse().unwrap_or(0));
            let suffix = if letters == "TH" { suffix.to_uppercase() } else { suffix.to_owned() };
            body = body.replace(ORDINAL, if is_counted { &suffix } else { "" });
        }
        self.signed(body, is_negative)
    }

    /// A float, in the digits that it surely has.
    ///
    /// Source: `float8_to_char` in PostgreSQL's `formatting.c`; a float is sure of 15 digits.
    pub(super) fn format_float(&self, number: f64) -> String {
        const DIGITS: usize = 15;
        if self.is_scientific || self.roman.is_some() || self.shift > 0 {
            return self.format(&format!("{number}"));
        }
        let whole = format!("{:.0}", number.abs()).len();
        let fraction = self.fraction.min(DIGITS.saturating_sub(whole));
        self.format(&format!("{number:.fraction$}"))
    }

    /// One digit, the fraction, and an exponent.
    fn scientific(&self, number: &str) -> String {
        let (sign, plain) = match number.strip_prefix('-') {
            Some(plain) => ('-', plain),
            None => (' ', number),
        };
        let (whole, fraction) = plain.split_once('.').unwrap_or((plain, ""));
        let digits = format!("{whole}{fraction}");
        let zeros = digits.bytes().take_while(|digit| *digit == b'0').count();
        let (mut exponent, significant) = match digits.get(zeros..).filter(|digits| !digits.is_empty()) {
            Some(significant) => (whole.len() as i64 - 1 - zeros as i64, significant),
            None => (0, "0"),
        };
        let (first, behind) = significant.split_at(1);
        let (_, mut whole, fraction) = rounded(&format!("{first}.{behind}"), self.fraction);
        if whole.len() > 1 {
            (whole, exponent) = ("1".to_owned(), exponent + 1);
        }
        let point = if self.fraction > 0 { "." } else { "" };
        let exponent_sign = if exponent < 0 { '-' } else { '+' };
        format!("{sign}{whole}{point}{fraction}e{exponent_sign}{:02}", exponent.abs())
    }

    /// A number from 1 to 3999 in Roman digits.
    fn roman(&self, number: &str, letters: Roman) -> String {
        const WIDTH: usize = 15;
        const DIGITS: [(&str, i64); 13] = [
            ("M", 1000),
            ("CM", 900),
            ("D", 500),
            ("CD", 400),
            ("C", 100),
            ("XC", 90),
            ("L", 50),
            ("XL", 40),
            ("X", 10),
            ("IX", 9),
            ("V", 5),
            ("IV", 4),
            ("I", 1),
        ];
        let (is_negative, whole, _) = rounded(number, 0);
        let mut rest = whole.parse().unwrap_or(0);
        if is_negative || !(1..=3999).contains(&rest) {
            return "#".repeat(WIDTH);
        }
        let mut text = String::new();
        for (digit, value) in DIGITS {
            while rest >= value {
                text.push_str(digit);
                rest -= value;
            }
        }
        let text = if letters == Roman::Lower { text.to_lowercase() } else { text };
        if self.fill { text } else { format!("{text:>WIDTH$}") }
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
                Part::Ordinal(_) => body.push(ORDINAL),
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

/// A number with its point so many places further to the right.
fn moved(number: &str, count: usize) -> String {
    let (whole, fraction) = number.split_once('.').unwrap_or((number, ""));
    let padded = format!("{fraction:0<count$}");
    let (taken, left) = padded.split_at(count);
    if left.is_empty() { format!("{whole}{taken}") } else { format!("{whole}{taken}.{left}") }
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
        check("485", "RN", "        CDLXXXV");
        check("485", "FMrn", "cdlxxxv");
        check("12.45", "99V9", " 125");
        check("482", "999th", " 482nd");
        check("0.0004859", "9.99EEEE", " 4.86e-04");
    }
}
