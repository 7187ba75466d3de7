//! Describe: what a statement wants and gives, before it runs.

use arrow::datatypes::{Schema, SchemaRef};
use lakeport_base::SqlState;
use lakeport_engine::{Error, Kind, Prepared};
use pgwire::messages::data::{NoData, ParameterDescription, RowDescription};

use crate::codec::Named;
use crate::conversation::{Conversation, Failure};
use crate::encode::row_description;
use crate::formats::Formats;
use crate::wire::Wire;

impl Conversation {
    /// Describes a statement, its columns as if they were text, or a portal, with its own formats.
    pub(crate) fn describe(&mut self, wire: &mut Wire, named: &Named) -> Result<(), Failure> {
        let (columns, formats) = match named {
            Named::Statement(name) => {
                let statement = self.names.statement(name)?.clone();
                let types = statement.iter().flat_map(|prepared| &prepared.parameters);
                wire.put(&ParameterDescription::new(types.map(|pg_type| pg_type.oid).collect()));
                let columns = statement.as_ref().and_then(|prepared| self.columns(prepared));
                (columns, Formats::default())
            }
            Named::Portal(name) => {
                let portal = self.names.portal(name)?;
                (portal.columns.clone(), portal.formats.clone())
            }
        };
        match columns {
            Some(columns) if i16::try_from(columns.fields().len()).is_err() => {
                let message = format!("an answer has at most {} columns", i16::MAX);
                return Err(Error::new(SqlState::TOO_MANY_COLUMNS, message).into());
            }
            Some(columns) => wire.put(&description(&columns, &formats)),
            None => wire.put(&NoData::new()),
        }
        Ok(())
    }

    /// The columns that a statement gives now: those of FETCH are its cursor's.
    pub(crate) fn columns(&mut self, prepared: &Prepared) -> Option<SchemaRef> {
        match &prepared.statement.kind {
            Kind::Fetch(fetch) if fetch.moves => None,
            Kind::Fetch(fetch) => self.names.cursor(&fetch.cursor).ok()?.columns.clone(),
            Kind::Execute(execute) => self.names.statement(&execute.name).ok()?.as_ref()?.columns.clone(),
            _ => prepared.columns.clone(),
        }
    }
}

/// The description of these columns, written in these formats.
pub(crate) fn description(columns: &Schema, formats: &Formats) -> RowDescription {
    let mut description = row_description(columns, formats.said());
    for field in &mut description.fields {
        // A name from a file may hold a zero byte, which would end it here.
        if field.name.contains('\0') {
            field.name = field.name.replace('\0', "\u{fffd}");
        }
    }
    description
}

#[cfg(test)]
mod tests {
    use arrow::datatypes::{DataType, Field, Schema};

    use super::description;
    use crate::formats::Formats;

    #[test]
    fn columns_are_described_with_type_size_typmod_and_format() {
        let columns = Schema::new(vec![
            Field::new("id", DataType::Int64, false),
            Field::new("id", DataType::Decimal128(10, 2), true),
            Field::new("a\0b", DataType::Utf8View, true),
        ]);
        let description = description(&columns, &Formats::read(&[1, 0, 1]).unwrap());
        let fields: Vec<_> = description
            .fields
            .iter()
            .map(|field| {
                (field.name.as_str(), field.type_id, field.type_size, field.type_modifier, field.format_code)
            })
            .collect();
        let numeric_10_2 = (10 << 16 | 2) + 4;
        let expected =
            [("id", 20, 8, -1, 1), ("id", 1700, -1, numeric_10_2, 0), ("a\u{fffd}b", 25, -1, -1, 1)];
        assert_eq!(fields, expected);
    }
}
