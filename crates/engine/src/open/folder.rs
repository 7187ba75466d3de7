//! A schema that is a folder: which tables it has at the moment.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use lakeport_base::TableName;
use lakeport_config::PartitionType;
use lakeport_lake::{Footers, Place, Table, TableSettings};
use lakeport_store::Store;
use tokio::time::Instant;

use crate::Result;
use crate::error::from_lake;

/// How long a folder that could not be listed is not asked again, so that one store that is
/// away does not hold up every statement that lists tables. A guess.
const FAILED_FOR: Duration = Duration::from_secs(5);

/// A schema's folder. Lists itself again when its last listing is older than `fresh_within`.
#[derive(Debug)]
pub(crate) struct Folder {
    schema: String,
    store: Store,
    path: String,
    fresh_within: Duration,
    footers: Arc<Footers>,
    /// What the config says of single tables of this folder.
    says: BTreeMap<String, Says>,
    listed: tokio::sync::Mutex<Option<Listed>>,
    /// Tables live on over listings, so that what they know of their objects is kept.
    tables: Mutex<BTreeMap<String, (Place, Arc<Table>)>>,
}

/// What the config says of one table of a folder.
#[derive(Debug, Clone, Default)]
pub(crate) struct Says {
    pub(crate) partitions: Vec<(String, PartitionType)>,
    pub(crate) fresh_within: Option<Duration>,
}

/// Tables by name.
type Tables = Arc<BTreeMap<String, Arc<Table>>>;

#[derive(Debug)]
struct Listed {
    at: Instant,
    tables: std::result::Result<Tables, Arc<lakeport_lake::Error>>,
}

impl Folder {
    pub(crate) fn new(
        schema: &str,
        store: Store,
        path: &str,
        fresh_within: Duration,
        footers: Arc<Footers>,
        says: BTreeMap<String, Says>,
    ) -> Folder {
        Folder {
            schema: schema.to_owned(),
            store,
            path: path.to_owned(),
            fresh_within,
            footers,
            says,
            listed: tokio::sync::Mutex::new(None),
            tables: Mutex::new(BTreeMap::new()),
        }
    }

    /// The tables, by name. One listing at a time; those who come meanwhile wait for it.
    pub(crate) async fn tables(&self) -> Result<Tables> {
        // Held across the listing on purpose: that is what makes it one listing for all who wait.
        let mut listed = self.listed.lock().await;
        if let Some(last) = &*listed {
            match &last.tables {
                Ok(tables) if last.at.elapsed() < self.fresh_within => return Ok(Arc::clone(tables)),
                Err(error) if last.at.elapsed() < FAILED_FOR => return Err(from_lake(error)),
                _ => {}
            }
        }
        let at = Instant::now();
        let tables = lakeport_lake::discover(&self.store, &self.path)
            .await
            .map(|places| same(listed.as_ref(), self.keep(places)))
            .map_err(Arc::new);
        let answer = tables.as_ref().map(Arc::clone).map_err(|error| from_lake(error));
        *listed = Some(Listed { at, tables });
        answer
    }

    fn keep(&self, places: Vec<(String, Place)>) -> Tables {
        let mut tables = self.tables.lock().unwrap_or_else(PoisonError::into_inner);
        let mut kept = BTreeMap::new();
        for (name, place) in places {
            let table = match tables.remove(&name) {
                Some((known, table)) if known == place => table,
                _ => Arc::new(self.table(&name, place.clone())),
            };
            kept.insert(name, (place, table));
        }
        *tables = kept;
        Arc::new(tables.iter().map(|(name, (_, table))| (name.clone(), Arc::clone(table))).collect())
    }

    fn table(&self, name: &str, place: Place) -> Table {
        let says = self.says.get(name).cloned().unwrap_or_default();
        let settings = TableSettings {
            name: TableName::new(&self.schema, name),
            store: self.store.clone(),
            place,
            partitions: says.partitions,
            fresh_within: says.fresh_within.unwrap_or(self.fresh_within),
        };
        Table::new(settings, Arc::clone(&self.footers))
    }
}

/// The tables of the last listing, if these are the same: then all that was made of them can be kept.
fn same(last: Option<&Listed>, tables: Tables) -> Tables {
    let Some(Listed { tables: Ok(last), .. }) = last else { return tables };
    let is_same = last.len() == tables.len()
        && last.iter().zip(tables.iter()).all(|(last, new)| last.0 == new.0 && Arc::ptr_eq(last.1, new.1));
    if is_same { Arc::clone(last) } else { tables }
}
