//! Paths that try to leave their store, in every spelling that some reader somewhere takes for a way out.

use std::os::unix::fs::symlink;

use crate::house::{House, OUTSIDE, answer, check_log, run};

/// Ways to write a way out. `{}` is the folder around the lake, as an absolute path.
const ESCAPES: [&str; 66] = [
    "../outside/canary.parquet",
    "../outside",
    "../outside/*",
    "..",
    "../",
    "../*",
    "../**",
    "../**/canary.parquet",
    "../lake-2/canary.parquet",
    "sales/../../outside/canary.parquet",
    "sales/months/../../../outside/canary.parquet",
    "sales/./../../outside/canary.parquet",
    "./../outside/canary.parquet",
    ".//../outside/canary.parquet",
    "sales/..//../outside/canary.parquet",
    "sales/../outside/canary.parquet",
    "*/../../outside/canary.parquet",
    "**/../outside/canary.parquet",
    "sales/*/../../../outside/canary.parquet",
    "{}/outside/canary.parquet",
    "/{}/outside/canary.parquet",
    "//{}/outside/canary.parquet",
    "{}/outside",
    "{}/lake/sales/orders.parquet",
    "/etc/passwd",
    "/proc/self/environ",
    "~/canary.parquet",
    "~root/.profile",
    "file://{}/outside/canary.parquet",
    "file:{}/outside/canary.parquet",
    "file:///{}/outside/canary.parquet",
    "FILE://{}/outside/canary.parquet",
    "file://localhost{}/outside/canary.parquet",
    "http://127.0.0.1:1/canary.parquet",
    "https://169.254.169.254/latest/meta-data",
    "s3://bucket/canary.parquet",
    "az://outside/canary.parquet",
    "abfss://outside@acct.dfs.core.windows.net/canary.parquet",
    "gs://bucket/canary.parquet",
    "hdfs://host/canary.parquet",
    "private://files/secrets.parquet",
    "lake://../outside/canary.parquet",
    "..%2foutside%2fcanary.parquet",
    "..%2Foutside/canary.parquet",
    "%2e%2e/outside/canary.parquet",
    "%2e%2e%2foutside%2fcanary.parquet",
    "%252e%252e/outside/canary.parquet",
    ".%2e/outside/canary.parquet",
    "%c0%ae%c0%ae/outside/canary.parquet",
    "..%c0%afoutside/canary.parquet",
    "..%00/outside/canary.parquet",
    "sales/orders.parquet%00../../outside/canary.parquet",
    "..\\outside\\canary.parquet",
    "sales\\..\\..\\outside\\canary.parquet",
    "\\\\host\\share\\canary.parquet",
    "C:\\outside\\canary.parquet",
    "C:/outside/canary.parquet",
    "..;/outside/canary.parquet",
    ".../outside/canary.parquet",
    "‥/outside/canary.parquet",
    "．．/outside/canary.parquet",
    "..／outside／canary.parquet",
    "..∕outside∕canary.parquet",
    " ../outside/canary.parquet",
    "..\t/outside/canary.parquet",
    "..\n/outside/canary.parquet",
];

/// Links that lead out of the lake, and how they are asked for.
const LINKS: [&str; 9] = [
    "linked.parquet",
    "linked/canary.parquet",
    "linked",
    "linked/*",
    "**/canary.parquet",
    "*.parquet",
    "parts/month=1/linked.parquet",
    "parts",
    "up/outside/canary.parquet",
];

#[test]
fn no_spelling_of_a_path_leads_out_of_its_store() {
    let house = House::new();
    let folder = house.folder.path().display().to_string();
    for (target, link) in
        [("outside/canary.parquet", "lake/linked.parquet"), ("outside", "lake/linked"), ("", "lake/up")]
    {
        symlink(house.path(target), house.path(link)).expect("a link");
    }
    std::fs::create_dir_all(house.path("lake/parts/month=1")).expect("a folder");
    symlink("../../../outside/canary.parquet", house.path("lake/parts/month=1/linked.parquet"))
        .expect("a link");
    // A link in a schema's own folder is no way out for those who only read tables.
    symlink(house.path("outside/canary.parquet"), house.path("lake/sales/leak.parquet")).expect("a link");
    let server = house.serve();
    let check = |user: &str, query: &str| {
        let said = run(&server, user, query);
        assert!(!said.well, "{user}: {query}: {said:?}");
        let told = said.err.replace(query, "");
        assert!(!told.contains(OUTSIDE), "{user}: {query}: {said:?}");
        // Nor does an error tell where in the machine the lake lies, except in what the client wrote itself.
        assert!(query.contains(&folder) || !told.contains(&folder), "{user}: {query}: {said:?}");
        for line in told.lines().filter(|line| line.contains("ERROR")) {
            let code = line.split("ERROR:").nth(1).map_or("", |rest| rest.trim_start()).get(..5);
            let fine = ["42501", "42P01", "42601", "58P01", "0A000", "42883", "25006", "22021"];
            assert!(code.is_some_and(|code| fine.contains(&code)), "{user}: {query}: {line}");
        }
    };
    for path in ESCAPES.iter().chain(&LINKS).map(|path| path.replace("{}", &folder)) {
        let quoted = path.replace('"', "\"\"");
        for user in ["both", "reader"] {
            check(user, &format!("select * from lake.\"{quoted}\""));
        }
        check("both", &format!("select * from \"{quoted}\""));
        check("both", &format!("select * from sales.\"{quoted}\""));
        check("both", &format!("select * from '{}'", path.replace('\'', "''")));
    }
    let listed = answer(
        &server,
        "both",
        "select table_name from information_schema.tables where table_schema = 'sales'",
    );
    for query in listed.lines().map(|name| format!("select * from sales.\"{name}\"")) {
        let said = run(&server, "both", &query);
        assert!(!said.out.contains(OUTSIDE) && !said.err.contains(&folder), "{query}: {said:?}");
    }
    // The lake itself is still read, and links within it are followed.
    symlink("orders.parquet", house.path("lake/sales/same.parquet")).expect("a link");
    assert_eq!(answer(&server, "both", "select count(*) from lake.\"sales/same.parquet\""), "10\n");
    check_log(server, house.folder.path());
}

#[test]
fn no_statement_reaches_a_file_of_the_machine() {
    let house = House::new();
    let server = house.serve();
    let (canary, target) = (house.path("outside/canary.txt"), house.path("outside/written"));
    let parquet = house.path("outside/canary.parquet");
    for statement in [
        "select * from read_parquet('{parquet}')",
        "select * from parquet_scan('{parquet}')",
        "select * from read_csv('{canary}')",
        "select * from parquet_metadata('{parquet}')",
        "select pg_read_file('{canary}')",
        "select pg_read_binary_file('{canary}')",
        "select pg_ls_dir('{canary}')",
        "select lo_import('{canary}')",
        "select load_file('{canary}')",
        "create external table t stored as parquet location '{parquet}'",
        "create external table t stored as csv location '{canary}'",
        "create table t as select * from '{parquet}'",
        "create foreign table t (a int) server s options (filename '{canary}')",
        "copy sales.orders to '{target}'",
        "copy (select 1) to '{target}' stored as csv",
        "copy (select 1) to program 'touch {target}'",
        "copy sales.orders from '{canary}'",
        "insert into sales.orders select * from '{parquet}'",
        "explain analyze copy (select 1) to '{target}'",
        "create function f() returns int language c as '{canary}'",
        "load '{canary}'",
        "select * from \"{parquet}\"",
        "create view sales.out as select * from \"{parquet}\"",
        "create view sales.out as select * from lake.\"../outside/canary.parquet\"",
        "create schema s location '{canary}'",
        "create database d location '{canary}'",
        "create catalog c location '{canary}'",
    ] {
        let statement = [("{parquet}", &parquet), ("{canary}", &canary), ("{target}", &target)]
            .iter()
            .fold(statement.to_owned(), |text, (name, path)| text.replace(name, &path.display().to_string()));
        for user in ["both", "maker"] {
            let said = run(&server, user, &statement);
            assert!(!said.well && !said.out.contains(OUTSIDE), "{user}: {statement}: {said:?}");
            assert!(!said.err.contains("XX000:"), "{user}: {statement}: {said:?}");
        }
    }
    assert!(!target.exists(), "a file was written");
    assert!(!house.path("views/sales/out.sql").exists(), "a view of a file outside was saved");
    check_log(server, house.folder.path());
}
