//! A store that fails on purpose, at every nth call, in each way there is.

use std::fmt;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use async_trait::async_trait;
use bytes::Bytes;
use futures::StreamExt as _;
use futures::stream::{self, BoxStream};
use lakeport_store::object_store::memory::InMemory;
use lakeport_store::object_store::path::Path;
use lakeport_store::object_store::{
    CopyOptions, Error as E, GetOptions, GetResult, GetResultPayload, ListResult, MultipartUpload,
    ObjectMeta, ObjectStore, PutMultipartOptions, PutOptions, PutPayload, PutResult, Result,
};
use lakeport_store::{
    Asking, Error, ListOptions, Store, list, list_folder, look_up, read_range, read_ranges,
};
use tokio::runtime::Handle;

use crate::suite;

#[derive(Debug, Clone, Copy)]
enum Fault {
    /// An error in place of an answer.
    Error,
    /// An answer that never begins, or goes on.
    Silence,
    /// A body or listing that breaks off in the middle.
    Break,
    /// A body that ends too early, without saying so.
    Short,
    /// A panic.
    Panic,
}

#[derive(Debug)]
struct Faulty {
    inner: Arc<InMemory>,
    fault: Fault,
    every: usize,
    calls: AtomicUsize,
}

impl Faulty {
    /// The fault, if this call is one that has it.
    fn now(&self) -> Option<Fault> {
        (self.calls.fetch_add(1, Ordering::Relaxed) % self.every == self.every - 1).then_some(self.fault)
    }

    async fn before(&self, fault: Option<Fault>) -> Result<()> {
        match fault {
            Some(Fault::Error) => Err(broken()),
            Some(Fault::Silence) => std::future::pending().await,
            Some(Fault::Panic) => panic!("on purpose"),
            _ => Ok(()),
        }
    }
}

fn broken() -> E {
    E::Generic { store: "faulty", source: "https://host/?sig=CANARY broke".into() }
}

impl fmt::Display for Faulty {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Faulty")
    }
}

#[async_trait]
impl ObjectStore for Faulty {
    async fn put_opts(&self, _: &Path, _: PutPayload, _: PutOptions) -> Result<PutResult> {
        unreachable!("stores are only read")
    }

    async fn put_multipart_opts(&self, _: &Path, _: PutMultipartOptions) -> Result<Box<dyn MultipartUpload>> {
        unreachable!("stores are only read")
    }

    async fn get_opts(&self, location: &Path, options: GetOptions) -> Result<GetResult> {
        let fault = self.now();
        self.before(fault).await?;
        let answer = self.inner.get_opts(location, options.clone()).await?;
        if options.head {
            return Ok(answer);
        }
        let (meta, range, attributes) =
            (answer.meta.clone(), answer.range.clone(), answer.attributes.clone());
        let bytes = answer.bytes().await?;
        let half = bytes.slice(..bytes.len() / 2);
        let parts: Vec<Result<Bytes>> = match fault {
            Some(Fault::Break) => vec![Ok(half), Err(broken())],
            Some(Fault::Short) => vec![Ok(half)],
            _ => vec![Ok(bytes)],
        };
        let payload = GetResultPayload::Stream(stream::iter(parts).boxed());
        Ok(GetResult { payload, meta, range, attributes })
    }

    fn delete_stream(&self, _: BoxStream<'static, Result<Path>>) -> BoxStream<'static, Result<Path>> {
        unreachable!("stores are only read")
    }

    fn list(&self, prefix: Option<&Path>) -> BoxStream<'static, Result<ObjectMeta>> {
        let entries = self.inner.list(prefix);
        match self.now() {
            Some(Fault::Error | Fault::Break | Fault::Short) => {
                entries.take(1).chain(stream::once(async { Err(broken()) })).boxed()
            }
            Some(Fault::Silence) => entries.take(1).chain(stream::pending()).boxed(),
            Some(Fault::Panic) => entries.map(|_| panic!("on purpose")).boxed(),
            None => entries,
        }
    }

    async fn list_with_delimiter(&self, prefix: Option<&Path>) -> Result<ListResult> {
        self.before(self.now()).await?;
        self.inner.list_with_delimiter(prefix).await
    }

    async fn copy_opts(&self, _: &Path, _: &Path, _: CopyOptions) -> Result<()> {
        unreachable!("stores are only read")
    }
}

/// Longest that a call may take, in the paused clock's time.
const PATIENCE: Duration = Duration::from_secs(300);

/// Right, or a proper error; never for ever.
async fn within<T>(work: impl Future<Output = Result<T, Error>>) -> Option<T> {
    match tokio::time::timeout(PATIENCE, work).await.expect("a call hangs") {
        Ok(answer) => Some(answer),
        Err(error) => {
            assert_eq!(error.sqlstate().code(), "58030", "{error}");
            assert!(!format!("{error} {error:?}").contains("CANARY"), "{error:?}");
            None
        }
    }
}

async fn check(fault: Fault) {
    let memory = Arc::new(InMemory::new());
    suite::seed(&*memory).await;
    for every in 1..=7 {
        let faulty = Faulty { inner: Arc::clone(&memory), fault, every, calls: AtomicUsize::new(0) };
        let store = Store::from_objects("faulty", Arc::new(faulty), &Handle::current());
        let objects = store.objects();
        for _ in 0..8 {
            within(store.probe()).await;
            if let Some(found) = within(list(&*objects, &Path::from("t"), ListOptions::default())).await {
                assert_eq!(found.len(), 4);
            }
            if let Some(folder) =
                within(list_folder(&*objects, &Path::from("t"), ListOptions::default())).await
            {
                assert_eq!(folder.folders.len(), 3);
            }
            let Some(object) = within(look_up(&*objects, &Path::from("t/top.csv"))).await else { continue };
            if let Some(bytes) = within(read_range(&*objects, &object, 100..2_100)).await {
                assert_eq!(bytes.len(), 2_000);
                assert_eq!(bytes[0], 100);
            }
            for asking in [Asking::Joined { gap: 1 << 20 }, Asking::Gathered { request: 1 << 20 }] {
                let ranges = [0..10, 2_990..3_000];
                let read = read_ranges(&*objects, &object, &ranges, asking);
                let Some(parts) = within(read).await else { continue };
                assert_eq!(parts.iter().map(Bytes::len).collect::<Vec<_>>(), [10, 10]);
                assert_eq!(
                    (parts[0][0], parts[1][0]),
                    (suite::content(3_000)[0], suite::content(3_000)[2_990]),
                    "{asking:?}"
                );
            }
        }
    }
}

#[tokio::test(start_paused = true)]
async fn a_store_that_gives_errors_gives_proper_ones() {
    check(Fault::Error).await;
}

#[tokio::test(start_paused = true)]
async fn a_store_that_falls_silent_is_given_up() {
    check(Fault::Silence).await;
}

#[tokio::test(start_paused = true)]
async fn a_body_that_breaks_off_goes_on_or_fails() {
    check(Fault::Break).await;
}

#[tokio::test(start_paused = true)]
async fn a_body_that_ends_too_early_goes_on_or_fails() {
    check(Fault::Short).await;
}

#[tokio::test(start_paused = true)]
async fn a_panic_in_the_store_fails_one_call() {
    check(Fault::Panic).await;
}
