//! `sqrt`, `exp`, `ln`, `log` and `power`: of numerics they are numerics, of anything else DataFusion's of floats.
//!
//! As in PostgreSQL integers alone are taken as floats, and beside a numeric as numerics; `log` to a base is one of numerics only.

use std::sync::Arc;

use arrow::array::Array;
use arrow::datatypes::{DataType, i256};
use datafusion::common::{DFSchema, Result, plan_err};
use datafusion::functions::math;
use datafusion::logical_expr::expr::ScalarFunction;
use datafusion::logical_expr::{
    ColumnarValue, Expr, ExprSchemable, ScalarFunctionArgs, ScalarUDF, ScalarUDFImpl, Signature, Volatility,
};

use super::powers;
use crate::functions::defined::external;
use crate::functions::finite::finite;
use crate::functions::quotient::{constant, decimals, literal};
use crate::types::{
    COMMON_LOGARITHM_NUMERIC, LOGARITHM_NUMERIC, OPEN_NUMERIC, POWER_NUMERIC, RATIO_SCALE, ROOT_NUMERIC,
};
use crate::value::read::Decimal;
use crate::value::{self, SIGNIFICANT_DIGITS, shown};

/// Digits of a bigint.
const BIGINT_PRECISION: u8 = 20;

/// Digits of a power with a whole exponent, of which as many stand behind the point as its base says.
const POWER_PRECISION: u8 = 70;

/// The functions, in the place of DataFusion's.
pub(in crate::functions) fn scalar_functions() -> Vec<Arc<ScalarUDF>> {
    [
        (Function::Root, math::sqrt()),
        (Function::Exponential, math::exp()),
        (Function::Natural, math::ln()),
        (Function::Common, math::log10()),
        (Function::Logarithm, math::log()),
        (Function::Power, math::power()),
    ]
    .into_iter()
    .map(|(function, inner)| {
        let signature = Signature::user_defined(Volatility::Immutable);
        Arc::new(ScalarUDF::new_from_impl(Irrational { function, inner: finite(inner), signature }))
    })
    .collect()
}

/// One of these functions of constants, computed here and now, so that its answer has a type of its own; none where it is
/// another, or has no answer, of which running it tells better.
pub(in crate::functions) fn planned(call: &ScalarFunction, schema: &DFSchema) -> Option<Expr> {
    let function = call.func.inner().downcast_ref::<Irrational>()?.function;
    let types = call.args.iter().map(|arg| arg.get_type(schema)).collect::<Result<Vec<_>>>().ok()?;
    if !function.is_exact(&types) {
        return None;
    }
    let numbers = call.args.iter().map(constant).collect::<Option<Vec<Decimal>>>()?;
    let answer = function.of(&numbers)?.ok()?;
    Some(Expr::Literal(literal(answer).ok()?, None))
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
enum Function {
    Root,
    Exponential,
    Natural,
    Common,
    Logarithm,
    Power,
}

impl Function {
    /// Whether arguments of these types are taken as numerics.
    fn is_exact(self, types: &[DataType]) -> bool {
        let is_taken =
            |data_type: &DataType| data_type.is_decimal() || data_type.is_integer() || is_open(data_type);
        let is_based = self == Self::Logarithm && types.len() == 2;
        types.iter().all(is_taken)
            && (types.iter().any(DataType::is_decimal) || (is_based && !types.iter().all(is_open)))
    }

    /// The answer for these numbers; none where there are too few or too many.
    fn of(self, numbers: &[Decimal]) -> Option<crate::error::Result<Decimal>> {
        let ten = Decimal { unscaled: i256::from_i128(10), scale: 0 };
        Some(match (self, numbers) {
            (Self::Root, [number]) => powers::sqrt(*number),
            (Self::Exponential, [number]) => powers::exp(*number),
            (Self::Natural, [number]) => powers::ln(*number),
            (Self::Common | Self::Logarithm, [number]) => powers::log(ten, *number),
            (Self::Logarithm, [base, number]) => powers::log(*base, *number),
            (Self::Power, [base, exponent]) => powers::power(*base, *exponent),
            _ => return None,
        })
    }

    /// The type of the answers for numerics of these types.
    fn answered(self, types: &[DataType]) -> DataType {
        match (self, types) {
            (Self::Root, _) => ROOT_NUMERIC,
            (Self::Natural, _) => LOGARITHM_NUMERIC,
            (Self::Common | Self::Logarithm, _) => COMMON_LOGARITHM_NUMERIC,
            (Self::Exponential, _) => POWER_NUMERIC,
            // With a whole exponent, the base alone says how many digits there are.
            (Self::Power, [base, exponent]) => match (scale(base), scale(exponent)) {
                (Some(base), Some(0)) if base < RATIO_SCALE => {
                    let least = i8::try_from(SIGNIFICANT_DIGITS).unwrap_or(RATIO_SCALE);
                    DataType::Decimal256(POWER_PRECISION, base.max(least))
                }
                _ => POWER_NUMERIC,
            },
            (Self::Power, _) => POWER_NUMERIC,
        }
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

/// A constant whose type is open.
fn is_open(data_type: &DataType) -> bool {
    matches!(data_type, DataType::Null | DataType::Utf8 | DataType::Utf8View)
}

#[derive(Debug, PartialEq, Eq, Hash)]
struct Irrational {
    function: Function,
    inner: Arc<ScalarUDF>,
    signature: Signature,
}

impl ScalarUDFImpl for Irrational {
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
        let is_fitting = match self.function {
            Function::Power => arg_types.len() == 2,
            Function::Logarithm => (1..=2).contains(&arg_types.len()),
            _ => arg_types.len() == 1,
        };
        let is_taken = |data_type: &DataType| data_type.is_numeric() || is_open(data_type);
        if !is_fitting || !arg_types.iter().all(is_taken) {
            let types: Vec<String> = arg_types.iter().map(ToString::to_string).collect();
            // The words that `plan::failure` knows, and tells with PostgreSQL's names of the types.
            return plan_err!("given name and argument types '{}({})'.", self.name(), types.join(", "));
        }
        if !self.function.is_exact(arg_types) {
            return Ok(vec![DataType::Float64; arg_types.len()]);
        }
        let as_numeric = |data_type: &DataType| match data_type {
            other if other.is_decimal() => other.clone(),
            other if other.is_integer() => DataType::Decimal128(BIGINT_PRECISION, 0),
            _ => OPEN_NUMERIC,
        };
        Ok(arg_types.iter().map(as_numeric).collect())
    }

    fn return_type(&self, arg_types: &[DataType]) -> Result<DataType> {
        Ok(match self.function.is_exact(arg_types) {
            true => self.function.answered(arg_types),
            false => DataType::Float64,
        })
    }

    fn invoke_with_args(&self, args: ScalarFunctionArgs) -> Result<ColumnarValue> {
        if !args.return_field.data_type().is_decimal() {
            return self.inner.invoke_with_args(args);
        }
        let given =
            args.args.iter().map(|arg| decimals(arg, args.number_rows)).collect::<Result<Vec<_>>>()?;
        let mut answers = Vec::with_capacity(args.number_rows);
        for row in 0..args.number_rows {
            let numbers = given
                .iter()
                .map(|(array, data_type)| array.is_valid(row).then(|| shown(array.value(row), data_type)));
            answers.push(match numbers.collect::<Option<Vec<Decimal>>>() {
                Some(numbers) => self.function.of(&numbers).transpose().map_err(external)?,
                None => None,
            });
        }
        let column = value::decimals(answers.into_iter(), args.return_field.data_type());
        Ok(ColumnarValue::Array(column.map_err(|error| external(error.into()))?))
    }
}
