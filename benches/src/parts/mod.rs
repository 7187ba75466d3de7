//! What is measured, part by part.
//!
//! In reading order: what all parts share (`setting`, and servers taking turns, `turns`), the rates of every
//! path (`extract`), memory (`memory`), what others notice (`fair`), wide and odd tables (`odd`), and
//! rows that must be sorted first (`sort`).

mod extract;
mod fair;
mod memory;
mod odd;
mod setting;
mod sort;
mod turns;

pub use extract::extract;
pub use fair::fair;
pub use memory::memory;
pub use odd::odd;
pub use setting::{Options, Setting};
pub use sort::sort;
