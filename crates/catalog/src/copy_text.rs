//! Reads rows in the text format of PostgreSQL's COPY, which the data files are in.
//!
//! Only what the generator writes: default delimiters, no bytes above what UTF-8 text has.
//!
//! Source: <https://www.postgresql.org/docs/15/sql-copy.html>, "Text Format"

use std::borrow::Cow;

use arrow::datatypes::DataType;
use datafusion::common::{Result, exec_datafusion_err};

use crate::cell::Cell;

/// The rows of a text, each cut into its fields, escapes still in.
pub(crate) fn rows(text: &str) -> impl Iterator<Item = Vec<&str>> {
    text.lines().map(|line| line.split('\t').collect())
}

/// A field as a value of this type.
///
/// # Errors
///
/// Where the text is no value of the type.
pub(crate) fn value<'a>(field: &'a str, data_type: &DataType) -> Result<Cell<'a>> {
    if field == "\\N" {
        return Ok(Cell::Null);
    }
    typed(unescaped(field), data_type)
}

fn typed<'a>(text: Cow<'a, str>, data_type: &DataType) -> Result<Cell<'a>> {
    let wrong = || exec_datafusion_err!("catalog data holds {text:?}, which is no {data_type}");
    Ok(match data_type {
        DataType::Utf8 => Cell::Text(text),
        DataType::Boolean => Cell::Bool(match &*text {
            "t" => true,
            "f" => false,
            _ => return Err(wrong()),
        }),
        DataType::Float32 | DataType::Float64 => Cell::Float(text.parse().map_err(|_| wrong())?),
        DataType::List(element) => {
            let elements = elements(&text).into_iter().map(|item| match item {
                None => Ok(Cell::Null),
                Some(item) => typed(Cow::Owned(item), element.data_type()),
            });
            Cell::List(elements.collect::<Result<_>>()?)
        }
        _ => Cell::Int(text.parse().map_err(|_| wrong())?),
    })
}

/// Takes COPY's backslashes out.
fn unescaped(field: &str) -> Cow<'_, str> {
    if !field.contains('\\') {
        return Cow::Borrowed(field);
    }
    let mut text = String::with_capacity(field.len());
    let mut chars = field.chars();
    while let Some(c) = chars.next() {
        text.push(match c {
            '\\' => match chars.next() {
                Some('n') => '\n',
                Some('t') => '\t',
                Some('r') => '\r',
                Some('b') => '\u{8}',
                Some('f') => '\u{c}',
                Some('v') => '\u{b}',
                Some(other) => other,
                None => '\\',
            },
            other => other,
        });
    }
    Cow::Owned(text)
}

/// The elements of an array (`{a,"b c",NULL}`) or of a vector (`1 2 3`).
fn elements(text: &str) -> Vec<Option<String>> {
    let Some(inside) = text.strip_prefix('{').and_then(|rest| rest.strip_suffix('}')) else {
        return text.split_ascii_whitespace().map(|item| Some(item.to_owned())).collect();
    };
    let mut items = Vec::new();
    let mut item = String::new();
    let (mut quoted, mut was_quoted) = (false, false);
    let mut chars = inside.chars();
    let mut finish = |item: &mut String, was_quoted: &mut bool| {
        let text = std::mem::take(item);
        let null = !std::mem::take(was_quoted) && text == "NULL";
        items.push((!null).then_some(text));
    };
    while let Some(c) = chars.next() {
        match c {
            '"' => {
                quoted = !quoted;
                was_quoted = true;
            }
            '\\' => item.extend(chars.next()),
            ',' if !quoted => finish(&mut item, &mut was_quoted),
            other => item.push(other),
        }
    }
    if !inside.is_empty() {
        finish(&mut item, &mut was_quoted);
    }
    items
}

#[cfg(test)]
mod tests {
    use lakeport_sql::types::PgType;

    use super::value;
    use crate::cell::Cell;

    #[track_caller]
    fn check(field: &str, pg_type: PgType, expected: Cell<'_>) {
        assert_eq!(value(field, &pg_type.arrow()).unwrap(), expected);
    }

    #[test]
    fn null_is_not_the_empty_text() {
        check("\\N", PgType::TEXT, Cell::Null);
        check("", PgType::TEXT, Cell::from(""));
    }

    #[test]
    fn escapes_become_what_they_stand_for() {
        check("a\\tb\\\\c", PgType::TEXT, Cell::from("a\tb\\c"));
    }

    #[test]
    fn arrays_may_quote_their_elements() {
        check(
            "{a,\"b, c\",NULL,\"NULL\",\"\"}",
            PgType::TEXT_ARRAY,
            Cell::List(vec![
                Cell::from("a"),
                Cell::from("b, c"),
                Cell::Null,
                Cell::from("NULL"),
                Cell::from(""),
            ]),
        );
        check("{}", PgType::OID_ARRAY, Cell::List(vec![]));
    }

    #[test]
    fn vectors_stand_between_blanks() {
        check("25 1043", PgType::OIDVECTOR, Cell::from(vec![25_u32, 1043]));
        check("", PgType::OIDVECTOR, Cell::List(vec![]));
    }

    #[test]
    fn a_word_is_no_number() {
        value("x", &PgType::INT4.arrow()).unwrap_err();
    }
}
