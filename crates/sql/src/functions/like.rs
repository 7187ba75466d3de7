//! `like_escape`: a pattern of LIKE with an escape of its own, written with a backslash.

use lakeport_base::SqlState;

use super::defined::{Definition, immutable, taking};
use crate::error::{Error, Result};
use crate::types::PgType;
use crate::value::read::Value;

const TEXT: PgType = PgType::TEXT;

pub(super) const FUNCTIONS: &[Definition] = &[immutable(
    "like_escape",
    &[taking(&[TEXT, TEXT], TEXT, |values, _| match values {
        [Value::Text(pattern), Value::Text(escape)] => {
            like_escape(pattern, escape).map(Value::Text).map(Some)
        }
        _ => Ok(None),
    })],
)];

/// The pattern with a backslash for its escape; an empty escape escapes nothing. `like_escape` in PostgreSQL's
/// `like_match.c`
fn like_escape(pattern: &str, escape: &str) -> Result<String> {
    let mut signs = escape.chars();
    let sign = signs.next();
    if signs.next().is_some() {
        let error = Error::new(SqlState::INVALID_ESCAPE_SEQUENCE, "invalid escape string");
        return Err(error.with_hint("Escape string must be empty or one character."));
    }
    if sign == Some('\\') {
        return Ok(pattern.to_owned());
    }
    let mut written = String::with_capacity(pattern.len());
    let mut chars = pattern.chars();
    while let Some(character) = chars.next() {
        match character {
            _ if Some(character) == sign => {
                written.push('\\');
                written.extend(chars.next());
            }
            '\\' => written.push_str("\\\\"),
            other => written.push(other),
        }
    }
    Ok(written)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_escape_of_its_own_becomes_a_backslash() {
        for (pattern, escape, expected) in [
            ("pg/_%", "/", "pg\\_%"),
            ("a//b", "/", "a\\/b"),
            ("a\\b", "/", "a\\\\b"),
            ("a\\_b", "", "a\\\\_b"),
            ("a\\_b", "\\", "a\\_b"),
            ("ä?%", "?", "ä\\%"),
        ] {
            assert_eq!(like_escape(pattern, escape).unwrap(), expected, "{pattern} {escape}");
        }
        assert_eq!(like_escape("a", "ab").unwrap_err().sqlstate(), SqlState::INVALID_ESCAPE_SEQUENCE);
    }
}
