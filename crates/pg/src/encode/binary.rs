//! One column of a batch, ready to be written in binary: what PostgreSQL's `send` functions give.
//!
//! The arrays that PostgreSQL has no type for (unsigned, 8 bits, half floats) are cast once per batch.

use std::net::IpAddr;

use arrow::array::{
    Array, ArrayRef, AsArray, BinaryArray, BinaryViewArray, FixedSizeBinaryArray, LargeBinaryArray,
    make_array,
};
use arrow::buffer::{BooleanBuffer, NullBuffer, ScalarBuffer};
use arrow::compute::{CastOptions, cast_with_options};
use arrow::datatypes::{
    DataType, Date32Type, Date64Type, Decimal32Type, Decimal64Type, Decimal128Type, Decimal256Type, Field,
    Float32Type, Float64Type, Int16Type, Int32Type, Int64Type, IntervalDayTimeType, IntervalMonthDayNanoType,
    IntervalUnit, IntervalYearMonthType, Time32MillisecondType, Time32SecondType, Time64MicrosecondType,
    Time64NanosecondType, TimeUnit, UInt32Type, i256,
};
use lakeport_sql::rules::reg_oids;
use lakeport_sql::types::{PgType, column_type, is_open_numeric};
use lakeport_sql::value::{
    self, Column, DEPTH_MAX, EPOCH_DAYS, EPOCH_US, Error, Interval, Keyed, NULL, Style, date_in_range,
    date_of_millis, durations, shown, time_micros, timestamp_micros, timestamps,
};

use super::compound::{Arrays, Records};
use super::numeric::{append_decimal, write_decimal256};
use super::out::Out;

/// One column of a batch, ready to be written in binary. Holds the batch's buffers, not copies.
#[derive(Debug)]
pub(super) struct Binary {
    nulls: Option<NullBuffer>,
    values: Values,
}

#[derive(Debug)]
enum Values {
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
enum Intervals {
    Duration(ScalarBuffer<i64>, TimeUnit),
    YearMonth(ScalarBuffer<i32>),
    DayTime(ScalarBuffer<arrow::datatypes::IntervalDayTime>),
    MonthDayNano(ScalarBuffer<arrow::datatypes::IntervalMonthDayNano>),
}

impl Binary {
    /// Gets a column ready; `field` is the array's.
    ///
    /// # Errors
    ///
    /// [`Error::Mismatch`] where the field names a type that the array's values cannot be sent as,
    /// [`Error::Range`] where a value does not fit the type it names.
    pub(super) fn new(array: &dyn Array, field: &Field, style: &Style) -> Result<Self, Error> {
        Self::at_depth(array, field, style, 0)
    }

    pub(super) fn at_depth(
        array: &dyn Array,
        field: &Field,
        style: &Style,
        depth: usize,
    ) -> Result<Self, Error> {
        if depth > DEPTH_MAX {
            return Err(Error::Depth);
        }
        let nulls = array.logical_nulls().filter(|nulls| nulls.null_count() > 0);
        let values = match Keyed::of(array) {
            Some(keyed) => {
                let field = keyed.field(field);
                let Keyed { keys, values } = keyed;
                Values::Keyed(keys, Box::new(Self::at_depth(values.as_ref(), &field, style, depth + 1)?))
            }
            None => values_of(array, field, style, depth)?,
        };
        Ok(Self { nulls, values })
    }

    pub(super) fn has_nulls(&self) -> bool {
        self.nulls.is_some()
    }

    pub(super) fn is_null(&self, row: usize) -> bool {
        self.nulls.as_ref().is_some_and(|nulls| nulls.is_null(row))
    }

    /// Writes the length of a row's value, -1 where it is null, and the value.
    #[inline(always)]
    pub(super) fn append(&self, row: usize, out: &mut Out) -> Result<(), Error> {
        if self.is_null(row) {
            out.put(NULL);
            return Ok(());
        }
        match &self.values {
            Values::Null => out.put(NULL),
            Values::Bool(values) => out.put([0, 0, 0, 1, u8::from(values.value(row))]),
            Values::Int2(values) => {
                let [a, b] = values[row].to_be_bytes();
                out.put([0, 0, 0, 2, a, b]);
            }
            Values::Int4(values) => append_4(values[row].to_be_bytes(), out),
            Values::Int8(values) => append_8(values[row].to_be_bytes(), out),
            Values::Oid(values) => append_4(values[row].to_be_bytes(), out),
            Values::Float4(values) => append_4(values[row].to_be_bytes(), out),
            Values::Float8(values) => append_8(values[row].to_be_bytes(), out),
            Values::Decimal32(values, scale) => append_decimal(i128::from(values[row]), *scale, out)?,
            Values::Decimal64(values, scale) => append_decimal(i128::from(values[row]), *scale, out)?,
            Values::Decimal128(values, scale) => append_decimal(values[row], *scale, out)?,
            Values::Date(values) => append_4(date(date_in_range(values[row])?), out),
            Values::DateMillis(values) => append_4(date(date_of_millis(values[row])?), out),
            Values::Time32(values, unit) => {
                append_8(time_micros(i64::from(values[row]), *unit)?.to_be_bytes(), out)
            }
            Values::Time64(values, unit) => append_8(time_micros(values[row], *unit)?.to_be_bytes(), out),
            Values::Timestamp(values, unit) => append_8(moment(timestamp_micros(values[row], *unit)?), out),
            Values::Bytes(values) => out.put_sized_slice(values.value(row)),
            Values::LargeBytes(values) => out.put_sized_slice(values.value(row)),
            Values::BytesView(values) => out.put_sized_slice(values.value(row)),
            Values::FixedBytes(values) => out.put_sized_slice(values.value(row)),
            Values::Text(column) => out.put_sized_text(column, row)?,
            Values::Keyed(keys, values) => values.append_of_key(keys[row] as usize, out)?,
            _ => out.sized(|out| self.write(row, out))?,
        }
        Ok(())
    }

    /// [`append`](Self::append) of the values that keys point to.
    fn append_of_key(&self, row: usize, out: &mut Out) -> Result<(), Error> {
        self.append(row, out)
    }

    /// The part of [`Binary::append`] for values whose size differs.
    fn write(&self, row: usize, out: &mut Out) -> Result<(), Error> {
        match &self.values {
            Values::Decimal256(values, scale) => write_decimal256(values[row], *scale, out),
            Values::Open(values, data_type) => {
                let shown = shown(values[row], data_type);
                write_decimal256(shown.unscaled, shown.scale.cast_signed(), out);
            }
            Values::Interval(values) => {
                let Interval { months, days, micros } = values.value(row)?;
                out.put(micros.to_be_bytes());
                out.put(days.to_be_bytes());
                out.put(months.to_be_bytes());
            }
            Values::Jsonb(column) => {
                out.put([1]);
                out.put_text(column, row)?;
            }
            Values::Char(column) => {
                let start = out.len();
                out.put_text(column, row)?;
                out.put([0]);
                out.truncate(start + 1);
            }
            Values::UuidText(column) => {
                let mut text = Vec::with_capacity(36);
                column.write(row, &mut text)?;
                out.put(value::read::uuid(&String::from_utf8_lossy(&text))?);
            }
            Values::Inet(column) => {
                let mut text = Vec::with_capacity(39);
                column.write(row, &mut text)?;
                write_address(&String::from_utf8_lossy(&text), out)?;
            }
            Values::Bits(column) => {
                let mut bits = Vec::new();
                column.write(row, &mut bits)?;
                write_bits(&bits, out);
            }
            Values::Array(arrays) => arrays.write(row, out)?,
            Values::Record(records) => records.write(row, out)?,
            _ => {}
        }
        Ok(())
    }
}

impl Intervals {
    fn value(&self, row: usize) -> Result<Interval, Error> {
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

#[inline(always)]
fn append_4(value: [u8; 4], out: &mut Out) {
    out.within::<8>(|room| {
        room[..4].copy_from_slice(&[0, 0, 0, 4]);
        room[4..].copy_from_slice(&value);
        8
    });
}

#[inline(always)]
fn append_8(value: [u8; 8], out: &mut Out) {
    out.within::<12>(|room| {
        room[..4].copy_from_slice(&[0, 0, 0, 8]);
        room[4..].copy_from_slice(&value);
        12
    });
}

/// How many bits there are, and the bits, the last byte filled with zeros.
fn write_bits(bits: &[u8], out: &mut Out) {
    out.put(i32::try_from(bits.len()).unwrap_or(i32::MAX).to_be_bytes());
    for eight in bits.chunks(8) {
        let byte = eight.iter().enumerate().map(|(place, bit)| (bit & 1) << (7 - place)).sum::<u8>();
        out.put([byte]);
    }
}

/// An address as a host of its own.
fn write_address(text: &str, out: &mut Out) -> Result<(), Error> {
    // Family, bits of the network, whether it is a network, length. The families are PostgreSQL's own numbers.
    match text.parse() {
        Ok(IpAddr::V4(address)) => {
            out.put([2, 32, 0, 4]);
            out.put(address.octets());
        }
        Ok(IpAddr::V6(address)) => {
            out.put([3, 128, 0, 16]);
            out.put(address.octets());
        }
        Err(_) => return Err(Error::Syntax { type_name: "inet", text: text.to_owned() }),
    }
    Ok(())
}

/// Days since 2000; the infinities stay.
fn date(days: i32) -> [u8; 4] {
    let is_infinite = days == i32::MAX || days == i32::MIN;
    (if is_infinite { days } else { days - EPOCH_DAYS }).to_be_bytes()
}

/// Microseconds since 2000; the infinities stay.
fn moment(micros: i64) -> [u8; 8] {
    let is_infinite = micros == i64::MAX || micros == i64::MIN;
    (if is_infinite { micros } else { micros - EPOCH_US }).to_be_bytes()
}

/// What a type is sent as.
fn values_of(array: &dyn Array, field: &Field, style: &Style, depth: usize) -> Result<Values, Error> {
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
