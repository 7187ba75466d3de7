//! SELECT: its clauses in the order in which names become known.

use std::collections::HashSet;

use arrow::datatypes::DataType;
use datafusion::sql::sqlparser::ast::{
    AccessExpr, Distinct, Expr, GroupByExpr, OrderBy, Select, SelectItem, SelectItemQualifiedWildcardKind,
};
use lakeport_base::SqlState;

use crate::error::{Error, Result};
use crate::parse::EVERY_FIELD;
use crate::resolve::barred::Barred;
use crate::resolve::frame::Column;
use crate::resolve::order::Purpose;
use crate::resolve::{Output, Resolver, Source, exact, folded, function, unique};

/// One column of a select list, its expression resolved.
#[derive(Debug, Clone)]
pub(super) struct Item {
    /// What PostgreSQL calls it.
    pub(super) name: String,
    /// Its expression.
    pub(super) expr: Expr,
    data_type: Option<DataType>,
    source: Option<Source>,
}

impl Resolver<'_> {
    /// Resolves a SELECT and the ORDER BY that belongs to it.
    pub(super) fn select(
        &mut self,
        select: &mut Select,
        order_by: Option<OrderBy>,
    ) -> Result<(Vec<Output>, Option<OrderBy>)> {
        let frame = self.from(&mut select.from)?;
        self.windows.push(function::windows(std::mem::take(&mut select.named_window)));
        let done = self.within(frame, |this| this.clauses(select, order_by));
        self.windows.pop();
        done
    }

    fn clauses(
        &mut self,
        select: &mut Select,
        order_by: Option<OrderBy>,
    ) -> Result<(Vec<Output>, Option<OrderBy>)> {
        let items = self.items(std::mem::take(&mut select.projection))?;
        if let Some(selection) = &mut select.selection {
            self.row_conditions(selection)?;
            self.where_barred(Barred::in_clause("WHERE"), |this| this.expr(selection))?;
        }
        if let GroupByExpr::Expressions(exprs, _) = &mut select.group_by {
            self.where_barred(Barred::in_clause("GROUP BY"), |this| {
                exprs.iter_mut().try_for_each(|expr| this.group_by(expr, &items))
            })?;
        }
        if let Some(having) = &mut select.having {
            self.where_barred(Barred::default().windows_in("HAVING"), |this| this.expr(having))?;
        }
        let purpose = match &mut select.distinct {
            Some(Distinct::On(exprs)) => {
                for expr in exprs {
                    self.order_expr(expr, &items, Purpose::DistinctOn)?;
                }
                Purpose::OrderDistinctOn
            }
            Some(Distinct::Distinct) => Purpose::OrderDistinct,
            Some(Distinct::All) | None => Purpose::Order,
        };
        let order_by = order_by.map(|order_by| self.order_by_items(order_by, &items, purpose)).transpose()?;
        let outputs = self.outputs(&items, order_by.as_ref());
        select.projection = items
            .into_iter()
            .zip(&outputs)
            .map(|(item, output)| SelectItem::ExprWithAlias {
                expr: item.expr,
                alias: exact(&output.internal),
            })
            .collect();
        Ok((outputs, order_by))
    }

    /// The select list with its wildcards written out.
    fn items(&mut self, projection: Vec<SelectItem>) -> Result<Vec<Item>> {
        let mut items = Vec::with_capacity(projection.len());
        for item in projection {
            match item {
                SelectItem::UnnamedExpr(Expr::CompoundFieldAccess { root, access_chain })
                    if is_every_field(&access_chain) =>
                {
                    self.every_field(*root, access_chain, &mut items)?;
                }
                SelectItem::UnnamedExpr(expr) => {
                    let name = self.output_name(&expr);
                    items.push(self.item(name, expr)?);
                }
                SelectItem::ExprWithAlias { expr, alias } => {
                    items.push(self.item(folded(&alias), expr)?);
                }
                SelectItem::Wildcard(_) => {
                    let frame = self
                        .frames
                        .last()
                        .filter(|frame| !frame.columns.is_empty() || !frame.relations.is_empty());
                    let frame = frame.ok_or_else(|| {
                        Error::new(SqlState::SYNTAX_ERROR, "SELECT * with no tables specified is not valid")
                    })?;
                    items.extend(frame.columns.iter().map(Item::of_column));
                }
                SelectItem::QualifiedWildcard(SelectItemQualifiedWildcardKind::ObjectName(name), _) => {
                    let idents: Vec<_> = name.0.iter().filter_map(|part| part.as_ident().cloned()).collect();
                    let relation =
                        self.find_relation(&idents)?.ok_or_else(|| self.unknown_relation(&idents))?;
                    items.extend(relation.columns.iter().map(Item::of_column));
                }
                // Refused by `check` already.
                SelectItem::QualifiedWildcard(..) | SelectItem::ExprWithAliases { .. } => {
                    return Err(Error::unsupported("this kind of select list is not supported"));
                }
            }
        }
        Ok(items)
    }

    /// `(x).*`: the columns of a relation, or the fields of a record.
    fn every_field(&mut self, root: Expr, mut chain: Vec<AccessExpr>, items: &mut Vec<Item>) -> Result<()> {
        chain.pop();
        if let (Some(relation), true) = (self.row_of_root(&root)?, chain.is_empty()) {
            items.extend(relation.columns.iter().map(Item::of_column));
            return Ok(());
        }
        let Some(DataType::Struct(fields)) = self.type_of(&root).filter(|_| chain.is_empty()) else {
            return Err(Error::unsupported("all fields of this value, (x).*, are not supported"));
        };
        for field in &fields {
            let access = vec![AccessExpr::Dot(Expr::Identifier(exact(field.name())))];
            let expr = Expr::CompoundFieldAccess { root: Box::new(root.clone()), access_chain: access };
            items.push(self.item(field.name().clone(), expr)?);
        }
        Ok(())
    }

    fn item(&mut self, name: String, mut expr: Expr) -> Result<Item> {
        let (data_type, source) = (self.type_of(&expr), self.source_of(&expr));
        self.expr(&mut expr)?;
        Ok(Item { name, expr, data_type, source })
    }

    /// The names of the columns in the rewritten query: PostgreSQL's where they do not repeat.
    ///
    /// Where ORDER BY names a column that is not in the select list, DataFusion carries that
    /// column along, and then no output may be called like any column of FROM. In a subquery it does so for the
    /// columns that the query around compares.
    fn outputs(&mut self, items: &[Item], order_by: Option<&OrderBy>) -> Vec<Output> {
        let mut taken: HashSet<String> = HashSet::new();
        let joins_input = order_by.is_some_and(crate::resolve::order::needs_input) || self.subquery_depth > 0;
        if joins_input && let Some(frame) = self.frames.last() {
            let relations = frame.relations.iter().flat_map(|relation| &relation.columns);
            taken.extend(relations.chain(&frame.columns).filter_map(|column| match &column.target {
                Expr::CompoundIdentifier(parts) => parts.last().map(|ident| ident.value.clone()),
                _ => None,
            }));
        }
        items
            .iter()
            .map(|item| {
                let internal = unique(&item.name, |name| taken.contains(name) || self.aliases.contains(name));
                taken.insert(internal.clone());
                self.columns.insert(internal.clone());
                Output {
                    name: item.name.clone(),
                    internal,
                    data_type: item.data_type.clone(),
                    source: item.source,
                }
            })
            .collect()
    }
}

/// Whether the last of an access asks for all fields.
fn is_every_field(chain: &[AccessExpr]) -> bool {
    matches!(chain.last(), Some(AccessExpr::Dot(Expr::Identifier(ident))) if ident.value == EVERY_FIELD)
}

impl Item {
    fn of_column(column: &Column) -> Self {
        Self {
            name: column.name.clone(),
            expr: column.target.clone(),
            data_type: column.data_type.clone(),
            source: column.source,
        }
    }
}
