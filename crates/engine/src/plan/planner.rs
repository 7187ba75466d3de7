//! Planning one statement: on one catalog, for one reader, with one set of snapshots.

use std::collections::HashMap;
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use datafusion::catalog::TableProvider;
use datafusion::common::ScalarValue;
use datafusion::datasource::ViewTable;
use datafusion::execution::SessionState;
use datafusion::logical_expr::{LogicalPlan, LogicalPlanBuilder, col};
use futures::FutureExt;
use futures::future::{BoxFuture, try_join_all};
use lakeport_access::Identity;
use lakeport_base::{SqlState, TableName};
use lakeport_catalog::SessionObjects;
use lakeport_sql::state::with_functions;
use lakeport_sql::statement::Kind;
use lakeport_sql::types::PgType;
use lakeport_sql::{Scope, Unwanted, ast};
use lakeport_store::Meter;

use super::asks::asks_for_relations;
use super::generic::Fitted;
use super::light::optimized;
use super::name::Resolved;
use super::pins::Pins;
use super::sleep::pg_sleep;
use super::states::Styled;
use crate::answer::Executable;
use crate::engine::Shared;
use crate::error::{from_datafusion, from_lake, from_sql};
use crate::open::{Opened, View};
use crate::session::Noted;
use crate::settings::SessionSettings;
use crate::temp::TempSet;
use crate::{Error, Result};

/// Views that may stand on each other, one on the next. Far above what people write.
const VIEW_DEPTH_MAX: usize = 32;

/// Who plans, and with what. Cheap to clone.
#[derive(Debug, Clone)]
pub(crate) struct Planner {
    pub(crate) shared: Arc<Shared>,
    pub(crate) opened: Arc<Opened>,
    /// Whose rights decide: the session's, or a view's owner's inside of it.
    pub(crate) reader: Identity,
    /// Who `current_user` is.
    pub(crate) user: Identity,
    /// Who `session_user` is.
    pub(crate) session_user: String,
    pub(crate) database: String,
    pub(crate) session: i32,
    /// What functions have set and is not set yet.
    pub(crate) noted: Arc<Noted>,
    pub(crate) search_path: Vec<String>,
    /// The session's temporary tables; a view sees none.
    pub(crate) temp: TempSet,
    pub(crate) settings: Arc<SessionSettings>,
    /// What the session keeps under names.
    pub(crate) objects: Arc<Mutex<SessionObjects>>,
    /// Counts what the statement asks of stores.
    pub(crate) meter: Arc<Meter>,
    /// List every table again, whatever the age of its listing.
    pub(crate) refresh: bool,
    /// What the transaction holds on to; none where each statement sees what is there then.
    pub(crate) pins: Option<Arc<Pins>>,
    /// Values of parameters that the plan is made for; empty where it is made for any.
    pub(crate) values: Arc<[Option<ScalarValue>]>,
    /// The views that are being planned, outermost first.
    pub(crate) trail: Vec<TableName>,
    /// Whether nobody wants the plan any more.
    pub(crate) unwanted: Unwanted,
}

/// A planned query, and what it was planned with.
#[derive(Debug, Clone)]
pub(crate) struct Planned {
    pub(crate) query: lakeport_sql::Planned,
    pub(crate) state: Arc<SessionState>,
    /// Whether it reads files, or only the catalog.
    pub(crate) reads_lake: bool,
    /// The generic plan that this is, and what it is run with.
    pub(crate) fitted: Option<Fitted>,
    /// What planning it took.
    pub(crate) took: Duration,
}

/// What a query's names stand for, and the catalog that it sees.
pub(super) struct Surroundings {
    names: Vec<Vec<String>>,
    pub(super) resolved: Vec<Resolved>,
    /// Whether the catalog is with its relations.
    pub(super) whole: bool,
    pub(super) pinned: Arc<lakeport_catalog::Pinned>,
}

impl Planner {
    /// Plans a query. `text` is the statement's own, for positions.
    pub(crate) fn plan<'a>(
        &'a self,
        query: &'a ast::Query,
        text: &'a str,
        declared: &'a [Option<PgType>],
    ) -> BoxFuture<'a, Result<Planned>> {
        async move {
            let started = Instant::now();
            let surroundings = self.surroundings(query, text).await?;
            let (scope, state, reads_lake) = self.scope(&surroundings, declared).await?;
            let query = lakeport_sql::plan(query, &scope, text).map_err(from_sql)?;
            Ok(Planned { query, state, reads_lake, fitted: None, took: started.elapsed() })
        }
        .boxed()
    }

    /// What the names of a query stand for.
    pub(super) async fn surroundings(&self, query: &ast::Query, text: &str) -> Result<Surroundings> {
        let names = lakeport_sql::relations(query, text);
        let resolving: Vec<BoxFuture<'_, _>> =
            names.iter().map(|parts| self.resolve_placed(query, parts, text).boxed()).collect();
        let resolved = try_join_all(resolving).await?;
        let whole = resolved.iter().any(|resolved| matches!(resolved, Resolved::System(_)))
            || asks_for_relations(query);
        let pinned = Arc::new(self.pinned(whole).await);
        Ok(Surroundings { names, resolved, whole, pinned })
    }

    /// What planning the query may see, what it is run with, and whether it reads files.
    pub(super) async fn scope(
        &self,
        surroundings: &Surroundings,
        declared: &[Option<PgType>],
    ) -> Result<(Scope, Arc<SessionState>, bool)> {
        let Surroundings { names, resolved, pinned, .. } = surroundings;
        let mut tables = HashMap::new();
        let mut reads_lake = false;
        let opening: Vec<BoxFuture<'_, _>> =
            resolved.iter().map(|resolved| self.provider(resolved, pinned).boxed()).collect();
        let providers = try_join_all(opening).await?;
        let mut oids = HashMap::new();
        for (resolved, parts) in resolved.iter().zip(names) {
            oids.extend(self.oid(resolved).map(|oid| (parts.clone(), oid)));
        }
        for (parts, (provider, files)) in names.iter().zip(providers) {
            tables.insert(parts.clone(), provider);
            reads_lake |= files;
        }
        let mut functions = lakeport_catalog::functions(pinned);
        functions.push(pg_sleep());
        let states = self.states();
        let state = if reads_lake { &states.lake } else { &states.catalog };
        let state = Arc::new(with_functions(state, &functions, &self.unwanted));
        let scope = Scope {
            tables,
            oids,
            version: self.opened.oids.version(),
            functions,
            state: Arc::clone(&states.names),
            parameters: declared.to_vec(),
            values: self.values.to_vec(),
            unwanted: self.unwanted.clone(),
        };
        Ok((scope, state, reads_lake))
    }

    /// The DataFusion sessions of the session's style.
    pub(super) fn states(&self) -> Arc<Styled> {
        self.shared.states.of(self.settings.style())
    }

    /// Makes a plan ready to run.
    pub(crate) async fn executable(&self, planned: &Planned, plan: &LogicalPlan) -> Result<Executable> {
        let state = planned.state.as_ref();
        let optimized = if planned.reads_lake { state.optimize(plan) } else { optimized(state, plan) };
        let optimized = optimized.map_err(from_datafusion)?;
        let plan =
            state.query_planner().create_physical_plan(&optimized, state).await.map_err(from_datafusion)?;
        Ok(Executable {
            plan,
            context: self.shared.task(&planned.state),
            turns: planned.reads_lake.then(|| Arc::clone(&self.shared.turns)),
            loan: None,
        })
    }

    /// Whether there is a relation of this name that the reader may read.
    ///
    /// # Errors
    ///
    /// 42P01 where there is none.
    pub(crate) async fn must_find(&self, parts: &[String]) -> Result<()> {
        self.resolve(parts).await.map(|_| ())
    }

    /// What a name of the query stands for; an error says where the name is.
    async fn resolve_placed(&self, query: &ast::Query, parts: &[String], text: &str) -> Result<Resolved> {
        self.resolve(parts).await.map_err(|error| Error {
            position: error.position.or_else(|| lakeport_sql::relation_position(query, parts, text)),
            ..error
        })
    }

    /// The oid that the catalog has for what a name stands for.
    fn oid(&self, resolved: &Resolved) -> Option<u32> {
        match resolved {
            Resolved::System(name) => lakeport_catalog::oid(&name.schema, &name.name),
            Resolved::Table(table) => Some(self.opened.oids.oid(table.name())),
            Resolved::View(view) => Some(self.opened.oids.oid(&view.name)),
            Resolved::Temp(table) => Some(self.temp_oid(&table.name)),
            Resolved::Path(_) => None,
        }
    }

    /// The table behind a resolved name, and whether it reads files.
    async fn provider(
        &self,
        resolved: &Resolved,
        pinned: &Arc<lakeport_catalog::Pinned>,
    ) -> Result<(Arc<dyn TableProvider>, bool)> {
        match resolved {
            Resolved::System(name) => {
                let table = lakeport_catalog::table(&name.schema, &name.name, pinned).ok_or_else(|| {
                    Error::new(SqlState::INTERNAL_ERROR, format!("system relation {name} has no table"))
                })?;
                Ok((table, false))
            }
            Resolved::Table(table) | Resolved::Path(table) => {
                let by_path = matches!(resolved, Resolved::Path(_));
                let snapshot = match &self.pins {
                    Some(pins) => pins.snapshot(table, by_path, &self.meter, self.refresh).await?,
                    None if self.refresh => table.refresh().await.map_err(|error| from_lake(&error))?,
                    None => table.snapshot().await.map_err(|error| from_lake(&error))?,
                };
                Ok((snapshot.provider(Arc::clone(&self.meter)), true))
            }
            Resolved::Temp(table) => Ok((table.provider()?, true)),
            Resolved::View(view) => {
                let (planned, table) = self.view(view).await?;
                Ok((table, planned.reads_lake))
            }
        }
    }

    /// Plans a view: its own text, now, with its owner's rights.
    ///
    /// # Errors
    ///
    /// What is wrong with it, with the view's name and the line of its file.
    pub(crate) async fn view(&self, view: &View) -> Result<(Planned, Arc<dyn TableProvider>)> {
        if self.trail.contains(&view.name) || self.trail.len() >= VIEW_DEPTH_MAX {
            let circle: Vec<String> =
                self.trail.iter().chain([&view.name]).map(TableName::to_string).collect();
            return Err(Error::new(
                SqlState::INVALID_RECURSION,
                format!("view {} goes round in a circle: {}", view.name, circle.join(" reads ")),
            ));
        }
        let planned = self.view_text(view).await.map_err(|error| about(view, error))?;
        let plan = output(&planned.query).map_err(|error| about(view, error))?;
        let table = Arc::new(ViewTable::new(plan, Some(view.text.clone())));
        Ok((planned, table))
    }

    async fn view_text(&self, view: &View) -> Result<Planned> {
        let mut inner = self.clone();
        inner.reader = self.opened.reader_of(view)?;
        inner.temp = TempSet::default();
        inner.search_path = view_path(&view.name.schema);
        inner.values = Arc::default();
        inner.trail.push(view.name.clone());
        let statements = lakeport_sql::parse(&view.text).map_err(from_sql)?;
        let [statement] = statements.as_slice() else {
            return Err(Error::new(SqlState::SYNTAX_ERROR, "a view's file holds one SELECT"));
        };
        let Kind::Query(query) = &statement.kind else {
            return Err(Error::new(SqlState::SYNTAX_ERROR, "a view's file holds a SELECT and nothing else"));
        };
        inner.plan(query, &statement.text, &[]).await
    }
}

/// Where a view's bare names are looked up, whoever reads it: in its own schema, then in public.
pub(crate) fn view_path(schema: &str) -> Vec<String> {
    if schema == "public" { vec![schema.to_owned()] } else { vec![schema.to_owned(), "public".to_owned()] }
}

/// The plan with its columns under the names that the outside sees.
fn output(query: &lakeport_sql::Planned) -> Result<LogicalPlan> {
    for (index, name) in query.names.iter().enumerate() {
        if query.names[..index].contains(name) {
            return Err(Error::new(
                SqlState::DUPLICATE_COLUMN,
                format!("column \"{name}\" specified more than once"),
            ));
        }
    }
    let columns: Vec<_> = query
        .plan
        .schema()
        .columns()
        .into_iter()
        .zip(&query.names)
        .map(|(column, name)| col(column).alias(name))
        .collect();
    LogicalPlanBuilder::from(query.plan.clone())
        .project(columns)
        .and_then(LogicalPlanBuilder::build)
        .map_err(from_datafusion)
}

/// The error of a broken view, so that whoever reads it knows which file to mend.
fn about(view: &View, error: Error) -> Error {
    let line = match error.position {
        Some(position) => view.line + view.text.chars().take(position - 1).filter(|c| *c == '\n').count(),
        None => view.line,
    };
    // A view under this one has already said where.
    if error.message.starts_with("view ") {
        return Error { position: None, ..error };
    }
    let file = format!("views/{}/{}.sql", view.name.schema, view.name.name);
    Error {
        message: format!("view {} cannot be read: {} ({file}, line {line})", view.name, error.message),
        position: None,
        ..error
    }
}
