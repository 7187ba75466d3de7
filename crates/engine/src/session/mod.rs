//! One client's session: its settings, its transaction, its statements.

mod arguments;
mod change;
mod control;
mod copy;
mod lock;
mod notify;
mod query;
mod settings;
mod temp;
mod transaction;

use std::borrow::Cow;
use std::net::SocketAddr;
use std::sync::{Arc, Mutex};

use arrow::array::ArrayRef;
use arrow::datatypes::SchemaRef;
use lakeport_access::Identity;
use lakeport_base::SqlState;
use lakeport_catalog::SessionObjects;
use lakeport_config::Settings;
use lakeport_sql::statement::Kind;
use lakeport_sql::types::PgType;
use lakeport_sql::value::Style;
use lakeport_sql::{Statement, Unwanted};
use lakeport_store::Meter;
use tokio::time::Instant;
use tokio_util::sync::CancellationToken;

use crate::answer::Executable;
use crate::channels::Pending;
use crate::engine::Shared;
use crate::error::from_sql;
use crate::memory::Purse;
use crate::plan::{Pins, Planned, Planner, named};
use crate::settings::SessionSettings;
use crate::stop::Entry;
use crate::temp::TempTables;
use crate::views::ViewChanges;
use crate::{Answer, Error, Result, Rows, Running};

use change::ChangeQuery;
pub(crate) use control::{Control, Noted};
use query::Purpose;
pub use transaction::Transaction;
use transaction::{Implicit, Savepoint};

/// Longest text that is read where it arrives, in bytes: a FETCH and its like, which take less time than another
/// thread would to begin. A guess.
const SHORT_TEXT: usize = 512;

/// One client's session.
#[derive(Debug)]
pub struct Session {
    pub(crate) shared: Arc<Shared>,
    pub(crate) identity: Identity,
    database: String,
    entry: Entry,
    /// What functions have set and is not set yet.
    noted: Arc<Noted>,
    pub(crate) settings: SessionSettings,
    transaction: Transaction,
    /// Statements of one message are undone together, without a BEGIN.
    implicit: Implicit,
    savepoints: Vec<Savepoint>,
    objects: Arc<Mutex<SessionObjects>>,
    /// What the transaction has seen, if it is one that keeps to it.
    pins: Arc<Pins>,
    /// A query has been planned in this transaction.
    queried: bool,
    /// What the transaction has changed about views.
    pub(crate) view_changes: ViewChanges,
    /// Its temporary tables.
    temp: TempTables,
    /// What the transaction tells others when it commits.
    pending: Pending,
    /// What functions have warned of and the client has not been told.
    warnings: Vec<Error>,
}

/// A statement that has been planned: what it wants and what it gives.
#[derive(Debug, Clone)]
pub struct Prepared {
    /// The types of its parameters, `$1` first.
    pub parameters: Vec<PgType>,
    /// The columns of its answer; none where it gives no rows. Names may repeat.
    pub columns: Option<SchemaRef>,
    /// The statement.
    pub statement: Statement,
    declared: Vec<Option<PgType>>,
    /// Whether the digits of its answer depend on what its parameters are bound to.
    follows_values: bool,
    /// The query of the rows that a change makes.
    change: Option<Arc<ChangeQuery>>,
    kept: Arc<Mutex<Option<Kept>>>,
}

/// The plan that was made to describe a statement, for its first execution.
#[derive(Debug)]
struct Kept {
    planner: Planner,
    planned: Planned,
    /// What runs it, where that was made along with it.
    ready: Option<Executable>,
    at: Instant,
}

impl Session {
    pub(crate) fn new(
        shared: Arc<Shared>,
        identity: Identity,
        database: &str,
        settings: &Settings,
    ) -> Session {
        let entry = shared.sessions.enter();
        entry.belongs_to(&identity, database);
        let purse = Purse::new(&shared.budget, settings.limits.temp_memory);
        let tables_max = usize::try_from(settings.limits.session_objects).unwrap_or(usize::MAX);
        let settings = SessionSettings::new(&identity, settings);
        Session {
            shared,
            identity,
            database: database.to_owned(),
            entry,
            noted: Arc::default(),
            settings,
            transaction: Transaction::Idle,
            implicit: Implicit::No,
            savepoints: Vec::new(),
            objects: Arc::default(),
            pins: Arc::default(),
            queried: false,
            view_changes: ViewChanges::default(),
            temp: TempTables::new(purse, tables_max),
            pending: Pending::default(),
            warnings: Vec::new(),
        }
    }

    /// Says where the session's client is, for others to see.
    pub fn comes_from(&self, peer: SocketAddr) {
        self.entry.comes_from(peer);
    }

    /// Cancels this token when the session is to end, as pg_terminate_backend wants.
    pub fn ends_by(&self, token: CancellationToken) {
        self.entry.ends_by(token);
    }

    /// The number that cancel requests name; unique among open sessions.
    pub fn id(&self) -> i32 {
        self.entry.id
    }

    /// Takes a setting from the client's start-up message, where unknown names are let pass.
    ///
    /// # Errors
    ///
    /// 22023 where the value is no value of the setting.
    pub fn set_at_startup(&mut self, name: &str, value: &str) -> Result<()> {
        self.settings.set_default(name, value)
    }

    /// The settings that clients are told of (ParameterStatus) and that changed since the last
    /// call; at the first call all of them.
    pub fn changed_settings(&mut self) -> Vec<(&'static str, String)> {
        self.take_noted();
        self.entry.rest(match self.transaction {
            Transaction::Idle => "idle",
            Transaction::Open => "idle in transaction",
            Transaction::Failed => "idle in transaction (aborted)",
        });
        self.settings.untold()
    }

    /// What the session keeps under names, as the catalog is to show it: for the door to fill, which
    /// keeps it.
    pub fn objects(&self) -> Arc<Mutex<SessionObjects>> {
        Arc::clone(&self.objects)
    }

    /// How values are written as text in this session now.
    pub fn style(&self) -> Style {
        self.settings.style()
    }
    /// Splits a text into statements and reads each. Empty for a text without any.
    ///
    /// # Errors
    ///
    /// 42601 and its kin, with the position in the whole text.
    pub async fn parse(&self, text: &str) -> Result<Vec<Statement>> {
        if text.len() <= SHORT_TEXT {
            return lakeport_sql::parse(text).map_err(from_sql);
        }
        let text = text.to_owned();
        // A long text takes long to read: not on a socket's thread.
        self.compute(async move { lakeport_sql::parse(&text).map_err(from_sql) }).await
    }

    /// Makes a statement stoppable, and starts its timeout. One at a time.
    pub fn begin(&self) -> Running {
        self.entry.begin(self.settings.statement_timeout())
    }

    /// Plans a statement.
    ///
    /// `declared` are the types the client gave for `$1` and on; none where it left one open.
    /// Dropping the future loses nothing.
    ///
    /// # Errors
    ///
    /// Whatever is wrong with the statement; 25P02 in a failed transaction.
    pub async fn prepare(&mut self, statement: Statement, declared: &[Option<PgType>]) -> Result<Prepared> {
        self.check_transaction(&statement.kind)?;
        self.note(&statement);
        let mut prepared = Prepared {
            parameters: Vec::new(),
            columns: self.columns(&statement.kind)?,
            statement,
            declared: declared.to_vec(),
            follows_values: false,
            change: None,
            kept: Arc::default(),
        };
        let query = match &prepared.statement.kind {
            Kind::Query(query) => query.clone(),
            Kind::Explain(explain) => explain.query.clone(),
            Kind::Declare(declare) => declare.query.clone(),
            Kind::CreateTempAs(create) => create.query.clone(),
            Kind::Change(change) => {
                let change = change.clone();
                self.prepare_change(&change, &mut prepared).await?;
                return Ok(prepared);
            }
            Kind::Write(command) => return Err(read_only(command)),
            _ => return Ok(prepared),
        };
        self.queried = true;
        let planner = self.planner();
        let (statement, declared) = (&prepared.statement, &prepared.declared);
        let (planned, ready) = match statement.kind {
            Kind::Query(_) | Kind::Declare(_) => {
                self.planned_to_run(&planner, query, statement, declared, Purpose::Run).await?
            }
            _ => (self.planned(&planner, query, statement, declared).await?, None),
        };
        prepared.parameters = planned.query.parameters.clone();
        prepared.follows_values = planned.query.follows_values;
        if let Kind::Query(_) = &prepared.statement.kind {
            prepared.columns = Some(named(&planned.query)?);
        }
        prepared.kept = Arc::new(Mutex::new(Some(Kept { planner, planned, ready, at: Instant::now() })));
        Ok(prepared)
    }

    /// Starts a statement. `parameters` are arrays of one value each, of the Arrow type of
    /// [`PgType::arrow`] of the type that [`Prepared::parameters`] names.
    ///
    /// Dropping the future, or the answer, ends the statement.
    ///
    /// # Errors
    ///
    /// Whatever is wrong with the statement; 25P02 in a failed transaction; 25006 for a write.
    pub async fn execute(&mut self, prepared: &Prepared, parameters: Vec<ArrayRef>) -> Result<Answer> {
        let answer = self.executed(prepared, parameters).await?;
        Ok(self.heard(answer))
    }

    async fn executed(&mut self, prepared: &Prepared, parameters: Vec<ArrayRef>) -> Result<Answer> {
        self.check_transaction(&prepared.statement.kind)?;
        self.note(&prepared.statement);
        match &prepared.statement.kind {
            Kind::Query(query) => {
                self.query(query, prepared, parameters).await.map(Rows::with_names).map(Answer::Rows)
            }
            Kind::Explain(explain) => self.explain(explain, prepared, parameters).await,
            Kind::Copy(copy) => self.copy(copy, prepared).await,
            Kind::Set(set) => self.set(set),
            Kind::SetTransaction(sets) => self.set_transaction(sets),
            Kind::Show(name) => self.show(name),
            Kind::Reset(name) => self.settings.reset(name).map(|()| done("RESET")),
            Kind::Begin { start, modes } => {
                self.begin_transaction(if *start { "START TRANSACTION" } else { "BEGIN" }, modes)
            }
            Kind::Commit { chain } => self.commit(*chain).await,
            Kind::Rollback { chain } => self.end_transaction(false, *chain),
            Kind::Savepoint(name) => self.savepoint(name),
            Kind::Release(name) => self.release(name),
            Kind::RollbackTo(name) => self.rollback_to(name),
            Kind::Declare(declare) => self.declare(declare, prepared, parameters).await,
            Kind::Fetch(fetch) => Err(Error::new(
                SqlState::INVALID_CURSOR_NAME,
                format!("cursor \"{}\" does not exist", fetch.cursor),
            )),
            Kind::CreateView(create) => self.create_view(create).await,
            Kind::RenameView(rename) => self.rename_view(rename).await,
            Kind::DropView(drop) => self.drop_views(drop).await,
            Kind::CreateSchema { if_not_exists, name } => self.create_schema(name, *if_not_exists),
            Kind::CommentOnView { name, comment } => self.comment_on_view(name, comment.as_deref()).await,
            Kind::Discard(what) => self.discard(what),
            // What these name lives in the door; there is nothing of theirs here.
            Kind::Deallocate(name) => Ok(done(if name.is_none() { "DEALLOCATE ALL" } else { "DEALLOCATE" })),
            Kind::Close(name) => Ok(done(if name.is_none() { "CLOSE CURSOR ALL" } else { "CLOSE CURSOR" })),
            Kind::Prepare(_) => {
                Err(Error::new(SqlState::FEATURE_NOT_SUPPORTED, "a prepared statement lives in a connection"))
            }
            Kind::Execute(execute) => Err(Error::new(
                SqlState::INVALID_SQL_STATEMENT_NAME,
                format!("prepared statement \"{}\" does not exist", execute.name),
            )),
            Kind::Lock(names) => self.lock(names).await,
            Kind::Listen(channel) => self.listen(channel),
            Kind::Notify { channel, payload } => self.notify(channel, payload),
            Kind::Unlisten(channel) => self.unlisten(channel.as_deref()),
            Kind::CreateTemp(_)
            | Kind::CreateTempAs(_)
            | Kind::DropTable { .. }
            | Kind::Truncate(_)
            | Kind::Change(_) => self.temporary(prepared, parameters).await,
            Kind::Write(command) => Err(read_only(command)),
        }
    }

    /// A statement is on its way: what the last one has set is set, and others see this one.
    fn note(&mut self, statement: &Statement) {
        self.take_noted();
        let application = self.settings.show("application_name").unwrap_or_default();
        self.entry.note(&statement.text, application);
    }

    /// Whom the session acts as now: its user, or who SET ROLE has made of it.
    pub(crate) fn acting(&self) -> Identity {
        match self.settings.role() {
            None => self.identity.clone(),
            Some(role) => Identity { user: role.to_owned(), roles: vec![role.to_owned()], superuser: false },
        }
    }

    pub(crate) fn planner(&self) -> Planner {
        let acting = self.acting();
        Planner {
            shared: Arc::clone(&self.shared),
            opened: self.opened(),
            reader: acting.clone(),
            user: acting,
            session_user: self.identity.user.clone(),
            database: self.database.clone(),
            session: self.entry.id,
            noted: Arc::clone(&self.noted),
            search_path: self.settings.search_path(),
            temp: self.temp.now(),
            settings: Arc::new(self.settings.clone()),
            objects: Arc::clone(&self.objects),
            meter: Arc::new(Meter::default()),
            refresh: false,
            values: Arc::default(),
            pins: self.pins_now(),
            trail: Vec::new(),
            unwanted: Unwanted::default(),
        }
    }

    /// Runs work on the computing threads; a panic there is an error here.
    pub(crate) async fn compute<T: Send + 'static>(
        &self,
        work: impl Future<Output = Result<T>> + Send + 'static,
    ) -> Result<T> {
        self.shared.runtimes.run(work).await
    }

    /// Plans on the computing threads. Planning ends where the future is dropped, as soon as it looks.
    pub(crate) async fn planning<T: Send + 'static>(
        &self,
        unwanted: &Unwanted,
        work: impl Future<Output = Result<T>> + Send + 'static,
    ) -> Result<T> {
        let wanted = unwanted.when_dropped();
        let result = self.compute(work).await;
        wanted.done();
        result
    }

    /// The columns of statements that need no plan to know them.
    fn columns(&self, kind: &Kind) -> Result<Option<SchemaRef>> {
        match kind {
            Kind::Show(name) => Ok(Some(self.show_rows(name)?.schema())),
            Kind::Explain(explain) => Ok(Some(crate::plan::explain_columns(explain))),
            _ => Ok(None),
        }
    }
}

pub(crate) fn done(tag: impl Into<Cow<'static, str>>) -> Answer {
    Answer::Done { tag: tag.into(), notices: Vec::new() }
}

fn warning(sqlstate: SqlState, message: &str) -> Error {
    Error::new(sqlstate, message)
}

/// 25006 for a statement that writes to the lake.
pub(crate) fn read_only(command: &str) -> Error {
    let message = format!("cannot execute {command}: this is a read-only lake");
    Error::new(SqlState::READ_ONLY_SQL_TRANSACTION, message)
        .with_hint("Its tables are files that are only read; views can be created, by roles that may.")
}
