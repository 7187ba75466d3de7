//! Relations whose oid is not the one that their name alone gives.
//!
//! Two names can hash to one number; then one of them has the next. Who that is takes the names of all relations, and
//! so a listing of every folder, which a query that reads one table does not make. Whoever has listed them all says
//! here what came out.

use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};

use lakeport_base::TableName;
use lakeport_catalog::{Object, ObjectKind, hashed};
use lakeport_sql::functions::next_transaction;

/// The relations whose oid is not the one that their name alone gives: hardly ever one.
#[derive(Debug, Default)]
pub(crate) struct Displaced {
    oids: Mutex<HashMap<TableName, u32>>,
    version: Mutex<Version>,
}

/// How often the list of relations has been another.
#[derive(Debug)]
struct Version {
    hash: u64,
    number: u32,
}

impl Default for Version {
    fn default() -> Self {
        Version { hash: 0, number: next_number() }
    }
}

impl Displaced {
    /// Takes note of the oids of all relations.
    pub(crate) fn learn<'a>(&self, all: impl Iterator<Item = ((&'a TableName, &'a Object<'a>), &'a u32)>) {
        let displaced = all
            .filter(|((_, object), oid)| hashed(object) != **oid)
            .map(|((name, _), oid)| (name.clone(), *oid))
            .collect();
        *self.oids.lock().unwrap_or_else(PoisonError::into_inner) = displaced;
    }

    /// Takes note of what there is, as a number that is another once that is.
    pub(crate) fn notice(&self, hash: u64) {
        let mut version = self.version.lock().unwrap_or_else(PoisonError::into_inner);
        if version.hash != hash {
            *version = Version { hash, number: next_number() };
        }
    }

    /// The number of the catalog that was last looked at.
    pub(crate) fn version(&self) -> u32 {
        self.version.lock().unwrap_or_else(PoisonError::into_inner).number
    }

    /// The oid of a relation.
    pub(crate) fn oid(&self, name: &TableName) -> u32 {
        let displaced = self.oids.lock().unwrap_or_else(PoisonError::into_inner);
        displaced.get(name).copied().unwrap_or_else(|| {
            hashed(&Object { kind: ObjectKind::Relation, schema: &name.schema, name: &name.name })
        })
    }
}

/// A number of a transaction, as if one had made the change: `age(xmin)` says how long ago that was.
fn next_number() -> u32 {
    u32::try_from(next_transaction()).unwrap_or(u32::MAX)
}

#[cfg(test)]
mod tests {
    use lakeport_base::TableName;
    use lakeport_catalog::{Object, ObjectKind, hashed};

    use super::Displaced;

    #[test]
    fn a_name_has_its_own_oid_until_another_is_known_to_have_it() {
        let (name, displaced) = (TableName::new("sales", "orders"), Displaced::default());
        let object = Object { kind: ObjectKind::Relation, schema: "sales", name: "orders" };
        assert_eq!(displaced.oid(&name), hashed(&object));
        displaced.learn([((&name, &object), &17_000)].into_iter());
        assert_eq!(displaced.oid(&name), 17_000);
        displaced.learn([((&name, &object), &hashed(&object))].into_iter());
        assert_eq!(displaced.oid(&name), hashed(&object));
    }
}
