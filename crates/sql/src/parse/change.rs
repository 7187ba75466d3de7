//! INSERT, DELETE and UPDATE.
//!
//! Their queries, conditions and expressions are read as parts of a SELECT, by the parser of queries.

use datafusion::sql::sqlparser::ast::{Expr, Query, Select, SelectItem, SetExpr};
use datafusion::sql::sqlparser::tokenizer::{Token, TokenWithSpan};

use crate::error::{Error, Result};
use crate::parse::query;
use crate::parse::reader::Reader;
use crate::parse::temp::is_keyword;
use crate::statement::Kind;
use crate::temp::{Action, Change};

/// Reads INSERT.
pub(super) fn insert(reader: &mut Reader<'_>) -> Result<Kind> {
    reader.expect(&["INSERT", "INTO"])?;
    let table = reader.qualified_name()?;
    let alias = if reader.accept(&["AS"]) { Some(reader.name()?) } else { None };
    let unsupported = if reader.find(&["ON", "CONFLICT"]).is_some() {
        Some("ON CONFLICT is not supported")
    } else if reader.find(&["OVERRIDING"]).is_some() {
        Some("OVERRIDING is not supported")
    } else {
        None
    };
    if unsupported.is_some() {
        reader.take_rest();
        let action = Action::Insert { columns: Vec::new(), source: None };
        return Ok(change(Change { table, alias, action, returning: None, unsupported }));
    }
    let returning = returning(reader)?;
    let mut columns = Vec::new();
    let is_query = matches!(reader.word(1).as_deref(), Some("SELECT" | "WITH" | "VALUES" | "TABLE"))
        || reader.peek(1) == Some(&Token::LParen);
    if reader.peek(0) == Some(&Token::LParen) && !is_query {
        reader.skip();
        columns = reader.names()?;
        if !reader.accept_token(&Token::RParen) {
            return Err(Error::unsupported("parts of columns cannot be inserted into"));
        }
    }
    let source = if reader.accept(&["DEFAULT", "VALUES"]) { None } else { Some(query::read(reader)?) };
    let action = Action::Insert { columns, source };
    Ok(change(Change { table, alias, action, returning, unsupported }))
}

/// Reads DELETE.
pub(super) fn delete(reader: &mut Reader<'_>) -> Result<Kind> {
    reader.expect(&["DELETE", "FROM"])?;
    reader.accept(&["ONLY"]);
    let (table, alias) = target(reader, &["USING", "WHERE", "RETURNING"])?;
    let unsupported =
        if reader.is_next(&["USING"]) { Some("DELETE … USING is not supported") } else { current(reader) };
    if unsupported.is_some() {
        reader.take_rest();
    }
    let returning = returning(reader)?;
    let condition = condition(reader)?;
    Ok(change(Change { table, alias, action: Action::Delete { condition }, returning, unsupported }))
}

/// Reads UPDATE.
pub(super) fn update(reader: &mut Reader<'_>) -> Result<Kind> {
    reader.expect(&["UPDATE"])?;
    reader.accept(&["ONLY"]);
    let (table, alias) = target(reader, &["SET"])?;
    reader.expect(&["SET"])?;
    let unsupported = if reader.find(&["FROM"]).is_some() {
        Some("UPDATE … FROM is not supported")
    } else if reader.peek(0) == Some(&Token::LParen) {
        Some("setting several columns at once is not supported")
    } else {
        current(reader)
    };
    if unsupported.is_some() {
        reader.take_rest();
        let action = Action::Update { set: Vec::new(), condition: None };
        return Ok(change(Change { table, alias, action, returning: None, unsupported }));
    }
    let returning = returning(reader)?;
    let length = reader.find(&["WHERE"]).unwrap_or_else(|| reader.left());
    let tokens = reader.take(length);
    let condition = condition(reader)?;
    let set = tokens_split(tokens).map(|tokens| assignment(reader.text(), tokens)).collect::<Result<_>>()?;
    Ok(change(Change { table, alias, action: Action::Update { set, condition }, returning, unsupported }))
}

fn change(change: Change) -> Kind {
    Kind::Change(Box::new(change))
}

fn current(reader: &Reader<'_>) -> Option<&'static str> {
    reader.find(&["CURRENT", "OF"]).map(|_| "WHERE CURRENT OF is not supported")
}

/// The table and its alias; `ends` are the words that are none.
fn target(reader: &mut Reader<'_>, ends: &[&str]) -> Result<(Vec<String>, Option<String>)> {
    let table = reader.qualified_name()?;
    reader.accept_token(&Token::Mul);
    let explicit = reader.accept(&["AS"]);
    let is_end = reader.is_at_end() || reader.word(0).is_some_and(|word| ends.contains(&word.as_str()));
    let alias = if explicit || !is_end { Some(reader.name()?) } else { None };
    Ok((table, alias))
}

fn condition(reader: &mut Reader<'_>) -> Result<Option<Expr>> {
    if !reader.is_next(&["WHERE"]) {
        return reader.expect_end().map(|()| None);
    }
    let tokens = reader.take_rest();
    let every = std::iter::once(TokenWithSpan::wrap(Token::Mul));
    let mut select = select(reader.text(), query::select().chain(every).chain(tokens).collect())?;
    Ok(select.selection.take())
}

/// `column = expression`
fn assignment(text: &str, tokens: Vec<TokenWithSpan>) -> Result<(String, Option<Expr>)> {
    let mut reader = Reader::of(text, tokens);
    let name = reader.name()?;
    if reader.accept_token(&Token::LBracket) || reader.accept_token(&Token::Period) {
        return Err(Error::unsupported("parts of columns cannot be set"));
    }
    reader.expect_token(&Token::Eq)?;
    let select = select(text, query::select().chain(reader.take_rest()).collect())?;
    let mut items = select.projection.into_iter();
    match (items.next(), items.next()) {
        (Some(SelectItem::UnnamedExpr(Expr::Identifier(ident))), None) if is_keyword(&ident, "DEFAULT") => {
            Ok((name, None))
        }
        (Some(SelectItem::UnnamedExpr(expr)), None) => Ok((name, Some(expr))),
        _ => Err(reader.syntax_error()),
    }
}

/// Cuts tokens at the commas that stand in no parentheses.
fn tokens_split(tokens: Vec<TokenWithSpan>) -> impl Iterator<Item = Vec<TokenWithSpan>> {
    let mut pieces = vec![Vec::new()];
    let mut depth = 0_usize;
    for token in tokens {
        match token.token {
            Token::LParen | Token::LBracket => depth += 1,
            Token::RParen | Token::RBracket => depth = depth.saturating_sub(1),
            Token::Comma if depth == 0 => {
                pieces.push(Vec::new());
                continue;
            }
            _ => {}
        }
        if let Some(piece) = pieces.last_mut() {
            piece.push(token);
        }
    }
    pieces.into_iter()
}

/// Takes RETURNING and what stands behind it off the statement's end.
fn returning(reader: &mut Reader<'_>) -> Result<Option<Vec<SelectItem>>> {
    let Some(ahead) = reader.find(&["RETURNING"]) else { return Ok(None) };
    let mut tokens = reader.take_end(ahead).into_iter();
    tokens.next();
    Ok(Some(select(reader.text(), query::select().chain(tokens).collect())?.projection))
}

fn select(text: &str, tokens: Vec<TokenWithSpan>) -> Result<Box<Select>> {
    let Query { body, .. } = *query::of_tokens(text, tokens, None)?;
    match *body {
        SetExpr::Select(select) => Ok(select),
        _ => Err(Error::unsupported("this form of statement is not supported")),
    }
}
