//! From the logical Apply to the one that runs.
//!
//! The inner plan is planned once, here: its references become reads of an [`Held`] that
//! belongs to this one physical plan, so that two executions of a prepared statement share nothing.

use std::sync::Arc;

use async_trait::async_trait;
use datafusion::catalog::Session;
use datafusion::common::Result;
use datafusion::execution::context::QueryPlanner;
use datafusion::logical_expr::physical_planning_context::PhysicalPlanningContext;
use datafusion::logical_expr::{LogicalPlan, UserDefinedLogicalNode};
use datafusion::physical_plan::ExecutionPlan;
use datafusion::physical_planner::{DefaultPhysicalPlanner, ExtensionPlanner, PhysicalPlanner};

use super::evaluate::Asked;
use super::exec::ApplyExec;
use super::node::Apply;
use super::refs::{free, replace};
use crate::held::{Held, outer_value};

/// DataFusion's planner, that knows Apply as well.
#[derive(Debug, Default)]
pub struct ApplyQueryPlanner;

#[async_trait]
impl QueryPlanner for ApplyQueryPlanner {
    async fn create_physical_plan(
        &self,
        logical_plan: &LogicalPlan,
        session: &dyn Session,
    ) -> Result<Arc<dyn ExecutionPlan>> {
        DefaultPhysicalPlanner::with_extension_planners(vec![Arc::new(ApplyPlanner)])
            .create_physical_plan(logical_plan, session)
            .await
    }
}

struct ApplyPlanner;

#[async_trait]
impl ExtensionPlanner for ApplyPlanner {
    async fn plan_extension(
        &self,
        planner: &dyn PhysicalPlanner,
        node: &dyn UserDefinedLogicalNode,
        logical_inputs: &[&LogicalPlan],
        physical_inputs: &[Arc<dyn ExecutionPlan>],
        session: &dyn Session,
        planning_ctx: &PhysicalPlanningContext,
    ) -> Result<Option<Arc<dyn ExecutionPlan>>> {
        let (Some(apply), [logical_input], [input]) =
            (node.as_any().downcast_ref::<Apply>(), logical_inputs, physical_inputs)
        else {
            return Ok(None);
        };
        let row = Arc::new(Held::default());
        let inner = session.create_physical_plan(&bound(apply, &row)?).await?;
        let expr = |expr| planner.create_physical_expr(expr, logical_input.schema(), session, planning_ctx);
        let values = apply.values().iter().map(expr).collect::<Result<Vec<_>>>()?;
        let needle = apply.needle().map(expr).transpose()?;
        let condition = apply.condition().map(expr).transpose()?;
        let asked = Asked { values, needle, condition };
        let exec = ApplyExec::new(Arc::clone(input), inner, apply.mode(), row, asked, apply.field());
        Ok(Some(Arc::new(exec)))
    }
}

/// The inner plan with its references turned into reads of the row.
fn bound(apply: &Apply, row: &Arc<Held>) -> Result<LogicalPlan> {
    let fields = free(apply.inner())?;
    replace(apply.inner().clone(), &|column| {
        let index = apply.references().iter().position(|reference| reference == column)?;
        let (field, _) = fields.iter().find(|(_, reference)| reference == column)?;
        Some(outer_value(row, index, field))
    })
}
