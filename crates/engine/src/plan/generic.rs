//! Generic plans: made once for a query of the catalog, and run for each that differs from it in its constants only.
//!
//! Clients ask the catalog the same few questions of thousands of tables, and planning one takes ten times as long as
//! answering it. So a query's shape is remembered when it first comes; when it comes again, a plan is made that finds its
//! constants when it runs (`lakeport_sql::Held`), and kept for as long as the catalog has the same relations.
//!
//! What is kept must mean the same as what would be planned now:
//! - Only what is steady is kept (`steady`): relations and functions whose answers no session and no moment changes.
//! - The constants of the query that it is made for, filled in, must give the very plan that the query has as it was
//!   written. Where they do not, they stay in the shape, and only the same query again is of that shape.
//! - It belongs to who may see what, where names are looked up, how values are written, and to one version of the
//!   catalog; with another version it is made anew.
//!
//! Dropping any of it at any moment changes time and no answer.

use std::hash::{Hash, Hasher};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use arrow::array::{ArrayRef, StringArray};
use datafusion::common::ScalarValue;
use datafusion::common::tree_node::{Transformed, TreeNode, TreeNodeRecursion};
use datafusion::execution::SessionState;
use datafusion::execution::session_state::SessionStateBuilder;
use datafusion::logical_expr::{Expr, LogicalPlan};
use datafusion::physical_optimizer::PhysicalOptimizerRule;
use datafusion::physical_optimizer::filter_pushdown::FilterPushdown;
use datafusion::physical_plan::execution_plan::reset_plan_states;
use datafusion::physical_plan::{ExecutionPlan, ExecutionPlanProperties};
use futures::FutureExt;
use futures::future::BoxFuture;
use lakeport_access::Identity;
use lakeport_catalog::Relations;
use lakeport_sql::rules::{is_reg, reg_parameters};
use lakeport_sql::types::PgType;
use lakeport_sql::value::{Style, read};
use lakeport_sql::{Constant, Held, Unwanted, ast, has_parameters, holding, normalize, unplaced};

use super::Planner;
use super::light::optimized;
use super::planner::Planned;
use super::steady::{is_steady, is_steady_plan};
use crate::Result;
use crate::answer::Executable;
use crate::engine::Shared;
use crate::error::{from_datafusion, from_sql};
use crate::open::Opened;

/// What is remembered of shapes, in plans. A guess: some clients' worth of catalog queries for some users. A plan and what
/// runs it take some 100 KiB.
const PLANS_MAX: u64 = 256;

/// How many shapes without a plan take the room of one.
const SHAPES_PER_PLAN: u32 = 16;

/// How long what nobody asks for is kept. A guess.
const KEPT_FOR: Duration = Duration::from_secs(15 * 60);

/// Longest text of a query that is remembered, in bytes. Clients' longest catalog queries are a fifth of it.
const TEXT_MAX: usize = 32 << 10;

/// Plans of one shape that wait for the next that runs. A guess: of more clients at once, some plan anew.
const IDLE_MAX: usize = 4;

/// The generic plans of an engine.
#[derive(Debug)]
pub(crate) struct GenericPlans {
    shapes: moka::sync::Cache<Shape, State>,
    /// Statements that were run by one.
    runs: AtomicU64,
}

/// A query, and all that its plan depends on but the catalog.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Shape {
    query: ast::Query,
    /// The types of its parameters and of the constants that were taken out, as far as they are told.
    types: Vec<Option<PgType>>,
    reader: Identity,
    user: Identity,
    database: String,
    search_path: Vec<String>,
    style: Style,
}

impl Hash for Shape {
    fn hash<H: Hasher>(&self, state: &mut H) {
        // What the queries of one engine differ in; the rest only has to be equal.
        self.query.hash(state);
        self.user.user.hash(state);
    }
}

/// What has come of a shape so far.
#[derive(Debug, Clone)]
enum State {
    /// It came once.
    Seen,
    /// It has no generic plan.
    Unfit,
    /// It has none for any constants. With those that were written it is another shape, which may have one.
    AsWritten,
    /// It has one.
    Made(Arc<Generic>),
}

/// A plan for any values of its parameters.
#[derive(Debug)]
struct Generic {
    opened: Arc<Opened>,
    /// The relations there were; none where the query asks for none.
    relations: Option<Arc<Relations>>,
    /// What `xmin` said.
    version: u32,
    query: lakeport_sql::Planned,
    optimized: LogicalPlan,
    /// What physical plans are made with.
    making: SessionState,
    /// What they are run with.
    state: Arc<SessionState>,
    idle: Mutex<Vec<Runnable>>,
}

/// A generic plan, and the constants of one query.
#[derive(Debug, Clone)]
pub(crate) struct Fitted {
    generic: Arc<Generic>,
    /// None where the query has parameters: their values come when it runs.
    constants: Option<Vec<ScalarValue>>,
}

/// A physical plan that never runs itself, and what those read that are made of it.
#[derive(Debug)]
struct Runnable {
    plan: Arc<dyn ExecutionPlan>,
    held: Arc<Held>,
}

/// A physical plan that is on loan to whoever runs it.
///
/// It goes back once it has run to its end. Where it is dropped before, something may be running it still, and nobody
/// runs it again.
#[derive(Debug)]
pub(crate) struct Loan(Arc<Generic>, Mutex<Option<Runnable>>);

impl State {
    fn name(&self) -> &'static str {
        match self {
            State::Seen => "seen",
            State::Unfit => "has no generic plan",
            State::AsWritten => "has one for its own constants at most",
            State::Made(_) => "has a generic plan",
        }
    }
}

impl GenericPlans {
    pub(crate) fn new() -> GenericPlans {
        let weight = |_: &Shape, state: &State| match state {
            State::Made(_) => SHAPES_PER_PLAN,
            State::Seen | State::Unfit | State::AsWritten => 1,
        };
        let shapes = moka::sync::Cache::builder()
            .max_capacity(PLANS_MAX * u64::from(SHAPES_PER_PLAN))
            .weigher(weight)
            .time_to_idle(KEPT_FOR);
        GenericPlans { shapes: shapes.build(), runs: AtomicU64::new(0) }
    }

    /// How many statements were run by a generic plan so far.
    pub(crate) fn runs(&self) -> u64 {
        self.runs.load(Ordering::Relaxed)
    }

    /// Forgets all.
    pub(crate) fn forget(&self) {
        self.shapes.invalidate_all();
    }
}

impl Planner {
    /// The plan that was made for queries like this one; none where there is none, or not yet. Never fails: what is
    /// wrong with a query is found by planning it.
    pub(crate) fn generic<'a>(
        &'a self,
        query: &'a ast::Query,
        text: &'a str,
        declared: &'a [Option<PgType>],
    ) -> BoxFuture<'a, Option<Planned>> {
        self.generic_here(query, text, declared).boxed()
    }

    async fn generic_here(
        &self,
        query: &ast::Query,
        text: &str,
        declared: &[Option<PgType>],
    ) -> Option<Planned> {
        let is_own = self.refresh
            || !self.values.is_empty()
            || !self.temp.is_empty()
            || !self.trail.is_empty()
            // A transaction may have changed views, or hold on to what was there when it began.
            || !Arc::ptr_eq(&self.opened, &self.shared.opened.load());
        if is_own || text.len() > TEXT_MAX {
            return None;
        }
        let has_values = !declared.is_empty() || has_parameters(query);
        let normalized = if has_values { unplaced(query) } else { normalize(query) };
        let types = if has_values { declared.to_vec() } else { types(&normalized.constants) };
        let shape = self.shape(normalized.query, types);
        match self.state_of(&shape, &normalized.constants, query, text).await {
            Some(State::Made(generic)) => self.fitted(generic, &normalized.constants, has_values),
            Some(State::AsWritten) => {
                let shape = self.shape(unplaced(query).query, Vec::new());
                match self.state_of(&shape, &[], query, text).await {
                    Some(State::Made(generic)) => self.fitted(generic, &[], has_values),
                    _ => None,
                }
            }
            _ => None,
        }
    }

    fn shape(&self, query: ast::Query, types: Vec<Option<PgType>>) -> Shape {
        Shape {
            query,
            types,
            reader: self.reader.clone(),
            user: self.user.clone(),
            database: self.database.clone(),
            search_path: self.search_path.clone(),
            style: self.settings.style(),
        }
    }

    /// What has come of a shape, after this query of it too; none at the first.
    async fn state_of(
        &self,
        shape: &Shape,
        constants: &[Constant],
        written: &ast::Query,
        text: &str,
    ) -> Option<State> {
        let plans = &self.shared.generic.shapes;
        match plans.get(shape) {
            None => {
                plans.insert(shape.clone(), State::Seen);
                return None;
            }
            Some(State::Made(generic)) if generic.is_of(self).await => return Some(State::Made(generic)),
            Some(State::Seen | State::Made(_)) => {}
            Some(state) => return Some(state),
        }
        let state = self.made(shape, constants, written, text).await.unwrap_or_else(|error| {
            // What is wrong with the query is said where it is planned.
            tracing::debug!(%error, "no generic plan");
            State::Unfit
        });
        tracing::debug!(text, state = state.name(), "a query came again");
        plans.insert(shape.clone(), state.clone());
        Some(state)
    }

    /// Makes the generic plan of a shape, if it may have one.
    async fn made(
        &self,
        shape: &Shape,
        constants: &[Constant],
        written: &ast::Query,
        text: &str,
    ) -> Result<State> {
        // What is kept is nobody's in particular.
        let own = Planner { unwanted: Unwanted::default(), ..self.clone() };
        let surroundings = own.surroundings(written, text).await?;
        if !is_steady(written, &surroundings.resolved) {
            return Ok(State::Unfit);
        }
        let (mut scope, state, _) = own.scope(&surroundings, &shape.types).await?;
        let query = lakeport_sql::plan(&shape.query, &scope, text).map_err(from_sql)?;
        // An array's type does not tell how many dimensions it has, and what is made of it is planned by them.
        let has_arrays =
            query.parameters.iter().any(|pg_type| pg_type.element != 0 && *pg_type != PgType::NAME);
        if has_arrays || !is_steady_plan(&query.plan)? {
            return Ok(State::Unfit);
        }
        if !constants.is_empty() {
            scope.parameters.clear();
            let own = lakeport_sql::plan(written, &scope, text).map_err(from_sql)?;
            let bound = query.bind(scalars(constants, &query, &state, &self.settings.style())?);
            let bound = lakeport_sql::Planned { plan: bound.map_err(from_sql)?, ..query.clone() };
            if !is_same(&own, &bound, &state)? {
                return Ok(State::AsWritten);
            }
        }
        let optimized = optimized(&anew(&state), &query.plan).map_err(from_datafusion)?;
        let making = SessionStateBuilder::new_from_existing(state.as_ref().clone())
            .with_physical_optimizer_rules(self.states().generic.clone())
            .build();
        let generic = Generic {
            opened: Arc::clone(&self.opened),
            relations: surroundings.whole.then(|| Arc::clone(&surroundings.pinned.relations)),
            version: self.opened.oids.version(),
            query,
            optimized,
            making,
            state,
            idle: Mutex::default(),
        };
        let first = generic.runnable().await?;
        generic.give_back(first);
        Ok(State::Made(Arc::new(generic)))
    }

    fn fitted(&self, generic: Arc<Generic>, constants: &[Constant], has_values: bool) -> Option<Planned> {
        let started = Instant::now();
        let query = lakeport_sql::Planned {
            parameters: if has_values { generic.query.parameters.clone() } else { Vec::new() },
            ..generic.query.clone()
        };
        let constants = match has_values {
            true => None,
            false => {
                let style = self.settings.style();
                let values = scalars(constants, &generic.query, &generic.state, &style).ok()?;
                Some(generic.query.values(values).ok()?)
            }
        };
        let state = Arc::clone(&generic.state);
        let fitted = Some(Fitted { generic, constants });
        Some(Planned { query, state, reads_lake: false, fitted, took: started.elapsed() })
    }
}

impl Generic {
    /// Whether it is what the planner would make now.
    async fn is_of(&self, planner: &Planner) -> bool {
        let same =
            Arc::ptr_eq(&self.opened, &planner.opened) && self.version == planner.opened.oids.version();
        match &self.relations {
            Some(relations) if same => Arc::ptr_eq(relations, &planner.version().await),
            _ => same,
        }
    }

    async fn runnable(&self) -> Result<Runnable> {
        let held = Arc::new(Held::default());
        let plan = holding(self.optimized.clone(), &held).map_err(from_datafusion)?;
        let making = &self.making;
        let plan =
            making.query_planner().create_physical_plan(&plan, making).await.map_err(from_datafusion)?;
        Ok(Runnable { plan, held })
    }

    fn take(&self) -> Option<Runnable> {
        self.idle.lock().unwrap_or_else(PoisonError::into_inner).pop()
    }

    fn give_back(&self, runnable: Runnable) {
        let mut idle = self.idle.lock().unwrap_or_else(PoisonError::into_inner);
        // Operators on other tasks than the one that reads may run on when it has read all.
        if idle.len() < IDLE_MAX && is_on_one_task(&runnable.plan) {
            idle.push(runnable);
        }
    }
}

impl Fitted {
    /// A plan to run with these values of the query's parameters.
    pub(crate) async fn executable(&self, shared: &Shared, values: Vec<ScalarValue>) -> Result<Executable> {
        let generic = &self.generic;
        let values = match &self.constants {
            Some(constants) => constants.clone(),
            None => generic.query.values(values).map_err(from_sql)?,
        };
        let runnable = match generic.take() {
            Some(runnable) => runnable,
            None => generic.runnable().await?,
        };
        shared.generic.runs.fetch_add(1, Ordering::Relaxed);
        runnable.held.set(values);
        let plan = reset_plan_states(Arc::clone(&runnable.plan)).map_err(from_datafusion)?;
        // What joins tell scans while they run belongs to one run.
        let plan = FilterPushdown::new_post_optimization()
            .optimize(plan, generic.state.config_options())
            .map_err(from_datafusion)?;
        let loan = Some(Arc::new(Loan(Arc::clone(generic), Mutex::new(Some(runnable)))));
        Ok(Executable { plan, context: shared.task(&generic.state), turns: None, loan })
    }
}

impl Loan {
    /// The plan has run to its end.
    pub(crate) fn end(&self) {
        if let Some(runnable) = self.1.lock().unwrap_or_else(PoisonError::into_inner).take() {
            self.0.give_back(runnable);
        }
    }
}

/// The rules of a session for plans that others are made of: all but the one that connects joins with the scans that
/// they filter while they run.
pub(super) fn without_dynamic_filters(
    state: &SessionState,
) -> Vec<Arc<dyn PhysicalOptimizerRule + Send + Sync>> {
    let post = FilterPushdown::new_post_optimization();
    state.physical_optimizers().iter().filter(|rule| rule.name() != post.name()).cloned().collect()
}

fn types(constants: &[Constant]) -> Vec<Option<PgType>> {
    constants.iter().map(|constant| constant.pg_type).collect()
}

/// The constants as values of the parameters that stand in their places.
fn scalars(
    constants: &[Constant],
    query: &lakeport_sql::Planned,
    state: &SessionState,
    style: &Style,
) -> Result<Vec<ScalarValue>> {
    let arrays = constants.iter().zip(&query.parameters).map(|(constant, pg_type)| {
        let text = constant.text.as_str();
        // What the name stands for is looked up below.
        if is_reg(*pg_type) && text != "-" && !text.bytes().all(|byte| byte.is_ascii_digit()) {
            return Ok(Arc::new(StringArray::from(vec![text])) as ArrayRef);
        }
        let value = match text {
            "-" if is_reg(*pg_type) => read::Value::Oid(0),
            text => read::value(text, *pg_type, style)?,
        };
        read::array_of(&[Some(value)], *pg_type)
    });
    let arrays = arrays
        .collect::<Result<Vec<_>, _>>()
        .map_err(|error| crate::Error::new(error.sqlstate(), error.to_string()))?;
    let arrays =
        reg_parameters(arrays, &query.parameters, state.config_options()).map_err(from_datafusion)?;
    arrays.iter().map(|array| ScalarValue::try_from_array(array, 0).map_err(from_datafusion)).collect()
}

/// Whether two queries are planned to the same.
fn is_same(one: &lakeport_sql::Planned, other: &lakeport_sql::Planned, state: &SessionState) -> Result<bool> {
    let told = |planned: &lakeport_sql::Planned| {
        (planned.names.clone(), planned.origins.clone(), planned.modifiers.clone())
    };
    let plan = |planned: &lakeport_sql::Planned| {
        optimized(&anew(state), &planned.plan).and_then(without_metadata).map_err(from_datafusion)
    };
    Ok(told(one) == told(other) && one.plan.schema() == other.plan.schema() && plan(one)? == plan(other)?)
}

/// The plan with literals that say nothing but their values.
fn without_metadata(plan: LogicalPlan) -> datafusion::common::Result<LogicalPlan> {
    let bare = plan.transform_up_with_subqueries(|node| {
        node.map_expressions(|expr| {
            expr.transform_up(|expr| match expr {
                Expr::Literal(value, Some(_)) => Ok(Transformed::yes(Expr::Literal(value, None))),
                expr => Ok(Transformed::no(expr)),
            })
        })
    })?;
    Ok(bare.data)
}

/// The same session, in which names that rules make begin anew.
fn anew(state: &SessionState) -> SessionState {
    let mut state = state.clone();
    state.mark_start_execution();
    state
}

/// Whether all of a plan runs in the task that reads its rows.
fn is_on_one_task(plan: &Arc<dyn ExecutionPlan>) -> bool {
    let mut is_one = true;
    let looked = plan.apply(|operator| {
        is_one = operator.output_partitioning().partition_count() == 1;
        Ok(if is_one { TreeNodeRecursion::Continue } else { TreeNodeRecursion::Stop })
    });
    looked.is_ok() && is_one
}
