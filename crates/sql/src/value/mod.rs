//! How a value reads as PostgreSQL's text, and back. Written once, here, for casts, the wire, COPY,
//! the terminal and the console.

mod style;

pub use style::{DateOrder, DateStyle, IntervalStyle, Style};
