//! Roots, powers, logarithms and deviations of numerics, which are numerics with PostgreSQL's digits.
//!
//! In reading order: whole numbers of any size (`big`), exponentials and logarithms of fixed-point numbers (`fixed`), which
//! digits an answer has (`powers`), the scalar functions (`irrational`), the aggregates: what they add up (`moments`), and how
//! they are called (`deviation`).

mod big;
mod deviation;
mod fixed;
mod irrational;
mod moments;
mod powers;

pub(super) use deviation::aggregate_functions;
pub(super) use irrational::{planned, scalar_functions};
