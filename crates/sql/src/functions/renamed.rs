//! DataFusion's functions under the names that PostgreSQL has for them.

use std::sync::Arc;

use datafusion::functions::math;
use datafusion::functions_aggregate::bool_and_or::bool_and_udaf;
use datafusion::logical_expr::{AggregateUDF, ScalarUDF};

/// The scalar functions that have another name, or two.
pub(super) fn scalar_functions() -> Vec<Arc<ScalarUDF>> {
    let also = |function: Arc<ScalarUDF>, name| Arc::new(function.as_ref().clone().with_aliases([name]));
    vec![also(math::signum(), "sign")]
}

/// The aggregate functions that have another name, or two.
pub(super) fn aggregate_functions() -> Vec<Arc<AggregateUDF>> {
    let also = |function: Arc<AggregateUDF>, name| Arc::new(function.as_ref().clone().with_aliases([name]));
    vec![also(bool_and_udaf(), "every")]
}
