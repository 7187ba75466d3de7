//! Casts to a bare `numeric`, which keeps every digit, what is computed of such, and constants that share a column.
//!
//! A cast of a decimal changes nothing, of an integer gives as many digits as that has, of a constant the constant's own
//! scale. Of anything else each value has its own scale: an open numeric.

use std::sync::Arc;

use arrow::datatypes::{DataType, Field, FieldRef};
use datafusion::common::{DFSchema, Result, ScalarValue};
use datafusion::logical_expr::{BinaryExpr, Cast, Expr, ExprSchemable, LogicalPlan, Operator};

use super::common::{Common, common};
use super::sql_type::CAST;
use crate::functions::{constant, literal, literal_as, numeric_operation};
use crate::types::{OPEN_NUMERIC, PgType, RATIO_NUMERIC, is_open_numeric, is_rounded_numeric};
use crate::value::read::{Decimal, decimal, read};
use crate::value::{Style, common_type};

/// A cast as it is to be made.
///
/// # Errors
///
/// Those of the type of what is cast.
pub(super) fn bare(cast: Cast, schema: &DFSchema) -> Result<Expr> {
    let target = cast.field.data_type();
    if let DataType::List(element) = target
        && *element.data_type() == OPEN_NUMERIC
    {
        return elements(cast, schema);
    }
    if *target != OPEN_NUMERIC {
        return Ok(Expr::Cast(cast));
    }
    if let Expr::Literal(ScalarValue::Utf8(Some(text)), _) = cast.expr.as_ref() {
        // What is no number is an error that reading it tells better.
        return Ok(match decimal(text).map(literal) {
            Ok(Ok(number)) => Expr::Literal(number, None),
            _ => Expr::Cast(cast),
        });
    }
    let given = cast.expr.get_type(schema)?;
    let Some(digits) = digits(&given) else {
        return Ok(if given.is_decimal() { *cast.expr } else { Expr::Cast(cast) });
    };
    if let Some(number) = constant(&cast.expr) {
        return Ok(Expr::Literal(literal(number)?, None));
    }
    let field = cast.field.as_ref().clone().with_data_type(DataType::Decimal128(digits, 0));
    Ok(Expr::Cast(Cast { expr: cast.expr, field: Arc::new(field) }))
}

/// An array whose elements are cast.
fn elements(cast: Cast, schema: &DFSchema) -> Result<Expr> {
    if let Expr::Literal(ScalarValue::Utf8(Some(text)), _) = cast.expr.as_ref()
        && let Ok(array) = read(text, PgType::NUMERIC_ARRAY, &Style::default())
    {
        return Ok(Expr::Literal(ScalarValue::try_from_array(&array, 0)?, None));
    }
    let DataType::List(given) = cast.expr.get_type(schema)? else { return Ok(Expr::Cast(cast)) };
    let Some(digits) = digits(given.data_type()) else {
        return Ok(if given.data_type().is_decimal() { *cast.expr } else { Expr::Cast(cast) });
    };
    let element = Field::new("item", DataType::Decimal128(digits, 0), true);
    let field = cast.field.as_ref().clone().with_data_type(DataType::List(Arc::new(element)));
    Ok(Expr::Cast(Cast { expr: cast.expr, field: Arc::new(field) }))
}

/// A constant whose type is open, as the numeric that it is beside another; whatever else as it is.
pub(super) fn beside_numeric(expr: Expr) -> Result<Expr> {
    match &expr {
        Expr::Literal(ScalarValue::Utf8(Some(_)), _) => {
            let field = Arc::new(PgType::NUMERIC.field(CAST, true));
            bare(Cast { expr: Box::new(expr), field }, &DFSchema::empty())
        }
        _ => Ok(expr),
    }
}

/// An operation of numerics as it is to be computed; none where DataFusion does as PostgreSQL.
///
/// # Errors
///
/// 22012 for a division of constants by zero, 22003 where their quotient has too many digits.
pub(super) fn operation(op: Operator, left: &Expr, right: &Expr, schema: &DFSchema) -> Result<Option<Expr>> {
    let (Ok(left_type), Ok(right_type)) = (left.get_type(schema), right.get_type(schema)) else {
        return Ok(None);
    };
    let types = [&left_type, &right_type];
    let is_exact = |data_type: &&DataType| data_type.is_integer() || data_type.is_decimal();
    let has_open = types.iter().any(|data_type| is_open_numeric(data_type));
    if !types.iter().all(is_exact) || !has_open || !matches!(op, Operator::Plus | Operator::Minus) {
        let computed = numeric_operation(op, left, right, schema)?;
        return Ok(computed.or_else(|| product_of_widths(op, (left, &left_type), (right, &right_type))));
    }
    // What DataFusion makes of two types alike is a third like them.
    let is_rounded = types.iter().any(|data_type| is_rounded_numeric(data_type));
    let target = if is_rounded { RATIO_NUMERIC } else { OPEN_NUMERIC };
    let widened = |expr: &Expr| {
        let field = Arc::new(Field::new("", target.clone(), true));
        Box::new(Expr::Cast(Cast { expr: Box::new(expr.clone()), field }))
    };
    if left_type == right_type {
        return Ok(None);
    }
    Ok(Some(Expr::BinaryExpr(BinaryExpr { left: widened(left), op, right: widened(right) })))
}

/// A product of decimals of two widths, both made of the greater one: DataFusion would make their scales one too, and so
/// add a scale that neither has.
fn product_of_widths(op: Operator, left: (&Expr, &DataType), right: (&Expr, &DataType)) -> Option<Expr> {
    let widened = |(expr, data_type): (&Expr, &DataType)| match data_type {
        DataType::Decimal128(precision, scale) => {
            let field = Arc::new(Field::new("", DataType::Decimal256(*precision, *scale), true));
            Box::new(Expr::Cast(Cast { expr: Box::new(expr.clone()), field }))
        }
        _ => Box::new(expr.clone()),
    };
    let is_mixed = matches!(
        (left.1, right.1),
        (DataType::Decimal128(..), DataType::Decimal256(..))
            | (DataType::Decimal256(..), DataType::Decimal128(..))
    );
    let product = || Expr::BinaryExpr(BinaryExpr { left: widened(left), op, right: widened(right) });
    (op == Operator::Multiply && is_mixed).then(product)
}

/// The digits that integers of this type have at most.
fn digits(data_type: &DataType) -> Option<u8> {
    Some(match data_type {
        DataType::Int8 | DataType::UInt8 => 3,
        DataType::Int16 | DataType::UInt16 => 5,
        DataType::Int32 | DataType::UInt32 => 10,
        DataType::Int64 => 19,
        DataType::UInt64 => 20,
        _ => return None,
    })
}

/// The type of a column of constants, which keeps the digits of each; none where one is no constant.
fn column_type<'a>(exprs: impl Iterator<Item = &'a Expr>) -> Option<DataType> {
    let mut numbers: Vec<Decimal> = Vec::new();
    for expr in exprs {
        match number(expr) {
            Some(number) => numbers.push(number),
            None if is_null(expr) => {}
            None => return None,
        }
    }
    (!numbers.is_empty()).then(|| common_type(&numbers))
}

/// Whether planning has made this cast for a column; those of the query itself have a name.
fn is_planned(cast: &Cast, column: &Field) -> bool {
    cast.field.data_type() == column.data_type() && cast.field.name() != CAST
}

/// The constant, with the scale that was written, behind casts that planning has made of it.
fn number(expr: &Expr) -> Option<Decimal> {
    match expr {
        Expr::Cast(cast) if cast.field.data_type().is_decimal() && cast.field.name() != CAST => {
            number(&cast.expr)
        }
        other => constant(other),
    }
}

fn is_null(expr: &Expr) -> bool {
    match expr {
        Expr::Literal(value, _) => value.is_null(),
        Expr::Cast(cast) => is_null(&cast.expr),
        _ => false,
    }
}

/// A column of numerics, in a type that keeps the digits of all; none where its own does.
pub(super) fn values_unified(
    rows: &mut [Vec<Expr>],
    index: usize,
    field: &FieldRef,
) -> Result<Option<DataType>> {
    let data_type = match column_type(rows.iter().filter_map(|row| row.get(index))) {
        Some(data_type) => data_type,
        None => {
            let empty = DFSchema::empty();
            let uncast = |expr: &Expr| match expr {
                Expr::Cast(cast) if is_planned(cast, field) => cast.expr.get_type(&empty),
                other => other.get_type(&empty),
            };
            let types =
                rows.iter().filter_map(|row| row.get(index)).map(uncast).collect::<Result<Vec<_>>>()?;
            let known = types.into_iter().filter(|data_type| data_type.is_numeric());
            let known: Vec<FieldRef> =
                known.map(|data_type| Field::new("", data_type, true).into()).collect();
            match common(&known) {
                Common::Field(common) if common.data_type().is_decimal() => common.data_type().clone(),
                _ => return Ok(None),
            }
        }
    };
    let target: FieldRef = Arc::new(field.as_ref().clone().with_data_type(data_type.clone()));
    for expr in rows.iter_mut().filter_map(|row| row.get_mut(index)) {
        let inner = std::mem::replace(expr, Expr::Literal(ScalarValue::Null, None));
        *expr = match (number(&inner), inner) {
            (Some(number), _) => Expr::Literal(literal_as(number, &data_type)?, None),
            (None, other) if is_null(&other) => Expr::Literal(ScalarValue::try_new_null(&data_type)?, None),
            (None, Expr::Cast(cast)) if is_planned(&cast, field) => {
                Expr::Cast(Cast { expr: cast.expr, field: Arc::clone(&target) })
            }
            (None, other) => Expr::Cast(Cast { expr: Box::new(other), field: Arc::clone(&target) }),
        };
    }
    Ok(Some(data_type))
}

/// The type of constants that are to be one, which keeps the digits of each; none where one is no constant.
pub(super) fn constants_type(exprs: &[&mut Expr]) -> Option<FieldRef> {
    let data_type = column_type(exprs.iter().map(|expr| &**expr))?;
    Some(Arc::new(Field::new("", data_type, true)))
}

/// The type of a column that is a constant in each of these queries.
pub(super) fn union_type(inputs: &[Arc<LogicalPlan>], index: usize) -> Option<FieldRef> {
    let exprs = inputs.iter().map(|input| match input.as_ref() {
        LogicalPlan::Projection(projection) => projection.expr.get(index),
        _ => None,
    });
    let data_type = column_type(exprs.collect::<Option<Vec<_>>>()?.into_iter())?;
    Some(Arc::new(Field::new("", data_type, true)))
}
