//! Where two answers to one statement differ.
//!
//! Oids that a server gave itself are compared by what they name, never by their numbers.

use std::collections::BTreeMap;
use std::fmt;
use std::str::FromStr;

use crate::corpus::Flags;
use crate::talk::{Answer, Column, Failure, Part, Talk};

/// What can differ.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Facet {
    /// One failed and the other did not, the number of answers, the transaction's state, or the end of the session.
    Status,
    /// The order of messages.
    Order,
    /// The SQLSTATEs of errors.
    Sqlstate,
    /// Their texts.
    Message,
    /// The place in the statement that they name.
    Position,
    /// The SQLSTATEs of notices.
    Notices,
    /// Command tags.
    Tag,
    /// The types of parameters.
    Parameters,
    /// How many columns, and their names.
    Names,
    /// Their types' oids and sizes.
    Types,
    /// Their type modifiers.
    Typmods,
    /// The table and the number of plain columns.
    Source,
    /// The rows as text.
    Rows,
    /// The rows as binary, where those as text agree.
    Binary,
    /// ParameterStatus.
    Settings,
}

const NAMES: [(Facet, &str); 15] = [
    (Facet::Status, "status"),
    (Facet::Order, "order"),
    (Facet::Sqlstate, "sqlstate"),
    (Facet::Message, "message"),
    (Facet::Position, "position"),
    (Facet::Notices, "notices"),
    (Facet::Tag, "tag"),
    (Facet::Parameters, "parameters"),
    (Facet::Names, "names"),
    (Facet::Types, "types"),
    (Facet::Typmods, "typmods"),
    (Facet::Source, "source"),
    (Facet::Rows, "rows"),
    (Facet::Binary, "binary"),
    (Facet::Settings, "settings"),
];

impl fmt::Display for Facet {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let name = NAMES.iter().find(|(facet, _)| facet == self).map_or("", |(_, name)| name);
        f.write_str(name)
    }
}

impl FromStr for Facet {
    type Err = ();

    fn from_str(text: &str) -> Result<Facet, ()> {
        NAMES.iter().find(|(_, name)| *name == text).map(|(facet, _)| *facet).ok_or(())
    }
}

/// The differences of one statement: each facet with what Lakeport said and what PostgreSQL said.
pub(crate) type Differences = BTreeMap<Facet, String>;

/// What the oids of one server mean.
#[derive(Debug, Default)]
pub(crate) struct Oids(BTreeMap<u32, String>);

/// The first oid that a server gives to what users make.
const FIRST_OWN: u32 = 16_384;

impl Oids {
    /// Asks a server what it calls its own oids.
    pub(crate) fn ask(talk: &mut Talk) -> Oids {
        let mut oids = BTreeMap::new();
        for (what, sql) in [
            (
                "relation",
                "SELECT c.oid, n.nspname, c.relname FROM pg_catalog.pg_class c JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace",
            ),
            (
                "type",
                "SELECT t.oid, n.nspname, t.typname FROM pg_catalog.pg_type t JOIN pg_catalog.pg_namespace n ON n.oid = t.typnamespace",
            ),
            ("schema", "SELECT oid, nspname FROM pg_catalog.pg_namespace"),
            ("role", "SELECT oid, rolname FROM pg_catalog.pg_roles"),
            ("database", "SELECT oid, datname FROM pg_catalog.pg_database"),
            ("constraint", "SELECT oid, conname FROM pg_catalog.pg_constraint"),
        ] {
            for line in talk.must(sql).lines() {
                let (oid, name) = line.split_once('|').expect("an oid and a name");
                let oid = oid.parse().expect("an oid");
                // PostgreSQL makes `public` before any user's own.
                if oid >= FIRST_OWN || (what, name) == ("schema", "public") {
                    oids.insert(oid, format!("{what} {name}"));
                }
            }
        }
        Oids(oids)
    }

    fn name(&self, oid: u32) -> String {
        match self.0.get(&oid) {
            Some(name) => format!("<{name}>"),
            None if oid >= FIRST_OWN => "<unknown oid>".to_owned(),
            None => oid.to_string(),
        }
    }

    /// A cell with its own oids named.
    fn shown(&self, cell: &[u8], column: &Column) -> String {
        // oid, regclass, regtype, regnamespace, regrole; oidvector, oid[].
        const OIDS: [u32; 7] = [26, 2205, 2206, 4089, 4096, 30, 1028];
        if !OIDS.contains(&column.kind) {
            return match column.format {
                0 => String::from_utf8_lossy(cell).into_owned(),
                _ => cell.iter().map(|byte| format!("{byte:02x}")).collect(),
            };
        }
        if column.format == 1 {
            let words = cell.chunks(4).map(|word| match word.try_into() {
                Ok(word) => self.name(u32::from_be_bytes(word)),
                Err(_) => format!("{word:?}"),
            });
            return words.collect::<Vec<_>>().join(" ");
        }
        let text = String::from_utf8_lossy(cell);
        let mut shown = String::new();
        let mut digits = String::new();
        for letter in text.chars().chain(std::iter::once('\0')) {
            if letter.is_ascii_digit() {
                digits.push(letter);
                continue;
            }
            shown += &digits.parse().map_or_else(|_| digits.clone(), |oid| self.name(oid));
            digits.clear();
            shown.push(letter);
        }
        shown.trim_end_matches('\0').to_owned()
    }
}

/// One server's answer with what its oids mean.
pub(crate) struct Side<'a> {
    pub(crate) answer: &'a Answer,
    pub(crate) oids: &'a Oids,
}

/// Where Lakeport's answer is not PostgreSQL's.
pub(crate) fn compare(ours: &Side<'_>, theirs: &Side<'_>, flags: Flags) -> Differences {
    let mut found = Differences::new();
    let (a, b) = (ours.answer, theirs.answer);
    if outline(a) != outline(b) {
        found.insert(Facet::Status, sides(&outline(a), &outline(b)));
        return found;
    }
    if flags.is_talk {
        differ(&mut found, Facet::Order, a.kinds.clone(), b.kinds.clone());
    }
    differ(&mut found, Facet::Notices, a.notices.join(" "), b.notices.join(" "));
    differ(&mut found, Facet::Settings, format!("{:?}", a.settings), format!("{:?}", b.settings));
    // Where a statement is refused, one may have described it before and the other not.
    if let (Some(ours), Some(theirs)) = (&a.parameters, &b.parameters) {
        differ(&mut found, Facet::Parameters, format!("{ours:?}"), format!("{theirs:?}"));
    }
    for (part, other) in a.parts.iter().zip(&b.parts) {
        if let (Some(error), Some(expected)) = (&part.error, &other.error) {
            compare_errors(&mut found, error, expected);
        }
        if !flags.is_columns {
            differ(&mut found, Facet::Tag, format!("{:?}", part.tag), format!("{:?}", other.tag));
            let copied = |part: &Part| String::from_utf8_lossy(&part.copied).into_owned();
            differ(&mut found, Facet::Rows, copied(part), copied(other));
        }
        let (Some(columns), Some(expected)) = (&part.columns, &other.columns) else { continue };
        compare_columns(&mut found, (columns, ours.oids), (expected, theirs.oids));
        if !flags.is_columns && columns.len() == expected.len() {
            let (rows, wanted) = (rows(part, ours.oids, flags), rows(other, theirs.oids, flags));
            if rows != wanted {
                found.entry(Facet::Rows).or_insert_with(|| show_rows(&rows, &wanted));
            }
        }
    }
    found
}

fn differ(found: &mut Differences, facet: Facet, ours: String, theirs: String) {
    if ours != theirs {
        found.entry(facet).or_insert_with(|| sides(&ours, &theirs));
    }
}

fn compare_errors(found: &mut Differences, error: &Failure, expected: &Failure) {
    if error.code != expected.code {
        let said = |error: &Failure| format!("{} {}", error.code, error.message);
        differ(found, Facet::Sqlstate, said(error), said(expected));
        return;
    }
    differ(found, Facet::Message, error.message.clone(), expected.message.clone());
    differ(found, Facet::Position, error.position.clone(), expected.position.clone());
}

fn compare_columns(found: &mut Differences, ours: (&[Column], &Oids), theirs: (&[Column], &Oids)) {
    let mut each = |facet: Facet, what: &dyn Fn(&Column, &Oids) -> String| {
        let [a, b] = [ours, theirs].map(|(columns, oids)| {
            columns.iter().map(|column| what(column, oids)).collect::<Vec<_>>().join(", ")
        });
        differ(found, facet, a, b);
    };
    each(Facet::Names, &|column, _| format!("{:?}", column.name));
    each(Facet::Types, &|column, _| {
        format!("{} {} {} {}", column.name, column.kind, column.size, column.format)
    });
    each(Facet::Typmods, &|column, _| format!("{} {}", column.name, column.modifier));
    each(Facet::Source, &|column, oids| {
        format!("{} {}.{}", column.name, oids.name(column.table), column.number)
    });
}

/// What of an answer must agree before anything else can be compared.
fn outline(answer: &Answer) -> String {
    let mut outline = String::new();
    for part in &answer.parts {
        match &part.error {
            Some(_) => outline += "error; ",
            None if part.is_suspended => outline += "suspended; ",
            None if part.columns.is_some() => outline += "rows; ",
            None => outline += "done; ",
        }
    }
    match answer.status {
        0 => outline += "hung up",
        status => outline.push(char::from(status)),
    }
    outline
}

fn rows(part: &Part, oids: &Oids, flags: Flags) -> Vec<String> {
    let columns = part.columns.as_deref().unwrap_or_default();
    let mut rows: Vec<String> = part
        .rows
        .iter()
        .map(|row| {
            let cells = row.iter().zip(columns).map(|(cell, column)| match cell {
                Some(cell) => oids.shown(cell, column),
                None => "NULL".to_owned(),
            });
            cells.collect::<Vec<_>>().join(" | ")
        })
        .collect();
    if flags.is_unordered {
        rows.sort();
    }
    rows
}

fn show_rows(ours: &[String], theirs: &[String]) -> String {
    const SHOWN_MAX: usize = 4;
    let only = |rows: &[String], others: &[String]| {
        let mut only: Vec<&str> =
            rows.iter().filter(|row| !others.contains(row)).map(String::as_str).take(SHOWN_MAX).collect();
        if only.is_empty() {
            only = rows.iter().map(String::as_str).take(SHOWN_MAX).collect();
        }
        format!("{} rows, such as\n        {}", rows.len(), only.join("\n        "))
    };
    sides(&only(ours, theirs), &only(theirs, ours))
}

fn sides(ours: &str, theirs: &str) -> String {
    format!("\n      lakeport   {ours}\n      postgresql {theirs}")
}
