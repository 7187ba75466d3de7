//! Byte strings and UUIDs from text.

use crate::value::Error;

/// Reads a bytea, in hexadecimal digits after `\x` or with the old escapes.
///
/// # Errors
///
/// [`Error::Bytea`], [`Error::Hexadecimal`]
pub fn bytea(text: &str) -> Result<Vec<u8>, Error> {
    if let Some(digits) = text.strip_prefix("\\x") {
        return hexadecimal(digits);
    }
    let error = || Error::Bytea { message: "invalid input syntax for type bytea".to_owned() };
    let bytes = text.as_bytes();
    let mut out = Vec::with_capacity(bytes.len());
    let mut at = 0;
    while at < bytes.len() {
        match &bytes[at..] {
            [b'\\', b'\\', ..] => {
                out.push(b'\\');
                at += 2;
            }
            [b'\\', a @ b'0'..=b'3', b @ b'0'..=b'7', c @ b'0'..=b'7', ..] => {
                out.push(((a - b'0') << 6) | ((b - b'0') << 3) | (c - b'0'));
                at += 4;
            }
            [b'\\', ..] => return Err(error()),
            _ => {
                out.push(bytes[at]);
                at += 1;
            }
        }
    }
    Ok(out)
}

fn hexadecimal(digits: &str) -> Result<Vec<u8>, Error> {
    let mut out = Vec::with_capacity(digits.len() / 2);
    let mut letters = digits.chars().filter(|letter| !matches!(letter, ' ' | '\n' | '\t' | '\r'));
    let value = |letter: char| {
        letter
            .to_digit(16)
            .ok_or_else(|| Error::Hexadecimal { message: format!("invalid hexadecimal digit: \"{letter}\"") })
    };
    while let Some(high) = letters.next() {
        let high = value(high)?;
        let low = letters.next().ok_or_else(|| Error::Hexadecimal {
            message: "invalid hexadecimal data: odd number of digits".to_owned(),
        })?;
        out.push((high << 4 | value(low)?) as u8);
    }
    Ok(out)
}

/// Reads a UUID: 32 hexadecimal digits, a dash allowed after every fourth, braces around it allowed.
///
/// # Errors
///
/// [`Error::Syntax`]
pub fn uuid(text: &str) -> Result<[u8; 16], Error> {
    let error = || Error::Syntax { type_name: "uuid", text: text.to_owned() };
    let body = match text.strip_prefix('{') {
        Some(rest) => rest.strip_suffix('}').ok_or_else(error)?,
        None => text,
    };
    let mut bytes = [0u8; 16];
    let mut count = 0;
    let mut was_dash = true;
    for letter in body.chars() {
        if letter == '-' {
            if was_dash || count % 4 != 0 || count == 32 {
                return Err(error());
            }
            was_dash = true;
            continue;
        }
        let digit = letter.to_digit(16).ok_or_else(error)? as u8;
        let byte = bytes.get_mut(count / 2).ok_or_else(error)?;
        *byte = *byte << 4 | digit;
        count += 1;
        was_dash = false;
    }
    if count == 32 && !was_dash { Ok(bytes) } else { Err(error()) }
}

#[cfg(test)]
mod tests {
    use super::{bytea, uuid};

    #[test]
    fn bytea_reads_both_forms() {
        assert_eq!(bytea("\\x00fF 10").unwrap(), [0, 255, 16]);
        assert_eq!(bytea("a\\\\b\\001").unwrap(), b"a\\b\x01");
        assert_eq!(bytea("").unwrap(), b"");
        for (text, code) in
            [("\\x1", "22023"), ("\\xzz", "22023"), ("\\9", "22P02"), ("\\400", "22P02"), ("a\\", "22P02")]
        {
            assert_eq!(bytea(text).unwrap_err().sqlstate().code(), code, "{text}");
        }
    }

    #[test]
    fn a_uuid_has_several_spellings() {
        let expected: [u8; 16] = *b"\xa0\xee\xbc\x99\x9c\x0b\x4e\xf8\xbb\x6d\x6b\xb9\xbd\x38\x0a\x11";
        for text in [
            "a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11",
            "A0EEBC99-9C0B-4EF8-BB6D-6BB9BD380A11",
            "{a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11}",
            "a0eebc999c0b4ef8bb6d6bb9bd380a11",
            "a0ee-bc99-9c0b-4ef8-bb6d-6bb9-bd38-0a11",
            "{a0eebc99-9c0b4ef8-bb6d6bb9-bd380a11}",
        ] {
            assert_eq!(uuid(text).unwrap(), expected, "{text}");
        }
        for text in [
            "",
            "a0eebc99",
            "{a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11",
            "a0eebc99--9c0b4ef8bb6d6bb9bd380a11",
            "a-0eebc999c0b4ef8bb6d6bb9bd380a11",
        ] {
            assert!(uuid(text).is_err(), "{text}");
        }
    }
}
