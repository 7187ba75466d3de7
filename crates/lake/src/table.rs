//! A table: where it is, how long a listing of it is believed, and its newest snapshot.

use std::collections::{HashMap, HashSet};
use std::sync::Arc;
use std::time::Duration;

use arrow::datatypes::{Schema, SchemaRef};
use futures::future::BoxFuture;
use futures::{FutureExt, StreamExt, TryStreamExt, stream};
use lakeport_base::TableName;
use lakeport_config::PartitionType;
use lakeport_store::{Object, Store};
use object_store::path::Path;
use tokio::sync::Mutex;
use tokio::time::Instant;

use crate::bounds::{Origin, TableBounds};
use crate::footer::{self, Facts};
use crate::partition::{keys, partitions};
use crate::snapshot::{File, Snapshot};
use crate::{Error, Footers, Place, Result, listing, merge};

/// Footers read at once for one table.
const FOOTERS_AT_ONCE: usize = 32;

/// How often a folder is listed again when a file of it went away or changed before its footer was read.
const LISTINGS_MAX: usize = 3;

/// What a table is made of.
#[derive(Debug, Clone)]
pub struct TableSettings {
    /// The name, for errors.
    pub name: TableName,
    /// The store it is in.
    pub store: Store,
    /// Where it is in the store.
    pub place: Place,
    /// The types of the partition columns in the order of the folders; empty infers them.
    pub partitions: Vec<(String, PartitionType)>,
    /// How long a listing is believed; zero lists for every snapshot.
    pub fresh_within: Duration,
}

/// A table and its newest snapshot.
#[derive(Debug)]
pub struct Table {
    settings: TableSettings,
    footers: Arc<Footers>,
    /// Held while the folder is listed, so that all who want a snapshot meanwhile share that one.
    known: Mutex<Listings>,
}

/// What came of the listings so far.
#[derive(Debug, Default)]
struct Listings {
    newest: Option<Listed>,
    /// The last failure and when it was known, unless a listing succeeded since.
    failed: Option<(Instant, Arc<Error>)>,
}

#[derive(Debug, Clone)]
struct Listed {
    /// When the listing began: nothing written before is missing from it.
    began: Instant,
    snapshot: Arc<Snapshot>,
}

impl Table {
    /// A table of which nothing is known yet; asks the store for nothing.
    pub fn new(settings: TableSettings, footers: Arc<Footers>) -> Table {
        Table { settings, footers, known: Mutex::default() }
    }

    /// The table's name.
    pub fn name(&self) -> &TableName {
        &self.settings.name
    }

    /// The objects and schema of now, at most `fresh_within` old. Those who ask at once share one listing.
    ///
    /// Dropping it halfway loses nothing but the footers that were on their way.
    ///
    /// # Errors
    ///
    /// [`Error::UnknownPlace`] if there is no Parquet file, [`Error::Ambiguous`] if two things would be the table,
    /// [`Error::Corrupt`] for a file that cannot be read, [`Error::Mismatch`] where files do not fit together, and
    /// what the store fails with.
    pub async fn snapshot(&self) -> Result<Arc<Snapshot>> {
        let asked = Instant::now();
        let fresh_within = self.settings.fresh_within;
        self.listed(|began| began >= asked || began.elapsed() < fresh_within).await
    }

    /// The newest snapshot there is, if it is not older than `known_for` or `fresh_within`, whichever is longer.
    ///
    /// Errors as [`Table::snapshot`].
    pub async fn known(&self, known_for: Duration) -> Result<Arc<Snapshot>> {
        let asked = Instant::now();
        let believed = known_for.max(self.settings.fresh_within);
        self.listed(|began| began >= asked || began.elapsed() < believed).await
    }

    /// Lists again whatever the age of the newest snapshot: after a read found an object changed.
    ///
    /// Errors as [`Table::snapshot`].
    pub async fn refresh(&self) -> Result<Arc<Snapshot>> {
        let asked = Instant::now();
        self.listed(|began| began >= asked).await
    }

    /// The newest snapshot, if its beginning is good enough, or a new one. Who waited for a listing that failed
    /// gets its failure: a store that does not answer is waited for once, not once by each.
    async fn listed(&self, is_fresh: impl Fn(Instant) -> bool) -> Result<Arc<Snapshot>> {
        let asked = Instant::now();
        let mut known = self.known.lock().await;
        if let Some(listed) = known.newest.as_ref().filter(|listed| is_fresh(listed.began)) {
            return Ok(Arc::clone(&listed.snapshot));
        }
        if let Some((_, error)) = known.failed.as_ref().filter(|(failed, _)| *failed > asked) {
            return Err(Error::Shared(Arc::clone(error)));
        }
        let former = known.newest.as_ref().map(|listed| Arc::clone(&listed.snapshot));
        let mut attempt = 1;
        loop {
            let began = Instant::now();
            match self.list(former.as_ref()).await {
                Ok(snapshot) => {
                    let newest = Some(Listed { began, snapshot: Arc::clone(&snapshot) });
                    *known = Listings { newest, failed: None };
                    return Ok(snapshot);
                }
                Err(error) if error.is_stale() && attempt < LISTINGS_MAX => attempt += 1,
                Err(error) => {
                    let error = Arc::new(error);
                    known.failed = Some((Instant::now(), Arc::clone(&error)));
                    return Err(Error::Shared(error));
                }
            }
        }
    }

    async fn list(&self, former: Option<&Arc<Snapshot>>) -> Result<Arc<Snapshot>> {
        let TableSettings { name, store, place, .. } = &self.settings;
        if let Place::Twice(first, second) = place {
            let (first, second) = (first.clone(), second.clone());
            return Err(Error::Ambiguous { table: name.clone(), first, second });
        }
        let objects = listing::files(store.objects().as_ref(), place).await?;
        if objects.is_empty() {
            return Err(Error::UnknownPlace { table: name.clone(), place: place.to_string() });
        }
        if let Some(former) = former
            && former.files().iter().map(|file| &file.object).eq(&objects)
        {
            return Ok(Arc::clone(former));
        }
        let facts = self.facts(&objects, former).await?;
        self.assemble(objects, facts, former).map(Arc::new)
    }

    /// What is to be known of each object: from the former snapshot, or from its footer.
    async fn facts(&self, objects: &[Object], former: Option<&Arc<Snapshot>>) -> Result<Vec<Known>> {
        let former: HashMap<(&Path, &lakeport_store::Version), usize> = former
            .iter()
            .flat_map(|snapshot| snapshot.files().iter().enumerate())
            .map(|(index, file)| ((&file.object.path, &file.object.version), index))
            .collect();
        let origin = self.settings.store.origin();
        let source = self.settings.store.objects();
        // Boxed and collected, because the compiler cannot prove an opaque stream of borrowing futures `Send`.
        let read: Vec<BoxFuture<'_, Result<Known>>> = objects
            .iter()
            .map(|object| {
                let former = former.get(&(&object.path, &object.version)).copied();
                let source = source.as_ref();
                async move {
                    if let Some(index) = former {
                        return Ok(Known::Former(index));
                    }
                    let footer = self.footers.footer(origin, source, object).await?;
                    footer::facts(object, &footer).map(Known::New)
                }
                .boxed()
            })
            .collect();
        stream::iter(read).buffered(FOOTERS_AT_ONCE).try_collect().await
    }

    /// Puts the files together: no I/O from here on.
    fn assemble(
        &self,
        objects: Vec<Object>,
        known: Vec<Known>,
        former: Option<&Arc<Snapshot>>,
    ) -> Result<Snapshot> {
        let TableSettings { name, place, .. } = &self.settings;
        let former_files = former.map_or(&[][..], |snapshot| snapshot.files());
        let mut schemas = Schemas::default();
        let files: Vec<File> = objects
            .into_iter()
            .zip(&known)
            .map(|(object, known)| match known {
                Known::Former(index) => File { object, ..former_files[*index].clone() },
                Known::New(facts) => File {
                    object,
                    schema: Arc::clone(&facts.schema),
                    rows: facts.rows,
                    decoded_bytes: facts.decoded_bytes,
                },
            })
            .map(|file| File { schema: schemas.shared(&file.schema), ..file })
            .collect();
        let keys: Vec<_> = files
            .iter()
            .map(|file| (file.object.path.as_ref(), keys(place.base(), file.object.path.as_ref())))
            .collect();
        let partitions = partitions(name, &keys, &self.settings.partitions)?;
        let merged = merge::merge(name, files.iter().map(|file| (file.object.path.as_ref(), &file.schema)))?;
        // The folder's value wins over a column of the same name in the file, as in Spark.
        let of_files = merged
            .fields()
            .iter()
            .filter(|field| partitions.columns.iter().all(|column| column.name() != field.name()));
        let columns: SchemaRef = Arc::new(Schema::new(of_files.cloned().collect::<Vec<_>>()));
        let origins: Vec<Origin<'_>> = known
            .iter()
            .map(|known| match known {
                Known::Former(index) => Origin::Former(*index),
                Known::New(facts) => Origin::New(&facts.schema, facts.rows, &facts.bounds),
            })
            .collect();
        let (no_columns, no_bounds) = (Arc::new(Schema::empty()), TableBounds::default());
        let former_bounds = former.map_or((&no_columns, &no_bounds), |former| former.bounds());
        let bounds = TableBounds::assemble(&columns, former_bounds, &origins);
        let (store, footers) = (self.settings.store.clone(), Arc::clone(&self.footers));
        Snapshot::new(name.clone(), store, footers, columns, partitions, bounds, files)
    }
}

/// What is known of an object when a table is listed.
enum Known {
    /// It was in the former snapshot, at this place and in this version.
    Former(usize),
    /// Its footer was read.
    New(Facts),
}

/// Schemas with equal content as one `Arc`, so that many like files cost one.
#[derive(Default)]
struct Schemas(HashSet<SchemaRef>);

impl Schemas {
    fn shared(&mut self, schema: &SchemaRef) -> SchemaRef {
        if let Some(shared) = self.0.get(schema) {
            return Arc::clone(shared);
        }
        self.0.insert(Arc::clone(schema));
        Arc::clone(schema)
    }
}

#[cfg(test)]
mod tests;
