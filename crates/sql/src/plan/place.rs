//! Where in its statement an error stands.
//!
//! Plans keep no places, so what fails in one only tells what it is about: a constant, a function, an operator. The
//! places where the statement has one of those are looked for in its text; among several, it is the first with which the
//! statement fails so when all later ones are taken out of it. PostgreSQL stops at the first fault, and points to it.
//!
//! Only statements that have failed come here. One is planned again as often as the number of its places can be halved.

use datafusion::sql::sqlparser::ast::Query;

use crate::error::{Culprit, Error};
use crate::parse::Written;
use crate::plan::sites::{Site, sites};

/// The error with its place, where it is found. `fails` plans a query that is like the one that failed.
pub(super) fn placed(
    error: Error,
    query: &Query,
    text: &str,
    fails: impl Fn(Query) -> Option<Error>,
) -> Error {
    let Some(culprit) = error.culprit() else { return error };
    let written = Written::new(text);
    let found = sites(&mut query.clone(), culprit, &written, usize::MAX);
    let fails_with = |count: usize| {
        let mut rest = query.clone();
        sites(&mut rest, culprit, &written, count);
        fails(rest).is_some_and(|other| is_same(&error, &other))
    };
    let (mut low, mut high) = (0, found.len().saturating_sub(1));
    while low < high {
        let middle = low.midpoint(high);
        if fails_with(middle + 1) {
            high = middle;
        } else {
            low = middle + 1;
        }
    }
    match found.get(low) {
        Some(Site { position: Some(position), words }) => named(error, words).at(*position),
        Some(Site { position: None, words }) => named(error, words),
        None => error,
    }
}

fn is_same(error: &Error, other: &Error) -> bool {
    error.sqlstate() == other.sqlstate() && error.message() == other.message()
}

/// The error with the clause that it is in, or with the name of a function as it is written.
fn named(error: Error, words: &str) -> Error {
    const UNNAMED: &str = "argument of WHERE must be";
    if words.is_empty() {
        return error;
    }
    let message = match error.culprit() {
        Some(Culprit::Function(name)) => {
            error.message().replacen(&format!("function {name}("), &format!("function {words}("), 1)
        }
        _ => error.message().replacen(UNNAMED, &format!("argument of {words} must be"), 1),
    };
    error.saying(message)
}
