//! The functions of a session: DataFusion's, and PostgreSQL's where DataFusion has none or another.
//!
//! A function of ours takes the place of one of DataFusion's with the same name. `spell` writes
//! PostgreSQL's special forms as calls before planning; `from_item` plans functions in FROM.

mod aggregate_names;
mod aggregates;
mod array_bounds;
mod array_ordinals;
mod array_shapes;
mod array_text;
mod beside;
mod bit_operators;
mod bits;
mod bounded;
mod buckets;
mod bytea;
mod clock;
mod counts;
mod date_part;
mod date_pattern;
mod date_read;
mod defined;
mod degrees;
mod elements;
mod expand;
mod extremes;
mod finite;
mod first_known;
mod format;
mod from_item;
mod identifiers;
mod instants;
mod interval_average;
mod interval_char;
mod interval_literal;
mod json;
mod like;
mod list_functions;
mod lists;
mod literal;
mod moment_arithmetic;
mod moments;
mod nullable;
mod number_pattern;
mod numerics;
mod ordered_sets;
mod quantified;
mod quote;
mod quotient;
mod record;
mod regex;
mod renamed;
mod retyped;
mod round;
mod rows;
mod series;
mod sets;
mod spell;
mod strings;
mod subscript;
mod to_char;
mod to_number;
mod transactions;
mod type_of;
mod units;
mod whole;
mod widened;
mod windows;
mod wrapped;

use std::collections::HashSet;
use std::sync::Arc;

use arrow::datatypes::DataType;
use datafusion::common::{DFSchema, DataFusionError};
use datafusion::execution::SessionStateDefaults;
use datafusion::logical_expr::expr::ScalarFunction;
use datafusion::logical_expr::planner::{ExprPlanner, RelationPlanner};
use datafusion::logical_expr::{AggregateUDF, HigherOrderUDF, ScalarUDF, WindowUDF};
use datafusion::logical_expr::{Expr, ExprSchemable};
use lakeport_base::SqlState;

use crate::apply::array_subquery;
use crate::error::Error;

pub(crate) use aggregates::summing;
pub(crate) use bits::bit_function;
pub use date_part::ExtractPlanner;
pub(crate) use elements::retyped;
pub use from_item::FunctionInFrom;
pub(crate) use interval_literal::fields_of;
pub(crate) use lists::{as_list, dimensions, element_field, in_dimensions, scalar};
pub use moment_arithmetic::MomentPlanner;
pub(crate) use moments::{rounding, session_local, session_moment};
pub(crate) use quotient::{constant, literal, literal_as, numeric_operation, numeric_quotient};
pub(crate) use regex::reason_of;
pub(crate) use rows::row_columns;
pub use spell::spell;
pub(crate) use strings::cutting;
pub use subscript::SubscriptPlanner;
pub use transactions::next_transaction;

/// Functions of DataFusion that are not for users: they tell where a table's files lie, or mean something
/// else than PostgreSQL's of the same name or kind.
const LEFT_OUT: [&str; 12] = [
    "array_dims",
    "current_time",
    "file_row_index",
    "from_unixtime",
    "input_file_name",
    "to_local_time",
    "to_time",
    "to_timestamp_micros",
    "to_timestamp_millis",
    "to_timestamp_nanos",
    "to_timestamp_seconds",
    "to_unixtime",
];

/// Every scalar function.
pub fn scalar_functions() -> Vec<Arc<ScalarUDF>> {
    let mut functions = bounded::bounded_functions();
    functions.extend(record::scalar_functions());
    functions.extend(retyped::scalar_functions());
    functions.extend(renamed::scalar_functions());
    functions.extend(list_functions::functions());
    functions.extend(finite::scalar_functions());
    functions.extend(numerics::scalar_functions());
    functions.extend(whole::scalar_functions());
    functions.extend(regex::regex_functions());
    functions.extend(beside::functions());
    functions.extend(array_shapes::functions());
    functions.extend(counts::functions());
    functions.extend(ordered_sets::functions());
    functions.push(expand::expand_array());
    functions.extend(json::building_functions());
    functions.extend(json::definitions().map(|definition| definition.function()));
    functions.extend([
        array_bounds::array_lower(),
        array_bounds::array_upper(),
        array_subquery(),
        date_part::date_part(),
        date_part::extract(),
        quotient::numeric_div(),
        elements::make_array(),
        first_known::coalesce(),
        format::format(),
        nullable::nullable(),
        quantified::all_op(),
        quantified::any_op(),
        quote::quote_literal(),
        quote::quote_nullable(),
        round::round(),
        series::generate_series(),
        series::generate_subscripts(),
        subscript::slice(),
        subscript::subscript(),
        to_char::to_char(),
        to_number::to_number(),
        type_of::pg_typeof(),
    ]);
    let tables = [
        like::FUNCTIONS,
        moments::FUNCTIONS,
        moment_arithmetic::FUNCTIONS,
        date_read::FUNCTIONS,
        strings::FUNCTIONS,
        bits::FUNCTIONS,
        bit_operators::FUNCTIONS,
        bytea::FUNCTIONS,
        identifiers::FUNCTIONS,
        degrees::FUNCTIONS,
        buckets::FUNCTIONS,
        instants::FUNCTIONS,
    ];
    functions.extend(tables.into_iter().flatten().map(|definition| definition.function()));
    // One with two names would come back under the other: it is left out, not overwritten.
    let taken: HashSet<String> = functions.iter().map(|function| function.name().to_owned()).collect();
    let others = SessionStateDefaults::default_scalar_functions();
    functions.extend(
        others
            .into_iter()
            .filter(|function| !taken.contains(function.name()) && !LEFT_OUT.contains(&function.name())),
    );
    functions
}

/// Every aggregate function.
pub fn aggregate_functions() -> Vec<Arc<AggregateUDF>> {
    let mut functions = aggregates::aggregates();
    functions.push(elements::array_agg());
    functions.extend(numerics::aggregate_functions());
    functions.extend(extremes::extremes());
    functions.extend(renamed::aggregate_functions());
    let taken: HashSet<String> = functions.iter().map(|function| function.name().to_owned()).collect();
    let others = SessionStateDefaults::default_aggregate_functions();
    functions.extend(others.into_iter().filter(|function| !taken.contains(function.name())));
    functions
}

/// Every window function.
pub fn window_functions() -> Vec<Arc<WindowUDF>> {
    let mut functions = windows::window_functions();
    let taken: HashSet<String> = functions.iter().map(|function| function.name().to_owned()).collect();
    let others = SessionStateDefaults::default_window_functions();
    functions.extend(others.into_iter().filter(|function| !taken.contains(function.name())));
    functions
}

/// Every function that takes functions.
pub fn higher_order_functions() -> Vec<Arc<HigherOrderUDF>> {
    SessionStateDefaults::default_higher_order_functions()
}

/// How operators and special forms become functions. The first that can plan a form does.
pub fn expr_planners() -> Vec<Arc<dyn ExprPlanner>> {
    let mut planners: Vec<Arc<dyn ExprPlanner>> = vec![
        Arc::new(elements::ArrayPlanner),
        Arc::new(bit_operators::BitPlanner),
        Arc::new(quotient::WideQuotients),
        Arc::new(literal::ArrayLiterals),
        Arc::new(literal::TypedNumbers),
        Arc::new(aggregate_names::AggregateNames),
        Arc::new(beside::SubstringPlanner),
        Arc::new(json::JsonPlanner),
        Arc::new(SubscriptPlanner),
        Arc::new(ExtractPlanner),
        Arc::new(MomentPlanner),
    ];
    planners.extend(SessionStateDefaults::default_expr_planners());
    planners
}

/// What may stand in FROM beside tables.
pub fn relation_planners() -> Vec<Arc<dyn RelationPlanner>> {
    vec![Arc::new(FunctionInFrom)]
}

/// A function whose constants tell how many digits its answer has, planned with them: `round` and `trunc` of a numeric, and
/// `to_number`, roots and their kin of constants, which are computed here and now; and functions of bit strings that are texts' by their names. Every other function as it is.
pub(crate) fn with_digits(mut function: ScalarFunction, schema: &DFSchema) -> Expr {
    let planned = match function.name() {
        "round" => round::round_planned,
        "trunc" => whole::trunc_planned,
        "to_number" => {
            let number =
                to_number::constant(&function.args).and_then(|number| quotient::literal(number).ok());
            return number.map_or(Expr::ScalarFunction(function), |number| Expr::Literal(number, None));
        }
        _ => {
            let computed = numerics::planned(&function, schema);
            let computed = computed.or_else(|| bit_operators::of_bits(&function, schema));
            return computed.unwrap_or(Expr::ScalarFunction(function));
        }
    };
    let [number, digits] = function.args.as_slice() else { return Expr::ScalarFunction(function) };
    let data_type = match number.get_type(schema) {
        Ok(data_type) if data_type.is_decimal() => data_type,
        Ok(data_type) if data_type.is_integer() => DataType::Decimal128(20, 0),
        _ => return Expr::ScalarFunction(function),
    };
    let digits = quotient::constant(digits).and_then(|digits| i8::try_from(digits.unscaled.to_i128()?).ok());
    function.func = planned(&data_type, digits);
    Expr::ScalarFunction(function)
}

/// A failure of a function, with the code that the client sees.
fn failure(sqlstate: SqlState, message: impl Into<String>) -> DataFusionError {
    DataFusionError::External(Box::new(Error::new(sqlstate, message)))
}

#[cfg(test)]
mod tests;
