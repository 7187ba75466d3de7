//! What functions do to sessions: set_config, pg_cancel_backend, pg_terminate_backend, and who is there to see.
//!
//! A function runs on the computing threads while its session waits. So what it sets is noted here, shows to the rest
//! of its statement, and is set by the session when that goes on.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use lakeport_access::Identity;
use lakeport_base::SqlState;
use lakeport_catalog::SessionInfo;
use lakeport_sql::statement::Set;

use super::{Session, Transaction};
use crate::Error;
use crate::channels::{Notification, Pending};
use crate::settings::SessionSettings;
use crate::stop::Sessions;

/// Most settings that one statement may change by functions. Far more than there are settings.
const NOTED_MAX: usize = 1_000;

/// Most warnings that functions of one statement may leave. A guess at what a person reads.
const WARNINGS_MAX: usize = 1_000;

/// What functions have set and told and the session has not taken up yet.
#[derive(Debug, Default)]
pub(crate) struct Noted(Mutex<Done>);

/// What functions have done.
#[derive(Debug, Default)]
struct Done {
    sets: Vec<Set>,
    told: Pending,
    warnings: Vec<Error>,
}

impl Noted {
    fn lock(&self) -> MutexGuard<'_, Done> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// The hands of one statement's functions.
#[derive(Debug)]
pub(crate) struct Control {
    /// The session's settings when the statement was planned.
    pub(crate) settings: Arc<SessionSettings>,
    pub(crate) noted: Arc<Noted>,
    pub(crate) sessions: Arc<Sessions>,
    pub(crate) user: Identity,
    /// The session that asks.
    pub(crate) session: i32,
}

impl Control {
    /// The settings with what has been noted.
    fn now(&self, noted: &[Set]) -> SessionSettings {
        let mut settings = SessionSettings::clone(&self.settings);
        for set in noted {
            // It was a value of its setting when it was noted.
            let _ = settings.set(&set.name, set.value.as_deref(), set.local);
        }
        settings
    }

    /// Whether the user may signal this session; none where there is no such session.
    fn may_signal(&self, session: i32, what: &str) -> Result<bool, lakeport_catalog::Error> {
        let Some((owner, superuser)) = self.sessions.owner(session) else {
            let message = format!("PID {session} is not a PostgreSQL backend process");
            let mut noted = self.noted.lock();
            if noted.warnings.len() < WARNINGS_MAX {
                noted.warnings.push(Error::new(SqlState::WARNING, message));
            }
            return Ok(false);
        };
        let own = owner == self.user.user || self.user.roles.contains(&owner);
        if self.user.superuser || (own && !superuser) {
            return Ok(true);
        }
        let message = if superuser {
            let what = if what == "query is being canceled" {
                "cancel superuser query"
            } else {
                "terminate superuser process"
            };
            format!("must be a superuser to {what}")
        } else {
            format!("must be a member of the role whose {what} or member of pg_signal_backend")
        };
        Err(refused(Error::new(SqlState::INSUFFICIENT_PRIVILEGE, message)))
    }
}

impl lakeport_catalog::Sessions for Control {
    fn set(&self, name: &str, value: Option<&str>, local: bool) -> Result<String, lakeport_catalog::Error> {
        let mut noted = self.noted.lock();
        let mut settings = self.now(&noted.sets);
        settings.set(name, value, local).map_err(refused)?;
        let shown = settings.show(name).map_err(refused)?;
        noted.sets.retain(|set| !set.name.eq_ignore_ascii_case(name));
        if noted.sets.len() >= NOTED_MAX {
            let message = format!("a statement may set {NOTED_MAX} settings at most");
            return Err(refused(Error::new(SqlState::PROGRAM_LIMIT_EXCEEDED, message)));
        }
        noted.sets.push(Set { name: name.to_ascii_lowercase(), value: value.map(str::to_owned), local });
        Ok(shown)
    }

    fn setting(&self, name: &str) -> Option<String> {
        let noted = self.noted.lock();
        let sets = &noted.sets;
        if sets.is_empty() { self.settings.show(name).ok() } else { self.now(sets).show(name).ok() }
    }

    fn notify(&self, channel: &str, payload: &str) -> Result<(), lakeport_catalog::Error> {
        let (channel, payload) = (channel.to_owned(), payload.to_owned());
        let told = Notification { session: self.session, channel, payload };
        self.noted.lock().told.notify(told).map_err(refused)
    }

    fn channels(&self) -> Vec<String> {
        self.sessions.channels(self.session)
    }

    fn cancel(&self, session: i32) -> Result<bool, lakeport_catalog::Error> {
        let may = self.may_signal(session, "query is being canceled")?;
        if may {
            self.sessions.cancel(session);
        }
        Ok(may)
    }

    fn terminate(&self, session: i32) -> Result<bool, lakeport_catalog::Error> {
        Ok(self.may_signal(session, "process is being terminated")? && self.sessions.terminate(session))
    }

    fn all(&self) -> Vec<SessionInfo> {
        let mut all = self.sessions.all();
        for session in &mut all {
            session.visible = self.user.superuser
                || session.user == self.user.user
                || self.user.roles.contains(&session.user);
        }
        all
    }
}

fn refused(error: Error) -> lakeport_catalog::Error {
    lakeport_catalog::Error::Refused { sqlstate: error.sqlstate, message: error.message }
}

impl Session {
    /// Sets what functions of the last statement have set.
    pub(super) fn take_noted(&mut self) {
        let Done { sets, told, warnings } = std::mem::take(&mut *self.noted.lock());
        self.warnings.extend(warnings);
        for set in sets {
            // Until the end of a transaction that is only this statement, which has ended.
            if set.local && self.transaction == Transaction::Idle && !self.in_implicit() {
                continue;
            }
            // It was checked when it was noted, on the same settings.
            let _ = self.settings.set(&set.name, set.value.as_deref(), set.local);
        }
        self.told_by_functions(told);
    }

    /// Forgets what functions of a statement that failed have set and told.
    pub(super) fn forget_noted(&mut self) {
        let Done { warnings, .. } = std::mem::take(&mut *self.noted.lock());
        self.warnings.extend(warnings);
    }

    /// The warnings of functions that the client has not been told of and wants to hear.
    pub fn warnings(&mut self) -> Vec<Error> {
        let Done { warnings, .. } = &mut *self.noted.lock();
        let all: Vec<Error> = self.warnings.drain(..).chain(warnings.drain(..)).collect();
        all.into_iter().filter(|warning| self.hears(warning)).collect()
    }
}
