//! What a result looks like: RowDescription.

use arrow::datatypes::Schema;
use lakeport_sql::types::{Origin, column_type};
use pgwire::messages::data::{FieldDescription, RowDescription};

/// How a column is sent.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Format {
    /// As text.
    #[default]
    Text,
    /// In the type's own bytes.
    Binary,
}

impl Format {
    /// The format of a column, from 0, by the codes of a Bind message: none means text
    /// for all, one is for all, otherwise each column has its own.
    pub fn of_column(index: usize, codes: &[Format]) -> Format {
        match codes {
            [] => Format::Text,
            [format] => *format,
            _ => codes.get(index).copied().unwrap_or_default(),
        }
    }

    /// The number that stands for it in messages.
    pub fn code(self) -> i16 {
        match self {
            Format::Text => 0,
            Format::Binary => 1,
        }
    }
}

/// Describes the columns of an answer, in the formats asked for as in [`Format::of_column`].
pub fn row_description(schema: &Schema, formats: &[Format]) -> RowDescription {
    let describe = |(index, field): (usize, &arrow::datatypes::FieldRef)| {
        let (column, origin) = (column_type(field), Origin::of(field));
        FieldDescription::new(
            field.name().clone(),
            // An oid is unsigned, and the message's field is not: the bits are what counts.
            origin.relation.cast_signed(),
            origin.number,
            column.pg_type.oid,
            column.pg_type.size,
            column.typmod,
            Format::of_column(index, formats).code(),
        )
    };
    RowDescription::new(schema.fields().iter().enumerate().map(describe).collect())
}

#[cfg(test)]
mod tests {
    use arrow::datatypes::{DataType, Field, Schema};

    use super::{Format, row_description};

    #[test]
    fn a_numeric_column_is_described_with_precision_and_scale() {
        let schema = Schema::new(vec![
            Field::new("id", DataType::Int32, true),
            Field::new("price", DataType::Decimal128(15, 2), true),
        ]);
        let fields = row_description(&schema, &[Format::Binary]).fields;
        let of = |index: usize| {
            let field = &fields[index];
            (field.name.as_str(), field.type_id, field.type_size, field.type_modifier, field.format_code)
        };
        assert_eq!(of(0), ("id", 23, 4, -1, 1));
        assert_eq!(of(1), ("price", 1700, -1, (15 << 16 | 2) + 4, 1));
    }

    #[test]
    fn no_format_means_text_and_one_is_for_all() {
        assert_eq!(Format::of_column(3, &[]), Format::Text);
        assert_eq!(Format::of_column(3, &[Format::Binary]), Format::Binary);
        assert_eq!(Format::of_column(1, &[Format::Binary, Format::Text]), Format::Text);
    }
}
