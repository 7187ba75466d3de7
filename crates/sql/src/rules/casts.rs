//! Casts that read and round as PostgreSQL's do.
//!
//! To text: a float, date, timestamp, interval, bytea, array or record is written in
//! PostgreSQL's text, in the session's style. To integers: a float rounds half to even, a
//! numeric half away from zero, and what does not fit is an error. A float to numeric has the digits that are certain. From text: PostgreSQL's input
//! functions. To varchar(n) and char(n): cut, and filled up with blanks. To and from regclass
//! and its kin: the functions that the catalog supplies (see [`RegFunctions`]).

use std::sync::Arc;

use arrow::datatypes::{DataType, Field, TimeUnit};
use chrono_tz::Tz;
use datafusion::common::config::ConfigOptions;
use datafusion::common::tree_node::TreeNodeRecursion::Continue;
use datafusion::common::tree_node::{Transformed, TreeNode};
use datafusion::common::{DFSchema, Result};
use datafusion::logical_expr::expr::ScalarFunction;
use datafusion::logical_expr::expr_rewriter::NamePreserver;
use datafusion::logical_expr::{Cast, Expr, ExprSchemable, LogicalPlan, ScalarUDF, lit};
use datafusion::optimizer::AnalyzerRule;

use super::cast_elements::cast_elements;
use super::read::pg_read;
use super::reg::RegFunctions;
use super::round::{float_to_integer, float_to_numeric, numeric_to_float};
use super::text::pg_text;
use crate::functions::{bit_function, cutting, rounding, session_local, session_moment};
use crate::state::style;
use crate::types::{ColumnType, PgType, column_type, is_open_numeric};

/// Decimal digits that every integer fits into.
const PRECISION_MAX: u8 = 38;

/// Puts PostgreSQL's casts in the place of DataFusion's.
#[derive(Debug, Default)]
pub struct PgCasts;

impl AnalyzerRule for PgCasts {
    fn analyze(&self, plan: LogicalPlan, config: &ConfigOptions) -> Result<LogicalPlan> {
        let none = RegFunctions::default();
        let functions = config.extensions.get::<RegFunctions>().unwrap_or(&none);
        let zone = style(config).zone;
        plan.transform_up_with_subqueries(|plan| rewrite(plan, functions, zone))
            .map(|rewritten| rewritten.data)
    }

    fn name(&self) -> &str {
        "pg_casts"
    }
}

fn rewrite(plan: LogicalPlan, functions: &RegFunctions, zone: Tz) -> Result<Transformed<LogicalPlan>> {
    let mut schema = DFSchema::empty();
    for input in plan.inputs() {
        schema.merge(input.schema());
    }
    let names = NamePreserver::new(&plan);
    plan.map_expressions(|expr| {
        let name = names.save(&expr);
        let cast = expr.transform_up(|expr| rewritten(expr, &schema, functions, zone))?;
        Ok(cast.update_data(|expr| name.restore(expr)))
    })
}

/// A cast as PostgreSQL makes it, its seconds rounded to the digits that the type has.
fn rewritten(expr: Expr, schema: &DFSchema, functions: &RegFunctions, zone: Tz) -> Result<Transformed<Expr>> {
    let expr = match expr {
        Expr::ScalarFunction(function) if ["concat", "concat_ws"].contains(&function.name()) => {
            return Ok(truths_as_letters(function, schema));
        }
        other => other,
    };
    let target = match &expr {
        Expr::Cast(Cast { expr, field }) if !is_rounded(expr) => Some(Arc::clone(field)),
        _ => None,
    };
    let made = match cast_of_array(&expr, schema, functions, zone)? {
        Some(made) => Transformed::yes(made),
        None => as_in_postgres(expr, schema, functions, zone),
    };
    let Some(field) = target else { return Ok(made) };
    let ColumnType { pg_type, typmod } = column_type(&field);
    let is_cut = if pg_type == PgType::INTERVAL { typmod >= 0 } else { (0..6).contains(&typmod) };
    Ok(match rounding(pg_type).filter(|_| is_cut) {
        Some(function) => {
            let plain = Arc::new(Field::new("time", pg_type.arrow(), true));
            Transformed::yes(recast(call(function, vec![recast(made.data, plain), lit(typmod)]), field))
        }
        None => made,
    })
}

/// A cast of an array to an array type, which is one of its elements.
fn cast_of_array(expr: &Expr, schema: &DFSchema, functions: &RegFunctions, zone: Tz) -> Result<Option<Expr>> {
    let Expr::Cast(Cast { expr: inner, field }) = expr else { return Ok(None) };
    // An expression without a type is an error that its own planning reports better.
    let Ok((_, source)) = inner.to_field(schema) else { return Ok(None) };
    if source.data_type() == field.data_type() {
        return Ok(None);
    }
    let rewrite = |element: Expr, schema: &DFSchema| {
        element.transform_up(|expr| rewritten(expr, schema, functions, zone)).map(|element| element.data)
    };
    let function = cast_elements(&source, field, rewrite)?;
    Ok(function.map(|function| call(function, vec![inner.as_ref().clone()])))
}

/// Whether a time has been rounded already: the analyzer sees some plans twice.
fn is_rounded(expr: &Expr) -> bool {
    matches!(expr, Expr::ScalarFunction(function)
        if function.args.len() == 2
            && ["interval", "time", "timestamp", "timestamptz"].contains(&function.name()))
}

/// A truth value among texts reads `t` or `f`, as in an answer; cast to text it is `true` or `false`.
fn truths_as_letters(mut function: ScalarFunction, schema: &DFSchema) -> Transformed<Expr> {
    let mut changed = false;
    for arg in &mut function.args {
        if let Expr::Cast(Cast { expr, .. }) = arg
            && expr.get_type(schema).is_ok_and(|data_type| data_type == DataType::Boolean)
        {
            *arg = call(pg_text(), vec![expr.as_ref().clone()]);
            changed = true;
        }
    }
    Transformed::new(Expr::ScalarFunction(function), changed, Continue)
}

fn as_in_postgres(expr: Expr, schema: &DFSchema, functions: &RegFunctions, zone: Tz) -> Transformed<Expr> {
    let Expr::Cast(Cast { expr: inner, field }) = expr else { return Transformed::no(expr) };
    // An expression without a type is an error that its own planning reports better.
    let Ok((_, source)) = inner.to_field(schema) else {
        return Transformed::no(Expr::Cast(Cast { expr: inner, field }));
    };
    let (from, to) = (source.data_type().clone(), field.data_type().clone());
    let (from_type, to_type) = (column_type(&source).pg_type, column_type(&field));
    if let Some(function) = functions.between(from_type, to_type.pg_type) {
        // Coercion is over: the function's own wish for the type of its argument is met here.
        let wanted = function
            .coerce_types(std::slice::from_ref(&from))
            .ok()
            .and_then(|types| types.into_iter().next());
        let arg = match wanted.filter(|wanted| *wanted != from) {
            Some(wanted) => recast(*inner, Arc::new(Field::new("reference", wanted, true))),
            None => *inner,
        };
        return Transformed::yes(call(function, vec![arg]));
    }
    if [from_type, to_type.pg_type].iter().any(|pg_type| BITS.contains(pg_type)) {
        return match cast_of_bits(&inner, from_type, to_type) {
            Some(made) => Transformed::yes(recast(made, field)),
            None => Transformed::no(Expr::Cast(Cast { expr: inner, field })),
        };
    }
    if is_text(&to) {
        let is_cut = is_cut(&inner);
        let text = if has_own_text(&from) { call(pg_text(), vec![*inner]) } else { *inner };
        let is_json = |pg_type| pg_type == PgType::JSON || pg_type == PgType::JSONB;
        if is_json(to_type.pg_type)
            && (!is_json(from_type) || (from_type, to_type.pg_type) == (PgType::JSON, PgType::JSONB))
            && let Some(function) = pg_read(&field)
        {
            return Transformed::yes(call(function, vec![text]));
        }
        if let (false, Some((cut, length))) = (is_cut, length(to_type)) {
            let cut = call(cut, vec![recast_text(text), lit(length)]);
            return Transformed::yes(recast(cut, field));
        }
        let is_done = has_own_text(&from) && to == DataType::Utf8 && field.metadata().is_empty();
        return Transformed::new(
            if is_done { text } else { recast(text, field) },
            has_own_text(&from),
            Continue,
        );
    }
    if is_text(&from) {
        return match pg_read(&field) {
            Some(function) => Transformed::yes(call(function, vec![*inner])),
            None => Transformed::no(Expr::Cast(Cast { expr: inner, field })),
        };
    }
    // In UTC the clock shows what is stored, and a plain cast can be pushed down to the files.
    if zone != Tz::UTC
        && let Some(function) = zoning(&from, &to)
    {
        let stamp = DataType::Timestamp(TimeUnit::Microsecond, zone_of(&from));
        let inner = recast(*inner, Arc::new(Field::new("timestamp", stamp, true)));
        return Transformed::yes(recast(call(function, vec![inner]), field));
    }
    if to.is_integer() && from.is_floating() {
        return Transformed::yes(call(float_to_integer(to), vec![*inner]));
    }
    if matches!(to, DataType::Decimal128(..) | DataType::Decimal256(..)) && from.is_floating() {
        return Transformed::yes(call(float_to_numeric(to), vec![*inner]));
    }
    if to.is_floating() && is_beyond_floats(&from) {
        return Transformed::yes(call(numeric_to_float(to), vec![*inner]));
    }
    if to.is_integer() && scale(&from).is_some_and(|scale| scale > 0) {
        // Taking digits away rounds half away from zero, where the cast to an integer only cuts.
        let whole = Arc::new(Field::new("whole", DataType::Decimal128(PRECISION_MAX, 0), true));
        return Transformed::yes(recast(recast(*inner, whole), field));
    }
    Transformed::no(Expr::Cast(Cast { expr: inner, field }))
}

const BITS: [PgType; 2] = [PgType::BIT, PgType::VARBIT];

/// A cast to or from a bit string; none where there is nothing to do, or it has been done.
fn cast_of_bits(inner: &Expr, from: PgType, to: ColumnType) -> Option<Expr> {
    const DONE: [&str; 3] = ["bit", "bittoint4", "bittoint8"];
    if matches!(inner, Expr::ScalarFunction(function) if DONE.contains(&function.name())) {
        return None;
    }
    let (function, mut args) = match to.pg_type {
        PgType::INT2 | PgType::INT4 => ("bittoint4", Vec::new()),
        PgType::INT8 => ("bittoint8", Vec::new()),
        pg_type if BITS.contains(&pg_type) => ("bit", vec![lit(to.typmod.max(0))]),
        _ => return None,
    };
    let value = match from {
        PgType::INT2 | PgType::INT4 => recast(inner.clone(), Arc::new(PgType::INT4.field("bits", true))),
        PgType::INT8 => recast(inner.clone(), Arc::new(PgType::INT8.field("bits", true))),
        _ => recast_text(inner.clone()),
    };
    args.insert(0, value);
    Some(call(bit_function(function)?, args))
}

/// What turns a moment into what clocks of the session's zone show, or back; none where the cast does neither.
fn zoning(from: &DataType, to: &DataType) -> Option<Arc<ScalarUDF>> {
    let is_local = |data_type: &DataType| match data_type {
        DataType::Timestamp(_, zone) => zone.is_none(),
        other => matches!(other, DataType::Date32 | DataType::Date64 | DataType::Time64(_)),
    };
    let is_moment = |data_type: &DataType| matches!(data_type, DataType::Timestamp(_, Some(_)));
    match (is_local(from), is_moment(from)) {
        (true, _) if is_moment(to) => Some(session_moment()),
        (_, true) if is_local(to) => Some(session_local()),
        _ => None,
    }
}

fn zone_of(data_type: &DataType) -> Option<Arc<str>> {
    match data_type {
        DataType::Timestamp(_, zone) => zone.clone(),
        _ => None,
    }
}

/// What cuts a text to varchar(n), char(n) or "char", and to how many characters.
fn length(column: ColumnType) -> Option<(Arc<ScalarUDF>, i32)> {
    /// What PostgreSQL adds to a length to make a typmod of it: `VARHDRSZ`.
    const HEADER: i32 = 4;
    if column.pg_type == PgType::CHAR {
        return cutting(PgType::VARCHAR).map(|cut| (cut, 1));
    }
    let cut = cutting(column.pg_type).filter(|_| column.typmod > HEADER)?;
    Some((cut, column.typmod - HEADER))
}

/// Whether a text has been cut already: the analyzer sees some plans twice.
fn is_cut(expr: &Expr) -> bool {
    matches!(expr, Expr::ScalarFunction(function) if ["varchar", "bpchar"].contains(&function.name()))
}

fn recast_text(expr: Expr) -> Expr {
    recast(expr, Arc::new(Field::new("text", DataType::Utf8, true)))
}

fn call(function: Arc<ScalarUDF>, args: Vec<Expr>) -> Expr {
    Expr::ScalarFunction(ScalarFunction::new_udf(function, args))
}

fn recast(expr: Expr, field: Arc<Field>) -> Expr {
    Expr::Cast(Cast { expr: Box::new(expr), field })
}

fn is_text(data_type: &DataType) -> bool {
    matches!(data_type, DataType::Utf8 | DataType::LargeUtf8 | DataType::Utf8View)
}

/// Whether DataFusion would write values of this type otherwise than PostgreSQL.
fn has_own_text(data_type: &DataType) -> bool {
    match data_type {
        DataType::Dictionary(_, value) => has_own_text(value),
        DataType::Null | DataType::Boolean => false,
        other => is_open_numeric(other) || !(is_text(other) || other.is_integer() || other.is_decimal()),
    }
}

/// Whether numerics of this type have digits or a scale that no float holds exactly, so that dividing the one by the other
/// would round twice.
fn is_beyond_floats(data_type: &DataType) -> bool {
    const DIGITS: u8 = 15;
    const SCALE: i8 = 22;
    match data_type {
        DataType::Decimal128(precision, scale) => *precision > DIGITS || *scale > SCALE,
        DataType::Decimal256(_, _) => true,
        _ => false,
    }
}

fn scale(data_type: &DataType) -> Option<i8> {
    match data_type {
        DataType::Decimal32(_, scale)
        | DataType::Decimal64(_, scale)
        | DataType::Decimal128(_, scale)
        | DataType::Decimal256(_, scale) => Some(*scale),
        _ => None,
    }
}
