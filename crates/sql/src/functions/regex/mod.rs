//! PostgreSQL's functions of regular expressions.
//!
//! `pattern` writes PostgreSQL's expressions as those that are run here, `matches` finds what fits, `call` makes
//! functions of it, a batch at a time. What differs: of alternatives the first that fits is taken, not the longest;
//! back references and looking ahead or behind are refused.

mod call;
mod matches;
mod pattern;

pub(super) use call::{regex_functions, regex_substring};
pub(crate) use pattern::reason_of;
