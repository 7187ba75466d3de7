//! The values of one session's settings, and how transactions take them back.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use lakeport_access::Identity;
use lakeport_base::SqlState;
use lakeport_catalog::SettingInfo;
use lakeport_config::Settings;
use lakeport_sql::statement::Set;
use lakeport_sql::value::{DateOrder, DateStyle, IntervalStyle, Style};

use super::known::{Known, all, find, told};
use super::roles::Roles;
use super::value::{milliseconds, normalize, written, zone};
use crate::{Error, Result};

/// Most settings of its own making (`a.b`) that a session may have.
const CUSTOM_MAX: usize = 100;

/// Settings of the machinery below look like a session's own, and are out of its reach. Taking one and doing nothing
/// would let people believe that it does something.
const MACHINERY: &str = "datafusion.";

/// Longest value of a setting, in bytes.
const VALUE_BYTES_MAX: usize = 64 << 10;

/// The settings of one session. Names are folded.
#[derive(Debug, Clone)]
pub(crate) struct SessionSettings {
    /// What RESET goes back to: the start-up message's values over the built-in ones.
    defaults: BTreeMap<String, String>,
    /// What was set since.
    values: BTreeMap<String, String>,
    /// `values` as they were at BEGIN, for ROLLBACK.
    at_begin: Option<BTreeMap<String, String>>,
    /// What SET LOCAL hid, for the end of the transaction.
    hidden: BTreeMap<String, Option<String>>,
    /// What the last savepoint remembered, if nothing was set since.
    saved: Option<Saved>,
    /// What the client was last told.
    told: BTreeMap<&'static str, String>,
    /// Whom the session may act as.
    roles: Arc<Roles>,
}

/// The settings as they were at a savepoint. Cheap to clone.
#[derive(Debug, Clone)]
pub(crate) struct Saved(Arc<Remembered>);

#[derive(Debug)]
struct Remembered {
    values: BTreeMap<String, String>,
    hidden: BTreeMap<String, Option<String>>,
}

impl Saved {
    /// Whether nothing was set between the two.
    pub(crate) fn is_same(&self, other: &Saved) -> bool {
        Arc::ptr_eq(&self.0, &other.0)
    }

    /// About what it takes, in bytes.
    pub(crate) fn bytes(&self) -> usize {
        let values = self.0.values.iter().map(|(name, value)| name.len() + value.len());
        let hidden =
            self.0.hidden.iter().map(|(name, value)| name.len() + value.as_ref().map_or(0, String::len));
        values.sum::<usize>() + hidden.sum::<usize>()
    }
}

/// What a transaction is set to, and what it is set to where it says nothing itself.
const TRANSACTION_MODES: &[(&str, &str)] = &[
    ("transaction_deferrable", "default_transaction_deferrable"),
    ("transaction_isolation", "default_transaction_isolation"),
    ("transaction_read_only", "default_transaction_read_only"),
];

impl SessionSettings {
    /// The settings of a new session of this user.
    pub(crate) fn new(identity: &Identity, settings: &Settings) -> Self {
        let on = |value| if value { "on" } else { "off" }.to_owned();
        let timeout = settings.limits.statement_timeout.as_millis();
        let defaults = [
            ("session_authorization", identity.user.clone()),
            ("is_superuser", on(identity.superuser)),
            ("listen_addresses", settings.postgres.listen.ip().to_string()),
            ("max_connections", settings.limits.connections.to_string()),
            ("port", settings.postgres.listen.port().to_string()),
            ("ssl", on(settings.postgres.tls.is_some())),
            ("search_path", settings.postgres.search_path.clone()),
            ("statement_timeout", written(u64::try_from(timeout).unwrap_or(0))),
        ];
        Self {
            defaults: defaults.map(|(name, value)| (name.to_owned(), value)).into(),
            values: BTreeMap::new(),
            at_begin: None,
            hidden: BTreeMap::new(),
            saved: None,
            told: BTreeMap::new(),
            roles: Arc::new(Roles::of(identity, settings)),
        }
    }

    /// Takes a value from the start-up message: RESET goes back to it.
    pub(crate) fn set_default(&mut self, name: &str, text: &str) -> Result<()> {
        // Whatever else clients put there, replication or a driver's own words, is none of ours.
        if let Some(known) = find(name) {
            self.roles.check(known, text)?;
            self.defaults.insert(name.to_ascii_lowercase(), checked(known, text)?);
        }
        Ok(())
    }

    /// SET, or SET LOCAL inside a transaction.
    ///
    /// # Errors
    ///
    /// 42704 for a setting there is not, 22023 for a wrong value, 55P02 for one that is fixed.
    pub(crate) fn set(&mut self, name: &str, text: Option<&str>, local: bool) -> Result<()> {
        let name = name.to_ascii_lowercase();
        let value = match (text, find(&name)) {
            (None, _) => self.default(&name)?,
            (Some(text), Some(known)) => {
                self.roles.check(known, text)?;
                checked(known, text)?
            }
            (Some(text), None) => self.custom(&name, text)?,
        };
        self.saved = None;
        let before = self.values.insert(name.clone(), value);
        if local {
            self.hidden.entry(name).or_insert(before);
        } else {
            self.hidden.remove(&name);
        }
        Ok(())
    }

    /// RESET, of one setting or of `all`.
    pub(crate) fn reset(&mut self, name: &str) -> Result<()> {
        self.saved = None;
        if name == "all" {
            // What holds for the transaction alone is no setting of the session's.
            // Nor is whom the session acts as, which has a RESET of its own.
            self.values.retain(|name, _| is_transaction_mode(name) || name == "role");
            self.hidden.retain(|name, _| name == "role");
            return Ok(());
        }
        let name = name.to_ascii_lowercase();
        self.hidden.remove(&name);
        match find(&name) {
            Some(_) => drop(self.values.remove(&name)),
            None if self.values.remove(&name).is_some() => {}
            None => return Err(unknown(&name)),
        }
        Ok(())
    }

    /// The value of a setting as SHOW writes it.
    pub(crate) fn show(&self, name: &str) -> Result<String> {
        let name = name.to_ascii_lowercase();
        if name == "is_superuser" && self.role().is_some() {
            return Ok("off".to_owned());
        }
        if let Some(value) = self.values.get(&name) {
            return Ok(value.clone());
        }
        match TRANSACTION_MODES.iter().find(|(mode, _)| *mode == name) {
            Some((_, default)) => self.show(default),
            None => self.default(&name),
        }
    }

    /// Whom the session acts as, where that is not its own user.
    pub(crate) fn role(&self) -> Option<&str> {
        let role = self.values.get("role").or_else(|| self.defaults.get("role"))?.as_str();
        (role != "none" && self.defaults.get("session_authorization").is_none_or(|user| user != role))
            .then_some(role)
    }

    /// A setting's name as its column is headed by SHOW.
    pub(crate) fn shown_name(name: &str) -> &str {
        find(name).map_or(name, |known| known.name)
    }

    /// A transaction begins: what is set from here on is undone by a rollback.
    pub(crate) fn begin(&mut self) {
        self.at_begin = Some(self.values.clone());
    }

    /// The transaction ends.
    pub(crate) fn end(&mut self, committed: bool) {
        let at_begin = self.at_begin.take();
        if !committed && let Some(values) = at_begin {
            self.values = values;
        } else {
            for (name, value) in std::mem::take(&mut self.hidden) {
                match value {
                    Some(value) => drop(self.values.insert(name, value)),
                    None => drop(self.values.remove(&name)),
                }
            }
        }
        self.hidden.clear();
        self.saved = None;
        self.values.retain(|name, _| !is_transaction_mode(name));
    }

    /// What the transaction was set to, for the one that is chained to it.
    pub(crate) fn transaction_modes(&self) -> Vec<Set> {
        let modes = TRANSACTION_MODES.iter().map(|(name, _)| Set {
            name: (*name).to_owned(),
            value: self.show(name).ok(),
            local: false,
        });
        modes.collect()
    }

    /// The settings as they are, to go back to.
    pub(crate) fn save(&mut self) -> Saved {
        let saved = self.saved.get_or_insert_with(|| {
            Saved(Arc::new(Remembered { values: self.values.clone(), hidden: self.hidden.clone() }))
        });
        saved.clone()
    }

    /// Goes back to what was saved.
    pub(crate) fn restore(&mut self, saved: &Saved) {
        self.values = saved.0.values.clone();
        self.hidden = saved.0.hidden.clone();
        self.saved = Some(saved.clone());
    }

    /// The reported settings that are not as the client was last told.
    pub(crate) fn untold(&mut self) -> Vec<(&'static str, String)> {
        let mut untold = Vec::new();
        for known in told() {
            let value = self.show(known.name).unwrap_or_default();
            if self.told.get(known.name) != Some(&value) {
                self.told.insert(known.name, value.clone());
                untold.push((known.name, value));
            }
        }
        untold
    }

    /// How values are written as text now.
    pub(crate) fn style(&self) -> Style {
        let show = |name: &str| self.show(name).unwrap_or_default();
        let dates = show("datestyle");
        Style {
            zone: zone_of(&show("timezone")),
            date: match dates.split(',').next() {
                Some("SQL") => DateStyle::Sql,
                Some("German") => DateStyle::German,
                Some("Postgres") => DateStyle::Postgres,
                _ => DateStyle::Iso,
            },
            order: match dates.rsplit(", ").next() {
                Some("DMY") => DateOrder::Dmy,
                Some("YMD") => DateOrder::Ymd,
                _ => DateOrder::Mdy,
            },
            interval: match show("intervalstyle").as_str() {
                "postgres_verbose" => IntervalStyle::PostgresVerbose,
                "sql_standard" => IntervalStyle::SqlStandard,
                "iso_8601" => IntervalStyle::Iso8601,
                _ => IntervalStyle::Postgres,
            },
            extra_float_digits: show("extra_float_digits").parse().unwrap_or(1),
            bytea_escape: show("bytea_output") == "escape",
        }
    }

    /// Longest a statement may run; none for without end.
    pub(crate) fn statement_timeout(&self) -> Option<Duration> {
        let milliseconds = milliseconds(&self.show("statement_timeout").ok()?)?;
        (milliseconds > 0).then(|| Duration::from_millis(milliseconds))
    }

    /// The schemas of `search_path` as they were written, `"$user"` replaced by the user.
    pub(crate) fn search_path(&self) -> Vec<String> {
        let user = self.defaults.get("session_authorization").cloned().unwrap_or_default();
        split_list(&self.show("search_path").unwrap_or_default())
            .into_iter()
            .map(|name| if name == "$user" { user.clone() } else { name })
            .collect()
    }

    /// Every setting, as pg_settings and SHOW ALL list them.
    pub(crate) fn all(&self) -> Vec<SettingInfo> {
        all()
            .map(|known| SettingInfo {
                name: known.name.to_owned(),
                value: self.show(known.name).unwrap_or_default(),
                default: self.default(known.name).unwrap_or_default(),
                description: known.description,
                parameter: known.parameter,
            })
            .collect()
    }

    fn default(&self, name: &str) -> Result<String> {
        let name = name.to_ascii_lowercase();
        match (self.defaults.get(&name), find(&name)) {
            (Some(value), _) => Ok(value.clone()),
            (None, Some(known)) => Ok(known.default.to_string()),
            (None, None) => Err(unknown(&name)),
        }
    }

    /// A setting of the client's own: anything with a dot, as in PostgreSQL.
    fn custom(&self, name: &str, text: &str) -> Result<String> {
        let custom = self.values.keys().filter(|name| name.contains('.')).count();
        if !name.contains('.') || name.starts_with(MACHINERY) {
            return Err(unknown(name));
        }
        if text.len() > VALUE_BYTES_MAX || (custom >= CUSTOM_MAX && !self.values.contains_key(name)) {
            return Err(Error::new(
                SqlState::PROGRAM_LIMIT_EXCEEDED,
                format!(
                    "a session may have {CUSTOM_MAX} settings of its own, of {VALUE_BYTES_MAX} bytes each"
                ),
            ));
        }
        Ok(text.to_owned())
    }
}

fn is_transaction_mode(name: &str) -> bool {
    TRANSACTION_MODES.iter().any(|(mode, _)| *mode == name)
}

fn checked(known: &Known, text: &str) -> Result<String> {
    if text.len() > VALUE_BYTES_MAX {
        return Err(Error::new(
            SqlState::PROGRAM_LIMIT_EXCEEDED,
            format!("the value of parameter \"{}\" is longer than {VALUE_BYTES_MAX} bytes", known.name),
        ));
    }
    normalize(known, text)
}

fn unknown(name: &str) -> Error {
    Error::new(SqlState::UNDEFINED_OBJECT, format!("unrecognized configuration parameter \"{name}\""))
}

/// The zone of a value that SHOW wrote.
fn zone_of(shown: &str) -> chrono_tz::Tz {
    // `<+02>-02` is how hours east of Greenwich are shown.
    let text = match shown.strip_prefix('<').and_then(|rest| rest.split_once('>')) {
        Some((hours, _)) => hours.trim_start_matches('+'),
        None => shown,
    };
    zone(text).map_or(chrono_tz::Tz::UTC, |(zone, _)| zone)
}

/// Splits names between commas, bare ones folded, quoted ones as they are.
fn split_list(text: &str) -> Vec<String> {
    let (mut names, mut name, mut quoted, mut was_quoted) = (Vec::new(), String::new(), false, false);
    for c in text.chars() {
        match c {
            '"' => (quoted, was_quoted) = (!quoted, true),
            ',' if !quoted => {
                names.push(finished(std::mem::take(&mut name), std::mem::take(&mut was_quoted)));
            }
            c => name.push(c),
        }
    }
    names.push(finished(name, was_quoted));
    names.retain(|name| !name.is_empty());
    names
}

fn finished(name: String, quoted: bool) -> String {
    if quoted { name.trim().to_owned() } else { name.trim().to_ascii_lowercase() }
}

#[cfg(test)]
mod tests {
    use lakeport_access::Identity;
    use lakeport_base::SqlState;

    use super::{SessionSettings, split_list};

    fn settings() -> SessionSettings {
        let folder = lakeport_config::folder(std::path::Path::new(".")).unwrap();
        SessionSettings::new(
            &Identity { user: "ada".to_owned(), roles: Vec::new(), superuser: false },
            &folder,
        )
    }

    #[test]
    fn sessions_have_settings_of_their_own_and_none_of_the_machinery() {
        let mut settings = settings();
        settings.set("myapp.user", Some("7"), false).unwrap();
        assert_eq!(settings.show("myapp.user").unwrap(), "7");
        let error = settings.set("DataFusion.execution.batch_size", Some("1"), false).unwrap_err();
        assert_eq!(error.sqlstate, SqlState::UNDEFINED_OBJECT);
    }

    #[test]
    fn a_rollback_takes_back_what_was_set() {
        let mut settings = settings();
        settings.begin();
        settings.set("timezone", Some("Europe/Berlin"), false).unwrap();
        settings.end(false);
        assert_eq!(settings.show("TimeZone").unwrap(), "UTC");
    }

    #[test]
    fn set_local_ends_with_the_transaction_and_set_stays() {
        let mut settings = settings();
        settings.begin();
        settings.set("jit", Some("on"), false).unwrap();
        settings.set("timezone", Some("Asia/Tokyo"), true).unwrap();
        assert_eq!(settings.style().zone, chrono_tz::Tz::Asia__Tokyo);
        settings.end(true);
        assert_eq!(settings.show("timezone").unwrap(), "UTC");
        assert_eq!(settings.show("jit").unwrap(), "on");
    }

    #[test]
    fn a_savepoint_takes_back_what_was_set_behind_it_locally_too() {
        let mut settings = settings();
        settings.begin();
        settings.set("timezone", Some("Asia/Tokyo"), true).unwrap();
        let saved = settings.save();
        assert!(settings.save().is_same(&saved));
        settings.set("timezone", Some("Europe/Berlin"), false).unwrap();
        settings.set("jit", Some("on"), false).unwrap();
        assert!(!settings.save().is_same(&saved));
        settings.restore(&saved);
        assert_eq!(settings.show("timezone").unwrap(), "Asia/Tokyo");
        settings.end(true);
        assert_eq!([settings.show("timezone").unwrap(), settings.show("jit").unwrap()], ["UTC", "off"]);
    }

    #[test]
    fn a_transaction_is_set_to_what_the_session_says_until_it_says_otherwise() {
        let mut settings = settings();
        settings.set("default_transaction_isolation", Some("serializable"), false).unwrap();
        assert_eq!(settings.show("transaction_isolation").unwrap(), "serializable");
        settings.begin();
        settings.set("transaction_isolation", Some("repeatable read"), false).unwrap();
        settings.reset("all").unwrap();
        assert_eq!(settings.show("transaction_isolation").unwrap(), "repeatable read");
        settings.end(true);
        assert_eq!(settings.show("transaction_isolation").unwrap(), "read committed");
    }

    #[test]
    fn clients_are_told_once_and_again_at_each_change() {
        let mut settings = settings();
        assert_eq!(settings.untold().len(), 13);
        assert!(settings.untold().is_empty());
        settings.set("datestyle", Some("german"), false).unwrap();
        assert_eq!(settings.untold(), [("DateStyle", "German, DMY".to_owned())]);
    }

    #[test]
    fn reset_goes_back_to_the_start_up_message() {
        let mut settings = settings();
        settings.set_default("application_name", "psql").unwrap();
        settings.set_default("who_knows", "x").unwrap();
        settings.set("application_name", Some("other"), false).unwrap();
        settings.reset("application_name").unwrap();
        assert_eq!(settings.show("application_name").unwrap(), "psql");
    }

    #[test]
    fn an_unknown_setting_is_refused_and_one_with_a_dot_is_the_clients_own() {
        let mut settings = settings();
        assert_eq!(
            settings.set("datafusion", Some("1"), false).unwrap_err().sqlstate,
            SqlState::UNDEFINED_OBJECT
        );
        settings.set("my.own", Some("1"), false).unwrap();
        assert_eq!(settings.show("my.own").unwrap(), "1");
        assert_eq!(settings.show("not.set").unwrap_err().sqlstate, SqlState::UNDEFINED_OBJECT);
    }

    #[test]
    fn the_search_path_is_split_at_commas_outside_quotes() {
        assert_eq!(split_list("\"$user\", Public,\"My, Schema\""), ["$user", "public", "My, Schema"]);
        assert_eq!(settings().search_path(), ["ada", "public"]);
    }

    #[test]
    fn hours_east_of_greenwich_survive_being_shown() {
        let mut settings = settings();
        settings.set("timezone", Some("-5"), false).unwrap();
        assert_eq!(settings.style().zone, chrono_tz::Tz::Etc__GMTPlus5);
    }
}
