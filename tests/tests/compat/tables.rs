//! The same tables and views in a lake and in a real PostgreSQL.
//!
//! Each table is written here once, as text; Parquet files and INSERTs are made of that.

use std::fmt::Write as _;
use std::fs;
use std::path::Path;
use std::sync::{Arc, Mutex, PoisonError, Weak};

use arrow::array::{
    ArrayRef, BinaryArray, FixedSizeBinaryBuilder, Float64Array, ListBuilder, StringArray, StringBuilder,
};
use arrow::compute::cast;
use arrow::datatypes::{DataType, Field, Schema, TimeUnit};
use arrow::record_batch::RecordBatch;
use lakeport_tests::{Server, required};
use parquet::arrow::ArrowWriter;
use tempfile::TempDir;

use crate::talk::Talk;

/// The database's name on both sides.
pub(crate) const DATABASE: &str = "lake";

/// Who owns what nobody made by SQL, as Lakeport calls it.
const OWNER: &str = "lakeport";

struct Table {
    schema: &'static str,
    name: &'static str,
    description: &'static str,
    columns: &'static [Column],
    /// The columns of the primary key.
    key: &'static [&'static str],
    /// Columns that are unique.
    unique: &'static [&'static str],
    /// A column, and the table whose primary key it refers to.
    refers: Option<(&'static str, &'static str)>,
    /// One line a row, cells between bars; `-` is NULL.
    rows: &'static str,
}

struct Column {
    name: &'static str,
    kind: Kind,
    is_nullable: bool,
    description: &'static str,
}

/// A type as both sides have it.
#[derive(Clone, Copy, PartialEq)]
enum Kind {
    Bool,
    Int2,
    Int4,
    Int8,
    Float4,
    Float8,
    Numeric(u8, i8),
    Text,
    Date,
    Timestamp,
    Timestamptz,
    Uuid,
    Bytea,
    TextArray,
}

const fn column(name: &'static str, kind: Kind) -> Column {
    Column { name, kind, is_nullable: true, description: "" }
}

const fn always(name: &'static str, kind: Kind) -> Column {
    Column { name, kind, is_nullable: false, description: "" }
}

const fn described(name: &'static str, kind: Kind, description: &'static str) -> Column {
    Column { name, kind, is_nullable: true, description }
}

const TABLES: [Table; 5] = [
    Table {
        schema: "public",
        name: "customers",
        description: "Who buys.",
        columns: &[
            always("id", Kind::Int8),
            always("name", Kind::Text),
            described("country", Kind::Text, "Two letters, as in ISO 3166."),
            column("balance", Kind::Numeric(12, 2)),
            column("since", Kind::Date),
            column("active", Kind::Bool),
        ],
        key: &["id"],
        unique: &["name"],
        refers: None,
        rows: "1|Ana Ferreira|PT|120.50|2019-03-01|t
2|Björn Åkesson|SE|-3.25|2020-02-29|t
3|Chidi Okafor|NG|0.00|2021-12-31|f
4|O'Neil \"Dee\"|IE|-|2022-01-01|t
5|田中 恵|JP|99999.99|2018-07-15|-
6|Nobody|-|-|-|f",
    },
    Table {
        schema: "public",
        name: "orders",
        description: "What was bought, one row an order.",
        columns: &[
            always("id", Kind::Int8),
            column("customer_id", Kind::Int8),
            always("ordered_at", Kind::Timestamptz),
            column("amount", Kind::Numeric(10, 2)),
            column("quantity", Kind::Int2),
            column("note", Kind::Text),
        ],
        key: &["id"],
        unique: &[],
        refers: Some(("customer_id", "public.customers")),
        rows: "101|1|2024-01-05T09:30:00Z|19.99|1|-
102|1|2024-01-31T23:59:59.999999Z|250.00|10|gift
103|2|2024-02-29T12:00:00Z|7.50|3|100%_sure
104|2|2024-03-10T06:15:30.5Z|0.01|1|back\\slash
105|3|2024-03-31T00:00:00Z|1234.56|2|-
106|-|2024-04-01T18:45:00Z|5.00|5|no customer
107|5|2023-12-31T23:00:00Z|42.42|-|x
108|5|2024-05-17T08:00:00Z|-|4|x",
    },
    Table {
        schema: "public",
        name: "kinds",
        description: "",
        columns: &[
            always("id", Kind::Int4),
            column("b", Kind::Bool),
            column("i2", Kind::Int2),
            column("i4", Kind::Int4),
            column("i8", Kind::Int8),
            column("f4", Kind::Float4),
            column("f8", Kind::Float8),
            column("n", Kind::Numeric(18, 4)),
            column("t", Kind::Text),
            column("d", Kind::Date),
            column("ts", Kind::Timestamp),
            column("tz", Kind::Timestamptz),
            column("u", Kind::Uuid),
            column("y", Kind::Bytea),
            column("a", Kind::TextArray),
        ],
        key: &[],
        unique: &[],
        refers: None,
        rows: "1|t|1|1|1|1.5|0.1|1.5000|one|2024-01-01|2024-01-01T00:00:00|2024-01-01T00:00:00Z|00000000-0000-0000-0000-000000000001|00|a,b
2|f|-32768|-2147483648|-9223372036854775808|-3.4e38|1.3599999999999999|-12345678901234.5678||1970-01-01|1999-12-31T23:59:59.123456|1999-12-31T23:59:59.1Z|ffffffff-ffff-ffff-ffff-ffffffffffff|deadbeef|
3|-|-|-|-|-|-|-|-|-|-|-|-|-|-
4|t|32767|2147483647|9223372036854775807|16777216|1e300|99999999999999.9999|a\"b{c},d\\\\e|0001-01-01|2262-04-11T23:47:16|2038-01-19T03:14:08Z|12345678-9abc-def0-1234-56789abcdef0||x y,NULL,\"q\"",
    },
    Table {
        schema: "public",
        name: "Mixed Case",
        description: "Names as spreadsheets have them.",
        columns: &[
            always("Id", Kind::Int4),
            column("Order Date", Kind::Timestamp),
            column("Größe", Kind::Float8),
            column("select", Kind::Text),
        ],
        key: &["Id"],
        unique: &[],
        refers: None,
        rows: "1|2024-02-03T04:05:06|1.36|a
2|2024-02-04T00:00:00|2.5|b
3|-|-|-",
    },
    Table {
        schema: "sales",
        name: "lines",
        description: "",
        columns: &[
            always("order_id", Kind::Int8),
            always("line", Kind::Int4),
            column("product", Kind::Text),
            column("price", Kind::Numeric(10, 2)),
        ],
        key: &["order_id", "line"],
        unique: &[],
        refers: Some(("order_id", "public.orders")),
        rows: "101|1|lamp|19.99
102|1|chair|200.00
102|2|rope|50.00
103|1|kettle|7.50",
    },
];

/// Views: schema, name, description, text.
const VIEWS: [(&str, &str, &str, &str); 2] = [
    (
        "sales",
        "by_country",
        "What each country bought.",
        "SELECT c.country, count(*) AS orders, sum(o.amount) AS amount
FROM public.orders o
JOIN public.customers c ON c.id = o.customer_id
GROUP BY c.country",
    ),
    ("public", "late_orders", "", "SELECT id, amount FROM public.orders WHERE ordered_at >= '2024-03-01'"),
];

/// Both servers with the same tables: shared by the tests that run at one time, and ended with the last of them.
pub(crate) struct Both {
    /// The address of each server's port, Lakeport's first.
    pub(crate) lakeport: String,
    pub(crate) postgres: String,
    server: Server,
    _folder: TempDir,
}

impl Both {
    /// The two, made where nobody holds them. A static would keep the server running when the program has ended.
    pub(crate) fn get() -> Arc<Both> {
        static BOTH: Mutex<Weak<Both>> = Mutex::new(Weak::new());
        let mut shared = BOTH.lock().unwrap_or_else(PoisonError::into_inner);
        shared.upgrade().unwrap_or_else(|| {
            let both = Arc::new(Both::make());
            *shared = Arc::downgrade(&both);
            both
        })
    }

    fn make() -> Both {
        let folder = tempfile::tempdir().expect("a folder");
        make_lake(folder.path());
        let postgres = required("LAKEPORT_TEST_POSTGRES");
        fill_postgres(&postgres);
        let server = Server::config(&folder.path().join("lakeport.toml"));
        Both { lakeport: format!("127.0.0.1:{}", server.port), postgres, server, _folder: folder }
    }

    /// The errors and warnings that Lakeport logged so far.
    pub(crate) fn complaints(&self) -> String {
        let log = self.server.log();
        let lines = log.lines().filter(|line| line.contains("ERROR") || line.contains("WARN"));
        lines.collect::<Vec<_>>().join("\n")
    }
}

fn make_lake(folder: &Path) {
    let mut config = format!(
        "views = \"views\"\n\n[postgres]\ndatabase = \"{DATABASE}\"\nsearch_path = 'public'\n\n[stores.disk.local]\nfolder = \"lake\"\n\n"
    );
    for schema in ["public", "sales"] {
        writeln!(config, "[schemas.{schema}]\nfrom = \"disk/{schema}/\"").expect("text");
    }
    for table in &TABLES {
        writeln!(config, "[tables.\"{}.{}\"]", table.schema, table.name).expect("text");
        writeln!(config, "from = \"disk/{}/{}.parquet\"", table.schema, table.name).expect("text");
        if !table.description.is_empty() {
            writeln!(config, "description = \"{}\"", table.description).expect("text");
        }
        if !table.key.is_empty() {
            writeln!(config, "primary_key = {:?}", table.key).expect("text");
        }
        if !table.unique.is_empty() {
            writeln!(config, "unique = [{:?}]", table.unique).expect("text");
        }
        if let Some((column, other)) = table.refers {
            let key = format!("{{ columns = [\"{column}\"], references = \"{other}\" }}");
            writeln!(config, "foreign_keys = [{key}]").expect("text");
        }
        for column in table.columns.iter().filter(|column| !column.description.is_empty()) {
            writeln!(config, "columns.{} = \"{}\"", column.name, column.description).expect("text");
        }
        let path = folder.join(format!("lake/{}/{}.parquet", table.schema, table.name));
        fs::create_dir_all(path.parent().expect("a folder")).expect("a folder");
        let batch = table.batch();
        let file = fs::File::create(path).expect("a file");
        let mut writer = ArrowWriter::try_new(file, batch.schema(), None).expect("a writer");
        writer.write(&batch).expect("rows");
        writer.close().expect("a footer");
    }
    fs::write(folder.join("lakeport.toml"), config).expect("a config");
    for (schema, name, description, text) in VIEWS {
        let views = folder.join("views").join(schema);
        fs::create_dir_all(&views).expect("a folder");
        let head =
            if description.is_empty() { String::new() } else { format!("-- description: {description}\n") };
        fs::write(views.join(format!("{name}.sql")), format!("{head}{text}\n")).expect("a view");
    }
}

fn fill_postgres(address: &str) {
    let mut first = Talk::connect(address, "postgres", "postgres").expect("a connection to PostgreSQL");
    // Roles are the cluster's, not the database's: another test may have made them.
    for role in ["test", OWNER] {
        let found = first.query(&format!("SELECT 1 FROM pg_roles WHERE rolname = '{role}'"));
        if found.parts.first().is_some_and(|part| part.rows.is_empty()) {
            first.must(&format!("CREATE ROLE {role} SUPERUSER LOGIN"));
        }
    }
    first.must(&format!("DROP DATABASE IF EXISTS {DATABASE} WITH (FORCE)"));
    first.must(&format!("CREATE DATABASE {DATABASE} OWNER test"));
    first.must(&format!("ALTER DATABASE {DATABASE} SET search_path = public"));
    first.must(&format!("ALTER DATABASE {DATABASE} SET timezone = 'UTC'"));
    let mut talk = Talk::connect(address, "test", DATABASE).expect("a connection to PostgreSQL");
    talk.must(&format!("ALTER SCHEMA public OWNER TO {OWNER}; COMMENT ON SCHEMA public IS NULL"));
    talk.must(&format!("CREATE SCHEMA sales AUTHORIZATION {OWNER}; SET ROLE {OWNER}"));
    for table in &TABLES {
        let name = format!("{}.\"{}\"", table.schema, table.name);
        talk.must(&table.ddl(&name));
        for row in table.rows.lines() {
            talk.must(&table.insert(&name, row));
        }
        talk.must(&format!("ANALYZE {name}"));
    }
    for table in &TABLES {
        if let Some((column, other)) = table.refers {
            let name = format!("{}.\"{}\"", table.schema, table.name);
            talk.must(&format!("ALTER TABLE {name} ADD FOREIGN KEY ({column}) REFERENCES {other}"));
        }
    }
    for (schema, name, description, text) in VIEWS {
        talk.must(&format!("CREATE VIEW {schema}.{name} AS {text}"));
        if !description.is_empty() {
            talk.must(&format!("COMMENT ON VIEW {schema}.{name} IS '{description}'"));
        }
    }
}

impl Table {
    fn ddl(&self, name: &str) -> String {
        let mut columns: Vec<String> = self
            .columns
            .iter()
            .map(|column| {
                let null = if column.is_nullable { "" } else { " NOT NULL" };
                format!("\"{}\" {}{null}", column.name, column.kind.sql())
            })
            .collect();
        let list = |names: &[&str]| format!("(\"{}\")", names.join("\", \""));
        for (what, names) in [("PRIMARY KEY", self.key), ("UNIQUE", self.unique)] {
            if !names.is_empty() {
                columns.push(format!("{what} {}", list(names)));
            }
        }
        let mut ddl = format!("CREATE TABLE {name} ({});", columns.join(", "));
        if !self.description.is_empty() {
            write!(ddl, "COMMENT ON TABLE {name} IS '{}';", self.description).expect("text");
        }
        for column in self.columns.iter().filter(|column| !column.description.is_empty()) {
            write!(ddl, "COMMENT ON COLUMN {name}.\"{}\" IS '{}';", column.name, column.description)
                .expect("text");
        }
        ddl
    }

    fn insert(&self, name: &str, row: &str) -> String {
        let cells: Vec<String> = row
            .split('|')
            .zip(self.columns)
            .map(|(cell, column)| {
                let quoted = cell.replace('\'', "''");
                match column.kind {
                    _ if cell == "-" => "NULL".to_owned(),
                    Kind::Bytea => format!("'\\x{quoted}'"),
                    Kind::TextArray if cell.is_empty() => "'{}'".to_owned(),
                    Kind::TextArray => {
                        let items: Vec<String> = quoted
                            .split(',')
                            .map(|item| if item == "NULL" { item.to_owned() } else { format!("'{item}'") })
                            .collect();
                        format!("ARRAY[{}]::text[]", items.join(","))
                    }
                    _ => format!("'{quoted}'"),
                }
            })
            .collect();
        format!("INSERT INTO {name} VALUES ({})", cells.join(", "))
    }

    fn batch(&self) -> RecordBatch {
        let fields: Vec<Field> = self.columns.iter().map(Column::field).collect();
        let arrays = self.columns.iter().enumerate().map(|(index, column)| {
            let cells = self.rows.lines().map(|line| {
                let cell = line.split('|').nth(index).expect("as many cells as columns");
                (cell != "-").then_some(cell)
            });
            column.kind.array(cells.collect())
        });
        RecordBatch::try_new(Arc::new(Schema::new(fields)), arrays.collect()).expect("a batch")
    }
}

impl Column {
    fn field(&self) -> Field {
        let field = Field::new(self.name, self.kind.arrow(), self.is_nullable);
        match self.kind {
            Kind::Uuid => {
                field.with_metadata([("ARROW:extension:name".to_owned(), "arrow.uuid".to_owned())].into())
            }
            _ => field,
        }
    }
}

impl Kind {
    fn sql(self) -> String {
        match self {
            Kind::Bool => "boolean".to_owned(),
            Kind::Int2 => "smallint".to_owned(),
            Kind::Int4 => "integer".to_owned(),
            Kind::Int8 => "bigint".to_owned(),
            Kind::Float4 => "real".to_owned(),
            Kind::Float8 => "double precision".to_owned(),
            Kind::Numeric(precision, scale) => format!("numeric({precision},{scale})"),
            Kind::Text => "text".to_owned(),
            Kind::Date => "date".to_owned(),
            Kind::Timestamp => "timestamp".to_owned(),
            Kind::Timestamptz => "timestamptz".to_owned(),
            Kind::Uuid => "uuid".to_owned(),
            Kind::Bytea => "bytea".to_owned(),
            Kind::TextArray => "text[]".to_owned(),
        }
    }

    fn arrow(self) -> DataType {
        match self {
            Kind::Bool => DataType::Boolean,
            Kind::Int2 => DataType::Int16,
            Kind::Int4 => DataType::Int32,
            Kind::Int8 => DataType::Int64,
            Kind::Float4 => DataType::Float32,
            Kind::Float8 => DataType::Float64,
            Kind::Numeric(precision, scale) => DataType::Decimal128(precision, scale),
            Kind::Text => DataType::Utf8,
            Kind::Date => DataType::Date32,
            Kind::Timestamp => DataType::Timestamp(TimeUnit::Microsecond, None),
            Kind::Timestamptz => DataType::Timestamp(TimeUnit::Microsecond, Some("UTC".into())),
            Kind::Uuid => DataType::FixedSizeBinary(16),
            Kind::Bytea => DataType::Binary,
            Kind::TextArray => DataType::List(Field::new("item", DataType::Utf8, true).into()),
        }
    }

    fn array(self, cells: Vec<Option<&str>>) -> ArrayRef {
        match self {
            Kind::Uuid => {
                let mut built = FixedSizeBinaryBuilder::new(16);
                for cell in cells {
                    match cell {
                        Some(text) => built.append_value(bytes(&text.replace('-', ""))).expect("16 bytes"),
                        None => built.append_null(),
                    }
                }
                Arc::new(built.finish())
            }
            Kind::Bytea => {
                let cells: Vec<Option<Vec<u8>>> = cells.into_iter().map(|cell| cell.map(bytes)).collect();
                Arc::new(BinaryArray::from_iter(cells))
            }
            Kind::Float8 => {
                let cells =
                    cells.into_iter().map(|cell| cell.map(|text| text.parse::<f64>().expect("a number")));
                Arc::new(Float64Array::from_iter(cells))
            }
            Kind::TextArray => {
                let mut built = ListBuilder::new(StringBuilder::new());
                for cell in cells {
                    for item in
                        cell.into_iter().filter(|cell| !cell.is_empty()).flat_map(|cell| cell.split(','))
                    {
                        built.values().append_option((item != "NULL").then_some(item));
                    }
                    built.append(cell.is_some());
                }
                Arc::new(built.finish())
            }
            _ => {
                let cells: Vec<Option<&str>> = cells
                    .into_iter()
                    .map(|cell| cell.map(|cell| if self == Kind::Bool { word(cell) } else { cell }))
                    .collect();
                let array =
                    cast(&StringArray::from(cells.clone()), &self.arrow()).expect("cells of their type");
                assert_eq!(
                    array.null_count(),
                    cells.iter().filter(|cell| cell.is_none()).count(),
                    "a cell is not of its type: {cells:?}"
                );
                array
            }
        }
    }
}

fn word(cell: &str) -> &str {
    if cell == "t" { "true" } else { "false" }
}

fn bytes(hex: &str) -> Vec<u8> {
    (0..hex.len() / 2)
        .map(|index| u8::from_str_radix(&hex[2 * index..2 * index + 2], 16).expect("hex digits"))
        .collect()
}
