//! One value of any type: from text, and on into an Arrow array.

use std::sync::Arc;

use arrow::array::{
    ArrayRef, BinaryArray, BooleanArray, Date32Array, FixedSizeBinaryArray, Float32Array, Float64Array,
    Int16Array, Int32Array, Int64Array, IntervalMonthDayNanoArray, ListArray, StringArray,
    Time64MicrosecondArray, TimestampMicrosecondArray, UInt32Array,
};
use arrow::buffer::{NullBuffer, OffsetBuffer};
use arrow::datatypes::{DataType, Field, IntervalMonthDayNano};

use super::{
    Decimal, array_texts, boolean, bytea, date, decimal, float4, float8, int2, int4, int8, interval, is_json,
};
use super::{oid, time, timestamp, timestamptz, uuid};
use crate::types::{OPEN_NUMERIC, PgType};
use crate::value::json_tree::jsonb;
use crate::value::{self, Error, Interval, Style, common_type};

/// One value, not null.
#[derive(Debug, Clone, PartialEq)]
pub enum Value {
    /// bool
    Bool(bool),
    /// int2
    Int2(i16),
    /// int4
    Int4(i32),
    /// int8
    Int8(i64),
    /// oid and what is stored as one
    Oid(u32),
    /// float4
    Float4(f32),
    /// float8
    Float8(f64),
    /// numeric
    Decimal(Decimal),
    /// Days since 1970.
    Date(i32),
    /// Microseconds since midnight.
    Time(i64),
    /// timestamp and timestamptz: microseconds since 1970.
    Timestamp(i64),
    /// interval
    Interval(Interval),
    /// bytea
    Bytes(Vec<u8>),
    /// uuid
    Uuid([u8; 16]),
    /// Whatever is text.
    Text(String),
    /// An array's elements; where it has several dimensions, these are lists themselves.
    List(Vec<Option<Value>>),
}

/// The elements of all dimensions, in order, as an array with dimensions of these lengths, outermost first.
///
/// There are as many elements as the lengths multiply to; an empty array has no dimension.
pub fn array_value(elements: Vec<Option<Value>>, lengths: &[usize]) -> Value {
    let inner = lengths.get(1..).unwrap_or_default();
    Value::List(inner.iter().rev().fold(elements, |elements, length| {
        let mut rest = elements.into_iter();
        let mut lists = Vec::new();
        while rest.len() > 0 {
            lists.push(Some(Value::List(rest.by_ref().take((*length).max(1)).collect())));
        }
        lists
    }))
}

/// Reads a text as an array of one value of a type, of the Arrow type of [`PgType::arrow`].
///
/// Microseconds since 1970 end in 294247, some thirty years before PostgreSQL's own end; timestamps
/// beyond are refused. A numeric has a type of its own instead: its digits and its scale, as written.
///
/// # Errors
///
/// See [`value()`].
pub fn read(text: &str, pg_type: PgType, style: &Style) -> Result<ArrayRef, Error> {
    array_of(&[Some(value(text, pg_type, style)?)], pg_type)
}

/// Reads a text as a value of a type, as PostgreSQL's input function does.
///
/// # Errors
///
/// [`Error::Syntax`] and its kin with PostgreSQL's message and code, [`Error::Unsupported`] for what needs a
/// catalog (a name as regclass) and for records, which PostgreSQL itself does not read.
pub fn value(text: &str, pg_type: PgType, style: &Style) -> Result<Value, Error> {
    Ok(match pg_type {
        PgType::BOOL => Value::Bool(boolean(text)?),
        PgType::INT2 => Value::Int2(int2(text)?),
        PgType::INT4 => Value::Int4(int4(text)?),
        PgType::INT8 => Value::Int8(int8(text)?),
        PgType::OID | PgType::XID => Value::Oid(oid(text)?),
        PgType::REGPROC | PgType::REGCLASS | PgType::REGTYPE | PgType::REGNAMESPACE => match text {
            "-" => Value::Oid(0),
            _ => Value::Oid(oid(text).map_err(|_| Error::Unsupported {
                what: format!("a name as a parameter of type {}", pg_type.name),
            })?),
        },
        PgType::FLOAT4 => Value::Float4(float4(text)?),
        PgType::FLOAT8 => Value::Float8(float8(text)?),
        PgType::NUMERIC => Value::Decimal(decimal(text)?),
        PgType::DATE => Value::Date(date(text, style)?),
        PgType::TIME => Value::Time(time(text, style)?),
        PgType::TIMESTAMP => Value::Timestamp(timestamp(text, style)?),
        PgType::TIMESTAMPTZ => Value::Timestamp(timestamptz(text, style)?),
        PgType::INTERVAL => Value::Interval(interval(text, style)?),
        PgType::BYTEA => Value::Bytes(bytea(text)?),
        PgType::UUID => Value::Uuid(uuid(text)?),
        PgType::JSON | PgType::JSONB if !is_json(text) => {
            return Err(Error::Json);
        }
        PgType::JSONB => Value::Text(jsonb(text_value(text, pg_type)?.as_str())?),
        PgType::RECORD => {
            return Err(Error::Unsupported { what: "input of anonymous composite types".to_owned() });
        }
        PgType::INT2VECTOR | PgType::OIDVECTOR => {
            array_value(list(text.split_ascii_whitespace().map(Some), pg_type, style)?, &[])
        }
        _ if pg_type.element != 0 && pg_type != PgType::NAME => {
            let (lengths, elements) = array_texts(text)?;
            array_value(list(elements.iter().map(Option::as_deref), pg_type, style)?, &lengths)
        }
        _ => Value::Text(text_value(text, pg_type)?),
    })
}

fn list<'a>(
    texts: impl Iterator<Item = Option<&'a str>>,
    pg_type: PgType,
    style: &Style,
) -> Result<Vec<Option<Value>>, Error> {
    let element = PgType::by_oid(pg_type.element).unwrap_or(PgType::TEXT);
    texts.map(|text| text.map(|text| value(text, element, style)).transpose()).collect()
}

/// Text, cut where its type is short.
fn text_value(text: &str, pg_type: PgType) -> Result<String, Error> {
    /// The longest name: PostgreSQL's `NAMEDATALEN` less the end.
    const NAME_MAX: usize = 63;
    if memchr::memchr(0, text.as_bytes()).is_some() {
        return Err(Error::ZeroByte);
    }
    Ok(match pg_type {
        PgType::NAME => text[..text.floor_char_boundary(NAME_MAX)].to_owned(),
        PgType::CHAR => text.chars().take(1).collect(),
        _ => text.to_owned(),
    })
}

/// Values of one type as an Arrow array. See [`read`] for numerics. Arrays of several dimensions are lists of lists.
///
/// # Errors
///
/// [`Error::Mismatch`] where a value is of another type, [`Error::NumericOverflow`] where numerics
/// of very different sizes have no scale in common, [`Error::Unsupported`] where arrays have different numbers of
/// dimensions.
pub fn array_of(values: &[Option<Value>], pg_type: PgType) -> Result<ArrayRef, Error> {
    macro_rules! primitive {
        ($array:ty, $variant:ident) => {{
            let get = |value: &Option<Value>| match value {
                None => Ok(None),
                Some(Value::$variant(value)) => Ok(Some(value.clone())),
                Some(_) => Err(mismatch(pg_type)),
            };
            let values: Vec<_> = values.iter().map(get).collect::<Result<_, _>>()?;
            values
        }};
    }
    Ok(match pg_type.arrow() {
        DataType::Boolean => Arc::new(BooleanArray::from(primitive!(BooleanArray, Bool))),
        DataType::Int16 => Arc::new(Int16Array::from(primitive!(Int16Array, Int2))),
        DataType::Int32 => Arc::new(Int32Array::from(primitive!(Int32Array, Int4))),
        DataType::Int64 => Arc::new(Int64Array::from(primitive!(Int64Array, Int8))),
        DataType::UInt32 => Arc::new(UInt32Array::from(primitive!(UInt32Array, Oid))),
        DataType::Float32 => Arc::new(Float32Array::from(primitive!(Float32Array, Float4))),
        DataType::Float64 => Arc::new(Float64Array::from(primitive!(Float64Array, Float8))),
        DataType::Date32 => Arc::new(Date32Array::from(primitive!(Date32Array, Date))),
        DataType::Time64(_) => {
            Arc::new(Time64MicrosecondArray::from(primitive!(Time64MicrosecondArray, Time)))
        }
        DataType::Timestamp(_, zone) => Arc::new(
            TimestampMicrosecondArray::from(primitive!(TimestampMicrosecondArray, Timestamp))
                .with_timezone_opt(zone),
        ),
        DataType::Interval(_) => {
            let values = primitive!(IntervalMonthDayNanoArray, Interval).into_iter();
            let values: Vec<_> =
                values.map(|value| value.map(month_day_nano).transpose()).collect::<Result<_, _>>()?;
            Arc::new(IntervalMonthDayNanoArray::from(values))
        }
        DataType::Binary => {
            let values = primitive!(BinaryArray, Bytes);
            Arc::new(values.iter().map(Option::as_deref).collect::<BinaryArray>())
        }
        DataType::FixedSizeBinary(size) => {
            let values = primitive!(FixedSizeBinaryArray, Uuid);
            let array = FixedSizeBinaryArray::try_from_sparse_iter_with_size(values.into_iter(), size);
            Arc::new(array.map_err(|_| mismatch(pg_type))?)
        }
        DataType::Decimal256(_, _) => decimals(&primitive!(Decimal256Array, Decimal))?,
        DataType::List(field) => {
            let lists = primitive!(ListArray, List);
            let element = PgType::by_oid(pg_type.element).unwrap_or(PgType::TEXT);
            let offsets =
                OffsetBuffer::from_lengths(lists.iter().map(|list| list.as_ref().map_or(0, Vec::len)));
            let nulls: NullBuffer = lists.iter().map(Option::is_some).collect();
            let flat: Vec<Option<Value>> = lists.into_iter().flatten().flatten().collect();
            let nested = flat.iter().flatten().filter(|value| matches!(value, Value::List(_))).count();
            let child = match nested {
                0 => array_of(&flat, element)?,
                _ if nested == flat.len() => array_of(&flat, pg_type)?,
                _ => {
                    let what = "arrays of different numbers of dimensions in one column".to_owned();
                    return Err(Error::Unsupported { what });
                }
            };
            let field = match nested {
                0 => field.as_ref().clone().with_data_type(child.data_type().clone()),
                _ => Field::new_list_field(child.data_type().clone(), true),
            };
            let list = ListArray::try_new(Arc::new(field), offsets, child, Some(nulls));
            Arc::new(list.map_err(|_| mismatch(pg_type))?)
        }
        _ => Arc::new(StringArray::from(primitive!(StringArray, Text))),
    })
}

fn mismatch(pg_type: PgType) -> Error {
    Error::Mismatch { arrow: pg_type.arrow().to_string(), type_name: pg_type.name }
}

fn month_day_nano(interval: Interval) -> Result<IntervalMonthDayNano, Error> {
    let nanoseconds = interval.micros.checked_mul(1_000).ok_or(Error::DateRange { type_name: "interval" })?;
    Ok(IntervalMonthDayNano { months: interval.months, days: interval.days, nanoseconds })
}

/// Decimals that hold all the values exactly, each shown with its own digits where one type can do that.
fn decimals(values: &[Option<Decimal>]) -> Result<ArrayRef, Error> {
    let known: Vec<Decimal> = values.iter().flatten().copied().collect();
    let data_type = if known.is_empty() { OPEN_NUMERIC } else { common_type(&known) };
    value::decimals(values.iter().copied(), &data_type)
}

#[cfg(test)]
mod tests {
    use arrow::array::Array;
    use arrow::datatypes::DataType;

    use super::read;
    use crate::types::{PgType, column_type};
    use crate::value::{Column, Style};

    #[track_caller]
    fn round_trip(text: &str, pg_type: PgType) {
        let style = Style::default();
        let array = read(text, pg_type, &style).unwrap();
        let field = pg_type.field("c", true).with_data_type(array.data_type().clone());
        assert_eq!(column_type(&field).pg_type, pg_type);
        let mut out = Vec::new();
        Column::new(array.as_ref(), &field, &style).unwrap().write(0, &mut out).unwrap();
        assert_eq!(String::from_utf8(out).unwrap(), text, "{}", pg_type.name);
    }

    #[test]
    fn what_is_read_is_written_as_it_was() {
        for (text, pg_type) in [
            ("t", PgType::BOOL),
            ("-32768", PgType::INT2),
            ("2147483647", PgType::INT4),
            ("-9223372036854775808", PgType::INT8),
            ("4294967295", PgType::OID),
            ("1.5", PgType::FLOAT4),
            ("1e+20", PgType::FLOAT8),
            ("1.50", PgType::NUMERIC),
            ("0.12345678901234567890", PgType::NUMERIC),
            ("{1,2.5,NULL}", PgType::NUMERIC_ARRAY),
            ("2024-01-31", PgType::DATE),
            ("24:00:00", PgType::TIME),
            ("2024-01-31 01:02:03.4", PgType::TIMESTAMP),
            ("2024-01-31 01:02:03+00", PgType::TIMESTAMPTZ),
            ("1 year 2 mons -3 days +04:05:06", PgType::INTERVAL),
            ("\\x00ff", PgType::BYTEA),
            ("00010203-0405-0607-0809-0a0b0c0d0e0f", PgType::UUID),
            ("{\"a\": 1}", PgType::JSONB),
            ("{1,NULL,3}", PgType::INT4_ARRAY),
            ("{}", PgType::TEXT_ARRAY),
            ("{a,\"b c\",NULL,\"NULL\"}", PgType::TEXT_ARRAY),
            ("{{1,2,3},{4,NULL,6}}", PgType::INT4_ARRAY),
            ("{{{a},{b}},{{c},{d}}}", PgType::TEXT_ARRAY),
            ("{\"2024-01-31 00:00:00\"}", PgType::TIMESTAMP_ARRAY),
            ("1 2 3", PgType::OIDVECTOR),
            ("é", PgType::CHAR),
        ] {
            round_trip(text, pg_type);
        }
    }

    #[test]
    fn a_numeric_has_the_digits_that_are_written() {
        for (text, expected) in [
            ("1", DataType::Decimal128(1, 0)),
            ("1.0000000000000", DataType::Decimal128(14, 13)),
            ("0.0000000000001", DataType::Decimal128(13, 13)),
            ("99999999999999999999999999999999999999", DataType::Decimal128(38, 0)),
            ("99999999999999999999999999999999999999.5", DataType::Decimal256(39, 1)),
        ] {
            assert_eq!(
                read(text, PgType::NUMERIC, &Style::default()).unwrap().data_type(),
                &expected,
                "{text}"
            );
        }
    }

    #[test]
    fn what_cannot_be_read_is_refused() {
        for (text, pg_type, code) in [
            ("{\"a\"", PgType::JSON, "22P02"),
            ("a\0b", PgType::TEXT, "22021"),
            ("(1)", PgType::RECORD, "0A000"),
            ("pg_class", PgType::REGCLASS, "0A000"),
            ("{1,x}", PgType::INT4_ARRAY, "22P02"),
        ] {
            let error = read(text, pg_type, &Style::default()).unwrap_err();
            assert_eq!(error.sqlstate().code(), code, "{text}");
        }
    }
}
