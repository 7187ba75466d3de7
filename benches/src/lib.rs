//! What is fast, against what, and how the numbers are made.
//!
//! The benchmarks stand in `benches/`, one topic a file; `cargo bench` runs them. Figures that are
//! told anywhere stand in docs/performance.md with the command that made them.
