//! The types of parameters: declared by the client, told by where they stand, or text; and values in their places.

use std::collections::HashMap;
use std::ops::ControlFlow;

use arrow::datatypes::{DataType, Field};
use datafusion::common::ScalarValue;
use datafusion::common::config::ConfigOptions;
use datafusion::common::tree_node::{Transformed, TreeNode, TreeNodeRecursion};
use datafusion::error::Result as DataFusionResult;
use datafusion::logical_expr::expr::Cast;
use datafusion::logical_expr::expr::Placeholder;
use datafusion::logical_expr::expr_rewriter::NamePreserver;
use datafusion::logical_expr::{Expr, LogicalPlan, WindowFunctionDefinition};
use datafusion::optimizer::AnalyzerRule;
use datafusion::optimizer::analyzer::type_coercion::TypeCoercion;
use datafusion::sql::sqlparser::ast::{Query, Value, ValueWithSpan, Visit, Visitor};
use lakeport_base::SqlState;

use crate::error::{Error, Result};
use crate::plan::failure;
use crate::types::{PgType, column_type};

/// The declared types, as many as the query has parameters. Unknown is a type left open.
pub(super) fn declared(query: &Query, declared: &[Option<PgType>]) -> Vec<Option<PgType>> {
    let mut highest = Highest(declared.len());
    let _: ControlFlow<()> = query.visit(&mut highest);
    let mut types: Vec<_> =
        declared.iter().map(|found| found.filter(|found| *found != PgType::UNKNOWN)).collect();
    types.resize(highest.0, None);
    types
}

/// Refuses parameters that neither the client declares nor the query names: a gap in the numbers.
///
/// # Errors
///
/// 42P18, as PostgreSQL says it of the first.
pub(super) fn refuse_gaps(query: &Query, declared: &[Option<PgType>]) -> Result<()> {
    let mut named = Named(vec![false; declared.len()]);
    let _: ControlFlow<()> = query.visit(&mut named);
    match declared.iter().zip(&named.0).position(|(declared, is_named)| declared.is_none() && !is_named) {
        None => Ok(()),
        Some(index) => {
            let message = format!("could not determine data type of parameter ${}", index + 1);
            Err(Error::new(SqlState::INDETERMINATE_DATATYPE, message))
        }
    }
}

/// Which of the parameters are named.
struct Named(Vec<bool>);

impl Visitor for Named {
    type Break = ();

    fn pre_visit_value(&mut self, value: &ValueWithSpan) -> ControlFlow<()> {
        if let Value::Placeholder(name) = &value.value
            && let Some(is_named) = number(name).and_then(|number| self.0.get_mut(number.checked_sub(1)?))
        {
            *is_named = true;
        }
        ControlFlow::Continue(())
    }
}

struct Highest(usize);

impl Visitor for Highest {
    type Break = ();

    fn pre_visit_value(&mut self, value: &ValueWithSpan) -> ControlFlow<()> {
        if let Value::Placeholder(name) = &value.value
            && let Some(number) = number(name)
        {
            self.0 = self.0.max(number);
        }
        ControlFlow::Continue(())
    }
}

fn number(name: &str) -> Option<usize> {
    name.strip_prefix('$')?.parse().ok()
}

/// All types, from a plan in which only the declared ones are set.
///
/// # Errors
///
/// 42P18 where a parameter is cast to two types.
pub(super) fn types(plan: &LogicalPlan, declared: &[Option<PgType>]) -> Result<Vec<PgType>> {
    let mut types = declared.to_vec();
    if types.iter().any(Option::is_none) {
        let mut found = Found::default();
        found.look(plan).map_err(failure::of)?;
        if let Some(number) = found.conflict {
            let message = format!("inconsistent types deduced for parameter ${number}");
            return Err(Error::new(SqlState::INDETERMINATE_DATATYPE, message));
        }
        // What is still open, coercion tells: it casts the parameter to what its place wants.
        // Where coercion fails the plan will say so itself, once the rest is text.
        let mut coerced = Found::default();
        if let Ok(plan) = TypeCoercion::new().analyze(plan.clone(), &ConfigOptions::default()) {
            coerced.counts = true;
            coerced.look(&plan).map_err(failure::of)?;
        }
        for (index, pg_type) in types.iter_mut().enumerate() {
            let number = index + 1;
            let told = found.casts.get(&number).or_else(|| found.places.get(&number));
            *pg_type = pg_type.or_else(|| told.or_else(|| coerced.casts.get(&number)).copied());
        }
    }
    Ok(types.into_iter().map(|pg_type| pg_type.unwrap_or(PgType::TEXT)).collect())
}

/// Whether a parameter says how many digits an answer has.
pub(super) fn tell_digits(plan: &LogicalPlan) -> DataFusionResult<bool> {
    let mut found = false;
    let is_told = |expr: &Expr| match expr {
        Expr::ScalarFunction(function) if ["round", "trunc"].contains(&function.name()) => {
            function.args.get(1).is_some_and(|digits| {
                digits.exists(|expr| Ok(matches!(expr, Expr::Placeholder(_)))).unwrap_or(false)
            })
        }
        _ => false,
    };
    plan.apply_with_subqueries(|node| {
        node.apply_expressions(|expr| {
            found |= expr.exists(|expr| Ok(is_told(expr)))?;
            Ok(TreeNodeRecursion::Continue)
        })
    })?;
    Ok(found)
}

/// The plan with the values that are known in their places.
pub(super) fn filled(plan: LogicalPlan, values: &[Option<ScalarValue>]) -> DataFusionResult<LogicalPlan> {
    if values.is_empty() {
        return Ok(plan);
    }
    let fill = |expr: Expr| match &expr {
        Expr::Placeholder(Placeholder { id, .. }) => {
            let value = number(id).and_then(|number| values.get(number.checked_sub(1)?)?.clone());
            Ok(value.map_or(Transformed::no(expr), |value| Transformed::yes(Expr::Literal(value, None))))
        }
        _ => Ok(Transformed::no(expr)),
    };
    plan.transform_up_with_subqueries(|node| {
        let names = NamePreserver::new(&node);
        node.map_expressions(|expr| {
            let name = names.save(&expr);
            let filled = expr.transform_up(fill)?;
            Ok(filled.update_data(|expr| name.restore(expr)))
        })
    })
    .map(|filled| filled.data)
}

#[derive(Default)]
struct Found {
    /// Types of direct casts.
    casts: HashMap<usize, PgType>,
    /// Types that DataFusion took from the other side of a comparison, or that a clause wants.
    places: HashMap<usize, PgType>,
    /// A parameter that is cast to two types.
    conflict: Option<usize>,
    /// Whether casts are coercion's, which does not tell an integer from a bigint.
    counts: bool,
}

impl Found {
    fn look(&mut self, plan: &LogicalPlan) -> DataFusionResult<()> {
        plan.apply_with_subqueries(|node| {
            node.apply_expressions(|expr| {
                if let (LogicalPlan::Limit(_), Expr::Placeholder(Placeholder { id, field: None })) =
                    (node, expr)
                    && let Some(number) = number(id)
                {
                    self.places.entry(number).or_insert(PgType::INT8);
                }
                expr.apply(|expr| {
                    if let (true, Expr::ScalarFunction(function)) = (self.counts, expr) {
                        self.note_counts(&function.args);
                    }
                    self.note(expr);
                    Ok(TreeNodeRecursion::Continue)
                })
            })
        })?;
        Ok(())
    }

    /// Takes a parameter for an integer where a function's later arguments are counts and places.
    ///
    /// DataFusion's functions take bigints there, PostgreSQL's integers.
    fn note_counts(&mut self, args: &[Expr]) {
        for arg in args.iter().skip(1) {
            let inner = match arg {
                Expr::Cast(Cast { expr, field }) if *field.data_type() == DataType::Int64 => expr.as_ref(),
                _ => continue,
            };
            if let Expr::Placeholder(Placeholder { id, field: None }) = inner
                && let Some(number) = number(id)
            {
                self.casts.entry(number).or_insert(PgType::INT4);
            }
        }
    }

    fn note(&mut self, expr: &Expr) {
        match expr {
            Expr::WindowFunction(window) if matches!(window.fun, WindowFunctionDefinition::WindowUDF(_)) => {
                if let Some(Expr::Placeholder(Placeholder { id, field: None })) = window.params.args.get(1)
                    && let Some(number) = number(id)
                {
                    self.places.entry(number).or_insert(PgType::INT4);
                }
            }
            Expr::Cast(Cast { expr, field }) => {
                if let Expr::Placeholder(Placeholder { id, field: None }) = expr.as_ref()
                    && let Some(number) = number(id)
                    && let Some(pg_type) = sent_as(field)
                    && *self.casts.entry(number).or_insert(pg_type) != pg_type
                {
                    self.conflict.get_or_insert(number);
                }
            }
            Expr::Placeholder(Placeholder { id, field: Some(field) }) => {
                if let (Some(number), Some(pg_type)) = (number(id), sent_as(field)) {
                    self.places.entry(number).or_insert(pg_type);
                }
            }
            _ => {}
        }
    }
}

/// The type a client sends for a place of this type; none where the place says nothing.
fn sent_as(field: &Field) -> Option<PgType> {
    match field.data_type() {
        DataType::Null => None,
        _ => Some(column_type(field).pg_type),
    }
}
