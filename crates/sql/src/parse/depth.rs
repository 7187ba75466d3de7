//! How deep a statement nests, known before anything recurses into it.
//!
//! Parsers make a left-deep tree of `1+1+1+…`, which no recursion limit of theirs sees and which
//! overflows the stack of whoever walks over it. So the lexemes are counted first: the depth of
//! a tree is at most the sum of the chains in all the parentheses that are open at one place.

use lakeport_base::SqlState;

use crate::error::{Error, Result};
use crate::parse::lex::{Kind, Lexer};

/// The longest chain of operators other than AND and OR that is planned. DataFusion's time for
/// them grows with the square: 1,000 take about a second.
const CHAIN_MAX: usize = 1_000;

/// The longest chain of AND and OR; these are made shallow before they are planned.
const LOGICAL_MAX: usize = 10_000;

/// The deepest nesting of parentheses, CASE and subqueries.
const NESTING_MAX: usize = 200;

/// Depth up to which the caller's stack is used.
const SHALLOW: usize = 40;

/// The stack for deeper statements: address space, touched only as far as it is used.
const STACK_BYTES: usize = 1 << 30;

/// How deep a statement nests.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
struct Depth {
    chain: usize,
    logical: usize,
    nesting: usize,
}

/// Runs `work` on the statement `text` with as much stack as its depth needs.
///
/// # Errors
///
/// 54001 where the statement is nested deeper than can be planned.
pub(crate) fn with_room<T: Send>(text: &str, work: impl FnOnce() -> T + Send) -> Result<T> {
    let depth = measure(text)?;
    if depth.chain > CHAIN_MAX || depth.logical > LOGICAL_MAX || depth.nesting > NESTING_MAX {
        return Err(too_deep());
    }
    if depth.chain + depth.logical + depth.nesting <= SHALLOW {
        return Ok(work());
    }
    Ok(with_stack(work))
}

/// Runs `work` on a thread of its own, with as much stack as any statement needs.
pub(crate) fn with_stack<T: Send>(work: impl FnOnce() -> T + Send) -> T {
    std::thread::scope(|scope| {
        let thread = std::thread::Builder::new().name("sql".to_owned()).stack_size(STACK_BYTES);
        let thread = thread.spawn_scoped(scope, work).expect("the system has a thread to spare");
        match thread.join() {
            Ok(done) => done,
            Err(panic) => std::panic::resume_unwind(panic),
        }
    })
}

/// The refusal of a statement that nests too deep, in PostgreSQL's words.
pub(crate) fn too_deep() -> Error {
    Error::new(SqlState::STATEMENT_TOO_COMPLEX, "stack depth limit exceeded")
        .with_hint("Write the expression in fewer levels, for example with IN or ANY instead of a chain.")
}

/// What is open at one place: a parenthesis, a bracket, a CASE.
#[derive(Debug, Clone, Copy, Default)]
struct Level {
    /// Operators since the expression, or the side of an AND or OR, began.
    chain: usize,
    /// ANDs and ORs since the expression began.
    logical: usize,
    /// Set operations and joins since the parenthesis opened: they nest whole queries.
    relations: usize,
}

fn measure(text: &str) -> Result<Depth> {
    let mut lexer = Lexer::new(text, 0);
    let mut outer: Vec<Level> = Vec::new();
    let mut level = Level::default();
    // The sums over `outer`.
    let mut below = Depth::default();
    let mut most = Depth::default();
    while let Some(lexeme) = lexer.next()? {
        match effect(lexeme.kind, lexeme.text) {
            Effect::Open => {
                below.chain += level.chain + level.relations;
                below.logical += level.logical;
                outer.push(std::mem::take(&mut level));
            }
            Effect::Close => {
                level = outer.pop().unwrap_or_default();
                below.chain = below.chain.saturating_sub(level.chain + level.relations);
                below.logical = below.logical.saturating_sub(level.logical);
            }
            Effect::Operator => level.chain += 1,
            Effect::Logical => {
                level.logical += 1;
                level.chain = 0;
            }
            Effect::Relation => {
                level.relations += 1;
                level.chain = 0;
                level.logical = 0;
            }
            Effect::Restart => {
                level.chain = 0;
                level.logical = 0;
            }
            Effect::None => continue,
        }
        most.chain = most.chain.max(below.chain + level.chain + level.relations);
        most.logical = most.logical.max(below.logical + level.logical);
        most.nesting = most.nesting.max(outer.len());
    }
    Ok(most)
}

enum Effect {
    Open,
    Close,
    Operator,
    Logical,
    Relation,
    Restart,
    None,
}

fn effect(kind: Kind, text: &str) -> Effect {
    match (kind, text) {
        (Kind::Mark, "(" | "[") => Effect::Open,
        (Kind::Mark, ")" | "]") => Effect::Close,
        (Kind::Mark, ",") => Effect::Restart,
        (Kind::Operator, _) => Effect::Operator,
        (Kind::Word, word) if word.len() <= 9 => match word.to_ascii_lowercase().as_str() {
            "and" | "or" => Effect::Logical,
            "case" => Effect::Open,
            "end" => Effect::Close,
            "not" | "is" | "in" | "like" | "ilike" | "similar" | "between" | "at" | "collate" | "isnull"
            | "notnull" => Effect::Operator,
            "union" | "except" | "intersect" | "join" => Effect::Relation,
            "select" | "from" | "where" | "group" | "order" | "having" | "when" | "then" | "else" | "on"
            | "limit" => Effect::Restart,
            _ => Effect::None,
        },
        _ => Effect::None,
    }
}

#[cfg(test)]
mod tests {
    use super::{Depth, measure};

    #[track_caller]
    fn check(text: &str, chain: usize, logical: usize, nesting: usize) {
        assert_eq!(measure(text).expect(text), Depth { chain, logical, nesting }, "{text}");
    }

    #[test]
    fn a_chain_is_as_deep_as_it_is_long() {
        check("select 1+1+1+1", 3, 0, 0);
        check("select a or b or c", 0, 2, 0);
    }

    #[test]
    fn a_comma_begins_anew() {
        check("select 1+1, 1+1, 1+1", 1, 0, 0);
    }

    #[test]
    fn what_is_open_adds_up() {
        check("select 1+(2+(3+4)) + (1+1)", 3, 0, 2);
        check("select case when a+b=1 then case when 1=1 then 2 end end", 2, 0, 2);
    }

    #[test]
    fn unions_and_joins_are_levels_too() {
        check("select 1 union select 2 union select 3", 2, 0, 0);
    }
}
