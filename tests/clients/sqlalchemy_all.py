"""SQLAlchemy: reflection of all there is through each of its drivers, streams, expressions, errors; and pandas on top of it."""

import sys

import pandas
import sqlalchemy as sa
from sqlalchemy import exc

from observe import DATABASE, PORT, say, say_all

DRIVER = sys.argv[3]
engine = sa.create_engine(f"postgresql+{DRIVER}://test@127.0.0.1:{PORT}/{DATABASE}", isolation_level="AUTOCOMMIT")


def attempt(topic, run):
    try:
        say(topic, run())
    except exc.SQLAlchemyError as error:
        say(topic, type(error).__name__, str(error).partition("\n")[0])


def reflection():
    inspector = sa.inspect(engine)
    say("version", engine.dialect.server_version_info[0], engine.dialect.default_schema_name)
    attempt("schemas", lambda: sorted(inspector.get_schema_names()))
    for schema in ["shop", None]:
        for ask in ["get_table_names", "get_view_names", "get_materialized_view_names", "get_foreign_table_names", "get_sequence_names",
                    "get_temp_table_names", "get_temp_view_names", "get_enums", "get_domains"]:  # fmt: skip
            arguments = {} if "temp" in ask else {"schema": schema}
            attempt(f"{ask} {schema}", lambda: sorted(getattr(inspector, ask)(**arguments)))
        for ask in ["get_multi_columns", "get_multi_pk_constraint", "get_multi_foreign_keys", "get_multi_indexes", "get_multi_unique_constraints",
                    "get_multi_check_constraints", "get_multi_table_comment", "get_multi_table_options"]:  # fmt: skip
            attempt(f"{ask} {schema}", lambda: sorted(getattr(inspector, ask)(schema=schema, kind=sa.engine.reflection.ObjectKind.ANY).items(), key=repr))
    for table in ["kinds", "orders", "customers", "Mixed Case", "by_country", "more_kinds"]:
        for ask in ["get_columns", "get_pk_constraint", "get_foreign_keys", "get_indexes", "get_unique_constraints", "get_check_constraints",
                    "get_table_comment", "has_table", "get_table_oid"]:  # fmt: skip
            if ask == "get_table_oid":
                say(ask, table, inspector.get_table_oid(table, schema="shop") > 0)
                continue
            attempt(f"{ask} {table}", lambda: getattr(inspector, ask)(table, schema="shop"))
    attempt("has no table", lambda: inspector.has_table("nothing", schema="shop"))
    attempt("no table", lambda: inspector.get_columns("nothing", schema="shop"))
    attempt("has_schema", lambda: (inspector.has_schema("shop"), inspector.has_schema("nothing")))
    # The view's text is each server's own way to write it.
    say("view", bool(inspector.get_view_definition("by_country", schema="shop")))
    metadata = sa.MetaData()
    metadata.reflect(engine, schema="shop", views=True)
    for name, table in sorted(metadata.tables.items()):
        say(f"reflected {name}", str(sa.schema.CreateTable(table).compile(engine)), table.comment)
    return metadata


def queries(metadata):
    orders, customers = metadata.tables["shop.orders"], metadata.tables["shop.customers"]
    with engine.connect() as connection:
        for name, table in sorted(metadata.tables.items()):
            if name != "shop.events":
                rows = connection.execute(sa.select(table)).fetchall()
                say_all(f"rows {name}", sorted(map(tuple, rows), key=repr))
        join = orders.join(customers, orders.c.customer_id == customers.c.customer_id)
        query = (
            sa.select(customers.c.country, sa.func.count().label("n"), sa.func.sum(orders.c.amount), sa.func.max(orders.c.placed))
            .select_from(join)
            .where(orders.c.note.ilike("%NOTE%"), customers.c.country.in_(["BR", "DE"]), orders.c.amount.between(1, 50))
            .group_by(customers.c.country).order_by(sa.desc("n"), customers.c.country).limit(5).offset(0)
        )  # fmt: skip
        attempt("query", lambda: connection.execute(query).fetchall())
        month = sa.func.date_trunc("month", orders.c.placed)
        query = sa.select(month, sa.extract("year", orders.c.placed), sa.cast(orders.c.order_id, sa.String)).order_by(orders.c.order_id, orders.c.line).limit(2)
        attempt("functions", lambda: connection.execute(query).fetchall())
        query = sa.text("SELECT count(*) FROM shop.orders WHERE amount > :least AND note LIKE 'note%'")
        attempt("text", lambda: connection.execute(query, {"least": 10}).scalar_one())
        ranked = sa.select(orders.c.order_id, sa.func.row_number().over(partition_by=orders.c.customer_id, order_by=orders.c.placed).label("rank")).subquery()
        attempt("window", lambda: connection.execute(sa.select(sa.func.count()).where(ranked.c.rank == 1)).scalar_one())
        attempt("exists", lambda: connection.execute(sa.select(sa.exists().where(orders.c.amount > 20))).scalar_one())
        attempt("error", lambda: connection.execute(sa.text("SELECT * FROM nothing")).fetchall())


def streams(metadata):
    events = metadata.tables["shop.events"]
    transactional = engine.execution_options(isolation_level="READ COMMITTED")
    with transactional.connect() as connection, connection.begin():
        result = connection.execution_options(stream_results=True, max_row_buffer=2_000).execute(sa.select(events.c.number))
        say("streamed", sum(number for (number,) in result))
        result = connection.execution_options(yield_per=5_000).execute(sa.select(events.c.payload))
        say("in partitions", [len(part) for part in result.partitions()])
    with transactional.connect() as connection, connection.begin():
        try:
            with connection.begin_nested():
                connection.execute(sa.text("SELECT * FROM nothing"))
        except exc.ProgrammingError as error:
            say("nested", str(error).partition("\n")[0])
        with connection.begin_nested():
            say("nested", connection.execute(sa.text("SELECT 1")).scalar_one())
    frame = pandas.read_sql("SELECT * FROM shop.orders ORDER BY order_id, line", engine)
    say("pandas", frame.dtypes.astype(str).to_dict(), frame.shape, frame.head(3).to_dict("records"))
    frame = pandas.read_sql_table("Mixed Case", engine, schema="shop")
    say("pandas, a table", frame.to_dict("records"))
    with transactional.connect().execution_options(stream_results=True) as connection:
        chunks = pandas.read_sql("SELECT number, ratio FROM shop.events", connection, chunksize=8_000)
        say("pandas, in chunks", [(len(chunk), int(chunk.number.sum())) for chunk in chunks])
    frame = pandas.read_sql(sa.text("SELECT country, sum(amount) FROM shop.orders JOIN shop.customers USING (customer_id) WHERE line = :line GROUP BY 1 ORDER BY 1"), engine, params={"line": 1})
    say("pandas, with a parameter", frame.to_dict("list"))


metadata = reflection()
queries(metadata)
streams(metadata)
engine.dispose()
