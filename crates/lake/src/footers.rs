//! Footers and offset indexes, read once for each version of an object and shared by all who read it.
//!
//! Keyed by where the store is, path and version, so that an entry can never be out of date, also where a store's name
//! is given to another place; bounded in bytes. Dropping it costs a request the next time and changes no answer.

use std::fmt;
use std::sync::Arc;

use lakeport_base::ByteSize;
use lakeport_store::{Object, Version};
use moka::future::Cache;
use object_store::ObjectStore;
use object_store::path::Path;
use parquet::file::metadata::ParquetMetaData;

use crate::offsets::{self, Offsets};
use crate::{Error, Result, footer};

/// Which footer: the store's origin, the path in it, and the version.
type Key = (Arc<str>, Path, Version);

/// The footers that are kept, for all tables of an engine.
pub struct Footers {
    kept: Cache<Key, Arc<ParquetMetaData>>,
    offsets: Cache<Key, Arc<Offsets>>,
}

/// How much less than footers the offset indexes may take together.
const OFFSETS_PART: u64 = 4;

impl Footers {
    /// Keeps up to `bound` bytes of decoded footers, a quarter of them for where pages lie.
    pub fn new(bound: ByteSize) -> Arc<Footers> {
        let offsets_bound = bound.as_bytes() / OFFSETS_PART;
        let weigh = |key: &Key, footer: &Arc<ParquetMetaData>| weight(key, footer.memory_size());
        let kept = Cache::builder().max_capacity(bound.as_bytes() - offsets_bound).weigher(weigh).build();
        let weigh = |key: &Key, offsets: &Arc<Offsets>| weight(key, offsets.memory_size());
        let offsets = Cache::builder().max_capacity(offsets_bound).weigher(weigh).build();
        Arc::new(Footers { kept, offsets })
    }

    /// Forgets every footer, as if memory had been short.
    pub fn clear(&self) {
        self.kept.invalidate_all();
        self.offsets.invalidate_all();
    }

    /// How many bytes all of it takes now, about.
    pub fn size(&self) -> ByteSize {
        ByteSize::bytes(self.kept.weighted_size() + self.offsets.weighted_size())
    }

    /// The footer of an object of the store of this origin; several who ask at once wait for one read.
    pub(crate) async fn footer(
        &self,
        origin: &Arc<str>,
        objects: &dyn ObjectStore,
        object: &Object,
    ) -> Result<Arc<ParquetMetaData>> {
        let key = (Arc::clone(origin), object.path.clone(), object.version.clone());
        let read = async { footer::read(objects, object).await.map(Arc::new) };
        self.kept.try_get_with(key, read).await.map_err(Error::Shared)
    }

    /// Where the pages of an object with this footer lie; several who ask at once wait for one read.
    pub(crate) async fn offsets(
        &self,
        origin: &Arc<str>,
        objects: &dyn ObjectStore,
        object: &Object,
        footer: &ParquetMetaData,
    ) -> Result<Arc<Offsets>> {
        let key = (Arc::clone(origin), object.path.clone(), object.version.clone());
        let read = async { offsets::read(objects, object, footer).await.map(Arc::new) };
        self.offsets.try_get_with(key, read).await.map_err(Error::Shared)
    }
}

/// What an entry takes.
fn weight((_, path, _): &Key, bytes: usize) -> u32 {
    u32::try_from(bytes + path.as_ref().len() + KEY_BYTES).unwrap_or(u32::MAX)
}

/// What a key and its place in the cache take beside the texts: a guess.
const KEY_BYTES: usize = 200;

impl fmt::Debug for Footers {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Footers").field("size", &self.size()).finish_non_exhaustive()
    }
}
