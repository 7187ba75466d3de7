//! Footers, read once for each version of an object and shared by all who read it.
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

use crate::{Error, Result, footer};

/// Which footer: the store's origin, the path in it, and the version.
type Key = (Arc<str>, Path, Version);

/// The footers that are kept, for all tables of an engine.
pub struct Footers {
    kept: Cache<Key, Arc<ParquetMetaData>>,
}

impl Footers {
    /// Keeps up to `bound` bytes of decoded footers.
    pub fn new(bound: ByteSize) -> Arc<Footers> {
        let weigh = |(_, path, _): &Key, footer: &Arc<ParquetMetaData>| {
            let bytes = footer.memory_size() + path.as_ref().len() + KEY_BYTES;
            u32::try_from(bytes).unwrap_or(u32::MAX)
        };
        let kept = Cache::builder().max_capacity(bound.as_bytes()).weigher(weigh).build();
        Arc::new(Footers { kept })
    }

    /// Forgets every footer, as if memory had been short.
    pub fn clear(&self) {
        self.kept.invalidate_all();
    }

    /// How many bytes the footers take now, about.
    pub fn size(&self) -> ByteSize {
        ByteSize::bytes(self.kept.weighted_size())
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
}

/// What a key and its place in the cache take beside the texts: a guess.
const KEY_BYTES: usize = 200;

impl fmt::Debug for Footers {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Footers").field("size", &self.size()).finish_non_exhaustive()
    }
}
