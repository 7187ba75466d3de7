//! Types that only a field's metadata names, kept where DataFusion forgets them.
//!
//! CASE, COALESCE and their kin, and the elements of an unnested array, have a bare Arrow type to DataFusion: an
//! oid would be a bigint there, an uuid a bytea. A cast to the type that they have says it again; it changes no
//! value. So is the number of an array's dimensions, which PostgreSQL's types do not tell and Arrow's do.

use std::collections::HashMap;
use std::sync::Arc;

use arrow::datatypes::{DataType, Field, FieldRef};
use datafusion::common::{Column, DFSchema, Result, ScalarValue};
use datafusion::logical_expr::expr::{FieldMetadata, Placeholder};
use datafusion::logical_expr::{
    Cast, ColumnUnnestList, Expr, ExprSchemable, LogicalPlan, LogicalPlanBuilder, RecursiveQuery,
};

use crate::functions::{dimensions, element_field, in_dimensions};
use crate::types::{Origin, PgType, column_type};
use crate::value::read::array_texts;

/// The expression with the type of this field, where it has its Arrow type and forgets the rest.
pub(super) fn marked(expr: Expr, target: &FieldRef, schema: &DFSchema) -> Result<Expr> {
    let (_, field) = expr.to_field(schema)?;
    if field.data_type() != target.data_type() || column_type(&field) == column_type(target) {
        return Ok(expr);
    }
    let field = Origin::default().mark(target.as_ref().clone());
    Ok(Expr::Cast(Cast { expr: Box::new(expr), field: Arc::new(field) }))
}

/// A recursive query whose columns have the types of its first part: these were not all known when it was planned.
pub(super) fn recursive(mut query: RecursiveQuery) -> Result<LogicalPlan> {
    let (first, turn) = (query.static_term.schema().fields(), query.recursive_term.schema().fields());
    let marks = first.iter().zip(turn).zip(query.schema.fields()).map(|((first, turn), whole)| {
        let is_one = first.data_type() == turn.data_type() && first.data_type() == whole.data_type();
        needed(first).filter(|_| is_one && !first.data_type().is_decimal())
    });
    let marks: Vec<Option<FieldRef>> = marks.collect();
    if marks.iter().all(Option::is_none) {
        return Ok(LogicalPlan::RecursiveQuery(query));
    }
    // Rows of both parts must say the same of themselves.
    query.static_term = Arc::new(told(query.static_term, &marks)?);
    query.recursive_term = Arc::new(told(query.recursive_term, &marks)?);
    let fields = query.schema.iter().zip(&marks).map(|((qualifier, field), mark)| {
        let field = match mark {
            Some(mark) => Arc::new(field.as_ref().clone().with_metadata(mark.metadata().clone())),
            None => Arc::clone(field),
        };
        (qualifier.cloned(), field)
    });
    let schema = DFSchema::new_with_metadata(fields.collect(), query.schema.metadata().clone())?;
    query.schema = Arc::new(schema);
    Ok(LogicalPlan::RecursiveQuery(query))
}

/// A field that says just the type, where the Arrow type alone would tell another.
fn needed(field: &FieldRef) -> Option<FieldRef> {
    let bare = Field::new(field.name(), field.data_type().clone(), true);
    let marked = bare.clone().with_metadata(field.metadata().clone());
    (column_type(&bare) != column_type(field)).then(|| Arc::new(Origin::default().mark(marked)))
}

fn told(plan: Arc<LogicalPlan>, marks: &[Option<FieldRef>]) -> Result<LogicalPlan> {
    let schema = Arc::clone(plan.schema());
    let columns = schema.iter().zip(marks).map(|((qualifier, field), mark)| {
        let column = Expr::Column(Column::new(qualifier.cloned(), field.name()));
        match mark.as_ref().filter(|mark| mark.data_type() == field.data_type()) {
            Some(mark) => Expr::Cast(Cast { expr: Box::new(column), field: Arc::clone(mark) })
                .alias_qualified(qualifier.cloned(), field.name()),
            None => column,
        }
    });
    LogicalPlanBuilder::from(plan).project(columns)?.build()
}

/// A cast to an array type with as many dimensions as the array has: to PostgreSQL these are no part of the type.
pub(super) fn with_dimensions(mut cast: Cast, schema: &DFSchema) -> Result<Cast> {
    if dimensions(cast.field.data_type()) == 0 {
        return Ok(cast);
    }
    let count = match cast.expr.as_ref() {
        Expr::Literal(ScalarValue::Utf8(Some(text)), _) => {
            array_texts(text).map_or(1, |(lengths, _)| lengths.len())
        }
        other => dimensions(&other.get_type(schema)?),
    };
    let count = count.max(1);
    if count != dimensions(cast.field.data_type()) {
        let data_type = in_dimensions(cast.field.data_type(), count);
        cast.field = Arc::new(cast.field.as_ref().clone().with_data_type(data_type));
    }
    Ok(cast)
}

/// Tells the type of the array of `x = ANY ($1)` by that of `x`, where the Arrow type would tell another.
pub(super) fn array_beside(args: &mut [Expr], schema: &DFSchema) {
    let [_, left, Expr::Placeholder(Placeholder { field: array @ None, .. })] = args else { return };
    let Ok((_, left)) = left.to_field(schema) else { return };
    let pg_type = column_type(&left).pg_type;
    if pg_type == PgType::UUID {
        *array = Some(Arc::new(pg_type.array_of().field("", true)));
    }
}

/// An unnesting whose columns have the types of the elements.
pub(super) fn unnested(plan: LogicalPlan) -> Result<LogicalPlan> {
    let LogicalPlan::Unnest(unnest) = &plan else { return Ok(plan) };
    let mut marks: HashMap<Column, FieldMetadata> = HashMap::new();
    for (index, ColumnUnnestList { output_column, depth }) in &unnest.list_type_columns {
        let mut field = Arc::clone(&unnest.input.schema().fields()[*index]);
        for _ in 0..*depth {
            match element_field(field.data_type()) {
                Some(inner) => field = Arc::clone(inner),
                None => break,
            }
        }
        // Fields of records are taken out by rules that do not look through another projection.
        let is_record = matches!(field.data_type(), DataType::Struct(_));
        if !is_record && needed(&field).is_some() {
            marks.insert(output_column.clone(), FieldMetadata::from(field.as_ref()));
        }
    }
    if marks.is_empty() {
        return Ok(plan);
    }
    let schema = Arc::clone(plan.schema());
    let columns: Vec<Expr> = schema
        .iter()
        .map(|(qualifier, field)| {
            let column = Column::new(qualifier.cloned(), field.name());
            match marks.remove(&column) {
                None => Expr::Column(column),
                Some(metadata) => Expr::Column(column).alias_qualified_with_metadata(
                    qualifier.cloned(),
                    field.name(),
                    Some(metadata),
                ),
            }
        })
        .collect();
    LogicalPlanBuilder::from(plan).project(columns)?.build()
}
