//! Whole drivers, by their own scripts: each sees in the lake what it sees in a PostgreSQL with the same tables.

use lakeport_tests::{DATABASE, python, same};

#[test]
fn pg8000() {
    same(|port| python("pg8000_all.py", &[port, DATABASE]));
}
