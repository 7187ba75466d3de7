//! A session's settings: SET, SHOW, RESET, and what clients are told of them.
//!
//! In reading order: which settings there are (`known`), what values they take (`value`), whom a
//! session may act as (`roles`), and the values of one session (`session`).

mod known;
mod roles;
mod session;
mod value;

pub(crate) use session::{Saved, SessionSettings};
