//! Who asks, where, and of what server.

use std::net::SocketAddr;
use std::sync::OnceLock;

use chrono::Utc;
use lakeport_base::SqlState;
use lakeport_sql::types::PgType;

use super::call::Parameter::{Bool, Int, Text};
use super::call::{Catalog, Definition, acting, acting_leniently, lenient, strict};
use crate::cell::Cell;
use crate::error::Error;

/// What is the same in all sessions of one user, in one database and with one search path.
pub(super) const IDENTITY: &[Definition] = &[
    strict("current_database", &[&[]], PgType::NAME, |catalog, _| {
        Ok(catalog.pinned().database.clone().into())
    }),
    strict("current_catalog", &[&[]], PgType::NAME, |catalog, _| {
        Ok(catalog.pinned().database.clone().into())
    }),
    strict("current_schema", &[&[]], PgType::NAME, |catalog, _| Ok(path(catalog).next().into())),
    strict("current_schemas", &[&[Bool]], PgType::NAME_ARRAY, current_schemas),
    strict("current_user", &[&[]], PgType::NAME, |catalog, _| Ok(catalog.pinned().user.clone().into())),
    strict("user", &[&[]], PgType::NAME, |catalog, _| Ok(catalog.pinned().user.clone().into())),
    strict("current_role", &[&[]], PgType::NAME, |catalog, _| Ok(catalog.pinned().user.clone().into())),
    strict("version", &[&[]], PgType::TEXT, |catalog, _| Ok(version(catalog).into())),
    strict("getdatabaseencoding", &[&[]], PgType::NAME, |_, _| Ok("UTF8".into())),
    strict("pg_is_in_recovery", &[&[]], PgType::BOOL, |_, _| Ok(false.into())),
    strict("pg_postmaster_start_time", &[&[]], PgType::TIMESTAMPTZ, |_, _| Ok(started_at().into())),
    strict("pg_conf_load_time", &[&[]], PgType::TIMESTAMPTZ, |_, _| Ok(started_at().into())),
];

/// What differs from session to session, or does something.
pub(super) const FUNCTIONS: &[Definition] = &[
    strict("session_user", &[&[]], PgType::NAME, |catalog, _| {
        Ok(catalog.pinned().session_user.clone().into())
    }),
    strict("pg_backend_pid", &[&[]], PgType::INT4, |catalog, _| Ok(catalog.pinned().session.into())),
    strict("current_setting", &[&[Text], &[Text, Bool]], PgType::TEXT, current_setting),
    acting_leniently("pg_notify", &[&[Text, Text]], PgType::VOID, pg_notify),
    acting_leniently("set_config", &[&[Text, Text, Bool]], PgType::TEXT, set_config),
    acting("pg_cancel_backend", &[&[Int]], PgType::BOOL, |catalog, arguments| {
        signal(arguments, |session| catalog.pinned().sessions.cancel(session))
    }),
    acting("pg_terminate_backend", &[&[Int], &[Int, Int]], PgType::BOOL, |catalog, arguments| {
        signal(arguments, |session| catalog.pinned().sessions.terminate(session))
    }),
    strict("pg_client_encoding", &[&[]], PgType::NAME, |_, _| Ok("UTF8".into())),
    // NULL stands for "not over TCP/IP" in PostgreSQL: which of its addresses is used is not known here.
    lenient("inet_server_addr", &[&[]], PgType::INET, |_, _| Ok(Cell::Null)),
    lenient("inet_server_port", &[&[]], PgType::INT4, |_, _| Ok(Cell::Null)),
    lenient("inet_client_addr", &[&[]], PgType::INET, |catalog, _| {
        Ok(peer(catalog).map(|peer| peer.ip().to_string()).into())
    }),
    lenient("inet_client_port", &[&[]], PgType::INT4, |catalog, _| {
        Ok(peer(catalog).map(|peer| i32::from(peer.port())).into())
    }),
    // The temporary schemas of others are in nobody's catalog.
    strict("pg_my_temp_schema", &[&[]], PgType::OID, |catalog, _| {
        let own = catalog.pinned().temp_schema.as_deref().and_then(|name| catalog.schema_named(name).ok());
        Ok(own.unwrap_or(0).into())
    }),
    strict("pg_is_other_temp_schema", &[&[super::call::Parameter::Oid]], PgType::BOOL, |_, _| {
        Ok(false.into())
    }),
];

/// Remembers now as the time that `pg_postmaster_start_time()` tells. Later calls change nothing.
pub fn mark_start() {
    started_at();
}

/// Microseconds from 1970.
fn started_at() -> i64 {
    static STARTED: OnceLock<i64> = OnceLock::new();
    *STARTED.get_or_init(|| Utc::now().timestamp_micros())
}

/// The search path without `pg_catalog`, which is on it without being asked for.
fn path(catalog: &Catalog) -> impl Iterator<Item = String> {
    let path = &catalog.pinned().search_path;
    let implicit = usize::from(path.first().is_some_and(|schema| schema == "pg_catalog"));
    path[implicit..].iter().cloned()
}

fn current_schemas(catalog: &Catalog, arguments: &[Cell<'_>]) -> Result<Cell<'static>, Error> {
    let implicit = arguments == [Cell::Bool(true)];
    let schemas: Vec<String> =
        if implicit { catalog.pinned().search_path.clone() } else { path(catalog).collect() };
    Ok(schemas.into())
}

/// Begins as PostgreSQL's does, which clients take the version from.
fn version(catalog: &Catalog) -> String {
    let settings = &catalog.pinned().settings;
    let stated = settings.iter().find(|setting| setting.name == "server_version");
    let server = stated.map(|setting| setting.value.as_str()).filter(|value| value.starts_with("15."));
    format!(
        "PostgreSQL {} on {}-{}, Lakeport {}",
        server.unwrap_or("15.0"),
        std::env::consts::ARCH,
        std::env::consts::OS,
        env!("CARGO_PKG_VERSION"),
    )
}

/// Where the client is that asks.
fn peer(catalog: &Catalog) -> Option<SocketAddr> {
    let pinned = catalog.pinned();
    pinned.sessions.all().into_iter().find(|session| session.id == pinned.session)?.peer
}

fn current_setting(catalog: &Catalog, arguments: &[Cell<'_>]) -> Result<Cell<'static>, Error> {
    let name = arguments[0].text().unwrap_or_default();
    if let Some(value) = catalog.pinned().sessions.setting(name) {
        return Ok(value.into());
    }
    let settings = &catalog.pinned().settings;
    let setting = settings.iter().find(|setting| setting.name.eq_ignore_ascii_case(name));
    match setting {
        Some(setting) => Ok(setting.value.clone().into()),
        None if arguments.get(1) == Some(&Cell::Bool(true)) => Ok(Cell::Null),
        None => Err(Error::UnknownSetting { name: name.to_owned() }),
    }
}

/// NULL is an empty text to PostgreSQL's here.
fn pg_notify(catalog: &Catalog, arguments: &[Cell<'_>]) -> Result<Cell<'static>, Error> {
    let text = |index: usize| arguments[index].text().unwrap_or_default();
    catalog.pinned().sessions.notify(text(0), text(1))?;
    Ok("".into())
}

fn set_config(catalog: &Catalog, arguments: &[Cell<'_>]) -> Result<Cell<'static>, Error> {
    let Some(name) = arguments[0].text() else {
        return Err(Error::Refused {
            sqlstate: SqlState::NULL_VALUE_NOT_ALLOWED,
            message: "SET requires parameter name".to_owned(),
        });
    };
    let local = arguments[2] == Cell::Bool(true);
    Ok(catalog.pinned().sessions.set(name, arguments[1].text(), local)?.into())
}

/// Signals the session that the first argument names.
fn signal(arguments: &[Cell<'_>], send: impl Fn(i32) -> Result<bool, Error>) -> Result<Cell<'static>, Error> {
    let session = arguments[0].int().and_then(|number| i32::try_from(number).ok());
    Ok(session.map_or(Ok(false), send)?.into())
}
