//! Log output: text on a terminal, JSON in a pipe, always on stderr.

use std::io::IsTerminal;

use tracing_subscriber::EnvFilter;

/// What is logged when nobody says otherwise.
const DEFAULT: &str = "info";

/// Sets logging up for the rest of the program. Levels that cannot be read are reported and replaced.
pub(crate) fn set_up(levels: Option<&str>) {
    let (filter, wrong) = match EnvFilter::try_new(levels.unwrap_or(DEFAULT)) {
        Ok(filter) => (filter, None),
        Err(error) => (EnvFilter::new(DEFAULT), Some(error)),
    };
    let builder = tracing_subscriber::fmt().with_env_filter(filter).with_writer(std::io::stderr);
    if std::io::stderr().is_terminal() {
        builder.with_target(false).init();
    } else {
        builder.json().init();
    }
    if let Some(error) = wrong {
        tracing::warn!(%error, "--log cannot be read, info is logged");
    }
}
