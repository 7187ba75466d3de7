//! What is measured, part by part.
//!
//! In reading order: what all parts share (`setting`), and the rates of every path (`extract`).

mod extract;
mod setting;

pub use extract::extract;
pub use setting::{Options, Setting};
