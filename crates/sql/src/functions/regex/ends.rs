//! Where a match ends: PostgreSQL takes the longest of all, or the shortest, where Perl and the `regex` crate take the first that
//! they find.
//!
//! `'foobar'` has the whole `foo|foobar` in PostgreSQL and a `foo` in Perl. What begins first both agree on. An expression with
//! parentheses whose match would end elsewhere is refused: what they hold then is not known here.
//!
//! Source: <https://www.postgresql.org/docs/15/functions-matching.html>, section 9.7.3.5.

use std::cell::{OnceCell, RefCell};
use std::ops::Range;
use std::rc::Rc;

use regex::{Captures, Regex, RegexBuilder};
use regex_automata::hybrid::dfa::{Cache, DFA};
use regex_automata::util::syntax;
use regex_automata::{Anchored, Input, MatchKind};
use regex_syntax::ast::parse::ParserBuilder;
use regex_syntax::ast::{Ast, CaptureName, GroupKind, RepetitionKind, RepetitionRange};

use crate::error::{Error, Result};

/// How an expression is to be read, beside its text.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Flags {
    pub(super) is_blind_to_case: bool,
    pub(super) anchors_lines: bool,
    pub(super) dot_ends_no_line: bool,
    pub(super) is_expanded: bool,
}

/// A compiled expression.
#[derive(Debug, Clone)]
pub(super) struct Expression {
    regex: Regex,
    flags: Flags,
    ends: Rc<OnceCell<Option<Ends>>>,
}

/// A place in a text that fits: the whole, and what the parentheses hold.
#[derive(Debug)]
pub(super) struct Found<'t> {
    text: &'t str,
    spans: Vec<Option<Range<usize>>>,
}

impl<'t> Found<'t> {
    /// Where the whole is, for group 0, or what the parentheses of this number hold.
    pub(super) fn span(&self, group: usize) -> Option<Range<usize>> {
        self.spans.get(group)?.clone()
    }

    /// What is there.
    pub(super) fn text(&self, group: usize) -> Option<&'t str> {
        self.span(group).map(|span| &self.text[span])
    }

    /// What the parentheses hold, or the whole place where there are none.
    pub(super) fn groups(&self) -> Vec<Option<String>> {
        let first = usize::from(self.spans.len() > 1);
        (first..self.spans.len()).map(|group| self.text(group).map(str::to_owned)).collect()
    }
}

impl Expression {
    /// An expression that is read so.
    pub(super) fn new(regex: Regex, flags: Flags) -> Expression {
        Expression { regex, flags, ends: Rc::default() }
    }

    /// Whether it fits anywhere.
    pub(super) fn is_match(&self, text: &str) -> bool {
        self.regex.is_match(text)
    }

    /// The first place from `start` on.
    ///
    /// # Errors
    ///
    /// 0A000 where parentheses would hold something else than in PostgreSQL.
    pub(super) fn find<'t>(&self, text: &'t str, start: usize) -> Result<Option<Found<'t>>> {
        let Some(found) = self.regex.captures_at(text, start) else { return Ok(None) };
        let mut spans = spans(&found);
        let Some(whole) = spans.first().cloned().flatten() else { return Ok(None) };
        let ends = self.ends.get_or_init(|| Ends::of(self.regex.as_str(), self.flags));
        let end = ends.as_ref().and_then(|ends| ends.end(text, whole.start)).unwrap_or(whole.end);
        if end != whole.end {
            let is_wrapped = ends.as_ref().is_some_and(|ends| ends.is_wrapped);
            if spans.len() > 1 && !(spans.len() == 2 && is_wrapped) {
                let what = "parentheses in a regular expression whose alternatives overlap are not supported";
                return Err(Error::unsupported(what).with_hint("Write the longest alternative first."));
            }
            spans = vec![Some(whole.start..end); spans.len()];
        }
        if ends.as_ref().is_some_and(|ends| ends.is_divided_otherwise(text, start, &spans)) {
            let what = "parentheses in a regular expression whose alternatives overlap are not supported";
            return Err(Error::unsupported(what));
        }
        Ok(Some(Found { text, spans }))
    }
}

fn spans(found: &Captures<'_>) -> Vec<Option<Range<usize>>> {
    found.iter().map(|group| group.map(|group| group.range())).collect()
}

/// What finds all ends of a match.
#[derive(Debug)]
struct Ends {
    is_shortest: bool,
    /// The first parentheses hold the whole.
    is_wrapped: bool,
    /// The same with the last of alternatives first, where there are any beside parentheses: where both divide a match otherwise, it
    /// is not known here how PostgreSQL does.
    reversed: Option<Regex>,
    dfa: DFA,
    cache: RefCell<Cache>,
}

impl Ends {
    /// None where every match is as long as any other, or where an expression has parts that no automaton knows.
    fn of(written: &str, flags: Flags) -> Option<Ends> {
        let mut ast =
            ParserBuilder::new().ignore_whitespace(flags.is_expanded).build().parse(written).ok()?;
        let is_greedy = preference(&ast)?;
        let config = DFA::config().match_kind(MatchKind::All).unicode_word_boundary(true);
        let read = syntax::Config::new()
            .case_insensitive(flags.is_blind_to_case)
            .multi_line(flags.anchors_lines)
            .dot_matches_new_line(flags.dot_ends_no_line)
            .ignore_whitespace(flags.is_expanded);
        let dfa = DFA::builder().configure(config).syntax(read).build(written).ok()?;
        let cache = RefCell::new(dfa.create_cache());
        let is_wrapped = matches!(&ast, Ast::Group(group) if group.is_capturing());
        let reversed = (reverse(&mut ast) && ast.to_string().contains("(?P<")).then(|| {
            RegexBuilder::new(&ast.to_string())
                .case_insensitive(flags.is_blind_to_case)
                .multi_line(flags.anchors_lines)
                .dot_matches_new_line(flags.dot_ends_no_line)
                .ignore_whitespace(flags.is_expanded)
                .build()
        });
        // What compiles one way does the other way round too.
        let reversed = reversed.and_then(std::result::Result::ok);
        Some(Ends { is_shortest: !is_greedy, is_wrapped, reversed, dfa, cache })
    }

    /// Whether the same place can be divided among the parentheses in another way.
    fn is_divided_otherwise(&self, text: &str, start: usize, spans: &[Option<Range<usize>>]) -> bool {
        let Some(other) = self.reversed.as_ref().and_then(|reversed| reversed.captures_at(text, start))
        else {
            return false;
        };
        let whole = other.get(0).map(|whole| whole.range());
        let differs = |(index, span): (usize, &Option<Range<usize>>)| {
            other.name(&format!("g{index}")).map(|group| group.range()) != *span
        };
        spans.first() == Some(&whole) && spans.iter().enumerate().skip(1).any(differs)
    }

    fn end(&self, text: &str, start: usize) -> Option<usize> {
        let input =
            Input::new(text).span(start..text.len()).anchored(Anchored::Yes).earliest(self.is_shortest);
        let found = self.dfa.try_search_fwd(&mut self.cache.borrow_mut(), &input);
        found.ok().flatten().map(|found| found.offset())
    }
}

/// Turns the alternatives around, and names the parentheses by the numbers that they had. Whether there are any alternatives.
fn reverse(ast: &mut Ast) -> bool {
    match ast {
        Ast::Alternation(alternation) => {
            alternation.asts.reverse();
            for inner in &mut alternation.asts {
                reverse(inner);
            }
            true
        }
        Ast::Concat(concat) => concat.asts.iter_mut().fold(false, |found, inner| reverse(inner) | found),
        Ast::Repetition(repetition) => reverse(&mut repetition.ast),
        Ast::Group(group) => {
            if let GroupKind::CaptureIndex(index) = group.kind {
                let name = CaptureName { span: group.span, name: format!("g{index}"), index };
                group.kind = GroupKind::CaptureName { starts_with_p: true, name };
            }
            reverse(&mut group.ast)
        }
        _ => false,
    }
}

/// Whether the longest is preferred, or the shortest; none where there is nothing to prefer.
fn preference(ast: &Ast) -> Option<bool> {
    match ast {
        Ast::Alternation(_) => Some(true),
        Ast::Concat(concat) => concat.asts.iter().find_map(preference),
        Ast::Group(group) => preference(&group.ast),
        Ast::Repetition(repetition) => match &repetition.op.kind {
            RepetitionKind::Range(RepetitionRange::Exactly(_)) => preference(&repetition.ast),
            _ => Some(repetition.greedy),
        },
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use crate::functions::regex::pattern::{Options, compiled};

    #[track_caller]
    fn check(pattern: &str, text: &str, expected: Option<&str>) {
        let expression = compiled(pattern, Options::default()).unwrap();
        let found = expression.find(text, 0).unwrap();
        assert_eq!(found.and_then(|found| found.text(0)), expected, "{pattern}");
    }

    // What PostgreSQL 15 answers.
    #[test]
    fn the_longest_is_taken_and_the_shortest_where_that_is_asked_for() {
        check("foo|foobar", "foobar", Some("foobar"));
        check("a?(?:ab)?", "ab", Some("ab"));
        check("a|ab|abc", "xabcd", Some("abc"));
        check("a+?", "aaa", Some("a"));
        check("Y*?[0-9]{1,3}", "XY1234Z", Some("Y1"));
        check("Y*[0-9]{1,3}?", "XY1234Z", Some("Y123"));
        check("a*", "b", Some(""));
        check("abc", "xabcx", Some("abc"));
        check("z|y", "x", None);
        check("^a|b$", "ab", Some("a"));
    }

    #[test]
    fn parentheses_that_would_hold_something_else_are_refused() {
        let found = |pattern: &str, text| {
            let expression = compiled(pattern, Options::default()).unwrap();
            expression.find(text, 0).map(|found| found.map(|found| found.groups()))
        };
        assert_eq!(found("x*(foo|foobar)", "foobar").unwrap_err().sqlstate().code(), "0A000");
        assert_eq!(found("(foo|foobar)", "foobar").unwrap(), Some(vec![Some("foobar".to_owned())]));
        assert_eq!(found("(a|ab)(c|bcd)(d*)", "abcd").unwrap_err().sqlstate().code(), "0A000");
        let divided = vec![Some("a".to_owned()), Some("cd".to_owned())];
        assert_eq!(found("(a|b)(c|cd)$", "acd").unwrap(), Some(divided));
        assert_eq!(found("(foobar|foo)", "foobar").unwrap(), Some(vec![Some("foobar".to_owned())]));
    }
}
