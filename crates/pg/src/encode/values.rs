//! The values of a column by how they are sent in binary.
//!
//! The arrays that PostgreSQL has no type for (unsigned, 8 bits, half floats) are cast once per batch.

use arrow::array::{
    Array, ArrayRef, AsArray, BinaryArray, BinaryViewArray, FixedSizeBinaryArray, LargeBinaryArray,
    make_array,
};
use arrow::buffer::{BooleanBuffer, ScalarBuffer};
use arrow::compute::{CastOptions, cast_with_options};
use arrow::datatypes::{
    DataType, Date32Type, Date64Type, Decimal32Type, Decimal64Type, Decimal128Type, Decimal256Type, Field,
    Float32Type, Float64Type, Int16Type, Int32Type, Int64Type, IntervalDayTimeType, IntervalMonthDayNanoType,
    IntervalUnit, IntervalYearMonthType, Time32MillisecondType, Time32SecondType, Time64MicrosecondType,
    Time64NanosecondType, TimeUnit, UInt32Type, i256,
};
use lakeport_sql::rules::reg_oids;
use lakeport_sql::types::{PgType, column_type, is_open_numeric};
use lakeport_sql::value::{Column, Error, Interval, Style, durations, timestamps};

use super::binary::Binary;
use super::compound::{Arrays, Records};

/// The values of a column by how they are sent.
#[derive(Debug)]
pub(super) enum Values {
    Null,
    Bool(BooleanBuffer),
    Int2(ScalarBuffer<i16>),
    Int4(ScalarBuffer<i32>),
    Int8(ScalarBuffer<i64>),
    Oid(ScalarBuffer<u32>),
    Float4(ScalarBuffer<f32>),
    Float8(ScalarBuffer<f64>),
    Decimal32(ScalarBuffer<i32>, i8),
    Decimal64(ScalarBuffer<i64>, i8),
    Decimal128(ScalarBuffer<i128>, i8),
    Decimal256(ScalarBuffer<i256>, i8),
    /// Each with the digits that it has.
    Open(ScalarBuffer<i256>, DataType),
    Date(ScalarBuffer<i32>),
    DateMillis(ScalarBuffer<i64>),
    Time32(ScalarBuffer<i32>, TimeUnit),
    Time64(ScalarBuffer<i64>, TimeUnit),
    Timestamp(ScalarBuffer<i64>, TimeUnit),
    Interval(Intervals),
    /// What is the same in binary as in text.
    Text(Column),
    Jsonb(Column),
    /// `"char"`: one byte, zero for an empty text.
    Char(Column),
    UuidText(Column),
    Inet(Column),
    /// Bit strings.
    Bits(Column),
    Bytes(BinaryArray),
    LargeBytes(LargeBinaryArray),
    BytesView(BinaryViewArray),
    /// bytea of fixed size, and uuid.
    FixedBytes(FixedSizeBinaryArray),
    Keyed(Vec<u32>, Box<Binary>),
    Array(Box<Arrays>),
    Record(Records),
}

#[derive(Debug)]
pub(super) enum Intervals {
    Duration(ScalarBuffer<i64>, TimeUnit),
    YearMonth(ScalarBuffer<i32>),
    DayTime(ScalarBuffer<arrow::datatypes::IntervalDayTime>),
    MonthDayNano(ScalarBuffer<arrow::datatypes::IntervalMonthDayNano>),
}

impl Intervals {
    /// The interval of a row.
    pub(super) fn value(&self, row: usize) -> Result<Interval, Error> {
        Ok(match self {
            Self::Duration(values, unit) => Interval::of_duration(values[row], *unit)?,
            Self::YearMonth(values) => Interval { months: values[row], days: 0, micros: 0 },
            Self::DayTime(values) => {
                let value = values[row];
                Interval { months: 0, days: value.days, micros: i64::from(value.milliseconds) * 1_000 }
            }
            Self::MonthDayNano(values) => {
                let value = values[row];
                Interval::of_nanos(value.months, value.days, value.nanoseconds)
            }
        })
    }
}

/// What a type is sent as.
pub(super) fn values_of(
    array: &dyn Array,
    field: &Field,
    style: &Style,
    depth: usize,
) -> Result<Values, Error> {
    let pg_type = column_type(field).pg_type;
    if *array.data_type() == DataType::Null {
        return Ok(Values::Null);
    }
    Ok(match pg_type {
        PgType::BOOL => match array.as_boolean_opt() {
            Some(array) => Values::Bool(array.values().clone()),
            None => return Err(mismatch(array, pg_type)),
        },
        PgType::INT2 => {
            Values::Int2(cast(array, DataType::Int16, pg_type)?.as_primitive::<Int16Type>().values().clone())
        }
        PgType::INT4 => {
            Values::Int4(cast(array, DataType::Int32, pg_type)?.as_primitive::<Int32Type>().values().clone())
        }
        PgType::INT8 => {
            Values::Int8(cast(array, DataType::Int64, pg_type)?.as_primitive::<Int64Type>().values().clone())
        }
        PgType::OID
        | PgType::XID
        | PgType::CID
        | PgType::REGPROC
        | PgType::REGPROCEDURE
        | PgType::REGOPER
        | PgType::REGOPERATOR
        | PgType::REGCLASS
        | PgType::REGTYPE
        | PgType::REGNAMESPACE
        | PgType::REGROLE
        | PgType::REGCOLLATION => {
            let array = reg_oids(array).map_or(array, AsRef::as_ref);
            Values::Oid(cast(array, DataType::UInt32, pg_type)?.as_primitive::<UInt32Type>().values().clone())
        }
        PgType::FLOAT4 => Values::Float4(
            cast(array, DataType::Float32, pg_type)?.as_primitive::<Float32Type>().values().clone(),
        ),
        PgType::FLOAT8 => Values::Float8(
            cast(array, DataType::Float64, pg_type)?.as_primitive::<Float64Type>().values().clone(),
        ),
        PgType::NUMERIC => numerics_of(array)?,
        PgType::DATE | PgType::TIME | PgType::TIMESTAMP | PgType::TIMESTAMPTZ | PgType::INTERVAL => {
            temporal_values_of(array, pg_type)?
        }
        PgType::BYTEA => match array.data_type() {
            DataType::Binary => Values::Bytes(array.as_binary().clone()),
            DataType::LargeBinary => Values::LargeBytes(array.as_binary().clone()),
            DataType::BinaryView => Values::BytesView(array.as_binary_view().clone()),
            DataType::FixedSizeBinary(_) => Values::FixedBytes(array.as_fixed_size_binary().clone()),
            _ => return Err(mismatch(array, pg_type)),
        },
        PgType::UUID => match array.data_type() {
            DataType::FixedSizeBinary(16) => Values::FixedBytes(array.as_fixed_size_binary().clone()),
            _ => Values::UuidText(Column::new(array, field, style)?),
        },
        PgType::JSONB => Values::Jsonb(Column::new(array, field, style)?),
        PgType::INET => Values::Inet(Column::new(array, field, style)?),
        PgType::BIT | PgType::VARBIT => Values::Bits(Column::new(array, field, style)?),
        PgType::CHAR => Values::Char(Column::new(array, field, style)?),
        PgType::RECORD => match array.as_struct_opt() {
            Some(array) => Values::Record(Records::new(array, style, depth)?),
            None => return Err(mismatch(array, pg_type)),
        },
        _ if pg_type.element != 0 && pg_type != PgType::NAME => {
            Values::Array(Box::new(Arrays::new(array, pg_type, style, depth)?))
        }
        _ => Values::Text(Column::new(array, field, style)?),
    })
}

fn numerics_of(array: &dyn Array) -> Result<Values, Error> {
    Ok(match array.data_type() {
        DataType::Decimal32(_, scale) => {
            Values::Decimal32(array.as_primitive::<Decimal32Type>().values().clone(), *scale)
        }
        DataType::Decimal64(_, scale) => {
            Values::Decimal64(array.as_primitive::<Decimal64Type>().values().clone(), *scale)
        }
        DataType::Decimal128(_, scale) => {
            Values::Decimal128(array.as_primitive::<Decimal128Type>().values().clone(), *scale)
        }
        open if is_open_numeric(open) => {
            Values::Open(array.as_primitive::<Decimal256Type>().values().clone(), open.clone())
        }
        DataType::Decimal256(_, scale) => {
            Values::Decimal256(array.as_primitive::<Decimal256Type>().values().clone(), *scale)
        }
        data_type if data_type.is_integer() => {
            let array = cast(array, DataType::Decimal128(20, 0), PgType::NUMERIC)?;
            Values::Decimal128(array.as_primitive::<Decimal128Type>().values().clone(), 0)
        }
        _ => return Err(mismatch(array, PgType::NUMERIC)),
    })
}

fn temporal_values_of(array: &dyn Array, pg_type: PgType) -> Result<Values, Error> {
    Ok(match (pg_type, array.data_type()) {
        (PgType::DATE, DataType::Date32) => Values::Date(array.as_primitive::<Date32Type>().values().clone()),
        (PgType::DATE, DataType::Date64) => {
            Values::DateMillis(array.as_primitive::<Date64Type>().values().clone())
        }
        (PgType::TIME, DataType::Time32(TimeUnit::Second)) => {
            Values::Time32(array.as_primitive::<Time32SecondType>().values().clone(), TimeUnit::Second)
        }
        (PgType::TIME, DataType::Time32(unit)) => {
            Values::Time32(array.as_primitive::<Time32MillisecondType>().values().clone(), *unit)
        }
        (PgType::TIME, DataType::Time64(TimeUnit::Microsecond)) => Values::Time64(
            array.as_primitive::<Time64MicrosecondType>().values().clone(),
            TimeUnit::Microsecond,
        ),
        (PgType::TIME, DataType::Time64(unit)) => {
            Values::Time64(array.as_primitive::<Time64NanosecondType>().values().clone(), *unit)
        }
        (PgType::TIMESTAMP | PgType::TIMESTAMPTZ, DataType::Timestamp(unit, _)) => {
            Values::Timestamp(timestamps(array, *unit), *unit)
        }
        (PgType::INTERVAL, DataType::Duration(unit)) => {
            Values::Interval(Intervals::Duration(durations(array, *unit), *unit))
        }
        (PgType::INTERVAL, DataType::Interval(IntervalUnit::YearMonth)) => Values::Interval(
            Intervals::YearMonth(array.as_primitive::<IntervalYearMonthType>().values().clone()),
        ),
        (PgType::INTERVAL, DataType::Interval(IntervalUnit::DayTime)) => {
            Values::Interval(Intervals::DayTime(array.as_primitive::<IntervalDayTimeType>().values().clone()))
        }
        (PgType::INTERVAL, DataType::Interval(IntervalUnit::MonthDayNano)) => Values::Interval(
            Intervals::MonthDayNano(array.as_primitive::<IntervalMonthDayNanoType>().values().clone()),
        ),
        _ => return Err(mismatch(array, pg_type)),
    })
}

/// The array as numbers of the type that is sent; the same array where it is of that type.
fn cast(array: &dyn Array, to: DataType, pg_type: PgType) -> Result<ArrayRef, Error> {
    if *array.data_type() == to {
        return Ok(make_array(array.to_data()));
    }
    if !array.data_type().is_numeric() {
        return Err(mismatch(array, pg_type));
    }
    let options = CastOptions { safe: false, ..CastOptions::default() };
    cast_with_options(array, &to, &options)
        .map_err(|_| Error::Range { type_name: pg_type.name, text: "a value of the column".to_owned() })
}

fn mismatch(array: &dyn Array, pg_type: PgType) -> Error {
    Error::Mismatch { arrow: array.data_type().to_string(), type_name: pg_type.name }
}
