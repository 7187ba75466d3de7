//! What is in a JSON value: members, elements, paths, kinds, and what it contains.
//!
//! Source: PostgreSQL's `jsonfuncs.c` and `jsonb_op.c`.

use lakeport_base::SqlState;

use crate::error::{Error, Result};
use crate::functions::defined::{Definition, immutable, taking, taking_any};
use crate::types::PgType;
use crate::value::Style;
use crate::value::json_tree::Json;
use crate::value::read::Value;

const JSON: PgType = PgType::JSON;
const JSONB: PgType = PgType::JSONB;
const TEXT: PgType = PgType::TEXT;
const INT: PgType = PgType::INT4;
const BOOL: PgType = PgType::BOOL;

/// A function of one JSON value and a step into it, whose answer is JSON, jsonb or text.
macro_rules! steps {
    ($($name:literal $takes:expr, $step:ident, $answer:ident;)*) => {
        &[$(immutable($name, &[taking($takes, $answer, |values, _| stepped(values, $step, $answer))]),)*]
    };
}

const STEPS: &[Definition] = steps! {
    "json_object_field" &[JSON, TEXT], member, JSON;
    "json_object_field_text" &[JSON, TEXT], member, TEXT;
    "jsonb_object_field" &[JSONB, TEXT], member, JSONB;
    "jsonb_object_field_text" &[JSONB, TEXT], member, TEXT;
    "json_array_element" &[JSON, INT], element, JSON;
    "json_array_element_text" &[JSON, INT], element, TEXT;
    "jsonb_array_element" &[JSONB, INT], element, JSONB;
    "jsonb_array_element_text" &[JSONB, INT], element, TEXT;
};

macro_rules! paths {
    ($($name:literal $takes:expr, $answer:ident;)*) => {
        &[$(immutable($name, &[
            taking(&[$takes, PgType::TEXT_ARRAY], $answer, |values, _| stepped(values, path, $answer)),
            taking_any(&[$takes, TEXT], $answer, |values, _| stepped(values, path, $answer)),
        ]),)*]
    };
}

const PATHS: &[Definition] = paths! {
    "json_extract_path" JSON, JSON;
    "json_extract_path_text" JSON, TEXT;
    "jsonb_extract_path" JSONB, JSONB;
    "jsonb_extract_path_text" JSONB, TEXT;
};

const KINDS: &[Definition] = &[
    immutable("json_typeof", &[taking(&[JSON], TEXT, kind)]),
    immutable("jsonb_typeof", &[taking(&[JSONB], TEXT, kind)]),
    immutable("json_array_length", &[taking(&[JSON], INT, length)]),
    immutable("jsonb_array_length", &[taking(&[JSONB], INT, length)]),
    immutable("jsonb_contains", &[taking(&[JSONB, JSONB], BOOL, |values, _| contained(values, false))]),
    immutable("jsonb_contained", &[taking(&[JSONB, JSONB], BOOL, |values, _| contained(values, true))]),
    immutable("jsonb_exists", &[taking(&[JSONB, TEXT], BOOL, |values, _| exists(values, true))]),
    immutable(
        "jsonb_exists_any",
        &[taking(&[JSONB, PgType::TEXT_ARRAY], BOOL, |values, _| exists(values, false))],
    ),
    immutable(
        "jsonb_exists_all",
        &[taking(&[JSONB, PgType::TEXT_ARRAY], BOOL, |values, _| exists(values, true))],
    ),
];

/// The functions, by what they have in common.
pub(super) const TABLES: [&[Definition]; 3] = [STEPS, PATHS, KINDS];

type Step = for<'t, 'j> fn(&'j Json<'t>, &'t str, &[Value]) -> Option<(&'t str, &'j Json<'t>)>;

fn stepped(values: &[Value], step: Step, answer: PgType) -> Result<Option<Value>> {
    let [Value::Text(text), arguments @ ..] = values else { return Ok(None) };
    let json = Json::read(text)?;
    Ok(step(&json, text, arguments).and_then(|(text, found)| as_answer(text, found, answer)))
}

/// A part of a value as json, as jsonb, or as text: that of a text has no quotes, that of null is NULL.
pub(super) fn as_answer(text: &str, found: &Json<'_>, answer: PgType) -> Option<Value> {
    let text = match (answer, found) {
        (PgType::TEXT, Json::Null) => return None,
        (PgType::TEXT, Json::Text(text)) => text.clone(),
        (PgType::JSONB, _) => found.jsonb(),
        _ => text.to_owned(),
    };
    Some(Value::Text(text))
}

fn member<'t, 'j>(json: &'j Json<'t>, _: &'t str, arguments: &[Value]) -> Option<(&'t str, &'j Json<'t>)> {
    match arguments {
        [Value::Text(name)] => json.member(name),
        _ => None,
    }
}

fn element<'t, 'j>(json: &'j Json<'t>, _: &'t str, arguments: &[Value]) -> Option<(&'t str, &'j Json<'t>)> {
    match arguments {
        [Value::Int4(index)] => json.element(i64::from(*index)),
        _ => None,
    }
}

fn path<'t, 'j>(json: &'j Json<'t>, text: &'t str, arguments: &[Value]) -> Option<(&'t str, &'j Json<'t>)> {
    let mut steps: Vec<&str> = Vec::new();
    for argument in arguments {
        match argument {
            Value::Text(step) => steps.push(step),
            Value::List(list) => {
                for step in list {
                    match step {
                        Some(Value::Text(step)) => steps.push(step),
                        _ => return None,
                    }
                }
            }
            _ => return None,
        }
    }
    let mut found = (text, json);
    for step in steps {
        found = match found.1 {
            Json::Array(_) => found.1.element(step.trim().parse().ok()?)?,
            _ => found.1.member(step)?,
        };
    }
    Some(found)
}

fn kind(values: &[Value], _style: &Style) -> Result<Option<Value>> {
    let [Value::Text(text)] = values else { return Ok(None) };
    Ok(Some(Value::Text(Json::read(text)?.kind().to_owned())))
}

fn length(values: &[Value], _style: &Style) -> Result<Option<Value>> {
    let [Value::Text(text)] = values else { return Ok(None) };
    match Json::read(text)? {
        Json::Array(elements) => Ok(Some(Value::Int4(i32::try_from(elements.len()).unwrap_or(i32::MAX)))),
        other => {
            let what = if matches!(other, Json::Object(_)) { "non-array" } else { "scalar" };
            let message = format!("cannot get array length of a {what}");
            Err(Error::new(SqlState::INVALID_PARAMETER_VALUE, message))
        }
    }
}

fn contained(values: &[Value], is_swapped: bool) -> Result<Option<Value>> {
    let [Value::Text(left), Value::Text(right)] = values else { return Ok(None) };
    let (outer, inner) = if is_swapped { (right, left) } else { (left, right) };
    let (outer, inner) = (Json::read(outer)?, Json::read(inner)?);
    // An array contains a value that is no array and no object, on the outside only.
    let is_there = match (&outer, &inner) {
        (Json::Array(elements), Json::Null | Json::Bool(_) | Json::Number(_) | Json::Text(_)) => {
            elements.iter().any(|(_, element)| contains(element, &inner))
        }
        _ => contains(&outer, &inner),
    };
    Ok(Some(Value::Bool(is_there)))
}

fn contains(outer: &Json<'_>, inner: &Json<'_>) -> bool {
    match (outer, inner) {
        (Json::Object(_), Json::Object(members)) => members
            .iter()
            .all(|(name, _, value)| outer.member(name).is_some_and(|(_, own)| contains(own, value))),
        (Json::Array(own), Json::Array(elements)) => {
            elements.iter().all(|(_, element)| own.iter().any(|(_, own)| contains(own, element)))
        }
        (outer, inner) => is_equal(outer, inner),
    }
}

/// Whether two values without parts are the same: numbers by value.
fn is_equal(left: &Json<'_>, right: &Json<'_>) -> bool {
    match (left, right) {
        (Json::Number(_), Json::Number(_)) => {
            let shortest = |json: &Json<'_>| {
                let text = json.jsonb();
                match text.contains('.') {
                    true => text.trim_end_matches('0').trim_end_matches('.').to_owned(),
                    false => text,
                }
            };
            shortest(left) == shortest(right)
        }
        (left, right) => left == right,
    }
}

/// Whether texts are names of members, or texts in an array: all of them, or any.
fn exists(values: &[Value], wants_all: bool) -> Result<Option<Value>> {
    let [Value::Text(text), wanted] = values else { return Ok(None) };
    let json = Json::read(text)?;
    let is_there = |wanted: &Value| match (&json, wanted) {
        (Json::Object(members), Value::Text(wanted)) => members.iter().any(|(name, ..)| name == wanted),
        (Json::Array(elements), Value::Text(wanted)) => {
            elements.iter().any(|(_, element)| matches!(element, Json::Text(text) if text == wanted))
        }
        (Json::Text(text), Value::Text(wanted)) => text == wanted,
        _ => false,
    };
    let mut wanted = match wanted {
        Value::List(list) => list.iter().flatten().collect::<Vec<_>>(),
        other => vec![other],
    }
    .into_iter();
    Ok(Some(Value::Bool(if wants_all { wanted.all(is_there) } else { wanted.any(is_there) })))
}
