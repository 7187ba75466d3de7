//! SCRAM-SHA-256 verifiers: what proves a password without holding it.
//!
//! Makes them, reads and writes them exactly as PostgreSQL stores them in `pg_authid.rolpassword`, and
//! checks a password against one. The exchange of messages with a client is the door's.
//!
//! Source: RFC 5802, RFC 7677, and `src/common/scram-common.c` of PostgreSQL 15.

use std::fmt;
use std::num::NonZeroU32;
use std::str::FromStr;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD as BASE64;
use hmac::{Hmac, Mac};
use ring::pbkdf2;
use ring::rand::{SecureRandom, SystemRandom};
use sha2::{Digest, Sha256};
use subtle::ConstantTimeEq;

use crate::Error;
use crate::saslprep::prepare;

/// How often a new verifier hashes the password: PostgreSQL 15's `SCRAM_DEFAULT_ITERATIONS`.
pub const ITERATIONS_DEFAULT: u32 = 4096;

/// The fewest iterations a verifier may have: RFC 7677 asks for at least as many.
pub const ITERATIONS_MIN: u32 = 4096;

/// The most iterations a verifier may have. A guess: each try costs the client about five seconds then.
pub const ITERATIONS_MAX: u32 = 10_000_000;

/// Bytes of salt in a new verifier: PostgreSQL's `SCRAM_DEFAULT_SALT_LEN`.
const SALT_SIZE: usize = 16;

/// The most bytes of salt that are read. A guess; nobody makes more than 64.
const SALT_SIZE_MAX: usize = 1024;

/// The mechanism's name, which begins a verifier.
const MECHANISM: &str = "SCRAM-SHA-256";

/// What the server keeps of a password.
///
/// `Debug` prints none of it. `Display` writes it as PostgreSQL stores it, for the one command that makes one.
#[derive(Clone, PartialEq, Eq)]
pub struct Verifier {
    iterations: u32,
    salt: Vec<u8>,
    stored_key: [u8; 32],
    server_key: [u8; 32],
}

impl Verifier {
    /// Makes the verifier of a password, with a random salt, as `CREATE ROLE … PASSWORD` would.
    ///
    /// # Errors
    ///
    /// [`Error::Random`] if the system gives no random bytes.
    pub fn make(password: &str) -> Result<Self, Error> {
        let mut salt = [0; SALT_SIZE];
        SystemRandom::new().fill(&mut salt).map_err(|_| Error::Random)?;
        Self::make_with(password, &salt, ITERATIONS_DEFAULT)
    }

    /// Makes the verifier of a password with this salt.
    ///
    /// # Errors
    ///
    /// [`Error::Verifier`] if salt or iterations are out of bounds.
    pub fn make_with(password: &str, salt: &[u8], iterations: u32) -> Result<Self, Error> {
        let salted = salted_password(password, salt, check_bounds(salt, iterations)?);
        let client_key = hmac(&salted, &[b"Client Key"]);
        Ok(Self {
            iterations,
            salt: salt.to_owned(),
            stored_key: Sha256::digest(client_key).into(),
            server_key: hmac(&salted, &[b"Server Key"]),
        })
    }

    /// A verifier that no password fits, the same one for the same `user` and `secret`.
    ///
    /// Has the iterations and the length of salt of `like`, so that a client can't tell it from a real
    /// one; PostgreSQL's defaults without it.
    pub(crate) fn mock(user: &str, secret: &[u8], like: Option<&Verifier>) -> Self {
        let (iterations, salt_size) =
            like.map_or((ITERATIONS_DEFAULT, SALT_SIZE), |like| (like.iterations, like.salt.len()));
        let user = user.as_bytes();
        // 256 blocks of 32 bytes are more than the longest salt.
        let salt = (0u8..=u8::MAX)
            .flat_map(|block| hmac(secret, &[b"salt", &[block], user]))
            .take(salt_size)
            .collect();
        // Nobody knows a client key whose hash this is, so no proof can be made for it.
        let stored_key = hmac(secret, &[b"stored key", user]);
        let server_key = hmac(secret, &[b"server key", user]);
        Self { iterations, salt, stored_key, server_key }
    }

    /// Whether this is the password. Takes as long for a wrong one as for the right one.
    pub fn verify_password(&self, password: &str) -> bool {
        let Ok(iterations) = check_bounds(&self.salt, self.iterations) else {
            return false;
        };
        let salted = salted_password(password, &self.salt, iterations);
        let stored_key: [u8; 32] = Sha256::digest(hmac(&salted, &[b"Client Key"])).into();
        stored_key.ct_eq(&self.stored_key).into()
    }

    /// How often the password was hashed.
    pub fn iterations(&self) -> u32 {
        self.iterations
    }

    /// The salt, which every client that asks is told.
    pub fn salt(&self) -> &[u8] {
        &self.salt
    }

    /// The hash of the key that a client proves to have.
    pub fn stored_key(&self) -> &[u8; 32] {
        &self.stored_key
    }

    /// The key by which the server proves itself to a client.
    pub fn server_key(&self) -> &[u8; 32] {
        &self.server_key
    }
}

impl fmt::Debug for Verifier {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Verifier(***)")
    }
}

impl fmt::Display for Verifier {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let [salt, stored, server] =
            [&self.salt[..], &self.stored_key[..], &self.server_key[..]].map(|bytes| BASE64.encode(bytes));
        write!(f, "{MECHANISM}${}:{salt}${stored}:{server}", self.iterations)
    }
}

impl FromStr for Verifier {
    type Err = Error;

    fn from_str(text: &str) -> Result<Self, Error> {
        let wrong = |reason| Error::Verifier { reason };
        let mut parts = text.split('$');
        if parts.next() != Some(MECHANISM) {
            return Err(wrong("it must begin with SCRAM-SHA-256$"));
        }
        let (Some(parameters), Some(keys), None) = (parts.next(), parts.next(), parts.next()) else {
            return Err(wrong("it must have three parts with $ between them"));
        };
        let (iterations, salt) =
            parameters.split_once(':').ok_or(wrong("iterations and salt must have : between them"))?;
        let (stored, server) = keys.split_once(':').ok_or(wrong("the two keys must have : between them"))?;
        if iterations.is_empty() || !iterations.bytes().all(|byte| byte.is_ascii_digit()) {
            return Err(wrong("the iterations must be a number"));
        }
        let iterations = iterations.parse().map_err(|_| wrong("too many iterations"))?;
        let salt = BASE64.decode(salt).map_err(|_| wrong("the salt must be base64"))?;
        check_bounds(&salt, iterations)?;
        Ok(Self { iterations, salt, stored_key: read_key(stored)?, server_key: read_key(server)? })
    }
}

fn read_key(text: &str) -> Result<[u8; 32], Error> {
    let bytes = BASE64.decode(text).map_err(|_| Error::Verifier { reason: "the keys must be base64" })?;
    bytes.try_into().map_err(|_| Error::Verifier { reason: "a key must be 32 bytes" })
}

/// The iterations as PBKDF2 wants them.
fn check_bounds(salt: &[u8], iterations: u32) -> Result<NonZeroU32, Error> {
    if salt.is_empty() || salt.len() > SALT_SIZE_MAX {
        return Err(Error::Verifier { reason: "the salt must be 1 to 1024 bytes" });
    }
    if !(ITERATIONS_MIN..=ITERATIONS_MAX).contains(&iterations) {
        return Err(Error::Verifier { reason: "the iterations must be 4096 to 10000000" });
    }
    NonZeroU32::new(iterations).ok_or(Error::Verifier { reason: "the iterations must be a number" })
}

fn salted_password(password: &str, salt: &[u8], iterations: NonZeroU32) -> [u8; 32] {
    let mut salted = [0; 32];
    pbkdf2::derive(pbkdf2::PBKDF2_HMAC_SHA256, iterations, salt, prepare(password).as_bytes(), &mut salted);
    salted
}

/// HMAC-SHA-256 of the parts, one after the other.
pub(crate) fn hmac(key: &[u8], parts: &[&[u8]]) -> [u8; 32] {
    let mut mac = Hmac::<Sha256>::new_from_slice(key).expect("HMAC takes a key of any length");
    for part in parts {
        mac.update(part);
    }
    mac.finalize().into_bytes().into()
}

#[cfg(test)]
mod tests {
    use super::{ITERATIONS_DEFAULT, Verifier};
    use crate::Error;

    /// Taken from `pg_authid` of a PostgreSQL 15, after `CREATE ROLE … PASSWORD`.
    const MADE_BY_POSTGRESQL: &[(&str, &str)] = &[
        (
            "pencil",
            "SCRAM-SHA-256$4096:g1L+CAjJTfdXZ00fXDj1EA==$\
             bhtp95FIUo8gET5sUvGpMXF+KVA3eJBgEym501I3xsY=:b8zykX2nJCnz2UyQGWg8Kt9N3D8OtM1wzTMgsPyUoNk=",
        ),
        (
            "pässwörd Ⅸ",
            "SCRAM-SHA-256$4096:7M7GkUhyPczj26e8f/14TQ==$\
             +0XMRTj5qb1+xKRmnOpiHDz2j39Sn7B+wi9IB9SbN2k=:ksf0547ecnvxZp2oQ5pp8R0D7K33fKk9Ar0FHs3SOdQ=",
        ),
        (
            "x\u{A0}y\u{AD}z",
            "SCRAM-SHA-256$4096:uwE+UEuH1hwWGlqDSaIJLw==$\
             hEkUor6w+0YvOXqVejE4VfRN7iswlsWJlxbF1+zGsyY=:LHAZrEa5JERuQnD9zrR1vyVK0NMt45/O3RvbL9nMOFk=",
        ),
        (
            "tab\there",
            "SCRAM-SHA-256$4096:bMWQTG5j0CDDAMrhriM+wQ==$\
             pJ5Jp7f+evyqFTK5EwIA8XL4yThCO1f3rIVQNsyAAa0=:GttcseVLoZOmVL0cUyOu6z4EXcKiNQNvtoorpFUHtYU=",
        ),
        (
            "\u{340}x",
            "SCRAM-SHA-256$4096:GddVf1Xx+t4slV/WJUSj7Q==$\
             RFfMUQ9BaFznSyS4BBfu/9xCVdH1BduD/UEhYlkRipM=:+ZySn5jIthVwpT/zNU6zzOSR+uK2eIszxl9cl2/aDTo=",
        ),
        (
            "\u{627}1",
            "SCRAM-SHA-256$4096:qJx6J772OuM4hd7nZT4+aA==$\
             QINDAU7DdrAC/uQLtb9Lw++0CSeaDN7ntEUe+CXOm28=:xOhiZq3wRgUMoXHVW0plSt9u6ROb6svzD25R1c9Lyyc=",
        ),
        (
            "a\u{2135}b",
            "SCRAM-SHA-256$4096:TDjmW9sjCrTqHfq11iMW8g==$\
             DmNdrmav67QPsOM+xXtmSEqP9TySbZm8QuRx9S3JGCc=:g//PfRQE4XLdzcI7v+UBwVCersAlUHNa+ida/iCoPGw=",
        ),
        (
            "\u{AD}",
            "SCRAM-SHA-256$4096:8EVLPUXpBzroMQksfvJZNg==$\
             mFZIIeI10G0Az5/7rUJl7PP84hNdGtPmE3lhzS9jljI=:HGSWvEK+e+lZF/TLIh4QGOWK9JV95fmuk3gfMmofad4=",
        ),
    ];

    #[test]
    fn verifiers_that_postgresql_made_fit_their_passwords() {
        for (password, text) in MADE_BY_POSTGRESQL {
            let verifier: Verifier = text.parse().unwrap();
            assert!(verifier.verify_password(password), "{password:?}");
            assert!(!verifier.verify_password(&format!("{password}x")), "{password:?}");
            assert_eq!(verifier.to_string(), *text);
        }
    }

    #[test]
    fn the_same_salt_makes_the_verifier_that_postgresql_made() {
        for (password, text) in MADE_BY_POSTGRESQL {
            let verifier: Verifier = text.parse().unwrap();
            let made = Verifier::make_with(password, verifier.salt(), verifier.iterations()).unwrap();
            assert_eq!(made.to_string(), *text, "{password:?}");
        }
    }

    #[test]
    fn the_server_key_signs_the_exchange_of_rfc_7677() {
        use base64::Engine as _;
        let base64 = base64::engine::general_purpose::STANDARD;
        let salt = base64.decode("W22ZaJ0SNY7soEsUEjb6gQ==").unwrap();
        let verifier = Verifier::make_with("pencil", &salt, 4096).unwrap();
        let exchange = "n=user,r=rOprNGfwEbeRWgbNEkqO,r=rOprNGfwEbeRWgbNEkqO%hvYDpWUa2RaTCAfuxFIlj)hNlF$k0,\
            s=W22ZaJ0SNY7soEsUEjb6gQ==,i=4096,c=biws,r=rOprNGfwEbeRWgbNEkqO%hvYDpWUa2RaTCAfuxFIlj)hNlF$k0";
        let signature = super::hmac(verifier.server_key(), &[exchange.as_bytes()]);
        assert_eq!(base64.encode(signature), "6rriTRBi23WpRR/wtup+mMhUZUn/dB5nLTJRsjl95G4=");
    }

    #[test]
    fn a_new_verifier_has_its_own_salt_and_reads_back() {
        let one = Verifier::make("pencil").unwrap();
        let two = Verifier::make("pencil").unwrap();
        assert_ne!(one.salt(), two.salt());
        assert_eq!((one.iterations(), one.salt().len()), (ITERATIONS_DEFAULT, 16));
        assert_eq!(one.to_string().parse(), Ok(one.clone()));
        assert!(one.verify_password("pencil") && !one.verify_password("Pencil"));
    }

    #[test]
    fn what_is_no_verifier_is_refused_without_being_repeated() {
        let key = "bhtp95FIUo8gET5sUvGpMXF+KVA3eJBgEym501I3xsY=";
        for (text, reason) in [
            ("hunter2".to_owned(), "it must begin with SCRAM-SHA-256$"),
            ("md5a3556571e93b0d20722ba62be61e8c2d".to_owned(), "it must begin with SCRAM-SHA-256$"),
            (format!("SCRAM-SHA-256$4096:AAAA${key}"), "the two keys must have : between them"),
            (format!("SCRAM-SHA-256$4096${key}:{key}"), "iterations and salt must have : between them"),
            (format!("SCRAM-SHA-256${key}:{key}"), "it must have three parts with $ between them"),
            (format!("SCRAM-SHA-256$4096:AAAA${key}:{key}$"), "it must have three parts with $ between them"),
            (format!("SCRAM-SHA-256$-1:AAAA${key}:{key}"), "the iterations must be a number"),
            (format!("SCRAM-SHA-256$:AAAA${key}:{key}"), "the iterations must be a number"),
            (format!("SCRAM-SHA-256$4095:AAAA${key}:{key}"), "the iterations must be 4096 to 10000000"),
            (format!("SCRAM-SHA-256$10000001:AAAA${key}:{key}"), "the iterations must be 4096 to 10000000"),
            (format!("SCRAM-SHA-256$99999999999:AAAA${key}:{key}"), "too many iterations"),
            (format!("SCRAM-SHA-256$4096:${key}:{key}"), "the salt must be 1 to 1024 bytes"),
            (format!("SCRAM-SHA-256$4096:***${key}:{key}"), "the salt must be base64"),
            (format!("SCRAM-SHA-256$4096:AAAA${key}:?"), "the keys must be base64"),
            (format!("SCRAM-SHA-256$4096:AAAA$AAAA:{key}"), "a key must be 32 bytes"),
        ] {
            assert_eq!(text.parse::<Verifier>(), Err(Error::Verifier { reason }), "{text}");
        }
    }

    #[test]
    fn a_verifier_does_not_print_itself_when_debugged() {
        assert_eq!(format!("{:?}", Verifier::make("pencil").unwrap()), "Verifier(***)");
    }

    #[test]
    fn a_mock_is_stable_looks_like_the_real_ones_and_fits_nothing() {
        let real = Verifier::make_with("pencil", &[7; 40], 5000).unwrap();
        let mock = Verifier::mock("nobody", b"secret", Some(&real));
        assert_eq!(mock, Verifier::mock("nobody", b"secret", Some(&real)));
        assert_eq!((mock.iterations(), mock.salt().len()), (5000, 40));
        assert_ne!(mock.salt(), Verifier::mock("somebody", b"secret", Some(&real)).salt());
        assert_ne!(mock.salt(), Verifier::mock("nobody", b"another", Some(&real)).salt());
        assert!(!mock.verify_password("") && !mock.verify_password("pencil"));
    }
}
