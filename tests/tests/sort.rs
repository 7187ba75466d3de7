//! ORDER BY over more than a statement may hold: it spills, every row comes, in order, and memory stays bounded.

use std::cmp::Reverse;
use std::path::Path;

use futures::TryStreamExt;
use lakeport_benches::usage::{forget_peak, peak};
use lakeport_tests::{Server, demo_lake};

/// Less than the rows take in memory, several times over.
const STATEMENT_MEMORY: u64 = 64 << 20;

/// What the server may grow by: the statement's memory, what the scan decodes, and what is on its way to the client.
const GROWTH_MAX: u64 = STATEMENT_MEMORY + (150 << 20);

const SQL: &str = "SELECT * FROM shop.orders ORDER BY product_id DESC, order_id";

/// How many files there are in a folder and those in it; folders are there before anything is spilled.
fn files_below(folder: &Path) -> usize {
    let entries = std::fs::read_dir(folder).expect("the folder").map(|entry| entry.expect("an entry").path());
    entries.map(|path| if path.is_dir() { files_below(&path) } else { 1 }).sum()
}

#[test]
fn a_sort_of_more_than_its_memory_spills_and_gives_every_row_in_order() {
    let spill = tempfile::tempdir().expect("a folder");
    let config = spill.path().join("lakeport.toml");
    let text = format!(
        "[postgres]\nlisten = \"127.0.0.1:0\"\n[stores.lake.local]\nfolder = {:?}\n[schemas.shop]\nfrom = \"lake/shop/\"\n\
         [limits]\nstatement_memory = \"{}MiB\"\nspill_folder = {:?}\n",
        demo_lake().join("lake"),
        STATEMENT_MEMORY >> 20,
        spill.path()
    );
    std::fs::write(&config, text).expect("a config");
    let server = Server::config(&config);
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().expect("a runtime");
    let (rows, spilled, grown) = runtime.block_on(async {
        let (client, connection) =
            tokio_postgres::connect(&server.libpq(), tokio_postgres::NoTls).await.expect("a connection");
        tokio::spawn(connection);
        client.query_one("SELECT count(*) FROM shop.orders", &[]).await.expect("a count");
        let before = server.resident_bytes();
        forget_peak(server.process()).expect("a peak that is forgotten");
        let rows = client.query_raw(SQL, Vec::<i32>::new()).await.expect("rows");
        let mut rows = std::pin::pin!(rows);
        let (mut count, mut last, mut spilled) = (0_u64, None, false);
        while let Some(row) = rows.try_next().await.expect("a row") {
            let key: (Reverse<i32>, i64) = (Reverse(row.get("product_id")), row.get("order_id"));
            assert!(last.is_none_or(|last| last < key), "{key:?} behind {last:?}");
            if count == 0 {
                spilled = files_below(spill.path()) > 1;
            }
            (count, last) = (count + 1, Some(key));
        }
        (count, spilled, peak(server.process()).expect("a peak").saturating_sub(before))
    });
    assert_eq!(rows, 2_160_000);
    assert!(spilled, "the sort took no more than its memory, and this test shows nothing");
    eprintln!("{} MiB more", grown >> 20);
    assert!(grown < GROWTH_MAX, "memory grew by {} MiB", grown >> 20);
}
