//! Planning that ends when nobody wants the plan any more.
//!
//! A task ends where it next waits, and planning never waits: thousands of columns take seconds, through dozens of rules.
//! So the planner looks before each operation of the query, and each rule before it begins, whether its work is still wanted.

use std::any::Any;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use datafusion::common::config::{ConfigEntry, ConfigExtension, ConfigOptions, ExtensionOptions};
use datafusion::common::tree_node::Transformed;
use datafusion::common::{DFSchema, Result, exec_err, plan_err};
use datafusion::logical_expr::LogicalPlan;
use datafusion::logical_expr::planner::{ExprPlanner, PlannerResult, RawBinaryExpr};
use datafusion::optimizer::{AnalyzerRule, ApplyOrder, OptimizerConfig, OptimizerRule};
use datafusion::physical_optimizer::PhysicalOptimizerRule;
use datafusion::physical_plan::ExecutionPlan;

/// Whether nobody wants an answer any more.
#[derive(Debug, Clone, Default)]
pub struct Unwanted(Arc<AtomicBool>);

impl Unwanted {
    /// Nobody does, once what this gives is dropped.
    pub fn when_dropped(&self) -> Wanted {
        Wanted(Some(self.clone()))
    }

    /// Whether that is so now.
    pub fn is_so(&self) -> bool {
        self.0.load(Ordering::Relaxed)
    }

    /// An error where nobody wants the answer any more. It goes nowhere: nobody reads it.
    ///
    /// # Errors
    ///
    /// Just then.
    pub fn check(&self) -> Result<()> {
        if self.is_so() { exec_err!("the answer is not wanted any more") } else { Ok(()) }
    }
}

/// Somebody wants an answer, as long as this lives.
#[derive(Debug)]
pub struct Wanted(Option<Unwanted>);

impl Wanted {
    /// Whoever wanted it has it.
    pub fn done(mut self) {
        self.0 = None;
    }
}

impl Drop for Wanted {
    fn drop(&mut self) {
        if let Some(unwanted) = &self.0 {
            unwanted.0.store(true, Ordering::Relaxed);
        }
    }
}

/// What the rules that watch look at, among the options of a statement.
#[derive(Debug, Clone, Default)]
pub(crate) struct UnwantedOption(pub(crate) Unwanted);

/// A rule that looks first whether its work is wanted.
#[derive(Debug)]
struct Watched<R: ?Sized>(Arc<R>);

/// The same rules, each of which looks first.
pub(crate) fn watched_analyzer(
    rules: Vec<Arc<dyn AnalyzerRule + Send + Sync>>,
) -> Vec<Arc<dyn AnalyzerRule + Send + Sync>> {
    rules.into_iter().map(|rule| Arc::new(Watched(rule)) as Arc<_>).collect()
}

/// The same rules, each of which looks first.
pub(crate) fn watched_optimizer(
    rules: Vec<Arc<dyn OptimizerRule + Send + Sync>>,
) -> Vec<Arc<dyn OptimizerRule + Send + Sync>> {
    rules.into_iter().map(|rule| Arc::new(Watched(rule)) as Arc<_>).collect()
}

/// The same rules, each of which looks first.
pub(crate) fn watched_physical(
    rules: Vec<Arc<dyn PhysicalOptimizerRule + Send + Sync>>,
) -> Vec<Arc<dyn PhysicalOptimizerRule + Send + Sync>> {
    rules.into_iter().map(|rule| Arc::new(Watched(rule)) as Arc<_>).collect()
}

fn check(options: &ConfigOptions) -> Result<()> {
    options.extensions.get::<UnwantedOption>().map_or(Ok(()), |option| option.0.check())
}

impl AnalyzerRule for Watched<dyn AnalyzerRule + Send + Sync> {
    fn analyze(&self, plan: LogicalPlan, config: &ConfigOptions) -> Result<LogicalPlan> {
        check(config)?;
        self.0.analyze(plan, config)
    }

    fn name(&self) -> &str {
        self.0.name()
    }
}

impl OptimizerRule for Watched<dyn OptimizerRule + Send + Sync> {
    fn name(&self) -> &str {
        self.0.name()
    }

    fn apply_order(&self) -> Option<ApplyOrder> {
        self.0.apply_order()
    }

    fn rewrite(&self, plan: LogicalPlan, config: &dyn OptimizerConfig) -> Result<Transformed<LogicalPlan>> {
        check(&config.options())?;
        self.0.rewrite(plan, config)
    }
}

impl PhysicalOptimizerRule for Watched<dyn PhysicalOptimizerRule + Send + Sync> {
    fn optimize(
        &self,
        plan: Arc<dyn ExecutionPlan>,
        config: &ConfigOptions,
    ) -> Result<Arc<dyn ExecutionPlan>> {
        check(config)?;
        self.0.optimize(plan, config)
    }

    fn optimize_with_context(
        &self,
        plan: Arc<dyn ExecutionPlan>,
        context: &dyn datafusion::physical_optimizer::PhysicalOptimizerContext,
    ) -> Result<Arc<dyn ExecutionPlan>> {
        check(context.config_options())?;
        self.0.optimize_with_context(plan, context)
    }

    fn name(&self) -> &str {
        self.0.name()
    }

    fn schema_check(&self) -> bool {
        self.0.schema_check()
    }
}

/// Plans no expression, but looks at each operation whether the plan is still wanted.
#[derive(Debug)]
pub(crate) struct WatchingPlanner(pub(crate) Unwanted);

impl ExprPlanner for WatchingPlanner {
    fn plan_binary_op(
        &self,
        expr: RawBinaryExpr,
        _schema: &DFSchema,
    ) -> Result<PlannerResult<RawBinaryExpr>> {
        self.0.check()?;
        Ok(PlannerResult::Original(expr))
    }
}

impl ConfigExtension for UnwantedOption {
    const PREFIX: &'static str = "lakeport_unwanted";
}

impl ExtensionOptions for UnwantedOption {
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

#[cfg(test)]
mod tests {
    use super::Unwanted;

    #[test]
    fn an_answer_is_unwanted_once_nobody_waits_for_it_who_has_not_got_it() {
        let unwanted = Unwanted::default();
        unwanted.when_dropped().done();
        assert!(!unwanted.is_so() && unwanted.check().is_ok());
        drop(unwanted.when_dropped());
        assert!(unwanted.is_so() && unwanted.check().is_err());
    }
}
