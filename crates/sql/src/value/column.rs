//! One column of a batch, ready to be written as text.
//!
//! What a value looks like is decided once per batch and column; after that each value costs
//! one branch that the processor predicts, and no allocation.

use std::sync::Arc;

use arrow::array::{
    Array, AsArray, BinaryArray, BinaryViewArray, FixedSizeBinaryArray, LargeBinaryArray, LargeStringArray,
    PrimitiveArray, StringArray, StringViewArray,
};
use arrow::buffer::{BooleanBuffer, NullBuffer, ScalarBuffer};
use arrow::datatypes::{
    ArrowPrimitiveType, DataType, Date32Type, Date64Type, Decimal32Type, Decimal64Type, Decimal128Type,
    Decimal256Type, DurationMicrosecondType, DurationMillisecondType, DurationNanosecondType,
    DurationSecondType, Field, Float16Type, Float32Type, Float64Type, Int8Type, Int16Type, Int32Type,
    Int64Type, IntervalDayTime, IntervalDayTimeType, IntervalMonthDayNano, IntervalMonthDayNanoType,
    IntervalUnit, IntervalYearMonthType, Time32MillisecondType, Time32SecondType, Time64MicrosecondType,
    Time64NanosecondType, TimeUnit, TimestampMicrosecondType, TimestampMillisecondType,
    TimestampNanosecondType, TimestampSecondType, UInt8Type, UInt16Type, UInt32Type, UInt64Type, i256,
};

use super::bytes::{write_bytea, write_uuid};
use super::datetime::{
    Dates, date_in_range, date_of_millis, time_micros, timestamp_micros, write_date, write_time,
    write_timestamp, write_timestamptz,
};
use super::decimals::shown;
use super::digits::{write_i64, write_u64};
use super::error::Error;
use super::interval::Interval;
use super::nested::{Entries, List, Members, Record};
use super::number::{write_decimal, write_decimal256, write_float4, write_float8};
use super::shape::{DEPTH_MAX, Keyed};
use super::sink::Sink;
use super::style::Style;
use super::texts::Text;
use super::zone::{Last, Zone};
use crate::rules::{is_reg, reg_texts};
use crate::types::{PgType, column_type, is_open_numeric};
use crate::value::read::Decimal;

/// One column of a batch, ready to be written as text. Holds the batch's buffers, not copies.
#[derive(Debug)]
pub struct Column {
    pub(crate) nulls: Option<NullBuffer>,
    /// Whether the texts of the values are JSON already.
    pub(crate) is_json: bool,
    pub(crate) values: Values,
    pub(crate) style: Style,
}

/// The values by what is done with them.
#[derive(Debug)]
pub(crate) enum Values {
    Null,
    Bool(BooleanBuffer),
    Int8(ScalarBuffer<i8>),
    Int16(ScalarBuffer<i16>),
    Int32(ScalarBuffer<i32>),
    Int64(ScalarBuffer<i64>),
    UInt8(ScalarBuffer<u8>),
    UInt16(ScalarBuffer<u16>),
    UInt32(ScalarBuffer<u32>),
    UInt64(ScalarBuffer<u64>),
    /// regproc and its kin: 0 is `-`.
    Reg(ScalarBuffer<u32>),
    Float32(ScalarBuffer<f32>),
    Float64(ScalarBuffer<f64>),
    Decimal32(ScalarBuffer<i32>, i8),
    Decimal64(ScalarBuffer<i64>, i8),
    Decimal128(ScalarBuffer<i128>, i8),
    Decimal256(ScalarBuffer<i256>, i8),
    /// Each with the digits that it has.
    Open(ScalarBuffer<i256>, DataType),
    Date32(ScalarBuffer<i32>),
    Date64(ScalarBuffer<i64>),
    Time32(ScalarBuffer<i32>, TimeUnit),
    Time64(ScalarBuffer<i64>, TimeUnit),
    Timestamp(ScalarBuffer<i64>, TimeUnit),
    Timestamptz(ScalarBuffer<i64>, TimeUnit, Arc<Zone>, Last),
    Duration(ScalarBuffer<i64>, TimeUnit),
    YearMonth(ScalarBuffer<i32>),
    DayTime(ScalarBuffer<IntervalDayTime>),
    MonthDayNano(ScalarBuffer<IntervalMonthDayNano>),
    Utf8(StringArray),
    LargeUtf8(LargeStringArray),
    Utf8View(StringViewArray),
    Binary(BinaryArray),
    LargeBinary(LargeBinaryArray),
    BinaryView(BinaryViewArray),
    FixedBinary(FixedSizeBinaryArray),
    Uuid(FixedSizeBinaryArray),
    Keyed(Vec<u32>, Box<Column>),
    List(Box<List>),
    /// A list that is declared as json.
    JsonList(Box<List>),
    Record(Record),
    /// A struct that is declared as json.
    JsonRecord(Record),
    Map(Box<Entries>),
    Union(Members),
}

impl Column {
    /// Gets a column ready. `field` is the array's field: its metadata may say which PostgreSQL
    /// type it is.
    ///
    /// # Errors
    ///
    /// [`Error::Depth`] where the type is nested deeper than [`DEPTH_MAX`].
    pub fn new(array: &dyn Array, field: &Field, style: &Style) -> Result<Column, Error> {
        Self::at_depth(array, field, style, 0)
    }

    pub(crate) fn at_depth(
        array: &dyn Array,
        field: &Field,
        style: &Style,
        depth: usize,
    ) -> Result<Column, Error> {
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
        let pg_type = column_type(field).pg_type;
        let is_json = (pg_type == PgType::JSON || pg_type == PgType::JSONB)
            && matches!(array.data_type(), DataType::Utf8 | DataType::LargeUtf8 | DataType::Utf8View);
        Ok(Column { nulls, is_json, values, style: *style })
    }

    /// Whether the row has no value.
    pub fn is_null(&self, row: usize) -> bool {
        self.nulls.as_ref().is_some_and(|nulls| nulls.is_null(row))
    }

    /// Whether any row has no value.
    pub fn has_nulls(&self) -> bool {
        self.nulls.is_some()
    }

    /// Writes the value of a row that is not null.
    ///
    /// # Errors
    ///
    /// [`Error::ZeroByte`] for text that PostgreSQL's text cannot hold, [`Error::DateRange`] for a
    /// date or timestamp that its types do not reach, [`Error::Ragged`] for nested lists that are no
    /// array. What has been written before the error stays.
    ///
    /// # Panics
    ///
    /// If the batch has no such row.
    pub fn write(&self, row: usize, out: &mut Vec<u8>) -> Result<(), Error> {
        self.write_text(row, self.text(row)?, out)
    }

    /// Writes the value of a row, which is this text.
    #[inline(always)]
    pub(crate) fn write_text(&self, row: usize, text: Text<'_>, out: &mut impl Sink) -> Result<(), Error> {
        match text {
            Text::Short(word) => out.put_word(word),
            Text::Parts(parts) => out.put_parts(parts),
            Text::Numeral(numeral) => out.put_numeral(numeral),
            Text::Slice(text) => out.put_slice(text),
            Text::List(list) => return list.write(out),
            Text::Long => return out.put_made(|out| self.write_any(row, out)),
        }
        Ok(())
    }

    /// Writes the value of a row that is not null, whatever it is.
    fn write_any(&self, row: usize, out: &mut Vec<u8>) -> Result<(), Error> {
        let style = &self.style;
        match &self.values {
            Values::Null => {}
            Values::Int8(values) => write_i64(i64::from(values[row]), out),
            Values::Int16(values) => write_i64(i64::from(values[row]), out),
            Values::Int32(values) => write_i64(i64::from(values[row]), out),
            Values::Int64(values) => write_i64(values[row], out),
            Values::UInt8(values) => write_u64(u64::from(values[row]), out),
            Values::UInt16(values) => write_u64(u64::from(values[row]), out),
            Values::UInt32(values) => write_u64(u64::from(values[row]), out),
            Values::UInt64(values) => write_u64(values[row], out),
            Values::Reg(values) if values[row] == 0 => out.push(b'-'),
            Values::Reg(values) => write_u64(u64::from(values[row]), out),
            Values::Float32(values) => write_float4(values[row], style.extra_float_digits, out),
            Values::Float64(values) => write_float8(values[row], style.extra_float_digits, out),
            Values::Decimal32(values, scale) => write_decimal(i128::from(values[row]), *scale, out),
            Values::Decimal64(values, scale) => write_decimal(i128::from(values[row]), *scale, out),
            Values::Decimal128(values, scale) => write_decimal(values[row], *scale, out),
            Values::Decimal256(values, scale) => write_decimal256(values[row], *scale, out),
            Values::Open(values, data_type) => {
                let Decimal { unscaled, scale } = shown(values[row], data_type);
                write_decimal256(unscaled, scale.cast_signed(), out);
            }
            Values::Binary(values) => write_bytea(values.value(row), style.bytea_escape, out),
            Values::LargeBinary(values) => write_bytea(values.value(row), style.bytea_escape, out),
            Values::BinaryView(values) => write_bytea(values.value(row), style.bytea_escape, out),
            Values::FixedBinary(values) => write_bytea(values.value(row), style.bytea_escape, out),
            Values::Uuid(values) => write_uuid(values.value(row), out),
            Values::Keyed(keys, values) => values.write(keys[row] as usize, out)?,
            Values::List(list) => list.text(row).write(out)?,
            Values::Record(record) => record.write(row, out)?,
            Values::JsonList(_) | Values::JsonRecord(_) | Values::Map(_) | Values::Union(_) => {
                self.write_json(row, out)?;
            }
            _ => self.write_temporal(row, out)?,
        }
        Ok(())
    }

    /// The part of [`Column::write_any`] for dates, times and intervals.
    fn write_temporal(&self, row: usize, out: &mut Vec<u8>) -> Result<(), Error> {
        let dates = Dates { style: self.style.date, order: self.style.order };
        match &self.values {
            Values::Date32(values) => write_date(date_in_range(values[row])?, dates, out),
            Values::Date64(values) => write_date(date_of_millis(values[row])?, dates, out),
            Values::Time32(values, unit) => write_time(time_micros(i64::from(values[row]), *unit)?, out),
            Values::Time64(values, unit) => write_time(time_micros(values[row], *unit)?, out),
            Values::Timestamp(values, unit) => {
                write_timestamp(timestamp_micros(values[row], *unit)?, dates, out)
            }
            Values::Timestamptz(values, unit, zone, last) => {
                write_timestamptz(timestamp_micros(values[row], *unit)?, zone, last, dates, out);
            }
            _ => {
                if let Some(interval) = self.interval(row)? {
                    interval.write(self.style.interval, out);
                }
            }
        }
        Ok(())
    }

    /// The value, if the column is one of intervals.
    fn interval(&self, row: usize) -> Result<Option<Interval>, Error> {
        Ok(Some(match &self.values {
            Values::Duration(values, unit) => Interval::of_duration(values[row], *unit)?,
            Values::YearMonth(values) => Interval { months: values[row], days: 0, micros: 0 },
            Values::DayTime(values) => {
                let IntervalDayTime { days, milliseconds } = values[row];
                Interval { months: 0, days, micros: i64::from(milliseconds) * 1_000 }
            }
            Values::MonthDayNano(values) => {
                let IntervalMonthDayNano { months, days, nanoseconds } = values[row];
                Interval::of_nanos(months, days, nanoseconds)
            }
            _ => return Ok(None),
        }))
    }
}

/// The length of a value that is null.
pub const NULL: [u8; 4] = (-1i32).to_be_bytes();

fn values_of(array: &dyn Array, field: &Field, style: &Style, depth: usize) -> Result<Values, Error> {
    let pg_type = column_type(field).pg_type;
    let is_json = pg_type == PgType::JSON || pg_type == PgType::JSONB;
    Ok(match array.data_type() {
        DataType::Null => Values::Null,
        DataType::Boolean => Values::Bool(array.as_boolean().values().clone()),
        DataType::Int8 => Values::Int8(buffer::<Int8Type>(array)),
        DataType::Int16 => Values::Int16(buffer::<Int16Type>(array)),
        DataType::Int32 => Values::Int32(buffer::<Int32Type>(array)),
        DataType::Int64 => Values::Int64(buffer::<Int64Type>(array)),
        DataType::UInt8 => Values::UInt8(buffer::<UInt8Type>(array)),
        DataType::UInt16 => Values::UInt16(buffer::<UInt16Type>(array)),
        DataType::UInt32 => match pg_type {
            PgType::REGPROC | PgType::REGCLASS | PgType::REGTYPE | PgType::REGNAMESPACE => {
                Values::Reg(buffer::<UInt32Type>(array))
            }
            _ => Values::UInt32(buffer::<UInt32Type>(array)),
        },
        DataType::UInt64 => Values::UInt64(buffer::<UInt64Type>(array)),
        DataType::Float16 => Values::Float32(
            array.as_primitive::<Float16Type>().values().iter().map(|half| half.to_f32()).collect(),
        ),
        DataType::Float32 => Values::Float32(buffer::<Float32Type>(array)),
        DataType::Float64 => Values::Float64(buffer::<Float64Type>(array)),
        DataType::Decimal32(_, scale) => Values::Decimal32(buffer::<Decimal32Type>(array), *scale),
        DataType::Decimal64(_, scale) => Values::Decimal64(buffer::<Decimal64Type>(array), *scale),
        DataType::Decimal128(_, scale) => Values::Decimal128(buffer::<Decimal128Type>(array), *scale),
        open if is_open_numeric(open) => Values::Open(buffer::<Decimal256Type>(array), open.clone()),
        DataType::Decimal256(_, scale) => Values::Decimal256(buffer::<Decimal256Type>(array), *scale),
        DataType::Date32
        | DataType::Date64
        | DataType::Time32(_)
        | DataType::Time64(_)
        | DataType::Timestamp(_, _)
        | DataType::Duration(_)
        | DataType::Interval(_) => temporal_values_of(array, style),
        DataType::Utf8 => Values::Utf8(array.as_string().clone()),
        DataType::LargeUtf8 => Values::LargeUtf8(array.as_string().clone()),
        DataType::Utf8View => Values::Utf8View(array.as_string_view().clone()),
        DataType::Binary => Values::Binary(array.as_binary().clone()),
        DataType::LargeBinary => Values::LargeBinary(array.as_binary().clone()),
        DataType::BinaryView => Values::BinaryView(array.as_binary_view().clone()),
        DataType::FixedSizeBinary(16) if pg_type == PgType::UUID => {
            Values::Uuid(array.as_fixed_size_binary().clone())
        }
        DataType::FixedSizeBinary(_) => Values::FixedBinary(array.as_fixed_size_binary().clone()),
        DataType::List(_)
        | DataType::LargeList(_)
        | DataType::ListView(_)
        | DataType::LargeListView(_)
        | DataType::FixedSizeList(_, _) => {
            let list = Box::new(List::new(array, pg_type, style, depth)?);
            if is_json { Values::JsonList(list) } else { Values::List(list) }
        }
        DataType::Struct(_) if is_reg(pg_type) => match reg_texts(array) {
            Some(names) => values_of(names, &Field::new(field.name(), DataType::Utf8, true), style, depth)?,
            None => return Err(Error::Unsupported { what: format!("a record as {}", pg_type.name) }),
        },
        DataType::Struct(_) => {
            let record = Record::new(array.as_struct(), style, depth)?;
            if is_json { Values::JsonRecord(record) } else { Values::Record(record) }
        }
        DataType::Map(_, _) => Values::Map(Box::new(Entries::new(array.as_map(), style, depth)?)),
        DataType::Union(_, _) => Values::Union(Members::new(array.as_union(), style, depth)?),
        DataType::Dictionary(_, _) | DataType::RunEndEncoded(_, _) => {
            return Err(Error::Unsupported { what: "a dictionary of dictionaries".to_owned() });
        }
    })
}

fn temporal_values_of(array: &dyn Array, style: &Style) -> Values {
    match array.data_type() {
        DataType::Date32 => Values::Date32(buffer::<Date32Type>(array)),
        DataType::Date64 => Values::Date64(buffer::<Date64Type>(array)),
        DataType::Time32(TimeUnit::Second) => {
            Values::Time32(buffer::<Time32SecondType>(array), TimeUnit::Second)
        }
        DataType::Time32(unit) => Values::Time32(buffer::<Time32MillisecondType>(array), *unit),
        DataType::Time64(TimeUnit::Microsecond) => {
            Values::Time64(buffer::<Time64MicrosecondType>(array), TimeUnit::Microsecond)
        }
        DataType::Time64(unit) => Values::Time64(buffer::<Time64NanosecondType>(array), *unit),
        DataType::Timestamp(unit, None) => Values::Timestamp(timestamps(array, *unit), *unit),
        DataType::Timestamp(unit, Some(_)) => {
            Values::Timestamptz(timestamps(array, *unit), *unit, Zone::of(style.zone), Last::default())
        }
        DataType::Duration(unit) => Values::Duration(durations(array, *unit), *unit),
        DataType::Interval(IntervalUnit::YearMonth) => {
            Values::YearMonth(buffer::<IntervalYearMonthType>(array))
        }
        DataType::Interval(IntervalUnit::DayTime) => Values::DayTime(buffer::<IntervalDayTimeType>(array)),
        DataType::Interval(IntervalUnit::MonthDayNano) => {
            Values::MonthDayNano(buffer::<IntervalMonthDayNanoType>(array))
        }
        _ => Values::Null,
    }
}

/// The values of a timestamp column, whatever its unit.
pub fn timestamps(array: &dyn Array, unit: TimeUnit) -> ScalarBuffer<i64> {
    match unit {
        TimeUnit::Second => buffer::<TimestampSecondType>(array),
        TimeUnit::Millisecond => buffer::<TimestampMillisecondType>(array),
        TimeUnit::Microsecond => buffer::<TimestampMicrosecondType>(array),
        TimeUnit::Nanosecond => buffer::<TimestampNanosecondType>(array),
    }
}

/// The values of a duration column, whatever its unit.
pub fn durations(array: &dyn Array, unit: TimeUnit) -> ScalarBuffer<i64> {
    match unit {
        TimeUnit::Second => buffer::<DurationSecondType>(array),
        TimeUnit::Millisecond => buffer::<DurationMillisecondType>(array),
        TimeUnit::Microsecond => buffer::<DurationMicrosecondType>(array),
        TimeUnit::Nanosecond => buffer::<DurationNanosecondType>(array),
    }
}

fn buffer<T: ArrowPrimitiveType>(array: &dyn Array) -> ScalarBuffer<T::Native> {
    let array: &PrimitiveArray<T> = array.as_primitive();
    array.values().clone()
}
