//! One suite that every store passes: in memory, a local folder, Azurite, and one that fails on purpose.
//!
//! Azurite is taken from `LAKEPORT_TEST_AZURITE=http://127.0.0.1:PORT`; ./test starts it.

#![expect(
    clippy::unwrap_used,
    reason = "all of this is test code, and clippy sees that only of the tests themselves"
)]

#[path = "conformance/azurite.rs"]
mod azurite;
#[path = "conformance/faulty.rs"]
mod faulty;
#[path = "conformance/local.rs"]
mod local;
#[path = "conformance/suite.rs"]
mod suite;

use std::sync::Arc;

use lakeport_store::Store;
use lakeport_store::object_store::ObjectStore;
use lakeport_store::object_store::memory::InMemory;
use tokio::runtime::Handle;

#[tokio::test]
async fn objects_in_memory_conform() {
    let raw: Arc<dyn ObjectStore> = Arc::new(InMemory::new());
    let store = Store::from_objects("mem", Arc::clone(&raw), &Handle::current());
    suite::run(&store, &*raw).await;
}

#[test]
fn a_store_answers_from_a_thread_that_has_no_runtime() {
    let storage = tokio::runtime::Runtime::new().unwrap();
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join("a.csv"), "x").unwrap();
    let kind = lakeport_config::StoreKind::Local { folder: folder.path().to_owned() };
    let settings = lakeport_config::Store { url: String::new(), kind };
    let store = Store::open("lake", &settings, storage.handle()).unwrap();
    let objects = store.objects();
    let object = futures::executor::block_on(lakeport_store::look_up(&*objects, &"a.csv".into())).unwrap();
    let bytes = futures::executor::block_on(lakeport_store::read_range(&*objects, &object, 0..1)).unwrap();
    assert_eq!(bytes, "x");
}
