//! The places of a text that fit an expression, one after the other, and what is made of them.
//!
//! Source: `setup_regexp_matches` in PostgreSQL's `regexp.c` and `replace_text_regexp` in `varlena.c`: behind a match
//! of no length the search goes on one character further; a match of no length may follow another match directly.

use lakeport_base::SqlState;

use super::ends::{Expression, Found};
use crate::error::{Error, Result};

/// Places that are looked at in one text at most. A guess; it bounds what rows are made of.
const MATCHES_MAX: usize = 10_000_000;

/// The places from `start` (bytes) on.
pub(super) fn matches<'t>(
    regex: &Expression,
    text: &'t str,
    start: usize,
) -> impl Iterator<Item = Result<Found<'t>>> {
    let mut next = Some(start);
    std::iter::from_fn(move || {
        let found = regex.find(text, next?).transpose()?;
        let whole = found.as_ref().ok().and_then(|found| found.span(0)).unwrap_or_default();
        // An end past the text ends the search.
        next = match whole.is_empty() {
            false => Some(whole.end),
            true => text[whole.end..].chars().next().map(|letter| whole.end + letter.len_utf8()),
        };
        Some(found)
    })
    .take(MATCHES_MAX)
}

/// The pieces between the places. A place of no length at either end, or right behind another, divides nothing.
pub(super) fn pieces(regex: &Expression, text: &str) -> Result<Vec<String>> {
    let (mut pieces, mut behind) = (Vec::new(), 0);
    for found in matches(regex, text, 0) {
        let Some(whole) = found?.span(0) else { break };
        if whole.start < text.len() && whole.end > behind {
            pieces.push(text[behind..whole.start].to_owned());
            behind = whole.end;
        }
    }
    pieces.push(text[behind..].to_owned());
    Ok(pieces)
}

/// A text with other text in place of what fits: at the `nth` place, or at each where that is 0.
///
/// # Errors
///
/// 54000 where it grows beyond `size_max` bytes.
pub(super) fn replaced(
    regex: &Expression,
    text: &str,
    by: &str,
    start: usize,
    nth: usize,
    size_max: usize,
) -> Result<String> {
    let by = parts(by);
    let (mut made, mut behind) = (String::with_capacity(text.len()), 0);
    for (index, found) in matches(regex, text, start).enumerate() {
        let found = found?;
        let Some(whole) = found.span(0) else { break };
        if nth > 0 && index + 1 < nth {
            continue;
        }
        made.push_str(&text[behind..whole.start]);
        for part in &by {
            made.push_str(match part {
                Part::Text(text) => text,
                Part::Group(group) => found.text(*group).unwrap_or(""),
            });
        }
        behind = whole.end;
        if made.len() > size_max {
            return Err(Error::new(SqlState::PROGRAM_LIMIT_EXCEEDED, "requested length too large"));
        }
        if nth > 0 {
            break;
        }
    }
    made.push_str(&text[behind..]);
    Ok(made)
}

/// A part of what a place is replaced by.
enum Part<'a> {
    Text(&'a str),
    /// What the parentheses of this number hold; of 0 the whole place.
    Group(usize),
}

/// `\1` to `\9` are what the parentheses hold, `\&` is the whole place, `\\` a backslash.
fn parts(by: &str) -> Vec<Part<'_>> {
    let (mut parts, mut rest) = (Vec::new(), by);
    while let Some(at) = rest.find('\\') {
        let behind = rest.as_bytes().get(at + 1).copied();
        let (text, next) = match behind {
            Some(b'1'..=b'9' | b'&') => (&rest[..at], at + 2),
            Some(b'\\') => (&rest[..=at], at + 2),
            _ => (&rest[..=at], at + 1),
        };
        parts.push(Part::Text(text));
        match behind {
            Some(b'&') => parts.push(Part::Group(0)),
            Some(digit @ b'1'..=b'9') => parts.push(Part::Group(usize::from(digit - b'0'))),
            _ => {}
        }
        rest = &rest[next..];
    }
    parts.push(Part::Text(rest));
    parts
}

#[cfg(test)]
mod tests {
    use super::{pieces, replaced};
    use crate::functions::regex::pattern::{Options, compiled};

    #[test]
    fn texts_are_divided_as_in_postgres() {
        for (pattern, text, expected) in [
            ("", "abc", vec!["a", "b", "c"]),
            (",", "a,,b,", vec!["a", "", "b", ""]),
            (" *", "a b", vec!["a", "b"]),
        ] {
            let expression = compiled(pattern, Options::default()).unwrap();
            assert_eq!(pieces(&expression, text).unwrap(), expected, "{pattern}");
        }
    }

    #[test]
    fn places_are_replaced_as_in_postgres() {
        for (pattern, by, nth, expected) in [
            ("b*", "X", 0, "XaXX"),
            ("(b)", "<\\1\\&\\\\>", 1, "a<bb\\>"),
            ("z", "y", 0, "ab"),
            ("[ab]", "-", 2, "a-"),
        ] {
            let expression = compiled(pattern, Options::default()).unwrap();
            let made = replaced(&expression, "ab", by, 0, nth, 100).unwrap();
            assert_eq!(made, expected, "{pattern}");
        }
    }
}
