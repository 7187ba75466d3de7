//! Casts, arithmetic and result types, against the answers that PostgreSQL gives.

use crate::harness::{check, check_error, check_types};

#[test]
fn values_become_postgres_text() {
    check(
        "SELECT DATE '2024-01-31'::text AS d, TIMESTAMP '2024-01-31 10:20:30.5'::text AS t",
        "2024-01-31 2024-01-31 10:20:30.5",
    );
    check(
        "SELECT (1.5::float8)::text AS a, (1e20::float8)::text AS b, (3::float8)::text AS c",
        "1.5 1e+20 3",
    );
    check("SELECT (INTERVAL '1 day 2 hours')::text AS i", "1 day 02:00:00");
    check("SELECT ARRAY[1, 2]::text AS a, ARRAY['a b', NULL]::text AS b", "{1,2} {\"a b\",NULL}");
    check("SELECT 'x' || DATE '2024-01-31' AS a, 'x' || 1 AS b, 'x' || 1.50 AS c", "x2024-01-31 x1 x1.50");
    check("SELECT concat('at ', TIMESTAMP '2024-01-31 10:00:00') AS a", "at 2024-01-31 10:00:00");
    check("SELECT true::text AS a, 12::text AS b, 1.50::text AS c", "true 12 1.50");
}

#[test]
fn floats_and_numerics_round_to_integers() {
    check("SELECT (2.5::float8)::int AS a, (3.5::float8)::int AS b, (-2.5::float8)::bigint AS c", "2 4 -2");
    check("SELECT 2.5::int AS a, 3.5::int AS b, (-2.5)::int AS c, 2.4::bigint AS d", "3 4 -3 2");
    check_error("SELECT (1e10::float8)::int", "integer out of range");
    check_error("SELECT ('NaN'::float8)::bigint", "bigint out of range");
}

#[test]
fn sums_and_averages_of_integers_have_types_of_their_own() {
    check("SELECT sum(9223372036854775807) AS s FROM t", "36893488147419103228");
    check("SELECT sum(id::int) AS s, avg(id) AS a FROM t", "10 2.5000000000000000");
    check_types(
        "SELECT sum(id::int) AS s, sum(k) AS b, count(*) AS c FROM t",
        "Int64 Decimal128(30, 0) Int64",
    );
    check("SELECT sum(id) OVER (ORDER BY id) AS s FROM t ORDER BY id", "1|3|6|10");
}

#[test]
fn texts_are_read_as_postgres_reads_them() {
    check(
        "SELECT '2024-01-31'::date AS a, ' 12 '::int AS b, 'yes'::bool AS c, '1.50'::decimal(10,2) AS d",
        "2024-01-31 12 true 1.50",
    );
    check(
        "SELECT '{1,2}'::int[] AS a, '1 day'::interval::text AS b, 'Infinity'::float8 AS c",
        "[1, 2] 1 day inf",
    );
    check("SELECT id FROM t WHERE name = 'a' AND DATE '2024-01-31' > '2024-01-30'", "1");
    check_error("SELECT 'x'::int", "invalid input syntax for type integer: \"x\"");
    check_error("SELECT '99999999999'::int", "out of range for type integer");
    check_error("SELECT name::int FROM t", "invalid input syntax for type integer: \"a\"");
    check_error("SELECT '2024-02-30'::date", "out of range");
}

#[test]
fn a_sum_beside_a_distinct_keeps_its_type() {
    check("SELECT sum(id::bigint) AS a, count(DISTINCT k) AS b FROM t", "10 2");
    check(
        "SELECT k, sum(id::numeric(10,2)) AS a, count(DISTINCT name) AS b FROM t WHERE k = 10 GROUP BY k",
        "10 5.00 2",
    );
    check("SELECT sum(id::smallint) AS a, sum(DISTINCT k) AS b, max(id) AS c FROM t", "10 30 4");
}
