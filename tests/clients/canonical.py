"""How every client writes a value for the checksum: PostgreSQL's text, but floats as the hex of their bits."""

import datetime
import decimal
import json
import struct
import uuid
import zlib


def moment(value):
    text = value.strftime("%Y-%m-%d %H:%M:%S")
    if value.microsecond:
        text += f".{value.microsecond:06d}".rstrip("0")
    return text


def canonical(value, kind):
    """The text of one value; `kind` tells float4 ("f") from float8 ("d")."""
    if isinstance(value, bool):
        return "t" if value else "f"
    if isinstance(value, float):
        return struct.pack(">" + kind, value).hex()
    if isinstance(value, decimal.Decimal):
        return format(value, "f")
    if isinstance(value, datetime.datetime):
        if value.tzinfo is None:
            return moment(value)
        return moment(value.astimezone(datetime.timezone.utc)) + "+00"
    if isinstance(value, list):
        return "{" + ",".join("NULL" if item is None else canonical(item, kind) for item in value) + "}"
    return str(value)


class Sums:
    """Rows of one table, and of each column its nulls and the sum of its values' CRC-32."""

    def __init__(self, table, names, kinds):
        self.table, self.names, self.kinds = table, names, kinds
        self.rows = 0
        self.nulls = [0] * len(names)
        self.sums = [0] * len(names)

    def row(self, values):
        self.rows += 1
        for index, value in enumerate(values):
            if value is None:
                self.nulls[index] += 1
            else:
                self.sums[index] += zlib.crc32(canonical(value, self.kinds[index]).encode())

    def show(self):
        print(f"{self.table} rows {self.rows}")
        for name, nulls, total in zip(self.names, self.nulls, self.sums):
            print(f"{self.table} {json.dumps(name, ensure_ascii=False)} {nulls} {total}")
