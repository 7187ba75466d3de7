//! Rows in expressions: `(a, b) = (c, d)`, `(a, b) IN (SELECT …)`, and comparisons with all rows of a query.
//!
//! A comparison of rows is one of their fields, as PostgreSQL defines it; so is its NULL. DataFusion would
//! compare records as wholes, in which NULL is equal to NULL.
//!
//! Source: <https://www.postgresql.org/docs/15/functions-comparisons.html>

use datafusion::sql::sqlparser::ast::helpers::attached_token::AttachedToken;
use datafusion::sql::sqlparser::ast::{
    BinaryOperator, CaseWhen, Expr, Function, FunctionArg, FunctionArgExpr, FunctionArguments, Ident, Query,
    SelectItem, SetExpr, TableAlias, TableAliasColumnDef, TableFactor, TableWithJoins, Value,
};
use datafusion::sql::sqlparser::dialect::PostgreSqlDialect;
use datafusion::sql::sqlparser::parser::Parser;
use lakeport_base::SqlState;

use crate::error::{Error, Result};
use crate::resolve::function::call;
use crate::resolve::{Resolver, exact};

/// What a query is called whose rows are compared with one: no name that a statement would have.
pub(super) const COMPARED: &str = "?rows?";

/// Copies of a query grow with each query that it stands in; PostgreSQL needs none. A guess at what no
/// statement needs.
const DEPTH_MAX: usize = 4;

/// Where a comparison with a query's rows stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Place {
    /// Where NULL is as good as false: a condition of WHERE.
    Condition,
    Anywhere,
}

impl Resolver<'_> {
    /// Writes comparisons of rows as comparisons of their fields, if the expression is one. Nothing in it
    /// is resolved by that.
    pub(super) fn row_comparison(&self, expr: &mut Expr) -> Result<()> {
        self.compared(expr, Place::Anywhere)
    }

    /// The same for the conditions of WHERE, which an AND binds together.
    pub(super) fn row_conditions(&self, expr: &mut Expr) -> Result<()> {
        match expr {
            Expr::BinaryOp { left, op: BinaryOperator::And, right } => {
                self.row_conditions(left)?;
                self.row_conditions(right)
            }
            Expr::Nested(inner) => self.row_conditions(inner),
            other => self.compared(other, Place::Condition),
        }
    }

    fn compared(&self, expr: &mut Expr, place: Place) -> Result<()> {
        let compared = match expr {
            Expr::BinaryOp { left, op: BinaryOperator::Overlaps, right } => Some(self.overlaps(left, right)?),
            Expr::BinaryOp { left, op, right } => match (fields(left), fields(right)) {
                (Some(left), Some(right)) => Some(compare(op, left, right)?),
                _ => None,
            },
            Expr::IsDistinctFrom(left, right) => match (fields(left), fields(right)) {
                (Some(left), Some(right)) => Some(distinct(left, right)?),
                _ => None,
            },
            Expr::IsNotDistinctFrom(left, right) => match (fields(left), fields(right)) {
                (Some(left), Some(right)) => Some(not(distinct(left, right)?)),
                _ => None,
            },
            Expr::IsNull(inner) => fields(inner).and_then(|fields| every(fields, Expr::IsNull)),
            Expr::IsNotNull(inner) => fields(inner).and_then(|fields| every(fields, Expr::IsNotNull)),
            Expr::InList { expr: left, list, negated } => listed(left, list, *negated)?,
            Expr::InSubquery { expr: left, subquery, negated } => {
                self.in_query(left, subquery, *negated, place)?
            }
            Expr::AnyOp { left, compare_op, right, .. } => {
                self.quantified(left, compare_op, right, true, place)?
            }
            Expr::AllOp { left, compare_op, right } => {
                self.quantified(left, compare_op, right, false, place)?
            }
            _ => None,
        };
        if let Some(compared) = compared {
            *expr = compared;
        }
        Ok(())
    }

    fn in_query(
        &self,
        left: &Expr,
        subquery: &mut Box<Query>,
        negated: bool,
        place: Place,
    ) -> Result<Option<Expr>> {
        if let Some(rows) = plain_values(subquery) {
            let list = rows.iter().map(|row| match row.as_slice() {
                [only] => only.clone(),
                many => Expr::Tuple(many.to_vec()),
            });
            let list: Vec<Expr> = list.collect();
            return Ok(match listed(left, &list, negated)? {
                Some(listed) => Some(listed),
                None => Some(Expr::InList { expr: Box::new(left.clone()), list, negated }),
            });
        }
        let Some(left) = fields(left) else { return Ok(None) };
        let op = if negated { BinaryOperator::NotEq } else { BinaryOperator::Eq };
        self.with_rows(left, &op, subquery, !negated, place).map(Some)
    }

    fn quantified(
        &self,
        left: &Expr,
        op: &BinaryOperator,
        right: &Expr,
        is_any: bool,
        place: Place,
    ) -> Result<Option<Expr>> {
        let Expr::Subquery(subquery) = right else { return Ok(None) };
        if let Some(left) = fields(left) {
            return self.with_rows(left, op, subquery, is_any, place).map(Some);
        }
        // Of one column, the rows are an array, but where DataFusion has a join for it.
        let left = Box::new(left.clone());
        Ok(Some(match (op, is_any) {
            (BinaryOperator::Eq, true) => {
                Expr::InSubquery { expr: left, subquery: subquery.clone(), negated: false }
            }
            (BinaryOperator::NotEq, false) => {
                Expr::InSubquery { expr: left, subquery: subquery.clone(), negated: true }
            }
            (op, is_any) => {
                let rows = Box::new(call("array_subquery", vec![right.clone()]));
                let compare_op = op.clone();
                match is_any {
                    true => Expr::AnyOp { left, compare_op, right: rows, is_some: false },
                    false => Expr::AllOp { left, compare_op, right: rows },
                }
            }
        }))
    }

    /// A row compared with each row of a query: with any of them, or with all.
    fn with_rows(
        &self,
        left: &[Expr],
        op: &BinaryOperator,
        query: &Query,
        is_any: bool,
        place: Place,
    ) -> Result<Expr> {
        if self.subquery_depth >= DEPTH_MAX {
            let message = format!("comparisons of rows with queries are nested deeper than {DEPTH_MAX}");
            return Err(Error::new(SqlState::STATEMENT_TOO_COMPLEX, message));
        }
        let columns: Vec<Ident> = (1..=left.len()).map(|number| exact(&format!("?{number}?"))).collect();
        let right: Vec<Expr> = columns
            .iter()
            .map(|column| Expr::CompoundIdentifier(vec![exact(COMPARED), column.clone()]))
            .collect();
        let compared = compare(op, left, &right)?;
        let exists = |condition: Expr, negated: bool| exists(query, &columns, condition, negated);
        Ok(match (is_any, place) {
            (true, Place::Condition) => exists(compared, false)?,
            (false, Place::Condition) => exists(Expr::IsNotTrue(Box::new(compared)), true)?,
            (true, Place::Anywhere) => unless(
                (exists(compared.clone(), false)?, true),
                exists(Expr::IsNull(Box::new(nested(compared))), false)?,
                false,
            ),
            (false, Place::Anywhere) => unless(
                (exists(not(compared.clone()), false)?, false),
                exists(Expr::IsNull(Box::new(nested(compared))), false)?,
                true,
            ),
        })
    }
}

/// `CASE WHEN found THEN … WHEN unknown THEN NULL ELSE … END`
fn unless((found, then): (Expr, bool), unknown: Expr, otherwise: bool) -> Expr {
    let value = |value: Value| Expr::Value(value.with_empty_span());
    Expr::Case {
        case_token: AttachedToken::empty(),
        end_token: AttachedToken::empty(),
        operand: None,
        conditions: vec![
            CaseWhen { condition: found, result: value(Value::Boolean(then)) },
            CaseWhen { condition: unknown, result: value(Value::Null) },
        ],
        else_result: Some(Box::new(value(Value::Boolean(otherwise)))),
    }
}

/// The fields of a row that is written as one.
pub(super) fn fields(expr: &Expr) -> Option<&[Expr]> {
    match expr {
        Expr::Tuple(fields) => Some(fields),
        Expr::Nested(inner) => fields(inner),
        _ => None,
    }
}

/// `ROW(a, b)` as the row that it is; none where it is no such call.
pub(super) fn constructed(call: &Function) -> Option<Vec<Expr>> {
    let name = match call.name.0.as_slice() {
        [part] => part.as_ident().filter(|ident| ident.quote_style.is_none())?,
        _ => return None,
    };
    let FunctionArguments::List(list) = &call.args else { return None };
    if !name.value.eq_ignore_ascii_case("row") {
        return None;
    }
    let field = |arg: &FunctionArg| match arg {
        FunctionArg::Unnamed(FunctionArgExpr::Expr(expr)) => Some(expr.clone()),
        _ => None,
    };
    list.args.iter().map(field).collect()
}

/// A row is NULL where every field is, and is not where none is.
fn every(fields: &[Expr], test: impl Fn(Box<Expr>) -> Expr) -> Option<Expr> {
    let tests = fields.iter().map(|field| test(Box::new(nested(field.clone()))));
    tests.reduce(|all, next| binary(all, BinaryOperator::And, next)).map(nested)
}

fn same_width(left: &[Expr], right: &[Expr]) -> Result<()> {
    match left.len() == right.len() {
        true => Ok(()),
        false => Err(Error::new(SqlState::SYNTAX_ERROR, "unequal number of entries in row expressions")),
    }
}

/// Rows compared field by field, the first that differs deciding.
fn compare(op: &BinaryOperator, left: &[Expr], right: &[Expr]) -> Result<Expr> {
    same_width(left, right)?;
    let pairs = left.iter().zip(right);
    let single = |left: &Expr, op: &BinaryOperator, right: &Expr| {
        nested(binary(left.clone(), op.clone(), right.clone()))
    };
    let together = |op: BinaryOperator, by: BinaryOperator| {
        let compared = pairs.clone().map(|(left, right)| single(left, &op, right));
        compared.reduce(|all, next| binary(all, by.clone(), next)).map(nested)
    };
    let compared = match op {
        BinaryOperator::Eq => together(BinaryOperator::Eq, BinaryOperator::And),
        BinaryOperator::NotEq => together(BinaryOperator::NotEq, BinaryOperator::Or),
        BinaryOperator::Lt | BinaryOperator::LtEq | BinaryOperator::Gt | BinaryOperator::GtEq => {
            let strict = match op {
                BinaryOperator::Lt | BinaryOperator::LtEq => BinaryOperator::Lt,
                _ => BinaryOperator::Gt,
            };
            pairs.rev().fold(None, |rest: Option<Expr>, (left, right)| {
                Some(match rest {
                    None => single(left, op, right),
                    Some(rest) => {
                        let equal = single(left, &BinaryOperator::Eq, right);
                        let tied = nested(binary(equal, BinaryOperator::And, rest));
                        nested(binary(single(left, &strict, right), BinaryOperator::Or, tied))
                    }
                })
            })
        }
        other => {
            let message = format!("could not determine interpretation of row comparison operator {other}");
            return Err(Error::unsupported(message));
        }
    };
    compared.ok_or_else(|| Error::unsupported("cannot compare rows of zero length"))
}

fn distinct(left: &[Expr], right: &[Expr]) -> Result<Expr> {
    same_width(left, right)?;
    left.iter()
        .zip(right)
        .map(|(left, right)| nested(Expr::IsDistinctFrom(Box::new(left.clone()), Box::new(right.clone()))))
        .reduce(|all, next| binary(all, BinaryOperator::Or, next))
        .map(nested)
        .ok_or_else(|| Error::unsupported("cannot compare rows of zero length"))
}

/// `(a, b) IN ((c, d), …)`, none where no rows are compared.
fn listed(left: &Expr, list: &[Expr], negated: bool) -> Result<Option<Expr>> {
    let Some(left) = fields(left) else { return Ok(None) };
    let mut found: Option<Expr> = None;
    for item in list {
        let right = fields(item).ok_or_else(|| {
            Error::new(SqlState::UNDEFINED_FUNCTION, "operator does not exist: record = a value that is none")
        })?;
        let equal = compare(&BinaryOperator::Eq, left, right)?;
        found = Some(match found {
            Some(found) => binary(found, BinaryOperator::Or, equal),
            None => equal,
        });
    }
    Ok(found.map(|found| if negated { not(nested(found)) } else { nested(found) }))
}

/// The rows of a query that is nothing but VALUES, and so a list.
fn plain_values(query: &Query) -> Option<Vec<&Vec<Expr>>> {
    let SetExpr::Values(values) = query.body.as_ref() else { return None };
    let is_plain = query.with.is_none()
        && query.order_by.is_none()
        && query.limit_clause.is_none()
        && query.fetch.is_none();
    let width = values.rows.first()?.content.len();
    let is_even = values.rows.iter().all(|row| row.content.len() == width);
    (is_plain && is_even).then(|| values.rows.iter().map(|row| &row.content).collect())
}

/// `EXISTS (SELECT 1 FROM (query) WHERE condition)`
fn exists(query: &Query, columns: &[Ident], condition: Expr, negated: bool) -> Result<Expr> {
    const FRAME: &str = "SELECT 1 FROM (SELECT 1) AS r WHERE true";
    let broken = || Error::unsupported("this comparison with a query is not supported");
    let mut parser = Parser::new(&PostgreSqlDialect {}).try_with_sql(FRAME).map_err(|_| broken())?;
    let mut frame = parser.parse_query().map_err(|_| broken())?;
    let SetExpr::Select(select) = frame.body.as_mut() else { return Err(broken()) };
    let [SelectItem::UnnamedExpr(_)] = select.projection.as_slice() else { return Err(broken()) };
    let [TableWithJoins { relation: TableFactor::Derived { subquery, alias, .. }, .. }] =
        select.from.as_mut_slice()
    else {
        return Err(broken());
    };
    **subquery = query.clone();
    let columns = columns.iter().map(|name| TableAliasColumnDef { name: name.clone(), data_type: None });
    *alias = Some(TableAlias { explicit: true, name: exact(COMPARED), columns: columns.collect(), at: None });
    select.selection = Some(condition);
    Ok(Expr::Exists { subquery: frame, negated })
}

pub(super) fn binary(left: Expr, op: BinaryOperator, right: Expr) -> Expr {
    Expr::BinaryOp { left: Box::new(left), op, right: Box::new(right) }
}

fn not(expr: Expr) -> Expr {
    use datafusion::sql::sqlparser::ast::UnaryOperator::Not;
    Expr::UnaryOp { op: Not, expr: Box::new(nested(expr)) }
}

pub(super) fn nested(expr: Expr) -> Expr {
    Expr::Nested(Box::new(expr))
}
