//! Forms that DataFusion's planner cannot read, spelled as functions that it can.
//!
//! PostgreSQL gives these constructs a syntax of their own; here each becomes a call, before
//! planning, and means the same:
//!
//! - `ARRAY(SELECT …)` is `array_subquery((SELECT …))`
//! - `x = ANY (array)` is `any_op('=', x, array)`, and ALL is `all_op`
//! - a function that gives rows is unnested where it stands outside FROM: `unnest(generate_series(…))`, of the array
//!   that it gives here; `unnest(a)` is one of `array_flat(a)`, whose elements are those of all dimensions
//! - a function in FROM is lateral, as in PostgreSQL
//! - `x AT TIME ZONE z` is `timezone(z, x)`
//! - `SIMILAR TO` is a regular expression, and an escape of LIKE a backslash, where patterns are constants
//! - `(SELECT …)` as a value is `nullable((SELECT …))`, since it may have no row
//! - `INTERVAL '1 day'` is a cast, read as all texts are read as intervals
//! - `'{{1,2},{3,4}}'::int[]` is a cast to an array of arrays, since the planner's types have dimensions
//! - `row(a, b)` is a record of `f1` and `f2`
//! - `json_agg(x)` and its kin are `array_agg(x)`, made into JSON
//! - `mod(x, y)` is `x % y`; the clocks that stand still in a statement are `now()`, cast
//! - `age(x)` is `age(today at midnight, x)`; `make_interval` has all its arguments

use std::ops::ControlFlow;

use datafusion::sql::sqlparser::ast::{
    AccessExpr, ArrayElemTypeDef, BinaryOperator, CaseWhen, CastKind, DataType, Expr, Function, FunctionArg,
    FunctionArgExpr, FunctionArgumentList, FunctionArguments, Ident, ObjectName, Query, Subscript,
    TableFactor, TimezoneInfo, UnaryOperator, Value, ValueWithSpan, VisitMut, VisitorMut,
};

use datafusion::sql::sqlparser::ast::helpers::attached_token::AttachedToken;

use super::array_shapes::ARRAY_FLAT;
use super::interval_literal;
use super::rows::{gives_rows, row_columns};
use crate::value::read::array_texts;

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
        Expr::UnaryOp { op: UnaryOperator::BitwiseNot, expr } => {
            Some(call("bitnot", vec![expr.as_ref().clone()]))
        }
        Expr::Subquery(_) => Some(call(NULLABLE, vec![expr.clone()])),
        Expr::CompoundFieldAccess { root, access_chain } => subscripted(root, access_chain),
        Expr::AtTimeZone { timestamp, time_zone } => {
            Some(call("timezone", vec![time_zone.as_ref().clone(), timestamp.as_ref().clone()]))
        }
        Expr::Interval(interval) => interval_literal::spelled(interval),
        Expr::Cast { expr: value, data_type, array: false, format: None, .. } if is_array(data_type) => {
            let (lengths, _) = array_texts(constant(value)?).ok()?;
            for _ in 1..lengths.len() {
                *data_type = DataType::Array(ArrayElemTypeDef::Parenthesis(Box::new(data_type.clone())));
            }
            None
        }
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

/// Several subscripts of one array, as one call: each stands for a dimension.
///
/// A single one is left to the planner, which knows what it is a subscript of. Where one is a slice all are, an
/// index reaching from 1 to itself.
fn subscripted(root: &Expr, chain: &[AccessExpr]) -> Option<Expr> {
    let subscripts: Vec<&Subscript> = chain
        .iter()
        .map(|access| match access {
            AccessExpr::Subscript(subscript) => Some(subscript),
            AccessExpr::Dot(_) => None,
        })
        .collect::<Option<_>>()?;
    let is_slice = |subscript: &&Subscript| matches!(subscript, Subscript::Slice { .. });
    if subscripts.len() < 2 {
        return None;
    }
    let slices = subscripts.iter().any(is_slice);
    let mut args = vec![root.clone()];
    for subscript in subscripts {
        match subscript {
            Subscript::Index { index } if slices => args.extend([one(), index.clone()]),
            Subscript::Index { index } => args.push(index.clone()),
            Subscript::Slice { lower_bound, upper_bound, stride: None } => {
                args.extend([lower_bound.clone()?, upper_bound.clone()?]);
            }
            Subscript::Slice { stride: Some(_), .. } => return None,
        }
    }
    Some(call(if slices { "array_slice_between" } else { "array_subscript" }, args))
}

/// Whether a type is one of arrays: `int[]`, `_int4`.
fn is_array(data_type: &DataType) -> bool {
    match data_type {
        DataType::Array(_) => true,
        DataType::Custom(name, _) => last_name(name).is_some_and(|name| name.starts_with('_')),
        _ => false,
    }
}

fn one() -> Expr {
    Expr::Value(Value::Number("1".into(), false).into())
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

/// Types whose names are called as functions: `bpchar(x)` is `x::bpchar`.
const CASTS: &str = "bool bpchar bytea date float4 float8 int2 int4 int8 interval json jsonb name numeric oid text \
    time timestamp timestamptz uuid varchar";

/// A cast of an expression.
pub(super) fn cast(expr: Expr, data_type: DataType) -> Expr {
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
    if let ("row", FunctionArguments::List(list)) = (name.as_str(), &function.args) {
        let mut fields = Vec::with_capacity(2 * list.args.len());
        for (index, arg) in list.args.iter().enumerate() {
            let FunctionArg::Unnamed(FunctionArgExpr::Expr(value)) = arg else { return None };
            fields.extend([text(&format!("f{}", index + 1)), value.clone()]);
        }
        return (!fields.is_empty()).then(|| call("named_struct", fields));
    }
    if let Some(clock) = spelled_clock(&name, &function.args) {
        return Some(clock);
    }
    if let ("_pg_truetypid" | "_pg_truetypmod", FunctionArguments::List(list)) =
        (name.as_str(), &function.args)
        && let [
            FunctionArg::Unnamed(FunctionArgExpr::Expr(attribute)),
            FunctionArg::Unnamed(FunctionArgExpr::Expr(row)),
        ] = list.args.as_slice()
    {
        let (of_domain, own, data_type) = match name.as_str() {
            "_pg_truetypid" => ("typbasetype", "atttypid", "oid"),
            _ => ("typtypmod", "atttypmod", "int4"),
        };
        return true_type(attribute, row, of_domain, own, data_type);
    }
    if let Some(collected) = spelled_collection(function, &name) {
        return Some(collected);
    }
    if let (FunctionArguments::List(list), "mod") = (&function.args, name.as_str())
        && let [
            FunctionArg::Unnamed(FunctionArgExpr::Expr(left)),
            FunctionArg::Unnamed(FunctionArgExpr::Expr(right)),
        ] = list.args.as_slice()
    {
        let nested = |expr: &Expr| Box::new(Expr::Nested(Box::new(expr.clone())));
        return Some(Expr::Nested(Box::new(Expr::BinaryOp {
            left: nested(left),
            op: BinaryOperator::Modulo,
            right: nested(right),
        })));
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
    if let (FunctionArguments::List(list), true) =
        (&function.args, CASTS.split(' ').any(|known| known == name))
        && let [FunctionArg::Unnamed(FunctionArgExpr::Expr(value))] = list.args.as_slice()
    {
        let data_type = DataType::Custom(ObjectName::from(vec![Ident::new(name)]), Vec::new());
        return Some(cast(value.clone(), data_type));
    }
    if let (FunctionArguments::List(list), "unnest") = (&mut function.args, name.as_str()) {
        // The elements of all dimensions are rows.
        for arg in &mut list.args {
            if let FunctionArg::Unnamed(FunctionArgExpr::Expr(array)) = arg {
                *array = call(ARRAY_FLAT, vec![array.clone()]);
            }
        }
        return None;
    }
    if !gives_rows(&name) {
        return None;
    }
    function.name = ObjectName::from(vec![Ident::new(array_function(&name))]);
    let inner = Expr::Function(function.clone());
    let rows = call("unnest", vec![inner]);
    // Unnesting forgets which type the elements are of where the Arrow type alone does not tell.
    Some(match name.as_str() {
        "json_array_elements" => cast(rows, DataType::JSON),
        "jsonb_array_elements" => cast(rows, DataType::JSONB),
        _ if row_columns(&name).is_some_and(|columns| columns.len() > 1) => call("record_of", vec![rows]),
        _ => rows,
    })
}

/// What a column has by its type, and where that is a domain, by the type under it. Both arguments are whole rows: of
/// `pg_attribute` and of `pg_type`.
///
/// Source: `_pg_truetypid` and `_pg_truetypmod` in PostgreSQL's `information_schema.sql`.
fn true_type(attribute: &Expr, row: &Expr, of_domain: &str, own: &str, data_type: &str) -> Option<Expr> {
    let is_domain = Expr::BinaryOp {
        left: Box::new(member(row, "typtype")?),
        op: BinaryOperator::Eq,
        right: Box::new(text("d")),
    };
    let case = Expr::Case {
        case_token: AttachedToken::empty(),
        end_token: AttachedToken::empty(),
        operand: None,
        conditions: vec![CaseWhen { condition: is_domain, result: member(row, of_domain)? }],
        else_result: Some(Box::new(member(attribute, own)?)),
    };
    Some(cast(case, DataType::Custom(ObjectName::from(vec![Ident::new(data_type)]), Vec::new())))
}

/// A field of a record that is written out: `named_struct('name', value, …)`.
fn member(record: &Expr, wanted: &str) -> Option<Expr> {
    let Expr::Function(function) = record else { return None };
    let (Some("named_struct"), FunctionArguments::List(list)) =
        (last_name(&function.name).as_deref(), &function.args)
    else {
        return None;
    };
    list.args.chunks(2).find_map(|pair| match pair {
        [
            FunctionArg::Unnamed(FunctionArgExpr::Expr(name)),
            FunctionArg::Unnamed(FunctionArgExpr::Expr(value)),
        ] if constant(name) == Some(wanted) => Some(value.clone()),
        _ => None,
    })
}

/// `json_agg(x)` is `json_array_of(array_agg(json_element(x)))`, with whatever else the aggregate says;
/// `json_object_agg(k, v)` is `json_object_of(array_agg(k), array_agg(json_element(v)))`.
fn spelled_collection(function: &Function, name: &str) -> Option<Expr> {
    let (made, count) = match name {
        "json_agg" => ("json_array_of", 1),
        "jsonb_agg" => ("jsonb_array_of", 1),
        "json_object_agg" => ("json_object_of", 2),
        "jsonb_object_agg" => ("jsonb_object_of", 2),
        _ => return None,
    };
    let FunctionArguments::List(list) = &function.args else { return None };
    if list.args.len() != count {
        return None;
    }
    let collect = |(index, arg): (usize, &FunctionArg)| {
        let mut collected = function.clone();
        collected.name = ObjectName::from(vec![Ident::new("array_agg")]);
        if let FunctionArguments::List(list) = &mut collected.args {
            // Names stay what they are; values are collected as JSON, since an array forgets which texts are that.
            let value = call_with(ObjectName::from(vec![Ident::new("json_element")]), vec![arg.clone()]);
            list.args = vec![if index + 1 < count { arg.clone() } else { unnamed(value) }];
        }
        Expr::Function(collected)
    };
    Some(call(made, list.args.iter().enumerate().map(collect).collect()))
}

/// The functions of the time at which the statement began. Digits behind the seconds may be said.
fn spelled_clock(name: &str, args: &FunctionArguments) -> Option<Expr> {
    let digits = match args {
        FunctionArguments::None => None,
        FunctionArguments::List(list) => match list.args.as_slice() {
            [] => None,
            [FunctionArg::Unnamed(FunctionArgExpr::Expr(digits))] => Some(whole(digits)?),
            _ => return None,
        },
        FunctionArguments::Subquery(_) => return None,
    };
    let now = || call("now", Vec::new());
    let local = |digits| cast(now(), DataType::Timestamp(digits, TimezoneInfo::None));
    Some(match (name, digits) {
        ("transaction_timestamp" | "statement_timestamp", None) => now(),
        ("current_timestamp", Some(_)) => {
            cast(now(), DataType::Timestamp(digits, TimezoneInfo::WithTimeZone))
        }
        ("localtimestamp", _) => local(digits),
        ("localtime", _) => cast(local(None), DataType::Time(digits, TimezoneInfo::None)),
        _ => return None,
    })
}

/// A constant that is a whole number, whether or not its type is written with it.
fn whole(expr: &Expr) -> Option<u64> {
    match expr {
        Expr::Value(ValueWithSpan { value: Value::Number(digits, _), .. }) => digits.to_string().parse().ok(),
        Expr::Value(ValueWithSpan { value: Value::SingleQuotedString(digits), .. }) => digits.parse().ok(),
        Expr::Dictionary(fields) => whole(&fields.first()?.value),
        Expr::Nested(expr) => whole(expr),
        _ => None,
    }
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

/// A constant text.
pub(super) fn text(value: &str) -> Expr {
    Expr::Value(Value::SingleQuotedString(value.to_owned()).into())
}
