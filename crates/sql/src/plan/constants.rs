//! Constants, read where they stand: what is no value of its type is an error of the statement, whatever its rows.
//!
//! PostgreSQL reads a constant as it looks at a statement, not as it runs it, and so tells of it before anything else is
//! done. Nothing is changed here: the value is read once more where it is needed.

use datafusion::common::config::ConfigOptions;
use datafusion::common::tree_node::{TreeNode, TreeNodeRecursion};
use datafusion::common::{DFSchema, ScalarValue};
use datafusion::error::DataFusionError;
use datafusion::logical_expr::expr::{Between, InList};
use datafusion::logical_expr::{BinaryExpr, Cast, Expr, ExprSchemable, LogicalPlan, Operator};

use crate::error::{Culprit, Error, Result};
use crate::plan::failure;
use crate::state::style;
use crate::types::{ColumnType, PgType, column_type};
use crate::value::read::{interval_of, value};
use crate::value::{IntervalFields, Style};

/// Refuses constants that are no values of the types that they are cast to, or of those that they stand beside.
///
/// # Errors
///
/// What PostgreSQL says of a text that is no value of its type.
pub(super) fn refuse_unreadable(plan: &LogicalPlan, options: &ConfigOptions) -> Result<()> {
    let style = style(options);
    let looked = plan.apply_with_subqueries(|node| {
        let mut schema = None;
        node.apply_expressions(|expr| {
            expr.apply(|expr| {
                let refused = match expr {
                    Expr::Cast(Cast { expr: inner, field }) => match text(inner) {
                        Some(text) => read(text, column_type(field), &style),
                        None => Ok(()),
                    },
                    _ => beside(expr, schema.get_or_insert_with(|| schema_of(node)), &style),
                };
                refused.map_err(|error| DataFusionError::External(Box::new(error)))?;
                Ok(TreeNodeRecursion::Continue)
            })
        })
    });
    looked.map(drop).map_err(failure::of)
}

fn schema_of(node: &LogicalPlan) -> DFSchema {
    let mut schema = DFSchema::empty();
    for input in node.inputs() {
        schema.merge(input.schema());
    }
    if let LogicalPlan::TableScan(scan) = node {
        schema.merge(&scan.projected_schema);
    }
    schema
}

/// A constant without a type beside a value that has one is of that type.
fn beside(expr: &Expr, schema: &DFSchema, style: &Style) -> Result<()> {
    let sides: Vec<&Expr> = match expr {
        Expr::BinaryExpr(BinaryExpr { left, op, right }) if is_comparison(*op) => vec![left, right],
        Expr::BinaryExpr(BinaryExpr { left, op, right }) if is_arithmetic(*op) => vec![left, right],
        Expr::Between(Between { expr, low, high, negated: _ }) => vec![expr, low, high],
        Expr::InList(InList { expr, list, negated: _ }) => {
            std::iter::once(expr.as_ref()).chain(list).collect()
        }
        _ => return Ok(()),
    };
    let texts: Vec<&str> = sides.iter().copied().filter_map(text).collect();
    if texts.is_empty() {
        return Ok(());
    }
    let is_arithmetic = matches!(expr, Expr::BinaryExpr(BinaryExpr { op, .. }) if is_arithmetic(*op));
    let typed = sides.iter().copied().filter(|side| text(side).is_none());
    let typed = typed.filter_map(|side| side.to_field(schema).ok()).next();
    let Some((_, field)) = typed else { return Ok(()) };
    let pg_type = column_type(&field).pg_type;
    // What is added to a moment may be a span, and a span may be multiplied by a number.
    if is_arithmetic && !NUMBERS.contains(&pg_type) {
        return Ok(());
    }
    texts.into_iter().try_for_each(|text| read(text, ColumnType { pg_type, typmod: -1 }, style))
}

const NUMBERS: [PgType; 6] =
    [PgType::INT2, PgType::INT4, PgType::INT8, PgType::NUMERIC, PgType::FLOAT4, PgType::FLOAT8];

fn is_comparison(op: Operator) -> bool {
    use Operator::{Eq, Gt, GtEq, IsDistinctFrom, IsNotDistinctFrom, Lt, LtEq, NotEq};
    matches!(op, Eq | NotEq | Lt | LtEq | Gt | GtEq | IsDistinctFrom | IsNotDistinctFrom)
}

fn is_arithmetic(op: Operator) -> bool {
    op.is_numerical_operators()
}

fn text(expr: &Expr) -> Option<&str> {
    match expr {
        Expr::Literal(ScalarValue::Utf8(Some(text)), _) => Some(text),
        Expr::Alias(alias) => text(&alias.expr),
        _ => None,
    }
}

/// Whether a type's texts are read without the catalog, and are not simply kept.
fn is_read(pg_type: PgType) -> bool {
    const READ: [PgType; 20] = [
        PgType::BOOL,
        PgType::INT2,
        PgType::INT4,
        PgType::INT8,
        PgType::OID,
        PgType::XID,
        PgType::FLOAT4,
        PgType::FLOAT8,
        PgType::NUMERIC,
        PgType::DATE,
        PgType::TIME,
        PgType::TIMESTAMP,
        PgType::TIMESTAMPTZ,
        PgType::INTERVAL,
        PgType::BYTEA,
        PgType::UUID,
        PgType::JSON,
        PgType::JSONB,
        PgType::INT2VECTOR,
        PgType::OIDVECTOR,
    ];
    let element = PgType::by_oid(pg_type.element).filter(|_| pg_type.name.starts_with('_'));
    READ.contains(&pg_type) || element.is_some_and(|element| is_read(element) || element == PgType::TEXT)
}

fn read(text: &str, ColumnType { pg_type, typmod }: ColumnType, style: &Style) -> Result<()> {
    if !is_read(pg_type) {
        return Ok(());
    }
    let read = match pg_type {
        // Its fields say what a number without a unit is.
        PgType::INTERVAL => interval_of(text, style, IntervalFields::of_typmod(typmod)).map(drop),
        _ => value(text, pg_type, style).map(drop),
    };
    match read {
        Ok(()) => Ok(()),
        Err(error) => Err(Error::from(error).about(Culprit::Constant(text.to_owned()))),
    }
}
