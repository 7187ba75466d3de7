//! FROM items.

use datafusion::sql::sqlparser::ast::{FunctionArg, TableFactor, TableFunctionArgs};

use crate::check::query::check_alias;
use crate::check::select::check_joins;
use crate::check::{refuse, refuse_foreign};
use crate::error::Result;

pub(super) fn check(factor: &mut TableFactor) -> Result<()> {
    match factor {
        TableFactor::Table {
            name: _,
            alias,
            args,
            with_hints,
            version,
            with_ordinality,
            partitions,
            json_path,
            sample,
            index_hints,
        } => {
            check_alias(alias.as_ref())?;
            if let Some(TableFunctionArgs { args, settings }) = args {
                refuse_foreign(settings.is_some(), "SETTINGS")?;
                check_args(args)?;
            }
            refuse_foreign(!with_hints.is_empty(), "WITH hints")?;
            refuse_foreign(version.is_some(), "AS OF")?;
            refuse(*with_ordinality && args.is_none(), "WITH ORDINALITY")?;
            refuse_foreign(!partitions.is_empty(), "PARTITION")?;
            refuse_foreign(json_path.is_some(), "a path behind a table")?;
            refuse(sample.is_some(), "TABLESAMPLE")?;
            refuse_foreign(!index_hints.is_empty(), "an index hint")
        }
        TableFactor::Derived { lateral: _, subquery: _, alias, sample } => {
            refuse(sample.is_some(), "TABLESAMPLE")?;
            check_alias(alias.as_ref())
        }
        TableFactor::Function { lateral, name, args, with_ordinality, alias } => {
            check_alias(alias.as_ref())?;
            check_args(args)?;
            // A function may always name what stands left of it: LATERAL says nothing new.
            let _ = lateral;
            *factor = TableFactor::Table {
                name: name.clone(),
                alias: alias.take(),
                args: Some(TableFunctionArgs { args: std::mem::take(args), settings: None }),
                with_hints: Vec::new(),
                version: None,
                with_ordinality: *with_ordinality,
                partitions: Vec::new(),
                json_path: None,
                sample: None,
                index_hints: Vec::new(),
            };
            Ok(())
        }
        TableFactor::UNNEST { alias, array_exprs: _, with_offset, with_offset_alias, with_ordinality: _ } => {
            refuse_foreign(*with_offset || with_offset_alias.is_some(), "WITH OFFSET")?;
            check_alias(alias.as_ref())
        }
        TableFactor::NestedJoin { table_with_joins, alias } => {
            check_alias(alias.as_ref())?;
            check_joins(table_with_joins)
        }
        TableFactor::XmlTable { .. } => refuse(true, "XMLTABLE"),
        TableFactor::JsonTable { .. } | TableFactor::OpenJsonTable { .. } => refuse(true, "JSON_TABLE"),
        TableFactor::TableFunction { .. } => refuse(true, "TABLE(…) in FROM"),
        TableFactor::Pivot { .. } | TableFactor::Unpivot { .. } => refuse_foreign(true, "PIVOT"),
        TableFactor::MatchRecognize { .. } => refuse_foreign(true, "MATCH_RECOGNIZE"),
        TableFactor::SemanticView { .. } => refuse_foreign(true, "SEMANTIC_VIEW"),
    }
}

fn check_args(args: &[FunctionArg]) -> Result<()> {
    for arg in args {
        match arg {
            FunctionArg::Unnamed(_) => {}
            FunctionArg::Named { name: _, arg: _, operator: _ }
            | FunctionArg::ExprNamed { name: _, arg: _, operator: _ } => {
                refuse(true, "a named argument of a function in FROM")?;
            }
        }
    }
    Ok(())
}
