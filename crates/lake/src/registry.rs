//! The object stores that DataFusion itself knows: one, and it holds nothing.
//!
//! Tables of this crate bring their own reader, so DataFusion never needs a store. With this registry nothing else
//! reaches one either: no URL in SQL, no COPY, no external table, whatever was registered elsewhere.

use std::sync::Arc;

use datafusion::common::{DataFusionError, Result};
use datafusion::execution::object_store::{ObjectStoreRegistry, ObjectStoreUrl};
use object_store::ObjectStore;
use object_store::memory::InMemory;
use url::Url;

/// Where DataFusion believes that the files of our tables are.
const HERE: &str = "lake://objects/";

/// A registry that gives an empty store for our own tables and refuses every other URL.
#[derive(Debug, Default)]
pub struct ClosedRegistry;

impl ObjectStoreRegistry for ClosedRegistry {
    fn register_store(&self, _url: &Url, _store: Arc<dyn ObjectStore>) -> Option<Arc<dyn ObjectStore>> {
        None
    }

    fn get_store(&self, url: &Url) -> Result<Arc<dyn ObjectStore>> {
        if url.as_str() == HERE {
            return Ok(Arc::new(InMemory::new()));
        }
        Err(DataFusionError::External(Box::new(crate::Error::Refused)))
    }
}

/// The URL that our scans carry.
pub(crate) fn here() -> ObjectStoreUrl {
    ObjectStoreUrl::parse(HERE).expect("a scheme and a host make a store's URL")
}
