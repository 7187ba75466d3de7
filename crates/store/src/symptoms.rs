//! Reads from an error of object_store what is wrong.
//!
//! The library's own types of failed requests are private, so the status and the service's code are
//! read from its text; the conformance tests see to it that these texts are still so.
//!
//! Sources: <https://learn.microsoft.com/en-us/rest/api/storageservices/common-rest-api-error-codes>,
//! <https://docs.aws.amazon.com/AmazonS3/latest/API/ErrorResponses.html>

use std::error::Error as StdError;
use std::io;

use object_store::client::{HttpError, HttpErrorKind};

use crate::refused::Refused;

/// What a service or the way to it complains of.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Complaint {
    /// The credential, and what to do about it.
    Credential(&'static str),
    /// What the credential may.
    Denied,
    /// The container, bucket or folder.
    NoContainer,
    /// The host's name.
    Unresolved,
    /// The connection, and what to do about it.
    Unreachable(&'static str),
    /// Too many requests.
    Throttled,
    /// The object.
    Missing,
    /// The request is one that the store does not know, and what to do about it.
    Unsupported(&'static str),
    /// Something else, and what to do about it.
    Other(&'static str),
}

/// What can be seen of an error.
#[derive(Debug)]
pub(crate) struct Symptoms<'a> {
    /// One of our own wrappers refused.
    pub(crate) refused: Option<Refused>,
    /// The path the error carries.
    pub(crate) path: Option<&'a str>,
    error: &'a object_store::Error,
    text: String,
    status: Option<u16>,
    http: Option<HttpErrorKind>,
    io: Option<io::ErrorKind>,
}

/// What comes before the status in the text of a failed request of object_store 0.13.
const STATUS_FOLLOWS: &str = "non-2xx status code: ";

/// What to do about a shared access signature that is not valid at this time.
pub(crate) const SAS_EXPIRED: &str = "the SAS has expired or is not valid yet, make a new one";

/// How deep a chain of sources is followed.
const LINKS_MAX: usize = 32;

impl<'a> Symptoms<'a> {
    /// Examines an error and all that caused it.
    pub(crate) fn of(error: &'a object_store::Error) -> Self {
        let mut symptoms = Self {
            refused: None,
            path: path_of(error),
            error,
            text: error.to_string(),
            status: None,
            http: None,
            io: None,
        };
        let mut link: Option<&(dyn StdError + 'static)> = error.source();
        for _ in 0..LINKS_MAX {
            let Some(source) = link else { break };
            symptoms.refused = symptoms.refused.or(source.downcast_ref::<Refused>().copied());
            symptoms.http = symptoms.http.or(source.downcast_ref::<HttpError>().map(HttpError::kind));
            symptoms.io = symptoms.io.or(source.downcast_ref::<io::Error>().map(io::Error::kind));
            symptoms.path = symptoms.path.or(source.downcast_ref::<object_store::Error>().and_then(path_of));
            let said = source.to_string();
            if !symptoms.text.contains(&said) {
                symptoms.text.push('\n');
                symptoms.text.push_str(&said);
            }
            link = source.source();
        }
        symptoms.status =
            symptoms.text.split(STATUS_FOLLOWS).nth(1).and_then(|rest| rest.get(..3)?.parse().ok());
        symptoms
    }

    /// What is wrong.
    pub(crate) fn complaint(&self) -> Complaint {
        self.of_the_credential()
            .or_else(|| self.of_the_service())
            .or_else(|| self.of_the_way())
            .unwrap_or_else(|| self.of_the_kind())
    }

    fn says(&self, words: &[&str]) -> bool {
        words.iter().any(|word| self.text.contains(word))
    }

    /// By the codes that services have for credentials.
    fn of_the_credential(&self) -> Option<Complaint> {
        let advice = if self.says(&["performing token request", "AADSTS", "token response"]) {
            self.status?;
            "the identity service gives no token for it, check tenant, client and secret"
        } else if self.says(&["azure cli", "az login", "Azure Cli"]) {
            "the Azure CLI gives no token, run \"az login\" as the user that this program runs as"
        } else if self.says(&[
            "Signature not valid in the specified time frame",
            "Signed expiry",
            "signature is expired",
        ]) {
            SAS_EXPIRED
        } else if self.says(&["<Code>ExpiredToken", "<Code>TokenRefreshRequired"]) {
            "the session token has expired, take a new one"
        } else if self.says(&["<Code>RequestTimeTooSkewed"]) {
            "the clock of this machine is wrong"
        } else if self.says(&[
            "Signature did not match",
            "Signature fields not well formed",
            "sr is mandatory",
        ]) {
            "check the SAS, its signature does not fit"
        } else if self.says(&[
            "<Code>AuthenticationFailed",
            "<Code>KeyBasedAuthenticationNotPermitted",
            "Make sure the value of the Authorization header is formed correctly",
        ]) {
            "check the account key, SAS or identity"
        } else if self.says(&["<Code>InvalidAuthenticationInfo", "<Code>NoAuthenticationInformation"]) {
            "check the credential, the service could not make sense of it"
        } else if self.says(&["<Code>PublicAccessNotPermitted"]) {
            "it is not open to anonymous readers, name a credential"
        } else if self.says(&["<Code>SignatureDoesNotMatch"]) {
            "check the secret of the access key"
        } else if self.says(&["<Code>InvalidAccessKeyId", "<Code>InvalidToken"]) {
            "check the access key, the service does not know it"
        } else if self.status == Some(401)
            || matches!(self.error, object_store::Error::Unauthenticated { .. })
        {
            "check the credential, or name one"
        } else {
            return None;
        };
        Some(Complaint::Credential(advice))
    }

    /// By the service's code and status.
    fn of_the_service(&self) -> Option<Complaint> {
        if self.says(&[
            "<Code>ContainerNotFound",
            "<Code>NoSuchBucket",
            "The specified bucket does not exist",
        ]) {
            return Some(Complaint::NoContainer);
        }
        if self.says(&[
            "<Code>PermanentRedirect",
            "<Code>AuthorizationHeaderMalformed",
            "redirect without LOCATION",
        ]) {
            return Some(Complaint::Other("the bucket is in another region than the config says"));
        }
        if self.says(&["<Code>SlowDown", "<Code>ServerBusy"]) {
            return Some(Complaint::Throttled);
        }
        match self.status? {
            300..=399 => Some(Complaint::Other(
                "the server sends readers to another host or round in circles, name the right url",
            )),
            403 => Some(Complaint::Denied),
            404 | 410 => Some(Complaint::Missing),
            405 | 501 => {
                Some(Complaint::Unsupported("the server does not know this request, name files one by one"))
            }
            408 | 504 => Some(Complaint::Unreachable("it did not answer in time, try again")),
            429 | 503 => Some(Complaint::Throttled),
            500.. => Some(Complaint::Other("the service failed, try again")),
            _ => Some(Complaint::Other("the service did not accept the request, the log has its words")),
        }
    }

    /// By what happened to the connection.
    fn of_the_way(&self) -> Option<Complaint> {
        if self.says(&["dns error", "failed to lookup address"]) {
            return Some(Complaint::Unresolved);
        }
        if self.says(&[
            "InvalidCertificate",
            "invalid peer certificate",
            "certificate verify failed",
            "UnknownIssuer",
        ]) {
            return Some(Complaint::Unreachable("its TLS certificate is not one that this machine trusts"));
        }
        if self.says(&["performing token request"]) && self.http.is_some() {
            return Some(Complaint::Credential(
                "no identity service answers here, is this machine in the cloud",
            ));
        }
        let advice = match (self.http, self.io) {
            (_, Some(io::ErrorKind::ConnectionRefused)) => "the connection is refused, check host and port",
            (Some(HttpErrorKind::Connect), _) => "no connection comes about, check host, port and network",
            (Some(HttpErrorKind::Timeout), _) | (_, Some(io::ErrorKind::TimedOut)) => {
                "it did not answer in time, try again"
            }
            (Some(HttpErrorKind::Request | HttpErrorKind::Interrupted | HttpErrorKind::Decode), _)
            | (
                _,
                Some(
                    io::ErrorKind::ConnectionReset
                    | io::ErrorKind::ConnectionAborted
                    | io::ErrorKind::BrokenPipe,
                ),
            ) => "the connection broke off, try again",
            _ => return None,
        };
        Some(Complaint::Unreachable(advice))
    }

    /// By object_store's own kinds, and those of a file system.
    fn of_the_kind(&self) -> Complaint {
        use object_store::Error as E;

        match self.error {
            E::NotFound { .. } => Complaint::Missing,
            E::PermissionDenied { .. } => Complaint::Denied,
            E::NotSupported { .. } | E::NotImplemented { .. } => {
                Complaint::Unsupported("the request is none that this kind of store knows")
            }
            _ if self.io == Some(io::ErrorKind::PermissionDenied) => Complaint::Denied,
            _ if self.io == Some(io::ErrorKind::NotFound) => Complaint::Missing,
            _ => Complaint::Other("the log has the reason"),
        }
    }
}

fn path_of(error: &object_store::Error) -> Option<&str> {
    use object_store::Error as E;

    match error {
        E::NotFound { path, .. }
        | E::AlreadyExists { path, .. }
        | E::Precondition { path, .. }
        | E::NotModified { path, .. }
        | E::PermissionDenied { path, .. }
        | E::Unauthenticated { path, .. } => Some(path),
        _ => None,
    }
}
