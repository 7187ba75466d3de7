//! Section `[stores]`: one file for each kind of store, and what they share.
//!
//! In reading order: how a store's kind is chosen (`kinds`), the kinds, how each says who asks
//! (`credential`), and what an address may look like (`address`).

mod address;
mod azure;
mod credential;
mod gcs;
mod http;
mod kinds;
mod s3;

pub(crate) use address::path_problem;
pub(crate) use kinds::stores;
