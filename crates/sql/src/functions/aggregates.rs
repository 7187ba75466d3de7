//! `sum` and `avg` that neither overflow nor lose digits.
//!
//! DataFusion adds integers up in 64 bits and wraps around, and averages them as floats. Here both are
//! numeric. PostgreSQL says bigint for a sum of smaller integers; its value is the same. The type cannot
//! be: a value is coerced more than once on its way through the planner, and a smaller integer made a
//! bigint the first time would be taken for a bigint the second time.
//!
//! Invariant: coercing a coerced type changes nothing.

use std::sync::Arc;

use arrow::datatypes::{DataType, FieldRef};
use datafusion::common::{Result, plan_err};
use datafusion::functions_aggregate::average::avg_udaf;
use datafusion::functions_aggregate::sum::sum_udaf;
use datafusion::logical_expr::function::{AccumulatorArgs, StateFieldsArgs};
use datafusion::logical_expr::utils::AggregateOrderSensitivity;
use datafusion::logical_expr::{
    Accumulator, AggregateUDF, AggregateUDFImpl, GroupsAccumulator, ReversedUDAF, SetMonotonicity, Signature,
    Volatility,
};

/// Digits behind the point that an average is taken with; DataFusion adds four, which makes the
/// sixteen that PostgreSQL shows.
const AVERAGE_SCALE: i8 = 12;

/// Digits of a number that is averaged, so that four more fit into a decimal.
const AVERAGE_PRECISION: u8 = 34;

/// Digits of the largest integer, an unsigned one of 64 bits.
const BIGINT_PRECISION: u8 = 20;

/// `sum` and `avg`, in the place of DataFusion's.
pub(super) fn aggregates() -> Vec<Arc<AggregateUDF>> {
    let coerced = |inner: Arc<AggregateUDF>, what: What| {
        let signature = Signature::user_defined(Volatility::Immutable);
        Arc::new(AggregateUDF::from(Coerced { inner, what, signature }))
    };
    vec![coerced(sum_udaf(), What::Sum), coerced(avg_udaf(), What::Average)]
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
enum What {
    Sum,
    Average,
}

impl What {
    /// The type that a value is taken as.
    fn coerced(self, data_type: &DataType) -> Option<DataType> {
        Some(match (self, data_type) {
            (what, DataType::Dictionary(_, value)) => return what.coerced(value),
            (What::Sum, other) if other.is_integer() || other.is_null() => {
                DataType::Decimal128(BIGINT_PRECISION, 0)
            }
            (What::Average, other) if other.is_integer() => {
                DataType::Decimal128(AVERAGE_PRECISION, AVERAGE_SCALE)
            }
            (What::Average, DataType::Decimal32(precision, scale))
            | (What::Average, DataType::Decimal64(precision, scale))
            | (What::Average, DataType::Decimal128(precision, scale)) => average_decimal(*precision, *scale),
            (_, DataType::Float16 | DataType::Float32 | DataType::Float64 | DataType::Null) => {
                DataType::Float64
            }
            (_, other) if other.is_decimal() || matches!(other, DataType::Duration(_)) => other.clone(),
            _ => return None,
        })
    }
}

/// A decimal with room for an average's digits, where its own leave any.
fn average_decimal(precision: u8, scale: i8) -> DataType {
    let missing = u8::try_from(AVERAGE_SCALE.saturating_sub(scale)).unwrap_or(0);
    if missing == 0 || precision.saturating_add(missing) > AVERAGE_PRECISION {
        return DataType::Decimal128(precision, scale);
    }
    DataType::Decimal128(precision + missing, AVERAGE_SCALE)
}

/// One of DataFusion's aggregates over values of another type.
#[derive(Debug, PartialEq, Eq, Hash)]
struct Coerced {
    inner: Arc<AggregateUDF>,
    what: What,
    signature: Signature,
}

impl AggregateUDFImpl for Coerced {
    fn name(&self) -> &str {
        self.inner.name()
    }

    fn aliases(&self) -> &[String] {
        self.inner.aliases()
    }

    fn signature(&self) -> &Signature {
        &self.signature
    }

    fn coerce_types(&self, arg_types: &[DataType]) -> Result<Vec<DataType>> {
        match arg_types {
            [arg] => match self.what.coerced(arg) {
                Some(coerced) => Ok(vec![coerced]),
                None => plan_err!("function {}({arg}) does not exist", self.name()),
            },
            _ => plan_err!("function {}() takes one argument", self.name()),
        }
    }

    fn return_type(&self, arg_types: &[DataType]) -> Result<DataType> {
        self.inner.return_type(arg_types)
    }

    fn is_nullable(&self) -> bool {
        self.inner.is_nullable()
    }

    fn accumulator(&self, acc_args: AccumulatorArgs) -> Result<Box<dyn Accumulator>> {
        self.inner.accumulator(acc_args)
    }

    fn state_fields(&self, args: StateFieldsArgs) -> Result<Vec<FieldRef>> {
        self.inner.state_fields(args)
    }

    fn groups_accumulator_supported(&self, args: AccumulatorArgs) -> bool {
        self.inner.groups_accumulator_supported(args)
    }

    fn create_groups_accumulator(&self, args: AccumulatorArgs) -> Result<Box<dyn GroupsAccumulator>> {
        self.inner.create_groups_accumulator(args)
    }

    fn create_sliding_accumulator(&self, args: AccumulatorArgs) -> Result<Box<dyn Accumulator>> {
        self.inner.create_sliding_accumulator(args)
    }

    fn reverse_expr(&self) -> ReversedUDAF {
        ReversedUDAF::Identical
    }

    fn order_sensitivity(&self) -> AggregateOrderSensitivity {
        AggregateOrderSensitivity::Insensitive
    }

    fn set_monotonicity(&self, data_type: &DataType) -> SetMonotonicity {
        self.inner.inner().set_monotonicity(data_type)
    }
}
