//! What this crate's own wrappers refuse, in a form that survives a trip through other libraries.
//!
//! A wrapper can only answer with an [`object_store::Error`]. It carries one of these as its
//! source, so that [`Error::from_object_store`](crate::Error::from_object_store) knows it again.

use object_store::path::Path;

/// The store's name as this crate's own errors give it where object_store wants one.
const STORE: &str = "lakeport";

/// Why a wrapper did not pass a request on, or gave it up.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub(crate) enum Refused {
    /// A write to what is only read.
    #[error("the store is only read")]
    ReadOnly,
    /// A path that leads out of the store's folder.
    #[error("the path leads out of the store")]
    Outside,
    /// The folder of a local store is gone.
    #[error("the folder of the store does not exist")]
    RootGone,
    /// The store took longer than it may.
    #[error("the store did not answer in time")]
    Stalled,
    /// The shared access signature has expired.
    #[error("the shared access signature has expired")]
    Expired,
    /// The object is not what it was when the request began.
    #[error("the file changed while it was read")]
    Changed,
}

impl Refused {
    /// The refusal as an answer to a request for `location`.
    pub(crate) fn at(self, location: &Path) -> object_store::Error {
        let path = location.to_string();
        let source = Box::new(self);
        match self {
            Self::ReadOnly => object_store::Error::NotSupported { source },
            Self::Outside => object_store::Error::PermissionDenied { path, source },
            Self::Changed => object_store::Error::Precondition { path, source },
            Self::RootGone | Self::Stalled | Self::Expired => {
                object_store::Error::Generic { store: STORE, source }
            }
        }
    }
}

/// The same failure, with its path as the store's users know it.
///
/// Below the wrappers a path may hold the folder that a store begins at, or be a path of this machine.
pub(crate) fn at(location: &Path, error: object_store::Error) -> object_store::Error {
    use object_store::Error as E;

    let path = location.to_string();
    match error {
        E::NotFound { source, .. } => E::NotFound { path, source },
        E::AlreadyExists { source, .. } => E::AlreadyExists { path, source },
        E::Precondition { source, .. } => E::Precondition { path, source },
        E::NotModified { source, .. } => E::NotModified { path, source },
        E::PermissionDenied { source, .. } => E::PermissionDenied { path, source },
        E::Unauthenticated { source, .. } => E::Unauthenticated { path, source },
        other => other,
    }
}
