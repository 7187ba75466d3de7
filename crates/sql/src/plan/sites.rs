//! The places of a statement that an error may be about, and the statement without some of them.
//!
//! Invariant: what is taken out leaves what it was made of, so that faults inside of it stay.

use std::ops::ControlFlow;

use datafusion::sql::sqlparser::ast::helpers::attached_token::AttachedToken;
use datafusion::sql::sqlparser::ast::{
    Array, ArrayElemTypeDef, BinaryOperator, CaseWhen, DataType, Expr, Function, FunctionArg,
    FunctionArgExpr, FunctionArguments, JoinConstraint, JoinOperator, Query, Select, SelectItem, SetExpr,
    TypedString, UnaryOperator, Value, VisitMut, VisitorMut,
};

use crate::error::Culprit;
use crate::parse::Written;
use crate::resolve::parts as parts_of_name;

/// One place.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Site {
    /// The character at which it begins, where that can be told.
    pub(super) position: Option<usize>,
    /// What messages call the clause that it is in, or a function by its schema, where they do.
    pub(super) words: String,
}

/// The places of a query that may be meant, in the order in which PostgreSQL comes to them. Those from number `kept` on
/// are taken out of it.
pub(super) fn sites(query: &mut Query, culprit: &Culprit, written: &Written<'_>, kept: usize) -> Vec<Site> {
    let mut walk = Walk { culprit, written, kept, found: Vec::new() };
    let _: ControlFlow<()> = query.visit(&mut walk);
    walk.found
}

struct Walk<'a> {
    culprit: &'a Culprit,
    written: &'a Written<'a>,
    kept: usize,
    found: Vec<Site>,
}

impl VisitorMut for Walk<'_> {
    type Break = ();

    fn post_visit_expr(&mut self, expr: &mut Expr) -> ControlFlow<()> {
        self.expr(expr);
        ControlFlow::Continue(())
    }

    fn post_visit_select(&mut self, select: &mut Select) -> ControlFlow<()> {
        if *self.culprit == Culprit::Condition {
            self.conditions(select);
        }
        ControlFlow::Continue(())
    }

    fn post_visit_query(&mut self, query: &mut Query) -> ControlFlow<()> {
        if let Culprit::Column(index) = *self.culprit {
            self.columns(&mut query.body, index);
        }
        ControlFlow::Continue(())
    }
}

impl Walk<'_> {
    /// Counts a place; whether it stays.
    fn count(&mut self, position: Option<usize>, words: &str) -> bool {
        self.found.push(Site { position, words: words.to_owned() });
        self.found.len() <= self.kept
    }

    fn expr(&mut self, expr: &mut Expr) {
        match self.culprit {
            Culprit::Constant(text) if constant(expr).is_some_and(|found| found == text) => {
                let position = self.written.start(expr);
                if !self.count(position, "") {
                    *expr = null();
                }
            }
            Culprit::Function(name) if is_call(expr, name) => {
                let position = self.written.start(expr);
                let words = qualified_name(expr);
                if !self.count(position, &words.unwrap_or_default()) {
                    *expr = hollow(expr);
                }
            }
            Culprit::Operator(sign) if is_operation(expr, sign) => {
                self.whole(expr, |written, expr| written.operator(expr));
            }
            Culprit::Cast if matches!(expr, Expr::Cast { .. }) => {
                self.whole(expr, |written, expr| written.cast(expr));
            }
            Culprit::Type(name) => {
                if let Some(data_type) = named_type(expr).filter(|found| is_named(found, name)) {
                    let position = self.written.type_name(data_type);
                    self.count(position, "");
                }
            }
            Culprit::Value(construct) => {
                for value in values(expr, construct) {
                    self.value(value);
                }
            }
            Culprit::Condition => self.sides(expr),
            _ => {}
        }
    }

    /// Counts an expression, and takes it out where it goes.
    fn whole(&mut self, expr: &mut Expr, position: impl Fn(&Written<'_>, &Expr) -> Option<usize>) {
        let position = position(self.written, expr);
        if !self.count(position, "") {
            *expr = hollow(expr);
        }
    }

    /// Counts one of the values that are to be of one type. Without it, there is a NULL that is of any.
    fn value(&mut self, expr: &mut Expr) {
        let position = self.written.start(expr);
        if !self.count(position, "") {
            *expr = if is_plain(expr) { null() } else { hollow(expr) };
        }
    }

    fn condition(&mut self, condition: &mut Expr, clause: &'static str) {
        let position = self.written.start(condition);
        if !self.count(position, clause) {
            *condition = Expr::IsNotNull(Box::new(nested(condition.clone())));
        }
    }

    /// The sides of AND, OR and NOT, and the conditions of CASE.
    fn sides(&mut self, expr: &mut Expr) {
        match expr {
            Expr::BinaryOp { left, op: BinaryOperator::And, right } => {
                self.condition(left, "AND");
                self.condition(right, "AND");
            }
            Expr::BinaryOp { left, op: BinaryOperator::Or, right } => {
                self.condition(left, "OR");
                self.condition(right, "OR");
            }
            Expr::UnaryOp { op: UnaryOperator::Not, expr: inner } => self.condition(inner, "NOT"),
            Expr::Case { operand: None, conditions, .. } => {
                for when in conditions {
                    self.condition(&mut when.condition, "CASE/WHEN");
                }
            }
            _ => {}
        }
    }

    fn conditions(&mut self, select: &mut Select) {
        for join in select.from.iter_mut().flat_map(|item| &mut item.joins) {
            if let JoinOperator::Join(JoinConstraint::On(condition))
            | JoinOperator::Inner(JoinConstraint::On(condition))
            | JoinOperator::Left(JoinConstraint::On(condition))
            | JoinOperator::LeftOuter(JoinConstraint::On(condition))
            | JoinOperator::Right(JoinConstraint::On(condition))
            | JoinOperator::RightOuter(JoinConstraint::On(condition))
            | JoinOperator::FullOuter(JoinConstraint::On(condition)) = &mut join.join_operator
            {
                self.condition(condition, "JOIN/ON");
            }
        }
        if let Some(condition) = &mut select.selection {
            self.condition(condition, "WHERE");
        }
        if let Some(condition) = &mut select.having {
            self.condition(condition, "HAVING");
        }
    }

    /// The columns of this number of all queries and rows that a set operation or VALUES puts together. Queries in
    /// parentheses are visited on their own.
    fn columns(&mut self, body: &mut SetExpr, index: usize) {
        match body {
            SetExpr::SetOperation { left, right, .. } => {
                self.columns(left, index);
                self.columns(right, index);
            }
            SetExpr::Select(select) => {
                let is_plain = |item: &SelectItem| {
                    matches!(item, SelectItem::UnnamedExpr(_) | SelectItem::ExprWithAlias { .. })
                };
                if select.projection.iter().take(index + 1).all(is_plain)
                    && let Some(SelectItem::UnnamedExpr(expr) | SelectItem::ExprWithAlias { expr, .. }) =
                        select.projection.get_mut(index)
                {
                    self.value(expr);
                }
            }
            SetExpr::Values(values) => {
                for expr in values.rows.iter_mut().filter_map(|row| row.content.get_mut(index)) {
                    self.value(expr);
                }
            }
            _ => {}
        }
    }
}

/// The text of a constant that is one.
fn constant(expr: &Expr) -> Option<&str> {
    let value = match expr {
        Expr::Value(value) | Expr::TypedString(TypedString { value, .. }) => &value.value,
        _ => return None,
    };
    match value {
        Value::SingleQuotedString(text)
        | Value::EscapedStringLiteral(text)
        | Value::NationalStringLiteral(text)
        | Value::UnicodeStringLiteral(text) => Some(text),
        Value::DollarQuotedString(text) => Some(&text.value),
        _ => None,
    }
}

fn function_name(function: &Function) -> Option<String> {
    let ident = function.name.0.last()?.as_ident()?;
    Some(if ident.quote_style.is_some() { ident.value.clone() } else { ident.value.to_ascii_lowercase() })
}

/// Whether nothing in an expression puts values or queries together.
fn is_plain(expr: &Expr) -> bool {
    match expr {
        Expr::Value(_) | Expr::Identifier(_) | Expr::CompoundIdentifier(_) | Expr::TypedString(_) => true,
        Expr::Nested(inner) | Expr::Cast { expr: inner, .. } | Expr::UnaryOp { expr: inner, .. } => {
            is_plain(inner)
        }
        Expr::BinaryOp { left, right, .. } => is_plain(left) && is_plain(right),
        _ => false,
    }
}

/// The name of a function that is called by its schema.
fn qualified_name(expr: &Expr) -> Option<String> {
    let Expr::Function(function) = expr else { return None };
    let parts = parts_of_name(&function.name);
    (parts.len() > 1).then(|| parts.join("."))
}

/// Whether an expression is a call of a function, by whatever syntax.
fn is_call(expr: &Expr, name: &str) -> bool {
    let by_syntax: &[&str] = match expr {
        Expr::Function(function) => return function_name(function).is_some_and(|found| found == name),
        Expr::Extract { .. } => &["date_part", "extract"],
        Expr::Substring { .. } => &["substr", "substring"],
        Expr::Trim { .. } => &["btrim", "ltrim", "rtrim", "trim"],
        Expr::Position { .. } => &["position", "strpos"],
        Expr::Overlay { .. } => &["overlay"],
        Expr::Ceil { .. } => &["ceil", "ceiling"],
        Expr::Floor { .. } => &["floor"],
        _ => &[],
    };
    by_syntax.contains(&name)
}

/// Whether an expression computes by an operator that messages write so.
fn is_operation(expr: &Expr, sign: &str) -> bool {
    match expr {
        Expr::BinaryOp { op: BinaryOperator::PGCustomBinaryOperator(parts), .. } => {
            parts.last().is_some_and(|found| found == sign)
        }
        Expr::BinaryOp { op, .. }
        | Expr::AnyOp { compare_op: op, .. }
        | Expr::AllOp { compare_op: op, .. } => op.to_string() == sign,
        Expr::UnaryOp { op, .. } => op.to_string() == sign,
        Expr::IsDistinctFrom(..) | Expr::IsNotDistinctFrom(..) => sign == "=" || sign.starts_with("IS "),
        Expr::InList { .. } | Expr::InSubquery { .. } => sign == "=" || sign == "<>",
        Expr::Between { .. } => [">=", "<=", "<", ">"].contains(&sign),
        Expr::Like { negated, .. } => sign == if *negated { "!~~" } else { "~~" },
        Expr::ILike { negated, .. } => sign == if *negated { "!~~*" } else { "~~*" },
        Expr::Function(function) => sign == "=" && function_name(function).as_deref() == Some("nullif"),
        _ => false,
    }
}

/// The type that a cast or a constant names.
fn named_type(expr: &Expr) -> Option<&DataType> {
    let (Expr::Cast { data_type, .. } | Expr::TypedString(TypedString { data_type, .. })) = expr else {
        return None;
    };
    let mut data_type = data_type;
    while let DataType::Array(element) = data_type {
        data_type = match element {
            ArrayElemTypeDef::AngleBracket(element)
            | ArrayElemTypeDef::SquareBracket(element, _)
            | ArrayElemTypeDef::Parenthesis(element) => element,
            ArrayElemTypeDef::None => return None,
        };
    }
    Some(data_type)
}

fn is_named(data_type: &DataType, name: &str) -> bool {
    match data_type {
        DataType::Custom(found, _) => {
            let parts = parts_of_name(found);
            parts.join(".") == name
        }
        _ => false,
    }
}

/// The values that a construct makes one type of, in the order in which PostgreSQL looks at them: ELSE comes first.
fn values<'e>(expr: &'e mut Expr, construct: &str) -> Vec<&'e mut Expr> {
    match expr {
        Expr::Case { conditions, else_result, .. } if construct == "CASE" => {
            let results = conditions.iter_mut().map(|when| &mut when.result);
            else_result.iter_mut().map(AsMut::as_mut).chain(results).collect()
        }
        Expr::Array(Array { elem, .. }) if construct == "ARRAY" => elem.iter_mut().collect(),
        Expr::Function(function)
            if function_name(function).is_some_and(|name| name.eq_ignore_ascii_case(construct)) =>
        {
            let FunctionArguments::List(list) = &mut function.args else { return Vec::new() };
            let args = list.args.iter_mut().filter_map(|arg| match arg {
                FunctionArg::Unnamed(FunctionArgExpr::Expr(expr)) => Some(expr),
                _ => None,
            });
            args.collect()
        }
        _ => Vec::new(),
    }
}

/// NULL of no type, with all that an expression is made of still in it.
fn hollow(expr: &Expr) -> Expr {
    let parts = parts(expr);
    if parts.is_empty() {
        return null();
    }
    let conditions = parts
        .into_iter()
        .map(|part| CaseWhen { condition: Expr::IsNull(Box::new(nested(part))), result: null() });
    Expr::Case {
        case_token: AttachedToken::empty(),
        end_token: AttachedToken::empty(),
        operand: None,
        conditions: conditions.collect(),
        else_result: None,
    }
}

/// What an operation, a call or a cast is made of; of any other expression, itself.
fn parts(expr: &Expr) -> Vec<Expr> {
    let one = |inner: &Expr| vec![inner.clone()];
    let two = |left: &Expr, right: &Expr| vec![left.clone(), right.clone()];
    match expr {
        Expr::Value(_) => Vec::new(),
        Expr::Function(Function { args: FunctionArguments::List(list), .. }) => {
            let args = list.args.iter().filter_map(|arg| match arg {
                FunctionArg::Unnamed(FunctionArgExpr::Expr(expr)) => Some(expr.clone()),
                _ => None,
            });
            args.collect()
        }
        Expr::Function(_) => Vec::new(),
        Expr::Cast { expr: inner, .. }
        | Expr::UnaryOp { expr: inner, .. }
        | Expr::InSubquery { expr: inner, .. }
        | Expr::Extract { expr: inner, .. }
        | Expr::Substring { expr: inner, .. }
        | Expr::Trim { expr: inner, .. }
        | Expr::Overlay { expr: inner, .. }
        | Expr::Ceil { expr: inner, .. }
        | Expr::Floor { expr: inner, .. } => one(inner),
        Expr::BinaryOp { left, right, .. }
        | Expr::IsDistinctFrom(left, right)
        | Expr::IsNotDistinctFrom(left, right)
        | Expr::Like { expr: left, pattern: right, .. }
        | Expr::ILike { expr: left, pattern: right, .. }
        | Expr::Position { expr: left, r#in: right } => two(left, right),
        Expr::AnyOp { left, .. } | Expr::AllOp { left, .. } => one(left),
        Expr::InList { expr, list, .. } => std::iter::once(expr.as_ref()).chain(list).cloned().collect(),
        Expr::Between { expr, low, high, .. } => {
            vec![expr.as_ref().clone(), low.as_ref().clone(), high.as_ref().clone()]
        }
        other => one(other),
    }
}

fn nested(expr: Expr) -> Expr {
    Expr::Nested(Box::new(expr))
}

fn null() -> Expr {
    Expr::Value(Value::Null.with_empty_span())
}
