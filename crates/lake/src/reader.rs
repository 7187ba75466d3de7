//! How DataFusion's Parquet scan gets its bytes: from one version of an object, or not at all.

use std::ops::Range;
use std::sync::Arc;

use bytes::Bytes;
use datafusion::common::{DataFusionError, Result};
use datafusion::datasource::listing::PartitionedFile;
use datafusion::datasource::physical_plan::{ParquetFileMetrics, ParquetFileReaderFactory};
use datafusion::physical_plan::metrics::ExecutionPlanMetricsSet;
use futures::FutureExt as _;
use futures::future::BoxFuture;
use lakeport_store::{Asking, Meter, Object, Store, read_range, read_ranges};
use object_store::{OBJECT_STORE_COALESCE_DEFAULT, ObjectStore};
use parquet::arrow::arrow_reader::ArrowReaderOptions;
use parquet::arrow::async_reader::AsyncFileReader;
use parquet::errors::ParquetError;
use parquet::file::metadata::ParquetMetaData;

use crate::offsets::Offsets;
use crate::pages::Reach;
use crate::{Error, Footers, Snapshot};

/// How the ranges of a whole row group are asked for: object_store's own measure.
const OF_ROW_GROUP: Asking = Asking::Joined { gap: OBJECT_STORE_COALESCE_DEFAULT };

/// The object behind a file of a scan, with the version that it was planned with.
#[derive(Debug, Clone)]
pub(crate) struct Pinned(pub(crate) Object);

/// Makes readers for the files of one scan.
#[derive(Debug)]
pub(crate) struct ReaderFactory {
    origin: Arc<str>,
    objects: Arc<dyn ObjectStore>,
    footers: Arc<Footers>,
    store: Store,
    reach: Reach,
}

impl ReaderFactory {
    /// Reads the snapshot's store, counting in `meter` too.
    pub(crate) fn new(snapshot: &Snapshot, meter: &Arc<Meter>) -> Self {
        let store = snapshot.store();
        let objects = store.metered(Arc::clone(meter));
        let reach = if store.is_near() { Reach::NEAR } else { Reach::FAR };
        Self {
            origin: Arc::clone(store.origin()),
            objects,
            footers: Arc::clone(snapshot.footers()),
            store: store.clone(),
            reach,
        }
    }

    /// The same, asking for so much at once.
    #[cfg(test)]
    pub(crate) fn reaching(self, reach: Reach) -> Self {
        Self { reach, ..self }
    }

    /// How much is asked of the store at once.
    pub(crate) fn reach(&self) -> Reach {
        self.reach
    }

    /// The footer of a file.
    pub(crate) async fn footer(&self, object: &Object) -> Result<Arc<ParquetMetaData>> {
        self.footers.footer(&self.origin, self.objects.as_ref(), object).await.map_err(external)
    }

    /// Where the pages of a file with this footer lie.
    pub(crate) async fn offsets(&self, object: &Object, footer: &ParquetMetaData) -> Result<Arc<Offsets>> {
        self.footers.offsets(&self.origin, self.objects.as_ref(), object, footer).await.map_err(external)
    }

    /// Bytes of a file, in the order of the ranges. They come while nobody looks.
    pub(crate) fn read(
        &self,
        object: Object,
        ranges: Vec<Range<u64>>,
    ) -> BoxFuture<'static, Result<Vec<Bytes>>> {
        let (objects, asking) = (Arc::clone(&self.objects), self.reach.asking);
        let read = async move { read_ranges(objects.as_ref(), &object, &ranges, asking).await };
        self.store.ahead(async move { read.await.map_err(external) })
    }
}

impl ParquetFileReaderFactory for ReaderFactory {
    fn create_reader(
        &self,
        partition: usize,
        file: PartitionedFile,
        _metadata_size_hint: Option<usize>,
        metrics: &ExecutionPlanMetricsSet,
    ) -> Result<Box<dyn AsyncFileReader + Send>> {
        let Some(Pinned(object)) = file.extension::<Pinned>().cloned() else {
            return Err(DataFusionError::Internal("a file of a scan without its version".to_owned()));
        };
        let metrics = ParquetFileMetrics::new(partition, object.path.as_ref(), metrics);
        let (origin, objects, footers) =
            (Arc::clone(&self.origin), Arc::clone(&self.objects), Arc::clone(&self.footers));
        Ok(Box::new(Reader { origin, objects, footers, object, metrics }))
    }
}

struct Reader {
    origin: Arc<str>,
    objects: Arc<dyn ObjectStore>,
    footers: Arc<Footers>,
    object: Object,
    metrics: ParquetFileMetrics,
}

impl Reader {
    fn count(&self, ranges: &[Range<u64>]) {
        let bytes: u64 = ranges.iter().map(|range| range.end.saturating_sub(range.start)).sum();
        self.metrics.bytes_scanned.add(usize::try_from(bytes).unwrap_or(usize::MAX));
    }
}

impl AsyncFileReader for Reader {
    fn get_bytes(&mut self, range: Range<u64>) -> BoxFuture<'_, parquet::errors::Result<Bytes>> {
        self.count(std::slice::from_ref(&range));
        async move { read_range(self.objects.as_ref(), &self.object, range).await.map_err(failed) }.boxed()
    }

    fn get_byte_ranges(
        &mut self,
        ranges: Vec<Range<u64>>,
    ) -> BoxFuture<'_, parquet::errors::Result<Vec<Bytes>>> {
        self.count(&ranges);
        async move {
            read_ranges(self.objects.as_ref(), &self.object, &ranges, OF_ROW_GROUP).await.map_err(failed)
        }
        .boxed()
    }

    /// The footer without the page index: a scan that can use that asks for its bytes.
    fn get_metadata<'a>(
        &'a mut self,
        _options: Option<&'a ArrowReaderOptions>,
    ) -> BoxFuture<'a, parquet::errors::Result<Arc<ParquetMetaData>>> {
        let footer = async { self.footers.footer(&self.origin, self.objects.as_ref(), &self.object).await };
        footer.map(|footer| footer.map_err(failed)).boxed()
    }
}

fn failed(error: impl Into<Error>) -> ParquetError {
    ParquetError::External(Box::new(error.into()))
}

fn external(error: impl Into<Error>) -> DataFusionError {
    DataFusionError::External(Box::new(error.into()))
}
