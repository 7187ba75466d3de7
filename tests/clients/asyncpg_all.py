"""asyncpg: types in binary, arrays of each, parameters, cursors, COPY, prepared statements, pool with reset."""

import asyncio
import datetime
import decimal
import io
import uuid

import asyncpg

from observe import DATABASE, PORT, failure, say, say_all

TABLES = ["kinds", "customers", "orders", "Mixed Case", "by_country", "more_kinds"]
UTC = datetime.timezone.utc
# Of each type the column of kinds that has it, and elements of an array.
ARRAYS = {
    "bool": ("flag", [True, None, False]), "int2": ("small", [7, None, -(2**15)]), "int4": ("whole", [70_000, 0, None]),
    "int8": ("large", [7_000_000_000, -(2**63)]), "float4": ("single", [0.5, float("inf")]), "float8": ("ratio", [0.1, float("nan"), None]),
    "numeric": ("price", [decimal.Decimal("12.50"), decimal.Decimal("99999999.99")]), "text": ("label", ["a", "", None, "NULL", 'a,"b\\']),
    "varchar": ("label", ["a", "ä"]), "bytea": ("raw", [b"a", b"", None]), "date": ("day", [datetime.date(2024, 2, 29), datetime.date(1, 1, 1)]),
    "uuid": ("key", [uuid.UUID(int=0), None]), "time": ("clock", [datetime.time(12), datetime.time(0)]),
    "timestamp": ("moment", [datetime.datetime(2024, 2, 29, 12, 30, 15, 123_456), None]),
    "timestamptz": ("instant", [datetime.datetime(2000, 1, 1, tzinfo=UTC), datetime.datetime(1900, 1, 1, tzinfo=UTC)]),
    "oid": (None, [16, 4_294_967_295]), "name": (None, ["a", None]), "json": (None, ['{"a": [1]}', "null"]), "jsonb": (None, ['{"a": [1]}', None]),
    "interval": (None, [datetime.timedelta(days=1, seconds=5), None]), '"char"': (None, [b"x"]),
}  # fmt: skip
WHERE = {"host": "127.0.0.1", "port": PORT, "user": "test", "database": DATABASE, "ssl": False}


async def attempt(topic, run):
    try:
        say(topic, await run())
    except Exception as error:
        say(topic, failure(error))


async def values(connection):
    for table in TABLES:
        statement = await connection.prepare(f'SELECT * FROM shop."{table}"')
        for attribute in statement.get_attributes():
            say(f"described {table}", attribute.name, attribute.type)
        rows = await statement.fetch()
        say_all(f"rows {table}", sorted((tuple(row.values()) for row in rows), key=repr))


async def arrays(connection):
    for kind, (column, elements) in ARRAYS.items():
        # A numeric that no column's type rounds has other digits in a lake.
        statements = {} if kind == "numeric" else {f"SELECT $1::{kind}[]": elements, f"SELECT ($1::{kind}[])[2], cardinality($1)": elements}
        statements[f"SELECT array_agg(x::{kind}), ARRAY[NULL::{kind}] FROM unnest($1::{kind}[]) x WHERE false"] = elements
        if column:
            statements[f"SELECT id FROM shop.kinds WHERE {column} = ANY($1) ORDER BY id"] = elements
            statements[f"SELECT array_agg({column} ORDER BY id) FROM shop.kinds WHERE {column} <> ALL($1)"] = [one for one in elements if one is not None]
        for sql, array in statements.items():
            statement = await connection.prepare(sql)
            say(sql, [one.name for one in statement.get_parameters()], [one.type.name for one in statement.get_attributes()])
            await attempt(sql, lambda: statement.fetch(array))
    for column in ["flags", "wholes", "larges", "ratios", "words", "days"]:
        found = await connection.fetchval(f"SELECT {column} FROM shop.kinds WHERE id = 3")
        await attempt(column, lambda: connection.fetch(f"SELECT id FROM shop.kinds WHERE {column} = $1", found))
    for sql, arguments in {
        "SELECT ARRAY[[1, 2], [3, 4]], '{{a,b},{NULL,\"c d\"}}'::text[]": [],
        "SELECT $1::int[], array_dims($1::int[]), array_length($1::int[], 2), ($1::int[])[2][1], ($1::int[])[1:1], 4 = ANY($1::int[])": [[[1, 2], [3, 4]]],
        "SELECT array_agg(x) FROM unnest($1::date[]) x": [[[datetime.date(2024, 1, 1)], [datetime.date(2024, 1, 2)]]],
        "SELECT ARRAY[[1, 2], [3]]": [],
        "SELECT array_agg(oid ORDER BY oid), array_agg(typname ORDER BY oid) FROM pg_type WHERE oid = ANY($1)": [[16, 23, 25]],
        "SELECT ARRAY(SELECT oid FROM pg_type WHERE oid < 20 ORDER BY oid)": [],
    }.items():
        await attempt(sql, lambda: connection.fetch(sql, *arguments))


async def parameters(connection):
    found = {
        "whole": 70_000, "large": 7_000_000_000, "price": decimal.Decimal("12.50"), "ratio": 0.1, "label": "a", "flag": True, "small": 7,
        "day": datetime.date(2024, 2, 29), "moment": datetime.datetime(2024, 2, 29, 12, 30, 15, 123_456), "clock": datetime.time(12),
        "instant": datetime.datetime(2000, 1, 1, tzinfo=datetime.timezone.utc), "key": uuid.UUID(int=0), "raw": b"a",
        "exact": decimal.Decimal("1.5"), "words": [" "],
    }  # fmt: skip
    for column, value in found.items():
        sql = f"SELECT id FROM shop.kinds WHERE {column} = $1 ORDER BY id"
        statement = await connection.prepare(sql)
        say(f"parameter {column}", [kind.name for kind in statement.get_parameters()], await statement.fetchval(value))
    for sql, arguments in {
        "SELECT name FROM customers WHERE country = ANY($1) ORDER BY 1 LIMIT $2 OFFSET $3": [["BR", "JP"], 3, 1],
        "SELECT order_id FROM orders WHERE note LIKE $1 AND amount BETWEEN $2 AND $3 ORDER BY 1, line": ["note 1_", 1, 50],
        "SELECT order_id FROM orders WHERE placed >= $1 AND customer_id IN ($2, $3) ORDER BY 1, line": [datetime.datetime(2024, 1, 1, tzinfo=datetime.timezone.utc), 1, 2],
        "SELECT $1::int + 1, $2::text || 'x', $3::date + 1, $4::interval * 2": [1, "a", datetime.date(2024, 2, 28), datetime.timedelta(days=1)],
        "SELECT $1": ["text"],
        "SELECT coalesce(note, $1) FROM orders WHERE order_id = $2 AND line = $3": ["none", 0, 1],
        "SELECT typname FROM pg_type WHERE oid = ANY($1::oid[]) ORDER BY oid": [[16, 1022]],
        "SELECT upper($1), length($2), date_trunc($3, $4::timestamp)": ["a", "bcd", "hour", datetime.datetime(2024, 1, 1, 10, 59)],
        "SELECT CASE WHEN $1 THEN $2 ELSE 'no' END": [True, "yes"],
    }.items():
        await attempt(sql, lambda: connection.fetch(sql, *arguments))
    await attempt("a value of another type", lambda: connection.fetch("SELECT id FROM kinds WHERE whole = $1", "many"))
    # Until the next statement PostgreSQL is within the implicit transaction of that one.
    say("and then", await connection.fetchval("SELECT 1"))


async def numerics(connection):
    """Numerics go in and out in binary, each with its own digits."""
    values = ["1.50", "5", "-0.001", "3.141592653589793238462643383279", "12345678901234567890.123456789", "0.00", "1E+5"]
    for sql in ["SELECT $1::numeric", "SELECT $1::numeric + 1", "SELECT $1::numeric * $1::numeric", "SELECT -$1::numeric, abs($1::numeric)", "SELECT round($1::numeric, 2)"]:
        statement = await connection.prepare(sql)
        for value in values:
            await attempt(f"{sql} {value}", lambda: statement.fetch(decimal.Decimal(value)))
    for sql, arguments in {
        "SELECT round($1, $2)": [decimal.Decimal("2.71828"), 3],
        "SELECT coalesce(amount, $1) FROM orders WHERE order_id = 0 ORDER BY line": [decimal.Decimal("0.25")],
        "SELECT amount * $1 FROM orders WHERE order_id < 3 AND amount IS NOT NULL ORDER BY order_id, line": [decimal.Decimal("1.0625")],
        "SELECT count(*) FROM orders WHERE amount > $1": [decimal.Decimal("49.999999999999999999")],
        "SELECT $1::numeric / $2::numeric": [decimal.Decimal("1"), decimal.Decimal("3")],
        "SELECT $1::numeric IS NULL": [None],
        "SELECT avg(amount), sum(amount) / count(*) FROM orders": [],
    }.items():
        await attempt(sql, lambda: connection.fetch(sql, *arguments))


async def cursors(connection):
    async with connection.transaction(isolation="repeatable_read", readonly=True):
        total = 0
        async for row in connection.cursor("SELECT number FROM shop.events WHERE number >= $1", 10, prefetch=5_000):
            total += row["number"]
        say("by portal", total)
        cursor = await connection.cursor("SELECT number FROM shop.events ORDER BY 1")
        say("fetched", await cursor.fetch(3))
        say("forward", await cursor.forward(10_000))
        say("fetched", await cursor.fetchrow())
        # Another statement while a portal is open.
        say("between", await connection.fetchval("SELECT count(*) FROM shop.orders"))
        say("fetched", await cursor.fetch(2))


async def copies(connection):
    for options in [{"format": "text"}, {"format": "csv", "header": True}, {"format": "binary"}]:
        out = io.BytesIO()
        done = await connection.copy_from_query("SELECT * FROM shop.customers WHERE customer_id > $1 ORDER BY 1", 30, output=out, **options)
        say(f"copy {options}", done, out.getvalue())
    out = io.BytesIO()
    say("copy a table", await connection.copy_from_table("customers", schema_name="shop", columns=["name"], output=out), len(out.getvalue()))


async def transactions(connection):
    async with connection.transaction():
        try:
            async with connection.transaction():
                await connection.fetch("SELECT * FROM nothing")
        except asyncpg.PostgresError as error:
            say("inner", error.sqlstate, error.message, error.position, error.severity)
        say("outer goes on", await connection.fetchval("SELECT 1"))
    say("settings", connection.get_settings().client_encoding, connection.get_server_version().major)
    await attempt("several statements", lambda: connection.execute("SET application_name = 'a b'; SELECT 1; SELECT 2"))
    await attempt("many", lambda: connection.executemany("SELECT $1::int", [(1,), (2,)]))
    # Prepared before: where the time ends between two messages of a fetch, asyncpg cancels nothing and waits on.
    endless = await connection.prepare("SELECT count(*) FROM events a, events b, events c WHERE a.ratio + b.ratio < c.ratio")
    await attempt("timeout", lambda: endless.fetch(timeout=0.5))
    say("and then", await connection.fetchval("SELECT 1"))


async def pooled():
    async with asyncpg.create_pool(**WHERE, min_size=1, max_size=2) as pool:
        for number in range(4):
            async with pool.acquire() as connection:
                say("pooled", await connection.fetchval("SELECT count(*) + $1::int FROM orders", number))
                await connection.execute("SET application_name = 'pooled'")
        say("reset", await pool.fetchval("SHOW application_name"))
        counts = await asyncio.gather(*(pool.fetchval("SELECT count(*) FROM kinds") for _ in range(6)))
        say("at once", counts)


async def main():
    connection = await asyncpg.connect(**WHERE)
    for topic in [values, arrays, parameters, numerics, cursors, copies, transactions]:
        try:
            await topic(connection)
        except asyncpg.PostgresError as error:
            say(topic.__name__, failure(error))
    await connection.close()
    await pooled()


asyncio.run(main())
