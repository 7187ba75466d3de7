//! Why a store could not be used.
//!
//! `Display` is for whoever sent the statement: it names the store and what to do, and is written
//! here alone. What the library said is kept as the source, without its secrets, for the log.

use std::fmt;

use lakeport_base::SqlState;

use crate::redact::redacted;
use crate::refused::Refused;
use crate::symptoms::{Complaint, SAS_EXPIRED, Symptoms};

/// Why a store could not be opened or read.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// The store cannot be opened with what the config says.
    #[error("store {store} cannot be opened: {reason}")]
    Open {
        /// The store's name.
        store: String,
        /// What is wrong and what to do, without a secret.
        reason: String,
    },

    /// The store does not take the credential.
    #[error("store {store} refuses the credential: {advice}")]
    Credential {
        /// The store's name.
        store: String,
        /// What to do.
        advice: &'static str,
        /// What was said.
        #[source]
        cause: Cause,
    },

    /// The credential is good, and does not allow this.
    #[error("store {store} denies access{}: let its credential read and list", at(.path))]
    Denied {
        /// The store's name.
        store: String,
        /// What was asked for, where one object was.
        path: Option<String>,
        /// What was said.
        #[source]
        cause: Cause,
    },

    /// The container, bucket or folder that the store is does not exist.
    #[error("the container, bucket or folder of store {store} does not exist: check the store's url")]
    NoContainer {
        /// The store's name.
        store: String,
        /// What was said.
        #[source]
        cause: Cause,
    },

    /// The host has no address.
    #[error(
        "the host of store {store} does not resolve: check the account, bucket or host in the store's url"
    )]
    Unresolved {
        /// The store's name.
        store: String,
        /// What was said.
        #[source]
        cause: Cause,
    },

    /// Nobody answers, or not in time.
    #[error("store {store} cannot be reached: {advice}")]
    Unreachable {
        /// The store's name.
        store: String,
        /// What happened and what to do.
        advice: &'static str,
        /// What was said.
        #[source]
        cause: Cause,
    },

    /// The store wants fewer requests, and went on wanting that while it was asked again.
    #[error("store {store} is overloaded and asks for patience: try again later")]
    Throttled {
        /// The store's name.
        store: String,
        /// What was said.
        #[source]
        cause: Cause,
    },

    /// The object is not there, or no longer.
    #[error("file{} does not exist in store {store}", named(.path))]
    Missing {
        /// The store's name.
        store: String,
        /// The object, where it is known.
        path: Option<String>,
    },

    /// The object was written since it was found; trying again reads the new one.
    #[error("file {path} in store {store} changed while it was read: try again")]
    Changed {
        /// The store's name.
        store: String,
        /// The object.
        path: String,
    },

    /// Bytes were asked for that the object does not have: something that says where they are is wrong.
    #[error("file {path} in store {store} ends before what it should hold: it has only {size} bytes")]
    OutOfRange {
        /// The store's name.
        store: String,
        /// The object.
        path: String,
        /// Its size in bytes.
        size: u64,
    },

    /// The path leads out of the store's folder, or is none.
    #[error("path{} does not lie in store {store}", named(.path))]
    Outside {
        /// The store's name.
        store: String,
        /// The path, where it is known.
        path: Option<String>,
    },

    /// The folder holds more than one listing may.
    #[error("folder {path} in store {store} holds more than {objects_max} files: name a folder further down")]
    TooManyObjects {
        /// The store's name.
        store: String,
        /// The folder.
        path: String,
        /// The bound.
        objects_max: usize,
    },

    /// A write.
    #[error("store {store} is only read")]
    ReadOnly {
        /// The store's name.
        store: String,
    },

    /// Something that this kind of store cannot do, such as a listing of a plain web server.
    #[error("store {store} cannot do this: {advice}")]
    Unsupported {
        /// The store's name.
        store: String,
        /// What it cannot and what to do.
        advice: &'static str,
        /// What was said.
        #[source]
        cause: Cause,
    },

    /// Anything else.
    #[error("store {store} cannot be read{}: {advice}", at(.path))]
    Failed {
        /// The store's name.
        store: String,
        /// What was asked for, where one object was.
        path: Option<String>,
        /// What to do.
        advice: &'static str,
        /// What was said.
        #[source]
        cause: Cause,
    },
}

impl Error {
    /// The code the client sees.
    pub fn sqlstate(&self) -> SqlState {
        match self {
            Self::Open { .. }
            | Self::Credential { .. }
            | Self::NoContainer { .. }
            | Self::Unresolved { .. }
            | Self::Unreachable { .. }
            | Self::Throttled { .. }
            | Self::Failed { .. } => SqlState::IO_ERROR,
            Self::Denied { .. } | Self::Outside { .. } => SqlState::INSUFFICIENT_PRIVILEGE,
            Self::Missing { .. } => SqlState::UNDEFINED_FILE,
            Self::Changed { .. } => SqlState::SERIALIZATION_FAILURE,
            Self::OutOfRange { .. } => SqlState::DATA_CORRUPTED,
            Self::TooManyObjects { .. } => SqlState::PROGRAM_LIMIT_EXCEEDED,
            Self::ReadOnly { .. } => SqlState::READ_ONLY_SQL_TRANSACTION,
            Self::Unsupported { .. } => SqlState::FEATURE_NOT_SUPPORTED,
        }
    }

    /// Names what failed in the store called `store`, from what object_store said.
    ///
    /// For whoever gets such an error back through another library, too: the same failure has the same
    /// words everywhere. `path` is the object asked for; without it the path is taken from the error,
    /// which is right for errors of [`Store::objects`](crate::Store::objects).
    pub fn from_object_store(store: &str, path: Option<&str>, error: &object_store::Error) -> Self {
        use object_store::Error as E;

        let symptoms = Symptoms::of(error);
        let path = path.or(symptoms.path).filter(|path| !path.is_empty()).map(redacted);
        let cause = Cause::of(error);
        let store = store.to_owned();
        if let Some(refused) = symptoms.refused {
            return Self::from_refused(store, path, refused, cause);
        }
        match error {
            E::Precondition { .. } => return Self::changed(store, path, cause),
            E::InvalidPath { .. } => return Self::Outside { store, path },
            _ => {}
        }
        match symptoms.complaint() {
            Complaint::Credential(advice) => Self::Credential { store, advice, cause },
            Complaint::Denied => Self::Denied { store, path, cause },
            Complaint::NoContainer => Self::NoContainer { store, cause },
            Complaint::Unresolved => Self::Unresolved { store, cause },
            Complaint::Unreachable(advice) => Self::Unreachable { store, advice, cause },
            Complaint::Throttled => Self::Throttled { store, cause },
            Complaint::Missing => Self::Missing { store, path },
            Complaint::Unsupported(advice) => Self::Unsupported { store, advice, cause },
            Complaint::Other(advice) => Self::Failed { store, path, advice, cause },
        }
    }

    fn from_refused(store: String, path: Option<String>, refused: Refused, cause: Cause) -> Self {
        match refused {
            Refused::ReadOnly => Self::ReadOnly { store },
            Refused::Outside => Self::Outside { store, path },
            Refused::Expired => Self::Credential { store, advice: SAS_EXPIRED, cause },
            Refused::RootGone => Self::NoContainer { store, cause },
            Refused::Stalled => {
                Self::Unreachable { store, advice: "it did not answer in time, try again", cause }
            }
            Refused::Changed => Self::changed(store, path, cause),
        }
    }

    fn changed(store: String, path: Option<String>, cause: Cause) -> Self {
        match path {
            Some(path) => Self::Changed { store, path },
            None => {
                Self::Failed { store, path, advice: "a file changed while it was read, try again", cause }
            }
        }
    }
}

/// What a library said of a failure, all links of its chain, without secrets: for logs, never for clients.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Cause(String);

/// Longest text of a cause in characters; services put whole pages into an answer.
const CAUSE_MAX: usize = 2_000;

impl Cause {
    /// The chain of `error` as one line.
    pub fn of(error: &(dyn std::error::Error + 'static)) -> Self {
        let mut text = error.to_string();
        let mut link = error.source();
        while let Some(source) = link {
            let said = source.to_string();
            // Most links repeat the text of what they wrap.
            if !text.contains(&said) {
                text.push_str(": ");
                text.push_str(&said);
            }
            link = source.source();
        }
        Self(redacted(&text).chars().take(CAUSE_MAX).collect())
    }
}

impl fmt::Display for Cause {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl std::error::Error for Cause {}

fn at(path: &Option<String>) -> String {
    path.as_ref().map(|path| format!(" to {path}")).unwrap_or_default()
}

fn named(path: &Option<String>) -> String {
    path.as_ref().map(|path| format!(" {path}")).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use object_store::path::Path;

    use super::Error;
    use crate::refused::Refused;

    type Source = Box<dyn std::error::Error + Send + Sync>;

    fn generic(text: &str) -> object_store::Error {
        object_store::Error::Generic { store: "test", source: text.into() }
    }

    #[track_caller]
    fn check(error: &object_store::Error, code: &str, words: &str) {
        let error = Error::from_object_store("lake", Some("a/b.parquet"), error);
        assert_eq!(error.sqlstate().code(), code, "{error}");
        assert!(error.to_string().contains(words), "{error}");
        assert!(error.to_string().contains("lake"), "{error}");
    }

    fn status(status: &str, code: &str, detail: &str) -> object_store::Error {
        generic(&format!(
            "Error performing list request: Error performing GET https://a/c?sig=CANARY in 1s - Server returned \
             non-2xx status code: {status}: <Error><Code>{code}</Code><Message>{detail}</Message></Error>"
        ))
    }

    #[test]
    fn each_complaint_of_a_service_has_its_code_and_advice() {
        for (answer, code, words) in [
            (
                status("403 Forbidden", "AuthenticationFailed", "The MAC signature"),
                "58030",
                "check the account key",
            ),
            (
                status(
                    "403 Forbidden",
                    "AuthenticationFailed",
                    "Signature not valid in the specified time frame",
                ),
                "58030",
                "the SAS has expired or is not valid yet",
            ),
            (status("403 Forbidden", "AuthorizationFailure", "Server failed"), "42501", "denies access"),
            (status("403 Forbidden", "AuthorizationPermissionMismatch", ""), "42501", "denies access"),
            (status("403 Forbidden", "SignatureDoesNotMatch", ""), "58030", "check the secret"),
            (status("403 Forbidden", "InvalidAccessKeyId", ""), "58030", "check the access key"),
            (status("400 Bad Request", "ExpiredToken", ""), "58030", "expired"),
            (status("403 Forbidden", "AccessDenied", ""), "42501", "denies access"),
            (status("409 Conflict", "PublicAccessNotPermitted", ""), "58030", "not open to anonymous"),
            (
                status("404 Not Found", "ContainerNotFound", ""),
                "58030",
                "does not exist: check the store's url",
            ),
            (status("404 Not Found", "NoSuchBucket", ""), "58030", "does not exist: check the store's url"),
            (status("404 Not Found", "BlobNotFound", ""), "58P01", "file a/b.parquet does not exist"),
            (status("503 Service Unavailable", "ServerBusy", ""), "58030", "overloaded"),
            (status("429 Too Many Requests", "", ""), "58030", "overloaded"),
            (status("500 Internal Server Error", "", ""), "58030", "the service failed"),
        ] {
            check(&answer, code, words);
        }
    }

    #[test]
    fn a_host_that_does_not_resolve_is_told_from_one_that_refuses() {
        check(
            &generic("error sending request: client error (Connect): dns error: failed"),
            "58030",
            "does not resolve",
        );
        let refused = std::io::Error::from(std::io::ErrorKind::ConnectionRefused);
        let refused = object_store::Error::Generic { store: "test", source: Box::new(refused) };
        check(&refused, "58030", "cannot be reached");
    }

    #[test]
    fn refusals_of_our_own_wrappers_are_known_again() {
        let path = Path::from("x");
        check(&Refused::ReadOnly.at(&path), "25006", "only read");
        check(&Refused::Outside.at(&path), "42501", "does not lie in store");
        check(&Refused::Changed.at(&path), "40001", "changed while it was read");
        check(&Refused::RootGone.at(&path), "58030", "does not exist");
        check(&Refused::Stalled.at(&path), "58030", "did not answer in time");
    }

    #[test]
    fn object_stores_own_kinds_are_kept() {
        let (path, source) = (|| "p".to_owned(), || -> Source { "CANARY".into() });
        use object_store::Error as E;
        check(&E::NotFound { path: path(), source: source() }, "58P01", "a/b.parquet does not exist");
        check(&E::Precondition { path: path(), source: source() }, "40001", "try again");
        check(&E::PermissionDenied { path: path(), source: source() }, "42501", "denies");
        check(&E::Unauthenticated { path: path(), source: source() }, "58030", "credential");
        check(&E::NotSupported { source: source() }, "0A000", "cannot do this");
    }

    #[test]
    fn no_error_shows_a_secret_or_what_the_service_said() {
        let error =
            status("403 Forbidden", "AuthenticationFailed", "see https://u:CANARY@host/?sig=CANARY&sv=1");
        let error = Error::from_object_store("lake", None, &error);
        assert!(!error.to_string().contains("http"), "{error}");
        assert!(
            !format!("{error} {error:?} {:?}", std::error::Error::source(&error)).contains("CANARY"),
            "{error:?}"
        );
    }

    #[test]
    fn without_a_path_the_error_speaks_of_the_one_it_carries() {
        let error = object_store::Error::NotFound { path: "x/y.csv".into(), source: "".into() };
        let error = Error::from_object_store("lake", None, &error);
        assert_eq!(error.to_string(), "file x/y.csv does not exist in store lake");
    }
}
