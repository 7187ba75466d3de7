//! What an address may look like: the urls of stores, endpoints, and paths in a store.
//!
//! Stricter than a browser: a url that a library would quietly mend (backslashes, `..`, white space) is
//! refused, so that what is written is what is asked. No fault repeats a url, as it may hold a secret.

use std::net::{Ipv4Addr, Ipv6Addr};

use percent_encoding::percent_decode_str;
use url::{Host, Url};

use crate::section::Section;

/// A url, taken apart.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Address {
    /// The scheme, in lower case.
    pub(super) scheme: String,
    /// What stands before an `@`; empty without one.
    pub(super) user: String,
    /// The host with its port, if it says one; empty without one.
    pub(super) host: String,
    /// The path, decoded, without slashes at its ends.
    pub(super) path: String,
}

/// Reads the url that this key holds; a fault if it is missing or none that may be.
pub(super) fn url(section: &Section<'_>, example: &str) -> Option<(String, Address)> {
    let written =
        section.required_text("url", &format!("it says where the store is, such as \"{example}\""))?;
    match parse(&written.value) {
        Ok(address) => Some((written.value, address)),
        Err(problem) => {
            section.fault("url", format_args!("{problem}; write it like \"{example}\""));
            None
        }
    }
}

/// Reads the key `endpoint`: http or https, and plain http only to this machine or where `allow_http` says so.
pub(super) fn endpoint(section: &Section<'_>, example: &str) -> Option<String> {
    let allow_http = section.flag("allow_http");
    let written = section.text("endpoint")?;
    let problem = match parse(&written.value) {
        Ok(address) if !matches!(&address.scheme[..], "http" | "https") => {
            "must begin with https:// or http://".to_owned()
        }
        Ok(address) if address.host.is_empty() || !address.user.is_empty() => {
            "must be a plain address".to_owned()
        }
        Ok(_) => match plain_http_problem(&written.value, allow_http) {
            Some(problem) => problem.to_owned(),
            None => return Some(written.value.trim_end_matches('/').to_owned()),
        },
        Err(problem) => problem.to_owned(),
    };
    section.fault("endpoint", format_args!("{problem}; write it like \"{example}\""));
    None
}

/// Why this url may not be asked in plain text, if it is one of http at all.
pub(super) fn plain_http_problem(text: &str, allow_http: bool) -> Option<&'static str> {
    let url = Url::parse(text).ok()?;
    if url.scheme() != "http" || allow_http || is_loopback(&url) {
        return None;
    }
    Some("is plain http beyond this machine, which needs allow_http = true")
}

/// Takes a url apart.
pub(super) fn parse(text: &str) -> Result<Address, &'static str> {
    if text.chars().any(|c| c.is_control() || c.is_whitespace() || c == '\\') {
        return Err("has a space, a backslash or a control character");
    }
    if text.contains('?') {
        return Err("has a query; a signature belongs into the key sas, as a reference");
    }
    if text.contains('#') {
        return Err("has a fragment");
    }
    let Some((_, rest)) = text.split_once("://") else {
        return Err("is no url");
    };
    // Looked at before the parser, which would resolve them.
    let raw = rest.split_once('/').map_or("", |(_, path)| path);
    let path = percent_decode_str(raw).decode_utf8().map_err(|_| "is not UTF-8 when decoded")?;
    let path = path.trim_matches('/').to_owned();
    if let Some(problem) = path_problem(&path) {
        return Err(problem);
    }
    let url = Url::parse(text).map_err(|_| "is no url")?;
    if url.password().is_some() {
        return Err("has a password");
    }
    let host = match (url.host_str(), url.port()) {
        (Some(host), Some(port)) => format!("{host}:{port}"),
        (Some(host), None) => host.to_owned(),
        (None, _) => String::new(),
    };
    Ok(Address { scheme: url.scheme().to_owned(), user: url.username().to_owned(), host, path })
}

/// What is wrong with a path inside of a store, without slashes at its ends, if anything.
pub(crate) fn path_problem(path: &str) -> Option<&'static str> {
    if path.chars().any(|c| c.is_control() || c == '\\') {
        return Some("has a backslash or a control character");
    }
    if path.is_empty() {
        return None;
    }
    for segment in path.split('/') {
        match segment {
            "" => return Some("has two slashes in a row"),
            "." | ".." => return Some("has a step \".\" or \"..\""),
            _ => {}
        }
    }
    None
}

fn is_loopback(url: &Url) -> bool {
    match url.host() {
        Some(Host::Domain(name)) => name == "localhost" || name.ends_with(".localhost"),
        Some(Host::Ipv4(address)) => Ipv4Addr::is_loopback(&address),
        Some(Host::Ipv6(address)) => Ipv6Addr::to_canonical(&address).is_loopback(),
        None => false,
    }
}

#[cfg(test)]
mod tests {
    use super::{Address, parse, plain_http_problem};

    #[test]
    fn a_url_is_taken_apart_and_its_path_decoded() {
        for (text, scheme, user, host, path) in [
            (
                "abfss://raw@lake.dfs.core.windows.net/a/b/",
                "abfss",
                "raw",
                "lake.dfs.core.windows.net",
                "a/b",
            ),
            ("s3://bucket", "s3", "", "bucket", ""),
            ("https://h:8080/a%20b", "https", "", "h:8080", "a b"),
            ("az://c//", "az", "", "c", ""),
        ] {
            let expected = Address {
                scheme: scheme.to_owned(),
                user: user.to_owned(),
                host: host.to_owned(),
                path: path.to_owned(),
            };
            assert_eq!(parse(text), Ok(expected), "{text}");
        }
    }

    #[test]
    fn a_url_that_a_library_would_mend_is_refused() {
        for (text, problem) in [
            ("bucket/path", "is no url"),
            ("https://h/a b", "has a space, a backslash or a control character"),
            ("https://h\\a", "has a space, a backslash or a control character"),
            ("https://h/a?sig=x", "has a query; a signature belongs into the key sas, as a reference"),
            ("https://h/a#b", "has a fragment"),
            ("https://u:p@h/a", "has a password"),
            ("https://h/a/../b", "has a step \".\" or \"..\""),
            ("https://h/a/%2e%2E/b", "has a step \".\" or \"..\""),
            ("https://h/a//b", "has two slashes in a row"),
            ("https://h/a%5Cb", "has a backslash or a control character"),
            ("https://h/%ff", "is not UTF-8 when decoded"),
            ("https://", "is no url"),
        ] {
            assert_eq!(parse(text), Err(problem), "{text}");
        }
    }

    #[test]
    fn plain_http_stays_on_this_machine_unless_it_is_allowed() {
        for (text, allowed) in [
            ("https://example.org", true),
            ("http://127.0.0.1:10000/x", true),
            ("http://127.9.9.9", true),
            ("http://localhost:9000", true),
            ("http://minio.localhost", true),
            ("http://[::1]:9000", true),
            ("http://10.0.0.1", false),
            ("http://localhost.example.org", false),
            ("http://[2001:db8::1]", false),
        ] {
            assert_eq!(plain_http_problem(text, false).is_none(), allowed, "{text}");
            assert_eq!(plain_http_problem(text, true), None, "{text}");
        }
    }
}
