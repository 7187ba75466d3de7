//! Sorting a statement by its first words.

use datafusion::sql::sqlparser::tokenizer::Token;

use crate::error::Result;
use crate::parse::reader::Reader;
use crate::parse::{change, copy, cursor, explain, prepare, query, settings, temp, transaction, view, write};
use crate::statement::Kind;

/// Reads one statement.
pub(super) fn read(text: &str) -> Result<Kind> {
    let mut reader = Reader::new(text)?;
    let kind = read_next(&mut reader)?;
    reader.expect_end()?;
    Ok(kind)
}

/// Reads the statement that comes next.
pub(super) fn read_next(reader: &mut Reader<'_>) -> Result<Kind> {
    match reader.word(0) {
        None if reader.peek(0) == Some(&Token::LParen) => query_or_write(reader),
        None => Err(reader.syntax_error()),
        Some(word) => statement(reader, &word),
    }
}

fn statement(reader: &mut Reader<'_>, word: &str) -> Result<Kind> {
    match word {
        "SELECT" | "WITH" | "VALUES" | "TABLE" => query_or_write(reader),
        "EXPLAIN" => explain::read(reader),
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
        "PREPARE" => prepare::prepare(reader),
        "EXECUTE" => prepare::execute(reader),
        "DEALLOCATE" => prepare::deallocate(reader),
        "DISCARD" => discard(reader),
        "LOCK" => prepare::lock(reader),
        "LISTEN" => prepare::listen(reader),
        "NOTIFY" => prepare::notify(reader),
        "UNLISTEN" => prepare::unlisten(reader),
        _ => other(reader),
    }
}

fn other(reader: &mut Reader<'_>) -> Result<Kind> {
    let tag = write::tag(reader).ok_or_else(|| reader.syntax_error())?;
    reader.take_rest();
    Ok(Kind::Write(tag))
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
