//! SET, SHOW and RESET in all their spellings.

use datafusion::sql::sqlparser::tokenizer::Token;
use lakeport_base::{SqlState, quote_ident};

use crate::error::{Error, Result};
use crate::parse::reader::Reader;
use crate::parse::transaction;
use crate::statement::{Kind, Set};
use crate::value::read::interval_of;
use crate::value::{Interval, IntervalField, IntervalFields, IntervalStyle, Style};

/// Settings whose value is a list of names, each written so that it reads back as itself.
///
/// Source: the settings with `GUC_LIST_QUOTE` in PostgreSQL's `guc.c`.
const NAME_LISTS: &[&str] =
    &["search_path", "temp_tablespaces", "session_preload_libraries", "local_preload_libraries"];

/// Reads SET.
pub(super) fn set(reader: &mut Reader<'_>) -> Result<Kind> {
    reader.expect(&["SET"])?;
    if reader.accept(&["TRANSACTION"]) {
        return transaction::set(reader, true);
    }
    if reader.accept(&["SESSION", "CHARACTERISTICS", "AS", "TRANSACTION"]) {
        return transaction::set(reader, false);
    }
    if reader.is_next(&["CONSTRAINTS"]) {
        return Err(Error::unsupported("SET CONSTRAINTS is not supported: there are none"));
    }
    let local = reader.accept(&["LOCAL"]);
    if !local && reader.is_next(&["SESSION"]) && !is_assignment(reader.peek(1)) {
        reader.skip();
    }
    let (name, value) = assignment(reader)?;
    Ok(Kind::Set(Set { name, value, local }))
}

fn is_assignment(token: Option<&Token>) -> bool {
    match token {
        Some(Token::Eq | Token::Period) => true,
        Some(Token::Word(word)) => word.quote_style.is_none() && word.value.eq_ignore_ascii_case("to"),
        _ => false,
    }
}

fn assignment(reader: &mut Reader<'_>) -> Result<(String, Option<String>)> {
    if reader.accept(&["TIME", "ZONE"]) {
        return Ok(("timezone".to_owned(), zone(reader)?));
    }
    for (words, name) in [
        (&["NAMES"][..], "client_encoding"),
        (&["AUTHORIZATION"], "session_authorization"),
        (&["ROLE"], "role"),
        (&["SCHEMA"], "search_path"),
        (&["SEED"], "seed"),
    ] {
        if reader.is_next(words) && !is_assignment(reader.peek(1)) {
            reader.skip();
            let value =
                if name == "client_encoding" && reader.is_at_end() { None } else { values(reader, name)? };
            return Ok((name.to_owned(), value));
        }
    }
    let name = setting_name(reader)?;
    if !reader.accept(&["TO"]) {
        reader.expect_token(&Token::Eq)?;
    }
    let value = values(reader, &name)?;
    Ok((name, value))
}

/// The name of a setting: folded even where it is quoted, as PostgreSQL looks settings up.
fn setting_name(reader: &mut Reader<'_>) -> Result<String> {
    let name = reader.qualified_name()?.join(".");
    Ok(name.to_ascii_lowercase())
}

fn zone(reader: &mut Reader<'_>) -> Result<Option<String>> {
    if reader.accept(&["LOCAL"]) {
        return Ok(None);
    }
    if reader.accept(&["INTERVAL"]) {
        let value = reader.string().ok_or_else(|| reader.syntax_error())?;
        let fields = match reader.accept(&["HOUR"]) {
            false => None,
            true if reader.accept(&["TO", "MINUTE"]) => Some((IntervalField::Hour, IntervalField::Minute)),
            true => Some((IntervalField::Hour, IntervalField::Hour)),
        };
        return hours(&value, IntervalFields::between(fields, None)).map(Some);
    }
    values(reader, "timezone")
}

/// The whole hours east of Greenwich that an interval is.
///
/// Source: `check_timezone` in PostgreSQL's `variable.c`.
fn hours(text: &str, fields: IntervalFields) -> Result<String> {
    const HOUR_US: i64 = 3_600_000_000;
    let invalid = |what: String| Error::new(SqlState::INVALID_PARAMETER_VALUE, what);
    let interval = interval_of(text, &Style::default(), fields)?;
    let Interval { months, days, micros } = interval;
    if months != 0 || days != 0 {
        let mut written = Vec::new();
        interval.write(IntervalStyle::Postgres, &mut written);
        let written = String::from_utf8_lossy(&written);
        let message = format!("invalid value for parameter \"TimeZone\": \"INTERVAL '{written}'\"");
        let what = if months != 0 { "months" } else { "days" };
        return Err(invalid(message).with_detail(format!("Cannot specify {what} in time zone interval.")));
    }
    if micros % HOUR_US != 0 {
        return Err(Error::unsupported("a time zone that is no whole number of hours needs a name"));
    }
    Ok((micros / HOUR_US).to_string())
}

/// The values behind `=`, joined; none for DEFAULT.
fn values(reader: &mut Reader<'_>, name: &str) -> Result<Option<String>> {
    if reader.accept(&["DEFAULT"]) {
        return Ok(None);
    }
    let is_name_list = NAME_LISTS.contains(&name);
    let mut values = Vec::new();
    loop {
        let value = value(reader)?;
        values.push(if is_name_list { quote_ident(&value) } else { value });
        if !reader.accept_token(&Token::Comma) {
            return Ok(Some(values.join(", ")));
        }
    }
}

fn value(reader: &mut Reader<'_>) -> Result<String> {
    if let Some(value) = reader.string() {
        return Ok(value);
    }
    let sign = if reader.accept_token(&Token::Minus) {
        "-"
    } else {
        reader.accept_token(&Token::Plus);
        ""
    };
    match reader.peek(0) {
        Some(Token::Number(number, _)) => {
            let value = format!("{sign}{number}");
            reader.skip();
            Ok(value)
        }
        _ if sign.is_empty() => reader.name(),
        _ => Err(reader.syntax_error()),
    }
}

/// Reads SHOW.
pub(super) fn show(reader: &mut Reader<'_>) -> Result<Kind> {
    reader.expect(&["SHOW"])?;
    Ok(Kind::Show(shown_name(reader)?))
}

/// Reads RESET.
pub(super) fn reset(reader: &mut Reader<'_>) -> Result<Kind> {
    reader.expect(&["RESET"])?;
    Ok(Kind::Reset(shown_name(reader)?))
}

fn shown_name(reader: &mut Reader<'_>) -> Result<String> {
    for (words, name) in [
        (&["TIME", "ZONE"][..], "timezone"),
        (&["TRANSACTION", "ISOLATION", "LEVEL"], "transaction_isolation"),
        (&["SESSION", "AUTHORIZATION"], "session_authorization"),
    ] {
        if reader.accept(words) {
            return Ok(name.to_owned());
        }
    }
    setting_name(reader)
}
