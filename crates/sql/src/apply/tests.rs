//! Subqueries of every kind, against the answers that PostgreSQL gives.

use crate::harness::{check, check_error};

#[test]
fn a_value_without_an_aggregate_is_looked_up_for_each_row() {
    check("SELECT id, (SELECT u.x FROM u WHERE u.id = t.id) AS x FROM t ORDER BY id", "1 5|2 7|3 9|4 11");
}

#[test]
fn no_row_is_null() {
    check("SELECT id, (SELECT u.x FROM u WHERE u.id = t.id + 2) AS x FROM t ORDER BY id", "1 9|2 11|3 -|4 -");
}

#[test]
fn two_rows_for_a_value_are_an_error() {
    check_error("SELECT (SELECT u.x FROM u WHERE u.k = t.k) FROM t", "more than one row");
}

#[test]
fn two_rows_for_an_uncorrelated_value_are_an_error() {
    check_error("SELECT (SELECT u.x FROM u) FROM t", "more than one row");
    check_error("SELECT id FROM t WHERE k = (SELECT u.k FROM u)", "more than one row");
}

#[test]
fn order_by_and_limit_hold_for_each_row() {
    check(
        "SELECT id, (SELECT u.x FROM u WHERE u.k = t.k ORDER BY u.x DESC LIMIT 1) AS x FROM t ORDER BY id",
        "1 7|2 9|3 -|4 7",
    );
}

#[test]
fn an_aggregate_over_no_rows_is_no_null_count() {
    check("SELECT id, (SELECT count(*) FROM u WHERE u.k = t.k) AS n FROM t ORDER BY id", "1 2|2 1|3 0|4 2");
}

#[test]
fn a_case_may_hold_subqueries() {
    check(
        "SELECT id, CASE WHEN id < 3 THEN (SELECT u.x FROM u WHERE u.id = t.id LIMIT 1) ELSE 0 END AS x FROM t ORDER BY id",
        "1 5|2 7|3 0|4 0",
    );
}

#[test]
fn exists_stands_in_the_select_list_and_in_an_or() {
    check(
        "SELECT id, EXISTS (SELECT 1 FROM u WHERE u.k = t.k) AS e FROM t ORDER BY id",
        "1 true|2 true|3 false|4 true",
    );
    check(
        "SELECT id FROM t WHERE id = 3 OR NOT EXISTS (SELECT 1 FROM u WHERE u.x > t.k AND u.k = 20) ORDER BY id",
        "1|2|3|4",
    );
    check("SELECT id FROM t WHERE EXISTS (SELECT 1 FROM u WHERE u.k = t.k LIMIT 0)", "");
}

#[test]
fn in_is_unknown_where_a_null_might_match() {
    check("SELECT id, k IN (SELECT u.k FROM u) AS i FROM t ORDER BY id", "1 true|2 true|3 -|4 true");
    check("SELECT id, id IN (SELECT u.k FROM u) AS i FROM t WHERE id = 1", "1 -");
    check("SELECT id FROM t WHERE id NOT IN (SELECT u.k FROM u) OR id = 2", "2");
    check("SELECT id FROM t WHERE id NOT IN (SELECT u.k FROM u)", "");
    check("SELECT id FROM t WHERE k NOT IN (SELECT u.k FROM u WHERE false) ORDER BY id", "1|2|3|4");
    check("SELECT id FROM t WHERE k NOT IN (SELECT u.k FROM u WHERE u.id = t.id) ORDER BY id", "2");
}

#[test]
fn comparison_with_any_and_all() {
    check("SELECT id FROM t WHERE k = ANY (SELECT u.k FROM u WHERE u.id <= t.id) ORDER BY id", "1|4");
}

#[test]
fn an_array_of_a_subquery_keeps_its_order() {
    check(
        "SELECT id, array_subquery((SELECT u.x FROM u WHERE u.k = t.k ORDER BY u.x DESC)) AS a FROM t ORDER BY id",
        "1 [7, 5]|2 [9]|3 []|4 [7, 5]",
    );
    check("SELECT array_subquery((SELECT u.x FROM u ORDER BY 1)) AS a", "[5, 7, 9, 11]");
}

#[test]
fn references_may_point_two_levels_out() {
    check(
        "SELECT id FROM t WHERE EXISTS (SELECT 1 FROM u WHERE u.k = t.k AND u.x IN (SELECT w.x FROM u w WHERE w.id = t.id)) ORDER BY id",
        "1",
    );
    check(
        "SELECT id, (SELECT (SELECT w.x FROM u w WHERE w.id = u.id AND t.id = u.id) FROM u WHERE u.id = t.id) AS x FROM t ORDER BY id",
        "1 5|2 7|3 9|4 11",
    );
    check(
        "SELECT id, (SELECT sum(u.x) FROM u WHERE u.k IN (SELECT w.k FROM t w WHERE w.id <= t.id)) AS s FROM t ORDER BY id",
        "1 12|2 21|3 21|4 21",
    );
}

#[test]
fn the_inner_name_hides_the_outer_one() {
    check(
        "SELECT id FROM t WHERE EXISTS (SELECT 1 FROM t WHERE t.id = 1 AND t.k = 10) ORDER BY id",
        "1|2|3|4",
    );
}

#[test]
fn subqueries_stand_in_order_by_group_by_and_having() {
    check("SELECT id FROM t ORDER BY (SELECT u.x FROM u WHERE u.id = t.id) DESC", "4|3|2|1");
    check("SELECT sum((SELECT u.x FROM u WHERE u.id = t.id)) AS s FROM t", "32");
    check("SELECT k FROM t GROUP BY k HAVING (SELECT count(*) FROM u WHERE u.k = t.k) > 1", "10");
    check(
        "SELECT k, (SELECT u.x FROM u WHERE u.k = t.k ORDER BY 1 LIMIT 1) AS x FROM t GROUP BY k ORDER BY k",
        "10 5|20 9|- -",
    );
}

#[test]
fn subqueries_stand_in_the_condition_of_a_join() {
    check(
        "SELECT t.id FROM t JOIN u ON t.id = u.id AND EXISTS (SELECT 1 FROM t w WHERE w.k = u.k AND w.id > t.id) ORDER BY 1",
        "1|2",
    );
    check(
        "SELECT t.id, u.x FROM t LEFT JOIN u ON t.id = u.id AND EXISTS (SELECT 1 FROM t w WHERE w.k = u.k LIMIT 1) ORDER BY 1",
        "1 5|2 7|3 9|4 -",
    );
    check_error(
        "SELECT t.id FROM t FULL JOIN u ON t.id = u.id AND EXISTS (SELECT 1 FROM t w WHERE w.k = u.k)",
        "not implemented",
    );
}

#[test]
fn lateral_sides_see_the_row() {
    check(
        "SELECT t.id, s.x FROM t CROSS JOIN LATERAL (SELECT u.x FROM u WHERE u.k = t.k ORDER BY u.x LIMIT 1) s ORDER BY 1",
        "1 5|2 9|4 5",
    );
    check(
        "SELECT t.id, s.x FROM t LEFT JOIN LATERAL (SELECT u.x FROM u WHERE u.k = t.k ORDER BY u.x LIMIT 1) s ON true ORDER BY 1",
        "1 5|2 9|3 -|4 5",
    );
    check(
        "SELECT t.id, s.x FROM t LEFT JOIN LATERAL (SELECT u.x FROM u WHERE u.k = t.k) s ON s.x > t.id + 5 ORDER BY 1, 2",
        "1 7|2 9|3 -|4 -",
    );
    check(
        "SELECT t.id, s.x FROM t, LATERAL (SELECT u.x FROM u WHERE u.k = t.k) s ORDER BY 1, 2",
        "1 5|1 7|2 9|4 5|4 7",
    );
    check(
        "SELECT t.id, s.n FROM t, LATERAL (SELECT count(*) AS n FROM u WHERE u.k = t.k) s ORDER BY 1",
        "1 2|2 1|3 0|4 2",
    );
}
