//! Everything that one configuration opens.

use std::collections::BTreeMap;
use std::sync::{Arc, OnceLock};

use lakeport_access::{Access, Identity, Role, User, Verifier};
use lakeport_base::{Fault, Faults, SqlState, TableName};
use lakeport_config::{Location, Settings};
use lakeport_lake::{Footers, Place, Table, TableSettings};
use lakeport_store::Store;
use tokio::runtime::Handle;

use super::displaced::Displaced;
use super::folder::{Folder, Says};
use super::kept::KeptCatalogs;
use super::view::View;
use crate::error::from_store;
use crate::{Error, Result};

/// Ad-hoc tables that are remembered, so that a second read of a path finds its footers merged. A guess.
const PATHS_MAX: u64 = 256;

/// What one configuration opens. Unchangeable, but for what it has seen of the lake.
#[derive(Debug, Clone)]
pub(crate) struct Opened {
    pub(crate) settings: Arc<Settings>,
    pub(crate) access: Arc<Access>,
    pub(crate) views: Arc<BTreeMap<TableName, Arc<View>>>,
    /// What was wrong with the files of views.
    pub(crate) view_faults: Faults,
    /// Oids that are not what their name alone gives.
    pub(crate) oids: Arc<Displaced>,
    /// What users see of it, as long as nothing changes.
    pub(crate) kept: Arc<KeptCatalogs>,
    /// The names of its schemas, once somebody wanted to know.
    schemas: OnceLock<Vec<String>>,
    files: Arc<Files>,
}

/// The part that a change of views leaves alone.
#[derive(Debug)]
struct Files {
    stores: BTreeMap<String, std::result::Result<Store, lakeport_store::Error>>,
    folders: BTreeMap<String, Folder>,
    tables: BTreeMap<TableName, Arc<Table>>,
    paths: moka::sync::Cache<(String, Place), Arc<Table>>,
    footers: Arc<Footers>,
    /// What was wrong with tables that the config names.
    faults: Faults,
}

/// What a name stands for.
#[derive(Debug, Clone)]
pub(crate) enum Found {
    /// A table of files.
    Table(Arc<Table>),
    /// A saved view.
    View(Arc<View>),
}

impl Opened {
    /// Opens what the settings name. A store that cannot be opened is remembered as that, and
    /// everything else is there.
    ///
    /// # Errors
    ///
    /// Where users and roles do not fit together.
    pub(crate) fn open(
        settings: Settings,
        secret: &[u8],
        footers: Arc<Footers>,
        storage: &Handle,
    ) -> Result<Opened, Faults> {
        let access = Arc::new(access(&settings, secret)?);
        let files = Arc::new(Files::open(&settings, footers, storage));
        let opened = Opened {
            settings: Arc::new(settings),
            access,
            views: Arc::default(),
            view_faults: Faults::default(),
            oids: Arc::default(),
            kept: Arc::default(),
            schemas: OnceLock::new(),
            files,
        };
        Ok(opened.with_views())
    }

    /// The same, with the views that stand in the views' folder now.
    pub(crate) fn with_views(&self) -> Opened {
        let (files, mut faults) = match &self.settings.views {
            Some(folder) => lakeport_config::read_views(folder),
            None => (Vec::new(), Faults::default()),
        };
        let mut views = BTreeMap::new();
        for file in files {
            let view = View::from(file);
            if self.files.tables.contains_key(&view.name) {
                let message = format!("view {} has the name of a table of the config", view.name);
                faults.0.push(Fault::new(message).in_file(&view.file));
                continue;
            }
            views.insert(view.name.clone(), Arc::new(view));
        }
        Opened { views: Arc::new(views), view_faults: faults, schemas: OnceLock::new(), ..self.clone() }
    }

    /// The same, with other views.
    pub(crate) fn over(&self, views: BTreeMap<TableName, Arc<View>>) -> Opened {
        Opened { views: Arc::new(views), schemas: OnceLock::new(), ..self.clone() }
    }

    /// What was wrong with the files of views, and with tables that the config names.
    pub(crate) fn faults(&self) -> impl Iterator<Item = &Fault> {
        self.files.faults.0.iter().chain(&self.view_faults.0)
    }

    /// The store of this name.
    ///
    /// # Errors
    ///
    /// Why it could not be opened.
    pub(crate) fn store(&self, name: &str) -> Option<Result<&Store>> {
        self.files.stores.get(name).map(|store| store.as_ref().map_err(from_store))
    }

    /// The stores, by name, each open or with the reason why it is not.
    pub(crate) fn stores(&self) -> impl Iterator<Item = (&str, Result<&Store>)> {
        self.files.stores.iter().map(|(name, store)| (name.as_str(), store.as_ref().map_err(from_store)))
    }

    /// The names of the schemas there are: folders, those that only single tables or views make, and those that
    /// a role may create views in.
    pub(crate) fn schemas(&self) -> &[String] {
        self.schemas.get_or_init(|| self.schemas_now())
    }

    fn schemas_now(&self) -> Vec<String> {
        let mut schemas: Vec<String> = self.settings.schemas.keys().cloned().collect();
        schemas.extend(self.files.tables.keys().map(|name| name.schema.clone()));
        schemas.extend(self.views.keys().map(|name| name.schema.clone()));
        let created = self.settings.roles.values().flat_map(|role| &role.create);
        schemas.extend(created.filter(|schema| *schema != "*").cloned());
        schemas.push("public".to_owned());
        schemas.sort_unstable();
        schemas.dedup();
        schemas
    }

    /// Everything in one schema, by name.
    ///
    /// # Errors
    ///
    /// Where the schema's folder cannot be listed; views and tables of the config are then found by
    /// their names alone, by [`Opened::find`].
    pub(crate) async fn relations(&self, schema: &str) -> Result<BTreeMap<String, Found>> {
        let mut relations = match self.files.folders.get(schema) {
            Some(folder) => {
                let tables = folder.tables().await?;
                tables.iter().map(|(name, table)| (name.clone(), Found::Table(Arc::clone(table)))).collect()
            }
            None => BTreeMap::new(),
        };
        relations.extend(self.named(schema));
        Ok(relations)
    }

    /// What the folder of a schema holds; empty for one that has none.
    ///
    /// # Errors
    ///
    /// Where it cannot be listed.
    pub(crate) async fn listing(&self, schema: &str) -> Result<Option<Arc<BTreeMap<String, Arc<Table>>>>> {
        match self.files.folders.get(schema) {
            Some(folder) => folder.tables().await.map(Some),
            None => Ok(None),
        }
    }

    /// What the config and the views folder name in one schema: needs no store.
    pub(crate) fn named(&self, schema: &str) -> BTreeMap<String, Found> {
        let tables = self.files.tables.iter().filter(|(name, _)| name.schema == schema);
        let views = self.views.iter().filter(|(name, _)| name.schema == schema);
        tables
            .map(|(name, table)| (name.name.clone(), Found::Table(Arc::clone(table))))
            .chain(views.map(|(name, view)| (name.name.clone(), Found::View(Arc::clone(view)))))
            .collect()
    }

    /// What this exact name stands for.
    ///
    /// # Errors
    ///
    /// Where the schema's folder cannot be listed.
    pub(crate) async fn find(&self, name: &TableName) -> Result<Option<Found>> {
        if let Some(found) = self.find_named(name) {
            return Ok(Some(found));
        }
        let Some(folder) = self.files.folders.get(&name.schema) else { return Ok(None) };
        Ok(folder.tables().await?.get(&name.name).map(|table| Found::Table(Arc::clone(table))))
    }

    /// What the config or the views folder has under this exact name: needs no store.
    pub(crate) fn find_named(&self, name: &TableName) -> Option<Found> {
        let table = self.files.tables.get(name).map(|table| Found::Table(Arc::clone(table)));
        table.or_else(|| self.views.get(name).map(|view| Found::View(Arc::clone(view))))
    }

    /// The table that a path below a store makes.
    pub(crate) fn path(&self, store: &Store, place: Place, text: &str) -> Arc<Table> {
        self.files.paths.get_with((store.name().to_owned(), place.clone()), || {
            Arc::new(Table::new(
                TableSettings {
                    name: TableName::new(store.name(), text),
                    store: store.clone(),
                    place,
                    partitions: Vec::new(),
                    fresh_within: self.settings.limits.fresh_within,
                },
                Arc::clone(&self.files.footers),
            ))
        })
    }

    /// Whose rights a view reads with: its owner's where it names one, otherwise all.
    pub(crate) fn reader_of(&self, view: &View) -> Result<Identity> {
        match &view.owner {
            None => Ok(Identity::superuser("view")),
            Some(owner) => self.access.identity_of(owner).ok_or_else(|| {
                Error::new(
                    SqlState::INSUFFICIENT_PRIVILEGE,
                    format!("view {} belongs to {owner}, who is no user any more", view.name),
                )
            }),
        }
    }
}

impl Files {
    fn open(settings: &Settings, footers: Arc<Footers>, storage: &Handle) -> Files {
        let stores =
            settings.stores.iter().map(|(name, store)| (name.clone(), Store::open(name, store, storage)));
        let mut files = Files {
            stores: stores.collect(),
            folders: BTreeMap::new(),
            tables: BTreeMap::new(),
            paths: moka::sync::Cache::new(PATHS_MAX),
            footers,
            faults: Faults::default(),
        };
        files.open_folders(settings);
        files.open_tables(settings);
        files
    }

    fn open_folders(&mut self, settings: &Settings) {
        for (name, schema) in &settings.schemas {
            let Some(Ok(store)) = self.stores.get(&schema.from.store) else { continue };
            let fresh_within = schema.fresh_within.unwrap_or(settings.limits.fresh_within);
            let says = settings
                .tables
                .iter()
                .filter(|(table, says)| table.schema == *name && says.from.is_none())
                .map(|(table, says)| {
                    let says = Says { partitions: says.partitions.clone(), fresh_within: says.fresh_within };
                    (table.name.clone(), says)
                })
                .collect();
            let footers = Arc::clone(&self.footers);
            let folder = Folder::new(name, store.clone(), &schema.from.path, fresh_within, footers, says);
            self.folders.insert(name.clone(), folder);
        }
    }

    fn open_tables(&mut self, settings: &Settings) {
        for (name, says) in &settings.tables {
            let Some(from) = &says.from else { continue };
            match self.table(settings, name, from, says) {
                Ok(table) => drop(self.tables.insert(name.clone(), Arc::new(table))),
                Err(fault) => self.faults.0.push(fault),
            }
        }
    }

    fn table(
        &self,
        settings: &Settings,
        name: &TableName,
        from: &Location,
        says: &lakeport_config::Table,
    ) -> Result<Table, Fault> {
        let store = match self.stores.get(&from.store) {
            Some(Ok(store)) => store.clone(),
            _ => return Err(Fault::new(format!("table {name}: store {} cannot be opened", from.store))),
        };
        // Not what users may name, but what the config says: also the whole store, or a folder that is hidden.
        let place = Place::configured(&from.path);
        let schema = settings.schemas.get(&name.schema);
        let fresh_within = says
            .fresh_within
            .or(schema.and_then(|schema| schema.fresh_within))
            .unwrap_or(settings.limits.fresh_within);
        let partitions = says.partitions.clone();
        let settings = TableSettings { name: name.clone(), store, place, partitions, fresh_within };
        Ok(Table::new(settings, Arc::clone(&self.footers)))
    }
}

fn access(settings: &Settings, secret: &[u8]) -> Result<Access, Faults> {
    let mut users = Vec::new();
    let mut faults = Faults::default();
    for (name, user) in &settings.users {
        match user.password.reveal().parse::<Verifier>() {
            Ok(verifier) => users.push(User { name: name.clone(), verifier, roles: user.roles.clone() }),
            Err(error) => faults.0.push(Fault::new(format!("users.{name}.password: {error}"))),
        }
    }
    let roles = settings.roles.iter().map(|(name, role)| Role {
        name: name.clone(),
        read: role.read.clone(),
        browse: role.browse.clone(),
        create: role.create.clone(),
    });
    if !faults.0.is_empty() {
        return Err(faults);
    }
    Access::new(users, roles, secret).map_err(|error| Faults::from(Fault::new(error.to_string())))
}
