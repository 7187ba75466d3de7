//! One corpus of statements, through the engine as a library and through the port.
//!
//! Each file of `sql/` runs twice and must give the same rows both ways.

use std::path::PathBuf;

use async_trait::async_trait;
use futures::StreamExt;
use lakeport_base::ByteSize;
use lakeport_engine::{Answer, Engine, Error, Identity, Session};
use lakeport_sql::value::Column;
use lakeport_tests::{Server, demo_lake};
use sqllogictest::{AsyncDB, DBOutput, DefaultColumnType, Runner};

fn files() -> Vec<PathBuf> {
    let folder = lakeport_tests::folder().join("sql");
    let mut files: Vec<PathBuf> = std::fs::read_dir(folder)
        .expect("the folder of SQL files")
        .map(|entry| entry.expect("an entry").path())
        .filter(|path| path.extension().is_some_and(|extension| extension == "slt"))
        .collect();
    files.sort();
    assert!(!files.is_empty());
    files
}

fn runtime() -> tokio::runtime::Runtime {
    tokio::runtime::Builder::new_multi_thread().worker_threads(1).enable_all().build().expect("a runtime")
}

#[test]
fn every_file_gives_its_answers_through_the_library() {
    let settings = lakeport_config::load(&demo_lake().join("lakeport.toml")).expect("the demo's config");
    let engine = Engine::open(settings).expect("the demo's lake");
    runtime().block_on(async {
        for file in files() {
            let mut runner = Runner::new(|| async {
                engine.session(Identity::superuser("test"), "lake").map(Library).map_err(Failure::from)
            });
            runner.run_file_async(&file).await.unwrap_or_else(|error| panic!("{}: {error}", file.display()));
        }
    });
}

#[test]
fn every_file_gives_its_answers_through_the_port() {
    let server = Server::config(&demo_lake().join("lakeport.toml"));
    runtime().block_on(async {
        for file in files() {
            let mut runner = Runner::new(|| async { Port::connect(&server).await });
            runner.run_file_async(&file).await.unwrap_or_else(|error| panic!("{}: {error}", file.display()));
        }
    });
}

/// An error as both ways show it: the code and the message.
#[derive(Debug)]
struct Failure(String);

impl std::fmt::Display for Failure {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.0)
    }
}

impl std::error::Error for Failure {}

impl From<Error> for Failure {
    fn from(error: Error) -> Failure {
        Failure(format!("{}: {}", error.sqlstate, error.message))
    }
}

impl From<tokio_postgres::Error> for Failure {
    fn from(error: tokio_postgres::Error) -> Failure {
        match error.as_db_error() {
            Some(error) => Failure(format!("{}: {}", error.code().code(), error.message())),
            None => Failure(error.to_string()),
        }
    }
}

struct Library(Session);

#[async_trait]
impl AsyncDB for Library {
    type Error = Failure;
    type ColumnType = DefaultColumnType;

    async fn run(&mut self, sql: &str) -> Result<DBOutput<DefaultColumnType>, Failure> {
        let answer = self.answer(sql).await;
        if answer.is_err() {
            // What a door does too: an open transaction is failed from here on.
            self.0.fail();
        }
        answer
    }

    async fn shutdown(&mut self) {}
}

impl Library {
    async fn answer(&mut self, sql: &str) -> Result<DBOutput<DefaultColumnType>, Failure> {
        let mut output = DBOutput::StatementComplete(0);
        for statement in self.0.parse(sql).await? {
            let prepared = self.0.prepare(statement, &[]).await?;
            if let Answer::Rows(rows) = self.0.execute(&prepared, Vec::new()).await? {
                let (schema, style) = (rows.schema.clone(), self.0.style());
                let mut chunks = rows.batches(ByteSize::mebibytes(1));
                let mut lines = Vec::new();
                while let Some(batch) = chunks.next().await {
                    let batch = batch?;
                    let columns: Vec<Column> = batch
                        .columns()
                        .iter()
                        .zip(schema.fields())
                        .map(|(array, field)| {
                            Column::new(array, field, &style).expect("a column that can be written")
                        })
                        .collect();
                    for row in 0..batch.num_rows() {
                        lines.push(columns.iter().map(|column| cell(column, row)).collect());
                    }
                }
                output = DBOutput::Rows {
                    types: vec![DefaultColumnType::Any; schema.fields().len()],
                    rows: lines,
                };
            }
        }
        Ok(output)
    }
}

fn cell(column: &Column, row: usize) -> String {
    if column.is_null(row) {
        return "NULL".to_owned();
    }
    let mut text = Vec::new();
    column.write(row, &mut text).expect("a value that can be written");
    shown(&String::from_utf8(text).expect("text is UTF-8"))
}

fn shown(text: &str) -> String {
    if text.is_empty() { "(empty)".to_owned() } else { text.to_owned() }
}

struct Port(tokio_postgres::Client);

impl Port {
    async fn connect(server: &Server) -> Result<Port, Failure> {
        let (client, connection) = tokio_postgres::connect(&server.libpq(), tokio_postgres::NoTls).await?;
        tokio::spawn(connection);
        Ok(Port(client))
    }
}

#[async_trait]
impl AsyncDB for Port {
    type Error = Failure;
    type ColumnType = DefaultColumnType;

    async fn run(&mut self, sql: &str) -> Result<DBOutput<DefaultColumnType>, Failure> {
        use tokio_postgres::SimpleQueryMessage::{Row, RowDescription};
        let stream = self.0.simple_query_raw(sql).await?;
        let mut stream = std::pin::pin!(stream);
        let (mut types, mut rows) = (None, Vec::new());
        while let Some(message) = stream.next().await {
            match message? {
                RowDescription(columns) => types = Some(vec![DefaultColumnType::Any; columns.len()]),
                Row(row) => {
                    let cells = (0..row.len()).map(|index| row.get(index).map_or("NULL".to_owned(), shown));
                    rows.push(cells.collect());
                }
                _ => {}
            }
        }
        Ok(match types {
            Some(types) => DBOutput::Rows { types, rows },
            None => DBOutput::StatementComplete(0),
        })
    }

    async fn shutdown(&mut self) {}
}
