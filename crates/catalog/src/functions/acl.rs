//! Access lists: `aclexplode`, `acldefault`, `makeaclitem`.
//!
//! Source: PostgreSQL's `acl.c`. An item reads `grantee=privileges/grantor`, a star behind a privilege that may be
//! handed on.

use lakeport_base::quote_ident;
use lakeport_sql::types::PgType;

use super::call::Parameter::{Bool, Oid, Text, Texts};
use super::call::{Catalog, Definition, Returns, giving, oid, strict};
use crate::cell::Cell;
use crate::error::Error;

pub(super) const FUNCTIONS: &[Definition] = &[
    giving(
        "aclexplode",
        &[&[Texts]],
        Returns::Table(&[
            ("grantor", PgType::OID),
            ("grantee", PgType::OID),
            ("privilege_type", PgType::TEXT),
            ("is_grantable", PgType::BOOL),
        ]),
        aclexplode,
    ),
    strict("acldefault", &[&[Text, Oid]], PgType::ACLITEM_ARRAY, acldefault),
    strict("makeaclitem", &[&[Oid, Oid, Text, Bool]], PgType::ACLITEM, makeaclitem),
];

/// The letters of the privileges, in the order of their bits.
const PRIVILEGES: [(char, &str); 14] = [
    ('a', "INSERT"),
    ('r', "SELECT"),
    ('w', "UPDATE"),
    ('d', "DELETE"),
    ('D', "TRUNCATE"),
    ('x', "REFERENCES"),
    ('t', "TRIGGER"),
    ('X', "EXECUTE"),
    ('U', "USAGE"),
    ('C', "CREATE"),
    ('T', "TEMPORARY"),
    ('c', "CONNECT"),
    ('s', "SET"),
    ('A', "ALTER SYSTEM"),
];

fn aclexplode(catalog: &Catalog, arguments: &[Cell<'_>]) -> Result<Cell<'static>, Error> {
    let Cell::List(items) = &arguments[0] else { return Ok(Cell::Null) };
    let mut rows = Vec::new();
    for item in items.iter().filter_map(Cell::text) {
        let malformed = || Error::InvalidText { type_name: "aclitem", value: item.to_owned() };
        let (grantee, rest) = item.split_once('=').ok_or_else(malformed)?;
        let (letters, grantor) = rest.split_once('/').ok_or_else(malformed)?;
        let (grantor, grantee) = (role(catalog, grantor)?, role(catalog, grantee)?);
        for (letter, name) in PRIVILEGES {
            let Some((_, behind)) = letters.split_once(letter) else { continue };
            let is_grantable = behind.starts_with('*');
            rows.push(Cell::List(vec![grantor.into(), grantee.into(), name.into(), is_grantable.into()]));
        }
    }
    Ok(Cell::List(rows))
}

/// A role's oid; 0 for everybody.
fn role(catalog: &Catalog, name: &str) -> Result<u32, Error> {
    let name = name.trim_matches('"');
    if name.is_empty() {
        return Ok(0);
    }
    let unknown = || Error::UnknownRole { name: name.to_owned() };
    catalog.role(name).map(|role| role.oid).ok_or_else(unknown)
}

/// What an object of a kind has when nobody has granted anything.
fn acldefault(catalog: &Catalog, arguments: &[Cell<'_>]) -> Result<Cell<'static>, Error> {
    let kind = arguments[0].text().unwrap_or_default();
    let (everybody, owner) = match kind.chars().next() {
        Some('c') => ("", ""),
        Some('r') => ("", "arwdDxt"),
        Some('s') => ("", "rwU"),
        Some('d') => ("Tc", "CTc"),
        Some('f') => ("X", "X"),
        Some('l' | 'T') => ("U", "U"),
        Some('L') => ("", "rw"),
        Some('n') => ("", "UC"),
        Some('p') => ("", "sA"),
        Some('t') => ("", "C"),
        Some('F' | 'S') => ("", "U"),
        _ => return Err(Error::UnknownObjectKind { letter: kind.to_owned() }),
    };
    let name = quote_ident(&catalog.role_name(oid(&arguments[1])?));
    let mut items: Vec<String> = Vec::new();
    if !everybody.is_empty() {
        items.push(format!("={everybody}/{name}"));
    }
    if !owner.is_empty() {
        items.push(format!("{name}={owner}/{name}"));
    }
    Ok(items.into())
}

fn makeaclitem(catalog: &Catalog, arguments: &[Cell<'_>]) -> Result<Cell<'static>, Error> {
    let name = |cell: &Cell<'_>| -> Result<String, Error> {
        Ok(match oid(cell)? {
            0 => String::new(),
            number => quote_ident(&catalog.role_name(number)),
        })
    };
    let star = if arguments[3] == Cell::Bool(true) { "*" } else { "" };
    let wanted: Vec<&str> = arguments[2].text().unwrap_or_default().split(',').map(str::trim).collect();
    for privilege in &wanted {
        if !PRIVILEGES.iter().any(|(_, own)| own.eq_ignore_ascii_case(privilege)) {
            return Err(Error::UnknownPrivilege { name: (*privilege).to_owned() });
        }
    }
    let letters: String = PRIVILEGES
        .iter()
        .filter(|(_, own)| wanted.iter().any(|privilege| own.eq_ignore_ascii_case(privilege)))
        .map(|(letter, _)| format!("{letter}{star}"))
        .collect();
    Ok(format!("{}={letters}/{}", name(&arguments[0])?, name(&arguments[1])?).into())
}
