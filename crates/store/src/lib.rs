//! Stores: one container, bucket, folder or web root each, opened with its own credential.
//!
//! Everything above reads bytes through [`Store::objects`] alone. What comes out of there is
//! jailed to the store's own folder, read only, counted, and driven by the storage runtime.

use std::sync::Arc;

use object_store::ObjectStore;

pub use object_store;

mod error;
mod meter;

pub use error::Error;
pub use meter::Meter;

/// What this crate gives back.
pub type Result<T, E = Error> = std::result::Result<T, E>;

/// An opened store. Cheap to clone.
#[derive(Debug, Clone)]
pub struct Store {
    name: Arc<str>,
    objects: Arc<dyn ObjectStore>,
    meter: Arc<Meter>,
}

impl Store {
    /// Opens a store, without asking it anything: a wrong key shows at the first use, or in [`Store::probe`].
    pub fn open(
        _name: &str,
        _settings: &lakeport_config::Store,
        _storage: &tokio::runtime::Handle,
    ) -> Result<Store> {
        todo!()
    }

    /// The name in the config.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// The objects, by their path below the store's folder.
    pub fn objects(&self) -> Arc<dyn ObjectStore> {
        Arc::clone(&self.objects)
    }

    /// The same objects, with requests and bytes counted by `meter` too (a statement's).
    pub fn metered(&self, _meter: Arc<Meter>) -> Arc<dyn ObjectStore> {
        todo!()
    }

    /// What has been asked of the store since it was opened.
    pub fn meter(&self) -> &Arc<Meter> {
        &self.meter
    }

    /// Asks the store for one entry of its listing, to learn whether it answers.
    pub async fn probe(&self) -> Result<()> {
        todo!()
    }
}
