//! JSON taken apart: what `jsonb` keeps, and what functions of JSON look into.
//!
//! Numbers stay as they are written, and so does the order of members; writing as jsonb puts both in order.

use super::error::Error;
use super::read::is_json;
use super::text::write_json_string;

/// A JSON value. `'t` is the text that it was read from.
#[derive(Debug, Clone, PartialEq)]
pub enum Json<'t> {
    /// null
    Null,
    /// true or false
    Bool(bool),
    /// A number, as it is written.
    Number(&'t str),
    /// A text, without its quotes and escapes.
    Text(String),
    /// The elements, each with its own text.
    Array(Vec<(&'t str, Json<'t>)>),
    /// The members in order, each with its own text; a name may stand there more than once.
    Object(Vec<(String, &'t str, Json<'t>)>),
}

impl<'t> Json<'t> {
    /// Reads a text.
    ///
    /// # Errors
    ///
    /// 22P02 for what is no JSON, or nested too deep.
    pub fn read(text: &'t str) -> Result<Json<'t>, Error> {
        // Checked as a whole first, its depth too: what follows only takes apart.
        if !is_json(text) {
            return Err(Error::Json);
        }
        let mut reader = Reader { text, at: 0 };
        reader.value().map(|(_, json)| json).ok_or(Error::Json)
    }

    /// What `json_typeof` says.
    pub fn kind(&self) -> &'static str {
        match self {
            Self::Null => "null",
            Self::Bool(_) => "boolean",
            Self::Number(_) => "number",
            Self::Text(_) => "string",
            Self::Array(_) => "array",
            Self::Object(_) => "object",
        }
    }

    /// A member of an object: the last of its name.
    pub fn member(&self, name: &str) -> Option<(&'t str, &Json<'t>)> {
        match self {
            Self::Object(members) => {
                members.iter().rev().find(|(own, ..)| own == name).map(|(_, text, json)| (*text, json))
            }
            _ => None,
        }
    }

    /// An element of an array, counted from 0, or from the end by what is below 0.
    pub fn element(&self, index: i64) -> Option<(&'t str, &Json<'t>)> {
        let Self::Array(elements) = self else { return None };
        let place = if index < 0 { index + i64::try_from(elements.len()).ok()? } else { index };
        elements.get(usize::try_from(place).ok()?).map(|(text, json)| (*text, json))
    }

    /// Writes the value as jsonb does: members by the length of their names and then by their bytes, the last of each
    /// name, a space behind `:` and `,`.
    pub fn write_jsonb(&self, out: &mut Vec<u8>) {
        match self {
            Self::Null => out.extend_from_slice(b"null"),
            Self::Bool(value) => out.extend_from_slice(if *value { b"true" } else { b"false" }),
            Self::Number(text) => out.extend_from_slice(plain_number(text).as_bytes()),
            Self::Text(text) => write_json_string(text.as_bytes(), out),
            Self::Array(elements) => {
                out.push(b'[');
                for (index, (_, element)) in elements.iter().enumerate() {
                    if index > 0 {
                        out.extend_from_slice(b", ");
                    }
                    element.write_jsonb(out);
                }
                out.push(b']');
            }
            Self::Object(_) => {
                out.push(b'{');
                for (index, (name, value)) in self.ordered().into_iter().enumerate() {
                    if index > 0 {
                        out.extend_from_slice(b", ");
                    }
                    write_json_string(name.as_bytes(), out);
                    out.extend_from_slice(b": ");
                    value.write_jsonb(out);
                }
                out.push(b'}');
            }
        }
    }

    /// Writes the value in its own order, without any space.
    pub fn write_compact(&self, out: &mut Vec<u8>) {
        match self {
            Self::Array(elements) => {
                out.push(b'[');
                for (index, (_, element)) in elements.iter().enumerate() {
                    if index > 0 {
                        out.push(b',');
                    }
                    element.write_compact(out);
                }
                out.push(b']');
            }
            Self::Object(members) => {
                out.push(b'{');
                for (index, (name, _, value)) in members.iter().enumerate() {
                    if index > 0 {
                        out.push(b',');
                    }
                    write_json_string(name.as_bytes(), out);
                    out.push(b':');
                    value.write_compact(out);
                }
                out.push(b'}');
            }
            Self::Number(text) => out.extend_from_slice(text.as_bytes()),
            other => other.write_jsonb(out),
        }
    }

    /// The members of an object as jsonb orders them.
    pub fn ordered(&self) -> Vec<(&str, &Json<'t>)> {
        let Self::Object(members) = self else { return Vec::new() };
        let mut ordered: Vec<(&str, &Json<'t>)> = Vec::with_capacity(members.len());
        let mut by_name: Vec<usize> = (0..members.len()).collect();
        let name = |index: usize| members[index].0.as_str();
        by_name.sort_by(|left, right| {
            let (left, right) = (name(*left), name(*right));
            (left.len(), left).cmp(&(right.len(), right))
        });
        for index in by_name {
            let (own, _, value) = &members[index];
            // Of namesakes, which stand in their order here, the last one stays.
            match ordered.last_mut().filter(|(last, _)| last == own) {
                Some(last) => last.1 = value,
                None => ordered.push((own, value)),
            }
        }
        ordered
    }

    /// The value as jsonb writes it.
    pub fn jsonb(&self) -> String {
        let mut out = Vec::new();
        self.write_jsonb(&mut out);
        String::from_utf8_lossy(&out).into_owned()
    }
}

/// A text of JSON as jsonb keeps it.
///
/// # Errors
///
/// As [`Json::read`].
pub fn jsonb(text: &str) -> Result<String, Error> {
    Ok(Json::read(text)?.jsonb())
}

/// A number without exponent and without a minus before nothing, as numeric writes it.
fn plain_number(text: &str) -> String {
    let (mantissa, exponent) = match text.split_once(['e', 'E']) {
        Some((mantissa, exponent)) => (mantissa, exponent.parse::<i64>().unwrap_or(0)),
        None => (text, 0),
    };
    let (sign, digits) = match mantissa.strip_prefix('-') {
        Some(digits) => ("-", digits),
        None => ("", mantissa),
    };
    let (whole, fraction) = digits.split_once('.').unwrap_or((digits, ""));
    /// Places that an exponent may move the point: far more than numerics have here.
    const PLACES_MAX: i64 = 1_000;
    let number = if exponent == 0 {
        digits.to_owned()
    } else if exponent.abs() > PLACES_MAX {
        return text.to_owned();
    } else {
        let all = format!("{whole}{fraction}");
        let point = whole.len() as i64 + exponent;
        let padded = format!("{}{all}", "0".repeat(usize::try_from(1 - point).unwrap_or(0)));
        let point = usize::try_from(point.max(1)).unwrap_or(1);
        let padded = format!("{padded:0<point$}");
        let (whole, fraction) = padded.split_at(point);
        let whole = whole.trim_start_matches('0');
        let whole = if whole.is_empty() { "0" } else { whole };
        if fraction.is_empty() { whole.to_owned() } else { format!("{whole}.{fraction}") }
    };
    let is_zero = number.bytes().all(|digit| matches!(digit, b'0' | b'.'));
    if is_zero { number } else { format!("{sign}{number}") }
}

/// Takes apart a text that is known to be JSON.
struct Reader<'t> {
    text: &'t str,
    at: usize,
}

impl<'t> Reader<'t> {
    fn peek(&mut self) -> Option<u8> {
        let bytes = self.text.as_bytes();
        while matches!(bytes.get(self.at), Some(b' ' | b'\t' | b'\n' | b'\r')) {
            self.at += 1;
        }
        bytes.get(self.at).copied()
    }

    /// The value that begins here, with its text.
    fn value(&mut self) -> Option<(&'t str, Json<'t>)> {
        let first = self.peek()?;
        let start = self.at;
        let json = match first {
            b'{' => self.object()?,
            b'[' => self.array()?,
            b'"' => Json::Text(self.string()?),
            b't' => self.word("true", Json::Bool(true)),
            b'f' => self.word("false", Json::Bool(false)),
            b'n' => self.word("null", Json::Null),
            _ => {
                let rest = &self.text[start..];
                let end =
                    rest.find(|letter: char| !(letter.is_ascii_alphanumeric() || "+-.".contains(letter)));
                let number = &rest[..end.unwrap_or(rest.len())];
                self.at += number.len();
                Json::Number(number)
            }
        };
        Some((&self.text[start..self.at], json))
    }

    fn word(&mut self, word: &str, json: Json<'t>) -> Json<'t> {
        self.at += word.len();
        json
    }

    fn array(&mut self) -> Option<Json<'t>> {
        let mut elements = Vec::new();
        self.at += 1;
        while self.peek()? != b']' {
            if self.peek()? == b',' {
                self.at += 1;
            }
            elements.push(self.value()?);
        }
        self.at += 1;
        Some(Json::Array(elements))
    }

    fn object(&mut self) -> Option<Json<'t>> {
        let mut members = Vec::new();
        self.at += 1;
        while self.peek()? != b'}' {
            if self.peek()? == b',' {
                self.at += 1;
                self.peek()?;
            }
            let name = self.string()?;
            if self.peek()? == b':' {
                self.at += 1;
            }
            let (text, json) = self.value()?;
            members.push((name, text, json));
        }
        self.at += 1;
        Some(Json::Object(members))
    }

    /// A text in quotes; a half of a pair alone becomes the sign for what cannot be shown.
    fn string(&mut self) -> Option<String> {
        let mut units: Vec<u16> = Vec::new();
        let mut text = String::new();
        self.at += 1;
        loop {
            let rest = &self.text[self.at..];
            let plain = rest.find(['"', '\\'])?;
            if plain > 0 {
                text.push_str(&String::from_utf16_lossy(&std::mem::take(&mut units)));
                text.push_str(&rest[..plain]);
            }
            self.at += plain + 1;
            if rest.as_bytes()[plain] == b'"' {
                text.push_str(&String::from_utf16_lossy(&units));
                return Some(text);
            }
            let escape = *self.text.as_bytes().get(self.at)?;
            self.at += 1;
            if escape == b'u' {
                let digits = self.text.get(self.at..self.at + 4)?;
                units.push(u16::from_str_radix(digits, 16).ok()?);
                self.at += 4;
                continue;
            }
            text.push_str(&String::from_utf16_lossy(&std::mem::take(&mut units)));
            text.push(match escape {
                b'b' => '\x08',
                b'f' => '\x0c',
                b'n' => '\n',
                b'r' => '\r',
                b't' => '\t',
                other => char::from(other),
            });
        }
    }
}

#[cfg(test)]
mod tests {
    use super::{Json, jsonb};

    #[test]
    fn jsonb_is_in_order() {
        for (text, expected) in [
            (
                "{\"b\":1,\"aa\":{\"y\":2.50,\"x\":[1,  2]},\"b\":3}",
                "{\"b\": 3, \"aa\": {\"x\": [1, 2], \"y\": 2.50}}",
            ),
            (" [ ] ", "[]"),
            ("{}", "{}"),
            ("1e2", "100"),
            ("1.5e-3", "0.0015"),
            ("-0", "0"),
            ("-0.0", "0.0"),
            ("12.50E1", "125.0"),
            ("\"a\\u0041\\n\\ud83d\\ude00\"", "\"aA\\n😀\""),
            ("[true,false,null]", "[true, false, null]"),
        ] {
            assert_eq!(jsonb(text).unwrap(), expected, "{text}");
        }
        assert!(jsonb("{\"a\"").is_err());
    }

    #[test]
    fn parts_keep_their_texts() {
        let json = Json::read("{\"a\": [1, {\"b\":  2}]}").unwrap();
        let (text, array) = json.member("a").unwrap();
        assert_eq!(text, "[1, {\"b\":  2}]");
        assert_eq!(array.element(-1).unwrap().0, "{\"b\":  2}");
        assert!(array.element(2).is_none() && json.element(0).is_none());
    }
}
