//! Whole drivers, by their own scripts: each sees in the lake what it sees in a PostgreSQL with the same tables.

mod rust;

use lakeport_tests::{DATABASE, java, node, python, same};

#[test]
fn psqlodbc_whole_answers() {
    same(|port| python("odbc.py", &[port, DATABASE, "UseDeclareFetch=0"]));
}

#[test]
fn psqlodbc_by_cursors_as_tableau_sets_it() {
    same(|port| python("odbc.py", &[port, DATABASE, "UseDeclareFetch=1;Fetch=2048"]));
}

#[test]
fn pgjdbc() {
    same(|port| java("Jdbc.java", &[port, DATABASE]));
}

#[test]
fn psycopg2() {
    same(|port| python("psycopg2_all.py", &[port, DATABASE]));
}

#[test]
fn psycopg() {
    same(|port| python("psycopg3_all.py", &[port, DATABASE]));
}

#[test]
fn asyncpg() {
    same(|port| python("asyncpg_all.py", &[port, DATABASE]));
}

#[test]
fn pg8000() {
    same(|port| python("pg8000_all.py", &[port, DATABASE]));
}

#[test]
fn node_postgres_with_cursors_and_streams() {
    same(|port| node("node.js", &[port, DATABASE]));
}

#[test]
fn adbc() {
    same(|port| python("adbc.py", &[port, DATABASE]));
}

#[test]
fn sqlalchemy_and_pandas_over_psycopg2() {
    same(|port| python("sqlalchemy_all.py", &[port, DATABASE, "psycopg2"]));
}

#[test]
fn sqlalchemy_and_pandas_over_psycopg() {
    same(|port| python("sqlalchemy_all.py", &[port, DATABASE, "psycopg"]));
}

#[test]
fn polars_by_connectorx_and_by_adbc() {
    same(|port| python("polars_all.py", &[port, DATABASE]));
}

#[test]
fn tokio_postgres() {
    same(rust::report);
}
