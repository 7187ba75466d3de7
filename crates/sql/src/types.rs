//! PostgreSQL's types, and the Arrow types that carry their values.
//!
//! Most types have an Arrow type of their own. Those that share one (oid and int8, name and
//! text) are told apart by the field's metadata under [`TYPE_KEY`] and [`TYPMOD_KEY`].

use std::collections::HashMap;

use arrow::datatypes::{DataType, Field, IntervalUnit, TimeUnit};

/// Key of the field metadata that names a PostgreSQL type where the Arrow type alone does not.
pub const TYPE_KEY: &str = "pg.type";

/// Key of the field metadata with a type modifier, as a decimal number.
pub const TYPMOD_KEY: &str = "pg.typmod";

/// Keys of the field metadata that say which table's column a column of an answer simply is.
const RELATION_KEY: &str = "pg.relation";
const NUMBER_KEY: &str = "pg.attnum";

/// What carries numerics whose digits only each value knows: a text or a float cast to a bare `numeric`.
///
/// 39 digits before the point and 37 behind it; what needs more is refused. A value is written without the zeros at its
/// end. The scale is one that no one declares, so that the type itself is the mark, which arithmetic keeps.
pub const OPEN_NUMERIC: DataType = DataType::Decimal256(76, OPEN_SCALE);

/// Digits behind the point of [`OPEN_NUMERIC`].
pub const OPEN_SCALE: i8 = 37;

/// What carries quotients of numerics, and what is computed of them: rounded as PostgreSQL rounds a quotient, and written
/// with the zeros at the end that it writes, as far as the value tells. As [`OPEN_NUMERIC`], the type itself is the mark.
pub const RATIO_NUMERIC: DataType = DataType::Decimal256(76, RATIO_SCALE);

/// Digits behind the point of [`RATIO_NUMERIC`].
pub const RATIO_SCALE: i8 = 36;

/// What carries standard deviations of numerics: rounded as [`RATIO_NUMERIC`] is, each as the quotient that it is the root of.
/// The precision is the mark here, and in those that follow: which digits a value has tells the function that made it.
pub const DEVIATION_NUMERIC: DataType = DataType::Decimal256(75, RATIO_SCALE);

/// What carries square roots of numerics.
pub const ROOT_NUMERIC: DataType = DataType::Decimal256(74, RATIO_SCALE);

/// What carries natural logarithms of numerics.
pub const LOGARITHM_NUMERIC: DataType = DataType::Decimal256(73, RATIO_SCALE);

/// What carries other logarithms of numerics.
pub const COMMON_LOGARITHM_NUMERIC: DataType = DataType::Decimal256(72, RATIO_SCALE);

/// What carries powers of numerics whose exponents have fractions.
pub const POWER_NUMERIC: DataType = DataType::Decimal256(71, RATIO_SCALE);

/// What carries variances of numerics: quotients, but for 0, which is no quotient.
pub const VARIANCE_NUMERIC: DataType = DataType::Decimal256(70, RATIO_SCALE);

/// Whether each of a column's numerics has a scale of its own.
pub fn is_open_numeric(data_type: &DataType) -> bool {
    *data_type == OPEN_NUMERIC || is_rounded_numeric(data_type)
}

/// Whether each of a column's numerics has a scale of its own, to which it is rounded.
pub fn is_rounded_numeric(data_type: &DataType) -> bool {
    matches!(data_type, DataType::Decimal256(70..=76, RATIO_SCALE))
}

/// The column of a table or view that a column of an answer simply is; zeros where it is none.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Origin {
    /// The relation's oid in `pg_class`.
    pub relation: u32,
    /// The column's number in `pg_attribute`.
    pub number: i16,
}

impl Origin {
    /// What the metadata of a field says.
    pub fn of(field: &Field) -> Origin {
        let metadata = field.metadata();
        let relation = metadata.get(RELATION_KEY).and_then(|text| text.parse().ok());
        let number = metadata.get(NUMBER_KEY).and_then(|text| text.parse().ok());
        match (relation, number) {
            (Some(relation), Some(number)) => Origin { relation, number },
            _ => Origin::default(),
        }
    }

    /// The field with this as its origin, whatever its metadata said before.
    pub fn mark(self, field: Field) -> Field {
        let mut metadata = field.metadata().clone();
        if self == Origin::default() {
            metadata.remove(RELATION_KEY);
        } else {
            metadata.insert(RELATION_KEY.to_owned(), self.relation.to_string());
            metadata.insert(NUMBER_KEY.to_owned(), self.number.to_string());
        }
        field.with_metadata(metadata)
    }
}

/// A type as a client sees it: what RowDescription says of a column.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct PgType {
    /// The oid in `pg_type`.
    pub oid: u32,
    /// The name in `pg_type`.
    pub name: &'static str,
    /// The size of a value in bytes; -1 where it varies, -2 for C strings.
    pub size: i16,
    /// The oid of the type of the elements, for an array; otherwise 0.
    pub element: u32,
    /// The oid of the array type over this one; 0 where there is none.
    pub array: u32,
}

macro_rules! types {
    ($($constant:ident $name:literal $oid:literal $size:literal $element:literal $array:literal;)*) => {
        impl PgType {
            $(#[doc = concat!("`", $name, "`")]
            pub const $constant: PgType = PgType {
                oid: $oid, name: $name, size: $size, element: $element, array: $array,
            };)*

            /// Every type that a value can be sent as.
            pub const ALL: &'static [PgType] = &[$(Self::$constant),*];
        }
    };
}

// Source: `SELECT typname, oid, typlen, typelem, typarray FROM pg_type` of PostgreSQL 15.
types! {
    BOOL "bool" 16 1 0 1000;
    BYTEA "bytea" 17 -1 0 1001;
    CHAR "char" 18 1 0 1002;
    NAME "name" 19 64 18 1003;
    INT8 "int8" 20 8 0 1016;
    INT2 "int2" 21 2 0 1005;
    INT2VECTOR "int2vector" 22 -1 21 1006;
    INT4 "int4" 23 4 0 1007;
    REGPROC "regproc" 24 4 0 1008;
    TEXT "text" 25 -1 0 1009;
    OID "oid" 26 4 0 1028;
    TID "tid" 27 6 0 1010;
    XID "xid" 28 4 0 1011;
    CID "cid" 29 4 0 1012;
    OIDVECTOR "oidvector" 30 -1 26 1013;
    JSON "json" 114 -1 0 199;
    PG_NODE_TREE "pg_node_tree" 194 -1 0 0;
    FLOAT4 "float4" 700 4 0 1021;
    FLOAT8 "float8" 701 8 0 1022;
    INET "inet" 869 -1 0 1041;
    UNKNOWN "unknown" 705 -2 0 0;
    ACLITEM "aclitem" 1033 12 0 1034;
    BPCHAR "bpchar" 1042 -1 0 1014;
    VARCHAR "varchar" 1043 -1 0 1015;
    DATE "date" 1082 4 0 1182;
    TIME "time" 1083 8 0 1183;
    TIMESTAMP "timestamp" 1114 8 0 1115;
    TIMESTAMPTZ "timestamptz" 1184 8 0 1185;
    INTERVAL "interval" 1186 16 0 1187;
    NUMERIC "numeric" 1700 -1 0 1231;
    REGPROCEDURE "regprocedure" 2202 4 0 2207;
    REGOPER "regoper" 2203 4 0 2208;
    REGOPERATOR "regoperator" 2204 4 0 2209;
    REGCLASS "regclass" 2205 4 0 2210;
    REGTYPE "regtype" 2206 4 0 2211;
    RECORD "record" 2249 -1 0 2287;
    ANYARRAY "anyarray" 2277 -1 0 0;
    BIT "bit" 1560 -1 0 1561;
    VARBIT "varbit" 1562 -1 0 1563;
    VOID "void" 2278 4 0 0;
    XID8 "xid8" 5069 8 0 271;
    UUID "uuid" 2950 16 0 2951;
    TXID_SNAPSHOT "txid_snapshot" 2970 -1 0 2949;
    PG_LSN "pg_lsn" 3220 8 0 3221;
    PG_NDISTINCT "pg_ndistinct" 3361 -1 0 0;
    PG_DEPENDENCIES "pg_dependencies" 3402 -1 0 0;
    JSONB "jsonb" 3802 -1 0 3807;
    REGNAMESPACE "regnamespace" 4089 4 0 4090;
    REGROLE "regrole" 4096 4 0 4097;
    REGCOLLATION "regcollation" 4191 4 0 4192;
    PG_MCV_LIST "pg_mcv_list" 5017 -1 0 0;
    PG_SNAPSHOT "pg_snapshot" 5038 -1 0 5039;
    BOOL_ARRAY "_bool" 1000 -1 16 0;
    BYTEA_ARRAY "_bytea" 1001 -1 17 0;
    CHAR_ARRAY "_char" 1002 -1 18 0;
    NAME_ARRAY "_name" 1003 -1 19 0;
    INT2_ARRAY "_int2" 1005 -1 21 0;
    INT4_ARRAY "_int4" 1007 -1 23 0;
    TEXT_ARRAY "_text" 1009 -1 25 0;
    INT8_ARRAY "_int8" 1016 -1 20 0;
    FLOAT4_ARRAY "_float4" 1021 -1 700 0;
    FLOAT8_ARRAY "_float8" 1022 -1 701 0;
    OID_ARRAY "_oid" 1028 -1 26 0;
    ACLITEM_ARRAY "_aclitem" 1034 -1 1033 0;
    BPCHAR_ARRAY "_bpchar" 1014 -1 1042 0;
    VARCHAR_ARRAY "_varchar" 1015 -1 1043 0;
    DATE_ARRAY "_date" 1182 -1 1082 0;
    TIME_ARRAY "_time" 1183 -1 1083 0;
    TIMESTAMP_ARRAY "_timestamp" 1115 -1 1114 0;
    TIMESTAMPTZ_ARRAY "_timestamptz" 1185 -1 1184 0;
    INTERVAL_ARRAY "_interval" 1187 -1 1186 0;
    NUMERIC_ARRAY "_numeric" 1231 -1 1700 0;
    UUID_ARRAY "_uuid" 2951 -1 2950 0;
    JSON_ARRAY "_json" 199 -1 114 0;
    JSONB_ARRAY "_jsonb" 3807 -1 3802 0;
    RECORD_ARRAY "_record" 2287 -1 2249 0;
    REGTYPE_ARRAY "_regtype" 2211 -1 2206 0;
    REGCLASS_ARRAY "_regclass" 2210 -1 2205 0;
    REGPROC_ARRAY "_regproc" 1008 -1 24 0;
    REGNAMESPACE_ARRAY "_regnamespace" 4090 -1 4089 0;
    REGROLE_ARRAY "_regrole" 4097 -1 4096 0;
    XID_ARRAY "_xid" 1011 -1 28 0;
    XID8_ARRAY "_xid8" 271 -1 5069 0;
    INET_ARRAY "_inet" 1041 -1 869 0;
    BIT_ARRAY "_bit" 1561 -1 1560 0;
    VARBIT_ARRAY "_varbit" 1563 -1 1562 0;
    PG_LSN_ARRAY "_pg_lsn" 3221 -1 3220 0;
}

/// The type and typmod of a column.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ColumnType {
    /// The type.
    pub pg_type: PgType,
    /// The type modifier; -1 where there is none.
    pub typmod: i32,
}

impl PgType {
    /// The type with this oid, if values can be sent as it.
    pub fn by_oid(oid: u32) -> Option<PgType> {
        Self::ALL.iter().copied().find(|pg_type| pg_type.oid == oid)
    }

    /// The type with this name in `pg_type`.
    pub fn by_name(name: &str) -> Option<PgType> {
        Self::ALL.iter().copied().find(|pg_type| pg_type.name == name)
    }

    /// The type of arrays of this one; text's where it has none of its own.
    pub fn array_of(self) -> PgType {
        Self::by_oid(self.array).unwrap_or(Self::TEXT_ARRAY)
    }

    /// An Arrow field that carries values of this type, its metadata naming the type where
    /// the Arrow type alone would be read as another.
    pub fn field(self, name: &str, nullable: bool) -> Field {
        let field = Field::new(name, self.arrow(), nullable);
        if column_type(&field).pg_type == self {
            return field;
        }
        field.with_metadata(HashMap::from([(TYPE_KEY.to_owned(), self.name.to_owned())]))
    }

    /// The Arrow type that carries values of this type when they come from a client or a catalog.
    ///
    /// Numeric is [`OPEN_NUMERIC`] here: a typmod, or a value that is known, makes it narrower.
    pub fn arrow(self) -> DataType {
        if self.element != 0 && self != Self::NAME {
            let element = Self::by_oid(self.element).unwrap_or(Self::TEXT);
            return DataType::List(element.field("item", true).into());
        }
        match self {
            Self::BOOL => DataType::Boolean,
            Self::BYTEA => DataType::Binary,
            Self::INT2 => DataType::Int16,
            Self::INT4 => DataType::Int32,
            Self::INT8 => DataType::Int64,
            Self::OID
            | Self::XID
            | Self::CID
            | Self::REGPROC
            | Self::REGPROCEDURE
            | Self::REGOPER
            | Self::REGOPERATOR
            | Self::REGCLASS
            | Self::REGTYPE
            | Self::REGNAMESPACE
            | Self::REGROLE
            | Self::REGCOLLATION => DataType::UInt32,
            Self::FLOAT4 => DataType::Float32,
            Self::FLOAT8 => DataType::Float64,
            Self::NUMERIC => OPEN_NUMERIC,
            Self::DATE => DataType::Date32,
            Self::TIME => DataType::Time64(TimeUnit::Microsecond),
            Self::TIMESTAMP => DataType::Timestamp(TimeUnit::Microsecond, None),
            Self::TIMESTAMPTZ => DataType::Timestamp(TimeUnit::Microsecond, Some("UTC".into())),
            Self::INTERVAL => DataType::Interval(IntervalUnit::MonthDayNano),
            Self::UUID => DataType::FixedSizeBinary(16),
            _ => DataType::Utf8,
        }
    }
}

/// The PostgreSQL type of an Arrow field: what its metadata says, and otherwise what fits its
/// Arrow type without loss.
pub fn column_type(field: &Field) -> ColumnType {
    let metadata = field.metadata();
    let typmod = metadata.get(TYPMOD_KEY).and_then(|text| text.parse().ok()).unwrap_or(-1);
    if let Some(pg_type) = metadata.get(TYPE_KEY).and_then(|name| PgType::by_name(name)) {
        return ColumnType { pg_type, typmod };
    }
    let (pg_type, own_typmod) = of_arrow(field.data_type(), field);
    ColumnType { pg_type, typmod: if typmod == -1 { own_typmod } else { typmod } }
}

/// The field of a numeric, or of an array of them, that has any number of digits; every other one as it is.
pub fn without_modifier(field: Field) -> Field {
    let column = column_type(&field);
    if column.typmod == -1 || ![PgType::NUMERIC, PgType::NUMERIC_ARRAY].contains(&column.pg_type) {
        return field;
    }
    let mut metadata = field.metadata().clone();
    metadata.insert(TYPE_KEY.to_owned(), column.pg_type.name.to_owned());
    metadata.insert(TYPMOD_KEY.to_owned(), "-1".to_owned());
    field.with_metadata(metadata)
}

/// The field of a row that SQL makes: a record. Without this a struct is what Parquet calls one, and is json.
pub fn record(field: Field) -> Field {
    let mut metadata = field.metadata().clone();
    metadata.insert(TYPE_KEY.to_owned(), PgType::RECORD.name.to_owned());
    field.with_metadata(metadata)
}

/// A numeric's typmod as PostgreSQL packs precision and scale.
///
/// Source: `make_numeric_typmod` in PostgreSQL's `numeric.c`: ((precision << 16) | scale) + 4.
fn numeric_typmod(precision: u8, scale: i8) -> i32 {
    // A negative scale rounds left of the point; sent values carry none, so 0 describes them.
    ((i32::from(precision) << 16) | i32::from(scale.max(0))) + 4
}

fn of_arrow(data_type: &DataType, field: &Field) -> (PgType, i32) {
    let pg_type = match data_type {
        DataType::Boolean => PgType::BOOL,
        DataType::Int8 | DataType::Int16 | DataType::UInt8 => PgType::INT2,
        DataType::Int32 | DataType::UInt16 => PgType::INT4,
        DataType::Int64 | DataType::UInt32 => PgType::INT8,
        DataType::UInt64 => return (PgType::NUMERIC, numeric_typmod(20, 0)),
        DataType::Float16 | DataType::Float32 => PgType::FLOAT4,
        DataType::Float64 => PgType::FLOAT8,
        open if is_open_numeric(open) => PgType::NUMERIC,
        DataType::Decimal32(precision, scale)
        | DataType::Decimal64(precision, scale)
        | DataType::Decimal128(precision, scale)
        | DataType::Decimal256(precision, scale) => {
            return (PgType::NUMERIC, numeric_typmod(*precision, *scale));
        }
        DataType::Date32 | DataType::Date64 => PgType::DATE,
        DataType::Time32(_) | DataType::Time64(_) => PgType::TIME,
        DataType::Timestamp(_, None) => PgType::TIMESTAMP,
        DataType::Timestamp(_, Some(_)) => PgType::TIMESTAMPTZ,
        DataType::Duration(_) | DataType::Interval(_) => PgType::INTERVAL,
        DataType::FixedSizeBinary(16) if field.extension_type_name() == Some("arrow.uuid") => PgType::UUID,
        DataType::Binary | DataType::LargeBinary | DataType::BinaryView | DataType::FixedSizeBinary(_) => {
            PgType::BYTEA
        }
        DataType::List(element)
        | DataType::LargeList(element)
        | DataType::ListView(element)
        | DataType::LargeListView(element)
        | DataType::FixedSizeList(element, _) => {
            let element = innermost(element);
            let inner = column_type(element);
            return (inner.pg_type.array_of(), inner.typmod);
        }
        // A column of a table cannot be a record in PostgreSQL; what SQL makes of values is marked as one.
        DataType::Struct(_) | DataType::Map(_, _) | DataType::Union(_, _) => PgType::JSON,
        DataType::Dictionary(_, value) => return of_arrow(value, field),
        DataType::RunEndEncoded(_, values) => {
            return (column_type(values).pg_type, column_type(values).typmod);
        }
        DataType::Null | DataType::Utf8 | DataType::LargeUtf8 | DataType::Utf8View => PgType::TEXT,
    };
    (pg_type, -1)
}

/// PostgreSQL's arrays have dimensions and no nesting: a list of lists of int4 is an `_int4`.
fn innermost(field: &Field) -> &Field {
    match field.data_type() {
        DataType::List(element)
        | DataType::LargeList(element)
        | DataType::ListView(element)
        | DataType::LargeListView(element)
        | DataType::FixedSizeList(element, _) => innermost(element),
        _ => field,
    }
}

#[cfg(test)]
mod tests {
    use super::{PgType, column_type};

    #[test]
    fn every_type_survives_the_way_through_an_arrow_field() {
        for pg_type in PgType::ALL {
            assert_eq!(column_type(&pg_type.field("c", true)).pg_type, *pg_type, "{}", pg_type.name);
        }
    }
}
