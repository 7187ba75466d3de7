//! The tables that are read, made of numbers that look random and never change.
//!
//! In reading order: the shape of lineitem (`lineitem`), a small table beside it (`parts`), wide and odd ones (`odd`), the folder of files that a table becomes
//! (`folder`), and what both draw from (`dice`, `words`).

mod dice;
mod folder;
mod lineitem;
mod odd;
mod parts;
mod table;
mod words;

pub use folder::make;
pub use lineitem::lineitem;
pub use odd::odd;
pub use parts::parts;
pub use table::{Column, Table};
