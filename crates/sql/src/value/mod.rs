//! How a value reads as PostgreSQL's text, and back. Written once, here, for casts, the wire, COPY,
//! the terminal and the console.
//!
//! Out: [`Column`] writes the rows of one column of a batch. In reading order: what the session
//! chooses (`style`), the columns (`column`) and most of their values
//! (`texts`), then what a value is made of: digits, numbers (`decimals` says which scale a column of
//! them has), days
//! and times, zones, intervals and their fields, bytes, text and its quotes, arrays and records, JSON. In: `read`.

mod bytes;
pub(crate) mod calendar;
mod column;
mod datetime;
mod decimals;
mod digits;
mod error;
mod interval;
mod interval_fields;
mod json;
pub mod json_tree;
mod nested;
mod number;
mod numeral;
pub mod read;
mod shape;
mod sink;
mod style;
mod text;
mod texts;
mod word;
pub(crate) mod zone;

pub use calendar::{EPOCH_DAYS, EPOCH_US};
pub use column::{Column, NULL, durations, timestamps};
pub use datetime::{date_in_range, date_of_millis, time_micros, timestamp_micros};
pub use decimals::{
    DIGIT, SIGNIFICANT_DIGITS, column as decimals, common_type, logarithm_weight, of_float, power_scale,
    root_scale_of, shown,
};
pub use error::Error;
pub use interval::Interval;
pub use interval_fields::{IntervalField, IntervalFields};
pub use nested::ListText;
pub use numeral::{Numeral, divided};
pub use shape::{DEPTH_MAX, DIMENSIONS_MAX, Dimensions, Keyed, Lists};
pub use sink::{Sink, store_parts};
pub use style::{DateOrder, DateStyle, IntervalStyle, Style};
pub use texts::{TakeTexts, Text};
pub use word::Word;
