//! Accumulators whose values are made wider before they are taken, and whose answer is made narrower.

use arrow::array::{ArrayRef, BooleanArray};
use arrow::compute::cast;
use arrow::datatypes::DataType;
use datafusion::common::{Result, ScalarValue};
use datafusion::logical_expr::{Accumulator, EmitTo, GroupsAccumulator};

fn widened(values: &[ArrayRef], types: &[DataType]) -> Result<Vec<ArrayRef>> {
    values.iter().zip(types).map(|(values, data_type)| Ok(cast(values, data_type)?)).collect()
}

/// An accumulator over wider values.
#[derive(Debug)]
pub(super) struct Widened {
    pub(super) inner: Box<dyn Accumulator>,
    /// What each argument is taken as.
    pub(super) types: Vec<DataType>,
    /// The type of the answer.
    pub(super) answer: DataType,
}

impl Accumulator for Widened {
    fn update_batch(&mut self, values: &[ArrayRef]) -> Result<()> {
        self.inner.update_batch(&widened(values, &self.types)?)
    }

    fn evaluate(&mut self) -> Result<ScalarValue> {
        self.inner.evaluate()?.cast_to(&self.answer)
    }

    fn size(&self) -> usize {
        size_of::<Self>() + self.inner.size()
    }

    fn state(&mut self) -> Result<Vec<ScalarValue>> {
        self.inner.state()
    }

    fn merge_batch(&mut self, states: &[ArrayRef]) -> Result<()> {
        self.inner.merge_batch(states)
    }

    fn retract_batch(&mut self, values: &[ArrayRef]) -> Result<()> {
        self.inner.retract_batch(&widened(values, &self.types)?)
    }

    fn supports_retract_batch(&self) -> bool {
        self.inner.supports_retract_batch()
    }
}

/// The accumulator of many groups over wider values.
pub(super) struct WidenedGroups {
    pub(super) inner: Box<dyn GroupsAccumulator>,
    /// What each argument is taken as.
    pub(super) types: Vec<DataType>,
    /// The type of the answer.
    pub(super) answer: DataType,
}

impl GroupsAccumulator for WidenedGroups {
    fn update_batch(
        &mut self,
        values: &[ArrayRef],
        group_indices: &[usize],
        opt_filter: Option<&BooleanArray>,
        total_num_groups: usize,
    ) -> Result<()> {
        let values = widened(values, &self.types)?;
        self.inner.update_batch(&values, group_indices, opt_filter, total_num_groups)
    }

    fn evaluate(&mut self, emit_to: EmitTo) -> Result<ArrayRef> {
        Ok(cast(&self.inner.evaluate(emit_to)?, &self.answer)?)
    }

    fn state(&mut self, emit_to: EmitTo) -> Result<Vec<ArrayRef>> {
        self.inner.state(emit_to)
    }

    fn merge_batch(
        &mut self,
        values: &[ArrayRef],
        group_indices: &[usize],
        total_num_groups: usize,
    ) -> Result<()> {
        self.inner.merge_batch(values, group_indices, total_num_groups)
    }

    fn convert_to_state(
        &self,
        values: &[ArrayRef],
        opt_filter: Option<&BooleanArray>,
    ) -> Result<Vec<ArrayRef>> {
        self.inner.convert_to_state(&widened(values, &self.types)?, opt_filter)
    }

    fn size(&self) -> usize {
        self.inner.size()
    }
}
