//! DECLARE, FETCH, MOVE and CLOSE.

use datafusion::sql::sqlparser::tokenizer::Token;
use lakeport_base::SqlState;

use crate::error::{Error, Result};
use crate::parse::reader::Reader;
use crate::parse::{query, write};
use crate::statement::{Declare, Direction, Fetch, Kind};

/// Reads DECLARE.
pub(super) fn declare(reader: &mut Reader<'_>) -> Result<Kind> {
    reader.expect(&["DECLARE"])?;
    let name = reader.name()?;
    let (mut binary, mut scroll, mut no_scroll) = (false, false, false);
    let (mut insensitive, mut asensitive) = (false, false);
    loop {
        match reader.word(0).as_deref() {
            Some("BINARY") => binary = true,
            Some("INSENSITIVE") => insensitive = true,
            Some("ASENSITIVE") => asensitive = true,
            Some("SCROLL") => scroll = true,
            Some("NO") => {
                reader.skip();
                if !reader.is_next(&["SCROLL"]) {
                    return Err(reader.syntax_error());
                }
                no_scroll = true;
            }
            _ => break,
        }
        reader.skip();
    }
    reader.expect(&["CURSOR"])?;
    let hold = reader.accept(&["WITH", "HOLD"]);
    if !hold {
        reader.accept(&["WITHOUT", "HOLD"]);
    }
    reader.expect(&["FOR"])?;
    if write::tag_behind_with(reader).is_some() {
        let message = "DECLARE CURSOR must not contain data-modifying statements in WITH";
        return Err(Error::unsupported(message));
    }
    if !matches!(reader.peek(0), Some(Token::LParen))
        && !matches!(reader.word(0).as_deref(), Some("SELECT" | "WITH" | "VALUES" | "TABLE"))
    {
        return Err(reader.syntax_error());
    }
    let query = query::read(reader)?;
    if scroll && no_scroll {
        return Err(both("SCROLL", "NO SCROLL"));
    }
    if insensitive && asensitive {
        return Err(both("INSENSITIVE", "ASENSITIVE"));
    }
    Ok(Kind::Declare(Declare { name, binary, scroll, hold, query }))
}

fn both(one: &str, other: &str) -> Error {
    Error::new(SqlState::INVALID_CURSOR_DEFINITION, format!("cannot specify both {one} and {other}"))
}

/// Reads FETCH and MOVE.
pub(super) fn fetch(reader: &mut Reader<'_>) -> Result<Kind> {
    let moves = reader.accept(&["MOVE"]);
    if !moves {
        reader.expect(&["FETCH"])?;
    }
    let direction = direction(reader)?;
    if !reader.accept(&["FROM"]) {
        reader.accept(&["IN"]);
    }
    Ok(Kind::Fetch(Fetch { cursor: reader.name()?, direction, moves }))
}

fn direction(reader: &mut Reader<'_>) -> Result<Direction> {
    if let Some(count) = number(reader)? {
        return Ok(Direction::Forward(Some(count)));
    }
    // The words may be names of cursors too: `FETCH next` fetches from a cursor called so.
    let names_cursor = reader.peek(1).is_none();
    let direction = match reader.word(0).as_deref() {
        _ if names_cursor => return Ok(Direction::Forward(Some(1))),
        Some("NEXT") => Direction::Forward(Some(1)),
        Some("PRIOR") => Direction::Backward(Some(1)),
        Some("FIRST") => Direction::Absolute(1),
        Some("LAST") => Direction::Absolute(-1),
        Some("ALL") => Direction::Forward(None),
        Some("FORWARD") => {
            reader.skip();
            return Ok(Direction::Forward(count(reader)?));
        }
        Some("BACKWARD") => {
            reader.skip();
            return Ok(Direction::Backward(count(reader)?));
        }
        Some("ABSOLUTE") => {
            reader.skip();
            return Ok(Direction::Absolute(number(reader)?.ok_or_else(|| reader.syntax_error())?));
        }
        Some("RELATIVE") => {
            reader.skip();
            return Ok(Direction::Relative(number(reader)?.ok_or_else(|| reader.syntax_error())?));
        }
        _ => return Ok(Direction::Forward(Some(1))),
    };
    reader.skip();
    Ok(direction)
}

/// What follows FORWARD and BACKWARD: one row, so many, or all.
fn count(reader: &mut Reader<'_>) -> Result<Option<i64>> {
    if reader.peek(1).is_some() && reader.accept(&["ALL"]) {
        return Ok(None);
    }
    Ok(Some(number(reader)?.unwrap_or(1)))
}

/// A number with its sign, if one comes next. PostgreSQL takes those of 32 bits.
fn number(reader: &mut Reader<'_>) -> Result<Option<i64>> {
    let signed = matches!(reader.peek(0), Some(Token::Minus | Token::Plus));
    let Some(Token::Number(digits, false)) = reader.peek(usize::from(signed)) else {
        return if signed { Err(reader.syntax_error()) } else { Ok(None) };
    };
    let negative = reader.peek(0) == Some(&Token::Minus);
    let parsed = digits.parse::<i32>();
    if signed {
        reader.skip();
    }
    let Ok(number) = parsed else { return Err(reader.syntax_error()) };
    reader.skip();
    Ok(Some(i64::from(if negative { -number } else { number })))
}

/// Reads CLOSE.
pub(super) fn close(reader: &mut Reader<'_>) -> Result<Kind> {
    reader.expect(&["CLOSE"])?;
    if reader.accept(&["ALL"]) {
        return Ok(Kind::Close(None));
    }
    Ok(Kind::Close(Some(reader.name()?)))
}

#[cfg(test)]
mod tests {
    use crate::statement::{Direction, Fetch, Kind};

    fn read(text: &str) -> Result<Kind, String> {
        match crate::parse(text) {
            Ok(mut statements) => Ok(statements.remove(0).kind),
            Err(error) => Err(format!("{} {}", error.sqlstate(), error.message())),
        }
    }

    #[test]
    fn every_spelling_of_fetch_and_move() {
        use Direction::{Absolute, Backward, Forward, Relative};
        for (text, direction) in [
            ("c", Forward(Some(1))),
            ("FROM c", Forward(Some(1))),
            ("IN c", Forward(Some(1))),
            ("NEXT c", Forward(Some(1))),
            ("next from c", Forward(Some(1))),
            ("PRIOR IN c", Backward(Some(1))),
            ("FIRST c", Absolute(1)),
            ("LAST FROM c", Absolute(-1)),
            ("ABSOLUTE -7 c", Absolute(-7)),
            ("ABSOLUTE 0 FROM c", Absolute(0)),
            ("RELATIVE +2 IN c", Relative(2)),
            ("2048 in c", Forward(Some(2048))),
            ("-3 c", Forward(Some(-3))),
            ("ALL c", Forward(None)),
            ("ALL FROM c", Forward(None)),
            ("FORWARD c", Forward(Some(1))),
            ("FORWARD FROM c", Forward(Some(1))),
            ("FORWARD 100 FROM c", Forward(Some(100))),
            ("FORWARD ALL IN c", Forward(None)),
            ("BACKWARD c", Backward(Some(1))),
            ("BACKWARD 5 c", Backward(Some(5))),
            ("BACKWARD ALL FROM c", Backward(None)),
        ] {
            for (verb, moves) in [("FETCH", false), ("MOVE", true)] {
                let Ok(Kind::Fetch(fetch)) = read(&format!("{verb} {text}")) else { panic!("{verb} {text}") };
                assert_eq!(fetch, Fetch { cursor: "c".to_owned(), direction, moves }, "{verb} {text}");
            }
        }
        let Ok(Kind::Fetch(fetch)) = read("FETCH FROM \"My Cursor\"") else { panic!() };
        assert_eq!(fetch.cursor, "My Cursor");
    }

    #[test]
    fn what_is_no_fetch_is_refused_at_its_place() {
        for (text, expected) in [
            ("FETCH", "42601 syntax error at end of input"),
            ("FETCH 3", "42601 syntax error at end of input"),
            ("FETCH ABSOLUTE c", "42601 syntax error at or near \"c\""),
            ("FETCH 3000000000 FROM c", "42601 syntax error at or near \"3000000000\""),
            ("FETCH 1.5 FROM c", "42601 syntax error at or near \"1.5\""),
            ("DECLARE c CURSOR FOR INSERT INTO t VALUES (1)", "42601 syntax error at or near \"INSERT\""),
            ("DECLARE c NO CURSOR FOR SELECT 1", "42601 syntax error at or near \"CURSOR\""),
            (
                "DECLARE c SCROLL NO SCROLL CURSOR FOR SELECT 1",
                "42P11 cannot specify both SCROLL and NO SCROLL",
            ),
        ] {
            assert_eq!(read(text).unwrap_err(), expected, "{text}");
        }
    }

    #[test]
    fn options_of_declare_come_in_any_order() {
        for (text, expected) in [
            ("DECLARE c CURSOR FOR SELECT 1", (false, false, false)),
            ("DECLARE c BINARY INSENSITIVE NO SCROLL CURSOR WITHOUT HOLD FOR SELECT 1", (true, false, false)),
            ("DECLARE c SCROLL BINARY CURSOR WITH HOLD FOR VALUES (1)", (true, true, true)),
            ("DECLARE c ASENSITIVE CURSOR FOR (SELECT 1)", (false, false, false)),
        ] {
            let Ok(Kind::Declare(declare)) = read(text) else { panic!("{text}") };
            assert_eq!((declare.binary, declare.scroll, declare.hold), expected, "{text}");
        }
    }
}
