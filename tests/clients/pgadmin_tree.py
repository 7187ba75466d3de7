"""pgAdmin 4, through its own program: registers the server, connects, and opens every branch of the tree down to columns
and constraints, with the properties, the statistics and the SQL of tables and views, and a query in its query tool.
Prints what it shows, one line per branch.

Arguments: the port of the server, the database, and a folder for pgAdmin's own files.
"""

import builtins
import json
import logging
import os
import sys
import warnings

port, name, folder = sys.argv[1:]
user = "postgres"
warnings.filterwarnings("ignore")
os.environ["HOME"] = folder
builtins.SERVER_MODE = False  # as on a desktop: no login of its own

# Its modules lie in a folder of the installed package, and are imported from there.
packages = next(path for path in sys.path if path.endswith("site-packages"))
sys.path.insert(0, os.path.join(packages, "pgadmin4"))
import config  # noqa: E402

config.SERVER_MODE = False
config.MASTER_PASSWORD_REQUIRED = False
config.USE_OS_SECRET_STORAGE = False
config.WTF_CSRF_ENABLED = False
config.WTF_CSRF_CHECK_DEFAULT = False
config.CONSOLE_LOG_LEVEL = config.FILE_LOG_LEVEL = logging.CRITICAL
config.UPGRADE_CHECK_ENABLED = False

from pgadmin import create_app  # noqa: E402

app = create_app()
app.PGADMIN_RUNTIME = True
app.PGADMIN_INT_KEY = ""
app.run_before_app_start()
app.config["WTF_CSRF_ENABLED"] = False
app.PGADMIN_INT_KEY = ""
logging.disable(logging.CRITICAL)
client = app.test_client()
failed = []


def ask(what, method, url, body=None):
    """What pgAdmin answers; what it calls an error is remembered, and none is answered here."""
    answer = getattr(client, method)(url, data=json.dumps(body) if body is not None else None, content_type="application/json")
    text = answer.get_data(as_text=True)
    if answer.status_code != 200:
        failed.append(f"{what}: {answer.status_code} {text[:600]}")
        return None
    try:
        answered = json.loads(text)
    except ValueError:
        return text
    if isinstance(answered, dict) and answered.get("success") == 0:
        failed.append(f"{what}: {answered.get('errormsg') or text[:600]}")
        return None
    return answered


def nodes(what, url):
    """The branches that pgAdmin shows below one."""
    answered = ask(what, "get", url)
    return (answered or {}).get("data") or []


def label(node):
    return str(node.get("label"))


client.get("/")
group = nodes("groups", "/browser/nodes/")[0]["_id"]
made = ask(
    "register",
    "post",
    f"/browser/server/obj/{group}/",
    {
        "name": "lake",
        "host": "127.0.0.1",
        "port": int(port),
        "db": name,
        "username": user,
        "connect_now": False,
        "save_password": False,
        "connection_params": {"sslmode": "prefer", "connect_timeout": 10},
        "kerberos_conn": 0,
    },
)
server = made["node"]["_id"]
ask("connect", "post", f"/browser/server/connect/{group}/{server}", {"password": ""})
ask("server's properties", "get", f"/browser/server/obj/{group}/{server}")

for kind in ("role", "tablespace"):
    print(kind, ":", len(nodes(kind, f"/browser/{kind}/nodes/{group}/{server}/")) > 0)
if failed:
    sys.exit("\n".join(failed))
databases = nodes("databases", f"/browser/database/nodes/{group}/{server}/")
database = next(node["_id"] for node in databases if label(node) == name)
ask("database", "post", f"/browser/database/connect/{group}/{server}/{database}")
below = f"{group}/{server}/{database}"
for kind in ("extension", "language"):
    nodes(kind, f"/browser/{kind}/nodes/{below}/")
for kind in ("cast", "event_trigger", "foreign_data_wrapper", "publication", "subscription"):
    print(kind, ":", len(nodes(kind, f"/browser/{kind}/nodes/{below}/")))
for what in ("catalog", "schema"):
    print(what, ":", ", ".join(sorted(map(label, nodes(what, f"/browser/{what}/nodes/{below}/")))))
schemas = nodes("schema", f"/browser/schema/nodes/{below}/")
shop = next(node["_id"] for node in schemas if label(node) == "shop")
ask("schema's properties", "get", f"/browser/schema/obj/{below}/{shop}")
ask("schema's SQL", "get", f"/browser/schema/sql/{below}/{shop}")
inside = f"{below}/{shop}"
for kind in (
    "aggregate collation domain foreign_table fts_configuration fts_dictionary fts_parser fts_template function mview"
    " operator procedure sequence trigger_function type"
).split():
    print(kind, ":", len(nodes(kind, f"/browser/{kind}/nodes/{inside}/")))

tables = nodes("tables", f"/browser/table/nodes/{inside}/")
print("tables :", ", ".join(sorted(map(label, tables))))
for table in sorted(tables, key=label):
    oid = table["_id"]
    columns = nodes(f"columns of {label(table)}", f"/browser/column/nodes/{inside}/{oid}/")
    print("table", label(table), ":", ", ".join(map(label, columns)))
    for kind in ("index", "trigger", "rule", "row_security_policy", "partition"):
        nodes(f"{kind} of {label(table)}", f"/browser/{kind}/nodes/{inside}/{oid}/")
    constraints = nodes(f"constraints of {label(table)}", f"/browser/constraints/nodes/{inside}/{oid}/")
    print("constraints of", label(table), ":", ", ".join(sorted(map(label, constraints))))
    properties = ask(f"properties of {label(table)}", "get", f"/browser/table/obj/{inside}/{oid}")
    if properties:
        print("properties of", label(table), ":", properties["name"], properties["description"], properties["schema"])
    sql = ask(f"SQL of {label(table)}", "get", f"/browser/table/sql/{inside}/{oid}")
    print("SQL of", label(table), ":", "CREATE TABLE" in str(sql))
    ask(f"statistics of {label(table)}", "get", f"/browser/table/stats/{inside}/{oid}")
    ask(f"dependencies of {label(table)}", "get", f"/browser/table/dependency/{inside}/{oid}")
    ask(f"dependents of {label(table)}", "get", f"/browser/table/dependent/{inside}/{oid}")
views = nodes("views", f"/browser/view/nodes/{inside}/")
print("views :", ", ".join(sorted(map(label, views))))
for view in sorted(views, key=label):
    oid = view["_id"]
    columns = nodes(f"columns of {label(view)}", f"/browser/column/nodes/{inside}/{oid}/")
    print("view", label(view), ":", ", ".join(map(label, columns)))
    ask(f"properties of {label(view)}", "get", f"/browser/view/obj/{inside}/{oid}")
    sql = ask(f"SQL of {label(view)}", "get", f"/browser/view/sql/{inside}/{oid}")
    print("SQL of", label(view), ":", "VIEW" in str(sql))

# The dashboard, and a query in the query tool as far as its first rows.
for what in ("activity", "locks", "prepared"):
    ask(f"dashboard's {what}", "get", f"/dashboard/{what}/{server}/{database}")
ask("dashboard's config", "get", f"/dashboard/config/{server}")
charts = "session_stats,tps_stats,ti_stats,to_stats,bio_stats"
ask("dashboard's charts", "get", f"/dashboard/dashboard_stats/{server}/{database}?chart_names={charts}")
tool = 1234567
ask("query tool", "post", f"/sqleditor/initialize/sqleditor/{tool}/{group}/{server}/{database}", {"dbname": name, "user": user})
started = ask(
    "run", "post", f"/sqleditor/query_tool/start/{tool}", {"sql": "select order_id, note from shop.orders order by order_id, line limit 5"}
)
for _ in range(100):
    polled = ask("poll", "get", f"/sqleditor/poll/{tool}")
    if not polled or polled["data"]["status"] not in ("Busy", "NotConnected"):
        break
if polled:
    print("query tool :", polled["data"]["status"], polled["data"]["rows_affected"], "rows;", polled["data"]["result"][:2])
ask("explain", "post", f"/sqleditor/query_tool/start/{tool}", {"sql": "select 1", "explain_plan": {"format": "json"}})
ask("close", "delete", f"/sqleditor/close/{tool}")

if failed:
    print("FAILED")
    print("\n".join(failed))
