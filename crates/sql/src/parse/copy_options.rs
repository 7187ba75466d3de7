//! COPY's options: read in the old syntax and the new one, and checked against each other.
//!
//! Source: `copy_opt_list` and `copy_generic_opt_list` in PostgreSQL's `gram.y`, `ProcessCopyOptions` in
//! its `copy.c`. What is checked comes in the order that it is checked there.

use datafusion::sql::sqlparser::tokenizer::Token;
use lakeport_base::SqlState;

use crate::copy::{CopyForm, ForceQuote};
use crate::error::{Error, Result};
use crate::parse::reader::Reader;

/// The options that were written, each at most once.
#[derive(Debug, Default)]
pub(super) struct Options(Vec<Written>);

#[derive(Debug)]
struct Written {
    name: String,
    argument: Argument,
    position: usize,
}

#[derive(Debug)]
enum Argument {
    None,
    Word(String),
    Star,
    List(Vec<String>),
}

impl Options {
    /// BINARY, before the table's name.
    pub(super) fn binary(&mut self, reader: &mut Reader<'_>) -> Result<()> {
        self.bare(reader, "BINARY", "format", Argument::Word("binary".to_owned()))
    }

    /// `USING DELIMITERS`, from before there were options.
    pub(super) fn delimiters(&mut self, reader: &mut Reader<'_>) -> Result<()> {
        let is_using = reader.is_next(&["USING", "DELIMITERS"]);
        if is_using || reader.is_next(&["DELIMITERS"]) {
            let position = reader.position();
            reader.skip();
            if is_using {
                reader.skip();
            }
            let delimiter = reader.string().ok_or_else(|| reader.syntax_error())?;
            self.add("delimiter", Argument::Word(delimiter), position)?;
        }
        Ok(())
    }

    /// The options, in whichever syntax.
    pub(super) fn read(&mut self, reader: &mut Reader<'_>) -> Result<()> {
        reader.accept(&["WITH"]);
        if !reader.accept_token(&Token::LParen) {
            return self.read_words(reader);
        }
        loop {
            let position = reader.position();
            let name = reader.name()?;
            let argument = argument(reader)?;
            self.add(&name, argument, position)?;
            if !reader.accept_token(&Token::Comma) {
                return reader.expect_token(&Token::RParen);
            }
        }
    }

    fn read_words(&mut self, reader: &mut Reader<'_>) -> Result<()> {
        loop {
            match reader.word(0).as_deref() {
                Some("BINARY") => self.binary(reader)?,
                Some("CSV") => self.bare(reader, "CSV", "format", Argument::Word("csv".to_owned()))?,
                Some("HEADER") => self.bare(reader, "HEADER", "header", Argument::None)?,
                Some("FREEZE") => self.bare(reader, "FREEZE", "freeze", Argument::None)?,
                Some(word @ ("DELIMITER" | "NULL" | "QUOTE" | "ESCAPE" | "ENCODING")) => {
                    let position = reader.position();
                    reader.skip();
                    if word != "ENCODING" {
                        reader.accept(&["AS"]);
                    }
                    let value = reader.string().ok_or_else(|| reader.syntax_error())?;
                    self.add(&word.to_ascii_lowercase(), Argument::Word(value), position)?;
                }
                Some("FORCE") => self.force(reader)?,
                _ => return Ok(()),
            }
        }
    }

    fn force(&mut self, reader: &mut Reader<'_>) -> Result<()> {
        let position = reader.position();
        reader.expect(&["FORCE"])?;
        let name = if reader.accept(&["QUOTE"]) {
            "force_quote"
        } else if reader.accept(&["NOT", "NULL"]) {
            "force_not_null"
        } else {
            reader.expect(&["NULL"])?;
            "force_null"
        };
        let argument = if name == "force_quote" && reader.accept_token(&Token::Mul) {
            Argument::Star
        } else {
            Argument::List(reader.names()?)
        };
        self.add(name, argument, position)
    }

    fn bare(&mut self, reader: &mut Reader<'_>, word: &str, name: &str, argument: Argument) -> Result<()> {
        let position = reader.position();
        reader.expect(&[word])?;
        self.add(name, argument, position)
    }

    fn add(&mut self, name: &str, argument: Argument, position: usize) -> Result<()> {
        const KNOWN: &[&str] = &[
            "format",
            "freeze",
            "delimiter",
            "null",
            "header",
            "quote",
            "escape",
            "force_quote",
            "force_not_null",
            "force_null",
            "encoding",
        ];
        if !KNOWN.contains(&name) {
            return Err(syntax(format!("option \"{name}\" not recognized")).at(position));
        }
        if self.find(name).is_some() {
            return Err(syntax("conflicting or redundant options").at(position));
        }
        self.0.push(Written { name: name.to_owned(), argument, position });
        Ok(())
    }

    fn find(&self, name: &str) -> Option<&Written> {
        self.0.iter().find(|written| written.name == name)
    }

    fn text(&self, name: &str) -> Result<Option<String>> {
        self.find(name).map(Written::text).transpose()
    }

    /// What the options come to.
    ///
    /// # Errors
    ///
    /// PostgreSQL's own for options that make no sense, or not together.
    pub(super) fn form(&self) -> Result<(CopyForm, ForceQuote)> {
        let format = self.text("format")?.unwrap_or_else(|| "text".to_owned());
        if !["text", "csv", "binary"].contains(&format.as_str()) {
            let error = invalid(format!("COPY format \"{format}\" not recognized"));
            return Err(error.at(self.find("format").map_or(0, |written| written.position)));
        }
        if let Some(freeze) = self.find("freeze") {
            freeze.switch().ok_or_else(|| syntax("freeze requires a Boolean value"))?;
        }
        let header = self.header()?;
        self.check_encoding()?;
        let force_quote = self.columns("force_quote")?;
        let force_not_null = self.columns("force_not_null")?;
        let force_null = self.columns("force_null")?;
        let form = match format.as_str() {
            "binary" => self.binary_form(header)?,
            "csv" => self.csv_form(header)?,
            _ => self.text_form(header)?,
        };
        let is_csv = format == "csv";
        for (what, columns) in [("quote", &force_quote), ("not null", &force_not_null), ("null", &force_null)]
        {
            if *columns == ForceQuote::None {
                continue;
            }
            if !is_csv {
                return Err(Error::unsupported(format!("COPY force {what} available only in CSV mode")));
            }
            if what != "quote" {
                return Err(Error::unsupported(format!("COPY force {what} only available using COPY FROM")));
            }
        }
        Ok((form, force_quote))
    }

    fn binary_form(&self, header: bool) -> Result<CopyForm> {
        for (name, word) in [("delimiter", "DELIMITER"), ("null", "NULL")] {
            if self.text(name)?.is_some() {
                return Err(syntax(format!("cannot specify {word} in BINARY mode")));
            }
        }
        if header {
            return Err(Error::unsupported("cannot specify HEADER in BINARY mode"));
        }
        self.refuse_quotes()?;
        Ok(CopyForm::Binary)
    }

    fn text_form(&self, header: bool) -> Result<CopyForm> {
        let (delimiter, null) = self.delimiter_and_null("\t", "\\N")?;
        if b"\\.".contains(&delimiter) || delimiter.is_ascii_lowercase() || delimiter.is_ascii_digit() {
            return Err(invalid(format!("COPY delimiter cannot be \"{}\"", char::from(delimiter))));
        }
        self.refuse_quotes()?;
        check_null(&null, delimiter)?;
        Ok(CopyForm::Text { header, delimiter, null })
    }

    fn csv_form(&self, header: bool) -> Result<CopyForm> {
        let (delimiter, null) = self.delimiter_and_null(",", "")?;
        let quote = self.text("quote")?.unwrap_or_else(|| "\"".to_owned());
        let escape = self.text("escape")?.unwrap_or_else(|| quote.clone());
        let quote = one_byte("quote", &quote)?;
        if delimiter == quote {
            return Err(invalid("COPY delimiter and quote must be different"));
        }
        let escape = one_byte("escape", &escape)?;
        check_null(&null, delimiter)?;
        if null.as_bytes().contains(&quote) {
            return Err(Error::unsupported("CSV quote character must not appear in the NULL specification"));
        }
        Ok(CopyForm::Csv { header, delimiter, null, quote, escape })
    }

    fn delimiter_and_null(&self, delimiter: &str, null: &str) -> Result<(u8, String)> {
        let delimiter = self.text("delimiter")?.unwrap_or_else(|| delimiter.to_owned());
        let null = self.text("null")?.unwrap_or_else(|| null.to_owned());
        let delimiter = one_byte("delimiter", &delimiter)?;
        let breaks = |byte: u8| byte == b'\n' || byte == b'\r';
        if breaks(delimiter) {
            return Err(invalid("COPY delimiter cannot be newline or carriage return"));
        }
        if null.bytes().any(breaks) {
            return Err(invalid("COPY null representation cannot use newline or carriage return"));
        }
        Ok((delimiter, null))
    }

    fn refuse_quotes(&self) -> Result<()> {
        for name in ["quote", "escape"] {
            if self.text(name)?.is_some() {
                return Err(Error::unsupported(format!("COPY {name} available only in CSV mode")));
            }
        }
        Ok(())
    }

    fn header(&self) -> Result<bool> {
        let Some(header) = self.find("header") else { return Ok(false) };
        if matches!(&header.argument, Argument::Word(word) if word.eq_ignore_ascii_case("match")) {
            return Err(Error::unsupported("cannot use \"match\" with HEADER in COPY TO"));
        }
        header.switch().ok_or_else(|| syntax("header requires a Boolean value or \"match\""))
    }

    /// Text is sent as UTF8 only, which is also what leaving it as it is comes to.
    fn check_encoding(&self) -> Result<()> {
        let Some(encoding) = self.find("encoding") else { return Ok(()) };
        let name: String = encoding.text()?.chars().filter(char::is_ascii_alphanumeric).collect();
        if ["utf8", "unicode", "sqlascii"].contains(&name.to_ascii_lowercase().as_str()) {
            return Ok(());
        }
        Err(invalid("argument to option \"encoding\" must be a valid encoding name")
            .at(encoding.position)
            .with_hint("Text is sent as UTF8 only."))
    }

    fn columns(&self, name: &str) -> Result<ForceQuote> {
        let Some(written) = self.find(name) else { return Ok(ForceQuote::None) };
        match &written.argument {
            Argument::Star if name == "force_quote" => Ok(ForceQuote::All),
            Argument::List(columns) => {
                for (index, column) in columns.iter().enumerate() {
                    if columns[..index].contains(column) {
                        let message = format!("column \"{column}\" specified more than once");
                        return Err(Error::new(SqlState::DUPLICATE_COLUMN, message));
                    }
                }
                Ok(ForceQuote::Columns(columns.clone()))
            }
            _ => Err(invalid(format!("argument to option \"{name}\" must be a list of column names"))
                .at(written.position)),
        }
    }
}

impl Written {
    fn text(&self) -> Result<String> {
        match &self.argument {
            Argument::None => Err(syntax(format!("{} requires a parameter", self.name))),
            Argument::Word(word) => Ok(word.clone()),
            Argument::Star => Ok("*".to_owned()),
            Argument::List(words) => Ok(words.join(".")),
        }
    }

    fn switch(&self) -> Option<bool> {
        match &self.argument {
            Argument::None => Some(true),
            Argument::Word(word) => match word.to_ascii_lowercase().as_str() {
                "true" | "on" | "1" => Some(true),
                "false" | "off" | "0" => Some(false),
                _ => None,
            },
            Argument::Star | Argument::List(_) => None,
        }
    }
}

fn argument(reader: &mut Reader<'_>) -> Result<Argument> {
    if matches!(reader.peek(0), Some(Token::Comma | Token::RParen)) {
        return Ok(Argument::None);
    }
    if reader.accept_token(&Token::Mul) {
        return Ok(Argument::Star);
    }
    if reader.accept_token(&Token::LParen) {
        let mut words = vec![word(reader)?];
        while reader.accept_token(&Token::Comma) {
            words.push(word(reader)?);
        }
        reader.expect_token(&Token::RParen)?;
        return Ok(Argument::List(words));
    }
    let sign = if reader.accept_token(&Token::Minus) {
        "-"
    } else {
        reader.accept_token(&Token::Plus);
        ""
    };
    if let Some(Token::Number(number, _)) = reader.peek(0) {
        let number = format!("{sign}{number}");
        reader.skip();
        return Ok(Argument::Word(number));
    }
    Ok(Argument::Word(word(reader)?))
}

fn word(reader: &mut Reader<'_>) -> Result<String> {
    match reader.string() {
        Some(word) => Ok(word),
        None => reader.name(),
    }
}

fn one_byte(what: &str, text: &str) -> Result<u8> {
    match text.as_bytes() {
        [byte] => Ok(*byte),
        _ => Err(Error::unsupported(format!("COPY {what} must be a single one-byte character"))),
    }
}

fn check_null(null: &str, delimiter: u8) -> Result<()> {
    if null.as_bytes().contains(&delimiter) {
        return Err(Error::unsupported("COPY delimiter must not appear in the NULL specification"));
    }
    Ok(())
}

fn syntax(message: impl Into<String>) -> Error {
    Error::new(SqlState::SYNTAX_ERROR, message)
}

fn invalid(message: impl Into<String>) -> Error {
    Error::new(SqlState::INVALID_PARAMETER_VALUE, message)
}
