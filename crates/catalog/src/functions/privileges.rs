//! What a role may do: `has_table_privilege` and its kin.
//!
//! What is pinned is what the user may read, so whatever is found may be read. Nothing can be written. What
//! other roles may do is not pinned: for a superuser it is the same, for others the answer is NULL.

use lakeport_sql::types::PgType;

use super::call::Parameter::{Object, Text};
use super::call::{Catalog, Definition, oid, strict};
use crate::cell::Cell;
use crate::error::Error;
use crate::fixed::{file_rows, function_by_oid, type_by_oid};
use crate::names::database_oid;
use crate::pinned::RoleInfo;
use crate::type_name::{signature, type_named};

pub(super) const FUNCTIONS: &[Definition] = &[
    strict("has_table_privilege", NAMED, PgType::BOOL, has_table_privilege),
    strict("has_any_column_privilege", NAMED, PgType::BOOL, has_any_column_privilege),
    strict(
        "has_column_privilege",
        &[&[Object, Object, Text], &[Object, Object, Object, Text]],
        PgType::BOOL,
        has_column_privilege,
    ),
    strict("has_schema_privilege", NAMED, PgType::BOOL, has_schema_privilege),
    strict("has_database_privilege", NAMED, PgType::BOOL, has_database_privilege),
    strict("has_function_privilege", NAMED, PgType::BOOL, has_function_privilege),
    strict("has_type_privilege", NAMED, PgType::BOOL, has_type_privilege),
    strict("has_language_privilege", NAMED, PgType::BOOL, has_language_privilege),
    strict("has_tablespace_privilege", NAMED, PgType::BOOL, has_tablespace_privilege),
    strict("has_sequence_privilege", NAMED, PgType::BOOL, has_sequence_privilege),
    strict("has_server_privilege", NAMED, PgType::BOOL, |catalog, arguments| {
        absent(catalog, arguments, "server")
    }),
    strict("has_foreign_data_wrapper_privilege", NAMED, PgType::BOOL, |catalog, arguments| {
        absent(catalog, arguments, "foreign-data wrapper")
    }),
    strict("has_parameter_privilege", NAMED, PgType::BOOL, has_parameter_privilege),
    strict("pg_has_role", NAMED, PgType::BOOL, pg_has_role),
];

/// With and without the role in front.
const NAMED: &[&[super::call::Parameter]] = &[&[Object, Text], &[Object, Object, Text]];

/// Whose privileges are asked for.
enum Who<'a> {
    /// The one who asks, or another superuser beside a superuser: what is pinned is theirs too.
    Asker,
    /// Everybody: `public`.
    Public,
    /// Another role.
    Other(&'a RoleInfo),
}

/// The role in front of the other arguments, where there is one more than `own`.
fn who<'a, 'b, 'c>(
    catalog: &'a Catalog,
    arguments: &'b [Cell<'c>],
    own: usize,
) -> Result<(Who<'a>, &'b [Cell<'c>]), Error> {
    if arguments.len() == own {
        return Ok((Who::Asker, arguments));
    }
    let pinned = catalog.pinned();
    let role = match &arguments[0] {
        Cell::Text(name) if name == "public" => return Ok((Who::Public, &arguments[1..])),
        Cell::Text(name) => {
            if *name == pinned.user {
                return Ok((Who::Asker, &arguments[1..]));
            }
            catalog.role(name).ok_or_else(|| Error::UnknownRole { name: name.to_string() })?
        }
        other => {
            let number = oid(other)?;
            let unknown = || Error::UnknownRoleOid { oid: number };
            catalog.role_by_oid(number).ok_or_else(unknown)?
        }
    };
    let same = role.name == pinned.user || (role.superuser && pinned.superuser);
    Ok((if same { Who::Asker } else { Who::Other(role) }, &arguments[1..]))
}

impl Who<'_> {
    /// What these may do where the asker may do `held`.
    fn may(&self, held: bool) -> Cell<'static> {
        match self {
            Self::Asker => held.into(),
            // Grants name roles, so nothing is granted to everybody.
            Self::Public => false.into(),
            // A superuser may read what anybody may; of others nothing is known here.
            Self::Other(role) if role.superuser => held.into(),
            Self::Other(_) => Cell::Null,
        }
    }
}

/// Whether one of the privileges in a list such as `select, insert` is held.
///
/// # Errors
///
/// Where one is none that this kind of thing has.
fn any_held(list: &Cell<'_>, known: &[&str], held: &[&str]) -> Result<bool, Error> {
    let mut any = false;
    for written in list.text().unwrap_or_default().split(',') {
        let name = written.trim().to_ascii_uppercase();
        let plain = name.strip_suffix(" WITH GRANT OPTION");
        if !known.contains(&plain.unwrap_or(&name)) {
            return Err(Error::UnknownPrivilege { name: written.trim().to_owned() });
        }
        // Rights are handed on in the config, never with GRANT.
        any |= plain.is_none() && held.contains(&name.as_str());
    }
    Ok(any)
}

const ON_TABLES: &[&str] =
    &["SELECT", "INSERT", "UPDATE", "DELETE", "TRUNCATE", "REFERENCES", "TRIGGER", "RULE"];
const ON_COLUMNS: &[&str] = &["SELECT", "INSERT", "UPDATE", "REFERENCES"];

fn has_table_privilege(catalog: &Catalog, arguments: &[Cell<'_>]) -> Result<Cell<'static>, Error> {
    on_relation(catalog, arguments, ON_TABLES)
}

fn has_any_column_privilege(catalog: &Catalog, arguments: &[Cell<'_>]) -> Result<Cell<'static>, Error> {
    on_relation(catalog, arguments, ON_COLUMNS)
}

fn on_relation(catalog: &Catalog, arguments: &[Cell<'_>], known: &[&str]) -> Result<Cell<'static>, Error> {
    let (who, arguments) = who(catalog, arguments, 2)?;
    let number = named_or_oid(&arguments[0], |text| Ok(catalog.relation_named(text)?.oid))?;
    let held = any_held(&arguments[1], known, held_on(catalog, number))?;
    Ok(if catalog.relation_by_oid(number).is_some() { who.may(held) } else { Cell::Null })
}

/// What may be done with a relation that may be read.
fn held_on(catalog: &Catalog, oid: u32) -> &'static [&'static str] {
    let is_temp = catalog.relation_by_oid(oid).is_some_and(|found| catalog.pinned().is_temp(found.schema));
    if is_temp { &["SELECT", "INSERT", "UPDATE", "DELETE", "TRUNCATE"] } else { &["SELECT"] }
}

/// Whoever may read a table may read all its columns, so which column is not looked at: to know whether it
/// exists, the table would have to be opened.
fn has_column_privilege(catalog: &Catalog, arguments: &[Cell<'_>]) -> Result<Cell<'static>, Error> {
    let (who, arguments) = who(catalog, arguments, 3)?;
    let held = any_held(&arguments[2], ON_COLUMNS, &["SELECT"])?;
    let number = named_or_oid(&arguments[0], |text| Ok(catalog.relation_named(text)?.oid))?;
    Ok(if catalog.relation_by_oid(number).is_some() { who.may(held) } else { Cell::Null })
}

fn has_schema_privilege(catalog: &Catalog, arguments: &[Cell<'_>]) -> Result<Cell<'static>, Error> {
    let (who, arguments) = who(catalog, arguments, 2)?;
    let held = any_held(&arguments[1], &["CREATE", "USAGE"], &["USAGE"])?;
    let number = named_or_oid(&arguments[0], |text| catalog.schema_named(text))?;
    Ok(if catalog.schema_by_oid(number).is_some() { who.may(held) } else { Cell::Null })
}

fn has_database_privilege(catalog: &Catalog, arguments: &[Cell<'_>]) -> Result<Cell<'static>, Error> {
    let (who, arguments) = who(catalog, arguments, 2)?;
    let held = any_held(
        &arguments[1],
        &["CREATE", "CONNECT", "TEMPORARY", "TEMP"],
        &["CONNECT", "TEMPORARY", "TEMP"],
    )?;
    let own = database_oid(catalog.pinned());
    let number = named_or_oid(&arguments[0], |text| {
        let unknown = || Error::UnknownDatabase { name: text.to_owned() };
        (text == catalog.pinned().database).then_some(own).ok_or_else(unknown)
    })?;
    Ok(if number == own { who.may(held) } else { Cell::Null })
}

fn has_function_privilege(catalog: &Catalog, arguments: &[Cell<'_>]) -> Result<Cell<'static>, Error> {
    let (_, arguments) = who(catalog, arguments, 2)?;
    let held = any_held(&arguments[1], &["EXECUTE"], &["EXECUTE"])?;
    let number = named_or_oid(&arguments[0], |text| {
        let (name, types) = signature(catalog, text)?;
        let found =
            catalog.functions_named(&name)?.into_iter().find(|function| function.argument_types == types);
        found.map(|function| function.oid).ok_or_else(|| Error::UnknownFunction { name: text.to_owned() })
    })?;
    // Functions and types may be used by everybody.
    Ok(function_by_oid(number).map(|_| held).into())
}

fn has_type_privilege(catalog: &Catalog, arguments: &[Cell<'_>]) -> Result<Cell<'static>, Error> {
    let (_, arguments) = who(catalog, arguments, 2)?;
    let held = any_held(&arguments[1], &["USAGE"], &["USAGE"])?;
    let number = named_or_oid(&arguments[0], |text| Ok(type_named(catalog, text)?.oid))?;
    Ok(type_by_oid(number).map(|_| held).into())
}

fn has_language_privilege(catalog: &Catalog, arguments: &[Cell<'_>]) -> Result<Cell<'static>, Error> {
    let (_, arguments) = who(catalog, arguments, 2)?;
    any_held(&arguments[1], &["USAGE"], &[])?;
    in_file(&arguments[0], "pg_language", "language")
}

fn has_tablespace_privilege(catalog: &Catalog, arguments: &[Cell<'_>]) -> Result<Cell<'static>, Error> {
    let (_, arguments) = who(catalog, arguments, 2)?;
    any_held(&arguments[1], &["CREATE"], &[])?;
    in_file(&arguments[0], "pg_tablespace", "tablespace")
}

/// Settings are the session's own, so that no privilege is granted on them; a superuser needs none. None is changed for
/// others with ALTER SYSTEM.
fn has_parameter_privilege(catalog: &Catalog, arguments: &[Cell<'_>]) -> Result<Cell<'static>, Error> {
    let (who, arguments) = who(catalog, arguments, 2)?;
    let held = any_held(&arguments[1], &["SET", "ALTER SYSTEM"], &["SET"])?;
    Ok(match who {
        Who::Asker => (held && catalog.pinned().superuser).into(),
        Who::Other(role) => (held && role.superuser).into(),
        Who::Public => false.into(),
    })
}

/// No sequence exists, so a name is only ever the wrong kind of thing.
fn has_sequence_privilege(catalog: &Catalog, arguments: &[Cell<'_>]) -> Result<Cell<'static>, Error> {
    let (_, arguments) = who(catalog, arguments, 2)?;
    any_held(&arguments[1], &["USAGE", "SELECT", "UPDATE"], &[])?;
    let number = named_or_oid(&arguments[0], |text| Ok(catalog.relation_named(text)?.oid))?;
    match catalog.relation_by_oid(number) {
        Some(found) => Err(Error::NotASequence { name: found.name.to_owned() }),
        None => Ok(Cell::Null),
    }
}

/// For things of which PostgreSQL's own exist, and on which nobody can do anything here.
fn in_file(argument: &Cell<'_>, relation: &str, kind: &'static str) -> Result<Cell<'static>, Error> {
    let number = named_or_oid(argument, |text| {
        let row = file_rows(relation).find(|row| row[1] == text);
        let row = row.ok_or_else(|| Error::UnknownObject { kind, name: text.to_owned() })?;
        oid(&Cell::from(row[0]))
    })?;
    let digits = number.to_string();
    Ok(file_rows(relation).any(|row| row[0] == digits).then_some(false).into())
}

/// For things of which there are none.
fn absent(catalog: &Catalog, arguments: &[Cell<'_>], kind: &'static str) -> Result<Cell<'static>, Error> {
    let (_, arguments) = who(catalog, arguments, 2)?;
    match &arguments[0] {
        Cell::Text(name) => Err(Error::UnknownObject { kind, name: name.to_string() }),
        _ => Ok(Cell::Null),
    }
}

/// Whether a role has another, directly or through others.
fn pg_has_role(catalog: &Catalog, arguments: &[Cell<'_>]) -> Result<Cell<'static>, Error> {
    let pinned = catalog.pinned();
    let role = |cell: &Cell<'_>| match cell {
        Cell::Text(name) => catalog.role(name).ok_or_else(|| Error::UnknownRole { name: name.to_string() }),
        other => {
            let number = oid(other)?;
            catalog.role_by_oid(number).ok_or(Error::UnknownRoleOid { oid: number })
        }
    };
    let (member, rest) = if arguments.len() == 3 {
        (Some(role(&arguments[0])?), &arguments[1..])
    } else {
        (catalog.role(&pinned.user), arguments)
    };
    any_held(&rest[1], &["MEMBER", "USAGE"], &[])?;
    let wanted = role(&rest[0])?;
    let mut known: Vec<&str> = member.map(|role| role.name.as_str()).into_iter().collect();
    let mut next = 0;
    while let Some(name) = known.get(next).copied() {
        for other in catalog.role(name).into_iter().flat_map(|role| &role.member_of) {
            if !known.contains(&other.as_str()) {
                known.push(other);
            }
        }
        next += 1;
    }
    Ok((member.is_some_and(|role| role.superuser) || known.contains(&wanted.name.as_str())).into())
}

fn named_or_oid(argument: &Cell<'_>, named: impl Fn(&str) -> Result<u32, Error>) -> Result<u32, Error> {
    match argument {
        Cell::Text(text) => named(text),
        other => oid(other),
    }
}
