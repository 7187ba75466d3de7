//! Customers: one file, with the kinds of names and gaps that real tables have.

use std::sync::Arc;

use arrow::array::{
    ArrayRef, BooleanArray, Date32Array, Decimal128Array, Float64Array, Int32Array, StringArray,
    TimestampMicrosecondArray,
};
use arrow::datatypes::{DataType, Field, Schema, TimeUnit};
use arrow::record_batch::RecordBatch;

use super::dice::Dice;

/// How many customers there are.
pub(crate) const COUNT: usize = 100_000;

const FIRST: [&str; 12] =
    ["Ada", "Björn", "Chiara", "Đorđe", "Élodie", "Farid", "Grace", "Hiro", "Ingrid", "João", "Kaya", "Lê"];
const LAST: [&str; 10] =
    ["Andersen", "Bauer", "Castro", "Dubois", "Eriksson", "Fontana", "García", "Haddad", "Ito", "Jansen"];
const COUNTRIES: [&str; 8] = ["DE", "FR", "IT", "ES", "SE", "PL", "JP", "BR"];

/// 2015-01-01, in days and in microseconds since 1970.
const START_DAYS: i32 = 16_436;
const START_MICROS: i64 = START_DAYS as i64 * 86_400_000_000;

/// All customers.
pub(crate) fn batch() -> arrow::error::Result<RecordBatch> {
    let mut dice = Dice::new(1);
    let names = (0..COUNT).map(|_| format!("{} {}", dice.pick(&FIRST), dice.pick(&LAST))).collect::<Vec<_>>();
    let columns: Vec<ArrayRef> = vec![
        Arc::new(Int32Array::from_iter_values(1..=COUNT as i32)),
        Arc::new(StringArray::from(names)),
        Arc::new(StringArray::from_iter(
            (0..COUNT).map(|_| dice.percent(97).then(|| *dice.pick(&COUNTRIES))),
        )),
        Arc::new(Date32Array::from_iter_values((0..COUNT).map(|_| START_DAYS + dice.below(3_600) as i32))),
        Arc::new(TimestampMicrosecondArray::from_iter(
            (0..COUNT)
                .map(|_| dice.percent(90).then(|| START_MICROS + dice.below(310_000_000_000_000) as i64)),
        )),
        Arc::new(
            Decimal128Array::from_iter(
                (0..COUNT).map(|_| dice.percent(80).then(|| i128::from(dice.below(2_000_000)) - 500_000)),
            )
            .with_precision_and_scale(12, 2)?,
        ),
        Arc::new(Float64Array::from_iter(
            (0..COUNT).map(|_| dice.percent(95).then(|| dice.below(1_000_000) as f64 / 1e6)),
        )),
        Arc::new(BooleanArray::from_iter((0..COUNT).map(|_| Some(dice.percent(85))))),
    ];
    RecordBatch::try_new(schema(), columns)
}

fn schema() -> Arc<Schema> {
    Arc::new(Schema::new(vec![
        Field::new("CustomerID", DataType::Int32, false),
        Field::new("Full Name", DataType::Utf8, false),
        Field::new("Country", DataType::Utf8, true),
        Field::new("SignupDate", DataType::Date32, false),
        Field::new("Last Seen", DataType::Timestamp(TimeUnit::Microsecond, None), true),
        Field::new("CreditLimit", DataType::Decimal128(12, 2), true),
        Field::new("churn_risk", DataType::Float64, true),
        Field::new("active", DataType::Boolean, false),
    ]))
}
