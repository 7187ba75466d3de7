//! PostgreSQL's type names, as the fields that carry their values.

use std::sync::Arc;

use arrow::datatypes::{DataType, Field, FieldRef};
use datafusion::error::{DataFusionError, Result};
use datafusion::logical_expr::planner::TypePlanner;
use datafusion::sql::sqlparser::ast::{
    ArrayElemTypeDef, CharacterLength, DataType as SqlType, ExactNumberInfo, IntervalFields as SqlFields,
    ObjectName, TimezoneInfo,
};
use lakeport_base::SqlState;

use crate::error::{Culprit, Error};
use crate::types::{ColumnType, PgType, TYPE_KEY, TYPMOD_KEY, column_type};
use crate::value::{IntervalField, IntervalFields};

/// Plans types by their PostgreSQL names.
#[derive(Debug)]
pub(super) struct SqlTypes;

impl TypePlanner for SqlTypes {
    fn plan_type_field(&self, sql_type: &SqlType) -> Result<Option<FieldRef>> {
        match field(sql_type) {
            Ok(field) => Ok(Some(Arc::new(field))),
            Err(error) => Err(DataFusionError::External(Box::new(error))),
        }
    }
}

/// The name of the field that a cast makes: one without a name would leave the value what it was to PostgreSQL, its
/// Arrow type apart, so that jsonb cast to text would still be jsonb.
pub(super) const CAST: &str = "cast";

/// What PostgreSQL calls a column that is a cast to this type.
pub(crate) fn type_name(sql_type: &SqlType) -> String {
    match sql_type {
        SqlType::Array(
            ArrayElemTypeDef::SquareBracket(element, _) | ArrayElemTypeDef::AngleBracket(element),
        ) => type_name(element),
        // A domain has a name of its own.
        SqlType::Custom(name, _) if in_information_schema(name) => name
            .0
            .last()
            .and_then(|part| part.as_ident())
            .map(|ident| ident.value.clone())
            .unwrap_or_default(),
        _ => match known(sql_type) {
            Ok((pg_type, _)) => pg_type.name.to_owned(),
            Err(_) => sql_type.to_string().to_ascii_lowercase(),
        },
    }
}

/// A column of this type.
///
/// # Errors
///
/// 42704 where there is no such type; 22023 for a modifier out of its bounds.
pub fn column_field(name: &str, sql_type: &SqlType) -> Result<Field, Error> {
    field(sql_type).map(|field| field.with_name(name).with_nullable(true))
}

/// What a cast to this type makes of a value; none where there is no such type.
pub(crate) fn cast_type(sql_type: &SqlType) -> Option<ColumnType> {
    field(sql_type).ok().map(|field| column_type(&field))
}

/// The type that PREPARE declares of a parameter; none where it leaves it open.
pub(crate) fn declared_type(sql_type: &SqlType) -> Result<Option<PgType>, Error> {
    if let SqlType::Custom(name, _) = sql_type
        && name.to_string().eq_ignore_ascii_case("unknown")
    {
        return Ok(None);
    }
    Ok(Some(column_type(&field(sql_type)?).pg_type))
}

fn field(sql_type: &SqlType) -> Result<Field, Error> {
    if let SqlType::Array(element) = sql_type {
        let element = match element {
            ArrayElemTypeDef::SquareBracket(element, _) | ArrayElemTypeDef::AngleBracket(element) => element,
            // How `spell` writes an array of arrays, for a constant that is one.
            ArrayElemTypeDef::Parenthesis(element) => {
                let element = field(element)?.with_name("item");
                return Ok(Field::new(CAST, DataType::List(Arc::new(element)), true));
            }
            ArrayElemTypeDef::None => return Err(unknown(sql_type)),
        };
        let element = field(innermost(element))?;
        return Ok(Field::new(CAST, DataType::List(Arc::new(element.with_name("item"))), true));
    }
    let (pg_type, typmod) = known(sql_type)?;
    let mut field = pg_type.field(CAST, true);
    if pg_type == PgType::NUMERIC
        && let Some(typmod) = typmod
    {
        return Ok(field.with_data_type(decimal(typmod)?));
    }
    if let Some(typmod) = typmod {
        let mut metadata = field.metadata().clone();
        metadata.insert(TYPE_KEY.to_owned(), pg_type.name.to_owned());
        metadata.insert(TYPMOD_KEY.to_owned(), typmod.to_string());
        field = field.with_metadata(metadata);
    }
    Ok(field)
}

/// PostgreSQL's arrays have dimensions and no nesting: `int[][]` is `int[]`.
fn innermost(sql_type: &SqlType) -> &SqlType {
    match sql_type {
        SqlType::Array(
            ArrayElemTypeDef::SquareBracket(element, _) | ArrayElemTypeDef::AngleBracket(element),
        ) => innermost(element),
        other => other,
    }
}

/// A type and its modifier, packed as PostgreSQL does.
fn known(sql_type: &SqlType) -> Result<(PgType, Option<i32>), Error> {
    let plain = |pg_type| Ok((pg_type, None));
    match sql_type {
        SqlType::Boolean | SqlType::Bool => plain(PgType::BOOL),
        SqlType::SmallInt(None) | SqlType::Int2(None) => plain(PgType::INT2),
        SqlType::Int(None) | SqlType::Integer(None) | SqlType::Int4(None) => plain(PgType::INT4),
        SqlType::BigInt(None) | SqlType::Int8(None) => plain(PgType::INT8),
        SqlType::Real | SqlType::Float4 => plain(PgType::FLOAT4),
        SqlType::Float(ExactNumberInfo::Precision(bits)) if *bits <= 24 => plain(PgType::FLOAT4),
        SqlType::Float(ExactNumberInfo::None | ExactNumberInfo::Precision(_))
        | SqlType::Float8
        | SqlType::DoublePrecision => plain(PgType::FLOAT8),
        SqlType::Numeric(info) | SqlType::Decimal(info) | SqlType::Dec(info) => numeric(*info),
        SqlType::Text => plain(PgType::TEXT),
        SqlType::Varchar(length) | SqlType::CharacterVarying(length) | SqlType::CharVarying(length) => {
            Ok((PgType::VARCHAR, characters(length.as_ref())?))
        }
        SqlType::Char(length) | SqlType::Character(length) => {
            Ok((PgType::BPCHAR, Some(characters(length.as_ref())?.unwrap_or(1 + HEADER))))
        }
        SqlType::Date => plain(PgType::DATE),
        SqlType::Time(precision, TimezoneInfo::None | TimezoneInfo::WithoutTimeZone) => {
            Ok((PgType::TIME, fraction(*precision)?))
        }
        SqlType::Timestamp(precision, TimezoneInfo::None | TimezoneInfo::WithoutTimeZone) => {
            Ok((PgType::TIMESTAMP, fraction(*precision)?))
        }
        SqlType::Timestamp(precision, TimezoneInfo::Tz | TimezoneInfo::WithTimeZone) => {
            Ok((PgType::TIMESTAMPTZ, fraction(*precision)?))
        }
        SqlType::Interval { fields, precision } => {
            let precision = fraction(*precision)?.and_then(|digits| u16::try_from(digits).ok());
            let fields = fields.as_ref().map(fields_of);
            Ok((PgType::INTERVAL, IntervalFields::between(fields, precision).typmod()))
        }
        SqlType::Bytea => plain(PgType::BYTEA),
        SqlType::Bit(length) => Ok((PgType::BIT, bits(Some(length.unwrap_or(1)))?)),
        SqlType::BitVarying(length) | SqlType::VarBit(length) => Ok((PgType::VARBIT, bits(*length)?)),
        SqlType::Uuid => plain(PgType::UUID),
        SqlType::JSON => plain(PgType::JSON),
        SqlType::JSONB => plain(PgType::JSONB),
        SqlType::Regclass => plain(PgType::REGCLASS),
        SqlType::Custom(name, modifiers) => named(sql_type, name, modifiers),
        _ => Err(unknown(sql_type)),
    }
}

/// A type that the parser has no word for, or one with its schema.
fn named(
    sql_type: &SqlType,
    name: &ObjectName,
    modifiers: &[String],
) -> Result<(PgType, Option<i32>), Error> {
    let mut parts: Vec<(String, bool)> = name
        .0
        .iter()
        .filter_map(|part| part.as_ident())
        .map(|ident| match ident.quote_style {
            Some(_) => (ident.value.clone(), true),
            None => (ident.value.to_ascii_lowercase(), false),
        })
        .collect();
    let Some((name, quoted)) = parts.pop() else { return Err(unknown(sql_type)) };
    if let [(schema, _)] = parts.as_slice()
        && schema == "information_schema"
        && modifiers.is_empty()
    {
        return domain(&name).ok_or_else(|| unknown(sql_type));
    }
    if parts.iter().any(|(schema, _)| schema != "pg_catalog") || parts.len() > 1 {
        return Err(unknown(sql_type));
    }
    let qualified = !parts.is_empty();
    let alias = match name.as_str() {
        "int" | "integer" if !quoted => "int4",
        "bigint" if !quoted => "int8",
        "smallint" if !quoted => "int2",
        "real" if !quoted => "float4",
        "boolean" if !quoted => "bool",
        "decimal" if !quoted => "numeric",
        "character" | "char" if !quoted && !qualified => "bpchar",
        name => name,
    };
    // Array types have names too; a pseudotype cannot be cast to, nor can what nothing reads.
    const GIVEN: [PgType; 4] = [PgType::RECORD, PgType::UNKNOWN, PgType::TXID_SNAPSHOT, PgType::PG_SNAPSHOT];
    let pg_type = PgType::by_name(alias).filter(|pg_type| !GIVEN.contains(pg_type));
    let pg_type = pg_type.ok_or_else(|| unknown(sql_type))?;
    let numbers: Vec<i32> = modifiers.iter().filter_map(|text| text.trim().parse().ok()).collect();
    let typmod = match (pg_type, numbers.as_slice()) {
        (_, []) if modifiers.is_empty() => None,
        (PgType::NUMERIC, [precision]) => Some(numeric_typmod(*precision, 0)),
        (PgType::NUMERIC, [precision, scale]) => Some(numeric_typmod(*precision, *scale)),
        (PgType::VARCHAR | PgType::BPCHAR, [length]) if *length > 0 => Some(length + HEADER),
        (PgType::TIMESTAMP | PgType::TIMESTAMPTZ | PgType::TIME, [precision]) => {
            fraction(u64::try_from(*precision).ok())?
        }
        _ => {
            let message = format!("type modifier is not allowed for type \"{}\"", pg_type.name);
            return Err(Error::new(SqlState::SYNTAX_ERROR, message));
        }
    };
    Ok((pg_type, typmod))
}

fn in_information_schema(name: &ObjectName) -> bool {
    let schema = name.0.first().and_then(|part| part.as_ident());
    name.0.len() == 2 && schema.is_some_and(|schema| schema.value.eq_ignore_ascii_case("information_schema"))
}

/// What a domain of the information schema is a name for.
///
/// Source: `information_schema.sql` of PostgreSQL 15.
fn domain(name: &str) -> Option<(PgType, Option<i32>)> {
    Some(match name {
        "cardinal_number" => (PgType::INT4, None),
        "character_data" => (PgType::VARCHAR, None),
        "sql_identifier" => (PgType::NAME, None),
        "time_stamp" => (PgType::TIMESTAMPTZ, Some(2)),
        "yes_or_no" => (PgType::VARCHAR, Some(3 + HEADER)),
        _ => return None,
    })
}

/// What PostgreSQL adds to the modifiers of text and numeric: the size of a value's header.
pub(super) const HEADER: i32 = 4;

fn characters(length: Option<&CharacterLength>) -> Result<Option<i32>, Error> {
    let Some(CharacterLength::IntegerLength { length, unit: None }) = length else {
        return match length {
            None => Ok(None),
            Some(_) => Err(Error::unsupported("this kind of text length is not supported")),
        };
    };
    match i32::try_from(*length) {
        Ok(length @ 1..=10_485_760) => Ok(Some(length + HEADER)),
        Ok(0) => Err(invalid("length for type varchar must be at least 1")),
        _ => Err(invalid("length for type varchar cannot exceed 10485760")),
    }
}

/// The length of a bit string.
fn bits(length: Option<u64>) -> Result<Option<i32>, Error> {
    match length.map(i32::try_from) {
        None => Ok(None),
        Some(Ok(length @ 1..=83_886_080)) => Ok(Some(length)),
        Some(Ok(0)) => Err(invalid("length for type bit must be at least 1")),
        Some(_) => Err(invalid("length for type bit cannot exceed 83886080")),
    }
}

/// The first and the last field of an interval.
fn fields_of(fields: &SqlFields) -> (IntervalField, IntervalField) {
    use IntervalField::{Day, Hour, Minute, Month, Second, Year};
    match fields {
        SqlFields::Year => (Year, Year),
        SqlFields::Month => (Month, Month),
        SqlFields::Day => (Day, Day),
        SqlFields::Hour => (Hour, Hour),
        SqlFields::Minute => (Minute, Minute),
        SqlFields::Second => (Second, Second),
        SqlFields::YearToMonth => (Year, Month),
        SqlFields::DayToHour => (Day, Hour),
        SqlFields::DayToMinute => (Day, Minute),
        SqlFields::DayToSecond => (Day, Second),
        SqlFields::HourToMinute => (Hour, Minute),
        SqlFields::HourToSecond => (Hour, Second),
        SqlFields::MinuteToSecond => (Minute, Second),
    }
}

/// The digits of a second; six are all there are.
fn fraction(precision: Option<u64>) -> Result<Option<i32>, Error> {
    match precision.map(i32::try_from) {
        None => Ok(None),
        Some(Ok(digits)) => Ok(Some(digits.min(6))),
        Some(Err(_)) => Err(invalid("precision of a time is out of range")),
    }
}

fn numeric(info: ExactNumberInfo) -> Result<(PgType, Option<i32>), Error> {
    let (precision, scale) = match info {
        ExactNumberInfo::None => return Ok((PgType::NUMERIC, None)),
        ExactNumberInfo::Precision(precision) => (precision, 0),
        ExactNumberInfo::PrecisionAndScale(precision, scale) => (precision, scale),
    };
    let precision = i32::try_from(precision).ok().filter(|precision| (1..=1000).contains(precision));
    let scale = i32::try_from(scale).ok();
    match (precision, scale) {
        (Some(precision), Some(scale)) if (0..=precision).contains(&scale) => {
            Ok((PgType::NUMERIC, Some(numeric_typmod(precision, scale))))
        }
        (Some(precision), _) => {
            Err(invalid(format!("NUMERIC scale must be between 0 and precision {precision}")))
        }
        (None, _) => Err(invalid("NUMERIC precision must be between 1 and 1000")),
    }
}

fn numeric_typmod(precision: i32, scale: i32) -> i32 {
    ((precision << 16) | (scale & 0xffff)) + HEADER
}

fn decimal(typmod: i32) -> Result<DataType, Error> {
    let packed = typmod - HEADER;
    let (precision, scale) = (packed >> 16, packed & 0xffff);
    match (u8::try_from(precision), i8::try_from(scale)) {
        (Ok(precision @ 1..=38), Ok(scale)) => Ok(DataType::Decimal128(precision, scale)),
        (Ok(precision @ 39..=76), Ok(scale)) => Ok(DataType::Decimal256(precision, scale)),
        _ => Err(Error::unsupported("numeric with more than 76 digits is not supported")),
    }
}

fn invalid(message: impl Into<String>) -> Error {
    Error::new(SqlState::INVALID_PARAMETER_VALUE, message)
}

fn unknown(sql_type: &SqlType) -> Error {
    let name = match sql_type {
        SqlType::Custom(name, _) => {
            let parts =
                name.0.iter().filter_map(|part| part.as_ident()).map(|ident| match ident.quote_style {
                    Some(_) => ident.value.clone(),
                    None => ident.value.to_ascii_lowercase(),
                });
            parts.collect::<Vec<_>>().join(".")
        }
        other => other.to_string().to_ascii_lowercase(),
    };
    Error::new(SqlState::UNDEFINED_OBJECT, format!("type \"{name}\" does not exist"))
        .about(Culprit::Type(name))
}
