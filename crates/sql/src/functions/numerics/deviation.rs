//! `stddev`, `variance` and their kin: numeric of integers and numerics, and DataFusion's of floats.

use std::collections::HashSet;
use std::sync::Arc;

use arrow::array::{Array, ArrayRef, AsArray, BooleanArray, Decimal256Array, ListArray};
use arrow::buffer::OffsetBuffer;
use arrow::datatypes::{DataType, Decimal256Type, Field, FieldRef, i256};
use datafusion::common::{Result, ScalarValue, exec_err, plan_err};
use datafusion::functions_aggregate::stddev::{stddev_pop_udaf, stddev_udaf};
use datafusion::functions_aggregate::variance::{var_pop_udaf, var_samp_udaf};
use datafusion::logical_expr::function::{AccumulatorArgs, StateFieldsArgs};
use datafusion::logical_expr::utils::AggregateOrderSensitivity;
use datafusion::logical_expr::{
    Accumulator, AggregateUDF, AggregateUDFImpl, EmitTo, GroupsAccumulator, ReversedUDAF, Signature,
    Volatility,
};

use super::moments::{Deviation, Moments, columns, numbers, rows, wide};
use crate::functions::defined::external;
use crate::types::{DEVIATION_NUMERIC, VARIANCE_NUMERIC};
use crate::value;
use crate::value::read::Decimal;

/// The aggregates, in the place of DataFusion's.
pub(in crate::functions) fn aggregate_functions() -> Vec<Arc<AggregateUDF>> {
    [
        ("stddev", vec!["stddev_samp"], stddev_udaf(), true, false),
        ("stddev_pop", vec![], stddev_pop_udaf(), false, false),
        ("var", vec!["var_samp", "variance", "var_sample"], var_samp_udaf(), true, true),
        ("var_pop", vec!["var_population"], var_pop_udaf(), false, true),
    ]
    .into_iter()
    .map(|(name, aliases, inner, is_sample, is_variance)| {
        let aliases = aliases.into_iter().map(str::to_owned).collect();
        let wanted = Deviation { is_sample, is_variance };
        let signature = Signature::user_defined(Volatility::Immutable);
        Arc::new(AggregateUDF::from(Deviating { name, aliases, inner, wanted, signature }))
    })
    .collect()
}

#[derive(Debug, PartialEq, Eq, Hash)]
struct Deviating {
    name: &'static str,
    aliases: Vec<String>,
    inner: Arc<AggregateUDF>,
    wanted: Deviation,
    signature: Signature,
}

fn is_exact(data_type: &DataType) -> bool {
    data_type.is_integer() || data_type.is_decimal()
}

impl Deviating {
    fn sums(&self, args: &AccumulatorArgs) -> Sums {
        let given = args.expr_fields[0].data_type().clone();
        Sums { wanted: self.wanted, given, answer: args.return_field.data_type().clone() }
    }
}

impl AggregateUDFImpl for Deviating {
    fn name(&self) -> &str {
        self.name
    }

    fn aliases(&self) -> &[String] {
        &self.aliases
    }

    fn signature(&self) -> &Signature {
        &self.signature
    }

    fn coerce_types(&self, arg_types: &[DataType]) -> Result<Vec<DataType>> {
        match arg_types {
            [exact] if is_exact(exact) => Ok(vec![exact.clone()]),
            [DataType::Null | DataType::Utf8 | DataType::Utf8View] => Ok(vec![DataType::Float64]),
            [float] if float.is_floating() => Ok(vec![DataType::Float64]),
            _ => {
                let types: Vec<String> = arg_types.iter().map(ToString::to_string).collect();
                // The words that `plan::failure` knows, and tells with PostgreSQL's names of the types.
                plan_err!("given name and argument types '{}({})'.", self.name(), types.join(", "))
            }
        }
    }

    fn return_type(&self, arg_types: &[DataType]) -> Result<DataType> {
        Ok(match (arg_types.first().is_some_and(is_exact), self.wanted.is_variance) {
            (false, _) => DataType::Float64,
            (true, false) => DEVIATION_NUMERIC,
            (true, true) => VARIANCE_NUMERIC,
        })
    }

    fn accumulator(&self, acc_args: AccumulatorArgs) -> Result<Box<dyn Accumulator>> {
        let sums = self.sums(&acc_args);
        Ok(match (is_exact(&sums.given), acc_args.is_distinct) {
            (false, _) => return self.inner.accumulator(acc_args),
            (true, false) => Box::new(All { sums, moments: Moments::default() }),
            (true, true) => Box::new(Distinct { sums, seen: HashSet::new() }),
        })
    }

    fn state_fields(&self, args: StateFieldsArgs) -> Result<Vec<FieldRef>> {
        let given = args.input_fields[0].data_type();
        if !is_exact(given) {
            return self.inner.state_fields(args);
        }
        let field =
            |part: &str, data_type| Arc::new(Field::new(format!("{}[{part}]", args.name), data_type, true));
        Ok(match args.is_distinct {
            true => vec![field("seen", DataType::new_list(wide(given), true))],
            false => vec![
                field("count", DataType::Int64),
                field("sum", DataType::Binary),
                field("squares", DataType::Binary),
            ],
        })
    }

    fn groups_accumulator_supported(&self, args: AccumulatorArgs) -> bool {
        if is_exact(args.expr_fields[0].data_type()) {
            return !args.is_distinct;
        }
        self.inner.groups_accumulator_supported(args)
    }

    fn create_groups_accumulator(&self, args: AccumulatorArgs) -> Result<Box<dyn GroupsAccumulator>> {
        let sums = self.sums(&args);
        match is_exact(&sums.given) {
            true => Ok(Box::new(Groups { sums, moments: Vec::new() })),
            false => self.inner.create_groups_accumulator(args),
        }
    }

    fn reverse_expr(&self) -> ReversedUDAF {
        ReversedUDAF::Identical
    }

    fn order_sensitivity(&self) -> AggregateOrderSensitivity {
        AggregateOrderSensitivity::Insensitive
    }
}

/// What is made of moments.
#[derive(Debug)]
struct Sums {
    wanted: Deviation,
    given: DataType,
    answer: DataType,
}

impl Sums {
    fn answers(&self, all: &[Moments]) -> Result<ArrayRef> {
        let deviations = all.iter().map(|moments| moments.deviation(self.wanted, &self.given));
        let deviations = deviations.collect::<Result<Vec<Option<Decimal>>>>()?;
        value::decimals(deviations.into_iter(), &self.answer).map_err(|error| external(error.into()))
    }

    fn answer(&self, moments: &Moments) -> Result<ScalarValue> {
        ScalarValue::try_from_array(&self.answers(std::slice::from_ref(moments))?, 0)
    }
}

fn only(values: &[ArrayRef]) -> Result<&ArrayRef> {
    match values {
        [only] => Ok(only),
        _ => exec_err!("a deviation has one argument"),
    }
}

/// The deviation of all values.
#[derive(Debug)]
struct All {
    sums: Sums,
    moments: Moments,
}

impl Accumulator for All {
    fn update_batch(&mut self, values: &[ArrayRef]) -> Result<()> {
        numbers(only(values)?)?.iter().flatten().for_each(|number| self.moments.add(number));
        Ok(())
    }

    fn evaluate(&mut self) -> Result<ScalarValue> {
        self.sums.answer(&self.moments)
    }

    fn size(&self) -> usize {
        size_of::<Self>() + self.moments.size()
    }

    fn state(&mut self) -> Result<Vec<ScalarValue>> {
        let columns = columns(std::slice::from_ref(&self.moments));
        columns.iter().map(|column| ScalarValue::try_from_array(column, 0)).collect()
    }

    fn merge_batch(&mut self, states: &[ArrayRef]) -> Result<()> {
        rows(states)?.into_iter().for_each(|(_, parts)| self.moments.merge(parts));
        Ok(())
    }

    fn retract_batch(&mut self, values: &[ArrayRef]) -> Result<()> {
        numbers(only(values)?)?.iter().flatten().for_each(|number| self.moments.remove(number));
        Ok(())
    }

    fn supports_retract_batch(&self) -> bool {
        true
    }
}

/// The deviation of values, each counted once.
#[derive(Debug)]
struct Distinct {
    sums: Sums,
    seen: HashSet<i256>,
}

impl Accumulator for Distinct {
    fn update_batch(&mut self, values: &[ArrayRef]) -> Result<()> {
        self.seen.extend(numbers(only(values)?)?.iter().flatten());
        Ok(())
    }

    fn evaluate(&mut self) -> Result<ScalarValue> {
        let mut moments = Moments::default();
        self.seen.iter().for_each(|number| moments.add(*number));
        self.sums.answer(&moments)
    }

    fn size(&self) -> usize {
        size_of::<Self>() + self.seen.capacity() * size_of::<i256>()
    }

    fn state(&mut self) -> Result<Vec<ScalarValue>> {
        let data_type = wide(&self.sums.given);
        let seen = self.seen.iter().copied().map(Some).collect::<Decimal256Array>();
        let seen = seen.with_data_type(data_type.clone());
        let offsets = OffsetBuffer::from_lengths([seen.len()]);
        let item = Arc::new(Field::new_list_field(data_type, true));
        let list = ListArray::try_new(item, offsets, Arc::new(seen), None)?;
        Ok(vec![ScalarValue::List(Arc::new(list))])
    }

    fn merge_batch(&mut self, states: &[ArrayRef]) -> Result<()> {
        let lists = only(states)?.as_list::<i32>();
        for list in lists.iter().flatten() {
            self.seen.extend(list.as_primitive::<Decimal256Type>().iter().flatten());
        }
        Ok(())
    }
}

/// The deviations of many groups.
#[derive(Debug)]
struct Groups {
    sums: Sums,
    moments: Vec<Moments>,
}

impl GroupsAccumulator for Groups {
    fn update_batch(
        &mut self,
        values: &[ArrayRef],
        group_indices: &[usize],
        opt_filter: Option<&BooleanArray>,
        total_num_groups: usize,
    ) -> Result<()> {
        self.moments.resize(total_num_groups, Moments::default());
        let numbers = numbers(only(values)?)?;
        for (row, (group, number)) in group_indices.iter().zip(&numbers).enumerate() {
            let is_counted = opt_filter.is_none_or(|filter| filter.is_valid(row) && filter.value(row));
            if let (true, Some(number)) = (is_counted, number) {
                self.moments[*group].add(number);
            }
        }
        Ok(())
    }

    fn evaluate(&mut self, emit_to: EmitTo) -> Result<ArrayRef> {
        let emitted = emit_to.take_needed(&mut self.moments);
        self.sums.answers(&emitted)
    }

    fn state(&mut self, emit_to: EmitTo) -> Result<Vec<ArrayRef>> {
        Ok(columns(&emit_to.take_needed(&mut self.moments)))
    }

    fn merge_batch(
        &mut self,
        values: &[ArrayRef],
        group_indices: &[usize],
        total_num_groups: usize,
    ) -> Result<()> {
        self.moments.resize(total_num_groups, Moments::default());
        for (row, parts) in rows(values)? {
            self.moments[group_indices[row]].merge(parts);
        }
        Ok(())
    }

    fn convert_to_state(
        &self,
        values: &[ArrayRef],
        opt_filter: Option<&BooleanArray>,
    ) -> Result<Vec<ArrayRef>> {
        let numbers = numbers(only(values)?)?;
        let single = |(row, number): (usize, Option<i256>)| {
            let mut moments = Moments::default();
            let is_counted = opt_filter.is_none_or(|filter| filter.is_valid(row) && filter.value(row));
            if let (true, Some(number)) = (is_counted, number) {
                moments.add(number);
            }
            moments
        };
        Ok(columns(&numbers.iter().enumerate().map(single).collect::<Vec<_>>()))
    }

    fn size(&self) -> usize {
        // Sums that do not fit into 256 bits are rare.
        self.moments.capacity() * size_of::<Moments>()
    }
}
