//! BEGIN, COMMIT, ROLLBACK and savepoints in all their spellings, and what a transaction is set to.

use datafusion::sql::sqlparser::tokenizer::Token;

use crate::error::{Error, Result};
use crate::parse::reader::Reader;
use crate::statement::{Kind, Set};

/// Reads a statement that begins or ends a transaction.
pub(super) fn read(reader: &mut Reader<'_>) -> Result<Kind> {
    let word = reader.word(0).unwrap_or_default();
    reader.skip();
    match word.as_str() {
        "START" => {
            reader.expect(&["TRANSACTION"])?;
            Ok(Kind::Begin { start: true, modes: settings(modes(reader)?, "transaction", false) })
        }
        "BEGIN" => {
            skip_noise(reader);
            Ok(Kind::Begin { start: false, modes: settings(modes(reader)?, "transaction", false) })
        }
        _ if reader.is_next(&["PREPARED"]) => Err(Error::unsupported("two-phase commit is not supported")),
        "COMMIT" | "END" => {
            skip_noise(reader);
            Ok(Kind::Commit { chain: chain(reader)? })
        }
        _ => {
            skip_noise(reader);
            if word == "ROLLBACK" && reader.accept(&["TO"]) {
                if reader.peek(1).is_some() {
                    reader.accept(&["SAVEPOINT"]);
                }
                return Ok(Kind::RollbackTo(reader.name()?));
            }
            Ok(Kind::Rollback { chain: chain(reader)? })
        }
    }
}

/// Reads SAVEPOINT.
pub(super) fn savepoint(reader: &mut Reader<'_>) -> Result<Kind> {
    reader.expect(&["SAVEPOINT"])?;
    Ok(Kind::Savepoint(reader.name()?))
}

/// Reads RELEASE, where the word SAVEPOINT may be left out.
pub(super) fn release(reader: &mut Reader<'_>) -> Result<Kind> {
    reader.expect(&["RELEASE"])?;
    if reader.peek(1).is_some() {
        reader.accept(&["SAVEPOINT"]);
    }
    Ok(Kind::Release(reader.name()?))
}

/// Reads what follows SET TRANSACTION; `local` is until this transaction ends.
pub(super) fn set(reader: &mut Reader<'_>, local: bool) -> Result<Kind> {
    if reader.is_next(&["SNAPSHOT"]) {
        return Err(Error::unsupported("SET TRANSACTION SNAPSHOT is not supported"));
    }
    let modes = modes(reader)?;
    if modes.is_empty() {
        return Err(reader.syntax_error());
    }
    let prefix = if local { "transaction" } else { "default_transaction" };
    Ok(Kind::SetTransaction(settings(modes, prefix, local)))
}

fn settings(modes: Vec<(&'static str, String)>, prefix: &str, local: bool) -> Vec<Set> {
    let set = |(mode, value)| Set { name: format!("{prefix}_{mode}"), value: Some(value), local };
    modes.into_iter().map(set).collect()
}

fn skip_noise(reader: &mut Reader<'_>) {
    if !reader.accept(&["WORK"]) {
        reader.accept(&["TRANSACTION"]);
    }
}

fn chain(reader: &mut Reader<'_>) -> Result<bool> {
    if !reader.accept(&["AND"]) {
        return Ok(false);
    }
    let chain = !reader.accept(&["NO"]);
    reader.expect(&["CHAIN"])?;
    Ok(chain)
}

/// Transaction modes, each as the end of its setting's name and a value. Commas may be left out.
fn modes(reader: &mut Reader<'_>) -> Result<Vec<(&'static str, String)>> {
    let mut modes = Vec::new();
    loop {
        let after_comma = !modes.is_empty() && reader.accept_token(&Token::Comma);
        let mode = if reader.accept(&["ISOLATION", "LEVEL"]) {
            ("isolation", isolation(reader)?.to_owned())
        } else if reader.accept(&["READ", "ONLY"]) {
            ("read_only", "on".to_owned())
        } else if reader.accept(&["READ", "WRITE"]) {
            ("read_only", "off".to_owned())
        } else if reader.accept(&["DEFERRABLE"]) {
            ("deferrable", "on".to_owned())
        } else if reader.accept(&["NOT", "DEFERRABLE"]) {
            ("deferrable", "off".to_owned())
        } else if after_comma {
            return Err(reader.syntax_error());
        } else {
            return Ok(modes);
        };
        modes.push(mode);
    }
}

fn isolation(reader: &mut Reader<'_>) -> Result<&'static str> {
    for (words, level) in [
        (&["SERIALIZABLE"][..], "serializable"),
        (&["REPEATABLE", "READ"], "repeatable read"),
        (&["READ", "COMMITTED"], "read committed"),
        (&["READ", "UNCOMMITTED"], "read uncommitted"),
    ] {
        if reader.accept(words) {
            return Ok(level);
        }
    }
    Err(reader.syntax_error())
}
