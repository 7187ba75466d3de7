//! `ceil`, `floor`, `trunc` and the rounding of numerics: they lose the digits that they say; floats are DataFusion's.
//!
//! DataFusion keeps a decimal's scale, so that the ceiling of 2.5 would read 3.0. Integers are taken as floats,
//! which PostgreSQL prefers.

use std::sync::Arc;

use arrow::array::{Array, ArrayRef, AsArray, Decimal256Array, Int64Array};
use arrow::compute::{CastOptions, cast, cast_with_options};
use arrow::datatypes::{DataType, Decimal256Type, Field, FieldRef, Int64Type, i256};
use datafusion::common::{Result, ScalarValue, plan_err};
use datafusion::functions::math;
use datafusion::logical_expr::{
    ColumnarValue, ReturnFieldArgs, ScalarFunctionArgs, ScalarUDF, ScalarUDFImpl, Signature, Volatility,
};

/// Digits of the largest integer, an unsigned one of 64 bits.
const BIGINT_PRECISION: u8 = 20;

/// Digits that a decimal of 256 bits holds.
const PRECISION_MAX: u8 = 76;

/// Digits behind the point that rounding makes at most, so that there is room before it.
const SCALE_MAX: i8 = 38;

/// The functions that take digits away.
pub(super) fn scalar_functions() -> Vec<Arc<ScalarUDF>> {
    [
        (Toward::Above, math::ceil(), vec!["ceiling".to_owned()]),
        (Toward::Below, math::floor(), Vec::new()),
        (Toward::Zero, math::trunc(), Vec::new()),
    ]
    .into_iter()
    .map(|(toward, inner, aliases)| {
        let signature = Signature::user_defined(Volatility::Immutable);
        Arc::new(ScalarUDF::new_from_impl(Whole { toward, inner, aliases, signature, planned: None }))
    })
    .collect()
}

/// `trunc(number, digits)` of a numeric, its type settled while the query is planned: what is no constant then may
/// be one later.
pub(super) fn trunc_planned(data_type: &DataType, digits: Option<i8>) -> Arc<ScalarUDF> {
    Arc::new(ScalarUDF::new_from_impl(Whole {
        toward: Toward::Zero,
        inner: math::trunc(),
        aliases: Vec::new(),
        signature: Signature::user_defined(Volatility::Immutable),
        planned: Some(answered(data_type, Some(digits))),
    }))
}

/// Where the digits that are lost take a number.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(super) enum Toward {
    Above,
    Below,
    Zero,
    /// Half away from zero.
    Nearest,
}

impl Toward {
    fn quotient(self, value: i256, unit: i256) -> i256 {
        let (quotient, rest) = (value.wrapping_div(unit), value.wrapping_rem(unit));
        match self {
            Self::Above if rest > i256::ZERO => quotient.wrapping_add(i256::ONE),
            Self::Below if rest < i256::ZERO => quotient.wrapping_sub(i256::ONE),
            Self::Nearest if rest.wrapping_abs() >= unit.wrapping_sub(rest.wrapping_abs()) => {
                quotient.wrapping_add(if value.is_negative() { i256::MINUS_ONE } else { i256::ONE })
            }
            _ => quotient,
        }
    }
}

#[derive(Debug, PartialEq, Eq, Hash)]
struct Whole {
    toward: Toward,
    inner: Arc<ScalarUDF>,
    aliases: Vec<String>,
    signature: Signature,
    planned: Option<DataType>,
}

impl ScalarUDFImpl for Whole {
    fn name(&self) -> &str {
        self.inner.name()
    }

    fn aliases(&self) -> &[String] {
        &self.aliases
    }

    fn signature(&self) -> &Signature {
        &self.signature
    }

    fn coerce_types(&self, arg_types: &[DataType]) -> Result<Vec<DataType>> {
        match (self.toward, arg_types) {
            (_, [DataType::Decimal128(..) | DataType::Decimal256(..)]) => Ok(arg_types.to_vec()),
            (_, [other]) if other.is_numeric() || is_open(other) => Ok(vec![DataType::Float64]),
            (Toward::Zero, [number, digits]) if digits.is_integer() || is_open(digits) => {
                let number = match number {
                    DataType::Decimal128(..) | DataType::Decimal256(..) => number.clone(),
                    other if other.is_integer() || is_open(other) => {
                        DataType::Decimal128(BIGINT_PRECISION, 0)
                    }
                    _ => return self.no_such(arg_types),
                };
                Ok(vec![number, DataType::Int64])
            }
            _ => self.no_such(arg_types),
        }
    }

    fn return_type(&self, arg_types: &[DataType]) -> Result<DataType> {
        Ok(answered(&arg_types[0], arg_types.get(1).map(|_| None)))
    }

    fn return_field_from_args(&self, args: ReturnFieldArgs) -> Result<FieldRef> {
        if let Some(planned) = &self.planned {
            return Ok(Arc::new(Field::new(self.name(), planned.clone(), true)));
        }
        let digits = args.scalar_arguments.get(1).map(|digits| digits.and_then(whole));
        let answered = answered(args.arg_fields[0].data_type(), digits);
        Ok(Arc::new(Field::new(self.name(), answered, true)))
    }

    fn invoke_with_args(&self, args: ScalarFunctionArgs) -> Result<ColumnarValue> {
        match args.arg_fields[0].data_type() {
            DataType::Decimal128(..) | DataType::Decimal256(..) => without_digits(&args, self.toward),
            _ => self.inner.invoke_with_args(args),
        }
    }
}

/// Numerics without the digits that they are to lose.
pub(super) fn without_digits(args: &ScalarFunctionArgs, toward: Toward) -> Result<ColumnarValue> {
    let scale = match args.arg_fields[0].data_type() {
        DataType::Decimal128(_, scale) | DataType::Decimal256(_, scale) => *scale,
        _ => 0,
    };
    let rows = args.number_rows;
    let values = cast(&args.args[0].to_array(rows)?, &DataType::Decimal256(PRECISION_MAX, scale))?;
    let digits = match args.args.get(1) {
        Some(digits) => digits.to_array(rows)?,
        None => Arc::new(Int64Array::from(vec![0; values.len()])),
    };
    let target = match args.return_field.data_type() {
        DataType::Decimal128(_, scale) | DataType::Decimal256(_, scale) => *scale,
        _ => 0,
    };
    let values = values.as_primitive::<Decimal256Type>();
    let answers = values.iter().zip(digits.as_primitive::<Int64Type>()).map(|(value, digits)| {
        let kept = i64::clamp(digits?, -i64::from(PRECISION_MAX), i64::from(scale));
        let unit = power(i64::from(scale) - kept);
        let quotient = toward.quotient(value?, unit);
        Some(quotient.wrapping_mul(power(i64::from(target) - kept)))
    });
    let answers: Decimal256Array = answers.collect();
    let answers = answers.with_precision_and_scale(PRECISION_MAX, target)?;
    let answers: ArrayRef = Arc::new(answers);
    let options = CastOptions { safe: false, ..CastOptions::default() };
    Ok(ColumnarValue::Array(cast_with_options(&answers, args.return_field.data_type(), &options)?))
}

impl Whole {
    fn no_such<T>(&self, arg_types: &[DataType]) -> Result<T> {
        let types: Vec<String> = arg_types.iter().map(ToString::to_string).collect();
        // The words that `plan::failure` knows, and tells with PostgreSQL's names of the types.
        plan_err!("given name and argument types '{}({})'.", self.name(), types.join(", "))
    }
}

/// A constant whose type is open.
fn is_open(data_type: &DataType) -> bool {
    matches!(data_type, DataType::Null | DataType::Utf8 | DataType::Utf8View)
}

pub(super) fn whole(value: &ScalarValue) -> Option<i8> {
    match value.cast_to(&DataType::Int64).ok()? {
        ScalarValue::Int64(Some(digits)) => i8::try_from(digits).ok(),
        _ => None,
    }
}

/// The type of what is left of a number, of the digits that are known: none are asked for, or some that
/// each row tells.
pub(super) fn answered(data_type: &DataType, digits: Option<Option<i8>>) -> DataType {
    let kept = |scale: i8| match digits {
        None => 0.min(scale),
        Some(None) => scale,
        // The digits that are missing are added.
        Some(Some(digits)) => digits.clamp(0, SCALE_MAX),
    };
    // A ceiling may have one digit more.
    let wide = |precision: u8, scale: i8, max: u8| {
        let whole = i16::from(precision) - i16::from(scale) + 1 + i16::from(kept(scale));
        u8::try_from(whole.clamp(1, i16::from(max))).unwrap_or(max)
    };
    match data_type {
        DataType::Decimal128(precision, scale) => {
            let scale_kept = kept(*scale).max(0);
            match wide(*precision, *scale, PRECISION_MAX) {
                precision @ 0..=38 => DataType::Decimal128(precision, scale_kept),
                // Where nothing is added the numbers still fit, but for a carry.
                _ if scale_kept <= *scale => DataType::Decimal128(38, scale_kept),
                precision => DataType::Decimal256(precision, scale_kept),
            }
        }
        DataType::Decimal256(precision, scale) => {
            DataType::Decimal256(wide(*precision, *scale, PRECISION_MAX), kept(*scale).max(0))
        }
        _ => DataType::Float64,
    }
}

/// Ten to the power of `exponent`, as far as there is room for it.
fn power(exponent: i64) -> i256 {
    let exponent = u32::try_from(exponent.clamp(0, i64::from(PRECISION_MAX))).unwrap_or(0);
    i256::from_i128(10).wrapping_pow(exponent)
}
