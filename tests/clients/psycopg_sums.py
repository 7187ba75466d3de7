"""The same sums through psycopg 3: `text` or `binary` results."""

import pathlib
import sys

import psycopg

from canonical import Sums

FLOAT4 = 700

with psycopg.connect(sys.argv[1], autocommit=True) as connection:
    for line in pathlib.Path(__file__).with_name("queries.txt").read_text().splitlines():
        table, query = line.split("\t")
        with connection.cursor(binary=sys.argv[2] == "binary") as cursor:
            cursor.execute(query)
            names = [column.name for column in cursor.description]
            kinds = ["f" if column.type_code == FLOAT4 else "d" for column in cursor.description]
            sums = Sums(table, names, kinds)
            for row in cursor:
                sums.row(row)
            sums.show()
