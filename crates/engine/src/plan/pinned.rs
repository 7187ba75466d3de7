//! What pg_catalog and information_schema are made of for one statement.

use std::collections::{BTreeMap, HashMap};
use std::hash::{DefaultHasher, Hash, Hasher};
use std::sync::{Arc, LazyLock, PoisonError};
use std::task::Poll;
use std::time::Duration;

use arrow::datatypes::{Field, Schema, SchemaRef};
use async_trait::async_trait;
use datafusion::common::DataFusionError;
use futures::FutureExt;
use futures::future::{BoxFuture, join_all};
use lakeport_base::{SqlState, TableName};
use lakeport_catalog::{
    Asked, Columns, Object, ObjectKind, Pinned, Relation, RelationKind, Relations, RoleInfo, SchemaInfo,
    assign_oids, hashed,
};
use lakeport_lake::{Snapshot, Table};
use lakeport_sql::types::without_modifier;

use super::keys::Declared;
use super::planner::{Planner, view_path};
use crate::error::from_lake;
use crate::open::{Found, Listing, Version, View};
use crate::session::Control;
use crate::temp::schema_name;
use crate::{Error, Result};

/// Who owns what nobody is named the owner of: a role that nobody can log in as.
const OWNER: &str = "lakeport";

/// How long the columns of a table are believed where a statement asks for those of many tables: listing
/// thousands of folders at each connect of a client that reads the whole catalog would keep it waiting. A guess.
const KNOWN_FOR: Duration = Duration::from_secs(10 * 60);

impl Planner {
    /// The catalog as the reader may see it. Unless `whole` is wanted, without its relations,
    /// so that a statement that asks for none lists no folder.
    pub(crate) async fn pinned(&self, whole: bool) -> Pinned {
        let schemas = self.opened.schemas();
        let listings = if whole { self.listings(schemas).await } else { Vec::new() };
        let mut relations = if whole { self.visible(schemas, &listings) } else { Arc::default() };
        let version = Arc::clone(&relations);
        let listings = schemas.iter().cloned().zip(listings).collect();
        let temp_schema = (!self.temp.is_empty()).then(|| schema_name(self.session));
        // Temporary tables are found in front of all others.
        let mut search_path: Vec<String> = temp_schema.iter().cloned().collect();
        search_path.push("pg_catalog".to_owned());
        search_path.extend(self.search_path.iter().filter(|schema| schemas.contains(schema)).cloned());
        let mut schemas = self.schema_infos(schemas, |schema| {
            self.reader.superuser
                || schema == "public"
                || !whole
                || self.opened.access.may_create(&self.reader, schema)
                || relations.iter().any(|relation| relation.name.schema == schema)
        });
        if let Some(name) = &temp_schema {
            schemas.push(temp_schema_info(name));
            schemas.sort_by(|one, other| one.name.cmp(&other.name));
            // Theirs alone, so not kept with what others see too.
            let mut all = relations.to_vec();
            all.extend(self.temp.values().map(|table| self.temp_relation(&table.name)));
            all.sort_by(|one, other| one.name.cmp(&other.name));
            relations = Arc::new(Relations::new(all));
        }
        Pinned {
            temp_schema,
            database: self.database.clone(),
            user: self.user.user.clone(),
            session_user: self.session_user.clone(),
            superuser: self.user.superuser,
            session: self.session,
            search_path,
            schemas,
            relations,
            roles: self.roles(),
            settings: LazyLock::new({
                let settings = Arc::clone(&self.settings);
                Box::new(move || settings.all())
            }),
            objects: self.objects.lock().unwrap_or_else(PoisonError::into_inner).clone(),
            columns: Arc::new(ListedColumns { planner: self.clone(), listings, version }),
            sessions: Arc::new(Control {
                settings: Arc::clone(&self.settings),
                noted: Arc::clone(&self.noted),
                sessions: Arc::clone(&self.shared.sessions),
                user: self.user.clone(),
                session: self.session,
            }),
        }
    }

    /// The relations of the lake that the reader may see now: the same value as long as they are the same.
    pub(super) async fn version(&self) -> Arc<Relations> {
        let schemas = self.opened.schemas();
        let listings = self.listings(schemas).await;
        self.visible(schemas, &listings)
    }

    /// The oid of a temporary table.
    pub(super) fn temp_oid(&self, name: &str) -> u32 {
        let schema = schema_name(self.session);
        hashed(&Object { kind: ObjectKind::Relation, schema: &schema, name })
    }

    fn temp_relation(&self, name: &str) -> Relation {
        Relation {
            oid: self.temp_oid(name),
            name: TableName::new(schema_name(self.session), name),
            kind: RelationKind::Table,
            owner: self.user.user.clone(),
            definition: None,
            reads: Vec::new(),
            description: None,
            column_descriptions: Vec::new(),
            keys: Vec::new(),
            referenced: false,
        }
    }

    fn schema_infos(&self, schemas: &[String], visible: impl Fn(&str) -> bool) -> Vec<SchemaInfo> {
        let objects: Vec<Object<'_>> =
            schemas.iter().map(|name| Object { kind: ObjectKind::Schema, schema: "", name }).collect();
        let described = &self.opened.settings.schemas;
        schemas
            .iter()
            .zip(assign_oids(&objects))
            .filter(|(name, _)| visible(name))
            .map(|(name, oid)| SchemaInfo {
                oid,
                name: name.clone(),
                description: described.get(name).and_then(|schema| schema.description.clone()),
            })
            .collect()
    }

    /// What the folders of these schemas hold.
    async fn listings(&self, schemas: &[String]) -> Vec<Listing> {
        let listings: Vec<BoxFuture<'_, _>> =
            schemas.iter().map(|schema| self.listing(schema).boxed()).collect();
        join_all(listings).await
    }

    /// The relations that the reader may see.
    fn visible(&self, schemas: &[String], listings: &[Listing]) -> Arc<Relations> {
        let version = Version {
            reader: self.reader.clone(),
            user: self.user.clone(),
            database: self.database.clone(),
            listings: listings.to_vec(),
            views: Arc::clone(&self.opened.views),
        };
        self.opened
            .kept
            .relations(version, || Relations::new(self.relations(&self.every_relation(schemas, listings))))
    }

    /// What the folder of a schema holds. A store that is away hides its own tables only.
    async fn listing(&self, schema: &str) -> Listing {
        self.opened.listing(schema).await.unwrap_or_else(|error| {
            tracing::warn!(schema, error = %error, "schema cannot be listed");
            None
        })
    }

    /// Every relation there is, readable or not, by name: oids are given over all of them, so that they
    /// are the same for everybody.
    fn every_relation(&self, schemas: &[String], listings: &[Listing]) -> Vec<(TableName, Found)> {
        let mut every = Vec::new();
        for (schema, listing) in schemas.iter().zip(listings) {
            let tables = listing.iter().flat_map(|tables| tables.iter());
            let mut found: BTreeMap<String, Found> =
                tables.map(|(name, table)| (name.clone(), Found::Table(Arc::clone(table)))).collect();
            found.extend(self.opened.named(schema));
            every.extend(
                found.into_iter().map(|(name, found)| (TableName::new(schema.as_str(), name), found)),
            );
        }
        every
    }

    fn relations(&self, every: &[(TableName, Found)]) -> Vec<Relation> {
        let objects: Vec<Object<'_>> = every
            .iter()
            .map(|(name, _)| Object { kind: ObjectKind::Relation, schema: &name.schema, name: &name.name })
            .collect();
        let declared = Declared::new(&self.opened.settings, every);
        // Indexes are relations too, and share their numbers.
        let mut objects = objects;
        objects.extend(declared.indexes());
        let oids = assign_oids(&objects);
        let (own, indexes) = oids.split_at(every.len());
        let readable = |name: &TableName| self.opened.access.may_read(&self.reader, name);
        self.opened.oids.learn(every.iter().map(|(name, _)| name).zip(&objects).zip(own));
        self.opened.oids.notice(fingerprint(every));
        let has_views = every.iter().any(|(_, found)| matches!(found, Found::View(_)));
        let seen: BTreeMap<&TableName, u32> = match declared.is_empty() && !has_views {
            true => BTreeMap::new(),
            false => every.iter().zip(own).map(|((name, _), oid)| (name, *oid)).collect(),
        };
        let seen = |name: &TableName| seen.get(name).copied().filter(|_| readable(name));
        let mut keys = declared.keys(indexes, seen);
        every
            .iter()
            .zip(own)
            .filter(|((name, _), _)| readable(name))
            .map(|((name, found), oid)| {
                let (keys, referenced) = keys.remove(name).unwrap_or_default();
                let reads = match found {
                    Found::View(view) if self.may_see_text(view) => read_by(view, seen),
                    _ => Vec::new(),
                };
                Relation { keys, referenced, reads, ..self.relation(*oid, name, found) }
            })
            .collect()
    }

    fn relation(&self, oid: u32, name: &TableName, found: &Found) -> Relation {
        let says = self.opened.settings.tables.get(name);
        let columns = match found {
            Found::Table(_) => says.map(|says| &says.columns),
            Found::View(view) => Some(&view.columns),
        };
        let pair = |(name, text): (&String, &String)| (name.clone(), text.clone());
        let (kind, owner, definition, description) = match found {
            Found::Table(_) => {
                (RelationKind::Table, None, None, says.and_then(|says| says.description.clone()))
            }
            Found::View(view) => {
                let text = self.may_see_text(view).then(|| view.text.clone());
                (RelationKind::View, view.owner.clone(), text, view.description.clone())
            }
        };
        Relation {
            oid,
            name: name.clone(),
            kind,
            owner: owner.unwrap_or_else(|| OWNER.to_owned()),
            definition,
            reads: Vec::new(),
            description,
            column_descriptions: columns.into_iter().flatten().map(pair).collect(),
            keys: Vec::new(),
            referenced: false,
        }
    }

    /// Whether the reader may read all that a view's text names; otherwise the text would tell of it.
    fn may_see_text(&self, view: &View) -> bool {
        let may_read = |name: &TableName| self.opened.access.may_read(&self.reader, name);
        view.owner.as_ref() == Some(&self.user.user)
            || view.reads().is_some_and(|reads| {
                reads.iter().all(|parts| match parts.as_slice() {
                    [name] => view_path(&view.name.schema)
                        .iter()
                        .all(|schema| may_read(&TableName::new(schema, name))),
                    [.., schema, name] => may_read(&TableName::new(schema, name)),
                    [] => true,
                })
            })
    }

    fn roles(&self) -> Vec<RoleInfo> {
        let settings = &self.opened.settings;
        let role = |name: &str, login: bool, superuser: bool, member_of: &[String]| RoleInfo {
            oid: 0,
            name: name.to_owned(),
            login,
            superuser,
            member_of: member_of.to_vec(),
        };
        let mut roles = BTreeMap::from([(OWNER, role(OWNER, false, true, &[]))]);
        roles.extend(settings.roles.keys().map(|name| (name.as_str(), role(name, false, false, &[]))));
        roles.extend(
            settings.users.iter().map(|(name, user)| (name.as_str(), role(name, true, false, &user.roles))),
        );
        let user = &self.user;
        roles.entry(&user.user).or_insert_with(|| role(&user.user, true, user.superuser, &user.roles));
        let objects: Vec<Object<'_>> =
            roles.keys().map(|name| Object { kind: ObjectKind::Role, schema: "", name }).collect();
        let oids = assign_oids(&objects);
        roles.into_values().zip(oids).map(|(role, oid)| RoleInfo { oid, ..role }).collect()
    }
}

/// The relations that a view's text names, as it would find them, each once.
fn read_by(view: &View, seen: impl Fn(&TableName) -> Option<u32>) -> Vec<u32> {
    let found = |parts: &Vec<String>| match parts.as_slice() {
        [name] => view_path(&view.name.schema).iter().find_map(|schema| seen(&TableName::new(schema, name))),
        [.., schema, name] => seen(&TableName::new(schema, name)),
        [] => None,
    };
    let mut oids: Vec<u32> = view.reads().unwrap_or_default().iter().filter_map(found).collect();
    oids.sort_unstable();
    oids.dedup();
    oids
}

/// A number that is another once there are other relations, or a view has another text.
fn fingerprint(every: &[(TableName, Found)]) -> u64 {
    let mut hasher = DefaultHasher::new();
    for (name, found) in every {
        name.hash(&mut hasher);
        if let Found::View(view) = found {
            view.text.hash(&mut hasher);
        }
    }
    hasher.finish()
}

fn temp_schema_info(name: &str) -> SchemaInfo {
    let oid = hashed(&Object { kind: ObjectKind::Schema, schema: "", name });
    SchemaInfo { oid, name: name.to_owned(), description: None }
}

/// The columns of what a statement's listings name: finding a table again asks no store.
#[derive(Debug)]
struct ListedColumns {
    planner: Planner,
    listings: HashMap<String, Listing>,
    /// Keeps the columns of views, which have to be planned for them.
    version: Arc<Relations>,
}

impl ListedColumns {
    /// The columns of a view, which for many relations at once are as they were a while ago.
    async fn of_view(&self, view: &View, asked: Asked) -> Result<SchemaRef> {
        let kept = self.version.view_columns(&view.name, KNOWN_FOR).filter(|_| asked == Asked::Many);
        if let Some(columns) = kept {
            return Ok(columns);
        }
        let (planned, _) = self.planner.view(view).await?;
        let columns = named(&planned.query)?;
        self.version.keep_view_columns(&view.name, &columns);
        Ok(columns)
    }

    /// What has been known of a table for a while. One that has to be opened is opened on another thread: reading
    /// the footers of thousands is work for all of them.
    async fn known(&self, table: Arc<Table>) -> Result<Arc<Snapshot>> {
        let known = async move { table.known(KNOWN_FOR).await.map_err(|error| from_lake(&error)) };
        let mut known = known.boxed();
        match futures::poll!(&mut known) {
            Poll::Ready(snapshot) => snapshot,
            Poll::Pending => self.planner.shared.runtimes.run(known).await,
        }
    }

    fn find(&self, name: &TableName) -> Option<Found> {
        let Planner { opened, reader, .. } = &self.planner;
        if !opened.access.may_read(reader, name) {
            return None;
        }
        opened.find_named(name).or_else(|| {
            let tables = self.listings.get(&name.schema)?.as_ref()?;
            tables.get(&name.name).map(|table| Found::Table(Arc::clone(table)))
        })
    }
}

#[async_trait]
impl Columns for ListedColumns {
    async fn columns(&self, relation: &TableName, asked: Asked) -> datafusion::common::Result<SchemaRef> {
        let columns = async {
            let temp = self.planner.temp.get(&relation.name);
            if let Some(table) = temp.filter(|_| self.planner.is_temp(&relation.schema)) {
                return Ok(Arc::clone(&table.schema));
            }
            match self.find(relation) {
                Some(Found::Table(table)) => {
                    let snapshot = match asked {
                        Asked::Few => table.snapshot().await.map_err(|error| from_lake(&error)),
                        Asked::Many => self.known(table).await,
                    };
                    Ok(Arc::clone(snapshot?.schema()))
                }
                Some(Found::View(view)) => self.of_view(&view, asked).await,
                None => {
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
        .zip(&query.origins)
        .zip(&query.modifiers)
        .map(|(((field, name), origin), has_modifier)| {
            let field = origin.mark(field.as_ref().clone().with_name(name).with_nullable(true));
            if *has_modifier { field } else { without_modifier(field) }
        })
        .collect();
    Ok(Arc::new(Schema::new(fields)))
}
