//! From the names of types to their oids and back: `regtype` and `format_type`.

use lakeport_base::quote_ident;

use crate::error::Error;
use crate::fixed::{PG_CATALOG, TypeRow, type_by_name, type_by_oid};
use crate::identifier::{first, parts};
use crate::names::Names;
use crate::pinned::Pinned;

use std::ops::Deref;

/// What SQL's own grammar calls types that `pg_type` has under another name.
const SPELLINGS: [(&str, &str); 21] = [
    ("bigint", "int8"),
    ("bit varying", "varbit"),
    ("boolean", "bool"),
    ("char", "bpchar"),
    ("char varying", "varchar"),
    ("character", "bpchar"),
    ("character varying", "varchar"),
    ("dec", "numeric"),
    ("decimal", "numeric"),
    ("double precision", "float8"),
    ("float", "float8"),
    ("int", "int4"),
    ("integer", "int4"),
    ("nchar", "bpchar"),
    ("real", "float4"),
    ("smallint", "int2"),
    ("time with time zone", "timetz"),
    ("time without time zone", "time"),
    ("timestamp with time zone", "timestamptz"),
    ("timestamp without time zone", "timestamp"),
    ("national character", "bpchar"),
];

/// The type that this text names, as `regtype` reads it. Modifiers such as `(10, 2)` are read over.
///
/// # Errors
///
/// Where there is none, or the text is no name.
pub(crate) fn type_named<P: Deref<Target = Pinned>>(
    names: &Names<P>,
    text: &str,
) -> Result<&'static TypeRow, Error> {
    let unknown = || Error::UnknownType { name: text.to_owned() };
    let (text_of_element, dimensions) = without_brackets(text.trim());
    let (name, modifier) = without_modifier(text_of_element);
    let words = name.split_whitespace().collect::<Vec<_>>().join(" ").to_ascii_lowercase();
    let single = modifier.is_some_and(|digits| digits.trim().parse::<u32>().is_ok_and(|bits| bits <= 24));
    let row = if words == "float" && single {
        type_by_name(PG_CATALOG, "float4")
    } else if let Some((_, own)) = SPELLINGS.iter().find(|(spelling, _)| *spelling == words) {
        type_by_name(PG_CATALOG, own)
    } else {
        match parts(&name)?.as_slice() {
            [name] => {
                let mut path =
                    names.pinned().search_path.iter().filter_map(|schema| names.schema_named(schema).ok());
                path.find_map(|schema| type_by_name(schema, name)).or_else(|| type_by_name(PG_CATALOG, name))
            }
            [schema, name] => type_by_name(names.schema_named(schema)?, name),
            _ => None,
        }
    };
    let row = row.ok_or_else(unknown)?;
    if dimensions == 0 || row.is_array() { Ok(row) } else { type_by_oid(row.array).ok_or_else(unknown) }
}

/// The name before `[]`, and how many pairs of brackets there are.
fn without_brackets(text: &str) -> (&str, usize) {
    let mut rest = text;
    let mut dimensions = 0;
    while let Some(inside) = rest.strip_suffix(']') {
        let Some((before, digits)) = inside.rsplit_once('[') else { break };
        if !digits.trim().chars().all(|c| c.is_ascii_digit()) {
            break;
        }
        rest = before.trim_end();
        dimensions += 1;
    }
    (rest, dimensions)
}

/// The name without what stands in parentheses, which may be in the middle: `timestamp(3) with time zone`.
fn without_modifier(text: &str) -> (String, Option<&str>) {
    if text.starts_with('"') {
        return (text.to_owned(), None);
    }
    match text.split_once('(').and_then(|(before, rest)| Some((before, rest.split_once(')')?))) {
        Some((before, (modifier, after))) => (format!("{before} {after}").trim().to_owned(), Some(modifier)),
        None => (text.to_owned(), None),
    }
}

/// How a type reads in SQL, with its modifier where one is given.
///
/// Source: `format_type_extended` in PostgreSQL's `format_type.c`.
pub(crate) fn written<P: Deref<Target = Pinned>>(names: &Names<P>, oid: u32, typmod: Option<i32>) -> String {
    if oid == 0 {
        return "-".to_owned();
    }
    let Some(row) = type_by_oid(oid) else { return "???".to_owned() };
    if row.is_array() {
        return format!("{}[]", written(names, row.element, typmod));
    }
    let modifier = typmod.filter(|typmod| *typmod >= 0);
    match spelled(row, typmod.is_some(), modifier) {
        Some(text) => text,
        None => {
            let name = if names.is_on_path(row.schema) {
                quote_ident(row.name)
            } else {
                names.qualified(row.schema, row.name)
            };
            name + &modifier.map(|modifier| format!("({modifier})")).unwrap_or_default()
        }
    }
}

/// The types that SQL's grammar has words for.
fn spelled(row: &TypeRow, typmod_given: bool, modifier: Option<i32>) -> Option<String> {
    if row.schema != PG_CATALOG {
        return None;
    }
    let length = || modifier.map(|modifier| format!("({})", modifier - 4)).unwrap_or_default();
    let plain = || modifier.map(|modifier| format!("({modifier})")).unwrap_or_default();
    Some(match row.name {
        "bit" if modifier.is_none() && typmod_given => "\"bit\"".to_owned(),
        "bit" => format!("bit{}", plain()),
        "varbit" => format!("bit varying{}", plain()),
        "bool" => "boolean".to_owned(),
        // With the modifier said to be none it is not the `character` of SQL, which has length 1.
        "bpchar" if modifier.is_none() && typmod_given => "bpchar".to_owned(),
        "bpchar" => format!("character{}", length()),
        "varchar" => format!("character varying{}", length()),
        "float4" => "real".to_owned(),
        "float8" => "double precision".to_owned(),
        "int2" => "smallint".to_owned(),
        "int4" => "integer".to_owned(),
        "int8" => "bigint".to_owned(),
        "numeric" => match modifier.map(|modifier| modifier - 4) {
            // The scale is a signed number of 11 bits.
            Some(packed) => {
                format!("numeric({},{})", (packed >> 16) & 0xffff, ((packed & 0x7ff) ^ 1024) - 1024)
            }
            None => "numeric".to_owned(),
        },
        "interval" => format!("interval{}", interval_modifier(modifier)),
        "time" => format!("time{} without time zone", plain()),
        "timetz" => format!("time{} with time zone", plain()),
        "timestamp" => format!("timestamp{} without time zone", plain()),
        "timestamptz" => format!("timestamp{} with time zone", plain()),
        _ => return None,
    })
}

/// The precision of an interval's seconds. Which fields it has is never restricted here.
fn interval_modifier(modifier: Option<i32>) -> String {
    match modifier.map(|modifier| modifier & 0xffff) {
        None | Some(0xffff) => String::new(),
        Some(precision) => format!("({precision})"),
    }
}

/// The types in a list such as `(integer, text)`, and the name before it.
///
/// # Errors
///
/// Where the text has no such list, or there is no such type.
pub(crate) fn signature<P: Deref<Target = Pinned>>(
    names: &Names<P>,
    text: &str,
) -> Result<(String, Vec<u32>), Error> {
    let open = {
        // A parenthesis inside a quoted name does not begin the list.
        let mut rest = text.trim_start();
        loop {
            (_, rest) = first(rest)?;
            rest = rest.trim_start();
            match rest.strip_prefix('.') {
                Some(after) => rest = after.trim_start(),
                None => break text.len() - rest.len(),
            }
        }
    };
    let list = text[open..]
        .trim()
        .strip_prefix('(')
        .and_then(|list| list.strip_suffix(')'))
        .ok_or(Error::InvalidName)?;
    let mut oids = Vec::new();
    let mut depth = 0;
    let between = |c: char| {
        depth += i32::from(c == '(') - i32::from(c == ')');
        c == ',' && depth == 0
    };
    for name in list.split(between).filter(|_| !list.trim().is_empty()) {
        oids.push(type_named(names, name)?.oid);
    }
    Ok((text[..open].to_owned(), oids))
}
