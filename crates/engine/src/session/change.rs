//! INSERT, UPDATE and DELETE of temporary tables.
//!
//! Each is the query of the rows that it makes, so that values, parameters and errors are those of queries.

use std::sync::Arc;

use arrow::array::ArrayRef;
use arrow::datatypes::{Field, SchemaRef};
use lakeport_base::SqlState;
use lakeport_catalog::{assignable, type_text};
use lakeport_sql::Statement;
use lakeport_sql::assign::{self, Target};
use lakeport_sql::ast::{Expr, Query, SelectItem, WildcardAdditionalOptions};
use lakeport_sql::temp::{Action, Change};
use lakeport_sql::types::{PgType, column_type};

use super::query::numbers;
use super::{Prepared, Session, done};
use crate::answer::Source;
use crate::error::from_sql;
use crate::plan::{Planner, named};
use crate::temp::{Pieces, TempTable};
use crate::{Answer, Error, Result};

/// The query of the rows that a change makes, and the columns of the table that it was written for.
#[derive(Debug)]
pub(crate) struct ChangeQuery {
    query: Query,
    schema: SchemaRef,
}

impl Session {
    /// What a change wants and gives.
    pub(super) async fn prepare_change(&self, change: &Change, prepared: &mut Prepared) -> Result<()> {
        let table = self.changed(change).await?;
        let rows = self.change_query(change, &table, &prepared.statement, &prepared.declared).await?;
        let planner = self.planner();
        let query = Box::new(rows.query.clone());
        let planned = self.planned(&planner, query, &prepared.statement, &prepared.declared).await?;
        prepared.parameters = planned.query.parameters;
        prepared.change = Some(Arc::new(rows));
        if let Some(items) = &change.returning {
            let query = returning(change, items.clone())?;
            let types: Vec<_> = prepared.parameters.iter().copied().map(Some).collect();
            let planned = self.planned(&planner, Box::new(query), &prepared.statement, &types).await?;
            prepared.columns = Some(named(&planned.query)?);
        }
        Ok(())
    }

    /// Runs a change.
    pub(super) async fn change(
        &mut self,
        change: &Change,
        prepared: &Prepared,
        parameters: Vec<ArrayRef>,
    ) -> Result<Answer> {
        let table = self.changed(change).await?;
        let rows = match &prepared.change {
            Some(rows) if Arc::ptr_eq(&rows.schema, &table.schema) => Arc::clone(rows),
            _ => Arc::new(self.change_query(change, &table, &prepared.statement, &prepared.declared).await?),
        };
        // What the statement gives is not what its queries give.
        let inner = Prepared { columns: None, ..prepared.clone() };
        let made = self.query(&rows.query, &inner, parameters.clone()).await?;
        let (made, count) = self.taken(made, &table).await?;
        let left = match &change.action {
            Action::Insert { .. } => table.and(made.clone(), &self.temp.purse)?,
            Action::Delete { condition } | Action::Update { condition, .. } => {
                let mut left = match condition {
                    Some(_) => self.left(change, &table, condition.as_ref(), &inner, &parameters).await?,
                    None => Vec::new(),
                };
                if let Action::Update { .. } = change.action {
                    left.extend(made.iter().cloned());
                }
                left
            }
        };
        let tag = match change.action {
            Action::Insert { .. } => "INSERT 0",
            Action::Delete { .. } => "DELETE",
            Action::Update { .. } => "UPDATE",
        };
        let answer = match &change.returning {
            None => done(format!("{tag} {count}")),
            Some(items) => {
                let query = returning(change, items.clone())?;
                self.returned(query, table.with_rows(made), tag, &inner, parameters).await?
            }
        };
        self.temp.put(table.with_rows(left))?;
        Ok(answer)
    }

    /// The table that is changed.
    async fn changed(&self, change: &Change) -> Result<Arc<TempTable>> {
        let table = self.temp_table(&change.table, change.action.tag()).await?;
        match change.unsupported {
            None => Ok(table),
            Some(what) => Err(Error::new(SqlState::FEATURE_NOT_SUPPORTED, what)),
        }
    }

    /// The rows that a condition does not hold for.
    async fn left(
        &self,
        change: &Change,
        table: &TempTable,
        condition: Option<&Expr>,
        inner: &Prepared,
        parameters: &[ArrayRef],
    ) -> Result<Pieces> {
        let others = Some(assign::others(condition));
        let query = assign::rows_where(&change.table, change.alias.as_deref(), all(), others);
        let inner = Prepared { kept: Arc::default(), ..inner.clone() };
        let rows = self.query(&query.map_err(from_sql)?, &inner, parameters.to_vec()).await?;
        Ok(self.taken(rows, table).await?.0)
    }

    /// RETURNING: a query of the rows that were changed, and of no others.
    async fn returned(
        &self,
        query: Query,
        made: TempTable,
        tag: &'static str,
        inner: &Prepared,
        parameters: Vec<ArrayRef>,
    ) -> Result<Answer> {
        let values = numbers(inner, &parameters)?.into();
        let mut planner = Planner { values, ..self.planner() };
        Arc::make_mut(&mut planner.temp).insert(made.name.clone(), Arc::new(made));
        let types: Vec<_> = inner.parameters.iter().copied().map(Some).collect();
        let planned = self.planned(&planner, Box::new(query), &inner.statement, &types).await?;
        let schema = named(&planned.query)?;
        let source = self.source(planner, planned, &parameters).await?;
        let mut chunks = self.rows(Arc::clone(&schema), tag, source, None).batches(super::temp::WINDOW);
        let (mut batches, mut held) = (Vec::new(), Vec::new());
        while let Some(batch) = chunks.next().await {
            let batch = batch?;
            held.push(self.temp.purse.hold(batch.get_array_memory_size())?);
            batches.push(batch);
        }
        Ok(Answer::Rows(self.rows(schema, tag, Source::Ready(batches), None)))
    }

    /// The query of the rows that a change makes; for a DELETE of those that it takes away.
    async fn change_query(
        &self,
        change: &Change,
        table: &TempTable,
        statement: &Statement,
        declared: &[Option<PgType>],
    ) -> Result<ChangeQuery> {
        let (targets, alias) = (table.targets(), change.alias.as_deref());
        let schema = Arc::clone(&table.schema);
        let every: Vec<usize> = (0..targets.len()).collect();
        let (source, given) = match &change.action {
            Action::Delete { condition } => {
                let query = assign::rows_where(&change.table, alias, all(), condition.clone());
                return Ok(ChangeQuery { query: query.map_err(from_sql)?, schema });
            }
            Action::Insert { columns, source } => {
                let given = given(table, columns)?;
                let Some(source) = source else {
                    let query = assign::whole_rows(None, &[], &targets).map_err(from_sql)?;
                    return Ok(ChangeQuery { query, schema });
                };
                let mut source = source.as_ref().clone();
                let takers: Vec<Target<'_>> = given.iter().map(|column| targets[*column]).collect();
                assign::type_source(&mut source, &takers).map_err(from_sql)?;
                (source, given)
            }
            Action::Update { set, condition } => {
                let mut columns = Vec::with_capacity(set.len());
                for (name, expr) in set {
                    let column = table.column(name)?;
                    if columns.iter().any(|(other, _)| *other == column) {
                        let message = format!("multiple assignments to same column \"{name}\"");
                        return Err(Error::new(SqlState::SYNTAX_ERROR, message));
                    }
                    columns.push((column, expr.clone()));
                }
                let items = assign::updated(alias.unwrap_or(&table.name), &targets, &columns);
                let query = assign::rows_where(&change.table, alias, items, condition.clone());
                (query.map_err(from_sql)?, every)
            }
        };
        let planned = self.planned(&self.planner(), Box::new(source.clone()), statement, declared).await?;
        let types: Vec<Field> =
            named(&planned.query)?.fields().iter().map(|field| field.as_ref().clone()).collect();
        let named_columns = match &change.action {
            Action::Insert { columns, .. } => !columns.is_empty(),
            _ => true,
        };
        check_types(&types, &given, &targets, named_columns)?;
        let query = assign::whole_rows(Some((source, &types)), &given, &targets).map_err(from_sql)?;
        Ok(ChangeQuery { query, schema })
    }
}

/// The columns that an INSERT gives: those it names, otherwise all.
fn given(table: &TempTable, names: &[String]) -> Result<Vec<usize>> {
    if names.is_empty() {
        return Ok((0..table.columns.len()).collect());
    }
    let mut given = Vec::with_capacity(names.len());
    for name in names {
        let column = table.column(name)?;
        if given.contains(&column) {
            let message = format!("column \"{name}\" specified more than once");
            return Err(Error::new(SqlState::DUPLICATE_COLUMN, message));
        }
        given.push(column);
    }
    Ok(given)
}

/// Whether values of these types may be assigned to these columns.
fn check_types(types: &[Field], given: &[usize], targets: &[Target<'_>], named: bool) -> Result<()> {
    if types.len() > given.len() {
        return Err(from_sql(assign::too_many()));
    }
    if named && types.len() < given.len() {
        let message = "INSERT has more target columns than expressions";
        return Err(Error::new(SqlState::SYNTAX_ERROR, message));
    }
    for (from, column) in types.iter().zip(given) {
        let field = targets[*column].field;
        let (from, to) = (column_type(from), column_type(field));
        if !assignable(from.pg_type, to.pg_type) {
            let message = format!(
                "column \"{}\" is of type {} but expression is of type {}",
                field.name(),
                type_text(to.pg_type, -1),
                type_text(from.pg_type, -1)
            );
            return Err(Error::new(SqlState::DATATYPE_MISMATCH, message)
                .with_hint("You will need to rewrite or cast the expression."));
        }
    }
    Ok(())
}

fn returning(change: &Change, items: Vec<SelectItem>) -> Result<Query> {
    assign::rows_where(&change.table, change.alias.as_deref(), items, None).map_err(from_sql)
}

fn all() -> Vec<SelectItem> {
    vec![SelectItem::Wildcard(WildcardAdditionalOptions::default())]
}
