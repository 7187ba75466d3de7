"""ADBC: Arrow tables read by binary COPY, parameters, and what the driver finds in the catalog."""

import adbc_driver_postgresql.dbapi
import pyarrow as pa

from observe import DATABASE, PORT, failure, say

TABLES = ["kinds", "customers", "orders", "Mixed Case", "events", "by_country", "more_kinds"]


def attempt(topic, run):
    try:
        return run()
    except adbc_driver_postgresql.dbapi.Error as error:
        say(topic, failure(error))
        return None


def show(topic, table):
    """The schema, and each column's values as Arrow has them, so that NaN and -0 count too."""
    for field in table.schema:
        say(topic, field.name, str(field.type), field.nullable)
    rows = sorted(map(repr, zip(*(column.to_pylist() for column in table.columns))))
    if len(rows) > 1_000:
        rows = [len(rows), *rows[:5], *rows[-5:]]
    for row in rows:
        say(topic, row)


def catalog(connection):
    info = connection.adbc_get_info()
    say("about", info["vendor_name"], info["vendor_version"][:2])
    say("table types", connection.adbc_get_table_types())
    for depth in ["catalogs", "db_schemas", "tables", "all"]:
        objects = connection.adbc_get_objects(depth=depth, catalog_filter=DATABASE, db_schema_filter="shop").read_all()
        for entry in objects.to_pylist():
            say(f"{depth}", entry["catalog_name"])
            for schema in entry["catalog_db_schemas"] or []:
                for table in sorted(schema["db_schema_tables"] or [], key=lambda table: table["table_name"]):
                    say(depth, schema["db_schema_name"], table["table_name"], table["table_type"])
                    for column in sorted(table["table_columns"] or [], key=lambda column: column["ordinal_position"]):
                        say(depth, table["table_name"], *(column[key] for key in sorted(column)))
                    for constraint in sorted(table["table_constraints"] or [], key=lambda constraint: constraint["constraint_name"]):
                        say(depth, table["table_name"], *(constraint[key] for key in sorted(constraint)))
    for table in TABLES:
        attempt(f"schema of {table}", lambda: say(f"schema of {table}", str(connection.adbc_get_table_schema(table, db_schema_filter="shop"))))


def values(connection):
    with connection.cursor() as cursor:
        for table in TABLES:
            for copy in [True, False]:
                cursor.adbc_statement.set_options(**{"adbc.postgresql.use_copy": "true" if copy else "false"})
                topic = f"{table} {'by copy' if copy else 'by query'}"
                attempt(topic, lambda: show(topic, cursor.execute(f'SELECT * FROM shop."{table}"').fetch_arrow_table()))
                connection.rollback()


def parameters(connection):
    with connection.cursor() as cursor:
        for sql, arguments in {
            "SELECT id FROM kinds WHERE whole = $1": (70_000,),
            "SELECT id FROM kinds WHERE small = $1": (7,),
            "SELECT order_id FROM orders WHERE note LIKE $1 AND customer_id = $2 ORDER BY 1": ("note%", 5),
            "SELECT $1::text, $2::int, $3::float8": ("a", 2, 1.5),
        }.items():
            attempt(sql, lambda: show(sql, cursor.execute(sql, arguments).fetch_arrow_table()))
        arguments = pa.record_batch([pa.array([1, 2, 3], pa.int64())], names=["1"])
        sql = "SELECT count(*) FROM orders WHERE customer_id = $1"
        attempt("several", lambda: show("several", cursor.execute(sql, arguments).fetch_arrow_table()))
        attempt("wrong", lambda: cursor.execute("SELECT * FROM nothing").fetch_arrow_table())
    connection.rollback()
    with connection.cursor() as cursor:
        attempt("after", lambda: show("after", cursor.execute("SELECT 1 AS one").fetch_arrow_table()))
        schema = attempt("schema alone", lambda: cursor.adbc_execute_schema("SELECT * FROM shop.kinds"))
        say("schema alone", str(schema))
        parts = attempt("batches", lambda: cursor.execute("SELECT number FROM shop.events").fetch_record_batch())
        say("batches", sum(sum(batch.column(0).to_pylist()) for batch in parts or []))


with adbc_driver_postgresql.dbapi.connect(f"postgresql://test@127.0.0.1:{PORT}/{DATABASE}") as connection:
    for topic in [catalog, values, parameters]:
        attempt(topic.__name__, lambda: topic(connection))
        connection.rollback()
