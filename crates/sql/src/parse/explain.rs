//! EXPLAIN with its options, old and new.
//!
//! Source: `ExplainStmt` in PostgreSQL's `gram.y`, `ExplainQuery` in its `explain.c`.

use datafusion::sql::sqlparser::tokenizer::Token;
use lakeport_base::SqlState;

use crate::ast;
use crate::error::{Error, Result};
use crate::explain::{Explain, ExplainFormat};
use crate::parse::kind::query_or_write;
use crate::parse::reader::Reader;
use crate::parse::write;
use crate::statement::Kind;

/// Words that a query begins with.
const QUERY: [&str; 4] = ["SELECT", "WITH", "VALUES", "TABLE"];

/// Reads EXPLAIN.
pub(super) fn read(reader: &mut Reader<'_>) -> Result<Kind> {
    reader.expect(&["EXPLAIN"])?;
    let mut options = Options::default();
    let has_list = reader.peek(0) == Some(&Token::LParen)
        && reader.word(1).is_some_and(|word| !QUERY.contains(&word.as_str()));
    if has_list {
        options.read_list(reader)?;
    } else {
        options.analyze = reader.accept(&["ANALYZE"]) || reader.accept(&["ANALYSE"]);
        options.verbose = reader.accept(&["VERBOSE"]);
    }
    for (name, switch) in [("WAL", options.wal), ("TIMING", options.timing)] {
        if switch == Some(true) && !options.analyze {
            let message = format!("EXPLAIN option {name} requires ANALYZE");
            return Err(Error::new(SqlState::INVALID_PARAMETER_VALUE, message));
        }
    }
    match reader.word(0).as_deref() {
        Some(word) if QUERY.contains(&word) => {}
        None if reader.peek(0) == Some(&Token::LParen) => {}
        Some(word) if write::tag(reader).is_some() => {
            return Err(Error::unsupported(format!(
                "EXPLAIN of {word} is not supported: this is a read-only lake"
            )));
        }
        _ => return Err(reader.syntax_error()),
    }
    match query_or_write(reader)? {
        Kind::Query(query) => Ok(options.explain(query)),
        // Without ANALYZE nothing is made of SELECT INTO; its plan is the query's.
        Kind::CreateTempAs(create) if !options.analyze => Ok(options.explain(create.query)),
        _ => Err(Error::unsupported("EXPLAIN of a write is not supported: this is a read-only lake")),
    }
}

#[derive(Default)]
struct Options {
    analyze: bool,
    verbose: bool,
    costs: Option<bool>,
    timing: Option<bool>,
    summary: Option<bool>,
    wal: Option<bool>,
    format: ExplainFormat,
}

impl Options {
    fn explain(self, query: Box<ast::Query>) -> Kind {
        Kind::Explain(Explain {
            analyze: self.analyze,
            verbose: self.verbose,
            costs: self.costs.unwrap_or(true),
            timing: self.timing.unwrap_or(self.analyze),
            summary: self.summary.unwrap_or(self.analyze),
            format: self.format,
            query,
        })
    }

    fn read_list(&mut self, reader: &mut Reader<'_>) -> Result<()> {
        reader.expect_token(&Token::LParen)?;
        loop {
            let position = reader.position();
            let option = reader.name()?;
            match option.as_str() {
                "analyze" | "analyse" => self.analyze = switch(reader, "analyze")?,
                "verbose" => self.verbose = switch(reader, &option)?,
                "costs" => self.costs = Some(switch(reader, &option)?),
                "timing" => self.timing = Some(switch(reader, &option)?),
                "summary" => self.summary = Some(switch(reader, &option)?),
                "wal" => self.wal = Some(switch(reader, &option)?),
                // There are neither buffers nor settings that change a plan, so there is nothing to add.
                "buffers" | "settings" => drop(switch(reader, &option)?),
                "format" => self.format = format(reader, position)?,
                _ => {
                    let message = format!("unrecognized EXPLAIN option \"{option}\"");
                    return Err(Error::new(SqlState::SYNTAX_ERROR, message).at(position));
                }
            }
            if !reader.accept_token(&Token::Comma) {
                return reader.expect_token(&Token::RParen);
            }
        }
    }
}

fn switch(reader: &mut Reader<'_>, option: &str) -> Result<bool> {
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
        _ => Err(Error::new(SqlState::SYNTAX_ERROR, format!("{option} requires a Boolean value"))),
    }
}

fn format(reader: &mut Reader<'_>, position: usize) -> Result<ExplainFormat> {
    if matches!(reader.peek(0), Some(Token::Comma | Token::RParen)) {
        return Err(Error::new(SqlState::SYNTAX_ERROR, "format requires a parameter"));
    }
    let format = match reader.string() {
        Some(format) => format,
        None => reader.name()?,
    };
    match format.as_str() {
        "text" => Ok(ExplainFormat::Text),
        "json" => Ok(ExplainFormat::Json),
        "yaml" => Ok(ExplainFormat::Yaml),
        "xml" => Err(Error::unsupported("EXPLAIN (FORMAT XML) is not supported: there is no type xml")),
        _ => {
            let message = format!("unrecognized value for EXPLAIN option \"format\": \"{format}\"");
            Err(Error::new(SqlState::INVALID_PARAMETER_VALUE, message).at(position))
        }
    }
}
