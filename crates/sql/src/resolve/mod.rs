//! Names: from what a query says to what it means.
//!
//! PostgreSQL folds bare identifiers, lets output names repeat, merges the columns of USING and
//! looks a name up by rules that differ from clause to clause. DataFusion does none of it. So
//! every name of a query is resolved here and written back as the one exact, qualified, quoted
//! name that DataFusion finds: relations get aliases that are unique in the whole statement,
//! output columns get names that are unique in their query, wildcards are written out.
//!
//! In reading order: `relations` (what a query reads), `frame` (what can be named at one place),
//! `query`, `counted` (set operations with ALL), `ties` (FETCH … WITH TIES), `select`, `from`, `order` and `expr` (the walk), `constant` (numbers), `rows` and `overlaps` (comparisons of rows), `function` (calls), `barred` (where some may not be), `name` (what an
//! output column is called).
//!
//! Invariant: after it, no identifier in the query needs folding, and none is ambiguous.

mod barred;
mod constant;
mod counted;
mod expr;
mod frame;
mod from;
mod function;
mod name;
mod order;
mod ordered_set;
mod overlaps;
mod query;
mod relations;
mod rows;
mod select;
mod ties;

use std::collections::{HashMap, HashSet};

use arrow::datatypes::{DataType, SchemaRef};
use datafusion::sql::sqlparser::ast::{Expr, Ident, Query};
use datafusion::sql::sqlparser::tokenizer::{Location, Span};
use lakeport_base::SqlState;

use crate::error::{Error, Result};
use crate::parse::{Written, position_of};
use crate::types::{ColumnType, Origin};
use barred::Barred;
use frame::Frame;

pub(crate) use relations::parts;
use relations::relations_here;
pub use relations::{relation_position, relations};

/// What names are resolved against.
pub(crate) trait Names {
    /// The columns of a table, by the parts of its name.
    fn table(&self, parts: &[String]) -> Option<SchemaRef>;

    /// The oid of a table, by the parts of its name; 0 where it has none.
    fn oid(&self, parts: &[String]) -> u32;

    /// Whether a table, by the parts of its name, has system columns that the query may name.
    fn has_system_columns(&self, parts: &[String]) -> bool;

    /// Whether there is a function of this name.
    fn has_function(&self, name: &str) -> bool;

    /// Whether the function of this name is an aggregate.
    fn is_aggregate(&self, name: &str) -> bool;
}

/// What resolving a query gives, beside the query rewritten.
#[derive(Debug)]
pub(crate) struct Resolved {
    /// PostgreSQL's names of the output columns.
    pub(crate) names: Vec<String>,
    /// The columns of tables that the output columns simply are.
    pub(crate) origins: Vec<Origin>,
    /// Functions that do not exist, by name, and where each is first called.
    pub(crate) unknown_functions: HashMap<String, Option<usize>>,
}

/// Resolves every name of a query, which is rewritten. `text` is what its spans speak of.
pub(crate) fn resolve(query: &mut Query, names: &dyn Names, text: &str) -> Result<Resolved> {
    let tables = relations_here(query);
    let columns = tables
        .iter()
        .filter_map(|parts| names.table(parts))
        .flat_map(|schema| schema.fields().iter().map(|field| field.name().clone()).collect::<Vec<_>>())
        .collect();
    let taken = tables.into_iter().filter_map(|mut parts| parts.pop()).collect();
    let mut resolver = Resolver {
        names,
        text,
        frames: Vec::new(),
        ctes: Vec::new(),
        taken,
        aliases: HashSet::new(),
        columns,
        windows: Vec::new(),
        unknown_functions: HashMap::new(),
        subquery_depth: 0,
        barred: Barred::default(),
    };
    let outputs = resolver.query(query)?;
    let origins =
        outputs.iter().map(|output| output.source.map_or_else(Origin::default, |source| source.origin));
    let origins = origins.collect();
    let names = outputs.into_iter().map(|output| output.name).collect();
    Ok(Resolved { names, origins, unknown_functions: resolver.unknown_functions })
}

/// One column that a query gives.
#[derive(Debug, Clone)]
struct Output {
    /// What PostgreSQL calls it.
    name: String,
    /// What it is called in the rewritten query.
    internal: String,
    /// Its type, where it is simply that of a column.
    data_type: Option<DataType>,
    /// The column of a table that it simply is.
    source: Option<Source>,
}

/// The column of a table or view that another column simply is, by whatever names it came.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Source {
    origin: Origin,
    column_type: ColumnType,
}

/// A WITH query that can be named.
#[derive(Debug, Clone)]
struct Cte {
    name: String,
    internal: String,
    outputs: Vec<Output>,
}

/// Most queries inside expressions, one in the other. The planner looks at each several times for each
/// that it stands in, so every level doubles its work; this many take a fraction of a second.
const SUBQUERIES_MAX: usize = 12;

/// The state of the walk.
struct Resolver<'a> {
    names: &'a dyn Names,
    text: &'a str,
    /// What can be named here, the innermost query last.
    frames: Vec<Frame>,
    /// The WITH queries that can be named here, the innermost last.
    ctes: Vec<Cte>,
    /// Names of tables and WITH queries that are given away.
    taken: HashSet<String>,
    /// Aliases that are given away.
    aliases: HashSet<String>,
    /// Names of columns: DataFusion takes `x.y` for a field of a column x where there is one.
    columns: HashSet<String>,
    /// The WINDOW clauses of the queries around, the innermost last.
    windows: Vec<Vec<function::Window>>,
    unknown_functions: HashMap<String, Option<usize>>,
    /// Queries inside expressions that are being resolved, one in the other.
    subquery_depth: usize,
    /// Functions that may not be here.
    barred: Barred,
}

impl Resolver<'_> {
    /// Resolves a query that stands in an expression, and gives the number of its columns.
    fn subquery(&mut self, query: &mut Query) -> Result<usize> {
        if self.subquery_depth == SUBQUERIES_MAX {
            let message = format!("subqueries in expressions are nested deeper than {SUBQUERIES_MAX}");
            return Err(Error::new(SqlState::STATEMENT_TOO_COMPLEX, message));
        }
        self.subquery_depth += 1;
        let resolved = self.query(query);
        self.subquery_depth -= 1;
        resolved.map(|outputs| outputs.len())
    }

    /// A relation name that nobody has yet, as close to `wish` as possible.
    fn unique_relation(&mut self, wish: &str) -> String {
        let name = unique(wish, |name| self.taken.contains(name));
        self.taken.insert(name.clone());
        name
    }

    /// Where an identifier stands, in characters from 1.
    fn position(&self, ident: &Ident) -> Option<usize> {
        self.position_of(ident.span.start)
    }

    /// An error at the place where an expression that has not been resolved begins.
    fn at_start(&self, error: Error, expr: &Expr) -> Error {
        match Written::new(self.text).start(expr) {
            Some(position) => error.at(position),
            None => error,
        }
    }

    fn position_of(&self, location: Location) -> Option<usize> {
        (location.line > 0).then(|| position_of(self.text, location))
    }
}

/// An identifier's name: folded where it is bare.
///
/// Only ASCII letters fold, as in a PostgreSQL whose locale is UTF-8.
pub(crate) fn folded(ident: &Ident) -> String {
    if ident.quote_style.is_some() { ident.value.clone() } else { ident.value.to_ascii_lowercase() }
}

/// An identifier that is taken exactly as it is.
fn exact(name: &str) -> Ident {
    Ident { value: name.to_owned(), quote_style: Some('"'), span: Span::empty() }
}

/// `wish`, or `wish_1`, `wish_2` … where it is taken.
fn unique(wish: &str, is_taken: impl Fn(&str) -> bool) -> String {
    if !is_taken(wish) {
        return wish.to_owned();
    }
    let mut number = 1_usize;
    loop {
        let name = format!("{wish}_{number}");
        if !is_taken(&name) {
            return name;
        }
        number += 1;
    }
}

#[cfg(test)]
mod tests;
