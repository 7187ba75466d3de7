//! Declared keys against the data: what `lakeport check` and `check --keys` say of them.

use std::fs;
use std::path::Path;
use std::process::Command;

use lakeport_tests::program;

fn write(folder: &Path, table: &str, sql: &str) {
    let made = Command::new(program())
        .args(["sql", "--format", "parquet", sql])
        .arg(folder)
        .output()
        .expect("the program can be started");
    assert!(made.status.success(), "{}", String::from_utf8_lossy(&made.stderr));
    fs::write(folder.join("shop").join(table).with_extension("parquet"), made.stdout).expect("a file");
}

#[track_caller]
fn check(config: &str, arguments: &[&str], expected: &[&str]) {
    let folder = tempfile::tempdir().expect("a folder");
    fs::create_dir(folder.path().join("shop")).expect("a folder");
    write(
        folder.path(),
        "orders",
        "SELECT * FROM (VALUES (1, 10, 'a'), (2, 20, 'b'), (2, 30, 'b'), (NULL, NULL, 'c')) v (id, customer, code)",
    );
    write(folder.path(), "customers", "SELECT * FROM (VALUES (10::bigint), (20), (40)) v (id)");
    let config_file = folder.path().join("lakeport.toml");
    let head = "[stores.lake.local]\nfolder = \".\"\n[schemas.shop]\nfrom = \"lake/shop\"\n";
    fs::write(&config_file, format!("{head}{config}")).expect("the config");
    let output = Command::new(program())
        .arg("check")
        .args(arguments)
        .arg("--config")
        .arg(&config_file)
        .output()
        .expect("the program can be started");
    let said = String::from_utf8_lossy(&output.stdout).replace(&format!("{}/", folder.path().display()), "");
    assert_eq!(said.lines().collect::<Vec<_>>(), expected, "{config}");
    assert_eq!(output.status.success(), expected.len() == 1 && expected[0].ends_with("all right"), "{said}");
}

const ALL: &str = r#"[tables."shop.orders"]
primary_key = ["id"]
unique = [["code"]]
foreign_keys = [{ columns = ["customer"], references = "shop.customers" }]
[tables."shop.customers"]
primary_key = ["id"]
"#;

#[test]
fn keys_that_the_data_violates_are_told_with_their_lines() {
    check(
        ALL,
        &["--keys"],
        &[
            "lakeport.toml:6: key orders_pkey of shop.orders has 1 row with NULL, such as (id)=(null)",
            "lakeport.toml:6: key orders_pkey of shop.orders has 2 rows with values that are not unique, 1 value in all, such as (id)=(2)",
            "lakeport.toml:7: key orders_code_key of shop.orders has 2 rows with values that are not unique, 1 value in all, such as (code)=(b)",
            "lakeport.toml:8: key orders_customer_fkey of shop.orders has 1 row that refers to no row of shop.customers, 1 value in all, such as (customer)=(30)",
        ],
    );
}

#[test]
fn keys_that_hold_are_counted() {
    let config = "[tables.\"shop.customers\"]\nprimary_key = [\"id\"]\n";
    check(config, &["--keys"], &["1 store, 2 tables, 0 views, 1 key: all right"]);
    // Not enforced, and not tried unless that is asked for.
    check(ALL, &[], &["1 store, 2 tables, 0 views: all right"]);
}

#[test]
fn keys_of_what_is_not_there_are_faults_of_the_config() {
    let config = r#"[tables."shop.orders"]
primary_key = ["idd"]
unique = [{ columns = ["id"], name = "customers" }]
[tables."shop.gone"]
primary_key = ["id"]
"#;
    check(
        config,
        &[],
        &[
            "lakeport.toml:6: key orders_pkey: table shop.orders has no column idd",
            "lakeport.toml:7: key customers of shop.orders has the name of a table or view",
            "lakeport.toml:9: table shop.gone has keys and is not there",
        ],
    );
}
