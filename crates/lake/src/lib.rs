//! Tables over the objects of a store: listing, partitions, schemas, Parquet.
//!
//! A [`Table`] is a folder, a file or a pattern of a store. Its [`Snapshot`] is the list of objects and versions that
//! one statement reads, with one schema over them; a snapshot's provider is what DataFusion scans. Nothing here decides
//! who may read a table, and nothing writes.
//!
//! In reading order: where tables are (`place`, `glob`, `listing`), what folder names say (`partition`), what files say
//! (`thrift`, `footer`, `floats`, `offsets`, `footers`, `file_schema`, `bounds`), how files become one table (`widen`,
//! `merge`, `table`, `snapshot`), how it is scanned (`provider`, `prune`, `scan`, `source`, `reader`, `registry`), and how
//! a file is decoded while its pages come (`parts`, `pages`, `chunks`, `shape`, `paged`).

mod bounds;
mod chunks;
mod error;
mod file_schema;
mod floats;
mod footer;
mod footers;
mod glob;
mod listing;
mod merge;
mod offsets;
mod paged;
mod pages;
mod partition;
mod parts;
mod place;
mod provider;
mod prune;
mod reader;
mod registry;
mod scan;
mod shape;
mod snapshot;
mod source;
mod table;
mod thrift;
mod widen;

pub use error::Error;
pub use footers::Footers;
pub use listing::discover;
pub use place::{Place, adhoc};
pub use registry::ClosedRegistry;
pub use snapshot::Snapshot;
pub use source::scanned;
pub use table::{Table, TableSettings};

/// What this crate gives back.
pub type Result<T, E = Error> = std::result::Result<T, E>;
