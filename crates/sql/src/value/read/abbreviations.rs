//! The short names of time zones that texts may use, such as `PST`.

/// Zone abbreviations and their hours in quarters. Source: PostgreSQL's `tznames/Default`, the
/// ones of zones where most people live.
const ABBREVIATIONS: &[(&str, i32)] = &[
    ("z", 0),
    ("zulu", 0),
    ("utc", 0),
    ("gmt", 0),
    ("ut", 0),
    ("wet", 0),
    ("west", 4),
    ("bst", 4),
    ("cet", 4),
    ("cest", 8),
    ("met", 4),
    ("mest", 8),
    ("eet", 8),
    ("eest", 12),
    ("msk", 12),
    ("sast", 8),
    ("eat", 12),
    ("ist", 8),
    ("pkt", 20),
    ("hkt", 32),
    ("sgt", 32),
    ("jst", 36),
    ("kst", 36),
    ("awst", 32),
    ("acst", 38),
    ("acdt", 42),
    ("aest", 40),
    ("aedt", 44),
    ("nzst", 48),
    ("nzdt", 52),
    ("nst", -14),
    ("ndt", -10),
    ("ast", -16),
    ("adt", -12),
    ("est", -20),
    ("edt", -16),
    ("cst", -24),
    ("cdt", -20),
    ("mst", -28),
    ("mdt", -24),
    ("pst", -32),
    ("pdt", -28),
    ("akst", -36),
    ("akdt", -32),
    ("hst", -40),
];

/// The seconds east of UTC of an abbreviation, in lower case.
pub(crate) fn abbreviation(name: &str) -> Option<i32> {
    ABBREVIATIONS.iter().find(|(abbreviation, _)| *abbreviation == name).map(|(_, quarters)| quarters * 900)
}
