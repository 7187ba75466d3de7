//! The patterns of `to_char` for dates and times: `YYYY-MM-DD HH24:MI:SS`.
//!
//! Source: <https://www.postgresql.org/docs/15/functions-formatting.html>, table 9.27.

/// One piece of a pattern.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Piece {
    /// Text that stands for itself.
    Literal(String),
    /// A part of the date, as written in the pattern, in upper case where case does not matter.
    Field {
        /// What is written.
        key: &'static str,
        /// As the pattern has it: the case of names follows it.
        written: String,
        /// `FM`: without padding.
        fill: bool,
        /// `TH` or `th` behind it.
        ordinal: Option<&'static str>,
    },
}

/// Longer names first, so that the first that fits is the longest.
const KEYS: [&str; 53] = [
    "SSSSS", "Y,YYY", "MONTH", "A.M.", "P.M.", "B.C.", "A.D.", "SSSS", "YYYY", "IYYY", "HH24", "HH12",
    "IDDD", "MON", "DAY", "YYY", "IYY", "DDD", "TZH", "TZM", "FF1", "FF2", "FF3", "FF4", "FF5", "FF6", "HH",
    "MI", "SS", "MS", "US", "AM", "PM", "BC", "AD", "MM", "DY", "DD", "ID", "WW", "IW", "CC", "YY", "IY",
    "RM", "TZ", "OF", "D", "W", "Q", "J", "Y", "I",
];

/// Takes a pattern apart.
pub(super) fn pieces(pattern: &str) -> Vec<Piece> {
    let mut pieces = Vec::new();
    let mut rest = pattern;
    let mut fill = false;
    while let Some(first) = rest.chars().next() {
        if let Some(after) = strip(rest, "FM") {
            fill = true;
            rest = after;
        } else if let Some(after) = strip(rest, "FX") {
            rest = after;
        } else if first == '"' {
            let (text, after) = quoted(&rest[1..]);
            literal(&mut pieces, &text);
            rest = after;
        } else if let Some((key, after)) = KEYS.iter().find_map(|key| Some((*key, strip(rest, key)?))) {
            let written = rest[..key.len()].to_owned();
            let (ordinal, after) = match (after.strip_prefix("TH"), after.strip_prefix("th")) {
                (Some(after), _) => (Some("TH"), after),
                (_, Some(after)) => (Some("th"), after),
                _ => (None, after),
            };
            pieces.push(Piece::Field { key, written, fill, ordinal });
            fill = false;
            rest = after;
        } else {
            literal(&mut pieces, first.encode_utf8(&mut [0; 4]));
            rest = &rest[first.len_utf8()..];
        }
    }
    pieces
}

fn strip<'a>(text: &'a str, key: &str) -> Option<&'a str> {
    let head = text.get(..key.len())?;
    head.eq_ignore_ascii_case(key).then(|| &text[key.len()..])
}

/// Text up to the closing quote, or to the end; a backslash keeps what follows it.
fn quoted(text: &str) -> (String, &str) {
    let mut value = String::new();
    let mut chars = text.char_indices();
    while let Some((index, character)) = chars.next() {
        match character {
            '"' => return (value, &text[index + 1..]),
            '\\' => value.extend(chars.next().map(|(_, escaped)| escaped)),
            other => value.push(other),
        }
    }
    (value, "")
}

fn literal(pieces: &mut Vec<Piece>, text: &str) {
    match pieces.last_mut() {
        Some(Piece::Literal(before)) => before.push_str(text),
        _ => pieces.push(Piece::Literal(text.to_owned())),
    }
}
