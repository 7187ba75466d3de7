//! Encodes batches as DataRow messages, text only: stands here until the columnar encoder does.

use arrow::array::{Array, ArrayRef, RecordBatch, StringArray};
use arrow::compute::cast;
use arrow::datatypes::{DataType, SchemaRef};
use arrow::util::display::{ArrayFormatter, FormatOptions};
use bytes::{BufMut, Bytes, BytesMut};
use lakeport_base::SqlState;
use lakeport_engine::{Error, Weigh};
use lakeport_sql::types::PgType;
use lakeport_sql::value::Style;

use crate::formats::{Format, Formats};

/// Whole DataRow messages.
#[derive(Debug)]
pub(crate) struct Chunk {
    /// The messages.
    pub(crate) bytes: Bytes,
    /// How many.
    pub(crate) rows: usize,
}

impl Weigh for Chunk {
    fn bytes(&self) -> usize {
        self.bytes.len()
    }
}

pub(crate) struct Encoder;

impl Encoder {
    pub(crate) fn new(_: &SchemaRef, _: &Formats, _: Style) -> Self {
        Self
    }

    pub(crate) fn encode(&self, batch: RecordBatch) -> impl Iterator<Item = Result<Chunk, Error>> + use<> {
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
        std::iter::once(Ok(Chunk { bytes: bytes.freeze(), rows: batch.num_rows() }))
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
