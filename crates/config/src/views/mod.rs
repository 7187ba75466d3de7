//! Views as files: `views/SCHEMA/NAME.sql`, one SELECT each.
//!
//! In reading order: what is in such a file (`text`), reading all of them (`read`), and writing one so
//! that it is whole or not there (`write`). Whether the SELECT makes sense is not looked at here.

mod read;
mod text;
mod write;

pub(crate) use read::{COUNT_MAX, files_of};
pub use read::{ViewFile, read_views};
pub(crate) use text::SIZE_MAX;
pub use write::{Error, IfExists, NewView, remove_view, set_view_description, write_view};
