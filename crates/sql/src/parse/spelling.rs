//! Spellings of PostgreSQL's that the parser lacks, in those that it has, token by token.
//!
//! - strings with a new line between them are one
//! - `trim(leading from x)` is `trim(leading ' ' from x)`
//! - `ORDER BY x USING <` is `ORDER BY x ASC`
//! - `interval(2) '1.234'` is `'1.234'::interval(2)`, whose precision the parser would drop
//! - `(x).*` is a field of a name that no field has

use datafusion::sql::sqlparser::keywords::Keyword;
use datafusion::sql::sqlparser::tokenizer::{Token, TokenWithSpan, Word};

/// The field that stands for all fields of a record.
pub(crate) const EVERY_FIELD: &str = "?*?";

/// Joins strings that only a new line stands between, as SQL has it.
///
/// Source: <https://www.postgresql.org/docs/15/sql-syntax-lexical.html#SQL-SYNTAX-STRINGS>
pub(super) fn joined(tokens: Vec<TokenWithSpan>) -> Vec<TokenWithSpan> {
    let mut joined: Vec<TokenWithSpan> = Vec::with_capacity(tokens.len());
    for token in tokens {
        if let (Token::SingleQuotedString(more), Some(last)) = (&token.token, joined.last_mut())
            && token.span.start.line > last.span.end.line
            && let Token::SingleQuotedString(text) | Token::EscapedStringLiteral(text) = &mut last.token
        {
            text.push_str(more);
            last.span.end = token.span.end;
        } else {
            joined.push(token);
        }
    }
    joined
}

/// Whether the last is `INTERVAL(2)`.
fn ends_in_precise_interval(tokens: &[TokenWithSpan]) -> bool {
    matches!(tokens, [.., interval, open, digits, close]
        if is_word(&interval.token, &[Keyword::INTERVAL])
            && open.token == Token::LParen
            && matches!(digits.token, Token::Number(..))
            && close.token == Token::RParen)
}

/// Writes what the parser lacks in what it has.
pub(super) fn spelled(tokens: Vec<TokenWithSpan>) -> Vec<TokenWithSpan> {
    let mut spelled: Vec<TokenWithSpan> = Vec::with_capacity(tokens.len());
    for mut token in tokens {
        if is_word(&token.token, &[Keyword::FROM]) && trims(&spelled) {
            let at = |token_: Token| TokenWithSpan { token: token_, span: token.span };
            if !spelled.last().is_some_and(|last| is_word(&last.token, SIDES)) {
                spelled.push(at(word("BOTH", Keyword::BOTH)));
            }
            spelled.push(at(Token::SingleQuotedString(" ".to_owned())));
        }
        if let (Token::Mul, [.., paren, dot]) = (&token.token, spelled.as_slice())
            && paren.token == Token::RParen
            && dot.token == Token::Period
        {
            let every =
                Word { value: EVERY_FIELD.to_owned(), quote_style: Some('"'), keyword: Keyword::NoKeyword };
            token.token = Token::Word(every);
        }
        let is_after_using = spelled.last().is_some_and(|last| is_word(&last.token, &[Keyword::USING]));
        if let (Token::Lt | Token::Gt, true) = (&token.token, is_after_using) {
            let is_descending = token.token == Token::Gt;
            token.token = if is_descending { word("DESC", Keyword::DESC) } else { word("ASC", Keyword::ASC) };
            spelled.pop();
        }
        if matches!(token.token, Token::SingleQuotedString(_)) && ends_in_precise_interval(&spelled) {
            let interval = spelled.split_off(spelled.len() - 4);
            let colons = TokenWithSpan { token: Token::DoubleColon, span: token.span };
            spelled.extend([token, colons]);
            spelled.extend(interval);
            continue;
        }
        spelled.push(token);
    }
    spelled
}

const SIDES: &[Keyword] = &[Keyword::LEADING, Keyword::TRAILING, Keyword::BOTH];

/// Whether these end in `trim (` or `trim ( LEADING`, with no text to be trimmed.
fn trims(before: &[TokenWithSpan]) -> bool {
    match before {
        [.., trim, paren, side] if is_word(&side.token, SIDES) => {
            is_word(&trim.token, &[Keyword::TRIM]) && paren.token == Token::LParen
        }
        [.., trim, paren] => is_word(&trim.token, &[Keyword::TRIM]) && paren.token == Token::LParen,
        _ => false,
    }
}

fn is_word(token: &Token, keywords: &[Keyword]) -> bool {
    matches!(token, Token::Word(word) if word.quote_style.is_none() && keywords.contains(&word.keyword))
}

fn word(value: &str, keyword: Keyword) -> Token {
    Token::Word(Word { value: value.to_owned(), quote_style: None, keyword })
}
