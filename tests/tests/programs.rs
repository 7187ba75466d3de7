//! Whole programs that people look at data with, run by their own code: what they see of a lake is what they see of a
//! PostgreSQL that holds the same.

use std::fs;
use std::process::Command;

use lakeport_tests::{DATABASE, Server, demo_lake, python_of, required, same};

fn folder() -> tempfile::TempDir {
    tempfile::tempdir().expect("a folder")
}

#[test]
fn superset_adds_the_lake_lists_it_and_draws_charts() {
    same(|port| {
        let folder = folder();
        let arguments = [port, DATABASE, &folder.path().display().to_string()];
        python_of("LAKEPORT_TEST_SUPERSET", "superset_charts.py", &arguments)
    });
}

#[test]
fn pgadmin_connects_and_opens_the_whole_tree() {
    same(|port| {
        let folder = folder();
        let arguments = [port, DATABASE, &folder.path().display().to_string()];
        python_of("LAKEPORT_TEST_PGADMIN", "pgadmin_tree.py", &arguments)
    });
}

#[test]
fn duckdb_attaches_the_lake_and_reads_every_type() {
    same(|port| {
        let folder = folder();
        let arguments = [port, DATABASE, &folder.path().display().to_string()];
        python_of("LAKEPORT_TEST_DUCKDB", "duckdb_attach.py", &arguments)
    });
}

#[test]
fn pgcli_completes_and_describes() {
    same(|port| python_of("LAKEPORT_TEST_DUCKDB", "pgcli_completion.py", &[port, DATABASE]));
}

/// The real PostgreSQL reads the lake as it reads itself.
#[test]
fn a_postgresql_imports_the_lake_and_joins_it_with_its_own_tables() {
    let address = required("LAKEPORT_TEST_POSTGRES");
    let (host, own) = address.rsplit_once(':').expect("a host and a port");
    let script = lakeport_tests::folder().join("clients/fdw.sql").display().to_string();
    same(|port| {
        let output = Command::new("psql")
            .args(["-X", "-q", "-A", "-d", &format!("host={host} port={own} user=postgres dbname=postgres")])
            .args(["-v", &format!("port={port}"), "-v", &format!("database={DATABASE}"), "-f", &script])
            .output()
            .expect("psql is installed");
        let said = String::from_utf8_lossy(&output.stdout).into_owned();
        assert!(output.status.success(), "{said}\n{}", String::from_utf8_lossy(&output.stderr));
        said
    });
}

#[test]
fn dbt_builds_views_tests_them_and_documents_them() {
    let (lake, project) = (folder(), folder());
    let config = format!(
        "views = \"views\"\n[stores.lake.local]\nfolder = \"{}\"\n[schemas.shop]\nfrom = \"lake/shop/\"\n\
         [roles.builder]\nread = [\"*\"]\ncreate = [\"bi\"]\n",
        demo_lake().join("lake").display()
    );
    fs::write(lake.path().join("lakeport.toml"), config).expect("a config");
    fs::create_dir(lake.path().join("views")).expect("the views' folder");
    let server = Server::config(&lake.path().join("lakeport.toml"));
    let arguments = [&server.port.to_string(), "lake", "bi", &project.path().display().to_string()];
    let said = python_of("LAKEPORT_TEST_DBT", "dbt_build.py", &arguments);
    let expected = "\
run spent success
run best success
run spent success
run best success
test not_null_spent_customer_id pass
test unique_spent_customer_id pass
VIEW bi best - customer_id integer, orders bigint, last bigint, spent numeric
VIEW bi spent What each customer ordered, and for how much customer_id integer, orders bigint, last bigint, spent numeric
";
    let (views, sources): (Vec<&str>, Vec<&str>) =
        said.lines().partition(|line| !line.starts_with("BASE TABLE"));
    assert_eq!(views.join("\n") + "\n", expected);
    assert!(
        sources.concat().starts_with("BASE TABLE shop orders - order_id bigint, ordered_at timestamp"),
        "{sources:?}"
    );
    let file = fs::read_to_string(lake.path().join("views/bi/spent.sql")).expect("the view's file");
    assert!(file.contains("max(order_id) as last"), "{file}");
}
