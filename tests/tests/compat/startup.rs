//! What a session is told before its first statement, beside PostgreSQL.

use crate::tables::{Both, DATABASE};
use crate::talk::Talk;

/// What PostgreSQL tells of each session by itself.
fn settings(address: &str, parameters: &[(&str, &str)]) -> Vec<(String, String)> {
    let mut all = vec![("user", "test"), ("database", DATABASE)];
    all.extend(parameters);
    let mut settings = Talk::connect_with(address, &all).expect("a session").settings;
    settings.sort();
    settings
}

/// The version's last part and what the packager adds are the server's own.
fn without_patch(settings: Vec<(String, String)>) -> Vec<(String, String)> {
    let cut = |(name, value): (String, String)| match name.as_str() {
        "server_version" => (name, value.split('.').next().unwrap_or_default().to_owned()),
        _ => (name, value),
    };
    settings.into_iter().map(cut).collect()
}

#[track_caller]
fn check(parameters: &[(&str, &str)]) {
    let both = Both::get();
    let [ours, theirs] =
        [&both.lakeport, &both.postgres].map(|address| without_patch(settings(address, parameters)));
    assert_eq!(ours, theirs, "{parameters:?}");
}

#[test]
fn the_start_tells_the_settings_that_postgresql_tells() {
    check(&[]);
}

#[test]
fn what_a_start_asks_for_is_told_as_it_is() {
    // pgjdbc's, asyncpg's, Npgsql's, node-postgres' and libpq's.
    check(&[
        ("client_encoding", "UTF8"),
        ("DateStyle", "ISO"),
        ("TimeZone", "Europe/Berlin"),
        ("extra_float_digits", "2"),
    ]);
    check(&[("client_encoding", "'utf-8'")]);
    check(&[("application_name", "Tableau <1> [x]"), ("ssl_renegotiation_limit", "0")]);
    check(&[("options", "-c statement_timeout=5000 -c DateStyle=ISO,DMY -c search_path=sales\\,public")]);
}

#[test]
fn a_start_that_asks_for_nonsense_is_refused_alike() {
    let both = Both::get();
    for parameters in [
        vec![("user", "test"), ("database", DATABASE), ("DateStyle", "never")],
        vec![("user", "test"), ("database", DATABASE), ("client_encoding", "KLINGON")],
        vec![("user", "test"), ("database", "nowhere")],
        vec![("database", DATABASE)],
    ] {
        let [ours, theirs] = [&both.lakeport, &both.postgres].map(|address| {
            let answer = Talk::connect_with(address, &parameters).err().unwrap_or_default();
            let failure = answer.failure().cloned().unwrap_or_default();
            (failure.severity, failure.code, failure.message)
        });
        assert_eq!(ours, theirs, "{parameters:?}");
    }
}

#[test]
fn a_setting_that_is_not_known_is_no_reason_to_refuse_a_start() {
    // Drivers send settings of other versions, where PostgreSQL refuses with 42704.
    let parameters = [("user", "test"), ("database", DATABASE), ("no_such_setting", "1")];
    assert!(Talk::connect_with(&Both::get().lakeport, &parameters).is_ok());
}
