//! Comments: pieces of a long text of common words, cut anywhere, as those of TPC-H are.

use super::dice::Dice;

/// Length of the text that pieces are cut out of, in bytes: long enough that few pieces repeat.
const TEXT_SIZE: usize = 4 << 20;

const WORDS: [&str; 48] = [
    "the",
    "quickly",
    "carefully",
    "ironic",
    "final",
    "packages",
    "deposits",
    "requests",
    "accounts",
    "sleep",
    "along",
    "furiously",
    "regular",
    "express",
    "bold",
    "instructions",
    "according",
    "to",
    "about",
    "special",
    "pending",
    "theodolites",
    "foxes",
    "haggle",
    "above",
    "blithely",
    "even",
    "silent",
    "ideas",
    "pinto",
    "beans",
    "wake",
    "slyly",
    "unusual",
    "dependencies",
    "among",
    "asymptotes",
    "platelets",
    "are",
    "nag",
    "daringly",
    "fluffily",
    "across",
    "dolphins",
    "after",
    "excuses",
    "boost",
    "never",
];

/// A text to cut comments out of.
pub(crate) struct Words(String);

impl Words {
    /// The one text; the same at every run.
    pub(crate) fn new() -> Words {
        let mut dice = Dice::new(48);
        let mut text = String::with_capacity(TEXT_SIZE + 64);
        while text.len() < TEXT_SIZE {
            text.push_str(dice.pick(&WORDS));
            text.push_str(if dice.below(12) == 0 { ". " } else { " " });
        }
        Words(text)
    }

    /// A piece of `low` to `high` characters.
    pub(crate) fn piece(&self, dice: &mut Dice, low: i64, high: i64) -> &str {
        let length = dice.within(low, high) as usize;
        let start = dice.below((TEXT_SIZE - length) as u64) as usize;
        // All words are ASCII, so that every byte begins a character.
        &self.0[start..start + length]
    }
}
