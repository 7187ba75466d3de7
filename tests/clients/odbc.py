"""psqlODBC through unixODBC, as BI tools set it: the catalog functions, every type, parameters, and answers by cursor.

The third argument is what the connection string says of cursors.
"""

import datetime
import decimal
import sys
import uuid

import pyodbc

from observe import DATABASE, PORT, attempt, say, say_all

SETTINGS = f"Servername=127.0.0.1;Port={PORT};Database={DATABASE};Username=test;SSLmode=disable;{sys.argv[3]}"
TABLES = ["kinds", "customers", "orders", "Mixed Case", "events", "by_country", "more_kinds"]

# A pool would hand out connections of the run before.
pyodbc.pooling = False


def connect(**options):
    return pyodbc.connect("Driver={PostgreSQL Unicode};" + SETTINGS, **options)


def error(run):
    try:
        return run()
    except pyodbc.Error as failure:
        return f"{type(failure).__name__} {failure.args[0]} {failure.args[1].splitlines()[0]}"


def catalog(cursor, topic, run, hidden=()):
    """What a catalog function gives: its columns, then its rows, without columns that are each server's own."""
    try:
        rows = run().fetchall()
    except pyodbc.Error as failure:
        say(topic, failure.args[0], failure.args[1].splitlines()[0])
        return
    names = [column[0] for column in cursor.description]
    say(topic, *[f"{name} {kind.__name__}" for name, kind, *_ in cursor.description])
    kept = [index for index, name in enumerate(names) if name not in hidden]
    say_all(topic, sorted(([row[index] for index in kept] for row in rows), key=repr))


def catalogs(connection):
    cursor = connection.cursor()
    catalog(cursor, "tables", lambda: cursor.tables(schema="shop"))
    catalog(cursor, "tables of a type", lambda: cursor.tables(schema="shop", tableType="VIEW"))
    catalog(cursor, "tables like", lambda: cursor.tables(table="%ers", schema="sh%", tableType="TABLE,VIEW"))
    catalog(cursor, "system tables", lambda: cursor.tables(schema="pg_catalog", table="pg_class", tableType="SYSTEM TABLE"))
    catalog(cursor, "schemas", lambda: cursor.tables(schema="%", table="", catalog=""), ["remarks"])
    catalog(cursor, "catalogs", lambda: cursor.tables(catalog="%", schema="", table=""))
    for table in TABLES:
        # The oids of tables are each server's own.
        catalog(cursor, f"columns {table}", lambda: cursor.columns(schema="shop", table=table), ["table oid"])
        catalog(cursor, f"primary key {table}", lambda: cursor.primaryKeys(table, schema="shop"))
        catalog(cursor, f"statistics {table}", lambda: cursor.statistics(table, schema="shop"), ["cardinality", "pages"])
        catalog(cursor, f"unique {table}", lambda: cursor.statistics(table, schema="shop", unique=True), ["cardinality", "pages"])
        catalog(cursor, f"row id {table}", lambda: cursor.rowIdColumns(table, schema="shop"))
        catalog(cursor, f"row version {table}", lambda: cursor.rowVerColumns(table, schema="shop"))
    catalog(cursor, "columns like", lambda: cursor.columns(schema="shop", column="%name%"), ["table oid"])
    catalog(cursor, "foreign keys of", lambda: cursor.foreignKeys(foreignTable="orders", foreignSchema="shop"))
    catalog(cursor, "foreign keys to", lambda: cursor.foreignKeys(table="customers", schema="shop"))
    catalog(cursor, "types", lambda: cursor.getTypeInfo())
    catalog(cursor, "integer types", lambda: cursor.getTypeInfo(pyodbc.SQL_INTEGER))
    catalog(cursor, "procedures", lambda: cursor.procedures(schema="shop"))
    catalog(cursor, "procedure columns", lambda: cursor.procedureColumns(schema="shop"))


def about(connection):
    for name in ["SQL_DBMS_NAME", "SQL_DBMS_VER", "SQL_DATABASE_NAME", "SQL_USER_NAME", "SQL_IDENTIFIER_QUOTE_CHAR"]:
        value = connection.getinfo(getattr(pyodbc, name))
        say(name, value if name != "SQL_DBMS_VER" else value[:2])


def values(connection):
    cursor = connection.cursor()
    for table in TABLES:
        if table == "events":
            continue
        cursor.execute(f'SELECT * FROM shop."{table}"')
        for column in cursor.description:
            say(f"described {table}", column[0], column[1].__name__, *column[2:])
        say_all(f"rows {table}", sorted(cursor.fetchall(), key=repr))
    # What a tool asks to learn of columns alone.
    for probe in ["SELECT * FROM shop.orders WHERE (0 = 1)", "SELECT * FROM shop.orders LIMIT 0"]:
        say(probe, cursor.execute(probe).fetchall(), [column[0] for column in cursor.description])


def parameters(connection):
    cursor = connection.cursor()
    found = {
        "whole": 70_000, "large": 7_000_000_000, "price": decimal.Decimal("12.50"), "ratio": 0.1, "label": "a", "flag": True,
        "day": datetime.date(2024, 2, 29), "moment": datetime.datetime(2024, 2, 29, 12, 30, 15, 123_456),
        "clock": datetime.time(12), "key": uuid.UUID(int=0), "raw": b"a", "small": 7, "exact": decimal.Decimal("1.5"),
    }  # fmt: skip
    for column, value in found.items():
        sql = f"SELECT id FROM shop.kinds WHERE {column} = ? ORDER BY id"
        say(f"parameter {column}", error(lambda: cursor.execute(sql, value).fetchall()))
    sql = "SELECT order_id, note FROM shop.orders WHERE customer_id IN (?, ?) AND amount BETWEEN ? AND ? AND note LIKE ? ORDER BY 1, 2"
    say("parameters", error(lambda: cursor.execute(sql, 3, 4, 10, decimal.Decimal(80), "note %").fetchall()))
    say("NULL", error(lambda: cursor.execute("SELECT count(*) FROM shop.orders WHERE note = ?", None).fetchall()))
    sql = "SELECT count(*) FROM shop.orders WHERE customer_id = ?"
    for number in range(8):
        say("again", cursor.execute(sql, number).fetchall())
    say("bad value", error(lambda: cursor.execute("SELECT * FROM shop.orders WHERE order_id = ?", "many").fetchall()))


def large(connection):
    cursor = connection.cursor()
    cursor.execute("SELECT number, payload, ratio FROM shop.events ORDER BY number")
    total, seen = 0, 0
    for number, payload, ratio in cursor:
        total += number + len(payload or "") + int(ratio)
        seen += 1
    say("large", seen, total)
    # Two answers at once, and one that is left in its middle.
    one, other = connection.cursor(), connection.cursor()
    one.execute("SELECT number FROM shop.events ORDER BY 1")
    other.execute("SELECT number FROM shop.events ORDER BY 1 DESC")
    say("two at once", [(one.fetchone()[0], other.fetchone()[0]) for _ in range(3)])
    one.close()
    say("the other goes on", len(other.fetchall()))


def transactions():
    with connect(autocommit=False) as connection:
        cursor = connection.cursor()
        say("begun", cursor.execute("SELECT count(*) FROM shop.orders").fetchall())
        say("failed", error(lambda: cursor.execute("SELECT * FROM shop.nothing").fetchall()))
        say("afterwards", error(lambda: cursor.execute("SELECT 1").fetchall()))
        connection.rollback()
        say("rolled back", cursor.execute("SELECT 1").fetchall())
        connection.commit()
    with connect(autocommit=True) as connection:
        cursor = connection.cursor()
        for sql in ["SELECT * FROM shop.nothing", "SELECT nothing FROM shop.orders", "SELEC 1", "SELECT 1/0"]:
            say(sql, error(lambda: cursor.execute(sql).fetchall()))
        say("still there", cursor.execute("SELECT 1").fetchall())


with connect(autocommit=True) as connection:
    about(connection)
    catalogs(connection)
    values(connection)
    parameters(connection)
    large(connection)
transactions()
attempt("read only", lambda: connect(autocommit=True, readonly=True).cursor().execute("SELECT 1").fetchall())
