//! A store whose requests and bytes are counted.

use std::fmt;
use std::sync::Arc;

use async_trait::async_trait;
use futures::StreamExt as _;
use futures::stream::BoxStream;
use object_store::path::Path;
use object_store::{
    CopyOptions, GetOptions, GetResult, GetResultPayload, ListResult, MultipartUpload, ObjectMeta,
    ObjectStore, PutMultipartOptions, PutOptions, PutPayload, PutResult, Result,
};

use crate::meter::Meter;

/// Passes everything on and counts it. Displays as the store's name and nothing else.
///
/// A request is a call of this trait: the pages of a long listing and what object_store sends
/// again after a failure count once. Several ranges of one object are asked for as the
/// requests that they become when close ones are joined, so that each is counted.
#[derive(Debug)]
pub(crate) struct Metered {
    name: Arc<str>,
    inner: Arc<dyn ObjectStore>,
    meter: Arc<Meter>,
}

impl Metered {
    /// Counts what is asked of `inner`, the store called `name`.
    pub(crate) fn new(name: Arc<str>, inner: Arc<dyn ObjectStore>, meter: Arc<Meter>) -> Self {
        Self { name, inner, meter }
    }
}

impl fmt::Display for Metered {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.name)
    }
}

#[async_trait]
impl ObjectStore for Metered {
    async fn put_opts(&self, location: &Path, payload: PutPayload, options: PutOptions) -> Result<PutResult> {
        self.meter.add_request();
        self.inner.put_opts(location, payload, options).await
    }

    async fn put_multipart_opts(
        &self,
        location: &Path,
        options: PutMultipartOptions,
    ) -> Result<Box<dyn MultipartUpload>> {
        self.meter.add_request();
        self.inner.put_multipart_opts(location, options).await
    }

    async fn get_opts(&self, location: &Path, options: GetOptions) -> Result<GetResult> {
        self.meter.add_request();
        let head = options.head;
        let mut result = self.inner.get_opts(location, options).await?;
        result.payload = match result.payload {
            GetResultPayload::Stream(stream) => {
                let meter = Arc::clone(&self.meter);
                let counted = stream.inspect(move |chunk| {
                    if let Ok(bytes) = chunk {
                        meter.add_bytes(bytes.len() as u64);
                    }
                });
                GetResultPayload::Stream(counted.boxed())
            }
            file @ GetResultPayload::File(..) => {
                if !head {
                    self.meter.add_bytes(result.range.end - result.range.start);
                }
                file
            }
        };
        Ok(result)
    }

    fn delete_stream(&self, locations: BoxStream<'static, Result<Path>>) -> BoxStream<'static, Result<Path>> {
        self.meter.add_request();
        self.inner.delete_stream(locations)
    }

    fn list(&self, prefix: Option<&Path>) -> BoxStream<'static, Result<ObjectMeta>> {
        self.meter.add_request();
        self.inner.list(prefix)
    }

    fn list_with_offset(
        &self,
        prefix: Option<&Path>,
        offset: &Path,
    ) -> BoxStream<'static, Result<ObjectMeta>> {
        self.meter.add_request();
        self.inner.list_with_offset(prefix, offset)
    }

    async fn list_with_delimiter(&self, prefix: Option<&Path>) -> Result<ListResult> {
        self.meter.add_request();
        self.inner.list_with_delimiter(prefix).await
    }

    async fn copy_opts(&self, from: &Path, to: &Path, options: CopyOptions) -> Result<()> {
        self.meter.add_request();
        self.inner.copy_opts(from, to, options).await
    }
}
