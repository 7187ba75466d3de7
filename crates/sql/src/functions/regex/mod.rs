//! PostgreSQL's functions of regular expressions.
//!
//! `pattern` writes PostgreSQL's expressions as those that are run here, `ends` says how long a match is, `matches` finds what fits, `call` makes
//! functions of it, a batch at a time. What differs: of several ways to divide one match among parentheses the first that
//! fits is taken; back references and looking ahead or behind are refused, and parentheses where a match ends elsewhere than Perl's.

mod call;
mod ends;
mod matches;
mod pattern;

pub(super) use call::{regex_functions, regex_substring};
pub(crate) use pattern::reason_of;
