//! The parts of the catalog that are the same in every database: system relations, types, functions.
//!
//! Read from the data files once, when first asked for. How a relation's columns are defined is
//! itself a part of the catalog: the rows of `pg_attribute` and `pg_type`.

use std::collections::HashMap;
use std::sync::{Arc, LazyLock, OnceLock};

use arrow::array::RecordBatch;
use arrow::datatypes::{DataType, Field, Schema, SchemaRef};
use datafusion::common::{Result, exec_datafusion_err};
use lakeport_sql::types::{PgType, TYPE_KEY, TYPMOD_KEY};

use crate::cell::array;
use crate::copy_text::{rows, value};
use crate::data::{FUNCTION_SIGNATURES, fixed_rows};

/// A row of `pg_type`, as far as others need it.
#[derive(Debug, Clone, Copy)]
pub(crate) struct TypeRow {
    pub(crate) oid: u32,
    pub(crate) name: &'static str,
    pub(crate) schema: u32,
    pub(crate) by_value: bool,
    pub(crate) element: u32,
    pub(crate) subscript: &'static str,
    pub(crate) array: u32,
    pub(crate) align: &'static str,
    pub(crate) storage: &'static str,
    pub(crate) base: u32,
    pub(crate) base_typmod: i32,
    pub(crate) collation: u32,
}

impl TypeRow {
    /// Whether it is an array type proper, and not a vector or another type with subscripts.
    pub(crate) fn is_array(&self) -> bool {
        // Source: `format_type_extended` in `format_type.c`. 6179 is `array_subscript_handler`; vectors have it
        // too, and are told by being stored plain.
        self.element != 0 && self.subscript == "6179" && self.storage != "p"
    }
}

/// A function in `pg_proc`.
#[derive(Debug)]
pub(crate) struct Function {
    pub(crate) oid: u32,
    pub(crate) name: &'static str,
    pub(crate) schema: u32,
    pub(crate) argument_types: Vec<u32>,
    /// How its arguments read, with defaults.
    pub(crate) arguments: &'static str,
    /// How its arguments read where it must be told from its namesakes.
    pub(crate) identity_arguments: &'static str,
    /// How its result reads; none for procedures.
    pub(crate) result: Option<&'static str>,
}

/// A relation of `pg_catalog` or `information_schema`.
#[derive(Debug)]
pub(crate) struct SystemRelation {
    pub(crate) oid: u32,
    pub(crate) schema: &'static str,
    pub(crate) name: &'static str,
    /// `r` or `v`
    pub(crate) kind: &'static str,
    pub(crate) columns: SchemaRef,
    rows: OnceLock<RecordBatch>,
}

impl SystemRelation {
    /// The rows that are the same in every database.
    ///
    /// # Errors
    ///
    /// Where the data file does not hold what the columns say, which a test rules out.
    pub(crate) fn fixed_rows(&self) -> Result<&RecordBatch> {
        if self.rows.get().is_none() {
            let batch = self.read_rows()?;
            // Another thread may have been quicker; its rows are the same.
            let _ = self.rows.set(batch);
        }
        self.rows.get().ok_or_else(|| exec_datafusion_err!("the rows of {} are not there", self.name))
    }

    fn read_rows(&self) -> Result<RecordBatch> {
        let text = if self.schema == "pg_catalog" { fixed_rows(self.name) } else { None };
        let Some(text) = text else { return Ok(RecordBatch::new_empty(Arc::clone(&self.columns))) };
        let rows: Vec<Vec<&str>> = rows(text).collect();
        let columns = self.columns.fields().iter().enumerate().map(|(index, field)| {
            let cells = rows.iter().map(|row| {
                let text = row
                    .get(index)
                    .ok_or_else(|| exec_datafusion_err!("a row of {} has no {}", self.name, field.name()))?;
                value(text, field.data_type())
            });
            array(field.data_type(), cells.collect::<Result<Vec<_>>>()?)
        });
        Ok(RecordBatch::try_new(Arc::clone(&self.columns), columns.collect::<Result<_>>()?)?)
    }
}

/// The oid of `pg_catalog`.
pub(crate) const PG_CATALOG: u32 = 11;

/// The types, by oid.
pub(crate) fn type_by_oid(oid: u32) -> Option<&'static TypeRow> {
    TYPES.by_oid.get(&oid).map(|index| &TYPES.all[*index])
}

/// The type with this name in `pg_catalog`, or in `information_schema` by that schema's oid.
pub(crate) fn type_by_name(schema: u32, name: &str) -> Option<&'static TypeRow> {
    TYPES.by_name.get(&(schema, name)).map(|index| &TYPES.all[*index])
}

/// The functions, by oid.
pub(crate) fn function_by_oid(oid: u32) -> Option<&'static Function> {
    FUNCTIONS.by_oid.get(&oid).map(|index| &FUNCTIONS.all[*index])
}

/// The functions with this name, in whatever schema.
pub(crate) fn functions_by_name(name: &str) -> impl Iterator<Item = &'static Function> {
    FUNCTIONS.by_name.get(name).into_iter().flatten().map(|index| &FUNCTIONS.all[*index])
}

/// The system relations, sorted by oid.
pub(crate) fn system_relations() -> &'static [SystemRelation] {
    &RELATIONS.all
}

/// The system relation with this oid.
pub(crate) fn system_relation_by_oid(oid: u32) -> Option<&'static SystemRelation> {
    RELATIONS.all.binary_search_by_key(&oid, |relation| relation.oid).ok().map(|index| &RELATIONS.all[index])
}

/// The system relation with this name.
pub(crate) fn system_relation(schema: &str, name: &str) -> Option<&'static SystemRelation> {
    RELATIONS.by_name.get(&(schema, name)).map(|index| &RELATIONS.all[*index])
}

/// The system's schemas: oid and name.
pub(crate) fn system_schemas() -> &'static [(u32, &'static str)] {
    &SCHEMAS
}

/// The rows of a data file, where there is one.
pub(crate) fn file_rows(relation: &str) -> impl Iterator<Item = Vec<&'static str>> {
    rows(fixed_rows(relation).unwrap_or_default())
}

struct Types {
    all: Vec<TypeRow>,
    by_oid: HashMap<u32, usize>,
    by_name: HashMap<(u32, &'static str), usize>,
}

struct Functions {
    all: Vec<Function>,
    by_oid: HashMap<u32, usize>,
    by_name: HashMap<&'static str, Vec<usize>>,
}

struct Relations {
    all: Vec<SystemRelation>,
    by_name: HashMap<(&'static str, &'static str), usize>,
}

static SCHEMAS: LazyLock<Vec<(u32, &'static str)>> =
    LazyLock::new(|| file_rows("pg_namespace").map(|row| (number(row[0]), row[1])).collect());

static TYPES: LazyLock<Types> = LazyLock::new(|| {
    let all: Vec<TypeRow> = file_rows("pg_type").map(type_row).collect();
    Types {
        by_oid: all.iter().enumerate().map(|(index, row)| (row.oid, index)).collect(),
        by_name: all.iter().enumerate().map(|(index, row)| ((row.schema, row.name), index)).collect(),
        all,
    }
});

static FUNCTIONS: LazyLock<Functions> = LazyLock::new(|| {
    // Both files are sorted by oid and have the same functions.
    let all: Vec<Function> = file_rows("pg_proc")
        .zip(rows(FUNCTION_SIGNATURES))
        .map(|(row, signature)| Function {
            oid: number(row[0]),
            name: row[1],
            schema: number(row[2]),
            argument_types: row[19].split_ascii_whitespace().map(number).collect(),
            arguments: signature[1],
            identity_arguments: if signature[2] == "\\N" { signature[1] } else { signature[2] },
            result: (signature[3] != "\\N").then_some(signature[3]),
        })
        .collect();
    let mut by_name: HashMap<&str, Vec<usize>> = HashMap::new();
    for (index, function) in all.iter().enumerate() {
        by_name.entry(function.name).or_default().push(index);
    }
    Functions { by_oid: all.iter().enumerate().map(|(index, row)| (row.oid, index)).collect(), by_name, all }
});

static RELATIONS: LazyLock<Relations> = LazyLock::new(|| {
    let mut columns: HashMap<u32, Vec<Field>> = HashMap::new();
    for row in file_rows("pg_attribute") {
        columns.entry(number(row[0])).or_default().push(column(&row));
    }
    let all: Vec<SystemRelation> = file_rows("pg_class")
        .map(|row| {
            let (oid, schema_oid) = (number(row[0]), number(row[2]));
            SystemRelation {
                oid,
                schema: SCHEMAS.iter().find(|(oid, _)| *oid == schema_oid).map_or("", |(_, name)| name),
                name: row[1],
                kind: row[16],
                columns: Arc::new(Schema::new(columns.remove(&oid).unwrap_or_default())),
                rows: OnceLock::new(),
            }
        })
        .collect();
    let by_name = all.iter().enumerate().map(|(index, row)| ((row.schema, row.name), index)).collect();
    Relations { all, by_name }
});

fn type_row(row: Vec<&'static str>) -> TypeRow {
    TypeRow {
        oid: number(row[0]),
        name: row[1],
        schema: number(row[2]),
        by_value: row[5] == "t",
        subscript: row[12],
        element: number(row[13]),
        array: number(row[14]),
        align: row[22],
        storage: row[23],
        base: number(row[25]),
        base_typmod: signed(row[26]),
        collation: number(row[28]),
    }
}

/// The Arrow field of a row of `pg_attribute`. A domain is sent as the type under it.
fn column(row: &[&'static str]) -> Field {
    let (name, type_oid, typmod, not_null) = (row[1], number(row[2]), signed(row[8]), row[13] == "t");
    let mut typmod = typmod;
    let mut row = type_by_oid(type_oid);
    if let Some(domain) = row.filter(|row| row.base != 0) {
        row = type_by_oid(domain.base);
        typmod = domain.base_typmod;
    }
    let type_name = row.map_or("text", |row| row.name);
    let field = match PgType::by_name(type_name) {
        Some(pg_type) => pg_type.field(name, !not_null),
        // Types of a few columns that no client decodes: sent as text.
        None => Field::new(name, DataType::Utf8, !not_null)
            .with_metadata(HashMap::from([(TYPE_KEY.to_owned(), type_name.to_owned())])),
    };
    // A numeric without a modifier must not be given the one of the Arrow type that carries it.
    if typmod == -1 && type_name != "numeric" {
        return field;
    }
    let mut metadata = field.metadata().clone();
    metadata.insert(TYPE_KEY.to_owned(), type_name.to_owned());
    metadata.insert(TYPMOD_KEY.to_owned(), typmod.to_string());
    field.with_metadata(metadata)
}

fn number(text: &str) -> u32 {
    text.parse().expect("the data files hold oids where they should: a test reads every one")
}

fn signed(text: &str) -> i32 {
    text.parse().expect("the data files hold numbers where they should: a test reads every one")
}

#[cfg(test)]
mod tests {
    use super::{
        function_by_oid, functions_by_name, system_relation, system_relation_by_oid, system_relations,
        type_by_oid,
    };

    #[test]
    fn every_fixed_row_fits_its_columns() {
        for relation in system_relations() {
            relation.fixed_rows().unwrap();
        }
    }

    #[test]
    fn oids_are_postgres_own() {
        assert_eq!(system_relation("pg_catalog", "pg_class").unwrap().oid, 1259);
        assert_eq!(system_relation_by_oid(1249).unwrap().name, "pg_attribute");
        assert_eq!(type_by_oid(23).unwrap().name, "int4");
        assert_eq!(functions_by_name("array_in").next().unwrap().oid, 750);
        assert_eq!(function_by_oid(750).unwrap().arguments, "cstring, oid, integer");
    }

    #[test]
    fn arrays_are_told_from_vectors() {
        assert!(type_by_oid(1007).unwrap().is_array());
        assert!(!type_by_oid(22).unwrap().is_array());
        assert!(!type_by_oid(19).unwrap().is_array());
    }
}
