//! SASLprep as PostgreSQL does it: the form in which two spellings of one password are the same bytes.
//!
//! PostgreSQL differs from RFC 4013 in two ways, and a verifier only works if we differ with it: what
//! is prohibited is looked up before normalisation, and a password that may not be prepared is used as
//! the bytes it is, instead of being refused.
//!
//! Source: `src/common/saslprep.c` of PostgreSQL 15.

use std::borrow::Cow;

use stringprep::tables;
use unicode_normalization::UnicodeNormalization;

/// The password as SCRAM uses it.
pub(crate) fn prepare(password: &str) -> Cow<'_, str> {
    if password.is_ascii() {
        return Cow::Borrowed(password);
    }
    let mapped: String = password
        .chars()
        .map(|c| if tables::non_ascii_space_character(c) { ' ' } else { c })
        .filter(|c| !tables::commonly_mapped_to_nothing(*c))
        .collect();
    let refused = mapped.is_empty() || mapped.chars().any(is_prohibited) || mixes_directions(&mapped);
    if refused { Cow::Borrowed(password) } else { Cow::Owned(mapped.nfkc().collect()) }
}

/// RFC 4013 section 2.3 (tables C.1.2 to C.9 of RFC 3454) and section 2.5.
fn is_prohibited(c: char) -> bool {
    tables::non_ascii_space_character(c)
        || tables::ascii_control_character(c)
        || tables::non_ascii_control_character(c)
        || tables::private_use(c)
        || tables::non_character_code_point(c)
        || tables::inappropriate_for_plain_text(c)
        || tables::inappropriate_for_canonical_representation(c)
        || tables::change_display_properties_or_deprecated(c)
        || tables::tagging_character(c)
        || tables::unassigned_code_point(c)
}

/// RFC 3454 section 6: a text with a right-to-left character has no left-to-right one, and both
/// begins and ends right-to-left.
fn mixes_directions(text: &str) -> bool {
    let ends_right_to_left = text.chars().next().is_some_and(tables::bidi_r_or_al)
        && text.chars().next_back().is_some_and(tables::bidi_r_or_al);
    text.chars().any(tables::bidi_r_or_al) && (text.chars().any(tables::bidi_l) || !ends_right_to_left)
}

#[cfg(test)]
mod tests {
    use super::prepare;

    #[track_caller]
    fn check(password: &str, expected: &str) {
        assert_eq!(prepare(password), expected, "{password:?}");
    }

    #[test]
    fn plain_ascii_stays_as_it_is() {
        check("tab\there", "tab\there");
        check("", "");
    }

    #[test]
    fn spaces_and_invisible_characters_are_mapped_as_the_rfc_says() {
        check("I\u{AD}X", "IX");
        check("x\u{A0}y\u{200B}z", "x y z");
        check("\u{2168}", "IX");
        check("\u{AA}", "a");
    }

    #[test]
    fn what_may_not_be_prepared_is_used_as_it_is() {
        check("\u{AD}", "\u{AD}");
        check("\u{627}1", "\u{627}1");
        check("\u{E000}\u{2168}", "\u{E000}\u{2168}");
    }

    #[test]
    fn prohibitions_are_looked_up_before_normalisation() {
        check("\u{340}x", "\u{340}x");
        check("a\u{2135}b", "a\u{5D0}b");
    }
}
