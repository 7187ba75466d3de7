//! What people should know of an object: `obj_description` and its kin.

use lakeport_sql::types::PgType;

use super::call::Parameter::{Oid, Text};
use super::call::{Catalog, Definition, oid, strict};
use crate::cell::Cell;
use crate::error::Error;

pub(super) const FUNCTIONS: &[Definition] = &[
    strict("obj_description", &[&[Oid], &[Oid, Text]], PgType::TEXT, obj_description),
    strict("shobj_description", &[&[Oid, Text]], PgType::TEXT, |_, _| Ok(Cell::Null)),
];

fn obj_description(catalog: &Catalog, arguments: &[Cell<'_>]) -> Result<Cell<'static>, Error> {
    let number = oid(&arguments[0])?;
    let class = arguments.get(1).and_then(Cell::text);
    let mut description = None;
    if class.is_none_or(|class| class == "pg_class") {
        description = catalog.relation(number).and_then(|relation| relation.description.clone());
    }
    if description.is_none() && class.is_none_or(|class| class == "pg_namespace") {
        let schema = catalog.pinned().schemas.iter().find(|schema| schema.oid == number);
        description = schema.and_then(|schema| schema.description.clone());
    }
    Ok(description.into())
}
