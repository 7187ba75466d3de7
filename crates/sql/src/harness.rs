//! Runs SQL in tests: a session state, two small tables, answers as one line of text.

use std::sync::Arc;

use arrow::util::display::{ArrayFormatter, FormatOptions};
use datafusion::common::Result;
use datafusion::config::Dialect;
use datafusion::execution::runtime_env::RuntimeEnv;
use datafusion::execution::session_state::SessionStateBuilder;
use datafusion::logical_expr::LogicalPlan;
use datafusion::prelude::SessionContext;
use datafusion::sql::parser::Statement;
use datafusion::sql::sqlparser::ast;

use crate::functions::spell;
use crate::state::{StateOptions, session_state};
use crate::value::Style;

const TABLES: [&str; 2] = [
    "CREATE TABLE t AS SELECT * FROM (VALUES (1, 10, 'a'), (2, 20, 'b'), (3, NULL, 'c'), (4, 10, 'd')) v(id, k, name)",
    "CREATE TABLE u AS SELECT * FROM (VALUES (1, 10, 5), (2, 10, 7), (3, 20, 9), (4, NULL, 11)) v(id, k, x)",
];

/// Asserts what a query answers: columns apart by a space, rows by `|`, `-` for NULL.
#[track_caller]
pub(crate) fn check(sql: &str, expected: &str) {
    let runtime = tokio::runtime::Runtime::new().expect("a runtime starts");
    assert_eq!(runtime.block_on(answer(sql)).as_deref(), Ok(expected), "{sql}");
}

/// Asserts that a query fails, and what the error says.
#[track_caller]
pub(crate) fn check_error(sql: &str, expected: &str) {
    let runtime = tokio::runtime::Runtime::new().expect("a runtime starts");
    let error = runtime.block_on(answer(sql)).expect_err(sql);
    assert!(error.contains(expected), "{sql}: {error}");
}

/// Asserts the Arrow types of a query's columns.
#[track_caller]
pub(crate) fn check_types(sql: &str, expected: &str) {
    let runtime = tokio::runtime::Runtime::new().expect("a runtime starts");
    let types = runtime.block_on(async {
        let ctx = filled().await;
        let plan = planned(&ctx, sql).await.expect("the query is planned");
        let fields = plan.schema().fields().clone();
        fields.iter().map(|field| field.data_type().to_string()).collect::<Vec<_>>().join(" ")
    });
    assert_eq!(types, expected, "{sql}");
}

fn context() -> SessionContext {
    let state = session_state(StateOptions {
        runtime: Arc::new(RuntimeEnv::default()),
        style: Style::default(),
        target_partitions: 2,
        batch_size: 3,
    });
    let config = state.config().clone().with_create_default_catalog_and_schema(true);
    SessionContext::new_with_state(SessionStateBuilder::new_from_existing(state).with_config(config).build())
}

async fn filled() -> SessionContext {
    let ctx = context();
    for table in TABLES {
        ctx.sql(table).await.expect("the table is planned").collect().await.expect("the table is made");
    }
    ctx
}

async fn answer(sql: &str) -> Result<String, String> {
    let ctx = filled().await;
    rows(&ctx, sql).await.map_err(|error| error.to_string())
}

async fn planned(ctx: &SessionContext, sql: &str) -> Result<LogicalPlan> {
    let state = ctx.state();
    let mut statement = state.sql_to_statement(sql, &Dialect::PostgreSQL)?;
    if let Statement::Statement(inner) = &mut statement
        && let ast::Statement::Query(query) = inner.as_mut()
    {
        spell(query);
    }
    state.statement_to_plan(statement).await
}

async fn rows(ctx: &SessionContext, sql: &str) -> Result<String> {
    let plan = planned(ctx, sql).await?;
    let batches = ctx.execute_logical_plan(plan).await?.collect().await?;
    let options = FormatOptions::new().with_null("-");
    let mut lines = Vec::new();
    for batch in batches {
        let columns = batch
            .columns()
            .iter()
            .map(|column| ArrayFormatter::try_new(column, &options))
            .collect::<Result<Vec<_>, _>>()?;
        for row in 0..batch.num_rows() {
            lines.push(
                columns.iter().map(|column| column.value(row).to_string()).collect::<Vec<_>>().join(" "),
            );
        }
    }
    Ok(lines.join("|"))
}
