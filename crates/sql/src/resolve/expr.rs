//! Expressions: every name in them, and the few forms that DataFusion wants written otherwise.

use arrow::datatypes::DataType;
use datafusion::sql::sqlparser::ast::{
    AccessExpr, Array, CaseWhen, CastKind, DataType as SqlType, Expr, Ident, ObjectName, ObjectNamePart,
    Spanned, Subscript, UnaryOperator, Value,
};
use datafusion::sql::sqlparser::tokenizer::Location;
use lakeport_base::SqlState;

use crate::error::{Error, Result};
use crate::parse::Written;
use crate::plan::cast_type;
use crate::resolve::frame::{Case, Column, Relation};
use crate::resolve::{Resolver, Source, constant, exact, folded, function, ordered_set, rows};

impl Resolver<'_> {
    /// Resolves every name in an expression.
    pub(super) fn expr(&mut self, expr: &mut Expr) -> Result<()> {
        if let Expr::Function(call) = expr
            && let Some(fields) = rows::constructed(call)
        {
            *expr = Expr::Tuple(fields);
        }
        if let Expr::Function(call) = expr
            && let Some(spelled) = ordered_set::spelled(call)
        {
            *expr = spelled;
        }
        self.row_comparison(expr)?;
        match expr {
            Expr::Identifier(ident) => {
                *expr = self.identifier(ident)?;
                Ok(())
            }
            Expr::CompoundIdentifier(idents) => {
                *expr = self.qualified(idents)?;
                Ok(())
            }
            Expr::CompoundFieldAccess { root, access_chain } => {
                *expr = self.field_access(root, access_chain)?;
                Ok(())
            }
            Expr::Function(call) => self.function(call),
            Expr::Subquery(query) => {
                let location = query.span().start;
                match self.subquery(query)? {
                    1 => Ok(()),
                    _ => Err(self.too_wide(location)),
                }
            }
            Expr::Exists { subquery: query, .. } => self.subquery(query).map(drop),
            Expr::InSubquery { expr, subquery, .. } => {
                self.expr(expr)?;
                self.subquery(subquery).map(drop)
            }
            Expr::Array(Array { elem, .. }) => {
                self.exprs(&mut *elem)?;
                let items = std::mem::take(elem);
                if !items.is_empty() {
                    *expr = function::call("make_array", items);
                }
                Ok(())
            }
            Expr::AtTimeZone { timestamp, time_zone } => {
                self.expr(timestamp)?;
                self.expr(time_zone)?;
                let args = vec![time_zone.as_ref().clone(), timestamp.as_ref().clone()];
                *expr = function::call("timezone", args);
                Ok(())
            }
            Expr::Value(value) => {
                if let Some(cast) = bits(&value.value) {
                    *expr = cast;
                    return Ok(());
                }
                plain_value(&mut value.value)?;
                if let Value::Number(digits, _) = &value.value
                    && let Some(number) = constant::number(digits, false)
                {
                    *expr = number;
                }
                Ok(())
            }
            Expr::UnaryOp { op: UnaryOperator::Minus, expr: operand } => match negated(operand) {
                Some(number) => {
                    *expr = number;
                    Ok(())
                }
                None => self.expr(operand),
            },
            Expr::Cast { expr: operand, data_type, .. } => {
                match constant::read_as_float(operand, data_type) {
                    Some(text) => **operand = text,
                    None => self.expr(operand)?,
                }
                Ok(())
            }
            // Constants with nothing to resolve in them.
            Expr::TypedString(_) | Expr::Interval(_) => Ok(()),
            _ => self.parts(expr),
        }
    }

    /// The refusal of a query that begins here and has not just one column.
    fn too_wide(&self, location: Location) -> Error {
        let error = Error::new(SqlState::SYNTAX_ERROR, "subquery must return only one column");
        match Written::new(self.text).parenthesis(location) {
            Some(position) => error.at(position),
            None => error,
        }
    }

    fn exprs<'e>(&mut self, exprs: impl IntoIterator<Item = &'e mut Expr>) -> Result<()> {
        exprs.into_iter().try_for_each(|expr| self.expr(expr))
    }

    /// Resolves an expression that is only made of others.
    fn parts(&mut self, expr: &mut Expr) -> Result<()> {
        match expr {
            Expr::IsFalse(expr)
            | Expr::IsNotFalse(expr)
            | Expr::IsTrue(expr)
            | Expr::IsNotTrue(expr)
            | Expr::IsNull(expr)
            | Expr::IsNotNull(expr)
            | Expr::IsUnknown(expr)
            | Expr::IsNotUnknown(expr)
            | Expr::UnaryOp { expr, .. }
            | Expr::Extract { expr, .. }
            | Expr::Ceil { expr, .. }
            | Expr::Floor { expr, .. }
            | Expr::Nested(expr) => self.expr(expr),
            Expr::IsDistinctFrom(left, right)
            | Expr::IsNotDistinctFrom(left, right)
            | Expr::BinaryOp { left, right, .. }
            | Expr::AnyOp { left, right, .. }
            | Expr::AllOp { left, right, .. }
            | Expr::Like { expr: left, pattern: right, .. }
            | Expr::ILike { expr: left, pattern: right, .. }
            | Expr::SimilarTo { expr: left, pattern: right, .. }
            | Expr::Position { expr: left, r#in: right } => self.exprs([left.as_mut(), right.as_mut()]),
            Expr::Between { expr, low, high, .. } => self.exprs([expr.as_mut(), low.as_mut(), high.as_mut()]),
            Expr::InList { expr, list, .. } => {
                self.expr(expr)?;
                self.exprs(list)
            }
            Expr::Substring { expr, substring_from, substring_for, .. } => {
                self.expr(expr)?;
                self.exprs(substring_from.iter_mut().chain(substring_for).map(AsMut::as_mut))
            }
            Expr::Trim { expr, trim_what, trim_characters, .. } => {
                self.expr(expr)?;
                self.exprs(trim_what.iter_mut().map(AsMut::as_mut))?;
                self.exprs(trim_characters.iter_mut().flatten())
            }
            Expr::Overlay { expr, overlay_what, overlay_from, overlay_for } => {
                self.exprs([expr.as_mut(), overlay_what.as_mut(), overlay_from.as_mut()])?;
                self.exprs(overlay_for.iter_mut().map(AsMut::as_mut))
            }
            Expr::Case { operand, conditions, else_result, .. } => {
                self.exprs(operand.iter_mut().map(AsMut::as_mut))?;
                for CaseWhen { condition, result } in conditions {
                    self.exprs([condition, result])?;
                }
                self.exprs(else_result.iter_mut().map(AsMut::as_mut))
            }
            Expr::Tuple(exprs) => {
                self.exprs(&mut *exprs)?;
                *expr = function::call("row", std::mem::take(exprs));
                Ok(())
            }
            Expr::Rollup(sets) | Expr::Cube(sets) | Expr::GroupingSets(sets) => {
                self.exprs(sets.iter_mut().flatten())
            }
            _ => Err(Error::unsupported("this kind of expression is not supported")),
        }
    }

    fn identifier(&mut self, ident: &Ident) -> Result<Expr> {
        if let Some(keyword) = function::keyword(ident) {
            return self.keyword_call(keyword, ident);
        }
        if let Some(column) = self.find_column(ident)? {
            return Ok(placed(column.target, ident));
        }
        match self.find_relation(std::slice::from_ref(ident))? {
            Some(relation) => Ok(whole_row(relation)),
            None => Err(self.unknown_name(ident)),
        }
    }

    /// `t.*` where a value is wanted: the row as one.
    pub(super) fn row_of(&self, qualifier: &[Ident]) -> Result<Expr> {
        match self.find_relation(qualifier)? {
            Some(relation) => Ok(whole_row(relation)),
            None => Err(self.unknown_relation(qualifier)),
        }
    }

    fn qualified(&mut self, idents: &[Ident]) -> Result<Expr> {
        let (column, fields) = self.qualified_column(idents)?;
        Ok(placed(with_fields(column, fields), &idents[0]))
    }

    /// The column that a qualified name means, and the fields behind it where it is a struct's.
    pub(super) fn qualified_column<'i>(&self, idents: &'i [Ident]) -> Result<(Column, &'i [Ident])> {
        let (last, qualifier) = idents.split_last().ok_or_else(|| Error::unsupported("an empty name"))?;
        if let Some(relation) = self.find_relation(qualifier)? {
            return Ok((self.column_of(relation, last, qualifier)?, &[]));
        }
        // Not PostgreSQL's: it wants parentheses around a column whose field is meant.
        if let Some(column) = self.find_column(&idents[0])?
            && matches!(column.data_type, Some(DataType::Struct(_)))
        {
            return Ok((column, &idents[1..]));
        }
        if idents.len() > 2
            && let Some(relation) = self.find_relation(&idents[..1])?
        {
            let column = self.column_of(relation, &idents[1], &idents[..1])?;
            if matches!(column.data_type, Some(DataType::Struct(_))) {
                return Ok((column, &idents[2..]));
            }
        }
        Err(self.unknown_relation(qualifier))
    }

    /// `(x).field`, `x[1]`, `t.x[1]`.
    fn field_access(&mut self, root: &mut Expr, chain: &mut Vec<AccessExpr>) -> Result<Expr> {
        // The parser leaves a qualified name in front of a subscript in pieces.
        let mut idents: Vec<Ident> = Vec::new();
        match root {
            Expr::Identifier(ident) => idents.push(ident.clone()),
            Expr::CompoundIdentifier(parts) => idents.clone_from(parts),
            _ => {}
        }
        if !idents.is_empty() {
            let dots = chain
                .iter()
                .take_while(|access| matches!(access, AccessExpr::Dot(Expr::Identifier(_))))
                .count();
            for access in chain.drain(..dots) {
                if let AccessExpr::Dot(Expr::Identifier(ident)) = access {
                    idents.push(ident);
                }
            }
        }
        let (base, mut data_type) = match idents.as_slice() {
            [] if self.row_of_root(root)?.is_some() && matches!(chain.first(), Some(AccessExpr::Dot(_))) => {
                let AccessExpr::Dot(Expr::Identifier(ident)) = chain.remove(0) else {
                    return Err(Error::unsupported("this kind of field access is not supported"));
                };
                let relation = self.row_of_root(root)?.ok_or_else(|| self.unknown_name(&ident))?;
                let column = self.column_of(relation, &ident, &[])?;
                (column.target, column.data_type)
            }
            [] => {
                let data_type = self.type_of(root);
                self.expr(root)?;
                (root.clone(), data_type)
            }
            [only] => (self.identifier(only)?, self.type_of(&Expr::Identifier(only.clone()))),
            many => (self.qualified(many)?, None),
        };
        for access in chain.iter_mut() {
            self.access(access, &mut data_type)?;
        }
        if chain.is_empty() {
            return Ok(base);
        }
        Ok(Expr::CompoundFieldAccess { root: Box::new(base), access_chain: std::mem::take(chain) })
    }

    /// The relation whose rows a name in parentheses means, where no column has that name.
    pub(super) fn row_of_root(&self, root: &Expr) -> Result<Option<&Relation>> {
        match root {
            Expr::Nested(inner) => self.row_of_root(inner),
            Expr::Identifier(ident) => match self.find_column(ident)? {
                Some(_) => Ok(None),
                None => self.find_relation(std::slice::from_ref(ident)),
            },
            _ => Ok(None),
        }
    }

    fn access(&mut self, access: &mut AccessExpr, data_type: &mut Option<DataType>) -> Result<()> {
        match access {
            AccessExpr::Dot(Expr::Identifier(ident)) => {
                let (name, inner) = field(data_type.as_ref(), ident);
                *data_type = inner;
                *access = AccessExpr::Dot(Expr::Value(Value::SingleQuotedString(name).with_empty_span()));
                Ok(())
            }
            AccessExpr::Dot(_) => Err(Error::unsupported("this kind of field access is not supported")),
            AccessExpr::Subscript(Subscript::Index { index }) => {
                *data_type = None;
                self.expr(index)
            }
            AccessExpr::Subscript(Subscript::Slice { lower_bound, upper_bound, stride }) => {
                // An open end reaches as far as there are elements.
                lower_bound.get_or_insert_with(|| number("2147483648", UnaryOperator::Minus));
                upper_bound.get_or_insert_with(|| number("2147483647", UnaryOperator::Plus));
                self.exprs(lower_bound.iter_mut().chain(upper_bound).chain(stride))
            }
        }
    }

    /// The column of a table that an expression simply is.
    ///
    /// Source: `markTargetListOrigin` in PostgreSQL's `parse_target.c`; a cast to a column's own type is none.
    pub(super) fn source_of(&self, expr: &Expr) -> Option<Source> {
        match expr {
            Expr::Identifier(ident) if function::keyword(ident).is_some() => None,
            Expr::Identifier(ident) => self.find_column(ident).ok()??.source,
            Expr::CompoundIdentifier(idents) => match self.qualified_column(idents).ok()? {
                (column, []) => column.source,
                _ => None,
            },
            Expr::Nested(inner) => self.source_of(inner),
            Expr::Cast { expr, data_type, array: false, format: None, .. } => {
                let source = self.source_of(expr)?;
                (cast_type(data_type) == Some(source.column_type)).then_some(source)
            }
            _ => None,
        }
    }

    /// The type of an expression that is simply a column.
    pub(super) fn type_of(&self, expr: &Expr) -> Option<DataType> {
        match expr {
            Expr::Identifier(ident) => self.find_column(ident).ok()??.data_type,
            Expr::CompoundIdentifier(idents) => match self.qualified_column(idents).ok()? {
                (column, []) => column.data_type,
                _ => None,
            },
            Expr::Nested(inner) => self.type_of(inner),
            _ => None,
        }
    }
}

/// A row as a value: a record of its columns, or the value of a function that gives one.
fn whole_row(relation: &Relation) -> Expr {
    if let ([only], true) = (relation.columns.as_slice(), relation.is_value) {
        return only.target.clone();
    }
    let name =
        |column: &Column| Expr::Value(Value::SingleQuotedString(column.name.clone()).with_empty_span());
    let fields = relation.columns.iter().flat_map(|column| [name(column), column.target.clone()]);
    function::call("named_struct", fields.collect())
}

/// The field of a struct that a name means, and its type.
fn field(data_type: Option<&DataType>, ident: &Ident) -> (String, Option<DataType>) {
    let wanted = folded(ident);
    if let Some(DataType::Struct(fields)) = data_type {
        for case in Case::ways(ident) {
            let mut fitting = fields.iter().filter(|field| case.fits(field.name(), &wanted));
            if let (Some(field), None) = (fitting.next(), fitting.next()) {
                return (field.name().clone(), Some(field.data_type().clone()));
            }
        }
    }
    (wanted, None)
}

/// A column that stands where it is written, so that a complaint can point there.
fn placed(mut column: Expr, written: &Ident) -> Expr {
    if let Expr::CompoundIdentifier(parts) = &mut column
        && let Some(first) = parts.first_mut()
    {
        first.span = written.span;
    }
    column
}

fn with_fields(column: Column, fields: &[Ident]) -> Expr {
    let mut data_type = column.data_type;
    let mut chain = Vec::with_capacity(fields.len());
    for ident in fields {
        let (name, inner) = field(data_type.as_ref(), ident);
        data_type = inner;
        chain.push(AccessExpr::Dot(Expr::Value(Value::SingleQuotedString(name).with_empty_span())));
    }
    if chain.is_empty() {
        return column.target;
    }
    Expr::CompoundFieldAccess { root: Box::new(column.target), access_chain: chain }
}

fn number(digits: &str, op: UnaryOperator) -> Expr {
    let number = Expr::Value(Value::Number(digits.into(), false).with_empty_span());
    Expr::UnaryOp { op, expr: Box::new(number) }
}

/// A constant with a minus in front of it, which belongs to the constant.
fn negated(operand: &Expr) -> Option<Expr> {
    match operand {
        Expr::Value(value) => match &value.value {
            Value::Number(digits, _) => constant::number(digits, true),
            _ => None,
        },
        _ => None,
    }
}

/// `B'101'` and `X'1F'` as casts.
fn bits(value: &Value) -> Option<Expr> {
    let (sign, digits) = match value {
        Value::SingleQuotedByteStringLiteral(digits) => ("b", digits),
        Value::HexStringLiteral(digits) => ("x", digits),
        _ => return None,
    };
    let text = Value::SingleQuotedString(format!("{sign}{digits}")).with_empty_span();
    // The type without a length, which would be 1 in PostgreSQL's own spelling.
    let data_type = SqlType::Custom(ObjectName(vec![ObjectNamePart::Identifier(exact("bit"))]), Vec::new());
    Some(Expr::Cast {
        kind: CastKind::Cast,
        expr: Box::new(Expr::Value(text)),
        data_type,
        array: false,
        format: None,
    })
}

/// Writes a literal in the one way that DataFusion reads.
fn plain_value(value: &mut Value) -> Result<()> {
    match value {
        Value::Number(..)
        | Value::SingleQuotedString(_)
        | Value::DollarQuotedString(_)
        | Value::EscapedStringLiteral(_)
        | Value::Boolean(_)
        | Value::Null => Ok(()),
        Value::Placeholder(name) => match name.strip_prefix('$').map(str::parse::<usize>) {
            Some(Ok(number)) if (1..=PARAMETERS_MAX).contains(&number) => Ok(()),
            _ => {
                let message = format!("there is no parameter {name}");
                Err(Error::new(SqlState::UNDEFINED_PARAMETER, message))
            }
        },
        Value::NationalStringLiteral(text) | Value::UnicodeStringLiteral(text) => {
            *value = Value::SingleQuotedString(std::mem::take(text));
            Ok(())
        }
        _ => Err(Error::unsupported("bit strings are not supported")),
    }
}

/// What a Bind message can count.
const PARAMETERS_MAX: usize = 65_535;
