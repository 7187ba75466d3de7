//! The operators of JSON and of arrays, planned as calls: `->`, `#>>`, `@>`, `?`, `&&` and their kin.

use datafusion::common::{DFSchema, Result};
use datafusion::functions_nested::expr_fn::{array_has_all, array_has_any};
use datafusion::logical_expr::expr::ScalarFunction;
use datafusion::logical_expr::planner::{ExprPlanner, PlannerResult, RawBinaryExpr};
use datafusion::logical_expr::{Expr, ExprSchemable, cast};
use datafusion::sql::sqlparser::ast::BinaryOperator;

use super::definitions;
use crate::functions::lists::element_field;
use crate::types::{PgType, column_type};

/// Plans operators of JSON and of arrays.
#[derive(Debug)]
pub(in crate::functions) struct JsonPlanner;

impl ExprPlanner for JsonPlanner {
    fn plan_binary_op(&self, raw: RawBinaryExpr, schema: &DFSchema) -> Result<PlannerResult<RawBinaryExpr>> {
        // An operand without a type is an error that its own planning reports better.
        let (Ok((_, left)), Ok((_, right))) = (raw.left.to_field(schema), raw.right.to_field(schema)) else {
            return Ok(PlannerResult::Original(raw));
        };
        if element_field(left.data_type()).is_some() && element_field(right.data_type()).is_some() {
            return Ok(match raw.op {
                BinaryOperator::PGOverlap => PlannerResult::Planned(array_has_any(raw.left, raw.right)),
                BinaryOperator::AtArrow => PlannerResult::Planned(array_has_all(raw.left, raw.right)),
                BinaryOperator::ArrowAt => PlannerResult::Planned(array_has_all(raw.right, raw.left)),
                _ => PlannerResult::Original(raw),
            });
        }
        let is_json = |pg_type| pg_type == PgType::JSON || pg_type == PgType::JSONB;
        let (own, other) = (column_type(&left).pg_type, column_type(&right).pg_type);
        // The type of the left side; a constant there may take the right one's.
        let pg_type = if is_json(own) { own } else { other };
        if !is_json(pg_type) {
            return Ok(PlannerResult::Original(raw));
        }
        let is_place = right.data_type().is_integer();
        match function(&raw.op, pg_type == PgType::JSONB, is_place).and_then(named) {
            Some(function) => {
                let wants_texts = matches!(
                    raw.op,
                    BinaryOperator::HashArrow
                        | BinaryOperator::HashLongArrow
                        | BinaryOperator::HashMinus
                        | BinaryOperator::QuestionPipe
                        | BinaryOperator::QuestionAnd
                );
                // A constant of an open type is an array of texts.
                let right = match wants_texts && element_field(right.data_type()).is_none() {
                    true => cast(raw.right, PgType::TEXT_ARRAY.arrow()),
                    false => raw.right,
                };
                // A struct or a map of a file is json by its text.
                let left = match left.data_type().is_nested() {
                    true => cast(raw.left, PgType::JSON.arrow()),
                    false => raw.left,
                };
                let call = ScalarFunction::new_udf(function, vec![left, right]);
                Ok(PlannerResult::Planned(Expr::ScalarFunction(call)))
            }
            None => Ok(PlannerResult::Original(raw)),
        }
    }
}

fn named(name: &'static str) -> Option<std::sync::Arc<datafusion::logical_expr::ScalarUDF>> {
    definitions().find(|definition| definition.name() == name).map(|definition| definition.function())
}

/// The function behind an operator. `pg_operator` of PostgreSQL 15
fn function(op: &BinaryOperator, is_binary: bool, is_place: bool) -> Option<&'static str> {
    Some(match (op, is_binary, is_place) {
        (BinaryOperator::Arrow, false, false) => "json_object_field",
        (BinaryOperator::Arrow, false, true) => "json_array_element",
        (BinaryOperator::Arrow, true, false) => "jsonb_object_field",
        (BinaryOperator::Arrow, true, true) => "jsonb_array_element",
        (BinaryOperator::LongArrow, false, false) => "json_object_field_text",
        (BinaryOperator::LongArrow, false, true) => "json_array_element_text",
        (BinaryOperator::LongArrow, true, false) => "jsonb_object_field_text",
        (BinaryOperator::LongArrow, true, true) => "jsonb_array_element_text",
        (BinaryOperator::HashArrow, false, _) => "json_extract_path",
        (BinaryOperator::HashArrow, true, _) => "jsonb_extract_path",
        (BinaryOperator::HashLongArrow, false, _) => "json_extract_path_text",
        (BinaryOperator::HashLongArrow, true, _) => "jsonb_extract_path_text",
        (BinaryOperator::AtArrow, true, _) => "jsonb_contains",
        (BinaryOperator::ArrowAt, true, _) => "jsonb_contained",
        (BinaryOperator::Question, true, _) => "jsonb_exists",
        (BinaryOperator::QuestionPipe, true, _) => "jsonb_exists_any",
        (BinaryOperator::QuestionAnd, true, _) => "jsonb_exists_all",
        (BinaryOperator::StringConcat, true, _) => "jsonb_concat",
        (BinaryOperator::Minus, true, _) => "jsonb_delete",
        (BinaryOperator::HashMinus, true, _) => "jsonb_delete_path",
        _ => return None,
    })
}
