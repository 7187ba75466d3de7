//! Intervals compared and sorted by how long they are, a month being thirty days and a day 24 hours.
//!
//! DataFusion compares their months first, then their days. Here a comparison and a sort ask for the length
//! instead, and the least of intervals is the first by length.
//!
//! Source: `interval_cmp_value` in PostgreSQL's `timestamp.c`.

use std::sync::Arc;

use arrow::array::{ArrayRef, AsArray, Decimal128Array};
use arrow::compute::cast;
use arrow::datatypes::{DataType, IntervalMonthDayNanoType, IntervalUnit};
use datafusion::common::config::ConfigOptions;
use datafusion::common::tree_node::{Transformed, TreeNode};
use datafusion::common::{DFSchema, Result, ScalarValue, exec_err};
use datafusion::functions_aggregate::first_last::first_value_udaf;
use datafusion::logical_expr::expr::{AggregateFunction, Between, InList, ScalarFunction, Sort};
use datafusion::logical_expr::expr_rewriter::NamePreserver;
use datafusion::logical_expr::{
    BinaryExpr, ColumnarValue, Expr, ExprSchemable, LogicalPlan, Operator, ScalarFunctionArgs, ScalarUDF,
    ScalarUDFImpl, Signature, Volatility,
};
use datafusion::optimizer::AnalyzerRule;

use super::interval_groups::by_length;

/// Digits of the longest interval in nanoseconds.
const PRECISION: u8 = 38;

/// Compares intervals by their length.
#[derive(Debug, Default)]
pub struct IntervalOrder;

impl AnalyzerRule for IntervalOrder {
    fn analyze(&self, plan: LogicalPlan, _config: &ConfigOptions) -> Result<LogicalPlan> {
        plan.transform_up_with_subqueries(rewrite).map(|rewritten| rewritten.data)
    }

    fn name(&self) -> &str {
        "interval_order"
    }
}

fn rewrite(plan: LogicalPlan) -> Result<Transformed<LogicalPlan>> {
    let mut schema = DFSchema::empty();
    for input in plan.inputs() {
        schema.merge(input.schema());
    }
    if !schema.fields().iter().any(|field| is_interval_type(field.data_type())) && !has_interval(&plan)? {
        return Ok(Transformed::no(plan));
    }
    let sorts = matches!(plan, LogicalPlan::Sort(_));
    let names = NamePreserver::new(&plan);
    let ordered = plan.map_expressions(|expr| {
        let name = names.save(&expr);
        let ordered = expr.transform_up(|expr| Ok(ordered(expr, &schema)))?;
        let ordered = ordered.update_data(|expr| name.restore(expr));
        Ok(match sorts && is_interval(&ordered.data, &schema) {
            true => Transformed::yes(length(ordered.data)),
            false => ordered,
        })
    })?;
    ordered.transform_data(by_length)
}

/// Whether a constant of the plan's own is an interval, or something is cast to one.
fn has_interval(plan: &LogicalPlan) -> Result<bool> {
    let mut found = false;
    plan.apply_expressions(|expr| {
        found |= expr.exists(|expr| {
            Ok(match expr {
                Expr::Literal(value, _) => is_interval_type(&value.data_type()),
                Expr::Cast(cast) => is_interval_type(cast.field.data_type()),
                Expr::ScalarFunction(_) => true,
                _ => false,
            })
        })?;
        Ok(datafusion::common::tree_node::TreeNodeRecursion::Continue)
    })?;
    Ok(found)
}

fn ordered(expr: Expr, schema: &DFSchema) -> Transformed<Expr> {
    match expr {
        Expr::BinaryExpr(BinaryExpr { left, op, right })
            if is_comparison(op) && is_interval(&left, schema) && is_interval(&right, schema) =>
        {
            let (left, right) = (Box::new(length(*left)), Box::new(length(*right)));
            Transformed::yes(Expr::BinaryExpr(BinaryExpr { left, op, right }))
        }
        Expr::Between(Between { expr, negated, low, high }) if is_interval(&expr, schema) => {
            let (expr, low, high) = (length(*expr), length(*low), length(*high));
            Transformed::yes(Expr::Between(Between::new(
                Box::new(expr),
                negated,
                Box::new(low),
                Box::new(high),
            )))
        }
        Expr::InList(InList { expr, list, negated }) if is_interval(&expr, schema) => {
            let list = list.into_iter().map(length).collect();
            Transformed::yes(Expr::InList(InList { expr: Box::new(length(*expr)), list, negated }))
        }
        Expr::AggregateFunction(function) => aggregate(function, schema),
        Expr::WindowFunction(mut window) => {
            let (sorted, parted) = (&mut window.params.order_by, &mut window.params.partition_by);
            let sorted_changed = sort_by_length(sorted, schema);
            let mut changed = sorted_changed;
            for expr in parted.iter_mut().filter(|expr| is_interval(expr, schema)) {
                *expr = length(std::mem::replace(expr, Expr::Literal(ScalarValue::Null, None)));
                changed = true;
            }
            let expr = Expr::WindowFunction(window);
            if changed { Transformed::yes(expr) } else { Transformed::no(expr) }
        }
        other => Transformed::no(other),
    }
}

/// The least interval is the first of those that are not NULL, in the order of length.
fn aggregate(mut function: AggregateFunction, schema: &DFSchema) -> Transformed<Expr> {
    let is_max = function.func.name() == "max";
    match function.params.args.as_slice() {
        [arg] if (is_max || function.func.name() == "min") && is_interval(arg, schema) => {
            let by = Sort { expr: length(arg.clone()), asc: !is_max, nulls_first: false };
            function.func = first_value_udaf();
            function.params.order_by = vec![by];
            function.params.distinct = false;
            Transformed::yes(Expr::AggregateFunction(function))
        }
        [arg] if function.params.distinct && function.func.name() == "count" && is_interval(arg, schema) => {
            function.params.args = vec![length(arg.clone())];
            Transformed::yes(Expr::AggregateFunction(function))
        }
        _ => {
            let changed = sort_by_length(&mut function.params.order_by, schema);
            let expr = Expr::AggregateFunction(function);
            if changed { Transformed::yes(expr) } else { Transformed::no(expr) }
        }
    }
}

fn sort_by_length(sorts: &mut [Sort], schema: &DFSchema) -> bool {
    let mut changed = false;
    for sort in sorts.iter_mut().filter(|sort| is_interval(&sort.expr, schema)) {
        sort.expr = length(std::mem::replace(&mut sort.expr, Expr::Literal(ScalarValue::Null, None)));
        changed = true;
    }
    changed
}

fn is_comparison(op: Operator) -> bool {
    use Operator::{Eq, Gt, GtEq, IsDistinctFrom, IsNotDistinctFrom, Lt, LtEq, NotEq};
    matches!(op, Eq | NotEq | Lt | LtEq | Gt | GtEq | IsDistinctFrom | IsNotDistinctFrom)
}

pub(super) fn is_interval(expr: &Expr, schema: &DFSchema) -> bool {
    expr.get_type(schema).is_ok_and(|data_type| is_interval_type(&data_type))
}

pub(super) fn is_interval_type(data_type: &DataType) -> bool {
    matches!(data_type, DataType::Interval(_))
}

pub(super) fn length(expr: Expr) -> Expr {
    let signature = Signature::any(1, Volatility::Immutable);
    let function = Arc::new(ScalarUDF::new_from_impl(Length { signature }));
    Expr::ScalarFunction(ScalarFunction::new_udf(function, vec![expr]))
}

#[derive(Debug, PartialEq, Eq, Hash)]
struct Length {
    signature: Signature,
}

impl ScalarUDFImpl for Length {
    fn name(&self) -> &str {
        "interval_length"
    }

    fn signature(&self) -> &Signature {
        &self.signature
    }

    fn return_type(&self, _arg_types: &[DataType]) -> Result<DataType> {
        Ok(DataType::Decimal128(PRECISION, 0))
    }

    fn invoke_with_args(&self, args: ScalarFunctionArgs) -> Result<ColumnarValue> {
        let [intervals] = args.args.as_slice() else {
            return exec_err!("interval_length takes one argument");
        };
        let is_scalar = matches!(intervals, ColumnarValue::Scalar(_));
        let intervals = intervals.to_array(if is_scalar { 1 } else { args.number_rows })?;
        let intervals = cast(&intervals, &DataType::Interval(IntervalUnit::MonthDayNano))?;
        let lengths: Decimal128Array = intervals
            .as_primitive::<IntervalMonthDayNanoType>()
            .iter()
            .map(|interval| {
                interval.map(|interval| nanos(interval.months, interval.days, interval.nanoseconds))
            })
            .collect();
        let lengths: ArrayRef = Arc::new(lengths.with_precision_and_scale(PRECISION, 0)?);
        Ok(match is_scalar {
            true => ColumnarValue::Scalar(ScalarValue::try_from_array(&lengths, 0)?),
            false => ColumnarValue::Array(lengths),
        })
    }
}

fn nanos(months: i32, days: i32, nanos: i64) -> i128 {
    const DAY: i128 = 86_400_000_000_000;
    (i128::from(months) * 30 + i128::from(days)) * DAY + i128::from(nanos)
}
