//! `(a, b) OVERLAPS (c, d)` as comparisons of the ends of the two spans of time.
//!
//! Of a span either end may come first; the second may be the span's length instead, which is known by how it is
//! written or by its column. What is NULL leaves the answer open where it would decide.
//!
//! Source: `overlaps_timestamp` in PostgreSQL's `timestamp.c`.

use arrow::datatypes::DataType;
use datafusion::sql::sqlparser::ast::helpers::attached_token::AttachedToken;
use datafusion::sql::sqlparser::ast::{
    BinaryOperator, CaseWhen, DataType as SqlType, Expr, TypedString, Value,
};
use lakeport_base::SqlState;

use crate::error::{Error, Result};
use crate::resolve::Resolver;
use crate::resolve::rows::{binary, fields, nested};

/// A span of time by its ends, the earlier one first.
struct Span {
    start: Expr,
    end: Expr,
}

impl Resolver<'_> {
    /// The comparison, where the expression is one. Nothing in it is resolved by that.
    pub(super) fn overlaps(&self, left: &Expr, right: &Expr) -> Result<Expr> {
        let (first, second) = (self.span(left, "left")?, self.span(right, "right")?);
        let later = |one: &Span, other: &Span| {
            // Where neither end is open, what begins later begins before the other ends or never meets it.
            case(
                vec![
                    (compare(&one.start, BinaryOperator::Lt, &other.end), truth(true)),
                    (either_open(one, other), null()),
                ],
                Some(truth(false)),
            )
        };
        let overlaps = case(
            vec![
                (compare(&first.start, BinaryOperator::Gt, &second.start), later(&first, &second)),
                (compare(&first.start, BinaryOperator::Lt, &second.start), later(&second, &first)),
                (
                    compare(&first.start, BinaryOperator::Eq, &second.start),
                    case(vec![(either_open(&first, &second), null())], Some(truth(true))),
                ),
            ],
            None,
        );
        Ok(nested(overlaps))
    }

    fn span(&self, row: &Expr, side: &str) -> Result<Span> {
        let Some([start, end]) = fields(row) else {
            let message = format!("wrong number of parameters on {side} side of OVERLAPS expression");
            return Err(self.at_start(Error::new(SqlState::SYNTAX_ERROR, message), row));
        };
        let start = nested(start.clone());
        let end = match self.is_length(end) {
            true => nested(binary(start.clone(), BinaryOperator::Plus, nested(end.clone()))),
            false => nested(end.clone()),
        };
        let is_swapped = || compare(&end, BinaryOperator::Lt, &start);
        let is_open = || Expr::IsNull(Box::new(start.clone()));
        Ok(Span {
            start: case(vec![(is_open(), end.clone()), (is_swapped(), end.clone())], Some(start.clone())),
            end: case(vec![(is_open(), null()), (is_swapped(), start.clone())], Some(end.clone())),
        })
    }

    fn is_length(&self, expr: &Expr) -> bool {
        match expr {
            Expr::Interval(_) => true,
            Expr::Cast { data_type, .. } | Expr::TypedString(TypedString { data_type, .. }) => {
                matches!(data_type, SqlType::Interval { .. })
            }
            Expr::Nested(inner) => self.is_length(inner),
            Expr::BinaryOp { left, op: BinaryOperator::Plus | BinaryOperator::Minus, right } => {
                self.is_length(left) && self.is_length(right)
            }
            Expr::BinaryOp { left, op: BinaryOperator::Multiply, right } => {
                self.is_length(left) || self.is_length(right)
            }
            other => matches!(self.type_of(other), Some(DataType::Interval(_))),
        }
    }
}

fn either_open(first: &Span, second: &Span) -> Expr {
    let is_open = |span: &Span| Expr::IsNull(Box::new(nested(span.end.clone())));
    nested(binary(is_open(first), BinaryOperator::Or, is_open(second)))
}

fn compare(left: &Expr, op: BinaryOperator, right: &Expr) -> Expr {
    nested(binary(nested(left.clone()), op, nested(right.clone())))
}

fn case(branches: Vec<(Expr, Expr)>, otherwise: Option<Expr>) -> Expr {
    let conditions = branches.into_iter().map(|(condition, result)| CaseWhen { condition, result });
    Expr::Case {
        case_token: AttachedToken::empty(),
        end_token: AttachedToken::empty(),
        operand: None,
        conditions: conditions.collect(),
        else_result: otherwise.map(Box::new),
    }
}

fn truth(value: bool) -> Expr {
    Expr::Value(Value::Boolean(value).with_empty_span())
}

fn null() -> Expr {
    Expr::Value(Value::Null.with_empty_span())
}
