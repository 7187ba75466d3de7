//! The catalog as a client sees it: through DataFusion, with SQL.

use lakeport_base::SqlState;
use lakeport_sql::types::column_type;

use crate::fixed::{file_rows, system_relation, system_relations, type_by_oid};
use crate::testing::{ask, refusal, sample, session};

#[track_caller]
fn check(sql: &str, expected: &[&str]) {
    let (pinned, _) = sample();
    let lines = run(ask(&pinned, sql)).unwrap_or_else(|error| panic!("{sql}: {error}"));
    assert_eq!(lines, expected, "{sql}");
}

#[track_caller]
fn check_refused(sql: &str, sqlstate: SqlState, message: &str) {
    let (pinned, _) = sample();
    let error = run(refusal(&pinned, sql));
    assert_eq!((error.sqlstate(), error.to_string().as_str()), (sqlstate, message), "{sql}");
}

fn run<F: Future>(future: F) -> F::Output {
    tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap().block_on(future)
}

#[test]
fn every_relation_has_postgres_columns_in_order_with_postgres_types() {
    let (pinned, _) = sample();
    let ctx = session(&pinned);
    for relation in system_relations() {
        let sql = format!("SELECT * FROM {}.{}", relation.schema, relation.name);
        let batches = run(async { ctx.sql(&sql).await.unwrap().collect().await.unwrap() });
        let columns = file_rows("pg_attribute").filter(|row| row[0] == relation.oid.to_string());
        let mut count = 0;
        for (row, field) in columns.zip(relation.columns.fields()) {
            let typed = type_by_oid(row[2].parse().unwrap()).unwrap();
            let (oid, typmod) = if typed.base == 0 {
                (typed.oid, row[8].parse().unwrap())
            } else {
                (typed.base, typed.base_typmod)
            };
            let seen = column_type(field);
            assert_eq!(field.name(), row[1]);
            // The one column of an array of composites is sent as text.
            if typed.name != "_pg_statistic" {
                assert_eq!((seen.pg_type.oid, seen.typmod), (oid, typmod), "{sql}: {}", field.name());
            }
            count += 1;
        }
        assert_eq!(count, relation.columns.fields().len(), "{sql}");
        for batch in batches {
            assert_eq!(batch.schema().fields(), relation.columns.fields(), "{sql}");
        }
    }
}

#[test]
fn a_query_for_one_table_opens_no_other() {
    let (pinned, recorded) = sample();
    let oid = pinned.relations[3].oid;
    for sql in [
        format!("SELECT attname FROM pg_catalog.pg_attribute WHERE attrelid = {oid} AND attnum > 0"),
        format!("SELECT attname FROM pg_catalog.pg_attribute WHERE attrelid IN ({oid}, 1)"),
        "SELECT a.attname FROM pg_catalog.pg_namespace n JOIN pg_catalog.pg_class c ON c.relnamespace = n.oid \
         JOIN pg_catalog.pg_attribute a ON a.attrelid = c.oid WHERE n.nspname LIKE 'sales' AND c.relname = 'orders'"
            .to_owned(),
        "SELECT a.attname FROM pg_catalog.pg_attribute a JOIN pg_catalog.pg_class c ON a.attrelid = c.oid \
         JOIN pg_catalog.pg_namespace n ON c.relnamespace = n.oid \
         WHERE n.nspname = 'sales' AND c.relname = 'orders' AND a.attnum > 0 ORDER BY attnum"
            .to_owned(),
        "SELECT column_name FROM information_schema.columns WHERE table_schema = 'sales' AND table_name = 'orders'"
            .to_owned(),
    ] {
        recorded.asked.lock().unwrap().clear();
        let lines = run(ask(&pinned, &sql)).unwrap();
        assert_eq!(lines, ["id", "Customer", "price", "tags"], "{sql}");
        assert_eq!(*recorded.asked.lock().unwrap(), ["sales.orders"], "{sql}");
    }
}

#[test]
fn an_outer_join_opens_only_what_the_other_side_kept() {
    let (pinned, recorded) = sample();
    for sql in [
        "SELECT c.relname, count(a.attname) FROM pg_catalog.pg_class c LEFT JOIN pg_catalog.pg_attribute a \
         ON a.attrelid = c.oid WHERE c.relname = 'revenue' GROUP BY 1",
        "SELECT c.relname, count(a.attname) FROM pg_catalog.pg_class c, pg_catalog.pg_attribute a \
         WHERE a.attrelid = c.oid AND c.relname = 'revenue' GROUP BY 1",
        "SELECT 'revenue', count(a.attname) FROM pg_catalog.pg_attribute a \
         WHERE a.attrelid IN (SELECT c.oid FROM pg_catalog.pg_class c WHERE c.relname = 'revenue')",
        "SELECT 'revenue', count(a.attname) FROM pg_catalog.pg_attribute a \
         WHERE a.attrelid = (SELECT c.oid FROM pg_catalog.pg_class c WHERE c.relname = 'revenue')",
    ] {
        recorded.asked.lock().unwrap().clear();
        assert_eq!(run(ask(&pinned, sql)).unwrap(), ["revenue|1"], "{sql}");
        assert_eq!(*recorded.asked.lock().unwrap(), ["bi.revenue"], "{sql}");
    }
}

#[test]
fn everything_that_psql_reads_is_there() {
    let (pinned, _) = sample();
    let functions = crate::functions(&pinned);
    for line in include_str!("../testdata/psql.tsv").lines().filter(|line| !line.starts_with('#')) {
        let mut fields = line.split('\t');
        let (kind, name, columns) = (fields.next().unwrap(), fields.next().unwrap(), fields.next());
        if kind == "function" {
            let here = functions.iter().any(|function| function.name() == name);
            assert!(here || OF_SQL.contains(&name), "{name}");
            continue;
        }
        let (schema, name) = name.split_once('.').unwrap();
        let table = crate::table(schema, name, &pinned).unwrap_or_else(|| panic!("{name}"));
        for column in columns.unwrap_or_default().split_whitespace() {
            table.schema().field_with_name(column).unwrap();
        }
    }
}

/// Functions that psql calls and that do not read the catalog, or give rows.
const OF_SQL: &[&str] = &[
    "array_remove",
    "array_to_string",
    "array_upper",
    "format",
    "generate_series",
    "lower",
    "pg_listening_channels",
    "string_agg",
    "unnest",
];

#[test]
fn a_query_for_system_relations_opens_nothing() {
    let (pinned, recorded) = sample();
    run(ask(&pinned, "SELECT * FROM pg_catalog.pg_class")).unwrap();
    run(ask(&pinned, "SELECT * FROM pg_catalog.pg_attribute WHERE attrelid = 1259")).unwrap();
    run(ask(&pinned, "SELECT * FROM pg_catalog.pg_attribute LIMIT 0")).unwrap();
    run(ask(&pinned, "SELECT * FROM information_schema.columns WHERE table_schema = 'pg_catalog'")).unwrap();
    assert!(recorded.asked.lock().unwrap().is_empty());
}

#[test]
fn a_broken_table_has_no_columns_and_takes_nothing_with_it() {
    check(
        "SELECT c.relname, count(a.attname) FROM pg_catalog.pg_class c LEFT JOIN pg_catalog.pg_attribute a \
         ON a.attrelid = c.oid WHERE c.oid >= 16384 GROUP BY c.oid, c.relname ORDER BY 1, 2",
        &["Broken One|0", "orders|4", "orders|4", "revenue|1"],
    );
}

#[test]
fn pg_attribute_tells_types_as_clients_read_them() {
    check(
        "SELECT a.attname, a.attnum, format_type(a.atttypid, a.atttypmod), a.attnotnull, a.attndims, a.attcollation \
         FROM pg_catalog.pg_attribute a WHERE a.attrelid = regclassin('sales.orders') ORDER BY attnum",
        &[
            "id|1|bigint|true|0|0",
            "Customer|2|text|false|0|100",
            "price|3|numeric(12,2)|false|0|0",
            "tags|4|text[]|false|1|100",
        ],
    );
}

#[test]
fn information_schema_speaks_the_standards_words() {
    check(
        "SELECT column_name, data_type, is_nullable, numeric_precision, numeric_scale, udt_name, character_octet_length \
         FROM information_schema.columns WHERE table_schema = 'sales' AND table_name = 'orders' ORDER BY ordinal_position",
        &[
            "id|bigint|NO|64|0|int8|NULL",
            "Customer|text|YES|NULL|NULL|text|1073741824",
            "price|numeric|YES|12|2|numeric|NULL",
            "tags|ARRAY|YES|NULL|NULL|_text|NULL",
        ],
    );
    check(
        "SELECT table_catalog, table_schema, table_name, table_type FROM information_schema.tables \
         WHERE table_schema NOT IN ('pg_catalog', 'information_schema') ORDER BY 2, 3",
        &[
            "lake|bi|revenue|VIEW",
            "lake|public|orders|BASE TABLE",
            "lake|sales|Broken One|BASE TABLE",
            "lake|sales|orders|BASE TABLE",
        ],
    );
}

#[test]
fn views_are_in_all_the_lists_that_clients_read() {
    let select = "SELECT month FROM sales.orders;";
    check(
        "SELECT schemaname, viewname, viewowner, definition FROM pg_catalog.pg_views WHERE schemaname = 'bi'",
        &[&format!("bi|revenue|ann|{select}")],
    );
    check(
        "SELECT table_name, view_definition FROM information_schema.views WHERE table_schema = 'bi'",
        &[&format!("revenue|{select}")],
    );
    check("SELECT relkind, relhasrules FROM pg_catalog.pg_class WHERE relname = 'revenue'", &["v|true"]);
    check("SELECT pg_get_viewdef(regclassin('bi.revenue'), true)", &[select]);
    check("SELECT pg_get_viewdef('bi.revenue')", &[select]);
    check("SELECT pg_get_viewdef(regclassin('sales.orders'))", &["NULL"]);
}

#[test]
fn what_belongs_to_postgres_belongs_to_a_superuser_here() {
    check("SELECT DISTINCT pg_get_userbyid(relowner) FROM pg_catalog.pg_class ORDER BY 1", &["ann", "root"]);
    check("SELECT pg_get_userbyid(typowner) FROM pg_catalog.pg_type WHERE typname = 'int4'", &["root"]);
    check("SELECT pg_get_userbyid(10), pg_get_userbyid(NULL)", &["unknown (OID=10)|NULL"]);
}

#[test]
fn types_join_their_functions() {
    check(
        "SELECT t.oid, p.proname FROM pg_catalog.pg_type t JOIN pg_catalog.pg_proc p ON p.oid = t.typreceive \
         WHERE t.typname IN ('int4', '_int4') ORDER BY 1",
        &["23|int4recv", "1007|array_recv"],
    );
}

#[test]
fn comments_are_found_by_object_and_by_row() {
    check("SELECT obj_description(regclassin('sales.orders'), 'pg_class')", &["one row per order"]);
    check("SELECT obj_description(regclassin('bi.revenue'), 'pg_class')", &["NULL"]);
    check("SELECT obj_description(regnamespacein('sales'), 'pg_namespace')", &["what we sold"]);
    check(
        "SELECT classoid, objsubid, description FROM pg_catalog.pg_description ORDER BY 1, 2",
        &["1259|0|one row per order", "1259|3|in euro", "2615|0|what we sold"],
    );
    check(
        "SELECT attname, col_description(attrelid, attnum) FROM pg_catalog.pg_attribute \
         WHERE attrelid = regclassin('sales.orders') AND attnum IN (1, 3) ORDER BY attnum",
        &["id|NULL", "price|in euro"],
    );
}

#[test]
fn the_first_on_the_path_is_visible_and_the_second_is_not() {
    check(
        "SELECT n.nspname, pg_table_is_visible(c.oid) FROM pg_catalog.pg_class c \
         JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace WHERE c.relname = 'orders' ORDER BY 1",
        &["public|true", "sales|false"],
    );
    check("SELECT pg_table_is_visible(1259), pg_table_is_visible(1)", &["true|NULL"]);
    check(
        "SELECT pg_type_is_visible(23), pg_function_is_visible(1), pg_opclass_is_visible(1981)",
        &["true|NULL|true"],
    );
}

#[test]
fn names_become_oids_and_oids_names() {
    for (written, read) in [
        ("orders", "orders"),
        ("public.orders", "orders"),
        ("sales.orders", "sales.orders"),
        ("lake.sales.orders", "sales.orders"),
        ("SALES.Orders", "sales.orders"),
        ("sales.\"Broken One\"", "sales.\"Broken One\""),
        ("pg_class", "pg_class"),
        ("pg_catalog.pg_class", "pg_class"),
        ("information_schema.columns", "information_schema.columns"),
        ("-", "-"),
        ("4294967295", "4294967295"),
    ] {
        check(&format!("SELECT regclassout(regclassin('{written}'))"), &[read]);
    }
    check(
        "SELECT regclassin('pg_class'), regclassin(1259), to_regclass('nope'), to_regclass('nope.x')",
        &["1259|1259|NULL|NULL"],
    );
    for (written, read) in [
        ("int", "integer"),
        ("pg_catalog.int4", "integer"),
        ("character varying(3)", "character varying"),
        ("timestamp(3) with time zone", "timestamp with time zone"),
        ("int[]", "integer[]"),
        ("_text", "text[]"),
        ("float(24)", "real"),
        ("char", "character"),
        ("\"char\"", "\"char\""),
        ("pg_class", "pg_class"),
        ("information_schema.sql_identifier", "information_schema.sql_identifier"),
    ] {
        check(&format!("SELECT regtypeout(regtypein('{written}'))"), &[read]);
    }
    check(
        "SELECT regprocin('array_in'), regprocout(750), regprocout(1), regprocout(0)",
        &["750|array_in|1|-"],
    );
    check("SELECT regprocout(regprocedurein('abs(double precision)'))", &["pg_catalog.abs"]);
    check("SELECT regprocedureout(regprocedurein('pg_catalog.abs(int)'))", &["abs(integer)"]);
    check("SELECT regroleout(regrolein('ann')), regnamespaceout(11)", &["ann|pg_catalog"]);
}

#[test]
fn names_that_are_not_there_are_refused_as_postgres_does() {
    check_refused("SELECT regclassin('nope')", SqlState::UNDEFINED_TABLE, "relation \"nope\" does not exist");
    check_refused(
        "SELECT regclassin('sales.x')",
        SqlState::UNDEFINED_TABLE,
        "relation \"sales.x\" does not exist",
    );
    check_refused("SELECT regclassin('x.y')", SqlState::INVALID_SCHEMA_NAME, "schema \"x\" does not exist");
    check_refused("SELECT regclassin('')", SqlState::INVALID_NAME, "invalid name syntax");
    check_refused(
        "SELECT regclassin('db.x.y')",
        SqlState::FEATURE_NOT_SUPPORTED,
        "cross-database references are not implemented: \"db.x.y\"",
    );
    check_refused(
        "SELECT regclassin('99999999999')",
        SqlState::NUMERIC_VALUE_OUT_OF_RANGE,
        "value \"99999999999\" is out of range for type oid",
    );
    check_refused(
        "SELECT to_regclass('a.b.c.d')",
        SqlState::SYNTAX_ERROR,
        "improper relation name (too many dotted names): a.b.c.d",
    );
    check_refused("SELECT regtypein('int4x')", SqlState::UNDEFINED_OBJECT, "type \"int4x\" does not exist");
    check_refused(
        "SELECT regprocin('abs')",
        SqlState::AMBIGUOUS_FUNCTION,
        "more than one function named \"abs\"",
    );
    check_refused(
        "SELECT regprocin('nope')",
        SqlState::UNDEFINED_FUNCTION,
        "function \"nope\" does not exist",
    );
    check_refused("SELECT regrolein('nope')", SqlState::UNDEFINED_OBJECT, "role \"nope\" does not exist");
    check_refused(
        "SELECT current_setting('nope')",
        SqlState::UNDEFINED_OBJECT,
        "unrecognized configuration parameter \"nope\"",
    );
}

#[test]
fn types_read_as_sql_writes_them() {
    for (arguments, expected) in [
        ("23, -1", "integer"),
        ("1043, 24", "character varying(20)"),
        ("1043, NULL", "character varying"),
        ("1042, -1", "bpchar"),
        ("1042, NULL", "character"),
        ("1042, 5", "character(1)"),
        ("18, -1", "\"char\""),
        ("1700, 655366", "numeric(10,2)"),
        ("1114, 3", "timestamp(3) without time zone"),
        ("1007, -1", "integer[]"),
        ("22, -1", "int2vector"),
        ("0, -1", "-"),
        ("99999, -1", "???"),
        ("NULL, -1", "NULL"),
    ] {
        check(&format!("SELECT format_type({arguments})"), &[expected]);
    }
}

#[test]
fn the_session_says_who_and_where_it_is() {
    check(
        "SELECT current_database(), current_user, session_user, current_schema(), pg_backend_pid()",
        &["lake|ann|ann|public|77"],
    );
    check("SELECT current_schemas(true), current_schemas(false)", &["[pg_catalog, public]|[public]"]);
    check("SELECT current_setting('timezone'), current_setting('nope', true)", &["UTC|NULL"]);
    check("SELECT version() LIKE 'PostgreSQL 15.18 on %, Lakeport %'", &["true"]);
    check("SELECT datname, pg_encoding_to_char(encoding) FROM pg_catalog.pg_database", &["lake|UTF8"]);
    check("SELECT pg_char_to_encoding('utf-8'), pg_char_to_encoding('x')", &["6|-1"]);
}

#[test]
fn privileges_tell_the_truth() {
    for (call, expected) in [
        ("has_table_privilege('sales.orders', 'select')", "true"),
        ("has_table_privilege('sales.orders', 'insert')", "false"),
        ("has_table_privilege('sales.orders', 'insert, select')", "true"),
        ("has_table_privilege('sales.orders', 'select with grant option')", "false"),
        ("has_table_privilege('ann', 'sales.orders', 'SELECT')", "true"),
        ("has_table_privilege('bob', 'sales.orders', 'SELECT')", "NULL"),
        ("has_table_privilege('public', 'sales.orders', 'SELECT')", "false"),
        ("has_table_privilege(20002, 1259, 'SELECT')", "true"),
        ("has_table_privilege(4711, 'SELECT')", "NULL"),
        ("has_any_column_privilege(current_user, '\"sales\".\"orders\"', 'select')", "true"),
        ("has_column_privilege('sales.orders', 'id', 'update')", "false"),
        ("has_column_privilege('sales.orders', 1, 'select')", "true"),
        ("has_schema_privilege('sales', 'usage')", "true"),
        ("has_schema_privilege('sales', 'create')", "false"),
        ("has_database_privilege('lake', 'connect')", "true"),
        ("has_database_privilege('lake', 'create, temp')", "true"),
        ("has_function_privilege('abs(int)', 'execute')", "true"),
        ("pg_has_role('reader', 'member')", "true"),
        ("pg_has_role('root', 'usage')", "false"),
        ("pg_has_role('root', 'reader', 'usage')", "true"),
    ] {
        check(&format!("SELECT {call}"), &[expected]);
    }
    check_refused(
        "SELECT has_table_privilege('nope', 'select')",
        SqlState::UNDEFINED_TABLE,
        "relation \"nope\" does not exist",
    );
    check_refused(
        "SELECT has_table_privilege('nope', 'pg_class', 'select')",
        SqlState::UNDEFINED_OBJECT,
        "role \"nope\" does not exist",
    );
    check_refused(
        "SELECT has_table_privilege('pg_class', 'sel')",
        SqlState::INVALID_PARAMETER_VALUE,
        "unrecognized privilege type: \"sel\"",
    );
    check_refused(
        "SELECT has_schema_privilege('zz', 'usage')",
        SqlState::INVALID_SCHEMA_NAME,
        "schema \"zz\" does not exist",
    );
    check_refused(
        "SELECT has_database_privilege('zz', 'connect')",
        SqlState::INVALID_CATALOG_NAME,
        "database \"zz\" does not exist",
    );
}

#[test]
fn sizes_read_as_people_do() {
    for (bytes, expected) in [
        ("0", "0 bytes"),
        ("10239", "10239 bytes"),
        ("10240", "10 kB"),
        ("10751", "10 kB"),
        ("10752", "11 kB"),
        ("10485247", "10239 kB"),
        ("10485248", "10 MB"),
        ("-10240", "-10 kB"),
        ("9223372036854775807", "8192 PB"),
    ] {
        check(&format!("SELECT pg_size_pretty({bytes})"), &[expected]);
    }
    check("SELECT pg_table_size('bi.revenue'), pg_relation_size('sales.orders')", &["0|NULL"]);
}

#[test]
fn relations_have_the_oids_that_postgres_gave_them() {
    assert_eq!(system_relation("pg_catalog", "pg_type").unwrap().oid, 1247);
    check(
        "SELECT oid, relname FROM pg_catalog.pg_class WHERE relname = 'pg_attribute'",
        &["1249|pg_attribute"],
    );
}
