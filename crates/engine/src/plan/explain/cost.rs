//! Costs in PostgreSQL's unit, a page read in its turn, so that tools can compare plans and find the dear parts.
//!
//! They tell plans apart and rank operators; DataFusion does not choose plans by them.
//!
//! Source: the defaults of `seq_page_cost`, `cpu_tuple_cost` and `cpu_operator_cost`, and what `costsize.c` makes of them.

use arrow::datatypes::{DataType, Schema};

const PAGE_BYTES: f64 = 8192.0;
const TUPLE: f64 = 0.01;
const OPERATOR: f64 = 0.0025;

/// What an operator costs up to its first row, and to its last.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub(super) struct Cost {
    pub(super) startup: f64,
    pub(super) total: f64,
}

/// Reading so many bytes and rows.
pub(super) fn scan(bytes: f64, rows: f64) -> Cost {
    Cost { startup: 0.0, total: (bytes / PAGE_BYTES).ceil() + rows * TUPLE }
}

/// Rows out of nothing.
pub(super) fn result(rows: f64) -> Cost {
    Cost { startup: 0.0, total: rows * TUPLE }
}

/// Looking at each of the input's rows.
pub(super) fn filter(input: Cost, rows: f64) -> Cost {
    Cost { total: input.total + rows * OPERATOR, ..input }
}

/// Everything must be there before the first row leaves.
pub(super) fn sort(input: Cost, rows: f64) -> Cost {
    let startup = input.total + 2.0 * OPERATOR * rows * rows.max(2.0).log2();
    Cost { startup, total: startup + OPERATOR * rows }
}

/// So much of the input.
pub(super) fn limit(input: Cost, input_rows: f64, rows: f64) -> Cost {
    let part = (rows / input_rows.max(1.0)).min(1.0);
    Cost { startup: input.startup, total: input.startup + (input.total - input.startup) * part }
}

/// Groups of so many rows.
pub(super) fn aggregate(input: Cost, input_rows: f64, rows: f64) -> Cost {
    let startup = input.total + OPERATOR * input_rows;
    Cost { startup, total: startup + TUPLE * rows }
}

/// A table made of one side, and looked up for each row of the other.
pub(super) fn hash_join(probe: (Cost, f64), build: (Cost, f64), rows: f64) -> Cost {
    let startup = build.0.total + OPERATOR * build.1 + probe.0.startup;
    let total = startup + (probe.0.total - probe.0.startup) + OPERATOR * probe.1 + TUPLE * rows;
    Cost { startup, total }
}

/// Both sides in order, side by side.
pub(super) fn merge_join(one: (Cost, f64), other: (Cost, f64), rows: f64) -> Cost {
    let startup = one.0.startup + other.0.startup;
    Cost { startup, total: one.0.total + other.0.total + OPERATOR * (one.1 + other.1) + TUPLE * rows }
}

/// Each row with each.
pub(super) fn nested_loop(one: (Cost, f64), other: (Cost, f64), rows: f64) -> Cost {
    let startup = one.0.startup + other.0.startup;
    Cost { startup, total: one.0.total + other.0.total + OPERATOR * one.1 * other.1 + TUPLE * rows }
}

/// All inputs, and something done with each row that leaves.
pub(super) fn passing(inputs: impl Iterator<Item = Cost>, rows: f64) -> Cost {
    let sum = inputs.fold(Cost::default(), |sum, input| Cost {
        startup: sum.startup + input.startup,
        total: sum.total + input.total,
    });
    Cost { total: sum.total + OPERATOR * rows, ..sum }
}

/// The bytes of a row on PostgreSQL's own terms: sizes of fixed types, and what its planner takes for text that it
/// knows nothing of.
pub(super) fn width(schema: &Schema) -> usize {
    schema.fields().iter().map(|field| of_type(field.data_type())).sum()
}

fn of_type(data_type: &DataType) -> usize {
    const UNKNOWN: usize = 32;
    match data_type {
        DataType::Null => 0,
        DataType::Boolean => 1,
        DataType::Decimal32(_, _)
        | DataType::Decimal64(_, _)
        | DataType::Decimal128(_, _)
        | DataType::Decimal256(_, _) => UNKNOWN,
        DataType::Interval(_) | DataType::Duration(_) => 16,
        DataType::Date32 | DataType::Date64 => 4,
        DataType::Time32(_) | DataType::Time64(_) => 8,
        DataType::FixedSizeBinary(size) => usize::try_from(*size).unwrap_or(UNKNOWN),
        DataType::Dictionary(_, values) => of_type(values),
        other => other.primitive_width().unwrap_or(UNKNOWN),
    }
}

#[cfg(test)]
mod tests {
    use super::{Cost, hash_join, limit, scan, sort};

    #[test]
    fn what_must_wait_says_so_in_its_startup_cost() {
        let table = scan(81_920.0, 1000.0);
        assert_eq!(table, Cost { startup: 0.0, total: 20.0 });
        let sorted = sort(table, 1000.0);
        assert!(sorted.startup > table.total && sorted.total > sorted.startup);
        let joined = hash_join((table, 1000.0), (table, 1000.0), 1000.0);
        assert!(joined.startup >= table.total && joined.total > 2.0 * table.total);
    }

    #[test]
    fn a_limit_costs_its_part() {
        let table = scan(81_920.0, 1000.0);
        assert_eq!(limit(table, 1000.0, 10.0).total, 0.2);
        assert_eq!(limit(table, 0.0, 10.0).total, 20.0);
    }
}
