//! What values settings take, and how each is written once it is set.

use chrono_tz::Tz;
use lakeport_base::SqlState;
use lakeport_catalog::Parameter;

use super::known::Known;
use crate::{Error, Result};

/// What values a setting takes.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Kind {
    /// on or off, in PostgreSQL's spellings.
    Bool,
    /// One of these words.
    Choice(&'static [&'static str]),
    /// A whole number within bounds.
    Int { least: i64, most: i64 },
    /// A number of this parameter's, within its bounds and in its units.
    Number(&'static Parameter),
    /// Only what it has when nobody sets it.
    OneValue,
    /// A time, in milliseconds where no unit stands; 0 is without end.
    Milliseconds,
    /// Names between commas.
    List,
    /// Any text.
    Text,
    /// A zone of the tz database, or a whole number of hours east of Greenwich.
    TimeZone,
    /// A style, an order, or both.
    DateStyle,
    /// A spelling of UTF8.
    Encoding,
    /// A role that the session may act as, or `none`.
    Role,
    /// The user of the session.
    User,
    /// Shown, never set.
    Fixed,
}

/// The units of time that PostgreSQL takes, and their milliseconds; largest first.
const UNITS: [(&str, u64); 5] =
    [("d", 86_400_000), ("h", 3_600_000), ("min", 60_000), ("s", 1_000), ("ms", 1)];

/// The value as SHOW writes it.
///
/// # Errors
///
/// 22023 where it is no value of the setting, 55P02 where the setting cannot be set.
pub(crate) fn normalize(known: &Known, text: &str) -> Result<String> {
    let lower = text.trim().to_ascii_lowercase();
    let wrong = || {
        Error::new(
            SqlState::INVALID_PARAMETER_VALUE,
            format!("invalid value for parameter \"{}\": \"{text}\"", known.name),
        )
    };
    match known.kind {
        Kind::Bool => bool_value(&lower).map(|on| if on { "on" } else { "off" }.to_owned()).ok_or_else(wrong),
        Kind::Choice(words) => choice(words, &lower)
            .map(str::to_owned)
            .ok_or_else(|| wrong().with_hint(format!("Available values: {}.", words.join(", ")))),
        Kind::Int { least, most } => int(known, &lower, least, most).unwrap_or_else(|| Err(wrong())),
        Kind::Milliseconds => milliseconds(&lower).map(written).ok_or_else(wrong),
        Kind::Role if lower == "none" => Ok(lower),
        Kind::List | Kind::Text | Kind::Role | Kind::User => Ok(text.to_owned()),
        Kind::TimeZone => zone(text).map(|(_, name)| name).ok_or_else(wrong),
        Kind::DateStyle => date_style(&lower).ok_or_else(wrong),
        // PostgreSQL keeps this one spelling as it is, for an old driver that looks for it.
        Kind::Encoding if text == "UNICODE" => Ok(text.to_owned()),
        Kind::Encoding => encoding(&lower, text),
        Kind::Number(parameter) => number(parameter, text).unwrap_or_else(|| Err(wrong())),
        Kind::OneValue => one_value(known, &lower),
        Kind::Fixed => Err(fixed(known)),
    }
}

fn bool_value(lower: &str) -> Option<bool> {
    match lower {
        "on" | "true" | "tru" | "tr" | "t" | "yes" | "ye" | "y" | "1" => Some(true),
        "off" | "of" | "false" | "fals" | "fal" | "fa" | "f" | "no" | "n" | "0" => Some(false),
        _ => None,
    }
}

fn choice(words: &[&'static str], lower: &str) -> Option<&'static str> {
    if let Some(word) = words.iter().find(|word| **word == lower) {
        return Some(word);
    }
    // A choice between on, off and more takes the other spellings of on and off too.
    let word = if bool_value(lower)? { "on" } else { "off" };
    words.iter().find(|known| **known == word).copied()
}

fn int(known: &Known, lower: &str, least: i64, most: i64) -> Option<Result<String>> {
    let number: i64 = lower.parse().ok()?;
    if (least..=most).contains(&number) {
        return Some(Ok(number.to_string()));
    }
    Some(Err(Error::new(
        SqlState::INVALID_PARAMETER_VALUE,
        format!("{number} is outside the valid range for parameter \"{}\" ({least} .. {most})", known.name),
    )))
}

fn number(parameter: &'static Parameter, text: &str) -> Option<Result<String>> {
    let number = parameter.number(text)?;
    let (least, most) = (parameter.least.unwrap_or("-inf"), parameter.most.unwrap_or("inf"));
    if (least.parse().ok()?..=most.parse().ok()?).contains(&number) {
        return Some(Ok(parameter.written(number)));
    }
    let unit = parameter.unit.map_or(String::new(), |unit| format!(" {unit}"));
    let message = format!(
        "{number}{unit} is outside the valid range for parameter \"{}\" ({least} .. {most})",
        parameter.name
    );
    Some(Err(Error::new(SqlState::INVALID_PARAMETER_VALUE, message)))
}

fn one_value(known: &Known, lower: &str) -> Result<String> {
    let same = lower.eq_ignore_ascii_case(&known.default)
        || bool_value(lower).is_some_and(|on| bool_value(&known.default) == Some(on));
    if same {
        return Ok(known.default.to_string());
    }
    let message = format!("parameter \"{}\" is always \"{}\" here", known.name, known.default);
    Err(Error::new(SqlState::FEATURE_NOT_SUPPORTED, message))
}

fn fixed(known: &Known) -> Error {
    let name = known.name;
    let cannot = |what: &str| {
        Error::new(SqlState::CANT_CHANGE_RUNTIME_PARAM, format!("parameter \"{name}\" cannot be {what}"))
    };
    match known.parameter.map(|parameter| parameter.context) {
        Some("postmaster") => cannot("changed without restarting the server"),
        Some("sighup") => cannot("changed now"),
        Some("backend") => cannot("set after connection start"),
        Some("superuser" | "superuser-backend") => Error::new(
            SqlState::INSUFFICIENT_PRIVILEGE,
            format!("permission denied to set parameter \"{name}\""),
        ),
        _ => cannot("changed"),
    }
}

/// A time in milliseconds: PostgreSQL's units, the number whole or with a fraction.
pub(crate) fn milliseconds(lower: &str) -> Option<u64> {
    let digits = lower.find(|c: char| !c.is_ascii_digit() && c != '.').unwrap_or(lower.len());
    let number: f64 = lower[..digits].parse().ok()?;
    let unit = lower[digits..].trim();
    let factor = if unit.is_empty() { 1 } else { UNITS.iter().find(|(name, _)| *name == unit)?.1 };
    let milliseconds = (number * factor as f64).round();
    // PostgreSQL keeps these in a signed 32-bit integer.
    (0.0..=f64::from(i32::MAX)).contains(&milliseconds).then_some(milliseconds as u64)
}

/// The time in the largest unit that divides it, as SHOW writes it.
pub(super) fn written(milliseconds: u64) -> String {
    if milliseconds == 0 {
        return "0".to_owned();
    }
    let (unit, factor) =
        UNITS.iter().find(|(_, factor)| milliseconds.is_multiple_of(*factor)).unwrap_or(&("ms", 1));
    format!("{}{unit}", milliseconds / factor)
}

/// The zone of this name, in whatever case, and how SHOW writes it.
pub(crate) fn zone(text: &str) -> Option<(Tz, String)> {
    let name = text.trim().trim_matches('\'');
    if let Ok(hours) = name.parse::<i32>() {
        // The tz database counts west of Greenwich, SET TIME ZONE counts east.
        let zone = format!("Etc/GMT{:+}", -hours).parse().ok()?;
        return Some((zone, format!("<{hours:+03}>{:+03}", -hours)));
    }
    if name.eq_ignore_ascii_case("default") || name.eq_ignore_ascii_case("local") {
        return Some((Tz::UTC, "UTC".to_owned()));
    }
    let zone = *chrono_tz::TZ_VARIANTS.iter().find(|zone| zone.name().eq_ignore_ascii_case(name))?;
    Some((zone, zone.name().to_owned()))
}

fn date_style(lower: &str) -> Option<String> {
    let (mut style, mut order) = (None, None);
    for word in lower.split(',').map(str::trim) {
        match word {
            "iso" => style = Some("ISO"),
            "sql" => style = Some("SQL"),
            "german" => (style, order) = (Some("German"), order.or(Some("DMY"))),
            "postgres" | "postgresql" => style = Some("Postgres"),
            "dmy" | "euro" | "european" => order = Some("DMY"),
            "mdy" | "us" | "noneuro" | "noneuropean" => order = Some("MDY"),
            "ymd" => order = Some("YMD"),
            "default" => (style, order) = (Some("ISO"), Some("MDY")),
            _ => return None,
        }
    }
    Some(format!("{}, {}", style.unwrap_or("ISO"), order.unwrap_or("MDY")))
}

fn encoding(lower: &str, text: &str) -> Result<String> {
    let squeezed: String = lower.chars().filter(char::is_ascii_alphanumeric).collect();
    match squeezed.as_str() {
        "utf8" | "unicode" => Ok("UTF8".to_owned()),
        _ => Err(Error::new(
            SqlState::INVALID_PARAMETER_VALUE,
            format!("invalid value for parameter \"client_encoding\": \"{text}\""),
        )
        .with_hint("Text is sent and read as UTF8 only.")),
    }
}

#[cfg(test)]
mod tests {
    use super::{normalize, zone};
    use crate::settings::known::find;

    #[track_caller]
    fn check(name: &str, text: &str, expected: Option<&str>) {
        assert_eq!(normalize(find(name).unwrap(), text).ok().as_deref(), expected, "{name} = {text}");
    }

    #[test]
    fn values_are_shown_as_postgresql_shows_them() {
        for (name, text, expected) in [
            ("statement_timeout", "5min", Some("5min")),
            ("statement_timeout", "1500", Some("1500ms")),
            ("statement_timeout", "2000", Some("2s")),
            ("statement_timeout", "1.5s", Some("1500ms")),
            ("statement_timeout", "0", Some("0")),
            ("statement_timeout", "-1", None),
            ("statement_timeout", "1 fortnight", None),
            ("jit", "TRUE", Some("on")),
            ("jit", "maybe", None),
            ("extra_float_digits", "3", Some("3")),
            ("extra_float_digits", "4", None),
            ("client_encoding", "utf-8", Some("UTF8")),
            ("client_encoding", "UNICODE", Some("UNICODE")),
            ("client_encoding", "unicode", Some("UTF8")),
            ("client_encoding", "LATIN1", None),
            ("datestyle", "ISO", Some("ISO, MDY")),
            ("datestyle", "sql, dmy", Some("SQL, DMY")),
            ("datestyle", "german", Some("German, DMY")),
            ("datestyle", "roman", None),
            ("timezone", "europe/berlin", Some("Europe/Berlin")),
            ("timezone", "Mars/Base", None),
            ("client_min_messages", "WARNING", Some("warning")),
            ("server_version", "16", None),
            ("work_mem", "1.5GB", Some("1536MB")),
            ("work_mem", "1", None),
            ("Geqo_Seed", "0.25", Some("0.25")),
            ("array_nulls", "true", Some("on")),
            ("array_nulls", "off", None),
            ("max_connections", "5", None),
            ("standard_conforming_strings", "off", None),
        ] {
            check(name, text, expected);
        }
    }

    #[test]
    fn a_number_of_hours_is_a_zone_east_of_greenwich() {
        let (zone, name) = zone("2").unwrap();
        assert_eq!((zone.name(), name.as_str()), ("Etc/GMT-2", "<+02>-02"));
    }
}
