//! The functions of a session: DataFusion's, and PostgreSQL's where DataFusion has none or another.
//!
//! A function of ours takes the place of one of DataFusion's with the same name. `spell` writes
//! PostgreSQL's special forms as calls before planning; `from_item` plans functions in FROM.

mod aggregates;
mod array_ordinals;
mod array_text;
mod bounded;
mod from_item;
mod lists;
mod quantified;
mod series;
mod spell;
mod subscript;

use std::sync::Arc;

use datafusion::common::DataFusionError;
use datafusion::execution::SessionStateDefaults;
use datafusion::logical_expr::planner::{ExprPlanner, RelationPlanner};
use datafusion::logical_expr::{AggregateUDF, HigherOrderUDF, ScalarUDF, WindowUDF};
use lakeport_base::SqlState;

use crate::apply::array_subquery;
use crate::error::Error;

pub use from_item::FunctionInFrom;
pub use spell::spell;
pub use subscript::SubscriptPlanner;

/// Every scalar function. Later ones take the place of earlier ones with the same name.
pub fn scalar_functions() -> Vec<Arc<ScalarUDF>> {
    let mut functions = SessionStateDefaults::default_scalar_functions();
    functions.extend(bounded::bounded_functions());
    functions.extend([
        array_subquery(),
        quantified::all_op(),
        quantified::any_op(),
        series::generate_series(),
        series::generate_subscripts(),
        subscript::slice(),
        subscript::subscript(),
    ]);
    functions
}

/// Every aggregate function.
pub fn aggregate_functions() -> Vec<Arc<AggregateUDF>> {
    let mut functions = SessionStateDefaults::default_aggregate_functions();
    functions.extend(aggregates::aggregates());
    functions
}

/// Every window function.
pub fn window_functions() -> Vec<Arc<WindowUDF>> {
    SessionStateDefaults::default_window_functions()
}

/// Every function that takes functions.
pub fn higher_order_functions() -> Vec<Arc<HigherOrderUDF>> {
    SessionStateDefaults::default_higher_order_functions()
}

/// How operators and special forms become functions. The first that can plan a form does.
pub fn expr_planners() -> Vec<Arc<dyn ExprPlanner>> {
    let mut planners: Vec<Arc<dyn ExprPlanner>> = vec![Arc::new(SubscriptPlanner)];
    planners.extend(SessionStateDefaults::default_expr_planners());
    planners
}

/// What may stand in FROM beside tables.
pub fn relation_planners() -> Vec<Arc<dyn RelationPlanner>> {
    vec![Arc::new(FunctionInFrom)]
}

/// A failure of a function, with the code that the client sees.
fn failure(sqlstate: SqlState, message: impl Into<String>) -> DataFusionError {
    DataFusionError::External(Box::new(Error::new(sqlstate, message)))
}

#[cfg(test)]
mod tests;
