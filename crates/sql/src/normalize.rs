//! Queries without the constants that they compare with: the same for many queries that were written.
//!
//! Clients write the same few catalog queries again and again, with another table's name or oid in them. With parameters in
//! their places, one plan serves all. pg_stat_statements calls that normalization, and does it to all constants. Whether the plan means the same as that of the query as it was written is
//! for whoever plans both to find out; nothing here knows.

use std::ops::ControlFlow;

use datafusion::sql::sqlparser::ast::{
    BinaryOperator, Expr, Query, Value, ValueWithSpan, Visit, VisitMut, Visitor, VisitorMut,
};
use datafusion::sql::sqlparser::tokenizer::Span;

use crate::types::PgType;

/// A query without the constants that it compares with.
#[derive(Debug, Clone)]
pub struct Normalized {
    /// The query with `$1` and on in their places. It has no positions: an error in it says nothing of where.
    pub query: Query,
    /// What stood there, `$1` first.
    pub constants: Vec<Constant>,
}

/// A constant as it was written.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Constant {
    /// Its text, without quotes.
    pub text: String,
    /// The type that a number has by its size; none for text, whose type is that of its place.
    pub pg_type: Option<PgType>,
}

/// Most constants that are taken out of one query. More than clients' catalog queries compare with.
const CONSTANTS_MAX: usize = 32;

/// Takes the constants that columns and the like are compared with out of a query. It must have no parameters of its own.
pub fn normalize(query: &Query) -> Normalized {
    let mut taken = Taken { constants: Vec::new(), constants_max: CONSTANTS_MAX };
    let mut query = query.clone();
    let _: ControlFlow<()> = VisitMut::visit(&mut query, &mut taken);
    Normalized { query, constants: taken.constants }
}

/// The query with all of its constants, but without positions.
pub fn unplaced(query: &Query) -> Normalized {
    let mut query = query.clone();
    let mut unplaced = Taken { constants: Vec::new(), constants_max: 0 };
    let _: ControlFlow<()> = VisitMut::visit(&mut query, &mut unplaced);
    Normalized { query, constants: Vec::new() }
}

/// Whether a query has parameters.
pub fn has_parameters(query: &Query) -> bool {
    struct Search;
    impl Visitor for Search {
        type Break = ();

        fn pre_visit_value(&mut self, value: &ValueWithSpan) -> ControlFlow<()> {
            match value.value {
                Value::Placeholder(_) => ControlFlow::Break(()),
                _ => ControlFlow::Continue(()),
            }
        }
    }
    query.visit(&mut Search).is_break()
}

struct Taken {
    constants: Vec<Constant>,
    constants_max: usize,
}

impl VisitorMut for Taken {
    type Break = ();

    fn pre_visit_expr(&mut self, expr: &mut Expr) -> ControlFlow<()> {
        match expr {
            Expr::BinaryOp { left, op, right } if compares(op) => {
                // Two constants are compared when the query is planned, as in `WHERE 0 = 1`.
                match (constant(left), constant(right)) {
                    (None, Some(_)) => self.take(right),
                    (Some(_), None) => self.take(left),
                    _ => {}
                }
            }
            Expr::InList { expr, list, .. } if constant(expr).is_none() => {
                list.iter_mut().for_each(|value| self.take(value));
            }
            Expr::Like { expr, pattern, .. } | Expr::ILike { expr, pattern, .. }
                if constant(expr).is_none() && constant(pattern).is_some() =>
            {
                self.take(pattern);
            }
            _ => {}
        }
        ControlFlow::Continue(())
    }

    fn pre_visit_value(&mut self, value: &mut ValueWithSpan) -> ControlFlow<()> {
        value.span = Span::empty();
        ControlFlow::Continue(())
    }
}

impl Taken {
    /// Puts a parameter in the place of the constant inside. The same constant is the same parameter wherever it
    /// stands: expressions that were equal stay so.
    fn take(&mut self, expr: &mut Expr) {
        let (Some(found), Some(place)) = (constant(expr), innermost(expr)) else { return };
        let known = self.constants.iter().position(|own| *own == found);
        let number = match known {
            Some(index) => index + 1,
            None if self.constants.len() >= self.constants_max => return,
            None => {
                self.constants.push(found);
                self.constants.len()
            }
        };
        *place = Expr::Value(ValueWithSpan {
            value: Value::Placeholder(format!("${number}")),
            span: Span::empty(),
        });
    }
}

/// Whether an operator compares, so that a constant beside it is a value and no part of how the query is made.
fn compares(operator: &BinaryOperator) -> bool {
    match operator {
        BinaryOperator::Eq
        | BinaryOperator::NotEq
        | BinaryOperator::Lt
        | BinaryOperator::LtEq
        | BinaryOperator::Gt
        | BinaryOperator::GtEq
        | BinaryOperator::PGRegexMatch
        | BinaryOperator::PGRegexNotMatch
        | BinaryOperator::PGLikeMatch
        | BinaryOperator::PGNotLikeMatch => true,
        BinaryOperator::PGCustomBinaryOperator(name) => {
            matches!(name.last().map(String::as_str), Some("=" | "<>" | "~" | "!~" | "~~" | "!~~"))
        }
        _ => false,
    }
}

/// The constant that an expression is: a text or a whole number, which may be cast and have a collation.
fn constant(expr: &Expr) -> Option<Constant> {
    match expr {
        Expr::Value(value) => match &value.value {
            Value::SingleQuotedString(text) => Some(Constant { text: text.clone(), pg_type: None }),
            Value::Number(digits, false) => {
                let number: i64 = digits.parse().ok()?;
                let pg_type = if i32::try_from(number).is_ok() { PgType::INT4 } else { PgType::INT8 };
                Some(Constant { text: digits.clone(), pg_type: Some(pg_type) })
            }
            _ => None,
        },
        Expr::Cast { expr, .. } | Expr::Collate { expr, .. } | Expr::Nested(expr) => constant(expr),
        _ => None,
    }
}

fn innermost(expr: &mut Expr) -> Option<&mut Expr> {
    match expr {
        Expr::Cast { expr, .. } | Expr::Collate { expr, .. } | Expr::Nested(expr) => innermost(expr),
        Expr::Value(_) => Some(expr),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::{Constant, has_parameters, normalize, unplaced};
    use crate::ast::Query;
    use crate::statement::Kind;
    use crate::types::PgType;

    fn query(sql: &str) -> Query {
        match crate::parse(sql).unwrap().remove(0).kind {
            Kind::Query(query) => *query,
            other => panic!("{sql}: {other:?}"),
        }
    }

    #[track_caller]
    fn check(sql: &str, left: &str, constants: &[(&str, Option<PgType>)]) {
        let normalized = normalize(&query(sql));
        let expected: Vec<Constant> = constants
            .iter()
            .map(|(text, pg_type)| Constant { text: (*text).to_owned(), pg_type: *pg_type })
            .collect();
        assert_eq!(normalized.query.to_string(), query(left).to_string(), "{sql}");
        assert_eq!(normalized.constants, expected, "{sql}");
    }

    #[test]
    fn what_a_column_is_compared_with_is_taken_out() {
        check("SELECT a FROM t WHERE b = 'x'", "SELECT a FROM t WHERE b = $1", &[("x", None)]);
        check("SELECT a FROM t WHERE 5 < b", "SELECT a FROM t WHERE $1 < b", &[("5", Some(PgType::INT4))]);
        check(
            "SELECT a FROM t WHERE b = 3000000000",
            "SELECT a FROM t WHERE b = $1",
            &[("3000000000", Some(PgType::INT8))],
        );
        check(
            "SELECT a FROM t WHERE b = 's.t'::regclass AND c LIKE 'x%'",
            "SELECT a FROM t WHERE b = $1::regclass AND c LIKE $2",
            &[("s.t", None), ("x%", None)],
        );
        check(
            "SELECT a FROM t WHERE b IN ('r', 's.t'::regclass, c)",
            "SELECT a FROM t WHERE b IN ($1, $2::regclass, c)",
            &[("r", None), ("s.t", None)],
        );
        check(
            "SELECT a FROM t WHERE b OPERATOR(pg_catalog.~) '^(x)$' COLLATE pg_catalog.default",
            "SELECT a FROM t WHERE b OPERATOR(pg_catalog.~) $1 COLLATE pg_catalog.default",
            &[("^(x)$", None)],
        );
    }

    #[test]
    fn what_a_query_is_made_of_stays() {
        for sql in [
            "SELECT 'x', 1 FROM t ORDER BY 1 LIMIT 5",
            "SELECT a FROM t WHERE 0 = 1",
            "SELECT a FROM t WHERE c = 1.5 AND d = -1",
            "SELECT substr(a, 2) FROM t WHERE d = e",
        ] {
            check(sql, sql, &[]);
        }
    }

    #[test]
    fn one_constant_is_one_parameter() {
        check(
            "SELECT a = 'x' FROM t GROUP BY a = 'x' HAVING min(b) > 'y'",
            "SELECT a = $1 FROM t GROUP BY a = $1 HAVING min(b) > $2",
            &[("x", None), ("y", None)],
        );
    }

    #[test]
    fn queries_that_differ_in_constants_are_one() {
        let of = |sql| normalize(&query(sql)).query;
        let one = of("SELECT a FROM t WHERE b = 'x' AND 'u' IN ('u', 'v')");
        assert_eq!(one, of("SELECT a FROM t WHERE b = 'another' AND 'u' IN ('u', 'v')"));
        assert_ne!(one, of("SELECT a FROM t WHERE b = 'x' AND 'u' IN ('u', 'w')"));
    }

    #[test]
    fn where_a_query_was_written_does_not_matter() {
        let of = |sql| unplaced(&query(sql)).query;
        let one = "SELECT a FROM t WHERE b = 'x'";
        assert_eq!(of(one), of("SELECT  a  FROM  t  WHERE  b  =  'x'"));
        assert_ne!(of(one), of("SELECT a FROM t WHERE b = 'y'"));
    }

    #[test]
    fn parameters_are_found_wherever_they_stand() {
        for sql in [
            "SELECT $1",
            "SELECT a FROM t WHERE b IN (SELECT c FROM u WHERE d = $2)",
            "SELECT a FROM t LIMIT $1",
        ] {
            assert!(has_parameters(&query(sql)), "{sql}");
        }
        assert!(!has_parameters(&query("SELECT '$1' FROM t")));
    }
}
