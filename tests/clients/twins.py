"""Makes two databases that a client must not be able to tell apart: a lake, and its twin in a real PostgreSQL.

Arguments: a new folder for the lake, the host and port of the PostgreSQL, and the name of the database to make there.
"""

import datetime
import decimal
import pathlib
import sys
import uuid

import psycopg
import pyarrow as pa
import pyarrow.parquet as pq
from psycopg import sql

UTC = datetime.timezone.utc
Decimal = decimal.Decimal

# Of each table its columns: name, PostgreSQL's type, Arrow's, and whether it may be NULL.
TABLES = {
    "kinds": [
        ("id", "int4", pa.int32(), False),
        ("flag", "bool", pa.bool_(), True),
        ("small", "int2", pa.int16(), True),
        ("whole", "int4", pa.int32(), True),
        ("large", "int8", pa.int64(), True),
        ("single", "float4", pa.float32(), True),
        ("ratio", "float8", pa.float64(), True),
        ("price", "numeric(10,2)", pa.decimal128(10, 2), True),
        ("exact", "numeric(38,18)", pa.decimal128(38, 18), True),
        ("label", "text", pa.string(), True),
        ("raw", "bytea", pa.binary(), True),
        ("key", "uuid", pa.uuid(), True),
        ("day", "date", pa.date32(), True),
        ("clock", "time", pa.time64("us"), True),
        ("moment", "timestamp", pa.timestamp("us"), True),
        ("instant", "timestamptz", pa.timestamp("us", tz="UTC"), True),
        ("flags", "bool[]", pa.list_(pa.bool_()), True),
        ("wholes", "int4[]", pa.list_(pa.int32()), True),
        ("larges", "int8[]", pa.list_(pa.int64()), True),
        ("ratios", "float8[]", pa.list_(pa.float64()), True),
        ("words", "text[]", pa.list_(pa.string()), True),
        ("days", "date[]", pa.list_(pa.date32()), True),
    ],
    "customers": [
        ("customer_id", "int8", pa.int64(), False),
        ("name", "text", pa.string(), False),
        ("country", "text", pa.string(), True),
    ],
    "orders": [
        ("order_id", "int8", pa.int64(), False),
        ("line", "int2", pa.int16(), False),
        ("customer_id", "int8", pa.int64(), False),
        ("placed", "timestamptz", pa.timestamp("us", tz="UTC"), False),
        ("amount", "numeric(10,2)", pa.decimal128(10, 2), True),
        ("note", "text", pa.string(), True),
    ],
    "Mixed Case": [
        ("Id", "int4", pa.int32(), False),
        ("Größe in m", "float8", pa.float64(), True),
        ('the "quoted"', "text", pa.string(), True),
        ("select", "text", pa.string(), True),
    ],
    "events": [
        ("number", "int8", pa.int64(), False),
        ("payload", "text", pa.string(), True),
        ("ratio", "float8", pa.float64(), True),
    ],
}

BIG = 30_000
# Of each table a comment, and of some of its columns.
COMMENTS = {
    "orders": ("One row for each line of an order", {"amount": "In euro, with tax", "placed": "When it came in"}),
    "Mixed Case": ("Names that need quotes", {"Größe in m": "It's a size"}),
}
# Of each table its keys: as the lake's config declares them, and as PostgreSQL does.
KEYS = {
    "customers": ('primary_key = ["customer_id"]\nunique = [["name"]]', ["PRIMARY KEY (customer_id)", "UNIQUE (name)"]),
    "orders": (
        'primary_key = ["order_id", "line"]\nforeign_keys = [{ columns = ["customer_id"], references = "shop.customers" }]',
        ["PRIMARY KEY (order_id, line)", "FOREIGN KEY (customer_id) REFERENCES shop.customers"],
    ),
    "Mixed Case": ('primary_key = ["Id"]', ['PRIMARY KEY ("Id")']),
}
SCHEMA_COMMENT = "A shop's customers and what they ordered"

VIEWS = {
    "by_country": "SELECT country, count(*) AS orders, sum(amount)::numeric(12,2) AS amount FROM orders JOIN customers"
    " USING (customer_id) GROUP BY country",
    "more_kinds": "SELECT interval '1 year 2 mons -3 days 04:05:06.789' AS span, '{\"a\": [1, 2]}'::json AS doc,"
    " 'abc'::varchar(10) AS code, 'now'::name AS given, 42::oid AS number, 'x'::\"char\" AS letter",
}


def rows(table):
    if table == "kinds":
        nan, infinity = float("nan"), float("inf")
        full = [1, True, 7, 70_000, 7_000_000_000, 0.1, 0.1, Decimal("12.50"), Decimal("3.141592653589793238")]
        full += ["Ünïcode, \"quoted\"\ttab\nline\\", bytes(range(256)), uuid.UUID("a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11")]
        full += [datetime.date(2024, 2, 29), datetime.time(23, 59, 59, 999_999)]
        full += [datetime.datetime(2024, 2, 29, 12, 30, 15, 123_456), datetime.datetime(2024, 2, 29, 12, 30, 15, 120_000, UTC)]
        full += [[True, None, False], [1, None, -1], [2**62, 0], [1.5, nan, None], ["a,b", 'q"', None, "", "NULL"]]
        full += [[datetime.date(1999, 12, 31), None]]
        low = [2, False, -(2**15), -(2**31), -(2**63), -infinity, -infinity, Decimal("-99999999.99")]
        low += [Decimal("-12345678901234567890.123456789012345678"), "", b"", uuid.UUID(int=0), datetime.date(1, 1, 1)]
        low += [datetime.time(0), datetime.datetime(1, 1, 1), datetime.datetime(1900, 1, 1, tzinfo=UTC)]
        low += [[], [], [], [], [], []]
        high = [3, True, 2**15 - 1, 2**31 - 1, 2**63 - 1, infinity, 1.7976931348623157e308, Decimal("99999999.99")]
        high += [Decimal("0.000000000000000001"), "x" * 3000, b"\\x'\0", uuid.UUID(int=2**128 - 1), datetime.date(9999, 12, 31)]
        high += [datetime.time(12), datetime.datetime(9999, 12, 31, 23, 59, 59, 999_999)]
        high += [datetime.datetime(9999, 12, 30, 23, 59, 59, tzinfo=UTC)]
        high += [[None], [2**31 - 1], [-(2**63)], [-infinity, 5e-324], ["{}", "\\", "ä"], [datetime.date(2000, 1, 1)]]
        odd = [4, None, 0, 0, 0, nan, nan, Decimal("0.00"), Decimal(0), "NULL", b"\0", None, datetime.date(1970, 1, 1)]
        odd += [datetime.time(0, 0, 1), datetime.datetime(1969, 12, 31, 23, 59, 59), datetime.datetime(2000, 1, 1, tzinfo=UTC)]
        odd += [None, [0], None, [0.0, -0.0], [" "], None]
        tiny = [6, False, 1, 1, 1, 1e-45, 5e-324, Decimal("0.01"), Decimal("1.5"), "a", b"a", None, None, None, None, None]
        tiny += [None] * 6
        return [full, low, high, odd, [5] + [None] * 21, tiny]
    if table == "customers":
        return [(number, f"Customer {number}", [None, "BR", "DE", "JP"][number % 4]) for number in range(1, 41)]
    if table == "orders":
        start = datetime.datetime(2024, 1, 1, tzinfo=UTC)
        return [
            (number // 2, number % 2 + 1, number % 40 + 1, start + datetime.timedelta(minutes=7 * number),
             None if number % 11 == 0 else Decimal(number * 37 % 10_007) / 100, f"note {number}" if number % 3 else None)
            for number in range(120)
        ]  # fmt: skip
    if table == "Mixed Case":
        return [(1, 1.5, "one", "a"), (2, None, 'the "two"', None)]
    return [(number, None if number % 97 == 0 else f"event {number}", number / 7) for number in range(BIG)]


def quoted(name):
    return '"' + name.replace('"', '\\"') + '"'


def make_lake(folder):
    config = ['views = "views"', "[postgres]", 'search_path = "shop, public"', "[stores.lake.local]", 'folder = "lake"']
    config += ["[schemas.shop]", 'from = "lake/shop/"', f'description = "{SCHEMA_COMMENT}"']
    for table, (declared, _) in KEYS.items():
        config += [f'[tables."shop.{table}"]', declared]
        if table in COMMENTS:
            comment, columns = COMMENTS[table]
            texts = ", ".join(f'{quoted(name)} = "{text}"' for name, text in columns.items())
            config += [f'description = "{comment}"', f"columns = {{ {texts} }}"]
    (folder / "lake/shop").mkdir(parents=True)
    (folder / "views/shop").mkdir(parents=True)
    (folder / "lakeport.toml").write_text("\n".join(config) + "\n")
    for name, text in VIEWS.items():
        (folder / f"views/shop/{name}.sql").write_text(text + "\n")
    for table, columns in TABLES.items():
        schema = pa.schema([pa.field(name, kind, nullable) for name, _, kind, nullable in columns])
        arrays = [pa.array([row[index] for row in rows(table)], field.type) for index, field in enumerate(schema)]
        # Several row groups, so that a large table is read in parts.
        pq.write_table(pa.Table.from_arrays(arrays, schema=schema), folder / f"lake/shop/{table}.parquet", row_group_size=8_000)


def make_twin(host, port, database):
    with psycopg.connect(host=host, port=port, user="postgres", dbname="postgres", autocommit=True) as connection:
        connection.execute(sql.SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)").format(sql.Identifier(database)))
        connection.execute(sql.SQL("CREATE DATABASE {} TEMPLATE template0").format(sql.Identifier(database)))
        if not connection.execute("SELECT 1 FROM pg_roles WHERE rolname = 'test'").fetchone():
            connection.execute("CREATE ROLE test LOGIN SUPERUSER")
            # Whom the tables of a lake belong to.
            connection.execute("CREATE ROLE lakeport")
        for setting in ["search_path = shop, public", "TimeZone = 'UTC'"]:
            connection.execute(sql.SQL("ALTER DATABASE {} SET {}").format(sql.Identifier(database), sql.SQL(setting)))
    with psycopg.connect(host=host, port=port, user="test", dbname=database, autocommit=True) as connection:
        connection.execute("CREATE SCHEMA shop AUTHORIZATION lakeport")
        connection.execute("SET ROLE lakeport")
        comment(connection, "SCHEMA shop", SCHEMA_COMMENT)
        for table, columns in TABLES.items():
            name = sql.Identifier("shop", table)
            fields = [
                sql.SQL("{} {}" if nullable else "{} {} NOT NULL").format(sql.Identifier(column), sql.SQL(kind))
                for column, kind, _, nullable in columns
            ]
            connection.execute(sql.SQL("CREATE TABLE {} ({})").format(name, sql.SQL(", ").join(fields)))
            with connection.cursor().copy(sql.SQL("COPY {} FROM STDIN").format(name)) as copy:
                for row in rows(table):
                    copy.write_row(row)
        for table, (_, keys) in KEYS.items():
            for key in keys:
                name = sql.Identifier("shop", table).as_string(connection)
                connection.execute(f"ALTER TABLE {name} ADD {key}")
        for table, (text, columns) in COMMENTS.items():
            name = sql.Identifier("shop", table).as_string(connection)
            comment(connection, f"TABLE {name}", text)
            for column, text in columns.items():
                comment(connection, f"COLUMN {name}.{sql.Identifier(column).as_string(connection)}", text)
        for view, text in VIEWS.items():
            connection.execute(f"CREATE VIEW shop.{view} AS {text}")


def comment(connection, what, text):
    connection.execute(sql.SQL("COMMENT ON {} IS {}").format(sql.SQL(what), sql.Literal(text)))


if __name__ == "__main__":
    make_lake(pathlib.Path(sys.argv[1]))
    make_twin(*sys.argv[2:])
