//! The configuration: the file as written, and the checked settings made of it.
//!
//! The only crate that reads files and environment variables for settings, secrets and
//! views. What it hands out is plain data: nothing here opens a store or plans a view.
//!
//! In reading order: what is handed out (`settings`); how a file becomes that (`load`, a file for each
//! part of it, and `section`, which they all read through); the view files (`views`); and how a change of
//! any of these files is noticed (`watch`).

mod files;
mod keys;
mod limits;
mod load;
mod people;
mod postgres;
mod reading;
mod secret;
mod section;
mod settings;
mod stores;
mod tables;
mod views;
mod watch;

pub use load::{folder, load, load_watched};
pub use postgres::may_listen;
pub use settings::{
    AzureCredential, GcsCredential, Key, KeyKind, Limits, Location, PartitionType, Postgres, Role,
    S3Credential, Schema, Settings, Store, StoreKind, Table, Tls, User,
};
pub use views::{
    Error as ViewError, NewView, ViewChange, ViewFile, change_views, described_view, read_view,
    read_view_content, read_views, view_content,
};
pub use watch::Watch;
