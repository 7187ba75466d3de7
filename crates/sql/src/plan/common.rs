//! The one type that several values are given: in UNION, VALUES, CASE, COALESCE, ARRAY.
//!
//! Source: `select_common_type` in PostgreSQL's `parse_coerce.c`, whose rules these are.

use arrow::datatypes::{DataType, Field, FieldRef};

use crate::types::{OPEN_NUMERIC, OPEN_SCALE, PgType, column_type, is_open_numeric};

/// What PostgreSQL calls a category of types, of those that have more than one type.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Category {
    Number,
    Text,
    Moment,
    Truth,
    Span,
    Array,
}

/// The category of a field's type; none for those that are only like themselves, and those unknown here.
pub(super) fn category(field: &Field) -> Option<Category> {
    let pg_type = column_type(field).pg_type;
    Some(match pg_type {
        PgType::INT2
        | PgType::INT4
        | PgType::INT8
        | PgType::NUMERIC
        | PgType::FLOAT4
        | PgType::FLOAT8
        | PgType::OID
        | PgType::REGCLASS
        | PgType::REGTYPE
        | PgType::REGPROC
        | PgType::REGNAMESPACE
        | PgType::REGROLE => Category::Number,
        PgType::TEXT | PgType::VARCHAR | PgType::BPCHAR | PgType::NAME => Category::Text,
        PgType::DATE | PgType::TIMESTAMP | PgType::TIMESTAMPTZ => Category::Moment,
        PgType::BOOL => Category::Truth,
        PgType::INTERVAL => Category::Span,
        _ if pg_type.element != 0 && matches!(field.data_type(), DataType::List(_)) => Category::Array,
        _ => return None,
    })
}

/// What comes of types that are to be one.
#[derive(Debug, PartialEq)]
pub(super) enum Common {
    /// All can be this.
    Field(FieldRef),
    /// PostgreSQL says that these two do not fit.
    Mismatch(FieldRef, FieldRef),
    /// A type among them is none of those known here: DataFusion's own rules hold.
    Open,
}

/// The type that values of these types are given. Constants whose type is open are not among them.
pub(super) fn common(fields: &[FieldRef]) -> Common {
    let Some((first, rest)) = fields.split_first() else { return Common::Open };
    let mut chosen = bare(first);
    for field in rest {
        if same(&chosen, field) {
            continue;
        }
        let (Some(own), Some(other)) = (category(&chosen), category(field)) else { return Common::Open };
        if own != other {
            return Common::Mismatch(chosen, bare(field));
        }
        chosen = match wider(&chosen, field) {
            Some(wider) => wider,
            None => return Common::Open,
        };
    }
    Common::Field(chosen)
}

fn bare(field: &Field) -> FieldRef {
    Field::new("", field.data_type().clone(), true).with_metadata(field.metadata().clone()).into()
}

fn same(left: &Field, right: &Field) -> bool {
    left.data_type() == right.data_type() && column_type(left) == column_type(right)
}

/// The wider of two types of one category.
fn wider(left: &Field, right: &Field) -> Option<FieldRef> {
    let plain = |data_type: DataType| Some(FieldRef::from(Field::new("", data_type, true)));
    match category(left)? {
        Category::Number => number(left, right),
        Category::Text => match column_type(left).pg_type == column_type(right).pg_type {
            true => Some(column_type(left).pg_type.field("", true).into()),
            false => plain(DataType::Utf8),
        },
        Category::Moment => {
            let pg_type = if moment_rank(left) < moment_rank(right) { right } else { left };
            let pg_type = column_type(pg_type).pg_type;
            Some(pg_type.field("", true).into())
        }
        Category::Truth => plain(DataType::Boolean),
        Category::Span => Some(PgType::INTERVAL.field("", true).into()),
        Category::Array => {
            let (DataType::List(left), DataType::List(right)) = (left.data_type(), right.data_type()) else {
                return None;
            };
            match common(&[left.clone(), right.clone()]) {
                Common::Field(element) => {
                    plain(DataType::List(element.as_ref().clone().with_name("item").into()))
                }
                _ => None,
            }
        }
    }
}

fn moment_rank(field: &Field) -> usize {
    match column_type(field).pg_type {
        PgType::DATE => 0,
        PgType::TIMESTAMP => 1,
        _ => 2,
    }
}

/// Integers before numerics, numerics before floats; references are oids beside any integer.
fn number(left: &Field, right: &Field) -> Option<FieldRef> {
    const RANKS: [PgType; 6] =
        [PgType::INT2, PgType::INT4, PgType::INT8, PgType::NUMERIC, PgType::FLOAT4, PgType::FLOAT8];
    let rank = |field: &Field| {
        let pg_type = column_type(field).pg_type;
        RANKS.iter().position(|known| *known == pg_type)
    };
    match (rank(left), rank(right)) {
        (Some(left_rank), Some(right_rank)) => {
            let wider = RANKS[left_rank.max(right_rank)];
            if wider == PgType::NUMERIC {
                let decimal = decimal(left.data_type(), right.data_type())?;
                return Some(Field::new("", decimal, true).into());
            }
            Some(wider.field("", true).into())
        }
        // Beside an oid every integer is one.
        (None, Some(0..=2)) => Some(bare(left)),
        (Some(0..=2), None) => Some(bare(right)),
        (None, None) => Some(PgType::OID.field("", true).into()),
        _ => None,
    }
}

/// The decimal that holds two numbers, one of them a decimal at least.
fn decimal(left_type: &DataType, right_type: &DataType) -> Option<DataType> {
    let digits = |data_type: &DataType| {
        Some(match data_type {
            DataType::Decimal32(precision, scale)
            | DataType::Decimal64(precision, scale)
            | DataType::Decimal128(precision, scale)
            | DataType::Decimal256(precision, scale) => (i16::from(*precision), i16::from(*scale)),
            DataType::Int8 | DataType::UInt8 => (3, 0),
            DataType::Int16 | DataType::UInt16 => (5, 0),
            DataType::Int32 | DataType::UInt32 => (10, 0),
            DataType::Int64 | DataType::UInt64 => (20, 0),
            _ => return None,
        })
    };
    let ((left, left_scale), (right, right_scale)) = (digits(left_type)?, digits(right_type)?);
    let scale = left_scale.max(right_scale);
    if is_open_numeric(left_type) || is_open_numeric(right_type) {
        // A quotient among others is shown without the zeros that only quotients have.
        let is_one = left_type == right_type;
        return Some(if is_one { left_type.clone() } else { open_beside(scale) });
    }
    let precision = (left - left_scale).max(right - right_scale) + scale;
    let scale = i8::try_from(scale).ok()?;
    match u8::try_from(precision).ok()? {
        precision @ 0..=38 => Some(DataType::Decimal128(precision.max(1), scale)),
        precision @ 39..=76 => Some(DataType::Decimal256(precision, scale)),
        _ => Some(DataType::Decimal256(76, scale)),
    }
}

/// The type of numerics of any scale beside one of so many digits, all of which it keeps.
fn open_beside(scale: i16) -> DataType {
    if scale <= i16::from(OPEN_SCALE) {
        return OPEN_NUMERIC;
    }
    DataType::Decimal256(76, i8::try_from(scale).unwrap_or(i8::MAX))
}

#[cfg(test)]
mod tests {
    use super::{Common, common};
    use crate::types::{PgType, column_type};

    #[track_caller]
    fn check(types: &[PgType], expected: Option<PgType>) {
        let fields: Vec<_> = types.iter().map(|pg_type| pg_type.field("c", true).into()).collect();
        let found = match common(&fields) {
            Common::Field(field) => Some(column_type(&field).pg_type),
            Common::Mismatch(..) | Common::Open => None,
        };
        assert_eq!(found, expected, "{types:?}");
    }

    #[test]
    fn the_wider_of_a_category_is_chosen() {
        check(&[PgType::INT4, PgType::INT8], Some(PgType::INT8));
        check(&[PgType::INT8, PgType::NUMERIC, PgType::INT2], Some(PgType::NUMERIC));
        check(&[PgType::NUMERIC, PgType::FLOAT8], Some(PgType::FLOAT8));
        check(&[PgType::FLOAT4, PgType::NUMERIC], Some(PgType::FLOAT4));
        check(&[PgType::VARCHAR, PgType::TEXT], Some(PgType::TEXT));
        check(&[PgType::NAME, PgType::NAME], Some(PgType::NAME));
        check(&[PgType::DATE, PgType::TIMESTAMPTZ, PgType::TIMESTAMP], Some(PgType::TIMESTAMPTZ));
        check(&[PgType::INT4_ARRAY, PgType::INT8_ARRAY], Some(PgType::INT8_ARRAY));
        check(&[PgType::INT4, PgType::OID], Some(PgType::OID));
    }

    #[test]
    fn categories_do_not_mix() {
        check(&[PgType::INT4, PgType::TEXT], None);
        check(&[PgType::DATE, PgType::BOOL], None);
    }
}
