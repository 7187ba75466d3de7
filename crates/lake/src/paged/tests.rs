//! Files cut by their pages, in any layout, compared with the same files read whole.

use std::fs::File;
use std::ops::Range;
use std::path::Path;
use std::sync::Arc;

use arrow::array::{
    ArrayRef, BooleanArray, FixedSizeBinaryBuilder, Int32Array, Int32Builder, Int64Array, ListBuilder,
    NullArray, RecordBatch, StringArray, StringBuilder, StructArray,
};
use arrow::compute::{cast, concat_batches};
use arrow::datatypes::{DataType, Field};
use datafusion::datasource::listing::{FileRange, PartitionedFile};
use datafusion::datasource::table_schema::TableSchema;
use datafusion::physical_expr::projection::ProjectionExprs;
use datafusion::physical_plan::metrics::Count;
use futures::TryStreamExt as _;
use lakeport_base::{ByteSize, TableName};
use lakeport_config::StoreKind;
use lakeport_store::{Asking, Meter, Store};
use object_store::ObjectMeta;
use parquet::arrow::ArrowWriter;
use parquet::arrow::arrow_reader::{ArrowReaderOptions, ParquetRecordBatchReaderBuilder};
use parquet::basic::Compression;
use parquet::file::properties::{WriterProperties, WriterVersion};
use proptest::prelude::{ProptestConfig, Strategy, any, prop, prop_assert, prop_assert_eq, proptest};
use tempfile::TempDir;

use super::Paging;
use crate::pages::Reach;
use crate::reader::{Pinned, ReaderFactory};
use crate::shape::Shape;
use crate::{Footers, Place, Snapshot, Table, TableSettings};

/// Cuts whatever has two pages.
const TINY: Reach = Reach { window_bytes: 512, run_bytes: 64, asking: Asking::Joined { gap: 16 } };

/// How a file is written, and how it is read.
#[derive(Debug, Clone)]
struct Layout {
    rows: usize,
    group_rows: usize,
    page_rows: usize,
    page_bytes: usize,
    dictionary_bytes: usize,
    is_v2: bool,
    is_compressed: bool,
    seed: u64,
    /// The columns that are read, by their place.
    columns: Vec<usize>,
    batch_rows: usize,
    /// Where the file is cut, in thousandths of it.
    cuts: Vec<u64>,
    run_bytes: u64,
}

fn layouts() -> impl Strategy<Value = Layout> {
    let file = (1..6000_usize, 1..4000_usize, 1..900_usize, 40..4000_usize, 16..4000_usize);
    let kinds = (any::<bool>(), any::<bool>(), any::<u64>());
    let read = (
        prop::sample::subsequence((0..COLUMNS).collect::<Vec<_>>(), 1..=COLUMNS),
        1..1500_usize,
        prop::collection::vec(0..1000_u64, 0..6),
        1..3000_u64,
    );
    (file, kinds, read).prop_map(|(file, kinds, (columns, batch_rows, cuts, run_bytes))| Layout {
        rows: file.0,
        group_rows: file.1,
        page_rows: file.2,
        page_bytes: file.3,
        dictionary_bytes: file.4,
        is_v2: kinds.0,
        is_compressed: kinds.1,
        seed: kinds.2,
        columns,
        batch_rows,
        cuts,
        run_bytes,
    })
}

const COLUMNS: usize = 8;

/// Numbers that look random.
struct Dice(u64);

impl Dice {
    fn below(&mut self, end: u64) -> u64 {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 33) % end
    }
}

fn rows(seed: u64, count: usize) -> RecordBatch {
    let mut dice = Dice(seed);
    let mut some = |end: u64| (dice.below(5) > 0).then(|| dice.below(end));
    let numbers: Int32Array = (0..count).map(|_| some(2000).map(|number| number as i32)).collect();
    let words: StringArray =
        (0..count).map(|_| some(300).map(|number| "word ".repeat(number as usize % 9) + "x")).collect();
    let flags: BooleanArray = (0..count).map(|_| some(2).map(|number| number == 1)).collect();
    let mut lists = ListBuilder::new(Int32Builder::new());
    let mut deep = ListBuilder::new(ListBuilder::new(StringBuilder::new()));
    let mut fixed = FixedSizeBinaryBuilder::new(5);
    for _ in 0..count {
        for _ in 0..some(6).unwrap_or(0) {
            lists.values().append_option(some(90).map(|number| number as i32));
        }
        lists.append(some(2).is_some());
        for _ in 0..some(3).unwrap_or(0) {
            for _ in 0..some(3).unwrap_or(0) {
                deep.values().values().append_option(some(50).map(|number| "y".repeat(number as usize)));
            }
            deep.values().append(some(2).is_some());
        }
        deep.append(some(2).is_some());
        match some(1 << 30) {
            Some(number) => fixed.append_value(&number.to_le_bytes()[..5]).unwrap(),
            None => fixed.append_null(),
        }
    }
    let inner: ArrayRef =
        Arc::new((0..count).map(|_| some(1 << 30).map(|n| n as i64)).collect::<Int64Array>());
    let pair = StructArray::from(vec![
        (Arc::new(Field::new("a", DataType::Int64, true)), inner),
        (Arc::new(Field::new("b", DataType::Utf8, true)), Arc::new(words.clone()) as ArrayRef),
    ]);
    let columns: [(&str, ArrayRef); COLUMNS] = [
        ("numbers", Arc::new(numbers)),
        ("words", Arc::new(words)),
        ("flags", Arc::new(flags)),
        ("nulls", cast(&NullArray::new(count), &DataType::Int64).unwrap()),
        ("lists", Arc::new(lists.finish())),
        ("deep", Arc::new(deep.finish())),
        ("fixed", Arc::new(fixed.finish())),
        ("pair", Arc::new(pair)),
    ];
    RecordBatch::try_from_iter_with_nullable(columns.map(|(name, column)| (name, column, true))).unwrap()
}

fn write(path: &Path, layout: &Layout) {
    let compression = if layout.is_compressed { Compression::SNAPPY } else { Compression::UNCOMPRESSED };
    let version = if layout.is_v2 { WriterVersion::PARQUET_2_0 } else { WriterVersion::PARQUET_1_0 };
    let properties = WriterProperties::builder()
        .set_max_row_group_row_count(Some(layout.group_rows))
        .set_data_page_row_count_limit(layout.page_rows)
        .set_data_page_size_limit(layout.page_bytes)
        .set_dictionary_page_size_limit(layout.dictionary_bytes)
        .set_write_batch_size(17)
        .set_writer_version(version)
        .set_compression(compression)
        .build();
    let rows = rows(layout.seed, layout.rows);
    let mut writer =
        ArrowWriter::try_new(File::create(path).unwrap(), rows.schema(), Some(properties)).unwrap();
    writer.write(&rows).unwrap();
    writer.close().unwrap();
}

struct Lake {
    folder: TempDir,
    snapshot: Arc<Snapshot>,
    meter: Arc<Meter>,
}

impl Lake {
    /// A table of the one file that `write` writes.
    async fn new(write: impl FnOnce(&Path)) -> Lake {
        let folder = TempDir::new().unwrap();
        write(&folder.path().join("t.parquet"));
        let kind = StoreKind::Local { folder: folder.path().canonicalize().unwrap() };
        let settings = lakeport_config::Store { url: String::new(), kind };
        let store = Store::open("lake", &settings, &tokio::runtime::Handle::current()).unwrap();
        let settings = TableSettings {
            name: TableName::new("s", "t"),
            store,
            place: Place::configured("t.parquet"),
            partitions: vec![],
            fresh_within: std::time::Duration::ZERO,
        };
        let table = Table::new(settings, Footers::new(ByteSize::mebibytes(16)));
        Lake { folder, snapshot: table.snapshot().await.unwrap(), meter: Arc::default() }
    }

    fn paging(&self, columns: &[usize], batch_rows: usize, reach: Reach) -> Paging {
        let (schema, _) = self.snapshot.bounds();
        let columns = ProjectionExprs::from_indices(columns, schema);
        let store = ReaderFactory::new(&self.snapshot, &self.meter).reaching(reach);
        let table = TableSchema::builder(Arc::clone(schema)).build();
        Paging { store: Arc::new(store), table, columns, batch_rows, scanned: Count::new() }
    }

    fn file(&self, range: Option<Range<i64>>) -> PartitionedFile {
        let known = &self.snapshot.files()[0];
        let mut file = PartitionedFile::new_from_meta(ObjectMeta::from(&known.object))
            .with_arrow_schema(Arc::clone(&known.schema))
            .with_extension(Pinned(known.object.clone()));
        file.range = range.map(|range| FileRange { start: range.start, end: range.end });
        file
    }

    /// The rows of a range as pages give them; none where the file is not read so.
    async fn paged(&self, paging: &Paging, range: Option<Range<i64>>) -> Option<Vec<RecordBatch>> {
        let rows = paging.open(&self.file(range)).await.unwrap()?;
        Some(rows.try_collect().await.unwrap())
    }

    /// The same columns, read by the decoder alone.
    fn whole(&self, columns: &[usize]) -> RecordBatch {
        let file = File::open(self.folder.path().join("t.parquet")).unwrap();
        let options = ArrowReaderOptions::new().with_schema(Arc::clone(&self.snapshot.files()[0].schema));
        let builder = ParquetRecordBatchReaderBuilder::try_new_with_options(file, options).unwrap();
        let rows: Vec<RecordBatch> = builder.build().unwrap().map(Result::unwrap).collect();
        concat_batches(self.snapshot.schema(), &rows).unwrap().project(columns).unwrap()
    }

    /// Whether the file has a row group that does not come in one go.
    async fn is_large(&self, paging: &Paging) -> bool {
        let footer = paging.store.footer(&self.snapshot.files()[0].object).await.unwrap();
        let shape = Shape::new(&paging.table, &paging.columns, &self.file(None), &footer).unwrap().unwrap();
        super::is_large(&footer, &shape.leaves, paging.store.reach())
    }

    fn size(&self) -> u64 {
        self.snapshot.files()[0].object.size
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 96, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn a_file_cut_anywhere_has_the_rows_of_the_whole_in_their_order(layout in layouts()) {
        let (parts, whole, batches_max, is_large) = on_a_large_stack(&layout, async |layout: Layout| {
            let lake = Lake::new(|path| write(path, &layout)).await;
            let asking = match layout.run_bytes % 2 {
                0 => Asking::Joined { gap: 16 },
                _ => Asking::Gathered { request: 100 },
            };
            let reach = Reach { run_bytes: layout.run_bytes, asking, ..TINY };
            let paging = lake.paging(&layout.columns, layout.batch_rows, reach);
            let size = lake.size() as i64;
            let mut cuts: Vec<i64> = layout.cuts.iter().map(|cut| size * *cut as i64 / 1000).collect();
            cuts.extend([0, size]);
            cuts.sort_unstable();
            let mut parts = Vec::new();
            for cut in cuts.windows(2) {
                parts.push(lake.paged(&paging, Some(cut[0]..cut[1])).await);
            }
            let groups = layout.rows.div_ceil(layout.group_rows);
            let batches_max = groups + cuts.len() + layout.rows / layout.batch_rows;
            (parts, lake.whole(&layout.columns), batches_max, lake.is_large(&paging).await)
        });
        // Whether a file is read by its pages depends on the file, and not on the part.
        prop_assert!(parts.iter().all(|part| part.is_some() == is_large));
        if let Some(batches) = parts.into_iter().collect::<Option<Vec<_>>>() {
            let batches = batches.concat();
            prop_assert!(batches.len() <= batches_max);
            prop_assert!(batches.iter().all(|batch| batch.num_rows() <= layout.batch_rows));
            prop_assert_eq!(concat_batches(&whole.schema(), &batches).unwrap(), whole);
        }
    }
}

/// Runs where the stack is as large as that of computing threads: that of a test's thread is too small for code that is
/// not optimized.
fn on_a_large_stack<T: Send + 'static>(
    layout: &Layout,
    work: impl AsyncFnOnce(Layout) -> T + Send + 'static,
) -> T {
    let layout = layout.clone();
    let run = move || tokio::runtime::Runtime::new().unwrap().block_on(work(layout));
    std::thread::Builder::new().stack_size(16 << 20).spawn(run).unwrap().join().unwrap()
}

/// A file of many pages: 5,000 rows in two row groups.
fn many_pages() -> Layout {
    Layout {
        rows: 5_000,
        group_rows: 2_600,
        page_rows: 100,
        page_bytes: 500,
        dictionary_bytes: 900,
        is_v2: false,
        is_compressed: true,
        seed: 7,
        columns: (0..COLUMNS).collect(),
        batch_rows: 64,
        cuts: vec![],
        run_bytes: 64,
    }
}

#[tokio::test]
async fn each_byte_is_read_once_and_a_row_group_is_never_held_whole() {
    let layout = many_pages();
    let lake = Lake::new(|path| write(path, &layout)).await;
    let paging = lake.paging(&layout.columns, layout.batch_rows, TINY);
    let before = lake.meter.bytes();
    let mut rows = paging.open(&lake.file(None)).await.unwrap().unwrap();
    rows.try_next().await.unwrap().unwrap();
    let first = paging.scanned.value() as u64;
    assert!(first * 4 < lake.size(), "{first} bytes for the first rows of {}", lake.size());
    rows.try_collect::<Vec<_>>().await.unwrap();
    let all = paging.scanned.value() as u64;
    assert!(all <= lake.size(), "{all} of {}", lake.size());
    // The index, the pages, and what lies between two that are asked for together.
    assert!(lake.meter.bytes() - before < lake.size() * 11 / 10);
}

#[tokio::test]
async fn only_the_columns_wanted_are_brought() {
    let layout = many_pages();
    let lake = Lake::new(|path| write(path, &layout)).await;
    let paging = lake.paging(&[1], layout.batch_rows, TINY);
    let rows = paging.open(&lake.file(None)).await.unwrap().unwrap();
    let batches: Vec<RecordBatch> = rows.try_collect().await.unwrap();
    assert_eq!(concat_batches(&batches[0].schema(), &batches).unwrap(), lake.whole(&[1]));
    assert!((paging.scanned.value() as u64) < lake.size() / 4);
    // No column at all, and files that are read in one go, are not for this.
    assert!(lake.paged(&lake.paging(&[], 64, TINY), None).await.is_none());
    assert!(lake.paged(&lake.paging(&[1], 64, Reach::NEAR), None).await.is_none());
}

#[tokio::test]
async fn an_index_that_is_damaged_never_gives_other_rows() {
    let layout = Layout { rows: 1_500, group_rows: 1_500, ..many_pages() };
    let lake = Lake::new(|path| write(path, &layout)).await;
    let path = lake.folder.path().join("t.parquet");
    let good = std::fs::read(&path).unwrap();
    let whole = lake.whole(&layout.columns);
    let footer = u32::from_le_bytes(good[good.len() - 8..good.len() - 4].try_into().unwrap()) as usize;
    let footer = good.len() - 8 - footer;
    let index = *lake_index(&good).start();
    let (mut read, mut left, mut failed) = (0, 0, 0);
    for at in (index..footer).step_by(3) {
        let mut bytes = good.clone();
        bytes[at] ^= 1 << (at % 8);
        let lake = Lake::new(|path| std::fs::write(path, &bytes).unwrap()).await;
        let paging = lake.paging(&layout.columns, layout.batch_rows, TINY);
        for range in [None, Some(0..bytes.len() as i64 / 3), Some(bytes.len() as i64 / 3..bytes.len() as i64)]
        {
            let is_all = range.is_none();
            let Some(rows) = paging.open(&lake.file(range)).await.unwrap() else {
                left += 1;
                continue;
            };
            match rows.try_collect::<Vec<_>>().await {
                Ok(batches) if is_all => {
                    read += 1;
                    assert_eq!(concat_batches(&whole.schema(), &batches).unwrap(), whole, "byte {at}");
                }
                Ok(_) => {}
                Err(_) => failed += 1,
            }
        }
    }
    assert!(left > 0 && failed > 0, "{read} read, {left} left to be read whole, {failed} failed");
}

/// Where the offset index lies.
fn lake_index(file: &[u8]) -> std::ops::RangeInclusive<usize> {
    let builder = ParquetRecordBatchReaderBuilder::try_new(bytes::Bytes::copy_from_slice(file)).unwrap();
    let chunks = builder.metadata().row_groups().iter().flat_map(|group| group.columns());
    let starts: Vec<usize> = chunks.map(|chunk| chunk.offset_index_offset().unwrap() as usize).collect();
    *starts.iter().min().unwrap()..=*starts.iter().max().unwrap()
}

#[tokio::test]
async fn a_file_that_changes_while_it_is_read_is_an_error() {
    let layout = many_pages();
    let lake = Lake::new(|path| write(path, &layout)).await;
    let paging = lake.paging(&layout.columns, layout.batch_rows, TINY);
    let mut rows = paging.open(&lake.file(None)).await.unwrap().unwrap();
    rows.try_next().await.unwrap().unwrap();
    write(&lake.folder.path().join("t.parquet"), &Layout { rows: 4_000, seed: 8, ..layout });
    let error = rows.try_collect::<Vec<_>>().await.unwrap_err();
    assert_eq!(crate::Error::within(&error).unwrap().sqlstate().code(), "40001", "{error}");
}
