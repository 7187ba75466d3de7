//! The secrets that cancel requests prove themselves with.
//!
//! A request comes on a connection of its own, names a session and shows the secret that only
//! its client was told. It is never answered, whether it was right or not.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};

use bytes::Bytes;
use pgwire::messages::startup::SecretKey;
use rand::TryRngCore;
use rand::rngs::OsRng;
use subtle::ConstantTimeEq;

/// Bytes of a secret for clients that speak protocol 3.0, which has no more.
const SIZE_SHORT: usize = 4;

/// Bytes of a secret for those that speak 3.2. Source: `MAX_CANCEL_KEY_LENGTH` in PostgreSQL 18.
const SIZE_LONG: usize = 32;

/// The secrets of the open sessions.
#[derive(Debug, Default)]
pub(crate) struct Secrets {
    open: Mutex<HashMap<i32, Vec<u8>>>,
}

/// One session's secret. Dropping it makes every cancel request for the session a wrong one.
pub(crate) struct Secret {
    session: i32,
    bytes: Vec<u8>,
    secrets: Arc<Secrets>,
}

impl Secrets {
    /// Makes a secret for a session; none if the system gives no random bytes.
    pub(crate) fn make(self: &Arc<Self>, session: i32, long: bool) -> Option<Secret> {
        let mut bytes = vec![0; if long { SIZE_LONG } else { SIZE_SHORT }];
        OsRng.try_fill_bytes(&mut bytes).ok()?;
        self.open.lock().unwrap_or_else(PoisonError::into_inner).insert(session, bytes.clone());
        Some(Secret { session, bytes, secrets: self.clone() })
    }

    /// Whether this is the session's secret. Says no to a session that is not there.
    pub(crate) fn fits(&self, session: i32, secret: &[u8]) -> bool {
        let open = self.open.lock().unwrap_or_else(PoisonError::into_inner);
        open.get(&session).is_some_and(|own| own.ct_eq(secret).into())
    }
}

impl Secret {
    /// The secret as a client is told it.
    pub(crate) fn key(&self) -> SecretKey {
        match <[u8; SIZE_SHORT]>::try_from(&self.bytes[..]) {
            Ok(bytes) => SecretKey::I32(i32::from_be_bytes(bytes)),
            Err(_) => SecretKey::Bytes(Bytes::copy_from_slice(&self.bytes)),
        }
    }
}

impl Drop for Secret {
    fn drop(&mut self) {
        self.secrets.open.lock().unwrap_or_else(PoisonError::into_inner).remove(&self.session);
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use super::Secrets;

    #[test]
    fn only_the_whole_secret_of_an_open_session_fits() {
        let secrets = Arc::new(Secrets::default());
        for long in [false, true] {
            let secret = secrets.make(7, long).unwrap();
            let bytes = secret.bytes.clone();
            assert!(secrets.fits(7, &bytes));
            assert!(!secrets.fits(8, &bytes));
            assert!(!secrets.fits(7, &bytes[..bytes.len() - 1]));
            assert!(!secrets.fits(7, b""));
            let mut wrong = bytes.clone();
            wrong[0] ^= 1;
            assert!(!secrets.fits(7, &wrong));
            drop(secret);
            assert!(!secrets.fits(7, &bytes));
        }
    }
}
