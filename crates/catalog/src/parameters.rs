//! The parameters that PostgreSQL 15 has: what `pg_settings` says of each, and how numbers with units are written.
//!
//! Source: <https://www.postgresql.org/docs/15/config-setting.html>

use std::borrow::Cow;
use std::sync::LazyLock;

use lakeport_sql::types::PgType;

use crate::cell::Cell;
use crate::copy_text::{rows, value};
use crate::data::SETTINGS;

/// A parameter, as PostgreSQL knows it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Parameter {
    /// Its name, as SHOW ALL writes it.
    pub name: &'static str,
    /// What its numbers count: `kB`, `8kB`, `ms` and so on.
    pub unit: Option<&'static str>,
    /// The chapter it belongs to.
    pub category: &'static str,
    /// What it is for.
    pub description: Cow<'static, str>,
    /// More of that.
    pub details: Option<Cow<'static, str>>,
    /// Who may set it, and when.
    pub context: &'static str,
    /// bool, enum, integer, real or string.
    pub vartype: &'static str,
    /// The least value of a number.
    pub least: Option<&'static str>,
    /// The greatest value of a number.
    pub most: Option<&'static str>,
    /// The values of an enum.
    pub words: Vec<&'static str>,
    /// What it has when nobody sets it, numbers in its unit.
    pub boot: &'static str,
}

/// The units of memory in bytes, largest first.
const MEMORY: [(&str, f64); 5] =
    [("TB", 1_099_511_627_776.0), ("GB", 1_073_741_824.0), ("MB", 1_048_576.0), ("kB", 1_024.0), ("B", 1.0)];

/// The units of time in milliseconds, largest first.
const TIME: [(&str, f64); 6] =
    [("d", 86_400_000.0), ("h", 3_600_000.0), ("min", 60_000.0), ("s", 1_000.0), ("ms", 1.0), ("us", 0.001)];

/// A block, in bytes.
const BLOCK: f64 = 8_192.0;

static PARAMETERS: LazyLock<Vec<Parameter>> =
    LazyLock::new(|| rows(SETTINGS).filter_map(|row| parameter(&row)).collect());

/// Every parameter of PostgreSQL's, by folded name.
pub fn parameters() -> &'static [Parameter] {
    &PARAMETERS
}

fn parameter(row: &[&'static str]) -> Option<Parameter> {
    let &[name, unit, category, description, details, context, vartype, least, most, words, boot] = row
    else {
        return None;
    };
    let given = |field: &'static str| (field != "\\N").then_some(field);
    let text = |field| match value(field, &PgType::TEXT.arrow()) {
        Ok(Cell::Text(text)) => Some(text),
        _ => None,
    };
    let words = given(words).map(|words| words.trim_matches(['{', '}']).split(','));
    Some(Parameter {
        name,
        unit: given(unit),
        category,
        description: text(description)?,
        details: text(details),
        context,
        vartype,
        least: given(least),
        most: given(most),
        words: words.map(|words| words.map(|word| word.trim_matches('"')).collect()).unwrap_or_default(),
        boot: given(boot).unwrap_or_default(),
    })
}

impl Parameter {
    /// The units that its numbers may be written with, and how much of the first measure its own unit is.
    fn units(&self) -> Option<(&'static [(&'static str, f64)], f64)> {
        let unit = self.unit?;
        if unit == "8kB" {
            return Some((&MEMORY, BLOCK));
        }
        let of = |units: &'static [(&'static str, f64)]| {
            units.iter().find(|(name, _)| *name == unit).map(|(_, factor)| (units, *factor))
        };
        of(&MEMORY).or_else(|| of(&TIME))
    }

    /// The number of a text, in its own unit where none stands there; none where it is no such number.
    pub fn number(&self, text: &str) -> Option<f64> {
        let text = text.trim();
        let is_unit = |c: char| c.is_ascii_alphabetic() && !matches!(c, 'e' | 'E');
        let (digits, unit) = text.split_at(text.find(is_unit).unwrap_or(text.len()));
        let number: f64 = digits.trim().parse().ok().filter(|number: &f64| number.is_finite())?;
        let number = match (unit.trim(), self.units()) {
            ("", _) => number,
            (unit, Some((units, own))) => number * units.iter().find(|(name, _)| *name == unit)?.1 / own,
            (_, None) => return None,
        };
        Some(if self.vartype == "integer" { number.round_ties_even() } else { number })
    }

    /// A number as SHOW writes it: in the largest unit that it is a whole number of.
    pub fn written(&self, number: f64) -> String {
        let Some((units, own)) = self.units().filter(|_| number > 0.0) else { return number.to_string() };
        let whole = |(_, factor): &&(&str, f64)| (number * own / factor).fract() == 0.0;
        match units.iter().find(whole) {
            Some((unit, factor)) => format!("{}{unit}", number * own / factor),
            None => number.to_string(),
        }
    }

    /// What `pg_settings` has for a value that SHOW writes so: a number without its unit.
    pub fn bare(&self, shown: &str) -> String {
        match self.unit.and_then(|_| self.number(shown)) {
            Some(number) => number.to_string(),
            None => shown.to_owned(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::{Parameter, parameters};
    use crate::data::SETTINGS;

    fn named(name: &str) -> &'static Parameter {
        parameters().iter().find(|parameter| parameter.name == name).unwrap()
    }

    #[test]
    fn every_line_is_a_parameter() {
        assert_eq!(parameters().len(), SETTINGS.lines().count());
        assert!(parameters().is_sorted_by_key(|parameter| parameter.name.to_ascii_lowercase()));
    }

    #[test]
    fn numbers_are_written_as_postgresql_writes_them() {
        for (name, text, expected) in [
            ("work_mem", "4096", "4MB"),
            ("work_mem", "1.5 GB", "1536MB"),
            ("work_mem", "65", "65kB"),
            ("shared_buffers", "16384", "128MB"),
            ("shared_buffers", "1", "8kB"),
            ("statement_timeout", "90s", "90s"),
            ("statement_timeout", "120s", "2min"),
            ("idle_session_timeout", "0", "0"),
            ("log_min_duration_statement", "-1", "-1"),
            ("vacuum_cost_delay", "0.5", "500us"),
            ("cpu_tuple_cost", "0.01", "0.01"),
            ("max_parallel_workers", "8", "8"),
        ] {
            let parameter = named(name);
            assert_eq!(parameter.written(parameter.number(text).unwrap()), expected, "{name} = {text}");
        }
        assert_eq!(named("work_mem").bare("4MB"), "4096");
        assert_eq!(named("work_mem").number("4 fortnights"), None);
        assert_eq!(named("max_parallel_workers").number("8kB"), None);
    }
}
