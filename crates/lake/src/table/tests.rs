//! Tables over files in a folder, read through DataFusion and compared with what was written.

use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use arrow::array::{ArrayRef, Int32Array, Int64Array, RecordBatch, StringArray, StructArray};
use arrow::datatypes::{DataType, Field};
use arrow::util::pretty::pretty_format_batches;
use datafusion::error::DataFusionError;
use datafusion::execution::runtime_env::RuntimeEnvBuilder;
use datafusion::physical_plan::ExecutionPlanProperties as _;
use datafusion::prelude::{SessionConfig, SessionContext};
use lakeport_base::{ByteSize, TableName};
use lakeport_config::StoreKind;
use lakeport_store::{Meter, Store};
use parquet::arrow::ArrowWriter;
use parquet::file::properties::WriterProperties;
use tempfile::TempDir;

use super::{Table, TableSettings};
use crate::{ClosedRegistry, Error, Footers, Place, Snapshot};

mod damage;
mod places;
mod sharing;
mod values;

struct Lake {
    folder: TempDir,
    store: Store,
}

impl Lake {
    fn new() -> Lake {
        let folder = TempDir::new().unwrap();
        let kind = StoreKind::Local { folder: folder.path().canonicalize().unwrap() };
        let settings = lakeport_config::Store { url: String::new(), kind };
        let store = Store::open("lake", &settings, &tokio::runtime::Handle::current()).unwrap();
        Lake { folder, store }
    }

    fn write(&self, path: &str, columns: Vec<(&str, ArrayRef)>) {
        write(&self.folder.path().join(path), columns);
    }

    fn raw(&self, path: &str, bytes: &[u8]) {
        let path = self.folder.path().join(path);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(path, bytes).unwrap();
    }

    fn table(&self, place: &str) -> Table {
        Table::new(settings(&self.store, place), Footers::new(ByteSize::mebibytes(16)))
    }
}

fn settings(store: &Store, place: &str) -> TableSettings {
    TableSettings {
        name: TableName::new("s", "t"),
        store: store.clone(),
        place: Place::configured(place),
        partitions: vec![],
        fresh_within: Duration::ZERO,
    }
}

fn write(path: &Path, columns: Vec<(&str, ArrayRef)>) {
    write_as(path, columns, WriterProperties::builder().set_max_row_group_row_count(Some(50_000)).build());
}

fn write_as(path: &Path, columns: Vec<(&str, ArrayRef)>, properties: WriterProperties) {
    std::fs::create_dir_all(path.parent().unwrap()).unwrap();
    let rows =
        RecordBatch::try_from_iter_with_nullable(columns.into_iter().map(|(name, of)| (name, of, true)))
            .unwrap();
    let file = std::fs::File::create(path).unwrap();
    let mut writer = ArrowWriter::try_new(file, rows.schema(), Some(properties)).unwrap();
    writer.write(&rows).unwrap();
    writer.close().unwrap();
}

fn ints(values: &[i32]) -> ArrayRef {
    Arc::new(Int32Array::from(values.to_vec()))
}

fn longs(values: &[i64]) -> ArrayRef {
    Arc::new(Int64Array::from(values.to_vec()))
}

fn texts(values: &[&str]) -> ArrayRef {
    Arc::new(StringArray::from(values.to_vec()))
}

fn session(snapshot: &Arc<Snapshot>, meter: &Arc<Meter>) -> SessionContext {
    let runtime =
        RuntimeEnvBuilder::new().with_object_store_registry(Arc::new(ClosedRegistry)).build_arc().unwrap();
    let config = SessionConfig::new().with_target_partitions(4);
    let session = SessionContext::new_with_config_rt(config, runtime);
    session.register_table("t", snapshot.provider(Arc::clone(meter))).unwrap();
    session
}

async fn ask(snapshot: &Arc<Snapshot>, meter: &Arc<Meter>, sql: &str) -> Result<String, DataFusionError> {
    let rows = session(snapshot, meter).sql(sql).await?.collect().await?;
    let text = pretty_format_batches(&rows)?.to_string();
    let rows = text.lines().filter(|line| line.starts_with('|')).skip(1);
    Ok(rows.map(|line| line.split_whitespace().collect::<Vec<_>>().join(" ")).collect::<Vec<_>>().join("\n"))
}

#[track_caller]
fn names(error: &Error, code: &str, words: &[&str]) {
    assert_eq!(error.sqlstate().to_string(), code, "{error}");
    for word in words {
        assert!(error.to_string().contains(word), "{error} should say {word}");
    }
}

#[tokio::test]
async fn a_partitioned_folder_is_read_with_its_folders_as_typed_columns() {
    let lake = Lake::new();
    lake.write("t/year=2023/a.parquet", vec![("id", ints(&[1, 2])), ("name", texts(&["x", "y"]))]);
    lake.write("t/year=2024/b.parquet", vec![("id", ints(&[3]))]);
    lake.write(
        "t/year=__HIVE_DEFAULT_PARTITION__/c.parquet",
        vec![("id", ints(&[4])), ("name", texts(&["z"]))],
    );
    lake.write("t/_delta/x.parquet", vec![("other", ints(&[9]))]);
    lake.raw("t/year=2024/writing.parquet", b"");
    lake.raw("t/readme.txt", b"hello");
    let snapshot = lake.table("t").snapshot().await.unwrap();
    assert_eq!((snapshot.objects(), snapshot.rows()), (3, 4));
    let columns: Vec<_> =
        snapshot.schema().fields().iter().map(|field| (field.name().as_str(), field.data_type())).collect();
    assert_eq!(
        columns,
        [("id", &DataType::Int32), ("name", &DataType::Utf8View), ("year", &DataType::Int64)]
    );
    let meter = Arc::new(Meter::default());
    let all = ask(&snapshot, &meter, "SELECT * FROM t ORDER BY id").await.unwrap();
    assert_eq!(all, "| 1 | x | 2023 |\n| 2 | y | 2023 |\n| 3 | | 2024 |\n| 4 | z | |");
    let counts =
        ask(&snapshot, &meter, "SELECT count(*), count(year), min(year), max(id), count(name) FROM t").await;
    assert_eq!(counts.unwrap(), "| 4 | 3 | 2023 | 4 | 3 |");
}

#[tokio::test]
async fn a_pruned_partition_is_not_touched() {
    let lake = Lake::new();
    for year in 2020..2025 {
        lake.write(&format!("t/year={year}/a.parquet"), vec![("id", ints(&[year])), ("v", texts(&["x"]))]);
    }
    let snapshot = lake.table("t").snapshot().await.unwrap();
    for year in 2020..2024 {
        std::fs::remove_dir_all(lake.folder.path().join(format!("t/year={year}"))).unwrap();
    }
    let meter = Arc::new(Meter::default());
    let found = ask(&snapshot, &meter, "SELECT id, v FROM t WHERE year = 2024").await.unwrap();
    assert_eq!(found, "| 2024 | x |");
    assert_eq!(meter.requests(), 1);
    let none = Arc::new(Meter::default());
    assert_eq!(ask(&snapshot, &none, "SELECT id FROM t WHERE year > 2030").await.unwrap(), "");
    assert_eq!(ask(&snapshot, &none, "SELECT id FROM t WHERE id = 7").await.unwrap(), "");
    assert_eq!(ask(&snapshot, &none, "SELECT count(*) FROM t").await.unwrap(), "| 5 |");
    assert_eq!((none.requests(), none.bytes()), (0, 0));
}

#[tokio::test]
async fn a_file_that_changed_since_the_listing_is_an_error_and_never_a_mixture() {
    let lake = Lake::new();
    lake.write("t/a.parquet", vec![("id", ints(&[1])), ("v", texts(&["old"]))]);
    let table = lake.table("t");
    let snapshot = table.snapshot().await.unwrap();
    lake.write("t/a.parquet", vec![("id", ints(&[2])), ("v", texts(&["newer"]))]);
    let meter = Arc::new(Meter::default());
    let error = ask(&snapshot, &meter, "SELECT id, v FROM t").await.unwrap_err();
    let found = Error::within(&error).unwrap();
    assert!(found.is_stale());
    names(found, "40001", &["t/a.parquet"]);
    let again = table.refresh().await.unwrap();
    assert_eq!(ask(&again, &meter, "SELECT id, v FROM t").await.unwrap(), "| 2 | newer |");
    std::fs::remove_file(lake.folder.path().join("t/a.parquet")).unwrap();
    let error = ask(&again, &meter, "SELECT id, v FROM t").await.unwrap_err();
    names(Error::within(&error).unwrap(), "40001", &["t/a.parquet"]);
    names(&table.snapshot().await.unwrap_err(), "42P01", &["s.t", "does not exist"]);
}

#[tokio::test]
async fn types_widen_over_files_and_missing_columns_are_null() {
    let lake = Lake::new();
    let nested = |of: Vec<(&str, ArrayRef)>| -> ArrayRef {
        Arc::new(StructArray::from(
            of.into_iter()
                .map(|(name, of)| (Arc::new(Field::new(name, of.data_type().clone(), true)), of))
                .collect::<Vec<_>>(),
        ))
    };
    lake.write(
        "t/a.parquet",
        vec![("v", ints(&[1])), ("s", nested(vec![("x", ints(&[1])), ("y", texts(&["a"]))]))],
    );
    lake.write(
        "t/b.parquet",
        vec![("s", nested(vec![("x", longs(&[1 << 40]))])), ("v", longs(&[1 << 40])), ("V", ints(&[5]))],
    );
    let snapshot = lake.table("t").snapshot().await.unwrap();
    let meter = Arc::new(Meter::default());
    let found = ask(&snapshot, &meter, "SELECT v, \"V\", s['x'], s['y'] FROM t ORDER BY v").await.unwrap();
    assert_eq!(found, "| 1 | | 1 | a |\n| 1099511627776 | 5 | 1099511627776 | |");
    let found = ask(&snapshot, &meter, "SELECT count(*) FROM t WHERE v > 5").await.unwrap();
    assert_eq!(found, "| 1 |");
    lake.write("t/c.parquet", vec![("v", texts(&["x"]))]);
    names(&lake.table("t").snapshot().await.unwrap_err(), "42804", &["\"v\"", "t/b.parquet", "t/c.parquet"]);
}

#[tokio::test]
async fn one_large_file_is_read_by_several_partitions() {
    let lake = Lake::new();
    let many: Vec<i64> = (0..400_000).map(|i| i * 7_919 % 1_000_003).collect();
    lake.write("big.parquet", vec![("v", longs(&many))]);
    let snapshot = lake.table("big.parquet").snapshot().await.unwrap();
    let meter = Arc::new(Meter::default());
    let plan = session(&snapshot, &meter)
        .sql("SELECT * FROM t")
        .await
        .unwrap()
        .create_physical_plan()
        .await
        .unwrap();
    assert_eq!(plan.output_partitioning().partition_count(), 4);
    let sum: i64 = many.iter().sum();
    assert_eq!(
        ask(&snapshot, &meter, "SELECT sum(v), count(v) FROM t").await.unwrap(),
        format!("| {sum} | 400000 |")
    );
}

#[tokio::test]
async fn what_is_no_parquet_file_is_named() {
    let lake = Lake::new();
    lake.write("good.parquet", vec![("v", ints(&[1]))]);
    let good = std::fs::read(lake.folder.path().join("good.parquet")).unwrap();
    let mut long = good.clone();
    let length = long.len() - 8;
    long[length..length + 4].copy_from_slice(&u32::MAX.to_le_bytes());
    for (bytes, reason) in [
        (&b"hello, this is text"[..], "PAR1"),
        (b"PAR1", "too short"),
        (&good[..good.len() - 3], "PAR1"),
        (&good[..good.len() / 2], "PAR1"),
        (&long, "claims"),
    ] {
        lake.raw("t/bad.parquet", bytes);
        names(&lake.table("t").snapshot().await.unwrap_err(), "XX001", &["t/bad.parquet", reason]);
    }
    lake.raw("other/x.csv", b"a,b");
    for place in ["other", "nothing", "other/x.parquet"] {
        names(&lake.table(place).snapshot().await.unwrap_err(), "42P01", &["s.t", place]);
    }
}

#[tokio::test]
async fn a_footer_damaged_anywhere_is_an_error_or_reads_and_never_a_panic() {
    let lake = Lake::new();
    lake.write("good.parquet", vec![("v", ints(&[1, 2])), ("w", texts(&["a", "b"]))]);
    let good = std::fs::read(lake.folder.path().join("good.parquet")).unwrap();
    let footer = u32::from_le_bytes(good[good.len() - 8..good.len() - 4].try_into().unwrap()) as usize;
    let start = good.len() - 8 - footer;
    for at in (start..good.len() - 8).step_by(3) {
        let mut bad = good.clone();
        bad[at] ^= 0xff;
        lake.raw("t/bad.parquet", &bad);
        if let Err(error) = lake.table("t").snapshot().await {
            names(&error, "XX001", &["t/bad.parquet"]);
        }
    }
}

#[tokio::test]
async fn a_pattern_and_a_new_file_are_seen() {
    let lake = Lake::new();
    lake.write("s/2023/a.parquet", vec![("v", ints(&[1]))]);
    lake.write("s/2024/a.parquet", vec![("v", ints(&[2]))]);
    let table = lake.table("s/*/a.parquet");
    let meter = Arc::new(Meter::default());
    assert_eq!(ask(&table.snapshot().await.unwrap(), &meter, "SELECT sum(v) FROM t").await.unwrap(), "| 3 |");
    lake.write("s/2025/a.parquet", vec![("v", ints(&[3]))]);
    lake.write("s/2025/b.parquet", vec![("v", ints(&[100]))]);
    assert_eq!(
        ask(&table.snapshot().await.unwrap(), &meter, "SELECT sum(v) FROM t WHERE v > 1").await.unwrap(),
        "| 5 |"
    );
}

#[tokio::test]
async fn five_thousand_columns_and_no_rows_are_a_table() {
    let lake = Lake::new();
    let names: Vec<String> = (0..5_000).map(|column| format!("c{column}")).collect();
    lake.write("t/wide.parquet", names.iter().map(|name| (name.as_str(), ints(&[]))).collect());
    let snapshot = lake.table("t").snapshot().await.unwrap();
    assert_eq!(snapshot.schema().fields().len(), 5_000);
    let meter = Arc::new(Meter::default());
    assert_eq!(ask(&snapshot, &meter, "SELECT c4999 FROM t").await.unwrap(), "");
}

#[tokio::test]
async fn dropping_every_footer_changes_no_answer() {
    let lake = Lake::new();
    lake.write("t/a.parquet", vec![("v", ints(&[1, 2, 3]))]);
    let table = lake.table("t");
    let snapshot = table.snapshot().await.unwrap();
    let meter = Arc::new(Meter::default());
    let sql = "SELECT sum(v) FROM t WHERE v > 1";
    assert_eq!(ask(&snapshot, &meter, sql).await.unwrap(), "| 5 |");
    let before = meter.requests();
    snapshot.footers().clear();
    assert_eq!(ask(&snapshot, &meter, sql).await.unwrap(), "| 5 |");
    assert!(meter.requests() > 2 * before, "the footer was read again");
}

#[tokio::test]
async fn listing_again_reads_the_footers_of_new_files_only() {
    let lake = Lake::new();
    lake.write("t/a.parquet", vec![("v", ints(&[1]))]);
    let table = lake.table("t");
    let first = table.snapshot().await.unwrap();
    first.footers().clear();
    let requests = lake.store.meter().requests();
    let same = table.snapshot().await.unwrap();
    assert!(Arc::ptr_eq(&first, &same));
    let listing = lake.store.meter().requests() - requests;
    lake.write("t/b.parquet", vec![("v", longs(&[2]))]);
    let more = table.snapshot().await.unwrap();
    assert_eq!(lake.store.meter().requests() - requests, 2 * listing + 1);
    assert_eq!((more.objects(), more.rows()), (2, 3 - 1));
    let meter = Arc::new(Meter::default());
    let found = ask(&more, &meter, "SELECT min(v), max(v), count(v) FROM t").await.unwrap();
    assert_eq!((found.as_str(), meter.requests()), ("| 1 | 2 | 2 |", 0));
}

#[tokio::test]
async fn a_limit_without_filters_reads_only_the_files_that_it_needs() {
    let lake = Lake::new();
    for file in 0..10 {
        lake.write(&format!("t/{file}.parquet"), vec![("v", ints(&[file, file + 100]))]);
    }
    let snapshot = lake.table("t").snapshot().await.unwrap();
    let meter = Arc::new(Meter::default());
    let found = ask(&snapshot, &meter, "SELECT v FROM t LIMIT 3").await.unwrap();
    assert_eq!((found.lines().count(), meter.requests()), (3, 2));
}

#[tokio::test]
async fn dictionaries_and_zones_are_read_as_one_type() {
    use arrow::array::{DictionaryArray, TimestampMicrosecondArray, TimestampMillisecondArray};
    use arrow::datatypes::{Int32Type, TimeUnit};
    let lake = Lake::new();
    let words: DictionaryArray<Int32Type> = vec!["x", "y", "x"].into_iter().collect();
    let berlin = TimestampMillisecondArray::from(vec![0, 1, 2]).with_timezone("Europe/Berlin");
    lake.write("t/a.parquet", vec![("w", Arc::new(words)), ("at", Arc::new(berlin))]);
    let utc = TimestampMicrosecondArray::from(vec![5]).with_timezone("+00:00");
    lake.write("t/b.parquet", vec![("w", texts(&["z"])), ("at", Arc::new(utc))]);
    let snapshot = lake.table("t").snapshot().await.unwrap();
    assert_eq!(snapshot.schema().field(0).data_type(), &DataType::Utf8View);
    let utc = DataType::Timestamp(TimeUnit::Microsecond, Some("UTC".into()));
    assert_eq!(snapshot.schema().field(1).data_type(), &utc);
    let meter = Arc::new(Meter::default());
    let found = ask(
        &snapshot,
        &meter,
        "SELECT w, count(*), max(at) = to_timestamp_micros(2000) FROM t GROUP BY w ORDER BY w",
    );
    let found = found.await;
    assert!(found.is_ok(), "{found:?}");
    let found = ask(&snapshot, &meter, "SELECT w, count(*) FROM t WHERE w <> 'q' GROUP BY w ORDER BY w")
        .await
        .unwrap();
    assert_eq!(found, "| x | 2 |\n| y | 1 |\n| z | 1 |");
}

#[tokio::test]
async fn what_only_the_file_says_of_a_type_is_kept() {
    use parquet::data_type::{
        ByteArray, ByteArrayType, FixedLenByteArray, FixedLenByteArrayType, Int96, Int96Type,
    };
    use parquet::file::writer::SerializedFileWriter;
    let lake = Lake::new();
    let message = "message m { required int96 at; required fixed_len_byte_array(16) id (UUID); required binary doc (JSON); }";
    let schema = Arc::new(parquet::schema::parser::parse_message_type(message).unwrap());
    let file = std::fs::File::create(lake.folder.path().join("x.parquet")).unwrap();
    let mut writer = SerializedFileWriter::new(file, schema, Arc::new(WriterProperties::new())).unwrap();
    let mut group = writer.next_row_group().unwrap();
    // One nanosecond-free day after the epoch: Julian day 2,440,589; and the year 1, which nanoseconds cannot hold.
    let mut days = [Int96::new(), Int96::new()];
    days[0].set_data(0, 0, 2_440_589);
    days[1].set_data(0, 0, 1_721_426);
    let mut column = group.next_column().unwrap().unwrap();
    column.typed::<Int96Type>().write_batch(&days, None, None).unwrap();
    column.close().unwrap();
    let mut column = group.next_column().unwrap().unwrap();
    let ids = [7_u8, 8].map(|byte| FixedLenByteArray::from(vec![byte; 16]));
    column.typed::<FixedLenByteArrayType>().write_batch(&ids, None, None).unwrap();
    column.close().unwrap();
    let mut column = group.next_column().unwrap().unwrap();
    column
        .typed::<ByteArrayType>()
        .write_batch(&[ByteArray::from("{}"), ByteArray::from("[]")], None, None)
        .unwrap();
    column.close().unwrap();
    group.close().unwrap();
    writer.close().unwrap();
    let snapshot = lake.table("x.parquet").snapshot().await.unwrap();
    let schema = snapshot.schema();
    assert_eq!(schema.field(0).data_type().to_string(), "Timestamp(µs, \"UTC\")");
    assert_eq!(schema.field(1).extension_type_name(), Some("arrow.uuid"));
    assert_eq!(schema.field(2).metadata().get("pg.type").map(String::as_str), Some("json"));
    let meter = Arc::new(Meter::default());
    let found = ask(&snapshot, &meter, "SELECT at, doc FROM t ORDER BY at").await.unwrap();
    assert_eq!(found, "| 0001-01-01T00:00:00Z | {} |\n| 1970-01-02T00:00:00Z | {} |".replacen("{}", "[]", 1));
}
