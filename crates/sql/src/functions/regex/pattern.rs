//! PostgreSQL's regular expressions, written as those of the `regex` crate.
//!
//! Source: <https://www.postgresql.org/docs/15/functions-matching.html>, section 9.7.3.

use lakeport_base::SqlState;
use regex::RegexBuilder;

use super::ends::{Expression, Flags};
use crate::error::{Error, Result};

/// What one compiled expression may take: the `regex` crate's own bound.
const SIZE_MAX: usize = 10 << 20;

/// What the letters of an option argument, or of `(?…)` in front, ask for.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(super) struct Options {
    /// `g`: every place, not the first.
    pub(super) is_global: bool,
    is_blind_to_case: bool,
    /// `n`, `m`, `p`: a dot and a negated bracket stop at the end of a line.
    stops_at_lines: bool,
    /// `n`, `m`, `w`: `^` and `$` stand for every line.
    anchors_lines: bool,
    is_expanded: bool,
    is_literal: bool,
}

impl Options {
    /// Reads the letters.
    ///
    /// # Errors
    ///
    /// 22023 for a letter that is none.
    pub(super) fn read(letters: &str) -> Result<Options> {
        let mut options = Options::default();
        for letter in letters.chars() {
            options.letter(letter)?;
        }
        Ok(options)
    }

    fn letter(&mut self, letter: char) -> Result<()> {
        let mut lines = |stops, anchors| (self.stops_at_lines, self.anchors_lines) = (stops, anchors);
        match letter {
            'g' => self.is_global = true,
            'i' => self.is_blind_to_case = true,
            'c' => self.is_blind_to_case = false,
            'n' | 'm' => lines(true, true),
            'p' => lines(true, false),
            'w' => lines(false, true),
            's' => lines(false, false),
            'x' => self.is_expanded = true,
            't' => self.is_expanded = false,
            'q' => self.is_literal = true,
            'e' => {}
            'b' => return Err(Error::unsupported("basic regular expressions are not supported")),
            other => {
                let message = format!("invalid regular expression option: \"{other}\"");
                return Err(Error::new(SqlState::INVALID_PARAMETER_VALUE, message));
            }
        }
        Ok(())
    }
}

/// The expression that a pattern means.
///
/// # Errors
///
/// 2201B for what is no expression, 0A000 for back references and for looking ahead or behind.
pub(super) fn compiled(pattern: &str, mut options: Options) -> Result<Expression> {
    let mut rest = pattern;
    if let Some(literal) = rest.strip_prefix("***=") {
        (rest, options.is_literal) = (literal, true);
    } else if let Some(advanced) = rest.strip_prefix("***:") {
        rest = advanced;
    }
    if !options.is_literal
        && let Some((letters, behind)) = rest.strip_prefix("(?").and_then(|rest| rest.split_once(')'))
        && !letters.is_empty()
        && letters.bytes().all(|letter| letter.is_ascii_lowercase())
    {
        letters.chars().try_for_each(|letter| options.letter(letter))?;
        rest = behind;
    }
    let written = if options.is_literal { regex::escape(rest) } else { Writer::written(rest, options)? };
    let flags = Flags {
        is_blind_to_case: options.is_blind_to_case,
        anchors_lines: options.anchors_lines,
        dot_ends_no_line: !options.stops_at_lines,
        is_expanded: options.is_expanded,
    };
    let regex = RegexBuilder::new(&written)
        .case_insensitive(flags.is_blind_to_case)
        .multi_line(flags.anchors_lines)
        .dot_matches_new_line(flags.dot_ends_no_line)
        .ignore_whitespace(flags.is_expanded)
        .size_limit(SIZE_MAX)
        .build()
        .map_err(|error| invalid(reason(&error)))?;
    Ok(Expression::new(regex, flags))
}

fn invalid(reason: &str) -> Error {
    Error::new(SqlState::INVALID_REGULAR_EXPRESSION, format!("invalid regular expression: {reason}"))
}

/// PostgreSQL's words for what is wrong.
fn reason(error: &regex::Error) -> &'static str {
    let text = match error {
        regex::Error::CompiledTooBig(_) => return "regular expression is too complex",
        other => other.to_string(),
    };
    reason_of(&text)
}

/// PostgreSQL's words for a complaint of the `regex` crate.
pub(crate) fn reason_of(complaint: &str) -> &'static str {
    const REASONS: [(&str, &str); 6] = [
        ("unclosed group", "parentheses () not balanced"),
        ("unopened group", "parentheses () not balanced"),
        ("unclosed character class", "brackets [] not balanced"),
        ("repetition operator missing", "quantifier operand invalid"),
        ("invalid repetition count range", "invalid repetition count(s)"),
        ("invalid character class range", "invalid character range"),
    ];
    REASONS.iter().find(|(own, _)| complaint.contains(own)).map_or("it cannot be read", |(_, reason)| reason)
}

struct Writer<'p> {
    rest: &'p str,
    options: Options,
    written: String,
}

impl<'p> Writer<'p> {
    fn written(pattern: &'p str, options: Options) -> Result<String> {
        let mut writer = Writer { rest: pattern, options, written: String::with_capacity(pattern.len() + 8) };
        while let Some(first) = writer.take() {
            writer.piece(first)?;
        }
        Ok(writer.written)
    }

    fn take(&mut self) -> Option<char> {
        let first = self.rest.chars().next()?;
        self.rest = &self.rest[first.len_utf8()..];
        Some(first)
    }

    fn piece(&mut self, first: char) -> Result<()> {
        const LOOKING: [&str; 4] = ["?=", "?!", "?<=", "?<!"];
        match first {
            '\\' => self.escape(),
            '[' => self.bracket(),
            '(' if LOOKING.iter().any(|sign| self.rest.starts_with(sign)) => {
                Err(Error::unsupported("looking ahead or behind in a regular expression is not supported"))
            }
            // Braces that are no count stand for themselves.
            '{' if !self.rest.starts_with(|next: char| next.is_ascii_digit()) => {
                self.written.push_str("\\{");
                Ok(())
            }
            '{' => {
                let end = self.rest.find('}').ok_or_else(|| invalid("braces {} not balanced"))?;
                self.written.push('{');
                self.written.push_str(&self.rest[..=end]);
                self.rest = &self.rest[end + 1..];
                Ok(())
            }
            '}' => {
                self.written.push_str("\\}");
                Ok(())
            }
            other => {
                self.written.push(other);
                Ok(())
            }
        }
    }

    /// What stands behind a backslash, outside of brackets.
    fn escape(&mut self) -> Result<()> {
        let letter = self.take().ok_or_else(|| invalid("invalid escape \\ sequence"))?;
        match letter {
            'm' => self.written.push_str("\\b{start}"),
            'M' => self.written.push_str("\\b{end}"),
            'y' => self.written.push_str("\\b"),
            'Y' => self.written.push_str("\\B"),
            'A' => self.written.push_str("\\A"),
            'Z' => self.written.push_str("\\z"),
            '1'..='9' => {
                return Err(Error::unsupported("back references in a regular expression are not supported"));
            }
            other => self.character(other)?,
        }
        Ok(())
    }

    /// An escape that stands for a character or a class of them.
    fn character(&mut self, letter: char) -> Result<()> {
        match letter {
            'd' | 'D' | 'w' | 'W' | 's' | 'S' | 'a' | 'f' | 'n' | 'r' | 't' | 'v' => {
                self.written.extend(['\\', letter]);
            }
            'b' => self.written.push_str("\\x08"),
            'B' => self.written.push_str("\\\\"),
            'e' => self.written.push_str("\\x1B"),
            '0' => self.written.push_str("\\x00"),
            'c' => {
                let control = self.take().ok_or_else(|| invalid("invalid escape \\ sequence"))?;
                self.written.push_str(&format!("\\x{:02X}", (control as u32) & 0x1f));
            }
            'u' => self.number(4)?,
            'U' => self.number(8)?,
            'x' => {
                let digits = self.rest.bytes().take_while(u8::is_ascii_hexdigit).count();
                self.number(digits)?;
            }
            other if other.is_ascii_alphanumeric() => return Err(invalid("invalid escape \\ sequence")),
            other => {
                if other.is_ascii_punctuation() {
                    self.written.push('\\');
                }
                self.written.push(other);
            }
        }
        Ok(())
    }

    fn number(&mut self, digits: usize) -> Result<()> {
        let number = self.rest.get(..digits).filter(|text| !text.is_empty());
        let number = number.and_then(|text| u32::from_str_radix(text, 16).ok());
        let number = number.ok_or_else(|| invalid("invalid escape \\ sequence"))?;
        self.rest = &self.rest[digits..];
        self.written.push_str(&format!("\\x{{{number:X}}}"));
        Ok(())
    }

    /// `[…]`
    fn bracket(&mut self) -> Result<()> {
        for (edge, written) in [("[:<:]]", "\\b{start}"), ("[:>:]]", "\\b{end}")] {
            if let Some(rest) = self.rest.strip_prefix(edge) {
                self.rest = rest;
                self.written.push_str(written);
                return Ok(());
            }
        }
        self.written.push('[');
        if let Some(rest) = self.rest.strip_prefix('^') {
            self.rest = rest;
            self.written.push('^');
            if self.options.stops_at_lines {
                self.written.push_str("\\n");
            }
        }
        let mut is_first = true;
        loop {
            let next = self.take().ok_or_else(|| invalid("brackets [] not balanced"))?;
            match next {
                ']' if !is_first => {
                    self.written.push(']');
                    return Ok(());
                }
                '\\' => {
                    let letter = self.take().ok_or_else(|| invalid("invalid escape \\ sequence"))?;
                    self.character(letter)?;
                }
                '[' if self.rest.starts_with([':', '.', '=']) => self.class()?,
                '-' if is_first || self.rest.starts_with(']') => self.written.push_str("\\-"),
                '[' | ']' | '&' | '~' | '^' | '#' | ' ' => self.written.extend(['\\', next]),
                other => self.written.push(other),
            }
            is_first = false;
        }
    }

    /// `[:alpha:]`, `[.x.]`, `[=x=]`
    fn class(&mut self) -> Result<()> {
        let kind = self.take().unwrap_or(':');
        let end = [kind, ']'].iter().collect::<String>();
        let (name, rest) = self.rest.split_once(&end).ok_or_else(|| invalid("brackets [] not balanced"))?;
        self.rest = rest;
        let mut letters = name.chars();
        match (kind, letters.next(), letters.next()) {
            (':', ..) => self.written.push_str(&format!("[:{name}:]")),
            (_, Some(letter), None) => self.written.push_str(&regex::escape(letter.encode_utf8(&mut [0; 4]))),
            _ => return Err(invalid("invalid collating element")),
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::{Options, compiled};

    #[track_caller]
    fn check(pattern: &str, letters: &str, text: &str, expected: Option<&str>) {
        let regex = compiled(pattern, Options::read(letters).unwrap()).unwrap();
        let found = regex.find(text, 0).unwrap().and_then(|found| found.text(0));
        assert_eq!(found, expected, "{pattern} {letters}");
    }

    #[test]
    fn patterns_mean_what_they_mean_in_postgres() {
        check("o+", "", "foo", Some("oo"));
        check("O+", "i", "foo", Some("oo"));
        check("(?i)O+", "", "foo", Some("oo"));
        check("a.c", "", "a\nc", Some("a\nc"));
        check("a.c", "n", "a\nc", None);
        check("^c", "", "a\nc", None);
        check("^c", "n", "a\nc", Some("c"));
        check("a.c", "q", "abc a.c", Some("a.c"));
        check("***=a.c", "", "abc a.c", Some("a.c"));
        check("\\mfoo\\M", "", "xfoo foo", Some("foo"));
        check("[[:<:]]foo[[:>:]]", "", "xfoo foo", Some("foo"));
        check("[[:digit:]]+", "", "ab12", Some("12"));
        check("[]a]+", "", "x]a]", Some("]a]"));
        check("[a&&b]+", "", "x&&", Some("&&"));
        check("x{", "", "ax{", Some("x{"));
        check("x{2}", "", "axx", Some("xx"));
        check("\\u00e9", "", "é", Some("é"));
        check("a b", "x", "ab", Some("ab"));
    }

    #[test]
    fn what_is_no_pattern_is_refused() {
        for (pattern, letters, code) in [
            ("(", "", "2201B"),
            ("[a", "", "2201B"),
            ("*a", "", "2201B"),
            ("a\\q", "", "2201B"),
            ("(a)\\1", "", "0A000"),
            ("a(?=b)", "", "0A000"),
        ] {
            let error = compiled(pattern, Options::read(letters).unwrap()).unwrap_err();
            assert_eq!(error.sqlstate().code(), code, "{pattern}");
        }
        assert_eq!(Options::read("y").unwrap_err().sqlstate().code(), "22023");
    }
}
