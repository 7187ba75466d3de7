//! What several commands need: settings, the engine over them, a runtime to wait in.

use std::path::Path;

use anyhow::{Context, Result};
use lakeport_config::{Settings, Watch};
use lakeport_engine::Engine;
use tokio::runtime::Runtime;

use crate::arguments::Lake;

/// The settings of the lake that the arguments name.
pub(crate) fn settings(lake: &Lake) -> Result<Settings> {
    match &lake.dir {
        Some(folder) => Ok(lakeport_config::folder(folder)?),
        None => Ok(lakeport_config::load(&lake.config)?),
    }
}

/// The settings of one config file, and the watch that says when they are old.
pub(crate) fn watched(config: &Path) -> Result<(Settings, Watch)> {
    let (settings, watch) = lakeport_config::load_watched(config);
    Ok((settings?, watch))
}

/// The stack of a socket's thread, as large as a computing thread's: what is planned there is copied and dropped here,
/// and a statement that nests deep is as deep to copy. Address space, touched only as far as it is used.
const STACK_BYTES: usize = 16 << 20;

/// The engine over these settings.
pub(crate) fn engine(settings: Settings) -> Result<Engine> {
    Ok(Engine::open(settings)?)
}

/// The threads that sockets and commands wait on; storage and computing have their own.
pub(crate) fn runtime() -> Result<Runtime> {
    tokio::runtime::Builder::new_multi_thread()
        .worker_threads(2)
        .thread_name("sockets")
        .thread_stack_size(STACK_BYTES)
        .enable_all()
        .build()
        .context("the socket threads cannot be started")
}
