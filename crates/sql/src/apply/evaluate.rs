//! What a subquery gives for each row of a batch: one run for each combination of outer values.

use std::collections::{HashMap, HashSet};
use std::sync::Arc;

use arrow::array::{Array, ArrayRef, AsArray, BooleanArray, ListArray, StructArray, new_empty_array};
use arrow::buffer::OffsetBuffer;
use arrow::compute::{cast, concat};
use arrow::datatypes::{DataType, FieldRef, Fields, Schema};
use arrow::record_batch::RecordBatch;
use arrow::row::{RowConverter, SortField};
use datafusion::common::{DataFusionError, Result, ScalarValue, internal_err};
use datafusion::execution::TaskContext;
use datafusion::execution::memory_pool::{MemoryConsumer, MemoryReservation};
use datafusion::physical_expr::PhysicalExpr;
use datafusion::physical_plan::execution_plan::reset_plan_states;
use datafusion::physical_plan::{ExecutionPlan, execute_stream};
use futures::StreamExt;
use lakeport_base::SqlState;

use super::node::Mode;
use crate::error::Error;
use crate::functions::{retyped, scalar};
use crate::held::Held;

/// Results kept at once. A guess: more distinct outer rows than this rarely come back.
const RESULTS_MAX: usize = 65_536;

/// Bytes of results kept at once. Beyond, all are forgotten and computed again when needed.
const RESULTS_BYTES_MAX: usize = 64 << 20;

/// The plan of a subquery, and what becomes of its rows.
pub(super) struct Inner {
    pub(super) plan: Arc<dyn ExecutionPlan>,
    pub(super) mode: Mode,
    pub(super) row: Arc<Held>,
    pub(super) field: FieldRef,
}

/// What is asked of each row of the input.
#[derive(Debug, Clone)]
pub(super) struct Asked {
    /// The outer values that the subquery reads.
    pub(super) values: Vec<Arc<dyn PhysicalExpr>>,
    /// The left side of IN.
    pub(super) needle: Option<Arc<dyn PhysicalExpr>>,
    /// Whether the subquery runs for the row; it does where there is no condition.
    pub(super) condition: Option<Arc<dyn PhysicalExpr>>,
}

impl Asked {
    /// Every expression.
    pub(super) fn all(&self) -> impl Iterator<Item = &Arc<dyn PhysicalExpr>> {
        self.values.iter().chain(&self.needle).chain(&self.condition)
    }
}

/// Runs a subquery for the rows of batches, once for each combination of outer values.
pub(super) struct Evaluator {
    inner: Inner,
    asked: Asked,
    keys: RowConverter,
    members: RowConverter,
    results: HashMap<Box<[u8]>, Arc<Outcome>>,
    reservation: MemoryReservation,
    context: Arc<TaskContext>,
}

/// What one run gave.
enum Outcome {
    Value(ScalarValue),
    Members(Members),
}

/// The values that IN looks among.
struct Members {
    values: HashSet<Box<[u8]>>,
    has_null: bool,
}

impl Evaluator {
    pub(super) fn new(inner: Inner, asked: Asked, input: &Schema, context: Arc<TaskContext>) -> Result<Self> {
        let keys = asked
            .values
            .iter()
            .map(|expr| Ok(SortField::new(expr.data_type(input)?)))
            .collect::<Result<_>>()?;
        let member =
            inner.plan.schema().fields().first().map(|field| SortField::new(field.data_type().clone()));
        Ok(Self {
            keys: RowConverter::new(keys)?,
            // Only IN compares rows; the others may have columns of any type.
            members: RowConverter::new(if inner.mode == Mode::In {
                member.into_iter().collect()
            } else {
                vec![]
            })?,
            results: HashMap::new(),
            reservation: MemoryConsumer::new("Apply").register(context.memory_pool()),
            inner,
            asked,
            context,
        })
    }

    /// The column that the subquery adds to a batch.
    pub(super) async fn column(&mut self, batch: &RecordBatch) -> Result<ArrayRef> {
        let outcomes = self.outcomes(batch).await?;
        let data_type = self.inner.field.data_type();
        if outcomes.is_empty() {
            return Ok(new_empty_array(data_type));
        }
        if self.inner.mode == Mode::In {
            return self.found(batch, &outcomes);
        }
        let values = outcomes.iter().map(|outcome| match outcome.as_ref() {
            Outcome::Value(value) => value.clone(),
            Outcome::Members(_) => ScalarValue::Null,
        });
        let column = ScalarValue::iter_to_array(values)?;
        Ok(if column.data_type() == data_type { column } else { cast(&column, data_type)? })
    }

    async fn outcomes(&mut self, batch: &RecordBatch) -> Result<Vec<Arc<Outcome>>> {
        let wanted = match &self.asked.condition {
            Some(condition) => Some(condition.evaluate(batch)?.into_array(batch.num_rows())?),
            None => None,
        };
        let wanted = wanted.as_ref().map(|wanted| wanted.as_boolean());
        let skipped = Arc::new(Outcome::Value(ScalarValue::try_from(self.inner.field.data_type())?));
        let columns = self
            .asked
            .values
            .iter()
            .map(|expr| expr.evaluate(batch)?.into_array(batch.num_rows()))
            .collect::<Result<Vec<_>>>()?;
        let keys = if columns.is_empty() { None } else { Some(self.keys.convert_columns(&columns)?) };
        let mut outcomes = Vec::with_capacity(batch.num_rows());
        for index in 0..batch.num_rows() {
            if wanted.is_some_and(|wanted| wanted.is_null(index) || !wanted.value(index)) {
                outcomes.push(Arc::clone(&skipped));
                continue;
            }
            let key = keys.as_ref().map_or(&[][..], |keys| keys.row(index).data());
            if let Some(known) = self.results.get(key) {
                outcomes.push(Arc::clone(known));
                continue;
            }
            let key: Box<[u8]> = key.into();
            let values = columns
                .iter()
                .map(|column| ScalarValue::try_from_array(column, index))
                .collect::<Result<Vec<_>>>()?;
            let outcome = Arc::new(self.run(values).await?);
            self.keep(key, &outcome)?;
            outcomes.push(outcome);
        }
        Ok(outcomes)
    }

    fn keep(&mut self, key: Box<[u8]>, outcome: &Arc<Outcome>) -> Result<()> {
        if self.results.len() >= RESULTS_MAX || self.reservation.size() >= RESULTS_BYTES_MAX {
            self.results.clear();
            self.reservation.free();
        }
        self.reservation.try_grow(key.len() + outcome.size())?;
        self.results.insert(key, Arc::clone(outcome));
        Ok(())
    }

    async fn run(&self, values: Vec<ScalarValue>) -> Result<Outcome> {
        self.inner.row.set(values);
        // Operators remember that they ran: each run needs them as new.
        let plan = reset_plan_states(Arc::clone(&self.inner.plan))?;
        let mut stream = execute_stream(plan, Arc::clone(&self.context))?;
        let mut batches: Vec<RecordBatch> = Vec::new();
        let held = MemoryConsumer::new("Apply run").register(self.context.memory_pool());
        let mut row_count = 0;
        while let Some(batch) = stream.next().await {
            let batch = batch?;
            row_count += batch.num_rows();
            if self.inner.mode == Mode::Exists && row_count > 0 {
                break;
            }
            if self.inner.mode == Mode::Scalar && row_count > 1 {
                return Err(too_many_rows());
            }
            held.try_grow(batch.get_array_memory_size())?;
            batches.push(batch);
        }
        drop(stream);
        self.outcome(&batches, row_count)
    }

    fn outcome(&self, batches: &[RecordBatch], row_count: usize) -> Result<Outcome> {
        let data_type = self.inner.field.data_type();
        let value = match self.inner.mode {
            Mode::Exists => ScalarValue::Boolean(Some(row_count > 0)),
            Mode::Scalar => match batches.iter().find(|batch| batch.num_rows() == 1) {
                Some(batch) => scalar(&retyped(Arc::clone(batch.column(0)), data_type)?)?,
                None => ScalarValue::try_from(data_type)?,
            },
            Mode::In => return self.members(batches).map(Outcome::Members),
            Mode::Array => list(item(data_type)?, self.first_column(batches)?)?,
            Mode::Rows if row_count == 0 => ScalarValue::try_from(data_type)?,
            Mode::Rows => rows(item(data_type)?, batches)?,
        };
        Ok(Outcome::Value(value))
    }

    fn first_column(&self, batches: &[RecordBatch]) -> Result<ArrayRef> {
        let columns: Vec<&dyn Array> = batches.iter().map(|batch| batch.column(0).as_ref()).collect();
        if columns.is_empty() {
            return Ok(new_empty_array(self.inner.plan.schema().field(0).data_type()));
        }
        Ok(concat(&columns)?)
    }

    fn members(&self, batches: &[RecordBatch]) -> Result<Members> {
        let mut members = Members { values: HashSet::new(), has_null: false };
        for batch in batches {
            let column = batch.column(0);
            let rows = self.members.convert_columns(std::slice::from_ref(column))?;
            let nulls = column.logical_nulls();
            for index in 0..batch.num_rows() {
                if nulls.as_ref().is_some_and(|nulls| nulls.is_null(index)) {
                    members.has_null = true;
                } else {
                    members.values.insert(rows.row(index).data().into());
                }
            }
        }
        Ok(members)
    }

    /// `needle IN (…)` for each row: unknown where a NULL might have been the one looked for.
    fn found(&self, batch: &RecordBatch, outcomes: &[Arc<Outcome>]) -> Result<ArrayRef> {
        let Some(needle) = &self.asked.needle else { return internal_err!("IN without a left side") };
        let needle = needle.evaluate(batch)?.into_array(batch.num_rows())?;
        let wanted = self.inner.plan.schema().field(0).data_type().clone();
        let needle = if *needle.data_type() == wanted { needle } else { cast(&needle, &wanted)? };
        let rows = self.members.convert_columns(std::slice::from_ref(&needle))?;
        let nulls = needle.logical_nulls();
        let found = outcomes.iter().enumerate().map(|(index, outcome)| {
            let Outcome::Members(members) = outcome.as_ref() else { return None };
            if members.values.is_empty() && !members.has_null {
                return Some(false);
            }
            if nulls.as_ref().is_some_and(|nulls| nulls.is_null(index)) {
                return None;
            }
            if members.values.contains(rows.row(index).data()) {
                return Some(true);
            }
            if members.has_null { None } else { Some(false) }
        });
        Ok(Arc::new(found.collect::<BooleanArray>()))
    }
}

impl Outcome {
    /// About how many bytes it holds.
    fn size(&self) -> usize {
        match self {
            Outcome::Value(value) => value.size(),
            Outcome::Members(members) => {
                members.values.iter().map(|value| value.len() + size_of::<Box<[u8]>>()).sum()
            }
        }
    }
}

fn item(list: &DataType) -> Result<&FieldRef> {
    match list {
        DataType::List(item) => Ok(item),
        other => internal_err!("{other} is no list"),
    }
}

fn list(item: &FieldRef, values: ArrayRef) -> Result<ScalarValue> {
    let values =
        if values.data_type() == item.data_type() { values } else { cast(&values, item.data_type())? };
    let offsets = OffsetBuffer::from_lengths([values.len()]);
    Ok(ScalarValue::List(Arc::new(ListArray::try_new(Arc::clone(item), offsets, values, None)?)))
}

fn rows(item: &FieldRef, batches: &[RecordBatch]) -> Result<ScalarValue> {
    let DataType::Struct(fields) = item.data_type() else { return internal_err!("rows are structs") };
    let structs = batches.iter().map(|batch| one_struct(fields, batch)).collect::<Result<Vec<_>>>()?;
    let structs: Vec<&dyn Array> = structs.iter().map(|array| array as &dyn Array).collect();
    let values = concat(&structs)?;
    list(item, Arc::new(values.as_struct().clone()))
}

fn one_struct(fields: &Fields, batch: &RecordBatch) -> Result<StructArray> {
    let columns = batch
        .columns()
        .iter()
        .zip(fields)
        .map(|(column, field)| {
            Ok(if column.data_type() == field.data_type() {
                Arc::clone(column)
            } else {
                cast(column, field.data_type())?
            })
        })
        .collect::<Result<Vec<_>>>()?;
    Ok(StructArray::try_new_with_length(fields.clone(), columns, None, batch.num_rows())?)
}

fn too_many_rows() -> DataFusionError {
    DataFusionError::External(Box::new(Error::new(
        SqlState::CARDINALITY_VIOLATION,
        "more than one row returned by a subquery used as an expression",
    )))
}
