//! What an output column without an alias is called.
//!
//! Source: `FigureColname` in PostgreSQL's `parse_target.c`.

use datafusion::sql::sqlparser::ast::{
    AccessExpr, Expr, Ident, ObjectName, Query, SelectItem, SetExpr, TrimWhereField,
};

use crate::plan::type_name;
use crate::resolve::{Resolver, folded, function, relations};

/// The name of an expression that has none.
const UNNAMED: &str = "?column?";

/// How good a name is: a better one further in wins.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Strength {
    None,
    /// That of a type or of CASE.
    Weak,
    /// That of a column or function.
    Strong,
}

impl Resolver<'_> {
    /// The name of an output column; its expression is not resolved yet.
    pub(super) fn output_name(&self, expr: &Expr) -> String {
        self.figure(expr).1.unwrap_or_else(|| UNNAMED.to_owned())
    }

    fn figure(&self, expr: &Expr) -> (Strength, Option<String>) {
        let strong = |name: &str| (Strength::Strong, Some(name.to_owned()));
        match expr {
            Expr::Identifier(ident) => (Strength::Strong, Some(self.column_name(ident))),
            Expr::CompoundIdentifier(idents) => (Strength::Strong, self.qualified_name(idents)),
            Expr::CompoundFieldAccess { root, access_chain } => self.access_name(root, access_chain),
            Expr::Nested(inner) | Expr::Collate { expr: inner, .. } => self.figure(inner),
            Expr::Function(call) => (Strength::Strong, function_name(&call.name)),
            Expr::Cast { expr, data_type, .. } => match self.figure(expr) {
                strong @ (Strength::Strong, _) => strong,
                _ => (Strength::Weak, Some(type_name(data_type))),
            },
            Expr::TypedString(typed) => (Strength::Weak, Some(type_name(&typed.data_type))),
            Expr::Interval(_) => (Strength::Weak, Some("interval".to_owned())),
            Expr::Case { else_result, .. } => match else_result.as_ref().map(|result| self.figure(result)) {
                Some(strong @ (Strength::Strong, _)) => strong,
                _ => (Strength::Weak, Some("case".to_owned())),
            },
            Expr::Exists { negated: false, .. } => strong("exists"),
            Expr::Subquery(query) => self.subquery_name(query),
            Expr::Array(_) => strong("array"),
            Expr::Tuple(_) => strong("row"),
            Expr::AtTimeZone { .. } => strong("timezone"),
            Expr::Extract { .. } => strong("extract"),
            Expr::Position { .. } => strong("position"),
            Expr::Substring { shorthand: true, .. } => strong("substr"),
            Expr::Substring { .. } => strong("substring"),
            Expr::Overlay { .. } => strong("overlay"),
            Expr::Ceil { .. } => strong("ceil"),
            Expr::Floor { .. } => strong("floor"),
            Expr::Trim { trim_where, .. } => strong(match trim_where {
                Some(TrimWhereField::Leading) => "ltrim",
                Some(TrimWhereField::Trailing) => "rtrim",
                Some(TrimWhereField::Both) | None => "btrim",
            }),
            _ => (Strength::None, None),
        }
    }

    /// A column is called what it really is, also where case was ignored to find it.
    fn column_name(&self, ident: &Ident) -> String {
        if let Some(keyword) = function::keyword(ident) {
            return keyword.to_owned();
        }
        match self.find_column(ident) {
            Ok(Some(column)) => column.name,
            _ => folded(ident),
        }
    }

    fn qualified_name(&self, idents: &[Ident]) -> Option<String> {
        match self.qualified_column(idents) {
            Ok((column, [])) => Some(column.name),
            _ => idents.last().map(folded),
        }
    }

    fn access_name(&self, root: &Expr, chain: &[AccessExpr]) -> (Strength, Option<String>) {
        let field = chain.iter().rev().find_map(|access| match access {
            AccessExpr::Dot(Expr::Identifier(ident)) => Some(folded(ident)),
            _ => None,
        });
        match field {
            Some(name) => (Strength::Strong, Some(name)),
            None => self.figure(root),
        }
    }

    /// A scalar subquery is called as its column. Names of its own relations are not known here,
    /// so its column is called as it is written.
    fn subquery_name(&self, query: &Query) -> (Strength, Option<String>) {
        let mut body = query.body.as_ref();
        loop {
            match body {
                SetExpr::Select(select) => {
                    return match select.projection.first() {
                        Some(SelectItem::ExprWithAlias { alias, .. }) => {
                            (Strength::Strong, Some(folded(alias)))
                        }
                        Some(SelectItem::UnnamedExpr(expr)) => match self.figure(expr) {
                            (Strength::None, _) => (Strength::Strong, None),
                            (_, name) => (Strength::Strong, name),
                        },
                        _ => (Strength::None, None),
                    };
                }
                SetExpr::SetOperation { left, .. } => body = left,
                SetExpr::Query(query) => body = &query.body,
                SetExpr::Values(_) => return (Strength::Strong, Some("column1".to_owned())),
                _ => return (Strength::None, None),
            }
        }
    }
}

fn function_name(name: &ObjectName) -> Option<String> {
    relations::parts(name).pop()
}
