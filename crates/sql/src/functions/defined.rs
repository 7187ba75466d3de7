//! PostgreSQL's functions, written for one row: values in, a value out.
//!
//! A function is a [`Definition`], one line in the table of its topic. Here its arguments are made
//! ready, as PostgreSQL would choose among the overloads, and its answers become a column.

use std::sync::Arc;

use arrow::array::{Array, ArrayRef, AsArray, BooleanArray};
use arrow::compute::{CastOptions, cast_with_options};
use arrow::datatypes::{
    DataType, Date32Type, Decimal128Type, Decimal256Type, Field, FieldRef, Float32Type, Float64Type,
    Int16Type, Int32Type, Int64Type, IntervalMonthDayNanoType, Time64MicrosecondType, TimeUnit,
    TimestampMicrosecondType, UInt32Type, i256,
};
use datafusion::common::{DataFusionError, Result, ScalarValue, exec_err, plan_datafusion_err};
use datafusion::logical_expr::{
    ColumnarValue, ReturnFieldArgs, ScalarFunctionArgs, ScalarUDF, ScalarUDFImpl, Signature, Volatility,
};

use crate::error::Error;
use crate::state::style;
use crate::types::{PgType, column_type, is_open_numeric};
use crate::value::read::{Decimal, Value};
use crate::value::{self, Interval, Style, shown};

use super::sets::{Returns, column_of};

/// What a function does for one row. Arguments are of the overload's types.
pub(super) type Body = fn(&[Value], &Style) -> Result<Option<Value>, Error>;

/// One way to call a function.
#[derive(Debug)]
pub(super) struct Overload {
    takes: &'static [PgType],
    /// Whether the last argument may stand there any number of times.
    is_variadic: bool,
    returns: Returns,
    body: Body,
}

/// A function of PostgreSQL's.
#[derive(Debug)]
pub(super) struct Definition {
    name: &'static str,
    overloads: &'static [Overload],
    /// Stable where the session's settings matter, volatile where each row has an answer of its own.
    volatility: Volatility,
}

/// A function that asks for nothing but its arguments. Like all of these it is NULL where any of them is.
pub(super) const fn immutable(name: &'static str, overloads: &'static [Overload]) -> Definition {
    Definition { name, overloads, volatility: Volatility::Immutable }
}

/// A function whose answer depends on the session's settings too.
pub(super) const fn stable(name: &'static str, overloads: &'static [Overload]) -> Definition {
    Definition { name, overloads, volatility: Volatility::Stable }
}

/// A function that answers anew for each row, whatever its arguments.
pub(super) const fn volatile(name: &'static str, overloads: &'static [Overload]) -> Definition {
    Definition { name, overloads, volatility: Volatility::Volatile }
}

/// One way to call a function.
pub(super) const fn taking(takes: &'static [PgType], returns: PgType, body: Body) -> Overload {
    Overload { takes, is_variadic: false, returns: Returns::One(returns), body }
}

/// One way to call a function that ends in any number of arguments of one type.
pub(super) const fn taking_any(takes: &'static [PgType], returns: PgType, body: Body) -> Overload {
    Overload { takes, is_variadic: true, returns: Returns::One(returns), body }
}

/// One way to call a function that gives rows: its body gives a list of them.
pub(super) const fn giving(takes: &'static [PgType], returns: Returns, body: Body) -> Overload {
    Overload { takes, is_variadic: false, returns, body }
}

impl Overload {
    /// What each of `count` arguments is taken as; none where there are too few or too many.
    fn wanted(&self, count: usize) -> Option<impl Iterator<Item = PgType>> {
        let last = *self.takes.last().unwrap_or(&PgType::TEXT);
        let fits = if self.is_variadic { count >= self.takes.len() } else { count == self.takes.len() };
        fits.then(|| self.takes.iter().copied().chain(std::iter::repeat(last)).take(count))
    }
}

impl Definition {
    /// What it is called.
    pub(super) fn name(&self) -> &'static str {
        self.name
    }

    /// The function, for DataFusion.
    pub(super) fn function(&'static self) -> Arc<ScalarUDF> {
        let signature = Signature::user_defined(self.volatility);
        Arc::new(ScalarUDF::new_from_impl(Defined { definition: self, signature }))
    }

    /// The overload that arguments of these types mean: of those that they can be taken as, the nearest.
    fn overload(&self, types: &[PgType]) -> Option<&'static Overload> {
        self.overloads
            .iter()
            .filter_map(|overload| {
                let steps = types
                    .iter()
                    .zip(overload.wanted(types.len())?)
                    .map(|(given, wanted)| distance(*given, wanted));
                Some((steps.sum::<Option<u32>>()?, overload))
            })
            .min_by_key(|(distance, _)| *distance)
            .map(|(_, overload)| overload)
    }
}

/// How far a value's type is from what a function takes; none where it is not taken as that.
fn distance(given: PgType, wanted: PgType) -> Option<u32> {
    /// A text may be a constant whose type is still open: the last choice.
    const FAR: u32 = 100;
    const INTEGERS: [PgType; 3] = [PgType::INT2, PgType::INT4, PgType::INT8];
    const TEXTS: [PgType; 5] = [PgType::TEXT, PgType::VARCHAR, PgType::BPCHAR, PgType::NAME, PgType::UNKNOWN];
    let is_integer = INTEGERS.contains(&given);
    if given == wanted {
        return Some(0);
    }
    if TEXTS.contains(&given) {
        return Some(if wanted == PgType::TEXT { 1 } else { FAR });
    }
    match wanted {
        PgType::OID if is_integer => Some(2),
        PgType::XID | PgType::INT8 if given == PgType::OID => Some(1),
        PgType::INT4 | PgType::INT8 if is_integer && given.size < wanted.size => Some(1),
        // Clients send bigints where PostgreSQL has integers; what does not fit is an error.
        PgType::INT4 if is_integer => Some(5),
        PgType::NUMERIC if is_integer => Some(2),
        PgType::FLOAT8 if given == PgType::FLOAT4 => Some(1),
        PgType::FLOAT8 if is_integer || given == PgType::NUMERIC => Some(3),
        PgType::TIMESTAMP if given == PgType::DATE => Some(2),
        PgType::TIMESTAMPTZ if given == PgType::DATE || given == PgType::TIMESTAMP => Some(1),
        _ => None,
    }
}

#[derive(Debug)]
struct Defined {
    definition: &'static Definition,
    signature: Signature,
}

impl PartialEq for Defined {
    fn eq(&self, other: &Self) -> bool {
        self.definition.name == other.definition.name
    }
}

impl Eq for Defined {}

impl std::hash::Hash for Defined {
    fn hash<H: std::hash::Hasher>(&self, state: &mut H) {
        self.definition.name.hash(state);
    }
}

impl ScalarUDFImpl for Defined {
    fn name(&self) -> &str {
        self.definition.name
    }

    fn signature(&self) -> &Signature {
        &self.signature
    }

    fn coerce_types(&self, arg_types: &[DataType]) -> Result<Vec<DataType>> {
        let overload = self.overload(arg_types)?;
        let wanted = overload.wanted(arg_types.len()).into_iter().flatten();
        Ok(arg_types.iter().zip(wanted).map(|(given, wanted)| as_taken(given, wanted)).collect())
    }

    fn return_type(&self, arg_types: &[DataType]) -> Result<DataType> {
        Ok(self.overload(arg_types)?.returns.field("").data_type().clone())
    }

    fn return_field_from_args(&self, args: ReturnFieldArgs) -> Result<FieldRef> {
        let types: Vec<DataType> = args.arg_fields.iter().map(|field| field.data_type().clone()).collect();
        Ok(Arc::new(self.overload(&types)?.returns.field(self.definition.name)))
    }

    fn invoke_with_args(&self, args: ScalarFunctionArgs) -> Result<ColumnarValue> {
        let is_scalar = self.definition.volatility != Volatility::Volatile
            && args.args.iter().all(|arg| matches!(arg, ColumnarValue::Scalar(_)));
        let rows = if is_scalar { 1 } else { args.number_rows };
        let types: Vec<DataType> = args.arg_fields.iter().map(|field| field.data_type().clone()).collect();
        let overload = self.overload(&types)?;
        let style = style(&args.config_options);
        let columns = args.args.iter().map(|arg| arg.to_array(rows)).collect::<Result<Vec<_>>>()?;
        let mut answers = Vec::with_capacity(rows);
        for row in 0..rows {
            let values = columns.iter().map(|column| at(column, row)).collect::<Result<Vec<_>>>()?;
            answers.push(match values.into_iter().collect::<Option<Vec<Value>>>() {
                Some(values) => (overload.body)(&values, &style).map_err(external)?,
                None => None,
            });
        }
        let answers = column_of(answers, overload.returns).map_err(|error| external(error.into()))?;
        let data_type = overload.returns.field("").data_type().clone();
        // An open numeric shows the digits that a value has.
        let options = CastOptions { safe: false, ..CastOptions::default() };
        let answers = cast_with_options(&answers, &data_type, &options)?;
        Ok(if is_scalar { scalar(&answers)? } else { ColumnarValue::Array(answers) })
    }
}

impl Defined {
    fn overload(&self, arg_types: &[DataType]) -> Result<&'static Overload> {
        let types: Vec<PgType> = arg_types.iter().map(pg_type).collect();
        self.definition.overload(&types).ok_or_else(|| {
            let types: Vec<String> = arg_types.iter().map(ToString::to_string).collect();
            // The words that `plan::failure` knows, and tells with PostgreSQL's names of the types.
            plan_datafusion_err!(
                "given name and argument types '{}({})'.",
                self.definition.name,
                types.join(", ")
            )
        })
    }
}

/// The only value of an array. A list keeps the field of its elements, which says what type they are of.
pub(super) fn scalar(answers: &ArrayRef) -> Result<ColumnarValue> {
    Ok(ColumnarValue::Scalar(match answers.as_list_opt::<i32>() {
        Some(list) => ScalarValue::List(Arc::new(list.clone())),
        None => ScalarValue::try_from_array(answers, 0)?,
    }))
}

/// A failure of ours on its way through DataFusion.
pub(super) fn external(error: Error) -> DataFusionError {
    DataFusionError::External(Box::new(error))
}

impl From<value::Error> for Error {
    fn from(error: value::Error) -> Self {
        let hint = error.hint();
        let error = Error::new(error.sqlstate(), error.to_string());
        match hint {
            Some(hint) => error.with_hint(hint),
            None => error,
        }
    }
}

/// The PostgreSQL type of an argument. NULL is a constant whose type is open.
fn pg_type(data_type: &DataType) -> PgType {
    match data_type {
        DataType::Null => PgType::UNKNOWN,
        // Which of those that are stored so it is, the Arrow type does not tell.
        DataType::UInt32 => PgType::OID,
        other => column_type(&Field::new("", other.clone(), true)).pg_type,
    }
}

/// The Arrow type that an argument is taken as. A decimal keeps its digits.
fn as_taken(given: &DataType, wanted: PgType) -> DataType {
    match given {
        DataType::Decimal128(_, _) | DataType::Decimal256(_, _) if wanted == PgType::NUMERIC => given.clone(),
        given if wanted == PgType::NUMERIC && given.is_integer() => DataType::Decimal128(20, 0),
        _ => wanted.arrow(),
    }
}

/// The value of a row.
pub(super) fn at(column: &ArrayRef, row: usize) -> Result<Option<Value>> {
    if column.is_null(row) {
        return Ok(None);
    }
    Ok(Some(match column.data_type() {
        DataType::Boolean => Value::Bool(
            column.as_any().downcast_ref::<BooleanArray>().is_some_and(|values| values.value(row)),
        ),
        DataType::Int16 => Value::Int2(column.as_primitive::<Int16Type>().value(row)),
        DataType::Int32 => Value::Int4(column.as_primitive::<Int32Type>().value(row)),
        DataType::Int64 => Value::Int8(column.as_primitive::<Int64Type>().value(row)),
        DataType::UInt32 => Value::Oid(column.as_primitive::<UInt32Type>().value(row)),
        DataType::Float32 => Value::Float4(column.as_primitive::<Float32Type>().value(row)),
        DataType::Float64 => Value::Float8(column.as_primitive::<Float64Type>().value(row)),
        DataType::Decimal128(_, scale) => {
            decimal(i256::from_i128(column.as_primitive::<Decimal128Type>().value(row)), *scale)?
        }
        open if is_open_numeric(open) => {
            Value::Decimal(shown(column.as_primitive::<Decimal256Type>().value(row), open))
        }
        DataType::Decimal256(_, scale) => {
            decimal(column.as_primitive::<Decimal256Type>().value(row), *scale)?
        }
        DataType::Date32 => Value::Date(column.as_primitive::<Date32Type>().value(row)),
        DataType::Time64(TimeUnit::Microsecond) => {
            Value::Time(column.as_primitive::<Time64MicrosecondType>().value(row))
        }
        DataType::Timestamp(TimeUnit::Microsecond, _) => {
            Value::Timestamp(column.as_primitive::<TimestampMicrosecondType>().value(row))
        }
        DataType::Interval(_) => {
            let interval = column.as_primitive::<IntervalMonthDayNanoType>().value(row);
            Value::Interval(Interval::of_nanos(interval.months, interval.days, interval.nanoseconds))
        }
        DataType::Utf8 => Value::Text(column.as_string::<i32>().value(row).to_owned()),
        DataType::Binary => Value::Bytes(column.as_binary::<i32>().value(row).to_vec()),
        DataType::List(_) => {
            let elements = column.as_list::<i32>().value(row);
            Value::List((0..elements.len()).map(|index| at(&elements, index)).collect::<Result<_>>()?)
        }
        other => return exec_err!("an argument of type {other} is not read"),
    }))
}

fn decimal(unscaled: i256, scale: i8) -> Result<Value> {
    match u8::try_from(scale) {
        Ok(scale) => Ok(Value::Decimal(Decimal { unscaled, scale })),
        Err(_) => exec_err!("a negative scale is not read"),
    }
}
