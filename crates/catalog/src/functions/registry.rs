//! Names to oids and back: `format_type`, `to_regclass`, and the input and output of the `reg` types, which
//! casts call.

use lakeport_base::quote_ident;
use lakeport_sql::types::PgType;

use super::call::Parameter::{Int, Object, Oid};
use super::call::{Catalog, Definition, lenient, oid, strict};
use crate::cell::Cell;
use crate::error::Error;
use crate::fixed::{Function, file_rows, function_by_oid, type_by_oid};
use crate::type_name::{signature, type_named, written};

pub(super) const FUNCTIONS: &[Definition] = &[
    lenient("format_type", &[&[Oid, Int]], PgType::TEXT, format_type),
    strict("pg_get_userbyid", &[&[Oid]], PgType::NAME, pg_get_userbyid),
    strict("regclassin", &[&[Object]], PgType::REGCLASS, |catalog, arguments| {
        reference(catalog, &arguments[0], relation)
    }),
    strict("regclassout", &[&[Oid]], PgType::TEXT, regclassout),
    strict("regtypein", &[&[Object]], PgType::REGTYPE, |catalog, arguments| {
        reference(catalog, &arguments[0], a_type)
    }),
    strict("regtypeout", &[&[Oid]], PgType::TEXT, regtypeout),
    strict("regprocin", &[&[Object]], PgType::REGPROC, |catalog, arguments| {
        reference(catalog, &arguments[0], function)
    }),
    strict("regprocout", &[&[Oid]], PgType::TEXT, regprocout),
    strict("regprocedurein", &[&[Object]], PgType::REGPROCEDURE, |catalog, arguments| {
        reference(catalog, &arguments[0], procedure)
    }),
    strict("regprocedureout", &[&[Oid]], PgType::TEXT, regprocedureout),
    strict("regnamespacein", &[&[Object]], PgType::REGNAMESPACE, |catalog, arguments| {
        reference(catalog, &arguments[0], schema)
    }),
    strict("regnamespaceout", &[&[Oid]], PgType::TEXT, regnamespaceout),
    strict("regrolein", &[&[Object]], PgType::REGROLE, |catalog, arguments| {
        reference(catalog, &arguments[0], role)
    }),
    strict("regroleout", &[&[Oid]], PgType::TEXT, regroleout),
    strict("regoperin", &[&[Object]], PgType::REGOPER, |catalog, arguments| {
        reference(catalog, &arguments[0], operator)
    }),
    strict("regoperout", &[&[Oid]], PgType::TEXT, regoperout),
    strict("regoperatorin", &[&[Object]], PgType::REGOPERATOR, |catalog, arguments| {
        reference(catalog, &arguments[0], operator_of_types)
    }),
    strict("regoperatorout", &[&[Oid]], PgType::TEXT, regoperatorout),
    strict("regcollationin", &[&[Object]], PgType::REGCOLLATION, |catalog, arguments| {
        reference(catalog, &arguments[0], collation)
    }),
    strict("regcollationout", &[&[Oid]], PgType::TEXT, regcollationout),
    strict("to_regclass", &[&[Object]], PgType::REGCLASS, |catalog, arguments| {
        lookup(catalog, arguments, relation)
    }),
    strict("to_regtype", &[&[Object]], PgType::REGTYPE, |catalog, arguments| {
        lookup(catalog, arguments, a_type)
    }),
    strict("to_regproc", &[&[Object]], PgType::REGPROC, |catalog, arguments| {
        lookup(catalog, arguments, function)
    }),
    strict("to_regprocedure", &[&[Object]], PgType::REGPROCEDURE, |catalog, arguments| {
        lookup(catalog, arguments, procedure)
    }),
    strict("to_regnamespace", &[&[Object]], PgType::REGNAMESPACE, |catalog, arguments| {
        lookup(catalog, arguments, schema)
    }),
    strict("to_regrole", &[&[Object]], PgType::REGROLE, |catalog, arguments| {
        lookup(catalog, arguments, role)
    }),
    strict("to_regoper", &[&[Object]], PgType::REGOPER, |catalog, arguments| {
        lookup(catalog, arguments, operator)
    }),
    strict("to_regoperator", &[&[Object]], PgType::REGOPERATOR, |catalog, arguments| {
        lookup(catalog, arguments, operator_of_types)
    }),
    strict("to_regcollation", &[&[Object]], PgType::REGCOLLATION, |catalog, arguments| {
        lookup(catalog, arguments, collation)
    }),
];

/// Where the rows of `pg_operator` have the types of an operator's operands: `oprleft` and `oprright`.
const LEFT: usize = 7;
const RIGHT: usize = 8;

type Find = fn(&Catalog, &str) -> Result<u32, Error>;

/// What a cast to a `reg` type does: numbers pass, `-` is 0, everything else is a name.
fn reference(catalog: &Catalog, argument: &Cell<'_>, find: Find) -> Result<Cell<'static>, Error> {
    let number = match argument {
        Cell::Text(text) if text == "-" => 0,
        Cell::Text(text) if text.is_empty() || !text.bytes().all(|byte| byte.is_ascii_digit()) => {
            find(catalog, text)?
        }
        other => oid(other)?,
    };
    Ok(number.into())
}

/// What `to_regclass` and its kin do: NULL for a name that is not there. A number is no name to them.
///
/// Text that is no name at all is an error, as in PostgreSQL.
fn lookup(catalog: &Catalog, arguments: &[Cell<'_>], find: Find) -> Result<Cell<'static>, Error> {
    match reference(catalog, &arguments[0], find) {
        Ok(found) => Ok(found),
        Err(error @ (Error::InvalidName | Error::TooManyNames { .. } | Error::OtherDatabase { .. })) => {
            Err(error)
        }
        Err(_) => Ok(Cell::Null),
    }
}

/// A relation's oid, from what a caller gave as `regclass`: a name or an oid.
pub(super) fn relation_oid(catalog: &Catalog, argument: &Cell<'_>) -> Result<u32, Error> {
    Ok(reference(catalog, argument, relation)?.int().unwrap_or(0) as u32)
}

fn relation(catalog: &Catalog, text: &str) -> Result<u32, Error> {
    Ok(catalog.relation_named(text)?.oid)
}

fn a_type(catalog: &Catalog, text: &str) -> Result<u32, Error> {
    Ok(type_named(catalog, text)?.oid)
}

fn function(catalog: &Catalog, text: &str) -> Result<u32, Error> {
    Ok(catalog.function_named(text)?.oid)
}

fn procedure(catalog: &Catalog, text: &str) -> Result<u32, Error> {
    let (name, types) = signature(catalog, text)?;
    let found = catalog.functions_named(&name)?.into_iter().find(|function| function.argument_types == types);
    found.map(|function| function.oid).ok_or_else(|| Error::UnknownFunction { name: text.to_owned() })
}

fn schema(catalog: &Catalog, text: &str) -> Result<u32, Error> {
    catalog.schema_named(&single(text)?)
}

fn role(catalog: &Catalog, text: &str) -> Result<u32, Error> {
    let name = single(text)?;
    catalog.role(&name).map(|role| role.oid).ok_or(Error::UnknownRole { name })
}

/// A name of one part: schemas and roles are in no schema.
fn single(text: &str) -> Result<String, Error> {
    let mut parts = crate::identifier::parts(text)?;
    match (parts.pop(), parts.is_empty()) {
        (Some(name), true) => Ok(name),
        _ => Err(Error::InvalidName),
    }
}

fn operator(_: &Catalog, text: &str) -> Result<u32, Error> {
    let name = text.strip_prefix("pg_catalog.").unwrap_or(text);
    let mut found = file_rows("pg_operator").filter(|row| row[1] == name).map(|row| row[0]);
    match (found.next(), found.next()) {
        (Some(number), None) => oid(&Cell::from(number)),
        (None, _) => Err(Error::UnknownOperator { name: text.to_owned() }),
        (Some(_), Some(_)) => Err(Error::AmbiguousOperator { name: text.to_owned() }),
    }
}

/// An operator by its name and the types of its operands, `NONE` for one that is not there.
fn operator_of_types(catalog: &Catalog, text: &str) -> Result<u32, Error> {
    let unknown = || Error::UnknownOperator { name: text.to_owned() };
    let (name, types) =
        text.trim().strip_suffix(')').and_then(|text| text.split_once('(')).ok_or_else(unknown)?;
    let name = name.trim();
    let name = name.strip_prefix("pg_catalog.").unwrap_or(name);
    let (left, right) = types.split_once(',').ok_or_else(unknown)?;
    let operand = |text: &str| match text.trim() {
        none if none.eq_ignore_ascii_case("none") => Ok("0".to_owned()),
        text => Ok::<_, Error>(type_named(catalog, text)?.oid.to_string()),
    };
    let (left, right) = (operand(left)?, operand(right)?);
    let found =
        file_rows("pg_operator").find(|row| row[1] == name && row[LEFT] == left && row[RIGHT] == right);
    oid(&Cell::from(found.ok_or_else(unknown)?[0]))
}

fn collation(_: &Catalog, text: &str) -> Result<u32, Error> {
    let parts = crate::identifier::parts(text)?;
    let name = match parts.as_slice() {
        [name] => name,
        [schema, name] if schema == "pg_catalog" => name,
        _ => return Err(Error::UnknownObject { kind: "collation", name: text.to_owned() }),
    };
    let found = file_rows("pg_collation").find(|row| row[1] == name);
    let row = found.ok_or_else(|| Error::UnknownObject { kind: "collation", name: text.to_owned() })?;
    oid(&Cell::from(row[0]))
}

fn format_type(catalog: &Catalog, arguments: &[Cell<'_>]) -> Result<Cell<'static>, Error> {
    if arguments[0] == Cell::Null {
        return Ok(Cell::Null);
    }
    let typmod = arguments[1].int().map(|typmod| typmod as i32);
    Ok(written(catalog, oid(&arguments[0])?, typmod).into())
}

fn pg_get_userbyid(catalog: &Catalog, arguments: &[Cell<'_>]) -> Result<Cell<'static>, Error> {
    Ok(catalog.role_name(oid(&arguments[0])?).into())
}

/// `-` for 0, a name for what is there, the number for what is not.
fn output(number: u32, name: Option<String>) -> Cell<'static> {
    if number == 0 { "-".into() } else { name.unwrap_or_else(|| number.to_string()).into() }
}

fn regclassout(catalog: &Catalog, arguments: &[Cell<'_>]) -> Result<Cell<'static>, Error> {
    let number = oid(&arguments[0])?;
    Ok(output(number, catalog.relation_by_oid(number).map(|found| catalog.written(&found))))
}

fn regtypeout(catalog: &Catalog, arguments: &[Cell<'_>]) -> Result<Cell<'static>, Error> {
    let number = oid(&arguments[0])?;
    Ok(output(number, type_by_oid(number).map(|row| written(catalog, row.oid, None))))
}

fn regprocout(catalog: &Catalog, arguments: &[Cell<'_>]) -> Result<Cell<'static>, Error> {
    let number = oid(&arguments[0])?;
    Ok(output(number, function_by_oid(number).map(|function| catalog.written_function(function))))
}

fn regprocedureout(catalog: &Catalog, arguments: &[Cell<'_>]) -> Result<Cell<'static>, Error> {
    let number = oid(&arguments[0])?;
    let text = |function: &Function| {
        let name = if catalog.is_on_path(function.schema) {
            quote_ident(function.name)
        } else {
            catalog.qualified(function.schema, function.name)
        };
        let types: Vec<String> =
            function.argument_types.iter().map(|oid| written(catalog, *oid, None)).collect();
        format!("{name}({})", types.join(","))
    };
    Ok(output(number, function_by_oid(number).map(text)))
}

fn regnamespaceout(catalog: &Catalog, arguments: &[Cell<'_>]) -> Result<Cell<'static>, Error> {
    let number = oid(&arguments[0])?;
    Ok(output(number, catalog.schema_by_oid(number).map(quote_ident)))
}

fn regroleout(catalog: &Catalog, arguments: &[Cell<'_>]) -> Result<Cell<'static>, Error> {
    let number = oid(&arguments[0])?;
    Ok(output(number, catalog.role_by_oid(number).map(|role| quote_ident(&role.name))))
}

fn regoperout(_: &Catalog, arguments: &[Cell<'_>]) -> Result<Cell<'static>, Error> {
    let number = oid(&arguments[0])?;
    let digits = number.to_string();
    let name = file_rows("pg_operator").find(|row| row[0] == digits).map(|row| row[1]);
    let namesakes = file_rows("pg_operator").filter(|row| Some(row[1]) == name).count();
    let text = name.map(|name| if namesakes == 1 { name.to_owned() } else { format!("pg_catalog.{name}") });
    Ok(if number == 0 { "0".into() } else { output(number, text) })
}

fn regoperatorout(catalog: &Catalog, arguments: &[Cell<'_>]) -> Result<Cell<'static>, Error> {
    let number = oid(&arguments[0])?;
    let digits = number.to_string();
    let operand = |text: &str| match text.parse() {
        Ok(0) | Err(_) => "NONE".to_owned(),
        Ok(oid) => written(catalog, oid, None),
    };
    let text = file_rows("pg_operator")
        .find(|row| row[0] == digits)
        .map(|row| format!("{}({},{})", row[1], operand(row[LEFT]), operand(row[RIGHT])));
    Ok(if number == 0 { "0".into() } else { output(number, text) })
}

fn regcollationout(_: &Catalog, arguments: &[Cell<'_>]) -> Result<Cell<'static>, Error> {
    let number = oid(&arguments[0])?;
    let digits = number.to_string();
    Ok(output(number, file_rows("pg_collation").find(|row| row[0] == digits).map(|row| quote_ident(row[1]))))
}
