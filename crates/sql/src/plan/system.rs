//! System columns: those that every table has, and `*` leaves out.
//!
//! A table has no rows of its own that would say them, so they are constants beside it, and only where a query names
//! one. `ctid` is not among them and refused: a row of a file has no place that stays.

use std::ops::ControlFlow;
use std::sync::Arc;

use datafusion::catalog::TableProvider;
use datafusion::common::metadata::FieldMetadata;
use datafusion::common::{ScalarValue, TableReference};
use datafusion::datasource::{ViewTable, provider_as_source};
use datafusion::error::Result;
use datafusion::logical_expr::{Expr, LogicalPlanBuilder, lit};
use datafusion::sql::sqlparser::ast::{Expr as Ast, Query, Visit, Visitor};

use crate::types::PgType;

/// A system column.
#[derive(Debug)]
pub(crate) struct SystemColumn {
    /// Its name.
    pub(crate) name: &'static str,
    /// Its number in `pg_attribute`.
    pub(crate) number: i16,
    /// Its type.
    pub(crate) pg_type: PgType,
}

const fn column(name: &'static str, number: i16, pg_type: PgType) -> SystemColumn {
    SystemColumn { name, number, pg_type }
}

/// The system columns that tables have here.
///
/// Source: `SysAtt` in PostgreSQL's `heap.c`.
pub(crate) const SYSTEM_COLUMNS: [SystemColumn; 5] = [
    column("xmin", -2, PgType::XID),
    column("cmin", -3, PgType::CID),
    column("xmax", -4, PgType::XID),
    column("cmax", -5, PgType::CID),
    column("tableoid", -6, PgType::OID),
];

/// The system column that no table has here.
pub(crate) const CTID: &str = "ctid";

/// Whether a query names anything as a system column is named.
pub(super) fn is_named(query: &Query) -> bool {
    struct Search;
    impl Visitor for Search {
        type Break = ();

        fn pre_visit_expr(&mut self, expr: &Ast) -> ControlFlow<()> {
            let name = match expr {
                Ast::Identifier(ident) => Some(ident),
                Ast::CompoundIdentifier(idents) => idents.last(),
                _ => None,
            };
            let is_system = |name: &str| {
                let mut named = SYSTEM_COLUMNS.iter().map(|column| column.name).chain([CTID]);
                named.any(|system| system.eq_ignore_ascii_case(name))
            };
            match name {
                Some(name) if is_system(&name.value) => ControlFlow::Break(()),
                _ => ControlFlow::Continue(()),
            }
        }
    }
    query.visit(&mut Search).is_break()
}

/// A table with its system columns. `version` is what `xmin` says: it is another once the catalog is.
pub(super) fn with_system_columns(
    name: TableReference,
    table: &Arc<dyn TableProvider>,
    oid: u32,
    version: u32,
) -> Result<Arc<dyn TableProvider>> {
    let scan = LogicalPlanBuilder::scan(name, provider_as_source(Arc::clone(table)), None)?;
    let own = table.schema();
    let mut columns: Vec<Expr> = scan.schema().columns().into_iter().map(Expr::Column).collect();
    for system in SYSTEM_COLUMNS.iter().filter(|system| own.column_with_name(system.name).is_none()) {
        let value = match system.name {
            "tableoid" => oid,
            "xmin" => version,
            _ => 0,
        };
        let field = system.pg_type.field(system.name, false);
        let metadata = FieldMetadata::from(&field);
        columns.push(lit(ScalarValue::UInt32(Some(value))).alias_with_metadata(system.name, Some(metadata)));
    }
    Ok(Arc::new(ViewTable::new(scan.project(columns)?.build()?, None)))
}
