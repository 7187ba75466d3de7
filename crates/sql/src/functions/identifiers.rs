//! `parse_ident`, and other functions that read texts by rules of their own: `unistr`, `to_hex`, `to_ascii`.

use lakeport_base::SqlState;

use super::defined::{Definition, immutable, taking};
use crate::error::{Error, Result};
use crate::types::PgType;
use crate::value::Style;
use crate::value::read::Value;

const TEXT: PgType = PgType::TEXT;

pub(super) const FUNCTIONS: &[Definition] = &[
    immutable(
        "parse_ident",
        &[
            taking(&[TEXT], PgType::TEXT_ARRAY, parse_ident),
            taking(&[TEXT, PgType::BOOL], PgType::TEXT_ARRAY, parse_ident),
        ],
    ),
    immutable("unistr", &[taking(&[TEXT], TEXT, unistr)]),
    immutable(
        "to_hex",
        &[
            taking(&[PgType::INT4], TEXT, |values, _| match values {
                [Value::Int4(number)] => Ok(Some(Value::Text(format!("{number:x}")))),
                _ => Ok(None),
            }),
            taking(&[PgType::INT8], TEXT, |values, _| match values {
                [Value::Int8(number)] => Ok(Some(Value::Text(format!("{number:x}")))),
                _ => Ok(None),
            }),
        ],
    ),
    immutable(
        "to_ascii",
        &[taking(&[TEXT], TEXT, |_, _| {
            Err(Error::unsupported("encoding conversion from UTF8 to ASCII not supported"))
        })],
    ),
];

/// The parts of a name with dots between them: those without quotes in lower case.
///
/// Source: `parse_ident` in PostgreSQL's `misc.c`.
fn parse_ident(values: &[Value], _style: &Style) -> Result<Option<Value>> {
    let (text, is_strict) = match values {
        [Value::Text(text)] => (text, true),
        [Value::Text(text), Value::Bool(is_strict)] => (text, *is_strict),
        _ => return Ok(None),
    };
    let refused = |detail: Option<&str>| {
        let message = format!("string is not a valid identifier: \"{text}\"");
        let error = Error::new(SqlState::INVALID_PARAMETER_VALUE, message);
        detail.map_or(error.clone(), |detail| error.with_detail(detail))
    };
    let is_start = |letter: char| letter == '_' || letter.is_ascii_alphabetic() || !letter.is_ascii();
    let mut parts = Vec::new();
    let mut rest = trimmed(text);
    loop {
        if let Some(quoted) = rest.strip_prefix('"') {
            let (part, behind) =
                quoted_part(quoted).ok_or_else(|| refused(Some("String has unclosed double quotes.")))?;
            if part.is_empty() {
                return Err(refused(Some("Quoted identifier must not be empty.")));
            }
            parts.push(part);
            rest = behind;
        } else if rest.starts_with(is_start) {
            let end =
                rest.find(|letter: char| !(is_start(letter) || letter.is_ascii_digit() || letter == '$'));
            let (part, behind) = rest.split_at(end.unwrap_or(rest.len()));
            parts.push(part.to_ascii_lowercase());
            rest = behind;
        } else {
            return Err(match (parts.is_empty(), rest.chars().next()) {
                (true, Some('.')) => refused(Some("No valid identifier before \".\".")),
                (false, _) => refused(Some("No valid identifier after \".\".")),
                _ => refused(None),
            });
        }
        rest = trimmed(rest);
        match rest.strip_prefix('.') {
            Some(behind) => rest = trimmed(behind),
            None if rest.is_empty() || !is_strict => break,
            None => return Err(refused(None)),
        }
    }
    Ok(Some(Value::List(parts.into_iter().map(|part| Some(Value::Text(part))).collect())))
}

fn trimmed(text: &str) -> &str {
    text.trim_start_matches([' ', '\t', '\n', '\r', '\x0c', '\x0b'])
}

/// What stands before the closing quote, a doubled quote being one, and what stands behind it.
fn quoted_part(text: &str) -> Option<(String, &str)> {
    let mut part = String::new();
    let mut rest = text;
    loop {
        let (before, behind) = rest.split_once('"')?;
        part.push_str(before);
        match behind.strip_prefix('"') {
            Some(more) => {
                part.push('"');
                rest = more;
            }
            None => return Some((part, behind)),
        }
    }
}

/// A text with `\XXXX`, `\+XXXXXX`, `\uXXXX` and `\UXXXXXXXX` in place of characters.
fn unistr(values: &[Value], _style: &Style) -> Result<Option<Value>> {
    let [Value::Text(text)] = values else { return Ok(None) };
    let invalid = || {
        Error::new(SqlState::SYNTAX_ERROR, "invalid Unicode escape")
            .with_hint("Unicode escapes must be \\XXXX, \\+XXXXXX, \\uXXXX, or \\UXXXXXXXX.")
    };
    let mut units: Vec<u16> = Vec::new();
    let mut rest = text.as_str();
    while let Some(letter) = rest.chars().next() {
        if letter != '\\' {
            units.extend(letter.encode_utf16(&mut [0; 2]).iter());
            rest = &rest[letter.len_utf8()..];
            continue;
        }
        let behind = &rest[1..];
        if let Some(more) = behind.strip_prefix('\\') {
            units.push(u16::from(b'\\'));
            rest = more;
            continue;
        }
        let (skipped, length) = match behind.bytes().next() {
            Some(b'+') => (1, 6),
            Some(b'u') => (1, 4),
            Some(b'U') => (1, 8),
            _ => (0, 4),
        };
        let digits = behind.get(skipped..skipped + length).ok_or_else(invalid)?;
        let number = u32::from_str_radix(digits, 16).map_err(|_| invalid())?;
        match u16::try_from(number) {
            // Halves of a pair come one after the other.
            Ok(unit) => units.push(unit),
            Err(_) => {
                let letter = char::from_u32(number).ok_or_else(|| {
                    Error::new(SqlState::INVALID_PARAMETER_VALUE, "invalid Unicode code point")
                })?;
                units.extend(letter.encode_utf16(&mut [0; 2]).iter());
            }
        }
        rest = &behind[skipped + length..];
    }
    let text = String::from_utf16(&units)
        .map_err(|_| Error::new(SqlState::SYNTAX_ERROR, "invalid Unicode surrogate pair"))?;
    Ok(Some(Value::Text(text)))
}
