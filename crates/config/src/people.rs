//! Sections `[users]` and `[roles]`: who may log in, and what each role may do.

use std::collections::BTreeMap;

use lakeport_base::Redacted;

use crate::postgres::name_problem;
use crate::secret::{Shape, secret};
use crate::section::{Found, Section, meant, shown};
use crate::settings::{Role, Store, User};
use crate::tables::{schema_problem, table_problem};

/// The fewest iterations that a verifier may have: RFC 7677's, and what PostgreSQL makes.
const ITERATIONS_MIN: u32 = 4096;

/// Reads the users, by name. Those with a fault are left out.
pub(crate) fn users(root: &Section<'_>, roles: &BTreeMap<String, Role>) -> BTreeMap<String, User> {
    let mut users = BTreeMap::new();
    for (name, section) in root.sections("users") {
        check_name(&name, &section);
        section.required_text("password", "it refers to a SCRAM verifier, which `lakeport password` makes");
        let password = password(&section);
        let mut named = Vec::new();
        for role in section.texts("roles") {
            if roles.contains_key(&role.value) {
                named.push(role.value);
            } else {
                let hint = meant(&role.value, roles.keys().map(String::as_str));
                let message = format!(
                    "{} names the role {}, which is not there{hint}",
                    section.key("roles"),
                    shown(&role.value)
                );
                section.reading.fault(role.at, message);
            }
        }
        section.finish();
        if let Some(password) = password {
            users.insert(name.value, User { password, roles: named });
        }
    }
    users
}

/// Reads the roles, by name. One with a fault is there nevertheless, with what of it is right.
pub(crate) fn roles(root: &Section<'_>, stores: &BTreeMap<String, Option<Store>>) -> BTreeMap<String, Role> {
    let mut roles = BTreeMap::new();
    for (name, section) in root.sections("roles") {
        check_name(&name, &section);
        let read = list(&section, "read", |pattern| {
            let fits = match pattern.split_once('.') {
                None => pattern == "*",
                Some((schema, table)) => {
                    schema != "*"
                        && schema_problem(schema).is_none()
                        && (table == "*" || table_problem(table).is_none())
                }
            };
            if fits { None } else { Some("must be \"*\", \"SCHEMA.*\" or \"SCHEMA.TABLE\"".to_owned()) }
        });
        let browse = list(&section, "browse", |store| {
            if store == "*" || stores.contains_key(store) {
                return None;
            }
            Some(format!("is no store{}", meant(store, stores.keys().map(String::as_str))))
        });
        let create = list(&section, "create", |schema| match schema_problem(schema) {
            Some(problem) if schema != "*" => Some(format!("is no schema: its name {problem}")),
            _ => None,
        });
        section.finish();
        roles.insert(name.value, Role { read, browse, create });
    }
    roles
}

/// The texts of a list in which `problem` finds nothing wrong.
fn list(section: &Section<'_>, key: &'static str, problem: impl Fn(&str) -> Option<String>) -> Vec<String> {
    let mut right = Vec::new();
    for text in section.texts(key) {
        match problem(&text.value) {
            None => right.push(text.value),
            Some(problem) => {
                let message = format!("{}: {} {problem}", section.key(key), shown(&text.value));
                section.reading.fault(text.at, message);
            }
        }
    }
    right
}

fn check_name(name: &Found<String>, section: &Section<'_>) {
    let problem = if name.value == "*" { Some("stands for all names") } else { name_problem(&name.value) };
    if let Some(problem) = problem {
        section.reading.fault(name.at, format!("{} cannot be: its name {problem}", section.name()));
    }
}

fn password(section: &Section<'_>) -> Option<Redacted<String>> {
    let password = secret(section, "password", Shape::Line)?;
    if !is_verifier(password.reveal()) {
        section.fault(
            "password",
            "refers to something that is no SCRAM-SHA-256 verifier of 4096 or more iterations; `lakeport password` makes one",
        );
        return None;
    }
    Some(password)
}

/// Whether a text has the shape `SCRAM-SHA-256$ITERATIONS:SALT$STOREDKEY:SERVERKEY`; what it says is for
/// the crate that knows passwords.
fn is_verifier(text: &str) -> bool {
    let parts: Vec<&str> = text.split('$').collect();
    let ["SCRAM-SHA-256", parameters, keys] = parts[..] else { return false };
    let (Some((iterations, salt)), Some((stored, server))) =
        (parameters.split_once(':'), keys.split_once(':'))
    else {
        return false;
    };
    /// A key is 32 bytes, which are 44 characters of base64.
    const KEY_LENGTH: usize = 44;
    iterations.bytes().all(|byte| byte.is_ascii_digit())
        && iterations.parse::<u32>().is_ok_and(|iterations| iterations >= ITERATIONS_MIN)
        && is_base64(salt)
        && [stored, server].iter().all(|key| key.len() == KEY_LENGTH && is_base64(key))
}

fn is_base64(text: &str) -> bool {
    let body = text.trim_end_matches('=');
    !body.is_empty()
        && text.len().is_multiple_of(4)
        && text.len() - body.len() <= 2
        && body.bytes().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'+' | b'/'))
}

#[cfg(test)]
mod tests {
    use super::is_verifier;

    #[test]
    fn a_verifier_is_known_by_its_shape() {
        let key = "bhtp95FIUo8gET5sUvGpMXF+KVA3eJBgEym501I3xsY=";
        for (text, expected) in [
            (format!("SCRAM-SHA-256$4096:g1L+CAjJTfdXZ00fXDj1EA==${key}:{key}"), true),
            (format!("SCRAM-SHA-256$600000:AAAA${key}:{key}"), true),
            (format!("SCRAM-SHA-256$1000:AAAA${key}:{key}"), false),
            (format!("SCRAM-SHA-256$+4096:AAAA${key}:{key}"), false),
            (format!("SCRAM-SHA-256$4096:${key}:{key}"), false),
            (format!("SCRAM-SHA-256$4096:AAAA${key}"), false),
            (format!("SCRAM-SHA-256$4096:AAAA${key}:AAAA"), false),
            ("md5a3556571e93b0d20722ba62be61e8c2d".to_owned(), false),
            ("hunter2".to_owned(), false),
        ] {
            assert_eq!(is_verifier(&text), expected, "{text}");
        }
    }
}
