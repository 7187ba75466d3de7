//! Numbers as PostgreSQL reads them: the smallest of integer, bigint and numeric that holds one.
//!
//! DataFusion's planner makes every whole number a bigint. A number is therefore written with its type, in the
//! notation of a dictionary, which PostgreSQL's SQL does not have: `{int4: '7'}`. `functions::literal` plans it.
//!
//! Source: `make_const` in PostgreSQL's `parse_node.c`, `doNegate` in `gram.y`.

use datafusion::sql::sqlparser::ast::{DataType, DictionaryField, ExactNumberInfo, Expr, Ident, Value};

use crate::types::PgType;

/// Digits that a decimal holds; PostgreSQL's numeric holds more.
const DIGITS_MAX: usize = 76;

/// A number, its sign in it, with its type; none where the planner reads it as PostgreSQL does.
pub(super) fn number(digits: &str, is_negative: bool) -> Option<Expr> {
    let text = if is_negative { format!("-{digits}") } else { digits.to_owned() };
    if digits.bytes().all(|byte| byte.is_ascii_digit()) {
        let pg_type = match text.parse::<i64>() {
            Ok(value) if i32::try_from(value).is_ok() => PgType::INT4,
            Ok(_) => PgType::INT8,
            Err(_) if digits.len() <= DIGITS_MAX => PgType::NUMERIC,
            Err(_) => PgType::FLOAT8,
        };
        return Some(typed(pg_type, text));
    }
    // No decimal holds it: a float is as near as it comes.
    (width(digits)? > DIGITS_MAX).then(|| typed(PgType::FLOAT8, text))
}

/// The number that is cast to a float, as the text that the cast reads: without a numeric in between, which
/// may have no room for it.
pub(super) fn read_as_float(expr: &Expr, data_type: &DataType) -> Option<Expr> {
    let is_float = matches!(
        data_type,
        DataType::Real
            | DataType::Float4
            | DataType::Float8
            | DataType::DoublePrecision
            | DataType::Float(ExactNumberInfo::None | ExactNumberInfo::Precision(_))
    );
    match expr {
        Expr::Value(value) => match &value.value {
            Value::Number(digits, _) if is_float => {
                Some(Expr::Value(Value::SingleQuotedString(digits.clone()).with_span(value.span)))
            }
            _ => None,
        },
        _ => None,
    }
}

fn typed(pg_type: PgType, text: String) -> Expr {
    let value = Box::new(Expr::Value(Value::SingleQuotedString(text).with_empty_span()));
    Expr::Dictionary(vec![DictionaryField { key: Ident::new(pg_type.name), value }])
}

/// How many digits a number has once its exponent is written out.
fn width(number: &str) -> Option<usize> {
    let (mantissa, exponent) = number.split_once(['e', 'E']).unwrap_or((number, "0"));
    let exponent: i64 = exponent.parse().unwrap_or(i64::from(i32::MAX));
    let (whole, fraction) = mantissa.split_once('.').unwrap_or((mantissa, ""));
    let (whole, fraction) = (i64::try_from(whole.len()).ok()?, i64::try_from(fraction.len()).ok()?);
    usize::try_from((whole + exponent).max(0) + (fraction - exponent).max(0)).ok()
}
