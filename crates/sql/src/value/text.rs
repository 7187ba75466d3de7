//! Text as it is, and the quoting of text inside arrays, records and JSON.

use super::error::Error;
use super::sink::Sink;
use super::word::Word;

/// The text, if it can be sent.
///
/// # Errors
///
/// [`Error::ZeroByte`]: PostgreSQL's text ends at a zero byte, and so do its clients' strings. To
/// leave the byte out would change what is in the lake, so the statement fails.
#[inline(always)]
pub(crate) fn without_zero_byte(text: &[u8]) -> Result<&[u8], Error> {
    /// Up to this length a search that looks at whole words is over before another has begun.
    const SHORT_MAX: usize = 64;
    let has_one = match text.last_chunk() {
        Some(last) if text.len() <= SHORT_MAX => {
            text.chunks_exact(WORD).any(|word| word.try_into().is_ok_and(has_zero)) || has_zero(last)
        }
        Some(_) => memchr::memchr(0, text).is_some(),
        None => text.contains(&0),
    };
    if has_one { Err(Error::ZeroByte) } else { Ok(text) }
}

/// Bytes that are searched at once.
const WORD: usize = 16;

#[inline(always)]
fn has_zero(word: &[u8; WORD]) -> bool {
    has_zero_byte(u128::from_le_bytes(*word))
}

/// A text of a view array that is so short that it stands in the view itself.
///
/// # Errors
///
/// As the writer of every text.
#[inline(always)]
pub(crate) fn short_view(view: u128) -> Result<Option<Word>, Error> {
    const INLINE_MAX: usize = 12;
    /// By length, what is not zero behind the text.
    const BEHIND: [u128; INLINE_MAX + 1] = {
        let mut behind = [0; INLINE_MAX + 1];
        let mut length = 0;
        while length <= INLINE_MAX {
            behind[length] = u128::MAX << (8 * length);
            length += 1;
        }
        behind
    };
    let length = view as u32 as usize;
    let Some(behind) = BEHIND.get(length) else { return Ok(None) };
    let inline = view >> 32;
    if has_zero_byte(inline | behind) {
        return Err(Error::ZeroByte);
    }
    Ok(Some(Word::of_bytes(inline, length)))
}

/// Source: "Determine if a word has a zero byte" in Bit Twiddling Hacks,
/// <https://graphics.stanford.edu/~seander/bithacks.html>
fn has_zero_byte(word: u128) -> bool {
    const ONES: u128 = u128::MAX / 255;
    const HIGH: u128 = ONES << 7;
    word.wrapping_sub(ONES) & !word & HIGH != 0
}

/// Where a text is put in quotes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Quoting {
    /// In `{…}`: quotes and backslashes get a backslash.
    Array,
    /// In `(…)`: quotes and backslashes are doubled.
    Record,
}

impl Quoting {
    /// What a text needs: any of [`QUOTES`] and [`ESCAPES`].
    ///
    /// Source: `array_out` in PostgreSQL's `arrayfuncs.c`, `record_out` in `rowtypes.c`.
    #[inline(always)]
    fn needs(self, text: &[u8]) -> u8 {
        let needs = match self {
            Self::Array => const { &needs(b"{}") },
            Self::Record => const { &needs(b"()") },
        };
        let is_word_for_nothing = self == Self::Array && text.eq_ignore_ascii_case(b"null");
        let start = if text.is_empty() || is_word_for_nothing { QUOTES } else { 0 };
        // All bytes are looked at: few texts have such bytes, and nothing is decided on the way.
        text.iter().fold(start, |all, byte| all | needs[usize::from(*byte)])
    }
}

/// A text is put in quotes.
const QUOTES: u8 = 1;

/// A text has bytes that get one before them.
const ESCAPES: u8 = 2;

/// For each byte what a text with it needs, between these brackets.
const fn needs(brackets: &[u8; 2]) -> [u8; 256] {
    let mut needs = [0; 256];
    let mut byte = 0;
    while byte < 256 {
        needs[byte] = match byte as u8 {
            b'"' | b'\\' => QUOTES | ESCAPES,
            b',' | b' ' | b'\t'..=b'\r' => QUOTES,
            other if other == brackets[0] || other == brackets[1] => QUOTES,
            _ => 0,
        };
        byte += 1;
    }
    needs
}

/// Writes what is before an element of an array, and the element, in quotes where it needs them.
#[inline(always)]
pub(crate) fn put_element(before: u8, text: &[u8], out: &mut impl Sink) {
    /// An element of at most so many bytes is written at once.
    const SHORT_MAX: usize = 61;
    let needs = Quoting::Array.needs(text);
    if needs & ESCAPES == 0 && text.len() <= SHORT_MAX {
        return out.within::<{ SHORT_MAX + 3 }>(|room| {
            let quote = usize::from(needs & QUOTES);
            let end = 1 + quote + text.len();
            room[0] = before;
            room[1] = b'"';
            room[1 + quote..end].copy_from_slice(text);
            room[end] = b'"';
            end + quote
        });
    }
    out.put_byte(before);
    if needs & QUOTES == 0 {
        return out.put_slice(text);
    }
    out.put_byte(b'"');
    let mut rest = text;
    while let Some(at) = memchr::memchr2(b'"', b'\\', rest) {
        out.put_slice(&rest[..at]);
        out.put_byte(b'\\');
        out.put_byte(rest[at]);
        rest = &rest[at + 1..];
    }
    out.put_slice(rest);
    out.put_byte(b'"');
}

/// Puts what stands from `start` on in quotes, where it needs them. In place.
pub(crate) fn quote_tail(start: usize, quoting: Quoting, out: &mut Vec<u8>) {
    let text = &out[start..];
    if quoting.needs(text) == 0 {
        return;
    }
    let escapes = text.iter().filter(|byte| matches!(byte, b'"' | b'\\')).count();
    let mut from = out.len();
    out.resize(from + escapes + 2, b'"');
    // From the end, so that nothing is overwritten before it is read.
    let mut to = out.len() - 1;
    while from > start {
        from -= 1;
        let byte = out[from];
        to -= 1;
        out[to] = byte;
        if matches!(byte, b'"' | b'\\') {
            to -= 1;
            out[to] = if quoting == Quoting::Array { b'\\' } else { byte };
        }
    }
    out[start] = b'"';
}

/// Writes a text as a JSON string.
///
/// Source: `escape_json` in PostgreSQL's `json.c`.
pub(crate) fn write_json_string(text: &[u8], out: &mut Vec<u8>) {
    out.push(b'"');
    for &byte in text {
        match byte {
            b'"' => out.extend_from_slice(b"\\\""),
            b'\\' => out.extend_from_slice(b"\\\\"),
            b'\n' => out.extend_from_slice(b"\\n"),
            b'\r' => out.extend_from_slice(b"\\r"),
            b'\t' => out.extend_from_slice(b"\\t"),
            0x08 => out.extend_from_slice(b"\\b"),
            0x0c => out.extend_from_slice(b"\\f"),
            0..0x20 => {
                let hex = |digit: u8| if digit < 10 { b'0' + digit } else { b'a' + digit - 10 };
                out.extend_from_slice(&[b'\\', b'u', b'0', b'0', hex(byte >> 4), hex(byte & 15)]);
            }
            _ => out.push(byte),
        }
    }
    out.push(b'"');
}

#[cfg(test)]
mod tests {
    use arrow::array::StringViewArray;

    use super::{Quoting, put_element, quote_tail, short_view, without_zero_byte, write_json_string};

    #[test]
    fn short_views_are_written_and_searched_for_zero_bytes() {
        let texts = ["", "a", "twelve bytes", "thirteen byte", "with\0zero", "\0", "thirteen with\0zero"];
        let values = StringViewArray::from_iter_values(texts);
        for (row, text) in texts.into_iter().enumerate() {
            let mut out = b"before".to_vec();
            let written = short_view(values.views()[row]).and_then(|word| match word {
                Some(word) => {
                    word.write(&mut out);
                    Ok(())
                }
                None => without_zero_byte(text.as_bytes()).map(|text| out.extend_from_slice(text)),
            });
            assert_eq!(written.is_err(), text.contains('\0'), "{text:?}");
            if written.is_ok() {
                assert_eq!(out, ["before", text].concat().as_bytes());
            }
        }
    }

    #[test]
    fn zero_bytes_are_found_wherever_they_are() {
        for length in 0..100 {
            let text = vec![b'x'; length];
            assert!(without_zero_byte(&text).is_ok());
            for at in 0..length {
                let mut text = text.clone();
                text[at] = 0;
                assert!(without_zero_byte(&text).is_err(), "{at} of {length}");
            }
        }
    }

    #[test]
    fn quotes_stand_where_postgres_puts_them() {
        for (text, array, record) in [
            ("abc", "abc", "abc"),
            ("", "\"\"", "\"\""),
            ("a b", "\"a b\"", "\"a b\""),
            ("NULL", "\"NULL\"", "NULL"),
            ("nullable", "nullable", "nullable"),
            ("a\"b\\c", "\"a\\\"b\\\\c\"", "\"a\"\"b\\\\c\""),
            ("{}", "\"{}\"", "{}"),
            ("()", "()", "\"()\""),
            ("\u{b}", "\"\u{b}\"", "\"\u{b}\""),
        ] {
            for (quoting, expected) in [(Quoting::Array, array), (Quoting::Record, record)] {
                let mut out = ["x", text].concat().into_bytes();
                quote_tail(1, quoting, &mut out);
                assert_eq!(String::from_utf8(out).unwrap(), ["x", expected].concat());
            }
            let mut out = Vec::new();
            put_element(b',', text.as_bytes(), &mut out);
            assert_eq!(String::from_utf8(out).unwrap(), [",", array].concat());
        }
    }

    #[test]
    fn elements_of_any_length_are_quoted_in_the_same_way() {
        for length in 0..150 {
            for special in ["", " ", "\"", "\\", "}"] {
                for at in [0, length / 2, length] {
                    let mut text = "x".repeat(length);
                    text.insert_str(at, special);
                    let mut expected = [",", &text].concat().into_bytes();
                    quote_tail(1, Quoting::Array, &mut expected);
                    let mut out = Vec::new();
                    put_element(b',', text.as_bytes(), &mut out);
                    assert_eq!(out, expected, "{text}");
                }
            }
        }
    }

    #[test]
    fn json_strings_escape_what_they_must() {
        let mut out = Vec::new();
        write_json_string("a\"\\\n\u{1}é/".as_bytes(), &mut out);
        assert_eq!(String::from_utf8(out).unwrap(), "\"a\\\"\\\\\\n\\u0001é/\"");
    }
}
