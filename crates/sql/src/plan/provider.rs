//! What DataFusion's planner asks for, answered from a [`Scope`].

use std::collections::HashMap;
use std::sync::Arc;

use arrow::datatypes::{DataType, FieldRef, Fields, Schema, SchemaRef};
use datafusion::catalog::TableFunctionArgs;
use datafusion::catalog::cte_worktable::CteWorkTable;
use datafusion::common::{DFSchema, TableReference, plan_datafusion_err};
use datafusion::config::ConfigOptions;
use datafusion::datasource::provider_as_source;
use datafusion::error::{DataFusionError, Result};
use datafusion::logical_expr::planner::{ContextProvider, ExprPlanner, RelationPlanner, TypePlanner};
use datafusion::logical_expr::{
    AggregateUDF, Expr, HigherOrderUDF, ScalarUDF, TableSource, TableType, WindowUDF,
};
use datafusion::optimizer::simplify_expressions::{ExprSimplifier, SimplifyContext};
use datafusion::sql::planner::ParserOptions;

use crate::plan::failure;
use crate::plan::missing::Missing;
use crate::plan::recursion::work_type;
use crate::plan::scope::Scope;
use crate::plan::sql_type::SqlTypes;
use crate::plan::system::with_system_columns;
use crate::resolve::Names;
use crate::unwanted::WatchingPlanner;

/// A scope as the planner sees it.
pub(super) struct Provider<'a> {
    scope: &'a Scope,
    /// Whether the query may name system columns.
    system: bool,
    expr_planners: Vec<Arc<dyn ExprPlanner>>,
    /// Functions that do not exist, and where each is called.
    pub(super) unknown_functions: HashMap<String, Option<usize>>,
}

impl<'a> Provider<'a> {
    pub(super) fn new(scope: &'a Scope, system: bool) -> Self {
        let watching: Arc<dyn ExprPlanner> = Arc::new(WatchingPlanner(scope.unwanted.clone()));
        let expr_planners = std::iter::once(watching).chain(scope.state.expr_planners().iter().cloned());
        Self { scope, system, expr_planners: expr_planners.collect(), unknown_functions: HashMap::new() }
    }

    /// An error where the plan is wanted no more.
    pub(super) fn wanted(&self) -> Result<()> {
        self.scope.unwanted.check()
    }

    /// How SQL is planned: names are resolved already, so none is folded again.
    pub(super) fn parser_options() -> ParserOptions {
        ParserOptions::new()
            .with_parse_float_as_decimal(true)
            .with_enable_ident_normalization(false)
            .with_map_string_types_to_utf8view(false)
            .with_collect_spans(true)
    }

    fn own_function(&self, name: &str) -> Option<&Arc<ScalarUDF>> {
        let is_called = |function: &&Arc<ScalarUDF>| {
            function.name() == name || function.aliases().iter().any(|alias| alias == name)
        };
        self.scope.functions.iter().find(is_called)
    }
}

/// Names that become an expression without a function of theirs being looked for.
const BUILT_IN: &[&str] = &[
    "_pg_truetypid",
    "_pg_truetypmod",
    "current_timestamp",
    "grouping",
    "json_agg",
    "json_object_agg",
    "jsonb_agg",
    "jsonb_object_agg",
    "localtime",
    "localtimestamp",
    "mod",
    "statement_timestamp",
    "string_to_table",
    "transaction_timestamp",
    "unnest",
];

impl Names for Provider<'_> {
    fn table(&self, parts: &[String]) -> Option<SchemaRef> {
        self.scope.tables.get(parts).map(|table| table.schema())
    }

    fn oid(&self, parts: &[String]) -> u32 {
        self.scope.oids.get(parts).copied().unwrap_or(0)
    }

    fn has_system_columns(&self, parts: &[String]) -> bool {
        self.system
            && self.oid(parts) != 0
            && self.scope.tables.get(parts).is_some_and(|table| table.table_type() == TableType::Base)
    }

    fn has_function(&self, name: &str) -> bool {
        let state = &self.scope.state;
        BUILT_IN.contains(&name)
            || self.own_function(name).is_some()
            || state.scalar_functions().contains_key(name)
            || state.aggregate_functions().contains_key(name)
            || state.window_functions().contains_key(name)
            || state.higher_order_functions().contains_key(name)
            || state.table_functions().contains_key(name)
    }

    fn is_aggregate(&self, name: &str) -> bool {
        const BUILT_IN: [&str; 4] = ["json_agg", "json_object_agg", "jsonb_agg", "jsonb_object_agg"];
        BUILT_IN.contains(&name)
            || (self.own_function(name).is_none()
                && self.scope.state.aggregate_functions().contains_key(name))
    }
}

impl ContextProvider for Provider<'_> {
    fn get_table_source(&self, name: TableReference) -> Result<Arc<dyn TableSource>> {
        let parts: Vec<String> = match &name {
            TableReference::Bare { table } => vec![table.to_string()],
            TableReference::Partial { schema, table } => vec![schema.to_string(), table.to_string()],
            TableReference::Full { catalog, schema, table } => {
                vec![catalog.to_string(), schema.to_string(), table.to_string()]
            }
        };
        match self.scope.tables.get(&parts) {
            Some(table) if self.has_system_columns(&parts) => {
                let (oid, version) = (self.oid(&parts), self.scope.version);
                Ok(provider_as_source(with_system_columns(name, table, oid, version)?))
            }
            Some(table) => Ok(provider_as_source(Arc::clone(table))),
            None => Err(plan_datafusion_err!("table '{name}' not found")),
        }
    }

    fn get_table_function_source(&self, name: &str, args: Vec<Expr>) -> Result<Arc<dyn TableSource>> {
        let state = &self.scope.state;
        let Some(function) = state.table_functions().get(name) else {
            let types: Vec<DataType> = args
                .iter()
                .map(|arg| {
                    datafusion::logical_expr::ExprSchemable::get_type(arg, &DFSchema::empty())
                        .unwrap_or(DataType::Null)
                })
                .collect();
            let error =
                failure::no_function(name, &types, self.unknown_functions.get(name).copied().flatten());
            return Err(DataFusionError::External(Box::new(error)));
        };
        let context = SimplifyContext::builder()
            .with_config_options(Arc::clone(state.config_options()))
            .with_query_execution_start_time(state.execution_props().query_execution_start_time)
            .build();
        let simplifier = ExprSimplifier::new(context);
        let schema = DFSchema::empty();
        let args = args
            .into_iter()
            .map(|arg| simplifier.coerce(arg, &schema).and_then(|arg| simplifier.simplify(arg)))
            .collect::<Result<Vec<_>>>()?;
        let table =
            function.create_table_provider_with_args(TableFunctionArgs::new(&args, state.as_ref()))?;
        Ok(provider_as_source(table))
    }

    fn create_cte_work_table(&self, name: &str, schema: SchemaRef) -> Result<Arc<dyn TableSource>> {
        let open = |field: &FieldRef| -> FieldRef {
            let data_type = work_type(field.data_type());
            Arc::new(field.as_ref().clone().with_data_type(data_type))
        };
        let fields: Fields = schema.fields().iter().map(open).collect();
        let schema = Arc::new(Schema::new_with_metadata(fields, schema.metadata().clone()));
        Ok(provider_as_source(Arc::new(CteWorkTable::new(name, schema))))
    }

    fn get_expr_planners(&self) -> &[Arc<dyn ExprPlanner>] {
        &self.expr_planners
    }

    fn get_relation_planners(&self) -> &[Arc<dyn RelationPlanner>] {
        self.scope.state.relation_planners()
    }

    fn get_type_planner(&self) -> Option<Arc<dyn TypePlanner>> {
        Some(Arc::new(SqlTypes))
    }

    fn get_function_meta(&self, name: &str) -> Option<Arc<ScalarUDF>> {
        if let Some(position) = self.unknown_functions.get(name) {
            return Some(Arc::new(ScalarUDF::from(Missing::new(name, *position))));
        }
        self.own_function(name).or_else(|| self.scope.state.scalar_functions().get(name)).cloned()
    }

    fn get_higher_order_meta(&self, name: &str) -> Option<Arc<HigherOrderUDF>> {
        self.scope.state.higher_order_functions().get(name).cloned()
    }

    fn get_aggregate_meta(&self, name: &str) -> Option<Arc<AggregateUDF>> {
        self.scope.state.aggregate_functions().get(name).cloned()
    }

    fn get_window_meta(&self, name: &str) -> Option<Arc<WindowUDF>> {
        self.scope.state.window_functions().get(name).cloned()
    }

    fn get_variable_type(&self, _names: &[String]) -> Option<DataType> {
        None
    }

    fn options(&self) -> &ConfigOptions {
        self.scope.state.config_options()
    }

    fn udf_names(&self) -> Vec<String> {
        self.scope.state.scalar_functions().keys().cloned().collect()
    }

    fn higher_order_function_names(&self) -> Vec<String> {
        self.scope.state.higher_order_functions().keys().cloned().collect()
    }

    fn udaf_names(&self) -> Vec<String> {
        self.scope.state.aggregate_functions().keys().cloned().collect()
    }

    fn udwf_names(&self) -> Vec<String> {
        self.scope.state.window_functions().keys().cloned().collect()
    }
}
