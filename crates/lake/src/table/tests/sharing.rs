//! What is asked of a store once for all who want it, and what must never be shared.

use std::fmt;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use async_trait::async_trait;
use futures::future::{join, join_all};
use futures::stream::{self, BoxStream, StreamExt as _};
use lakeport_base::ByteSize;
use lakeport_store::{Meter, Store};
use object_store::memory::InMemory;
use object_store::path::Path;
use object_store::{
    CopyOptions, GetOptions, GetResult, ListResult, MultipartUpload, ObjectMeta, ObjectStore,
    ObjectStoreExt as _, PutMultipartOptions, PutOptions, PutPayload, PutResult, Result,
};
use tokio::runtime::Handle;
use tokio::sync::Semaphore;

use super::{Lake, Table, TableSettings, ask, ints, settings, texts, write};
use crate::Footers;

fn footers() -> Arc<Footers> {
    Footers::new(ByteSize::mebibytes(16))
}

#[tokio::test]
async fn a_name_that_is_given_to_another_store_does_not_meet_the_old_footers() {
    let footers = footers();
    let mut found = Vec::new();
    for column in [("a", ints(&[1])), ("b", texts(&["x"]))] {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("x.parquet");
        write(&path, vec![column]);
        let memory = InMemory::new();
        // The first write into each memory has the same etag, and so the same version.
        memory.put(&"t/x.parquet".into(), std::fs::read(path).unwrap().into()).await.unwrap();
        let store = Store::from_objects("lake", Arc::new(memory), &Handle::current());
        let table = Table::new(settings(&store, "t"), Arc::clone(&footers));
        let snapshot = table.snapshot().await.unwrap();
        let version = snapshot.files()[0].object.version.clone();
        found.push((version, ask(&snapshot, &Arc::new(Meter::default()), "SELECT * FROM t").await.unwrap()));
    }
    assert_eq!(found[0].0, found[1].0);
    assert_eq!((found[0].1.as_str(), found[1].1.as_str()), ("| 1 |", "| x |"));
}

#[tokio::test]
async fn a_store_that_is_opened_again_meets_its_footers() {
    let lake = Lake::new();
    lake.write("t/a.parquet", vec![("v", ints(&[1]))]);
    let footers = footers();
    let mut requests = Vec::new();
    for name in ["lake", "renamed"] {
        let kind = lakeport_config::StoreKind::Local { folder: lake.folder.path().to_owned() };
        let opened = lakeport_config::Store { url: String::new(), kind };
        let store = Store::open(name, &opened, &Handle::current()).unwrap();
        Table::new(settings(&store, "t"), Arc::clone(&footers)).snapshot().await.unwrap();
        requests.push(store.meter().requests());
    }
    assert_eq!(requests[1] + 1, requests[0], "the footer was read again");
}

#[tokio::test]
async fn those_who_ask_at_once_share_one_listing_and_one_read_of_each_footer() {
    let lake = Lake::new();
    for file in 0..5 {
        lake.write(&format!("t/{file}.parquet"), vec![("v", ints(&[file]))]);
    }
    let requests = || lake.store.meter().requests();
    let before = requests();
    lake.table("t").snapshot().await.unwrap();
    let alone = requests() - before;
    // Where nothing but a listing of now is believed, those who ask during the first one share a second.
    for (fresh_within, requests_more) in [(Duration::from_secs(60), alone), (Duration::ZERO, alone + 1)] {
        let settings = TableSettings { fresh_within, ..settings(&lake.store, "t") };
        let table = Table::new(settings, footers());
        let before = requests();
        let all = join_all((0..16).map(|_| table.snapshot())).await;
        let first = all[0].as_ref().unwrap();
        assert!(all.iter().all(|other| Arc::ptr_eq(other.as_ref().unwrap(), first)));
        assert_eq!(requests() - before, requests_more, "{fresh_within:?}");
    }
    // Two tables over one folder list it twice, and read its footers once.
    let footers = footers();
    let tables = [0, 1].map(|_| Table::new(settings(&lake.store, "t"), Arc::clone(&footers)));
    let before = requests();
    assert!(join_all(tables.iter().map(Table::snapshot)).await.iter().all(|snapshot| snapshot.is_ok()));
    assert_eq!(requests() - before, 2 * alone - 5);
}

#[tokio::test]
async fn a_listing_that_fails_fails_for_all_who_waited_and_is_tried_again_after() {
    let away = Arc::new(Seen { listings: AtomicUsize::new(0), gate: Semaphore::new(0) });
    let store = Store::from_objects("away", Arc::new(Away(Arc::clone(&away))), &Handle::current());
    let table = Table::new(settings(&store, "t"), footers());
    let open = async {
        while away.listings.load(Ordering::Relaxed) == 0 {
            tokio::task::yield_now().await;
        }
        away.gate.add_permits(1);
    };
    // All have asked before the gate opens, because they are polled first.
    let (all, ()) = join(join_all((0..16).map(|_| table.snapshot())), open).await;
    for one in all {
        let error = one.unwrap_err();
        assert_eq!(error.sqlstate().code(), "58030");
        assert!(error.to_string().contains("away"), "{error}");
    }
    assert_eq!(away.listings.load(Ordering::Relaxed), 1);
    away.gate.add_permits(1);
    assert!(table.snapshot().await.is_err());
    assert_eq!(away.listings.load(Ordering::Relaxed), 2, "a later one asks the store again");
}

/// What is seen of a store that fails, and when it may fail.
#[derive(Debug)]
struct Seen {
    listings: AtomicUsize,
    gate: Semaphore,
}

/// A store that fails at everything.
#[derive(Debug)]
struct Away(Arc<Seen>);

impl fmt::Display for Away {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Away")
    }
}

fn fails<T>() -> Result<T> {
    Err(object_store::Error::Generic { store: "away", source: "nobody is here".into() })
}

#[async_trait]
impl ObjectStore for Away {
    async fn put_opts(&self, _: &Path, _: PutPayload, _: PutOptions) -> Result<PutResult> {
        fails()
    }

    async fn put_multipart_opts(&self, _: &Path, _: PutMultipartOptions) -> Result<Box<dyn MultipartUpload>> {
        fails()
    }

    async fn get_opts(&self, _: &Path, _: GetOptions) -> Result<GetResult> {
        fails()
    }

    fn delete_stream(&self, _: BoxStream<'static, Result<Path>>) -> BoxStream<'static, Result<Path>> {
        stream::once(async { fails() }).boxed()
    }

    fn list(&self, _: Option<&Path>) -> BoxStream<'static, Result<ObjectMeta>> {
        let seen = Arc::clone(&self.0);
        let listing = async move {
            seen.listings.fetch_add(1, Ordering::Relaxed);
            seen.gate.acquire().await.unwrap().forget();
            fails()
        };
        stream::once(listing).boxed()
    }

    async fn list_with_delimiter(&self, _: Option<&Path>) -> Result<ListResult> {
        fails()
    }

    async fn copy_opts(&self, _: &Path, _: &Path, _: CopyOptions) -> Result<()> {
        fails()
    }
}
