//! Functions of bytes: `encode`, `decode`, single bytes and bits, texts in encodings.
//!
//! Source: PostgreSQL's `encode.c` and `varlena.c`.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use lakeport_base::SqlState;

use super::bit_operators;
use super::defined::{Definition, immutable, taking};
use crate::error::{Error, Result};
use crate::types::PgType;
use crate::value::Style;
use crate::value::read::{Value, bytea};

const BYTES: PgType = PgType::BYTEA;
const TEXT: PgType = PgType::TEXT;
const INT: PgType = PgType::INT4;
const BIG: PgType = PgType::INT8;

pub(super) const FUNCTIONS: &[Definition] = &[
    immutable("encode", &[taking(&[BYTES, TEXT], TEXT, encode)]),
    immutable("decode", &[taking(&[TEXT, TEXT], BYTES, decode)]),
    immutable("get_byte", &[taking(&[BYTES, INT], INT, get_byte)]),
    immutable("set_byte", &[taking(&[BYTES, INT, INT], BYTES, set_byte)]),
    // Of a text they are those of bit strings.
    immutable(
        "get_bit",
        &[
            taking(&[BYTES, BIG], INT, get_bit),
            taking(&[TEXT, INT], INT, |values, _| match values {
                [Value::Text(bits), Value::Int4(place)] => bit_operators::get_bit(bits, *place),
                _ => Ok(None),
            }),
        ],
    ),
    immutable(
        "set_bit",
        &[
            taking(&[BYTES, BIG, INT], BYTES, set_bit),
            taking(&[TEXT, INT, INT], PgType::BIT, |values, _| match values {
                [Value::Text(bits), Value::Int4(place), Value::Int4(bit)] => {
                    bit_operators::set_bit(bits, *place, *bit)
                }
                _ => Ok(None),
            }),
        ],
    ),
    immutable(
        "bit_count",
        &[
            taking(&[BYTES], BIG, |values, _| match values {
                [Value::Bytes(bytes)] => {
                    Ok(Some(Value::Int8(bytes.iter().map(|byte| i64::from(byte.count_ones())).sum())))
                }
                _ => Ok(None),
            }),
            taking(&[TEXT], BIG, |values, _| match values {
                [Value::Text(bits)] => bit_operators::ones(bits),
                _ => Ok(None),
            }),
        ],
    ),
    immutable("convert_from", &[taking(&[BYTES, TEXT], TEXT, convert_from)]),
    immutable("convert_to", &[taking(&[TEXT, TEXT], BYTES, convert_to)]),
];

/// Overloads of functions that are DataFusion's for texts.
pub(super) const LENGTH: &Definition = &immutable(
    "length",
    &[
        taking(&[BYTES], INT, |values, _| match values {
            [Value::Bytes(bytes)] => Ok(Some(Value::Int4(i32::try_from(bytes.len()).unwrap_or(i32::MAX)))),
            _ => Ok(None),
        }),
        taking(&[BYTES, TEXT], INT, |values, style| match convert_from(values, style)? {
            Some(Value::Text(text)) => {
                Ok(Some(Value::Int4(i32::try_from(text.chars().count()).unwrap_or(i32::MAX))))
            }
            _ => Ok(None),
        }),
    ],
);

/// `substring(bytea, from)` and `substring(bytea, from, for)`.
pub(super) const SUBSTRING: &Definition = &immutable(
    "substring",
    &[
        taking(&[BYTES, INT], BYTES, |values, _| match values {
            [Value::Bytes(bytes), Value::Int4(from)] => Ok(Some(part(bytes, *from, None)?)),
            _ => Ok(None),
        }),
        taking(&[BYTES, INT, INT], BYTES, |values, _| match values {
            [Value::Bytes(bytes), Value::Int4(from), Value::Int4(length)] => {
                Ok(Some(part(bytes, *from, Some(*length))?))
            }
            _ => Ok(None),
        }),
    ],
);

fn part(bytes: &[u8], from: i32, length: Option<i32>) -> Result<Value> {
    let from = i64::from(from);
    let end = match length {
        Some(length) if length < 0 => {
            return Err(Error::new(SqlState::SUBSTRING_ERROR, "negative substring length not allowed"));
        }
        Some(length) => from + i64::from(length),
        None => i64::MAX,
    };
    let place = |from_one: i64| usize::try_from(from_one - 1).unwrap_or(0).min(bytes.len());
    Ok(Value::Bytes(bytes[place(from)..place(end.max(from))].to_vec()))
}

fn unknown_encoding(name: &str) -> Error {
    Error::new(SqlState::INVALID_PARAMETER_VALUE, format!("unrecognized encoding: \"{name}\""))
}

fn encode(values: &[Value], _style: &Style) -> Result<Option<Value>> {
    let [Value::Bytes(bytes), Value::Text(encoding)] = values else { return Ok(None) };
    Ok(Some(Value::Text(match encoding.to_ascii_lowercase().as_str() {
        "hex" => bytes.iter().map(|byte| format!("{byte:02x}")).collect(),
        "base64" => in_lines(&STANDARD.encode(bytes)),
        "escape" => escaped(bytes),
        _ => return Err(unknown_encoding(encoding)),
    })))
}

/// Lines of 76 letters, as MIME has them.
fn in_lines(text: &str) -> String {
    const LINE: usize = 76;
    let lines: Vec<&str> =
        (0..text.len()).step_by(LINE).map(|start| &text[start..text.len().min(start + LINE)]).collect();
    lines.join("\n")
}

/// Zero bytes and those beyond ASCII in octal, backslashes doubled.
fn escaped(bytes: &[u8]) -> String {
    let mut text = String::with_capacity(bytes.len());
    for byte in bytes {
        match byte {
            0 | 0x80.. => text.push_str(&format!("\\{byte:03o}")),
            b'\\' => text.push_str("\\\\"),
            other => text.push(char::from(*other)),
        }
    }
    text
}

fn decode(values: &[Value], _style: &Style) -> Result<Option<Value>> {
    let [Value::Text(text), Value::Text(encoding)] = values else { return Ok(None) };
    let refused = |message: String| Error::new(SqlState::INVALID_PARAMETER_VALUE, message);
    Ok(Some(Value::Bytes(match encoding.to_ascii_lowercase().as_str() {
        "hex" => from_hex(text)?,
        "base64" => {
            let letters: String = text.chars().filter(|letter| !" \t\n\r".contains(*letter)).collect();
            let known = |letter: &char| letter.is_ascii_alphanumeric() || "+/=".contains(*letter);
            if let Some(other) = letters.chars().find(|letter| !known(letter)) {
                return Err(refused(format!(
                    "invalid symbol \"{other}\" found while decoding base64 sequence"
                )));
            }
            STANDARD.decode(&letters).map_err(|_| {
                refused("invalid base64 end sequence".to_owned())
                    .with_hint("Input data is missing padding, is truncated, or is otherwise corrupted.")
            })?
        }
        "escape" => bytea(&plain(text))?,
        _ => return Err(unknown_encoding(encoding)),
    })))
}

/// A text that begins with `\x` would be read as hex where escapes are meant.
fn plain(text: &str) -> String {
    if text.starts_with("\\x") { text.replacen("\\x", "\\134x", 1) } else { text.to_owned() }
}

fn from_hex(text: &str) -> Result<Vec<u8>> {
    let refused = |message: String| Error::new(SqlState::INVALID_PARAMETER_VALUE, message);
    let mut digits = Vec::with_capacity(text.len());
    for letter in text.chars().filter(|letter| !" \t\n\r".contains(*letter)) {
        let digit = letter.to_digit(16).and_then(|digit| u8::try_from(digit).ok());
        digits.push(digit.ok_or_else(|| refused(format!("invalid hexadecimal digit: \"{letter}\"")))?);
    }
    if digits.len() % 2 == 1 {
        return Err(refused("invalid hexadecimal data: odd number of digits".to_owned()));
    }
    Ok(digits.chunks(2).map(|pair| pair[0] << 4 | pair[1]).collect())
}

fn outside(index: i64, count: usize) -> Error {
    let message = format!("index {index} out of valid range, 0..{}", count as i64 - 1);
    Error::new(SqlState::ARRAY_SUBSCRIPT_ERROR, message)
}

/// The byte with this number.
fn index(index: i64, count: usize) -> Result<usize> {
    usize::try_from(index).ok().filter(|place| *place < count).ok_or_else(|| outside(index, count))
}

fn get_byte(values: &[Value], _style: &Style) -> Result<Option<Value>> {
    let [Value::Bytes(bytes), Value::Int4(number)] = values else { return Ok(None) };
    Ok(Some(Value::Int4(i32::from(bytes[index(i64::from(*number), bytes.len())?]))))
}

fn set_byte(values: &[Value], _style: &Style) -> Result<Option<Value>> {
    let [Value::Bytes(bytes), Value::Int4(number), Value::Int4(new)] = values else { return Ok(None) };
    let place = index(i64::from(*number), bytes.len())?;
    let mut bytes = bytes.clone();
    // PostgreSQL keeps the lowest eight bits.
    bytes[place] = *new as u8;
    Ok(Some(Value::Bytes(bytes)))
}

fn get_bit(values: &[Value], _style: &Style) -> Result<Option<Value>> {
    let [Value::Bytes(bytes), Value::Int8(number)] = values else { return Ok(None) };
    let place = index(*number, bytes.len() * 8)?;
    Ok(Some(Value::Int4(i32::from(bytes[place / 8] >> (place % 8) & 1))))
}

fn set_bit(values: &[Value], _style: &Style) -> Result<Option<Value>> {
    let [Value::Bytes(bytes), Value::Int8(number), Value::Int4(new)] = values else { return Ok(None) };
    let place = index(*number, bytes.len() * 8)?;
    if !matches!(new, 0 | 1) {
        return Err(Error::new(SqlState::INVALID_PARAMETER_VALUE, "new bit must be 0 or 1"));
    }
    let mut bytes = bytes.clone();
    let bit = 1 << (place % 8);
    bytes[place / 8] = if *new == 1 { bytes[place / 8] | bit } else { bytes[place / 8] & !bit };
    Ok(Some(Value::Bytes(bytes)))
}

/// The encodings that texts are converted from and to: those that every character set begins with.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Encoding {
    Utf8,
    Latin1,
    Ascii,
}

impl Encoding {
    fn named(name: &str, role: &str) -> Result<Encoding> {
        let plain: String = name.chars().filter(char::is_ascii_alphanumeric).collect();
        match plain.to_ascii_lowercase().as_str() {
            "utf8" | "unicode" => Ok(Self::Utf8),
            "latin1" | "iso88591" => Ok(Self::Latin1),
            "sqlascii" => Ok(Self::Ascii),
            _ => {
                let message = format!("invalid {role} encoding name \"{name}\"");
                Err(Error::new(SqlState::INVALID_PARAMETER_VALUE, message))
            }
        }
    }
}

fn convert_from(values: &[Value], _style: &Style) -> Result<Option<Value>> {
    let [Value::Bytes(bytes), Value::Text(name)] = values else { return Ok(None) };
    if Encoding::named(name, "source")? == Encoding::Latin1 {
        return Ok(Some(Value::Text(bytes.iter().copied().map(char::from).collect())));
    }
    let text = String::from_utf8(bytes.clone()).ok().filter(|text| !text.contains('\0'));
    let text = text.ok_or_else(|| {
        let message = "invalid byte sequence for encoding \"UTF8\"";
        Error::new(SqlState::CHARACTER_NOT_IN_REPERTOIRE, message)
    })?;
    Ok(Some(Value::Text(text)))
}

fn convert_to(values: &[Value], _style: &Style) -> Result<Option<Value>> {
    let [Value::Text(text), Value::Text(name)] = values else { return Ok(None) };
    if Encoding::named(name, "destination")? != Encoding::Latin1 {
        return Ok(Some(Value::Bytes(text.clone().into_bytes())));
    }
    let bytes: Option<Vec<u8>> = text.chars().map(|letter| u8::try_from(letter).ok()).collect();
    let bytes = bytes.ok_or_else(|| {
        let message = "character has no equivalent in encoding \"LATIN1\"";
        Error::new(SqlState::UNTRANSLATABLE_CHARACTER, message)
    })?;
    Ok(Some(Value::Bytes(bytes)))
}
