//! Takes subqueries out of expressions, and leaves columns of Apply nodes in their place.

use std::sync::Arc;

use arrow::datatypes::{DataType, Field, FieldRef};
use datafusion::common::tree_node::{Transformed, TreeNode, TreeNodeRecursion};
use datafusion::common::{Result, internal_err, not_impl_err};
use datafusion::logical_expr::expr::{
    Case, Exists, InSubquery, ScalarFunction, SetComparison, SetQuantifier,
};
use datafusion::logical_expr::utils::conjunction;
use datafusion::logical_expr::{
    ColumnarValue, Expr, LogicalPlan, Operator, ReturnFieldArgs, ScalarFunctionArgs, ScalarUDF,
    ScalarUDFImpl, Signature, Subquery, Volatility,
};

use super::node::{Apply, Mode};
use super::refs::{free, resolves};
use super::shape::has_subquery;

/// The input of a node, growing by one Apply for each subquery that is taken out of the node.
pub(super) struct Lift {
    /// The input with the Apply nodes so far.
    pub(super) input: LogicalPlan,
    /// What must all be true of a row for the value of the place that is looked at to be wanted.
    conditions: Vec<Expr>,
}

impl Lift {
    /// Nothing taken out yet.
    pub(super) fn over(input: LogicalPlan) -> Lift {
        Lift { input, conditions: Vec::new() }
    }

    /// Takes every subquery out of an expression, but uncorrelated scalar ones.
    pub(super) fn out_of(&mut self, expr: Expr) -> Result<Expr> {
        expr.transform_down(|expr| {
            if !has_subquery(&expr)? {
                return Ok(Transformed::new(expr, false, TreeNodeRecursion::Jump));
            }
            let lifted = match expr {
                Expr::ScalarFunction(function) if is_array_subquery(&function) => self.array(function)?,
                Expr::ScalarSubquery(subquery) => {
                    if free(&subquery.subquery)?.is_empty() {
                        return Ok(Transformed::no(Expr::ScalarSubquery(subquery)));
                    }
                    self.apply(&subquery, Mode::Scalar, None)?
                }
                Expr::Exists(Exists { subquery, negated }) => {
                    let column = self.apply(&subquery, Mode::Exists, None)?;
                    if negated { Expr::Not(Box::new(column)) } else { column }
                }
                Expr::InSubquery(InSubquery { expr, subquery, negated }) => {
                    let needle = self.out_of(*expr)?;
                    let column = self.apply(&subquery, Mode::In, Some(needle))?;
                    if negated { Expr::Not(Box::new(column)) } else { column }
                }
                Expr::SetComparison(comparison) => self.comparison(comparison)?,
                Expr::Case(case) => self.case(case)?,
                Expr::ScalarFunction(function) if function.name() == "coalesce" => self.coalesce(function)?,
                other => return Ok(Transformed::no(other)),
            };
            Ok(Transformed::new(lifted, true, TreeNodeRecursion::Jump))
        })
        .map(|lifted| lifted.data)
    }

    /// One more column of the input: what the subquery gives for each row.
    pub(super) fn apply(&mut self, subquery: &Subquery, mode: Mode, needle: Option<Expr>) -> Result<Expr> {
        let inner = subquery.subquery.as_ref().clone();
        let mut references = free(&inner)?;
        references.retain(|(_, column)| resolves(self.input.schema(), column));
        let input = std::mem::take(&mut self.input);
        let condition = conjunction(self.conditions.iter().cloned());
        let apply = Apply::new(input, inner, mode, references, needle, condition)?;
        let column = Expr::Column(apply.column());
        self.input = apply.into_plan();
        Ok(column)
    }

    /// `= ANY` is IN and `<> ALL` is NOT IN, as in PostgreSQL.
    fn comparison(&mut self, comparison: SetComparison) -> Result<Expr> {
        let negated = match (comparison.op, comparison.quantifier) {
            (Operator::Eq, SetQuantifier::Any) => false,
            (Operator::NotEq, SetQuantifier::All) => true,
            (op, quantifier) => return not_impl_err!("{op} {quantifier} of a subquery here"),
        };
        let needle = self.out_of(*comparison.expr)?;
        let column = self.apply(&comparison.subquery, Mode::In, Some(needle))?;
        Ok(if negated { Expr::Not(Box::new(column)) } else { column })
    }

    /// A subquery in a branch runs for the rows that come there, since an error in it concerns no other.
    fn case(&mut self, mut case: Case) -> Result<Expr> {
        let outside = self.conditions.len();
        if let Some(operand) = case.expr.take() {
            case.expr = Some(Box::new(self.out_of(*operand)?));
        }
        for (when, then) in &mut case.when_then_expr {
            **when = self.out_of(std::mem::take(when.as_mut()))?;
            let met = match &case.expr {
                Some(operand) => operand.as_ref().clone().eq(when.as_ref().clone()),
                None => when.as_ref().clone(),
            };
            // What may be true once and false the next time tells nothing.
            if met.is_volatile() {
                **then = self.out_of(std::mem::take(then.as_mut()))?;
                continue;
            }
            self.conditions.push(met.clone());
            **then = self.out_of(std::mem::take(then.as_mut()))?;
            self.conditions.pop();
            self.conditions.push(Expr::IsNotTrue(Box::new(met)));
        }
        if let Some(last) = case.else_expr.take() {
            case.else_expr = Some(Box::new(self.out_of(*last)?));
        }
        self.conditions.truncate(outside);
        Ok(Expr::Case(case))
    }

    /// What stands behind a value that is not NULL is not wanted.
    fn coalesce(&mut self, mut function: ScalarFunction) -> Result<Expr> {
        let outside = self.conditions.len();
        for arg in &mut function.args {
            *arg = self.out_of(std::mem::take(arg))?;
            if !arg.is_volatile() {
                self.conditions.push(arg.clone().is_null());
            }
        }
        self.conditions.truncate(outside);
        Ok(Expr::ScalarFunction(function))
    }

    fn array(&mut self, function: ScalarFunction) -> Result<Expr> {
        match function.args.first() {
            Some(Expr::ScalarSubquery(subquery)) => self.apply(subquery, Mode::Array, None),
            _ => internal_err!("{ARRAY_SUBQUERY} takes a subquery"),
        }
    }
}

const ARRAY_SUBQUERY: &str = "array_subquery";

/// Whether this is `ARRAY(SELECT …)`, as planning writes it.
pub(super) fn is_array_subquery(function: &ScalarFunction) -> bool {
    function.func.inner().downcast_ref::<ArraySubquery>().is_some()
}

/// The function that stands for `ARRAY(SELECT …)`: planned as `array_subquery((SELECT …))`.
///
/// It never runs: the analyzer puts an Apply in its place.
pub fn array_subquery() -> Arc<ScalarUDF> {
    Arc::new(ScalarUDF::new_from_impl(ArraySubquery { signature: Signature::any(1, Volatility::Stable) }))
}

#[derive(Debug, PartialEq, Eq, Hash)]
struct ArraySubquery {
    signature: Signature,
}

impl ScalarUDFImpl for ArraySubquery {
    fn name(&self) -> &str {
        ARRAY_SUBQUERY
    }

    fn signature(&self) -> &Signature {
        &self.signature
    }

    fn return_type(&self, arg_types: &[DataType]) -> Result<DataType> {
        Ok(DataType::new_list(arg_types[0].clone(), true))
    }

    fn return_field_from_args(&self, args: ReturnFieldArgs) -> Result<FieldRef> {
        let item =
            args.arg_fields[0].as_ref().clone().with_name(Field::LIST_FIELD_DEFAULT_NAME).with_nullable(true);
        Ok(Arc::new(Field::new(self.name(), DataType::List(Arc::new(item)), true)))
    }

    fn invoke_with_args(&self, _args: ScalarFunctionArgs) -> Result<ColumnarValue> {
        not_impl_err!("ARRAY of anything but a subquery")
    }
}
