//! ORDER BY, GROUP BY and DISTINCT ON: where a bare name may be an output column's.

use datafusion::sql::sqlparser::ast::{Expr, OrderBy, OrderByKind, Value};
use lakeport_base::SqlState;

use crate::error::{Error, Result};
use crate::resolve::frame::Case;
use crate::resolve::select::Item;
use crate::resolve::{Output, Resolver, folded};

/// What an expression that may name an output column is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Purpose {
    /// ORDER BY.
    Order,
    /// ORDER BY under SELECT DISTINCT: only what is in the select list.
    OrderDistinct,
    /// ORDER BY under DISTINCT ON: DataFusion compares it with the list behind ON.
    OrderDistinctOn,
    /// The list behind DISTINCT ON.
    DistinctOn,
}

/// Whether an ORDER BY that has been resolved names more than output columns by their number.
pub(super) fn needs_input(order_by: &OrderBy) -> bool {
    match &order_by.kind {
        OrderByKind::Expressions(exprs) => exprs.iter().any(|item| number(&item.expr).is_none()),
        OrderByKind::All(_) => true,
    }
}

impl Resolver<'_> {
    /// Resolves the ORDER BY of a SELECT.
    pub(super) fn order_by_items(
        &mut self,
        mut order_by: OrderBy,
        items: &[Item],
        purpose: Purpose,
    ) -> Result<OrderBy> {
        if let OrderByKind::Expressions(exprs) = &mut order_by.kind {
            for item in exprs {
                self.order_expr(&mut item.expr, items, purpose)?;
            }
        }
        Ok(order_by)
    }

    /// Resolves one expression of ORDER BY or DISTINCT ON: an output column's name or number
    /// first, otherwise an expression over the columns of FROM.
    pub(super) fn order_expr(&mut self, expr: &mut Expr, items: &[Item], purpose: Purpose) -> Result<()> {
        let clause = if purpose == Purpose::DistinctOn { "SELECT DISTINCT ON" } else { "ORDER BY" };
        let written = (purpose == Purpose::OrderDistinct).then(|| expr.clone());
        let index = match self.output_index(expr, items, clause)? {
            Some(index) => Some(index),
            None => self.expression_index(expr, items)?,
        };
        match (index, purpose) {
            (Some(index), Purpose::Order | Purpose::OrderDistinct) => *expr = numbered(index),
            (Some(index), _) => expr.clone_from(&items[index].expr),
            (None, Purpose::OrderDistinct) => {
                let message = "for SELECT DISTINCT, ORDER BY expressions must appear in select list";
                let error = Error::new(SqlState::INVALID_COLUMN_REFERENCE, message);
                return Err(match written {
                    Some(written) => self.at_start(error, &written),
                    None => error,
                });
            }
            (None, _) => {}
        }
        Ok(())
    }

    /// Resolves an expression over the columns of FROM, and finds it in the select list.
    fn expression_index(&mut self, expr: &mut Expr, items: &[Item]) -> Result<Option<usize>> {
        if let Expr::Identifier(ident) = &*expr
            && self.find_column(ident)?.is_none()
            && let Some(index) = self.only_named(items, &folded(ident), Case::ways(ident))
        {
            return Ok(Some(index));
        }
        self.expr(expr)?;
        let written = expr.to_string();
        Ok(items.iter().position(|item| item.expr.to_string() == written))
    }

    fn only_named(&self, items: &[Item], wanted: &str, ways: &[Case]) -> Option<usize> {
        ways.iter().find_map(|case| {
            let mut fitting = (0..items.len()).filter(|index| case.fits(&items[*index].name, wanted));
            match (fitting.next(), fitting.next()) {
                (Some(index), None) => Some(index),
                _ => None,
            }
        })
    }

    /// The output column that an expression is the exact name or the number of.
    fn output_index(&self, expr: &Expr, items: &[Item], clause: &str) -> Result<Option<usize>> {
        if let Some(number) = number(expr) {
            return self.in_range(expr, number, items.len(), clause).map(Some);
        }
        let Expr::Identifier(ident) = expr else { return Ok(None) };
        let wanted = folded(ident);
        let mut fitting = items.iter().enumerate().filter(|(_, item)| item.name == wanted);
        let Some((index, first)) = fitting.next() else { return Ok(None) };
        let written = first.expr.to_string();
        if fitting.any(|(_, item)| item.expr.to_string() != written) {
            let message = format!("{clause} \"{wanted}\" is ambiguous");
            return Err(self.placed(Error::new(SqlState::AMBIGUOUS_COLUMN, message), ident));
        }
        Ok(Some(index))
    }

    /// Resolves one expression of GROUP BY: a column of FROM first, then an output column.
    pub(super) fn group_by(&mut self, expr: &mut Expr, items: &[Item]) -> Result<()> {
        match expr {
            Expr::Rollup(sets) | Expr::Cube(sets) | Expr::GroupingSets(sets) => {
                for expr in sets.iter_mut().flatten() {
                    self.group_by(expr, items)?;
                    // There, DataFusion takes a number for a constant.
                    if let Some(number) = number(expr) {
                        expr.clone_from(&items[number - 1].expr);
                    }
                }
                Ok(())
            }
            Expr::Tuple(exprs) => exprs.iter_mut().try_for_each(|expr| self.group_by(expr, items)),
            Expr::Nested(inner) if matches!(inner.as_ref(), Expr::Identifier(_)) => {
                self.group_by(inner, items)
            }
            Expr::Identifier(ident) => {
                if let Some(column) = self.find_column(ident)? {
                    *expr = column.target;
                } else if let Some(index) =
                    self.output_index(&Expr::Identifier(ident.clone()), items, "GROUP BY")?
                {
                    *expr = numbered(index);
                } else if let Some(index) = self.only_named(items, &folded(ident), Case::ways(ident)) {
                    *expr = numbered(index);
                } else {
                    self.expr(expr)?;
                }
                Ok(())
            }
            _ => match number(expr) {
                Some(number) => self.in_range(expr, number, items.len(), "GROUP BY").map(|_| ()),
                None => self.expr(expr),
            },
        }
    }

    /// Resolves the ORDER BY of a set operation, which may only name its columns.
    pub(super) fn order_by_outputs(&mut self, mut order_by: OrderBy, outputs: &[Output]) -> Result<OrderBy> {
        let OrderByKind::Expressions(exprs) = &mut order_by.kind else { return Ok(order_by) };
        for item in exprs {
            let index = match (&item.expr, number(&item.expr)) {
                (written, Some(number)) => self.in_range(written, number, outputs.len(), "ORDER BY")?,
                (Expr::Identifier(ident), None) => self.output_named(ident, outputs)?,
                _ => {
                    return Err(Error::unsupported("invalid UNION/INTERSECT/EXCEPT ORDER BY clause")
                        .with_detail("Only result column names can be used, not expressions or functions.")
                        .with_hint("Add the expression/function to every SELECT, or move the UNION into a FROM clause."));
                }
            };
            item.expr = numbered(index);
        }
        Ok(order_by)
    }

    /// The column, from 0, that a number means.
    fn in_range(&self, written: &Expr, number: usize, count: usize, clause: &str) -> Result<usize> {
        if (1..=count).contains(&number) {
            return Ok(number - 1);
        }
        let message = format!("{clause} position {number} is not in select list");
        Err(self.at_start(Error::new(SqlState::INVALID_COLUMN_REFERENCE, message), written))
    }

    fn output_named(
        &self,
        ident: &datafusion::sql::sqlparser::ast::Ident,
        outputs: &[Output],
    ) -> Result<usize> {
        let wanted = folded(ident);
        for case in Case::ways(ident) {
            let mut fitting = (0..outputs.len()).filter(|index| case.fits(&outputs[*index].name, &wanted));
            match (fitting.next(), fitting.next()) {
                (Some(index), None) => return Ok(index),
                (Some(_), Some(_)) => {
                    let message = format!("ORDER BY \"{wanted}\" is ambiguous");
                    return Err(self.placed(Error::new(SqlState::AMBIGUOUS_COLUMN, message), ident));
                }
                (None, _) => {}
            }
        }
        Err(self.unknown_name(ident))
    }
}

/// The number that stands for an output column, counted from 1.
pub(super) fn number(expr: &Expr) -> Option<usize> {
    match expr {
        Expr::Value(value) => match &value.value {
            Value::Number(number, _) => number.parse().ok(),
            _ => None,
        },
        _ => None,
    }
}

fn numbered(index: usize) -> Expr {
    Expr::Value(Value::Number((index + 1).to_string(), false).with_empty_span())
}
