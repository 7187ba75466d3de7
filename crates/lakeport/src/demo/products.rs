//! Products: a small table to join with.

use std::sync::Arc;

use arrow::array::{ArrayRef, Decimal128Array, FixedSizeBinaryArray, Float32Array, Int32Array, StringArray};
use arrow::datatypes::{DataType, Field, Schema};
use arrow::record_batch::RecordBatch;

use super::dice::Dice;

/// How many products there are.
pub(crate) const COUNT: usize = 1_000;

const KINDS: [&str; 8] = ["lamp", "chair", "kettle", "rope", "compass", "blanket", "barometer", "crate"];
const ADJECTIVES: [&str; 6] = ["small", "brass", "blue", "sturdy", "folding", "old"];

/// All products.
pub(crate) fn batch() -> arrow::error::Result<RecordBatch> {
    let mut dice = Dice::new(2);
    let kinds: Vec<&str> = (0..COUNT).map(|_| *dice.pick(&KINDS)).collect();
    let codes = (0..COUNT).map(|_| {
        let mut code = [0; 16];
        code[..8].copy_from_slice(&dice.next().to_be_bytes());
        code[8..].copy_from_slice(&dice.next().to_be_bytes());
        code
    });
    let codes = FixedSizeBinaryArray::try_from_iter(codes)?;
    let columns: Vec<ArrayRef> = vec![
        Arc::new(Int32Array::from_iter_values(1..=COUNT as i32)),
        Arc::new(StringArray::from_iter_values(
            kinds.iter().map(|kind| format!("{} {kind}", dice.pick(&ADJECTIVES))),
        )),
        Arc::new(StringArray::from(kinds.clone())),
        Arc::new(
            Decimal128Array::from_iter_values((0..COUNT).map(|_| 99 + i128::from(dice.below(50_000))))
                .with_precision_and_scale(10, 2)?,
        ),
        Arc::new(Float32Array::from_iter(
            (0..COUNT).map(|_| dice.percent(90).then(|| dice.below(20_000) as f32 / 100.0)),
        )),
        Arc::new(codes),
    ];
    RecordBatch::try_new(schema(), columns)
}

fn schema() -> Arc<Schema> {
    let code = Field::new("code", DataType::FixedSizeBinary(16), false)
        .with_metadata([("ARROW:extension:name".to_owned(), "arrow.uuid".to_owned())].into());
    Arc::new(Schema::new(vec![
        Field::new("product_id", DataType::Int32, false),
        Field::new("name", DataType::Utf8, false),
        Field::new("kind", DataType::Utf8, false),
        Field::new("list_price", DataType::Decimal128(10, 2), false),
        Field::new("weight_kg", DataType::Float32, true),
        code,
    ]))
}
