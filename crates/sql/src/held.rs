//! Values that a plan reads when it runs, and not when it is made: those of the row that a subquery runs for, and those
//! of the parameters of a plan that is run again and again.
//!
//! Invariant: the values of one [`Held`] change only between two runs of the one plan that reads them, so every part of
//! a run sees the same.

use std::fmt;
use std::hash::{Hash, Hasher};
use std::sync::{Arc, PoisonError, RwLock};

use arrow::datatypes::{DataType, FieldRef};
use datafusion::common::tree_node::{Transformed, TreeNode};
use datafusion::common::{Result, ScalarValue, exec_err, plan_err};
use datafusion::logical_expr::expr::{Placeholder, ScalarFunction};
use datafusion::logical_expr::expr_rewriter::NamePreserver;
use datafusion::logical_expr::{
    ColumnarValue, Expr, LogicalPlan, ReturnFieldArgs, ScalarFunctionArgs, ScalarUDF, ScalarUDFImpl,
    Signature, Volatility,
};

use crate::apply::with_inner;

/// Values that a plan reads when it runs.
#[derive(Default)]
pub struct Held {
    values: RwLock<Vec<ScalarValue>>,
}

impl Held {
    /// Makes these the values from now on.
    pub fn set(&self, values: Vec<ScalarValue>) {
        *self.values.write().unwrap_or_else(PoisonError::into_inner) = values;
    }

    fn value(&self, index: usize) -> Result<ScalarValue> {
        let values = self.values.read().unwrap_or_else(PoisonError::into_inner);
        match values.get(index) {
            Some(value) => Ok(value.clone()),
            None => exec_err!("a value was read that is not held"),
        }
    }
}

impl fmt::Debug for Held {
    /// Without the values: they are the user's data.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Held")
    }
}

/// An expression that reads one value of the row that a subquery runs for.
pub(crate) fn outer_value(row: &Arc<Held>, index: usize, field: &FieldRef) -> Expr {
    // Volatile keeps every optimizer from reading it at planning, or once for all rows.
    held_value("outer_value", row, index, field, Volatility::Volatile)
}

/// The plan with its parameters, `$1` first, turned into reads of what is held. It must have been optimized: what reads
/// is no constant, but to the rules for physical plans it is one value like any other.
///
/// # Errors
///
/// Where a parameter has no type.
pub fn holding(plan: LogicalPlan, held: &Arc<Held>) -> Result<LogicalPlan> {
    reading(plan, held, Volatility::Stable)
}

fn reading(plan: LogicalPlan, held: &Arc<Held>, volatility: Volatility) -> Result<LogicalPlan> {
    let read = |expr: Expr| match &expr {
        Expr::Placeholder(Placeholder { id, field }) => {
            let index = id.strip_prefix('$').and_then(|number| number.parse::<usize>().ok()?.checked_sub(1));
            match (index, field) {
                (Some(index), Some(field)) => {
                    Ok(Transformed::yes(held_value("parameter", held, index, field, volatility)))
                }
                _ => plan_err!("parameter {id} has no type"),
            }
        }
        _ => Ok(Transformed::no(expr)),
    };
    let plan = plan.transform_up_with_subqueries(|node| {
        let names = NamePreserver::new(&node);
        let node = node.map_expressions(|expr| {
            let name = names.save(&expr);
            let expr = expr.transform_up(read)?;
            Ok(expr.update_data(|expr| name.restore(expr)))
        })?;
        // The plan of a subquery is optimized when it is made to run, later than this one.
        node.transform_data(|node| with_inner(node, |inner| reading(inner, held, Volatility::Volatile)))
    })?;
    Ok(plan.data)
}

fn held_value(
    name: &'static str,
    held: &Arc<Held>,
    index: usize,
    field: &FieldRef,
    volatility: Volatility,
) -> Expr {
    let function = HeldValue {
        name,
        held: Arc::clone(held),
        index,
        field: Arc::clone(field),
        signature: Signature::nullary(volatility),
    };
    Expr::ScalarFunction(ScalarFunction::new_udf(Arc::new(ScalarUDF::new_from_impl(function)), Vec::new()))
}

#[derive(Debug)]
struct HeldValue {
    name: &'static str,
    held: Arc<Held>,
    index: usize,
    field: FieldRef,
    signature: Signature,
}

impl PartialEq for HeldValue {
    fn eq(&self, other: &Self) -> bool {
        Arc::ptr_eq(&self.held, &other.held) && self.index == other.index
    }
}

impl Eq for HeldValue {}

impl Hash for HeldValue {
    fn hash<H: Hasher>(&self, state: &mut H) {
        Arc::as_ptr(&self.held).hash(state);
        self.index.hash(state);
    }
}

impl ScalarUDFImpl for HeldValue {
    fn name(&self) -> &str {
        self.name
    }

    fn schema_name(&self, _args: &[Expr]) -> Result<String> {
        Ok(format!("{}({})", self.name, self.field.name()))
    }

    fn signature(&self) -> &Signature {
        &self.signature
    }

    fn return_type(&self, _arg_types: &[DataType]) -> Result<DataType> {
        Ok(self.field.data_type().clone())
    }

    fn return_field_from_args(&self, _args: ReturnFieldArgs) -> Result<FieldRef> {
        Ok(Arc::new(self.field.as_ref().clone().with_nullable(true)))
    }

    fn invoke_with_args(&self, _args: ScalarFunctionArgs) -> Result<ColumnarValue> {
        Ok(ColumnarValue::Scalar(self.held.value(self.index)?))
    }
}
