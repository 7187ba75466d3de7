//! A date or time taken apart into its words and numbers.
//!
//! Source: `ParseDateTime` in PostgreSQL's `datetime.c`.

/// A part of a date or time.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Part<'a> {
    /// Digits, with a fraction perhaps.
    Number(&'a str),
    /// Two or three parts between dashes, slashes or points.
    Date(&'a str),
    /// `4:05:06.7`
    Time(&'a str),
    /// `+5:30`
    Offset(&'a str),
    /// A word in lower case, a sign before it perhaps, or the name of a zone.
    Word(String),
}

/// The longest text looked at. PostgreSQL's is `MAXDATELEN`, 128, with some slack for blanks.
const LENGTH_MAX: usize = 512;

/// Takes a text apart; none where it holds what no date does.
pub(super) fn parts(text: &str) -> Option<Vec<Part<'_>>> {
    if text.len() > LENGTH_MAX {
        return None;
    }
    let bytes = text.as_bytes();
    let mut parts = Vec::new();
    let mut at = 0;
    while let Some(&byte) = bytes.get(at) {
        let start = at;
        match byte {
            b' ' | b'\t'..=b'\r' | b',' => at += 1,
            b'0'..=b'9' => {
                at = end_of(bytes, at, |byte| byte.is_ascii_digit());
                parts.push(number(text, start, &mut at));
            }
            b'+' | b'-' => {
                at = end_of(bytes, at + 1, |byte| byte == b' ');
                let body = at;
                if bytes.get(at).is_some_and(u8::is_ascii_digit) {
                    at = end_of(bytes, at, |byte| byte.is_ascii_digit() || byte == b':');
                    parts.push(Part::Offset(&text[start..at]));
                } else {
                    at = end_of(bytes, at, |byte| byte.is_ascii_alphabetic());
                    if at == body {
                        return None;
                    }
                    let sign = if byte == b'-' { "-" } else { "" };
                    parts.push(Part::Word(sign.to_owned() + &text[body..at].to_ascii_lowercase()));
                }
            }
            b'a'..=b'z' | b'A'..=b'Z' => parts.push(word(text, start, &mut at)),
            _ => return None,
        }
    }
    Some(parts)
}

fn end_of(bytes: &[u8], at: usize, is_part: impl Fn(u8) -> bool) -> usize {
    bytes[at..].iter().position(|byte| !is_part(*byte)).map_or(bytes.len(), |length| at + length)
}

/// What begins with digits, which end at `at`.
fn number<'a>(text: &'a str, start: usize, at: &mut usize) -> Part<'a> {
    let bytes = text.as_bytes();
    match bytes.get(*at) {
        Some(b':') => {
            *at = end_of(bytes, *at, |byte| byte.is_ascii_digit() || byte == b':' || byte == b'.');
            Part::Time(&text[start..*at])
        }
        Some(delimiter @ (b'-' | b'/' | b'.')) => {
            let second = end_of(bytes, *at + 1, |byte| byte.is_ascii_alphanumeric());
            let is_digits = bytes[*at + 1..second].iter().all(u8::is_ascii_digit);
            if bytes.get(second) == Some(delimiter) {
                *at = end_of(bytes, second + 1, |byte| byte.is_ascii_digit());
                return Part::Date(&text[start..*at]);
            }
            if *delimiter == b'.' && is_digits {
                *at = second;
                return Part::Number(&text[start..*at]);
            }
            if second == *at + 1 || !is_digits {
                return Part::Number(&text[start..*at]);
            }
            *at = second;
            Part::Date(&text[start..*at])
        }
        _ => Part::Number(&text[start..*at]),
    }
}

/// What begins with a letter.
fn word<'a>(text: &'a str, start: usize, at: &mut usize) -> Part<'a> {
    let bytes = text.as_bytes();
    *at = end_of(bytes, start, |byte| byte.is_ascii_alphabetic());
    let letters = text[start..*at].to_ascii_lowercase();
    let next = bytes.get(*at).copied();
    let after = bytes.get(*at + 1).copied();
    if matches!(next, Some(b'/' | b'_')) && after.is_some_and(|byte| byte.is_ascii_alphabetic()) {
        *at = end_of(bytes, *at, |byte| {
            byte.is_ascii_alphanumeric() || matches!(byte, b'/' | b'_' | b'-' | b'+')
        });
        return Part::Word(text[start..*at].to_ascii_lowercase());
    }
    let is_month = super::moment::month(&letters).is_some();
    if is_month && matches!(next, Some(b'-' | b'/' | b'.')) && after.is_some_and(|byte| byte.is_ascii_digit())
    {
        *at = end_of(bytes, *at, |byte| byte.is_ascii_digit() || Some(byte) == next);
        return Part::Date(&text[start..*at]);
    }
    Part::Word(letters)
}

#[cfg(test)]
mod tests {
    use super::{Part, parts};

    #[test]
    fn a_timestamp_falls_into_its_parts() {
        let word = |text: &str| Part::Word(text.to_owned());
        for (text, expected) in [
            (
                "2024-01-31T04:05:06Z",
                vec![Part::Date("2024-01-31"), word("t"), Part::Time("04:05:06"), word("z")],
            ),
            ("2024-01-31 +05:30", vec![Part::Date("2024-01-31"), Part::Offset("+05:30")]),
            ("Jan 5, 2024", vec![word("jan"), Part::Number("5"), Part::Number("2024")]),
            ("8-Jan-1999", vec![Part::Date("8-Jan-1999")]),
            ("Jan-08-1999", vec![Part::Date("Jan-08-1999")]),
            ("04:05 America/New_York", vec![Part::Time("04:05"), word("america/new_york")]),
            ("-infinity", vec![word("-infinity")]),
            ("20240131 040506.5", vec![Part::Number("20240131"), Part::Number("040506.5")]),
        ] {
            assert_eq!(parts(text).unwrap(), expected, "{text}");
        }
        assert_eq!(parts("2024-01-31!"), None);
        assert_eq!(parts("-"), None);
    }
}
