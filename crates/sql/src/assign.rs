//! The queries behind changes of a table: an INSERT or UPDATE as the rows that it makes.
//!
//! A value is cast to its column's type as PostgreSQL assigns it. Whether it may be is for the caller to ask, who knows
//! the types of the source once that is planned; literals and parameters without a type take their column's.

use arrow::datatypes::Field;
use datafusion::sql::sqlparser::ast::{
    CastKind, DataType, Expr, Ident, ObjectName, ObjectNamePart, Query, Select, SelectItem, SetExpr,
    TableFactor, Value,
};
use lakeport_base::{SqlState, quote_ident};

use crate::error::{Error, Result};
use crate::parse::parse;
use crate::statement::Kind;
use crate::types::{PgType, column_type};

/// What PostgreSQL adds to the modifiers of text and numeric: the size of a value's header.
const HEADER: i32 = 4;

/// A column that takes values.
#[derive(Debug, Clone, Copy)]
pub struct Target<'a> {
    /// Its name and type.
    pub field: &'a Field,
    /// What it holds where nothing is said.
    pub default: Option<&'a Expr>,
}

impl Target<'_> {
    /// What it holds where nothing is said.
    fn unsaid(&self) -> Expr {
        let null = || Expr::Value(Value::Null.with_empty_span());
        cast(self.default.cloned().unwrap_or_else(null), self.field)
    }

    /// A value as its column takes it, where the value has no type of its own yet.
    fn typed(&self, expr: &mut Expr) {
        if matches!(expr, Expr::Identifier(ident) if ident.quote_style.is_none() && ident.value.eq_ignore_ascii_case("default"))
        {
            *expr = self.unsaid();
        } else if is_untyped(expr) {
            let value = std::mem::replace(expr, Expr::Value(Value::Null.with_empty_span()));
            *expr = cast(value, self.field);
        }
    }
}

/// Gives what has no type in an INSERT's source the types of the columns that it is for, and DEFAULT its value.
///
/// # Errors
///
/// 42601 where there are more values than columns.
pub fn type_source(source: &mut Query, targets: &[Target<'_>]) -> Result<()> {
    match source.body.as_mut() {
        SetExpr::Values(values) => {
            for row in &mut values.rows {
                if row.content.len() > targets.len() {
                    return Err(too_many());
                }
                row.content.iter_mut().zip(targets).for_each(|(expr, target)| target.typed(expr));
            }
            Ok(())
        }
        SetExpr::Select(select) => {
            type_select(select, targets);
            Ok(())
        }
        SetExpr::Query(query) => type_source(query, targets),
        _ => Ok(()),
    }
}

/// Only where each item is one column does its place say which.
fn type_select(select: &mut Select, targets: &[Target<'_>]) {
    for (item, target) in select.projection.iter_mut().zip(targets) {
        match item {
            SelectItem::UnnamedExpr(expr) if is_untyped(expr) => target.typed(expr),
            SelectItem::ExprWithAlias { expr, .. } if is_untyped(expr) => target.typed(expr),
            SelectItem::UnnamedExpr(_) | SelectItem::ExprWithAlias { .. } => {}
            _ => break,
        }
    }
}

/// The refusal of more values than there are columns for.
pub fn too_many() -> Error {
    Error::new(SqlState::SYNTAX_ERROR, "INSERT has more expressions than target columns")
}

fn is_untyped(expr: &Expr) -> bool {
    match expr {
        Expr::Value(value) => matches!(
            value.value,
            Value::SingleQuotedString(_)
                | Value::DollarQuotedString(_)
                | Value::EscapedStringLiteral(_)
                | Value::UnicodeStringLiteral(_)
                | Value::Placeholder(_)
                | Value::Null
        ),
        Expr::Nested(inner) => is_untyped(inner),
        _ => false,
    }
}

/// Whole rows of a table, made of those of `source`, whose columns are for the columns `given` of the table.
///
/// `types` are the source's; a column that has its target's type already is left as it is.
pub fn whole_rows(
    source: Option<(Query, &[Field])>,
    given: &[usize],
    targets: &[Target<'_>],
) -> Result<Query> {
    let width = source.as_ref().map_or(0, |(_, types)| types.len());
    let names: Vec<String> = (1..=width).map(|number| format!("c{number}")).collect();
    let items = targets.iter().enumerate().map(|(index, target)| {
        let place = given.iter().position(|column| *column == index).filter(|place| *place < width);
        let expr = match (place, &source) {
            (Some(place), Some((_, types))) => {
                let column = Expr::Identifier(Ident::with_quote('"', &names[place]));
                if is_same(&types[place], target.field) { column } else { cast(column, target.field) }
            }
            _ => target.unsaid(),
        };
        SelectItem::UnnamedExpr(expr)
    });
    let items: Vec<SelectItem> = items.collect();
    let Some((source, _)) = source else { return select("SELECT 1", items, None) };
    let text = format!("SELECT 1 FROM (SELECT 1) AS source({})", names.join(", "));
    let mut query = select(&text, items, None)?;
    if let SetExpr::Select(select) = query.body.as_mut()
        && let [from] = select.from.as_mut_slice()
        && let TableFactor::Derived { subquery, .. } = &mut from.relation
    {
        **subquery = source;
    }
    Ok(query)
}

/// A query of a table: these columns, of the rows that fulfil a condition.
pub fn rows_where(
    table: &[String],
    alias: Option<&str>,
    items: Vec<SelectItem>,
    condition: Option<Expr>,
) -> Result<Query> {
    let parts: Vec<_> = table.iter().map(|part| quote_ident(part)).collect();
    let alias = alias.map(|alias| format!(" AS \"{}\"", alias.replace('"', "\"\""))).unwrap_or_default();
    select(&format!("SELECT 1 FROM {}{alias}", parts.join(".")), items, condition)
}

/// The items of an UPDATE's rows: for each column what it is set to, or itself.
pub fn updated(relation: &str, targets: &[Target<'_>], set: &[(usize, Option<Expr>)]) -> Vec<SelectItem> {
    let item = |(index, target): (usize, &Target<'_>)| {
        let quoted = |name: &str| Ident::with_quote('"', name);
        SelectItem::UnnamedExpr(match set.iter().find(|(column, _)| *column == index) {
            None => Expr::CompoundIdentifier(vec![quoted(relation), quoted(target.field.name())]),
            Some((_, None)) => target.unsaid(),
            Some((_, Some(expr))) => {
                let mut expr = expr.clone();
                target.typed(&mut expr);
                expr
            }
        })
    };
    targets.iter().enumerate().map(item).collect()
}

/// Everything that a condition does not hold for.
pub fn others(condition: Option<&Expr>) -> Expr {
    match condition {
        Some(condition) => Expr::IsNotTrue(Box::new(Expr::Nested(Box::new(condition.clone())))),
        None => Expr::Value(Value::Boolean(false).with_empty_span()),
    }
}

/// A value that nothing is known of beside its type.
pub fn default_query(target: Target<'_>) -> Result<Query> {
    select("SELECT 1", vec![SelectItem::UnnamedExpr(target.unsaid())], None)
}

fn select(text: &str, items: Vec<SelectItem>, condition: Option<Expr>) -> Result<Query> {
    let kind = parse(text)?.pop().map(|statement| statement.kind);
    let Some(Kind::Query(mut query)) = kind else {
        return Err(Error::new(SqlState::INTERNAL_ERROR, "a change could not be written as a query"));
    };
    if let SetExpr::Select(select) = query.body.as_mut() {
        select.projection = items;
        select.selection = condition;
    }
    Ok(*query)
}

fn is_same(one: &Field, other: &Field) -> bool {
    one.data_type() == other.data_type() && column_type(one) == column_type(other)
}

/// A cast to a column's type, without the length of its texts: one that is too long is no matter of cutting it.
fn cast(expr: Expr, field: &Field) -> Expr {
    let column = column_type(field);
    let packed = column.typmod - HEADER;
    let modifiers = match column.pg_type {
        PgType::NUMERIC if column.typmod >= HEADER => {
            vec![(packed >> 16).to_string(), (packed & 0xffff).to_string()]
        }
        PgType::TIMESTAMP | PgType::TIMESTAMPTZ | PgType::TIME if column.typmod >= 0 => {
            vec![column.typmod.to_string()]
        }
        _ => Vec::new(),
    };
    let part = |name: &str| ObjectNamePart::Identifier(Ident::with_quote('"', name));
    let name = ObjectName(vec![part("pg_catalog"), part(column.pg_type.name)]);
    Expr::Cast {
        kind: CastKind::Cast,
        expr: Box::new(expr),
        data_type: DataType::Custom(name, modifiers),
        array: false,
        format: None,
    }
}

#[cfg(test)]
mod tests {
    use arrow::datatypes::{DataType, Field};

    use super::{Target, type_source, whole_rows};
    use crate::parse::parse;
    use crate::statement::Kind;

    fn written(source: &str) -> String {
        let Some(Kind::Query(mut query)) = parse(source).unwrap().pop().map(|statement| statement.kind)
        else {
            panic!("{source} is no query")
        };
        let fields = [Field::new("a", DataType::Int32, true), Field::new("b", DataType::Utf8, true)];
        let targets = [0, 1].map(|index| Target { field: &fields[index], default: None });
        type_source(&mut query, &targets).unwrap();
        let types = [Field::new("c", DataType::Int64, true), Field::new("c", DataType::Utf8, true)];
        whole_rows(Some((*query, &types)), &[0, 1], &targets).unwrap().to_string()
    }

    #[test]
    fn what_has_no_type_takes_its_columns() {
        let int = "\"pg_catalog\".\"int4\"";
        let rows = format!("SELECT CAST(\"c1\" AS {int}), \"c2\" FROM");
        let text = "\"pg_catalog\".\"text\"";
        assert_eq!(
            written("VALUES ('1', 'x'), (2, DEFAULT)"),
            format!(
                "{rows} (VALUES (CAST('1' AS {int}), CAST('x' AS {text})), (2, CAST(NULL AS {text}))) AS source (c1, c2)"
            )
        );
        assert_eq!(
            written("SELECT $1, k FROM t"),
            format!("{rows} (SELECT CAST($1 AS {int}), k FROM t) AS source (c1, c2)")
        );
    }
}
