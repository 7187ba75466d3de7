//! Words that are no names: the parser takes many of them for some, PostgreSQL none.
//!
//! Source: <https://www.postgresql.org/docs/15/sql-keywords-appendix.html>, the words that are reserved.

use std::ops::ControlFlow;

use datafusion::sql::sqlparser::ast::{Expr, Ident, ObjectName, Query, Visit, Visitor};
use datafusion::sql::sqlparser::tokenizer::Location;

use crate::error::Result;
use crate::parse::reader::syntax_error;

/// Refuses columns and tables that are named by reserved words.
///
/// # Errors
///
/// 42601 at the first of them.
pub(super) fn check(query: &Query, text: &str) -> Result<()> {
    match query.visit(&mut Check) {
        ControlFlow::Continue(()) => Ok(()),
        ControlFlow::Break(location) => Err(syntax_error(text, Some(location))),
    }
}

struct Check;

impl Visitor for Check {
    type Break = Location;

    fn pre_visit_expr(&mut self, expr: &Expr) -> ControlFlow<Location> {
        match expr {
            Expr::Identifier(ident) => name(ident),
            Expr::CompoundIdentifier(idents) => idents.first().map_or(ControlFlow::Continue(()), name),
            _ => ControlFlow::Continue(()),
        }
    }

    fn pre_visit_relation(&mut self, relation: &ObjectName) -> ControlFlow<Location> {
        relation.0.first().and_then(|part| part.as_ident()).map_or(ControlFlow::Continue(()), name)
    }
}

fn name(ident: &Ident) -> ControlFlow<Location> {
    let is_reserved = ident.quote_style.is_none()
        && ident.span.start.line > 0
        && RESERVED.binary_search(&ident.value.to_ascii_lowercase().as_str()).is_ok();
    if is_reserved { ControlFlow::Break(ident.span.start) } else { ControlFlow::Continue(()) }
}

/// The reserved words, sorted, without those that are values by themselves.
const RESERVED: &[&str] = &[
    "all",
    "analyse",
    "analyze",
    "and",
    "any",
    "array",
    "as",
    "asc",
    "asymmetric",
    "both",
    "case",
    "cast",
    "check",
    "collate",
    "column",
    "constraint",
    "create",
    "deferrable",
    "desc",
    "distinct",
    "do",
    "else",
    "end",
    "except",
    "fetch",
    "for",
    "foreign",
    "from",
    "grant",
    "group",
    "having",
    "in",
    "initially",
    "intersect",
    "into",
    "lateral",
    "leading",
    "limit",
    "not",
    "offset",
    "on",
    "only",
    "or",
    "order",
    "placing",
    "primary",
    "references",
    "returning",
    "select",
    "some",
    "symmetric",
    "table",
    "then",
    "to",
    "trailing",
    "union",
    "unique",
    "using",
    "variadic",
    "when",
    "where",
    "window",
    "with",
];

#[cfg(test)]
mod tests {
    use super::RESERVED;

    #[test]
    fn the_words_are_sorted() {
        assert!(RESERVED.is_sorted());
    }
}
