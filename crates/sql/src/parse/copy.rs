//! COPY: `COPY … TO STDOUT` in both of its syntaxes, and the refusal of everything else.
//!
//! Source: `CopyStmt` in PostgreSQL's `gram.y`.

use datafusion::sql::sqlparser::tokenizer::Token;
use lakeport_base::{SqlState, quote_ident};

use crate::ast;
use crate::copy::{CopySource, CopyTo};
use crate::error::{Error, Result};
use crate::parse::copy_options::Options;
use crate::parse::kind::query_or_write;
use crate::parse::query;
use crate::parse::reader::Reader;
use crate::statement::Kind;

/// Reads COPY.
pub(super) fn read(reader: &mut Reader<'_>) -> Result<Kind> {
    reader.expect(&["COPY"])?;
    if reader.peek(0) == Some(&Token::LParen) { of_query(reader) } else { of_table(reader) }
}

fn of_query(reader: &mut Reader<'_>) -> Result<Kind> {
    let mut inner = reader.parenthesised()?;
    let kind = match inner.word(0).as_deref() {
        Some("SELECT" | "WITH" | "VALUES" | "TABLE" | "INSERT" | "UPDATE" | "DELETE") => {
            inner_kind(&mut inner)?
        }
        None if inner.peek(0) == Some(&Token::LParen) => inner_kind(&mut inner)?,
        _ => return Err(inner.syntax_error()),
    };
    inner.expect_end()?;
    let position = reader.position();
    reader.expect(&["TO"])?;
    let to = destination(reader, Some(position))?;
    let mut options = Options::default();
    options.read(reader)?;
    reader.expect_end()?;
    to.refuse_files(Direction::To)?;
    match kind {
        Kind::Query(query) => {
            let (form, force_quote) = options.form()?;
            Ok(Kind::Copy(CopyTo { source: CopySource::Query, query, form, force_quote }))
        }
        Kind::Write(tag) => Ok(Kind::Write(tag)),
        _ => Err(Error::unsupported("COPY (SELECT INTO) is not supported")),
    }
}

fn inner_kind(inner: &mut Reader<'_>) -> Result<Kind> {
    // COPY is no statement that takes parameters, so neither does what is in it.
    if let Some((name, position)) = inner.placeholder() {
        let message = format!("there is no parameter {name}");
        return Err(Error::new(SqlState::UNDEFINED_PARAMETER, message).at(position));
    }
    query_or_write(inner)
}

fn of_table(reader: &mut Reader<'_>) -> Result<Kind> {
    let mut options = Options::default();
    if reader.is_next(&["BINARY"]) {
        options.binary(reader)?;
    }
    let name = reader.qualified_name()?;
    let mut columns = Vec::new();
    if reader.accept_token(&Token::LParen) {
        columns = reader.names()?;
        reader.expect_token(&Token::RParen)?;
    }
    let direction = if reader.accept(&["FROM"]) {
        Direction::From
    } else {
        reader.expect(&["TO"])?;
        Direction::To
    };
    let place = destination(reader, None)?;
    options.delimiters(reader)?;
    options.read(reader)?;
    if direction == Direction::From {
        reader.take_rest();
        place.refuse_files(direction)?;
        return Ok(Kind::Write("COPY FROM"));
    }
    if reader.is_next(&["WHERE"]) {
        let error = Error::new(SqlState::SYNTAX_ERROR, "WHERE clause not allowed with COPY TO");
        return Err(error.at(reader.position()));
    }
    reader.expect_end()?;
    place.refuse_files(direction)?;
    if let Some(twice) = columns.iter().enumerate().find(|(index, name)| columns[..*index].contains(name)) {
        let message = format!("column \"{}\" specified more than once", twice.1);
        return Err(Error::new(SqlState::DUPLICATE_COLUMN, message));
    }
    let (form, force_quote) = options.form()?;
    let query = everything_of(&name, &columns)?;
    Ok(Kind::Copy(CopyTo { source: CopySource::Table { name, columns }, query, form, force_quote }))
}

/// The query that gives these columns of a table, or all where none are named.
fn everything_of(name: &[String], columns: &[String]) -> Result<Box<ast::Query>> {
    // Quoted always, so that nothing is a keyword.
    let quoted = |name: &String| format!("\"{}\"", name.replace('"', "\"\""));
    let table: Vec<String> = name.iter().map(quoted).collect();
    let columns: Vec<String> = columns.iter().map(quoted).collect();
    let columns = if columns.is_empty() { "*".to_owned() } else { columns.join(", ") };
    let text = format!("SELECT {columns} FROM {}", table.join("."));
    query::read(&mut Reader::new(&text)?).map_err(|_| {
        let name: Vec<String> = name.iter().map(|part| quote_ident(part)).collect();
        Error::new(SqlState::SYNTAX_ERROR, format!("improper qualified name: {}", name.join(".")))
    })
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Direction {
    To,
    From,
}

/// The other end of a COPY.
enum Place {
    /// The client; PostgreSQL takes STDIN and STDOUT for the same.
    Client,
    File,
    Program,
}

/// Reads it; `position` is where to point at, where it makes no sense.
fn destination(reader: &mut Reader<'_>, position: Option<usize>) -> Result<Place> {
    let is_program = reader.accept(&["PROGRAM"]);
    if reader.is_next(&["STDIN"]) || reader.is_next(&["STDOUT"]) {
        if is_program {
            let error = Error::new(SqlState::SYNTAX_ERROR, "STDIN/STDOUT not allowed with PROGRAM");
            return Err(position.into_iter().fold(error, Error::at));
        }
        reader.skip();
        return Ok(Place::Client);
    }
    reader.string().ok_or_else(|| reader.syntax_error())?;
    Ok(if is_program { Place::Program } else { Place::File })
}

impl Place {
    /// Nobody here may make the server write or run anything.
    fn refuse_files(&self, direction: Direction) -> Result<()> {
        let (role, what) = match (self, direction) {
            (Self::Client, _) => return Ok(()),
            (Self::File, Direction::To) => ("pg_write_server_files", "COPY to a file"),
            (Self::File, Direction::From) => ("pg_read_server_files", "COPY from a file"),
            (Self::Program, _) => ("pg_execute_server_program", "COPY to or from an external program"),
        };
        let message = format!("must be superuser or have privileges of the {role} role to {what}");
        Err(Error::new(SqlState::INSUFFICIENT_PRIVILEGE, message)
            .with_hint("Anyone can COPY to stdout. psql's \\copy command also works for anyone."))
    }
}
