"""pg8000, a client in Python alone: every type as text, parameters, errors, both of its interfaces."""

import datetime
import decimal
import io
import uuid

import pg8000.dbapi
import pg8000.native

from observe import DATABASE, PORT, say, say_all

WHERE = {"user": "test", "host": "127.0.0.1", "port": PORT, "database": DATABASE}
TABLES = ["kinds", "customers", "orders", "Mixed Case", "by_country", "more_kinds"]


def attempt(topic, run):
    try:
        say(topic, run())
    except pg8000.dbapi.Error as error:
        fields = error.args[0]
        say(topic, type(error).__name__, *([fields["C"], fields["M"]] if isinstance(fields, dict) else [str(fields)]))


def values(connection):
    for table in TABLES:
        rows = connection.run(f'SELECT * FROM shop."{table}"')
        for column in connection.columns:
            say(f"described {table}", column["name"], column["type_oid"], column["type_size"], column["type_modifier"])
        say_all(f"rows {table}", sorted(rows, key=repr))


def parameters(connection):
    found = {
        "whole": 70_000, "large": 7_000_000_000, "price": decimal.Decimal("12.50"), "ratio": 0.1, "label": "a", "flag": True, "small": 7,
        "day": datetime.date(2024, 2, 29), "moment": datetime.datetime(2024, 2, 29, 12, 30, 15, 123_456), "clock": datetime.time(12),
        "instant": datetime.datetime(2000, 1, 1, tzinfo=datetime.timezone.utc), "key": uuid.UUID(int=0), "raw": b"a", "words": [" "],
    }  # fmt: skip
    for column, value in found.items():
        attempt(f"parameter {column}", lambda: connection.run(f"SELECT id FROM shop.kinds WHERE {column} = :value ORDER BY id", value=value))
    attempt("limit", lambda: connection.run("SELECT order_id FROM orders ORDER BY 1, line LIMIT :rows OFFSET :start", rows=3, start=2))
    attempt("list", lambda: connection.run("SELECT id FROM kinds WHERE id = ANY(:ids) ORDER BY 1", ids=[1, 3]))
    attempt("nothing", lambda: connection.run("SELECT :value::text", value=None))
    statement = connection.prepare("SELECT count(*) FROM orders WHERE customer_id = :id")
    say("prepared", [statement.run(id=number) for number in range(4)])
    statement.close()


def dbapi():
    connection = pg8000.dbapi.connect(**WHERE)
    cursor = connection.cursor()
    for sql in ["SELECT * FROM nothing", "SELECT nothing FROM orders", "SELEC 1", "SELECT 1/0"]:
        attempt(sql, lambda: cursor.execute(sql))
        attempt("afterwards", lambda: cursor.execute("SELECT 1"))
        connection.rollback()
    cursor.execute("SELECT number FROM shop.events WHERE number < %s", (5_000,))
    say("rows", sum(row[0] for row in cursor))
    out = io.BytesIO()
    attempt("copy", lambda: cursor.execute("COPY (SELECT * FROM shop.customers ORDER BY 1) TO STDOUT WITH CSV", stream=out))
    say("copied", out.getvalue())
    connection.rollback()
    connection.autocommit = True
    cursor.execute("SELECT 1; SELECT 2")
    say("two", cursor.fetchall())
    connection.close()


with pg8000.native.Connection(WHERE["user"], **{key: value for key, value in WHERE.items() if key != "user"}) as connection:
    values(connection)
    parameters(connection)
dbapi()
