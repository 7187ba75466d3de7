//! The engine: all that sessions share.

use std::collections::HashMap;
use std::path::Path;
use std::sync::Arc;

use arc_swap::ArcSwap;
use datafusion::execution::disk_manager::{DiskManagerBuilder, DiskManagerMode};
use datafusion::execution::runtime_env::{RuntimeEnv, RuntimeEnvBuilder};
use datafusion::execution::{SessionState, TaskContext};
use lakeport_access::{Access, Identity};
use lakeport_base::{ByteSize, Fault, Faults, SqlState};
use lakeport_config::{Limits, Settings};
use lakeport_lake::{ClosedRegistry, Footers};
use lakeport_sql::state::StateOptions;
use lakeport_sql::value::Style;
use tokio::sync::Semaphore;

use crate::error::from_datafusion;
use crate::memory::Budget;
use crate::open::Opened;
use crate::plan::{GenericPlans, States};
use crate::runtimes::Runtimes;
use crate::stop::Sessions;
use crate::turns::Turns;
use crate::{Error, Result, Session};

/// Rows in a batch, unless a table's rows are so wide that its scan takes fewer. DataFusion's own default.
const BATCH_ROWS: usize = 8192;

/// An open lake. Cheap to clone.
#[derive(Debug, Clone)]
pub struct Engine {
    pub(crate) shared: Arc<Shared>,
}

/// What all sessions of an engine share.
#[derive(Debug)]
pub(crate) struct Shared {
    pub(crate) runtimes: Runtimes,
    pub(crate) sessions: Arc<Sessions>,
    pub(crate) opened: ArcSwap<Opened>,
    /// The turns that statements take at computing.
    pub(crate) turns: Arc<Turns>,
    /// One change of views or config at a time.
    pub(crate) changes: tokio::sync::Mutex<()>,
    pub(crate) footers: Arc<Footers>,
    /// Makes the salts of users that there are not; new with each start, since no state is kept.
    pub(crate) secret: [u8; 32],
    pub(crate) budget: Arc<Budget>,
    statement_memory: ByteSize,
    runtime: RuntimeEnv,
    /// What statements are planned with.
    pub(crate) states: States,
    /// Plans of catalog queries that are run again.
    pub(crate) generic: GenericPlans,
}

impl Engine {
    /// Opens every store of the settings, and starts the threads for storage and computing.
    ///
    /// A store that does not answer and a view that cannot be planned are no errors here: each is
    /// one when it is used, and [`Engine::check`] finds them.
    ///
    /// # Errors
    ///
    /// Where the settings cannot be run at all.
    pub fn open(settings: Settings) -> Result<Engine, Faults> {
        let limits = settings.limits.clone();
        let broken = |error: Error| Faults::from(Fault::new(error.message));
        let runtimes = Runtimes::start().map_err(broken)?;
        let footers = Footers::new(limits.footer_memory);
        let secret = secret().map_err(broken)?;
        let opened = Opened::open(settings, &secret, Arc::clone(&footers), runtimes.storage())?;
        let turns = usize::try_from(limits.statements).unwrap_or(Semaphore::MAX_PERMITS);
        let runtime = runtime(&limits).map_err(broken)?;
        let processors = std::thread::available_parallelism().map_or(1, usize::from);
        let plain = lakeport_sql::state::session_state(StateOptions {
            runtime: Arc::new(runtime.clone()),
            style: Style::default(),
            target_partitions: processors,
            batch_size: BATCH_ROWS,
        });
        Ok(Engine {
            shared: Arc::new(Shared {
                runtimes,
                sessions: Arc::new(Sessions::default()),
                opened: ArcSwap::from_pointee(opened),
                turns: Turns::new(turns, processors),
                changes: tokio::sync::Mutex::new(()),
                footers,
                secret,
                budget: Budget::new(limits.memory),
                statement_memory: limits.statement_memory,
                runtime,
                states: States::new(plain),
                generic: GenericPlans::new(),
            }),
        })
    }

    /// Opens a folder of this machine: each Parquet file and each folder directly in it is a
    /// table of the schema `public`.
    ///
    /// # Errors
    ///
    /// Where there is no such folder.
    pub fn open_folder(folder: &Path) -> Result<Engine, Faults> {
        Engine::open(lakeport_config::folder(folder)?)
    }

    /// The settings that are in force now.
    pub fn settings(&self) -> Arc<Settings> {
        Arc::clone(&self.shared.opened.load().settings)
    }

    /// Who may log in and who may do what, by the settings that are in force now.
    pub fn access(&self) -> Arc<Access> {
        Arc::clone(&self.shared.opened.load().access)
    }

    /// Starts a session for someone whose login has been checked.
    ///
    /// # Errors
    ///
    /// 3D000 where the config names the database, and it is another.
    pub fn session(&self, identity: Identity, database: &str) -> Result<Session> {
        let settings = self.settings();
        if let Some(name) = &settings.postgres.database
            && name != database
        {
            return Err(Error::new(
                SqlState::INVALID_CATALOG_NAME,
                format!("database \"{database}\" does not exist"),
            ));
        }
        Ok(Session::new(Arc::clone(&self.shared), identity, database, &settings))
    }

    /// Requests that the stores have been asked for since this config was opened.
    pub fn store_requests(&self) -> u64 {
        let opened = self.shared.opened.load();
        opened.stores().filter_map(|(_, store)| Some(store.ok()?.meter().requests())).sum()
    }

    /// Statements that were run by a plan made for others like them: catalog queries that clients ask again and again.
    pub fn generic_runs(&self) -> u64 {
        self.shared.generic.runs()
    }

    /// Cancels what the session with this id runs, if it runs anything.
    pub fn cancel(&self, session: i32) {
        self.shared.sessions.cancel(session);
    }
}

impl Shared {
    /// What one execution runs with: its statement's state, and its own share of memory.
    pub(crate) fn task(&self, state: &SessionState) -> Arc<TaskContext> {
        let runtime =
            RuntimeEnv { memory_pool: self.budget.statement(self.statement_memory), ..self.runtime.clone() };
        // Without functions: plans hold theirs, and hundreds would be copied for each statement.
        Arc::new(TaskContext::new(
            None,
            state.session_id().to_owned(),
            state.config().clone(),
            HashMap::new(),
            HashMap::new(),
            HashMap::new(),
            HashMap::new(),
            Arc::new(runtime),
        ))
    }
}

/// The part of a statement's surroundings that is the same for all: where they spill to.
fn runtime(limits: &Limits) -> Result<RuntimeEnv> {
    let mode = match &limits.spill_folder {
        Some(folder) => DiskManagerMode::Directories(vec![folder.clone()]),
        None => DiskManagerMode::OsTmpDirectory,
    };
    let disk =
        DiskManagerBuilder::default().with_mode(mode).with_max_temp_directory_size(limits.spill.as_bytes());
    RuntimeEnvBuilder::new()
        .with_disk_manager_builder(disk)
        // Listings are ours (see `lakeport_lake`): DataFusion's own would never see a new file.
        .with_object_list_cache_limit(0)
        .with_object_store_registry(Arc::new(ClosedRegistry))
        .build()
        .map_err(from_datafusion)
}

fn secret() -> Result<[u8; 32]> {
    let mut secret = [0; 32];
    getrandom::fill(&mut secret)
        .map_err(|error| Error::new(SqlState::INTERNAL_ERROR, format!("no random numbers: {error}")))?;
    Ok(secret)
}
