"""polars: read_database_uri by both of its engines, and read_database over a driver."""

import adbc_driver_postgresql.dbapi
import polars
import psycopg

from observe import DATABASE, DSN, PORT, say

URI = f"postgresql://test@127.0.0.1:{PORT}/{DATABASE}?sslmode=disable"


def show(topic, frame):
    say(topic, {name: str(kind) for name, kind in frame.schema.items()}, frame.shape)
    for row in frame.head(10).rows():
        say(topic, *row)


def attempt(topic, run):
    try:
        show(topic, run())
    except Exception as error:
        say(topic, type(error).__name__, str(error).partition("\n")[0])


# What connectorx knows of types: no arrays with NULLs, no infinities as numbers, no times beyond what Arrow holds in nanoseconds.
PLAIN = "SELECT id, flag, small, whole, large, single, ratio, price, label, raw, key, day, clock, moment, instant FROM shop.kinds WHERE id IN (1, 4) ORDER BY id"
for engine in ["connectorx", "adbc"]:
    attempt(f"{engine} kinds", lambda: polars.read_database_uri(PLAIN, URI, engine=engine))
    attempt(f"{engine} orders", lambda: polars.read_database_uri("SELECT * FROM shop.orders ORDER BY order_id, line", URI, engine=engine))
    sql = "SELECT country, count(*) AS n, sum(amount)::float8 AS total FROM shop.orders JOIN shop.customers USING (customer_id) GROUP BY 1 ORDER BY 1"
    attempt(f"{engine} grouped", lambda: polars.read_database_uri(sql, URI, engine=engine))
    attempt(f"{engine} events", lambda: polars.read_database_uri("SELECT * FROM shop.events ORDER BY number", URI, engine=engine))
    attempt(f"{engine} empty", lambda: polars.read_database_uri("SELECT * FROM shop.customers WHERE false", URI, engine=engine))
    attempt(f"{engine} wrong", lambda: polars.read_database_uri("SELECT * FROM nothing", URI, engine=engine))
attempt(
    "connectorx in parts",
    lambda: polars.read_database_uri(
        "SELECT number, payload FROM shop.events", URI, engine="connectorx", partition_on="number", partition_num=4
    ).sort("number"),
)
attempt(
    "connectorx by cursor",
    lambda: polars.read_database_uri("SELECT number FROM shop.events", URI, engine="connectorx", protocol="cursor").sort("number"),
)
attempt(
    "connectorx as csv",
    lambda: polars.read_database_uri("SELECT number FROM shop.events", URI, engine="connectorx", protocol="csv").sort("number"),
)
with psycopg.connect(DSN) as connection:
    attempt("psycopg", lambda: polars.read_database("SELECT * FROM shop.orders ORDER BY order_id, line", connection))
with adbc_driver_postgresql.dbapi.connect(URI) as connection:
    attempt("adbc connection", lambda: polars.read_database("SELECT * FROM shop.orders ORDER BY order_id, line", connection))
