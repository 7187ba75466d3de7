//! Reading a query by sqlparser, and its complaints in PostgreSQL's words.

use super::dialect::Postgres;
use datafusion::sql::sqlparser::ast;
use datafusion::sql::sqlparser::keywords::Keyword;
use datafusion::sql::sqlparser::parser::{Parser, ParserError};
use datafusion::sql::sqlparser::tokenizer::{Location, Token, TokenWithSpan, Word};

use crate::error::{Error, Result};
use crate::parse::depth::too_deep;
use crate::parse::reader::{Reader, syntax_error};
use crate::parse::{balance, reader, reserved, spelling};

/// Levels that sqlparser may recurse: more than `depth` lets through, so that this says no first.
const RECURSION_MAX: usize = 2_000;

/// Reads what is left of a statement as one query.
pub(super) fn read(reader: &mut Reader<'_>) -> Result<Box<ast::Query>> {
    if reader.is_at_end() {
        return Err(reader.syntax_error());
    }
    let tokens = reader.take_rest();
    of_tokens(reader.text(), tokens, reader.end())
}

/// Reads these tokens of a text as one query.
pub(super) fn of_tokens(
    text: &str,
    tokens: Vec<TokenWithSpan>,
    end: Option<Location>,
) -> Result<Box<ast::Query>> {
    let mut query =
        parsed(text, spelling::spelled(without_schema(spell_out_table(tokens))), end, |parser| {
            parser.parse_query()
        })?;
    reserved::check(&query, text)?;
    balance::query(&mut query);
    Ok(query)
}

/// Has the parser read these tokens of a text, all of them. `end` is what comes behind them.
pub(super) fn parsed<T>(
    text: &str,
    tokens: Vec<TokenWithSpan>,
    end: Option<Location>,
    read: impl FnOnce(&mut Parser<'_>) -> Result<T, ParserError>,
) -> Result<T> {
    let dialect = Postgres::default();
    let mut parser =
        Parser::new(&dialect).with_recursion_limit(RECURSION_MAX).with_tokens_with_locations(tokens);
    let read = read(&mut parser).map_err(|error| complaint(text, &parser, error, end))?;
    let next = parser.peek_token_ref();
    if next.token != Token::EOF {
        return Err(syntax_error(text, Some(next.span.start)));
    }
    Ok(read)
}

/// The token SELECT, which no text has.
pub(super) fn select() -> impl Iterator<Item = TokenWithSpan> {
    std::iter::once(TokenWithSpan::wrap(bare_word("SELECT", Keyword::SELECT)))
}

/// Reads the types that a list in parentheses holds.
pub(super) fn types(reader: &mut Reader<'_>) -> Result<Vec<ast::DataType>> {
    let text = reader.text();
    list(text, reader.listed()?, |parser| parser.parse_comma_separated(Parser::parse_data_type))
}

/// Reads the expressions that a list in parentheses holds.
pub(super) fn expressions(reader: &mut Reader<'_>) -> Result<Vec<ast::Expr>> {
    let text = reader.text();
    list(text, reader.listed()?, |parser| parser.parse_comma_separated(Parser::parse_expr))
}

/// Reads what stands between parentheses, the closing one included.
fn list<T>(
    text: &str,
    tokens: Vec<TokenWithSpan>,
    read: impl FnOnce(&mut Parser<'_>) -> Result<T, ParserError>,
) -> Result<T> {
    let dialect = Postgres::default();
    let mut parser = Parser::new(&dialect)
        .with_recursion_limit(RECURSION_MAX)
        .with_tokens_with_locations(spell_out_table(tokens));
    let list = read(&mut parser).map_err(|error| complaint(text, &parser, error, None))?;
    let next = parser.next_token();
    if next.token == Token::RParen && parser.peek_token_ref().token == Token::EOF {
        return Ok(list);
    }
    let location = if next.token == Token::EOF { None } else { Some(next.span.start) };
    Err(syntax_error(text, location))
}

/// Writes `TABLE name` as `SELECT * FROM name`: sqlparser forgets whether the name was quoted.
fn spell_out_table(tokens: Vec<TokenWithSpan>) -> Vec<TokenWithSpan> {
    let mut spelled = Vec::with_capacity(tokens.len());
    let mut before = Token::LParen;
    for token in tokens {
        let is_table = matches!(&token.token, Token::Word(word) if word.keyword == Keyword::TABLE);
        let begins = match &before {
            Token::LParen => true,
            Token::Word(word) => matches!(
                word.keyword,
                Keyword::UNION | Keyword::ALL | Keyword::DISTINCT | Keyword::EXCEPT | Keyword::INTERSECT
            ),
            _ => false,
        } || (before == Token::RParen && is_table);
        before = token.token.clone();
        if is_table && begins {
            let at = |token_: Token| TokenWithSpan { token: token_, span: token.span };
            spelled.push(at(bare_word("SELECT", Keyword::SELECT)));
            spelled.push(at(Token::Mul));
            spelled.push(at(bare_word("FROM", Keyword::FROM)));
        } else {
            spelled.push(token);
        }
    }
    spelled
}

/// Writes `pg_catalog.substring(` as `substring(`, and its kin likewise: sqlparser takes these words behind a dot for the
/// syntax of theirs and finds it wrong. Bare names are looked up in `pg_catalog` first, so they mean the same.
fn without_schema(tokens: Vec<TokenWithSpan>) -> Vec<TokenWithSpan> {
    const WITH_SYNTAX: [Keyword; 4] = [Keyword::CEIL, Keyword::FLOOR, Keyword::OVERLAY, Keyword::SUBSTRING];
    let is_schema =
        |token: &Token| matches!(token, Token::Word(word) if word.value.eq_ignore_ascii_case("pg_catalog"));
    let mut kept: Vec<TokenWithSpan> = Vec::with_capacity(tokens.len());
    let mut tokens = tokens.into_iter().peekable();
    while let Some(token) = tokens.next() {
        let has_syntax = matches!(&token.token, Token::Word(word) if WITH_SYNTAX.contains(&word.keyword))
            && tokens.peek().is_some_and(|next| next.token == Token::LParen);
        if has_syntax
            && let [.., schema, dot] = kept.as_slice()
            && dot.token == Token::Period
            && is_schema(&schema.token)
        {
            kept.truncate(kept.len() - 2);
        }
        kept.push(token);
    }
    kept
}

fn bare_word(value: &str, keyword: Keyword) -> Token {
    Token::Word(Word { value: value.to_owned(), quote_style: None, keyword })
}

fn complaint(text: &str, parser: &Parser<'_>, error: ParserError, end: Option<Location>) -> Error {
    match error {
        ParserError::RecursionLimitExceeded => too_deep(),
        ParserError::ParserError(message) | ParserError::TokenizerError(message) => {
            let location = if message.contains("found: EOF") { None } else { location_of(&message) };
            let here = parser.peek_token_ref();
            let location = match location {
                Some(location) => Some(location),
                None if message.contains("found: EOF") || here.token == Token::EOF => None,
                None => Some(here.span.start),
            };
            reader::syntax_error(text, location.or(end))
        }
    }
}

/// The place that sqlparser writes at the end of its messages.
fn location_of(message: &str) -> Option<Location> {
    let (_, place) = message.rsplit_once(" at Line: ")?;
    let (line, column) = place.split_once(", Column: ")?;
    let column = column.trim_end_matches(|c: char| !c.is_ascii_digit());
    Some(Location { line: line.parse().ok()?, column: column.parse().ok()? })
}
