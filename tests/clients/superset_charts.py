"""Apache Superset, through its own code: adds the lake as a database, lists what is in it, makes datasets of a table and
of a view, and runs charts over them, a time grain among them. Prints one line per step.

Arguments: host:port of the server, and a folder for Superset's own database.
"""

import logging
import os
import shutil
import sys
import warnings

address, folder = sys.argv[1:]
warnings.filterwarnings("ignore")
logging.disable(logging.ERROR)

# Superset's own database, migrated once when it was installed.
migrated = os.environ["LAKEPORT_TEST_SUPERSET_DATABASE"]
shutil.copy(migrated, f"{folder}/superset.db")
with open(f"{folder}/superset_config.py", "w") as config:
    config.write(
        'SECRET_KEY = "of a test"\n'
        f'SQLALCHEMY_DATABASE_URI = "sqlite:///{folder}/superset.db"\n'
        "WTF_CSRF_ENABLED = False\n"
        "TALISMAN_ENABLED = False\n"
    )
os.environ["SUPERSET_CONFIG_PATH"] = f"{folder}/superset_config.py"

from superset.app import create_app  # noqa: E402  (reads the config above)

app = create_app()
with app.app_context(), app.test_request_context():
    from flask import g
    from superset import security_manager
    from superset.charts.schemas import ChartDataQueryContextSchema
    from superset.commands.chart.data.get_data_command import ChartDataCommand
    from superset.commands.database.create import CreateDatabaseCommand
    from superset.commands.database.tables import TablesDatabaseCommand
    from superset.commands.database.test_connection import TestConnectionDatabaseCommand
    from superset.commands.dataset.create import CreateDatasetCommand
    from superset.sql.parse import Table

    role = security_manager.find_role("Admin")
    g.user = security_manager.find_user("test") or security_manager.add_user(
        "test", "Test", "User", "test@example.com", role, password="test"
    )

    uri = f"postgresql+psycopg2://demo@{address}/lake"
    TestConnectionDatabaseCommand({"sqlalchemy_uri": uri, "database_name": "lake"}).run()
    print("connects")
    database = CreateDatabaseCommand({"sqlalchemy_uri": uri, "database_name": "lake", "expose_in_sqllab": True}).run()

    print("schemas:", ", ".join(sorted(database.get_all_schema_names(catalog=None))))
    listed = TablesDatabaseCommand(database.id, None, "shop", True).run()
    print("tables:", ", ".join(f"{entry['value']} ({entry['type']})" for entry in listed["result"]))

    def dataset(name):
        made = CreateDatasetCommand(
            {"database": database.id, "schema": "shop", "table_name": name, "owners": [g.user.id]}
        ).run()
        columns = sorted(made.columns, key=lambda column: column.column_name)
        print(f"dataset {name}:", ", ".join(f"{column.column_name} {column.type}" for column in columns))
        return made

    def chart(made, query):
        context = ChartDataQueryContextSchema().load(
            {
                "datasource": {"id": made.id, "type": "table"},
                "queries": [query],
                "result_type": "full",
                "result_format": "json",
                "force": True,
            }
        )
        command = ChartDataCommand(context)
        command.validate()
        (answer,) = command.run()["queries"]
        if answer["error"]:
            sys.exit(f"chart over {made.table_name}: {answer['error']}\n{answer['query']}")
        return answer["data"]

    def metric(function, column):
        return {
            "expressionType": "SIMPLE",
            "aggregate": function,
            "column": {"column_name": column},
            "label": f"{function}({column})",
        }

    orders = dataset("orders")
    by_year = chart(
        orders,
        {
            "columns": [
                {
                    "expressionType": "SQL",
                    "sqlExpression": "ordered_at",
                    "label": "ordered_at",
                    "timeGrain": "P1Y",
                    "columnType": "BASE_AXIS",
                }
            ],
            "metrics": [metric("COUNT", "order_id"), metric("SUM", "unit_price")],
            "filters": [{"col": "quantity", "op": ">=", "val": 2}],
            "orderby": [["ordered_at", True]],
            "row_limit": 10,
        },
    )
    for row in by_year:
        print("by year:", " ".join(str(value) for value in row.values()))
    by_country = chart(
        dataset("best_customers"),
        {"columns": ["country"], "metrics": [metric("COUNT", "country")], "orderby": [["country", True]], "row_limit": 3},
    )
    for row in by_country:
        print("by country:", " ".join(str(value) for value in row.values()))

    # What its SQL editor does beside running: a preview of a table, and an estimate of a query's cost.
    preview = database.select_star(Table("orders", "shop"), limit=2, latest_partition=False)
    print("preview:", len(database.get_df(preview)), "rows")
    spec = database.db_engine_spec
    estimate = spec.estimate_query_cost(database, None, "shop", "select * from shop.orders", "test")
    print("estimate:", ", ".join(sorted(estimate[0])))
    with database.get_raw_connection(schema="shop") as connection:
        cursor = connection.cursor()
        print("cancel by id:", spec.cancel_query(cursor, None, spec.get_cancel_query_id(cursor, None)))
