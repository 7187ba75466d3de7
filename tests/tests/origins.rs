//! Which table and which column a column of an answer simply is: as a real PostgreSQL says it of the same tables.
//!
//! `LAKEPORT_TEST_POSTGRES` names a PostgreSQL 15 that trusts us, as `host:port`; ./test starts it.

use std::collections::HashMap;

use lakeport_tests::{Server, Socket, demo_lake, required};
use tokio_postgres::{Client, NoTls, SimpleQueryMessage};

/// Every relation that the queries read, with its columns as the catalog has them.
const RELATIONS: &str = "SELECT c.relname, c.relkind, string_agg(format('NULL::%s AS %I', \
     format_type(a.atttypid, a.atttypmod), a.attname), ', ' ORDER BY a.attnum) \
     FROM pg_class c JOIN pg_attribute a ON a.attrelid = c.oid \
     WHERE c.relname IN ('orders', 'products', 'best_customers') AND a.attnum > 0 GROUP BY 1, 2";

const QUERIES: &[&str] = &[
    "SELECT order_id, customer_id, (status), ((o.note)), order_id + 1, 5 FROM orders o",
    "SELECT * FROM orders",
    "TABLE best_customers",
    "SELECT status AS c, orders.order_id AS n FROM orders",
    "SELECT x.* FROM best_customers AS x",
    "SELECT * FROM orders JOIN products USING (product_id)",
    "SELECT * FROM orders LEFT JOIN products USING (product_id)",
    "SELECT * FROM orders RIGHT JOIN products USING (product_id)",
    "SELECT * FROM orders FULL JOIN products USING (product_id)",
    "SELECT * FROM orders NATURAL JOIN products",
    "SELECT * FROM orders CROSS JOIN products",
    "SELECT * FROM (orders o JOIN products p ON o.product_id = p.product_id) AS j",
    "SELECT * FROM (orders o JOIN products p USING (product_id)) AS j",
    "SELECT a.order_id, b.order_id FROM orders a, orders b",
    "SELECT s.* FROM (SELECT order_id AS q, status || '' FROM orders) s",
    "SELECT s.* FROM (SELECT DISTINCT status FROM orders) s",
    "SELECT s.n FROM (SELECT order_id, status FROM orders) s(n)",
    "SELECT order_id FROM (SELECT order_id FROM (SELECT order_id FROM orders) a) b",
    "WITH c AS (SELECT order_id, status FROM orders) SELECT * FROM c",
    "WITH c AS (SELECT name FROM products) SELECT c.name, s.name FROM c JOIN (SELECT * FROM c) s ON true",
    "WITH RECURSIVE r AS (SELECT product_id FROM products UNION ALL SELECT product_id + 1 FROM r WHERE product_id < 3) SELECT * FROM r",
    "SELECT product_id FROM orders UNION ALL SELECT product_id FROM products",
    "SELECT s.product_id FROM (SELECT product_id FROM orders EXCEPT SELECT product_id FROM products) s",
    "SELECT DISTINCT status FROM orders",
    "SELECT status, count(*), max(order_id) FROM orders GROUP BY status",
    "SELECT status, count(*) FROM orders GROUP BY ROLLUP (status)",
    "SELECT status FROM orders ORDER BY order_id LIMIT 1",
    "(SELECT order_id FROM orders)",
    "(SELECT order_id FROM orders) LIMIT 1",
    "SELECT (SELECT max(order_id) FROM orders)",
    "SELECT order_id::bigint, quantity::int4, status::text, unit_price::numeric, unit_price::numeric(10, 2) FROM orders",
    "SELECT coalesce(order_id, 1), nullif(order_id, 1), CASE WHEN true THEN order_id END FROM orders",
    "SELECT max(order_id) OVER (), order_id FROM orders",
    "SELECT l.name FROM orders o, LATERAL (SELECT p.name FROM products p WHERE p.product_id = o.product_id) l",
    "VALUES (1)",
    "SELECT n FROM (VALUES (1)) v(n)",
    "SELECT * FROM generate_series(1, 2) AS n",
    "SELECT relname, oid, c.relkind, c.oid::int8 FROM pg_class c",
    "SELECT * FROM pg_namespace",
    "SELECT a.*, t.typname FROM pg_attribute a JOIN pg_type t ON a.atttypid = t.oid",
    "SELECT nspname::text, nspname::name FROM pg_namespace",
    "SELECT table_name, tables.table_type FROM information_schema.tables",
    "SELECT current_user, o.order_id, current_date FROM orders o",
];

async fn connect(parameters: &str) -> Client {
    let (client, connection) = tokio_postgres::connect(parameters, NoTls).await.expect("a connection");
    tokio::spawn(connection);
    client
}

/// What a column is called, and the table and number that it is described with.
type Described = (String, Option<String>, Option<i16>);

async fn described(client: &Client, query: &str, names: &HashMap<u32, String>) -> Vec<Described> {
    let statement = client.prepare(query).await.unwrap_or_else(|error| panic!("{query}: {error:?}"));
    let describe = |column: &tokio_postgres::Column| {
        let table = column.table_oid().map(|oid| names.get(&oid).cloned().unwrap_or(format!("{oid}?")));
        (column.name().to_owned(), table, column.column_id())
    };
    statement.columns().iter().map(describe).collect()
}

async fn names(client: &Client) -> HashMap<u32, String> {
    let rows = client.query("SELECT oid, relname::text FROM pg_class", &[]).await.expect("the relations");
    rows.iter().map(|row| (row.get(0), row.get(1))).collect()
}

/// Makes the lake's relations in PostgreSQL, empty and with the same columns.
async fn copy(lakeport: &Client, postgres: &Client) {
    let mut script = "CREATE SCHEMA origins; SET search_path = origins".to_owned();
    for message in lakeport.simple_query(RELATIONS).await.expect("the relations") {
        let SimpleQueryMessage::Row(row) = message else { continue };
        let cell = |index| row.get(index).expect("a value");
        let kind = if cell(1) == "v" { "VIEW" } else { "TABLE" };
        script += &format!("; CREATE {kind} {} AS SELECT {}", cell(0), cell(2));
    }
    postgres.batch_execute(&script).await.expect("the same relations");
}

#[test]
fn a_plain_column_is_described_with_its_table_and_number_as_postgres_does() {
    let server = Server::config(&demo_lake().join("lakeport.toml"));
    let (host, port) = {
        let address = required("LAKEPORT_TEST_POSTGRES");
        let (host, port) = address.split_once(':').expect("host:port");
        (host.to_owned(), port.to_owned())
    };
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().expect("a runtime");
    runtime.block_on(async {
        let (lakeport, postgres) = (
            connect(&server.libpq()).await,
            connect(&format!("host={host} port={port} user=postgres dbname=postgres")).await,
        );
        postgres.batch_execute("BEGIN").await.expect("what is made here is undone with the connection");
        copy(&lakeport, &postgres).await;
        let (ours, theirs) = (names(&lakeport).await, names(&postgres).await);
        for query in QUERIES {
            let expected = described(&postgres, query, &theirs).await;
            assert_eq!(described(&lakeport, query, &ours).await, expected, "{query}");
        }
    });
}

#[test]
fn the_simple_protocol_describes_columns_in_the_same_way() {
    let server = Server::config(&demo_lake().join("lakeport.toml"));
    let mut socket = Socket::open(&server);
    let oid: u32 = socket.query("SELECT 'orders'::regclass::oid").cell().parse().expect("an oid");
    socket.ask("SELECT quantity, quantity + 1 FROM orders LIMIT 0");
    let body = loop {
        let (kind, body) = socket.next().expect("an answer");
        if kind == b'T' {
            break body;
        }
    };
    let table = [&oid.to_be_bytes()[..], &5_i16.to_be_bytes()].concat();
    let column = [&b"\0\x02quantity\0"[..], &table].concat();
    assert!(body.starts_with(&column), "{body:?}");
    assert!(body.windows(15).any(|bytes| bytes == b"?column?\0\0\0\0\0\0\0"), "{body:?}");
}
