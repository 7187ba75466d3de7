//! An opened store.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use futures::future::BoxFuture;
use futures::{FutureExt as _, StreamExt as _};
use object_store::ObjectStore;
use object_store::path::Path;
use tokio::runtime::Handle;
use tokio::time::timeout;
use tokio_util::task::AbortOnDropHandle;
use tracing::Instrument as _;

use crate::metered::Metered;
use crate::on_runtime::OnRuntime;
use crate::read_only::ReadOnly;
use crate::refused::Refused;
use crate::{Error, Meter, Result, open};

/// Longest that [`Store::probe`] waits, tries and all.
const PROBE_WAIT: Duration = Duration::from_secs(15);

/// An opened store. Cheap to clone.
#[derive(Debug, Clone)]
pub struct Store {
    name: Arc<str>,
    origin: Arc<str>,
    objects: Arc<dyn ObjectStore>,
    meter: Arc<Meter>,
    /// Whether it can be asked for a listing to see if it answers.
    lists: bool,
    is_near: bool,
    storage: Handle,
}

impl Store {
    /// Opens a store, without asking it anything: a wrong key shows at the first use, or in [`Store::probe`].
    ///
    /// What a credential needs of this machine is looked at, though: a token's file, the Azure CLI.
    /// All that is asked of the store later runs on `storage`.
    ///
    /// # Errors
    ///
    /// [`Error::Open`], saying what in the config is wrong.
    pub fn open(name: &str, settings: &lakeport_config::Store, storage: &Handle) -> Result<Store> {
        let raw = open::open(settings)
            .map_err(|reason| Error::Open { store: name.to_owned(), reason: reason.to_string() })?;
        let lists = !matches!(settings.kind, lakeport_config::StoreKind::Http);
        let is_near = matches!(settings.kind, lakeport_config::StoreKind::Local { .. });
        let store = Self::over(name, open::origin(settings), raw, storage);
        Ok(Store { lists, is_near, ..store })
    }

    /// Opens a store over objects that are already there, such as objects in memory.
    ///
    /// They get the same wrappers as those of [`Store::open`].
    pub fn from_objects(name: &str, objects: Arc<dyn ObjectStore>, storage: &Handle) -> Store {
        static OPENED: AtomicU64 = AtomicU64::new(0);
        let origin = format!("objects {}", OPENED.fetch_add(1, Ordering::Relaxed));
        Self::over(name, origin, objects, storage)
    }

    fn over(name: &str, origin: String, raw: Arc<dyn ObjectStore>, storage: &Handle) -> Store {
        let (name, origin): (Arc<str>, Arc<str>) = (name.into(), origin.into());
        let meter = Arc::new(Meter::default());
        let read_only = Arc::new(ReadOnly::new(raw));
        let on_runtime = Arc::new(OnRuntime::new(read_only, storage.clone()));
        let objects = Arc::new(Metered::new(Arc::clone(&name), on_runtime, Arc::clone(&meter)));
        Store { name, origin, objects, meter, lists: true, is_near: true, storage: storage.clone() }
    }

    /// The name in the config.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// Where the objects really are: two stores of one origin have the same object at each path, whatever
    /// they are called, and two that have not have two origins. Without a secret; for keys of caches.
    pub fn origin(&self) -> &Arc<str> {
        &self.origin
    }

    /// Whether a request costs next to nothing: the objects are on this machine.
    pub fn is_near(&self) -> bool {
        self.is_near
    }

    /// Reads ahead: this goes on while nobody looks, and ends when the future is dropped. A panic is that of the future.
    pub fn ahead<T: Send + 'static>(
        &self,
        work: impl Future<Output = T> + Send + 'static,
    ) -> BoxFuture<'static, T> {
        let task = AbortOnDropHandle::new(self.storage.spawn(work.in_current_span()));
        let ended = async {
            match task.await {
                Ok(done) => done,
                Err(failure) if failure.is_panic() => std::panic::resume_unwind(failure.into_panic()),
                // The runtime ends, and all that waits for it with it.
                Err(_) => std::future::pending().await,
            }
        };
        ended.boxed()
    }

    /// The objects, by their path below the store's folder. Displays as the store's name.
    pub fn objects(&self) -> Arc<dyn ObjectStore> {
        Arc::clone(&self.objects)
    }

    /// The same objects, with requests and bytes counted by `meter` too (a statement's).
    pub fn metered(&self, meter: Arc<Meter>) -> Arc<dyn ObjectStore> {
        Arc::new(Metered::new(Arc::clone(&self.name), self.objects(), meter))
    }

    /// What has been asked of the store since it was opened.
    pub fn meter(&self) -> &Arc<Meter> {
        &self.meter
    }

    /// Asks the store for one entry of its listing, to learn whether it answers. At most 15 s.
    ///
    /// A web server is only asked where it has a listing to give: nothing is asked of `http` stores.
    ///
    /// # Errors
    ///
    /// What is wrong and what to do, as any first use of the store would say it.
    pub async fn probe(&self) -> Result<()> {
        if !self.lists {
            return Ok(());
        }
        let mut entries = self.objects.list(None);
        let failure = match timeout(PROBE_WAIT, entries.next()).await {
            Ok(None | Some(Ok(_))) => return Ok(()),
            Ok(Some(Err(error))) => error,
            Err(_) => Refused::Stalled.at(&Path::ROOT),
        };
        Err(Error::from_object_store(&self.name, None, &failure))
    }
}
