//! The tables that are read, made of numbers that look random and never change.
//!
//! In reading order: the shape of lineitem (`lineitem`), the folder of files that a table becomes
//! (`folder`), and what both draw from (`dice`, `words`).

mod dice;
mod folder;
mod lineitem;
mod table;
mod words;

pub use folder::make;
pub use lineitem::lineitem;
pub use table::{Column, Table};
