//! Lakeport beside a real PostgreSQL with the same tables: what clients send, and what both answer.
//!
//! `corpus.rs` reads the statements of `tests/compat/`, `talk.rs` asks them of a server, `compare.rs` says where two
//! answers differ, `tables.rs` makes the tables of both. Conversations whose order matters are read by `script.rs`.
//! `notes.rs` reads what is known of each client, and `page.rs` makes docs/compatibility.md of all that; run the tests with `LAKEPORT_REWRITE=1` to write it, and to take
//! out of the corpora what no longer differs.

mod compare;
mod corpus;
mod inventory;
mod notes;
mod page;
mod run;
mod script;
mod startup;
mod tables;
mod talk;
