//! A small catalog to test with, and a way to ask it questions.

use std::collections::HashMap;
use std::sync::{Arc, LazyLock, Mutex};

use arrow::array::RecordBatch;
use arrow::datatypes::{DataType, Field, Schema, SchemaRef};
use arrow::util::display::{ArrayFormatter, FormatOptions};
use async_trait::async_trait;
use datafusion::catalog::MemorySchemaProvider;
use datafusion::common::Result;
use datafusion::error::DataFusionError;
use datafusion::prelude::{SessionConfig, SessionContext};
use lakeport_base::TableName;
use lakeport_sql::types::PgType;

use crate::error::Error;
use crate::oids::{Object, ObjectKind, assign_oids};
use crate::pinned::{
    Asked, Columns, NoSessions, Pinned, Relation, RelationKind, RoleInfo, SchemaInfo, SessionObjects,
    SettingInfo,
};
use crate::version::Relations;

/// Columns that are just there, and a list of who was asked for them.
#[derive(Debug, Default)]
pub(crate) struct Recorded {
    schemas: HashMap<TableName, SchemaRef>,
    pub(crate) asked: Mutex<Vec<String>>,
}

#[async_trait]
impl Columns for Recorded {
    async fn columns(&self, relation: &TableName, _asked: Asked) -> Result<SchemaRef> {
        self.asked.lock().unwrap().push(relation.to_string());
        let found = self.schemas.get(relation).cloned();
        found.ok_or_else(|| DataFusionError::Execution("it is broken".to_owned()))
    }
}

/// A catalog with a few relations, one of them broken, and one name twice.
pub(crate) fn sample() -> (Arc<Pinned>, Arc<Recorded>) {
    let orders = Schema::new(vec![
        Field::new("id", DataType::Int64, false),
        Field::new("Customer", DataType::Utf8, true),
        Field::new("price", DataType::Decimal128(12, 2), true),
        PgType::TEXT_ARRAY.field("tags", true),
    ]);
    let revenue = Schema::new(vec![Field::new("month", DataType::Date32, true)]);
    let mut recorded = Recorded::default();
    for (schema, name, columns) in
        [("bi", "revenue", revenue), ("public", "orders", orders.clone()), ("sales", "orders", orders)]
    {
        recorded.schemas.insert(TableName::new(schema, name), Arc::new(columns));
    }
    let recorded = Arc::new(recorded);
    let columns: Arc<dyn Columns> = Arc::clone(&recorded) as _;
    let pinned = Pinned {
        database: "lake".to_owned(),
        user: "ann".to_owned(),
        session_user: "ann".to_owned(),
        superuser: false,
        session: 77,
        temp_schema: None,
        search_path: vec!["pg_catalog".to_owned(), "public".to_owned()],
        schemas: schemas(),
        relations: Arc::new(Relations::new(relations())),
        roles: roles(),
        settings: LazyLock::new(Box::new(|| {
            vec![setting("server_version", "15.18"), setting("TimeZone", "UTC")]
        })),
        objects: SessionObjects::default(),
        columns,
        sessions: Arc::new(NoSessions),
    };
    (Arc::new(pinned), recorded)
}

fn setting(name: &str, value: &str) -> SettingInfo {
    SettingInfo {
        name: name.to_owned(),
        value: value.to_owned(),
        default: value.to_owned(),
        description: "",
        parameter: None,
    }
}

fn schemas() -> Vec<SchemaInfo> {
    let names = ["bi", "public", "sales"];
    let objects = names.map(|name| Object { kind: ObjectKind::Schema, schema: "", name });
    let described = |name: &str| (name == "sales").then(|| "what we sold".to_owned());
    let info =
        |(oid, name): (u32, &str)| SchemaInfo { oid, name: name.to_owned(), description: described(name) };
    assign_oids(&objects).into_iter().zip(names).map(info).collect()
}

fn relations() -> Vec<Relation> {
    let names = [("bi", "revenue"), ("public", "orders"), ("sales", "Broken One"), ("sales", "orders")];
    let objects = names.map(|(schema, name)| Object { kind: ObjectKind::Relation, schema, name });
    let relation = |(oid, (schema, name)): (u32, (&str, &str))| {
        let view = schema == "bi";
        let described = schema == "sales" && name == "orders";
        Relation {
            oid,
            name: TableName::new(schema, name),
            kind: if view { RelationKind::View } else { RelationKind::Table },
            owner: "ann".to_owned(),
            definition: view.then(|| "SELECT month FROM sales.orders;\n".to_owned()),
            reads: Vec::new(),
            description: described.then(|| "one row per order".to_owned()),
            column_descriptions: if described {
                vec![("price".to_owned(), "in euro".to_owned())]
            } else {
                vec![]
            },
            keys: Vec::new(),
            referenced: false,
        }
    };
    assign_oids(&objects).into_iter().zip(names).map(relation).collect()
}

fn roles() -> Vec<RoleInfo> {
    let role = |oid, name: &str, superuser, login, member_of: &[&str]| RoleInfo {
        oid,
        name: name.to_owned(),
        login,
        superuser,
        member_of: member_of.iter().map(|name| (*name).to_owned()).collect(),
    };
    vec![
        role(20_001, "analyst", false, false, &["reader"]),
        role(20_002, "ann", false, true, &["analyst"]),
        role(20_003, "bob", false, true, &[]),
        role(20_004, "reader", false, false, &[]),
        role(20_005, "root", true, true, &[]),
    ]
}

/// A DataFusion session over a catalog.
pub(crate) fn session(pinned: &Arc<Pinned>) -> SessionContext {
    let config = SessionConfig::new().with_default_catalog_and_schema("lake", "public");
    let ctx = SessionContext::new_with_config(config);
    let catalog = ctx.catalog("lake").unwrap();
    for schema in crate::SCHEMAS {
        let provider = Arc::new(MemorySchemaProvider::new());
        for name in crate::table_names(schema) {
            let table = crate::table(schema, name, pinned).unwrap();
            datafusion::catalog::SchemaProvider::register_table(&*provider, name.to_owned(), table).unwrap();
        }
        catalog.register_schema(schema, provider).unwrap();
    }
    for function in crate::functions(pinned) {
        ctx.register_udf(function.as_ref().clone());
    }
    ctx
}

/// The answer to a statement as text, one line per row, values between bars.
pub(crate) async fn ask(pinned: &Arc<Pinned>, sql: &str) -> Result<Vec<String>> {
    let batches = session(pinned).sql(sql).await?.collect().await?;
    Ok(batches.iter().flat_map(lines).collect())
}

/// The error that a function over the catalog gives.
pub(crate) async fn refusal(pinned: &Arc<Pinned>, sql: &str) -> Error {
    let error = ask(pinned, sql).await.unwrap_err();
    let DataFusionError::External(own) = error.find_root() else { panic!("{sql}: {error}") };
    own.downcast_ref::<Error>().unwrap().clone()
}

fn lines(batch: &RecordBatch) -> Vec<String> {
    let options = FormatOptions::new().with_null("NULL");
    let columns: Vec<ArrayFormatter<'_>> =
        batch.columns().iter().map(|column| ArrayFormatter::try_new(column, &options).unwrap()).collect();
    let line = |row| columns.iter().map(|column| column.value(row).to_string()).collect::<Vec<_>>().join("|");
    (0..batch.num_rows()).map(line).collect()
}
