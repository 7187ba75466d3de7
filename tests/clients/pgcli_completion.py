"""pgcli, through its own classes: everything that it reads for its completion, its backslash commands, and a query.
Prints one line per thing read.

Arguments: the port of the server, and the database.
"""

import sys

from pgcli.pgexecute import PGExecute
from pgspecial.main import PGSpecial

port, database = sys.argv[1:]
executor = PGExecute(database, "postgres", "", "127.0.0.1", port, "")

print("search path:", ", ".join(executor.search_path()))
print("schemas:", ", ".join(sorted(name for name in executor.schemata() if not name.startswith("pg_"))))
print("databases:", database in executor.databases())
print("tables:", ", ".join(sorted(".".join(name) for name in executor.tables() if name[0] == "shop")))
print("views:", ", ".join(sorted(".".join(name) for name in executor.views() if name[0] == "shop")))
print("table columns:", ", ".join(f"{c[1]}.{c[2]} {c[3]}" for c in executor.table_columns() if c[0] == "shop"))
print("view columns:", ", ".join(f"{c[1]}.{c[2]} {c[3]}" for c in executor.view_columns() if c[0] == "shop"))
print("foreign keys:", ", ".join(sorted(f"{k.childtable}.{k.childcolumn}" for k in executor.foreignkeys() if k.childschema == "shop")))
print("types:", len(list(executor.datatypes())))
print("functions:", sum(1 for _ in executor.functions()) >= 0)
print("casing:", len(list(executor.casing())) > 0)
print("version:", executor.server_version.split(".")[0])

special = PGSpecial()
for command in [r"\dn", r"\dt shop.*", r"\dv shop.*", r"\d shop.orders", r"\d+ shop.by_country", r"\df", r"\dT", r"\di", r"\ds", r"\dm", "select count(*) from shop.events"]:
    for title, rows, headers, status, sql, success, special_, *_ in executor.run(command, special):
        count = sum(1 for _ in rows) if rows is not None else 0
        print(command, ":", success, count, "rows", (status or "").strip().splitlines()[-1:] if not success else "")
