//! Rows in the shape of TPC-H's lineitem, about 190 bytes each as a DataRow of text.
//!
//! The columns, types and ranges are those of the benchmark's definition; the numbers are our own.
//! A part depends on its index alone, so that parts can be made in any order.
//!
//! Source: <https://www.tpc.org/tpch/>, clause 4.2.3.

use std::sync::Arc;

use arrow::array::{ArrayRef, Date32Array, Decimal128Array, Int32Array, Int64Array, StringBuilder};

use super::dice::Dice;
use super::words::Words;
use super::{Column, Table};

/// Days from 1970-01-01 to the first and the last day of an order: 1992-01-01 and 1998-08-02.
const ORDERED: (i64, i64) = (8035, 10_440);
/// The day after which nothing has been received: 1995-06-17.
const TODAY: i32 = 9298;

const INSTRUCTIONS: [&str; 4] = ["DELIVER IN PERSON", "COLLECT COD", "NONE", "TAKE BACK RETURN"];
const MODES: [&str; 7] = ["REG AIR", "AIR", "RAIL", "SHIP", "TRUCK", "MAIL", "FOB"];

/// The table.
pub fn lineitem(rows: u64) -> Table {
    let columns = vec![
        Column::new("l_orderkey", "bigint"),
        Column::new("l_partkey", "bigint"),
        Column::new("l_suppkey", "bigint"),
        Column::new("l_linenumber", "integer"),
        Column::new("l_quantity", "numeric(15,2)"),
        Column::new("l_extendedprice", "numeric(15,2)"),
        Column::new("l_discount", "numeric(15,2)"),
        Column::new("l_tax", "numeric(15,2)"),
        Column::new("l_returnflag", "varchar"),
        Column::new("l_linestatus", "varchar"),
        Column::new("l_shipdate", "date"),
        Column::new("l_commitdate", "date"),
        Column::new("l_receiptdate", "date"),
        Column::new("l_shipinstruct", "varchar"),
        Column::new("l_shipmode", "varchar"),
        Column::new("l_comment", "varchar"),
    ];
    let words = Words::new();
    let make = move |first: u64, count: usize| Lines::new(first, count).columns(&words);
    Table { name: "lineitem", columns, rows, make: Box::new(make) }
}

/// The lines of one batch, column by column.
struct Lines {
    dice: Dice,
    count: usize,
    order: i64,
    keys: [Vec<i64>; 3],
    numbers: Vec<i32>,
    decimals: [Vec<i128>; 4],
    dates: [Vec<i32>; 3],
}

impl Lines {
    fn new(first: u64, count: usize) -> Lines {
        let column = || Vec::with_capacity(count);
        Lines {
            dice: Dice::new(first),
            count,
            // Four lines an order, and 8 of each 32 keys are used.
            order: first as i64 / 4,
            keys: std::array::from_fn(|_| column()),
            numbers: Vec::with_capacity(count),
            decimals: std::array::from_fn(|_| Vec::with_capacity(count)),
            dates: std::array::from_fn(|_| Vec::with_capacity(count)),
        }
    }

    fn columns(mut self, words: &Words) -> arrow::error::Result<Vec<ArrayRef>> {
        let text = || StringBuilder::with_capacity(self.count, self.count * 16);
        let mut texts: [StringBuilder; 5] = std::array::from_fn(|_| text());
        while self.numbers.len() < self.count {
            let lines = self.dice.within(1, 7) as usize;
            let ordered = self.dice.within(ORDERED.0, ORDERED.1) as i32;
            for number in 1..=lines.min(self.count - self.numbers.len()) {
                self.line(number as i32, ordered, words, &mut texts);
            }
            self.order += 1;
        }
        let decimal = |values: Vec<i128>| -> arrow::error::Result<ArrayRef> {
            Ok(Arc::new(Decimal128Array::from(values).with_precision_and_scale(15, 2)?))
        };
        let mut columns: Vec<ArrayRef> = Vec::with_capacity(16);
        columns.extend(self.keys.map(|keys| Arc::new(Int64Array::from(keys)) as ArrayRef));
        columns.push(Arc::new(Int32Array::from(self.numbers)));
        for values in self.decimals {
            columns.push(decimal(values)?);
        }
        let [flags, states, instructions, modes, comments] =
            texts.map(|mut text| Arc::new(text.finish()) as ArrayRef);
        columns.extend([flags, states]);
        columns.extend(self.dates.map(|dates| Arc::new(Date32Array::from(dates)) as ArrayRef));
        columns.extend([instructions, modes, comments]);
        Ok(columns)
    }

    fn line(&mut self, number: i32, ordered: i32, words: &Words, texts: &mut [StringBuilder; 5]) {
        let dice = &mut self.dice;
        let part = dice.within(1, 2_000_000);
        let quantity = dice.within(1, 50);
        self.keys[0].push((self.order / 8) * 32 + self.order % 8 + 1);
        self.keys[1].push(part);
        self.keys[2].push(dice.within(1, 100_000));
        self.numbers.push(number);
        // In hundredths, as the price of a part is: 90000 + (part / 10) % 20001 + 100 * (part % 1000).
        let price = 90_000 + (part / 10) % 20_001 + 100 * (part % 1000);
        for (column, value) in
            [quantity * 100, quantity * price, dice.within(0, 10), dice.within(0, 8)].into_iter().enumerate()
        {
            self.decimals[column].push(i128::from(value));
        }
        let shipped = ordered + dice.within(1, 121) as i32;
        let received = shipped + dice.within(1, 30) as i32;
        let dates = [shipped, ordered + dice.within(30, 90) as i32, received];
        for (column, day) in dates.into_iter().enumerate() {
            self.dates[column].push(day);
        }
        texts[0].append_value(if received <= TODAY { dice.pick(&["R", "A"]) } else { "N" });
        texts[1].append_value(if shipped > TODAY { "O" } else { "F" });
        texts[2].append_value(dice.pick(&INSTRUCTIONS));
        texts[3].append_value(dice.pick(&MODES));
        texts[4].append_value(words.piece(dice, 10, 43));
    }
}
