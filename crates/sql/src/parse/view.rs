//! CREATE VIEW, ALTER VIEW … RENAME, DROP VIEW, COMMENT ON VIEW, and CREATE SCHEMA.

use datafusion::sql::sqlparser::tokenizer::Token;

use crate::error::{Error, Result};
use crate::parse::query;
use crate::parse::reader::Reader;
use crate::statement::{CreateView, DropView, Kind, RenameView};

/// Whether a statement that begins with CREATE creates a view.
pub(super) fn is_create(reader: &Reader<'_>) -> bool {
    let mut ahead = 1;
    while let Some("OR" | "REPLACE" | "TEMP" | "TEMPORARY" | "LOCAL" | "GLOBAL" | "RECURSIVE") =
        reader.word(ahead).as_deref()
    {
        ahead += 1;
    }
    reader.word(ahead).as_deref() == Some("VIEW")
}

/// Reads CREATE VIEW.
pub(super) fn create(reader: &mut Reader<'_>) -> Result<Kind> {
    reader.expect(&["CREATE"])?;
    let or_replace = reader.accept(&["OR", "REPLACE"]);
    if !reader.is_next(&["VIEW"]) {
        return Err(match reader.word(0).as_deref() {
            Some("TEMP" | "TEMPORARY" | "LOCAL" | "GLOBAL") => {
                Error::unsupported("temporary views are not supported yet")
            }
            Some("RECURSIVE") => Error::unsupported("CREATE RECURSIVE VIEW is not supported")
                .with_hint("Write WITH RECURSIVE inside the view."),
            _ => reader.syntax_error(),
        });
    }
    reader.expect(&["VIEW"])?;
    let name = reader.qualified_name()?;
    let mut columns = Vec::new();
    if reader.accept_token(&Token::LParen) {
        columns = reader.names()?;
        reader.expect_token(&Token::RParen)?;
    }
    if reader.is_next(&["WITH"]) {
        return Err(Error::unsupported("options of a view are not supported"));
    }
    reader.expect(&["AS"])?;
    let query_text = reader.rest_text().to_owned();
    let query = query::read(reader)?;
    Ok(Kind::CreateView(CreateView { or_replace, name, columns, query_text, query }))
}

/// Reads DROP VIEW.
pub(super) fn drop(reader: &mut Reader<'_>) -> Result<Kind> {
    reader.expect(&["DROP", "VIEW"])?;
    let if_exists = reader.accept(&["IF", "EXISTS"]);
    let mut names = vec![reader.qualified_name()?];
    while reader.accept_token(&Token::Comma) {
        names.push(reader.qualified_name()?);
    }
    let cascade = reader.accept(&["CASCADE"]);
    if !cascade {
        reader.accept(&["RESTRICT"]);
    }
    Ok(Kind::DropView(DropView { if_exists, names, cascade }))
}

/// Whether a statement that begins with ALTER gives a view, or what may be one, another name.
pub(super) fn is_rename(reader: &Reader<'_>) -> bool {
    let mut ahead = match (reader.word(1).as_deref(), reader.word(2).as_deref()) {
        (Some("VIEW" | "TABLE"), Some("IF")) => 4,
        (Some("VIEW" | "TABLE"), _) => 2,
        _ => return false,
    };
    // The parts of a name, with dots between them.
    while reader.peek(ahead + 1) == Some(&Token::Period) {
        ahead += 2;
    }
    reader.word(ahead + 1).as_deref() == Some("RENAME") && reader.word(ahead + 2).as_deref() == Some("TO")
}

/// Reads ALTER VIEW or ALTER TABLE … RENAME TO.
pub(super) fn rename(reader: &mut Reader<'_>) -> Result<Kind> {
    reader.expect(&["ALTER"])?;
    let tag = if reader.accept(&["VIEW"]) {
        "ALTER VIEW"
    } else {
        reader.expect(&["TABLE"])?;
        "ALTER TABLE"
    };
    let if_exists = reader.accept(&["IF", "EXISTS"]);
    let name = reader.qualified_name()?;
    reader.expect(&["RENAME", "TO"])?;
    let to = reader.name()?;
    Ok(Kind::RenameView(RenameView { if_exists, name, to, tag }))
}

/// Reads CREATE SCHEMA.
pub(super) fn create_schema(reader: &mut Reader<'_>) -> Result<Kind> {
    reader.expect(&["CREATE", "SCHEMA"])?;
    let if_not_exists = reader.accept(&["IF", "NOT", "EXISTS"]);
    let name = reader.name()?;
    if !reader.is_at_end() {
        return Err(Error::unsupported("CREATE SCHEMA with an owner or with objects is not supported"));
    }
    Ok(Kind::CreateSchema { if_not_exists, name })
}

/// Reads COMMENT ON VIEW.
pub(super) fn comment(reader: &mut Reader<'_>) -> Result<Kind> {
    reader.expect(&["COMMENT", "ON", "VIEW"])?;
    let name = reader.qualified_name()?;
    reader.expect(&["IS"])?;
    if reader.accept(&["NULL"]) {
        return Ok(Kind::CommentOnView { name, comment: None });
    }
    let comment = reader.string().ok_or_else(|| reader.syntax_error())?;
    Ok(Kind::CommentOnView { name, comment: Some(comment) })
}
