//! Planning: from a query to DataFusion's logical plan.
//!
//! In reading order: `scope` (what a query may see), `provider` (the scope as DataFusion's planner
//! sees it), `sql_type` (PostgreSQL's types), `parameter` (types of `$1` and on), `missing`
//! (functions that do not exist), `modifiers` (what is a numeric of so many digits), `numeric` (and what one of any), `average` and `recursion` (of numerics), `casts` (casts that PostgreSQL does not have), `constants` (those that cannot be read),
//! `common` (the one type of several values), `unify` and `sets` (who is given it) and `marks` (where it would be forgotten), `failure` (DataFusion's complaints in PostgreSQL's words), `place` and `sites` (where in the text they belong).

mod average;
mod casts;
mod common;
mod constants;
mod failure;
mod marks;
mod missing;
mod modifiers;
mod numeric;
mod parameter;
mod place;
mod provider;
mod recursion;
mod scope;
mod sets;
mod sites;
mod sql_type;
mod system;
mod unify;

use std::sync::Arc;

use arrow::datatypes::{DataType, Field, FieldRef};
use datafusion::common::config::ConfigOptions;
use datafusion::common::metadata::{FieldMetadata, ScalarAndMetadata};
use datafusion::common::tree_node::TreeNode;
use datafusion::common::{Column, ParamValues, ScalarValue};
use datafusion::functions::unicode;
use datafusion::logical_expr::expr::ScalarFunction;
use datafusion::logical_expr::{Expr, LogicalPlan, LogicalPlanBuilder, ScalarUDF, lit};
use datafusion::optimizer::AnalyzerRule;
use datafusion::optimizer::analyzer::type_coercion::TypeCoercion;
use datafusion::sql::planner::{PlannerContext, SqlToRel};
use datafusion::sql::sqlparser::ast;
use lakeport_base::SqlState;

use crate::check;
use crate::error::{Error, Result};
use crate::functions::{dimensions, in_dimensions, spell};
use crate::parse::with_room;
use crate::resolve::resolve;
use crate::types::{Origin, PgType, column_type};
use provider::Provider;

pub use failure::of as error_of;
pub use scope::Scope;
use sql_type::HEADER;
pub use sql_type::column_field;
pub(crate) use sql_type::{cast_type, declared_type, type_name};
pub(crate) use system::{CTID, SYSTEM_COLUMNS, SystemColumn};

/// A query's plan.
#[derive(Debug, Clone)]
pub struct Planned {
    /// The plan. Its columns have names of their own, each unique.
    pub plan: LogicalPlan,
    /// PostgreSQL's names for the columns of the answer. They may repeat.
    pub names: Vec<String>,
    /// The columns of tables and views that the columns of the answer simply are.
    pub origins: Vec<Origin>,
    /// Whether each column has the modifier that its type says; without one a numeric has any number of digits.
    pub modifiers: Vec<bool>,
    /// The types of the parameters, `$1` first: declared, inferred, and otherwise text.
    pub parameters: Vec<PgType>,
    /// Whether the digits of an answer depend on what parameters are bound to, as in `round(x, $1)`.
    pub follows_values: bool,
}

/// Plans a query. `text` is the statement's; positions in errors are characters of it, from 1.
///
/// # Errors
///
/// What PostgreSQL says of names, types and clauses; 0A000 for what is not there; 54001 for
/// what nests too deep.
pub fn plan(query: &ast::Query, scope: &Scope, text: &str) -> Result<Planned> {
    with_room(text, || {
        let fails = |query| plan_here(query, scope, text).err();
        plan_here(query.clone(), scope, text).map_err(|error| place::placed(error, query, text, fails))
    })?
}

fn plan_here(mut query: ast::Query, scope: &Scope, text: &str) -> Result<Planned> {
    check::check(&mut query)?;
    let mut provider = Provider::new(scope, system::is_named(&query));
    let resolved = resolve(&mut query, &provider, text)?;
    provider.unknown_functions = resolved.unknown_functions;
    spell(&mut query);
    let declared = parameter::declared(&query, &scope.parameters);
    let wanted = |provider: &Provider<'_>| provider.wanted().map_err(failure::of);
    parameter::refuse_gaps(&query, &declared)?;
    let (mut plan, modifiers) = to_plan(&query, &provider, &declared, &scope.values, text)?;
    let parameters = parameter::types(&plan, &declared)?;
    wanted(&provider)?;
    if declared.iter().any(Option::is_none) {
        let all: Vec<_> = parameters.iter().copied().map(Some).collect();
        (plan, _) = to_plan(&query, &provider, &all, &scope.values, text)?;
    }
    let follows_values = parameter::tell_digits(&plan).map_err(failure::of)?;
    failure::refuse_missing(&plan)?;
    casts::refuse_senseless(&plan)?;
    wanted(&provider)?;
    constants::refuse_unreadable(&plan, scope.state.config_options())?;
    let plan = filled_up(settled(plan)?)?;
    Ok(Planned {
        plan,
        names: resolved.names,
        origins: resolved.origins,
        modifiers,
        parameters,
        follows_values,
    })
}

fn to_plan(
    query: &ast::Query,
    provider: &Provider<'_>,
    parameters: &[Option<PgType>],
    values: &[Option<ScalarValue>],
    text: &str,
) -> Result<(LogicalPlan, Vec<bool>)> {
    let fields = parameters.iter().map(|pg_type| pg_type.map(field)).collect();
    let mut context = PlannerContext::new().with_prepare_param_data_types(fields);
    let statement = ast::Statement::Query(Box::new(query.clone()));
    SqlToRel::new_with_options(provider, Provider::parser_options())
        .sql_statement_to_plan_with_context(statement, &mut context)
        .and_then(|plan| {
            provider.wanted()?;
            let modifiers = modifiers::kept(&plan);
            Ok((unify::unify(parameter::filled(plan, values)?)?, modifiers))
        })
        .map_err(|error| failure::of_text(error, text))
}

/// The plan with the types that its rows will have.
///
/// The planner gives a UNION the types of its first query; coercion finds those that fit all, and the client
/// is told of them before the plan runs.
fn settled(plan: LogicalPlan) -> Result<LogicalPlan> {
    let is_union = |node: &LogicalPlan| Ok(matches!(node, LogicalPlan::Union(_)));
    match plan.exists(is_union).map_err(failure::of)? {
        true => TypeCoercion::new().analyze(plan, &ConfigOptions::default()).map_err(failure::of),
        false => Ok(plan),
    }
}

/// The plan with the values of char(n) columns filled up with blanks, which only an answer shows.
fn filled_up(plan: LogicalPlan) -> Result<LogicalPlan> {
    let is_filled = |field: &Field| {
        let column = column_type(field);
        (column.pg_type == PgType::BPCHAR && column.typmod > HEADER).then(|| column.typmod - HEADER)
    };
    let schema = Arc::clone(plan.schema());
    if !schema.fields().iter().any(|field| is_filled(field).is_some()) {
        return Ok(plan);
    }
    let columns = schema.iter().map(|(qualifier, field)| {
        let column = Expr::Column(Column::new(qualifier.cloned(), field.name()));
        match is_filled(field) {
            None => column,
            Some(length) => call(unicode::rpad(), vec![column, lit(i64::from(length))])
                .alias_with_metadata(field.name(), Some(FieldMetadata::from(field.as_ref()))),
        }
    });
    let columns: Vec<Expr> = columns.collect();
    LogicalPlanBuilder::from(plan).project(columns).and_then(LogicalPlanBuilder::build).map_err(failure::of)
}

fn call(function: Arc<ScalarUDF>, args: Vec<Expr>) -> Expr {
    Expr::ScalarFunction(ScalarFunction::new_udf(function, args))
}

/// The field of an array with as many dimensions as the arrays of this type.
fn dimensioned(field: FieldRef, given: &DataType) -> FieldRef {
    let count = dimensions(given);
    if count < 2 || count == dimensions(field.data_type()) {
        return field;
    }
    let data_type = in_dimensions(field.data_type(), count);
    Arc::new(field.as_ref().clone().with_data_type(data_type))
}

fn field(pg_type: PgType) -> FieldRef {
    pg_type.field("", true).into()
}

impl Planned {
    /// The plan with its parameters filled in, `$1` first.
    ///
    /// # Errors
    ///
    /// 08P01 for a wrong number of values; 22P02 and its kin for a value that is none of its
    /// parameter's type.
    pub fn bind(&self, values: Vec<ScalarValue>) -> Result<LogicalPlan> {
        let values = self.fitted(values)?;
        if values.is_empty() {
            return Ok(self.plan.clone());
        }
        let has_dimensions = values.iter().any(|given| dimensions(&given.value.data_type()) > 1);
        let bound = self.plan.clone().with_param_values(ParamValues::List(values)).map_err(failure::of)?;
        // A type does not tell of dimensions: what is made of the arrays is planned by those that came.
        if has_dimensions { unify::unify(bound).map_err(failure::of) } else { Ok(bound) }
    }

    /// The values as the plan's parameters have them.
    ///
    /// # Errors
    ///
    /// As [`Planned::bind`].
    pub fn values(&self, values: Vec<ScalarValue>) -> Result<Vec<ScalarValue>> {
        Ok(self.fitted(values)?.into_iter().map(|given| given.value).collect())
    }

    fn fitted(&self, values: Vec<ScalarValue>) -> Result<Vec<ScalarAndMetadata>> {
        if values.len() != self.parameters.len() {
            let message = format!(
                "bind message supplies {} parameters, but this statement requires {}",
                values.len(),
                self.parameters.len()
            );
            return Err(Error::new(SqlState::PROTOCOL_VIOLATION, message));
        }
        let fitted = values.into_iter().zip(&self.parameters).map(|(value, pg_type)| {
            let field = dimensioned(field(*pg_type), &value.data_type());
            // A numeric has the digits of its own that the plan was made for.
            let value = match *pg_type {
                PgType::NUMERIC | PgType::NUMERIC_ARRAY => value,
                _ => value.cast_to(field.data_type()).map_err(failure::of)?,
            };
            Ok(ScalarAndMetadata::new(value, Some(FieldMetadata::from(field.as_ref()))))
        });
        fitted.collect()
    }
}

#[cfg(test)]
mod tests;
