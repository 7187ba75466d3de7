//! The DataFusion session that a statement is planned and run with.
//!
//! Everything that makes DataFusion answer as PostgreSQL does is put together here: settings,
//! functions, rules, the planner that knows Apply. Tables are not: names are resolved elsewhere.

use std::any::Any;
use std::sync::Arc;

use datafusion::common::config::{ConfigEntry, ConfigExtension, ConfigOptions, ExtensionOptions};
use datafusion::common::{Result, plan_err};
use datafusion::config::SpillCompression;
use datafusion::execution::FunctionRegistry;
use datafusion::execution::runtime_env::RuntimeEnv;
use datafusion::execution::session_state::{SessionState, SessionStateBuilder};
use datafusion::logical_expr::ScalarUDF;
use datafusion::optimizer::{Analyzer, AnalyzerRule, Optimizer, OptimizerRule};
use datafusion::physical_optimizer::optimizer::PhysicalOptimizer;
use datafusion::prelude::SessionConfig;

use crate::apply::{ApplyLeftovers, ApplyQueryPlanner, ApplySubqueries};
use crate::functions;
use crate::rules::{CastNulls, CheckedArithmetic, IntervalOrder, PgCasts, RegFunctions, SingleDistinct};
use crate::unwanted::{Unwanted, UnwantedOption, watched_analyzer, watched_optimizer, watched_physical};
use crate::value::Style;

/// What a session state is made from.
#[derive(Debug, Clone)]
pub struct StateOptions {
    /// Memory, spill files, object stores.
    pub runtime: Arc<RuntimeEnv>,
    /// How the session writes values.
    pub style: Style,
    /// How many parts of a statement run at once.
    pub target_partitions: usize,
    /// Rows of a batch.
    pub batch_size: usize,
}

/// A DataFusion session that answers as PostgreSQL does.
pub fn session_state(options: StateOptions) -> SessionState {
    let state = SessionStateBuilder::new()
        .with_config(session_config(&options))
        .with_runtime_env(Arc::clone(&options.runtime))
        .with_scalar_functions(functions::scalar_functions())
        .with_aggregate_functions(functions::aggregate_functions())
        .with_window_functions(functions::window_functions())
        .with_higher_order_functions(functions::higher_order_functions())
        .with_expr_planners(functions::expr_planners())
        .with_relation_planners(functions::relation_planners())
        .with_query_planner(Arc::new(ApplyQueryPlanner))
        .with_analyzer_rules(watched_analyzer(analyzer_rules()))
        .with_optimizer_rules(watched_optimizer(optimizer_rules()))
        .with_physical_optimizer_rules(watched_physical(PhysicalOptimizer::new().rules))
        .build();
    with_style(&state, options.style)
}

/// The same session with another style. Cheap enough for every statement.
pub fn with_style(state: &SessionState, style: Style) -> SessionState {
    let mut state = state.clone();
    state.mark_start_execution();
    let options = state.config_mut().options_mut();
    options.execution.time_zone = Some(style.zone.name().to_owned());
    options.extensions.insert(StyleOption(style));
    // Functions that depend on the time zone are told of it by being made anew.
    let options = Arc::clone(state.config_options());
    let renewed: Vec<_> = state
        .scalar_functions()
        .values()
        .filter_map(|function| function.inner().with_updated_config(&options))
        .collect();
    for function in renewed {
        // Registering fails only in registries that are read-only, which this is not.
        let registered = state.register_udf(Arc::new(function));
        debug_assert!(registered.is_ok());
    }
    state
}

/// The same session for one statement, whose catalog these functions read.
///
/// They are found in the statement's [`Scope`](crate::Scope) and not here, where adding them would cost more than planning.
/// `regclassin`, `regclassout` and their kin among them are what casts of those types are made by.
///
/// Its rules end planning once that is unwanted.
pub fn with_functions(
    state: &SessionState,
    functions: &[Arc<ScalarUDF>],
    unwanted: &Unwanted,
) -> SessionState {
    let mut state = state.clone();
    let extensions = &mut state.config_mut().options_mut().extensions;
    extensions.insert(RegFunctions::among(functions));
    extensions.insert(UnwantedOption(unwanted.clone()));
    // What `now()` tells, all through the statement.
    state.mark_start_execution();
    state
}

/// The session's style, as functions find it in their options; PostgreSQL's own where none is set.
pub fn style(options: &ConfigOptions) -> Style {
    options.extensions.get::<StyleOption>().map(|option| option.0).unwrap_or_default()
}

fn session_config(options: &StateOptions) -> SessionConfig {
    let mut config = SessionConfig::new()
        .with_target_partitions(options.target_partitions)
        .with_batch_size(options.batch_size)
        .with_create_default_catalog_and_schema(false)
        .with_information_schema(false);
    let settings = config.options_mut();
    // PostgreSQL reads `0.1` as numeric.
    settings.sql_parser.parse_float_as_decimal = true;
    // Derived tables with ORDER BY keep it, as they do in PostgreSQL where nothing reorders them.
    settings.sql_parser.enable_subquery_sort_elimination = false;
    settings.execution.spill_compression = SpillCompression::Lz4Frame;
    settings.execution.listing_table_ignore_subdirectory = false;
    // INT96 holds nanoseconds since 1970 in 64 bits only until 2262; Spark writes later dates.
    settings.execution.parquet.coerce_int96 = Some("us".to_owned());
    settings.optimizer.enable_physical_uncorrelated_scalar_subquery = true;
    config
}

/// DataFusion's analyzer with our rules around it.
fn analyzer_rules() -> Vec<Arc<dyn AnalyzerRule + Send + Sync>> {
    let mut rules = Analyzer::new().rules;
    // Apply is last: it must see the types that coercion settles, and runs before the plan is checked.
    rules.push(Arc::new(PgCasts));
    rules.push(Arc::new(CheckedArithmetic));
    rules.push(Arc::new(IntervalOrder));
    rules.push(Arc::new(ApplySubqueries));
    rules
}

/// DataFusion's optimizer with ours right behind its decorrelation, and [`SingleDistinct`] in place of its own, and [`CastNulls`]
/// last.
fn optimizer_rules() -> Vec<Arc<dyn OptimizerRule + Send + Sync>> {
    let mut rules = Optimizer::new().rules;
    let single_distinct = SingleDistinct::default();
    for rule in rules.iter_mut().filter(|rule| rule.name() == single_distinct.name()) {
        *rule = Arc::new(SingleDistinct::default());
    }
    let decorrelated = rules.iter().position(|rule| rule.name() == "decorrelate_lateral_join");
    rules.insert(decorrelated.map_or(rules.len(), |index| index + 1), Arc::new(ApplyLeftovers));
    rules.push(Arc::new(CastNulls));
    rules
}

/// The style among the options that functions are handed.
#[derive(Debug, Clone)]
struct StyleOption(Style);

impl ConfigExtension for StyleOption {
    const PREFIX: &'static str = "lakeport";
}

impl ExtensionOptions for StyleOption {
    fn as_any(&self) -> &dyn Any {
        self
    }

    fn as_any_mut(&mut self) -> &mut dyn Any {
        self
    }

    fn cloned(&self) -> Box<dyn ExtensionOptions> {
        Box::new(self.clone())
    }

    fn set(&mut self, key: &str, _value: &str) -> Result<()> {
        plan_err!("{key} cannot be set")
    }

    fn entries(&self) -> Vec<ConfigEntry> {
        Vec::new()
    }
}
