//! Who asks a store: the key `credential`, and the keys that go with each choice.
//!
//! Always said, never guessed. A key that the choice lacks is a fault, and so is one that it has no use
//! for: such a key is a sign that its writer believes something else about who asks.

use crate::section::{Section, meant};

/// One credential that may be chosen.
pub(super) struct Choice {
    /// How it is written.
    pub(super) name: &'static str,
    /// The keys it cannot do without.
    pub(super) needs: &'static [&'static str],
    /// The keys it may have besides.
    pub(super) may: &'static [&'static str],
}

/// The name of the choice that a section makes; none, with faults noted, if it makes none or one that is
/// not complete.
pub(super) fn choose(section: &Section<'_>, choices: &[Choice]) -> Option<&'static str> {
    let keys: Vec<&'static str> =
        choices.iter().flat_map(|choice| choice.needs.iter().chain(choice.may)).copied().collect();
    let names = choices.iter().map(|choice| choice.name).collect::<Vec<_>>().join(", ");
    let written = section.required_text("credential", &format!("it is one of {names}"));
    let chosen = written.and_then(|written| {
        let chosen = choices.iter().find(|choice| choice.name == written.value);
        if chosen.is_none() {
            let hint = meant(&written.value, choices.iter().map(|choice| choice.name));
            section.fault("credential", format_args!("must be one of {names}{hint}"));
        }
        chosen
    });
    let Some(chosen) = chosen else {
        // All keys are known, so that only the missing choice is a fault.
        for key in keys {
            section.know(key);
        }
        return None;
    };
    let mut complete = true;
    for key in chosen.needs {
        if section.place(key).is_none() {
            section.fault(key, format_args!("is missing: credential = \"{}\" needs it", chosen.name));
            complete = false;
        }
    }
    for key in keys {
        section.know(key);
        if section.place(key).is_some() && !chosen.needs.contains(&key) && !chosen.may.contains(&key) {
            section.fault(
                key,
                format_args!("has no use with credential = \"{}\"; remove one of them", chosen.name),
            );
        }
    }
    complete.then_some(chosen.name)
}
