"""dbt-postgres: builds two view models, one over the other, builds them again in another form, runs data tests over them, and
generates the documentation. Prints what dbt says of each node, and the columns its catalog has.

Arguments: the port of the server, the database, the schema to build in, and a folder for the project.
"""

import json
import os
import pathlib
import subprocess
import sys

port, database, schema, folder = sys.argv[1:]
folder = pathlib.Path(folder)
FILES = {
    "dbt_project.yml": """
name: lake
version: "1.0.0"
profile: lake
models:
  +persist_docs: {relation: true}
""",
    "profiles.yml": f"""
lake:
  target: lake
  outputs:
    lake: {{type: postgres, host: 127.0.0.1, port: {port}, user: postgres, password: "", dbname: {database}, schema: {schema}, threads: 1}}
""",
    "models/spent.sql": """
{{ config(materialized='view') }}
select customer_id, count(*) as orders, sum(unit_price * quantity) as spent
from {{ source('shop', 'orders') }} group by customer_id
""",
    "models/best.sql": "select * from {{ ref('spent') }} where spent > 1000",
    "models/schema.yml": """
version: 2
sources:
  - name: shop
    tables: [{name: orders}]
models:
  - name: spent
    description: "What each customer ordered, and for how much"
    columns:
      - {name: customer_id, data_tests: [not_null, unique]}
""",
}
for name, text in FILES.items():
    (folder / name).parent.mkdir(parents=True, exist_ok=True)
    (folder / name).write_text(text)
environment = {**os.environ, "DBT_SEND_ANONYMOUS_USAGE_STATS": "false", "HOME": str(folder)}


def dbt(*command):
    program = pathlib.Path(sys.executable).with_name("dbt")
    said = subprocess.run(
        [program, "--no-use-colors", *command, "--project-dir", folder, "--profiles-dir", folder],
        capture_output=True, text=True, env=environment,
    )  # fmt: skip
    if said.returncode != 0:
        sys.exit(f"dbt {' '.join(command)}:\n{said.stdout}\n{said.stderr}")
    results = folder / "target/run_results.json"
    if command[0] in ("run", "test"):
        for result in json.loads(results.read_text())["results"]:
            print(command[0], result["unique_id"].split(".")[2], result["status"])


dbt("run")
model = folder / "models/spent.sql"
model.write_text(model.read_text().replace("count(*) as orders", "count(*) as orders, max(order_id) as last"))
dbt("run")
dbt("test")
dbt("docs", "generate")
catalog = json.loads((folder / "target/catalog.json").read_text())
for node in {**catalog["nodes"], **catalog["sources"]}.values():
    metadata, columns = node["metadata"], node["columns"].values()
    described = ", ".join(f"{column['name']} {column['type']}" for column in sorted(columns, key=lambda one: one["index"]))
    print(metadata["type"], metadata["schema"], metadata["name"], metadata["comment"] or "-", described)
