"""psycopg2: every type, named cursors of each kind, COPY, errors, transactions, cancelling.

Left out, because it differs: whether pg_cursors calls a cursor scrollable that was declared with neither SCROLL nor
NO SCROLL. PostgreSQL lets that depend on the plan; here such a cursor goes forward.
"""

import io
import threading

import psycopg2
import psycopg2.extensions
import psycopg2.extras

from observe import DSN, attempt, say, say_all

TABLES = ["kinds", "customers", "orders", "Mixed Case", "by_country", "more_kinds"]


def connect():
    return psycopg2.connect(DSN, application_name="a client's <name>")


def session(connection):
    say("server", connection.server_version // 10_000, connection.encoding, connection.get_parameter_status("DateStyle"))
    connection.set_session(isolation_level="REPEATABLE READ", readonly=True)
    with connection, connection.cursor() as cursor:
        cursor.execute("SHOW transaction_isolation")
        say("isolation", cursor.fetchone())
        cursor.execute("SHOW transaction_read_only")
        say("read only", cursor.fetchone())
    connection.set_session(isolation_level="DEFAULT", readonly=False)
    connection.set_client_encoding("UTF8")
    connection.reset()
    say("state", connection.status, connection.get_transaction_status())


def values(connection):
    with connection, connection.cursor() as cursor:
        for table in TABLES:
            cursor.execute(f'SELECT * FROM shop."{table}"')
            for column in cursor.description:
                say(f"described {table}", *column)
            say_all(f"rows {table}", sorted(map(plain, cursor.fetchall()), key=repr))
        cursor.execute("SELECT id FROM kinds WHERE words = %s OR id = ANY(%s) ORDER BY 1", (["{}", "\\", "ä"], [1, 5]))
        say("parameters", cursor.fetchall())
        cursor.execute("SELECT %s, %s, %s, %s", (None, True, "it's", b"\0\xff"))
        say("constants", *map(plain, cursor.fetchall()))


def plain(row):
    return [bytes(value) if isinstance(value, memoryview) else value for value in row]


def cursors(connection):
    """What Superset, pandas and others read large answers with."""
    query = "SELECT number, payload FROM shop.events ORDER BY number"
    with connection:
        with connection.cursor("a \"name\"") as cursor:
            cursor.itersize = 5_000
            cursor.execute(query)
            say("by cursor", sum(number for number, _ in cursor))
        with connection.cursor("scrolled", scrollable=True) as cursor:
            cursor.execute(query)
            say("first", cursor.fetchone(), cursor.fetchmany(2))
            say("described", [column.name for column in cursor.description], cursor.rowcount, cursor.rownumber)
            cursor.scroll(20_000, mode="absolute")
            say("absolute", cursor.fetchone())
            cursor.scroll(-3)
            say("relative", cursor.fetchone())
            attempt("out of range", lambda: cursor.scroll(40_000))
    with connection, connection.cursor("forward", scrollable=False) as cursor:
        cursor.execute(query)
        cursor.fetchmany(10)
        attempt("backwards", lambda: cursor.scroll(-5))
    held = connection.cursor("held", withhold=True)
    held.execute("SELECT number FROM shop.events WHERE number < %s ORDER BY number DESC", (100,))
    connection.commit()
    say("held", held.fetchmany(3))
    with connection.cursor() as cursor:
        cursor.execute("SELECT name, is_holdable FROM pg_cursors ORDER BY 1")
        say("cursors", cursor.fetchall())
    connection.rollback()
    say("held still", held.fetchmany(2))
    held.close()
    connection.commit()
    with connection.cursor("gone") as cursor:
        cursor.execute("SELECT 1")
        connection.commit()
        attempt("after its transaction", cursor.fetchone)
    connection.rollback()


def copies(connection):
    with connection, connection.cursor() as cursor:
        for sql in [
            "COPY (SELECT * FROM shop.kinds ORDER BY id) TO STDOUT",
            "COPY (SELECT * FROM shop.kinds ORDER BY id) TO STDOUT WITH (FORMAT csv, HEADER)",
            "COPY shop.customers (name, customer_id) TO STDOUT WITH CSV DELIMITER ';' FORCE QUOTE name",
            "COPY (SELECT * FROM shop.kinds ORDER BY id) TO STDOUT (FORMAT binary)",
        ]:
            out = io.BytesIO()
            cursor.copy_expert(sql, out)
            say(sql, len(out.getvalue()), out.getvalue())
        out = io.StringIO()
        cursor.copy_to(out, "customers", sep="|", null="none", columns=("customer_id", "country"))
        say("copy_to", out.getvalue())


def errors(connection):
    for sql in ["SELECT * FROM nothing", "SELECT nothing FROM orders", "SELEC 1", "SELECT 1/0", "SELECT 'x'::int"]:
        try:
            with connection.cursor() as cursor:
                cursor.execute(sql)
        except psycopg2.Error as error:
            say(sql, type(error).__name__, error.pgcode, error.diag.message_primary, error.diag.statement_position if error.pgcode[:2] == "42" else None)
        say("state", connection.get_transaction_status())
        attempt("afterwards", lambda: connection.cursor().execute("SELECT 1"))
        connection.rollback()
    with connection.cursor() as cursor:
        cursor.execute("SAVEPOINT one")
        attempt("inside", lambda: connection.cursor().execute("SELECT * FROM nothing"))
        cursor.execute("ROLLBACK TO SAVEPOINT one")
        cursor.execute("SELECT 'saved'")
        say("after a savepoint", cursor.fetchone())
        cursor.execute("RELEASE SAVEPOINT one")
    connection.commit()


def cancelled(connection):
    timer = threading.Timer(0.3, connection.cancel)
    timer.start()
    attempt("cancelled", lambda: connection.cursor().execute("SELECT count(*) FROM events a, events b, events c WHERE a.ratio + b.ratio < c.ratio"))
    timer.join()
    connection.rollback()
    with connection, connection.cursor() as cursor:
        cursor.execute("SET LOCAL statement_timeout = '200ms'")
        attempt("timeout", lambda: cursor.execute("SELECT count(*) FROM events a, events b, events c WHERE a.ratio + b.ratio < c.ratio"))
    with connection, connection.cursor() as cursor:
        cursor.execute("SELECT 1; SELECT 2")
        say("the last of two", cursor.fetchall())


connection = connect()
for topic in [session, values, cursors, copies, errors, cancelled]:
    try:
        topic(connection)
    except psycopg2.Error as error:
        say(topic.__name__, type(error).__name__, error.pgcode, str(error))
        connection.rollback()
connection.close()
