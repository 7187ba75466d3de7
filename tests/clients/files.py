"""What pyarrow reads from the files of the sample lake: the truth that every client is held to."""

import sys

import pyarrow as pa
import pyarrow.dataset as ds
import pyarrow.parquet as pq

from canonical import Sums


def kind(field):
    return "f" if pa.types.is_float32(field.type) else "d"


def show(name, table):
    sums = Sums(name, table.column_names, [kind(field) for field in table.schema])
    for batch in table.to_batches(4096):
        for row in zip(*(column.to_pylist() for column in batch.columns)):
            sums.row(row)
    sums.show()


shop = sys.argv[1] + "/lake/shop"
hive = ds.partitioning(pa.schema([("year", pa.int64()), ("month", pa.int64())]), flavor="hive")
orders = ds.dataset(f"{shop}/orders", format="parquet", partitioning=hive)
show("orders", orders.to_table(filter=(ds.field("year") == 2024) & (ds.field("month") <= 2)))
show("customers", pq.read_table(f"{shop}/customers.parquet"))
show("products", pq.read_table(f"{shop}/products.parquet"))
visits = ds.dataset(f"{shop}/visits", format="parquet").to_table()
show("visits", visits.drop_columns(["device"]))
