//! From names to oids and back: what `regclass` and its kin do.
//!
//! Finds only what is pinned, so a name that the user may not know of does not exist here either.

use std::collections::HashMap;
use std::ops::Deref;
use std::sync::OnceLock;

use lakeport_base::{TableName, quote_ident};

use crate::error::Error;
use crate::fixed::{
    Function, PG_CATALOG, functions_by_name, system_relation, system_relation_by_oid, system_schemas,
};
use crate::identifier::parts;
use crate::oids::{Object, ObjectKind, hashed};
use crate::pinned::{Pinned, Relation, RoleInfo};
use crate::relations::KeyOf;

/// The names in a catalog.
#[derive(Debug)]
pub(crate) struct Names<P> {
    pinned: P,
    /// Where keys are, built when first asked for.
    keys: OnceLock<Keys>,
}

/// Where a key is: positions of its table in `relations` and of itself in the table's keys.
type Place = (usize, usize);

/// Where keys are.
#[derive(Debug, Default)]
struct Keys {
    by_oid: HashMap<u32, Place>,
    by_index: HashMap<u32, Place>,
    /// Those with an index, by its name, in whatever schema.
    by_name: HashMap<String, Vec<Place>>,
}

/// A relation that was found.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Found<'a> {
    pub(crate) oid: u32,
    pub(crate) schema: &'a str,
    pub(crate) name: &'a str,
}

/// The oid of the database.
pub(crate) fn database_oid(pinned: &Pinned) -> u32 {
    hashed(&Object { kind: ObjectKind::Database, schema: "", name: &pinned.database })
}

impl<P: Deref<Target = Pinned>> Names<P> {
    /// The names in `pinned`. Costs nothing until asked.
    pub(crate) fn new(pinned: P) -> Self {
        Self { pinned, keys: OnceLock::new() }
    }

    /// What the names are of.
    pub(crate) fn pinned(&self) -> &Pinned {
        &self.pinned
    }

    /// The relation with this oid, if it is one of the lake's.
    pub(crate) fn relation(&self, oid: u32) -> Option<&Relation> {
        self.pinned.relations.with_oid(oid)
    }

    /// The relation with this oid, of the lake or of the system.
    pub(crate) fn relation_by_oid(&self, oid: u32) -> Option<Found<'_>> {
        if let Some(relation) = system_relation_by_oid(oid) {
            return Some(Found { oid, schema: relation.schema, name: relation.name });
        }
        if let Some(KeyOf { table, key }) = self.index(oid) {
            return Some(Found { oid, schema: &table.name.schema, name: &key.name });
        }
        let relation = self.relation(oid)?;
        Some(Found { oid, schema: &relation.name.schema, name: &relation.name.name })
    }

    /// The key with this oid in `pg_constraint`.
    pub(crate) fn constraint(&self, oid: u32) -> Option<KeyOf<'_>> {
        self.keys().by_oid.get(&oid).map(|place| self.key_at(*place))
    }

    /// The key whose index has this oid.
    pub(crate) fn index(&self, oid: u32) -> Option<KeyOf<'_>> {
        self.keys().by_index.get(&oid).map(|place| self.key_at(*place))
    }

    fn key_at(&self, (table, key): Place) -> KeyOf<'_> {
        let table = &self.pinned.relations[table];
        KeyOf { table, key: &table.keys[key] }
    }

    fn keys(&self) -> &Keys {
        self.keys.get_or_init(|| {
            let mut keys = Keys::default();
            for (table, relation) in self.pinned.relations.iter().enumerate() {
                for (position, key) in relation.keys.iter().enumerate() {
                    keys.by_oid.insert(key.oid, (table, position));
                    if let Some(index) = key.index() {
                        keys.by_index.insert(index, (table, position));
                        keys.by_name.entry(key.name.clone()).or_default().push((table, position));
                    }
                }
            }
            keys
        })
    }

    /// The relation with this name in this schema.
    pub(crate) fn relation_in(&self, schema: &str, name: &str) -> Option<Found<'_>> {
        if let Some(relation) = system_relation(schema, name) {
            return Some(Found { oid: relation.oid, schema: relation.schema, name: relation.name });
        }
        let relations = &self.pinned.relations;
        let order = |relation: &Relation| {
            (relation.name.schema.as_str(), relation.name.name.as_str()).cmp(&(schema, name))
        };
        if let Ok(position) = relations.binary_search_by(order) {
            let TableName { schema, name } = &relations[position].name;
            return Some(Found { oid: relations[position].oid, schema, name });
        }
        let mut namesakes = self.keys().by_name.get(name)?.iter().map(|place| self.key_at(*place));
        let KeyOf { table, key } = namesakes.find(|of| of.table.name.schema == schema)?;
        Some(Found { oid: key.index()?, schema: &table.name.schema, name: &key.name })
    }

    /// The relation that this text names, as `regclass` reads it.
    ///
    /// # Errors
    ///
    /// Where there is none, or the text is no name.
    pub(crate) fn relation_named(&self, text: &str) -> Result<Found<'_>, Error> {
        let unknown = || Error::UnknownRelation { name: parts(text).unwrap_or_default().join(".") };
        let mut parts = parts(text)?;
        if let [.., schema, _] = parts.as_mut_slice()
            && schema == "pg_temp"
            && let Some(own) = &self.pinned.temp_schema
        {
            schema.clone_from(own);
        }
        match parts.as_slice() {
            [name] => {
                let mut path = self.pinned.search_path.iter();
                path.find_map(|schema| self.relation_in(schema, name)).ok_or_else(unknown)
            }
            [schema, name] => {
                self.schema_named(schema)?;
                self.relation_in(schema, name).ok_or_else(unknown)
            }
            [database, schema, name] => {
                if *database != self.pinned.database {
                    return Err(Error::OtherDatabase { name: format!("{database}.{schema}.{name}") });
                }
                self.schema_named(schema)?;
                self.relation_in(schema, name).ok_or_else(unknown)
            }
            _ => Err(Error::TooManyNames { name: text.to_owned() }),
        }
    }

    /// Whether a bare name finds this relation and no other before it.
    pub(crate) fn is_visible(&self, relation: &Found<'_>) -> bool {
        for schema in &self.pinned.search_path {
            if schema == relation.schema {
                return true;
            }
            if self.relation_in(schema, relation.name).is_some() {
                return false;
            }
        }
        false
    }

    /// The oid of a schema.
    ///
    /// # Errors
    ///
    /// Where there is none of this name.
    pub(crate) fn schema_named(&self, name: &str) -> Result<u32, Error> {
        let system = system_schemas().iter().find(|(_, own)| *own == name).map(|(oid, _)| *oid);
        let schema =
            || self.pinned.schemas.iter().find(|schema| schema.name == name).map(|schema| schema.oid);
        system.or_else(schema).ok_or_else(|| Error::UnknownSchema { name: name.to_owned() })
    }

    /// The name of a schema.
    pub(crate) fn schema_by_oid(&self, oid: u32) -> Option<&str> {
        if let Some((_, name)) = system_schemas().iter().find(|(own, _)| *own == oid) {
            return Some(name);
        }
        self.pinned.schemas.iter().find(|schema| schema.oid == oid).map(|schema| schema.name.as_str())
    }

    /// Whether bare names are looked up in this schema.
    pub(crate) fn is_on_path(&self, schema: u32) -> bool {
        let name = self.schema_by_oid(schema);
        schema == PG_CATALOG || self.pinned.search_path.iter().any(|own| Some(own.as_str()) == name)
    }

    /// How a relation's name is written: with its schema where it needs one.
    pub(crate) fn written(&self, relation: &Found<'_>) -> String {
        if self.is_visible(relation) {
            quote_ident(relation.name)
        } else {
            format!("{}.{}", quote_ident(relation.schema), quote_ident(relation.name))
        }
    }

    /// How a function's name is written: bare where that finds it and no other.
    pub(crate) fn written_function(&self, function: &Function) -> String {
        let namesakes =
            functions_by_name(function.name).filter(|other| self.is_on_path(other.schema)).count();
        if namesakes == 1 && self.is_on_path(function.schema) {
            return quote_ident(function.name);
        }
        self.qualified(function.schema, function.name)
    }

    /// A name with its schema in front.
    pub(crate) fn qualified(&self, schema: u32, name: &str) -> String {
        format!("{}.{}", quote_ident(self.schema_by_oid(schema).unwrap_or_default()), quote_ident(name))
    }

    /// The only function with this name.
    ///
    /// # Errors
    ///
    /// Where there is none, or more than one.
    pub(crate) fn function_named(&self, text: &str) -> Result<&'static Function, Error> {
        let mut found = self.functions_named(text)?.into_iter();
        let first = found.next().ok_or_else(|| Error::UnknownFunction { name: text.to_owned() })?;
        if found.next().is_some() {
            return Err(Error::AmbiguousFunction { name: text.to_owned() });
        }
        Ok(first)
    }

    /// The functions with this name, bare or with a schema.
    ///
    /// # Errors
    ///
    /// Where the text is no name, or there is no such schema.
    pub(crate) fn functions_named(&self, text: &str) -> Result<Vec<&'static Function>, Error> {
        Ok(match parts(text)?.as_slice() {
            [name] => functions_by_name(name).filter(|function| self.is_on_path(function.schema)).collect(),
            [schema, name] => {
                let schema = self.schema_named(schema)?;
                functions_by_name(name).filter(|function| function.schema == schema).collect()
            }
            _ => return Err(Error::TooManyNames { name: text.to_owned() }),
        })
    }

    /// A role by its name.
    pub(crate) fn role(&self, name: &str) -> Option<&RoleInfo> {
        self.pinned.roles.iter().find(|role| role.name == name)
    }

    /// A role by its oid.
    pub(crate) fn role_by_oid(&self, oid: u32) -> Option<&RoleInfo> {
        self.pinned.roles.iter().find(|role| role.oid == oid)
    }

    /// The name of a role, as `pg_get_userbyid` gives it.
    pub(crate) fn role_name(&self, oid: u32) -> String {
        self.role_by_oid(oid).map_or_else(|| format!("unknown (OID={oid})"), |role| role.name.clone())
    }

    /// The oid of a role; the first superuser's where there is no such role.
    pub(crate) fn role_oid(&self, name: &str) -> u32 {
        self.role(name).map_or_else(|| self.superuser_oid(), |role| role.oid)
    }

    /// The oid of the first superuser, to whom everything belongs that has no owner; PostgreSQL's own
    /// number for one where there is none.
    pub(crate) fn superuser_oid(&self) -> u32 {
        self.pinned.roles.iter().find(|role| role.superuser).map_or(10, |role| role.oid)
    }
}
