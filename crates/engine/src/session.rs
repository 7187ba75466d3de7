//! One client's session: its settings, its transaction, its statements.

use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use arrow::array::{ArrayRef, StringArray};
use arrow::datatypes::SchemaRef;
use arrow::record_batch::RecordBatch;
use datafusion::common::ScalarValue;
use lakeport_access::Identity;
use lakeport_base::SqlState;
use lakeport_config::Settings;
use lakeport_sql::statement::{Explain, Kind, Set};
use lakeport_sql::types::PgType;
use lakeport_sql::value::Style;
use lakeport_sql::{Statement, ast};
use lakeport_store::Meter;
use tokio::time::Instant;
use tokio_util::task::AbortOnDropHandle;

use crate::answer::{Executable, Restart, Source};
use crate::engine::Shared;
use crate::error::{from_datafusion, from_panic, from_sql};
use crate::plan::{Planned, Planner, explain_rows, named};
use crate::settings::SessionSettings;
use crate::stop::Entry;
use crate::{Answer, Error, Result, Rows, Running};

/// How long a plan may wait between being described and being run before it is made anew on
/// what the lake holds then. Parse, Bind and Execute of one statement come well within it.
const PLAN_KEPT: Duration = Duration::from_secs(1);

/// Where a session's transaction stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Transaction {
    /// None is open.
    Idle,
    /// Between BEGIN and COMMIT.
    Open,
    /// After an error in a transaction: all but ROLLBACK and COMMIT is refused (25P02).
    Failed,
}

/// One client's session.
#[derive(Debug)]
pub struct Session {
    pub(crate) shared: Arc<Shared>,
    pub(crate) identity: Identity,
    database: String,
    entry: Entry,
    pub(crate) settings: SessionSettings,
    transaction: Transaction,
    /// Statements of one message are undone together, without a BEGIN.
    implicit: bool,
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
    kept: Arc<Mutex<Option<Kept>>>,
}

/// The plan that was made to describe a statement, for its first execution.
#[derive(Debug)]
struct Kept {
    planner: Planner,
    planned: Planned,
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
        let settings = SessionSettings::new(&identity, settings);
        Session {
            shared,
            identity,
            database: database.to_owned(),
            entry,
            settings,
            transaction: Transaction::Idle,
            implicit: false,
        }
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
        self.settings.untold()
    }

    /// How values are written as text in this session now.
    pub fn style(&self) -> Style {
        self.settings.style()
    }

    /// Where the transaction stands.
    pub fn transaction(&self) -> Transaction {
        self.transaction
    }

    /// Notes that something failed: an open transaction is failed from here on.
    pub fn fail(&mut self) {
        if self.transaction == Transaction::Open {
            self.transaction = Transaction::Failed;
        }
    }

    /// Takes the statements that follow as one: what they set is undone if they end in an error.
    /// Nothing where a transaction is open.
    pub fn begin_implicit(&mut self) {
        if self.transaction == Transaction::Idle {
            self.settings.begin();
            self.implicit = true;
        }
    }

    /// Ends what [`Session::begin_implicit`] began, unless a BEGIN among the statements took it over.
    pub fn end_implicit(&mut self, committed: bool) {
        if std::mem::take(&mut self.implicit) {
            self.settings.end(committed);
        }
    }

    /// Splits a text into statements and reads each. Empty for a text without any.
    ///
    /// # Errors
    ///
    /// 42601 and its kin, with the position in the whole text.
    pub async fn parse(&self, text: &str) -> Result<Vec<Statement>> {
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
        self.check_transaction(&statement)?;
        let mut prepared = Prepared {
            parameters: Vec::new(),
            columns: self.columns(&statement.kind)?,
            statement,
            declared: declared.to_vec(),
            kept: Arc::default(),
        };
        let query = match &prepared.statement.kind {
            Kind::Query(query) => query.clone(),
            Kind::Explain(explain) => explain.query.clone(),
            _ => return Ok(prepared),
        };
        let planner = self.planner();
        let planned = self.planned(&planner, query, &prepared.statement, &prepared.declared).await?;
        prepared.parameters = planned.query.parameters.clone();
        if prepared.columns.is_none() {
            prepared.columns = Some(named(&planned.query)?);
        }
        prepared.kept = Arc::new(Mutex::new(Some(Kept { planner, planned, at: Instant::now() })));
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
        self.check_transaction(&prepared.statement)?;
        match &prepared.statement.kind {
            Kind::Query(query) => self.query(query, prepared, parameters).await,
            Kind::Explain(explain) => self.explain(explain, prepared, parameters).await,
            Kind::Set(set) => self.set(set),
            Kind::SetTransaction(sets) => {
                sets.iter().try_for_each(|set| self.set(set).map(drop)).map(|()| done("SET"))
            }
            Kind::Show(name) => self.show(name),
            Kind::Reset(name) => self.settings.reset(name).map(|()| done("RESET")),
            Kind::Begin => Ok(self.begin_transaction()),
            Kind::Commit { chain } => Ok(self.end_transaction(true, *chain)),
            Kind::Rollback { chain } => Ok(self.end_transaction(false, *chain)),
            Kind::CreateView(create) => self.create_view(create).await,
            Kind::DropView { if_exists, names } => self.drop_views(*if_exists, names).await,
            Kind::CommentOnView { name, comment } => self.comment_on_view(name, comment.as_deref()).await,
            Kind::Discard(what) => self.discard(what),
            // What these name lives in the door; there is nothing of theirs here.
            Kind::Deallocate(name) => Ok(done(if name.is_none() { "DEALLOCATE ALL" } else { "DEALLOCATE" })),
            Kind::Close(name) => Ok(done(if name.is_none() { "CLOSE CURSOR ALL" } else { "CLOSE CURSOR" })),
            Kind::Unlisten => Ok(done("UNLISTEN")),
            Kind::Write(command) => Err(Error::new(
                SqlState::READ_ONLY_SQL_TRANSACTION,
                format!("cannot execute {command}: this is a read-only lake"),
            )
            .with_hint("Its tables are files that are only read; views can be created, by roles that may.")),
        }
    }

    pub(crate) fn planner(&self) -> Planner {
        Planner {
            shared: Arc::clone(&self.shared),
            opened: self.shared.opened.load_full(),
            reader: self.identity.clone(),
            user: self.identity.clone(),
            database: self.database.clone(),
            session: self.entry.id,
            search_path: self.settings.search_path(),
            settings: Arc::new(self.settings.clone()),
            meter: Arc::new(Meter::default()),
            refresh: false,
            trail: Vec::new(),
        }
    }

    /// Runs work on the computing threads; a panic there is an error here.
    pub(crate) async fn compute<T: Send + 'static>(
        &self,
        work: impl Future<Output = Result<T>> + Send + 'static,
    ) -> Result<T> {
        use tracing::Instrument;
        let task = AbortOnDropHandle::new(self.shared.runtimes.compute().spawn(work.in_current_span()));
        match task.await {
            Ok(result) => result,
            Err(failure) if failure.is_panic() => Err(from_panic(failure.into_panic().as_ref())),
            Err(_) => Err(Error::new(SqlState::ADMIN_SHUTDOWN, "the server is going down")),
        }
    }

    async fn planned(
        &self,
        planner: &Planner,
        query: Box<ast::Query>,
        statement: &Statement,
        declared: &[Option<PgType>],
    ) -> Result<Planned> {
        let (planner, declared) = (planner.clone(), declared.to_vec());
        let (text, start) = (statement.text.clone(), statement.start);
        let planned = self.compute(async move { planner.plan(&query, &text, &declared).await }).await;
        planned.map_err(|error| Error { position: error.position.map(|position| position + start), ..error })
    }

    /// The plan to run: the one that described the statement if it is fresh, otherwise a new one.
    async fn plan_to_run(&self, query: &ast::Query, prepared: &Prepared) -> Result<(Planner, Planned)> {
        let kept = prepared.kept.lock().unwrap_or_else(PoisonError::into_inner).take();
        if let Some(kept) = kept
            && kept.at.elapsed() < PLAN_KEPT
        {
            return Ok((kept.planner, kept.planned));
        }
        let planner = self.planner();
        let types: Vec<_> = prepared.parameters.iter().copied().map(Some).collect();
        let planned = self.planned(&planner, Box::new(query.clone()), &prepared.statement, &types).await?;
        Ok((planner, planned))
    }

    async fn query(
        &self,
        query: &ast::Query,
        prepared: &Prepared,
        parameters: Vec<ArrayRef>,
    ) -> Result<Answer> {
        let values = scalars(&parameters)?;
        let (planner, planned) = self.plan_to_run(query, prepared).await?;
        let schema = named(&planned.query)?;
        check_columns(prepared, &schema)?;
        let run = {
            let (planner, planned, values) = (planner.clone(), planned, values.clone());
            self.compute(async move { executable(&planner, &planned, values).await })
        };
        let restart = restart(planner, query.clone(), prepared.clone(), values);
        match run.await {
            Ok(executable) => {
                Ok(Answer::Rows(self.rows(schema, "SELECT", Source::Plan(executable), Some(restart))))
            }
            Err(error) if error.sqlstate == SqlState::SERIALIZATION_FAILURE => {
                let executable = self.compute(restart()).await?;
                Ok(Answer::Rows(self.rows(schema, "SELECT", Source::Plan(executable), None)))
            }
            Err(error) => Err(error),
        }
    }

    async fn explain(
        &self,
        explain: &Explain,
        prepared: &Prepared,
        parameters: Vec<ArrayRef>,
    ) -> Result<Answer> {
        let values = scalars(&parameters)?;
        let (planner, planned) = self.plan_to_run(&explain.query, prepared).await?;
        let asked = explain.clone();
        let batch = self
            .compute(async move {
                let run = executable(&planner, &planned, values).await?;
                explain_rows(&asked, run, &planner.meter).await
            })
            .await?;
        Ok(Answer::Rows(self.rows(batch.schema(), "EXPLAIN", Source::Ready(vec![batch]), None)))
    }

    fn rows(&self, schema: SchemaRef, tag: &'static str, source: Source, restart: Option<Restart>) -> Rows {
        Rows { schema, tag, source, compute: self.shared.runtimes.compute().clone(), restart }
    }

    /// The columns of statements that need no plan to know them.
    fn columns(&self, kind: &Kind) -> Result<Option<SchemaRef>> {
        match kind {
            Kind::Show(name) => Ok(Some(self.show_rows(name)?.schema())),
            Kind::Explain(explain) => Ok(Some(crate::plan::explain_columns(explain))),
            _ => Ok(None),
        }
    }

    fn set(&mut self, set: &Set) -> Result<Answer> {
        if set.local && self.transaction == Transaction::Idle {
            let warning = warning(
                SqlState::NO_ACTIVE_SQL_TRANSACTION,
                "SET LOCAL can only be used in transaction blocks",
            );
            return Ok(Answer::Done { tag: "SET", notices: vec![warning] });
        }
        self.settings.set(&set.name, set.value.as_deref(), set.local)?;
        Ok(done("SET"))
    }

    fn show(&self, name: &str) -> Result<Answer> {
        let batch = self.show_rows(name)?;
        Ok(Answer::Rows(self.rows(batch.schema(), "SHOW", Source::Ready(vec![batch]), None)))
    }

    fn show_rows(&self, name: &str) -> Result<RecordBatch> {
        if name == "all" {
            let all = self.settings.all();
            return text_batch(&[
                ("name", all.iter().map(|setting| setting.name.as_str()).collect()),
                ("setting", all.iter().map(|setting| setting.value.as_str()).collect()),
                ("description", all.iter().map(|setting| setting.description).collect()),
            ]);
        }
        let value = self.settings.show(name)?;
        text_batch(&[(SessionSettings::shown_name(name), vec![value.as_str()])])
    }

    fn begin_transaction(&mut self) -> Answer {
        if self.transaction != Transaction::Idle {
            let warning =
                warning(SqlState::ACTIVE_SQL_TRANSACTION, "there is already a transaction in progress");
            return Answer::Done { tag: "BEGIN", notices: vec![warning] };
        }
        self.transaction = Transaction::Open;
        // What came before BEGIN in the same message belongs to the transaction, as in PostgreSQL.
        if !std::mem::take(&mut self.implicit) {
            self.settings.begin();
        }
        done("BEGIN")
    }

    fn end_transaction(&mut self, commit: bool, chain: bool) -> Answer {
        let committed = commit && self.transaction != Transaction::Failed;
        let tag = if committed { "COMMIT" } else { "ROLLBACK" };
        if self.transaction == Transaction::Idle {
            let warning = warning(SqlState::NO_ACTIVE_SQL_TRANSACTION, "there is no transaction in progress");
            return Answer::Done { tag, notices: vec![warning] };
        }
        self.settings.end(committed);
        self.transaction = Transaction::Idle;
        if chain {
            self.begin_transaction();
        }
        done(tag)
    }

    fn discard(&mut self, what: &str) -> Result<Answer> {
        match what {
            "all" if self.transaction != Transaction::Idle => Err(Error::new(
                SqlState::ACTIVE_SQL_TRANSACTION,
                "DISCARD ALL cannot run inside a transaction block",
            )),
            "all" => self.settings.reset("all").map(|()| done("DISCARD ALL")),
            "plans" => Ok(done("DISCARD PLANS")),
            "sequences" => Ok(done("DISCARD SEQUENCES")),
            _ => Ok(done("DISCARD TEMP")),
        }
    }

    fn check_transaction(&self, statement: &Statement) -> Result<()> {
        let ends = matches!(statement.kind, Kind::Commit { .. } | Kind::Rollback { .. });
        if self.transaction == Transaction::Failed && !ends {
            return Err(Error::new(
                SqlState::IN_FAILED_SQL_TRANSACTION,
                "current transaction is aborted, commands ignored until end of transaction block",
            ));
        }
        Ok(())
    }
}

/// Fills the parameters in and makes the physical plan.
async fn executable(planner: &Planner, planned: &Planned, values: Vec<ScalarValue>) -> Result<Executable> {
    let plan = planned.query.bind(values).map_err(from_sql)?;
    planner.executable(planned, &plan).await
}

/// Plans the statement once more, on listings made new.
fn restart(mut planner: Planner, query: ast::Query, prepared: Prepared, values: Vec<ScalarValue>) -> Restart {
    planner.refresh = true;
    Box::new(move || {
        let compute = planner.shared.runtimes.compute().clone();
        let work = async move {
            tracing::info!("an object changed while it was read; the statement starts over");
            let types: Vec<_> = prepared.parameters.iter().copied().map(Some).collect();
            let planned = planner.plan(&query, &prepared.statement.text, &types).await?;
            check_columns(&prepared, &named(&planned.query)?)?;
            executable(&planner, &planned, values).await
        };
        let task = AbortOnDropHandle::new(compute.spawn(work));
        Box::pin(async move {
            match task.await {
                Ok(result) => result,
                Err(failure) if failure.is_panic() => Err(from_panic(failure.into_panic().as_ref())),
                Err(_) => Err(Error::new(SqlState::ADMIN_SHUTDOWN, "the server is going down")),
            }
        })
    })
}

/// A statement that was described keeps its columns: the client reads rows by that description.
fn check_columns(prepared: &Prepared, now: &SchemaRef) -> Result<()> {
    let Some(then) = &prepared.columns else { return Ok(()) };
    let same = then.fields().len() == now.fields().len()
        && then.fields().iter().zip(now.fields()).all(|(then, now)| {
            then.name() == now.name()
                && then.data_type() == now.data_type()
                && then.metadata() == now.metadata()
        });
    if same {
        return Ok(());
    }
    Err(Error::new(SqlState::FEATURE_NOT_SUPPORTED, "cached plan must not change result type"))
}

fn scalars(parameters: &[ArrayRef]) -> Result<Vec<ScalarValue>> {
    parameters.iter().map(|array| ScalarValue::try_from_array(array, 0).map_err(from_datafusion)).collect()
}

pub(crate) fn done(tag: &'static str) -> Answer {
    Answer::Done { tag, notices: Vec::new() }
}

fn warning(sqlstate: SqlState, message: &str) -> Error {
    Error::new(sqlstate, message)
}

/// A batch of text columns.
pub(crate) fn text_batch(columns: &[(&str, Vec<&str>)]) -> Result<RecordBatch> {
    let arrays = columns
        .iter()
        .map(|(name, values)| (*name, Arc::new(StringArray::from_iter_values(values)) as ArrayRef));
    RecordBatch::try_from_iter(arrays).map_err(|error| from_datafusion(error.into()))
}
