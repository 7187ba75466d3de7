"""pgcli, through its own classes: everything that it reads for its completion, its backslash commands, and a query.
Prints one line per thing read.

Arguments: host, port, database and user.
"""

import sys

from pgcli.pgexecute import PGExecute
from pgspecial.main import PGSpecial

host, port, database, user = sys.argv[1:]
executor = PGExecute(database, user, "", host, port, "")

print("search path:", ", ".join(executor.search_path()))
print("schemas:", ", ".join(sorted(executor.schemata())))
print("databases:", ", ".join(executor.databases()))
print("tables:", ", ".join(sorted(".".join(name) for name in executor.tables() if name[0] == "shop")))
print("views:", ", ".join(sorted(".".join(name) for name in executor.views() if name[0] == "shop")))
print("table columns:", ", ".join(f"{c[1]}.{c[2]} {c[3]}" for c in executor.table_columns() if c[0] == "shop"))
print("view columns:", ", ".join(f"{c[1]}.{c[2]} {c[3]}" for c in executor.view_columns() if c[0] == "shop"))
print("foreign keys:", ", ".join(sorted(f"{k.childtable}.{k.childcolumn}" for k in executor.foreignkeys() if k.childschema == "shop")))
print("types:", len(list(executor.datatypes())))
print("functions:", sum(1 for _ in executor.functions()) >= 0)
print("casing:", len(list(executor.casing())) > 0)
print("pid:", executor.get_server_version(executor.conn).split(".")[0])

special = PGSpecial()
for command in [r"\l", r"\dn", r"\dt shop.*", r"\dv shop.*", r"\d shop.orders", r"\d+ shop.best_customers", r"\df", r"\du", r"\dT", r"\dx", r"\di", r"\ds", r"\dm", r"\sv shop.best_customers", "select count(*) from shop.products"]:
    for title, rows, headers, status, sql, success, special_, *_ in executor.run(command, special):
        count = sum(1 for _ in rows) if rows is not None else 0
        print(command, ":", success, count, "rows", (status or "").strip().splitlines()[-1:] if not success else "")
