//! Arrays and records in binary.
//!
//! Source: `array_send` in PostgreSQL's `arrayfuncs.c`, `record_send` in its `rowtypes.c`.

use arrow::array::{Array, StructArray};
use lakeport_sql::types::{PgType, column_type};
use lakeport_sql::value::{Dimensions, Error, Lists, Style};

use super::binary::Binary;
use super::out::Out;

/// A column of lists, as arrays.
#[derive(Debug)]
pub(super) struct Arrays {
    /// The lists, those within them, and so on.
    levels: Vec<Level>,
    elements: Binary,
    element_oid: u32,
    /// Where subscripts begin: 1, and 0 for int2vector and oidvector.
    lower_bound: i32,
}

/// The lists of one dimension.
#[derive(Debug)]
struct Level {
    /// The first element of each and their number.
    spans: Vec<(usize, usize)>,
    nulls: Option<arrow::buffer::NullBuffer>,
}

impl Arrays {
    pub(super) fn new(
        array: &dyn Array,
        pg_type: PgType,
        style: &Style,
        depth: usize,
    ) -> Result<Self, Error> {
        let mismatch = || Error::Mismatch { arrow: array.data_type().to_string(), type_name: pg_type.name };
        let mut lists = Lists::of(array).ok_or_else(mismatch)?;
        let mut levels = vec![Level { spans: lists.spans, nulls: None }];
        while levels.len() <= depth + lakeport_sql::value::DIMENSIONS_MAX {
            let Some(inner) = Lists::of(lists.elements.as_ref()).filter(|_| is_dimension(&lists.field))
            else {
                break;
            };
            levels.push(Level { spans: inner.spans, nulls: lists.elements.logical_nulls() });
            lists.elements = inner.elements;
            lists.field = inner.field;
        }
        let element = column_type(&lists.field).pg_type;
        if element.oid != pg_type.element && element.array_of() != pg_type {
            return Err(mismatch());
        }
        let is_vector = pg_type == PgType::INT2VECTOR || pg_type == PgType::OIDVECTOR;
        Ok(Self {
            levels,
            elements: Binary::at_depth(lists.elements.as_ref(), &lists.field, style, depth + 1)?,
            element_oid: pg_type.element,
            lower_bound: i32::from(!is_vector),
        })
    }

    /// Writes the length of a row's array and the array.
    pub(super) fn append(&self, row: usize, out: &mut Out) -> Result<(), Error> {
        let ([level], 1) = (self.levels.as_slice(), self.lower_bound) else {
            return out.sized(|out| self.write(row, out));
        };
        // One dimension: nothing is to be found out.
        let (first, length) = level.spans[row];
        let elements = first..first + length;
        let [a, b, c, d] = self.element_oid.to_be_bytes();
        if length == 0 {
            out.put([0, 0, 0, 12, 0, 0, 0, 0, 0, 0, 0, 0, a, b, c, d]);
            return Ok(());
        }
        let has_null =
            self.elements.has_nulls() && elements.clone().any(|element| self.elements.is_null(element));
        let [e, f, g, h] = (length as u32).to_be_bytes();
        out.sized(|out| {
            out.put([0, 0, 0, 1, 0, 0, 0, u8::from(has_null), a, b, c, d, e, f, g, h, 0, 0, 0, 1]);
            self.elements.append(elements, out)
        })
    }

    fn write(&self, row: usize, out: &mut Out) -> Result<(), Error> {
        let mut dimensions = Dimensions::default();
        let mut has_null = false;
        self.measure(0, row, &mut dimensions, &mut has_null)?;
        let start = out.len();
        out.put([0; 4]);
        out.put(u32::from(has_null && !dimensions.is_empty()).to_be_bytes());
        out.put(self.element_oid.to_be_bytes());
        let mut count = 0u32;
        if dimensions.is_empty() && self.lower_bound == 0 {
            // A vector has its one dimension even where it has no element.
            count = 1;
            out.put([0; 8]);
        }
        for length in dimensions.lengths() {
            count += 1;
            out.put((length as u32).to_be_bytes());
            out.put(self.lower_bound.to_be_bytes());
        }
        out.patch(start, count.to_be_bytes());
        if count > 0 {
            self.write_level(0, row, out)?;
        }
        Ok(())
    }

    fn measure(
        &self,
        level: usize,
        row: usize,
        dimensions: &mut Dimensions,
        has_null: &mut bool,
    ) -> Result<(), Error> {
        let (start, length) = self.levels[level].spans[row];
        dimensions.note(level, length)?;
        let Some(next) = self.levels.get(level + 1) else {
            *has_null |=
                self.elements.has_nulls() && (start..start + length).any(|row| self.elements.is_null(row));
            return Ok(());
        };
        for row in start..start + length {
            if next.nulls.as_ref().is_some_and(|nulls| nulls.is_null(row)) {
                dimensions.note(level + 1, 0)?;
            } else {
                self.measure(level + 1, row, dimensions, has_null)?;
            }
        }
        Ok(())
    }

    fn write_level(&self, level: usize, row: usize, out: &mut Out) -> Result<(), Error> {
        let (start, length) = self.levels[level].spans[row];
        if level + 1 == self.levels.len() {
            return self.elements.append(start..start + length, out);
        }
        (start..start + length).try_for_each(|row| self.write_level(level + 1, row, out))
    }
}

/// Whether a field's values are arrays, and so a dimension of the array they are in.
fn is_dimension(field: &arrow::datatypes::Field) -> bool {
    let pg_type = column_type(field).pg_type;
    pg_type.element != 0 && pg_type != PgType::NAME
}

/// A column of records.
#[derive(Debug)]
pub(super) struct Records {
    members: Vec<(u32, Binary)>,
}

impl Records {
    pub(super) fn new(array: &StructArray, style: &Style, depth: usize) -> Result<Self, Error> {
        let mut members = Vec::with_capacity(array.num_columns());
        for (column, field) in array.columns().iter().zip(array.fields()) {
            let binary = Binary::at_depth(column.as_ref(), field, style, depth + 1)?;
            members.push((column_type(field).pg_type.oid, binary));
        }
        Ok(Self { members })
    }

    pub(super) fn write(&self, row: usize, out: &mut Out) -> Result<(), Error> {
        out.put((self.members.len() as u32).to_be_bytes());
        for (oid, member) in &self.members {
            out.put(oid.to_be_bytes());
            member.append(row..row + 1, out)?;
        }
        Ok(())
    }
}
