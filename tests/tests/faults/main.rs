//! Bad input, bad luck and bad manners: a clear error or a clean close, and nobody else is disturbed.
//!
//! `files`: what should be Parquet and is not. `changes`: files that are written while they are read. `texts`:
//! statements of every excess. `talk`: clients that do not keep to the protocol. `stopping`: statements that end early.

#[path = "../small/mod.rs"]
mod small;

mod changes;
mod files;
mod lake;
mod stopping;
mod talk;
mod texts;
