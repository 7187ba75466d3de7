"""Apache Superset, through its own code: adds the database, lists what is in it, makes datasets of tables and views, and
runs charts over them, with a time grain among them. Prints one line per step.

Arguments: the port of the server, the database, and a folder for Superset's own database.
"""

import contextlib
import logging
import os
import shutil
import sys
import warnings

port, name, folder = sys.argv[1:]
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

with contextlib.redirect_stdout(sys.stderr):
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

    uri = f"postgresql+psycopg2://postgres@127.0.0.1:{port}/{name}"
    TestConnectionDatabaseCommand({"sqlalchemy_uri": uri, "database_name": name}).run()
    print("connects")
    database = CreateDatabaseCommand({"sqlalchemy_uri": uri, "database_name": name, "expose_in_sqllab": True}).run()

    print("schemas:", ", ".join(sorted(database.get_all_schema_names(catalog=None))))
    listed = TablesDatabaseCommand(database.id, None, "shop", True).run()
    print("tables:", ", ".join(f"{entry['value']} ({entry['type']})" for entry in listed["result"]))

    def dataset(table):
        made = CreateDatasetCommand(
            {"database": database.id, "schema": "shop", "table_name": table, "owners": [g.user.id]}
        ).run()
        columns = sorted(made.columns, key=lambda column: column.column_name)
        print(f"dataset {table}:", ", ".join(f"{column.column_name} {column.type}" for column in columns))
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

    for day in chart(
        dataset("orders"),
        {
            "columns": [
                {
                    "expressionType": "SQL",
                    "sqlExpression": "placed",
                    "label": "placed",
                    "timeGrain": "P1D",
                    "columnType": "BASE_AXIS",
                }
            ],
            "metrics": [metric("COUNT", "order_id"), metric("SUM", "amount"), metric("COUNT_DISTINCT", "customer_id")],
            "filters": [{"col": "line", "op": "==", "val": 1}, {"col": "note", "op": "LIKE", "val": "note 1%"}],
            "orderby": [["placed", True]],
            "row_limit": 10,
        },
    ):
        print("by day:", " ".join(str(value) for value in day.values()))
    for country in chart(
        dataset("by_country"),
        {"columns": ["country"], "metrics": [metric("SUM", "amount")], "orderby": [["country", True]], "row_limit": 3},
    ):
        print("by country:", " ".join(str(value) for value in country.values()))
    for row in chart(dataset("Mixed Case"), {"columns": ["Id", "Größe in m", "select"], "orderby": [["Id", True]]}):
        print("odd names:", " ".join(str(value) for value in row.values()))
    dataset("kinds")

    # What its SQL editor does beside running: a preview of a table, and an estimate of a query's cost.
    preview = database.select_star(Table("orders", "shop"), limit=2, latest_partition=False)
    print("preview:", len(database.get_df(preview)), "rows")
    spec = database.db_engine_spec
    estimate = spec.estimate_query_cost(database, None, "shop", "select * from shop.orders", "test")
    print("estimate:", ", ".join(sorted(estimate[0])))
    with database.get_raw_connection(schema="shop") as one, database.get_raw_connection(schema="shop") as other:
        running = spec.get_cancel_query_id(one.cursor(), None)
        print("cancels the other:", spec.cancel_query(other.cursor(), None, running))
        try:
            one.cursor().execute("select 1")
            print("it goes on")
        except Exception as error:
            print("it ended:", type(error).__name__)
