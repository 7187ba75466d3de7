//! Keys as they are written, and what is said of wrong ones.

use std::path::Path;

use lakeport_base::TableName;

use crate::load::load_text;
use crate::settings::{Key, KeyKind};

const STORE: &str = "[stores.s.local]\nfolder = \".\"\n[schemas.a]\nfrom = \"s/a\"\n";

#[track_caller]
fn keys(text: &str) -> Vec<(TableName, Key)> {
    let folder = tempfile::tempdir().unwrap();
    let settings = load_text(&folder.path().join("lakeport.toml"), &format!("{STORE}{text}")).unwrap();
    let tables = settings.tables.into_iter();
    tables.flat_map(|(name, table)| table.keys.into_iter().map(move |key| (name.clone(), key))).collect()
}

#[track_caller]
fn check(text: &str, expected: &[&str]) {
    let file = Path::new("lakeport.toml");
    let faults = load_text(file, &format!("{STORE}{text}")).expect_err(text).to_string();
    assert_eq!(faults.lines().collect::<Vec<_>>(), expected, "{text}");
}

#[test]
fn keys_are_named_as_postgresql_names_them() {
    let text = r#"
        [tables."a.orders"]
        primary_key = ["id"]
        unique = [["x", "y"], { name = "own", columns = ["z"] }]
        foreign_keys = [
            { columns = ["customer"], references = "a.customers" },
            { columns = ["q", "r"], references = "a.customers", to = ["c", "b"], name = "to_b" },
        ]
        [tables."a.customers"]
        primary_key = { columns = ["id"], name = "customers_key" }
        unique = [["b", "c"]]
    "#;
    let shown: Vec<String> =
        keys(text).iter().map(|(table, key)| format!("{table} {} {}", key.name, key.line)).collect();
    let expected = [
        "a.customers customers_key 14",
        "a.customers customers_b_c_key 15",
        "a.orders orders_pkey 7",
        "a.orders orders_x_y_key 8",
        "a.orders own 8",
        "a.orders orders_customer_fkey 10",
        "a.orders to_b 11",
    ];
    // The text begins with an empty line behind the store's four.
    assert_eq!(shown, expected);
}

#[test]
fn a_foreign_key_takes_the_primary_key_where_no_columns_are_named() {
    let text = r#"
        [tables."a.o"]
        foreign_keys = [{ columns = ["c"], references = "a.p" }]
        [tables."a.p"]
        primary_key = ["id"]
    "#;
    let expected = KeyKind::Foreign {
        references: TableName::new("a", "p"),
        to: vec!["id".to_owned()],
        key: "p_pkey".to_owned(),
    };
    assert_eq!(keys(text)[0].1.kind, expected);
}

#[test]
fn an_array_of_tables_is_a_list_of_keys_too() {
    let text = "[tables.\"a.p\"]\nprimary_key = [\"id\"]\n[[tables.\"a.p\".foreign_keys]]\ncolumns = [\"up\"]\nreferences = \"a.p\"\n";
    assert_eq!(keys(text)[1].1.name, "p_up_fkey");
}

#[test]
fn what_is_wrong_with_a_key_is_said_with_its_line() {
    let t = "[tables.\"a.t\"]\n";
    let setting = "lakeport.toml:6: tables.\"a.t\"";
    for (key, expected) in [
        ("primary_key = []", "primary_key must name at least one column"),
        ("primary_key = \"id\"", "primary_key is a text, must be a list of columns, such as [\"id\"]"),
        ("primary_key = [\"a\", \"a\"]", "primary_key has the column a twice"),
        (
            "unique = [\"a\"]",
            "unique holds a text, must be a list of keys, each a list of columns, such as [[\"a\", \"b\"]]",
        ),
        ("unique = [[\"a\"], [\"a\"]]", "unique is declared of these columns already"),
        ("unique = [{ columns = [\"a\"], name = \"\" }]", "unique.name is empty"),
        (
            "foreign_keys = [[\"a\"]]",
            "foreign_keys must be a list of keys, such as [{ columns = [\"a\"], references = \"SCHEMA.TABLE\" }]",
        ),
        (
            "foreign_keys = [{ columns = [\"a\"], references = \"t\" }]",
            "foreign_keys.references must be a table, \"SCHEMA.TABLE\"",
        ),
        (
            "foreign_keys = [{ columns = [\"a\"] }]",
            "foreign_keys.references is missing: it is the table that has the rows, \"SCHEMA.TABLE\"",
        ),
        (
            "foreign_keys = [{ columns = [\"a\"], references = \"a.t\", to = [\"b\", \"c\"] }]",
            "foreign_keys has 1 columns, and a.t has 2 in to; they must be as many",
        ),
        (
            "foreign_keys = [{ columns = [\"a\"], references = \"a.tt\" }]",
            "foreign_keys refers to a.tt, of which no [tables.\"a.tt\"] declares a key; did you mean a.t?",
        ),
        (
            "foreign_keys = [{ columns = [\"a\"], references = \"a.t\" }]",
            "foreign_keys refers to a.t, which declares no primary_key; say with to which columns are meant",
        ),
        (
            "foreign_keys = [{ columns = [\"a\"], references = \"a.t\", to = [\"b\"] }]",
            "foreign_keys refers to a.t, which declares no primary or unique key of (b)",
        ),
        ("foreign_keys = [{ columns = [\"a\"], references = \"a.t\", on_delete = \"cascade\" }]", ""),
    ] {
        if expected.is_empty() {
            let file = Path::new("lakeport.toml");
            let faults = load_text(file, &format!("{STORE}{t}{key}")).expect_err(key).to_string();
            assert!(faults.contains("unknown key tables.\"a.t\".foreign_keys.on_delete"), "{faults}");
            continue;
        }
        check(&format!("{t}{key}\n"), &[&format!("{setting}.{expected}")]);
    }
}

#[test]
fn an_index_has_its_name_alone_in_its_schema() {
    let text = "[tables.\"a.t\"]\nprimary_key = { columns = [\"a\"], name = \"k\" }\n[tables.\"a.u\"]\nunique = [{ columns = [\"b\"], name = \"k\" }]\n";
    check(text, &["lakeport.toml:8: tables.\"a.u\".unique.name is taken: k is another key"]);
}
