//! Trying declared keys on the data: duplicates, NULLs in a primary key, rows that refer to none.
//!
//! Each is a statement of the engine's own, so that memory is bounded and what does not fit spills. Hence groups
//! and no join: a join would hold one side.

use arrow::array::{Array, AsArray, RecordBatch};
use arrow::datatypes::Int64Type;
use lakeport_access::Identity;
use lakeport_base::{ByteSize, Fault, Faults, TableName, quote_ident};
use lakeport_config::{Key, KeyKind};

use crate::error::Error;
use crate::open::Found;
use crate::{Answer, Engine, Result, Session};

/// How much of an answer may wait here: they are single rows.
const WINDOW: ByteSize = ByteSize::mebibytes(1);

/// The longest example of a violation, in characters; more of a long text helps nobody. A guess.
const EXAMPLE_MAX: usize = 200;

/// How far trying the keys has come.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct KeyProgress<'a> {
    /// Keys that were tried.
    pub done: usize,
    /// Keys that there are.
    pub count: usize,
    /// The table of the next one.
    pub table: &'a TableName,
    /// The name of the next one.
    pub key: &'a str,
}

impl Engine {
    /// Tries every declared key on the data, and gives how many there are. `tell` is called before each.
    ///
    /// # Errors
    ///
    /// Each key that the data violates, with how often, one example, and the line that declares it; and each that
    /// could not be tried.
    pub async fn check_keys(&self, tell: impl Fn(KeyProgress<'_>)) -> Result<usize, Faults> {
        let settings = self.settings();
        let database = settings.postgres.database.clone().unwrap_or_else(|| "check".to_owned());
        let start = async || {
            let mut session = self.session(Identity::superuser("check"), &database)?;
            answer(&mut session, "SET statement_timeout = 0").await?;
            Ok::<_, Error>(session)
        };
        let mut session = start().await.map_err(|error| Fault::new(error.message))?;
        let declared: Vec<_> = settings
            .tables
            .iter()
            .flat_map(|(table, says)| says.keys.iter().map(move |key| (table, key)))
            .collect();
        let mut faults = Vec::new();
        for (done, (table, key)) in declared.iter().enumerate() {
            tell(KeyProgress { done, count: declared.len(), table, key: &key.name });
            let problems = match tried(&mut session, table, key).await {
                Ok(problems) => problems,
                Err(error) => vec![format!("cannot be tried: {}", error.message)],
            };
            for problem in problems {
                let fault = Fault::new(format!("key {} of {table} {problem}", quote_ident(&key.name)));
                faults.push(match &settings.file {
                    Some(file) => fault.in_file(file).on_line(key.line),
                    None => fault,
                });
            }
        }
        if faults.is_empty() { Ok(declared.len()) } else { Err(Faults(faults)) }
    }
}

/// What the config alone cannot tell of a table's keys: whether it has their columns.
pub(crate) fn missing_columns(
    found: &Found,
    keys: &[Key],
    has: impl Fn(&str) -> bool,
) -> Vec<(usize, String)> {
    let Found::Table(table) = found else {
        let on_view = |key: &Key| {
            (key.line, format!("key {} is declared of a view, which has none", quote_ident(&key.name)))
        };
        return keys.iter().map(on_view).collect();
    };
    let mut missing = Vec::new();
    for key in keys {
        for column in key.columns.iter().filter(|column| !has(column)) {
            let (key_name, column) = (quote_ident(&key.name), quote_ident(column));
            let message = format!("key {key_name}: table {} has no column {column}", table.name());
            missing.push((key.line, message));
        }
    }
    missing
}

/// What the data has against a key.
async fn tried(session: &mut Session, table: &TableName, key: &Key) -> Result<Vec<String>> {
    let columns: Vec<String> = key.columns.iter().map(|column| quote_ident(column)).collect();
    let mut problems = Vec::new();
    if key.kind == KeyKind::Primary {
        problems.extend(nulls(session, table, &columns).await?);
    }
    problems.extend(match &key.kind {
        KeyKind::Primary | KeyKind::Unique => duplicates(session, table, &columns).await?,
        KeyKind::Foreign { references, to, .. } => orphans(session, table, &columns, references, to).await?,
    });
    Ok(problems)
}

async fn nulls(session: &mut Session, table: &TableName, columns: &[String]) -> Result<Option<String>> {
    let some_null = any(columns, "IS NULL");
    let rows = format!("SELECT {}, 1 AS \"rows\" FROM {table} WHERE {some_null}", columns.join(", "));
    let found = violation(session, &rows, columns, columns).await?;
    Ok(found.map(|found| format!("has {} with NULL, such as {}", counted(found.rows, "row"), found.example)))
}

async fn duplicates(session: &mut Session, table: &TableName, columns: &[String]) -> Result<Option<String>> {
    let (own, some_null) = (columns.join(", "), any(columns, "IS NULL"));
    let groups = format!(
        "SELECT {own}, count(*) AS \"rows\" FROM {table} WHERE NOT ({some_null}) GROUP BY {own} HAVING count(*) > 1"
    );
    let found = violation(session, &groups, columns, columns).await?;
    Ok(found.map(|found| {
        let (rows, values) = (counted(found.rows, "row"), counted(found.groups, "value"));
        format!("has {rows} with values that are not unique, {values} in all, such as {}", found.example)
    }))
}

async fn orphans(
    session: &mut Session,
    table: &TableName,
    columns: &[String],
    references: &TableName,
    to: &[String],
) -> Result<Option<String>> {
    let to: Vec<String> = to.iter().map(|column| quote_ident(column)).collect();
    let named: Vec<String> = (1..=columns.len()).map(|number| format!("k{number}")).collect();
    let names = named.join(", ");
    let orphans = format!(
        "SELECT {names}, sum(here)::bigint AS \"rows\" FROM (\
         SELECT {}, 1 AS here, 0 AS there FROM {table} WHERE NOT ({}) \
         UNION ALL SELECT {}, 0, 1 FROM {references} WHERE NOT ({})) u \
         GROUP BY {names} HAVING sum(there) = 0",
        aliased(columns, &named),
        any(columns, "IS NULL"),
        aliased(&to, &named),
        any(&to, "IS NULL"),
    );
    let found = violation(session, &orphans, &named, columns).await?;
    Ok(found.map(|found| {
        let (rows, values) = (counted(found.rows, "row"), counted(found.groups, "value"));
        let refer = if found.rows == 1 { "refers" } else { "refer" };
        format!(
            "has {rows} that {refer} to no row of {references}, {values} in all, such as {}",
            found.example
        )
    }))
}

/// What a statement found that must find nothing.
struct Violation {
    rows: i64,
    groups: i64,
    example: String,
}

/// Runs a statement that gives the violations of a key: its columns, and `rows`, how many rows each stands for.
/// An example names the columns as `shown`.
async fn violation(
    session: &mut Session,
    sql: &str,
    columns: &[String],
    shown: &[String],
) -> Result<Option<Violation>> {
    let counts = format!("SELECT count(*), coalesce(sum(\"rows\"), 0)::bigint FROM ({sql}) v");
    let Some(row) = answer(session, &counts).await? else { return Ok(None) };
    let number = |column: usize| row.column(column).as_primitive::<Int64Type>().value(0);
    let (groups, rows) = (number(0), number(1));
    if groups == 0 {
        return Ok(None);
    }
    let texts: Vec<String> = columns.iter().map(|column| format!("{column}::text")).collect();
    let one = format!("SELECT {} FROM ({sql}) v LIMIT 1", texts.join(", "));
    let example = answer(session, &one).await?.map(|row| example(shown, &row)).unwrap_or_default();
    Ok(Some(Violation { rows, groups, example }))
}

/// The first batch of a statement's answer, if it has rows.
async fn answer(session: &mut Session, sql: &str) -> Result<Option<RecordBatch>> {
    let mut first = None;
    for statement in session.parse(sql).await? {
        let prepared = session.prepare(statement, &[]).await?;
        let Answer::Rows(rows) = session.execute(&prepared, Vec::new()).await? else { continue };
        let mut batches = rows.batches(WINDOW);
        while let Some(batch) = batches.next().await {
            let batch = batch?;
            if first.is_none() && batch.num_rows() > 0 {
                first = Some(batch);
            }
        }
    }
    Ok(first)
}

/// `(a, b) = (1, NULL)`, as PostgreSQL's own details have it.
fn example(columns: &[String], row: &RecordBatch) -> String {
    let values: Vec<String> = row
        .columns()
        .iter()
        .map(|column| match column.as_string_opt::<i32>() {
            Some(text) if !text.is_null(0) => text.value(0).to_owned(),
            _ => "null".to_owned(),
        })
        .collect();
    let whole = format!("({})=({})", columns.join(", "), values.join(", "));
    match whole.char_indices().nth(EXAMPLE_MAX) {
        Some((end, _)) => format!("{}…", &whole[..end]),
        None => whole,
    }
}

fn any(columns: &[String], test: &str) -> String {
    columns.iter().map(|column| format!("{column} {test}")).collect::<Vec<_>>().join(" OR ")
}

fn aliased(columns: &[String], names: &[String]) -> String {
    let pairs = columns.iter().zip(names).map(|(column, name)| format!("{column} AS {name}"));
    pairs.collect::<Vec<_>>().join(", ")
}

fn counted(count: i64, what: &str) -> String {
    format!("{count} {what}{}", if count == 1 { "" } else { "s" })
}
