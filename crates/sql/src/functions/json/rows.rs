//! JSON as rows: its elements, its members, the names of its members.

use lakeport_base::SqlState;

use super::inside::as_answer;
use crate::error::{Error, Result};
use crate::functions::defined::{Definition, giving, immutable};
use crate::functions::sets::Returns;
use crate::types::PgType;
use crate::value::json_tree::Json;
use crate::value::read::Value;

const JSON: PgType = PgType::JSON;
const JSONB: PgType = PgType::JSONB;
const TEXT: PgType = PgType::TEXT;

macro_rules! rows {
    ($($name:literal $takes:ident, $returns:expr, $body:expr;)*) => {
        &[$(immutable($name, &[giving(&[$takes], $returns, |values, _| match values {
            [Value::Text(text)] => $body(text, $name).map(Some),
            _ => Ok(None),
        })]),)*]
    };
}

pub(super) const FUNCTIONS: &[Definition] = rows! {
    "json_array_elements" JSON, Returns::Rows(JSON), |text, name| elements(text, name, JSON);
    "json_array_elements_text" JSON, Returns::Rows(TEXT), |text, name| elements(text, name, TEXT);
    "jsonb_array_elements" JSONB, Returns::Rows(JSONB), |text, name| elements(text, name, JSONB);
    "jsonb_array_elements_text" JSONB, Returns::Rows(TEXT), |text, name| elements(text, name, TEXT);
    "json_each" JSON, Returns::Table(&[("key", TEXT), ("value", JSON)]), |text, name| members(text, name, JSON);
    "json_each_text" JSON, Returns::Table(&[("key", TEXT), ("value", TEXT)]), |text, name| members(text, name, TEXT);
    "jsonb_each" JSONB, Returns::Table(&[("key", TEXT), ("value", JSONB)]), |text, name| members(text, name, JSONB);
    "jsonb_each_text" JSONB, Returns::Table(&[("key", TEXT), ("value", TEXT)]), |text, name| members(text, name, TEXT);
    "json_object_keys" JSON, Returns::Rows(TEXT), keys;
    "jsonb_object_keys" JSONB, Returns::Rows(TEXT), keys;
};

fn refused(message: String) -> Error {
    Error::new(SqlState::INVALID_PARAMETER_VALUE, message)
}

fn elements(text: &str, _name: &str, answer: PgType) -> Result<Value> {
    match Json::read(text)? {
        Json::Array(elements) => {
            Ok(Value::List(elements.iter().map(|(text, element)| as_answer(text, element, answer)).collect()))
        }
        Json::Object(_) => Err(refused("cannot extract elements from an object".to_owned())),
        _ => Err(refused("cannot extract elements from a scalar".to_owned())),
    }
}

fn kind(json: &Json<'_>) -> &'static str {
    if matches!(json, Json::Array(_)) { "an array" } else { "a scalar" }
}

/// The members: of json as they are written, of jsonb in its order and each name once.
fn members(text: &str, name: &str, answer: PgType) -> Result<Value> {
    let json = Json::read(text)?;
    let Json::Object(members) = &json else {
        return Err(refused(match name.starts_with("jsonb") {
            true => format!("cannot call {name} on a non-object"),
            false if matches!(json, Json::Array(_)) => "cannot deconstruct an array as an object".to_owned(),
            false => "cannot deconstruct a scalar".to_owned(),
        }));
    };
    let row = |name: &str, text: &str, value: &Json<'_>| {
        Some(Value::List(vec![Some(Value::Text(name.to_owned())), as_answer(text, value, answer)]))
    };
    let rows = if name.starts_with("jsonb") {
        json.ordered().into_iter().map(|(name, value)| row(name, &value.jsonb(), value)).collect()
    } else {
        members.iter().map(|(name, text, value)| row(name, text, value)).collect()
    };
    Ok(Value::List(rows))
}

fn keys(text: &str, name: &str) -> Result<Value> {
    let json = Json::read(text)?;
    let Json::Object(members) = &json else {
        return Err(refused(format!("cannot call {name} on {}", kind(&json))));
    };
    let text = |name: &str| Some(Value::Text(name.to_owned()));
    Ok(Value::List(if name.starts_with("jsonb") {
        json.ordered().into_iter().map(|(name, _)| text(name)).collect()
    } else {
        members.iter().map(|(name, ..)| text(name)).collect()
    }))
}
