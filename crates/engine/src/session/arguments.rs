//! The arguments of EXECUTE: expressions, computed as a query computes them.

use arrow::array::ArrayRef;
use arrow::compute::cast;
use arrow::datatypes::DataType;
use lakeport_base::{ByteSize, SqlState};
use lakeport_sql::statement::{Execute, Kind};
use lakeport_sql::types::PgType;
use lakeport_sql::{Statement, ast};

use super::{Prepared, Session};
use crate::error::from_sql;
use crate::{Answer, Error, Result};

/// How much of them is computed ahead: there is one row.
const WINDOW: ByteSize = ByteSize::mebibytes(1);

impl Session {
    /// The arguments of an EXECUTE as parameters of the statement that it names; numerics as text.
    ///
    /// # Errors
    ///
    /// 42601 where there are too many or too few; whatever is wrong with one of them.
    pub async fn arguments(
        &mut self,
        statement: &Statement,
        execute: &Execute,
        named: &Prepared,
    ) -> Result<Vec<ArrayRef>> {
        let (wanted, given) = (named.parameters.len(), execute.arguments.len());
        if wanted != given {
            return Err(Error {
                detail: Some(format!("Expected {wanted} parameters but got {given}.")),
                ..Error::new(
                    SqlState::SYNTAX_ERROR,
                    format!("wrong number of parameters for prepared statement \"{}\"", execute.name),
                )
            });
        }
        if wanted == 0 {
            return Ok(Vec::new());
        }
        let query = lakeport_sql::arguments(&execute.arguments, &named.parameters).map_err(from_sql)?;
        let columns = self.values(statement, query).await?;
        let types = named.parameters.iter().map(|pg_type| match *pg_type {
            PgType::NUMERIC => DataType::Utf8,
            other => other.arrow(),
        });
        columns
            .iter()
            .zip(types)
            .map(|(column, arrow)| {
                cast(column, &arrow).map_err(|error| {
                    Error::new(SqlState::CANNOT_COERCE, format!("a parameter is not of its type: {error}"))
                })
            })
            .collect()
    }

    /// The only row of a query.
    async fn values(&mut self, statement: &Statement, query: Box<ast::Query>) -> Result<Vec<ArrayRef>> {
        let statement = Statement { kind: Kind::Query(query), ..statement.clone() };
        let prepared = self.prepare(statement, &[]).await?;
        if !prepared.parameters.is_empty() {
            return Err(Error::new(SqlState::UNDEFINED_PARAMETER, "there is no parameter $1"));
        }
        let missing = || Error::new(SqlState::INTERNAL_ERROR, "the arguments of EXECUTE have no row");
        let Answer::Rows(rows) = self.execute(&prepared, Vec::new()).await? else { return Err(missing()) };
        let mut batches = rows.batches(WINDOW);
        while let Some(batch) = batches.next().await {
            let batch = batch?;
            if batch.num_rows() == 1 {
                return Ok(batch.columns().to_vec());
            }
        }
        Err(missing())
    }
}
