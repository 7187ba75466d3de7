//! PREPARE, EXECUTE and DEALLOCATE; LOCK TABLE; LISTEN, NOTIFY and UNLISTEN.

use datafusion::sql::sqlparser::ast;
use datafusion::sql::sqlparser::tokenizer::Token;
use lakeport_base::SqlState;

use crate::error::{Error, Result};
use crate::parse::reader::Reader;
use crate::parse::{balance, kind, query};
use crate::plan::declared_type;
use crate::statement::{Execute, Kind, Prepare};
use crate::types::PgType;

/// Most parameters that a statement may have. Source: the protocol counts them in 16 bits.
const PARAMETERS_MAX: usize = 65_535;

/// Reads PREPARE.
pub(super) fn prepare(reader: &mut Reader<'_>) -> Result<Kind> {
    reader.expect(&["PREPARE"])?;
    if reader.is_next(&["TRANSACTION"])
        && reader.peek(1).is_some_and(|token| !matches!(token, Token::Word(_) | Token::LParen))
    {
        return Err(Error::unsupported("two-phase commit is not supported"));
    }
    let name = reader.name()?;
    let mut types = Vec::new();
    if reader.peek(0) == Some(&Token::LParen) {
        for sql_type in query::types(reader)? {
            types.push(declared_type(&sql_type)?);
        }
    }
    reader.expect(&["AS"])?;
    match reader.word(0).as_deref() {
        Some("SELECT" | "WITH" | "VALUES" | "TABLE" | "INSERT" | "UPDATE" | "DELETE" | "MERGE") => {}
        None if reader.peek(0) == Some(&Token::LParen) => {}
        _ => return Err(reader.syntax_error()),
    }
    let kind = Box::new(kind::read_next(reader)?);
    Ok(Kind::Prepare(Prepare { name, types, kind }))
}

/// Reads EXECUTE.
pub(super) fn execute(reader: &mut Reader<'_>) -> Result<Kind> {
    reader.expect(&["EXECUTE"])?;
    let name = reader.name()?;
    let arguments = if reader.is_at_end() { Vec::new() } else { query::expressions(reader)? };
    if arguments.len() > PARAMETERS_MAX {
        return Err(Error::new(SqlState::PROGRAM_LIMIT_EXCEEDED, "EXECUTE has too many parameters"));
    }
    Ok(Kind::Execute(Execute { name, arguments }))
}

/// The query that gives these expressions, each as a value of its type, and numerics as text: a type alone
/// does not say how many digits one has.
pub fn arguments(expressions: &[ast::Expr], types: &[PgType]) -> Result<Box<ast::Query>> {
    let name = |pg_type: &PgType| if *pg_type == PgType::NUMERIC { "text" } else { pg_type.name };
    let casts: Vec<String> =
        types.iter().map(|pg_type| format!("CAST(NULL AS \"{}\")", name(pg_type))).collect();
    let mut query = query::read(&mut Reader::new(&format!("SELECT {}", casts.join(", ")))?)?;
    let ast::SetExpr::Select(select) = query.body.as_mut() else { return Ok(query) };
    for (item, argument) in select.projection.iter_mut().zip(expressions) {
        if let ast::SelectItem::UnnamedExpr(ast::Expr::Cast { expr, .. }) = item {
            **expr = argument.clone();
        }
    }
    balance::query(&mut query);
    Ok(query)
}

/// Reads DEALLOCATE.
pub(super) fn deallocate(reader: &mut Reader<'_>) -> Result<Kind> {
    reader.expect(&["DEALLOCATE"])?;
    if reader.peek(1).is_some() {
        reader.accept(&["PREPARE"]);
    }
    if reader.accept(&["ALL"]) {
        return Ok(Kind::Deallocate(None));
    }
    Ok(Kind::Deallocate(Some(reader.name()?)))
}

/// Reads LOCK TABLE. Only who wants to read and to keep nobody from reading can have it: every other mode is refused.
pub(super) fn lock(reader: &mut Reader<'_>) -> Result<Kind> {
    reader.expect(&["LOCK"])?;
    reader.accept(&["TABLE"]);
    let mut names = Vec::new();
    loop {
        reader.accept(&["ONLY"]);
        names.push(reader.qualified_name()?);
        reader.accept_token(&Token::Mul);
        if !reader.accept_token(&Token::Comma) {
            break;
        }
    }
    if !reader.accept(&["IN", "ACCESS", "SHARE", "MODE"]) {
        reader.take_rest();
        return Ok(Kind::Write("LOCK TABLE"));
    }
    reader.accept(&["NOWAIT"]);
    Ok(Kind::Lock(names))
}

/// Reads LISTEN.
pub(super) fn listen(reader: &mut Reader<'_>) -> Result<Kind> {
    reader.expect(&["LISTEN"])?;
    Ok(Kind::Listen(reader.name()?))
}

/// Reads NOTIFY.
pub(super) fn notify(reader: &mut Reader<'_>) -> Result<Kind> {
    reader.expect(&["NOTIFY"])?;
    let channel = reader.name()?;
    let payload = match reader.accept_token(&Token::Comma) {
        true => reader.string().ok_or_else(|| reader.syntax_error())?,
        false => String::new(),
    };
    Ok(Kind::Notify { channel, payload })
}

/// Reads UNLISTEN.
pub(super) fn unlisten(reader: &mut Reader<'_>) -> Result<Kind> {
    reader.expect(&["UNLISTEN"])?;
    let channel = if reader.accept_token(&Token::Mul) { None } else { Some(reader.name()?) };
    Ok(Kind::Unlisten(channel))
}

#[cfg(test)]
mod tests {
    use crate::parse::prepare::arguments;
    use crate::statement::Kind;
    use crate::types::PgType;

    fn read(text: &str) -> Result<Kind, String> {
        match crate::parse(text) {
            Ok(mut statements) => Ok(statements.remove(0).kind),
            Err(error) => Err(format!("{} {}", error.sqlstate(), error.message())),
        }
    }

    #[test]
    fn types_are_read_in_postgresqls_names() {
        for (text, expected) in [
            ("PREPARE p AS SELECT 1", vec![]),
            (
                "PREPARE p (int, text, numeric(10,2), unknown) AS SELECT 1",
                vec![Some(PgType::INT4), Some(PgType::TEXT), Some(PgType::NUMERIC), None],
            ),
            (
                "PREPARE p (pg_catalog.int8, int[], timestamp with time zone) AS VALUES (1)",
                vec![Some(PgType::INT8), PgType::by_name("_int4"), Some(PgType::TIMESTAMPTZ)],
            ),
        ] {
            let Ok(Kind::Prepare(prepare)) = read(text) else { panic!("{text}") };
            assert_eq!(prepare.types, expected, "{text}");
        }
    }

    #[test]
    fn what_cannot_be_prepared_is_refused() {
        for (text, expected) in [
            ("PREPARE p AS SET a = 1", "42601 syntax error at or near \"SET\""),
            ("PREPARE p (nosuch) AS SELECT 1", "42704 type \"nosuch\" does not exist"),
            ("PREPARE p () AS SELECT 1", "42601 syntax error at or near \")\""),
            ("PREPARE p", "42601 syntax error at end of input"),
            ("PREPARE TRANSACTION 'x'", "0A000 two-phase commit is not supported"),
            ("EXECUTE p (1", "42601 syntax error at end of input"),
            ("EXECUTE p ()", "42601 syntax error at or near \")\""),
            ("EXECUTE p (1) x", "42601 syntax error at or near \"x\""),
        ] {
            assert_eq!(read(text).unwrap_err(), expected, "{text}");
        }
        let Ok(Kind::Prepare(prepare)) = read("PREPARE p AS INSERT INTO t VALUES ($1)") else { panic!() };
        assert!(matches!(*prepare.kind, Kind::Change(_) | Kind::Write("INSERT")));
    }

    #[test]
    fn arguments_are_a_query_of_casts() {
        let Ok(Kind::Execute(execute)) = read("EXECUTE p ('5', now() + '1 day', ARRAY[1,2])") else {
            panic!()
        };
        let types = [PgType::INT4, PgType::TIMESTAMP, PgType::NUMERIC];
        let query = arguments(&execute.arguments, &types).unwrap().to_string();
        assert_eq!(
            query,
            "SELECT CAST('5' AS \"int4\"), CAST(now() + '1 day' AS \"timestamp\"), CAST(ARRAY[1, 2] AS \"text\")"
        );
    }
}
