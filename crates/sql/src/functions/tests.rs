//! Functions, subscripts and functions in FROM, against the answers that PostgreSQL gives.

use std::collections::BTreeSet;

use super::{aggregate_functions, higher_order_functions, scalar_functions, window_functions};
use crate::harness::{check, check_error, check_types};

#[test]
fn a_series_stands_in_from_and_in_the_select_list() {
    check("SELECT * FROM generate_series(1, 3)", "1|2|3");
    check("SELECT n FROM pg_catalog.generate_series(5, 1, -2) AS s(n)", "5|3|1");
    check("SELECT s, s.s AS r FROM generate_series(1, 2) s", "1 1|2 2");
    check("SELECT generate_series(1, 3) AS g", "1|2|3");
    check("SELECT * FROM generate_series(3, 1)", "");
    check(
        "SELECT * FROM generate_series(TIMESTAMP '2024-01-31', TIMESTAMP '2024-03-31', INTERVAL '1 month')",
        "2024-01-31T00:00:00|2024-02-29T00:00:00|2024-03-29T00:00:00",
    );
}

#[test]
fn a_series_without_end_is_refused() {
    check_error("SELECT * FROM generate_series(1, 3, 0)", "step size cannot equal zero");
    check_error("SELECT * FROM generate_series(1, 1000000000000)", "too long");
}

#[test]
fn unnest_gives_the_elements_with_their_places() {
    check("SELECT * FROM unnest(ARRAY[10, 20]) AS u(x)", "10|20");
    check("SELECT x, n FROM unnest(ARRAY['a', 'b']) WITH ORDINALITY AS u(x, n)", "a 1|b 2");
    check("SELECT ordinality FROM unnest(ARRAY['a', 'b']) WITH ORDINALITY", "1|2");
    check("SELECT a, b FROM unnest(ARRAY[1, 2], ARRAY['x']) AS u(a, b)", "1 x|2 -");
    check("SELECT unnest(ARRAY[1, 2]) AS e", "1|2");
}

#[test]
fn functions_in_from_see_the_tables_before_them() {
    check("SELECT t.id, n FROM t, generate_series(1, t.id) s(n) WHERE t.id < 3", "1 1|2 1|2 2");
    check(
        "SELECT t.id, n FROM t LEFT JOIN LATERAL generate_series(3, t.id) s(n) ON true ORDER BY 1, 2",
        "1 -|2 -|3 3|4 3|4 4",
    );
    check(
        "SELECT id, (SELECT sum(s) FROM generate_series(0, t.id) s, u WHERE u.id = s) AS total FROM t ORDER BY id",
        "1 1|2 3|3 6|4 10",
    );
    check(
        "SELECT id, ARRAY(SELECT 'x' || n FROM generate_series(1, t.id) n) AS a FROM t WHERE id < 3 ORDER BY id",
        "1 [x1]|2 [x1, x2]",
    );
}

#[test]
fn a_scalar_function_in_from_is_one_row() {
    check("SELECT * FROM upper('a')", "A");
    check("SELECT x FROM upper('a') AS x", "A");
}

#[test]
fn any_and_all_know_what_is_unknown() {
    check(
        "SELECT 1 = ANY (ARRAY[1, 2]) AS a, 3 = ANY (ARRAY[1, 2]) AS b, 3 = ANY (ARRAY[1, NULL]) AS c",
        "true false -",
    );
    check(
        "SELECT 3 <> ALL (ARRAY[1, 2]) AS a, 1 <> ALL (ARRAY[1, NULL]) AS b, 3 <> ALL (ARRAY[1, NULL]) AS c",
        "true false -",
    );
    check("SELECT id FROM t WHERE name = ANY ('{a,d}') ORDER BY id", "1|4");
    check("SELECT id FROM t WHERE k = ANY ('{10}') ORDER BY id", "1|4");
    check("SELECT id FROM t WHERE id > ALL ('{1,2}') ORDER BY id", "3|4");
    check("SELECT id FROM t WHERE name ~ ANY (ARRAY['^a', 'b']) ORDER BY id", "1|2");
    check("SELECT 1 = ANY (ARRAY[]::int[]) AS a, 1 = ALL (ARRAY[]::int[]) AS b", "false true");
    check_error("SELECT 1 = ANY ('a')", "malformed array literal");
    check("SELECT id FROM t WHERE id = ANY (ARRAY(SELECT u.id FROM u WHERE u.k = t.k)) ORDER BY id", "1");
}

#[test]
fn subscripts_count_from_one() {
    check(
        "SELECT (ARRAY[10, 20, 30])[1] AS a, (ARRAY[10, 20])[0] AS b, (ARRAY[10])[-1] AS c, (ARRAY[10])[2] AS d",
        "10 - - -",
    );
    check(
        "SELECT (ARRAY[10, 20, 30])[2:3] AS a, (ARRAY[10, 20, 30])[0:1] AS b, (ARRAY[1])[5:6] AS c",
        "[20, 30] [10] []",
    );
}

#[test]
fn amplifying_functions_have_a_bound() {
    check_error("SELECT repeat('x', 2000000000)", "too large");
    check_error("SELECT lpad('x', 2000000000)", "too large");
    check_error("SELECT rpad('x', 2000000000)", "too large");
    check_error("SELECT array_repeat(1, 1000000000)", "too large");
    check_error("SELECT replace(repeat('x', 100000), 'x', repeat('y', 100000))", "too large");
    check_error("SELECT regexp_replace(repeat('x', 100000), 'x', repeat('y', 100000), 'g')", "too large");
    check("SELECT length(replace(repeat('xz', 1000), 'x', repeat('y', 100))) AS a", "101000");
    check("SELECT length(regexp_replace(repeat('x', 100000), 'x', repeat('y', 100000))) AS a", "199999");
    check("SELECT repeat('ab', 2) AS r, lpad('x', 3, '-') AS l, array_repeat(1, 2) AS a", "abab --x [1, 1]");
}

#[test]
fn arithmetic_fails_where_it_does_in_postgres() {
    check_error("SELECT 9223372036854775807 + 1", "bigint out of range");
    check_error("SELECT id * 9223372036854775807 FROM t", "bigint out of range");
    check_error("SELECT -9223372036854775807 - id FROM t", "bigint out of range");
    check_error("SELECT id / 0 FROM t", "zero");
    check_error("SELECT id::float8 / 0 FROM t", "division by zero");
    check("SELECT id + 1 AS a, id * 2 AS b, id - 1 AS c, 7 / 2 AS d FROM t WHERE id + 1 = 3", "3 4 1 3");
}

#[test]
fn dates_are_written_in_postgres_patterns() {
    check(
        "SELECT to_char(TIMESTAMP '2024-01-05 15:04:05.678901', 'YYYY-MM-DD HH24:MI:SS.MS US FF3') AS a",
        "2024-01-05 15:04:05.678 678901 678",
    );
    check(
        "SELECT to_char(TIMESTAMP '2024-01-05 15:04:05', 'Month|FMMonth|MON|Day|DY|FMDDth|DDD|D|ID|WW|IW|Q|AM|HH12|hh|CC|J|SSSS|Y,YYY|YY|IYYY|W|TZ|\"Year\" RM') AS a",
        "January  |January|JAN|Friday   |FRI|5th|005|6|5|01|01|1|PM|03|03|21|2460315|54245|2,024|24|2024|1||Year I   ",
    );
    check("SELECT to_char(DATE '2024-12-31', 'FMMM/FMDD/YYYY') AS a", "12/31/2024");
}

#[test]
fn numbers_are_written_in_postgres_patterns() {
    check(
        "SELECT to_char(1234567.891, 'FM9,999,999.00') AS a, to_char(42, 'FM0000') AS b, to_char(0.5::float8, 'FM0.00') AS c",
        "1,234,567.89 0042 0.50",
    );
    check("SELECT to_char(12, 'RN') AS a", "            XII");
}

#[test]
fn parts_of_dates_are_numeric_by_extract_and_floats_by_date_part() {
    check(
        "SELECT extract(year FROM DATE '2024-01-31') AS a, extract(second FROM TIMESTAMP '2024-01-31 10:20:30.5') AS b",
        "2024 30.500000",
    );
    check(
        "SELECT date_part('isodow', DATE '2024-12-29') AS a, date_part('dow', DATE '2024-12-29') AS b, date_part('week', DATE '2024-12-30') AS c",
        "7.0 0.0 1.0",
    );
    check("SELECT extract(epoch FROM INTERVAL '1 year 1 month 1 day 1 hour') AS a", "34239600.000000");
    check_error("SELECT extract(foo FROM DATE '2024-01-31')", "not recognized");
}

#[test]
fn counts_are_signed() {
    check_types(
        "SELECT row_number() OVER () AS a, array_length(ARRAY[1]) AS b, cardinality(ARRAY[1]) AS c FROM t",
        "Int64 Int32 Int32",
    );
    check(
        "SELECT row_number() OVER (ORDER BY id DESC) AS a, rank() OVER (ORDER BY k) AS b FROM t ORDER BY id",
        "4 1|3 3|2 4|1 1",
    );
    check("SELECT array_length(ARRAY[1, 2], 1) AS a", "2");
}

/// Every function that a user can call: a new one must be looked at before it is added here.
/// None of them may read a file or the network; those that make much of little are bounded.
#[test]
fn every_function_is_in_the_inventory() {
    let mut names: BTreeSet<String> = BTreeSet::new();
    scalar_functions().iter().for_each(|function| {
        names.extend(std::iter::once(function.name().to_owned()).chain(function.aliases().to_vec()))
    });
    aggregate_functions().iter().for_each(|function| {
        names.extend(std::iter::once(function.name().to_owned()).chain(function.aliases().to_vec()))
    });
    window_functions().iter().for_each(|function| {
        names.extend(std::iter::once(function.name().to_owned()).chain(function.aliases().to_vec()))
    });
    higher_order_functions().iter().for_each(|function| {
        names.extend(std::iter::once(function.name().to_owned()).chain(function.aliases().to_vec()))
    });
    let known: BTreeSet<String> = include_str!("inventory.txt").lines().map(str::to_owned).collect();
    let new: Vec<&String> = names.difference(&known).collect();
    let gone: Vec<&String> = known.difference(&names).collect();
    assert!(new.is_empty() && gone.is_empty(), "new: {new:?}\ngone: {gone:?}");
}

#[test]
fn arrays_tell_their_bounds() {
    check(
        "SELECT array_upper(ARRAY[1, 2], 1) AS a, array_lower(ARRAY[1, 2], 1) AS b, array_upper(ARRAY[1], 2) AS c",
        "2 1 -",
    );
    check("SELECT array_upper(ARRAY[[1, 2, 3], [4, 5, 6]], 2) AS a", "3");
}

#[test]
fn texts_are_quoted() {
    check(
        r"SELECT quote_literal('it''s') AS a, quote_literal(NULL) AS b, quote_nullable(NULL) AS c",
        "'it''s' - NULL",
    );
    check("SELECT quote_literal(1.5) AS a", "'1.5'");
}

#[test]
fn dates_and_intervals_are_computed_as_in_postgres() {
    check("SELECT DATE '2024-03-31' - DATE '2024-02-28' AS a, DATE '2024-03-31' + 1 AS b", "32 2024-04-01");
    check("SELECT (TIMESTAMP '2024-01-01' - TIMESTAMP '2024-01-03 13:30')::text AS a", "-2 days -13:30:00");
    check(
        "SELECT INTERVAL '1 month' = INTERVAL '30 days' AS a, INTERVAL '2 hours' < INTERVAL '1 day' AS b",
        "true true",
    );
    check("SELECT age(TIMESTAMP '2001-04-10', TIMESTAMP '1957-06-13')::text AS a", "43 years 9 mons 27 days");
    check(
        "SELECT to_date('05 January 24', 'DD Month YY') AS a, make_date(-44, 3, 15)::text AS b",
        "2024-01-05 0044-03-15 BC",
    );
    check_error("SELECT make_date(2023, 2, 29)", "date field value out of range: 2023-02-29");
    check_error("SELECT to_date('2024-02-30', 'YYYY-MM-DD')", "date/time field value out of range");
    check_error("SELECT date_trunc('foo', TIMESTAMP '2024-05-06')", "not recognized");
}

#[test]
fn a_subquery_without_a_row_is_null() {
    check("SELECT (SELECT id FROM t WHERE id > 9) AS a, (SELECT 1 WHERE false) AS b", "- -");
}

#[test]
fn patterns_of_format_are_filled() {
    check("SELECT format('%2$s %1$s %I', 'a', 'B c') AS a", "B c a \"B c\"");
    check_error("SELECT format('%s')", "too few arguments");
}
