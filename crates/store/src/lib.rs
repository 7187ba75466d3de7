//! Stores: one container, bucket, folder or web root each, opened with its own credential.
//!
//! Everything above reads bytes through [`Store::objects`] alone. What comes out of there is
//! jailed to the store's own folder, read only, counted, and driven by the storage runtime.

pub use object_store;

mod body;
mod error;
mod jail;
mod list;
mod meter;
mod metered;
mod on_runtime;
mod open;
mod parts;
mod read_only;
mod redact;
mod refused;
mod store;
mod symptoms;
mod version;
mod walk;
mod window;

pub use error::{Cause, Error};
pub use list::{Folder, ListOptions, OBJECTS_MAX, list, list_folder};
pub use meter::Meter;
pub use redact::redacted;
pub use store::Store;
pub use version::{Asking, Object, Version, look_up, read_range, read_ranges};

/// What this crate gives back.
pub type Result<T, E = Error> = std::result::Result<T, E>;
