//! tokio-postgres, which prepares everything, reads in binary alone, and asks the catalog for types that it does not know.

use std::fmt::Write;
use std::time::Duration;

use bytes::BytesMut;
use futures::{TryStreamExt, pin_mut};
use lakeport_tests::DATABASE;
use tokio_postgres::types::{FromSql, IsNull, ToSql, Type, to_sql_checked};
use tokio_postgres::{Client, Config, Error, NoTls, Row, SimpleQueryMessage};

const TABLES: [&str; 6] = ["kinds", "customers", "orders", "Mixed Case", "by_country", "more_kinds"];

/// Statements whose types of parameters the server alone can know.
const PREPARED: [&str; 14] = [
    "SELECT id FROM kinds WHERE flag = $1 OR small = $2 OR whole = $3 OR large = $4",
    "SELECT id FROM kinds WHERE single = $1 OR ratio = $2 OR price = $3 OR label = $4",
    "SELECT id FROM kinds WHERE raw = $1 OR key = $2 OR day = $3 OR clock = $4 OR moment = $5 OR instant = $6",
    "SELECT id FROM kinds WHERE flags = $1 OR wholes = $2 OR larges = $3 OR ratios = $4 OR words = $5 OR days = $6",
    "SELECT id FROM kinds WHERE id = ANY($1)",
    "SELECT id FROM kinds WHERE id IN ($1, $2) AND label LIKE $3 AND price BETWEEN $4 AND $5 LIMIT $6 OFFSET $7",
    "SELECT $1",
    "SELECT $1::text, $2::int, $3::numeric, $4::timestamptz, $5::interval, $6::jsonb, $7::oid, $8::text[]",
    "SELECT coalesce(amount, $1), $2 || note, amount + $3, CASE WHEN $4 THEN note ELSE $5 END FROM orders",
    "SELECT lower($1), length($2), abs($3::float8), date_trunc($4, $5::timestamp)",
    "SELECT oid, relname, relkind, relnamespace::regnamespace, reltuples, relacl FROM pg_class WHERE oid = $1",
    "SELECT t.typname, t.typtype, t.typelem, r.rngsubtype, t.typbasetype, n.nspname, t.typrelid
     FROM pg_catalog.pg_type t LEFT OUTER JOIN pg_catalog.pg_range r ON r.rngtypid = t.oid
     INNER JOIN pg_catalog.pg_namespace n ON t.typnamespace = n.oid WHERE t.oid = $1",
    "SELECT indrelid, indkey, indclass, indexprs, indpred FROM pg_index",
    "SELECT count(*), sum(whole), sum(large), avg(whole), sum(ratio), max(words), min(day), count(DISTINCT key) FROM kinds",
];

/// The bytes of a value as they are sent.
struct Raw(Vec<u8>);

impl FromSql<'_> for Raw {
    fn from_sql(_: &Type, bytes: &[u8]) -> Result<Self, Box<dyn std::error::Error + Sync + Send>> {
        Ok(Raw(bytes.to_vec()))
    }

    fn accepts(_: &Type) -> bool {
        true
    }
}

/// A parameter of any type, as the bytes of its binary form.
#[derive(Debug)]
struct Bytes(Vec<u8>);

impl ToSql for Bytes {
    fn to_sql(
        &self,
        _: &Type,
        out: &mut BytesMut,
    ) -> Result<IsNull, Box<dyn std::error::Error + Sync + Send>> {
        out.extend_from_slice(&self.0);
        Ok(IsNull::No)
    }

    fn accepts(_: &Type) -> bool {
        true
    }

    to_sql_checked!();
}

/// What tokio-postgres sees of a server on this machine, one line a fact.
pub(crate) fn report(port: &str) -> String {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().expect("a runtime");
    runtime.block_on(async {
        let mut config = Config::new();
        config.host("127.0.0.1").port(port.parse().expect("a port")).user("test").dbname(DATABASE);
        let (mut client, connection) = config.connect(NoTls).await.expect("a connection");
        tokio::spawn(connection);
        let mut out = String::new();
        prepared(&client, &mut out).await;
        values(&client, &mut out).await;
        parameters(&client, &mut out).await;
        portals(&mut client, &mut out).await;
        errors(&mut client, &mut out).await;
        copies(&client, &mut out).await;
        out
    })
}

fn say(out: &mut String, topic: &str, fact: impl std::fmt::Display) {
    writeln!(out, "{topic}: {}", fact.to_string().replace('\n', "\\n")).expect("a string takes all");
}

fn failure(error: &Error) -> String {
    match error.as_db_error() {
        Some(error) => format!("{} {} at {:?}", error.code().code(), error.message(), error.position()),
        None => error.to_string(),
    }
}

fn cells(row: &Row) -> String {
    let cells: Vec<String> = (0..row.len())
        .map(|index| match row.get::<_, Option<Raw>>(index) {
            Some(Raw(bytes)) => bytes.iter().map(|byte| format!("{byte:02x}")).collect(),
            None => "NULL".to_owned(),
        })
        .collect();
    cells.join(" ")
}

async fn prepared(client: &Client, out: &mut String) {
    for sql in PREPARED {
        match client.prepare(sql).await {
            Ok(statement) => {
                say(out, sql, format!("{:?}", statement.params().iter().map(Type::name).collect::<Vec<_>>()));
                for column in statement.columns() {
                    say(out, sql, format!("{} {}", column.name(), column.type_()));
                }
            }
            Err(error) => say(out, sql, failure(&error)),
        }
    }
}

/// Every value in binary, byte by byte.
async fn values(client: &Client, out: &mut String) {
    for table in TABLES {
        let sql = format!("SELECT * FROM shop.\"{table}\"");
        match client.query(&sql, &[]).await {
            Ok(rows) => {
                let mut lines: Vec<String> = rows.iter().map(cells).collect();
                lines.sort();
                for line in lines {
                    say(out, table, line);
                }
                for column in rows.first().map_or(&[][..], Row::columns) {
                    let is_of_table = column.table_oid().is_some();
                    say(
                        out,
                        table,
                        format!(
                            "{} {} {is_of_table} {:?}",
                            column.name(),
                            column.type_(),
                            column.column_id()
                        ),
                    );
                }
            }
            Err(error) => say(out, table, failure(&error)),
        }
    }
}

/// Each column is compared with its own value as it was read.
async fn parameters(client: &Client, out: &mut String) {
    let row = client.query_one("SELECT * FROM kinds WHERE id = 1", &[]).await.expect("a row");
    for (index, column) in row.columns().iter().enumerate() {
        let value = Bytes(row.get::<_, Raw>(index).0);
        let sql = format!("SELECT id FROM kinds WHERE {} = $1 ORDER BY id", column.name());
        match client.query(&sql, &[&value]).await {
            Ok(rows) => say(out, &sql, rows.iter().map(cells).collect::<Vec<_>>().join(", ")),
            Err(error) => say(out, &sql, failure(&error)),
        }
    }
    for ids in [vec![1, 3, 99], vec![]] {
        let rows = client.query("SELECT id FROM kinds WHERE id = ANY($1) ORDER BY id", &[&ids]).await;
        say(out, "= ANY", rows.map_or_else(|error| failure(&error), |rows| rows.len().to_string()));
    }
    let rows = client.query("SELECT note FROM orders WHERE note = $1 OR $1 IS NULL", &[&None::<&str>]).await;
    say(out, "NULL", rows.map_or_else(|error| failure(&error), |rows| rows.len().to_string()));
    let rows =
        client.query_raw("SELECT number FROM events WHERE number >= $1", [29_000_i64]).await.expect("rows");
    pin_mut!(rows);
    let mut total = 0;
    while let Some(row) = rows.try_next().await.expect("a row") {
        total += row.get::<_, i64>(0);
    }
    say(out, "query_raw", total);
    let typed = client
        .query_typed(
            "SELECT id FROM kinds WHERE large = $1 OR whole = $2",
            &[(&7_000_000_000_i64, Type::INT8), (&0_i32, Type::INT4)],
        )
        .await;
    say(out, "query_typed", typed.map_or_else(|error| failure(&error), |rows| rows.len().to_string()));
}

async fn portals(client: &mut Client, out: &mut String) {
    let transaction = client.build_transaction().read_only(true).start().await.expect("a transaction");
    let statement = transaction
        .prepare("SELECT number FROM events WHERE number >= $1 ORDER BY number")
        .await
        .expect("a plan");
    let (one, other) = (
        transaction.bind(&statement, &[&10_i64]).await.expect("a portal"),
        transaction.bind(&statement, &[&20_000_i64]).await.expect("a portal"),
    );
    for rows_max in [1, 4_000, 3] {
        for portal in [&one, &other] {
            let rows = transaction.query_portal(portal, rows_max).await.expect("rows");
            let total: i64 = rows.iter().map(|row| row.get::<_, i64>(0)).sum();
            say(out, "portal", format!("{} rows, {total}", rows.len()));
        }
    }
    let rest = transaction.query_portal(&one, 0).await.expect("rows");
    say(out, "rest", rest.len());
    transaction.commit().await.expect("an end");
    let (left, right) = futures::join!(
        client.query("SELECT count(*) FROM orders WHERE line = $1", &[&1_i16]),
        client.query("SELECT count(*) FROM orders WHERE line = $1", &[&2_i16])
    );
    say(
        out,
        "pipelined",
        format!("{} {}", cells(&left.expect("a row")[0]), cells(&right.expect("a row")[0])),
    );
}

async fn errors(client: &mut Client, out: &mut String) {
    for sql in
        ["SELECT * FROM nothing", "SELECT nothing FROM orders", "SELEC 1", "SELECT 1/0", "SELECT nothing(1)"]
    {
        if let Err(error) = client.query(sql, &[]).await {
            say(out, sql, failure(&error));
        }
    }
    let mut outer = client.transaction().await.expect("a transaction");
    match outer.savepoint("a \"name\"").await {
        Ok(inner) => {
            let failed =
                inner.query("SELECT * FROM nothing", &[]).await.map(|_| ()).map_err(|error| failure(&error));
            say(out, "inside", format!("{failed:?}"));
            say(out, "rolled back", inner.rollback().await.is_ok());
        }
        Err(error) => say(out, "savepoint", failure(&error)),
    }
    let after = outer.query("SELECT 1", &[]).await.map(|rows| rows.len()).map_err(|error| failure(&error));
    say(out, "after it", format!("{after:?}"));
    outer.rollback().await.expect("an end");
    let token = client.cancel_token();
    let sleeping = client
        .query("SELECT count(*) FROM events a, events b, events c WHERE a.ratio + b.ratio < c.ratio", &[]);
    let cancelling = async {
        tokio::time::sleep(Duration::from_millis(300)).await;
        token.cancel_query(NoTls).await
    };
    let (slept, _) = futures::join!(sleeping, cancelling);
    say(out, "cancelled", slept.map_or_else(|error| failure(&error), |rows| rows.len().to_string()));
    let messages = client
        .simple_query("SELECT 1 AS a; SET application_name TO 'x'; SELECT 2, 3")
        .await
        .expect("answers");
    for message in messages {
        if let SimpleQueryMessage::Row(row) = message {
            say(
                out,
                "simple",
                format!("{:?}", (0..row.len()).map(|index| row.get(index)).collect::<Vec<_>>()),
            );
        }
    }
}

async fn copies(client: &Client, out: &mut String) {
    for sql in [
        "COPY (SELECT * FROM kinds ORDER BY id) TO STDOUT",
        "COPY (SELECT * FROM kinds ORDER BY id) TO STDOUT (FORMAT csv)",
        "COPY (SELECT * FROM kinds ORDER BY id) TO STDOUT (FORMAT binary)",
        "COPY customers (name) TO STDOUT",
    ] {
        match client.copy_out(sql).await {
            Ok(stream) => {
                let parts: Vec<bytes::Bytes> = stream.try_collect().await.expect("parts");
                say(out, sql, format!("{:?}", bytes::Bytes::from(parts.concat())));
            }
            Err(error) => say(out, sql, failure(&error)),
        }
    }
}
