//! Expressions: what the planner would drop, and the spellings that it does not know.

use datafusion::sql::sqlparser::ast::{
    BinaryOperator, CeilFloorKind, DateTimeField, Expr, Function, FunctionArgumentClause,
    FunctionArgumentList, FunctionArguments, Interval, ObjectName, TypedString, WindowSpec, WindowType,
};
use lakeport_base::SqlState;

use crate::check::query::check_order_item;
use crate::check::{refuse, refuse_foreign};
use crate::error::{Error, Result};
use crate::functions::fields_of;

pub(super) fn check(expr: &mut Expr) -> Result<()> {
    match expr {
        Expr::Collate { expr: inner, collation } => {
            check_collation(collation)?;
            let inner = std::mem::replace(inner.as_mut(), Expr::Tuple(Vec::new()));
            // What was inside is looked at here, since the visitor has passed its place.
            *expr = inner;
            check(expr)
        }
        Expr::BinaryOp { left: _, op, right: _ } => check_operator(op),
        Expr::AnyOp { left: _, compare_op, right: _, is_some: _ }
        | Expr::AllOp { left: _, compare_op, right: _ } => check_operator(compare_op),
        Expr::Function(function) => check_function(function),
        Expr::Cast { kind: _, expr: _, data_type: _, array, format } => {
            refuse_foreign(*array, "ARRAY behind a cast")?;
            refuse_foreign(format.is_some(), "FORMAT in a cast")
        }
        Expr::TypedString(TypedString { data_type: _, value: _, uses_odbc_syntax: _ }) => Ok(()),
        Expr::Interval(interval) => check_interval(interval),
        Expr::Like { negated, any: true, expr: left, pattern, escape_char: None } => {
            let op = if *negated { BinaryOperator::PGNotLikeMatch } else { BinaryOperator::PGLikeMatch };
            *expr = any(left, op, pattern);
            Ok(())
        }
        Expr::ILike { negated, any: true, expr: left, pattern, escape_char: None } => {
            let op = if *negated { BinaryOperator::PGNotILikeMatch } else { BinaryOperator::PGILikeMatch };
            *expr = any(left, op, pattern);
            Ok(())
        }
        Expr::Like { negated: _, any, expr: _, pattern: _, escape_char: _ }
        | Expr::ILike { negated: _, any, expr: _, pattern: _, escape_char: _ } => {
            refuse_foreign(*any, "ESCAPE behind LIKE ANY")
        }
        Expr::Ceil { expr: _, field } | Expr::Floor { expr: _, field } => refuse_foreign(
            *field != CeilFloorKind::DateTimeField(DateTimeField::NoDateTime),
            "a unit of CEIL or FLOOR",
        ),
        Expr::Trim { expr: _, trim_where: _, trim_what: _, trim_characters: _ } => Ok(()),
        Expr::IsNormalized { .. } => refuse(true, "IS NORMALIZED"),
        Expr::InUnnest { .. } => refuse_foreign(true, "IN UNNEST"),
        Expr::RLike { .. } => refuse_foreign(true, "RLIKE"),
        Expr::MatchAgainst { .. } | Expr::MemberOf(_) => refuse_foreign(true, "this MySQL operator"),
        _ => Ok(()),
    }
}

/// `x LIKE ANY (array)`
fn any(left: &Expr, compare_op: BinaryOperator, pattern: &Expr) -> Expr {
    let right = match pattern {
        Expr::Nested(inner) => inner.clone(),
        other => Box::new(other.clone()),
    };
    Expr::AnyOp { left: Box::new(left.clone()), compare_op, right, is_some: false }
}

/// Text is compared byte by byte here, as in the collation "C".
fn check_collation(collation: &ObjectName) -> Result<()> {
    let parts: Vec<&str> =
        collation.0.iter().filter_map(|part| part.as_ident()).map(|ident| ident.value.as_str()).collect();
    match parts.as_slice() {
        ["C" | "POSIX" | "default" | "ucs_basic"]
        | ["pg_catalog", "C" | "POSIX" | "default" | "ucs_basic"] => Ok(()),
        _ => {
            let message = format!("collation \"{}\" is not supported", parts.join("."));
            Err(Error::unsupported(message)
                .with_hint("Text is compared by code points, as in the collation \"C\"."))
        }
    }
}

/// `OPERATOR(pg_catalog.=)` is `=`.
fn check_operator(operator: &mut BinaryOperator) -> Result<()> {
    let BinaryOperator::PGCustomBinaryOperator(parts) = operator else { return Ok(()) };
    let sign = match parts.as_slice() {
        [sign] => sign.as_str(),
        [schema, sign] if schema.eq_ignore_ascii_case("pg_catalog") => sign.as_str(),
        _ => return Err(no_operator(parts)),
    };
    *operator = match sign {
        "=" => BinaryOperator::Eq,
        "<>" | "!=" => BinaryOperator::NotEq,
        "<" => BinaryOperator::Lt,
        ">" => BinaryOperator::Gt,
        "<=" => BinaryOperator::LtEq,
        ">=" => BinaryOperator::GtEq,
        "+" => BinaryOperator::Plus,
        "-" => BinaryOperator::Minus,
        "*" => BinaryOperator::Multiply,
        "/" => BinaryOperator::Divide,
        "%" => BinaryOperator::Modulo,
        "||" => BinaryOperator::StringConcat,
        "~" => BinaryOperator::PGRegexMatch,
        "~*" => BinaryOperator::PGRegexIMatch,
        "!~" => BinaryOperator::PGRegexNotMatch,
        "!~*" => BinaryOperator::PGRegexNotIMatch,
        "~~" => BinaryOperator::PGLikeMatch,
        "~~*" => BinaryOperator::PGILikeMatch,
        "!~~" => BinaryOperator::PGNotLikeMatch,
        "!~~*" => BinaryOperator::PGNotILikeMatch,
        "&" => BinaryOperator::BitwiseAnd,
        "|" => BinaryOperator::BitwiseOr,
        "#" => BinaryOperator::PGBitwiseXor,
        "<<" => BinaryOperator::PGBitwiseShiftLeft,
        ">>" => BinaryOperator::PGBitwiseShiftRight,
        "^" => BinaryOperator::PGExp,
        "@>" => BinaryOperator::AtArrow,
        "<@" => BinaryOperator::ArrowAt,
        "&&" => BinaryOperator::PGOverlap,
        "->" => BinaryOperator::Arrow,
        "->>" => BinaryOperator::LongArrow,
        "#>" => BinaryOperator::HashArrow,
        "#>>" => BinaryOperator::HashLongArrow,
        _ => return Err(no_operator(parts)),
    };
    Ok(())
}

fn no_operator(parts: &[String]) -> Error {
    Error::new(SqlState::UNDEFINED_FUNCTION, format!("operator does not exist: {}", parts.join(".")))
}

fn check_interval(interval: &Interval) -> Result<()> {
    let Interval { value: _, leading_field, leading_precision, last_field, fractional_seconds_precision } =
        interval;
    let is_second = *leading_field == Some(DateTimeField::Second);
    refuse(leading_precision.is_some() && !is_second, "a precision of this field of an interval")?;
    refuse(fractional_seconds_precision.is_some() && is_second, "two precisions of an interval")?;
    match (leading_field, last_field) {
        (Some(first), Some(last)) if fields_of(first, Some(last)).is_none() => Err(Error::new(
            SqlState::SYNTAX_ERROR,
            format!("syntax error at or near \"{}\"", last.to_string().to_lowercase()),
        )),
        _ => Ok(()),
    }
}

fn check_function(function: &Function) -> Result<()> {
    let Function {
        name,
        uses_odbc_syntax: _,
        parameters,
        args,
        filter: _,
        null_treatment,
        over,
        within_group,
    } = function;
    refuse_foreign(*parameters != FunctionArguments::None, "parameters of a function")?;
    match args {
        FunctionArguments::None => {}
        FunctionArguments::Subquery(_) => {
            let is_array = name.to_string().eq_ignore_ascii_case("array");
            refuse(!is_array, &format!("{name} of a query"))?;
        }
        FunctionArguments::List(FunctionArgumentList { duplicate_treatment: _, args, clauses }) => {
            clauses.iter().try_for_each(check_clause)?;
            let is_count = name.0.last().and_then(|part| part.as_ident()).is_some_and(|ident| {
                ident.value.eq_ignore_ascii_case("count") && ident.quote_style.is_none()
            });
            if is_count && args.len() > 1 {
                let message = format!("function count() of {} arguments does not exist", args.len());
                return Err(Error::new(SqlState::UNDEFINED_FUNCTION, message));
            }
        }
    }
    // PostgreSQL 15 does not have it, and it would change what is computed.
    refuse(null_treatment.is_some(), "IGNORE NULLS or RESPECT NULLS")?;
    match over {
        None | Some(WindowType::NamedWindow(_)) => {}
        Some(WindowType::WindowSpec(WindowSpec {
            window_name: _,
            partition_by: _,
            order_by,
            window_frame: _,
        })) => {
            order_by.iter().try_for_each(check_order_item)?;
        }
    }
    within_group.iter().try_for_each(check_order_item)
}

fn check_clause(clause: &FunctionArgumentClause) -> Result<()> {
    match clause {
        FunctionArgumentClause::OrderBy(items) => items.iter().try_for_each(check_order_item),
        FunctionArgumentClause::IgnoreOrRespectNulls(_) => refuse(true, "IGNORE NULLS or RESPECT NULLS"),
        FunctionArgumentClause::Limit(_)
        | FunctionArgumentClause::OnOverflow(_)
        | FunctionArgumentClause::Having(_)
        | FunctionArgumentClause::Separator(_) => refuse_foreign(true, "this clause of an aggregate"),
        FunctionArgumentClause::JsonNullClause(_) | FunctionArgumentClause::JsonReturningClause(_) => {
            refuse(true, "NULL or RETURNING in a JSON function")
        }
    }
}
