//! Batches of Arrow to whole DataRow messages.
//!
//! Each column's writer is chosen once per batch. Some rows at once are written column by column (`strip`), and copied one
//! after the other into a buffer of one size (`pieces`), which is as much as fits a processor's second cache.

use std::ops::Range;
use std::sync::Arc;

use arrow::datatypes::{FieldRef, SchemaRef};
use arrow::record_batch::RecordBatch;
use lakeport_base::Buffers;
use lakeport_engine::Error;
use lakeport_sql::value::{self, Column, NULL, Style};

use super::binary::Binary;
use super::describe::Format;
use super::out::Out;
use super::pieces::{Pieces, ROW_SIZE_MAX, WriteRow, buffers, message};
use super::strip::{Lines, SizedTexts, Strip, WriteLines};

/// Turns the batches of one answer into messages. Cheap to clone.
#[derive(Debug, Clone)]
pub struct Encoder {
    columns: Arc<[(FieldRef, Format)]>,
    style: Style,
    message: u8,
    buffers: Buffers,
}

impl Encoder {
    /// An encoder of DataRow messages.
    ///
    /// `formats` as a Bind message gives them, see [`Format::of_column`].
    ///
    /// # Errors
    ///
    /// 54011 with more columns than a message can count.
    pub fn new(schema: &SchemaRef, formats: &[Format], style: Style) -> Result<Self, Error> {
        Self::of_messages(b'D', schema, formats, style)
    }

    /// An encoder of CopyData messages as `COPY … (FORMAT binary)` has them: one tuple each, which
    /// has the same bytes as a DataRow in binary.
    ///
    /// # Errors
    ///
    /// As [`Encoder::new`].
    pub fn copying_binary(schema: &SchemaRef, style: Style) -> Result<Self, Error> {
        Self::of_messages(b'd', schema, &[Format::Binary], style)
    }

    fn of_messages(message: u8, schema: &SchemaRef, formats: &[Format], style: Style) -> Result<Self, Error> {
        if i16::try_from(schema.fields().len()).is_err() {
            return Err(Error::new(
                lakeport_base::SqlState::TOO_MANY_COLUMNS,
                format!("an answer has at most {} columns", i16::MAX),
            ));
        }
        let columns = schema.fields().iter().enumerate();
        let columns =
            columns.map(|(index, field)| (field.clone(), Format::of_column(index, formats))).collect();
        Ok(Self { columns, style, message, buffers: buffers() })
    }

    /// The rows of a batch, in pieces of whole messages. Work is done as the pieces are asked for.
    ///
    /// # Errors
    ///
    /// A piece is an error where a value cannot be sent (see [`Column::write`]), or a row is longer than
    /// a gigabyte (54000). The rows before it have been given by then; nothing follows it.
    pub fn encode(&self, batch: RecordBatch) -> Pieces<Tuples> {
        let strip = Strip::new(batch.num_rows());
        let tuples = self.row(&batch).map(|row| Tuples { row, kind: self.message, strip });
        Pieces::new(tuples, batch.num_rows(), self.buffers.clone())
    }

    fn row(&self, batch: &RecordBatch) -> Result<Row, value::Error> {
        let mut cells = Vec::with_capacity(batch.num_columns());
        for ((field, format), array) in self.columns.iter().zip(batch.columns()) {
            let is_null = array.logical_null_count() == array.len();
            match cells.last_mut() {
                Some(Cells::Null(nulls)) if is_null => nulls.extend(NULL),
                _ if is_null => cells.push(Cells::Null(NULL.to_vec())),
                _ => cells.push(Cells::new(array.as_ref(), field, *format, &self.style)?),
            }
        }
        Ok(Row { columns: batch.num_columns() as i16, cells })
    }
}

/// The rows of one batch as DataRow messages, or as others that have the same bytes.
#[derive(Debug)]
pub struct Tuples {
    row: Row,
    kind: u8,
    strip: Strip,
}

impl WriteRow for Tuples {
    #[inline(always)]
    fn write_row(&mut self, row: usize, out: &mut Out) -> Result<(), value::Error> {
        message(self.kind, out, |out| {
            out.put(self.row.columns.to_be_bytes());
            self.strip.write_row(row, &self.row, out)
        })
    }
}

/// What each row has.
#[derive(Debug)]
struct Row {
    columns: i16,
    cells: Vec<Cells>,
}

impl WriteLines for Row {
    fn write_lines<L: Lines + ?Sized>(&self, rows: Range<usize>, lines: &mut L) -> Result<(), value::Error> {
        let start = lines.line(0).len();
        for cells in &self.cells {
            cells.append(rows.clone(), lines)?;
            if lines.line(0).len().saturating_sub(start) > ROW_SIZE_MAX {
                return Err(value::Error::TooLong { limit: ROW_SIZE_MAX });
            }
        }
        Ok(())
    }
}

/// One column of a batch in its format.
#[derive(Debug)]
enum Cells {
    /// Columns side by side without any value: their lengths.
    Null(Vec<u8>),
    Text(Column),
    Binary(Binary),
}

impl Cells {
    fn new(
        array: &dyn arrow::array::Array,
        field: &FieldRef,
        format: Format,
        style: &Style,
    ) -> Result<Self, value::Error> {
        Ok(match format {
            Format::Text => Self::Text(Column::new(array, field, style)?),
            Format::Binary => Self::Binary(Binary::new(array, field, style)?),
        })
    }

    /// Writes for each of these rows the length of its value, -1 where it is null, and the value.
    fn append<L: Lines + ?Sized>(&self, rows: Range<usize>, lines: &mut L) -> Result<(), value::Error> {
        match self {
            Self::Null(nulls) => rows.enumerate().for_each(|(index, _)| lines.line(index).put_slice(nulls)),
            Self::Text(column) => SizedTexts::append(column, rows, lines)?,
            Self::Binary(binary) => binary.append(rows, lines)?,
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use arrow::array::{
        Array, ArrayRef, BooleanArray, Date32Array, Decimal128Array, DictionaryArray, Float64Array,
        Int8Array, Int32Array, RunArray, StringArray, StringViewArray, TimestampNanosecondArray,
    };
    use arrow::datatypes::{Field, Int16Type, Schema};
    use arrow::record_batch::{RecordBatch, RecordBatchOptions};
    use lakeport_sql::value::{Column, Style};

    use super::Encoder;
    use crate::encode::pieces::{PIECE_SIZE, PIECE_SLACK};
    use crate::encode::{Format, Piece};

    fn batch_of(columns: Vec<ArrayRef>) -> RecordBatch {
        let field = |(index, array): (usize, &ArrayRef)| {
            Field::new(format!("c{index}"), array.data_type().clone(), true)
        };
        let fields: Vec<Field> = columns.iter().enumerate().map(field).collect();
        let options =
            RecordBatchOptions::new().with_row_count(Some(columns.first().map_or(3, |array| array.len())));
        RecordBatch::try_new_with_options(Arc::new(Schema::new(fields)), columns, &options).unwrap()
    }

    fn pieces(batch: &RecordBatch, formats: &[Format]) -> Vec<Result<Piece, lakeport_engine::Error>> {
        let encoder = Encoder::new(&batch.schema(), formats, Style::default()).unwrap();
        encoder.encode(batch.clone()).collect()
    }

    /// The messages that the specification asks for, one value after the other.
    fn slow(batch: &RecordBatch) -> Vec<u8> {
        let mut out = Vec::new();
        for row in 0..batch.num_rows() {
            let mut body = (batch.num_columns() as i16).to_be_bytes().to_vec();
            for (array, field) in batch.columns().iter().zip(batch.schema().fields()) {
                let column = Column::new(array.slice(row, 1).as_ref(), field, &Style::default()).unwrap();
                let mut text = Vec::new();
                if column.is_null(0) {
                    body.extend_from_slice(&(-1i32).to_be_bytes());
                    continue;
                }
                column.write(0, &mut text).unwrap();
                body.extend_from_slice(&(text.len() as i32).to_be_bytes());
                body.extend_from_slice(&text);
            }
            out.push(b'D');
            out.extend_from_slice(&(body.len() as i32 + 4).to_be_bytes());
            out.extend_from_slice(&body);
        }
        out
    }

    fn joined(pieces: Vec<Result<Piece, lakeport_engine::Error>>) -> Vec<u8> {
        pieces.into_iter().flat_map(|piece| piece.unwrap().bytes.to_vec()).collect()
    }

    fn mixed(rows: i32) -> RecordBatch {
        let some = |row: i32| row % 7 != 3;
        let text = |row: i32| some(row).then(|| format!("text {}", row % 50));
        let texts: Vec<Option<String>> = (0..rows).map(text).collect();
        let dictionary: DictionaryArray<Int16Type> = texts.iter().map(Option::as_deref).collect();
        let runs = RunArray::<Int16Type>::from_iter((0..rows).map(|row| (row / 5 % 3 != 0).then_some("run")));
        batch_of(vec![
            Arc::new((0..rows).map(|row| some(row).then_some(row % 2 == 0)).collect::<BooleanArray>()),
            Arc::new((0..rows).map(|row| some(row).then_some(row as i8)).collect::<Int8Array>()),
            Arc::new((0..rows).map(|row| some(row).then_some(row * 12_345)).collect::<Int32Array>()),
            Arc::new((0..rows).map(|row| Some(f64::from(row) / 8.0)).collect::<Float64Array>()),
            Arc::new((0..rows).map(|row| Some(i128::from(row) * 1_000_001)).collect::<Decimal128Array>()),
            Arc::new((0..rows).map(|row| some(row).then_some(row * 37)).collect::<Date32Array>()),
            Arc::new(
                (0..rows)
                    .map(|row| Some(i64::from(row) * 987_654_321_987))
                    .collect::<TimestampNanosecondArray>(),
            ),
            Arc::new(texts.iter().map(Option::as_deref).collect::<StringArray>()),
            Arc::new(texts.iter().map(Option::as_deref).collect::<StringViewArray>()),
            Arc::new(dictionary),
            Arc::new(runs),
        ])
    }

    #[test]
    fn messages_are_what_a_slow_and_obvious_encoder_writes() {
        for (offset, length) in [(0, 5_000), (11, 977), (4_999, 1), (0, 0)] {
            let batch = mixed(5_000).slice(offset, length);
            assert!(joined(pieces(&batch, &[])) == slow(&batch), "{length} rows from {offset}");
        }
    }

    #[test]
    fn binary_values_of_slices_are_those_of_the_whole() {
        let whole = mixed(500);
        let bytes = joined(pieces(&whole, &[Format::Binary]));
        let parts: Vec<u8> = [(0, 123), (123, 300), (423, 77)]
            .into_iter()
            .flat_map(|(offset, length)| joined(pieces(&whole.slice(offset, length), &[Format::Binary])))
            .collect();
        assert!(bytes == parts);
    }

    #[test]
    fn rows_written_at_once_are_those_written_one_by_one() {
        let whole = mixed(300);
        for format in [Format::Text, Format::Binary] {
            let one_by_one: Vec<u8> =
                (0..300).flat_map(|row| joined(pieces(&whole.slice(row, 1), &[format]))).collect();
            assert!(joined(pieces(&whole, &[format])) == one_by_one, "{format:?}");
        }
    }

    #[test]
    fn rows_too_long_to_be_written_at_once_are_written_one_by_one() {
        // At the end of a column of the first rows, in the middle of one, and in a later strip.
        for long in [0, 31, 40, 99] {
            let text = |row: usize| "é".repeat(if row == long { 40_000 } else { row });
            let texts: Vec<String> = (0..100).map(text).collect();
            let numbers = Int32Array::from_iter_values(0..100);
            let batch = batch_of(vec![
                Arc::new(numbers.clone()),
                Arc::new(StringArray::from_iter_values(&texts)),
                Arc::new(StringViewArray::from_iter_values(&texts)),
                Arc::new(numbers),
            ]);
            assert!(joined(pieces(&batch, &[])) == slow(&batch), "{long}");
        }
    }

    #[test]
    fn pieces_hold_whole_rows_and_are_of_one_size() {
        let batch = mixed(20_000);
        let pieces: Vec<Piece> = pieces(&batch, &[]).into_iter().map(Result::unwrap).collect();
        assert!(pieces.len() > 3);
        assert_eq!(pieces.iter().map(|piece| piece.rows).sum::<usize>(), 20_000);
        for (index, piece) in pieces.iter().enumerate() {
            assert!(piece.bytes.len() < PIECE_SIZE + PIECE_SLACK);
            assert!(index + 1 == pieces.len() || piece.bytes.len() >= PIECE_SIZE);
            let mut rest = piece.clone();
            let first = rest.split(1);
            assert_eq!((first.rows, rest.rows), (1, piece.rows - 1));
            assert_eq!(first.bytes[0], b'D');
            assert_eq!(rest.bytes[0], b'D');
        }
    }

    #[test]
    fn rows_before_one_that_cannot_be_sent_are_given() {
        let batch = batch_of(vec![Arc::new(StringArray::from(vec!["a", "b", "zero \0 byte", "c"]))]);
        for format in [Format::Text, Format::Binary] {
            let mut pieces = pieces(&batch, &[format]);
            assert_eq!(pieces.len(), 2);
            assert_eq!(pieces.pop().unwrap().unwrap_err().sqlstate.code(), "22021");
            assert_eq!(pieces.pop().unwrap().unwrap().rows, 2);
        }
    }

    #[test]
    fn rows_without_columns_are_messages_too() {
        let pieces = pieces(&batch_of(Vec::new()), &[]);
        assert_eq!(joined(pieces), b"D\0\0\0\x06\0\0".repeat(3));
    }

    #[test]
    fn a_row_larger_than_a_piece_is_not_split() {
        let large = "x".repeat(2 * PIECE_SIZE);
        let batch = batch_of(vec![Arc::new(StringArray::from(vec!["a", large.as_str(), "b"]))]);
        let rows: Vec<usize> = pieces(&batch, &[]).into_iter().map(|piece| piece.unwrap().rows).collect();
        assert_eq!(rows, [2, 1]);
    }
}
