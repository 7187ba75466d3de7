//! What the system relations are made of: the catalog of one moment, as one user may see it.

use std::collections::BTreeMap;
use std::fmt::Debug;
use std::net::SocketAddr;
use std::sync::{Arc, LazyLock};

use arrow::datatypes::SchemaRef;
use async_trait::async_trait;
use datafusion::error::Result;
use lakeport_base::TableName;

use crate::error::Error;
use crate::parameters::Parameter;
use crate::version::Relations;

/// The catalog of one moment, as one user may see it: nothing that the user may not know of is in it.
#[derive(Debug)]
pub struct Pinned {
    /// What `current_database()` says.
    pub database: String,
    /// Who asks.
    pub user: String,
    /// Whose session it is.
    pub session_user: String,
    /// Whether that is a superuser.
    pub superuser: bool,
    /// The session's id, as `pg_backend_pid()` says it.
    pub session: i32,
    /// The schemas that unqualified names are looked up in, existing ones only, `pg_catalog` in front.
    pub search_path: Vec<String>,
    /// The schema of the session's temporary tables, where it has any.
    pub temp_schema: Option<String>,
    /// The schemas, without the system's own, sorted by name.
    pub schemas: Vec<SchemaInfo>,
    /// The tables and views, sorted by name.
    pub relations: Arc<Relations>,
    /// Every role and user.
    pub roles: Vec<RoleInfo>,
    /// The session's settings as they are now.
    pub settings: Lazy<Vec<SettingInfo>>,
    /// What the session keeps under names.
    pub objects: SessionObjects,
    /// Where the columns of a relation come from.
    pub columns: Arc<dyn Columns>,
    /// What functions can do to sessions, and which there are.
    pub sessions: Arc<dyn Sessions>,
}

/// What few statements ask for, made when one does.
pub type Lazy<T> = LazyLock<T, Box<dyn FnOnce() -> T + Send>>;

/// A schema.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SchemaInfo {
    /// Its oid, stable over restarts.
    pub oid: u32,
    /// Its name.
    pub name: String,
    /// What people should know of it.
    pub description: Option<String>,
}

/// What a relation is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum RelationKind {
    /// `relkind` r
    Table,
    /// `relkind` v
    View,
}

/// A table or view.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Relation {
    /// Its oid, stable over restarts.
    pub oid: u32,
    /// Its name.
    pub name: TableName,
    /// What it is.
    pub kind: RelationKind,
    /// Its owner; the first superuser where nobody is named.
    pub owner: String,
    /// The SELECT of a view.
    pub definition: Option<String>,
    /// The oids of the relations that the text of a view names, where who asks may see them.
    pub reads: Vec<u32>,
    /// What people should know of it.
    pub description: Option<String>,
    /// What people should know of its columns: name and description.
    pub column_descriptions: Vec<(String, String)>,
    /// The keys that it declares, primary first, foreign last.
    pub keys: Vec<Key>,
    /// Whether a key of another relation here refers to it.
    pub referenced: bool,
}

/// A declared key of a table. Whether its columns are there is only known once the table is opened.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Key {
    /// Its oid in `pg_constraint`, stable over restarts.
    pub oid: u32,
    /// Its name.
    pub name: String,
    /// The names of its columns, in order.
    pub columns: Vec<String>,
    /// What it says of them.
    pub kind: KeyKind,
}

/// What a key says of its columns.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum KeyKind {
    /// `contype` p
    Primary {
        /// The oid of its index.
        index: u32,
    },
    /// `contype` u
    Unique {
        /// The oid of its index.
        index: u32,
    },
    /// `contype` f. Only where the user may see the other table too.
    Foreign {
        /// The other table's oid.
        relation: u32,
        /// The names of the columns there.
        columns: Vec<String>,
        /// The name of the key that they are there.
        key: String,
    },
}

impl Key {
    /// The oid of its index; foreign keys have none of their own.
    pub fn index(&self) -> Option<u32> {
        match self.kind {
            KeyKind::Primary { index } | KeyKind::Unique { index } => Some(index),
            KeyKind::Foreign { .. } => None,
        }
    }
}

/// A role or user.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RoleInfo {
    /// Its oid, stable over restarts.
    pub oid: u32,
    /// Its name.
    pub name: String,
    /// Whether it may log in.
    pub login: bool,
    /// Whether it may do everything.
    pub superuser: bool,
    /// The roles it has.
    pub member_of: Vec<String>,
}

/// A setting, as `pg_settings` shows it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SettingInfo {
    /// Its name.
    pub name: String,
    /// Its value now.
    pub value: String,
    /// What it has when nobody sets it.
    pub default: String,
    /// What it is for.
    pub description: &'static str,
    /// What PostgreSQL says of it; none for one that `pg_settings` does not list.
    pub parameter: Option<&'static Parameter>,
}

/// What a session keeps under names, as `pg_cursors` and `pg_prepared_statements` show it. What has no
/// name is not among it.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct SessionObjects {
    /// Cursors and portals, by name.
    pub cursors: BTreeMap<String, CursorInfo>,
    /// Prepared statements, by name.
    pub statements: BTreeMap<String, StatementInfo>,
}

/// A cursor or portal, as `pg_cursors` shows it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CursorInfo {
    /// The text that made it.
    pub statement: Arc<str>,
    /// WITH HOLD
    pub holdable: bool,
    /// BINARY
    pub binary: bool,
    /// SCROLL
    pub scrollable: bool,
    /// When it was made, in microseconds since 1970.
    pub created_us: i64,
}

/// A prepared statement, as `pg_prepared_statements` shows it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StatementInfo {
    /// The text that made it.
    pub statement: Arc<str>,
    /// The oids of the types of its parameters.
    pub parameter_types: Vec<u32>,
    /// PREPARE made it, and not the protocol.
    pub from_sql: bool,
    /// When it was made, in microseconds since 1970.
    pub prepared_us: i64,
}

/// Where the columns of tables and views come from. May open objects, so it is asked for single
/// relations wherever a query allows it.
#[async_trait]
pub trait Columns: Debug + Send + Sync {
    /// The columns of one relation. An error where the relation is broken (a view on a table that
    /// is gone, a table that cannot be read): such a relation has no columns in the catalog.
    async fn columns(&self, relation: &TableName, asked: Asked) -> Result<SchemaRef>;
}

/// For how many relations a statement asks at once.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Asked {
    /// For a few: each is as fresh as a query of it would be.
    Few,
    /// For so many that what is known of each has to do for a while.
    Many,
}

impl Asked {
    /// Most relations that are a few. A guess: more than a person looks at, fewer than a client lists.
    const FEW_MAX: usize = 32;

    /// What asking for this many relations is.
    pub(crate) fn of(count: usize) -> Asked {
        if count > Self::FEW_MAX { Asked::Many } else { Asked::Few }
    }
}

/// What functions can do to sessions: to the one that asks, and to others.
pub trait Sessions: Debug + Send + Sync {
    /// Sets a setting of the session that asks, as SET does, or resets it; gives its value then.
    ///
    /// # Errors
    ///
    /// What SET says.
    fn set(&self, name: &str, value: Option<&str>, local: bool) -> Result<String, Error>;

    /// The value of a setting that this statement has set.
    fn setting(&self, name: &str) -> Option<String>;

    /// Tells those that listen to a channel, when the transaction commits.
    ///
    /// # Errors
    ///
    /// What NOTIFY says.
    fn notify(&self, channel: &str, payload: &str) -> Result<(), Error>;

    /// The channels that the session listens to.
    fn channels(&self) -> Vec<String>;

    /// Ends what a session runs; false where there is no such session.
    ///
    /// # Errors
    ///
    /// 42501 for a session of somebody else.
    fn cancel(&self, session: i32) -> Result<bool, Error>;

    /// Ends a session; false where there is no such session.
    ///
    /// # Errors
    ///
    /// 42501 for a session of somebody else.
    fn terminate(&self, session: i32) -> Result<bool, Error>;

    /// The open sessions, by id.
    fn all(&self) -> Vec<SessionInfo>;
}

/// An open session. Times are microseconds from 1970.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SessionInfo {
    /// Its id, as `pg_backend_pid()` says it.
    pub id: i32,
    /// Whose it is.
    pub user: String,
    /// The database it is in.
    pub database: String,
    /// Its application_name.
    pub application: String,
    /// Where its client is; none inside the program.
    pub peer: Option<SocketAddr>,
    /// When it began.
    pub started: i64,
    /// When its statement began, or the last one.
    pub query_started: Option<i64>,
    /// When its transaction began; none where it is in none.
    pub transaction_started: Option<i64>,
    /// When its state changed.
    pub changed: i64,
    /// Its state in PostgreSQL's words.
    pub state: &'static str,
    /// Its statement, or the last one; the start of a long one.
    pub query: String,
    /// Whether who asks may see more of it than who it is.
    pub visible: bool,
}

/// No session, and nothing that can be done to any.
#[derive(Debug)]
pub(crate) struct NoSessions;

impl Sessions for NoSessions {
    fn set(&self, name: &str, _: Option<&str>, _: bool) -> Result<String, Error> {
        Err(Error::UnknownSetting { name: name.to_owned() })
    }

    fn setting(&self, _: &str) -> Option<String> {
        None
    }

    fn notify(&self, _: &str, _: &str) -> Result<(), Error> {
        Ok(())
    }

    fn channels(&self) -> Vec<String> {
        Vec::new()
    }

    fn cancel(&self, _: i32) -> Result<bool, Error> {
        Ok(false)
    }

    fn terminate(&self, _: i32) -> Result<bool, Error> {
        Ok(false)
    }

    fn all(&self) -> Vec<SessionInfo> {
        Vec::new()
    }
}

impl Pinned {
    /// Whether a schema is that of the session's temporary tables.
    pub(crate) fn is_temp(&self, schema: &str) -> bool {
        self.temp_schema.as_deref() == Some(schema)
    }

    /// A catalog of nothing, for whoever only wants to know what this crate offers.
    pub fn empty() -> Pinned {
        Pinned {
            database: String::new(),
            user: String::new(),
            session_user: String::new(),
            superuser: false,
            session: 0,
            search_path: Vec::new(),
            temp_schema: None,
            schemas: Vec::new(),
            relations: Arc::default(),
            roles: Vec::new(),
            settings: LazyLock::new(Box::new(Vec::new)),
            objects: SessionObjects::default(),
            columns: Arc::new(NoColumns),
            sessions: Arc::new(NoSessions),
        }
    }
}

/// The columns of no relation.
#[derive(Debug)]
struct NoColumns;

#[async_trait]
impl Columns for NoColumns {
    async fn columns(&self, relation: &TableName, _asked: Asked) -> Result<SchemaRef> {
        datafusion::common::plan_err!("there is no relation {relation}")
    }
}
