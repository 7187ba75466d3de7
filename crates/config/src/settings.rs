//! The checked settings: what the program runs by, once a file has been read and found right.
//!
//! Everything here is plain data that has passed its checks. Reading the file, and naming
//! what is wrong with it, is `load.rs`'s work.

use std::collections::BTreeMap;
use std::net::SocketAddr;
use std::path::PathBuf;
use std::time::Duration;

use lakeport_base::{ByteSize, Redacted, TableName};

/// All settings of one running program.
#[derive(Debug, Clone)]
pub struct Settings {
    /// The file they were read from; none for `serve DIR`.
    pub file: Option<PathBuf>,
    /// The folder of views; none where the config names none, and then no view can be created.
    pub views: Option<PathBuf>,
    /// The PostgreSQL door.
    pub postgres: Postgres,
    /// The stores, by name.
    pub stores: BTreeMap<String, Store>,
    /// The schemas that are folders, by name.
    pub schemas: BTreeMap<String, Schema>,
    /// The tables that say more than their folder does, by name.
    pub tables: BTreeMap<TableName, Table>,
    /// Who may log in, by name. Empty: anyone on loopback, without a password, as a superuser.
    pub users: BTreeMap<String, User>,
    /// What roles may do, by name.
    pub roles: BTreeMap<String, Role>,
    /// What statements and connections may use.
    pub limits: Limits,
}

/// The PostgreSQL door. Section `[postgres]`.
#[derive(Debug, Clone)]
pub struct Postgres {
    /// Where it listens.
    pub listen: SocketAddr,
    /// The one database's name; none accepts any name a client gives.
    pub database: Option<String>,
    /// The schemas that bare names are looked up in, as SET search_path takes them, unless a session says otherwise.
    pub search_path: String,
    /// The certificate and key; none serves without TLS, which only loopback may.
    pub tls: Option<Tls>,
}

/// A certificate chain and its key. Section `[postgres.tls]`.
#[derive(Debug, Clone)]
pub struct Tls {
    /// The chain in PEM, the server's own certificate first.
    pub certificate: Vec<u8>,
    /// The private key in PEM.
    pub key: Redacted<Vec<u8>>,
}

/// One container, bucket, folder or web root. Section `[stores.NAME.KIND]`.
#[derive(Debug, Clone)]
pub struct Store {
    /// Where it is.
    pub url: String,
    /// How it is spoken to, and with which credential.
    pub kind: StoreKind,
}

/// The kinds of store.
#[derive(Debug, Clone)]
pub enum StoreKind {
    /// A folder of this machine.
    Local {
        /// The folder, absolute.
        folder: PathBuf,
    },
    /// Azure Blob Storage or ADLS Gen2, always over the Blob endpoint.
    Azure {
        /// The storage account.
        account: String,
        /// The container.
        container: String,
        /// The folder in the container that the store begins at; empty for all of it.
        prefix: String,
        /// Where the service is if not at its usual address: an emulator, a sovereign cloud, a private host.
        endpoint: Option<String>,
        /// Who asks.
        credential: AzureCredential,
    },
    /// Amazon S3 or what speaks like it.
    S3 {
        /// The bucket.
        bucket: String,
        /// The folder in the bucket that the store begins at; empty for all of it.
        prefix: String,
        /// The region.
        region: String,
        /// Where the service is if it is not Amazon's.
        endpoint: Option<String>,
        /// Who asks.
        credential: S3Credential,
    },
    /// Google Cloud Storage.
    Gcs {
        /// The bucket.
        bucket: String,
        /// The folder in the bucket that the store begins at; empty for all of it.
        prefix: String,
        /// Where the service is if it is not Google's.
        endpoint: Option<String>,
        /// Who asks.
        credential: GcsCredential,
    },
    /// A web server; it cannot be listed unless it speaks WebDAV.
    Http,
}

/// Who asks Azure.
#[derive(Debug, Clone)]
pub enum AzureCredential {
    /// `account-key`
    AccountKey(Redacted<String>),
    /// `sas`: a shared access signature, with or without the leading `?`.
    Sas(Redacted<String>),
    /// `anonymous`
    Anonymous,
    /// `client-secret`: an application of Entra ID.
    ClientSecret {
        /// The directory.
        tenant: String,
        /// The application.
        client: String,
        /// Its secret.
        secret: Redacted<String>,
    },
    /// `workload-identity`: a federated token in a file, as Kubernetes mounts it.
    WorkloadIdentity {
        /// The directory.
        tenant: String,
        /// The application.
        client: String,
        /// The file with the token.
        token_file: PathBuf,
    },
    /// `managed-identity`: of the virtual machine or container that the program runs on.
    ManagedIdentity {
        /// The client id of a user-assigned identity; none for the system-assigned one.
        client: Option<String>,
    },
    /// `azure-cli`: whoever is logged in with `az login`.
    AzureCli,
}

/// Who asks S3.
#[derive(Debug, Clone)]
pub enum S3Credential {
    /// `access-key`
    AccessKey {
        /// The key's id.
        id: String,
        /// The secret.
        secret: Redacted<String>,
        /// The session token of a temporary key.
        token: Option<Redacted<String>>,
    },
    /// `instance`: the role of the machine or container that the program runs on.
    Instance,
    /// `anonymous`
    Anonymous,
}

/// Who asks Google.
#[derive(Debug, Clone)]
pub enum GcsCredential {
    /// `service-account`: its key as JSON.
    ServiceAccount(Redacted<String>),
    /// `instance`: the account of the machine that the program runs on.
    Instance,
    /// `anonymous`
    Anonymous,
}

/// A place in a store: `curated/sales/` is the folder `sales` of the store `curated`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Location {
    /// The store's name.
    pub store: String,
    /// The folder or file in it, without slashes at its ends; empty for the store itself.
    pub path: String,
}

/// A schema that is a folder. Section `[schemas.NAME]`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Schema {
    /// The folder: each Parquet file and each folder directly in it is a table.
    pub from: Location,
    /// How long a listing is believed; none takes `limits.fresh_within`.
    pub fresh_within: Option<Duration>,
    /// What people should know of it.
    pub description: Option<String>,
}

/// A table that says more than its folder does. Section `[tables."SCHEMA.NAME"]`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Table {
    /// The folder or file; none takes the one that the schema's folder has under the table's name.
    pub from: Option<Location>,
    /// The types of partition columns, in the order of the folders; empty infers them.
    pub partitions: Vec<(String, PartitionType)>,
    /// How long a listing is believed; none takes the schema's.
    pub fresh_within: Option<Duration>,
    /// What people should know of it.
    pub description: Option<String>,
    /// What people should know of its columns, by name.
    pub columns: BTreeMap<String, String>,
    /// What its columns are keys of: the primary key, the unique ones, the foreign ones. Nobody enforces them.
    pub keys: Vec<Key>,
}

/// A declared key of a table.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Key {
    /// Its name; no other key of the table has it.
    pub name: String,
    /// Its columns, in order; at least one, none twice.
    pub columns: Vec<String>,
    /// What it says of them.
    pub kind: KeyKind,
    /// The line of the config that declares it.
    pub line: usize,
}

/// What a key says of its columns.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum KeyKind {
    /// No two rows have the same values, and none is NULL.
    Primary,
    /// No two rows have the same values; rows with a NULL are no duplicates.
    Unique,
    /// Each row without a NULL has a row of another table with the same values.
    Foreign {
        /// That table.
        references: TableName,
        /// Its columns, as many as the key has.
        to: Vec<String>,
        /// The name of the primary or unique key that it has on them.
        key: String,
    },
}

/// The types that a partition column may have.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum PartitionType {
    /// `int`: PostgreSQL's bigint.
    Int,
    /// `date`: written `2024-01-31`.
    Date,
    /// `text`
    Text,
}

/// Someone who may log in. Section `[users.NAME]`.
#[derive(Debug, Clone)]
pub struct User {
    /// A SCRAM-SHA-256 verifier as PostgreSQL stores it.
    pub password: Redacted<String>,
    /// The roles the user has; each exists.
    pub roles: Vec<String>,
}

/// What a role may do. Section `[roles.NAME]`.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Role {
    /// Tables and views it may read: `schema.table`, `schema.*` or `*`.
    pub read: Vec<String>,
    /// Stores whose files it may read by path: names or `*`.
    pub browse: Vec<String>,
    /// Schemas in which it may create and drop views: names or `*`.
    pub create: Vec<String>,
}

/// What statements and connections may use. Section `[limits]`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Limits {
    /// Clients served at once.
    pub connections: u32,
    /// Longest a client may take to log in.
    pub startup_timeout: Duration,
    /// Longest a session may wait for its client; zero waits for ever.
    pub idle_timeout: Duration,
    /// Longest a statement may run unless the session says otherwise; zero is without end.
    pub statement_timeout: Duration,
    /// Longest that running statements get to finish when the program is asked to end.
    pub shutdown_grace: Duration,
    /// Memory for all statements together.
    pub memory: ByteSize,
    /// Memory for one statement, before it spills.
    pub statement_memory: ByteSize,
    /// Statements that compute at once; others wait their turn.
    pub statements: u32,
    /// The folder that statements spill to; none takes the system's folder for temporary files.
    pub spill_folder: Option<PathBuf>,
    /// Most that may lie in the spill folder.
    pub spill: ByteSize,
    /// Memory for footers of Parquet files.
    pub footer_memory: ByteSize,
    /// Longest message that a client may send once logged in.
    pub message: ByteSize,
    /// How long a listing of a folder is believed. Zero lists for every statement.
    pub fresh_within: Duration,
    /// Most prepared statements, portals and cursors that one session may hold, each.
    pub session_objects: u32,
    /// Most that the temporary tables of one session may hold, out of `memory`.
    pub temp_memory: ByteSize,
}
