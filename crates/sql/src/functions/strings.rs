//! `quote_ident`, and what casts to varchar(n) and char(n) do.

use std::sync::Arc;

use datafusion::logical_expr::ScalarUDF;
use lakeport_base::quote_ident;

use super::defined::{Definition, immutable, taking};
use crate::error::Result;
use crate::types::PgType;
use crate::value::read::Value;

const TEXT: PgType = PgType::TEXT;

pub(super) const FUNCTIONS: &[Definition] = &[
    immutable(
        "quote_ident",
        &[taking(&[TEXT], TEXT, |values, _| match values {
            [Value::Text(name)] => Ok(Some(Value::Text(quote_ident(name)))),
            _ => Ok(None),
        })],
    ),
    immutable("varchar", &[taking(&[TEXT, PgType::INT4], TEXT, |values, _| cut(values, str::to_owned))]),
    // Without the blanks that fill it up: they are no part of its text, and are written only in an answer.
    immutable(
        "bpchar",
        &[taking(&[TEXT, PgType::INT4], TEXT, |values, _| {
            cut(values, |text| text.trim_end_matches(' ').to_owned())
        })],
    ),
];

/// The function that cuts a text to a length, for varchar and char; none for other types.
pub(crate) fn cutting(pg_type: PgType) -> Option<Arc<ScalarUDF>> {
    FUNCTIONS
        .iter()
        .find(|definition| definition.name() == pg_type.name)
        .map(|definition| definition.function())
}

fn cut(values: &[Value], finish: impl Fn(&str) -> String) -> Result<Option<Value>> {
    let [Value::Text(text), Value::Int4(length)] = values else { return Ok(None) };
    let length = usize::try_from(*length).unwrap_or(0);
    let end = text.char_indices().nth(length).map_or(text.len(), |(end, _)| end);
    Ok(Some(Value::Text(finish(&text[..end]))))
}
