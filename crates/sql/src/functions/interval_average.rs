//! `avg(interval)`: the sum of months, of days and of seconds, each divided by how many there are.
//!
//! Source: `interval_avg` in PostgreSQL's `timestamp.c`.

use std::sync::Arc;

use arrow::array::{ArrayRef, AsArray};
use arrow::compute::cast;
use arrow::datatypes::{
    DataType, Decimal128Type, Field, FieldRef, Int64Type, IntervalMonthDayNano, IntervalMonthDayNanoType,
    IntervalUnit,
};
use datafusion::common::{Result, ScalarValue, exec_err};
use datafusion::logical_expr::Accumulator;
use lakeport_base::SqlState;

use super::clock::scaled;
use super::defined::external;
use super::failure;
use crate::value::Interval;

/// The type of an interval.
pub(super) const INTERVAL: DataType = DataType::Interval(IntervalUnit::MonthDayNano);

/// The fields of the state between two halves of an aggregation.
pub(super) fn state_fields(name: &str) -> Vec<FieldRef> {
    let field =
        |part: &str, data_type: DataType| Arc::new(Field::new(format!("{name}[{part}]"), data_type, true));
    vec![
        field("months", DataType::Int64),
        field("days", DataType::Int64),
        field("nanos", DataType::Decimal128(38, 0)),
        field("count", DataType::Int64),
    ]
}

/// The average of intervals, as far as they have come.
#[derive(Debug, Default)]
pub(super) struct IntervalAverage {
    months: i64,
    days: i64,
    nanos: i128,
    count: i64,
}

impl IntervalAverage {
    /// Counts intervals in, or, with a sign of -1, out again.
    fn count_in(&mut self, values: &[ArrayRef], sign: i64) -> Result<()> {
        let [values] = values else { return exec_err!("avg takes one argument") };
        let values = cast(values, &INTERVAL)?;
        for interval in values.as_primitive::<IntervalMonthDayNanoType>().iter().flatten() {
            self.months += sign * i64::from(interval.months);
            self.days += sign * i64::from(interval.days);
            self.nanos += i128::from(sign) * i128::from(interval.nanoseconds);
            self.count += sign;
        }
        Ok(())
    }
}

impl Accumulator for IntervalAverage {
    fn update_batch(&mut self, values: &[ArrayRef]) -> Result<()> {
        self.count_in(values, 1)
    }

    fn evaluate(&mut self) -> Result<ScalarValue> {
        if self.count == 0 {
            return Ok(ScalarValue::IntervalMonthDayNano(None));
        }
        let parts = (i32::try_from(self.months), i32::try_from(self.days), i64::try_from(self.nanos / 1_000));
        let (Ok(months), Ok(days), Ok(micros)) = parts else {
            return Err(failure(SqlState::DATETIME_FIELD_OVERFLOW, "interval out of range"));
        };
        // A count of rows is far below what a float holds exactly.
        let count = self.count as f64;
        let average = scaled(Interval { months, days, micros }, |part| part / count).map_err(external)?;
        let Some(nanos) = average.micros.checked_mul(1_000) else {
            return Err(failure(SqlState::DATETIME_FIELD_OVERFLOW, "interval out of range"));
        };
        let average = IntervalMonthDayNano::new(average.months, average.days, nanos);
        Ok(ScalarValue::IntervalMonthDayNano(Some(average)))
    }

    fn size(&self) -> usize {
        size_of::<Self>()
    }

    fn state(&mut self) -> Result<Vec<ScalarValue>> {
        Ok(vec![
            ScalarValue::Int64(Some(self.months)),
            ScalarValue::Int64(Some(self.days)),
            ScalarValue::Decimal128(Some(self.nanos), 38, 0),
            ScalarValue::Int64(Some(self.count)),
        ])
    }

    fn merge_batch(&mut self, states: &[ArrayRef]) -> Result<()> {
        let [months, days, nanos, count] = states else { return exec_err!("avg has four parts of state") };
        let sum = |part: &ArrayRef| part.as_primitive::<Int64Type>().iter().flatten().sum::<i64>();
        self.months += sum(months);
        self.days += sum(days);
        self.nanos += nanos.as_primitive::<Decimal128Type>().iter().flatten().sum::<i128>();
        self.count += sum(count);
        Ok(())
    }

    fn retract_batch(&mut self, values: &[ArrayRef]) -> Result<()> {
        self.count_in(values, -1)
    }

    fn supports_retract_batch(&self) -> bool {
        true
    }
}
