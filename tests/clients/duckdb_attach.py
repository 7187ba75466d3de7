"""DuckDB's postgres extension: attaches the lake as a database of DuckDB's, lists its tables, reads them with filters and
joins, and copies one out. DuckDB reads by COPY in binary, several statements in a message. Prints one line per step.

Arguments: the connection string, and a folder to copy into.
"""

import os
import sys

import duckdb
import duckdb_extension_postgres_scanner as packaged

connection, folder = sys.argv[1:]
database = duckdb.connect(config={"allow_unsigned_extensions": "true"})
# The package carries the extension as a file; nothing is downloaded.
extensions = os.path.join(os.path.dirname(packaged.__file__), "extensions")
found = [os.path.join(path, name) for path, _, names in os.walk(extensions) for name in names if name.endswith(".duckdb_extension")]
database.execute(f"load '{found[0]}'")
database.execute(f"attach '{connection}' as lake (type postgres, read_only)")


def show(what, statement):
    for row in database.execute(statement).fetchall():
        print(what, *row)


show("table", "select schema_name, table_name, column_count from duckdb_tables() where database_name = 'lake' and schema_name = 'shop' order by all")
show("view", "select schema_name, view_name from duckdb_views() where database_name = 'lake' and schema_name = 'shop' order by all")
show("column", "select column_name, data_type from duckdb_columns() where database_name = 'lake' and table_name = 'orders' order by column_index")
show("count", "select count(*), count(note), sum(order_id), sum(unit_price), min(ordered_at)::varchar, count(distinct status) from lake.shop.orders")
show("filtered", "select status, count(*) from lake.shop.orders where quantity > 3 and unit_price < 20.5 group by all order by all")
show(
    "joined",
    "select c.country, count(*) from lake.shop.orders o join lake.shop.customers c using (customer_id) where o.year = 2024 group by all order by all limit 3",
)
show("view's rows", "select * from lake.shop.best_customers order by spent desc, name limit 2")
show("sent whole", "select * from postgres_query('lake', 'select status, count(*) from shop.orders group by 1 order by 1')")
database.execute(f"copy (select * from lake.shop.products) to '{folder}/products.parquet'")
show("copied", f"select count(*) from '{folder}/products.parquet'")
