//! Sums of a query's values read by tokio-postgres, which decodes nothing by itself here.

use std::fmt::Write;

use futures::TryStreamExt;
use tokio_postgres::types::{FromSql, Kind, Type};
use tokio_postgres::{Client, SimpleQueryMessage};

/// The bytes of a value as they were sent.
struct Raw(Vec<u8>);

impl FromSql<'_> for Raw {
    fn from_sql(_: &Type, bytes: &[u8]) -> Result<Self, Box<dyn std::error::Error + Sync + Send>> {
        Ok(Raw(bytes.to_vec()))
    }

    fn accepts(_: &Type) -> bool {
        true
    }
}

struct Sums {
    rows: u64,
    columns: Vec<(String, u64, u64)>,
}

impl Sums {
    fn new(names: impl Iterator<Item = String>) -> Sums {
        Sums { rows: 0, columns: names.map(|name| (name, 0, 0)).collect() }
    }

    fn row(&mut self, values: impl Iterator<Item = Option<String>>) {
        self.rows += 1;
        for ((_, nulls, sum), value) in self.columns.iter_mut().zip(values) {
            match value {
                Some(text) => *sum += u64::from(crc32(text.as_bytes())),
                None => *nulls += 1,
            }
        }
    }

    fn show(&self, table: &str, out: &mut String) {
        writeln!(out, "{table} rows {}", self.rows).expect("a string takes all");
        for (name, nulls, sum) in &self.columns {
            writeln!(out, "{table} \"{name}\" {nulls} {sum}").expect("a string takes all");
        }
    }
}

/// The sums through the simple protocol.
pub(crate) async fn text(client: &Client, queries: &[(&str, &str)]) -> String {
    let mut out = String::new();
    for (table, query) in queries {
        let types: Vec<Type> = client
            .prepare(query)
            .await
            .expect("a plan")
            .columns()
            .iter()
            .map(|column| column.type_().clone())
            .collect();
        let messages = client.simple_query(query).await.expect("an answer");
        let mut sums = None;
        for message in &messages {
            match message {
                SimpleQueryMessage::RowDescription(columns) => {
                    sums = Some(Sums::new(columns.iter().map(|column| column.name().to_owned())));
                }
                SimpleQueryMessage::Row(row) => {
                    let values = types.iter().enumerate().map(|(index, kind)| {
                        row.get(index).map(|text| match *kind {
                            Type::FLOAT4 => {
                                format!("{:08x}", text.parse::<f32>().expect("a float").to_bits())
                            }
                            Type::FLOAT8 => {
                                format!("{:016x}", text.parse::<f64>().expect("a float").to_bits())
                            }
                            _ => text.to_owned(),
                        })
                    });
                    sums.as_mut().expect("columns come first").row(values);
                }
                _ => {}
            }
        }
        sums.expect("columns").show(table, &mut out);
    }
    out
}

/// The sums through the extended protocol; by portals of `rows_max` rows, unless that is 0.
pub(crate) async fn binary(client: &mut Client, queries: &[(&str, &str)], rows_max: i32) -> String {
    let mut out = String::new();
    for (table, query) in queries {
        let transaction = client.transaction().await.expect("a transaction");
        let statement = transaction.prepare(query).await.expect("a plan");
        let types: Vec<Type> = statement.columns().iter().map(|column| column.type_().clone()).collect();
        let mut sums = Sums::new(statement.columns().iter().map(|column| column.name().to_owned()));
        let portal = transaction.bind(&statement, &[]).await.expect("a portal");
        loop {
            let rows = transaction.query_portal_raw(&portal, rows_max).await.expect("rows");
            let mut rows = std::pin::pin!(rows);
            let mut count = 0;
            while let Some(row) = rows.try_next().await.expect("a row") {
                count += 1;
                sums.row(
                    types.iter().enumerate().map(|(index, kind)| {
                        row.get::<_, Option<Raw>>(index).map(|raw| decoded(&raw.0, kind))
                    }),
                );
            }
            if rows_max == 0 || count < rows_max {
                break;
            }
        }
        transaction.commit().await.expect("a commit");
        sums.show(table, &mut out);
    }
    out
}

fn decoded(bytes: &[u8], kind: &Type) -> String {
    let int = |bytes: &[u8]| {
        bytes.iter().fold(if bytes[0] > 127 { -1 } else { 0 }, |sum: i64, byte| (sum << 8) | i64::from(*byte))
    };
    match *kind {
        Type::BOOL => if bytes[0] == 1 { "t" } else { "f" }.to_owned(),
        Type::INT2 | Type::INT4 | Type::INT8 => int(bytes).to_string(),
        Type::FLOAT4 | Type::FLOAT8 => bytes.iter().map(|byte| format!("{byte:02x}")).collect(),
        Type::NUMERIC => numeric(bytes),
        Type::DATE => {
            let day = chrono::NaiveDate::from_ymd_opt(2000, 1, 1).expect("a day")
                + chrono::Duration::days(int(bytes));
            day.to_string()
        }
        Type::TIMESTAMP => moment(int(bytes)),
        Type::TIMESTAMPTZ => moment(int(bytes)) + "+00",
        Type::UUID => {
            let hex: String = bytes.iter().map(|byte| format!("{byte:02x}")).collect();
            [&hex[..8], &hex[8..12], &hex[12..16], &hex[16..20], &hex[20..]].join("-")
        }
        _ => match kind.kind() {
            Kind::Array(element) => array(bytes, element),
            _ => String::from_utf8(bytes.to_vec()).expect("text"),
        },
    }
}

fn moment(micros: i64) -> String {
    let start = chrono::NaiveDate::from_ymd_opt(2000, 1, 1)
        .and_then(|day| day.and_hms_opt(0, 0, 0))
        .expect("a moment");
    let moment = start + chrono::Duration::microseconds(micros);
    let text = moment.format("%Y-%m-%d %H:%M:%S%.6f").to_string();
    text.trim_end_matches('0').trim_end_matches('.').to_owned()
}

/// Source: `numeric_send` of PostgreSQL's `numeric.c`: digits of base 10,000, a weight, a sign, a scale.
fn numeric(bytes: &[u8]) -> String {
    let word = |index: usize| i16::from_be_bytes([bytes[2 * index], bytes[2 * index + 1]]);
    let (count, weight, sign, scale) = (word(0), i32::from(word(1)), word(2), word(3) as usize);
    let digit =
        |index: i32| if (0..i32::from(count)).contains(&index) { word(4 + index as usize) } else { 0 };
    let mut text = String::new();
    for index in 0..=weight.max(0) {
        let value = if weight < 0 { 0 } else { digit(index) };
        if text.is_empty() && (value != 0 || index == weight.max(0)) {
            write!(text, "{value}").expect("a string takes all");
        } else if !text.is_empty() {
            write!(text, "{value:04}").expect("a string takes all");
        }
    }
    let mut fraction = String::new();
    let mut index = weight + 1;
    if weight < 0 {
        fraction.push_str(&"0000".repeat((-weight - 1) as usize));
        index = 0;
    }
    while fraction.len() < scale {
        write!(fraction, "{:04}", digit(index)).expect("a string takes all");
        index += 1;
    }
    if scale > 0 {
        text = format!("{text}.{}", &fraction[..scale]);
    }
    if sign != 0 { format!("-{text}") } else { text }
}

/// Source: `array_send` of PostgreSQL's `arrayfuncs.c`.
fn array(bytes: &[u8], element: &Type) -> String {
    let word = |at: usize| i32::from_be_bytes([bytes[at], bytes[at + 1], bytes[at + 2], bytes[at + 3]]);
    if word(0) == 0 {
        return "{}".to_owned();
    }
    let (mut at, mut items) = (20, Vec::new());
    for _ in 0..word(12) {
        let length = word(at);
        at += 4;
        if length < 0 {
            items.push("NULL".to_owned());
            continue;
        }
        items.push(decoded(&bytes[at..at + length as usize], element));
        at += length as usize;
    }
    format!("{{{}}}", items.join(","))
}

/// The CRC-32 of zlib and Java.
fn crc32(bytes: &[u8]) -> u32 {
    let mut crc = u32::MAX;
    for byte in bytes {
        crc ^= u32::from(*byte);
        for _ in 0..8 {
            crc = if crc & 1 == 1 { (crc >> 1) ^ 0xEDB8_8320 } else { crc >> 1 };
        }
    }
    !crc
}
