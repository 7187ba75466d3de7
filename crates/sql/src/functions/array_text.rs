//! Arrays written as text: `{a,b,"c d",NULL}`.

use std::sync::Arc;

use arrow::array::{Array, ArrayRef, AsArray, ListArray, StringBuilder};
use arrow::buffer::{NullBuffer, OffsetBuffer};
use arrow::compute::{CastOptions, cast_with_options};
use arrow::datatypes::{DataType, Field};
use datafusion::common::{DataFusionError, Result};
use lakeport_base::SqlState;

use crate::error::Error;

/// Reads a column of array texts as lists of this element type.
///
/// # Errors
///
/// 22P02 where a text is no array, or an element is no value of the type.
pub(super) fn list_of_text(texts: &ArrayRef, element: &DataType) -> Result<ListArray> {
    let texts = texts.as_string::<i32>();
    let mut elements = StringBuilder::new();
    let mut lengths = Vec::with_capacity(texts.len());
    for text in texts {
        let values = match text {
            Some(text) => read(text).ok_or_else(|| malformed(text))?,
            None => Vec::new(),
        };
        lengths.push(values.len());
        values.iter().for_each(|value| elements.append_option(value.as_deref()));
    }
    let elements: ArrayRef = Arc::new(elements.finish());
    let options = CastOptions { safe: false, ..CastOptions::default() };
    let elements = cast_with_options(&elements, element, &options).map_err(|_| not_elements(element))?;
    let nulls = texts.nulls().map(|nulls| NullBuffer::new(nulls.inner().clone()));
    let field = Arc::new(Field::new_list_field(element.clone(), true));
    Ok(ListArray::try_new(field, OffsetBuffer::from_lengths(lengths), elements, nulls)?)
}

/// The elements of a one-dimensional array's text; none where it is no such text.
///
/// Source: <https://www.postgresql.org/docs/15/arrays.html#ARRAYS-IO>
fn read(text: &str) -> Option<Vec<Option<String>>> {
    let body = text.trim().strip_prefix('{')?.strip_suffix('}')?;
    if body.trim().is_empty() {
        return Some(Vec::new());
    }
    let mut values = Vec::new();
    let mut chars = body.chars().peekable();
    loop {
        while chars.next_if(|c| c.is_whitespace()).is_some() {}
        let mut value = String::new();
        let quoted = chars.next_if_eq(&'"').is_some();
        loop {
            match chars.peek() {
                None if quoted => return None,
                None => break,
                Some('"') if quoted => {
                    chars.next();
                    break;
                }
                Some(',') if !quoted => break,
                Some('{' | '}' | '"') if !quoted => return None,
                Some('\\') => {
                    chars.next();
                    value.push(chars.next()?);
                }
                Some(_) => value.extend(chars.next()),
            }
        }
        while chars.next_if(|c| c.is_whitespace()).is_some() {}
        let value = if quoted { Some(value) } else { unquoted(value.trim_end())? };
        values.push(value);
        match chars.next() {
            None => return Some(values),
            Some(',') => {}
            Some(_) => return None,
        }
    }
}

/// An element without quotes: NULL in any case is no value, and an empty one is an error.
fn unquoted(value: &str) -> Option<Option<String>> {
    match value {
        "" => None,
        value if value.eq_ignore_ascii_case("null") => Some(None),
        value => Some(Some(value.to_owned())),
    }
}

fn malformed(text: &str) -> DataFusionError {
    failure(format!("malformed array literal: \"{text}\""))
}

fn not_elements(element: &DataType) -> DataFusionError {
    failure(format!("invalid input syntax for an array of {element}"))
}

fn failure(message: String) -> DataFusionError {
    DataFusionError::External(Box::new(Error::new(SqlState::INVALID_TEXT_REPRESENTATION, message)))
}

#[cfg(test)]
mod tests {
    use super::read;

    #[track_caller]
    fn check(text: &str, expected: Option<&[Option<&str>]>) {
        let values = read(text);
        let values: Option<Vec<Option<&str>>> =
            values.as_ref().map(|values| values.iter().map(|value| value.as_deref()).collect());
        assert_eq!(values.as_deref(), expected, "{text}");
    }

    #[test]
    fn elements_stand_between_commas() {
        check("{a,b}", Some(&[Some("a"), Some("b")]));
        check(" { a , b c } ", Some(&[Some("a"), Some("b c")]));
        check("{}", Some(&[]));
    }

    #[test]
    fn quotes_and_backslashes_keep_what_they_hold() {
        check(
            r#"{"a,b","c\"d","",NULL,"NULL",e\,f}"#,
            Some(&[Some("a,b"), Some("c\"d"), Some(""), None, Some("NULL"), Some("e,f")]),
        );
    }

    #[test]
    fn what_is_no_array_is_refused() {
        check("a,b", None);
        check("{a,}", None);
        check("{\"a}", None);
        check("{a}b}", None);
    }
}
