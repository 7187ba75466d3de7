//! COPY … TO STDOUT: a query whose rows the door writes in COPY's own way.

use lakeport_base::SqlState;
use lakeport_sql::copy::{CopySource, CopyTo, missing_column};

use super::{Prepared, Session};
use crate::error::from_sql;
use crate::plan::Resolved;
use crate::{Answer, Error, Result, Rows};

impl Session {
    /// Plans what is copied: COPY is planned when it runs, never when it is described.
    pub(super) async fn copy(&self, copy: &CopyTo, prepared: &Prepared) -> Result<Answer> {
        let rows = match &copy.source {
            CopySource::Query => self.query(&copy.query, prepared, Vec::new()).await?,
            CopySource::Table { name, columns } => {
                let planner = self.planner();
                let parts = name.clone();
                let resolved = self.compute(async move { planner.resolve(&parts).await }).await?;
                if let Resolved::View(view) = resolved {
                    let message = format!("cannot copy from view \"{}\"", view.name.name);
                    return Err(Error::new(SqlState::WRONG_OBJECT_TYPE, message)
                        .with_hint("Try the COPY (SELECT ...) TO variant."));
                }
                let rows = self.query(&copy.query, prepared, Vec::new()).await;
                rows.map_err(|error| of_table(error, name, columns))?
            }
        };
        let names: Vec<String> = rows.schema.fields().iter().map(|field| field.name().clone()).collect();
        let quoted = copy.quoted(names.iter().map(String::as_str)).map_err(from_sql)?;
        Ok(Answer::Copy { rows: Rows { tag: "COPY", ..rows.with_names() }, form: copy.form.clone(), quoted })
    }
}

/// An error of the query that stands for a table, in words about the table. The query is not the client's own, so its
/// positions mean nothing.
fn of_table(error: Error, name: &[String], columns: &[String]) -> Error {
    if error.sqlstate == SqlState::UNDEFINED_COLUMN
        && let Some(column) = columns.iter().find(|column| error.message.contains(&format!("\"{column}\"")))
    {
        return from_sql(missing_column(name, column));
    }
    Error { position: None, ..error }
}
