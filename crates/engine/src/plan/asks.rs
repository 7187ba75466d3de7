//! What a query asks of the catalog, told from its functions and casts before it is planned.
//!
//! Most statements name no catalog relation and call no catalog function; for them no folder needs to
//! be listed. The answer may be yes where no would do, and only costs a listing then.

use std::collections::HashSet;
use std::ops::ControlFlow;
use std::sync::{Arc, OnceLock};

use lakeport_catalog::Pinned;
use lakeport_sql::ast::{DataType, Expr, Query, TableFactor, Visit, Visitor};

/// Catalog functions that answer from the session alone, whatever relations there are.
const OF_THE_SESSION: [&str; 22] = [
    "current_catalog",
    "current_database",
    "current_role",
    "current_schema",
    "current_schemas",
    "current_setting",
    "current_user",
    "pg_backend_pid",
    "pg_cancel_backend",
    "pg_char_to_encoding",
    "pg_client_encoding",
    "pg_encoding_to_char",
    "pg_get_keywords",
    "pg_is_in_recovery",
    "pg_postmaster_start_time",
    "pg_show_all_settings",
    "pg_terminate_backend",
    "pg_timezone_names",
    "session_user",
    "set_config",
    "user",
    "version",
];

/// Whether a query may need to know which relations there are.
pub(super) fn asks_for_relations(query: &Query) -> bool {
    query.visit(&mut Asks).is_break()
}

struct Asks;

impl Visitor for Asks {
    type Break = ();

    fn pre_visit_expr(&mut self, expr: &Expr) -> ControlFlow<()> {
        let asks = match expr {
            Expr::Function(call) => call
                .name
                .0
                .last()
                .and_then(|part| part.as_ident())
                .is_some_and(|name| reads_relations(&name.value)),
            Expr::Cast { data_type, .. } => is_reg(data_type),
            Expr::TypedString(typed) => is_reg(&typed.data_type),
            _ => false,
        };
        if asks { ControlFlow::Break(()) } else { ControlFlow::Continue(()) }
    }

    fn pre_visit_table_factor(&mut self, factor: &TableFactor) -> ControlFlow<()> {
        let name = match factor {
            TableFactor::Table { name, args: Some(_), .. } | TableFactor::Function { name, .. } => name,
            _ => return ControlFlow::Continue(()),
        };
        let name = name.0.last().and_then(|part| part.as_ident());
        if name.is_some_and(|name| reads_relations(&name.value)) {
            return ControlFlow::Break(());
        }
        ControlFlow::Continue(())
    }
}

fn is_reg(data_type: &DataType) -> bool {
    match data_type {
        DataType::Regclass => true,
        DataType::Custom(name, _) => name
            .0
            .last()
            .and_then(|part| part.as_ident())
            .is_some_and(|name| name.value.to_ascii_lowercase().starts_with("reg")),
        DataType::Array(_) => true,
        _ => false,
    }
}

fn reads_relations(name: &str) -> bool {
    static NAMES: OnceLock<HashSet<String>> = OnceLock::new();
    let names = NAMES.get_or_init(|| {
        let functions = lakeport_catalog::functions(&Arc::new(Pinned::empty()));
        let names = functions.iter().map(|function| function.name().to_owned());
        names.filter(|name| !OF_THE_SESSION.contains(&name.as_str())).collect()
    });
    names.contains(&name.to_ascii_lowercase())
}
