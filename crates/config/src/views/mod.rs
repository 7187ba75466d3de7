//! Views as files: `views/SCHEMA/NAME.sql`, one SELECT each.
//!
//! In reading order: what is in such a file (`text`), reading all of them (`read`), what one is to hold (`draft`),
//! and changing several so that each is whole and all are changed or none (`write`). Whether the SELECT makes sense is
//! not looked at here.

mod draft;
mod read;
mod text;
mod write;

pub use draft::{NewView, described_view, read_view, view_content};
pub(crate) use read::{COUNT_MAX, files_of};
pub use read::{ViewFile, read_views};
pub(crate) use text::SIZE_MAX;
pub use write::{Error, ViewChange, change_views, read_view_content};
