//! Functions that a lake cannot answer, each refused with the code that PostgreSQL has for it.

use lakeport_sql::types::PgType;

use super::call::Parameter::{Bool, Int, Object};
use super::call::{Catalog, Definition, acting, strict};
use super::registry::relation_oid;
use crate::cell::Cell;
use crate::error::Error;

const BIG: PgType = PgType::INT8;

pub(super) const FUNCTIONS: &[Definition] = &[
    acting("nextval", &[&[Object]], BIG, no_sequence),
    acting("currval", &[&[Object]], BIG, no_sequence),
    acting("setval", &[&[Object, Int], &[Object, Int, Bool]], BIG, no_sequence),
    acting("lastval", &[&[]], BIG, |_, _| {
        Err(Error::NotInState { what: "lastval is not yet defined in this session" })
    }),
    acting("pg_export_snapshot", &[&[]], PgType::TEXT, |_, _| {
        Err(Error::Unsupported { what: "exporting a snapshot" })
    }),
    strict("pg_is_wal_replay_paused", &[&[]], PgType::BOOL, |_, _| {
        Err(Error::NotInState { what: "recovery is not in progress" })
    }),
];

/// There are no sequences: a name is unknown, or that of something else.
fn no_sequence(catalog: &Catalog, arguments: &[Cell<'_>]) -> Result<Cell<'static>, Error> {
    let number = relation_oid(catalog, &arguments[0])?;
    let name =
        catalog.relation_by_oid(number).map_or_else(|| number.to_string(), |found| found.name.to_owned());
    Err(Error::NotASequence { name })
}
