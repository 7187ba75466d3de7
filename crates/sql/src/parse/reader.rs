//! A walk over the tokens of one statement.

use super::dialect::Postgres;
use datafusion::sql::sqlparser::tokenizer::{Location, Token, TokenWithSpan, Tokenizer};
use lakeport_base::SqlState;

use crate::error::{Error, Result};
use crate::parse::lex::Lexer;
use crate::parse::spelling;

/// The tokens of one statement, without space and comments, and the place reached in them.
pub(super) struct Reader<'a> {
    text: &'a str,
    tokens: Vec<TokenWithSpan>,
    at: usize,
    /// What comes behind the last token, where that is not the end of the text.
    end: Option<Location>,
}

impl<'a> Reader<'a> {
    /// Cuts a statement into tokens.
    pub(super) fn new(text: &'a str) -> Result<Self> {
        let mut tokens = Vec::new();
        let cut = Tokenizer::new(&Postgres::default(), text).tokenize_with_location_into_buf(&mut tokens);
        if let Err(error) = cut {
            return Err(syntax_error(text, Some(error.location)));
        }
        tokens.retain(|token| !matches!(token.token, Token::Whitespace(_)));
        let tokens = spelling::joined(tokens);
        Ok(Self { text, tokens, at: 0, end: None })
    }

    /// The statement.
    pub(super) fn text(&self) -> &'a str {
        self.text
    }

    /// What is left, from here to the end.
    pub(super) fn rest_text(&self) -> &'a str {
        match self.tokens.get(self.at) {
            Some(token) => &self.text[byte_of(self.text, token.span.start)..],
            None => "",
        }
    }

    /// The tokens from here on; the reader is at its end afterwards.
    pub(super) fn take_rest(&mut self) -> Vec<TokenWithSpan> {
        self.tokens.split_off(self.at)
    }

    /// What is in the parentheses that begin here; this reader is behind them afterwards.
    pub(super) fn parenthesised(&mut self) -> Result<Reader<'a>> {
        self.expect_token(&Token::LParen)?;
        let mut depth = 0_usize;
        let closing = self.tokens[self.at..].iter().position(|token| {
            match token.token {
                Token::LParen => depth += 1,
                Token::RParen if depth == 0 => return true,
                Token::RParen => depth -= 1,
                _ => {}
            }
            false
        });
        let Some(length) = closing else { return Err(syntax_error(self.text, None)) };
        let tokens = self.tokens[self.at..self.at + length].to_vec();
        let end = Some(self.tokens[self.at + length].span.start);
        self.at += length + 1;
        Ok(Reader { text: self.text, tokens, at: 0, end })
    }

    /// The first parameter from here on, and which character of the statement it is at, from 1.
    pub(super) fn placeholder(&self) -> Option<(&str, usize)> {
        self.tokens[self.at..].iter().find_map(|token| match &token.token {
            Token::Placeholder(name) => Some((name.as_str(), position_of(self.text, token.span.start))),
            _ => None,
        })
    }

    /// Which character of the statement the next token is at, from 1.
    pub(super) fn position(&self) -> usize {
        let byte = self.here().map_or(self.text.len(), |location| byte_of(self.text, location));
        self.text[..byte].chars().count() + 1
    }

    /// Where the next token is; none is the end of the text.
    fn here(&self) -> Option<Location> {
        self.tokens.get(self.at).map(|token| token.span.start).or(self.end)
    }

    /// What comes behind the last token; none is the end of the text.
    pub(super) fn end(&self) -> Option<Location> {
        self.end
    }

    /// The tokens behind the parenthesis that must come next, up to the one that closes it, which is the last.
    pub(super) fn listed(&mut self) -> Result<Vec<TokenWithSpan>> {
        if self.peek(0) != Some(&Token::LParen) {
            return Err(self.syntax_error());
        }
        let Some(count) = self.parentheses() else {
            self.at = self.tokens.len();
            return Err(self.syntax_error());
        };
        let mut tokens = self.take(count);
        tokens.remove(0);
        Ok(tokens)
    }

    /// A walk over tokens that were taken from the same text.
    pub(super) fn of(text: &'a str, tokens: Vec<TokenWithSpan>) -> Self {
        Self { text, tokens, at: 0, end: None }
    }

    /// How many tokens are left.
    pub(super) fn left(&self) -> usize {
        self.tokens.len() - self.at
    }

    /// The next so many tokens.
    pub(super) fn take(&mut self, count: usize) -> Vec<TokenWithSpan> {
        let tokens = self.tokens[self.at..self.at + count].to_vec();
        self.at += count;
        tokens
    }

    /// The tokens from `ahead` of here on, which are gone from the statement afterwards.
    pub(super) fn take_end(&mut self, ahead: usize) -> Vec<TokenWithSpan> {
        self.tokens.split_off(self.at + ahead)
    }

    /// Takes these bare words if they are the last.
    pub(super) fn accept_end(&mut self, words: &[&str]) -> bool {
        let Some(ahead) = self.left().checked_sub(words.len()) else { return false };
        let is_end = self.is_at(ahead, words);
        if is_end {
            self.take_end(ahead);
        }
        is_end
    }

    /// How far ahead these bare words come first, outside of all parentheses.
    pub(super) fn find(&self, words: &[&str]) -> Option<usize> {
        let mut depth = 0_usize;
        (0..self.left()).find(|ahead| {
            match self.peek(*ahead) {
                Some(Token::LParen) => depth += 1,
                Some(Token::RParen) => depth = depth.saturating_sub(1),
                _ => {}
            }
            depth == 0 && self.is_at(*ahead, words)
        })
    }

    /// How many tokens the parentheses that begin here are, both included.
    pub(super) fn parentheses(&self) -> Option<usize> {
        let mut depth = 0_usize;
        let closing = (0..self.left()).find(|ahead| {
            match self.peek(*ahead) {
                Some(Token::LParen) => depth += 1,
                Some(Token::RParen) => depth = depth.saturating_sub(1),
                _ => {}
            }
            depth == 0
        });
        closing.map(|ahead| ahead + 1)
    }

    /// Leaves LOCAL and GLOBAL out where they stand between INTO and TEMPORARY: they say nothing, and the
    /// parser does not know them.
    pub(super) fn forget_local(&mut self) {
        let is_into = |ahead: usize, between: &str, temp: &str| self.is_at(ahead, &["INTO", between, temp]);
        let found = (0..self.left()).find(|ahead| {
            ["LOCAL", "GLOBAL"]
                .iter()
                .any(|between| is_into(*ahead, between, "TEMP") || is_into(*ahead, between, "TEMPORARY"))
        });
        if let Some(ahead) = found {
            self.tokens.remove(self.at + ahead + 1);
        }
    }

    /// Whether nothing is left.
    pub(super) fn is_at_end(&self) -> bool {
        self.at >= self.tokens.len()
    }

    /// The token `ahead` of here, where 0 is the next.
    pub(super) fn peek(&self, ahead: usize) -> Option<&Token> {
        self.tokens.get(self.at + ahead).map(|token| &token.token)
    }

    /// Goes on by one token.
    pub(super) fn skip(&mut self) {
        self.at += 1;
    }

    /// The word `ahead` of here in upper case, if it is a bare word.
    pub(super) fn word(&self, ahead: usize) -> Option<String> {
        match self.peek(ahead) {
            Some(Token::Word(word)) if word.quote_style.is_none() => Some(word.value.to_ascii_uppercase()),
            _ => None,
        }
    }

    /// Whether these bare words come next.
    pub(super) fn is_next(&self, words: &[&str]) -> bool {
        self.is_at(0, words)
    }

    fn is_at(&self, ahead: usize, words: &[&str]) -> bool {
        words.iter().enumerate().all(|(index, word)| {
            matches!(self.peek(ahead + index), Some(Token::Word(found))
                if found.quote_style.is_none() && found.value.eq_ignore_ascii_case(word))
        })
    }

    /// Takes these bare words if they all come next.
    pub(super) fn accept(&mut self, words: &[&str]) -> bool {
        let is_next = self.is_next(words);
        if is_next {
            self.at += words.len();
        }
        is_next
    }

    /// Takes these bare words, which must come next.
    pub(super) fn expect(&mut self, words: &[&str]) -> Result<()> {
        for word in words {
            if !self.accept(&[word]) {
                return Err(self.syntax_error());
            }
        }
        Ok(())
    }

    /// Takes this token if it comes next.
    pub(super) fn accept_token(&mut self, token: &Token) -> bool {
        let is_next = self.peek(0) == Some(token);
        self.at += usize::from(is_next);
        is_next
    }

    /// Takes this token, which must come next.
    pub(super) fn expect_token(&mut self, token: &Token) -> Result<()> {
        if self.accept_token(token) { Ok(()) } else { Err(self.syntax_error()) }
    }

    /// Nothing may be left.
    pub(super) fn expect_end(&self) -> Result<()> {
        if self.is_at_end() { Ok(()) } else { Err(self.syntax_error()) }
    }

    /// A name: folded where it is bare, exact where it is quoted.
    pub(super) fn name(&mut self) -> Result<String> {
        let name = match self.peek(0) {
            Some(Token::Word(word)) if word.quote_style.is_some() => word.value.clone(),
            Some(Token::Word(word)) => word.value.to_ascii_lowercase(),
            _ => return Err(self.syntax_error()),
        };
        self.at += 1;
        Ok(name)
    }

    /// A name in one or more parts.
    pub(super) fn qualified_name(&mut self) -> Result<Vec<String>> {
        let mut parts = vec![self.name()?];
        while self.accept_token(&Token::Period) {
            parts.push(self.name()?);
        }
        Ok(parts)
    }

    /// Names with commas between.
    pub(super) fn names(&mut self) -> Result<Vec<String>> {
        let mut names = vec![self.name()?];
        while self.accept_token(&Token::Comma) {
            names.push(self.name()?);
        }
        Ok(names)
    }

    /// A string, if one comes next.
    pub(super) fn string(&mut self) -> Option<String> {
        let string = match self.peek(0) {
            Some(
                Token::SingleQuotedString(value)
                | Token::EscapedStringLiteral(value)
                | Token::NationalStringLiteral(value)
                | Token::UnicodeStringLiteral(value),
            ) => value.clone(),
            Some(Token::DollarQuotedString(value)) => value.value.clone(),
            _ => return None,
        };
        self.at += 1;
        Some(string)
    }

    /// The refusal of the next token.
    pub(super) fn syntax_error(&self) -> Error {
        syntax_error(self.text, self.here())
    }
}

/// PostgreSQL's words for a token that cannot stand where it does; none is the end.
pub(super) fn syntax_error(text: &str, location: Option<Location>) -> Error {
    let byte = location.map_or(text.len(), |location| byte_of(text, location));
    let position = text[..byte].chars().count() + 1;
    match Lexer::new(text, byte).next() {
        Ok(Some(lexeme)) => {
            let message = format!("syntax error at or near \"{}\"", lexeme.text);
            Error::new(SqlState::SYNTAX_ERROR, message).at(position)
        }
        Ok(None) => Error::new(SqlState::SYNTAX_ERROR, "syntax error at end of input").at(position),
        Err(error) => error,
    }
}

/// The byte at a line and column, both from 1 and columns in characters.
pub(super) fn byte_of(text: &str, location: Location) -> usize {
    if location.line == 0 {
        return text.len();
    }
    let mut line_start = 0;
    for _ in 1..location.line {
        line_start = match memchr::memchr(b'\n', &text.as_bytes()[line_start..]) {
            Some(found) => line_start + found + 1,
            None => return text.len(),
        };
    }
    let column = usize::try_from(location.column.saturating_sub(1)).unwrap_or(usize::MAX);
    text[line_start..].char_indices().nth(column).map_or(text.len(), |(byte, _)| line_start + byte)
}

/// Which character, from 1, a line and column are.
pub(crate) fn position_of(text: &str, location: Location) -> usize {
    text[..byte_of(text, location)].chars().count() + 1
}
