//! JSON made of other JSON: set, inserted, deleted, joined, without nulls, pretty; and objects of texts.
//!
//! Source: PostgreSQL's `jsonfuncs.c`.

use lakeport_base::SqlState;

use crate::error::{Error, Result};
use crate::functions::defined::{Definition, immutable, taking};
use crate::types::PgType;
use crate::value::Style;
use crate::value::json_tree::Json;
use crate::value::read::Value;

const JSON: PgType = PgType::JSON;
const JSONB: PgType = PgType::JSONB;
const TEXT: PgType = PgType::TEXT;
const TEXTS: PgType = PgType::TEXT_ARRAY;
const BOOL: PgType = PgType::BOOL;

pub(super) const FUNCTIONS: &[Definition] = &[
    immutable(
        "jsonb_set",
        &[
            taking(&[JSONB, TEXTS, JSONB], JSONB, |values, _| placed(values, Place::Set)),
            taking(&[JSONB, TEXTS, JSONB, BOOL], JSONB, |values, _| placed(values, Place::Set)),
        ],
    ),
    immutable(
        "jsonb_insert",
        &[
            taking(&[JSONB, TEXTS, JSONB], JSONB, |values, _| placed(values, Place::Insert)),
            taking(&[JSONB, TEXTS, JSONB, BOOL], JSONB, |values, _| placed(values, Place::Insert)),
        ],
    ),
    immutable("jsonb_concat", &[taking(&[JSONB, JSONB], JSONB, joined)]),
    immutable(
        "jsonb_delete",
        &[
            taking(&[JSONB, TEXT], JSONB, without),
            taking(&[JSONB, PgType::INT4], JSONB, without),
            taking(&[JSONB, TEXTS], JSONB, without),
        ],
    ),
    immutable(
        "jsonb_delete_path",
        &[taking(&[JSONB, TEXTS], JSONB, |values, _| placed(values, Place::Delete))],
    ),
    immutable(
        "json_strip_nulls",
        &[taking(&[JSON], JSON, |values, _| {
            let [Value::Text(text)] = values else { return Ok(None) };
            let mut out = Vec::new();
            stripped(&Json::read(text)?).write_compact(&mut out);
            Ok(Some(Value::Text(String::from_utf8_lossy(&out).into_owned())))
        })],
    ),
    immutable(
        "jsonb_strip_nulls",
        &[taking(&[JSONB], JSONB, |values, _| match values {
            [Value::Text(text)] => Ok(Some(Value::Text(stripped(&Json::read(text)?).jsonb()))),
            _ => Ok(None),
        })],
    ),
    immutable(
        "jsonb_pretty",
        &[taking(&[JSONB], TEXT, |values, _| match values {
            [Value::Text(text)] => {
                let mut out = String::new();
                pretty(&Json::read(text)?, 0, &mut out);
                Ok(Some(Value::Text(out)))
            }
            _ => Ok(None),
        })],
    ),
    immutable("json_object", &[taking(&[TEXTS], JSON, object_of), taking(&[TEXTS, TEXTS], JSON, object_of)]),
    immutable(
        "jsonb_object",
        &[taking(&[TEXTS], JSONB, ordered_object), taking(&[TEXTS, TEXTS], JSONB, ordered_object)],
    ),
];

fn refused(message: impl Into<String>) -> Error {
    Error::new(SqlState::INVALID_PARAMETER_VALUE, message)
}

/// What is done at the end of a path.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Place {
    Set,
    Insert,
    Delete,
}

/// What a change is about.
struct Change<'t> {
    place: Place,
    new: Option<Json<'t>>,
    /// Of `jsonb_set`, whether what is missing is made; of `jsonb_insert`, whether it goes behind.
    flag: bool,
}

fn placed(values: &[Value], place: Place) -> Result<Option<Value>> {
    let [Value::Text(target), Value::List(steps), rest @ ..] = values else { return Ok(None) };
    let new = match rest.first() {
        Some(Value::Text(new)) => Some(Json::read(new)?),
        _ => None,
    };
    let flag = match rest.get(1) {
        Some(Value::Bool(flag)) => *flag,
        _ => place == Place::Set,
    };
    let steps: Vec<&str> = steps
        .iter()
        .enumerate()
        .map(|(index, step)| match step {
            Some(Value::Text(step)) => Ok(step.as_str()),
            _ => {
                let message = format!("path element at position {} is null", index + 1);
                Err(Error::new(SqlState::NULL_VALUE_NOT_ALLOWED, message))
            }
        })
        .collect::<Result<_>>()?;
    let mut json = Json::read(target)?;
    if !matches!(json, Json::Array(_) | Json::Object(_)) {
        return Err(refused(match place {
            Place::Delete => "cannot delete path in scalar",
            Place::Set | Place::Insert => "cannot set path in scalar",
        }));
    }
    if !steps.is_empty() {
        changed(&mut json, &steps, 1, &Change { place, new, flag })?;
    }
    Ok(Some(Value::Text(json.jsonb())))
}

fn changed<'t>(json: &mut Json<'t>, steps: &[&str], depth: usize, change: &Change<'t>) -> Result<()> {
    let Some((step, deeper)) = steps.split_first() else { return Ok(()) };
    match json {
        Json::Object(members) => {
            let own = members.iter().rposition(|(name, ..)| name == step);
            match (own, deeper.is_empty(), change.place) {
                (Some(own), false, _) => changed(&mut members[own].2, deeper, depth + 1, change)?,
                (Some(_), true, Place::Delete) => members.retain(|(name, ..)| name != step),
                (Some(_), true, Place::Insert) => {
                    return Err(refused("cannot replace existing key")
                        .with_hint("Try using the function jsonb_set to replace key value."));
                }
                (Some(own), true, Place::Set) => members[own].2 = change.value(),
                (None, true, Place::Set) if change.flag => {
                    members.push(((*step).to_owned(), "", change.value()));
                }
                (None, true, Place::Insert) => members.push(((*step).to_owned(), "", change.value())),
                (None, ..) => {}
            }
            Ok(())
        }
        Json::Array(elements) => {
            let index: i64 = step.trim().parse().map_err(|_| {
                let message = format!("path element at position {depth} is not an integer: \"{step}\"");
                Error::new(SqlState::INVALID_TEXT_REPRESENTATION, message)
            })?;
            let count = elements.len() as i64;
            let place = if index < 0 { index + count } else { index };
            let inside = usize::try_from(place).ok().filter(|place| *place < elements.len());
            match (inside, deeper.is_empty(), change.place) {
                (Some(own), false, _) => changed(&mut elements[own].1, deeper, depth + 1, change)?,
                (Some(own), true, Place::Delete) => drop(elements.remove(own)),
                (Some(own), true, Place::Set) => elements[own].1 = change.value(),
                (Some(own), true, Place::Insert) => {
                    elements.insert(own + usize::from(change.flag), ("", change.value()));
                }
                (None, true, Place::Insert) => {
                    elements.insert(if place < 0 { 0 } else { elements.len() }, ("", change.value()));
                }
                (None, true, Place::Set) if change.flag => {
                    elements.insert(if place < 0 { 0 } else { elements.len() }, ("", change.value()));
                }
                (None, ..) => {}
            }
            Ok(())
        }
        _ => Ok(()),
    }
}

impl<'t> Change<'t> {
    fn value(&self) -> Json<'t> {
        self.new.clone().unwrap_or(Json::Null)
    }
}

fn joined(values: &[Value], _style: &Style) -> Result<Option<Value>> {
    let [Value::Text(left), Value::Text(right)] = values else { return Ok(None) };
    let elements = |json| match json {
        Json::Array(elements) => elements,
        other => vec![("", other)],
    };
    let made = match (Json::read(left)?, Json::read(right)?) {
        (Json::Object(mut own), Json::Object(others)) => {
            own.extend(others);
            Json::Object(own)
        }
        (left, right) => {
            let mut all = elements(left);
            all.extend(elements(right));
            Json::Array(all)
        }
    };
    Ok(Some(Value::Text(made.jsonb())))
}

fn without(values: &[Value], _style: &Style) -> Result<Option<Value>> {
    let [Value::Text(text), gone] = values else { return Ok(None) };
    let mut json = Json::read(text)?;
    if let Value::Int4(index) = gone {
        match &mut json {
            Json::Array(elements) => {
                let index = i64::from(*index);
                let place = if index < 0 { index + elements.len() as i64 } else { index };
                if let Some(place) = usize::try_from(place).ok().filter(|place| *place < elements.len()) {
                    elements.remove(place);
                }
            }
            Json::Object(_) => return Err(refused("cannot delete from object using integer index")),
            _ => return Err(refused("cannot delete from scalar")),
        }
        return Ok(Some(Value::Text(json.jsonb())));
    }
    let gone: Vec<&str> = match gone {
        Value::Text(name) => vec![name],
        Value::List(names) => names
            .iter()
            .filter_map(|name| match name {
                Some(Value::Text(name)) => Some(name.as_str()),
                _ => None,
            })
            .collect(),
        _ => Vec::new(),
    };
    match &mut json {
        Json::Object(members) => members.retain(|(name, ..)| !gone.contains(&name.as_str())),
        Json::Array(elements) => {
            elements
                .retain(|(_, element)| !matches!(element, Json::Text(text) if gone.contains(&text.as_str())));
        }
        _ => return Err(refused("cannot delete from scalar")),
    }
    Ok(Some(Value::Text(json.jsonb())))
}

/// Without the members that are null, at any depth.
fn stripped<'t>(json: &Json<'t>) -> Json<'t> {
    match json {
        Json::Object(members) => Json::Object(
            members
                .iter()
                .filter(|(_, _, value)| *value != Json::Null)
                .map(|(name, _, value)| (name.clone(), "", stripped(value)))
                .collect(),
        ),
        Json::Array(elements) => {
            Json::Array(elements.iter().map(|(_, element)| ("", stripped(element))).collect())
        }
        other => other.clone(),
    }
}

fn pretty(json: &Json<'_>, depth: usize, out: &mut String) {
    const INDENT: &str = "    ";
    let line = |depth: usize, out: &mut String| {
        out.push('\n');
        out.push_str(&INDENT.repeat(depth));
    };
    match json {
        Json::Array(elements) => {
            out.push('[');
            for (index, (_, element)) in elements.iter().enumerate() {
                out.push_str(if index > 0 { "," } else { "" });
                line(depth + 1, out);
                pretty(element, depth + 1, out);
            }
            line(depth, out);
            out.push(']');
        }
        Json::Object(_) => {
            out.push('{');
            for (index, (name, value)) in json.ordered().into_iter().enumerate() {
                out.push_str(if index > 0 { "," } else { "" });
                line(depth + 1, out);
                out.push_str(&Json::Text(name.to_owned()).jsonb());
                out.push_str(": ");
                pretty(value, depth + 1, out);
            }
            line(depth, out);
            out.push('}');
        }
        other => out.push_str(&other.jsonb()),
    }
}

/// An object of names and texts, which stand in one array by turns, or in two.
fn object_of(values: &[Value], _style: &Style) -> Result<Option<Value>> {
    let subscript = |message: &str| Error::new(SqlState::ARRAY_SUBSCRIPT_ERROR, message);
    let pairs: Vec<(&Option<Value>, &Option<Value>)> = match values {
        [Value::List(all)] if all.len() % 2 == 1 => {
            return Err(subscript("array must have even number of elements"));
        }
        [Value::List(all)] => all.chunks(2).map(|pair| (&pair[0], &pair[1])).collect(),
        [Value::List(names), Value::List(texts)] if names.len() != texts.len() => {
            return Err(subscript("mismatched array dimensions"));
        }
        [Value::List(names), Value::List(texts)] => names.iter().zip(texts).collect(),
        _ => return Ok(None),
    };
    let mut members = Vec::with_capacity(pairs.len());
    for (name, text) in pairs {
        let Some(Value::Text(name)) = name else {
            return Err(Error::new(
                SqlState::NULL_VALUE_NOT_ALLOWED,
                "null value not allowed for object key",
            ));
        };
        let text = match text {
            Some(Value::Text(text)) => Json::Text(text.clone()),
            _ => Json::Null,
        };
        members.push(format!("{} : {}", Json::Text(name.clone()).jsonb(), text.jsonb()));
    }
    Ok(Some(Value::Text(format!("{{{}}}", members.join(", ")))))
}

fn ordered_object(values: &[Value], style: &Style) -> Result<Option<Value>> {
    match object_of(values, style)? {
        Some(Value::Text(text)) => Ok(Some(Value::Text(Json::read(&text)?.jsonb()))),
        other => Ok(other),
    }
}
