//! Encodes batches as DataRow messages, text only: stands here until the columnar encoder does.

use arrow::array::{Array, ArrayRef, RecordBatch, StringArray};
use arrow::compute::cast;
use arrow::datatypes::{DataType, FieldRef, Schema, SchemaRef};
use arrow::util::display::{ArrayFormatter, FormatOptions};
use bytes::{BufMut, Bytes, BytesMut};
use lakeport_base::SqlState;
use lakeport_engine::{Error, Weigh};
use lakeport_sql::types::PgType;
use lakeport_sql::value::Style;

use lakeport_sql::types::column_type;
use pgwire::messages::data::{FieldDescription, RowDescription};

/// How one value is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(crate) enum Format {
    #[default]
    Text,
    Binary,
}

impl Format {
    pub(crate) fn of_column(index: usize, codes: &[Format]) -> Format {
        match codes {
            [] => Format::Text,
            [format] => *format,
            _ => codes.get(index).copied().unwrap_or_default(),
        }
    }

    pub(crate) fn code(self) -> i16 {
        match self {
            Format::Text => 0,
            Format::Binary => 1,
        }
    }
}

pub(crate) fn row_description(schema: &Schema, formats: &[Format]) -> RowDescription {
    let describe = |(index, field): (usize, &FieldRef)| {
        let column = column_type(field);
        let (oid, size) = (column.pg_type.oid, column.pg_type.size);
        let code = Format::of_column(index, formats).code();
        FieldDescription::new(field.name().clone(), 0, 0, oid, size, column.typmod, code)
    };
    RowDescription::new(schema.fields().iter().enumerate().map(describe).collect())
}

/// Whole DataRow messages.
#[derive(Debug, Default)]
pub(crate) struct Piece {
    /// The messages.
    pub(crate) bytes: Bytes,
    /// How many.
    pub(crate) rows: usize,
}

impl Weigh for Piece {
    fn bytes(&self) -> usize {
        self.bytes.len()
    }
}

impl Piece {
    pub(crate) fn split(&mut self, rows: usize) -> Piece {
        if rows >= self.rows {
            return std::mem::take(self);
        }
        let mut at = 0;
        for _ in 0..rows {
            let length = self.bytes.get(at + 1..at + 5).and_then(|bytes| bytes.try_into().ok());
            at += 1 + length.map_or(0, u32::from_be_bytes) as usize;
        }
        self.rows -= rows;
        Piece { bytes: self.bytes.split_to(at.min(self.bytes.len())), rows }
    }
}

pub(crate) struct Encoder;

impl Encoder {
    pub(crate) fn new(_: &SchemaRef, _: &[Format], _: Style) -> Result<Self, Error> {
        Ok(Self)
    }

    pub(crate) fn encode(&self, batch: RecordBatch) -> impl Iterator<Item = Result<Piece, Error>> + use<> {
        let options = FormatOptions::default();
        let columns: Vec<_> = batch
            .columns()
            .iter()
            .filter_map(|column| ArrayFormatter::try_new(column, &options).ok())
            .collect();
        let mut bytes = BytesMut::new();
        for row in 0..batch.num_rows() {
            let mut body = BytesMut::new();
            for (formatter, column) in columns.iter().zip(batch.columns()) {
                if column.is_null(row) {
                    body.put_i32(-1);
                } else {
                    let text = formatter.value(row).to_string();
                    body.put_i32(i32::try_from(text.len()).unwrap_or(i32::MAX));
                    body.put_slice(text.as_bytes());
                }
            }
            bytes.put_u8(b'D');
            bytes.put_i32(i32::try_from(body.len()).unwrap_or(i32::MAX) + 6);
            bytes.put_u16(u16::try_from(columns.len()).unwrap_or(u16::MAX));
            bytes.put_slice(&body);
        }
        std::iter::once(Ok(Piece { bytes: bytes.freeze(), rows: batch.num_rows() }))
    }
}

pub(crate) fn parameter(
    pg_type: PgType,
    format: Format,
    value: Option<&[u8]>,
    _: Style,
) -> Result<ArrayRef, Error> {
    if format == Format::Binary {
        return Err(Error::new(SqlState::FEATURE_NOT_SUPPORTED, "no binary yet"));
    }
    let text = value.map(|value| String::from_utf8_lossy(value).into_owned());
    let array = StringArray::from(vec![text]);
    let data_type: DataType = pg_type.arrow();
    cast(&array, &data_type).map_err(|_| Error::new(SqlState::INVALID_TEXT_REPRESENTATION, "invalid input"))
}
