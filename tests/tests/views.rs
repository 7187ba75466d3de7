//! Views made in SQL, files changed by hand, configs put in place of running ones.

use std::fs;
use std::path::Path;
use std::time::{Duration, Instant};

use lakeport_tests::{Server, demo_lake};
use tempfile::TempDir;
use tokio_postgres::{Client, NoTls, SimpleQueryMessage};

/// Longest until a change of a file is in force. The server looks every second.
const PATIENCE: Duration = Duration::from_secs(20);

struct Lake {
    folder: TempDir,
    server: Server,
    runtime: tokio::runtime::Runtime,
    client: Client,
}

impl Lake {
    fn new() -> Lake {
        let folder = tempfile::tempdir().expect("a folder");
        let store = demo_lake().join("lake");
        fs::write(folder.path().join("lakeport.toml"), config(&store, "")).expect("a config");
        fs::create_dir(folder.path().join("views")).expect("the views' folder");
        let server = Server::config(&folder.path().join("lakeport.toml"));
        let runtime = tokio::runtime::Builder::new_multi_thread()
            .worker_threads(1)
            .enable_all()
            .build()
            .expect("threads");
        let client = runtime.block_on(async {
            let (client, connection) =
                tokio_postgres::connect(&server.libpq(), NoTls).await.expect("a connection");
            tokio::spawn(connection);
            client
        });
        Lake { folder, server, runtime, client }
    }

    /// The rows of the last statement, cells joined with `|`; or the error's code and message.
    fn run(&self, sql: &str) -> Result<Vec<String>, (String, String)> {
        let messages = self.runtime.block_on(self.client.simple_query(sql)).map_err(|error| {
            let error = error.as_db_error().expect("an error of the server");
            (error.code().code().to_owned(), error.message().to_owned())
        })?;
        let rows = messages.iter().filter_map(|message| match message {
            SimpleQueryMessage::Row(row) => Some(
                (0..row.len()).map(|index| row.get(index).unwrap_or("NULL")).collect::<Vec<_>>().join("|"),
            ),
            _ => None,
        });
        Ok(rows.collect())
    }

    #[track_caller]
    fn fails(&self, sql: &str, code: &str) -> String {
        let (found, message) = self.run(sql).expect_err(sql);
        assert_eq!(found, code, "{sql}: {message}");
        message
    }

    #[track_caller]
    fn until(&self, sql: &str, expected: &[&str]) {
        let started = Instant::now();
        loop {
            let rows = self.run(sql);
            if rows.as_deref().is_ok_and(|rows| rows == expected) {
                return;
            }
            assert!(
                started.elapsed() < PATIENCE,
                "{sql}: still {rows:?}, not {expected:?}\n{}",
                self.server.log()
            );
            std::thread::sleep(Duration::from_millis(100));
        }
    }

    fn file(&self, name: &str) -> std::path::PathBuf {
        self.folder.path().join("views").join(name)
    }
}

fn config(store: &Path, more: &str) -> String {
    format!(
        "views = \"views\"\n[stores.lake.local]\nfolder = \"{}\"\n[schemas.shop]\nfrom = \"lake/shop/\"\n{more}",
        store.display()
    )
}

#[test]
fn a_view_made_in_sql_is_a_file_and_gone_with_it() {
    let lake = Lake::new();
    lake.run(
        "create view shop.cheap as select product_id, list_price from shop.products where list_price < 5",
    )
    .expect("a view");
    let text = fs::read_to_string(lake.file("shop/cheap.sql")).expect("the view's file");
    assert!(text.contains("select product_id, list_price from shop.products where list_price < 5"), "{text}");
    let direct = lake.run("select count(*) from shop.products where list_price < 5").expect("rows");
    assert_eq!(lake.run("select count(*) from shop.cheap").expect("rows"), direct);
    lake.fails("create view shop.cheap as select 1", "42P07");
    lake.run("create or replace view shop.cheap(id) as select product_id from shop.products")
        .expect("another view");
    assert_eq!(lake.run("select id from shop.cheap where id = 3").expect("rows"), ["3"]);
    lake.run("comment on view shop.cheap is 'What costs little'").expect("a comment");
    assert!(
        fs::read_to_string(lake.file("shop/cheap.sql"))
            .expect("the file")
            .contains("-- description: What costs little")
    );
    lake.run("create view shop.cheaper as select * from shop.cheap where id < 10").expect("a view on a view");
    assert_eq!(lake.run("select count(*) from shop.cheaper").expect("rows"), ["9"]);
    lake.fails("drop view shop.cheap", "2BP01");
    lake.run("drop view shop.cheaper, shop.cheap").expect("both dropped");
    assert!(!lake.file("shop/cheap.sql").exists());
    lake.fails("select * from shop.cheap", "42P01");
    lake.fails("drop view shop.cheap", "42P01");
    lake.run("drop view if exists shop.cheap").expect("nothing to drop");
    lake.fails("drop view shop.products", "42809");
    lake.fails("create view shop.products as select 1", "42P07");
    lake.fails("create view shop.twice as select 1 as a, 2 as a", "42701");
}

#[test]
fn the_header_of_a_views_file_describes_its_columns() {
    let lake = Lake::new();
    let text = "-- column Max Price: The highest, before\n-- column Max Price: discounts\nSELECT kind, max(list_price) AS \"Max Price\" FROM products GROUP BY kind\n";
    fs::create_dir_all(lake.file("shop")).expect("a folder");
    fs::write(lake.file("shop/dearest.sql"), text).expect("a file");
    lake.until(
        "select a.attnum, col_description(a.attrelid, a.attnum) from pg_attribute a where a.attrelid = to_regclass('shop.dearest') order by 1",
        &["1|NULL", "2|The highest, before\ndiscounts"],
    );
    lake.until(
        "select objsubid, description from pg_description where objoid = to_regclass('shop.dearest')",
        &["2|The highest, before\ndiscounts"],
    );
    // A comment on the view leaves those on its columns alone.
    lake.run("comment on view shop.dearest is 'By kind'").expect("a comment");
    assert_eq!(
        lake.run("select col_description('shop.dearest'::regclass, 2)").expect("rows"),
        ["The highest, before\ndiscounts"]
    );
}

#[test]
fn what_a_transaction_does_to_views_is_done_when_it_commits() {
    let lake = Lake::new();
    lake.run("begin; create view shop.a as select 1 as n; create view shop.b as select n from shop.a")
        .expect("two views");
    assert_eq!(lake.run("select n from shop.b").expect("seen by its maker"), ["1"]);
    assert!(!lake.file("shop/a.sql").exists());
    lake.run("rollback").expect("nothing is kept");
    lake.fails("select n from shop.a", "42P01");
    // One message is one transaction, also without BEGIN.
    lake.fails("create view shop.a as select 1 as n; select 1/0", "22012");
    lake.fails("select n from shop.a", "42P01");

    // A new version takes the old one's place in one step, as dbt does it.
    lake.run("create view shop.a as select 1 as n; create view shop.reader as select n from shop.a")
        .expect("views");
    lake.run("create view shop.a__tmp as select 2 as n").expect("a view");
    lake.run(
        "begin; alter view shop.a rename to a__backup; alter table shop.a__tmp rename to a; commit; \
         drop view if exists shop.a__backup cascade",
    )
    .expect("a swap");
    assert_eq!(lake.run("select n from shop.reader").expect("rows"), ["2"]);
    assert!(lake.file("shop/a.sql").exists() && !lake.file("shop/a__tmp.sql").exists());

    lake.fails("alter view shop.a rename to elsewhere", "2BP01");
    lake.fails("begin; alter view shop.a rename to elsewhere; commit", "2BP01");
    assert_eq!(lake.run("select n from shop.reader").expect("rolled back"), ["2"]);
    lake.fails("alter view shop.a rename to reader", "42P07");
    lake.fails("alter view shop.none rename to x", "42P01");
    lake.run("alter view if exists shop.none rename to x").expect("a notice");
    lake.fails("alter view shop.products rename to x", "42809");
    lake.fails("alter table shop.products rename to x", "25006");
    lake.fails("drop view shop.a", "2BP01");
    lake.run("drop view shop.a cascade").expect("with its reader");
    lake.fails("select n from shop.reader", "42P01");

    // A file that somebody else changed meanwhile is not overwritten.
    lake.run("create view shop.c as select 1 as n; begin; create or replace view shop.c as select 2 as n")
        .expect("a view");
    fs::write(lake.file("shop/c.sql"), "select 3 as n\n").expect("a view");
    lake.fails("commit", "40001");
    lake.until("select n from shop.c", &["3"]);

    lake.run("create schema if not exists shop").expect("a notice");
    lake.fails("create schema shop", "42P06");
    lake.fails("create schema if not exists other", "25006");
}

#[test]
fn a_view_written_by_hand_is_seen_and_a_broken_one_says_what_is_wrong() {
    let lake = Lake::new();
    fs::create_dir_all(lake.file("shop")).expect("a folder");
    fs::write(lake.file("shop/three.sql"), "select 3 as n\n").expect("a view");
    lake.until("select n from shop.three", &["3"]);
    fs::write(lake.file("shop/broken.sql"), "select list_price,\n  nothing\nfrom products\n")
        .expect("a view");
    fs::write(lake.file("shop/three.sql"), "select 33 as n\n").expect("a view");
    lake.until("select n from shop.three", &["33"]);
    let message = lake.fails("select * from shop.broken", "42703");
    assert!(
        message.contains("shop.broken") && message.contains("nothing") && message.contains("line 2"),
        "{message}"
    );
    fs::write(lake.file("shop/one.sql"), "select * from two").expect("a view");
    fs::write(lake.file("shop/two.sql"), "select * from one").expect("a view");
    fs::write(lake.file("shop/three.sql"), "select 333 as n\n").expect("a view");
    lake.until("select n from shop.three", &["333"]);
    let message = lake.fails("select * from shop.one", "42P19");
    assert!(message.contains("shop.one") && message.contains("shop.two"), "{message}");
    assert_eq!(lake.run("select count(*) from shop.products").expect("rows"), ["1000"]);
}

#[test]
fn a_new_config_is_put_in_force_and_a_wrong_one_is_not() {
    let lake = Lake::new();
    let (path, store) = (lake.folder.path().join("lakeport.toml"), demo_lake().join("lake"));
    lake.fails("select count(*) from other.products", "42P01");
    fs::write(&path, config(&store, "[schemas.other]\nfrom = \"lake/shop/\"\n")).expect("a config");
    lake.until("select count(*) from other.products", &["1000"]);
    fs::write(&path, config(&store, "[schemas.more]\nfrm = \"lake/shop/\"\n")).expect("a config");
    let started = Instant::now();
    while !lake.server.log().contains("the old config stays in force") {
        assert!(started.elapsed() < PATIENCE, "{}", lake.server.log());
        std::thread::sleep(Duration::from_millis(100));
    }
    assert!(lake.server.log().contains("frm"), "{}", lake.server.log());
    assert_eq!(lake.run("select count(*) from other.products").expect("rows"), ["1000"]);
}
