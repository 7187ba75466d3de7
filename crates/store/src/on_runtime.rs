//! A store whose every request runs on the storage runtime, whoever asks.
//!
//! Also the place of patience: a request that does not begin to answer, or a body that stops
//! coming, is asked for once more and then given up; a body that broke off goes on where it ended,
//! in the same version or not at all.
//!
//! Dropping what is returned ends the work behind it.

use std::fmt;
use std::future::Future;
use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use futures::StreamExt as _;
use futures::stream::{self, BoxStream};
use lakeport_base::{Buffers, ByteSize};
use object_store::path::Path;
use object_store::{
    CopyOptions, GetOptions, GetResult, GetResultPayload, ListResult, MultipartUpload, ObjectMeta,
    ObjectStore, PutMultipartOptions, PutOptions, PutPayload, PutResult, RenameOptions, Result,
};
use tokio::runtime::Handle;
use tokio::sync::mpsc;
use tokio::time::timeout;
use tokio_util::task::AbortOnDropHandle;
use tracing::Instrument as _;

use crate::body::Body;
use crate::refused::{Refused, at};
use crate::window::window;

/// Longest that a store may take to begin an answer, tries and all. Above the 30 s in which
/// object_store tries again, and one connect timeout.
pub(crate) const ANSWER_WAIT: Duration = Duration::from_secs(40);

/// Longest that the listing of one folder may take, all its pages: a guess, some thousand of them.
const FOLDER_WAIT: Duration = Duration::from_secs(240);

/// Bytes of buffers for files that wait to be used again, for each store: about a row group for each of some cores.
const WAITING_MAX: ByteSize = ByteSize::mebibytes(128);

/// Tries of a GET that does not begin to answer.
const ANSWER_TRIES: usize = 2;

/// Entries of a listing that wait for a reader at most.
const ENTRIES_WAITING: usize = 1_024;

/// Runs what is asked of `inner` on the runtime of `handle`.
#[derive(Debug)]
pub(crate) struct OnRuntime {
    inner: Arc<dyn ObjectStore>,
    handle: Handle,
    buffers: Buffers,
}

impl OnRuntime {
    /// Wraps `inner`.
    pub(crate) fn new(inner: Arc<dyn ObjectStore>, handle: Handle) -> Self {
        Self { inner, handle, buffers: Buffers::new(WAITING_MAX) }
    }

    fn spawn<T: Send + 'static>(
        &self,
        work: impl Future<Output = T> + Send + 'static,
    ) -> AbortOnDropHandle<T> {
        AbortOnDropHandle::new(self.handle.spawn(work.in_current_span()))
    }

    /// Pumps the listing that `begin` starts; it is begun on the runtime, too.
    fn entries<T: Send + 'static>(
        &self,
        begin: impl FnOnce(&dyn ObjectStore) -> BoxStream<'static, Result<T>> + Send + 'static,
    ) -> BoxStream<'static, Result<T>> {
        let (sender, receiver) = mpsc::channel(ENTRIES_WAITING);
        let inner = Arc::clone(&self.inner);
        let writer = self.spawn(async move {
            let mut entries = begin(&*inner);
            loop {
                let entry = match timeout(ANSWER_WAIT, entries.next()).await {
                    Ok(Some(entry)) => entry,
                    Ok(None) => return,
                    Err(_) => Err(Refused::Stalled.at(&Path::ROOT)),
                };
                let is_last = entry.is_err();
                if sender.send(entry).await.is_err() || is_last {
                    return;
                }
            }
        });
        stream::unfold(Some((receiver, writer)), |state| async {
            let (mut receiver, writer) = state?;
            match receiver.recv().await {
                Some(Ok(entry)) => Some((Ok(entry), Some((receiver, writer)))),
                Some(Err(error)) => Some((Err(error), None)),
                None => writer.await.err().map(|source| (Err(source.into()), None)),
            }
        })
        .boxed()
    }
}

impl fmt::Display for OnRuntime {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "OnRuntime({})", self.inner)
    }
}

/// Sends a GET and waits for the answer to begin.
pub(crate) async fn patient_get(
    store: &dyn ObjectStore,
    location: &Path,
    options: &GetOptions,
) -> Result<GetResult> {
    for _ in 0..ANSWER_TRIES {
        if let Ok(answer) = timeout(ANSWER_WAIT, store.get_opts(location, options.clone())).await {
            return answer.map_err(|error| at(location, error));
        }
    }
    Err(Refused::Stalled.at(location))
}

#[async_trait]
impl ObjectStore for OnRuntime {
    async fn put_opts(&self, location: &Path, payload: PutPayload, options: PutOptions) -> Result<PutResult> {
        let (inner, location) = (Arc::clone(&self.inner), location.clone());
        self.spawn(async move { inner.put_opts(&location, payload, options).await }).await?
    }

    /// Only the beginning of the upload runs on the runtime; its parts run where they are put.
    async fn put_multipart_opts(
        &self,
        location: &Path,
        options: PutMultipartOptions,
    ) -> Result<Box<dyn MultipartUpload>> {
        let (inner, location) = (Arc::clone(&self.inner), location.clone());
        self.spawn(async move { inner.put_multipart_opts(&location, options).await }).await?
    }

    async fn get_opts(&self, location: &Path, options: GetOptions) -> Result<GetResult> {
        let (inner, location, is_head) = (Arc::clone(&self.inner), location.clone(), options.head);
        let mut answer = {
            let (inner, location, options) = (Arc::clone(&inner), location.clone(), options.clone());
            self.spawn(async move { patient_get(&*inner, &location, &options).await }).await??
        };
        // object_store's PrefixStore answers with the path in the whole bucket.
        answer.meta.location = location.clone();
        let payload =
            std::mem::replace(&mut answer.payload, GetResultPayload::Stream(stream::empty().boxed()));
        if !is_head {
            let body = Body::new(inner, location, options, &answer, self.buffers.clone());
            let (sender, receiver) = window();
            let writer = self.spawn(body.pump(payload, sender));
            answer.payload = GetResultPayload::Stream(receiver.into_stream(writer).boxed());
        }
        Ok(answer)
    }

    fn delete_stream(&self, locations: BoxStream<'static, Result<Path>>) -> BoxStream<'static, Result<Path>> {
        self.entries(|inner| inner.delete_stream(locations))
    }

    fn list(&self, prefix: Option<&Path>) -> BoxStream<'static, Result<ObjectMeta>> {
        let prefix = prefix.cloned();
        self.entries(move |inner| inner.list(prefix.as_ref()))
    }

    fn list_with_offset(
        &self,
        prefix: Option<&Path>,
        offset: &Path,
    ) -> BoxStream<'static, Result<ObjectMeta>> {
        let (prefix, offset) = (prefix.cloned(), offset.clone());
        self.entries(move |inner| inner.list_with_offset(prefix.as_ref(), &offset))
    }

    async fn list_with_delimiter(&self, prefix: Option<&Path>) -> Result<ListResult> {
        let (inner, prefix) = (Arc::clone(&self.inner), prefix.cloned());
        let work = async move { timeout(FOLDER_WAIT, inner.list_with_delimiter(prefix.as_ref())).await };
        self.spawn(work).await?.unwrap_or_else(|_| Err(Refused::Stalled.at(&Path::ROOT)))
    }

    async fn copy_opts(&self, from: &Path, to: &Path, options: CopyOptions) -> Result<()> {
        let (inner, from, to) = (Arc::clone(&self.inner), from.clone(), to.clone());
        self.spawn(async move { inner.copy_opts(&from, &to, options).await }).await?
    }

    async fn rename_opts(&self, from: &Path, to: &Path, options: RenameOptions) -> Result<()> {
        let (inner, from, to) = (Arc::clone(&self.inner), from.clone(), to.clone());
        self.spawn(async move { inner.rename_opts(&from, &to, options).await }).await?
    }
}
