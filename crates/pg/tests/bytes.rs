//! Our bytes beside PostgreSQL's own, byte for byte, in text and in binary.
//!
//! `LAKEPORT_TEST_POSTGRES` names a PostgreSQL 15 that trusts us, as `host:port`; ./test starts it. What
//! is compared: whole DataRow messages, and the codes of what both must refuse.
#![expect(clippy::unwrap_used, reason = "a broken connection ends the test, as it should")]

use std::io::{Read, Write};
use std::net::TcpStream;
use std::sync::Arc;

use arrow::array::{
    ArrayRef, Decimal256Array, FixedSizeListArray, Float32Array, Float64Array, Int32Array, ListArray,
    StringArray, StructArray, TimestampMicrosecondArray,
};
use arrow::buffer::{NullBuffer, OffsetBuffer};
use arrow::datatypes::{DataType, Field, Int32Type, Schema, TimeUnit};
use arrow::record_batch::RecordBatch;
use lakeport_pg::encode::{Encoder, Format, decode};
use lakeport_sql::types::{PgType, column_type, record};
use lakeport_sql::value::{Column, DateOrder, DateStyle, IntervalStyle, Style, read};

/// A connection that speaks just enough of the protocol.
struct Postgres(TcpStream);

/// What a statement gave: the DataRow messages as they came, or the code of the error.
type Answer = Result<(Vec<u32>, Vec<u8>), String>;

impl Postgres {
    fn connect() -> Self {
        let address = std::env::var("LAKEPORT_TEST_POSTGRES").expect("./test sets LAKEPORT_TEST_POSTGRES");
        let mut postgres = Self(TcpStream::connect(address).expect("the server named is there"));
        let parameters = b"\0\x03\0\0user\0postgres\0client_encoding\0UTF8\0\0";
        let length = (parameters.len() as u32 + 4).to_be_bytes();
        postgres.0.write_all(&[&length, &parameters[..]].concat()).unwrap();
        postgres.until_ready().expect("we may log in");
        postgres
    }

    fn message(kind: u8, body: &[u8]) -> Vec<u8> {
        [&[kind][..], &(body.len() as u32 + 4).to_be_bytes(), body].concat()
    }

    fn run(&mut self, sql: &str) {
        let body = [sql.as_bytes(), b"\0"].concat();
        self.0.write_all(&Self::message(b'Q', &body)).unwrap();
        self.until_ready().unwrap_or_else(|code| panic!("{sql}: {code}"));
    }

    fn ask(&mut self, sql: &str, format: Format) -> Answer {
        let messages = [
            Self::message(b'P', &[b"\0", sql.as_bytes(), b"\0\0\0"].concat()),
            Self::message(b'B', &[&[0, 0, 0, 0, 0, 0, 0, 1][..], &format.code().to_be_bytes()].concat()),
            Self::message(b'D', b"P\0"),
            Self::message(b'E', &[0; 5]),
            Self::message(b'S', b""),
        ];
        self.0.write_all(&messages.concat()).unwrap();
        self.until_ready()
    }

    fn until_ready(&mut self) -> Answer {
        let (mut oids, mut rows, mut error) = (Vec::new(), Vec::new(), None);
        loop {
            let mut header = [0; 5];
            self.0.read_exact(&mut header).unwrap();
            let length = u32::from_be_bytes([header[1], header[2], header[3], header[4]]) as usize;
            let mut body = vec![0; length - 4];
            self.0.read_exact(&mut body).unwrap();
            match header[0] {
                b'D' => rows.extend_from_slice(&[&header[..], &body].concat()),
                b'T' => oids = described_oids(&body),
                b'E' => {
                    let fields = body.split(|byte| *byte == 0);
                    let code = fields.filter_map(|field| field.strip_prefix(b"C")).next().unwrap_or_default();
                    // 22015 is 22008 for intervals; we make no difference.
                    let code = if code == b"22015" { b"22008" } else { code };
                    error = Some(String::from_utf8_lossy(code).into_owned());
                }
                b'Z' => return error.map_or(Ok((oids, rows)), Err),
                _ => {}
            }
        }
    }

    fn set(&mut self, style: &Style) {
        let date = match style.date {
            DateStyle::Iso => "ISO",
            DateStyle::Sql => "SQL",
            DateStyle::Postgres => "Postgres",
            DateStyle::German => "German",
        };
        let order = match style.order {
            DateOrder::Ymd => "YMD",
            DateOrder::Dmy => "DMY",
            DateOrder::Mdy => "MDY",
        };
        let interval = match style.interval {
            IntervalStyle::Postgres => "postgres",
            IntervalStyle::PostgresVerbose => "postgres_verbose",
            IntervalStyle::SqlStandard => "sql_standard",
            IntervalStyle::Iso8601 => "iso_8601",
        };
        let bytea = if style.bytea_escape { "escape" } else { "hex" };
        self.run(&format!(
            "SET datestyle = '{date}, {order}'; SET intervalstyle = '{interval}'; SET timezone = '{}'; \
             SET extra_float_digits = {}; SET bytea_output = '{bytea}'",
            style.zone, style.extra_float_digits
        ));
    }

    /// Compares the rows of one column with what a query gives.
    fn compare(&mut self, sql: &str, field: &Field, array: &ArrayRef, style: &Style) {
        let field = field.clone().with_name("c").with_nullable(true);
        let schema = Arc::new(Schema::new(vec![field.clone()]));
        let batch = RecordBatch::try_new(schema.clone(), vec![array.clone()]).unwrap();
        for format in [Format::Text, Format::Binary] {
            let (oids, expected) = self.ask(sql, format).unwrap_or_else(|code| panic!("{sql}: {code}"));
            let encoder = Encoder::new(&schema, &[format], *style).unwrap();
            let mut found = Vec::new();
            for piece in encoder.encode(batch.clone()) {
                found.extend_from_slice(&piece.unwrap_or_else(|error| panic!("{sql}: {error}")).bytes);
            }
            assert_eq!(oids, [column_type(&field).pg_type.oid], "{sql}");
            assert!(
                found == expected,
                "{sql} as {format:?} in {style:?}\n ours  {}\n theirs {}",
                found.escape_ascii(),
                expected.escape_ascii()
            );
        }
    }
}

fn described_oids(body: &[u8]) -> Vec<u32> {
    let mut oids = Vec::new();
    let mut rest = &body[2..];
    while let Some(end) = rest.iter().position(|byte| *byte == 0) {
        rest = &rest[end + 1..];
        oids.push(u32::from_be_bytes(rest[6..10].try_into().unwrap()));
        rest = &rest[18..];
    }
    oids
}

fn styles() -> Vec<Style> {
    let zones = [
        chrono_tz::Tz::UTC,
        chrono_tz::Tz::America__Los_Angeles,
        chrono_tz::Tz::Asia__Kolkata,
        chrono_tz::Tz::Europe__Berlin,
        chrono_tz::Tz::Australia__Lord_Howe,
        chrono_tz::Tz::America__Sao_Paulo,
    ];
    let dates = [DateStyle::Iso, DateStyle::Sql, DateStyle::Postgres, DateStyle::German];
    let orders = [DateOrder::Mdy, DateOrder::Dmy, DateOrder::Ymd];
    let intervals = [
        IntervalStyle::Postgres,
        IntervalStyle::PostgresVerbose,
        IntervalStyle::SqlStandard,
        IntervalStyle::Iso8601,
    ];
    let mut styles = Vec::new();
    for (index, date) in dates.into_iter().cycle().take(24).enumerate() {
        styles.push(Style {
            zone: zones[index % zones.len()],
            date,
            order: orders[index / 4 % 3],
            interval: intervals[index / 2 % 4],
            extra_float_digits: [1, 0, 3, -3, -15][index % 5],
            bytea_escape: index % 2 == 1,
        });
    }
    styles
}

/// Texts of each type: what is read, and what must be refused.
const TEXTS: &[(PgType, &[&str])] = &[
    (PgType::BOOL, &["t", " TRUE ", "of", "o", "", "yes", "0"]),
    (PgType::INT2, &["32767", "-32768", "32768", " 1 ", "1.0", "", "--1", "+5"]),
    (PgType::INT4, &["2147483647", "-2147483648", "2147483648", "x"]),
    (
        PgType::INT8,
        &["9223372036854775807", "-9223372036854775808", "9223372036854775808", "99999999999999999999999"],
    ),
    (PgType::OID, &["0", "4294967295", "-1", "4294967296", "x"]),
    (
        PgType::FLOAT4,
        &[
            "0",
            "-0",
            "1",
            "0.1",
            "1e6",
            "123456",
            "1234567",
            "1e-5",
            "0.0001",
            "3.4028235e38",
            "1e-45",
            "1e39",
            "1e-50",
            "NaN",
            "Infinity",
            "-inf",
            "8589934592",
            "33554432",
            "1.1754944e-38",
            "x",
        ],
    ),
    (
        PgType::FLOAT8,
        &[
            "0",
            "-0",
            "1",
            "0.1",
            "1e14",
            "1e15",
            "123456789012345",
            "1234567890123456",
            "1e20",
            "1e-5",
            "0.0001",
            "1.7976931348623157e308",
            "5e-324",
            "2.2250738585072014e-308",
            "1e309",
            "1e-400",
            "0e400",
            "NaN",
            "-Infinity",
            "1e23",
            "9007199254740993",
            "5.684341886080801e-14",
            "9.5367431640625e-07",
            "4.35",
            "0.30000000000000004",
            "1e",
            "",
            ".",
            "1 2",
            "9223372036854775808",
        ],
    ),
    (
        PgType::NUMERIC,
        &[
            "0",
            "0.00",
            "-0.5",
            "1",
            "10000",
            "9999.9999",
            "123456789.123456789",
            "1e10",
            "1.5e-7",
            "1e-20",
            "-1.10",
            "99999999999999999999999999999999999999",
            "0.00000000000000000000000000000000000001",
            "12345678.9e3",
            "1e",
            "",
            "1.2.3",
            "--1",
            "100000000",
            "0.0001",
            "0.00010",
            "10000.0000",
            "1234567890123456789012345678901234567890123456789012345678901234567890.123456",
        ],
    ),
    (
        PgType::DATE,
        &[
            "1970-01-01",
            "2024-02-29",
            "2023-02-29",
            "0001-01-01",
            "0001-12-31 BC",
            "4714-11-24 BC",
            "4714-11-23 BC",
            "5874897-12-31",
            "5874898-01-01",
            "10000-01-01",
            "infinity",
            "-infinity",
            "epoch",
            "20240131",
            "240131",
            "1/2/2024",
            "13/1/2024",
            "1.2.2024",
            "1-2-24",
            "1-2-70",
            "Jan 5, 2024",
            "5 January 2024",
            "5-Jan-2024",
            "Jan-05-2024",
            "2024-Jan-05",
            "2024-01-31T10:00:00",
            "2024-13-01",
            "2024-00-01",
            "0000-01-01",
            "x",
            "",
            "2024",
            "2024-1",
            "2024-031",
            "Fri Jan 5 2024",
            "2024-01-31 BC",
            "2024-1-5",
        ],
    ),
    (
        PgType::TIME,
        &[
            "00:00",
            "04:05:06.789",
            "24:00:00",
            "24:00:01",
            "23:59:60",
            "4:05 PM",
            "12:00 AM",
            "12:30 pm",
            "13:00 pm",
            "04:05:06.1234565",
            "04:05:06.9999999",
            "25:00",
            "04:60",
            "x",
            "",
            "04:05:06 AM",
        ],
    ),
    (
        PgType::TIMESTAMP,
        &[
            "1970-01-01 00:00:00",
            "2024-01-31 04:05:06.789",
            "2024-01-31T04:05:06Z",
            "2024-01-31 04:05:06.1234567",
            "1999-12-31 23:59:59.9999999",
            "0044-03-15 12:00:00 BC",
            "4713-01-01 00:00:00 BC",
            "infinity",
            "-infinity",
            "epoch",
            "294246-12-31 23:59:59.999999",
            "294277-01-01",
            "2024-01-31",
            "20240131 040506",
            "20240131T040506.5",
            "Wed Jan 31 04:05:06 2024",
            "2024-01-31 25:00",
            "2024-01-31 04:05:06+05:30",
            "",
            "x",
            "2024-02-30 00:00",
            "2024-01-31 04:05:06 PM",
            "January 8, 1999 04:05:06 PM",
            "2024-01-31 +00",
        ],
    ),
    (
        PgType::TIMESTAMPTZ,
        &[
            "1970-01-01 00:00:00+00",
            "2024-01-31 04:05:06.789-08",
            "2024-07-31T04:05:06Z",
            "2024-01-31",
            "2024-07-01 12:00",
            "0044-03-15 12:00:00+00 BC",
            "1850-06-15 12:00:00+00",
            "infinity",
            "-infinity",
            "epoch",
            "2024-01-31 +00",
            "2024-01-31 04:05:06 -05:30",
            "2024-01-31 04:05:06+0530",
            "2024-01-31 04:05:06 PST",
            "2024-07-01 00:00 Europe/Berlin",
            "2024-07-01 00:00 america/new_york",
            "2024-03-10 02:30",
            "2024-11-03 01:30",
            "2024-03-31 02:30",
            "2024-10-27 02:30",
            "2024-01-31 04:05:06+16",
            "2024-01-31 04:05:06+15:59",
            "2024-01-31 00:00 Mars/Phobos",
            "2150-07-01 00:00:00+00",
            "9999-12-31 23:59:59+00",
            "2024-01-31 00:00 XYZ",
            "2024-01-31 04:05:06+05:30:15",
            "2100-02-28 12:00+00",
            "1901-12-14 00:00",
        ],
    ),
    (
        PgType::INTERVAL,
        &[
            "0",
            "1 year 2 mons 3 days 04:05:06.7",
            "-1 year -2 mons +3 days -04:05:06",
            "1 year -1 day",
            "@ 1 day ago",
            "1-2",
            "-1-2",
            "1 2:03:04",
            "-1 2:03:04",
            "P1Y2M3DT4H5M6.789S",
            "PT-0.5S",
            "P2W",
            "P0001-02-03T04:05:06",
            "1.5 days",
            "1.5 months",
            "1.5 years",
            "2 weeks",
            "90",
            "-0.5 sec",
            "1 microsecond",
            "100 ms",
            "1 decade",
            "1 century",
            "1 hour",
            "25:00:00",
            "-00:00:01",
            "178000000 years",
            "3000000000 days",
            "999999999999999999999 s",
            "x",
            "",
            "1 fortnight",
            "P",
            "1:99:00",
            "1 min 61 secs",
            "-1 day 01:00:00",
            "1 mon -1 secs",
            "-1 mon 1 sec",
            "0.1 us",
            "1.23456789 s",
        ],
    ),
    (PgType::BYTEA, &["\\x", "\\x00ff7f205c", "abc", "a\\\\b\\001", "\\x1", "\\xzz", "\\9", "é"]),
    (
        PgType::UUID,
        &[
            "a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11",
            "{A0EEBC999c0b4ef8bb6d6bb9bd380a11}",
            "a0ee-bc99-9c0b-4ef8-bb6d-6bb9-bd38-0a11",
            "a0eebc99",
            "a0eebc99--9c0b4ef8bb6d6bb9bd380a11",
            "",
        ],
    ),
    (PgType::TEXT, &["", "abc", "é😀", "a\tb\nc", "'quoted' \"text\" \\ "]),
    (PgType::VARCHAR, &["abc"]),
    (PgType::NAME, &["abc", "a name of seventy bytes, seven more than there is room for in a catalog"]),
    (PgType::CHAR, &["a", ""]),
    (PgType::JSON, &["{\"a\": [1, 2.5e3, null, true, \"x\\u00e9\"]}", "{", "nul", "1", "\"a\"", "[1,]", ""]),
    (PgType::JSONB, &["{}", "[]", "1", "\"a\"", "{a}"]),
    (PgType::INT4_ARRAY, &["{}", "{1,2,NULL}", " { 1 , 2 } ", "{1,x}", "{1", "{1,}", "{{}}", "1", "{1}}"]),
    (
        PgType::TEXT_ARRAY,
        &[
            "{a,\"b c\",NULL,\"NULL\",\"\",\"a\\\"b\\\\c\",\"{}\",\"a,b\"}",
            "{null}",
            "{a\\,b}",
            "{ a b }",
            "{\"x\" }",
            "{a\"b\"}",
        ],
    ),
    (PgType::BOOL_ARRAY, &["{t,f,NULL}"]),
    (PgType::FLOAT8_ARRAY, &["{1.5,NaN,-Infinity,NULL,1e20}"]),
    (PgType::DATE_ARRAY, &["{2024-01-31,infinity}"]),
    (PgType::TIMESTAMP_ARRAY, &["{2024-01-31 04:05:06,NULL}"]),
    (PgType::TIMESTAMPTZ_ARRAY, &["{2024-01-31 04:05:06+00,NULL}"]),
    (PgType::INTERVAL_ARRAY, &["{1 day,1 mon 02:00:00}"]),
    (PgType::BYTEA_ARRAY, &["{\"\\\\\\\\x00ff\",NULL}"]),
    (PgType::UUID_ARRAY, &["{a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11}"]),
    (PgType::INT2VECTOR, &["1 2 3", ""]),
    (PgType::OIDVECTOR, &["1 2 4294967295", ""]),
];

fn literal(text: &str, pg_type: PgType) -> String {
    let name = if pg_type == PgType::CHAR { "\"char\"" } else { pg_type.name };
    format!("SELECT '{}'::{name} AS c", text.replace('\'', "''"))
}

#[test]
fn every_text_is_read_and_written_as_postgres_does() {
    let mut postgres = Postgres::connect();
    let mut differences = Vec::new();
    for style in styles() {
        postgres.set(&style);
        for (pg_type, texts) in TEXTS {
            for text in *texts {
                let sql = literal(text, *pg_type);
                for format in [Format::Text, Format::Binary] {
                    let theirs = postgres.ask(&sql, format).map(|(_, rows)| rows);
                    let ours = ours(text, *pg_type, format, &style);
                    if theirs != ours {
                        let show = |answer: &Result<Vec<u8>, String>| match answer {
                            Ok(rows) => rows.escape_ascii().to_string(),
                            Err(code) => code.clone(),
                        };
                        differences.push(format!(
                            "{sql} {format:?} {style:?}\n  ours   {}\n  theirs {}",
                            show(&ours),
                            show(&theirs)
                        ));
                    }
                }
            }
        }
    }
    assert!(differences.is_empty(), "{} differences\n{}", differences.len(), differences.join("\n"));
}

/// The same through our reader and our encoder.
fn ours(text: &str, pg_type: PgType, format: Format, style: &Style) -> Result<Vec<u8>, String> {
    let code = |error: lakeport_sql::value::Error| error.sqlstate().code().to_owned();
    let array = if pg_type == PgType::NUMERIC {
        let number = read::decimal(text).map_err(code)?;
        let array = Decimal256Array::from(vec![number.unscaled]);
        Arc::new(array.with_precision_and_scale(76, number.scale as i8).unwrap()) as ArrayRef
    } else {
        read::read(text, pg_type, style).map_err(code)?
    };
    let field = pg_type.field("c", true).with_data_type(array.data_type().clone());
    let schema = Arc::new(Schema::new(vec![field]));
    let batch = RecordBatch::try_new(schema.clone(), vec![array]).unwrap();
    let mut rows = Vec::new();
    for piece in Encoder::new(&schema, &[format], *style).unwrap().encode(batch) {
        rows.extend_from_slice(&piece.map_err(|error| error.sqlstate.code().to_owned())?.bytes);
    }
    Ok(rows)
}

#[test]
fn what_postgres_sends_in_binary_is_read_as_a_parameter() {
    let mut postgres = Postgres::connect();
    let style = Style::default();
    postgres.set(&style);
    for (pg_type, texts) in TEXTS.iter().filter(|(pg_type, _)| *pg_type != PgType::NUMERIC) {
        for text in *texts {
            let sql = literal(text, *pg_type);
            let (Ok((_, binary)), Ok((_, expected))) =
                (postgres.ask(&sql, Format::Binary), postgres.ask(&sql, Format::Text))
            else {
                continue;
            };
            // A message of one value: type, length, count, length, value.
            let array = decode(Some(&binary[11..]), Format::Binary, *pg_type, &style);
            let array = array.unwrap_or_else(|error| panic!("{sql}: {error}"));
            let field = pg_type.field("c", true).with_data_type(array.data_type().clone());
            let mut found = Vec::new();
            Column::new(array.as_ref(), &field, &style).unwrap().write(0, &mut found).unwrap();
            assert_eq!(found.escape_ascii().to_string(), expected[11..].escape_ascii().to_string(), "{sql}");
        }
    }
}

#[test]
fn nested_values_are_postgres_arrays_and_records() {
    let mut postgres = Postgres::connect();
    let style = Style::default();
    postgres.set(&style);
    let two_by_two: ArrayRef = {
        let inner = ListArray::from_iter_primitive::<Int32Type, _, _>([
            Some(vec![Some(1), None]),
            Some(vec![Some(3), Some(4)]),
        ]);
        let field = Arc::new(Field::new("item", inner.data_type_of(), true));
        Arc::new(ListArray::new(field, OffsetBuffer::from_lengths([2]), Arc::new(inner), None))
    };
    let field = Field::new("c", two_by_two.data_type().clone(), true);
    postgres.compare("SELECT '{{1,NULL},{3,4}}'::int4[] AS c", &field, &two_by_two, &style);

    let fixed: ArrayRef = Arc::new(FixedSizeListArray::from_iter_primitive::<Int32Type, _, _>(
        [Some(vec![Some(1), Some(2)]), None],
        2,
    ));
    let field = Field::new("c", fixed.data_type().clone(), true);
    postgres.compare("SELECT * FROM (VALUES ('{1,2}'::int4[]), (NULL)) AS t (c)", &field, &fixed, &style);

    let members = vec![
        (
            Arc::new(Field::new("a", DataType::Int32, true)),
            Arc::new(Int32Array::from(vec![Some(1), None])) as ArrayRef,
        ),
        (
            Arc::new(Field::new("b", DataType::Utf8, true)),
            Arc::new(StringArray::from(vec![Some("a \"b\" (c) \\"), Some("")])) as ArrayRef,
        ),
    ];
    let records = StructArray::from(members);
    let field = record(Field::new("c", records.data_type_of(), true));
    let sql = "SELECT * FROM (VALUES (ROW(1, 'a \"b\" (c) \\'::text)), (ROW(NULL::int4, ''::text))) AS t (c)";
    postgres.compare(sql, &field, &(Arc::new(records.clone()) as ArrayRef), &style);

    let item = Arc::new(record(Field::new("item", records.data_type_of(), true)));
    let list: ArrayRef = Arc::new(ListArray::new(
        item,
        OffsetBuffer::from_lengths([2]),
        Arc::new(records),
        Some(NullBuffer::new_valid(1)),
    ));
    let field = Field::new("c", list.data_type().clone(), true);
    let sql = "SELECT ARRAY[ROW(1, 'a \"b\" (c) \\'::text), ROW(NULL::int4, ''::text)] AS c";
    postgres.compare(sql, &field, &list, &style);
}

/// The type of an array that is not behind a pointer.
trait DataTypeOf {
    fn data_type_of(&self) -> DataType;
}

impl<A: arrow::array::Array> DataTypeOf for A {
    fn data_type_of(&self) -> DataType {
        self.data_type().clone()
    }
}

#[test]
fn json_is_what_to_json_gives() {
    let mut postgres = Postgres::connect();
    let style = Style { zone: chrono_tz::Tz::Asia__Kolkata, ..Style::default() };
    postgres.set(&style);
    for (text, pg_type) in [
        ("1", PgType::INT4),
        ("t", PgType::BOOL),
        ("NaN", PgType::FLOAT8),
        ("1e20", PgType::FLOAT8),
        ("a\"\\\n\u{1}é/", PgType::TEXT),
        ("2024-01-31", PgType::DATE),
        ("0044-03-15 BC", PgType::DATE),
        ("2024-01-31 04:05:06.7", PgType::TIMESTAMP),
        ("infinity", PgType::TIMESTAMP),
        ("2024-01-31 04:05:06+00", PgType::TIMESTAMPTZ),
        ("0044-03-15 04:05:06+00 BC", PgType::TIMESTAMPTZ),
        ("1 day", PgType::INTERVAL),
        ("\\x00ff", PgType::BYTEA),
        ("{1,NULL,3}", PgType::INT4_ARRAY),
        ("{}", PgType::TEXT_ARRAY),
    ] {
        let array = read::read(text, pg_type, &style).unwrap();
        let mut json = Vec::new();
        Column::new(array.as_ref(), &pg_type.field("c", true), &style)
            .unwrap()
            .write_json(0, &mut json)
            .unwrap();
        let sql = format!("SELECT to_json('{text}'::{}) AS c", pg_type.name);
        let array: ArrayRef = Arc::new(StringArray::from(vec![String::from_utf8(json).unwrap()]));
        postgres.compare(&sql, &PgType::JSON.field("c", true), &array, &style);
    }
}

/// Numbers without any order, the same in every run. Source: splitmix64.
fn random() -> impl Iterator<Item = u64> {
    let mut state = 42u64;
    std::iter::repeat_with(move || {
        state = state.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mixed = (state ^ (state >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        let mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        mixed ^ (mixed >> 31)
    })
}

#[test]
fn random_floats_are_written_as_postgres_writes_them() {
    let mut postgres = Postgres::connect();
    for extra_float_digits in [1, 0, -3] {
        let style = Style { extra_float_digits, ..Style::default() };
        postgres.set(&style);
        let bits: Vec<u64> = random().take(2_000).collect();
        let mut wide: Vec<f64> =
            bits.iter().map(|bits| f64::from_bits(*bits)).filter(|float| float.is_finite()).collect();
        // Powers of two, where the shortest form may be a midpoint, and small decimals.
        wide.extend((-1000..1000).map(|power| 2f64.powi(power)));
        wide.extend(bits.iter().map(|bits| (bits % 1_000_000) as f64 / 100.0));
        wide.extend(bits.iter().map(|bits| (*bits as i64) as f64));
        let literals: Vec<String> = wide.iter().map(|float| format!("'{float:e}'")).collect();
        let sql = format!("SELECT * FROM unnest(ARRAY[{}]::float8[]) AS t (c)", literals.join(","));
        let array: ArrayRef = Arc::new(Float64Array::from(wide));
        postgres.compare(&sql, &PgType::FLOAT8.field("c", true), &array, &style);

        let mut narrow: Vec<f32> =
            bits.iter().map(|bits| f32::from_bits(*bits as u32)).filter(|float| float.is_finite()).collect();
        narrow.extend((-120..120).map(|power| 2f32.powi(power)));
        let literals: Vec<String> = narrow.iter().map(|float| format!("'{float:e}'")).collect();
        let sql = format!("SELECT * FROM unnest(ARRAY[{}]::float4[]) AS t (c)", literals.join(","));
        let array: ArrayRef = Arc::new(Float32Array::from(narrow));
        postgres.compare(&sql, &PgType::FLOAT4.field("c", true), &array, &style);
    }
}

#[test]
fn random_moments_are_shown_in_every_zone_as_postgres_shows_them() {
    let mut postgres = Postgres::connect();
    const YEAR: i64 = 31_556_952_000_000;
    let micros: Vec<i64> =
        random().take(1_000).map(|bits| (bits % (400 * YEAR as u64)) as i64 - 100 * YEAR).collect();
    let array: ArrayRef = Arc::new(TimestampMicrosecondArray::from(micros).with_timezone("UTC"));
    let field = Field::new("c", DataType::Timestamp(TimeUnit::Microsecond, Some("UTC".into())), true);
    let column = Column::new(array.as_ref(), &field, &Style::default()).unwrap();
    let literal = |row: usize| {
        let mut text = b"'".to_vec();
        column.write(row, &mut text).unwrap();
        text.push(b'\'');
        String::from_utf8(text).unwrap()
    };
    let literals: Vec<String> = (0..array.len()).map(literal).collect();
    let sql = format!("SELECT * FROM unnest(ARRAY[{}]::timestamptz[]) AS t (c)", literals.join(","));
    for style in styles() {
        // The literals are ISO, which every date style reads.
        postgres.set(&style);
        postgres.compare(&sql, &field, &array, &style);
    }
}
