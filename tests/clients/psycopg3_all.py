"""psycopg 3: server cursors, pipeline, prepared statements, COPY, binary values and parameters, savepoints, pool, cancel."""

import datetime
import decimal
import threading
import uuid

import psycopg
from psycopg.types.json import Json, Jsonb
from psycopg_pool import ConnectionPool

from observe import DSN, attempt, say, say_all

TABLES = ["kinds", "customers", "orders", "Mixed Case", "by_country", "more_kinds"]


def values(connection):
    for table in TABLES:
        for binary in [False, True]:
            with connection.cursor(binary=binary) as cursor:
                cursor.execute(f'SELECT * FROM shop."{table}"')
                for column in cursor.description:
                    say(f"described {table}", column.name, column.type_code, column.type_display, column.precision, column.scale)
                say_all(f"rows {table} {binary}", sorted(cursor.fetchall(), key=repr))
    connection.rollback()


def parameters(connection):
    found = {
        "whole": [70_000, 7], "large": [7_000_000_000, 0], "price": [decimal.Decimal("12.50"), 12], "ratio": [0.1, 1], "label": ["a"],
        "small": [7, 70_000], "flag": [True], "day": [datetime.date(2024, 2, 29), datetime.datetime(2024, 2, 29)], "key": [uuid.UUID(int=0)],
        "moment": [datetime.datetime(2024, 2, 29, 12, 30, 15, 123_456), datetime.date(1, 1, 1), "2024-02-29T12:30:15.123456"],
        "instant": [datetime.datetime(2000, 1, 1, tzinfo=datetime.timezone.utc), "2000-01-01 +00", "2000-01-01T00:00:00Z"],
        "clock": [datetime.time(12)], "raw": [b"a"], "exact": [decimal.Decimal("1.5"), 0], "words": [[" "], []],
    }  # fmt: skip
    for binary in ["%t", "%b"]:
        for column, tried in found.items():
            for value in tried:
                # In binary a str is a text, and no moment is equal to one.
                if binary == "%b" and isinstance(value, str) and column != "label":
                    continue
                sql = f"SELECT id FROM shop.kinds WHERE {column} = {binary} ORDER BY id"
                attempt(f"{column} = {value!r} {binary}", lambda: connection.execute(sql, [value]).fetchone())
                connection.rollback()
    for sql, arguments in {
        "SELECT id FROM kinds WHERE id = ANY(%s) ORDER BY id": [[1, 3, 99]],
        "SELECT order_id FROM orders WHERE note LIKE %s AND amount BETWEEN %s AND %s ORDER BY 1 LIMIT %s OFFSET %s": ["note 1%", 1, 50.5, 3, 1],
        "SELECT %s::int + 1, %s::text || 'x', coalesce(%s, 5), %s::date + 1": [1, "a", None, "2024-02-28"],
        "SELECT count(*) FROM orders WHERE placed >= %s AND placed < %s": [datetime.datetime(2024, 1, 1), datetime.date(2024, 1, 2)],
        "SELECT relname FROM pg_class WHERE oid = %s::regclass": ["shop.orders"],
        "SELECT %s": ["unknown"],
    }.items():
        attempt(sql, lambda: connection.execute(sql, arguments).fetchall())
        connection.rollback()


def numerics(connection):
    """Each with its own digits: written into the statement, as text and in binary, prepared or not."""
    values = [decimal.Decimal(text) for text in ["1.50", "5", "-0.001", "3.141592653589793238462643383279", "12345678901234567890.123456789"]]
    for value in values:
        for mark in ["%t", "%b"]:
            for prepare in [False, True]:
                for sql in ["SELECT {}", "SELECT {}::numeric + 1", "SELECT {}::numeric * 2.0", "SELECT round({}, 2)", "SELECT {}::numeric(30,5)"]:
                    statement = sql.format(mark)
                    attempt(f"{statement} {value} {prepare}", lambda: connection.execute(statement, [value], prepare=prepare).fetchall())
                    connection.rollback()
    with psycopg.ClientCursor(connection) as cursor:
        attempt("in the statement", lambda: cursor.execute("SELECT %s, %s::numeric, %s * 2", [values[0], values[3], values[4]]).fetchall())
    connection.rollback()


def arrays(connection):
    utc = datetime.timezone.utc
    found = {
        "bool": ("flag", [True, False]), "int2": ("small", [7, -(2**15)]), "int4": ("whole", [70_000, 0]), "int8": ("large", [7_000_000_000]),
        "float8": ("ratio", [0.1, float("inf")]), "numeric": ("price", [decimal.Decimal("12.50"), decimal.Decimal("99999999.99")]),
        "text": ("label", ["a", "", "NULL", 'a,"b\\']), "bytea": ("raw", [b"a", b""]), "uuid": ("key", [uuid.UUID(int=0)]),
        "date": ("day", [datetime.date(2024, 2, 29), datetime.date(1, 1, 1)]), "time": ("clock", [datetime.time(12)]),
        "timestamp": ("moment", [datetime.datetime(2024, 2, 29, 12, 30, 15, 123_456)]),
        "timestamptz": ("instant", [datetime.datetime(2000, 1, 1, tzinfo=utc), datetime.datetime(1900, 1, 1, tzinfo=utc)]),
        "oid": (None, [16, 4_294_967_295]), "name": (None, ["a"]), "json": (None, [Json({"a": [1]})]), "jsonb": (None, [Jsonb({"a": [1]}), None]),
        "interval": (None, [datetime.timedelta(days=1, seconds=5)]),
    }  # fmt: skip
    for binary in [False, True]:
        mark = "%b" if binary else "%t"
        for kind, (column, elements) in found.items():
            for array in [elements, [*elements, None], []]:
                statements = [] if kind == "numeric" else [f"SELECT {mark}::{kind}[]"]
                if column:
                    statements += [f"SELECT id FROM shop.kinds WHERE {column} = ANY({mark}::{kind}[]) ORDER BY id"]
                    statements += [f"SELECT array_agg({column} ORDER BY id) FROM shop.kinds WHERE {column} = ANY({mark})"] if array == elements else []
                for sql in statements:
                    attempt(f"{sql} {len(array)}", lambda: connection.execute(sql, [array], binary=binary).fetchall())
                    connection.rollback()
        for sql, arguments in {
            f"SELECT {mark}::int[], array_dims({mark}::int[])": [[[1, 2], [3, 4]], [[1], [2]]],
            f"SELECT unnest({mark}::text[])": [[["a", "b"], ["c d", None]]],
            "SELECT ARRAY[[1, 2], [3, 4]], '{{a,b},{NULL,\"c d\"}}'::text[], ARRAY[[1.5::float8]]": [],
            "SELECT array_agg(oid ORDER BY oid), array_agg(typname ORDER BY oid), max(oid) FROM pg_type WHERE oid < 20": [],
        }.items():
            attempt(sql, lambda: connection.execute(sql, arguments, binary=binary).fetchall())
            connection.rollback()


def cursors(connection):
    query = "SELECT number, payload FROM shop.events WHERE number >= %s ORDER BY number"
    for binary in [False, True]:
        with connection.transaction(), connection.cursor(f"one {binary}", binary=binary) as cursor:
            cursor.itersize = 7_000
            cursor.execute(query, [10])
            say("described", [(column.name, column.type_code) for column in cursor.description])
            say("by cursor", sum(number for number, _ in cursor))
    with connection.transaction(), connection.cursor("scrolled", scrollable=True) as cursor:
        cursor.execute(query, [0])
        say("first", cursor.fetchone(), cursor.fetchmany(2))
        cursor.scroll(20_000, mode="absolute")
        say("absolute", cursor.fetchone())
        cursor.scroll(-3)
        say("relative", cursor.fetchone(), cursor.rownumber)
    held = connection.cursor("held", withhold=True)
    held.execute("SELECT number FROM shop.events WHERE number < %s ORDER BY number DESC", [100])
    connection.commit()
    say("held", held.fetchmany(3))
    held.close()
    connection.commit()


def pipelines(connection):
    with connection.pipeline():
        cursors = [connection.execute("SELECT %s::int * 2", [number]) for number in range(20)]
        say("pipeline", [cursor.fetchone()[0] for cursor in cursors])
    connection.commit()
    try:
        with connection.pipeline() as pipeline:
            connection.execute("SELECT 1")
            failing = connection.execute("SELECT * FROM nothing WHERE 1 = %s", [1])
            skipped = connection.execute("SELECT 2")
            pipeline.sync()
            say("not reached", failing.fetchone(), skipped.fetchone())
    except psycopg.Error as error:
        say("pipeline", type(error).__name__, error.sqlstate)
    connection.rollback()
    cursor = connection.cursor()
    cursor.executemany("SELECT count(*) FROM orders WHERE customer_id = %s", [(number,) for number in range(5)], returning=True)
    counts = [cursor.fetchone()]
    while cursor.nextset():
        counts.append(cursor.fetchone())
    say("many", counts)
    cursor = connection.execute("SELECT 1 AS a; SELECT 2 AS b, 3; SET application_name TO 'x y'; SELECT 4 WHERE false")
    say("first of four", cursor.fetchall(), cursor.statusmessage)
    while cursor.nextset():
        say("next", cursor.statusmessage, cursor.fetchall() if cursor.description else None)
    connection.commit()


def prepared(connection):
    for number in range(9):
        rows = connection.execute("SELECT order_id, line FROM orders WHERE customer_id = %s ORDER BY 1, 2 LIMIT 2", [number]).fetchall()
        say("run", number, rows)
    names = connection.execute("SELECT count(*) FROM pg_prepared_statements WHERE name LIKE '\\_pg3%'").fetchall()
    say("prepared", names)
    connection.commit()
    connection.execute("SELECT %s::text", ["at once"], prepare=True)
    connection.execute("DEALLOCATE ALL")
    connection.prepare_max = 2
    for number in range(6):
        connection.execute(f"SELECT {number}", prepare=True)
    connection.commit()


def copies(connection):
    for sql in [
        "COPY (SELECT * FROM shop.kinds ORDER BY id) TO STDOUT",
        "COPY shop.customers TO STDOUT (FORMAT csv, HEADER true, NULL 'none')",
        "COPY (SELECT * FROM shop.kinds ORDER BY id) TO STDOUT (FORMAT BINARY)",
    ]:
        with connection.cursor().copy(sql) as copy:
            say(sql, b"".join(copy))
    with connection.cursor().copy("COPY (SELECT * FROM shop.events WHERE number < %s) TO STDOUT (FORMAT BINARY)", [500]) as copy:
        copy.set_types(["int8", "text", "float8"])
        say("rows", sum(row[0] for row in copy.rows()))
    with connection.cursor().copy("COPY shop.events TO STDOUT") as copy:
        say("large", sum(len(block) for block in copy))
    connection.commit()
    # Who stops reading in the middle: psycopg cancels the statement.
    with psycopg.connect(DSN) as other:
        try:
            with other.cursor().copy("COPY shop.events TO STDOUT") as copy:
                copy.read()
                raise KeyError("enough")
        except KeyError:
            other.rollback()
        say("after a copy that was left", other.execute("SELECT 1").fetchall())


def transactions(connection):
    with connection.transaction():
        try:
            with connection.transaction():
                connection.execute("SELECT * FROM nothing")
        except psycopg.Error as error:
            say("inner", error.sqlstate, error.diag.message_primary, error.diag.statement_position, error.diag.severity)
        say("outer goes on", connection.execute("SELECT 1").fetchall())
        with connection.transaction("named"):
            connection.execute("SELECT 1")
    connection.isolation_level = psycopg.IsolationLevel.REPEATABLE_READ
    connection.read_only = True
    say("levels", connection.execute("SELECT current_setting('transaction_isolation'), current_setting('transaction_read_only')").fetchall())
    connection.rollback()
    connection.isolation_level = connection.read_only = None
    info = connection.info
    say("about", info.server_version // 10_000, info.encoding, info.dbname, info.user, info.transaction_status.name)
    for name in ["DateStyle", "TimeZone", "IntervalStyle", "integer_datetimes", "is_superuser", "session_authorization", "in_hot_standby"]:
        say(name, info.parameter_status(name))


def cancelled(connection):
    for cancel in [connection.cancel, connection.cancel_safe]:
        timer = threading.Timer(0.3, cancel)
        timer.start()
        attempt("cancelled", lambda: connection.execute("SELECT count(*) FROM events a, events b, events c WHERE a.ratio + b.ratio < c.ratio"))
        timer.join()
        connection.rollback()


def pooled():
    with ConnectionPool(DSN, min_size=1, max_size=2, check=ConnectionPool.check_connection, reset=lambda c: c.execute("DISCARD ALL"),
                        configure=lambda c: c.set_autocommit(True)) as pool:  # fmt: skip
        for number in range(5):
            with pool.connection() as connection:
                say("pooled", connection.execute("SELECT count(*) + %s FROM orders", [number]).fetchall())


with psycopg.connect(DSN) as connection:
    for topic in [values, arrays, parameters, numerics, cursors, pipelines, prepared, copies, transactions, cancelled]:
        try:
            topic(connection)
        except psycopg.Error as error:
            say(topic.__name__, type(error).__name__, error.sqlstate, str(error))
            connection.rollback()
pooled()
