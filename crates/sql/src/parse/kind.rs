//! Sorting a statement by its first words.

use datafusion::sql::sqlparser::tokenizer::Token;

use crate::error::{Error, Result};
use crate::parse::reader::Reader;
use crate::parse::{change, copy, cursor, query, settings, temp, transaction, view, write};
use crate::statement::{Explain, Kind};

/// Reads one statement.
pub(super) fn read(text: &str) -> Result<Kind> {
    let mut reader = Reader::new(text)?;
    let kind = match reader.word(0) {
        None if reader.peek(0) == Some(&Token::LParen) => query_or_write(&mut reader),
        None => Err(reader.syntax_error()),
        Some(word) => statement(&mut reader, &word),
    }?;
    reader.expect_end()?;
    Ok(kind)
}

fn statement(reader: &mut Reader<'_>, word: &str) -> Result<Kind> {
    match word {
        "SELECT" | "WITH" | "VALUES" | "TABLE" => query_or_write(reader),
        "EXPLAIN" => explain(reader),
        "SET" => settings::set(reader),
        "SHOW" => settings::show(reader),
        "RESET" => settings::reset(reader),
        "BEGIN" | "START" | "COMMIT" | "END" | "ROLLBACK" | "ABORT" => transaction::read(reader),
        "SAVEPOINT" => transaction::savepoint(reader),
        "RELEASE" => transaction::release(reader),
        "DECLARE" => cursor::declare(reader),
        "FETCH" | "MOVE" => cursor::fetch(reader),
        "CLOSE" => cursor::close(reader),
        "CREATE" if view::is_create(reader) => view::create(reader),
        "CREATE"
            if reader.is_next(&["CREATE", "SCHEMA"])
                && reader.word(2).is_some_and(|word| word != "AUTHORIZATION") =>
        {
            view::create_schema(reader)
        }
        "ALTER" if view::is_rename(reader) => view::rename(reader),
        "CREATE" if temp::is_create(reader) => temp::create(reader),
        "DROP" if reader.is_next(&["DROP", "TABLE"]) => temp::drop(reader),
        "TRUNCATE" => temp::truncate(reader),
        "INSERT" => change::insert(reader),
        "DELETE" => change::delete(reader),
        "UPDATE" => change::update(reader),
        "DROP" if reader.is_next(&["DROP", "VIEW"]) => view::drop(reader),
        "COMMENT" if reader.is_next(&["COMMENT", "ON", "VIEW"]) => view::comment(reader),
        "COPY" => copy::read(reader),
        "DEALLOCATE" => deallocate(reader),
        "DISCARD" => discard(reader),
        "UNLISTEN" => unlisten(reader),
        _ => other(reader, word),
    }
}

fn other(reader: &mut Reader<'_>, word: &str) -> Result<Kind> {
    let later = match word {
        "PREPARE" if reader.is_next(&["PREPARE", "TRANSACTION"]) => "two-phase commit is not supported",
        "PREPARE" | "EXECUTE" => "PREPARE and EXECUTE as statements are not supported yet",
        "LISTEN" | "NOTIFY" => "LISTEN and NOTIFY are not supported yet",
        _ => {
            let tag = write::tag(reader).ok_or_else(|| reader.syntax_error())?;
            reader.take_rest();
            return Ok(Kind::Write(tag));
        }
    };
    Err(Error::unsupported(later))
}

/// `WITH x AS (…) INSERT …` begins like a query.
pub(super) fn query_or_write(reader: &mut Reader<'_>) -> Result<Kind> {
    if let Some(tag) = write::tag_behind_with(reader) {
        reader.take_rest();
        return Ok(Kind::Write(tag));
    }
    reader.forget_local();
    temp::query_or_into(query::read(reader)?)
}

fn explain(reader: &mut Reader<'_>) -> Result<Kind> {
    reader.expect(&["EXPLAIN"])?;
    let mut explain = Options::default();
    let has_list = reader.peek(0) == Some(&Token::LParen)
        && !matches!(reader.word(1).as_deref(), None | Some("SELECT" | "WITH" | "VALUES" | "TABLE"));
    if has_list {
        explain.read_list(reader)?;
    } else {
        explain.analyze = reader.accept(&["ANALYZE"]) || reader.accept(&["ANALYSE"]);
        explain.verbose = reader.accept(&["VERBOSE"]);
    }
    match reader.word(0).as_deref() {
        Some("SELECT" | "WITH" | "VALUES" | "TABLE") => {}
        None if reader.peek(0) == Some(&Token::LParen) => {}
        Some(word) if write::tag(reader).is_some() => {
            return Err(Error::unsupported(format!(
                "EXPLAIN of {word} is not supported: this is a read-only lake"
            )));
        }
        _ => return Err(reader.syntax_error()),
    }
    match query_or_write(reader)? {
        Kind::Query(query) => {
            let Options { analyze, verbose, json } = explain;
            Ok(Kind::Explain(Explain { analyze, verbose, json, query }))
        }
        _ => Err(Error::unsupported("EXPLAIN of a write is not supported: this is a read-only lake")),
    }
}

#[derive(Default)]
struct Options {
    analyze: bool,
    verbose: bool,
    json: bool,
}

impl Options {
    fn read_list(&mut self, reader: &mut Reader<'_>) -> Result<()> {
        reader.expect_token(&Token::LParen)?;
        loop {
            let option = reader.name()?;
            match option.as_str() {
                "analyze" | "analyse" => self.analyze = switch(reader)?,
                "verbose" => self.verbose = switch(reader)?,
                "format" => self.json = is_json(reader)?,
                // What they add or leave out, PostgreSQL's clients do not rely on.
                "costs" | "buffers" | "timing" | "summary" | "settings" | "wal" => drop(switch(reader)?),
                _ => {
                    let message = format!("unrecognized EXPLAIN option \"{option}\"");
                    return Err(Error::new(lakeport_base::SqlState::SYNTAX_ERROR, message));
                }
            }
            if !reader.accept_token(&Token::Comma) {
                return reader.expect_token(&Token::RParen);
            }
        }
    }
}

fn switch(reader: &mut Reader<'_>) -> Result<bool> {
    if matches!(reader.peek(0), Some(Token::Comma | Token::RParen)) {
        return Ok(true);
    }
    let word = match (reader.string(), reader.peek(0)) {
        (Some(word), _) => word,
        (None, Some(Token::Number(number, _))) => {
            let number = number.clone();
            reader.skip();
            number
        }
        (None, _) => reader.name()?,
    };
    match word.to_ascii_lowercase().as_str() {
        "true" | "on" | "1" => Ok(true),
        "false" | "off" | "0" => Ok(false),
        _ => Err(Error::new(
            lakeport_base::SqlState::SYNTAX_ERROR,
            "an EXPLAIN option requires a Boolean value",
        )),
    }
}

fn is_json(reader: &mut Reader<'_>) -> Result<bool> {
    let format = match reader.string() {
        Some(format) => format,
        None => reader.name()?,
    };
    match format.to_ascii_lowercase().as_str() {
        "text" => Ok(false),
        "json" => Ok(true),
        "xml" | "yaml" => Err(Error::unsupported(format!("EXPLAIN (FORMAT {format}) is not supported"))),
        _ => Err(Error::new(
            lakeport_base::SqlState::INVALID_PARAMETER_VALUE,
            format!("unrecognized value for EXPLAIN option \"format\": \"{format}\""),
        )),
    }
}

fn deallocate(reader: &mut Reader<'_>) -> Result<Kind> {
    reader.expect(&["DEALLOCATE"])?;
    reader.accept(&["PREPARE"]);
    if reader.accept(&["ALL"]) {
        return Ok(Kind::Deallocate(None));
    }
    Ok(Kind::Deallocate(Some(reader.name()?)))
}

fn discard(reader: &mut Reader<'_>) -> Result<Kind> {
    reader.expect(&["DISCARD"])?;
    match reader.word(0).as_deref() {
        Some("ALL" | "PLANS" | "SEQUENCES" | "TEMP") => Ok(Kind::Discard(reader.name()?)),
        Some("TEMPORARY") => {
            reader.skip();
            Ok(Kind::Discard("temp".to_owned()))
        }
        _ => Err(reader.syntax_error()),
    }
}

fn unlisten(reader: &mut Reader<'_>) -> Result<Kind> {
    reader.expect(&["UNLISTEN"])?;
    if !reader.accept_token(&Token::Mul) {
        reader.name()?;
    }
    Ok(Kind::Unlisten)
}
