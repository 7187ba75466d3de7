//! The DataFusion sessions that statements are planned with, kept for the styles that sessions have had last.
//!
//! A statement takes a copy, so what is copied holds no functions but those that rules ask for: names of functions are
//! looked up in the one that all statements of a style share.

use std::sync::{Arc, Mutex, PoisonError};

use datafusion::execution::SessionState;
use datafusion::execution::session_state::SessionStateBuilder;
use datafusion::physical_optimizer::PhysicalOptimizerRule;
use lakeport_sql::state::with_style;
use lakeport_sql::value::Style;

use super::generic::without_dynamic_filters;
use super::light::light;

/// Styles that are kept at once: combinations of time zone, DateStyle and their like. A guess.
const STYLES_MAX: usize = 16;

/// The sessions of each style.
#[derive(Debug)]
pub(crate) struct States {
    /// What all styles are made from, made once: it holds hundreds of functions.
    plain: SessionState,
    styled: Mutex<Vec<(Style, Arc<Styled>)>>,
}

/// The sessions of one style.
#[derive(Debug)]
pub(crate) struct Styled {
    /// Where functions are found by their names.
    pub(crate) names: Arc<SessionState>,
    /// For statements that read the lake.
    pub(crate) lake: SessionState,
    /// For statements that read the catalog at most.
    pub(crate) catalog: SessionState,
    /// The rules for those of their plans that others are made of.
    pub(crate) generic: Vec<Arc<dyn PhysicalOptimizerRule + Send + Sync>>,
}

impl States {
    /// Sessions like this one.
    pub(crate) fn new(plain: SessionState) -> States {
        States { plain, styled: Mutex::default() }
    }

    /// The sessions of a style.
    pub(crate) fn of(&self, style: Style) -> Arc<Styled> {
        let mut styled = self.styled.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some((_, states)) = styled.iter().find(|(own, _)| *own == style) {
            return Arc::clone(states);
        }
        let names = with_style(&self.plain, style);
        let lake = without_functions(names.clone());
        let catalog = light(lake.clone());
        let generic = without_dynamic_filters(&catalog);
        let states = Arc::new(Styled { catalog, generic, lake, names: Arc::new(names) });
        if styled.len() >= STYLES_MAX {
            styled.remove(0);
        }
        styled.push((style, Arc::clone(&states)));
        states
    }
}

/// The same session with no functions of single values. Aggregates stay: a rule makes DISTINCT ON of one.
fn without_functions(state: SessionState) -> SessionState {
    SessionStateBuilder::new_from_existing(state)
        .with_scalar_functions(Vec::new())
        .with_higher_order_functions(Vec::new())
        .with_window_functions(Vec::new())
        .build()
}
