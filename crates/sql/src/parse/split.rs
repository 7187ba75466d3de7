//! Splitting a text into statements.

use lakeport_base::SqlState;

use crate::error::{Error, Result};
use crate::parse::lex::Lexer;

/// The most lexemes that one text may have. A guess: a statement that long takes minutes to plan.
const LEXEMES_MAX: usize = 1_000_000;

/// One statement of a text.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Piece<'a> {
    /// From its first lexeme to its last, without the semicolon and the comments around it.
    pub(super) text: &'a str,
    /// Where it begins in the whole text, in characters from 0.
    pub(super) start: usize,
}

/// Splits a text at its semicolons; empty statements are left out.
pub(super) fn split(text: &str) -> Result<Vec<Piece<'_>>> {
    let mut pieces = Vec::new();
    let mut lexer = Lexer::new(text, 0);
    let mut open: Option<(usize, usize)> = None;
    let mut lexeme_count = 0_usize;
    // How many characters lie before the byte `counted_to`.
    let (mut counted, mut counted_to) = (0_usize, 0_usize);
    let mut close = |open: &mut Option<(usize, usize)>| {
        if let Some((start, end)) = open.take() {
            counted += text[counted_to..start].chars().count();
            counted_to = start;
            pieces.push(Piece { text: &text[start..end], start: counted });
        }
    };
    while let Some(lexeme) = lexer.next()? {
        lexeme_count += 1;
        if lexeme_count > LEXEMES_MAX {
            return Err(Error::new(
                SqlState::PROGRAM_LIMIT_EXCEEDED,
                format!("statement has more than {LEXEMES_MAX} words"),
            ));
        }
        if lexeme.text == ";" {
            close(&mut open);
        } else {
            let start = open.map_or(lexeme.start, |(start, _)| start);
            open = Some((start, lexeme.start + lexeme.text.len()));
        }
    }
    close(&mut open);
    Ok(pieces)
}

#[cfg(test)]
mod tests {
    use super::split;

    #[track_caller]
    fn check(text: &str, expected: &[(&str, usize)]) {
        let pieces = split(text).expect(text);
        let found: Vec<_> = pieces.iter().map(|piece| (piece.text, piece.start)).collect();
        assert_eq!(found, expected, "{text}");
    }

    #[test]
    fn empty_statements_are_none() {
        check("", &[]);
        check(" ; ;; -- nothing\n /* at all */ ;", &[]);
    }

    #[test]
    fn semicolons_in_quotes_and_comments_do_not_split() {
        check("select ';' -- ;\n; select $$;$$", &[("select ';'", 0), ("select $$;$$", 18)]);
    }

    #[test]
    fn a_comment_on_the_last_line_needs_no_end() {
        check("select 1 -- done", &[("select 1", 0)]);
        check("select 1; -- done", &[("select 1", 0)]);
    }

    #[test]
    fn places_are_counted_in_characters() {
        check("select 'é'; select 2", &[("select 'é'", 0), ("select 2", 12)]);
    }

    #[test]
    fn a_text_of_too_many_words_is_refused() {
        let error = split(&"1,".repeat(600_000)).expect_err("1.2 million lexemes");
        assert_eq!(error.sqlstate().code(), "54000");
    }
}
