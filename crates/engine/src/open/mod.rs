//! What one configuration opens: stores, schemas, tables, views and grants, unchangeable once made.
//!
//! A reload makes a new [`Opened`] beside the old one and swaps it in; a statement keeps the one
//! it began with. In reading order: a schema's folder (`folder`), views (`view`), oids that
//! are not their name's (`displaced`), all of it (`opened`).

mod displaced;
mod folder;
mod kept;
mod opened;
mod view;

pub(crate) use kept::{Listing, Version};
pub(crate) use opened::{Found, Opened};
pub(crate) use view::View;
