//! Apply as a logical node: its input's columns, and one more with what a subquery gives for each row.

use std::cmp::Ordering;
use std::collections::HashSet;
use std::fmt;
use std::sync::Arc;

use arrow::datatypes::{DataType, Field, FieldRef};
use datafusion::common::tree_node::Transformed;
use datafusion::common::{Column, DFSchema, DFSchemaRef, Result, plan_err};
use datafusion::logical_expr::{Expr, Extension, LogicalPlan, UserDefinedLogicalNodeCore};

use super::refs::Reference;

/// How the names of the added columns begin.
pub(super) const COLUMN_PREFIX: &str = "__apply_";

/// What becomes of a subquery's rows.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(super) enum Mode {
    /// The one value of the one row; NULL for no row; more rows are an error.
    Scalar,
    /// Whether there is a row.
    Exists,
    /// Whether the needle is among the values, with PostgreSQL's NULL where that is unknown.
    In,
    /// The values as an array.
    Array,
    /// The rows as a list of structs; NULL for no row.
    Rows,
}

/// Its input's columns, and one more with what a subquery gives for each row.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(super) struct Apply {
    input: LogicalPlan,
    inner: Arc<LogicalPlan>,
    mode: Mode,
    /// The names by which `inner` refers to the row, in the order of `values`.
    references: Vec<Column>,
    /// Where the row has them.
    values: Vec<Expr>,
    needle: Option<Expr>,
    /// For which rows the subquery runs; none for all. The others have NULL.
    condition: Option<Expr>,
    schema: DFSchemaRef,
}

impl Apply {
    /// An Apply over `input`. `references` are those of `inner` that the input's row answers.
    pub(super) fn new(
        input: LogicalPlan,
        inner: LogicalPlan,
        mode: Mode,
        references: Vec<Reference>,
        needle: Option<Expr>,
        condition: Option<Expr>,
    ) -> Result<Apply> {
        let references: Vec<Column> = references.into_iter().map(|(_, column)| column).collect();
        let values = references.iter().cloned().map(Expr::Column).collect();
        let taken =
            input.schema().fields().iter().filter(|field| field.name().starts_with(COLUMN_PREFIX)).count();
        let field = result_field(&format!("{COLUMN_PREFIX}{taken}"), &inner, mode)?;
        let nullable = field.is_nullable() || condition.is_some();
        let schema = extended(input.schema(), field.with_nullable(nullable))?;
        Ok(Apply { input, inner: Arc::new(inner), mode, references, values, needle, condition, schema })
    }

    /// The Apply that a plan is.
    pub(super) fn of(plan: &LogicalPlan) -> Option<&Apply> {
        match plan {
            LogicalPlan::Extension(Extension { node }) => node.as_any().downcast_ref(),
            _ => None,
        }
    }

    /// This node as a plan.
    pub(super) fn into_plan(self) -> LogicalPlan {
        LogicalPlan::Extension(Extension { node: Arc::new(self) })
    }

    /// The plan of the subquery.
    pub(super) fn inner(&self) -> &LogicalPlan {
        &self.inner
    }

    /// The same over another subquery of the same schema.
    pub(super) fn with_inner(&self, inner: LogicalPlan) -> Apply {
        Apply { inner: Arc::new(inner), ..self.clone() }
    }

    /// Whether the input's row answers this reference of the subquery.
    pub(super) fn binds(&self, column: &Column) -> bool {
        self.references.contains(column)
    }

    /// The references that the input's row answers.
    pub(super) fn references(&self) -> &[Column] {
        &self.references
    }

    /// What answers them, in the same order.
    pub(super) fn values(&self) -> &[Expr] {
        &self.values
    }

    /// The left side of IN.
    pub(super) fn needle(&self) -> Option<&Expr> {
        self.needle.as_ref()
    }

    /// For which rows the subquery runs.
    pub(super) fn condition(&self) -> Option<&Expr> {
        self.condition.as_ref()
    }

    /// What becomes of the rows.
    pub(super) fn mode(&self) -> Mode {
        self.mode
    }

    /// The added column's field: the last of the schema.
    pub(super) fn field(&self) -> FieldRef {
        Arc::clone(&self.schema.fields()[self.schema.fields().len() - 1])
    }

    /// The added column.
    pub(super) fn column(&self) -> Column {
        Column::new_unqualified(self.field().name().clone())
    }
}

/// A node over another subquery of the same schema, where it is an Apply.
pub(crate) fn with_inner(
    plan: LogicalPlan,
    make: impl FnOnce(LogicalPlan) -> Result<LogicalPlan>,
) -> Result<Transformed<LogicalPlan>> {
    match Apply::of(&plan) {
        Some(apply) => Ok(Transformed::yes(apply.with_inner(make(apply.inner().clone())?).into_plan())),
        None => Ok(Transformed::no(plan)),
    }
}

fn result_field(name: &str, inner: &LogicalPlan, mode: Mode) -> Result<Field> {
    let fields = inner.schema().fields();
    let single = || match fields.len() {
        1 => Ok(Arc::clone(&fields[0])),
        _ => plan_err!("subquery must return only one column"),
    };
    Ok(match mode {
        Mode::Scalar => single()?.as_ref().clone().with_name(name).with_nullable(true),
        Mode::Exists => Field::new(name, DataType::Boolean, false),
        Mode::In => Field::new(name, DataType::Boolean, single().map(|_| true)?),
        Mode::Array => {
            let item =
                single()?.as_ref().clone().with_name(Field::LIST_FIELD_DEFAULT_NAME).with_nullable(true);
            Field::new(name, DataType::List(Arc::new(item)), true)
        }
        Mode::Rows => {
            // Names may repeat in a subquery and must not in a struct; positions cannot.
            let columns: Vec<Field> = fields
                .iter()
                .enumerate()
                .map(|(index, field)| {
                    field.as_ref().clone().with_name(format!("c{index}")).with_nullable(true)
                })
                .collect();
            let item = Field::new(Field::LIST_FIELD_DEFAULT_NAME, DataType::Struct(columns.into()), true);
            Field::new(name, DataType::List(Arc::new(item)), true)
        }
    })
}

fn extended(schema: &DFSchema, field: Field) -> Result<DFSchemaRef> {
    let mut fields: Vec<_> =
        schema.iter().map(|(relation, field)| (relation.cloned(), Arc::clone(field))).collect();
    fields.push((None, Arc::new(field)));
    let extended = DFSchema::new_with_metadata(fields, schema.metadata().clone())?;
    Ok(Arc::new(extended.with_functional_dependencies(schema.functional_dependencies().clone())?))
}

impl PartialOrd for Apply {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        let ordering =
            (&self.input, &self.inner, self.mode).partial_cmp(&(&other.input, &other.inner, other.mode));
        // Ordering must agree with equality, and the columns left out here may differ.
        ordering.filter(|ordering| *ordering != Ordering::Equal || self == other)
    }
}

impl UserDefinedLogicalNodeCore for Apply {
    fn name(&self) -> &str {
        "Apply"
    }

    fn inputs(&self) -> Vec<&LogicalPlan> {
        vec![&self.input]
    }

    fn schema(&self) -> &DFSchemaRef {
        &self.schema
    }

    fn expressions(&self) -> Vec<Expr> {
        self.values.iter().chain(&self.needle).chain(&self.condition).cloned().collect()
    }

    fn prevent_predicate_push_down_columns(&self) -> HashSet<String> {
        HashSet::from([self.field().name().clone()])
    }

    fn fmt_for_explain(&self, f: &mut fmt::Formatter) -> fmt::Result {
        let values: Vec<String> = self.values.iter().map(ToString::to_string).collect();
        write!(f, "Apply: {:?}, for each [{}]", self.mode, values.join(", "))?;
        match &self.condition {
            Some(condition) => write!(f, ", where {condition}"),
            None => Ok(()),
        }
    }

    fn with_exprs_and_inputs(&self, mut exprs: Vec<Expr>, mut inputs: Vec<LogicalPlan>) -> Result<Self> {
        let (Some(input), true) = (inputs.pop(), inputs.is_empty()) else {
            return plan_err!("Apply has one input");
        };
        let condition = if self.condition.is_some() { exprs.pop() } else { None };
        let needle = if self.needle.is_some() { exprs.pop() } else { None };
        let is_whole =
            needle.is_some() == self.needle.is_some() && condition.is_some() == self.condition.is_some();
        if exprs.len() != self.references.len() || !is_whole {
            return plan_err!("Apply has {} expressions", self.references.len());
        }
        let schema = extended(input.schema(), self.field().as_ref().clone())?;
        Ok(Apply { input, values: exprs, needle, condition, schema, ..self.clone() })
    }

    fn necessary_children_exprs(&self, output_columns: &[usize]) -> Option<Vec<Vec<usize>>> {
        let schema = self.input.schema();
        let mut needed: Vec<usize> =
            output_columns.iter().copied().filter(|index| *index < schema.fields().len()).collect();
        for expr in self.expressions() {
            for column in expr.column_refs() {
                needed.push(schema.index_of_column(column).ok()?);
            }
        }
        needed.sort_unstable();
        needed.dedup();
        Some(vec![needed])
    }
}
