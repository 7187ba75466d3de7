//! Bind: makes a portal of a prepared statement and its parameters.

use arrow::array::ArrayRef;
use lakeport_engine::{Error, Prepared};
use pgwire::messages::extendedquery::BindComplete;

use crate::body::violation;
use crate::codec::Bind;
use crate::conversation::{Conversation, Failure};
use crate::encode;
use crate::formats::Formats;
use crate::names::{Life, Portal, Progress};
use crate::wire::Wire;
use crate::work::contained;

impl Conversation {
    /// Reads the parameters, and keeps the portal under its name.
    pub(crate) fn bind(&mut self, wire: &mut Wire, bind: Bind) -> Result<(), Failure> {
        let statement = self.names.statement(&bind.statement)?.clone();
        let parameter_formats = Formats::read(&bind.parameter_formats)?;
        let formats = Formats::read(&bind.result_formats)?;
        parameter_formats.check_parameters(bind.parameters.len())?;
        let wanted = statement.as_ref().map_or(0, |prepared| prepared.parameters.len());
        if bind.parameters.len() != wanted {
            return Err(violation(format!(
                "bind message supplies {} parameters, but prepared statement \"{}\" requires {wanted}",
                bind.parameters.len(),
                bind.statement
            ))
            .into());
        }
        let (mut parameters, mut columns) = (Vec::new(), None);
        if let Some(prepared) = &statement {
            self.session.check_transaction(&prepared.statement.kind)?;
            columns = self.columns(prepared);
            if let Some(columns) = &columns {
                formats.check_columns(columns.fields().len())?;
            }
            parameters = contained(|| self.parameters(prepared, &bind, &parameter_formats))?;
        }
        let portal = Portal {
            statement,
            formats,
            columns,
            binary: false,
            life: Life::Transaction { savepoints: self.session.savepoints(), hold: false },
            progress: Progress::Bound(parameters),
        };
        self.names.add_portal(bind.portal, portal)?;
        wire.put(&BindComplete::new());
        Ok(())
    }

    /// The parameters as arrays of one value.
    fn parameters(
        &self,
        prepared: &Prepared,
        bind: &Bind,
        formats: &Formats,
    ) -> Result<Vec<ArrayRef>, Error> {
        let style = self.session.style();
        let types = prepared.parameters.iter();
        let values = types.zip(&bind.parameters).enumerate();
        values
            .map(|(index, (pg_type, value))| {
                encode::decode(value.as_deref(), formats.at(index), *pg_type, &style)
            })
            .collect()
    }
}
