//! Whom a session may act as: `SET ROLE` and `SET SESSION AUTHORIZATION`.
//!
//! Source: `check_role` and `check_session_authorization` in PostgreSQL's `variable.c`.

use std::collections::BTreeSet;

use lakeport_access::Identity;
use lakeport_base::SqlState;
use lakeport_config::Settings;

use super::known::Known;
use super::value::Kind;
use crate::{Error, Result};

/// Whom a session may act as, by the config that it began with.
#[derive(Debug)]
pub(crate) struct Roles {
    user: String,
    /// Its own roles.
    own: BTreeSet<String>,
    /// Every role that there is.
    known: BTreeSet<String>,
    /// Every user: what a role of the same name did would be theirs.
    users: BTreeSet<String>,
    superuser: bool,
}

impl Roles {
    /// Those of this user.
    pub(crate) fn of(identity: &Identity, settings: &Settings) -> Roles {
        Roles {
            user: identity.user.clone(),
            own: identity.roles.iter().cloned().collect(),
            known: settings.roles.keys().cloned().collect(),
            users: settings.users.keys().cloned().collect(),
            superuser: identity.superuser,
        }
    }

    /// Whether a setting that says whom the session acts as may have this value. Every other one may.
    ///
    /// # Errors
    ///
    /// 22023 for a role that there is not, or not for this user; 42501 for one that a user has the name of too.
    pub(crate) fn check(&self, known: &Known, role: &str) -> Result<()> {
        let is_own = role == self.user;
        let is_member = self.own.contains(role) && !self.users.contains(role);
        let is_role = match known.kind {
            Kind::Role if role.trim().eq_ignore_ascii_case("none") => return Ok(()),
            Kind::Role => true,
            Kind::User => false,
            _ => return Ok(()),
        };
        if is_own || (is_role && is_member) {
            return Ok(());
        }
        // What a user may not know of looks as if it were not there.
        let is_seen = self.own.contains(role) || (self.superuser && self.known.contains(role));
        if !is_seen {
            let message = format!("role \"{role}\" does not exist");
            return Err(Error::new(SqlState::INVALID_PARAMETER_VALUE, message));
        }
        if !self.superuser {
            let message = match is_role {
                true => format!("permission denied to set role \"{role}\""),
                false => "permission denied to set session authorization".to_owned(),
            };
            return Err(Error::new(SqlState::INSUFFICIENT_PRIVILEGE, message));
        }
        match is_role {
            true => Ok(()),
            false => {
                let message =
                    "a session stays its user's: SET SESSION AUTHORIZATION of another is not supported";
                Err(Error::new(SqlState::FEATURE_NOT_SUPPORTED, message).with_hint("Use SET ROLE."))
            }
        }
    }
}
