//! PostgreSQL's dialect for the parser, without the one thing that takes for ever, and with what it lacks.
//!
//! The parser's own PostgreSQL reads each argument of a function as the name of a named argument first,
//! and any expression may be that name; when no `=>` follows, it reads the argument again. Calls in calls
//! are read twice at each level so, and twenty of them a million times. In PostgreSQL a named argument's
//! name is an identifier (<https://www.postgresql.org/docs/15/sql-syntax-calling-funcs.html>), which is
//! read once.

use std::any::TypeId;

use datafusion::sql::sqlparser::ast::{BinaryOperator, Expr};
use datafusion::sql::sqlparser::dialect::{Dialect, PostgreSqlDialect, Precedence};
use datafusion::sql::sqlparser::keywords::Keyword;
use datafusion::sql::sqlparser::parser::{Parser, ParserError};

/// PostgreSQL, as the parser knows it, but for the names of arguments.
#[derive(Debug, Default)]
pub(super) struct Postgres(PostgreSqlDialect);

impl Postgres {
    fn between_symmetric(
        &self,
        parser: &mut Parser<'_>,
        expr: &Expr,
        negated: bool,
    ) -> Result<Expr, ParserError> {
        let precedence = self.prec_value(Precedence::Between);
        let first = parser.parse_subexpr(precedence)?;
        parser.expect_keyword(Keyword::AND)?;
        let second = parser.parse_subexpr(precedence)?;
        let between = |low: &Expr, high: &Expr| {
            Box::new(Expr::Between {
                expr: Box::new(expr.clone()),
                negated,
                low: Box::new(low.clone()),
                high: Box::new(high.clone()),
            })
        };
        let op = if negated { BinaryOperator::And } else { BinaryOperator::Or };
        let (left, right) = (between(&first, &second), between(&second, &first));
        Ok(Expr::Nested(Box::new(Expr::BinaryOp { left, op, right })))
    }
}

/// What is as the parser has it: all that `PostgreSqlDialect` says of itself.
macro_rules! as_it_is {
    ($($name:ident)*) => {
        $(fn $name(&self) -> bool {
            self.0.$name()
        })*
    };
}

impl Dialect for Postgres {
    // The parser asks in places whether this is PostgreSQL, and it is.
    fn dialect(&self) -> TypeId {
        self.0.dialect()
    }

    fn supports_named_fn_args_with_expr_name(&self) -> bool {
        false
    }

    fn identifier_quote_style(&self, identifier: &str) -> Option<char> {
        self.0.identifier_quote_style(identifier)
    }

    fn is_delimited_identifier_start(&self, ch: char) -> bool {
        self.0.is_delimited_identifier_start(ch)
    }

    fn is_identifier_start(&self, ch: char) -> bool {
        self.0.is_identifier_start(ch)
    }

    fn is_identifier_part(&self, ch: char) -> bool {
        self.0.is_identifier_part(ch)
    }

    fn is_reserved_for_identifier(&self, keyword: Keyword) -> bool {
        self.0.is_reserved_for_identifier(keyword)
    }

    fn is_custom_operator_part(&self, ch: char) -> bool {
        self.0.is_custom_operator_part(ch)
    }

    fn get_next_precedence(&self, parser: &Parser<'_>) -> Option<Result<u8, ParserError>> {
        self.0.get_next_precedence(parser)
    }

    /// `BETWEEN SYMMETRIC`, which the parser lacks: true where BETWEEN is, either way round.
    fn parse_infix(
        &self,
        parser: &mut Parser<'_>,
        expr: &Expr,
        _precedence: u8,
    ) -> Option<Result<Expr, ParserError>> {
        let negated = parser.parse_keywords(&[Keyword::NOT, Keyword::BETWEEN, Keyword::SYMMETRIC]);
        if !negated && !parser.parse_keywords(&[Keyword::BETWEEN, Keyword::SYMMETRIC]) {
            return None;
        }
        Some(self.between_symmetric(parser, expr, negated))
    }

    fn prec_value(&self, precedence: Precedence) -> u8 {
        self.0.prec_value(precedence)
    }

    as_it_is! {
        supports_unicode_string_literal supports_filter_during_aggregation supports_group_by_expr
        allow_extract_custom allow_extract_single_quotes supports_create_index_with_clause
        supports_explain_with_utility_options supports_listen_notify supports_factorial_operator
        supports_bitwise_shift_operators supports_comment_on supports_load_extension
        supports_named_fn_args_with_colon_operator supports_empty_projections supports_nested_comments
        supports_string_escape_constant supports_numeric_literal_underscores
        supports_array_typedef_with_brackets supports_geometric_types supports_set_names
        supports_alter_column_type_using supports_notnull_operator supports_interval_options
        supports_insert_table_alias supports_create_table_like_parenthesized
        supports_select_wildcard_with_alias supports_comma_separated_trim supports_xml_expressions
        supports_comment_optimizer_hint
    }
}

#[cfg(test)]
mod tests {
    use std::time::{Duration, Instant};

    use crate::parse;

    #[test]
    fn calls_in_calls_are_read_in_a_moment() {
        let started = Instant::now();
        parse(&format!("select {}1{}", "abs(".repeat(100), ")".repeat(100))).unwrap();
        assert!(started.elapsed() < Duration::from_secs(5));
    }

    #[test]
    fn arguments_may_be_named() {
        parse("select make_interval(days => 2)").unwrap();
    }
}
