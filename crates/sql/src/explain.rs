//! EXPLAIN: what is explained, and how.

use crate::ast;

/// EXPLAIN.
#[derive(Debug, Clone)]
pub struct Explain {
    /// ANALYZE: run it.
    pub analyze: bool,
    /// VERBOSE: with the columns of each operator.
    pub verbose: bool,
    /// COSTS: with what is expected of each operator.
    pub costs: bool,
    /// TIMING: with the times that each operator took.
    pub timing: bool,
    /// SUMMARY: with what planning and running took.
    pub summary: bool,
    /// FORMAT
    pub format: ExplainFormat,
    /// What to explain.
    pub query: Box<ast::Query>,
}

/// What a plan is written in.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum ExplainFormat {
    /// Lines for people.
    #[default]
    Text,
    /// JSON
    Json,
    /// YAML
    Yaml,
}
