//! Which side of a join is held, where DataFusion does not know how many rows a side has.
//!
//! A join holds its left side, and tells the scans on its right what it has found there; a scan of columns then opens no
//! other table. DataFusion puts the smaller side to the left where both sides tell how many rows they have, and leaves them
//! as they are written where one does not: what `unnest` and its kin give, nobody counts. Here they have as many rows as what
//! they are made of, which is good enough to tell a few keys from every column of every table.

use std::sync::Arc;

use datafusion::common::Result;
use datafusion::common::config::ConfigOptions;
use datafusion::common::tree_node::{Transformed, TreeNode};
use datafusion::physical_optimizer::PhysicalOptimizerRule;
use datafusion::physical_plan::ExecutionPlan;
use datafusion::physical_plan::joins::HashJoinExec;
use datafusion::physical_plan::statistics::{StatisticsArgs, StatisticsContext};

/// Puts the side of a join to the left that seems to have fewer rows. To run right behind DataFusion's own choice.
#[derive(Debug)]
pub(super) struct SmallerSide;

impl PhysicalOptimizerRule for SmallerSide {
    fn optimize(
        &self,
        plan: Arc<dyn ExecutionPlan>,
        _config: &ConfigOptions,
    ) -> Result<Arc<dyn ExecutionPlan>> {
        let chosen = plan.transform_up(|plan| {
            let Some(join) = plan.downcast_ref::<HashJoinExec>() else { return Ok(Transformed::no(plan)) };
            let (left, right) = (told(join.left())?, told(join.right())?);
            let is_chosen = left.is_some() && right.is_some();
            if is_chosen || join.null_aware || !join.join_type().supports_swap() {
                return Ok(Transformed::no(plan));
            }
            match rows(join.left())? > rows(join.right())? {
                true => Ok(Transformed::yes(join.swap_inputs(*join.partition_mode())?)),
                false => Ok(Transformed::no(plan)),
            }
        })?;
        Ok(chosen.data)
    }

    fn name(&self) -> &str {
        "SmallerSide"
    }

    fn schema_check(&self) -> bool {
        true
    }
}

/// How many rows an operator says that it has, roughly.
fn told(plan: &Arc<dyn ExecutionPlan>) -> Result<Option<usize>> {
    let statistics = StatisticsContext::new().compute(plan.as_ref(), &StatisticsArgs::new())?;
    Ok(statistics.num_rows.get_value().copied())
}

/// How many rows an operator has, by what it says or by the largest of what it is made of.
fn rows(plan: &Arc<dyn ExecutionPlan>) -> Result<usize> {
    if let Some(rows) = told(plan)? {
        return Ok(rows);
    }
    plan.children().into_iter().try_fold(0, |most, child| Ok(rows(child)?.max(most)))
}

#[cfg(test)]
mod tests {
    use datafusion::execution::runtime_env::RuntimeEnv;
    use datafusion::physical_plan::collect;
    use datafusion::prelude::SessionContext;
    use lakeport_sql::state::{StateOptions, session_state};
    use lakeport_sql::value::Style;

    use super::*;
    use crate::plan::light::light;

    #[tokio::test]
    async fn the_side_that_nobody_counts_is_held_where_it_is_made_of_less() {
        let state = session_state(StateOptions {
            runtime: Arc::new(RuntimeEnv::default()),
            style: Style::default(),
            target_partitions: 4,
            batch_size: 8192,
        });
        let ctx = SessionContext::new_with_state(light(state));
        let many = "(SELECT v.column1 + w.column1 * 10 AS n FROM (VALUES (1), (2), (3), (4), (5)) v, (VALUES (1), (2), (3)) w)";
        let few = "(SELECT unnest(f.column1) AS n FROM (VALUES ([12, 25, 99])) f)";
        for sql in [
            format!("SELECT m.n FROM {many} m JOIN {few} f ON m.n = f.n ORDER BY 1"),
            format!("SELECT m.n FROM {few} f JOIN {many} m ON m.n = f.n ORDER BY 1"),
        ] {
            let plan = ctx.sql(&sql).await.unwrap().create_physical_plan().await.unwrap();
            let mut held = None;
            plan.apply(|node| {
                if let Some(join) = node.downcast_ref::<HashJoinExec>() {
                    held = Some(rows(join.left())?);
                }
                Ok(datafusion::common::tree_node::TreeNodeRecursion::Continue)
            })
            .unwrap();
            assert_eq!(held, Some(1), "{sql}");
            let batches = collect(plan, ctx.task_ctx()).await.unwrap();
            assert_eq!(batches.iter().map(|batch| batch.num_rows()).sum::<usize>(), 2, "{sql}");
        }
    }
}
