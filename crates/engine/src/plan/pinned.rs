//! What pg_catalog and information_schema are made of for one statement.

use std::collections::BTreeMap;
use std::sync::Arc;

use arrow::datatypes::{Field, Schema, SchemaRef};
use async_trait::async_trait;
use datafusion::common::DataFusionError;
use futures::future::join_all;
use lakeport_base::{SqlState, TableName};
use lakeport_catalog::{Columns, Pinned, Relation, RelationKind, RoleInfo, SchemaInfo, oid};

use super::Planner;
use super::name::Resolved;
use crate::error::from_lake;
use crate::open::Found;
use crate::{Error, Result};

impl Planner {
    /// The catalog as the reader may see it. Unless `whole` is wanted, without its relations,
    /// so that a statement that asks for none lists no folder.
    pub(crate) async fn pinned(&self, whole: bool) -> Pinned {
        let schemas = self.opened.schemas();
        let relations = if whole { self.relations(&schemas).await } else { Vec::new() };
        let mut search_path: Vec<String> = vec!["pg_catalog".to_owned()];
        search_path.extend(self.search_path.iter().filter(|schema| schemas.contains(schema)).cloned());
        let describe = |schema: &String| self.opened.settings.schemas.get(schema).and_then(|s| s.description.clone());
        let visible = |schema: &&String| {
            self.reader.superuser || *schema == "public" || !whole || relations.iter().any(|r| r.name.schema == **schema)
        };
        let schemas = schemas
            .iter()
            .filter(visible)
            .map(|name| SchemaInfo { oid: oid::schema(name), name: name.clone(), description: describe(name) })
            .collect();
        Pinned {
            database: self.database.clone(),
            user: self.user.user.clone(),
            superuser: self.user.superuser,
            session: self.session,
            search_path,
            schemas,
            relations,
            roles: self.roles(),
            settings: self.settings.all(),
            columns: Arc::new(self.clone()),
        }
    }

    async fn relations(&self, schemas: &[String]) -> Vec<Relation> {
        let listed = join_all(schemas.iter().map(|schema| async {
            match self.readable_in(schema).await {
                Ok(relations) => relations,
                Err(error) => {
                    // A store that is away hides its own tables only.
                    tracing::warn!(schema, error = %error, "schema cannot be listed");
                    let mut named = self.opened.named(schema);
                    named.retain(|name, _| {
                        self.opened.access.may_read(&self.reader, &TableName::new(schema.as_str(), name.as_str()))
                    });
                    named
                }
            }
        }))
        .await;
        let mut relations = Vec::new();
        for (schema, found) in schemas.iter().zip(listed) {
            relations.extend(found.into_iter().map(|(name, found)| self.relation(schema, name, &found)));
        }
        oid::assign(&mut relations);
        relations
    }

    fn relation(&self, schema: &str, name: String, found: &Found) -> Relation {
        let name = TableName::new(schema, name);
        let says = self.opened.settings.tables.get(&name);
        let columns: BTreeMap<String, String> = says.map(|says| says.columns.clone()).unwrap_or_default();
        let (kind, owner, definition, description) = match found {
            Found::Table(_) => (RelationKind::Table, None, None, says.and_then(|says| says.description.clone())),
            Found::View(view) => {
                (RelationKind::View, view.owner.clone(), Some(view.text.clone()), view.description.clone())
            }
        };
        Relation {
            oid: 0,
            name,
            kind,
            owner: owner.unwrap_or_else(|| lakeport_catalog::OWNER.to_owned()),
            definition,
            description,
            column_descriptions: columns.into_iter().collect(),
        }
    }

    fn roles(&self) -> Vec<RoleInfo> {
        let settings = &self.opened.settings;
        let mut roles: BTreeMap<&str, RoleInfo> = BTreeMap::new();
        let mut add = |name: &'_ str, login: bool, superuser: bool, member_of: Vec<String>| RoleInfo {
            oid: oid::role(name),
            name: name.to_owned(),
            login,
            superuser,
            member_of,
        };
        roles.insert(lakeport_catalog::OWNER, add(lakeport_catalog::OWNER, false, true, Vec::new()));
        for name in settings.roles.keys() {
            roles.insert(name, add(name, false, false, Vec::new()));
        }
        for (name, user) in &settings.users {
            roles.insert(name, add(name, true, false, user.roles.clone()));
        }
        let user = &self.user.user;
        roles.entry(user).or_insert_with(|| add(user, true, self.user.superuser, self.user.roles.clone()));
        roles.into_values().collect()
    }
}

#[async_trait]
impl Columns for Planner {
    async fn columns(&self, relation: &TableName) -> datafusion::common::Result<SchemaRef> {
        let columns = async {
            match self.readable(relation).await?.map(Resolved::from) {
                Some(Resolved::Table(table)) => {
                    let snapshot = table.snapshot().await.map_err(|error| from_lake(&error))?;
                    Ok(Arc::clone(snapshot.schema()))
                }
                Some(Resolved::View(view)) => {
                    let (planned, _) = self.view(&view).await?;
                    named(&planned.query)
                }
                Some(Resolved::System(_)) | None => {
                    Err(Error::new(SqlState::UNDEFINED_TABLE, format!("relation {relation} does not exist")))
                }
            }
        };
        columns.await.map_err(|error: Error| DataFusionError::External(Box::new(error)))
    }
}

/// The columns of a planned query, under the names that the outside sees.
pub(crate) fn named(query: &lakeport_sql::Planned) -> Result<SchemaRef> {
    let fields: Vec<Field> = query
        .plan
        .schema()
        .fields()
        .iter()
        .zip(&query.names)
        .map(|(field, name)| field.as_ref().clone().with_name(name))
        .collect();
    Ok(Arc::new(Schema::new(fields)))
}
