//! Queries: planned, described, run, and run once more where an object changed.

use std::sync::{Arc, PoisonError};
use std::time::{Duration, Instant};

use arrow::array::{Array, ArrayRef};
use arrow::datatypes::{DataType, Field, Fields, Schema, SchemaRef};
use datafusion::common::ScalarValue;
use lakeport_base::SqlState;
use lakeport_sql::explain::Explain;
use lakeport_sql::rules::reg_parameters;
use lakeport_sql::statement::Declare;
use lakeport_sql::types::{PgType, column_type};
use lakeport_sql::{Statement, ast};

use super::{Prepared, Session};
use crate::answer::{Executable, Restart, Source};
use crate::error::{from_datafusion, from_sql};
use crate::plan::{Pins, Planned, Planner, explain_rows, named};
use crate::{Answer, Error, Result, Rows};

/// How long a plan may wait between being described and being run before it is made anew on
/// what the lake holds then. Parse, Bind and Execute of one statement come well within it.
const PLAN_KEPT: Duration = Duration::from_secs(1);

/// What a plan is made for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Purpose {
    /// To be run; a generic plan does.
    Run,
    /// To be shown with its constants.
    Explain,
}

impl Session {
    pub(super) async fn planned(
        &self,
        planner: &Planner,
        query: Box<ast::Query>,
        statement: &Statement,
        declared: &[Option<PgType>],
    ) -> Result<Planned> {
        let (planner, unwanted, declared) = (planner.clone(), planner.unwanted.clone(), declared.to_vec());
        let (text, start) = (statement.text.clone(), statement.start);
        let work = async move { planner.plan(&query, &text, &declared).await };
        let planned = self.planning(&unwanted, work).await;
        planned.map_err(|error| Error { position: error.position.map(|position| position + start), ..error })
    }

    /// Plans a query that is to be run, and makes ready what reads only the catalog: going on at once costs less than
    /// beginning again. What fails then is not ready, and will fail when it is run.
    pub(super) async fn planned_to_run(
        &self,
        planner: &Planner,
        query: Box<ast::Query>,
        statement: &Statement,
        declared: &[Option<PgType>],
        purpose: Purpose,
    ) -> Result<(Planned, Option<Executable>)> {
        let (planner, unwanted, declared) = (planner.clone(), planner.unwanted.clone(), declared.to_vec());
        let (text, start) = (statement.text.clone(), statement.start);
        let work = async move {
            let generic = match purpose {
                Purpose::Run => planner.generic(&query, &text, &declared).await,
                Purpose::Explain => None,
            };
            let planned = match generic {
                Some(planned) => planned,
                None => planner.plan(&query, &text, &declared).await?,
            };
            let at_once = !planned.reads_lake && planned.query.parameters.is_empty();
            let ready = if at_once { executable(&planner, &planned, Vec::new()).await.ok() } else { None };
            Ok((planned, ready))
        };
        let planned = self.planning(&unwanted, work).await;
        planned.map_err(|error| Error { position: error.position.map(|position| position + start), ..error })
    }

    /// The plan to run: the one that described the statement if it is fresh, otherwise a new one; and what runs it,
    /// where that is there already.
    ///
    /// Numerics have the digits of the values that they are computed from, and so plans the types of these: one is made
    /// for the numbers that parameters are bound to, as PostgreSQL's custom plans are.
    async fn plan_to_run(
        &self,
        query: &ast::Query,
        prepared: &Prepared,
        parameters: &[ArrayRef],
        purpose: Purpose,
    ) -> Result<(Planner, Planned, Option<Executable>)> {
        let values = numbers(prepared, parameters)?;
        let kept = prepared.kept.lock().unwrap_or_else(PoisonError::into_inner).take();
        if let Some(kept) = kept
            && values.is_empty()
            && kept.at.elapsed() < PLAN_KEPT
            // Temporary tables may have changed since: what the session did itself, it sees.
            && Arc::ptr_eq(&kept.planner.temp, &self.temp.now())
            && same(kept.planner.pins.as_ref(), self.pins_now().as_ref())
        {
            return Ok((kept.planner, kept.planned, kept.ready));
        }
        let planner = Planner { values: values.into(), ..self.planner() };
        let types: Vec<_> = prepared.parameters.iter().copied().map(Some).collect();
        let (planned, ready) = self
            .planned_to_run(&planner, Box::new(query.clone()), &prepared.statement, &types, purpose)
            .await?;
        Ok((planner, planned, ready))
    }

    pub(super) async fn query(
        &self,
        query: &ast::Query,
        prepared: &Prepared,
        parameters: Vec<ArrayRef>,
    ) -> Result<Rows> {
        let (planner, planned, ready) = self.plan_to_run(query, prepared, &parameters, Purpose::Run).await?;
        let values = scalars(parameters, prepared, &planned)?;
        let schema = named(&planned.query)?;
        check_columns(prepared, &schema)?;
        let run = {
            let (planner, planned, values) = (planner.clone(), planned, values.clone());
            async move {
                match ready {
                    Some(ready) => Ok(ready),
                    None => {
                        let unwanted = planner.unwanted.clone();
                        self.planning(&unwanted, async move { executable(&planner, &planned, values).await })
                            .await
                    }
                }
            }
        };
        let restart = restart(planner, query.clone(), prepared.clone(), values);
        match run.await {
            Ok(executable) => {
                let schema = dimensioned(schema, &executable.plan.schema());
                Ok(self.rows(schema, "SELECT", Source::Plan(executable), Some(restart)))
            }
            Err(error) if error.sqlstate == SqlState::SERIALIZATION_FAILURE => {
                let executable = self.compute(restart()).await?;
                let schema = dimensioned(schema, &executable.plan.schema());
                Ok(self.rows(schema, "SELECT", Source::Plan(executable), None))
            }
            Err(error) => Err(error),
        }
    }

    /// DECLARE: the rows of a cursor, which whoever asked keeps under its name.
    pub(super) async fn declare(
        &self,
        declare: &Declare,
        prepared: &Prepared,
        parameters: Vec<ArrayRef>,
    ) -> Result<Answer> {
        if !declare.hold {
            self.require_block("DECLARE CURSOR")?;
        }
        self.query(&declare.query, prepared, parameters).await.map(Rows::with_names).map(Answer::Cursor)
    }

    pub(super) async fn explain(
        &self,
        explain: &Explain,
        prepared: &Prepared,
        parameters: Vec<ArrayRef>,
    ) -> Result<Answer> {
        let (planner, planned, _) =
            self.plan_to_run(&explain.query, prepared, &parameters, Purpose::Explain).await?;
        let values = scalars(parameters, prepared, &planned)?;
        let asked = explain.clone();
        let batch = self
            .compute(async move {
                let started = Instant::now();
                let run = executable(&planner, &planned, values).await?;
                explain_rows(&asked, run, planned.took + started.elapsed(), &planner.meter).await
            })
            .await?;
        Ok(Answer::Rows(self.rows(batch.schema(), "EXPLAIN", Source::Ready(vec![batch]), None)))
    }

    /// The rows of a planned query.
    pub(super) async fn source(
        &self,
        planner: Planner,
        planned: Planned,
        parameters: &[ArrayRef],
    ) -> Result<Source> {
        let values = plain(parameters)?;
        let unwanted = planner.unwanted.clone();
        let run = async move { executable(&planner, &planned, values).await };
        Ok(Source::Plan(self.planning(&unwanted, run).await?))
    }

    pub(super) fn rows(
        &self,
        schema: SchemaRef,
        tag: &'static str,
        source: Source,
        restart: Option<Restart>,
    ) -> Rows {
        Rows { schema, tag, source, compute: self.shared.runtimes.compute().clone(), restart }
    }
}

/// The columns with as many dimensions as the plan's arrays have: parameters bring them, and no type tells.
fn dimensioned(schema: SchemaRef, made: &SchemaRef) -> SchemaRef {
    let is_deeper = |own: &Field, made: &Field| match (own.data_type(), made.data_type()) {
        (DataType::List(own), DataType::List(made)) => {
            own.data_type() != made.data_type() && matches!(made.data_type(), DataType::List(_))
        }
        _ => false,
    };
    let pairs = || schema.fields().iter().zip(made.fields());
    if !pairs().any(|(own, made)| is_deeper(own, made)) {
        return schema;
    }
    let fields = pairs().map(|(own, made)| match is_deeper(own, made) {
        true => Arc::new(own.as_ref().clone().with_data_type(made.data_type().clone())),
        false => Arc::clone(own),
    });
    Arc::new(Schema::new_with_metadata(fields.collect::<Fields>(), schema.metadata().clone()))
}

/// Fills the parameters in and makes the physical plan.
async fn executable(planner: &Planner, planned: &Planned, values: Vec<ScalarValue>) -> Result<Executable> {
    if let Some(fitted) = &planned.fitted {
        return fitted.executable(&planner.shared, values).await;
    }
    let plan = planned.query.bind(values).map_err(from_sql)?;
    planner.executable(planned, &plan).await
}

/// Plans the statement once more, on listings made new.
fn restart(mut planner: Planner, query: ast::Query, prepared: Prepared, values: Vec<ScalarValue>) -> Restart {
    planner.refresh = true;
    Box::new(move || {
        let runtimes = planner.shared.runtimes.clone();
        let work = async move {
            tracing::info!("an object changed while it was read; the statement starts over");
            let types: Vec<_> = prepared.parameters.iter().copied().map(Some).collect();
            let planned = planner.plan(&query, &prepared.statement.text, &types).await?;
            check_columns(&prepared, &named(&planned.query)?)?;
            executable(&planner, &planned, values).await
        };
        Box::pin(async move { runtimes.run(work).await })
    })
}

/// Whether a plan was made for the transaction that is now.
fn same(then: Option<&Arc<Pins>>, now: Option<&Arc<Pins>>) -> bool {
    match (then, now) {
        (Some(then), Some(now)) => Arc::ptr_eq(then, now),
        (then, now) => then.is_none() && now.is_none(),
    }
}

/// Whether a client is told the same of both: numerics, and arrays of them, have the digits of the values that were bound.
fn is_told_alike(then: &DataType, now: &DataType) -> bool {
    match (then, now) {
        (DataType::List(then), DataType::List(now)) => is_told_alike(then.data_type(), now.data_type()),
        _ => then == now || (then.is_decimal() && now.is_decimal()),
    }
}

/// A statement that was described keeps its columns: the client reads rows by that description.
fn check_columns(prepared: &Prepared, now: &SchemaRef) -> Result<()> {
    let Some(then) = &prepared.columns else { return Ok(()) };
    let same = then.fields().len() == now.fields().len()
        && then.fields().iter().zip(now.fields()).all(|(then, now)| {
            then.name() == now.name()
                && is_told_alike(then.data_type(), now.data_type())
                && column_type(then) == column_type(now)
        });
    if same {
        return Ok(());
    }
    Err(Error::new(SqlState::FEATURE_NOT_SUPPORTED, "cached plan must not change result type"))
}

/// The values of parameters that are numbers, where a numeric is among them; otherwise none.
pub(super) fn numbers(prepared: &Prepared, parameters: &[ArrayRef]) -> Result<Vec<Option<ScalarValue>>> {
    let types = prepared.parameters.iter();
    let is_numeric = |pg_type: &PgType| [PgType::NUMERIC, PgType::NUMERIC_ARRAY].contains(pg_type);
    let mut bound = types.clone().zip(parameters).filter(|(_, value)| !value.is_null(0));
    if !prepared.follows_values && !bound.any(|(pg_type, _)| is_numeric(pg_type)) {
        return Ok(Vec::new());
    }
    let number = |(pg_type, value): (&PgType, &ArrayRef)| {
        let is_number = is_numeric(pg_type) || [PgType::INT2, PgType::INT4, PgType::INT8].contains(pg_type);
        let value = (is_number && !value.is_null(0)).then(|| ScalarValue::try_from_array(value, 0));
        value.transpose().map_err(from_datafusion)
    };
    types.zip(parameters).map(number).collect()
}

fn scalars(parameters: Vec<ArrayRef>, prepared: &Prepared, planned: &Planned) -> Result<Vec<ScalarValue>> {
    let options = planned.state.config().options();
    plain(&reg_parameters(parameters, &prepared.parameters, options).map_err(from_datafusion)?)
}

fn plain(parameters: &[ArrayRef]) -> Result<Vec<ScalarValue>> {
    parameters.iter().map(|array| ScalarValue::try_from_array(array, 0).map_err(from_datafusion)).collect()
}
