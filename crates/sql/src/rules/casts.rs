//! Casts that read and round as PostgreSQL's do.
//!
//! To text: a float, date, timestamp, interval, bytea, array or record is written in
//! PostgreSQL's text, in the session's style. To integers: a float rounds half to even, a
//! numeric half away from zero, and what does not fit is an error. From text: PostgreSQL's input
//! functions. To varchar(n) and char(n): cut, and filled up with blanks. To and from regclass
//! and its kin: the functions that the catalog supplies (see [`RegFunctions`]).

use std::sync::Arc;

use arrow::datatypes::{DataType, Field};
use datafusion::common::config::ConfigOptions;
use datafusion::common::tree_node::TreeNodeRecursion::Continue;
use datafusion::common::tree_node::{Transformed, TreeNode};
use datafusion::common::{DFSchema, Result};
use datafusion::functions::unicode;
use datafusion::logical_expr::expr::ScalarFunction;
use datafusion::logical_expr::expr_rewriter::NamePreserver;
use datafusion::logical_expr::{Cast, Expr, ExprSchemable, LogicalPlan, ScalarUDF, lit};
use datafusion::optimizer::AnalyzerRule;

use super::read::pg_read;
use super::reg::RegFunctions;
use super::round::float_to_integer;
use super::text::pg_text;
use crate::types::{ColumnType, PgType, column_type};

/// Decimal digits that every integer fits into.
const PRECISION_MAX: u8 = 38;

/// Puts PostgreSQL's casts in the place of DataFusion's.
#[derive(Debug, Default)]
pub struct PgCasts;

impl AnalyzerRule for PgCasts {
    fn analyze(&self, plan: LogicalPlan, config: &ConfigOptions) -> Result<LogicalPlan> {
        let none = RegFunctions::default();
        let functions = config.extensions.get::<RegFunctions>().unwrap_or(&none);
        plan.transform_up_with_subqueries(|plan| rewrite(plan, functions)).map(|rewritten| rewritten.data)
    }

    fn name(&self) -> &str {
        "pg_casts"
    }
}

fn rewrite(plan: LogicalPlan, functions: &RegFunctions) -> Result<Transformed<LogicalPlan>> {
    let mut schema = DFSchema::empty();
    for input in plan.inputs() {
        schema.merge(input.schema());
    }
    let names = NamePreserver::new(&plan);
    plan.map_expressions(|expr| {
        let name = names.save(&expr);
        let cast = expr.transform_up(|expr| Ok(as_in_postgres(expr, &schema, functions)))?;
        Ok(cast.update_data(|expr| name.restore(expr)))
    })
}

fn as_in_postgres(expr: Expr, schema: &DFSchema, functions: &RegFunctions) -> Transformed<Expr> {
    let Expr::Cast(Cast { expr: inner, field }) = expr else { return Transformed::no(expr) };
    // An expression without a type is an error that its own planning reports better.
    let Ok((_, source)) = inner.to_field(schema) else {
        return Transformed::no(Expr::Cast(Cast { expr: inner, field }));
    };
    let (from, to) = (source.data_type().clone(), field.data_type().clone());
    let (from_type, to_type) = (column_type(&source).pg_type, column_type(&field));
    if let Some(function) = functions.between(from_type, to_type.pg_type) {
        return Transformed::yes(call(function, vec![*inner]));
    }
    if is_text(&to) {
        let is_cut = is_cut(&inner);
        let text = if has_own_text(&from) { call(pg_text(), vec![*inner]) } else { *inner };
        if let (false, Some(cut)) = (is_cut, length(to_type)) {
            let cut = cut_to(recast_text(text), cut, to_type.pg_type == PgType::BPCHAR);
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
    if to.is_integer() && from.is_floating() {
        return Transformed::yes(call(float_to_integer(to), vec![*inner]));
    }
    if to.is_integer() && scale(&from).is_some_and(|scale| scale > 0) {
        // Taking digits away rounds half away from zero, where the cast to an integer only cuts.
        let whole = Arc::new(Field::new("whole", DataType::Decimal128(PRECISION_MAX, 0), true));
        return Transformed::yes(recast(recast(*inner, whole), field));
    }
    Transformed::no(Expr::Cast(Cast { expr: inner, field }))
}

/// The length of varchar(n) and char(n), in characters.
fn length(column: ColumnType) -> Option<i64> {
    /// What PostgreSQL adds to a length to make a typmod of it: `VARHDRSZ`.
    const HEADER: i32 = 4;
    let is_limited = column.pg_type == PgType::VARCHAR || column.pg_type == PgType::BPCHAR;
    (is_limited && column.typmod > HEADER).then(|| i64::from(column.typmod - HEADER))
}

/// Whether a text has been cut already: the analyzer sees some plans twice.
fn is_cut(expr: &Expr) -> bool {
    matches!(expr, Expr::ScalarFunction(function) if ["left", "rpad"].contains(&function.name()))
}

fn cut_to(text: Expr, length: i64, fills: bool) -> Expr {
    let cut = call(unicode::left(), vec![text, lit(length)]);
    if fills { call(unicode::rpad(), vec![cut, lit(length)]) } else { cut }
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
        other => !(is_text(other) || other.is_integer() || other.is_decimal()),
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
