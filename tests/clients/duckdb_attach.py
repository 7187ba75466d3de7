"""DuckDB's postgres extension: attaches the database as one of DuckDB's, lists its tables, reads them with filters and
joins, and copies one out. DuckDB reads by COPY in binary, several statements in a message. Prints one line per step.

Arguments: the port of the server, the database, and a folder to copy into.
"""

import os
import sys

import duckdb
import duckdb_extension_postgres_scanner as packaged

port, name, folder = sys.argv[1:]
database = duckdb.connect(config={"allow_unsigned_extensions": "true"})
# The package carries the extension as a file; nothing is downloaded.
extensions = os.path.join(os.path.dirname(packaged.__file__), "extensions")
found = [os.path.join(path, name) for path, _, names in os.walk(extensions) for name in names if name.endswith(".duckdb_extension")]
database.execute(f"load '{found[0]}'")
database.execute(f"attach 'host=127.0.0.1 port={port} user=postgres dbname={name}' as lake (type postgres, read_only)")


def show(what, statement):
    for row in database.execute(statement).fetchall():
        print(what, *row)


show("table", "select schema_name, table_name, column_count from duckdb_tables() where database_name = 'lake' and schema_name = 'shop' order by all")
show("view", "select schema_name, view_name from duckdb_views() where database_name = 'lake' and schema_name = 'shop' order by all")
show("column", "select table_name, column_name, data_type from duckdb_columns() where database_name = 'lake' and schema_name = 'shop' order by table_name, column_index")
show("count", "select count(*), count(note), sum(order_id), sum(amount), min(placed)::varchar, count(distinct customer_id) from lake.shop.orders")
show("filtered", "select country, count(*) from lake.shop.customers where customer_id > 3 and name like 'Customer 1%' group by all order by all")
show(
    "joined",
    "select c.country, count(*) from lake.shop.orders o join lake.shop.customers c using (customer_id) where o.line = 2 group by all order by all limit 3",
)
show("big", "select count(*), sum(number), count(payload), sum(ratio) from lake.shop.events")
for column in "flag small whole large single ratio price exact label raw key day clock moment instant flags wholes larges ratios words days".split():
    show(column, f"select id, {column}::varchar from lake.shop.kinds order by id")
show("view's rows", "select * from lake.shop.by_country order by country")
show("sent whole", "select * from postgres_query('lake', 'select line, count(*) from shop.orders group by 1 order by 1')")
database.execute(f"copy (select * from lake.shop.customers) to '{folder}/customers.parquet'")
show("copied", f"select count(*), max(name) from '{folder}/customers.parquet'")
