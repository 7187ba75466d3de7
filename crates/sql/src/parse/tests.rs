//! Spellings and what they are read as.

use datafusion::sql::sqlparser::ast::Expr;

use super::parse;
use crate::explain::ExplainFormat;
use crate::statement::{Kind, Set};
use crate::temp::{Action, Change, NewColumn};

/// What a statement was read as, in short.
fn short(kind: &Kind) -> String {
    let set = |Set { name, value, local }: &Set| {
        let scope = if *local { "set local" } else { "set" };
        format!("{scope} {name}={}", value.as_deref().unwrap_or("<default>"))
    };
    match kind {
        Kind::Query(query) => format!("query {query}"),
        Kind::Explain(explain) => format!(
            "explain {} {} {}",
            explain.analyze,
            explain.verbose,
            explain.format == ExplainFormat::Json
        ),
        Kind::Set(one) => set(one),
        Kind::SetTransaction(sets) => sets.iter().map(set).collect::<Vec<_>>().join("; "),
        Kind::Show(name) => format!("show {name}"),
        Kind::Reset(name) => format!("reset {name}"),
        Kind::Begin { modes, .. } if modes.is_empty() => "begin".to_owned(),
        Kind::Begin { modes, .. } => {
            format!("begin {}", modes.iter().map(set).collect::<Vec<_>>().join("; "))
        }
        Kind::Savepoint(name) => format!("savepoint {name}"),
        Kind::Release(name) => format!("release {name}"),
        Kind::RollbackTo(name) => format!("rollback to {name}"),
        Kind::Declare(declare) => format!("declare {}", declare.name),
        Kind::Fetch(fetch) => format!("fetch {}", fetch.cursor),
        Kind::Commit { chain } => format!("commit {chain}"),
        Kind::Rollback { chain } => format!("rollback {chain}"),
        Kind::CreateView(view) => {
            format!(
                "create {} {} ({}): {}",
                view.or_replace,
                view.name.join("."),
                view.columns.join(","),
                view.query_text
            )
        }
        Kind::DropView(drop) => {
            let names: Vec<_> = drop.names.iter().map(|name| name.join(".")).collect();
            format!(
                "drop {} {}{}",
                drop.if_exists,
                names.join(","),
                if drop.cascade { " cascade" } else { "" }
            )
        }
        Kind::RenameView(rename) => {
            format!("{} {} {} to {}", rename.tag, rename.if_exists, rename.name.join("."), rename.to)
        }
        Kind::CreateSchema { if_not_exists, name } => format!("create schema {if_not_exists} {name}"),
        Kind::CommentOnView { name, comment } => format!("comment {} {comment:?}", name.join(".")),
        Kind::Prepare(prepare) => format!("prepare {} {}", prepare.name, short(&prepare.kind)),
        Kind::Execute(execute) => format!("execute {} {}", execute.name, execute.arguments.len()),
        Kind::Listen(channel) => format!("listen {channel}"),
        Kind::Notify { channel, payload } => format!("notify {channel} {payload:?}"),
        Kind::Deallocate(name) => format!("deallocate {name:?}"),
        Kind::Discard(what) => format!("discard {what}"),
        Kind::Close(name) => format!("close {name:?}"),
        Kind::Lock(names) => format!("lock {names:?}"),
        Kind::Unlisten(channel) => format!("unlisten {channel:?}"),
        Kind::Copy(copy) => format!("copy {} as {:?} quoting {:?}", copy.query, copy.form, copy.force_quote),
        Kind::CreateTemp(create) => format!(
            "create temp {} ({}) {:?}",
            create.name.join("."),
            create.columns.iter().map(column_text).collect::<Vec<_>>().join(", "),
            create.on_commit
        ),
        Kind::CreateTempAs(create) => format!(
            "create temp {} ({}) {:?} {} as {}",
            create.name.join("."),
            create.columns.join(", "),
            create.on_commit,
            create.with_data,
            create.query
        ),
        Kind::DropTable { if_exists, names } => format!("drop table {if_exists} {names:?}"),
        Kind::Truncate(names) => format!("truncate {names:?}"),
        Kind::Change(change) => change_text(change),
        Kind::Write(tag) => format!("write {tag}"),
    }
}

#[track_caller]
fn check(cases: &[(&str, &str)]) {
    for (text, expected) in cases {
        let found = match parse(text) {
            Ok(statements) => statements.iter().map(|one| short(&one.kind)).collect::<Vec<_>>().join(" | "),
            Err(error) => format!("{} {}", error.sqlstate().code(), error.message()),
        };
        assert_eq!(found, *expected, "{text}");
    }
}

/// The code, the message and the position of what cannot be read.
#[track_caller]
fn check_error(text: &str, code: &str, message: &str, position: Option<usize>) {
    let error = parse(text).expect_err(text);
    assert_eq!(
        (error.sqlstate().code(), error.message(), error.position()),
        (code, message, position),
        "{text}"
    );
}

#[test]
fn transactions_are_read_in_all_spellings() {
    check(&[
        ("BEGIN", "begin"),
        ("begin work", "begin"),
        ("BEGIN TRANSACTION", "begin"),
        ("BEGIN ISOLATION LEVEL REPEATABLE READ", "begin set transaction_isolation=repeatable read"),
        (
            "BEGIN TRANSACTION ISOLATION LEVEL SERIALIZABLE READ ONLY DEFERRABLE",
            "begin set transaction_isolation=serializable; set transaction_read_only=on; \
             set transaction_deferrable=on",
        ),
        (
            "BEGIN READ WRITE, ISOLATION LEVEL READ COMMITTED",
            "begin set transaction_read_only=off; set transaction_isolation=read committed",
        ),
        ("START TRANSACTION", "begin"),
        ("START TRANSACTION READ ONLY", "begin set transaction_read_only=on"),
        (
            "START TRANSACTION ISOLATION LEVEL READ UNCOMMITTED, NOT DEFERRABLE",
            "begin set transaction_isolation=read uncommitted; set transaction_deferrable=off",
        ),
        ("COMMIT", "commit false"),
        ("COMMIT WORK", "commit false"),
        ("COMMIT TRANSACTION AND CHAIN", "commit true"),
        ("COMMIT AND NO CHAIN", "commit false"),
        ("END", "commit false"),
        ("END TRANSACTION", "commit false"),
        ("ROLLBACK", "rollback false"),
        ("ROLLBACK WORK AND CHAIN", "rollback true"),
        ("ABORT", "rollback false"),
        ("abort transaction", "rollback false"),
        (
            "SET TRANSACTION ISOLATION LEVEL REPEATABLE READ",
            "set local transaction_isolation=repeatable read",
        ),
        (
            "SET TRANSACTION READ ONLY, DEFERRABLE",
            "set local transaction_read_only=on; set local transaction_deferrable=on",
        ),
        (
            "SET SESSION CHARACTERISTICS AS TRANSACTION ISOLATION LEVEL READ COMMITTED READ ONLY",
            "set default_transaction_isolation=read committed; set default_transaction_read_only=on",
        ),
        ("SAVEPOINT \"_pg3_1\"", "savepoint _pg3_1"),
        ("SAVEPOINT", "42601 syntax error at end of input"),
        ("RELEASE SAVEPOINT A", "release a"),
        ("RELEASE a", "release a"),
        ("RELEASE savepoint", "release savepoint"),
        ("ROLLBACK TO SAVEPOINT a", "rollback to a"),
        ("ROLLBACK WORK TO a", "rollback to a"),
        ("ROLLBACK TRANSACTION TO SAVEPOINT a", "rollback to a"),
        ("ABORT TO a", "42601 syntax error at or near \"TO\""),
        ("ROLLBACK PREPARED 'x'", "0A000 two-phase commit is not supported"),
        ("BEGIN READ", "42601 syntax error at or near \"READ\""),
        ("START", "42601 syntax error at end of input"),
    ]);
}

#[test]
fn settings_are_read_in_all_spellings() {
    check(&[
        ("SET x = 1", "set x=1"),
        ("SET X TO On", "set x=on"),
        ("SET SESSION x TO 'a b'", "set x=a b"),
        ("SET LOCAL statement_timeout = -1", "set local statement_timeout=-1"),
        ("SET extra_float_digits = 3", "set extra_float_digits=3"),
        ("SET DateStyle TO ISO, MDY", "set datestyle=iso, mdy"),
        ("SET datestyle = 'ISO'", "set datestyle=ISO"),
        ("SET search_path TO public, \"My Schema\", 'x'", "set search_path=public, \"My Schema\", x"),
        ("SET search_path = \"$user\", public", "set search_path=\"$user\", public"),
        ("SET application_name = 'Tableau'", "set application_name=Tableau"),
        ("SET myapp.user_id TO '7'", "set myapp.user_id=7"),
        ("SET x TO DEFAULT", "set x=<default>"),
        ("SET NAMES 'UTF8'", "set client_encoding=UTF8"),
        ("SET NAMES utf8", "set client_encoding=utf8"),
        ("SET TIME ZONE 'Europe/Berlin'", "set timezone=Europe/Berlin"),
        ("SET TIME ZONE \"UTC\"", "set timezone=UTC"),
        ("SET TIME ZONE utc", "set timezone=utc"),
        ("SET TIME ZONE LOCAL", "set timezone=<default>"),
        ("SET TIME ZONE DEFAULT", "set timezone=<default>"),
        ("SET TIME ZONE -7", "set timezone=-7"),
        ("SET TIME ZONE INTERVAL '-08:00' HOUR TO MINUTE", "set timezone=-8"),
        ("SET LOCAL TIME ZONE 'UTC'", "set local timezone=UTC"),
        ("SET SESSION TIMEZONE TO 'UTC'", "set timezone=UTC"),
        ("SET SESSION AUTHORIZATION DEFAULT", "set session_authorization=<default>"),
        ("SET SESSION AUTHORIZATION 'bob'", "set session_authorization=bob"),
        ("SET ROLE NONE", "set role=none"),
        ("SET ROLE analyst", "set role=analyst"),
        ("SET role = analyst", "set role=analyst"),
        ("SET SCHEMA 'sales'", "set search_path=sales"),
        ("SET CONSTRAINTS ALL DEFERRED", "0A000 SET CONSTRAINTS is not supported: there are none"),
        ("SET x", "42601 syntax error at end of input"),
        ("SET x = ", "42601 syntax error at end of input"),
        ("SET x = 1 2", "42601 syntax error at or near \"2\""),
        ("SHOW server_version", "show server_version"),
        ("SHOW TimeZone", "show timezone"),
        ("SHOW \"TimeZone\"", "show timezone"),
        ("SHOW TIME ZONE", "show timezone"),
        ("SHOW TRANSACTION ISOLATION LEVEL", "show transaction_isolation"),
        ("SHOW SESSION AUTHORIZATION", "show session_authorization"),
        ("SHOW ALL", "show all"),
        ("SHOW myapp.user_id", "show myapp.user_id"),
        ("RESET x", "reset x"),
        ("RESET ALL", "reset all"),
        ("RESET TIME ZONE", "reset timezone"),
        ("RESET SESSION AUTHORIZATION", "reset session_authorization"),
    ]);
}

#[test]
fn what_pools_send_to_clean_up_is_read() {
    check(&[
        ("DISCARD ALL", "discard all"),
        ("DISCARD PLANS", "discard plans"),
        ("DISCARD TEMPORARY", "discard temp"),
        ("DISCARD SEQUENCES", "discard sequences"),
        ("DISCARD x", "42601 syntax error at or near \"x\""),
        ("DEALLOCATE ALL", "deallocate None"),
        ("DEALLOCATE PREPARE ALL", "deallocate None"),
        ("DEALLOCATE \"S_1\"", "deallocate Some(\"S_1\")"),
        ("DEALLOCATE PREPARE S_1", "deallocate Some(\"s_1\")"),
        ("CLOSE ALL", "close None"),
        ("CLOSE c", "close Some(\"c\")"),
        ("UNLISTEN *", "unlisten None"),
        ("UNLISTEN x", "unlisten Some(\"x\")"),
        ("LISTEN \"My Channel\"", "listen My Channel"),
        ("LOCK TABLE ONLY a.b, c * IN ACCESS SHARE MODE NOWAIT", "lock [[\"a\", \"b\"], [\"c\"]]"),
        ("LOCK a IN EXCLUSIVE MODE", "write LOCK TABLE"),
        ("LOCK a", "write LOCK TABLE"),
        ("NOTIFY x, 'payload'; NOTIFY y", "notify x \"payload\" | notify y \"\""),
        (
            "CLOSE ALL; UNLISTEN *; RESET ALL; SET SESSION AUTHORIZATION DEFAULT;",
            "close None | unlisten None | reset all | set session_authorization=<default>",
        ),
    ]);
}

#[test]
fn views_are_read_with_their_text() {
    check(&[
        ("CREATE VIEW v AS SELECT 1", "create false v (): SELECT 1"),
        (
            "create or replace view \"Bi\".V (a, \"B\") as\n  select 1, 2 -- two",
            "create true Bi.v (a,B): select 1, 2",
        ),
        ("CREATE VIEW v AS (SELECT 1) UNION SELECT 2", "create false v (): (SELECT 1) UNION SELECT 2"),
        ("CREATE TEMP VIEW v AS SELECT 1", "0A000 temporary views are not supported yet"),
        (
            "CREATE OR REPLACE RECURSIVE VIEW v (a) AS SELECT 1",
            "0A000 CREATE RECURSIVE VIEW is not supported",
        ),
        ("CREATE VIEW v WITH (security_barrier) AS SELECT 1", "0A000 options of a view are not supported"),
        ("CREATE VIEW v", "42601 syntax error at end of input"),
        ("CREATE VIEW v AS", "42601 syntax error at end of input"),
        ("DROP VIEW v", "drop false v"),
        ("DROP VIEW IF EXISTS a.b, \"C\" RESTRICT", "drop true a.b,C"),
        ("DROP VIEW v, w CASCADE", "drop false v,w cascade"),
        ("ALTER VIEW a.\"B\" RENAME TO c", "ALTER VIEW false a.B to c"),
        ("ALTER TABLE IF EXISTS db.a.b RENAME TO \"C\"", "ALTER TABLE true db.a.b to C"),
        ("ALTER TABLE a RENAME COLUMN b TO c", "write ALTER TABLE"),
        ("ALTER VIEW a RENAME TO b.c", "42601 syntax error at or near \".\""),
        ("CREATE SCHEMA bi", "create schema false bi"),
        ("CREATE SCHEMA IF NOT EXISTS \"Bi\"", "create schema true Bi"),
        (
            "CREATE SCHEMA bi AUTHORIZATION ann",
            "0A000 CREATE SCHEMA with an owner or with objects is not supported",
        ),
        ("COMMENT ON VIEW a.v IS 'it''s'", "comment a.v Some(\"it's\")"),
        ("COMMENT ON VIEW v IS NULL", "comment v None"),
        ("COMMENT ON TABLE v IS 'x'", "write COMMENT"),
    ]);
}

#[test]
fn explain_is_read_with_its_options() {
    check(&[
        ("EXPLAIN SELECT 1", "explain false false false"),
        ("EXPLAIN ANALYZE SELECT 1", "explain true false false"),
        ("EXPLAIN VERBOSE SELECT 1", "explain false true false"),
        ("EXPLAIN ANALYZE VERBOSE TABLE t", "explain true true false"),
        ("EXPLAIN (SELECT 1)", "explain false false false"),
        ("EXPLAIN (ANALYZE, VERBOSE off, FORMAT JSON) SELECT 1", "explain true false true"),
        ("EXPLAIN (COSTS OFF, FORMAT 'text', ANALYZE 0) SELECT 1", "explain false false false"),
        (
            "EXPLAIN (FORMAT XML) SELECT 1",
            "0A000 EXPLAIN (FORMAT XML) is not supported: there is no type xml",
        ),
        ("EXPLAIN (NOISE) SELECT 1", "42601 unrecognized EXPLAIN option \"noise\""),
        (
            "EXPLAIN INSERT INTO t VALUES (1)",
            "0A000 EXPLAIN of INSERT is not supported: this is a read-only lake",
        ),
        ("EXPLAIN", "42601 syntax error at end of input"),
    ]);
}

#[test]
fn writes_are_known_by_their_tags() {
    check(&[
        ("MERGE INTO t USING s ON true WHEN MATCHED THEN DO NOTHING", "write MERGE"),
        ("WITH x AS (SELECT 1) INSERT INTO t SELECT * FROM x", "write INSERT"),
        ("CREATE TABLE t (a int)", "write CREATE TABLE"),
        ("CREATE UNIQUE INDEX i ON t (a)", "write CREATE INDEX"),
        ("CREATE MATERIALIZED VIEW v AS SELECT 1", "write CREATE MATERIALIZED VIEW"),
        (
            "CREATE OR REPLACE FUNCTION f() RETURNS int AS $$ select 1; $$ LANGUAGE sql",
            "write CREATE FUNCTION",
        ),
        ("ALTER TABLE t ADD COLUMN b int", "write ALTER TABLE"),
        ("ALTER VIEW v SET SCHEMA w", "write ALTER VIEW"),
        ("SELECT a INTO t FROM u", "write SELECT INTO"),
        ("DROP SCHEMA s CASCADE", "write DROP SCHEMA"),
        ("COPY t FROM STDIN", "write COPY FROM"),
        ("COPY t (a, b) FROM STDIN WITH (FORMAT csv)", "write COPY FROM"),
        ("VACUUM", "write VACUUM"),
        ("ANALYZE t", "write ANALYZE"),
        ("GRANT SELECT ON t TO bob", "write GRANT"),
        ("REVOKE ALL ON t FROM bob", "write REVOKE"),
        ("REFRESH MATERIALIZED VIEW v", "write REFRESH MATERIALIZED VIEW"),
        ("LOCK TABLE t", "write LOCK TABLE"),
        ("DO $$ begin end $$", "write DO"),
        ("CALL p()", "write CALL"),
    ]);
}

#[test]
fn copy_is_read_in_both_of_its_syntaxes() {
    let all = "copy SELECT * FROM \"t\" as ";
    let csv = "Csv { header: true, delimiter: 124, null: \"x\", quote: 34, escape: 39 }";
    for text in [
        "COPY t TO STDOUT (FORMAT csv, HEADER, DELIMITER '|', NULL 'x', ESCAPE '''', FORCE_QUOTE (a, \"B\"))",
        "copy t to stdin with delimiter as '|' null 'x' csv header escape as '''' force quote A, \"B\" encoding 'utf-8'",
        "COPY t TO STDOUT USING DELIMITERS '|' WITH NULL AS 'x' CSV HEADER ESCAPE '''' FORCE QUOTE a, \"B\"",
        "COPY t TO STDOUT (force_quote (a, \"B\"), escape '''', \"null\" x, delimiter '|', header 1, format 'csv', freeze off)",
    ] {
        check(&[(text, &format!("{all}{csv} quoting Columns([\"a\", \"B\"])"))]);
    }
    for text in [
        "COPY BINARY t TO STDOUT",
        "COPY t TO STDOUT BINARY",
        "COPY t TO STDOUT WITH BINARY",
        "COPY t TO STDOUT (FORMAT binary)",
        "COPY t TO STDOUT (FORMAT \"binary\")",
        "COPY t TO STDOUT (FORMAT 'binary')",
    ] {
        check(&[(text, &format!("{all}Binary quoting None"))]);
    }
    let text = "Text { header: false, delimiter: 9, null: \"\\\\N\" } quoting None";
    check(&[
        (
            "COPY \"S\".t (a, \"b c\") TO STDOUT",
            &format!("copy SELECT \"a\", \"b c\" FROM \"S\".\"t\" as {text}"),
        ),
        ("COPY (SELECT (1)) TO STDOUT", &format!("copy SELECT (1) as {text}")),
        ("COPY (TABLE t) TO STDOUT", &format!("copy SELECT * FROM t as {text}")),
        (
            "COPY (INSERT INTO t VALUES (1) RETURNING a) TO STDOUT",
            &format!("copy INSERT INTO t VALUES (1) RETURNING a as {text}"),
        ),
    ]);
}

#[test]
fn a_copy_that_cannot_be_says_where() {
    check_error("COPY (SELECT 1 FROM) TO STDOUT", "42601", "syntax error at or near \")\"", Some(20));
    check_error("COPY (SELECT 1", "42601", "syntax error at end of input", Some(15));
    check_error("COPY (SHOW x) TO STDOUT", "42601", "syntax error at or near \"SHOW\"", Some(7));
    check_error("COPY (SELECT $1) TO STDOUT", "42P02", "there is no parameter $1", Some(14));
    check_error("COPY t TO STDOUT (bar 1)", "42601", "option \"bar\" not recognized", Some(19));
    check_error("COPY t (a, a) TO STDOUT", "42701", "column \"a\" specified more than once", None);
}

#[test]
fn what_there_is_not_is_refused_by_its_name() {
    check(&[("PREPARE TRANSACTION 'x'", "0A000 two-phase commit is not supported")]);
}

#[test]
fn queries_are_read() {
    check(&[
        ("SELECT 1", "query SELECT 1"),
        ("TABLE t", "query SELECT * FROM t"),
        ("TABLE \"T\"", "query SELECT * FROM \"T\""),
        ("(SELECT 1)", "query (SELECT 1)"),
        ("VALUES (1), (2)", "query VALUES (1), (2)"),
        ("SELECT 1 UNION ALL TABLE t", "query SELECT 1 UNION ALL SELECT * FROM t"),
        ("SELECT 1; SELECT 2;; -- done", "query SELECT 1 | query SELECT 2"),
        ("SELECT 'a;b', \"c;d\"", "query SELECT 'a;b', \"c;d\""),
        ("SELECT a OPERATOR(pg_catalog.~) 'x'", "query SELECT a OPERATOR(pg_catalog.~) 'x'"),
        ("", ""),
        ("  -- nothing", ""),
        (";", ""),
    ]);
}

#[test]
fn errors_stand_where_postgresql_puts_them() {
    check_error("SELEC 1", "42601", "syntax error at or near \"SELEC\"", Some(1));
    check_error("SELECT 1 FROM", "42601", "syntax error at end of input", Some(14));
    check_error("SELECT (1", "42601", "syntax error at end of input", Some(10));
    check_error("SELECT 1;\n SELECT é, ) 2", "42601", "syntax error at or near \")\"", Some(22));
    check_error("SELECT 'x", "42601", "unterminated quoted string at or near \"'x\"", Some(8));
    check_error("SELECT 1 1", "42601", "syntax error at or near \"1\"", Some(10));
    check_error("1", "42601", "syntax error at or near \"1\"", Some(1));
    check_error("frobnicate", "42601", "syntax error at or near \"frobnicate\"", Some(1));
}

#[test]
fn statements_keep_their_text_and_place() {
    let statements = parse(" SELECT 1 ; /* é */ SHOW x -- end").expect("two statements");
    let places: Vec<_> = statements.iter().map(|one| (one.text.as_str(), one.start)).collect();
    assert_eq!(places, [("SELECT 1", 1), ("SHOW x", 20)]);
}

#[test]
fn chains_and_nests_of_any_size_never_overflow_the_stack() {
    for size in [10, 100, 1_000, 5_000, 20_000, 50_000] {
        for (name, text, size_max) in [
            ("sum", format!("SELECT 1{}", "+1".repeat(size)), 1_000),
            ("or", format!("SELECT a=0{}", " OR a=1".repeat(size)), 5_000),
            ("parentheses", format!("SELECT {}1{}", "(".repeat(size), ")".repeat(size)), 100),
            ("subqueries", format!("SELECT {}1{}", "(SELECT ".repeat(size), ")".repeat(size)), 100),
            ("from", format!("SELECT * FROM {}t{}", "(SELECT * FROM ".repeat(size), ")".repeat(size)), 100),
            ("not", format!("SELECT {} true", "NOT ".repeat(size)), 1_000),
            ("minus", format!("SELECT {} 1", "- ".repeat(size)), 1_000),
            ("union", format!("SELECT 1{}", " UNION ALL SELECT 1".repeat(size)), 1_000),
            ("cast", format!("SELECT 1{}", "::int".repeat(size)), 1_000),
            ("list", format!("SELECT 1 IN (1{})", ",1".repeat(size)), 50_000),
            ("brackets", format!("SELECT a{}", "[1".repeat(size)), 0),
        ] {
            match parse(&text) {
                Ok(_) => assert!(size <= size_max, "{name} of {size} was read"),
                Err(error) => {
                    assert!(size > size_max, "{name} of {size}: {error}");
                    assert!(
                        ["54001", "42601"].contains(&error.sqlstate().code()),
                        "{name} of {size}: {error}"
                    );
                }
            }
        }
    }
}

#[test]
fn a_text_of_64_megabytes_is_refused_or_read_without_harm() {
    let error = parse(&"x".repeat((64 << 20) + 1)).expect_err("too long");
    assert_eq!(error.sqlstate().code(), "54000");
    let error = parse(&"SELECT 1, ".repeat(6 << 20)).expect_err("too many words");
    assert_eq!(error.sqlstate().code(), "54000");
    let text = format!("SELECT '{}'", "x".repeat(60 << 20));
    assert_eq!(parse(&text).expect("one long string").len(), 1);
}

fn column_text(column: &NewColumn) -> String {
    let default = column.default.as_ref().map(|expr| format!(" default {expr}")).unwrap_or_default();
    format!("{} {}{}{default}", column.name, column.data_type, if column.not_null { " not null" } else { "" })
}

fn change_text(change: &Change) -> String {
    let condition = |condition: &Option<Expr>| condition.as_ref().map(Expr::to_string).unwrap_or_default();
    let action = match &change.action {
        Action::Insert { columns, source: Some(source) } => format!("({}) {source}", columns.join(", ")),
        Action::Insert { columns, source: None } => format!("({}) defaults", columns.join(", ")),
        Action::Delete { condition: given } => format!("where {}", condition(given)),
        Action::Update { set, condition: given } => {
            let set = set.iter().map(|(name, expr)| match expr {
                Some(expr) => format!("{name}: {expr}"),
                None => format!("{name}: default"),
            });
            format!("set {} where {}", set.collect::<Vec<_>>().join(", "), condition(given))
        }
    };
    let alias = change.alias.as_ref().map(|alias| format!(" as {alias}")).unwrap_or_default();
    let returning = change.returning.as_ref().map(|items| format!(" returning {}", items.len()));
    let returning = returning.unwrap_or_default() + change.unsupported.unwrap_or_default();
    format!("{} {}{alias} {action}{returning}", change.action.tag(), change.table.join("."))
}

#[test]
fn temporary_tables_are_created_with_columns_or_by_a_query() {
    check(&[
        (
            "CREATE LOCAL TEMPORARY TABLE \"#T\" (a int NOT NULL, B text DEFAULT 'x') ON COMMIT DELETE ROWS",
            "create temp #T (a INT not null, b TEXT default 'x') Delete",
        ),
        ("CREATE TABLE pg_temp.t (a int)", "create temp pg_temp.t (a INT) Preserve"),
        ("CREATE TEMP TABLE t (x, y) AS SELECT 1, 2", "create temp t (x, y) Preserve true as SELECT 1, 2"),
        (
            "CREATE TEMP TABLE t ON COMMIT DROP AS SELECT 1 WITH NO DATA",
            "create temp t () Drop false as SELECT 1",
        ),
        (
            "SELECT a INTO LOCAL TEMPORARY TABLE \"#T_1\" FROM u UNION SELECT 2",
            "create temp #T_1 () Preserve true as SELECT a FROM u UNION SELECT 2",
        ),
        ("SELECT a INTO TEMP t FROM u", "create temp t () Preserve true as SELECT a FROM u"),
        (
            "CREATE TEMP TABLE t (a int PRIMARY KEY)",
            "0A000 constraints of a temporary table other than NOT NULL are not supported",
        ),
        (
            "CREATE TEMP TABLE t (a int, CHECK (a > 0))",
            "0A000 constraints of a temporary table other than NOT NULL are not supported",
        ),
        (
            "CREATE TEMP TABLE t (a int) WITH (fillfactor = 1)",
            "0A000 options of a temporary table are not supported",
        ),
        ("CREATE TEMP TABLE t (LIKE u)", "0A000 this kind of table element is not supported"),
        ("CREATE TEMP TABLE t (a int,)", "42601 syntax error at or near \")\""),
        ("DROP TABLE IF EXISTS t, pg_temp.u CASCADE", "drop table true [[\"t\"], [\"pg_temp\", \"u\"]]"),
        ("TRUNCATE TABLE t, u", "truncate [[\"t\"], [\"u\"]]"),
    ]);
}

#[test]
fn changes_are_read_in_parts() {
    check(&[
        ("INSERT INTO t VALUES (1)", "INSERT t () VALUES (1)"),
        (
            "INSERT INTO t (a, \"B\") SELECT 1, 2 RETURNING *, a + 1",
            "INSERT t (a, B) SELECT 1, 2 returning 2",
        ),
        ("INSERT INTO t (SELECT 1)", "INSERT t () (SELECT 1)"),
        ("INSERT INTO t AS x DEFAULT VALUES", "INSERT t as x () defaults"),
        (
            "INSERT INTO t VALUES (1) ON CONFLICT DO NOTHING",
            "INSERT t () defaultsON CONFLICT is not supported",
        ),
        ("DELETE FROM t", "DELETE t where "),
        ("DELETE FROM ONLY t x WHERE x.a = (SELECT 1)", "DELETE t as x where x.a = (SELECT 1)"),
        ("DELETE FROM t USING u WHERE true", "DELETE t where DELETE … USING is not supported"),
        (
            "UPDATE t AS x SET a = f(1, 2), b = DEFAULT WHERE a IN (1, 2) RETURNING a",
            "UPDATE t as x set a: f(1, 2), b: default where a IN (1, 2) returning 1",
        ),
        ("UPDATE t SET a = 1,", "42601 syntax error at end of input"),
        ("INSERT INTO t", "42601 syntax error at end of input"),
    ]);
}
