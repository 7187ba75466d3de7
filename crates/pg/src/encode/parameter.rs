//! A client's parameters: bytes of a Bind message to arrays of one value.
//!
//! Binary values are what PostgreSQL's `recv` functions take. The declared type decides how long they are.

use std::sync::Arc;

use arrow::array::{ArrayRef, StringArray};
use lakeport_engine::Error;
use lakeport_sql::rules::is_reg;
use lakeport_sql::types::PgType;
use lakeport_sql::value::read::{self, Value};
use lakeport_sql::value::timestamp_micros;
use lakeport_sql::value::{
    self, DIMENSIONS_MAX, EPOCH_DAYS, EPOCH_US, Interval, Style, date_in_range, time_micros,
};

use super::describe::Format;
use super::numeric::read_decimal;

/// Reads a parameter as an array of one value, of the Arrow type of [`PgType::arrow`]; none is NULL.
///
/// A name for regclass or one of its kin comes as text.
/// A numeric comes with its own digits and scale, as [`read::read`] says.
///
/// # Errors
///
/// 22P03 where binary bytes are not of the type, PostgreSQL's own code where a text or a value is not
/// (22P02, 22003, 22007, 22008), 22021 for text that is no UTF-8 or has a zero byte.
pub fn decode(
    bytes: Option<&[u8]>,
    format: Format,
    pg_type: PgType,
    style: &Style,
) -> Result<ArrayRef, Error> {
    array(bytes, format, pg_type, style).map_err(|error| Error {
        hint: error.hint().map(str::to_owned),
        ..Error::new(error.sqlstate(), error.to_string())
    })
}

fn array(
    bytes: Option<&[u8]>,
    format: Format,
    pg_type: PgType,
    style: &Style,
) -> Result<ArrayRef, value::Error> {
    let value = match (bytes, format) {
        (None, _) => None,
        (Some(b"-"), Format::Text) if is_reg(pg_type) => Some(Value::Oid(0)),
        // The session knows what the name stands for.
        (Some(bytes), Format::Text) if is_reg(pg_type) && !bytes.iter().all(u8::is_ascii_digit) => {
            return Ok(Arc::new(StringArray::from(vec![utf8(bytes)?])));
        }
        (Some(bytes), Format::Text) => Some(read::value(utf8(bytes)?, pg_type, style)?),
        (Some(bytes), Format::Binary) => Some(binary(bytes, pg_type, style)?),
    };
    read::array_of(&[value], pg_type)
}

fn utf8(bytes: &[u8]) -> Result<&str, value::Error> {
    let text = std::str::from_utf8(bytes).map_err(|_| value::Error::NotUtf8)?;
    if memchr::memchr(0, bytes).is_some() { Err(value::Error::ZeroByte) } else { Ok(text) }
}

fn binary(bytes: &[u8], pg_type: PgType, style: &Style) -> Result<Value, value::Error> {
    Ok(match pg_type {
        PgType::BOOL => Value::Bool(fixed::<1>(bytes, pg_type)? != [0]),
        PgType::INT2 => Value::Int2(i16::from_be_bytes(fixed(bytes, pg_type)?)),
        PgType::INT4 => Value::Int4(i32::from_be_bytes(fixed(bytes, pg_type)?)),
        PgType::INT8 => Value::Int8(i64::from_be_bytes(fixed(bytes, pg_type)?)),
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
        | PgType::REGCOLLATION => Value::Oid(u32::from_be_bytes(fixed(bytes, pg_type)?)),
        PgType::FLOAT4 => Value::Float4(f32::from_be_bytes(fixed(bytes, pg_type)?)),
        PgType::FLOAT8 => Value::Float8(f64::from_be_bytes(fixed(bytes, pg_type)?)),
        PgType::NUMERIC => Value::Decimal(read_decimal(bytes)?),
        PgType::DATE => Value::Date(date(i32::from_be_bytes(fixed(bytes, pg_type)?))?),
        PgType::TIME => {
            let micros = i64::from_be_bytes(fixed(bytes, pg_type)?);
            Value::Time(time_micros(micros, arrow::datatypes::TimeUnit::Microsecond)?)
        }
        PgType::TIMESTAMP | PgType::TIMESTAMPTZ => {
            Value::Timestamp(moment(i64::from_be_bytes(fixed(bytes, pg_type)?))?)
        }
        PgType::INTERVAL => {
            let [a, b, c, d, e, f, g, h, i, j, k, l, m, n, o, p] = fixed::<16>(bytes, pg_type)?;
            Value::Interval(Interval {
                micros: i64::from_be_bytes([a, b, c, d, e, f, g, h]),
                days: i32::from_be_bytes([i, j, k, l]),
                months: i32::from_be_bytes([m, n, o, p]),
            })
        }
        PgType::BYTEA => Value::Bytes(bytes.to_vec()),
        PgType::UUID => Value::Uuid(fixed(bytes, pg_type)?),
        PgType::JSONB => match bytes {
            [1, text @ ..] => read::value(utf8(text)?, pg_type, style)?,
            _ => return Err(malformed(pg_type)),
        },
        PgType::BIT | PgType::VARBIT => Value::Text(bits(bytes, pg_type)?),
        PgType::CHAR => match fixed::<1>(bytes, pg_type)? {
            [0] => Value::Text(String::new()),
            byte => Value::Text(utf8(&byte)?.to_owned()),
        },
        PgType::RECORD => {
            return Err(value::Error::Unsupported { what: "input of anonymous composite types".to_owned() });
        }
        _ if pg_type.element != 0 && pg_type != PgType::NAME => list(bytes, pg_type, style)?,
        // What is the same in binary as in text.
        _ => read::value(utf8(bytes)?, pg_type, style)?,
    })
}

fn malformed(pg_type: PgType) -> value::Error {
    value::Error::Binary { type_name: pg_type.name }
}

fn fixed<const SIZE: usize>(bytes: &[u8], pg_type: PgType) -> Result<[u8; SIZE], value::Error> {
    bytes.try_into().map_err(|_| malformed(pg_type))
}

/// Days since 1970 of days since 2000; the infinities stay.
fn date(days: i32) -> Result<i32, value::Error> {
    if days == i32::MAX || days == i32::MIN {
        return Ok(days);
    }
    let days = days.checked_add(EPOCH_DAYS).ok_or(value::Error::DateRange { type_name: "date" })?;
    date_in_range(days)
}

/// Microseconds since 1970 of microseconds since 2000; the infinities stay.
fn moment(micros: i64) -> Result<i64, value::Error> {
    if micros == i64::MAX || micros == i64::MIN {
        return Ok(micros);
    }
    let micros = micros.checked_add(EPOCH_US).ok_or(value::Error::DateRange { type_name: "timestamp" })?;
    timestamp_micros(micros, arrow::datatypes::TimeUnit::Microsecond)
}

/// Zeros and ones.
///
/// Source: `bit_recv` in PostgreSQL's `varbit.c`.
fn bits(bytes: &[u8], pg_type: PgType) -> Result<String, value::Error> {
    let mut rest = bytes;
    let count = take_i32(&mut rest).and_then(|count| usize::try_from(count).ok());
    let count = count.filter(|count| count.div_ceil(8) == rest.len()).ok_or_else(|| malformed(pg_type))?;
    let bit = |place: usize| if rest[place / 8] >> (7 - place % 8) & 1 == 1 { '1' } else { '0' };
    Ok((0..count).map(bit).collect())
}

/// An array, of any number of dimensions.
///
/// Source: `array_recv` in PostgreSQL's `arrayfuncs.c`.
fn list(bytes: &[u8], pg_type: PgType, style: &Style) -> Result<Value, value::Error> {
    let error = || malformed(pg_type);
    let mut rest = bytes;
    let dimensions = usize::try_from(take_i32(&mut rest).ok_or_else(error)?).map_err(|_| error())?;
    if dimensions > DIMENSIONS_MAX {
        return Err(value::Error::Dimensions { count: dimensions });
    }
    let has_nulls = take_i32(&mut rest).filter(|flags| matches!(flags, 0 | 1));
    let element = take_i32(&mut rest).map(|oid| oid as u32);
    // A client that sends the elements as another type would have its bytes misread.
    let element = element.filter(|oid| *oid == pg_type.element).and_then(PgType::by_oid).ok_or_else(error)?;
    has_nulls.ok_or_else(error)?;
    let mut count = usize::from(dimensions > 0);
    let mut lengths = Vec::with_capacity(dimensions);
    for _ in 0..dimensions {
        let length = take_i32(&mut rest).and_then(|length| usize::try_from(length).ok()).ok_or_else(error)?;
        take_i32(&mut rest).ok_or_else(error)?;
        count = count.checked_mul(length).ok_or_else(error)?;
        lengths.push(length);
    }
    // Each element has at least its length, so this bounds what is allocated.
    if count > rest.len() / 4 {
        return Err(error());
    }
    let mut values = Vec::with_capacity(count);
    for _ in 0..count {
        let size = take_i32(&mut rest).ok_or_else(error)?;
        let Ok(size) = usize::try_from(size) else {
            values.push(None);
            continue;
        };
        let (value, after) = rest.split_at_checked(size).ok_or_else(error)?;
        rest = after;
        values.push(Some(binary(value, element, style)?));
    }
    if rest.is_empty() { Ok(read::array_value(values, &lengths)) } else { Err(error()) }
}

fn take_i32(rest: &mut &[u8]) -> Option<i32> {
    let (number, after) = rest.split_first_chunk::<4>()?;
    *rest = after;
    Some(i32::from_be_bytes(*number))
}

#[cfg(test)]
mod tests {
    use arrow::array::{Array, AsArray};
    use arrow::datatypes::Int32Type;
    use lakeport_sql::types::PgType;
    use lakeport_sql::value::{Column, Style};

    use super::{Format, decode};

    #[track_caller]
    fn check(bytes: &[u8], pg_type: PgType, expected: &str) {
        let style = Style::default();
        let array = decode(Some(bytes), Format::Binary, pg_type, &style).unwrap();
        let field = pg_type.field("p", true).with_data_type(array.data_type().clone());
        let mut out = Vec::new();
        Column::new(array.as_ref(), &field, &style).unwrap().write(0, &mut out).unwrap();
        assert_eq!(String::from_utf8(out).unwrap(), expected, "{}", pg_type.name);
    }

    #[track_caller]
    fn refuse(bytes: &[u8], format: Format, pg_type: PgType, code: &str) {
        let error = decode(Some(bytes), format, pg_type, &Style::default()).unwrap_err();
        assert_eq!(error.sqlstate.code(), code, "{}: {error}", pg_type.name);
    }

    #[test]
    fn binary_parameters_are_read_by_their_declared_type() {
        check(&[1], PgType::BOOL, "t");
        check(&[0xff, 0xfe], PgType::INT2, "-2");
        check(&7i64.to_be_bytes(), PgType::INT8, "7");
        check(&0i32.to_be_bytes(), PgType::DATE, "2000-01-01");
        check(&[0, 0, 0, 10, 0xa0, 0x40], PgType::BIT, "1010000001");
        check(&i32::MAX.to_be_bytes(), PgType::DATE, "infinity");
        check(&1_500_000i64.to_be_bytes(), PgType::TIMESTAMP, "2000-01-01 00:00:01.5");
        check(&[0, 2, 0, 0, 0x40, 0, 0, 2, 0, 123, 17, 148], PgType::NUMERIC, "-123.45");
        check(b"\x01{}", PgType::JSONB, "{}");
        check(b"abc", PgType::NAME, "abc");
        let array = [
            &[0, 0, 0, 1, 0, 0, 0, 1, 0, 0, 0, 23, 0, 0, 0, 2, 0, 0, 0, 1][..],
            &[0, 0, 0, 4, 0, 0, 0, 5],
            &[255; 4],
        ];
        check(&array.concat(), PgType::INT4_ARRAY, "{5,NULL}");
        check(&[0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 25], PgType::TEXT_ARRAY, "{}");
    }

    #[test]
    fn bytes_of_another_type_are_refused() {
        refuse(&[0, 0, 0, 1], Format::Binary, PgType::INT8, "22P03");
        refuse(&[2, b'{', b'}'], Format::Binary, PgType::JSONB, "22P03");
        refuse(&[0xff], Format::Binary, PgType::TEXT, "22021");
        refuse(b"a\0", Format::Text, PgType::TEXT, "22021");
        refuse(b"x", Format::Text, PgType::INT4, "22P02");
        let huge = [0, 0, 0, 1, 0, 0, 0, 0, 0, 0, 0, 23, 0x7f, 0xff, 0xff, 0xff, 0, 0, 0, 1];
        refuse(&huge, Format::Binary, PgType::INT4_ARRAY, "22P03");
        refuse(&[0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 25], Format::Binary, PgType::INT4_ARRAY, "22P03");
    }

    #[test]
    fn null_is_an_array_with_a_null() {
        let array = decode(None, Format::Binary, PgType::INT4, &Style::default()).unwrap();
        assert!(array.as_primitive::<Int32Type>().is_null(0));
    }
}
