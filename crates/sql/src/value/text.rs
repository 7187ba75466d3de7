//! Text as it is, and the quoting of text inside arrays, records and JSON.

use arrow::array::StringViewArray;

use super::error::Error;

/// Writes a text.
///
/// # Errors
///
/// [`Error::ZeroByte`]: PostgreSQL's text ends at a zero byte, and so do its clients' strings. To
/// leave the byte out would change what is in the lake, so the statement fails.
pub(crate) fn write_text(bytes: &[u8], out: &mut Vec<u8>) -> Result<(), Error> {
    if memchr::memchr(0, bytes).is_some() {
        return Err(Error::ZeroByte);
    }
    out.extend_from_slice(bytes);
    Ok(())
}

/// Writes a text of a view array: a short one, which stands in the view itself, by a single store.
///
/// # Errors
///
/// As the writer of plain text.
pub fn write_view(values: &StringViewArray, row: usize, out: &mut Vec<u8>) -> Result<(), Error> {
    const INLINE_MAX: usize = 12;
    let view = values.views()[row];
    let length = view as u32 as usize;
    if length > INLINE_MAX {
        return write_text(values.value(row).as_bytes(), out);
    }
    let inline = view >> 32;
    if has_zero_byte(inline | (u128::MAX << (8 * length))) {
        return Err(Error::ZeroByte);
    }
    let start = out.len();
    out.extend_from_slice(&inline.to_le_bytes());
    out.truncate(start + length);
    Ok(())
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
    /// Source: `array_out` in PostgreSQL's `arrayfuncs.c`, `record_out` in `rowtypes.c`.
    fn is_needed(self, text: &[u8]) -> bool {
        let is_special = |byte: &u8| match byte {
            b'"' | b'\\' | b',' | b' ' | b'\t'..=b'\r' => true,
            b'{' | b'}' => self == Self::Array,
            b'(' | b')' => self == Self::Record,
            _ => false,
        };
        text.is_empty()
            || (self == Self::Array && text.eq_ignore_ascii_case(b"null"))
            || text.iter().any(is_special)
    }
}

/// Puts what stands from `start` on in quotes, where it needs them. In place.
pub(crate) fn quote_tail(start: usize, quoting: Quoting, out: &mut Vec<u8>) {
    let text = &out[start..];
    if !quoting.is_needed(text) {
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

    use super::{Quoting, quote_tail, write_json_string, write_view};

    #[test]
    fn short_views_are_written_and_searched_for_zero_bytes() {
        let texts = ["", "a", "twelve bytes", "thirteen byte", "with\0zero", "\0", "thirteen with\0zero"];
        let values = StringViewArray::from_iter_values(texts);
        for (row, text) in texts.into_iter().enumerate() {
            let mut out = b"before".to_vec();
            let written = write_view(&values, row, &mut out);
            assert_eq!(written.is_err(), text.contains('\0'), "{text:?}");
            if written.is_ok() {
                assert_eq!(out, ["before", text].concat().as_bytes());
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
        }
    }

    #[test]
    fn json_strings_escape_what_they_must() {
        let mut out = Vec::new();
        write_json_string("a\"\\\n\u{1}é/".as_bytes(), &mut out);
        assert_eq!(String::from_utf8(out).unwrap(), "\"a\\\"\\\\\\n\\u0001é/\"");
    }
}
