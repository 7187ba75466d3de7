//! `lakeport sql`: one text of statements, no server.

use std::io::IsTerminal;

use anyhow::{Result, bail};
use lakeport_base::ByteSize;
use lakeport_engine::{Answer, Identity, Session};

use crate::arguments::{Format, Sql};
use crate::{output, wiring};

/// What may be computed ahead of what has been written.
const WINDOW: ByteSize = ByteSize::mebibytes(16);

/// Runs the statements in turn and writes their answers to stdout.
pub(crate) fn run(sql: &Sql) -> Result<()> {
    let settings = wiring::settings(&sql.lake)?;
    let database = settings.postgres.database.clone().unwrap_or_else(|| "lake".to_owned());
    let engine = wiring::engine(settings)?;
    let format =
        sql.format.unwrap_or(if std::io::stdout().is_terminal() { Format::Table } else { Format::Csv });
    wiring::runtime()?.block_on(async {
        let mut session = engine.session(Identity::superuser("lakeport"), &database)?;
        let statements = session.parse(&sql.statement).await?;
        if statements.is_empty() {
            bail!("no statement was given");
        }
        for statement in statements {
            tokio::select! {
                result = answer(&mut session, statement, format) => result?,
                _ = tokio::signal::ctrl_c() => bail!("cancelled"),
            }
        }
        Ok(())
    })
}

async fn answer(session: &mut Session, statement: lakeport_engine::Statement, format: Format) -> Result<()> {
    let prepared = session.prepare(statement, &[]).await?;
    if !prepared.parameters.is_empty() {
        bail!("a statement on the command line cannot have parameters ($1)");
    }
    match session.execute(&prepared, Vec::new()).await? {
        Answer::Rows(rows) => {
            let schema = rows.schema.clone();
            let style = session.style();
            output::write(format, &schema, style, rows.batches(WINDOW)).await
        }
        Answer::Copy { .. } => {
            bail!("COPY … TO STDOUT is for clients of the server; here SELECT and --format do the same")
        }
        Answer::Cursor(_) => {
            bail!("a cursor lives in a connection, and there is none here: write the query itself")
        }
        Answer::Done { tag, notices } => {
            for notice in notices {
                eprintln!("{notice}");
            }
            eprintln!("{tag}");
            Ok(())
        }
    }
}
