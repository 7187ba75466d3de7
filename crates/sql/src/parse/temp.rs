//! CREATE TEMPORARY TABLE, SELECT … INTO TEMPORARY, DROP TABLE and TRUNCATE.

use datafusion::sql::sqlparser::ast::{
    ColumnDef, ColumnOption, Expr, Ident, Query, SelectInto, SetExpr, Visit, Visitor,
};
use datafusion::sql::sqlparser::tokenizer::Token;

use crate::error::{Error, Result};
use crate::parse::query;
use crate::parse::reader::Reader;
use crate::resolve::{folded, parts};
use crate::statement::Kind;
use crate::temp::{CreateTemp, CreateTempAs, NewColumn, OnCommit};

/// The schema that stands for a session's own.
const PG_TEMP: &str = "pg_temp";

/// Whether a statement that begins with CREATE creates a temporary table.
pub(super) fn is_create(reader: &Reader<'_>) -> bool {
    let local = usize::from(matches!(reader.word(1).as_deref(), Some("LOCAL" | "GLOBAL")));
    if matches!(reader.word(1 + local).as_deref(), Some("TEMP" | "TEMPORARY")) {
        return reader.word(2 + local).as_deref() == Some("TABLE");
    }
    let name = if reader.is_next(&["CREATE", "TABLE", "IF", "NOT", "EXISTS"]) { 5 } else { 2 };
    reader.is_next(&["CREATE", "TABLE"])
        && reader.peek(name + 1) == Some(&Token::Period)
        && matches!(reader.peek(name), Some(Token::Word(word)) if word.value.eq_ignore_ascii_case(PG_TEMP))
}

/// Reads CREATE TEMPORARY TABLE.
pub(super) fn create(reader: &mut Reader<'_>) -> Result<Kind> {
    reader.expect(&["CREATE"])?;
    let _ = reader.accept(&["LOCAL"]) || reader.accept(&["GLOBAL"]);
    let _ = reader.accept(&["TEMP"]) || reader.accept(&["TEMPORARY"]);
    reader.expect(&["TABLE"])?;
    let if_not_exists = reader.accept(&["IF", "NOT", "EXISTS"]);
    let name = reader.qualified_name()?;
    if reader.is_next(&["PARTITION", "OF"]) || reader.is_next(&["OF"]) {
        return Err(Error::unsupported("this form of CREATE TABLE is not supported"));
    }
    let is_name_list = matches!(reader.peek(2), Some(Token::Comma | Token::RParen));
    if reader.peek(0) == Some(&Token::LParen) && !is_name_list {
        let columns = columns(reader)?;
        let on_commit = options(reader)?;
        return Ok(Kind::CreateTemp(CreateTemp { if_not_exists, name, columns, on_commit }));
    }
    let mut columns = Vec::new();
    if reader.accept_token(&Token::LParen) {
        columns = reader.names()?;
        reader.expect_token(&Token::RParen)?;
    }
    let on_commit = options(reader)?;
    reader.expect(&["AS"])?;
    if reader.is_next(&["EXECUTE"]) {
        return Err(Error::unsupported("CREATE TABLE AS EXECUTE is not supported"));
    }
    let with_data = !reader.accept_end(&["WITH", "NO", "DATA"]);
    if with_data {
        reader.accept_end(&["WITH", "DATA"]);
    }
    let query = query::read(reader)?;
    Ok(Kind::CreateTempAs(CreateTempAs { if_not_exists, name, columns, on_commit, query, with_data }))
}

/// What may stand behind the columns.
fn options(reader: &mut Reader<'_>) -> Result<OnCommit> {
    let mut on_commit = OnCommit::default();
    loop {
        match reader.word(0).as_deref() {
            Some("INHERITS" | "PARTITION" | "USING" | "TABLESPACE" | "WITH") => {
                return Err(Error::unsupported("options of a temporary table are not supported"));
            }
            Some("WITHOUT") => reader.expect(&["WITHOUT", "OIDS"])?,
            Some("ON") => {
                reader.expect(&["ON", "COMMIT"])?;
                on_commit = if reader.accept(&["DROP"]) {
                    OnCommit::Drop
                } else if reader.accept(&["DELETE"]) {
                    reader.expect(&["ROWS"])?;
                    OnCommit::Delete
                } else {
                    reader.expect(&["PRESERVE", "ROWS"])?;
                    OnCommit::Preserve
                };
            }
            _ => return Ok(on_commit),
        }
    }
}

fn columns(reader: &mut Reader<'_>) -> Result<Vec<NewColumn>> {
    let text = reader.text();
    let length = reader.parentheses().ok_or_else(|| reader.syntax_error())?;
    // The parser would read LIKE and EXCLUDE as columns of these names.
    if matches!(reader.word(1).as_deref(), Some("LIKE" | "EXCLUDE")) {
        return Err(Error::unsupported("this kind of table element is not supported"));
    }
    let tokens = reader.take(length);
    let (columns, constraints) = query::parsed(text, tokens, None, |parser| parser.parse_columns())?;
    if !constraints.is_empty() {
        return Err(constraint());
    }
    if columns.is_empty() {
        return Err(Error::unsupported("a table without columns is not supported"));
    }
    columns.into_iter().map(column).collect()
}

fn column(definition: ColumnDef) -> Result<NewColumn> {
    let mut column = NewColumn {
        name: folded(&definition.name),
        data_type: definition.data_type,
        not_null: false,
        default: None,
    };
    for option in definition.options {
        match option.option {
            ColumnOption::Null => {}
            ColumnOption::NotNull => column.not_null = true,
            ColumnOption::Default(expr) => {
                if holds_query(&expr) {
                    return Err(Error::unsupported("cannot use subquery in DEFAULT expression"));
                }
                column.default = Some(expr);
            }
            ColumnOption::Generated { .. } => {
                return Err(Error::unsupported("generated columns are not supported"));
            }
            ColumnOption::Collation(_) => {
                return Err(Error::unsupported("collations of columns are not supported"));
            }
            _ => return Err(constraint()),
        }
    }
    Ok(column)
}

/// What cannot be held is refused, and not forgotten.
fn constraint() -> Error {
    Error::unsupported("constraints of a temporary table other than NOT NULL are not supported")
}

fn holds_query(expr: &Expr) -> bool {
    struct Search;
    impl Visitor for Search {
        type Break = ();

        fn pre_visit_query(&mut self, _: &Query) -> std::ops::ControlFlow<()> {
            std::ops::ControlFlow::Break(())
        }
    }
    expr.visit(&mut Search).is_break()
}

/// What a query is that may be SELECT … INTO.
pub(super) fn query_or_into(mut query: Box<Query>) -> Result<Kind> {
    let Some(into) = take_into(&mut query.body) else { return Ok(Kind::Query(query)) };
    let name = parts(&into.name);
    let is_temp = into.temporary || matches!(name.as_slice(), [schema, _] if schema == PG_TEMP);
    if !is_temp {
        return Ok(Kind::Write("SELECT INTO"));
    }
    Ok(Kind::CreateTempAs(CreateTempAs {
        if_not_exists: false,
        name,
        columns: Vec::new(),
        on_commit: OnCommit::Preserve,
        query,
        with_data: true,
    }))
}

/// The INTO of the first SELECT: in any other it is refused.
fn take_into(body: &mut SetExpr) -> Option<SelectInto> {
    match body {
        SetExpr::Select(select) => select.into.take(),
        SetExpr::SetOperation { left, .. } => take_into(left),
        SetExpr::Query(query) => take_into(&mut query.body),
        _ => None,
    }
}

/// Reads DROP TABLE.
pub(super) fn drop(reader: &mut Reader<'_>) -> Result<Kind> {
    reader.expect(&["DROP", "TABLE"])?;
    let if_exists = reader.accept(&["IF", "EXISTS"]);
    let names = names(reader)?;
    // Nothing can depend on a temporary table: CASCADE has nothing more to drop.
    let _ = reader.accept(&["CASCADE"]) || reader.accept(&["RESTRICT"]);
    Ok(Kind::DropTable { if_exists, names })
}

/// Reads TRUNCATE.
pub(super) fn truncate(reader: &mut Reader<'_>) -> Result<Kind> {
    reader.expect(&["TRUNCATE"])?;
    reader.accept(&["TABLE"]);
    reader.accept(&["ONLY"]);
    let names = names(reader)?;
    let _ = reader.accept(&["RESTART", "IDENTITY"]) || reader.accept(&["CONTINUE", "IDENTITY"]);
    let _ = reader.accept(&["CASCADE"]) || reader.accept(&["RESTRICT"]);
    Ok(Kind::Truncate(names))
}

fn names(reader: &mut Reader<'_>) -> Result<Vec<Vec<String>>> {
    let mut names = vec![reader.qualified_name()?];
    while reader.accept_token(&Token::Comma) {
        names.push(reader.qualified_name()?);
    }
    Ok(names)
}

/// An identifier that stands for itself.
pub(super) fn is_keyword(ident: &Ident, keyword: &str) -> bool {
    ident.quote_style.is_none() && ident.value.eq_ignore_ascii_case(keyword)
}
