//! Arrays written as text: `{a,b,"c d",NULL}`.

use std::sync::Arc;

use arrow::array::{Array, ArrayRef, AsArray, ListArray, StringBuilder};
use arrow::buffer::{NullBuffer, OffsetBuffer};
use arrow::compute::{CastOptions, cast_with_options};
use arrow::datatypes::{DataType, Field};
use datafusion::common::{DataFusionError, Result};
use lakeport_base::SqlState;

use super::failure;
use crate::value::read::elements;

/// Reads a column of array texts as lists of this element type.
///
/// # Errors
///
/// 22P02 where a text is no array, or an element is no value of the type.
pub(super) fn list_of_text(texts: &ArrayRef, element: &DataType) -> Result<ListArray> {
    let texts = texts.as_string::<i32>();
    let mut texts_of_elements = StringBuilder::new();
    let mut lengths = Vec::with_capacity(texts.len());
    for text in texts {
        let values = match text {
            Some(text) => elements(text).map_err(|error| failure(error.sqlstate(), error.to_string()))?,
            None => Vec::new(),
        };
        lengths.push(values.len());
        values.iter().for_each(|value| texts_of_elements.append_option(value.as_deref()));
    }
    let elements: ArrayRef = Arc::new(texts_of_elements.finish());
    let options = CastOptions { safe: false, ..CastOptions::default() };
    let elements = cast_with_options(&elements, element, &options).map_err(|_| not_elements(element))?;
    let nulls = texts.nulls().map(|nulls| NullBuffer::new(nulls.inner().clone()));
    let field = Arc::new(Field::new_list_field(element.clone(), true));
    Ok(ListArray::try_new(field, OffsetBuffer::from_lengths(lengths), elements, nulls)?)
}

fn not_elements(element: &DataType) -> DataFusionError {
    let message = format!("invalid input syntax for an array of {element}");
    failure(SqlState::INVALID_TEXT_REPRESENTATION, message)
}
