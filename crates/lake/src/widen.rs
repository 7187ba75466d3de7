//! The smallest type that holds every value of two types, where there is one.
//!
//! Does no I/O. Only steps without loss are taken. The one that can fail later is a coarser timestamp beside one of
//! nanoseconds: a date outside 1677 to 2262 then ends the statement with an error, never with another date.

use std::sync::Arc;

use arrow::datatypes::{
    DECIMAL128_MAX_PRECISION, DECIMAL256_MAX_PRECISION, DataType, Field, FieldRef, Fields, TimeUnit,
};

/// Two types that no type holds, and where in a nested column they stand.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Conflict {
    /// The names from the column down, joined by dots.
    pub(crate) path: String,
    /// The type in the earlier file.
    pub(crate) left: DataType,
    /// The type in the later file.
    pub(crate) right: DataType,
}

/// One field that holds what both do: nullable if either is, with the metadata that both share.
pub(crate) fn field(left: &Field, right: &Field) -> Result<Field, Conflict> {
    let data_type = data_type(left.data_type(), right.data_type(), left.name())?;
    let mut metadata = left.metadata().clone();
    metadata.retain(|key, value| right.metadata().get(key) == Some(value));
    let nullable = left.is_nullable() || right.is_nullable();
    Ok(Field::new(left.name(), data_type, nullable).with_metadata(metadata))
}

fn data_type(left: &DataType, right: &DataType, path: &str) -> Result<DataType, Conflict> {
    if left == right {
        return Ok(left.clone());
    }
    match (left, right) {
        (DataType::List(a), DataType::List(b)) => Ok(DataType::List(below(a, b, path)?)),
        (DataType::Struct(a), DataType::Struct(b)) => Ok(DataType::Struct(structs(a, b, path)?)),
        (DataType::Map(a, sorted), DataType::Map(b, also)) => {
            let entries = map_entries(a, b, path)?;
            Ok(DataType::Map(entries, *sorted && *also))
        }
        _ => scalar(left, right).or_else(|| scalar(right, left)).ok_or_else(|| Conflict {
            path: path.to_owned(),
            left: left.clone(),
            right: right.clone(),
        }),
    }
}

fn below(left: &FieldRef, right: &FieldRef, path: &str) -> Result<FieldRef, Conflict> {
    field(left, right).map(Arc::new).map_err(|conflict| {
        // The element of a list has a name that nobody chose; only what is below it is worth naming.
        let rest = conflict.path.strip_prefix(left.name().as_str()).unwrap_or(&conflict.path);
        Conflict { path: format!("{path}{rest}"), ..conflict }
    })
}

fn structs(left: &Fields, right: &Fields, path: &str) -> Result<Fields, Conflict> {
    let mut merged: Vec<FieldRef> = Vec::with_capacity(left.len().max(right.len()));
    for one in left {
        merged.push(match right.iter().find(|other| other.name() == one.name()) {
            Some(other) => Arc::new(
                field(one, other)
                    .map_err(|conflict| Conflict { path: format!("{path}.{}", conflict.path), ..conflict })?,
            ),
            None => Arc::new(one.as_ref().clone().with_nullable(true)),
        });
    }
    let new = right.iter().filter(|other| !left.iter().any(|one| one.name() == other.name()));
    merged.extend(new.map(|other| Arc::new(other.as_ref().clone().with_nullable(true))));
    Ok(merged.into())
}

/// Keys and values by position, since writers name them differently; nested values must be the same.
fn map_entries(left: &FieldRef, right: &FieldRef, path: &str) -> Result<FieldRef, Conflict> {
    let conflict = || Conflict {
        path: path.to_owned(),
        left: left.data_type().clone(),
        right: right.data_type().clone(),
    };
    let (DataType::Struct(a), DataType::Struct(b)) = (left.data_type(), right.data_type()) else {
        return Err(conflict());
    };
    let ([a_key, a_value], [b_key, b_value]) = (&a[..], &b[..]) else { return Err(conflict()) };
    let same_nested = |a: &Field, b: &Field| !a.data_type().is_nested() || a.data_type() == b.data_type();
    if !same_nested(a_key, b_key) || !same_nested(a_value, b_value) {
        return Err(conflict());
    }
    let entries = vec![below(a_key, b_key, path)?, below(a_value, b_value, path)?];
    Ok(Arc::new(Field::new(left.name(), DataType::Struct(entries.into()), left.is_nullable())))
}

/// The scalar steps, written for one order of the two; the caller tries both.
fn scalar(left: &DataType, right: &DataType) -> Option<DataType> {
    use DataType::{
        Binary, BinaryView, Date32, Date64, FixedSizeBinary, Null, Time32, Time64, Timestamp, UInt64, Utf8,
        Utf8View,
    };
    if let (Some(a), Some(b)) = (whole(left), whole(right)) {
        return Some(wider_whole(a, b));
    }
    if let (Some(a), Some(b)) = (float_bits(left), float_bits(right)) {
        return Some(if a.max(b) == 32 { DataType::Float32 } else { DataType::Float64 });
    }
    match (left, right) {
        (Null, other) => Some(other.clone()),
        (UInt64, other) if whole(other).is_some() => Some(DataType::Decimal128(20, 0)),
        (number, float) if float_bits(float).is_some() => {
            // A double holds whole numbers of up to 53 bits.
            whole(number).filter(|(_, bits)| *bits <= 32).map(|_| DataType::Float64)
        }
        (number, decimal) if decimal_shape(decimal).is_some() => wider_decimal(
            whole_digits(number).map(|digits| (digits, 0)).or_else(|| decimal_shape(number))?,
            decimal_shape(decimal)?,
        ),
        (Date32, Date64) => Some(Date64),
        (Date32, Timestamp(unit, None)) if *unit != TimeUnit::Nanosecond => Some(right.clone()),
        (Timestamp(a, zone), Timestamp(b, other)) if zone == other => {
            Some(Timestamp(finer(*a, *b), zone.clone()))
        }
        (Time32(a) | Time64(a), Time32(b) | Time64(b)) => Some(match finer(*a, *b) {
            unit @ (TimeUnit::Second | TimeUnit::Millisecond) => Time32(unit),
            unit => Time64(unit),
        }),
        (DataType::Duration(a), DataType::Duration(b)) => Some(DataType::Duration(finer(*a, *b))),
        (FixedSizeBinary(_), Binary | BinaryView) => Some(right.clone()),
        (FixedSizeBinary(_), FixedSizeBinary(_)) => Some(Binary),
        (Utf8, Utf8View) => Some(Utf8View),
        (Binary, BinaryView) => Some(BinaryView),
        _ => None,
    }
}

/// Whether it is signed, and its bits, for the whole numbers that fit int8.
fn whole(of: &DataType) -> Option<(bool, u8)> {
    Some(match of {
        DataType::Int8 => (true, 8),
        DataType::Int16 => (true, 16),
        DataType::Int32 => (true, 32),
        DataType::Int64 => (true, 64),
        DataType::UInt8 => (false, 8),
        DataType::UInt16 => (false, 16),
        DataType::UInt32 => (false, 32),
        _ => return None,
    })
}

fn wider_whole((a_signed, a_bits): (bool, u8), (b_signed, b_bits): (bool, u8)) -> DataType {
    let room = |signed: bool, bits: u8| if signed { bits } else { bits * 2 };
    let (signed, bits) = if a_signed == b_signed {
        (a_signed, a_bits.max(b_bits))
    } else {
        (true, room(a_signed, a_bits).max(room(b_signed, b_bits)))
    };
    match (signed, bits) {
        (true, 8) => DataType::Int8,
        (true, 16) => DataType::Int16,
        (true, 32) => DataType::Int32,
        (true, _) => DataType::Int64,
        (false, 8) => DataType::UInt8,
        (false, 16) => DataType::UInt16,
        (false, _) => DataType::UInt32,
    }
}

fn float_bits(of: &DataType) -> Option<u8> {
    Some(match of {
        DataType::Float16 => 16,
        DataType::Float32 => 32,
        DataType::Float64 => 64,
        _ => return None,
    })
}

/// Decimal digits that hold any value of a type of whole numbers.
fn whole_digits(of: &DataType) -> Option<u8> {
    Some(match of {
        DataType::Int8 | DataType::UInt8 => 3,
        DataType::Int16 | DataType::UInt16 => 5,
        DataType::Int32 | DataType::UInt32 => 10,
        DataType::Int64 => 19,
        DataType::UInt64 => 20,
        _ => return None,
    })
}

fn decimal_shape(of: &DataType) -> Option<(u8, i8)> {
    match of {
        DataType::Decimal128(precision, scale) | DataType::Decimal256(precision, scale) => {
            Some((*precision, *scale))
        }
        _ => None,
    }
}

fn wider_decimal((a_precision, a_scale): (u8, i8), (b_precision, b_scale): (u8, i8)) -> Option<DataType> {
    let scale = a_scale.max(b_scale);
    let before =
        (i16::from(a_precision) - i16::from(a_scale)).max(i16::from(b_precision) - i16::from(b_scale));
    let precision = u8::try_from(before + i16::from(scale)).ok()?;
    if precision <= DECIMAL128_MAX_PRECISION {
        Some(DataType::Decimal128(precision, scale))
    } else {
        (precision <= DECIMAL256_MAX_PRECISION).then_some(DataType::Decimal256(precision, scale))
    }
}

fn finer(a: TimeUnit, b: TimeUnit) -> TimeUnit {
    let rank = |unit| match unit {
        TimeUnit::Second => 0,
        TimeUnit::Millisecond => 1,
        TimeUnit::Microsecond => 2,
        TimeUnit::Nanosecond => 3,
    };
    if rank(a) >= rank(b) { a } else { b }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use arrow::datatypes::DataType::{self, *};
    use arrow::datatypes::{Field, TimeUnit};

    use super::field;

    #[track_caller]
    fn check(left: DataType, right: DataType, expected: Option<DataType>) {
        for (a, b) in [(&left, &right), (&right, &left)] {
            let found = field(&Field::new("c", a.clone(), false), &Field::new("c", b.clone(), false));
            assert_eq!(found.ok().map(|field| field.data_type().clone()), expected, "{a} with {b}");
        }
    }

    #[test]
    fn whole_numbers_widen_without_loss() {
        check(Int8, Int64, Some(Int64));
        check(Int16, Int32, Some(Int32));
        check(UInt8, Int8, Some(Int16));
        check(UInt8, Int64, Some(Int64));
        check(UInt16, Int16, Some(Int32));
        check(UInt32, Int8, Some(Int64));
        check(UInt8, UInt32, Some(UInt32));
        check(UInt64, Int64, Some(Decimal128(20, 0)));
        check(UInt64, UInt8, Some(Decimal128(20, 0)));
    }

    #[test]
    fn only_numbers_that_a_double_holds_become_one() {
        check(Int32, Float32, Some(Float64));
        check(UInt32, Float64, Some(Float64));
        check(Float32, Float64, Some(Float64));
        check(Float16, Float32, Some(Float32));
        check(Int64, Float64, None);
        check(UInt64, Float64, None);
        check(Decimal128(10, 2), Float64, None);
    }

    #[test]
    fn decimals_keep_the_digits_on_both_sides_of_the_point() {
        check(Decimal128(10, 2), Decimal128(12, 2), Some(Decimal128(12, 2)));
        check(Decimal128(10, 2), Decimal128(10, 4), Some(Decimal128(12, 4)));
        check(Decimal128(38, 0), Decimal128(38, 10), Some(Decimal256(48, 10)));
        check(Decimal256(76, 0), Decimal128(38, 10), None);
        check(Int32, Decimal128(10, 2), Some(Decimal128(12, 2)));
        check(Int64, Decimal128(5, 4), Some(Decimal128(23, 4)));
        check(UInt64, Decimal128(5, 4), Some(Decimal128(24, 4)));
    }

    #[test]
    fn dates_and_times_go_to_the_finer_unit_and_never_change_their_kind() {
        let us = Timestamp(TimeUnit::Microsecond, None);
        let ns = Timestamp(TimeUnit::Nanosecond, None);
        let utc = Timestamp(TimeUnit::Microsecond, Some("UTC".into()));
        check(Timestamp(TimeUnit::Second, None), us.clone(), Some(us.clone()));
        check(us.clone(), ns.clone(), Some(ns.clone()));
        check(Date32, us.clone(), Some(us.clone()));
        check(Date32, ns, None);
        check(Date32, utc.clone(), None);
        check(us.clone(), utc, None);
        check(
            Time32(TimeUnit::Millisecond),
            Time64(TimeUnit::Nanosecond),
            Some(Time64(TimeUnit::Nanosecond)),
        );
        check(us, Utf8View, None);
        check(Date32, Int32, None);
    }

    #[test]
    fn text_bytes_and_booleans_stay_themselves() {
        check(Utf8View, Int32, None);
        check(Utf8View, BinaryView, None);
        check(Boolean, Int8, None);
        check(FixedSizeBinary(16), BinaryView, Some(BinaryView));
        check(Null, Utf8View, Some(Utf8View));
    }

    #[test]
    fn nested_types_merge_by_name_and_name_what_conflicts() {
        let of = |fields: Vec<Field>| Struct(fields.into());
        let list = |of: DataType| List(Arc::new(Field::new("element", of, true)));
        let a = of(vec![Field::new("x", Int32, false), Field::new("y", Utf8, true)]);
        let b = of(vec![Field::new("z", Int8, false), Field::new("x", Int64, false)]);
        let both =
            of(vec![Field::new("x", Int64, false), Field::new("y", Utf8, true), Field::new("z", Int8, true)]);
        let merged = field(&Field::new("s", list(a.clone()), true), &Field::new("s", list(b), true)).unwrap();
        assert_eq!(merged.data_type(), &list(both));
        let c = of(vec![Field::new("x", Utf8, false)]);
        let conflict = field(&Field::new("s", list(a), true), &Field::new("s", list(c), true)).unwrap_err();
        assert_eq!((conflict.path.as_str(), conflict.left, conflict.right), ("s.x", Int32, Utf8));
    }
}
