//! Spellings and what they are read as.

use super::parse;
