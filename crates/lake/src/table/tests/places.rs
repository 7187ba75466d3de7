//! Where tables are found, and what their files and folders may be called.

use std::collections::BTreeMap;
use std::sync::Arc;

use lakeport_base::ByteSize;
use lakeport_store::Meter;

use super::{Lake, Table, ask, ints, names, settings};
use crate::{Footers, Place, adhoc, discover};

/// The tables of a folder, by name, with what they hold or the error of it.
async fn tables(lake: &Lake, folder: &str) -> BTreeMap<String, Result<String, crate::Error>> {
    let mut found = BTreeMap::new();
    for (name, place) in discover(&lake.store, folder).await.unwrap() {
        let settings = super::TableSettings { place, ..settings(&lake.store, "") };
        let table = Table::new(settings, Footers::new(ByteSize::mebibytes(1)));
        let rows = match table.snapshot().await {
            Ok(snapshot) => {
                Ok(ask(&snapshot, &Arc::new(Meter::default()), "SELECT * FROM t ORDER BY 1").await.unwrap())
            }
            Err(error) => Err(error),
        };
        found.insert(name, rows);
    }
    found
}

#[tokio::test]
async fn the_tables_of_a_folder_are_its_files_and_folders() {
    let lake = Lake::new();
    lake.write("s/one.parquet", vec![("v", ints(&[1]))]);
    lake.write("s/two/x.parquet", vec![("v", ints(&[1]))]);
    lake.write("s/_hidden/x.parquet", vec![("v", ints(&[1]))]);
    lake.raw("s/readme.md", b"x");
    let found = discover(&lake.store, "s").await.unwrap();
    let at = |path: &str| Place::At(path.to_owned());
    assert_eq!(found, [("one".to_owned(), at("s/one.parquet")), ("two".to_owned(), at("s/two"))]);
}

#[tokio::test]
async fn two_things_of_one_name_break_that_name_and_no_other() {
    let lake = Lake::new();
    lake.write("s/orders.parquet", vec![("v", ints(&[1]))]);
    lake.write("s/orders/x.parquet", vec![("v", ints(&[2]))]);
    lake.write("s/items.parquet", vec![("v", ints(&[3]))]);
    lake.write("s/items.PQ", vec![("v", ints(&[3]))]);
    lake.write("s/items/x.parquet", vec![("v", ints(&[3]))]);
    lake.write("s/good.parquet", vec![("v", ints(&[4]))]);
    let found = tables(&lake, "s").await;
    assert_eq!(found.len(), 3);
    assert_eq!(found["good"].as_ref().unwrap(), "| 4 |");
    let error = found["orders"].as_ref().unwrap_err();
    names(error, "42P07", &["s.t", "is there twice", "s/orders.parquet", "s/orders"]);
    names(found["items"].as_ref().unwrap_err(), "42P07", &["s/items.PQ", "s/items.parquet"]);
}

#[tokio::test]
async fn a_folder_with_no_tables_and_one_that_is_not_there_have_none() {
    let lake = Lake::new();
    lake.raw("empty/readme.md", b"x");
    std::fs::create_dir_all(lake.folder.path().join("bare")).unwrap();
    for folder in ["empty", "bare", "bare/", "nowhere", ""] {
        let found: Vec<_> = discover(&lake.store, folder).await.unwrap();
        let expected: &[&str] = if folder.is_empty() { &["bare", "empty"] } else { &[] };
        assert_eq!(found.iter().map(|(name, _)| name).collect::<Vec<_>>(), expected, "{folder}");
    }
}

#[tokio::test]
async fn the_stores_own_folder_can_be_a_schema_and_a_table() {
    let lake = Lake::new();
    lake.write("a.parquet", vec![("v", ints(&[1]))]);
    lake.write("b/c.parquet", vec![("v", ints(&[2]))]);
    for root in ["", "/"] {
        let found = tables(&lake, root).await;
        let found = found.iter().map(|(name, rows)| (name.as_str(), rows.as_ref().unwrap().as_str()));
        assert_eq!(found.collect::<Vec<_>>(), [("a", "| 1 |"), ("b", "| 2 |")]);
        let snapshot = lake.table(root).snapshot().await.unwrap();
        let sum = ask(&snapshot, &Arc::new(Meter::default()), "SELECT sum(v) FROM t").await.unwrap();
        assert_eq!(sum, "| 3 |");
    }
}

#[tokio::test]
async fn names_with_spaces_and_of_any_script_are_read() {
    let lake = Lake::new();
    lake.write("Größe und Maß/Été 2024.parquet", vec![("v", ints(&[1]))]);
    lake.write("Größe und Maß/売上 高/Jahr 1/ä b.parquet", vec![("v", ints(&[2]))]);
    lake.write("Größe und Maß/100% sure & #1?.parquet", vec![("v", ints(&[3]))]);
    lake.write("Größe und Maß/🦆.parquet", vec![("v", ints(&[4]))]);
    let found = tables(&lake, "Größe und Maß").await;
    let found = found.iter().map(|(name, rows)| (name.as_str(), rows.as_ref().unwrap().as_str()));
    assert_eq!(
        found.collect::<Vec<_>>(),
        [("100% sure & #1?", "| 3 |"), ("Été 2024", "| 1 |"), ("売上 高", "| 2 |"), ("🦆", "| 4 |")]
    );
    for path in ["Größe und Maß/Été 2024.parquet", "Größe und Maß/É*.parquet"] {
        let settings = super::TableSettings { place: adhoc(path).unwrap(), ..settings(&lake.store, "") };
        let table = Table::new(settings, Footers::new(ByteSize::mebibytes(1)));
        assert_eq!(table.snapshot().await.unwrap().rows(), 1, "{path}");
    }
}

#[tokio::test]
async fn values_that_spark_percent_encodes_in_a_folders_name_are_decoded_once() {
    let lake = Lake::new();
    for (index, value) in
        (1..).zip(["New York", "New%20York", "a%2Fb", "50%25", "%E5%8C%97%E4%BA%AC", "a%3Db", "100%"])
    {
        lake.write(&format!("t/city={value}/a.parquet"), vec![("v", ints(&[index]))]);
    }
    let snapshot = lake.table("t").snapshot().await.unwrap();
    let meter = Arc::new(Meter::default());
    let found = ask(&snapshot, &meter, "SELECT v, city FROM t ORDER BY v").await.unwrap();
    assert_eq!(
        found,
        "| 1 | New York |\n| 2 | New York |\n| 3 | a/b |\n| 4 | 50% |\n| 5 | 北京 |\n| 6 | a=b |\n| 7 | 100% |"
    );
    let found = ask(&snapshot, &meter, "SELECT sum(v) FROM t WHERE city = 'New York'").await.unwrap();
    assert_eq!(found, "| 3 |");
}
