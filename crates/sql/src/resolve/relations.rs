//! Which relations a query reads.

use std::ops::ControlFlow;

use datafusion::sql::sqlparser::ast::{ObjectName, Query, Spanned, TableFactor, Visit, Visitor};
use datafusion::sql::sqlparser::tokenizer::Location;

use crate::parse::{position_of, with_room, with_stack};
use crate::resolve::folded;

/// The relations that a query reads and does not define itself, in order, without repeats:
/// each name as its one to three folded parts. Those in subqueries everywhere are included.
/// `text` is the statement's own, which tells how deep it nests.
pub fn relations(query: &Query, text: &str) -> Vec<Vec<String>> {
    // A thread for its stack costs more than most statements' planning.
    let collect = || names(collected_here(query));
    with_room(text, collect).unwrap_or_else(|_| with_stack(collect))
}

/// The same where the stack has the room that the query needs.
pub(super) fn relations_here(query: &Query) -> Vec<Vec<String>> {
    names(collected_here(query))
}

fn names(found: Vec<(Vec<String>, Location)>) -> Vec<Vec<String>> {
    found.into_iter().map(|(parts, _)| parts).collect()
}

/// Where a query first names a relation, as a character of its statement's text from 1.
pub fn relation_position(query: &Query, relation: &[String], text: &str) -> Option<usize> {
    let (_, location) =
        with_stack(|| collected_here(query)).into_iter().find(|(parts, _)| parts == relation)?;
    (location.line > 0).then(|| position_of(text, location))
}

fn collected_here(query: &Query) -> Vec<(Vec<String>, Location)> {
    let mut collector = Collector::default();
    let _: ControlFlow<()> = query.visit(&mut collector);
    collector.found
}

/// The parts of a name, folded where they are bare.
pub(crate) fn parts(name: &ObjectName) -> Vec<String> {
    name.0.iter().filter_map(|part| part.as_ident()).map(folded).collect()
}

#[derive(Default)]
struct Collector {
    found: Vec<(Vec<String>, Location)>,
    levels: Vec<Level>,
}

/// One query around the place reached.
struct Level {
    /// Its WITH queries, by where they lie in memory, so that each is known again at its end.
    ctes: Vec<(*const Query, String)>,
    /// Those of them that can be named already.
    visible: Vec<String>,
}

impl Visitor for Collector {
    type Break = ();

    fn pre_visit_query(&mut self, query: &Query) -> ControlFlow<()> {
        let mut level = Level { ctes: Vec::new(), visible: Vec::new() };
        if let Some(with) = &query.with {
            for cte in &with.cte_tables {
                let name = folded(&cte.alias.name);
                if with.recursive {
                    level.visible.push(name.clone());
                }
                level.ctes.push((&raw const *cte.query, name));
            }
        }
        self.levels.push(level);
        ControlFlow::Continue(())
    }

    fn post_visit_query(&mut self, query: &Query) -> ControlFlow<()> {
        self.levels.pop();
        if let Some(level) = self.levels.last_mut()
            && let Some((_, name)) = level.ctes.iter().find(|(cte, _)| std::ptr::eq(*cte, query))
        {
            level.visible.push(name.clone());
        }
        ControlFlow::Continue(())
    }

    fn pre_visit_table_factor(&mut self, factor: &TableFactor) -> ControlFlow<()> {
        if let TableFactor::Table { name, args: None, .. } = factor {
            let parts = parts(name);
            let is_cte =
                parts.len() == 1 && self.levels.iter().any(|level| level.visible.contains(&parts[0]));
            if !is_cte && !self.found.iter().any(|(found, _)| *found == parts) {
                self.found.push((parts, name.span().start));
            }
        }
        ControlFlow::Continue(())
    }
}
