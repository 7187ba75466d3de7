//! `[stores.NAME.http]`: a web server.

use super::address;
use crate::section::Section;
use crate::settings::{Store, StoreKind};

const EXAMPLE: &str = "https://files.example.org/lake/";

pub(super) fn read(section: &Section<'_>) -> Option<Store> {
    let allow_http = section.flag("allow_http");
    let (url, address) = address::url(section, EXAMPLE)?;
    let problem = if !matches!(&address.scheme[..], "http" | "https") || address.host.is_empty() {
        Some("must begin with https:// or http://")
    } else if !address.user.is_empty() {
        Some("has a user")
    } else {
        address::plain_http_problem(&url, allow_http)
    };
    match problem {
        None => Some(Store { url, kind: StoreKind::Http }),
        Some(problem) => {
            section.fault("url", format_args!("{problem}; write it like \"{EXAMPLE}\""));
            None
        }
    }
}
