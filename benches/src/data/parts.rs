//! A small table, for statements that are asked while others run.

use std::sync::Arc;

use arrow::array::{Decimal128Array, Int64Array, StringArray};

use super::dice::Dice;
use super::{Column, Table};

const KINDS: [&str; 5] = ["ECONOMY", "MEDIUM", "PROMO", "SMALL", "STANDARD"];

/// The table: 200,000 rows of a key, a kind and a price.
pub fn parts() -> Table {
    let columns = vec![
        Column::new("p_partkey", "bigint"),
        Column::new("p_kind", "varchar"),
        Column::new("p_price", "numeric(15,2)"),
    ];
    let make = |first: u64, count: usize| {
        let mut dice = Dice::new(first);
        let kinds = StringArray::from_iter_values((0..count).map(|_| dice.pick(&KINDS)));
        let prices = Decimal128Array::from_iter_values((0..count).map(|_| i128::from(dice.below(200_000))));
        Ok(vec![
            Arc::new(Int64Array::from_iter_values(first as i64..first as i64 + count as i64)) as _,
            Arc::new(kinds) as _,
            Arc::new(prices.with_precision_and_scale(15, 2)?) as _,
        ])
    };
    Table { name: "parts", columns, rows: 200_000, make: Box::new(make) }
}
