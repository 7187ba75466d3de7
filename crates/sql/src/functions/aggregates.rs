//! `sum` and `avg` with PostgreSQL's types, that neither overflow nor lose digits.
//!
//! The sum of smaller integers is a bigint, that of bigints a numeric, and averages of both are numeric. DataFusion
//! adds integers up in 64 bits and wraps around, and averages them as floats.
//!
//! An argument is taken as it is, and made wider row by row where DataFusion's aggregate wants it so: coercion
//! would see a smaller integer that it has made a bigint, and take it for a bigint the second time.
//!
//! Invariant: coercing changes nothing.

use std::sync::Arc;

use arrow::datatypes::{DataType, Field, FieldRef};
use datafusion::common::{Result, not_impl_err, plan_err};
use datafusion::functions_aggregate::average::avg_udaf;
use datafusion::functions_aggregate::sum::sum_udaf;
use datafusion::logical_expr::function::{AccumulatorArgs, StateFieldsArgs};
use datafusion::logical_expr::utils::AggregateOrderSensitivity;
use datafusion::logical_expr::{
    Accumulator, AggregateUDF, AggregateUDFImpl, GroupsAccumulator, ReversedUDAF, SetMonotonicity, Signature,
    Volatility,
};

use super::interval_average::{INTERVAL, IntervalAverage, state_fields};
use super::widened::{Widened, WidenedGroups};

/// Digits behind the point that an average is taken with; DataFusion adds four, which makes the
/// sixteen that PostgreSQL shows.
const AVERAGE_SCALE: i8 = 12;

/// Digits of a number that is averaged, so that four more fit into a decimal.
const AVERAGE_PRECISION: u8 = 34;

/// Digits of numbers whose sum still fits into a decimal of 128 bits: ten more of it are for their count.
const SUM_PRECISION: u8 = 28;

/// Digits of the largest integer, an unsigned one of 64 bits.
const BIGINT_PRECISION: u8 = 20;

/// `sum` and `avg`, in the place of DataFusion's.
pub(super) fn aggregates() -> Vec<Arc<AggregateUDF>> {
    let widening = |inner: Arc<AggregateUDF>, what: What| {
        let signature = Signature::user_defined(Volatility::Immutable);
        Arc::new(AggregateUDF::from(Widening { inner, what, signature }))
    };
    vec![summing(), widening(avg_udaf(), What::Average)]
}

/// `sum`
pub(crate) fn summing() -> Arc<AggregateUDF> {
    let signature = Signature::user_defined(Volatility::Immutable);
    Arc::new(AggregateUDF::from(Widening { inner: sum_udaf(), what: What::Sum, signature }))
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
enum What {
    Sum,
    Average,
}

impl What {
    /// The type that values are added up as.
    fn widened(self, data_type: &DataType) -> Option<DataType> {
        Some(match (self, data_type) {
            (what, DataType::Dictionary(_, value)) => return what.widened(value),
            (
                What::Sum,
                DataType::Int8 | DataType::Int16 | DataType::Int32 | DataType::UInt8 | DataType::UInt16,
            ) => DataType::Int64,
            (What::Sum, other) if other.is_integer() => DataType::Decimal128(BIGINT_PRECISION, 0),
            (What::Average, other) if other.is_integer() => {
                DataType::Decimal128(AVERAGE_PRECISION, AVERAGE_SCALE)
            }
            (What::Average, DataType::Decimal32(precision, scale))
            | (What::Average, DataType::Decimal64(precision, scale))
            | (What::Average, DataType::Decimal128(precision, scale)) => average_decimal(*precision, *scale),
            (_, DataType::Float16 | DataType::Float32 | DataType::Float64 | DataType::Null) => {
                DataType::Float64
            }
            (_, DataType::Interval(_)) => INTERVAL,
            // Many of so many digits may have more than fit; DataFusion's sum would wrap around.
            (What::Sum, DataType::Decimal128(precision, scale)) if *precision > SUM_PRECISION => {
                DataType::Decimal256(*precision, *scale)
            }
            (_, other) if other.is_decimal() || matches!(other, DataType::Duration(_)) => other.clone(),
            _ => return None,
        })
    }

    /// The type of the answer, from that of the values and from what DataFusion's aggregate gives.
    fn answered(self, data_type: &DataType, inner: DataType) -> DataType {
        match (self, data_type) {
            (What::Sum, DataType::Float16 | DataType::Float32) => DataType::Float32,
            _ => inner,
        }
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

/// One of DataFusion's aggregates over wider values.
#[derive(Debug, PartialEq, Eq, Hash)]
struct Widening {
    inner: Arc<AggregateUDF>,
    what: What,
    signature: Signature,
}

impl Widening {
    fn widened(&self, data_type: &DataType) -> Result<DataType> {
        match self.what.widened(data_type) {
            Some(widened) => Ok(widened),
            None => plan_err!("given name and argument types '{}({data_type})'.", self.name()),
        }
    }

    fn averages_intervals(&self, data_type: &DataType) -> bool {
        self.what == What::Average && matches!(data_type, DataType::Interval(_))
    }

    /// The field of the argument, and that of DataFusion's answer.
    fn inner_fields(&self, given: &[FieldRef]) -> Result<(Vec<FieldRef>, FieldRef)> {
        let widened = given
            .iter()
            .map(|field| {
                let widened = self.widened(field.data_type())?;
                Ok(Arc::new(Field::new(field.name(), widened, field.is_nullable())))
            })
            .collect::<Result<Vec<_>>>()?;
        let types: Vec<DataType> = widened.iter().map(|field| field.data_type().clone()).collect();
        let answer = Field::new(self.name(), self.inner.return_type(&types)?, true);
        Ok((widened, Arc::new(answer)))
    }

    /// Has DataFusion make something of the arguments that its aggregate sees.
    fn within<T>(
        &self,
        args: AccumulatorArgs,
        make: impl FnOnce(AccumulatorArgs) -> Result<T>,
    ) -> Result<(T, Vec<DataType>)> {
        let (expr_fields, return_field) = self.inner_fields(args.expr_fields)?;
        let types = expr_fields.iter().map(|field| field.data_type().clone()).collect();
        let inner = AccumulatorArgs {
            return_field,
            schema: args.schema,
            ignore_nulls: args.ignore_nulls,
            order_bys: args.order_bys,
            is_reversed: args.is_reversed,
            name: args.name,
            is_distinct: args.is_distinct,
            exprs: args.exprs,
            expr_fields: &expr_fields,
        };
        Ok((make(inner)?, types))
    }
}

impl AggregateUDFImpl for Widening {
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
            [arg] => self.widened(arg).map(|_| arg_types.to_vec()),
            _ => plan_err!("function {}() takes one argument", self.name()),
        }
    }

    fn return_type(&self, arg_types: &[DataType]) -> Result<DataType> {
        let [arg] = arg_types else { return plan_err!("function {}() takes one argument", self.name()) };
        if self.averages_intervals(arg) {
            return Ok(INTERVAL);
        }
        let inner = self.inner.return_type(&[self.widened(arg)?])?;
        Ok(self.what.answered(arg, inner))
    }

    fn is_nullable(&self) -> bool {
        self.inner.is_nullable()
    }

    fn accumulator(&self, acc_args: AccumulatorArgs) -> Result<Box<dyn Accumulator>> {
        if self.averages_intervals(acc_args.expr_fields[0].data_type()) {
            return interval_average(acc_args.is_distinct);
        }
        let answer = acc_args.return_field.data_type().clone();
        let (inner, types) = self.within(acc_args, |args| self.inner.accumulator(args))?;
        Ok(Box::new(Widened { inner, types, answer }))
    }

    fn state_fields(&self, args: StateFieldsArgs) -> Result<Vec<FieldRef>> {
        if self.averages_intervals(args.input_fields[0].data_type()) {
            return Ok(state_fields(args.name));
        }
        let (input_fields, return_field) = self.inner_fields(args.input_fields)?;
        self.inner.state_fields(StateFieldsArgs {
            name: args.name,
            input_fields: &input_fields,
            return_field,
            ordering_fields: args.ordering_fields,
            is_distinct: args.is_distinct,
        })
    }

    fn groups_accumulator_supported(&self, args: AccumulatorArgs) -> bool {
        if self.averages_intervals(args.expr_fields[0].data_type()) {
            return false;
        }
        self.within(args, |args| Ok(self.inner.groups_accumulator_supported(args)))
            .is_ok_and(|(is_supported, _)| is_supported)
    }

    fn create_groups_accumulator(&self, args: AccumulatorArgs) -> Result<Box<dyn GroupsAccumulator>> {
        let answer = args.return_field.data_type().clone();
        let (inner, types) = self.within(args, |args| self.inner.create_groups_accumulator(args))?;
        Ok(Box::new(WidenedGroups { inner, types, answer }))
    }

    fn create_sliding_accumulator(&self, args: AccumulatorArgs) -> Result<Box<dyn Accumulator>> {
        if self.averages_intervals(args.expr_fields[0].data_type()) {
            return interval_average(args.is_distinct);
        }
        let answer = args.return_field.data_type().clone();
        let (inner, types) = self.within(args, |args| self.inner.create_sliding_accumulator(args))?;
        Ok(Box::new(Widened { inner, types, answer }))
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

fn interval_average(is_distinct: bool) -> Result<Box<dyn Accumulator>> {
    match is_distinct {
        true => not_impl_err!("avg(DISTINCT) of intervals"),
        false => Ok(Box::<IntervalAverage>::default()),
    }
}
