//! Planning for statements that read the catalog at most: thousands of rows in memory, where planning takes longer than
//! running.
//!
//! Leaves out what pays only over many rows or several partitions, and looks at a plan again only where one look cannot
//! have been enough. What a plan needs to be right is never left out: DataFusion's own check of that stays the last rule.

use std::sync::Arc;

use chrono::{DateTime, Utc};
use datafusion::common::Result;
use datafusion::common::alias::AliasGenerator;
use datafusion::common::config::ConfigOptions;
use datafusion::common::tree_node::{TreeNode, TreeNodeRecursion};
use datafusion::execution::FunctionRegistry;
use datafusion::execution::session_state::{SessionState, SessionStateBuilder};
use datafusion::logical_expr::LogicalPlan;
use datafusion::optimizer::OptimizerConfig;
use datafusion::physical_optimizer::PhysicalOptimizerRule;
use datafusion::physical_optimizer::ensure_requirements::EnsureRequirements;
use datafusion::physical_optimizer::join_selection::JoinSelection;
use datafusion::physical_plan::{Distribution, ExecutionPlan, ExecutionPlanProperties};

use super::smaller_side::SmallerSide;

/// Rules for logical plans that change no answer and save little over few rows.
const LOGICAL_LEFT_OUT: &[&str] = &[
    "unions_to_filter",
    "filter_null_join_keys",
    "eliminate_group_by_constant",
    "common_sub_expression_eliminate",
    "extract_leaf_expressions",
    "push_down_leaf_projections",
];

/// The same for physical plans.
const PHYSICAL_LEFT_OUT: &[&str] = &[
    "aggregate_statistics",
    "LimitedDistinctAggregation",
    "WindowTopN",
    "ProjectionPushdown",
    "LimitAggregation",
    "LimitPushPastWindows",
    "HashJoinBuffering",
    "LimitPushdown",
    "TopKRepartition",
    "PushdownSort",
];

/// The session for such statements.
pub(super) fn light(state: SessionState) -> SessionState {
    let logical = state.optimizer().rules.iter();
    let logical = logical.filter(|rule| !LOGICAL_LEFT_OUT.contains(&rule.name())).cloned().collect();
    let physical = state.physical_optimizers().iter();
    let physical = physical.filter(|rule| !PHYSICAL_LEFT_OUT.contains(&rule.name())).map(|rule| {
        let ensures = rule.name() == EnsureRequirements::new().name();
        if ensures {
            Arc::new(EnsureUnmet) as Arc<dyn PhysicalOptimizerRule + Send + Sync>
        } else {
            Arc::clone(rule)
        }
    });
    let mut physical: Vec<_> = physical.collect();
    let chosen = physical.iter().position(|rule| rule.name() == JoinSelection::new().name());
    physical.insert(chosen.map_or(0, |index| index + 1), Arc::new(SmallerSide));
    let config = state.config().clone().with_target_partitions(1);
    SessionStateBuilder::new_from_existing(state)
        .with_optimizer_rules(logical)
        .with_physical_optimizer_rules(physical)
        .with_config(config)
        .build()
}

/// The plan with types settled and made faster, by a session from [`light`].
pub(super) fn optimized(state: &SessionState, plan: &LogicalPlan) -> Result<LogicalPlan> {
    let plan = state.analyzer().execute_and_check(plan.clone(), state.config_options(), |_, _| {})?;
    let plan = state.optimizer().optimize(plan, &Once::new(state), |_, _| {})?;
    if is_unfinished(&plan)? {
        // As often as DataFusion would, which stops where nothing changes any more.
        return state.optimizer().optimize(plan, state, |_, _| {});
    }
    Ok(plan)
}

/// Whether going over the plan once more may make it faster: a condition has not come down to a table, or a join
/// has not found its keys.
fn is_unfinished(plan: &LogicalPlan) -> Result<bool> {
    let mut unfinished = false;
    plan.apply_with_subqueries(|node| {
        unfinished = match node {
            LogicalPlan::Filter(filter) => !matches!(*filter.input, LogicalPlan::TableScan(_)),
            LogicalPlan::Join(join) => join.on.is_empty(),
            _ => false,
        };
        Ok(if unfinished { TreeNodeRecursion::Stop } else { TreeNodeRecursion::Continue })
    })?;
    Ok(unfinished)
}

/// What the optimizer asks of a session, which lets it go over a plan once.
struct Once<'a> {
    state: &'a SessionState,
    options: Arc<ConfigOptions>,
}

impl<'a> Once<'a> {
    fn new(state: &'a SessionState) -> Self {
        let mut options = ConfigOptions::clone(state.config_options());
        options.optimizer.max_passes = 1;
        Self { state, options: Arc::new(options) }
    }
}

impl OptimizerConfig for Once<'_> {
    fn query_execution_start_time(&self) -> Option<DateTime<Utc>> {
        self.state.query_execution_start_time()
    }

    fn alias_generator(&self) -> &Arc<AliasGenerator> {
        self.state.alias_generator()
    }

    fn options(&self) -> Arc<ConfigOptions> {
        Arc::clone(&self.options)
    }

    fn function_registry(&self) -> Option<&dyn FunctionRegistry> {
        Some(self.state)
    }
}

/// [`EnsureRequirements`] for plans in which an operator's requirements are not met; it makes every plan anew.
#[derive(Debug)]
struct EnsureUnmet;

impl PhysicalOptimizerRule for EnsureUnmet {
    fn optimize(
        &self,
        plan: Arc<dyn ExecutionPlan>,
        config: &ConfigOptions,
    ) -> Result<Arc<dyn ExecutionPlan>> {
        if is_met(&plan)? { Ok(plan) } else { EnsureRequirements::new().optimize(plan, config) }
    }

    fn name(&self) -> &str {
        "EnsureUnmet"
    }

    fn schema_check(&self) -> bool {
        true
    }
}

/// Whether each operator gets its rows in the order and in the partitions that it must have.
fn is_met(plan: &Arc<dyn ExecutionPlan>) -> Result<bool> {
    let mut met = true;
    plan.apply(|operator| {
        met = is_fed(operator.as_ref())?;
        Ok(if met { TreeNodeRecursion::Continue } else { TreeNodeRecursion::Stop })
    })?;
    Ok(met)
}

fn is_fed(operator: &dyn ExecutionPlan) -> Result<bool> {
    let distributions = operator.input_distribution_requirements().into_per_child();
    let orders = operator.required_input_ordering();
    for ((child, distribution), order) in operator.children().into_iter().zip(distributions).zip(orders) {
        // One partition is what every other distribution allows.
        let partitions = child.output_partitioning().partition_count();
        if partitions != 1 && !matches!(distribution, Distribution::UnspecifiedDistribution) {
            return Ok(false);
        }
        if let Some(order) = order
            && !child.equivalence_properties().ordering_satisfy_requirement(order.into_single())?
        {
            return Ok(false);
        }
    }
    Ok(true)
}

#[cfg(test)]
mod tests {
    use datafusion::execution::runtime_env::RuntimeEnv;
    use datafusion::logical_expr::{LogicalPlanBuilder, col, lit};
    use datafusion::physical_plan::displayable;
    use lakeport_sql::state::{StateOptions, session_state};
    use lakeport_sql::value::Style;

    use super::*;

    fn heavy() -> SessionState {
        session_state(StateOptions {
            runtime: Arc::new(RuntimeEnv::default()),
            style: Style::default(),
            target_partitions: 4,
            batch_size: 8192,
        })
    }

    fn numbers(name: &str) -> LogicalPlanBuilder {
        let rows = (0..3).map(|number| vec![lit(number)]).collect();
        let values = LogicalPlanBuilder::values(rows).and_then(|values| values.alias(name));
        values.expect("three rows of a number are a plan")
    }

    #[test]
    fn what_is_left_out_is_what_there_is_otherwise() {
        let state = heavy();
        for name in LOGICAL_LEFT_OUT {
            assert!(state.optimizer().rules.iter().any(|rule| rule.name() == *name), "{name}");
        }
        for name in PHYSICAL_LEFT_OUT {
            assert!(state.physical_optimizers().iter().any(|rule| rule.name() == *name), "{name}");
        }
        let light = light(state);
        let names: Vec<&str> = light.physical_optimizers().iter().map(|rule| rule.name()).collect();
        assert!(names.contains(&"EnsureUnmet") && names.last() == Some(&"SanityCheckPlan"), "{names:?}");
    }

    #[test]
    fn keys_are_found_where_a_condition_stands_above_a_subquery() {
        let joined = numbers("a").cross_join(numbers("b").build().unwrap()).unwrap();
        let inner = joined.project([col("a.column1").alias("x"), col("b.column1").alias("y")]).unwrap();
        let outer = inner.alias("s").unwrap().filter(col("s.x").eq(col("s.y"))).unwrap();
        let plan = optimized(&light(heavy()), &outer.build().unwrap()).unwrap();
        let mut keys = 0;
        plan.apply(|node| {
            if let LogicalPlan::Join(join) = node {
                keys += join.on.len();
            }
            Ok(TreeNodeRecursion::Continue)
        })
        .unwrap();
        assert_eq!(keys, 1, "{plan}");
    }

    #[tokio::test]
    async fn an_order_over_several_partitions_is_still_made() {
        let both = numbers("a").union(numbers("b").build().unwrap()).unwrap();
        let sorted = both.sort([col("column1").sort(true, false)]).unwrap().build().unwrap();
        let state = light(heavy());
        let plan = state.create_physical_plan(&sorted).await.unwrap();
        let shown = displayable(plan.as_ref()).indent(false).to_string();
        assert!(shown.contains("UnionExec") && plan.output_partitioning().partition_count() == 1, "{shown}");
        let rows = datafusion::physical_plan::collect(plan, state.task_ctx()).await.unwrap();
        assert_eq!(rows.iter().map(|batch| batch.num_rows()).sum::<usize>(), 6);
    }
}
