//! Values that PostgreSQL gives one type, given it: UNION, VALUES, CASE, COALESCE and their kin, ARRAY.
//!
//! DataFusion has rules of its own for this, which make a decimal of a float, a text of a number, and tell
//! the client the type of a CASE's first branch. So the casts are written out here, before it looks; what it
//! finds then is of one type already. A float beside a numeric is compared and computed with as a float.
//!
//! Invariant: every column keeps its name, since those above name it.

use std::sync::Arc;

use arrow::datatypes::{DataType, Field, FieldRef, TimeUnit};
use datafusion::common::tree_node::{Transformed, TreeNode};
use datafusion::common::{DFSchema, DataFusionError, Result, ScalarValue};
use datafusion::logical_expr::expr::{Between, InList, Placeholder};
use datafusion::logical_expr::expr_rewriter::NamePreserver;
use datafusion::logical_expr::{
    BinaryExpr, Case, Cast, Expr, ExprSchemable, Join, JoinType, LogicalPlan, LogicalPlanBuilder, Operator,
    Values,
};
use lakeport_base::SqlState;

use super::common::{Category, Common, category, common};
use super::failure::{long_name_of, no_condition};
use super::{average, marks, numeric, sets};
use crate::error::{Culprit, Error};
use crate::functions::with_digits;
use crate::types::{TYPE_KEY, TYPMOD_KEY, column_type};

/// Writes out the casts that make values of several types one.
///
/// # Errors
///
/// 42804 where they cannot be one; 42883 for a comparison that PostgreSQL does not have.
pub(super) fn unify(plan: LogicalPlan) -> Result<LogicalPlan> {
    plan.transform_up_with_subqueries(|node| rewrite(node).map(Transformed::yes))
        .map(|rewritten| rewritten.data)
}

fn rewrite(node: LogicalPlan) -> Result<LogicalPlan> {
    let node = match node {
        LogicalPlan::Union(union) => return sets::union(union),
        LogicalPlan::Values(values) => values_unified(values)?,
        // Its schema is made of the list's element, which the input may have changed.
        LogicalPlan::Unnest(unnest) => {
            let columns = unnest.exec_columns.clone();
            return LogicalPlanBuilder::from(Arc::unwrap_or_clone(unnest.input))
                .unnest_columns_with_options(columns, unnest.options)?
                .build()
                .and_then(marks::unnested);
        }
        LogicalPlan::RecursiveQuery(query) => return sets::recursion(query),
        // PostgreSQL has no join of this kind: these are INTERSECT and EXCEPT.
        LogicalPlan::Join(join) if matches!(join.join_type, JoinType::LeftSemi | JoinType::LeftAnti) => {
            return sets::intersection(join);
        }
        LogicalPlan::Limit(_) => return Ok(node),
        other => other,
    };
    let mut schema = DFSchema::empty();
    for input in node.inputs() {
        schema.merge(input.schema());
    }
    if let LogicalPlan::TableScan(scan) = &node {
        schema.merge(&scan.projected_schema);
    }
    if let LogicalPlan::Join(Join { filter: Some(filter), .. }) = &node {
        refuse_untrue(filter, "JOIN/ON", &schema)?;
    }
    let names = NamePreserver::new(&node);
    let node = node.map_expressions(|expr| {
        let name = names.save(&expr);
        let unified = expr.transform_up(|expr| unified(expr, &schema))?;
        Ok(unified.update_data(|expr| name.restore(expr)))
    })?;
    average::split(node.data.recompute_schema()?)
}

fn unified(expr: Expr, schema: &DFSchema) -> Result<Transformed<Expr>> {
    match expr {
        Expr::Case(case) => Ok(Transformed::yes(case_unified(case, schema)?)),
        Expr::ScalarFunction(mut function) if ["any_op", "all_op"].contains(&function.name()) => {
            marks::array_beside(&mut function.args, schema);
            Ok(Transformed::yes(Expr::ScalarFunction(function)))
        }
        Expr::ScalarFunction(mut function) => {
            let context = match function.name() {
                "coalesce" => "COALESCE",
                "greatest" => "GREATEST",
                "least" => "LEAST",
                "nullif" => "NULLIF",
                "make_array" => "ARRAY",
                _ => return Ok(Transformed::yes(with_digits(function, schema))),
            };
            let mut args: Vec<&mut Expr> = function.args.iter_mut().collect();
            let target = make_one(&mut args, schema, context)?;
            let unified = Expr::ScalarFunction(function);
            Ok(Transformed::yes(match target.filter(|_| context != "ARRAY") {
                Some(target) => marks::marked(unified, &target, schema)?,
                None => unified,
            }))
        }
        Expr::BinaryExpr(BinaryExpr { mut left, op, mut right }) => {
            if matches!(op, Operator::And | Operator::Or) {
                refuse_untrue(&left, &op.to_string(), schema)?;
                refuse_untrue(&right, &op.to_string(), schema)?;
            }
            if is_comparison(op) {
                refuse_mixed(&left, op, &right, schema)?;
            }
            if is_comparison(op) {
                sides_typed(&mut [left.as_mut(), right.as_mut()], schema)?;
            }
            if is_comparison(op) || op.is_numerical_operators() {
                floats_together(&mut [left.as_mut(), right.as_mut()], schema);
            }
            if let Some(computed) = numeric::operation(op, &left, &right, schema)? {
                return Ok(Transformed::yes(computed));
            }
            Ok(Transformed::yes(Expr::BinaryExpr(BinaryExpr { left, op, right })))
        }
        Expr::Not(inner) => {
            refuse_untrue(&inner, "NOT", schema)?;
            Ok(Transformed::no(Expr::Not(inner)))
        }
        Expr::Between(Between { mut expr, negated, mut low, mut high }) => {
            sides_typed(&mut [expr.as_mut(), low.as_mut(), high.as_mut()], schema)?;
            floats_together(&mut [expr.as_mut(), low.as_mut(), high.as_mut()], schema);
            Ok(Transformed::yes(Expr::Between(Between { expr, negated, low, high })))
        }
        Expr::InList(InList { mut expr, mut list, negated }) => {
            let mut all: Vec<&mut Expr> = std::iter::once(expr.as_mut()).chain(&mut list).collect();
            sides_typed(&mut all, schema)?;
            floats_together(&mut all, schema);
            Ok(Transformed::yes(Expr::InList(InList { expr, list, negated })))
        }
        Expr::Cast(cast) => match numeric::bare(marks::with_dimensions(cast, schema)?, schema)? {
            Expr::Cast(cast) => Ok(Transformed::yes(Expr::Cast(named(cast, schema)?))),
            other => Ok(Transformed::yes(other)),
        },
        other => Ok(Transformed::no(other)),
    }
}

/// A cast of a value whose type only its metadata names: it would keep that name, being cast to a type that
/// needs none.
fn named(mut cast: Cast, schema: &DFSchema) -> Result<Cast> {
    let (_, source) = cast.expr.to_field(schema)?;
    let is_plain = !cast.field.metadata().contains_key(TYPE_KEY);
    if is_plain && !source.metadata().is_empty() && source.data_type() != cast.field.data_type()
        || is_plain && source.metadata().contains_key(TYPE_KEY)
    {
        let name = column_type(&cast.field).pg_type.name.to_owned();
        let mut metadata = cast.field.metadata().clone();
        metadata.insert(TYPE_KEY.to_owned(), name);
        metadata.entry(TYPMOD_KEY.to_owned()).or_insert_with(|| "-1".to_owned());
        cast.field = Arc::new(cast.field.as_ref().clone().with_metadata(metadata));
    }
    Ok(cast)
}

fn case_unified(mut case: Case, schema: &DFSchema) -> Result<Expr> {
    if case.expr.is_none() {
        for (condition, _) in &case.when_then_expr {
            refuse_untrue(condition, "CASE/WHEN", schema)?;
        }
    }
    let mut results: Vec<&mut Expr> = case.when_then_expr.iter_mut().map(|(_, then)| then.as_mut()).collect();
    // PostgreSQL puts ELSE first, which only shows in its complaints.
    if let Some(last) = case.else_expr.as_mut() {
        results.insert(0, last.as_mut());
    }
    match make_one(&mut results, schema, "CASE")? {
        Some(target) => marks::marked(Expr::Case(case), &target, schema),
        None => Ok(Expr::Case(case)),
    }
}

/// Casts values to the type that they have in common, and gives it.
fn make_one(exprs: &mut [&mut Expr], schema: &DFSchema, context: &'static str) -> Result<Option<FieldRef>> {
    if exprs.iter().any(|expr| expr.get_type(schema).is_ok_and(|data_type| data_type.is_decimal())) {
        for expr in exprs.iter_mut() {
            let inner = std::mem::replace(*expr, Expr::Literal(ScalarValue::Null, None));
            **expr = numeric::beside_numeric(inner)?;
        }
    }
    let mut known = Vec::new();
    for expr in exprs.iter() {
        if !is_open(expr) {
            known.push(expr.to_field(schema)?.1);
        }
    }
    let target = match common(&known) {
        // A CASE is computed with; whatever else has constants only is shown.
        Common::Field(field) if field.data_type().is_decimal() && context != "CASE" => {
            numeric::constants_type(exprs).unwrap_or(field)
        }
        Common::Field(field) => field,
        Common::Mismatch(left, right) => {
            return Err(external(mismatch(context, &left, &right).about(Culprit::Value(context))));
        }
        Common::Open => return Ok(None),
    };
    for expr in exprs.iter_mut() {
        **expr = cast(std::mem::replace(*expr, Expr::Literal(ScalarValue::Null, None)), &target, schema)?;
    }
    Ok(Some(target))
}

pub(super) fn cast(expr: Expr, target: &FieldRef, schema: &DFSchema) -> Result<Expr> {
    if let Expr::Placeholder(Placeholder { id, field: None }) = expr {
        return Ok(Expr::Placeholder(Placeholder { id, field: Some(Arc::clone(target)) }));
    }
    let (_, field) = expr.to_field(schema)?;
    if field.data_type() == target.data_type() && field.metadata() == target.metadata() {
        return Ok(expr);
    }
    if is_open(&expr) && *target.data_type() == DataType::Utf8 && target.metadata().is_empty() {
        return Ok(expr);
    }
    let cast = Cast { expr: Box::new(expr), field: Arc::clone(target) };
    Ok(Expr::Cast(named(cast, schema)?))
}

/// A constant whose type its surroundings tell, which text is until then.
pub(super) fn is_open(expr: &Expr) -> bool {
    match expr {
        Expr::Literal(ScalarValue::Utf8(_) | ScalarValue::Null, _) => true,
        Expr::Placeholder(Placeholder { field, .. }) => field.is_none(),
        Expr::Alias(alias) => is_open(&alias.expr),
        _ => false,
    }
}

/// What is compared gets one type where DataFusion knows none or a narrower one: a constant beside a boolean, an uuid or
/// a bytea is one too, and a date beside a timestamp is that day's midnight. DataFusion would make both nanoseconds,
/// which end in the year 2262.
fn sides_typed(exprs: &mut [&mut Expr], schema: &DFSchema) -> Result<()> {
    let known: Vec<FieldRef> = exprs
        .iter()
        .filter(|expr| !is_open(expr))
        .filter_map(|expr| Some(expr.to_field(schema).ok()?.1))
        .collect();
    let read =
        known.iter().find(|field| field.data_type().is_binary() || *field.data_type() == DataType::Boolean);
    let has_decimal = known.iter().any(|field| field.data_type().is_decimal());
    let moment = known.iter().filter(|field| matches!(field.data_type(), DataType::Timestamp(..)));
    let moment = moment.max_by_key(|field| matches!(field.data_type(), DataType::Timestamp(_, Some(_))));
    for expr in exprs.iter_mut() {
        if let (Expr::Literal(ScalarValue::Utf8(_), _), true) = (&**expr, has_decimal) {
            let inner = std::mem::replace(*expr, Expr::Literal(ScalarValue::Null, None));
            **expr = numeric::beside_numeric(inner)?;
            continue;
        }
        let target = match (&**expr, read, moment) {
            (Expr::Literal(ScalarValue::Utf8(_), _), Some(read), _) => read,
            (other, _, Some(moment)) if other.get_type(schema).ok() == Some(DataType::Date32) => moment,
            _ => continue,
        };
        let target = match target.data_type() {
            DataType::Timestamp(_, zone) => Arc::new(
                target
                    .as_ref()
                    .clone()
                    .with_data_type(DataType::Timestamp(TimeUnit::Microsecond, zone.clone())),
            ),
            _ => Arc::clone(target),
        };
        **expr = cast(std::mem::replace(*expr, Expr::Literal(ScalarValue::Null, None)), &target, schema)?;
    }
    Ok(())
}

/// Makes numerics, and integers beside a real, what they are beside a float.
fn floats_together(exprs: &mut [&mut Expr], schema: &DFSchema) {
    let types: Vec<Option<DataType>> = exprs.iter().map(|expr| expr.get_type(schema).ok()).collect();
    let is = |test: fn(&DataType) -> bool| types.iter().flatten().any(test);
    let is_exact = |data_type: &DataType| data_type.is_decimal() || data_type.is_integer();
    let has_decimal = is(|data_type| data_type.is_decimal());
    let has_real = is(|data_type| *data_type == DataType::Float32);
    let has_float = has_real || is(|data_type| *data_type == DataType::Float64);
    if !has_float || !(has_decimal || (has_real && is(|data_type| data_type.is_integer()))) {
        return;
    }
    for (expr, data_type) in exprs.iter_mut().zip(&types) {
        let is_real = |data_type: &DataType| *data_type == DataType::Float32;
        if data_type.as_ref().is_some_and(|data_type| is_exact(data_type) || is_real(data_type)) {
            let inner = std::mem::replace(*expr, Expr::Literal(ScalarValue::Null, None));
            **expr = as_float(inner);
        }
    }
}

/// A constant becomes one of the other type here and now, so that files can be pruned by it.
fn as_float(expr: Expr) -> Expr {
    if let Expr::Literal(value, _) = &expr
        && let Ok(ScalarValue::Utf8(Some(text))) = value.cast_to(&DataType::Utf8)
        && let Ok(value) = text.parse::<f64>()
    {
        return Expr::Literal(ScalarValue::Float64(Some(value)), None);
    }
    let field = Arc::new(Field::new("", DataType::Float64, true));
    Expr::Cast(Cast { expr: Box::new(expr), field })
}

fn is_comparison(op: Operator) -> bool {
    use Operator::{Eq, Gt, GtEq, IsDistinctFrom, IsNotDistinctFrom, Lt, LtEq, NotEq};
    matches!(op, Eq | NotEq | Lt | LtEq | Gt | GtEq | IsDistinctFrom | IsNotDistinctFrom)
}

/// PostgreSQL compares no number with a text: that a constant is no text yet, `is_open` tells.
fn refuse_mixed(left: &Expr, op: Operator, right: &Expr, schema: &DFSchema) -> Result<()> {
    if is_open(left) || is_open(right) {
        return Ok(());
    }
    let (Ok((_, left)), Ok((_, right))) = (left.to_field(schema), right.to_field(schema)) else {
        return Ok(());
    };
    let (Some(own), Some(other)) = (category(&left), category(&right)) else { return Ok(()) };
    let is_plain = |category| matches!(category, Category::Number | Category::Text | Category::Truth);
    if own == other || !(is_plain(own) || is_plain(other)) {
        return Ok(());
    }
    let (left, right) = (long_name_of(&left), long_name_of(&right));
    let error =
        Error::new(SqlState::UNDEFINED_FUNCTION, format!("operator does not exist: {left} {op} {right}"));
    let error = error.with_hint(
        "No operator matches the given name and argument types. You might need to add explicit type casts.",
    );
    Err(external(error.about(Culprit::Operator(op.to_string()))))
}

/// A condition must be a truth value; a constant whose type is open is read as one.
fn refuse_untrue(condition: &Expr, clause: &str, schema: &DFSchema) -> Result<()> {
    match condition.get_type(schema) {
        Ok(data_type) if !is_open(condition) && !matches!(data_type, DataType::Boolean | DataType::Null) => {
            Err(external(no_condition(clause, &data_type)))
        }
        _ => Ok(()),
    }
}

pub(super) fn mismatch(context: &str, left: &Field, right: &Field) -> Error {
    let (left, right) = (long_name_of(left), long_name_of(right));
    let message = format!("{context} types {left} and {right} cannot be matched");
    Error::new(SqlState::DATATYPE_MISMATCH, message)
}

pub(super) fn external(error: Error) -> DataFusionError {
    DataFusionError::External(Box::new(error))
}

/// A column of VALUES in which floats stand beside numerics is one of floats, and constants among numerics keep their
/// digits.
///
/// DataFusion has made numerics of one scale of them; everything else it has done as PostgreSQL does.
fn values_unified(values: Values) -> Result<LogicalPlan> {
    let Values { schema: named, values: mut rows } = values;
    let empty = DFSchema::empty();
    for expr in rows.iter_mut().flatten() {
        let inner = std::mem::replace(expr, Expr::Literal(ScalarValue::Null, None));
        *expr = inner.transform_up(|expr| unified(expr, &empty))?.data;
    }
    let mut fields = Vec::with_capacity(named.fields().len());
    for (index, (qualifier, field)) in named.iter().enumerate() {
        let is_decimal = field.data_type().is_decimal();
        let column = || rows.iter().filter_map(|row| row.get(index));
        let is_float = is_decimal && column().any(|expr| was_float(expr, field.data_type(), &empty));
        if !is_float {
            let data_type = if is_decimal { numeric::values_unified(&mut rows, index, field)? } else { None };
            let data_type = data_type.unwrap_or_else(|| field.data_type().clone());
            fields.push((qualifier.cloned(), Arc::new(field.as_ref().clone().with_data_type(data_type))));
            continue;
        }
        for expr in rows.iter_mut().filter_map(|row| row.get_mut(index)) {
            let inner = std::mem::replace(expr, Expr::Literal(ScalarValue::Null, None));
            *expr = match inner {
                Expr::Cast(cast) if cast.field.data_type() == field.data_type() => as_float(*cast.expr),
                other => as_float(other),
            };
        }
        let float = field.as_ref().clone().with_data_type(DataType::Float64);
        fields.push((qualifier.cloned(), Arc::new(float)));
    }
    let schema = DFSchema::new_with_metadata(fields, named.metadata().clone())?;
    Ok(LogicalPlan::Values(Values { schema: Arc::new(schema), values: rows }))
}

fn was_float(expr: &Expr, decimal: &DataType, schema: &DFSchema) -> bool {
    match expr {
        Expr::Cast(Cast { expr, field }) if field.data_type() == decimal => {
            expr.get_type(schema).is_ok_and(|data_type| data_type.is_floating())
        }
        _ => false,
    }
}
