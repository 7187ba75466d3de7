//! FROM: tables, subqueries, functions and joins.

use datafusion::sql::sqlparser::ast::{
    BinaryOperator, Expr, FunctionArg, FunctionArgExpr, Ident, Join, JoinConstraint, JoinOperator,
    ObjectName, ObjectNamePart, TableAlias, TableFactor, TableFunctionArgs, TableWithJoins, Value,
};
use lakeport_base::SqlState;

use crate::error::{Error, Result};
use crate::functions::row_columns;
use crate::plan::{SYSTEM_COLUMNS, SystemColumn};
use crate::resolve::barred::Barred;
use crate::resolve::frame::{Case, Column, Frame};
use crate::resolve::query::rename;
use crate::resolve::{Output, Resolver, Source, exact, folded, function, relations};
use crate::types::{ColumnType, Origin, column_type};

impl Resolver<'_> {
    /// Resolves a FROM clause and gives what can be named in its query.
    pub(super) fn from(&mut self, from: &mut [TableWithJoins]) -> Result<Frame> {
        let mut frame = Frame::default();
        for item in from {
            let joined = self.table_with_joins(item, &frame)?;
            frame.add(joined)?;
        }
        Ok(frame)
    }

    /// `before` is what stands left of it in the same FROM, which only LATERAL may name.
    fn table_with_joins(&mut self, item: &mut TableWithJoins, before: &Frame) -> Result<Frame> {
        let mut left = self.factor(&mut item.relation, &[before])?;
        for join in &mut item.joins {
            let right = self.factor(&mut join.relation, &[before, &left])?;
            left = self.join(left, right, join)?;
        }
        Ok(left)
    }

    fn factor(&mut self, factor: &mut TableFactor, before: &[&Frame]) -> Result<Frame> {
        match factor {
            TableFactor::Table { name, alias, args: None, .. } => self.table(name, alias),
            TableFactor::Table {
                name,
                alias,
                args: Some(TableFunctionArgs { args, .. }),
                with_ordinality,
                ..
            } => self.table_function(name, args, *with_ordinality, alias, before),
            TableFactor::Derived { lateral, subquery, alias, .. } => {
                let outer_count = self.frames.len();
                if *lateral {
                    self.frames.extend(before.iter().map(|frame| (*frame).clone()));
                }
                let outputs = self.query(subquery);
                self.frames.truncate(outer_count);
                self.aliased(alias, "subquery", None, outputs?)
            }
            TableFactor::UNNEST { array_exprs, alias, with_ordinality, .. } => {
                array_exprs.iter_mut().try_for_each(|expr| self.lateral(expr, before))?;
                self.aliased_function(alias, "unnest", vec!["unnest"; array_exprs.len()], *with_ordinality)
            }
            TableFactor::NestedJoin { table_with_joins, alias } => {
                let mut frame = self.table_with_joins(table_with_joins, &Frame::default())?;
                if let Some(alias) = alias.take() {
                    frame = rename_frame(frame, &alias)?;
                }
                Ok(frame)
            }
            // Refused by `check` already.
            _ => Err(Error::unsupported("this kind of FROM item is not supported")),
        }
    }

    fn table(&mut self, name: &mut ObjectName, alias: &mut Option<TableAlias>) -> Result<Frame> {
        let parts = relations::parts(name);
        let wish = parts.last().cloned().unwrap_or_default();
        let cte = if parts.len() == 1 { self.find_cte(&wish) } else { None };
        let cte_is_none = cte.is_none();
        let (internal, outputs) = match cte {
            Some(cte) => (vec![cte.internal.clone()], cte.outputs.clone()),
            None => match self.names.table(&parts) {
                Some(schema) => (parts.clone(), outputs_of(&schema, self.names.oid(&parts))),
                None => {
                    let message = format!("relation \"{}\" does not exist", parts.join("."));
                    let error = Error::new(SqlState::UNDEFINED_TABLE, message);
                    let ident = name.0.first().and_then(|part| part.as_ident());
                    return Err(ident.map_or(error.clone(), |ident| self.placed(error, ident)));
                }
            },
        };
        *name = ObjectName(internal.iter().map(|part| ObjectNamePart::Identifier(exact(part))).collect());
        let is_table = cte_is_none && self.names.has_system_columns(&parts);
        let oid = self.names.oid(&parts);
        let has_alias = alias.is_some();
        let mut frame = self.aliased(alias, &wish, Some(parts), outputs)?;
        if let (true, [relation]) = (has_alias, frame.relations.as_mut_slice()) {
            relation.table = Some(wish);
        }
        if let (true, [relation], Some(alias)) = (is_table, frame.relations.as_mut_slice(), alias.as_ref()) {
            relation.hidden = system_columns(&alias.name, oid, &relation.columns);
        }
        Ok(frame)
    }

    /// Gives a FROM item its alias of the rewritten query. `parts` is its name where it has no alias.
    fn aliased(
        &mut self,
        alias: &mut Option<TableAlias>,
        wish: &str,
        parts: Option<Vec<String>>,
        mut outputs: Vec<Output>,
    ) -> Result<Frame> {
        let visible = match alias {
            Some(alias) => {
                let name = folded(&alias.name);
                let columns: Vec<String> = alias.columns.iter().map(|column| folded(&column.name)).collect();
                rename(&mut outputs, &columns, "table", &name)?;
                Some(vec![name])
            }
            None => parts,
        };
        let wish = visible.as_ref().and_then(|parts| parts.last()).map_or(wish, String::as_str);
        let internal = self.unique_alias(wish);
        *alias = Some(TableAlias { explicit: true, name: exact(&internal), columns: Vec::new(), at: None });
        let mut frame = Frame::of_relation(visible.clone().unwrap_or_default(), &internal, &outputs);
        if visible.is_none() {
            frame.relations.clear();
        }
        Ok(frame)
    }

    /// Relation names of the query itself are free as aliases: only other aliases are not.
    pub(super) fn unique_alias(&mut self, wish: &str) -> String {
        if !self.columns.contains(wish) && self.aliases.insert(wish.to_owned()) {
            return wish.to_owned();
        }
        let name = super::unique(wish, |name| {
            self.aliases.contains(name) || self.taken.contains(name) || self.columns.contains(name)
        });
        self.aliases.insert(name.clone());
        name
    }

    /// A function in FROM may name what stands left of it, LATERAL or not.
    fn table_function(
        &mut self,
        name: &mut ObjectName,
        args: &mut [FunctionArg],
        ordinality: bool,
        alias: &mut Option<TableAlias>,
        before: &[&Frame],
    ) -> Result<Frame> {
        let function = self.function_name(name)?;
        for arg in args.iter_mut() {
            let FunctionArg::Unnamed(FunctionArgExpr::Expr(expr)) = arg else {
                return Err(Error::unsupported(
                    "this kind of argument of a function in FROM is not supported",
                ));
            };
            self.lateral(expr, before)?;
        }
        *name = ObjectName::from(vec![Ident::new(function.clone())]);
        let columns = row_columns(&function).filter(|columns| !columns.is_empty());
        let columns = columns.map_or_else(|| vec![function.as_str()], <[&str]>::to_vec);
        self.aliased_function(alias, &function, columns, ordinality)
    }

    /// Resolves an expression of FROM that may name what stands left of its item.
    fn lateral(&mut self, expr: &mut Expr, before: &[&Frame]) -> Result<()> {
        let outer_count = self.frames.len();
        self.frames.extend(before.iter().map(|frame| (*frame).clone()));
        let barred = Barred::in_clause("functions in FROM");
        let resolved = self.where_barred(barred, |this| this.expr(expr));
        self.frames.truncate(outer_count);
        resolved
    }

    /// A function whose columns have no names that could be relied on: they get some by the alias.
    fn aliased_function(
        &mut self,
        alias: &mut Option<TableAlias>,
        function: &str,
        columns: Vec<&str>,
        ordinality: bool,
    ) -> Result<Frame> {
        let mut outputs: Vec<Output> = columns
            .into_iter()
            .enumerate()
            .map(|(index, name)| Output {
                internal: format!("{function}_{}", index + 1),
                name: name.to_owned(),
                data_type: None,
                source: None,
            })
            .collect();
        if ordinality {
            let name = "ordinality".to_owned();
            outputs.push(Output {
                internal: name.clone(),
                name,
                data_type: Some(arrow::datatypes::DataType::Int64),
                source: None,
            });
        }
        name_function_columns(&mut outputs, function, alias.as_ref());
        let mut frame = self.aliased(alias, function, Some(vec![function.to_owned()]), outputs.clone())?;
        frame.relations.iter_mut().for_each(|relation| relation.is_value = outputs.len() == 1);
        if let Some(alias) = alias {
            alias.columns = outputs
                .iter()
                .map(|output| datafusion::sql::sqlparser::ast::TableAliasColumnDef {
                    name: exact(&output.internal),
                    data_type: None,
                })
                .collect();
        }
        Ok(frame)
    }

    fn join(&mut self, left: Frame, right: Frame, join: &mut Join) -> Result<Frame> {
        let operator = &mut join.join_operator;
        let kind = Kind::of(operator);
        let Some(constraint) = constraint_of(operator) else {
            return Err(Error::unsupported("this kind of join is not supported"));
        };
        match constraint {
            JoinConstraint::On(expr) => {
                let mut frame = left;
                frame.add(right)?;
                self.frames.push(frame);
                let barred = Barred::in_clause("JOIN conditions");
                let resolved = self.where_barred(barred, |this| this.expr(expr));
                let frame = self.frames.pop().unwrap_or_default();
                resolved.map(|()| frame)
            }
            JoinConstraint::None => {
                let mut frame = left;
                frame.add(right)?;
                Ok(frame)
            }
            JoinConstraint::Using(names) => {
                let wanted = names.iter().filter_map(|name| name.0.last()?.as_ident().cloned()).collect();
                self.merge(left, right, wanted, kind, operator)
            }
            JoinConstraint::Natural => {
                let shared = left
                    .columns
                    .iter()
                    .filter(|column| right.columns.iter().any(|other| other.name == column.name))
                    .map(|column| exact(&column.name))
                    .collect();
                self.merge(left, right, shared, kind, operator)
            }
        }
    }

    /// Joins by columns of the same name, which become one each.
    fn merge(
        &mut self,
        left: Frame,
        right: Frame,
        wanted: Vec<Ident>,
        kind: Kind,
        operator: &mut JoinOperator,
    ) -> Result<Frame> {
        let mut frame = Frame { relations: left.relations, columns: Vec::new() };
        frame.add_relations(right.relations)?;
        let (mut left, mut right) = (left.columns, right.columns);
        let mut condition: Option<Expr> = None;
        for ident in wanted {
            let own = self.take_shared(&mut left, &ident, "left")?;
            let other = self.take_shared(&mut right, &ident, "right")?;
            let equal = binary(own.target.clone(), BinaryOperator::Eq, other.target.clone());
            condition = Some(match condition {
                Some(condition) => binary(condition, BinaryOperator::And, equal),
                None => equal,
            });
            // Of two types PostgreSQL makes one, which is neither column's own.
            let is_one = own.data_type == other.data_type;
            let (target, source) = match kind {
                Kind::Left => (own.target, own.source.filter(|_| is_one)),
                Kind::Right => (other.target, other.source.filter(|_| is_one)),
                Kind::Full => (function::call("coalesce", vec![own.target, other.target]), None),
            };
            frame.columns.push(Column { name: own.name, target, data_type: own.data_type, source });
        }
        frame.columns.extend(left);
        frame.columns.extend(right);
        let always = || Expr::Value(Value::Boolean(true).with_empty_span());
        if let Some(constraint) = constraint_of(operator) {
            *constraint = JoinConstraint::On(condition.unwrap_or_else(always));
        }
        Ok(frame)
    }

    fn take_shared(&self, columns: &mut Vec<Column>, ident: &Ident, side: &str) -> Result<Column> {
        let wanted = folded(ident);
        for case in Case::ways(ident) {
            let mut fitting = (0..columns.len()).filter(|index| case.fits(&columns[*index].name, &wanted));
            match (fitting.next(), fitting.next()) {
                (Some(index), None) => return Ok(columns.remove(index)),
                (Some(_), Some(_)) => {
                    let message =
                        format!("common column name \"{wanted}\" appears more than once in {side} table");
                    return Err(self.placed(Error::new(SqlState::AMBIGUOUS_COLUMN, message), ident));
                }
                (None, _) => {}
            }
        }
        // PostgreSQL tells no place of this one.
        let message = format!("column \"{wanted}\" specified in USING clause does not exist in {side} table");
        Err(Error::new(SqlState::UNDEFINED_COLUMN, message))
    }
}

/// Which side of a join keeps its rows, and so holds the value of a merged column.
#[derive(Debug, Clone, Copy)]
enum Kind {
    Left,
    Right,
    Full,
}

impl Kind {
    fn of(operator: &JoinOperator) -> Self {
        match operator {
            JoinOperator::Right(_) | JoinOperator::RightOuter(_) => Self::Right,
            JoinOperator::FullOuter(_) => Self::Full,
            _ => Self::Left,
        }
    }
}

fn constraint_of(operator: &mut JoinOperator) -> Option<&mut JoinConstraint> {
    match operator {
        JoinOperator::Join(constraint)
        | JoinOperator::Inner(constraint)
        | JoinOperator::Left(constraint)
        | JoinOperator::LeftOuter(constraint)
        | JoinOperator::Right(constraint)
        | JoinOperator::RightOuter(constraint)
        | JoinOperator::FullOuter(constraint)
        | JoinOperator::CrossJoin(constraint) => Some(constraint),
        _ => None,
    }
}

/// The columns of a table. `oid` is 0 where the catalog does not know it.
fn outputs_of(schema: &arrow::datatypes::Schema, oid: u32) -> Vec<Output> {
    let output = |(field, number): (&arrow::datatypes::FieldRef, i16)| Output {
        name: field.name().clone(),
        internal: field.name().clone(),
        data_type: Some(field.data_type().clone()),
        source: (oid != 0)
            .then(|| Source { origin: Origin { relation: oid, number }, column_type: column_type(field) }),
    };
    // A number above the last cannot be told to a client, and no answer has so many columns.
    let numbers = (1..=i16::MAX).chain(std::iter::repeat(0));
    schema.fields().iter().zip(numbers).map(output).collect()
}

/// The system columns of a table, but for those that have the name of one of its own.
fn system_columns(alias: &Ident, oid: u32, own: &[Column]) -> Vec<Column> {
    let named = SYSTEM_COLUMNS.iter().filter(|column| own.iter().all(|other| other.name != column.name));
    let column = |column: &SystemColumn| Column {
        name: column.name.to_owned(),
        target: Expr::CompoundIdentifier(vec![alias.clone(), exact(column.name)]),
        data_type: Some(column.pg_type.arrow()),
        source: Some(Source {
            origin: Origin { relation: oid, number: column.number },
            column_type: ColumnType { pg_type: column.pg_type, typmod: -1 },
        }),
    };
    named.map(column).collect()
}

/// A function of one column names it after its alias, or after itself.
fn name_function_columns(outputs: &mut [Output], function: &str, alias: Option<&TableAlias>) {
    // One column, with or without its ordinal, is named after the item.
    let [first, rest @ ..] = outputs else { return };
    if first.name == function && rest.iter().all(|output| output.name == "ordinality") {
        first.name = alias.map_or_else(|| function.to_owned(), |alias| folded(&alias.name));
    }
}

/// `(a JOIN b …) AS x (names)`: one relation, which hides those it is made of.
fn rename_frame(frame: Frame, alias: &TableAlias) -> Result<Frame> {
    let name = folded(&alias.name);
    let mut columns = frame.columns;
    if alias.columns.len() > columns.len() {
        let message = format!(
            "join expression \"{name}\" has {} columns available but {} columns specified",
            columns.len(),
            alias.columns.len()
        );
        return Err(Error::new(SqlState::INVALID_COLUMN_REFERENCE, message));
    }
    for (column, renamed) in columns.iter_mut().zip(&alias.columns) {
        column.name = folded(&renamed.name);
    }
    let relation = crate::resolve::frame::Relation {
        parts: vec![name],
        table: None,
        columns: columns.clone(),
        is_value: false,
        hidden: Vec::new(),
    };
    Ok(Frame { relations: vec![relation], columns })
}

fn binary(left: Expr, op: BinaryOperator, right: Expr) -> Expr {
    Expr::BinaryOp { left: Box::new(left), op, right: Box::new(right) }
}
