//! The configuration: the file as written, and the checked settings made of it.
//!
//! The only crate that reads files and environment variables for settings, secrets and
//! views. What it hands out is plain data: nothing here opens a store or plans a view.
//!
//! In reading order: what is handed out (`settings`), how a file becomes that (`load`), and the
//! view files (`views`).

mod settings;

pub use settings::{
    AzureCredential, GcsCredential, Limits, Location, PartitionType, Postgres, Role, S3Credential, Schema, Settings,
    Store, StoreKind, Table, Tls, User,
};
