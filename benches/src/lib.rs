//! What is fast, against what, and how the numbers are made.
//!
//! The benchmarks of single functions stand in `benches/`, one topic a file; `cargo bench` runs them. What is
//! here is the measurement of whole extracts, `scripts/bench-extract.sh`. Figures that are told anywhere stand
//! in docs/performance.md with the command that made them.
//!
//! In reading order: what is measured (`parts`), the servers (`servers`) and the floor that they are compared
//! with (`floor`), the client that counts (`client`), the tables (`data`), and how figures are taken
//! and shown (`usage`, `report`, `place`).

pub mod client;
pub mod data;
pub mod floor;
pub mod parts;
pub mod place;
pub mod report;
pub mod servers;
pub mod usage;
