//! Forms that DataFusion's planner cannot read, spelled as functions that it can.
//!
//! PostgreSQL gives these constructs a syntax of their own; here each becomes a call, before
//! planning, and means the same:
//!
//! - `ARRAY(SELECT …)` is `array_subquery((SELECT …))`
//! - `x = ANY (array)` is `any_op('=', x, array)`, and ALL is `all_op`
//! - `generate_series(…)` outside FROM is `unnest(generate_series(…))`: the function gives an array
//! - a function in FROM is lateral, as in PostgreSQL
//! - `x AT TIME ZONE z` is `timezone(z, x)`
//! - `SIMILAR TO` is a regular expression, and an escape of LIKE a backslash, where patterns are constants
//! - `(SELECT …)` as a value is `nullable((SELECT …))`, since it may have no row
//! - `INTERVAL '1 day'` is a cast, read as all texts are read as intervals
//! - `age(x)` is `age(today at midnight, x)`; `make_interval` has all its arguments

use std::ops::ControlFlow;

use datafusion::sql::sqlparser::ast::{
    BinaryOperator, CastKind, DataType, DateTimeField, Expr, Function, FunctionArg, FunctionArgExpr,
    FunctionArgumentList, FunctionArguments, Ident, Interval, ObjectName, Query, TableFactor, TimezoneInfo,
    Value, ValueWithSpan, VisitMut, VisitorMut,
};

/// The functions that give rows in PostgreSQL, and an array of them here.
pub(super) const SET_RETURNING: [&str; 3] = ["generate_series", "generate_subscripts", "string_to_table"];

/// What gives the array of a function that gives rows.
pub(super) fn array_function(name: &str) -> &str {
    if name == "string_to_table" { "string_to_array" } else { name }
}

/// Writes the forms that DataFusion's planner cannot read as functions, everywhere in a query.
pub fn spell(query: &mut Query) {
    let _: ControlFlow<()> = VisitMut::visit(query, &mut Speller);
}

/// What a subquery that is a value is an argument of: it is NULL where it has no row.
pub(super) const NULLABLE: &str = "nullable";

struct Speller;

impl VisitorMut for Speller {
    type Break = ();

    fn post_visit_expr(&mut self, expr: &mut Expr) -> ControlFlow<()> {
        if let Expr::AnyOp { right, .. } | Expr::AllOp { right, .. } = expr {
            unwrap_subquery(right);
        }
        if let Some(spelled) = spelled(expr) {
            *expr = spelled;
        }
        ControlFlow::Continue(())
    }

    fn pre_visit_table_factor(&mut self, factor: &mut TableFactor) -> ControlFlow<()> {
        match factor {
            TableFactor::Table { name, alias, args: Some(args), with_ordinality, .. } => {
                *factor = TableFactor::Function {
                    lateral: true,
                    name: name.clone(),
                    args: std::mem::take(&mut args.args),
                    with_ordinality: *with_ordinality,
                    alias: alias.take(),
                };
            }
            TableFactor::Function { lateral, .. } => *lateral = true,
            _ => {}
        }
        ControlFlow::Continue(())
    }
}

fn spelled(expr: &mut Expr) -> Option<Expr> {
    match expr {
        Expr::Function(function) => spelled_function(function),
        Expr::AnyOp { left, compare_op, right, .. } if !matches!(right.as_ref(), Expr::Subquery(_)) => {
            Some(call(
                "any_op",
                vec![text(&compare_op.to_string()), left.as_ref().clone(), right.as_ref().clone()],
            ))
        }
        Expr::AllOp { left, compare_op, right } if !matches!(right.as_ref(), Expr::Subquery(_)) => {
            Some(call(
                "all_op",
                vec![text(&compare_op.to_string()), left.as_ref().clone(), right.as_ref().clone()],
            ))
        }
        Expr::Subquery(_) => Some(call(NULLABLE, vec![expr.clone()])),
        Expr::AtTimeZone { timestamp, time_zone } => {
            Some(call("timezone", vec![time_zone.as_ref().clone(), timestamp.as_ref().clone()]))
        }
        Expr::Interval(interval) => spelled_interval(interval),
        Expr::Like { pattern, escape_char: escape @ Some(_), .. }
        | Expr::ILike { pattern, escape_char: escape @ Some(_), .. } => {
            if let Some(sign) = escape.take() {
                let plain = std::mem::replace(pattern.as_mut(), text(""));
                **pattern = call("like_escape", vec![plain, Expr::Value(sign)]);
            }
            None
        }
        Expr::SimilarTo { negated, expr, pattern, escape_char: None } => {
            let pattern = text(&regular(constant(pattern)?)?);
            let op = match negated {
                true => BinaryOperator::PGRegexNotMatch,
                false => BinaryOperator::PGRegexMatch,
            };
            Some(Expr::BinaryOp { left: expr.clone(), op, right: Box::new(pattern) })
        }
        _ => None,
    }
}

/// A subquery that is compared with ANY or ALL gives rows, and no value.
fn unwrap_subquery(expr: &mut Expr) {
    let Expr::Function(function) = expr else { return };
    let is_wrapped = last_name(&function.name).is_some_and(|name| name == NULLABLE);
    if let (true, FunctionArguments::List(list)) = (is_wrapped, &mut function.args)
        && let Some(FunctionArg::Unnamed(FunctionArgExpr::Expr(inner @ Expr::Subquery(_)))) = list.args.pop()
    {
        *expr = inner;
    }
}

fn constant(expr: &Expr) -> Option<&str> {
    match expr {
        Expr::Value(ValueWithSpan { value: Value::SingleQuotedString(text), .. }) => Some(text),
        _ => None,
    }
}

/// A pattern of SIMILAR TO as a regular expression; none where it holds an escape, whose meaning depends on
/// what follows it. `similar_escape_internal` in PostgreSQL's `regexp.c`
fn regular(pattern: &str) -> Option<String> {
    let mut regular = "^(?:".to_owned();
    let mut in_brackets = false;
    for character in pattern.chars() {
        match character {
            '\\' => return None,
            '[' | ']' => {
                in_brackets = character == '[';
                regular.push(character);
            }
            other if in_brackets => regular.push(other),
            '%' => regular.push_str(".*"),
            '_' => regular.push('.'),
            '.' | '^' | '$' => regular.extend(['\\', character]),
            other => regular.push(other),
        }
    }
    regular.push_str(")$");
    Some(regular)
}

/// A text with a unit behind it is the text with the unit in it, where that is all it can mean.
fn spelled_interval(interval: &Interval) -> Option<Expr> {
    let Expr::Value(ValueWithSpan { value: Value::SingleQuotedString(value), .. }) = interval.value.as_ref()
    else {
        return None;
    };
    let value = match &interval.leading_field {
        None => value.clone(),
        // A fraction of any other unit would be cut off.
        Some(unit @ DateTimeField::Second) if value.trim().parse::<f64>().is_ok() => {
            format!("{value} {unit}")
        }
        Some(unit) if value.trim().parse::<i32>().is_ok() => format!("{value} {unit}"),
        Some(_) => return None,
    };
    Some(cast(text(&value), DataType::Interval { fields: None, precision: None }))
}

fn cast(expr: Expr, data_type: DataType) -> Expr {
    Expr::Cast { kind: CastKind::Cast, expr: Box::new(expr), data_type, array: false, format: None }
}

fn spelled_function(function: &mut Function) -> Option<Expr> {
    let name = last_name(&function.name)?;
    if let FunctionArguments::Subquery(query) = &function.args {
        let query = query.clone();
        return (name == "array").then(|| call("array_subquery", vec![Expr::Subquery(query)]));
    }
    if let ("array_subquery", FunctionArguments::List(list)) = (name.as_str(), &mut function.args) {
        if let Some(FunctionArg::Unnamed(FunctionArgExpr::Expr(subquery))) = list.args.first_mut() {
            unwrap_subquery(subquery);
        }
        return None;
    }
    if name == "localtimestamp" {
        return Some(cast(call("now", Vec::new()), DataType::Timestamp(None, TimezoneInfo::None)));
    }
    if let (FunctionArguments::List(list), "age" | "make_interval") = (&mut function.args, name.as_str()) {
        return match (name.as_str(), list.args.as_slice()) {
            ("age", [FunctionArg::Unnamed(FunctionArgExpr::Expr(from))]) => {
                let midnight = DataType::Timestamp(None, TimezoneInfo::None);
                Some(call("age", vec![cast(call("current_date", Vec::new()), midnight), from.clone()]))
            }
            ("make_interval", args) => Some(call("make_interval", interval_parts(args)?)),
            _ => None,
        };
    }
    if !SET_RETURNING.contains(&name.as_str()) {
        return None;
    }
    function.name = ObjectName::from(vec![Ident::new(array_function(&name))]);
    let inner = Expr::Function(function.clone());
    Some(call("unnest", vec![inner]))
}

/// The seven arguments of `make_interval`, by place and by name; none where that cannot be.
fn interval_parts(args: &[FunctionArg]) -> Option<Vec<Expr>> {
    const NAMES: [&str; 7] = ["years", "months", "weeks", "days", "hours", "mins", "secs"];
    let zero = || cast(Expr::Value(Value::Number("0".into(), false).into()), DataType::Int4(None));
    let mut parts: Vec<Expr> = NAMES.iter().map(|_| zero()).collect();
    for (index, arg) in args.iter().enumerate() {
        let (place, expr) = match arg {
            FunctionArg::Unnamed(FunctionArgExpr::Expr(expr)) => (index, expr),
            FunctionArg::Named { name, arg: FunctionArgExpr::Expr(expr), .. } => {
                (NAMES.iter().position(|known| *known == name.value)?, expr)
            }
            _ => return None,
        };
        *parts.get_mut(place)? =
            if place < 6 { cast(expr.clone(), DataType::Int4(None)) } else { expr.clone() };
    }
    Some(parts)
}

/// The last part of a function's name, folded; none where it is no plain name.
pub(super) fn last_name(name: &ObjectName) -> Option<String> {
    let ident = name.0.last()?.as_ident()?;
    Some(if ident.quote_style.is_some() { ident.value.clone() } else { ident.value.to_lowercase() })
}

/// A call of a function with these arguments.
pub(super) fn call(name: &str, args: Vec<Expr>) -> Expr {
    call_with(ObjectName::from(vec![Ident::new(name)]), args.into_iter().map(unnamed).collect())
}

/// A call of a function with these arguments.
pub(super) fn call_with(name: ObjectName, args: Vec<FunctionArg>) -> Expr {
    Expr::Function(Function {
        name,
        uses_odbc_syntax: false,
        parameters: FunctionArguments::None,
        args: FunctionArguments::List(FunctionArgumentList {
            duplicate_treatment: None,
            args,
            clauses: Vec::new(),
        }),
        filter: None,
        null_treatment: None,
        over: None,
        within_group: Vec::new(),
    })
}

fn unnamed(expr: Expr) -> FunctionArg {
    FunctionArg::Unnamed(FunctionArgExpr::Expr(expr))
}

fn text(value: &str) -> Expr {
    Expr::Value(Value::SingleQuotedString(value.to_owned()).into())
}
