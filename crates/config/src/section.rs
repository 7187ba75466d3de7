//! A section of the config file, read key by key.
//!
//! serde stops at the first thing that does not fit, and then the rest of the file is unread. So the
//! parsed document is walked instead: each part takes the keys it knows from its [`Section`], which
//! notes a fault for a wrong type or a bound, and `finish` then reports every key that nobody took.
//!
//! Invariant: a fault names the key and what it must be, and repeats a value only where that value is a
//! number, a size or a time; a text might be a secret in the wrong place.

use std::cell::RefCell;
use std::fmt::Display;
use std::ops::RangeInclusive;
use std::str::FromStr;
use std::time::Duration;

use lakeport_base::ByteSize;
use toml::de::{DeArray, DeTable, DeValue};

use crate::reading::Reading;

/// A table of the file, and which of its keys have been asked for.
pub(crate) struct Section<'a> {
    /// What it is read from.
    pub(crate) reading: &'a Reading<'a>,
    /// Where it begins, in bytes.
    pub(crate) at: usize,
    name: String,
    table: &'a DeTable<'a>,
    known: RefCell<Vec<&'static str>>,
}

/// An element that is written as a list of texts, or as a section of its own.
pub(crate) enum Item<'a> {
    Texts { texts: Vec<Found<String>>, at: usize },
    Section(Section<'a>),
}

/// A value and where it stands.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Found<T> {
    pub(crate) value: T,
    pub(crate) at: usize,
}

impl<'a> Section<'a> {
    /// The whole file.
    pub(crate) fn root(reading: &'a Reading<'a>, table: &'a DeTable<'a>) -> Self {
        Self { reading, at: 0, name: String::new(), table, known: RefCell::default() }
    }

    /// The full name of a key of this section.
    pub(crate) fn key(&self, key: &str) -> String {
        if self.name.is_empty() { key.to_owned() } else { format!("{}.{key}", self.name) }
    }

    /// The section's own full name.
    pub(crate) fn name(&self) -> &str {
        &self.name
    }

    /// Whether the key is written at all.
    pub(crate) fn place(&self, key: &str) -> Option<usize> {
        self.table.get_key_value(key).map(|(key, _)| key.span().start)
    }

    /// Notes a fault where this key stands, or else where the section begins.
    pub(crate) fn fault(&self, key: &str, message: impl Display) {
        let at = self.place(key).unwrap_or(self.at);
        self.reading.fault(at, format!("{} {message}", self.key(key)));
    }

    /// A text.
    pub(crate) fn text(&self, key: &'static str) -> Option<Found<String>> {
        let (at, value) = self.value(key)?;
        match value {
            DeValue::String(text) => Some(Found { value: text.clone().into_owned(), at }),
            other => self.wrong_type(key, other, "a text in quotes"),
        }
    }

    /// A text that must be there; `why` says what for.
    pub(crate) fn required_text(&self, key: &'static str, why: &str) -> Option<Found<String>> {
        if self.place(key).is_none() {
            self.fault(key, format_args!("is missing: {why}"));
        }
        self.text(key)
    }

    /// A yes or no; no where it is not written.
    pub(crate) fn flag(&self, key: &'static str) -> bool {
        match self.value(key) {
            None => false,
            Some((_, DeValue::Boolean(flag))) => *flag,
            Some((_, other)) => self.wrong_type(key, other, "true or false").unwrap_or(false),
        }
    }

    /// A number within bounds; the default where it is not written or wrong.
    pub(crate) fn count(&self, key: &'static str, default: u32, bounds: RangeInclusive<u32>) -> u32 {
        let Some((_, value)) = self.value(key) else { return default };
        let DeValue::Integer(number) = value else {
            return self.wrong_type(key, value, "a whole number").unwrap_or(default);
        };
        match u32::from_str_radix(number.as_str(), number.radix()) {
            Ok(count) if bounds.contains(&count) => count,
            _ => {
                let (low, high) = bounds.into_inner();
                self.fault(key, format_args!("is {}, must be {low} to {high}", number.as_str()));
                default
            }
        }
    }

    /// A size within bounds, written with its unit; the default where it is not written or wrong.
    pub(crate) fn size(
        &self,
        key: &'static str,
        default: ByteSize,
        bounds: RangeInclusive<ByteSize>,
    ) -> ByteSize {
        self.quantity(
            key,
            "a size with its unit, such as \"512MiB\"",
            |text| ByteSize::from_str(text).ok(),
            &bounds,
        )
        .unwrap_or(default)
    }

    /// A time within bounds, written with its unit; the default where it is not written or wrong.
    pub(crate) fn time(
        &self,
        key: &'static str,
        default: Duration,
        bounds: RangeInclusive<Duration>,
    ) -> Duration {
        self.time_if_written(key, bounds).unwrap_or(default)
    }

    /// A time within bounds, if it is written and right.
    pub(crate) fn time_if_written(
        &self,
        key: &'static str,
        bounds: RangeInclusive<Duration>,
    ) -> Option<Duration> {
        let (low, high) = bounds.into_inner();
        let read = |text: &str| humantime::parse_duration(text).ok().map(Time);
        let unit = "a time with its unit, such as \"30s\" or \"5m\"";
        self.quantity(key, unit, read, &(Time(low)..=Time(high))).map(|Time(time)| time)
    }

    /// A list of texts; empty where it is not written.
    pub(crate) fn texts(&self, key: &'static str) -> Vec<Found<String>> {
        let Some((_, value)) = self.value(key) else { return Vec::new() };
        let DeValue::Array(array) = value else {
            self.wrong_type::<()>(key, value, "a list of texts, such as [\"a\", \"b\"]");
            return Vec::new();
        };
        self.texts_of(key, array)
    }

    /// One element that may be a list of texts or a section; `expected` says so to whoever wrote another thing.
    pub(crate) fn item(&self, key: &'static str, expected: &str) -> Option<Item<'a>> {
        let (at, value) = self.value(key)?;
        self.item_of(key, at, value).or_else(|| self.wrong_type(key, value, expected))
    }

    /// A list of such elements; empty where it is not written.
    pub(crate) fn items(&self, key: &'static str, expected: &str) -> Vec<Item<'a>> {
        let Some((_, value)) = self.value(key) else { return Vec::new() };
        let DeValue::Array(array) = value else {
            self.wrong_type::<()>(key, value, expected);
            return Vec::new();
        };
        let mut items = Vec::new();
        for element in array.iter() {
            let at = element.span().start;
            match self.item_of(key, at, element.get_ref()) {
                Some(item) => items.push(item),
                None => {
                    let kind = kind_of(element.get_ref());
                    self.reading.fault(at, format!("{} holds {kind}, must be {expected}", self.key(key)));
                }
            }
        }
        items
    }

    fn item_of(&self, key: &str, at: usize, value: &'a DeValue<'a>) -> Option<Item<'a>> {
        match value {
            DeValue::Array(array) => Some(Item::Texts { texts: self.texts_of(key, array), at }),
            DeValue::Table(table) => {
                let (reading, name) = (self.reading, self.key(key));
                Some(Item::Section(Section { reading, at, name, table, known: RefCell::default() }))
            }
            _ => None,
        }
    }

    fn texts_of(&self, key: &str, array: &DeArray<'_>) -> Vec<Found<String>> {
        let mut texts = Vec::new();
        for element in array.iter() {
            match element.get_ref() {
                DeValue::String(text) => {
                    texts.push(Found { value: text.clone().into_owned(), at: element.span().start });
                }
                other => {
                    let kind = kind_of(other);
                    let message = format!("{} holds {kind}, must hold texts only", self.key(key));
                    self.reading.fault(element.span().start, message);
                }
            }
        }
        texts
    }

    /// A table whose keys are free and whose values are texts, in the order in which it is written.
    pub(crate) fn texts_by_name(&self, key: &'static str) -> Vec<(Found<String>, Found<String>)> {
        let Some((_, value)) = self.value(key) else { return Vec::new() };
        let DeValue::Table(table) = value else {
            self.wrong_type::<()>(key, value, "a table of names and texts, such as { a = \"b\" }");
            return Vec::new();
        };
        let mut entries = Vec::new();
        for (name, value) in table {
            let at = value.span().start;
            match value.get_ref() {
                DeValue::String(text) => entries.push((
                    Found { value: name.get_ref().clone().into_owned(), at: name.span().start },
                    Found { value: text.clone().into_owned(), at },
                )),
                other => {
                    let key = format!("{}.{}", self.key(key), shown(name.get_ref()));
                    self.reading.fault(at, format!("{key} is {}, must be a text in quotes", kind_of(other)));
                }
            }
        }
        entries.sort_by_key(|(name, _)| name.at);
        entries
    }

    /// A section in this one, if it is written.
    pub(crate) fn section(&self, key: &'static str) -> Option<Section<'a>> {
        let (_, value) = self.value(key)?;
        self.open(key, value)
    }

    /// All sections in the section `key`, by names that are free.
    pub(crate) fn sections(&self, key: &'static str) -> Vec<(Found<String>, Section<'a>)> {
        let Some(outer) = self.section(key) else { return Vec::new() };
        let mut sections = Vec::new();
        for (name, value) in outer.table {
            let name = Found { value: name.get_ref().clone().into_owned(), at: name.span().start };
            if let Some(section) = outer.open(&name.value, value.get_ref()) {
                sections.push((name, section));
            }
        }
        sections
    }

    /// Reports every key that nobody asked for. The last thing that is done with a section.
    pub(crate) fn finish(&self) {
        let known = self.known.borrow();
        for (key, _) in self.table {
            let name: &str = key.get_ref();
            if !known.contains(&name) {
                let hint = nearest(name, known.iter().copied())
                    .map_or_else(|| listed(&known), |near| format!("did you mean {near}?"));
                let full = self.key(&shown(name));
                self.reading.fault(key.span().start, format!("unknown key {full}; {hint}"));
            }
        }
    }

    /// Makes a key known without reading it: one that is right in itself, and was not needed here.
    pub(crate) fn know(&self, key: &'static str) {
        let mut known = self.known.borrow_mut();
        if !known.contains(&key) {
            known.push(key);
        }
    }

    /// The value of a key, which is known from now on.
    fn value(&self, key: &'static str) -> Option<(usize, &'a DeValue<'a>)> {
        self.know(key);
        self.table.get(key).map(|value| (value.span().start, value.get_ref()))
    }

    fn open(&self, key: &str, value: &'a DeValue<'a>) -> Option<Section<'a>> {
        let name = self.key(&shown(key));
        let at = self.place(key).unwrap_or(self.at);
        match value {
            DeValue::Table(table) => {
                Some(Section { reading: self.reading, at, name, table, known: RefCell::default() })
            }
            other => {
                self.reading.fault(at, format!("{name} is {}, must be a section, [{name}]", kind_of(other)));
                None
            }
        }
    }

    fn quantity<T: PartialOrd + Display>(
        &self,
        key: &'static str,
        unit: &str,
        read: impl Fn(&str) -> Option<T>,
        bounds: &RangeInclusive<T>,
    ) -> Option<T> {
        let (_, value) = self.value(key)?;
        let DeValue::String(text) = value else {
            return self.wrong_type(key, value, unit);
        };
        let Some(quantity) = read(text) else {
            self.fault(key, format_args!("must be {unit}"));
            return None;
        };
        if !bounds.contains(&quantity) {
            self.fault(key, format_args!("is {quantity}, must be {} to {}", bounds.start(), bounds.end()));
            return None;
        }
        Some(quantity)
    }

    fn wrong_type<T>(&self, key: &str, value: &DeValue<'_>, expected: &str) -> Option<T> {
        self.fault(key, format_args!("is {}, must be {expected}", kind_of(value)));
        None
    }
}

/// The name among `known` that was most likely meant, if one is near enough.
pub(crate) fn nearest<'n>(written: &str, known: impl IntoIterator<Item = &'n str>) -> Option<&'n str> {
    // Two slips, or one in three letters of a longer word. A guess that has to do.
    let distance_max = (written.chars().count() / 3).max(2);
    known
        .into_iter()
        .map(|name| (strsim::damerau_levenshtein(&written.to_lowercase(), &name.to_lowercase()), name))
        .filter(|(distance, name)| *distance <= distance_max && *distance < name.chars().count())
        .min()
        .map(|(_, name)| name)
}

/// The end of a fault about a name that is not there: the nearest one, or nothing.
pub(crate) fn meant<'n>(written: &str, known: impl IntoIterator<Item = &'n str>) -> String {
    nearest(written, known).map_or_else(String::new, |near| format!("; did you mean {near}?"))
}

/// A key as TOML would have it written, cut short where it is very long.
pub(crate) fn shown(key: &str) -> String {
    /// More than any name has that may be used. A guess.
    const LENGTH_MAX: usize = 100;
    let short: String = key.chars().take(LENGTH_MAX).collect();
    let bare = !short.is_empty() && short.chars().all(|c| c.is_ascii_alphanumeric() || c == '_' || c == '-');
    if bare { short } else { format!("{short:?}") }
}

fn listed(known: &[&str]) -> String {
    match known {
        [] => "there are none here".to_owned(),
        known => format!("the keys here are {}", known.join(", ")),
    }
}

fn kind_of(value: &DeValue<'_>) -> &'static str {
    match value {
        DeValue::String(_) => "a text",
        DeValue::Integer(_) => "a number",
        DeValue::Float(_) => "a number with a fraction",
        DeValue::Boolean(_) => "true or false",
        DeValue::Datetime(_) => "a date or time",
        DeValue::Array(_) => "a list",
        DeValue::Table(_) => "a table",
    }
}

/// A time that prints as it is written.
#[derive(PartialEq, PartialOrd)]
struct Time(Duration);

impl Display for Time {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}", humantime::format_duration(self.0))
    }
}

#[cfg(test)]
mod tests {
    use super::{nearest, shown};

    #[test]
    fn the_nearest_name_is_offered_only_if_it_is_near() {
        let known = ["connections", "memory", "spill", "url"];
        for (written, expected) in [
            ("conections", Some("connections")),
            ("connection", Some("connections")),
            ("Memory", Some("memory")),
            ("sipll", Some("spill")),
            ("uri", Some("url")),
            ("timeout", None),
            ("x", None),
        ] {
            assert_eq!(nearest(written, known), expected, "{written}");
        }
    }

    #[test]
    fn a_key_that_is_not_bare_is_quoted_and_a_long_one_cut() {
        assert_eq!(shown("sales.orders"), "\"sales.orders\"");
        assert_eq!(shown("a_b-1"), "a_b-1");
        assert_eq!(shown(&"x".repeat(1000)).len(), 100);
    }
}
