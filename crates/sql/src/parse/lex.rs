//! Lexemes: the smallest pieces of a text, as PostgreSQL cuts it.
//!
//! Knows quotes, dollar quotes, nested comments and operators, and nothing of grammar. It
//! allocates nothing, so that a text of any size can be looked over before it is read.
//!
//! Source: <https://www.postgresql.org/docs/15/sql-syntax-lexical.html>

use lakeport_base::SqlState;

use crate::error::{Error, Result};

/// What a lexeme is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    /// A keyword or a bare name.
    Word,
    /// A name in double quotes.
    Name,
    /// Any literal: a string, a number.
    Literal,
    /// `$1`
    Parameter,
    /// A run of operator characters.
    Operator,
    /// One of `( ) [ ] , ; . :`, or a character that is none of PostgreSQL's.
    Mark,
}

/// One lexeme, by its bytes in the text.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Lexeme<'a> {
    /// What it is.
    pub(super) kind: Kind,
    /// How it is written.
    pub(super) text: &'a str,
    /// Its first byte in the text, counted from 0.
    pub(super) start: usize,
}

/// Walks over the lexemes of a text, leaving out space and comments.
pub(super) struct Lexer<'a> {
    text: &'a str,
    at: usize,
}

impl<'a> Lexer<'a> {
    /// Begins at `at`, a byte between two characters.
    pub(super) fn new(text: &'a str, at: usize) -> Self {
        Self { text, at }
    }

    /// The next lexeme, if there is one.
    ///
    /// # Errors
    ///
    /// 42601 for a quote or a comment without an end, for a name without a letter, and for letters right behind a number;
    /// the position is that of its beginning.
    pub(super) fn next(&mut self) -> Result<Option<Lexeme<'a>>> {
        self.skip_blank()?;
        let start = self.at;
        let bytes = self.text.as_bytes();
        let Some(&first) = bytes.get(start) else { return Ok(None) };
        let kind = match first {
            b'\'' => self.quoted(start, b'\'', false, "quoted string")?,
            b'"' => {
                self.quoted(start, b'"', false, "quoted identifier")?;
                if self.at == start + 2 {
                    return Err(self.refused(start, "zero-length delimited identifier"));
                }
                Kind::Name
            }
            b'$' => self.dollar(start)?,
            b'0'..=b'9' => self.number(start)?,
            b'.' if bytes.get(start + 1).is_some_and(u8::is_ascii_digit) => self.number(start)?,
            b'(' | b')' | b'[' | b']' | b',' | b';' | b'.' => self.mark(),
            b':' if bytes.get(start + 1) == Some(&b':') => {
                self.at += 2;
                Kind::Operator
            }
            _ if is_word_start(first) => self.word(start)?,
            _ if is_operator(first) => self.operator(),
            _ => self.mark(),
        };
        Ok(Some(Lexeme { kind, text: &self.text[start..self.at], start }))
    }

    fn skip_blank(&mut self) -> Result<()> {
        let bytes = self.text.as_bytes();
        loop {
            match bytes.get(self.at) {
                Some(byte) if byte.is_ascii_whitespace() || *byte == 0x0b => self.at += 1,
                Some(b'-') if bytes.get(self.at + 1) == Some(&b'-') => {
                    self.at =
                        memchr::memchr2(b'\n', b'\r', &bytes[self.at..]).map_or(bytes.len(), |n| self.at + n);
                }
                Some(b'/') if bytes.get(self.at + 1) == Some(&b'*') => self.skip_comment()?,
                _ => return Ok(()),
            }
        }
    }

    fn skip_comment(&mut self) -> Result<()> {
        let bytes = self.text.as_bytes();
        let start = self.at;
        let mut open = 0_usize;
        while let Some(found) = memchr::memchr2(b'*', b'/', &bytes[self.at..]) {
            let at = self.at + found;
            match (bytes[at], bytes.get(at + 1)) {
                (b'/', Some(b'*')) => {
                    open += 1;
                    self.at = at + 2;
                }
                (b'*', Some(b'/')) => {
                    open -= 1;
                    self.at = at + 2;
                    if open == 0 {
                        return Ok(());
                    }
                }
                _ => self.at = at + 1,
            }
        }
        Err(self.unterminated(start, "/* comment"))
    }

    /// Reads a literal or name up to its closing quote, which a doubled one does not close.
    fn quoted(&mut self, start: usize, quote: u8, escapes: bool, what: &str) -> Result<Kind> {
        let bytes = self.text.as_bytes();
        self.at += 1;
        while let Some(found) = memchr::memchr2(quote, b'\\', &bytes[self.at..]) {
            let at = self.at + found;
            let is_pair = bytes.get(at + 1) == Some(&quote);
            if bytes[at] == b'\\' {
                self.at = at + 1 + usize::from(escapes && at + 1 < bytes.len());
                while !self.text.is_char_boundary(self.at) {
                    self.at += 1;
                }
            } else if is_pair {
                self.at = at + 2;
            } else {
                self.at = at + 1;
                return Ok(Kind::Literal);
            }
        }
        Err(self.unterminated(start, what))
    }

    fn dollar(&mut self, start: usize) -> Result<Kind> {
        let bytes = self.text.as_bytes();
        let name_end = bytes[start + 1..]
            .iter()
            .position(|byte| !is_word_part(*byte) || *byte == b'$')
            .map_or(bytes.len(), |n| start + 1 + n);
        if bytes.get(start + 1).is_some_and(u8::is_ascii_digit) {
            self.at = name_end;
            return Ok(Kind::Parameter);
        }
        if bytes.get(name_end) != Some(&b'$') {
            return Ok(self.mark());
        }
        let tag = &bytes[start..=name_end];
        let Some(end) = memchr::memmem::find(&bytes[name_end + 1..], tag) else {
            return Err(self.unterminated(start, "dollar-quoted string"));
        };
        self.at = name_end + 1 + end + tag.len();
        Ok(Kind::Literal)
    }

    fn number(&mut self, start: usize) -> Result<Kind> {
        let bytes = self.text.as_bytes();
        while let Some(byte) = bytes.get(self.at) {
            let signed_exponent = matches!(byte, b'+' | b'-') && matches!(bytes[self.at - 1], b'e' | b'E');
            if !(byte.is_ascii_alphanumeric() || matches!(byte, b'.' | b'_') || signed_exponent) {
                break;
            }
            self.at += 1;
        }
        let number_end = start + number_length(&bytes[start..self.at]);
        if number_end < self.at && is_word_start(bytes[number_end]) {
            let is_junk = |byte: &&u8| is_word_part(**byte);
            self.at = number_end
                + match bytes[number_end..] {
                    [b'e' | b'E', b'+' | b'-', ..] => 2,
                    ref rest => rest.iter().take_while(is_junk).count(),
                };
            return Err(self.refused(start, "trailing junk after numeric literal"));
        }
        Ok(Kind::Literal)
    }

    fn word(&mut self, start: usize) -> Result<Kind> {
        let bytes = self.text.as_bytes();
        self.at =
            bytes[start..].iter().position(|byte| !is_word_part(*byte)).map_or(bytes.len(), |n| start + n);
        let prefix = &self.text[start..self.at];
        match (bytes.get(self.at), prefix.to_ascii_lowercase().as_str()) {
            (Some(b'\''), "e") => self.quoted(start, b'\'', true, "quoted string"),
            (Some(b'\''), "b" | "x" | "n") => self.quoted(start, b'\'', false, "quoted string"),
            _ => Ok(Kind::Word),
        }
    }

    fn operator(&mut self) -> Kind {
        let bytes = self.text.as_bytes();
        while let Some(byte) = bytes.get(self.at) {
            let next = bytes.get(self.at + 1);
            let comment = (*byte == b'-' && next == Some(&b'-')) || (*byte == b'/' && next == Some(&b'*'));
            if !is_operator(*byte) || comment {
                break;
            }
            self.at += 1;
        }
        Kind::Operator
    }

    fn mark(&mut self) -> Kind {
        self.at += 1;
        while !self.text.is_char_boundary(self.at) {
            self.at += 1;
        }
        Kind::Mark
    }

    /// The refusal of what has been read since `start`.
    fn refused(&self, start: usize, what: &str) -> Error {
        let message = format!("{what} at or near \"{}\"", &self.text[start..self.at]);
        Error::new(SqlState::SYNTAX_ERROR, message).at(self.text[..start].chars().count() + 1)
    }

    fn unterminated(&self, start: usize, what: &str) -> Error {
        let rest: String = self.text[start..].chars().take(SHOWN_CHARS).collect();
        Error::new(SqlState::SYNTAX_ERROR, format!("unterminated {what} at or near \"{rest}\"")).at(self.text
            [..start]
            .chars()
            .count()
            + 1)
    }
}

/// How much of an unterminated literal an error repeats. PostgreSQL repeats all of it; a guess
/// at what still helps.
const SHOWN_CHARS: usize = 200;

/// How many bytes at the beginning of these are a number.
fn number_length(bytes: &[u8]) -> usize {
    let digits = |from: usize| bytes[from..].iter().take_while(|byte| byte.is_ascii_digit()).count();
    let mut end = digits(0);
    if bytes.get(end) == Some(&b'.') {
        end += 1 + digits(end + 1);
    }
    if matches!(bytes.get(end), Some(b'e' | b'E')) {
        let sign = usize::from(matches!(bytes.get(end + 1), Some(b'+' | b'-')));
        let exponent = digits((end + 1 + sign).min(bytes.len()));
        if exponent > 0 {
            end += 1 + sign + exponent;
        }
    }
    end
}

fn is_word_start(byte: u8) -> bool {
    byte.is_ascii_alphabetic() || byte == b'_' || byte >= 0x80
}

fn is_word_part(byte: u8) -> bool {
    is_word_start(byte) || byte.is_ascii_digit() || byte == b'$'
}

fn is_operator(byte: u8) -> bool {
    b"+-*/<>=~!@#%^&|`?".contains(&byte)
}

#[cfg(test)]
mod tests {
    use super::Lexer;

    #[track_caller]
    fn check(text: &str, expected: &[&str]) {
        let mut lexer = Lexer::new(text, 0);
        let mut found = Vec::new();
        while let Some(lexeme) = lexer.next().expect(text) {
            found.push(lexeme.text);
        }
        assert_eq!(found, expected, "{text}");
    }

    #[test]
    fn words_and_marks_are_apart() {
        check("select a.b,c from t", &["select", "a", ".", "b", ",", "c", "from", "t"]);
        check("größe::int", &["größe", "::", "int"]);
    }

    #[test]
    fn quotes_hide_what_is_in_them() {
        check("'a;''b' \"x;\"\"y\"", &["'a;''b'", "\"x;\"\"y\""]);
        check(r"E'a\';b' 'c\'", &[r"E'a\';b'", r"'c\'"]);
        check("$$a;$x$b$$ $t$ $$ ; $t$", &["$$a;$x$b$$", "$t$ $$ ; $t$"]);
    }

    #[test]
    fn comments_nest_and_vanish() {
        check("a /* b /* c */ ; */ d -- e ;\nf--", &["a", "d", "f"]);
    }

    #[test]
    fn operators_end_before_a_comment() {
        check("1<=2--x\n||3/*y*/", &["1", "<=", "2", "||", "3"]);
    }

    #[test]
    fn numbers_and_parameters_are_whole() {
        check("1.5e-3+$12 .5", &["1.5e-3", "+", "$12", ".5"]);
    }

    #[test]
    fn names_have_letters_and_numbers_none() {
        for (text, message, position) in [
            ("a \"\"", "zero-length delimited identifier at or near \"\"\"\"", 3),
            ("ä 0x1F", "trailing junk after numeric literal at or near \"0x1F\"", 3),
            ("1.5abc", "trailing junk after numeric literal at or near \"1.5abc\"", 1),
            ("1e+", "trailing junk after numeric literal at or near \"1e+\"", 1),
        ] {
            let mut lexer = Lexer::new(text, 0);
            let error = loop {
                match lexer.next() {
                    Ok(Some(_)) => {}
                    Ok(None) => panic!("{text} was read to its end"),
                    Err(error) => break error,
                }
            };
            assert_eq!((error.message(), error.position()), (message, Some(position)), "{text}");
        }
        check("1e5 1.e-5 .5e5+1. 1..2", &["1e5", "1.e-5", ".5e5", "+", "1.", "1..2"]);
    }

    #[test]
    fn what_never_ends_is_an_error_where_it_begins() {
        for (text, message, position) in [
            ("select 'x", "unterminated quoted string at or near \"'x\"", 8),
            ("é \"x", "unterminated quoted identifier at or near \"\"x\"", 3),
            ("/* a /* b */", "unterminated /* comment at or near \"/* a /* b */\"", 1),
            ("$a$ $b$", "unterminated dollar-quoted string at or near \"$a$ $b$\"", 1),
        ] {
            let mut lexer = Lexer::new(text, 0);
            let error = loop {
                match lexer.next() {
                    Ok(Some(_)) => {}
                    Ok(None) => panic!("{text} was read to its end"),
                    Err(error) => break error,
                }
            };
            assert_eq!((error.message(), error.position()), (message, Some(position)));
        }
    }
}
