//! psql's own commands, as people type them.

use lakeport_tests::{Server, demo_lake, psql};

fn server() -> Server {
    Server::config(&demo_lake().join("lakeport.toml"))
}

#[track_caller]
fn check(server: &Server, command: &str, expected: &[&str]) {
    let output = psql(server, command);
    for text in expected {
        assert!(output.contains(text), "{command}: {text:?} is missing in\n{output}");
    }
}

#[test]
fn every_list_command_lists_what_there_is() {
    let server = server();
    for (command, expected) in [
        ("\\dn", vec!["shop", "public"]),
        ("\\dn+", vec!["shop", "A shop's orders"]),
        ("\\dt shop.*", vec!["orders", "customers", "products", "visits", "table"]),
        ("\\dt+ shop.*", vec!["orders", "One row an order"]),
        ("\\dv shop.*", vec!["revenue_by_month", "best_customers", "Orders by Country", "view"]),
        ("\\d shop.*", vec!["revenue_by_month", "order_id"]),
        ("\\l", vec!["lake", "UTF8"]),
        ("\\du", vec!["test", "Superuser"]),
        ("\\df", vec!["Name"]),
        ("\\df pg_catalog.lower", vec!["lower", "text"]),
        ("\\dT pg_catalog.int4", vec!["integer"]),
        ("\\db", vec!["pg_default"]),
        ("\\dp shop.*", vec!["orders"]),
        ("\\di", vec!["Did not find any relations"]),
    ] {
        if command == "\\di" {
            // What is not there is said on stderr; that it is no error is enough.
            psql(&server, command);
            continue;
        }
        check(&server, command, &expected);
    }
}

#[test]
fn a_table_is_described_with_its_columns_and_types() {
    let server = server();
    let expected = [
        "Table \"shop.orders\"",
        "order_id",
        "bigint",
        "timestamp with time zone",
        "numeric(10,2)",
        "smallint",
        "not null",
        "year",
        "month",
    ];
    check(&server, "\\d shop.orders", &expected);
    check(&server, "\\d+ shop.orders", &expected);
    check(&server, "\\d shop.visits", &["text[]", "json", "timestamp without time zone"]);
    check(&server, "\\d shop.products", &["uuid", "real"]);
}

#[test]
fn a_table_shows_its_keys_on_both_sides() {
    let server = server();
    let orders = [
        "Indexes:",
        "\"orders_pkey\" PRIMARY KEY, btree (order_id)",
        "Foreign-key constraints:",
        "\"orders_customer_id_fkey\" FOREIGN KEY (customer_id) REFERENCES customers(\"CustomerID\")",
        "\"orders_product_id_fkey\" FOREIGN KEY (product_id) REFERENCES products(product_id)",
    ];
    check(&server, "\\d shop.orders", &orders);
    let customers = [
        "\"customers_pkey\" PRIMARY KEY, btree (\"CustomerID\")",
        "Referenced by:",
        "TABLE \"orders\" CONSTRAINT \"orders_customer_id_fkey\" FOREIGN KEY (customer_id)",
        "TABLE \"visits\" CONSTRAINT \"visits_customer_id_fkey\" FOREIGN KEY (customer_id)",
    ];
    check(&server, "\\d shop.customers", &customers);
    check(&server, "\\d shop.products", &["\"products_code_key\" UNIQUE CONSTRAINT, btree (code)"]);
}

#[test]
fn every_other_list_command_runs() {
    let server = server();
    for (command, expected) in [
        ("\\dAo", "=(integer,bigint)"),
        ("\\dAc", "int4_ops"),
        ("\\dAf", "integer_ops"),
        ("\\dAp", "btint4cmp"),
        ("\\dC+", "List of casts"),
        ("\\dd", "Object descriptions"),
        ("\\dL", "List of languages"),
        ("\\dL+", "List of languages"),
        ("\\dO", "List of collations"),
        ("\\do+ ||", "List of operators"),
        ("\\dconfig work*", "work_mem"),
        ("\\dy+", "List of event triggers"),
        ("\\ddp", "Default access privileges"),
        ("\\des", "List of foreign servers"),
    ] {
        check(&server, command, &[expected]);
    }
}

#[test]
fn a_view_shows_its_text() {
    let server = server();
    check(
        &server,
        "\\sv shop.revenue_by_month",
        &["CREATE OR REPLACE VIEW shop.revenue_by_month AS", "sum(quantity * unit_price"],
    );
    check(
        &server,
        "\\d+ shop.revenue_by_month",
        &["View \"shop.revenue_by_month\"", "revenue", "numeric", "View definition"],
    );
    check(&server, "\\d shop.\"Orders by Country\"", &["Revenue"]);
}

#[test]
fn selects_give_their_rows() {
    let server = server();
    check(&server, "select count(*) from shop.orders", &["count", "2160000", "(1 row)"]);
    check(
        &server,
        "with m as (select year, month, revenue, rank() over (partition by year order by revenue desc) as place
         from shop.revenue_by_month) select year, place from m where place = 1 order by year",
        &["2022", "2023", "2024", "(3 rows)"],
    );
    check(
        &server,
        "select \"Country\" from shop.\"Orders by Country\" where \"Year\" = 2023 order by 1 limit 1",
        &["BR"],
    );
    check(&server, "show server_version", &["15."]);
    check(&server, "select version()", &["PostgreSQL 15."]);
    check(&server, "select current_database(), current_user", &["lake", "test"]);
    check(&server, "explain select count(*) from shop.orders", &["QUERY PLAN"]);
    check(
        &server,
        "explain analyze select count(*) from shop.orders where quantity > 3",
        &["(actual time=", "Execution Time"],
    );
}

#[test]
fn tab_completion_knows_schemas_tables_and_columns() {
    let server = server();
    // What psql 15 sends for TAB after `select * from shop.or` and the like, in statements of the same shape.
    check(
        &server,
        "SELECT c.relname, NULL::pg_catalog.text FROM pg_catalog.pg_class c WHERE c.relkind IN ('r', 'S', 'v', 'm', 'f', 'p')
         AND (c.relname) LIKE 'or%' AND c.relnamespace = 'shop'::pg_catalog.regnamespace LIMIT 1000",
        &["orders"],
    );
    check(
        &server,
        "SELECT pg_catalog.quote_ident(attname) FROM pg_catalog.pg_attribute a, pg_catalog.pg_class c
         WHERE c.oid = a.attrelid AND a.attnum > 0 AND NOT a.attisdropped
         AND substring(pg_catalog.quote_ident(attname),1,4)='unit' AND pg_catalog.quote_ident(relname)='orders'
         AND pg_catalog.pg_table_is_visible(c.oid) IS NOT NULL LIMIT 1000",
        &["unit_price"],
    );
}
