//! Queries planned and run over tables in memory.

use std::collections::HashMap;
use std::sync::Arc;

use arrow::array::{ArrayRef, Int32Array, Int64Array, StringArray, StructArray};
use arrow::datatypes::{DataType, Field, Schema};
use arrow::record_batch::RecordBatch;
use arrow::util::display::{ArrayFormatter, FormatOptions};
use datafusion::catalog::TableProvider;
use datafusion::common::ScalarValue;
use datafusion::datasource::MemTable;
use datafusion::execution::runtime_env::RuntimeEnv;
use datafusion::logical_expr::LogicalPlan;
use datafusion::physical_plan::collect;

use super::{Planned, Scope, plan};
use crate::error::{Error, Result};
use crate::parse::parse;
use crate::state::{StateOptions, session_state};
use crate::statement::Kind;
use crate::types::{PgType, column_type};
use crate::unwanted::Unwanted;
use crate::value::Style;

fn table(columns: Vec<(Field, ArrayRef)>) -> Arc<dyn TableProvider> {
    let (fields, arrays): (Vec<_>, Vec<_>) = columns.into_iter().unzip();
    let schema = Arc::new(Schema::new(fields));
    let batch = RecordBatch::try_new(Arc::clone(&schema), arrays).expect("columns of one length");
    Arc::new(MemTable::try_new(schema, vec![vec![batch]]).expect("a table"))
}

fn ints(name: &str, values: &[i64]) -> (Field, ArrayRef) {
    (Field::new(name, DataType::Int64, true), Arc::new(Int64Array::from(values.to_vec())))
}

fn texts(name: &str, values: &[&str]) -> (Field, ArrayRef) {
    (Field::new(name, DataType::Utf8, true), Arc::new(StringArray::from(values.to_vec())))
}

/// `t` and `u` share `k`; `m` has names in mixed case, `two` two that only case tells apart.
fn scope(parameters: Vec<Option<PgType>>) -> Scope {
    let x: ArrayRef = Arc::new(Int32Array::from(vec![7, 8, 9]));
    let point = StructArray::from(vec![(Arc::new(Field::new("X", DataType::Int32, true)), x)]);
    let oids: ArrayRef = Arc::new(arrow::array::UInt32Array::from(vec![16_u32, 20, 25]));
    let tables = [
        ("t", vec![ints("k", &[1, 2, 3]), ints("a", &[10, 20, 30]), texts("s", &["x", "y", "z"])]),
        ("u", vec![ints("k", &[2, 3, 4]), ints("b", &[200, 300, 400])]),
        (
            "m",
            vec![
                ints("UserID", &[1, 2, 3]),
                texts("Mixed Case", &["p", "q", "r"]),
                texts("größe", &["s", "m", "l"]),
                (Field::new("Point", point.data_type_of(), true), Arc::new(point)),
            ],
        ),
        ("two", vec![ints("id", &[1]), ints("ID", &[2]), ints("Id", &[3])]),
        ("types", vec![(PgType::OID.field("oid", false), oids), texts("typname", &["bool", "int8", "text"])]),
    ];
    let state = session_state(StateOptions {
        runtime: Arc::new(RuntimeEnv::default()),
        style: Style::default(),
        target_partitions: 2,
        batch_size: 8_192,
    });
    let mut by_name: HashMap<Vec<String>, Arc<dyn TableProvider>> = HashMap::new();
    for (name, columns) in tables {
        let table = table(columns);
        by_name.insert(vec![name.to_owned()], Arc::clone(&table));
        by_name.insert(vec!["public".to_owned(), name.to_owned()], table);
    }
    Scope {
        tables: by_name,
        oids: HashMap::new(),
        version: 1,
        functions: Vec::new(),
        state: Arc::new(state),
        parameters,
        values: Vec::new(),
        unwanted: Unwanted::default(),
    }
}

trait DataTypeOf {
    fn data_type_of(&self) -> DataType;
}

impl DataTypeOf for StructArray {
    fn data_type_of(&self) -> DataType {
        arrow::array::Array::data_type(self).clone()
    }
}

fn planned(sql: &str, scope: &Scope) -> Result<Planned> {
    let statement = parse(sql)?.pop().expect("a statement");
    match statement.kind {
        Kind::Query(query) => plan(&query, scope, &statement.text),
        other => panic!("{sql} is no query but {other:?}"),
    }
}

fn rows(plan: LogicalPlan, scope: &Scope) -> Result<Vec<String>> {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().expect("a runtime");
    let run = async {
        let plan = scope.state.optimize(&plan)?;
        let plan = scope.state.query_planner().create_physical_plan(&plan, scope.state.as_ref()).await?;
        collect(plan, scope.state.task_ctx()).await
    };
    let batches = runtime.block_on(run).map_err(super::error_of)?;
    let mut rows = Vec::new();
    for batch in batches {
        let options = FormatOptions::default().with_null("NULL");
        let columns: Vec<_> = batch
            .columns()
            .iter()
            .map(|column| ArrayFormatter::try_new(column, &options).expect("a column"))
            .collect();
        for row in 0..batch.num_rows() {
            rows.push(
                columns.iter().map(|column| column.value(row).to_string()).collect::<Vec<_>>().join("|"),
            );
        }
    }
    Ok(rows)
}

fn answer(sql: &str) -> Result<String> {
    let scope = scope(Vec::new());
    let planned = planned(sql, &scope)?;
    let names = planned.names.join("|");
    Ok(format!("{names}: {}", rows(planned.plan, &scope)?.join(", ")))
}

fn shown(error: &Error) -> String {
    format!("{} {}", error.sqlstate().code(), error.message())
}

#[track_caller]
fn check(sql: &str, expected: &str) {
    assert_eq!(answer(sql).unwrap_or_else(|error| shown(&error)), expected, "{sql}");
}

#[track_caller]
fn check_all(cases: &[(&str, &str)]) {
    let mut wrong = Vec::new();
    for (sql, expected) in cases {
        let found = answer(sql).unwrap_or_else(|error| shown(&error));
        if found != *expected {
            wrong.push(format!("{sql}\n  expected {expected}\n  found    {found}"));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[track_caller]
fn check_position(sql: &str, code: &str, position: usize, hint: Option<&str>) {
    let error = answer(sql).expect_err(sql);
    assert_eq!(
        (error.sqlstate().code(), error.position(), error.hint()),
        (code, Some(position), hint),
        "{sql}"
    );
}

#[test]
fn names_fold_and_then_fit_without_regard_to_case() {
    check_all(&[
        ("select UserID from m order by 1", "UserID: 1, 2, 3"),
        ("select USERID from M where userid = 2", "UserID: 2"),
        ("select m.userId from m where userid = 2", "UserID: 2"),
        ("select \"UserID\" from m where \"UserID\" = 3", "UserID: 3"),
        ("select \"userid\" from m", "42703 column \"userid\" does not exist"),
        ("select \"Mixed Case\" from m where \"Mixed Case\" = 'q'", "Mixed Case: q"),
        ("select größe from m where größe = 's'", "größe: s"),
        ("select id from two", "id: 1"),
        ("select \"ID\" from two", "ID: 2"),
        ("select \"Id\" from two", "Id: 3"),
        ("select iD as ID from two", "id: 1"),
        ("select x.ID from (select \"ID\", \"Id\" from two) x", "42702 column reference \"id\" is ambiguous"),
        ("select x.userid from (select * from m) x where X.USERID = 1", "UserID: 1"),
        ("with c as (select userid from m) select C.userID from c where userid > 2", "UserID: 3"),
        ("select userid from m order by userid desc", "UserID: 3, 2, 1"),
        ("select userid, count(*) from m group by USERID order by UserID limit 1", "UserID|count: 1|1"),
    ]);
}

#[test]
fn unknown_names_are_refused_where_they_stand() {
    check_position(
        "select kk from t",
        "42703",
        8,
        Some("Perhaps you meant to reference the column \"t.k\"."),
    );
    check_position("select 1,\n  t.nothing_like_it from t", "42703", 13, None);
    check_position("select x.k from t", "42P01", 8, None);
    check_position("select k from t, u", "42702", 8, None);
    check_position("select * from nowhere", "42P01", 15, None);
    check_position("select count(*), t.a from t", "42803", 18, None);
    check_position(
        "select 1 + frob(k, 'x') from t",
        "42883",
        12,
        Some(
            "No function matches the given name and argument types. You might need to add explicit type casts.",
        ),
    );
    check_all(&[
        ("select nothing from t", "42703 column \"nothing\" does not exist"),
        ("select t.nothing from t", "42703 column t.nothing does not exist"),
        ("select x.k from t", "42P01 missing FROM-clause entry for table \"x\""),
        ("select t.k from t x", "42P01 invalid reference to FROM-clause entry for table \"t\""),
        ("select k from t, u", "42702 column reference \"k\" is ambiguous"),
        ("select 1 from t, t", "42712 table name \"t\" specified more than once"),
        ("select frob(k, 'x') from t", "42883 function frob(bigint, text) does not exist"),
        ("select frob()", "42883 function frob() does not exist"),
        ("select 1 from t where frob(k)", "42883 function frob(bigint) does not exist"),
        ("select sales.abs(k) from t", "42883 function sales.abs does not exist"),
        ("select *", "42601 SELECT * with no tables specified is not valid"),
        ("select 1::frob", "42704 type \"frob\" does not exist"),
        ("select $0", "42P02 there is no parameter $0"),
        ("select k from t order by 2", "42P10 ORDER BY position 2 is not in select list"),
        ("select k from t group by 3", "42P10 GROUP BY position 3 is not in select list"),
        ("select 1 union select 1, 2", "42601 each UNION query must have the same number of columns"),
        (
            "select a, count(*) from t",
            "42803 column \"t.a\" must appear in the GROUP BY clause or be used in an aggregate function",
        ),
        ("select s + 1 from t where s like 1 || k", "42883 operator does not exist: text + integer"),
        ("select (select k, a from t)", "42601 subquery must return only one column"),
    ]);
}

#[test]
fn output_columns_are_called_as_postgresql_calls_them() {
    check_all(&[
        ("select 1, 2", "?column?|?column?: 1|2"),
        ("select k, k from t where k = 1", "k|k: 1|1"),
        ("select *, k from t where k = 1", "k|a|s|k: 1|10|x|1"),
        ("select t.k, t.* from t where k = 1", "k|k|a|s: 1|1|10|x"),
        ("select k as K1, a \"A 1\" from t where k = 1", "k1|A 1: 1|10"),
        ("select count(*), sum(k), pg_catalog.max(a) from t", "count|sum|max: 3|6|30"),
        (
            "select k::text, 1::int4, '5'::integer, cast(null as varchar(3)) from t where k = 1",
            "k|int4|int4|varchar: 1|1|5|NULL",
        ),
        (
            "select case when true then 1 end, case when false then 1 else k end from t where k = 1",
            "case|k: 1|1",
        ),
        (
            "select coalesce(k, 1), greatest(1, 2), nullif(1, 2) from t where k = 1",
            "coalesce|greatest|nullif: 1|2|1",
        ),
        (
            "select exists (select 1), (select k from t where k = 2), array[1, 2]",
            "exists|k|array: true|2|[1, 2]",
        ),
        (
            "select -k, k + 1, not true, k is null, (k) from t where k = 1",
            "?column?|?column?|?column?|?column?|k: -1|2|false|false|1",
        ),
        ("select date '2024-01-31', interval '1 day' is null", "date|?column?: 2024-01-31|false"),
        (
            "select extract(year from date '2024-01-31'), substring('abc' from 2), trim('  x ')",
            "extract|substring|btrim: 2024|bc|x",
        ),
        ("values (1, 'a'), (2, 'b')", "column1|column2: 1|a, 2|b"),
    ]);
}

#[test]
fn repeated_names_matter_only_where_they_are_named() {
    check_all(&[
        ("select x.a from (select k, k, a from t) x where x.a = 10", "a: 10"),
        ("select x.k from (select k, k, a from t) x", "42702 column reference \"k\" is ambiguous"),
        ("select * from (select 1, 2) x", "?column?|?column?: 1|2"),
        ("with c as (select t.k, u.* from t join u on t.k = u.k) select b from c order by b", "b: 200, 300"),
        (
            "select * from (select t.k, u.* from t join u on t.k = u.k) x order by b",
            "k|k|b: 2|2|200, 3|3|300",
        ),
        ("select c.x1 from (select k, k from t where k = 1) c (x1, x2)", "x1: 1"),
        ("select null, null union all select null, null", "?column?|?column?: NULL|NULL, NULL|NULL"),
    ]);
}

#[test]
fn joins_merge_the_columns_of_using() {
    check_all(&[
        ("select * from t join u using (k) order by k", "k|a|s|b: 2|20|y|200, 3|30|z|300"),
        ("select k, t.k, u.k from t left join u using (k) order by 1", "k|k|k: 1|1|NULL, 2|2|2, 3|3|3"),
        ("select k from t right join u using (k) order by k", "k: 2, 3, 4"),
        (
            "select k, a, b from t full join u using (k) order by k",
            "k|a|b: 1|10|NULL, 2|20|200, 3|30|300, 4|NULL|400",
        ),
        ("select * from t natural join u order by k", "k|a|s|b: 2|20|y|200, 3|30|z|300"),
        ("select count(*) from t natural join (select 1 as z) x", "count: 3"),
        ("select j.k, j.b from (t join u using (k)) as j order by 1", "k|b: 2|200, 3|300"),
        ("select t.k, u.k from (t cross join u) where t.k = u.k order by 1", "k|k: 2|2, 3|3"),
        ("select x.k, y.k from t x, t y where x.k = y.k + 1 order by 1", "k|k: 2|1, 3|2"),
        (
            "select k from t join u using (kk)",
            "42703 column \"kk\" specified in USING clause does not exist in left table",
        ),
        ("select public.t.k from public.t where public.t.k = 1", "k: 1"),
    ]);
}

#[test]
fn subqueries_see_the_queries_around_them() {
    check_all(&[
        ("select k from t where exists (select 1 from u where u.k = t.k) order by 1", "k: 2, 3"),
        ("select k from t where k in (select k from u) order by k", "k: 2, 3"),
        ("select k from t where exists (select 1 from u where k = t.k and a > 20)", "k: 3"),
        (
            "select k, (select max(b) from u where u.k <= t.k) m from t order by 1",
            "k|m: 1|NULL, 2|200, 3|300",
        ),
        ("select t.k from t where t.k in (select t.k from u t) order by 1", "k: 2, 3"),
        (
            "select t.k, l.b from t, lateral (select b from u where u.k = t.k) l order by 1",
            "k|b: 2|200, 3|300",
        ),
        (
            "select t.k from t, (select b from u where u.k = t.k) l",
            "42P01 missing FROM-clause entry for table \"t\"",
        ),
        ("select k from t where k = any (select k from u) order by 1", "k: 2, 3"),
        ("select k from t where k = any (array[1, 3]) order by 1", "k: 1, 3"),
    ]);
}

#[test]
fn with_queries_are_seen_where_postgresql_shows_them() {
    check_all(&[
        ("with t as (select k + 1 as k from t) select k from t order by k", "k: 2, 3, 4"),
        (
            "with c (x) as (select k from t), d as (select x from c where x > 1) select d.x from d order by 1",
            "x: 2, 3",
        ),
        (
            "with c as (select 1 as x) select * from (with c as (select 2 as x) select x from c) y, c",
            "x|x: 2|1",
        ),
        ("with c as materialized (select 1 as x) select x from c", "x: 1"),
        (
            "with recursive r (n) as (select 1 union all select n + 1 from r where n < 4) select n from r order by n",
            "n: 1, 2, 3, 4",
        ),
        (
            "with recursive r as (select 1 as n union all select n + 1 from r where N < 3) select sum(n) from r",
            "sum: 6",
        ),
        ("with recursive c as (select 2 as x union all select 1 order by x limit 1) select x from c", "x: 1"),
        (
            "with recursive r as (select 1 as n union all select n + 1 from r limit 3) select n from r",
            "0A000 LIMIT in a recursive query is not implemented",
        ),
        (
            "with c as (select 1), c as (select 2) select 1",
            "42712 WITH query name \"c\" specified more than once",
        ),
        (
            "with c (x, y) as (select 1) select 1",
            "42P10 WITH query \"c\" has 1 columns available but 2 columns specified",
        ),
    ]);
}

#[test]
fn order_and_group_follow_their_own_rules() {
    check_all(&[
        ("select -k as a from t order by a", "a: -3, -2, -1"),
        ("select -k as a from t order by t.a", "a: -1, -2, -3"),
        ("select -k as a from t order by a + 0", "a: -1, -2, -3"),
        ("select s from t order by k desc", "s: z, y, x"),
        ("select t.s from t join u using (k) order by u.b desc, t.k", "s: z, y"),
        ("select k % 2 as k, count(*) from t group by k order by 1, 2", "k|count: 0|1, 1|1, 1|1"),
        ("select k % 2 as p, count(*) from t group by p order by p", "p|count: 0|1, 1|2"),
        ("select k % 2, count(*) from t group by 1 order by 2", "?column?|count: 0|1, 1|2"),
        ("select k % 2 as p, count(*) as n from t group by 1 having count(*) > 1 order by n", "p|n: 1|2"),
        (
            "select s, sum(k) from t group by rollup (s) order by s nulls first",
            "s|sum: NULL|6, x|1, y|2, z|3",
        ),
        ("select distinct k % 2 as p from t order by p", "p: 0, 1"),
        (
            "select distinct s from t order by k",
            "42P10 for SELECT DISTINCT, ORDER BY expressions must appear in select list",
        ),
        ("select distinct on (k % 2) k % 2 as p, k from t order by 1, k desc", "p|k: 0|2, 1|3"),
        ("select k, k as s from t order by s limit 1", "k|s: 1|1"),
        ("select k as x, a as x from t order by x", "42702 ORDER BY \"x\" is ambiguous"),
        ("select k from t union select b from u order by k desc limit 2", "k: 400, 300"),
        ("select k from t union select b from u order by b", "42703 column \"b\" does not exist"),
        (
            "select k from t union select b from u order by k + 1",
            "0A000 invalid UNION/INTERSECT/EXCEPT ORDER BY clause",
        ),
        ("select sum(k) from t having sum(k) > 100", "sum: "),
        ("select k from t order by k fetch first 2 rows only", "k: 1, 2"),
        ("select k from t order by k offset 1 rows fetch next row only", "k: 2"),
        ("select k from t order by k limit 2::bigint offset 1", "k: 2, 3"),
        ("select k from t order by k limit null offset null", "k: 1, 2, 3"),
        ("select k from t order by k limit all", "k: 1, 2, 3"),
    ]);
}

#[test]
fn windows_may_have_names() {
    check_all(&[
        ("select k, sum(a) over w from t window w as (order by k) order by k", "k|sum: 1|10, 2|30, 3|60"),
        (
            "select k, row_number() over (w order by k desc) from t window w as (partition by k % 2) order by k",
            "k|row_number: 1|2, 2|1, 3|1",
        ),
        ("select k from t window w as (order by k) order by row_number() over w desc", "k: 3, 2, 1"),
        ("select sum(a) over v from t", "42704 window \"v\" does not exist"),
    ]);
}

#[test]
fn fields_and_elements_are_found() {
    check_all(&[
        ("select (point).x from m order by userid limit 1", "x: 7"),
        ("select (m.point).x from m where (point).x = 8", "x: 8"),
        ("select (array[10, 20])[2]", "array: 20"),
    ]);
}

#[test]
fn nothing_is_silently_ignored() {
    check_all(&[
        ("select k from t tablesample system (10)", "0A000 TABLESAMPLE is not supported"),
        ("select k from t for update", "25006 cannot execute SELECT FOR UPDATE in a read-only transaction"),
        (
            "select k from t for share of t nowait",
            "25006 cannot execute SELECT FOR UPDATE in a read-only transaction",
        ),
        ("select * from t with ordinality", "0A000 WITH ORDINALITY is not supported"),
        ("select k from t except all select 1 order by 1", "k: 2, 3"),
        ("select 5::date", "42846 cannot cast type integer to date"),
        (
            "select k from t fetch first 1 row with ties",
            "42601 WITH TIES cannot be specified without ORDER BY clause",
        ),
        ("select s collate \"de_DE\" from t", "0A000 collation \"de_DE\" is not supported"),
        ("select s collate pg_catalog.\"default\" from t where s collate \"C\" = 'x'", "s: x"),
        ("select k operator(pg_catalog.+) 1 from t where s operator(pg_catalog.~) '^x'", "?column?: 2"),
        ("select count(*) filter (where k > 1) from t", "count: 2"),
        (
            "select first_value(k) ignore nulls over () from t",
            "0A000 IGNORE NULLS or RESPECT NULLS is not supported",
        ),
        ("select * exclude (k) from t", "42601 syntax error at or near \"exclude\""),
    ]);
}

#[test]
fn functions_stand_in_from() {
    check_all(&[
        ("select * from generate_series(1, 3)", "generate_series: 1, 2, 3"),
        ("select g from generate_series(1, 3) g where g > 1", "g: 2, 3"),
        ("select x.n from pg_catalog.generate_series(1, 2) as x (n)", "n: 1, 2"),
        ("select n + 1 from unnest(array[1, 2]) as u (n)", "?column?: 2, 3"),
        ("select unnest from unnest(array['a', 'b'])", "unnest: a, b"),
        ("select * from frob(1)", "42883 function frob(integer) does not exist"),
    ]);
}

#[test]
fn errors_stand_where_their_cause_is() {
    for (sql, expected) in [
        ("select '1'::int, 'x'::int", "'x'::int"),
        ("select s from t where k in (1, 'x')", "'x')"),
        ("select upper(lower(k)) from t", "lower(k)"),
        ("select lower(upper(s)), upper(lower(k)), lower(k) from t", "lower(k)), lower(k)"),
        ("select k + 1, (k) + (s) from t", "+ (s)"),
        ("select case when k = 1 then 1 when k = 2 then 2 else s end from t", "1 when k = 2 then 2"),
        ("select 1, 2 union select 2, 3 union select 3, s from t", "s from t"),
        ("select k::date from t", "::date"),
        ("select cast(k as date) from t", "cast(k"),
        ("select k from t where s > 'a' and k", "k"),
        ("select not (k) from t", "k) from"),
        ("select sum(1 + count(*)) from t", "count(*))"),
    ] {
        let error = planned(sql, &scope(Vec::new())).expect_err(sql);
        let found = error.position().map(|position| &sql[position - 1..]);
        assert!(found.is_some_and(|found| found.starts_with(expected)), "{sql}: {error} at {found:?}");
    }
}

/// The types inferred for a query's parameters.
#[track_caller]
fn check_types(sql: &str, declared: &[Option<PgType>], expected: &str) {
    let found = match planned(sql, &scope(declared.to_vec())) {
        Ok(planned) => planned.parameters.iter().map(|pg_type| pg_type.name).collect::<Vec<_>>().join(" "),
        Err(error) => shown(&error),
    };
    assert_eq!(found, expected, "{sql}");
}

#[test]
fn parameters_take_the_type_of_their_place() {
    check_types("select k from t where k = $1", &[], "int8");
    check_types("select k from t where $1 < k and s like $2", &[], "int8 text");
    check_types("select k from t where k in ($1, $2, 3)", &[], "int8 int8");
    check_types("select k from t where k between $1 and $2", &[], "int8 int8");
    check_types("select k from t limit $1 offset $2", &[], "int8 int8");
    check_types("select $1::int, cast($2 as date), $3::pg_catalog.oid", &[], "int4 date oid");
    check_types("select $1", &[], "text");
    check_types("select typname from types where oid = $1", &[], "oid");
    check_types("select upper($1), k + $2 from t", &[], "text int8");
    check_types("select $2::int", &[], "42P18 could not determine data type of parameter $1");
    check_types("select $1 + $2", &[], "42725 operator is not unique: unknown + unknown");
    check_types("select k from t where k = $1", &[Some(PgType::INT2)], "int2");
    check_types("select k from t where k = $1 and a = $2", &[None, Some(PgType::NUMERIC)], "int8 numeric");
    check_types("select k from t where k = $1", &[Some(PgType::UNKNOWN)], "int8");
    check_types("select coalesce($1, k), case when $2 then 1 end from t", &[], "int8 bool");
    check_types("select $1::int, $1::date", &[], "42P18 inconsistent types deduced for parameter $1");
}

#[test]
fn parameters_are_filled_in() {
    let scope = scope(Vec::new());
    let planned = planned("select k, $2 from t where k > $1 order by k limit $3", &scope).expect("a plan");
    let values = vec![
        ScalarValue::Int64(Some(1)),
        ScalarValue::Utf8(Some("é".to_owned())),
        ScalarValue::Int64(Some(1)),
    ];
    let plan = planned.bind(values).expect("three values");
    assert_eq!(rows(plan, &scope).expect("rows"), ["2|é"]);
    let error = planned.bind(Vec::new()).expect_err("no values");
    assert_eq!(error.sqlstate().code(), "08P01");
}

#[test]
fn columns_keep_their_postgresql_types() {
    let scope = scope(Vec::new());
    let sql = "select oid, oid, x.oid from (select oid from types union all select 1::oid) x, \
               (select 'a'::name, 'b'::varchar(5), 3::numeric(8, 2), array[1]::int2[]) y";
    let sql = format!(
        "select q.*, z.* from ({}) q, (select 'a'::name, 'b'::varchar(5), 3::numeric(8, 2)) z",
        sql.replace(", x.oid from", " from")
    );
    let planned = planned(&sql, &scope).expect("a plan");
    let types: Vec<_> = planned
        .plan
        .schema()
        .fields()
        .iter()
        .map(|field| column_type(field))
        .map(|column| format!("{} {}", column.pg_type.name, column.typmod))
        .collect();
    assert_eq!(types, ["oid -1", "oid -1", "name -1", "varchar 9", "numeric 524294"]);
}

#[test]
fn deep_queries_are_planned_or_refused_and_never_overflow_the_stack() {
    let scope = scope(Vec::new());
    for (name, sql) in [
        ("sum", format!("select 1{}", "+1".repeat(300))),
        ("or", format!("select k from t where k = 0{}", " or k = 1".repeat(5_000))),
        ("and", format!("select k from t where k > 0{}", " and k < 9".repeat(500))),
        ("parentheses", format!("select {}1{}", "(".repeat(150), ")".repeat(150))),
        ("from", format!("select * from {}t{}", "(select * from ".repeat(60), ") x".repeat(60))),
        ("union", format!("select 1{}", " union all select 1".repeat(200))),
    ] {
        let planned = planned(&sql, &scope);
        assert!(planned.is_ok(), "{name}: {:?}", planned.err());
    }
    check("select k from t where k = 0 or (k = 1 or (k = 2 and s = 'y'))", "k: 1, 2");
}

#[test]
fn only_columns_and_casts_have_a_modifier() {
    let cases: [(&str, &[bool]); 6] = [
        (
            "SELECT 1.5::numeric(10,2), 1.5::numeric, 1.5, 1.5::numeric(10,2) + 1",
            &[true, false, false, false],
        ),
        ("SELECT sum(x), x FROM (SELECT 1.5::numeric(10,2) AS x) t GROUP BY x", &[false, true]),
        ("SELECT 1.5::numeric(10,2) UNION ALL SELECT 2::numeric(10,2)", &[true]),
        ("SELECT 1.5::numeric(10,2) UNION ALL SELECT 2::numeric(9,2)", &[false]),
        ("SELECT 1.5::numeric(10,2) UNION ALL SELECT 2.5", &[false]),
        (
            "SELECT a, b FROM (SELECT 1.5::numeric(10,2) AS a) x CROSS JOIN (SELECT 2.5 AS b) y LIMIT 1",
            &[true, false],
        ),
    ];
    for (sql, expected) in cases {
        let scope = scope(Vec::new());
        assert_eq!(planned(sql, &scope).expect(sql).modifiers, expected, "{sql}");
    }
}
