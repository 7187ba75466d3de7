//! Forms that DataFusion's planner cannot read, spelled as functions that it can.
//!
//! PostgreSQL gives these constructs a syntax of their own; here each becomes a call, before
//! planning, and means the same:
//!
//! - `ARRAY(SELECT …)` is `array_subquery((SELECT …))`
//! - `x = ANY (array)` is `any_op('=', x, array)`, and ALL is `all_op`
//! - `generate_series(…)` outside FROM is `unnest(generate_series(…))`: the function gives an array
//! - a function in FROM is lateral, as in PostgreSQL

use std::ops::ControlFlow;

use datafusion::sql::sqlparser::ast::{
    Expr, Function, FunctionArg, FunctionArgExpr, FunctionArgumentList, FunctionArguments, Ident, ObjectName,
    Query, TableFactor, Value, VisitMut, VisitorMut,
};

/// The functions that give rows in PostgreSQL, and an array of them here.
pub(super) const SET_RETURNING: [&str; 4] =
    ["generate_series", "generate_subscripts", "regexp_split_to_table", "string_to_table"];

/// Writes the forms that DataFusion's planner cannot read as functions, everywhere in a query.
pub fn spell(query: &mut Query) {
    let _: ControlFlow<()> = VisitMut::visit(query, &mut Speller);
}

struct Speller;

impl VisitorMut for Speller {
    type Break = ();

    fn post_visit_expr(&mut self, expr: &mut Expr) -> ControlFlow<()> {
        if let Some(spelled) = spelled(expr) {
            *expr = spelled;
        }
        ControlFlow::Continue(())
    }

    fn pre_visit_table_factor(&mut self, factor: &mut TableFactor) -> ControlFlow<()> {
        match factor {
            TableFactor::Table { name, alias, args: Some(args), with_ordinality, .. } => {
                *factor = TableFactor::Function {
                    lateral: true,
                    name: name.clone(),
                    args: std::mem::take(&mut args.args),
                    with_ordinality: *with_ordinality,
                    alias: alias.take(),
                };
            }
            TableFactor::Function { lateral, .. } => *lateral = true,
            _ => {}
        }
        ControlFlow::Continue(())
    }
}

fn spelled(expr: &mut Expr) -> Option<Expr> {
    match expr {
        Expr::Function(function) => spelled_function(function),
        Expr::AnyOp { left, compare_op, right, .. } if !matches!(right.as_ref(), Expr::Subquery(_)) => {
            Some(call(
                "any_op",
                vec![text(&compare_op.to_string()), left.as_ref().clone(), right.as_ref().clone()],
            ))
        }
        Expr::AllOp { left, compare_op, right } if !matches!(right.as_ref(), Expr::Subquery(_)) => {
            Some(call(
                "all_op",
                vec![text(&compare_op.to_string()), left.as_ref().clone(), right.as_ref().clone()],
            ))
        }
        _ => None,
    }
}

fn spelled_function(function: &mut Function) -> Option<Expr> {
    let name = last_name(&function.name)?;
    if let FunctionArguments::Subquery(query) = &function.args {
        let query = query.clone();
        return (name == "array").then(|| call("array_subquery", vec![Expr::Subquery(query)]));
    }
    if !SET_RETURNING.contains(&name.as_str()) {
        return None;
    }
    let inner = Expr::Function(function.clone());
    Some(call("unnest", vec![inner]))
}

/// The last part of a function's name, folded; none where it is no plain name.
pub(super) fn last_name(name: &ObjectName) -> Option<String> {
    let ident = name.0.last()?.as_ident()?;
    Some(if ident.quote_style.is_some() { ident.value.clone() } else { ident.value.to_lowercase() })
}

/// A call of a function with these arguments.
pub(super) fn call(name: &str, args: Vec<Expr>) -> Expr {
    call_with(ObjectName::from(vec![Ident::new(name)]), args.into_iter().map(unnamed).collect())
}

/// A call of a function with these arguments.
pub(super) fn call_with(name: ObjectName, args: Vec<FunctionArg>) -> Expr {
    Expr::Function(Function {
        name,
        uses_odbc_syntax: false,
        parameters: FunctionArguments::None,
        args: FunctionArguments::List(FunctionArgumentList {
            duplicate_treatment: None,
            args,
            clauses: Vec::new(),
        }),
        filter: None,
        null_treatment: None,
        over: None,
        within_group: Vec::new(),
    })
}

fn unnamed(expr: Expr) -> FunctionArg {
    FunctionArg::Unnamed(FunctionArgExpr::Expr(expr))
}

fn text(value: &str) -> Expr {
    Expr::Value(Value::SingleQuotedString(value.to_owned()).into())
}
