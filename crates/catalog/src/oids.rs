//! Numbers for things that only have names.
//!
//! Clients keep oids between two connections, so an object's oid is computed from its name and not handed
//! out in turn: the same catalog gives the same oids, on every machine and after every restart.

use std::collections::HashSet;

/// The first oid that PostgreSQL gives to a user's object (`FirstNormalObjectId`).
const FIRST: u32 = 16_384;

/// One above the last. Some clients keep an oid in a signed number.
const END: u32 = 1 << 31;

/// What kind of thing has a name.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum ObjectKind {
    /// A database.
    Database,
    /// A role or user.
    Role,
    /// A schema.
    Schema,
    /// A table or view.
    Relation,
    /// The index of a key; its schema and its name.
    Index,
    /// A key; its schema, and the table's name and its own with a NUL between them.
    Constraint,
}

/// A thing that needs an oid.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Object<'a> {
    /// What it is.
    pub kind: ObjectKind,
    /// The schema it is in; empty for what is in none.
    pub schema: &'a str,
    /// Its name.
    pub name: &'a str,
}

/// One oid for each of `objects`, in the order given; no two are the same.
///
/// Which oid an object gets depends on the set of objects, not on their order. To keep oids the same for
/// all users, hand in the whole catalog and not what one user may see. Where two names hash to the same
/// number, the later one by kind, schema and name takes the next free one.
pub fn assign_oids(objects: &[Object<'_>]) -> Vec<u32> {
    assign_by(objects, hashed)
}

fn assign_by(objects: &[Object<'_>], hash: impl Fn(&Object<'_>) -> u32) -> Vec<u32> {
    let mut order: Vec<usize> = (0..objects.len()).collect();
    order.sort_by_key(|index| objects[*index]);
    let mut oids = vec![0; objects.len()];
    let mut taken = HashSet::with_capacity(objects.len());
    for index in order {
        let mut oid = hash(&objects[index]);
        while !taken.insert(oid) {
            oid = if oid + 1 == END { FIRST } else { oid + 1 };
        }
        oids[index] = oid;
    }
    oids
}

/// The oid that an object has if it is alone.
pub fn hashed(object: &Object<'_>) -> u32 {
    // FNV-1a: short, and its numbers will not change under us as std's may.
    // Source: <http://www.isthe.com/chongo/tech/comp/fnv/>
    let mut hash: u64 = 0xcbf2_9ce4_8422_2325;
    let kind = [object.kind as u8];
    for byte in kind.iter().chain(object.schema.as_bytes()).chain(&[0]).chain(object.name.as_bytes()) {
        hash = (hash ^ u64::from(*byte)).wrapping_mul(0x0100_0000_01b3);
    }
    FIRST + (hash % u64::from(END - FIRST)) as u32
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use super::{END, FIRST, Object, ObjectKind, assign_by, assign_oids, hashed};

    fn table(name: &str) -> Object<'_> {
        Object { kind: ObjectKind::Relation, schema: "sales", name }
    }

    #[test]
    fn an_oid_does_not_change_with_a_restart() {
        // Written down once: a change of these numbers is a change for every client that kept them.
        assert_eq!(assign_oids(&[table("orders")]), [hashed(&table("orders"))]);
        assert_eq!(hashed(&table("orders")), 1_693_621_275);
    }

    #[test]
    fn the_order_of_the_list_does_not_matter() {
        let forward = assign_oids(&[table("a"), table("b")]);
        let backward = assign_oids(&[table("b"), table("a")]);
        assert_eq!(forward, backward.into_iter().rev().collect::<Vec<_>>());
    }

    #[test]
    fn no_two_objects_share_an_oid() {
        let names: Vec<String> = (0..200_000).map(|number| format!("t{number}")).collect();
        let objects: Vec<Object<'_>> = names.iter().map(|name| table(name)).collect();
        let oids = assign_oids(&objects);
        assert!(oids.iter().all(|oid| (FIRST..END).contains(oid)));
        assert_eq!(oids.iter().collect::<HashSet<_>>().len(), oids.len());
    }

    #[test]
    fn objects_that_hash_alike_take_the_next_free_oid_by_name() {
        assert_eq!(assign_by(&[table("b"), table("a"), table("c")], |_| END - 2), [END - 1, END - 2, FIRST]);
    }

    #[test]
    fn a_schema_and_a_table_of_one_name_are_two_things() {
        let schema = Object { kind: ObjectKind::Schema, schema: "", name: "sales" };
        let relation = Object { kind: ObjectKind::Relation, schema: "", name: "sales" };
        assert_ne!(hashed(&schema), hashed(&relation));
    }
}
