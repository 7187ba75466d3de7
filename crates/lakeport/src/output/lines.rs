//! Values between commas, and JSON: a line a row.

use std::io::Write;

use anyhow::Result;
use arrow::datatypes::SchemaRef;
use arrow::record_batch::RecordBatch;
use lakeport_sql::value::Style;

use super::{Out, Writer, columns, put};

/// Comma-separated values as PostgreSQL's COPY writes them: NULL is nothing, empty text is `""`.
pub(super) struct Csv {
    out: Out,
    style: Style,
}

impl Csv {
    pub(super) fn new(mut out: Out, schema: &SchemaRef, style: Style) -> Result<Csv> {
        let mut line = Vec::new();
        for (index, field) in schema.fields().iter().enumerate() {
            separate(index, &mut line);
            quote(field.name().as_bytes(), &mut line);
        }
        line.push(b'\n');
        put(&mut out, &line)?;
        Ok(Csv { out, style })
    }
}

impl Writer for Csv {
    fn batch(&mut self, batch: &RecordBatch) -> Result<()> {
        let columns = columns(batch, &self.style)?;
        let (mut line, mut text) = (Vec::new(), Vec::new());
        for row in 0..batch.num_rows() {
            line.clear();
            for (index, column) in columns.iter().enumerate() {
                separate(index, &mut line);
                if !column.is_null(row) {
                    text.clear();
                    column.write(row, &mut text)?;
                    quote(&text, &mut line);
                }
            }
            line.push(b'\n');
            put(&mut self.out, &line)?;
        }
        Ok(())
    }

    fn end(&mut self) -> Result<()> {
        Ok(self.out.flush()?)
    }
}

fn separate(index: usize, line: &mut Vec<u8>) {
    if index > 0 {
        line.push(b',');
    }
}

/// Source: the CSV format of COPY, <https://www.postgresql.org/docs/15/sql-copy.html>.
fn quote(text: &[u8], line: &mut Vec<u8>) {
    let bare = !text.is_empty() && !text.iter().any(|byte| matches!(byte, b',' | b'"' | b'\n' | b'\r'));
    if bare {
        line.extend_from_slice(text);
        return;
    }
    line.push(b'"');
    for byte in text {
        if *byte == b'"' {
            line.push(b'"');
        }
        line.push(*byte);
    }
    line.push(b'"');
}

/// One JSON object a line.
pub(super) struct Json {
    out: Out,
    style: Style,
    keys: Vec<Vec<u8>>,
}

impl Json {
    pub(super) fn new(out: Out, schema: &SchemaRef, style: Style) -> Json {
        let keys = schema
            .fields()
            .iter()
            .map(|field| format!("{}:", serde_json::Value::from(field.name().as_str())));
        Json { out, style, keys: keys.map(String::into_bytes).collect() }
    }
}

impl Writer for Json {
    fn batch(&mut self, batch: &RecordBatch) -> Result<()> {
        let columns = columns(batch, &self.style)?;
        let mut line = Vec::new();
        for row in 0..batch.num_rows() {
            line.clear();
            line.push(b'{');
            for (index, (key, column)) in self.keys.iter().zip(&columns).enumerate() {
                separate(index, &mut line);
                line.extend_from_slice(key);
                match column.is_null(row) {
                    true => line.extend_from_slice(b"null"),
                    false => column.write_json(row, &mut line)?,
                }
            }
            line.extend_from_slice(b"}\n");
            put(&mut self.out, &line)?;
        }
        Ok(())
    }

    fn end(&mut self) -> Result<()> {
        Ok(self.out.flush()?)
    }
}

#[cfg(test)]
mod tests {
    use super::quote;

    #[test]
    fn values_are_quoted_where_they_must_be() {
        for (text, expected) in [
            ("plain", "plain"),
            ("", "\"\""),
            ("a,b", "\"a,b\""),
            ("say \"hi\"", "\"say \"\"hi\"\"\""),
            ("x\ny", "\"x\ny\""),
        ] {
            let mut line = Vec::new();
            quote(text.as_bytes(), &mut line);
            assert_eq!(String::from_utf8(line).unwrap(), expected);
        }
    }
}
