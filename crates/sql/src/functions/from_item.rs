//! Functions in FROM: `generate_series(1, 3) AS s(n)`, `unnest(a) WITH ORDINALITY`, and any scalar function.
//!
//! Each is planned as a projection of its arrays over one row, unnested. Arguments may be
//! lateral: [`super::spell()`] marks every function in FROM so, as PostgreSQL reads them.

use datafusion::common::{Column, DFSchema, Result, TableReference, UnnestOptions, plan_err};
use datafusion::logical_expr::planner::{
    PlannedRelation, RelationPlanner, RelationPlannerContext, RelationPlanning,
};
use datafusion::logical_expr::{Expr, LogicalPlan, LogicalPlanBuilder};
use datafusion::sql::sqlparser::ast::{
    self, FunctionArg, FunctionArgExpr, Ident, ObjectName, TableAlias, TableFactor,
};

use super::array_ordinals;
use super::spell::{SET_RETURNING, array_function, call_with, last_name};

/// Plans functions in FROM.
#[derive(Debug, Default)]
pub struct FunctionInFrom;

/// A function in FROM, as it was written.
struct Item {
    /// The name its column and table have without an alias.
    name: String,
    /// The calls whose arrays become columns, or whose values do.
    columns: Vec<ast::Expr>,
    /// Whether the calls give arrays to be unnested.
    unnests: bool,
    with_ordinality: bool,
    alias: Option<TableAlias>,
}

impl RelationPlanner for FunctionInFrom {
    fn plan_relation(
        &self,
        relation: TableFactor,
        context: &mut dyn RelationPlannerContext,
    ) -> Result<RelationPlanning> {
        let Some(item) = item(&relation, context) else {
            return Ok(RelationPlanning::Original(Box::new(relation)));
        };
        let plan = plan(item, context)?;
        Ok(RelationPlanning::Planned(Box::new(PlannedRelation::new(plan, None))))
    }
}

fn item(relation: &TableFactor, context: &dyn RelationPlannerContext) -> Option<Item> {
    match relation {
        TableFactor::UNNEST { alias, array_exprs, with_ordinality, with_offset: false, .. } => Some(Item {
            name: "unnest".to_owned(),
            columns: array_exprs.clone(),
            unnests: true,
            with_ordinality: *with_ordinality,
            alias: alias.clone(),
        }),
        TableFactor::Function { name, args, with_ordinality, alias, .. } => {
            let called = last_name(name)?;
            let columns = match called.as_str() {
                "unnest" => args.iter().map(argument).collect::<Option<Vec<_>>>()?,
                // Functions are registered by their bare names.
                _ => vec![call_with(
                    ObjectName::from(vec![Ident::with_quote('"', array_function(&called))]),
                    args.clone(),
                )],
            };
            let unnests = called == "unnest" || SET_RETURNING.contains(&called.as_str());
            // Anything else that is a scalar function gives one row; a table function is not ours.
            if !unnests && context.context_provider().get_function_meta(&called).is_none() {
                return None;
            }
            Some(Item {
                name: called,
                columns,
                unnests,
                with_ordinality: *with_ordinality,
                alias: alias.clone(),
            })
        }
        _ => None,
    }
}

fn argument(arg: &FunctionArg) -> Option<ast::Expr> {
    match arg {
        FunctionArg::Unnamed(FunctionArgExpr::Expr(expr)) => Some(expr.clone()),
        _ => None,
    }
}

fn plan(item: Item, context: &mut dyn RelationPlannerContext) -> Result<LogicalPlan> {
    let schema = DFSchema::empty();
    let mut exprs = item
        .columns
        .iter()
        .map(|column| context.sql_to_expr(column.clone(), &schema))
        .collect::<Result<Vec<_>>>()?;
    if exprs.is_empty() {
        return plan_err!("function {}() does not exist", item.name);
    }
    let (table, names) = names(&item, exprs.len(), context)?;
    if item.with_ordinality {
        let arrays = if item.unnests { exprs.clone() } else { Vec::new() };
        exprs.push(array_ordinals::array_ordinals(arrays));
    }
    let columns: Vec<Expr> = exprs.into_iter().zip(&names).map(|(expr, name)| expr.alias(name)).collect();
    let mut builder = LogicalPlanBuilder::empty(true).project(columns)?;
    let lists: Vec<Column> = names
        .iter()
        .enumerate()
        .filter(|(index, _)| item.unnests || (item.with_ordinality && *index + 1 == names.len()))
        .map(|(_, name)| Column::new_unqualified(name))
        .collect();
    if !lists.is_empty() {
        // An array that is NULL or empty gives no rows.
        builder =
            builder.unnest_columns_with_options(lists, UnnestOptions::new().with_preserve_nulls(false))?;
    }
    builder.alias(TableReference::bare(table))?.build()
}

/// The names of the table and of its columns.
///
/// A function with one column names it after the table, as PostgreSQL does.
fn names(
    item: &Item,
    column_count: usize,
    context: &dyn RelationPlannerContext,
) -> Result<(String, Vec<String>)> {
    let table = match &item.alias {
        Some(alias) => context.normalize_ident(alias.name.clone()),
        None => item.name.clone(),
    };
    let mut names =
        if column_count == 1 { vec![table.clone()] } else { vec![item.name.clone(); column_count] };
    if item.with_ordinality {
        names.push("ordinality".to_owned());
    }
    let given: Vec<Ident> =
        item.alias.iter().flat_map(|alias| &alias.columns).map(|column| column.name.clone()).collect();
    if given.len() > names.len() {
        return plan_err!(
            "table \"{table}\" has {} columns available but {} columns specified",
            names.len(),
            given.len()
        );
    }
    for (name, given) in names.iter_mut().zip(given) {
        *name = context.normalize_ident(given);
    }
    Ok((table, names))
}
