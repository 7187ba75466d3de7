//! Values as JSON: what maps and unions are sent as, and what `to_json` gives.

use super::column::{Column, Values};
use super::datetime::{
    Dates, date_in_range, date_of_millis, timestamp_micros, write_date, write_json_timestamp,
};
use super::error::Error;
use super::style::{DateOrder, DateStyle};
use super::text::write_json_string;

impl Column {
    /// Writes the value of a row as JSON, as PostgreSQL's `to_json` does; `null` where it is null.
    ///
    /// Numbers are JSON numbers, except those that JSON has not (`NaN`); dates and timestamps are ISO 8601
    /// whatever the style; what has no form in JSON is a string of its text.
    ///
    /// # Errors
    ///
    /// [`Error::DateRange`] for a date or timestamp that PostgreSQL does not reach.
    pub fn write_json(&self, row: usize, out: &mut Vec<u8>) -> Result<(), Error> {
        if self.is_null(row) {
            out.extend_from_slice(b"null");
            return Ok(());
        }
        if self.is_json {
            return self.write(row, out);
        }
        match &self.values {
            Values::Null => out.extend_from_slice(b"null"),
            Values::Bool(values) => {
                out.extend_from_slice(if values.value(row) { b"true".as_slice() } else { b"false" });
            }
            Values::Float32(values) if !values[row].is_finite() => self.write_json_text(row, out)?,
            Values::Float64(values) if !values[row].is_finite() => self.write_json_text(row, out)?,
            Values::Int8(_)
            | Values::Int16(_)
            | Values::Int32(_)
            | Values::Int64(_)
            | Values::UInt8(_)
            | Values::UInt16(_)
            | Values::UInt32(_)
            | Values::UInt64(_)
            | Values::Float32(_)
            | Values::Float64(_)
            | Values::Decimal32(..)
            | Values::Decimal64(..)
            | Values::Decimal128(..)
            | Values::Decimal256(..)
            | Values::Open(..) => self.write(row, out)?,
            Values::Utf8(values) => write_json_string(values.value(row).as_bytes(), out),
            Values::LargeUtf8(values) => write_json_string(values.value(row).as_bytes(), out),
            Values::Utf8View(values) => write_json_string(values.value(row).as_bytes(), out),
            Values::Keyed(keys, values) => values.write_json(keys[row] as usize, out)?,
            Values::Date32(_) | Values::Date64(_) | Values::Timestamp(..) | Values::Timestamptz(..) => {
                self.write_json_date(row, out)?;
            }
            Values::List(list) | Values::JsonList(list) => {
                out.push(b'[');
                for (index, element) in list.rows(row).enumerate() {
                    if index > 0 {
                        out.push(b',');
                    }
                    list.elements.write_json(element, out)?;
                }
                out.push(b']');
            }
            Values::Record(_) | Values::JsonRecord(_) | Values::Map(_) => self.write_json_object(row, out)?,
            Values::Union(members) => match members.value(row) {
                Some((column, row)) => column.write_json(row, out)?,
                None => out.extend_from_slice(b"null"),
            },
            _ => self.write_json_text(row, out)?,
        }
        Ok(())
    }

    fn write_json_object(&self, row: usize, out: &mut Vec<u8>) -> Result<(), Error> {
        out.push(b'{');
        match &self.values {
            Values::Record(record) | Values::JsonRecord(record) => {
                for (index, (name, column)) in record.members().enumerate() {
                    if index > 0 {
                        out.push(b',');
                    }
                    write_json_string(name.as_bytes(), out);
                    out.push(b':');
                    column.write_json(row, out)?;
                }
            }
            Values::Map(entries) => {
                for (index, entry) in entries.rows(row).enumerate() {
                    if index > 0 {
                        out.push(b',');
                    }
                    entries.keys.write_json_key(entry, out)?;
                    out.push(b':');
                    entries.values.write_json(entry, out)?;
                }
            }
            _ => {}
        }
        out.push(b'}');
        Ok(())
    }

    /// A key is a string whatever its type.
    fn write_json_key(&self, row: usize, out: &mut Vec<u8>) -> Result<(), Error> {
        let start = out.len();
        self.write_json(row, out)?;
        if out.get(start) != Some(&b'"') {
            let json = out.split_off(start);
            write_json_string(&json, out);
        }
        Ok(())
    }

    fn write_json_date(&self, row: usize, out: &mut Vec<u8>) -> Result<(), Error> {
        let dates = Dates { style: DateStyle::Iso, order: DateOrder::Ymd };
        out.push(b'"');
        match &self.values {
            Values::Date32(values) => write_date(date_in_range(values[row])?, dates, out),
            Values::Date64(values) => write_date(date_of_millis(values[row])?, dates, out),
            Values::Timestamp(values, unit) => {
                write_json_timestamp(timestamp_micros(values[row], *unit)?, None, out)
            }
            Values::Timestamptz(values, unit, zone, last) => {
                let micros = timestamp_micros(values[row], *unit)?;
                write_json_timestamp(micros, Some(zone.at(micros.div_euclid(1_000_000), last)), out);
            }
            _ => {}
        }
        out.push(b'"');
        Ok(())
    }

    fn write_json_text(&self, row: usize, out: &mut Vec<u8>) -> Result<(), Error> {
        let start = out.len();
        self.write(row, out)?;
        let text = out.split_off(start);
        write_json_string(&text, out);
        Ok(())
    }
}
