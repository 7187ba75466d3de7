//! Where the parts of a statement stand in its text.
//!
//! The parser tells where names and constants are. What stands around them, an operator or `CAST (`, is found among the
//! lexemes beside them. Positions are characters of the text, from 1.

use datafusion::sql::sqlparser::ast::{Array, BinaryOperator, CastKind, DataType, Expr, Spanned};
use datafusion::sql::sqlparser::tokenizer::{Location, Span};

use crate::parse::lex::{Lexeme, Lexer};
use crate::parse::reader::byte_of;

/// A text, cut into its lexemes.
pub(crate) struct Written<'a> {
    text: &'a str,
    lexemes: Vec<Lexeme<'a>>,
}

impl<'a> Written<'a> {
    /// Cuts a text that has been read already.
    pub(crate) fn new(text: &'a str) -> Self {
        let mut lexer = Lexer::new(text, 0);
        let mut lexemes = Vec::new();
        while let Ok(Some(lexeme)) = lexer.next() {
            lexemes.push(lexeme);
        }
        Self { text, lexemes }
    }

    /// Where an expression begins, as PostgreSQL has it: parentheses around it are no part of it.
    pub(crate) fn start(&self, expr: &Expr) -> Option<usize> {
        self.first(expr).map(|index| self.position(index))
    }

    /// Where the operator of an expression stands.
    pub(crate) fn operator(&self, expr: &Expr) -> Option<usize> {
        self.operator_index(expr).map(|index| self.position(index))
    }

    /// Where the word or sign that makes a cast stands.
    pub(crate) fn cast(&self, expr: &Expr) -> Option<usize> {
        let Expr::Cast { kind, expr: inner, .. } = expr else { return None };
        if *kind != CastKind::DoubleColon {
            return self.start(expr);
        }
        let from = self.index_behind(inner.span())?;
        let colons = (from..self.lexemes.len()).find(|index| self.lexemes[*index].text == "::")?;
        Some(self.position(colons))
    }

    /// Where a type is named, unless it is one of those that the parser has words for.
    pub(crate) fn type_name(&self, data_type: &DataType) -> Option<usize> {
        match data_type {
            DataType::Custom(name, _) => self.place(name.span()),
            _ => None,
        }
    }

    /// Where this piece begins.
    pub(crate) fn place(&self, span: Span) -> Option<usize> {
        self.index(span).map(|index| self.position(index))
    }

    /// Where the parenthesis in front of a place stands.
    pub(crate) fn parenthesis(&self, location: Location) -> Option<usize> {
        let inner = (location.line > 0).then(|| self.from(location))?;
        (0..inner).rev().find(|index| self.is(*index, "(")).map(|index| self.position(index))
    }

    fn position(&self, index: usize) -> usize {
        let byte = self.lexemes.get(index).map_or(self.text.len(), |lexeme| lexeme.start);
        self.text[..byte].chars().count() + 1
    }

    /// The lexeme that a piece begins with; none for what is not in the text.
    fn index(&self, span: Span) -> Option<usize> {
        (span.start.line > 0).then(|| self.from(span.start))
    }

    fn index_behind(&self, span: Span) -> Option<usize> {
        (span.end.line > 0).then(|| self.from(span.end))
    }

    fn from(&self, location: Location) -> usize {
        let byte = byte_of(self.text, location);
        self.lexemes.partition_point(|lexeme| lexeme.start < byte)
    }

    fn is(&self, index: usize, word: &str) -> bool {
        self.lexemes.get(index).is_some_and(|lexeme| lexeme.text.eq_ignore_ascii_case(word))
    }

    fn is_operator(&self, index: usize, op: &BinaryOperator) -> bool {
        match op {
            BinaryOperator::NotEq => self.is(index, "<>") || self.is(index, "!="),
            BinaryOperator::PGCustomBinaryOperator(parts) => {
                parts.last().is_some_and(|sign| self.is(index, sign))
            }
            other => self.is(index, &other.to_string()),
        }
    }

    /// The last of these words in front of a lexeme, if it is at most [`HEAD_MAX`] lexemes away.
    fn word_before(&self, index: usize, word: &str) -> Option<usize> {
        (index.saturating_sub(HEAD_MAX)..index).rev().find(|before| self.is(*before, word))
    }

    fn first(&self, expr: &Expr) -> Option<usize> {
        match expr {
            Expr::Nested(inner)
            | Expr::BinaryOp { left: inner, .. }
            | Expr::IsNull(inner)
            | Expr::IsNotNull(inner)
            | Expr::IsDistinctFrom(inner, _)
            | Expr::IsNotDistinctFrom(inner, _)
            | Expr::InList { expr: inner, .. }
            | Expr::InSubquery { expr: inner, .. }
            | Expr::Between { expr: inner, .. }
            | Expr::Like { expr: inner, .. }
            | Expr::ILike { expr: inner, .. }
            | Expr::SimilarTo { expr: inner, .. }
            | Expr::AnyOp { left: inner, .. }
            | Expr::AllOp { left: inner, .. }
            | Expr::AtTimeZone { timestamp: inner, .. }
            | Expr::CompoundFieldAccess { root: inner, .. }
            | Expr::Cast { kind: CastKind::DoubleColon, expr: inner, .. } => self.first(inner),
            Expr::UnaryOp { expr: inner, .. } => self.before(self.first(inner)?),
            Expr::Cast { expr: inner, .. } => self.word_before(self.first(inner)?, "cast"),
            Expr::Extract { expr: inner, .. } => self.word_before(self.first(inner)?, "extract"),
            Expr::Substring { expr: inner, .. } => self.word_before(self.first(inner)?, "substring"),
            Expr::Trim { expr: inner, .. } => self.word_before(self.first(inner)?, "trim"),
            Expr::Position { expr: inner, .. } => self.word_before(self.first(inner)?, "position"),
            Expr::Overlay { expr: inner, .. } => self.word_before(self.first(inner)?, "overlay"),
            Expr::Ceil { expr: inner, .. } => self.word_before(self.first(inner)?, "ceil"),
            Expr::Floor { expr: inner, .. } => self.word_before(self.first(inner)?, "floor"),
            Expr::Exists { subquery, .. } => self.word_before(self.index(subquery.span())?, "exists"),
            Expr::Subquery(query) => self.index(query.span())?.checked_sub(1),
            Expr::Array(Array { elem, named: true }) => self.word_before(self.first(elem.first()?)?, "array"),
            Expr::Tuple(exprs) => self.first(exprs.first()?)?.checked_sub(1),
            other => self.index(other.span()),
        }
    }

    /// The lexeme in front of another, opening parentheses left out.
    fn before(&self, index: usize) -> Option<usize> {
        (0..index).rev().find(|before| !self.is(*before, "("))
    }

    fn operator_index(&self, expr: &Expr) -> Option<usize> {
        let (left, words): (&Expr, &[&str]) = match expr {
            Expr::UnaryOp { .. } => return self.first(expr),
            Expr::BinaryOp { left, op, right } => {
                let before = self.first(right).and_then(|first| self.before(first));
                if let Some(before) = before.filter(|before| self.is_operator(*before, op)) {
                    return Some(before);
                }
                let from = self.index_behind(left.span())?;
                return (from..self.lexemes.len()).find(|index| self.is_operator(*index, op));
            }
            Expr::IsDistinctFrom(left, _) | Expr::IsNotDistinctFrom(left, _) => (left, &["is"]),
            Expr::InList { expr, .. } | Expr::InSubquery { expr, .. } => (expr, &["in", "not"]),
            Expr::Between { expr, .. } => (expr, &["between", "not"]),
            Expr::Like { expr, .. } | Expr::ILike { expr, .. } => (expr, &["like", "ilike", "not"]),
            Expr::SimilarTo { expr, .. } => (expr, &["similar", "not"]),
            Expr::AnyOp { left, compare_op, .. } | Expr::AllOp { left, compare_op, .. } => {
                let from = self.index_behind(left.span())?;
                return (from..self.lexemes.len()).find(|index| self.is_operator(*index, compare_op));
            }
            // NULLIF compares, and is called as a function is.
            other => return self.first(other),
        };
        let from = self.index_behind(left.span())?;
        (from..self.lexemes.len()).find(|index| words.iter().any(|word| self.is(*index, word)))
    }
}

/// How many lexemes stand at most between `EXTRACT` or `TRIM` and what it is of: `( BOTH 'x' FROM (`, and some more.
const HEAD_MAX: usize = 8;
