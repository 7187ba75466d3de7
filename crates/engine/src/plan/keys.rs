//! Declared keys as the catalog shows them: with oids, and only where the reader may see what they are of.

use std::collections::BTreeMap;

use lakeport_base::TableName;
use lakeport_catalog::{Key, KeyKind, Object, ObjectKind, assign_oids};
use lakeport_config::Settings;

use crate::open::Found;

/// The keys that the config declares of tables that are there. A view has none, even where its name had some.
pub(super) struct Declared<'a> {
    keys: Vec<(&'a TableName, &'a lakeport_config::Key)>,
    /// The table's name and the key's, which together tell one constraint of a schema from another.
    names: Vec<String>,
}

/// The keys of one relation, and whether others refer to it.
pub(super) type KeysOf = (Vec<Key>, bool);

impl<'a> Declared<'a> {
    /// The keys of those of `every` that are tables.
    pub(super) fn new(settings: &'a Settings, every: &[(TableName, Found)]) -> Self {
        let is_table = |name: &TableName| {
            let order = |(other, _): &(TableName, Found)| other.cmp(name);
            every.binary_search_by(order).is_ok_and(|at| matches!(every[at].1, Found::Table(_)))
        };
        let declaring = settings.tables.iter().filter(|(name, says)| !says.keys.is_empty() && is_table(name));
        let keys: Vec<_> =
            declaring.flat_map(|(name, says)| says.keys.iter().map(move |key| (name, key))).collect();
        let names = keys.iter().map(|(table, key)| format!("{}\0{}", table.name, key.name)).collect();
        Declared { keys, names }
    }

    pub(super) fn is_empty(&self) -> bool {
        self.keys.is_empty()
    }

    /// The indexes of the keys that have one, which need oids among the relations'.
    pub(super) fn indexes(&self) -> impl Iterator<Item = Object<'_>> {
        let with_index = self.keys.iter().filter(|(_, key)| !is_foreign(key));
        with_index.map(|(table, key)| Object {
            kind: ObjectKind::Index,
            schema: &table.schema,
            name: &key.name,
        })
    }

    /// The keys by table, as far as the reader sees their tables. `indexes` are the oids of [`Self::indexes`],
    /// and `seen` is the oid of a relation that the reader may see.
    pub(super) fn keys(
        &self,
        indexes: &[u32],
        seen: impl Fn(&TableName) -> Option<u32>,
    ) -> BTreeMap<TableName, KeysOf> {
        let objects: Vec<Object<'_>> = self
            .keys
            .iter()
            .zip(&self.names)
            .map(|((table, _), name)| Object { kind: ObjectKind::Constraint, schema: &table.schema, name })
            .collect();
        let mut indexes = indexes.iter();
        let mut keys: BTreeMap<TableName, KeysOf> = BTreeMap::new();
        for ((table, key), oid) in self.keys.iter().zip(assign_oids(&objects)) {
            let index = if is_foreign(key) { None } else { indexes.next().copied() };
            let Some(kind) = kind(&key.kind, index, &seen) else { continue };
            if seen(table).is_none() {
                continue;
            }
            if let lakeport_config::KeyKind::Foreign { references, .. } = &key.kind {
                keys.entry(references.clone()).or_default().1 = true;
            }
            let own = Key { oid, name: key.name.clone(), columns: key.columns.clone(), kind };
            keys.entry((*table).clone()).or_default().0.push(own);
        }
        keys
    }
}

/// What a key says; none for a foreign key on a table that the reader does not see.
fn kind(
    kind: &lakeport_config::KeyKind,
    index: Option<u32>,
    seen: impl Fn(&TableName) -> Option<u32>,
) -> Option<KeyKind> {
    Some(match kind {
        lakeport_config::KeyKind::Primary => KeyKind::Primary { index: index? },
        lakeport_config::KeyKind::Unique => KeyKind::Unique { index: index? },
        lakeport_config::KeyKind::Foreign { references, to, key } => {
            KeyKind::Foreign { relation: seen(references)?, columns: to.clone(), key: key.clone() }
        }
    })
}

fn is_foreign(key: &lakeport_config::Key) -> bool {
    matches!(key.kind, lakeport_config::KeyKind::Foreign { .. })
}
