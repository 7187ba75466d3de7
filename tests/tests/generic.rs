//! Generic plans: catalog queries that come again are run by a plan that was made before, and give what they would give
//! if they were planned anew.

use std::fs;
use std::path::Path;
use std::process::Command;

use arrow::util::pretty::pretty_format_batches;
use lakeport_base::ByteSize;
use lakeport_engine::{Answer, Engine, Error, Identity, Session};
use lakeport_tests::program;

/// Catalog queries of the kinds that clients ask: joins, subqueries, windows, casts, patterns, functions.
const QUERIES: [&str; 12] = [
    "SELECT a.attname, a.atttypid, a.attnum FROM pg_attribute a JOIN pg_class c ON a.attrelid = c.oid \
        WHERE c.relname = '{table}' AND a.attnum > 0 ORDER BY a.attnum",
    "SELECT attname FROM pg_attribute WHERE attrelid = 'shop.{table}'::regclass AND attnum > 0 ORDER BY attnum",
    "SELECT c.relname, c.relkind FROM pg_class c, pg_namespace n WHERE n.oid = c.relnamespace \
        AND c.relname OPERATOR(pg_catalog.~) '^({table})$' COLLATE pg_catalog.default AND n.nspname LIKE 'sh%'",
    "SELECT column_name, data_type, ordinal_position FROM information_schema.columns \
        WHERE table_schema = 'shop' AND table_name = '{table}' ORDER BY ordinal_position",
    "SELECT a.attname, (SELECT t.typname FROM pg_type t WHERE t.oid = a.atttypid AND t.typname <> '{table}') \
        FROM pg_attribute a WHERE a.attrelid = 'shop.{table}'::regclass ORDER BY a.attnum DESC LIMIT 2",
    "SELECT relname, row_number() OVER (ORDER BY relname DESC) FROM pg_class WHERE relname IN ('{table}', 'wide', 'pg_class') \
        ORDER BY relname",
    "SELECT count(*), '{table}' FROM pg_class WHERE relname = '{table}'",
    "SELECT n.nspname, (SELECT count(*) FROM pg_class c WHERE c.relnamespace = n.oid AND c.relname >= '{table}') \
        FROM pg_namespace n WHERE n.nspname IN ('shop', 'public') ORDER BY 1",
    "SELECT relname FROM pg_class WHERE relname = '{table}' UNION ALL SELECT nspname FROM pg_namespace \
        WHERE EXISTS (SELECT 1 FROM pg_class WHERE relname = '{table}') AND nspname = 'shop' ORDER BY 1",
    "SELECT obj_description('shop.{table}'::regclass, 'pg_class'), col_description('shop.{table}'::regclass, 1)",
    "SELECT oid::regclass, pg_table_is_visible(oid), has_table_privilege(oid, 'select') FROM pg_class WHERE oid = {oid}",
    "SELECT DISTINCT ON (relnamespace) relname FROM pg_class WHERE relname < '{table}' AND relkind = 'r' \
        ORDER BY relnamespace, relname DESC",
];

const TABLES: [&str; 3] = ["customers", "orders", "wide"];

/// A lake of three tables, whose listings are believed for no time at all.
fn lake() -> tempfile::TempDir {
    let folder = tempfile::tempdir().expect("a folder");
    make(folder.path(), "customers", "SELECT 1::bigint AS id, 'somebody' AS name");
    make(folder.path(), "orders", "SELECT 1 AS id, 2::bigint AS customer_id, 3.50::numeric(9,2) AS amount");
    make(folder.path(), "wide", "SELECT true AS a, 1.5::float8 AS b, date '2024-01-31' AS c, 'x' AS d");
    let config = "[stores.lake.local]\nfolder = \"lake\"\n[schemas.shop]\nfrom = \"lake/shop\"\nfresh_within = \"0s\"\n\
        [tables.\"shop.orders\"]\ndescription = \"What was bought.\"\n[tables.\"shop.orders\".columns]\nid = \"Its number.\"\n";
    fs::write(folder.path().join("lakeport.toml"), config).expect("the config");
    folder
}

fn make(folder: &Path, table: &str, sql: &str) {
    let home = folder.join("lake/shop").join(table);
    fs::create_dir_all(&home).expect("the table's folder");
    let file = Command::new(program())
        .args(["sql", "--format", "parquet", sql])
        .arg(folder.join("lake"))
        .output()
        .expect("the program can be started");
    assert!(file.status.success(), "{}", String::from_utf8_lossy(&file.stderr));
    fs::write(home.join("part.parquet"), file.stdout).expect("a file");
}

fn engine(folder: &Path) -> Engine {
    Engine::open(lakeport_config::load(&folder.join("lakeport.toml")).expect("the config")).expect("the lake")
}

fn session(engine: &Engine) -> Session {
    engine.session(Identity::superuser("test"), "lake").expect("a session")
}

/// The rows of a query, drawn as a table.
async fn ask(session: &mut Session, sql: &str) -> Result<String, Error> {
    let mut drawn = String::new();
    for statement in session.parse(sql).await? {
        let prepared = session.prepare(statement, &[]).await?;
        let Answer::Rows(rows) = session.execute(&prepared, Vec::new()).await? else { continue };
        let mut chunks = rows.batches(ByteSize::mebibytes(1));
        let mut batches = Vec::new();
        while let Some(batch) = chunks.next().await {
            batches.push(batch?);
        }
        drawn += &pretty_format_batches(&batches).expect("rows can be drawn").to_string();
    }
    Ok(drawn)
}

fn block_on(work: impl Future<Output = ()>) {
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build();
    runtime.expect("a runtime").block_on(work);
}

async fn filled(query: &str, table: &str, session: &mut Session) -> String {
    let oid = ask(session, &format!("SELECT 'shop.{table}'::regclass::oid::text")).await.expect("an oid");
    let oid: String = oid.chars().filter(char::is_ascii_digit).collect();
    query.replace("{table}", table).replace("{oid}", &oid)
}

#[test]
fn a_query_that_comes_again_with_other_constants_has_the_answer_of_those() {
    let folder = lake();
    block_on(async {
        let kept = engine(folder.path());
        let mut often = session(&kept);
        for query in QUERIES {
            let before = kept.generic_runs();
            for round in 0..3 {
                for table in TABLES {
                    let mut once = session(&engine(folder.path()));
                    let sql = filled(query, table, &mut once).await;
                    let expected = ask(&mut once, &sql).await.expect(&sql);
                    assert_eq!(ask(&mut often, &sql).await.expect(&sql), expected, "{sql}, round {round}");
                }
            }
            assert!(kept.generic_runs() >= before + 5, "{query} has no generic plan");
        }
    });
}

#[test]
fn a_generic_plan_is_not_asked_about_what_was() {
    let folder = lake();
    block_on(async {
        let engine = engine(folder.path());
        let mut session = session(&engine);
        let sql = "SELECT relname FROM pg_class WHERE relnamespace = 'shop'::regnamespace AND relname <> 'x' ORDER BY 1";
        for _ in 0..3 {
            let drawn = ask(&mut session, sql).await.expect(sql);
            assert!(drawn.contains("wide") && !drawn.contains("later"), "{drawn}");
        }
        make(folder.path(), "later", "SELECT 1 AS a");
        let drawn = ask(&mut session, sql).await.expect(sql);
        assert!(drawn.contains("wide") && drawn.contains("later"), "{drawn}");
        fs::remove_dir_all(folder.path().join("lake/shop/wide")).expect("the table's folder");
        for _ in 0..3 {
            let drawn = ask(&mut session, sql).await.expect(sql);
            assert!(!drawn.contains("wide") && drawn.contains("later"), "{drawn}");
        }
        // Columns are as new as a query of the table would have them.
        let columns =
            "SELECT attname FROM pg_attribute WHERE attrelid = 'shop.later'::regclass AND attnum > 0";
        for _ in 0..3 {
            assert!(ask(&mut session, columns).await.expect(columns).contains("a "));
        }
        make(folder.path(), "later", "SELECT 1 AS another");
        assert!(ask(&mut session, columns).await.expect(columns).contains("another"));
    });
}

#[test]
fn what_a_session_or_a_moment_says_is_asked_each_time() {
    let folder = lake();
    block_on(async {
        let engine = engine(folder.path());
        let (mut one, mut other) = (session(&engine), session(&engine));
        let sql = "SELECT current_setting('application_name'), pg_backend_pid()::text FROM pg_class WHERE relname = 'wide'";
        let first = ask(&mut one, sql).await.expect(sql);
        for round in 0..3 {
            ask(&mut one, &format!("SET application_name = 'round {round}'")).await.expect("SET");
            let drawn = ask(&mut one, sql).await.expect(sql);
            assert!(drawn.contains(&format!("round {round}")), "{drawn}");
            assert_ne!(ask(&mut other, sql).await.expect(sql), first);
        }
        let clock = "SELECT clock_timestamp()::text, now()::text FROM pg_class WHERE relname = 'wide'";
        let first = ask(&mut one, clock).await.expect(clock);
        for _ in 0..3 {
            assert_ne!(ask(&mut one, clock).await.expect(clock), first);
        }
        let path =
            "SELECT current_schema(), to_regclass('orders')::text FROM pg_namespace WHERE nspname = 'shop'";
        for _ in 0..3 {
            ask(&mut one, "SET search_path = public").await.expect("SET");
            assert!(!ask(&mut one, path).await.expect(path).contains("orders"));
            ask(&mut one, "SET search_path = shop").await.expect("SET");
            assert!(ask(&mut one, path).await.expect(path).contains("orders"));
        }
        let prepared = "SELECT count(*)::text FROM pg_stat_activity WHERE datname = 'lake'";
        for _ in 0..3 {
            assert!(ask(&mut one, prepared).await.expect(prepared).contains("2"));
        }
        drop(other);
        assert!(ask(&mut one, prepared).await.expect(prepared).contains("1"));
    });
}

#[test]
fn one_user_never_gets_the_plan_of_another() {
    let folder = lake();
    let config = folder.path().join("lakeport.toml");
    let text = fs::read_to_string(&config).expect("the config");
    let verifier = "SCRAM-SHA-256$4096:AAAAAAAAAAAAAAAAAAAAAA==$AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=:AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=";
    fs::write(folder.path().join("scram"), verifier).expect("a verifier");
    let people = "[roles.few]\nread = [\"shop.orders\"]\n[users.few]\npassword = \"file:scram\"\nroles = [\"few\"]\n\
        [roles.all]\nread = [\"shop.*\"]\n[users.all]\npassword = \"file:scram\"\nroles = [\"all\"]\n";
    fs::write(&config, format!("{text}{people}")).expect("the config");
    block_on(async {
        let engine = engine(folder.path());
        let of = |name: &str| {
            let identity = engine.access().identity_of(name).expect("a user");
            engine.session(identity, "lake").expect("a session")
        };
        let (mut all, mut few) = (of("all"), of("few"));
        for _ in 0..4 {
            let sql = "SELECT relname FROM pg_class WHERE relname IN ('orders', 'wide') ORDER BY 1";
            let drawn = ask(&mut all, sql).await.expect(sql);
            assert!(drawn.contains("orders") && drawn.contains("wide"), "{drawn}");
            let drawn = ask(&mut few, sql).await.expect(sql);
            assert!(drawn.contains("orders") && !drawn.contains("wide"), "{drawn}");
        }
        assert!(engine.generic_runs() >= 4);
    });
}

#[test]
fn errors_say_the_same_each_time_and_where() {
    let folder = lake();
    block_on(async {
        let engine = engine(folder.path());
        let mut session = session(&engine);
        let good = "SELECT relname FROM pg_class WHERE oid = '1'";
        for _ in 0..3 {
            ask(&mut session, good).await.expect(good);
        }
        for (sql, code) in [
            ("SELECT relname FROM pg_class WHERE oid = 'one'", "22P02"),
            ("SELECT attname FROM pg_attribute WHERE attrelid = 'shop.nothing'::regclass", "42P01"),
            ("SELECT 1 / (SELECT count(*) FROM pg_class WHERE relname = 'nothing')", "22012"),
            ("SELECT (SELECT relname FROM pg_class WHERE relkind = 'r') FROM pg_namespace", "21000"),
        ] {
            let first = ask(&mut session, sql).await.expect_err(sql);
            assert_eq!(first.sqlstate.code(), code, "{sql}: {first:?}");
            for _ in 0..3 {
                let again = ask(&mut session, sql).await.expect_err(sql);
                assert_eq!(format!("{again:?}"), format!("{first:?}"), "{sql}");
            }
        }
    });
}

#[test]
fn statements_that_run_at_once_do_not_see_each_others_constants() {
    let folder = lake();
    block_on(async {
        let engine = engine(folder.path());
        let query = QUERIES[4];
        let mut first = session(&engine);
        let mut asked = Vec::new();
        for table in TABLES {
            let sql = filled(query, table, &mut first).await;
            asked.push((ask(&mut first, &sql).await.expect(&sql), sql));
        }
        let clients = (0..6).map(|client: usize| {
            let (mut session, (expected, sql)) = (session(&engine), asked[client % asked.len()].clone());
            tokio::spawn(async move {
                for _ in 0..15 {
                    assert_eq!(ask(&mut session, &sql).await.expect(&sql), expected, "{sql}");
                }
            })
        });
        for client in clients.collect::<Vec<_>>() {
            client.await.expect("a client");
        }
        assert!(engine.generic_runs() >= 30, "{}", engine.generic_runs());
    });
}
