//! A lake asked in SQL and answered in Arrow batches: the engine as a library.
//!
//! `cargo run --release -p lakeport-engine --example ten_lines -- lakeport-demo/lakeport.toml "SELECT …"`, where a
//! folder of Parquet files may stand in place of the config. Batches come as they are computed, at most 16 MiB ahead.

use std::error::Error;
use std::path::PathBuf;

use arrow::util::pretty::pretty_format_batches;
use lakeport_base::ByteSize;
use lakeport_engine::{Answer, Engine, Identity};

#[tokio::main]
async fn main() -> Result<(), Box<dyn Error>> {
    let mut arguments = std::env::args().skip(1);
    let place = PathBuf::from(arguments.next().ok_or("first a folder, or a config file")?);
    let text = arguments.next().ok_or("then a SELECT, in quotes")?;

    let settings =
        if place.is_dir() { lakeport_config::folder(&place)? } else { lakeport_config::load(&place)? };
    let engine = Engine::open(settings)?;
    let mut session = engine.session(Identity::superuser("example"), "lake")?;
    for statement in session.parse(&text).await? {
        let prepared = session.prepare(statement, &[]).await?;
        let Answer::Rows(rows) = session.execute(&prepared, Vec::new()).await? else { continue };
        let mut batches = rows.batches(ByteSize::mebibytes(16));
        while let Some(batch) = batches.next().await {
            println!("{}", pretty_format_batches(&[batch?])?);
        }
    }
    Ok(())
}
