//! Making long chains of AND and OR shallow.
//!
//! The parser reads `a OR b OR c OR …` as a tree as deep as the chain is long. AND and OR may be
//! grouped in any way, so the same chain is written as a tree of logarithmic depth.

use std::ops::ControlFlow;

use datafusion::sql::sqlparser::ast::{BinaryOperator, Expr, Query, Value, VisitMut, VisitorMut};

/// Chains up to this length stay as they were written.
const CHAIN_MIN: usize = 16;

/// Makes all chains of a query shallow.
pub(super) fn query(query: &mut Query) {
    let _: ControlFlow<()> = VisitMut::visit(query, &mut Balance);
}

struct Balance;

impl VisitorMut for Balance {
    type Break = ();

    fn pre_visit_expr(&mut self, expr: &mut Expr) -> ControlFlow<()> {
        if let Expr::BinaryOp { op: op @ (BinaryOperator::And | BinaryOperator::Or), .. } = expr {
            let op = op.clone();
            if chain_length(expr, &op) > CHAIN_MIN {
                let links = take_links(expr, &op);
                *expr = tree(links, &op);
            }
        }
        ControlFlow::Continue(())
    }
}

fn chain_length(mut expr: &Expr, chain_op: &BinaryOperator) -> usize {
    let mut length = 1;
    while let Expr::BinaryOp { left, op, .. } = expr
        && op == chain_op
    {
        length += 1;
        expr = left;
    }
    length
}

/// Takes a left-deep chain apart, first link first, without recursion.
fn take_links(expr: &mut Expr, chain_op: &BinaryOperator) -> Vec<Expr> {
    let mut rest = std::mem::replace(expr, Expr::Value(Value::Null.with_empty_span()));
    let mut links = Vec::new();
    loop {
        match rest {
            Expr::BinaryOp { left, op, right } if op == *chain_op => {
                links.push(*right);
                rest = *left;
            }
            first => {
                links.push(first);
                links.reverse();
                return links;
            }
        }
    }
}

fn tree(mut links: Vec<Expr>, op: &BinaryOperator) -> Expr {
    while links.len() > 1 {
        let mut pairs = Vec::with_capacity(links.len().div_ceil(2));
        let mut rest = links.into_iter();
        while let Some(left) = rest.next() {
            pairs.push(match rest.next() {
                Some(right) => {
                    Expr::BinaryOp { left: Box::new(left), op: op.clone(), right: Box::new(right) }
                }
                None => left,
            });
        }
        links = pairs;
    }
    links.pop().unwrap_or_else(|| Expr::Value(Value::Null.with_empty_span()))
}
