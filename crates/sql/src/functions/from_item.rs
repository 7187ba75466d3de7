//! Functions in FROM: `generate_series(1, 3) AS s(n)`, `unnest(a) WITH ORDINALITY`, and any scalar function.
//!
//! Each is planned as a projection of its arrays over one row, unnested. Arguments may be
//! lateral: [`super::spell()`] marks every function in FROM so, as PostgreSQL reads them.

use std::collections::HashMap;

use datafusion::common::{Column, DFSchema, Result, TableReference, UnnestOptions, plan_err};
use datafusion::functions::core::expr_fn::get_field;
use datafusion::logical_expr::expr::FieldMetadata;
use datafusion::logical_expr::planner::{
    PlannedRelation, RelationPlanner, RelationPlannerContext, RelationPlanning,
};
use datafusion::logical_expr::{Expr, ExprSchemable, LogicalPlan, LogicalPlanBuilder, col};
use datafusion::sql::sqlparser::ast::{
    self, FunctionArg, FunctionArgExpr, Ident, ObjectName, TableAlias, TableFactor,
};

use super::array_ordinals;
use super::array_shapes::ARRAY_FLAT;
use super::lists::element_field;
use super::rows::{gives_rows, row_columns};
use super::spell::{array_function, call, call_with, last_name};

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
    /// The names of the fields of the records that are unnested; none where values are.
    fields: &'static [&'static str],
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
            columns: array_exprs.iter().map(flat).collect(),
            unnests: true,
            fields: &[],
            with_ordinality: *with_ordinality,
            alias: alias.clone(),
        }),
        TableFactor::Function { name, args, with_ordinality, alias, .. } => {
            let called = last_name(name)?;
            let columns = match called.as_str() {
                "unnest" => {
                    args.iter().map(|arg| argument(arg).as_ref().map(flat)).collect::<Option<Vec<_>>>()?
                }
                // Functions are registered by their bare names.
                _ => vec![call_with(
                    ObjectName::from(vec![Ident::with_quote('"', array_function(&called))]),
                    args.clone(),
                )],
            };
            let unnests = called == "unnest" || gives_rows(&called);
            // Anything else that is a scalar function gives one row; a table function is not ours.
            if !unnests && context.context_provider().get_function_meta(&called).is_none() {
                return None;
            }
            // A record has more than one field: a function with one gives values.
            let fields = row_columns(&called).filter(|fields| fields.len() > 1).unwrap_or_default();
            Some(Item {
                name: called,
                columns,
                unnests,
                fields,
                with_ordinality: *with_ordinality,
                alias: alias.clone(),
            })
        }
        _ => None,
    }
}

/// An array whose elements are those of all its dimensions.
fn flat(array: &ast::Expr) -> ast::Expr {
    call(ARRAY_FLAT, vec![array.clone()])
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
    let (table, names) = names(&item, exprs.len().max(item.fields.len()), context)?;
    if !item.fields.is_empty() {
        return records(&item, exprs, &table, &names);
    }
    if item.with_ordinality {
        let arrays = if item.unnests { exprs.clone() } else { Vec::new() };
        exprs.push(array_ordinals::array_ordinals(arrays));
    }
    let metadata = |expr: &Expr| {
        let (_, field) = expr.to_field(&schema).ok()?;
        Some(element_field(field.data_type())?.metadata().clone())
    };
    let elements: Vec<HashMap<String, String>> =
        exprs.iter().map(|expr| metadata(expr).unwrap_or_default()).collect();
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
    if item.unnests {
        // Unnesting forgets which type the elements are of where the Arrow type alone does not tell.
        let typed = |(index, name): (usize, &String)| {
            let metadata = elements.get(index).filter(|metadata| !metadata.is_empty());
            match metadata {
                Some(metadata) => col(Column::new_unqualified(name))
                    .alias_with_metadata(name, Some(FieldMetadata::from(metadata.clone()))),
                None => col(Column::new_unqualified(name)),
            }
        };
        builder = builder.project(names.iter().enumerate().map(typed))?;
    }
    builder.alias(TableReference::bare(table))?.build()
}

/// A function whose rows are records: they are unnested, and each of their fields is a column.
fn records(item: &Item, mut exprs: Vec<Expr>, table: &str, names: &[String]) -> Result<LogicalPlan> {
    const RECORD: &str = "record";
    const ORDINALITY: &str = "ordinality";
    let mut lists = vec![Column::new_unqualified(RECORD)];
    let arrays = exprs.clone();
    exprs = exprs.into_iter().map(|expr| expr.alias(RECORD)).collect();
    if item.with_ordinality {
        exprs.push(array_ordinals::array_ordinals(arrays).alias(ORDINALITY));
        lists.push(Column::new_unqualified(ORDINALITY));
    }
    let field = |(index, name): (usize, &String)| match item.fields.get(index) {
        Some(field) => get_field(col(RECORD), *field).alias(name),
        None => col(ORDINALITY).alias(name),
    };
    LogicalPlanBuilder::empty(true)
        .project(exprs)?
        .unnest_columns_with_options(lists, UnnestOptions::new().with_preserve_nulls(false))?
        .project(names.iter().enumerate().map(field))?
        .alias(TableReference::bare(table))?
        .build()
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
    let mut names = if !item.fields.is_empty() {
        item.fields.iter().map(ToString::to_string).collect()
    } else if column_count == 1 {
        vec![table.clone()]
    } else {
        vec![item.name.clone(); column_count]
    };
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
