//! What the catalog's statements ask of stores, on a lake of many tables.
//!
//! Counted in requests and not in time, so that it means the same on every machine; `scripts/measure-metadata.sh`
//! measures the time beside a PostgreSQL.

use std::fs;
use std::path::Path;
use std::process::Command;

use lakeport_base::ByteSize;
use lakeport_engine::{Answer, Engine, Identity, Session};
use lakeport_tests::program;

const TABLES: usize = 300;
const COLUMNS: usize = 50;

/// A lake of many tables, each a hard link of one small file, whose listings are believed for no time at all.
fn lake() -> tempfile::TempDir {
    let folder = tempfile::tempdir().expect("a folder");
    let wide = folder.path().join("lake/wide");
    fs::create_dir_all(&wide).expect("the lake's folder");
    let columns: Vec<String> = (1..=COLUMNS).map(|number| format!("{number} AS c{number}")).collect();
    let one = Command::new(program())
        .args(["sql", "--format", "parquet", &format!("SELECT {}", columns.join(", "))])
        .arg(&wide)
        .output()
        .expect("the program can be started");
    assert!(one.status.success(), "{}", String::from_utf8_lossy(&one.stderr));
    let file = folder.path().join("one.parquet");
    fs::write(&file, one.stdout).expect("a file");
    for number in 1..=TABLES {
        let table = wide.join(format!("t{number}"));
        fs::create_dir(&table).expect("a table's folder");
        fs::hard_link(&file, table.join("part.parquet")).expect("a link");
    }
    let config = "[stores.lake.local]\nfolder = \"lake\"\n[schemas.wide]\nfrom = \"lake/wide\"\nfresh_within = \"0s\"\n";
    fs::write(folder.path().join("lakeport.toml"), config).expect("the config");
    folder
}

struct Asked {
    engine: Engine,
    session: Session,
}

impl Asked {
    fn of(folder: &Path) -> Asked {
        let settings = lakeport_config::load(&folder.join("lakeport.toml")).expect("the config");
        let engine = Engine::open(settings).expect("the lake");
        let session = engine.session(Identity::superuser("test"), "lake").expect("a session");
        Asked { engine, session }
    }

    /// How many rows a statement gives, and how many requests it asks stores for.
    async fn count(&mut self, sql: &str) -> (usize, u64) {
        let before = self.engine.store_requests();
        let mut rows = 0;
        for statement in self.session.parse(sql).await.expect(sql) {
            let prepared = self.session.prepare(statement, &[]).await.expect(sql);
            if let Answer::Rows(answer) = self.session.execute(&prepared, Vec::new()).await.expect(sql) {
                let mut batches = answer.batches(ByteSize::mebibytes(1));
                while let Some(batch) = batches.next().await {
                    rows += batch.expect(sql).num_rows();
                }
            }
        }
        (rows, self.engine.store_requests() - before)
    }
}

#[test]
fn a_catalog_query_opens_the_tables_that_it_asks_for_and_each_once() {
    let folder = lake();
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(1).enable_all().build();
    runtime.expect("a runtime").block_on(async {
        let mut asked = Asked::of(folder.path());
        assert_eq!(asked.count("SELECT 1").await, (1, 0));

        // Lists of tables take the listing of the schema's folder, and no table's. Names that a query reads are
        // looked up there too, so a statement may list it more than once while listings are believed for no time.
        let tables = "SELECT relname FROM pg_class WHERE relnamespace = 'wide'::regnamespace";
        let (rows, listing) = asked.count(tables).await;
        assert_eq!(rows, TABLES);
        assert!((1..=2).contains(&listing), "{listing} requests for a list of tables");

        // One table: its folder, its footer.
        let one = "SELECT attname FROM pg_attribute WHERE attrelid = 'wide.t7'::regclass AND attnum > 0";
        let (rows, requests) = asked.count(one).await;
        assert_eq!(rows, COLUMNS);
        assert!(requests <= listing + 6, "{requests} requests for the columns of one table");
        for sql in [
            "SELECT column_name FROM information_schema.columns WHERE table_schema = 'wide' AND table_name = 't8'",
            "SELECT a.attname FROM pg_class c JOIN pg_attribute a ON a.attrelid = c.oid WHERE c.relname = 't9' AND a.attnum > 0",
            "SELECT a.attname FROM pg_namespace n JOIN pg_class c ON c.relnamespace = n.oid JOIN pg_attribute a ON a.attrelid = c.oid JOIN pg_type t ON t.oid = a.atttypid WHERE n.nspname LIKE 'wide' AND c.relname LIKE 't10' AND a.attnum > 0",
        ] {
            let (rows, requests) = asked.count(sql).await;
            assert_eq!(rows, COLUMNS, "{sql}");
            assert!(requests <= listing + 6, "{requests} requests for {sql}");
        }

        // All columns: what is not known is opened, and the next time nothing is.
        let all = "SELECT attrelid, attname FROM pg_attribute WHERE attrelid >= 16384";
        let (rows, requests) = asked.count(all).await;
        assert_eq!(rows, TABLES * COLUMNS);
        assert!(requests > TABLES as u64, "{requests} requests for columns that nobody has asked for yet");
        let (rows, requests) = asked.count(all).await;
        assert_eq!(rows, TABLES * COLUMNS);
        assert!(requests <= 4 * listing, "{requests} requests for columns that are known");

        // Only planned: as many requests as for the columns alone, and no file is read.
        let (_, planned) = asked.count("SELECT * FROM wide.t7").await;
        for sql in ["SELECT * FROM wide.t7 LIMIT 0", "SELECT * FROM wide.t7 WHERE (0=1)"] {
            let (rows, requests) = asked.count(sql).await;
            assert_eq!(rows, 0, "{sql}");
            assert!(requests < planned, "{requests} requests for {sql}, and {planned} to read it");
        }
    });
}
