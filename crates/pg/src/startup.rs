//! The first packets of a connection, up to the start-up packet or a cancel request.
//!
//! Nobody has logged in here: lengths are small, every fault ends the connection, and nothing
//! that came before a TLS handshake counts after it.

use lakeport_base::SqlState;
use lakeport_engine::Error;

use crate::body::{Body, violation};
use crate::connection::End;
use crate::tls::{HANDSHAKE, Opening, Secured, Tls};
use crate::wire::Wire;

/// The longest packet before the login begins. Source: `MAX_STARTUP_PACKET_LENGTH`.
const PACKET_MAX: usize = 10_000;

/// Asks for TLS. Source: `NEGOTIATE_SSL_CODE`, as the two below.
const SSL_REQUEST: i32 = 1234 << 16 | 5679;

/// Asks for encryption by GSSAPI.
const GSSENC_REQUEST: i32 = 1234 << 16 | 5680;

/// Asks for the end of another session's statement.
const CANCEL_REQUEST: i32 = 1234 << 16 | 5678;

/// The newest version of the protocol that is spoken here.
pub(crate) const PROTOCOL_NEWEST: i32 = 3 << 16 | 2;

/// What a client came for.
#[derive(Debug)]
pub(crate) enum Hello {
    /// A session.
    Session(Startup),
    /// To end another session's statement.
    Cancel {
        /// The session.
        id: i32,
        /// What only its client knows.
        secret: Vec<u8>,
    },
}

/// A start-up packet.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Startup {
    /// The version of the protocol, the major half above the minor one.
    pub(crate) protocol: i32,
    /// Who wants to log in.
    pub(crate) user: String,
    /// The database; the user's name where none was given.
    pub(crate) database: String,
    /// The settings, those in `options` before those that stand alone.
    pub(crate) settings: Vec<(String, String)>,
    /// Extensions of the protocol that the client would like to use; none is known here.
    pub(crate) extensions: Vec<String>,
}

/// Reads up to the packet that says what the client came for; gives also what is known of TLS.
pub(crate) async fn greet(wire: &mut Wire, tls: Option<&Tls>) -> Result<(Hello, Option<Secured>), End> {
    let mut secured = None;
    let (mut tls_asked, mut gss_asked) = (false, false);
    wire.fill(1).await?;
    if let (HANDSHAKE, Some(tls)) = (wire.input()[0], tls) {
        secured = Some(tls.accept(wire, Opening::Direct).await?);
        tls_asked = true;
    }
    loop {
        let (code, packet) = packet(wire).await?;
        match code {
            SSL_REQUEST => {
                once(&mut tls_asked, "SSL")?;
                nothing_behind(wire, "SSL request")?;
                answer(wire, if tls.is_some() { b'S' } else { b'N' }).await?;
                if let Some(tls) = tls {
                    secured = Some(tls.accept(wire, Opening::Requested).await?);
                }
            }
            GSSENC_REQUEST => {
                once(&mut gss_asked, "GSSAPI encryption")?;
                nothing_behind(wire, "GSSAPI encryption request")?;
                answer(wire, b'N').await?;
            }
            CANCEL_REQUEST => return Ok((cancel(packet).map_err(End::Fatal)?, secured)),
            protocol => return Ok((Hello::Session(startup(protocol, packet).map_err(End::Fatal)?), secured)),
        }
    }
}

/// One packet: its code, and what is behind it.
async fn packet(wire: &mut Wire) -> Result<(i32, Body), End> {
    wire.fill(4).await?;
    let length = Body::new(bytes::Bytes::copy_from_slice(&wire.input()[..4])).int32().map_err(End::Fatal)?;
    let length = usize::try_from(length).ok().filter(|length| (8..=PACKET_MAX).contains(length));
    let length = length.ok_or_else(|| End::Fatal(violation("invalid length of startup packet")))?;
    wire.fill(length).await?;
    let mut body = Body::new(wire.take(length).slice(4..));
    Ok((body.int32().map_err(End::Fatal)?, body))
}

fn once(asked: &mut bool, what: &str) -> Result<(), End> {
    if std::mem::replace(asked, true) {
        return Err(End::Fatal(violation(format!("{what} was asked for before"))));
    }
    Ok(())
}

/// What was sent before the answer to a request for encryption may come from somebody between us.
fn nothing_behind(wire: &Wire, request: &str) -> Result<(), End> {
    if wire.input().is_empty() {
        return Ok(());
    }
    let mut error = violation(format!("received unencrypted data after {request}"));
    error.detail = Some(
        "This could be either a client-software bug or evidence of an attempted man-in-the-middle attack."
            .to_owned(),
    );
    Err(End::Fatal(error))
}

async fn answer(wire: &mut Wire, byte: u8) -> Result<(), End> {
    wire.output().extend_from_slice(&[byte]);
    wire.flush().await.map_err(End::from)
}

fn cancel(mut body: Body) -> Result<Hello, Error> {
    let id = body.int32()?;
    Ok(Hello::Cancel { id, secret: body.rest().to_vec() })
}

fn startup(protocol: i32, mut body: Body) -> Result<Startup, Error> {
    if protocol >> 16 != 3 {
        let message = format!(
            "unsupported frontend protocol {}.{}: server supports 3.0 to 3.{}",
            protocol >> 16,
            protocol & 0xffff,
            PROTOCOL_NEWEST & 0xffff
        );
        return Err(Error::new(SqlState::FEATURE_NOT_SUPPORTED, message));
    }
    let (mut user, mut database) = (String::new(), String::new());
    let (mut settings, mut own_settings, mut extensions) = (Vec::new(), Vec::new(), Vec::new());
    loop {
        let name = body.text().map_err(no_text)?;
        if name.is_empty() {
            break;
        }
        let value = body.text().map_err(no_text)?;
        match name.as_str() {
            "user" => user = value,
            "database" => database = value,
            "options" => settings.extend(options(&value)?),
            "replication" if matches!(value.as_str(), "false" | "off" | "no" | "0") => {}
            "replication" => {
                return Err(Error::new(SqlState::FEATURE_NOT_SUPPORTED, "there is no replication"));
            }
            _ if name.starts_with("_pq_.") => extensions.push(name),
            _ => own_settings.push((name, value)),
        }
    }
    body.end().map_err(|_| violation("invalid startup packet layout: expected terminator as last byte"))?;
    if user.is_empty() {
        let message = "no PostgreSQL user name specified in startup packet";
        return Err(Error::new(SqlState::INVALID_AUTHORIZATION_SPECIFICATION, message));
    }
    if database.is_empty() {
        database.clone_from(&user);
    }
    settings.append(&mut own_settings);
    Ok(Startup { protocol, user, database, settings, extensions })
}

/// Names that are no UTF-8 are nobody's; a packet that ends too early is a fault of the protocol.
fn no_text(error: Error) -> Error {
    if error.sqlstate == SqlState::CHARACTER_NOT_IN_REPERTOIRE {
        return Error::new(SqlState::INVALID_AUTHORIZATION_SPECIFICATION, error.message);
    }
    violation("invalid startup packet layout: expected terminator as last byte")
}

/// Reads `options`: `-c name=value` and `--name=value`, with blanks in a value behind a backslash.
///
/// Source: `pg_split_opts` and `process_postgres_switches` in PostgreSQL.
fn options(text: &str) -> Result<Vec<(String, String)>, Error> {
    let words = split(text);
    let mut words = words.iter().map(String::as_str);
    let mut settings = Vec::new();
    while let Some(word) = words.next() {
        let setting = match (word.strip_prefix("--"), word.strip_prefix("-c")) {
            (Some(setting), _) => Some(setting),
            (None, Some("")) => words.next(),
            (None, setting) => setting,
        };
        let (name, value) = setting.and_then(|setting| setting.split_once('=')).ok_or_else(|| {
            let message = format!("invalid command-line argument for server process: {word}");
            Error::new(SqlState::SYNTAX_ERROR, message)
        })?;
        settings.push((name.replace('-', "_"), value.to_owned()));
    }
    Ok(settings)
}

fn split(text: &str) -> Vec<String> {
    let mut words = Vec::new();
    let mut word: Option<String> = None;
    let mut characters = text.chars();
    while let Some(character) = characters.next() {
        match character {
            '\\' => word.get_or_insert_default().extend(characters.next()),
            _ if character.is_ascii_whitespace() => words.extend(word.take()),
            _ => word.get_or_insert_default().push(character),
        }
    }
    words.extend(word);
    words
}

#[cfg(test)]
mod tests {
    use bytes::Bytes;
    use lakeport_base::SqlState;

    use super::{PROTOCOL_NEWEST, Startup, options, startup};
    use crate::body::Body;

    fn read(bytes: &'static [u8]) -> Result<Startup, SqlState> {
        startup(PROTOCOL_NEWEST, Body::new(Bytes::from_static(bytes))).map_err(|error| error.sqlstate)
    }

    #[test]
    fn the_database_is_the_users_name_where_none_is_given() {
        let startup = read(b"user\0ann\0\0").unwrap();
        assert_eq!((startup.user.as_str(), startup.database.as_str()), ("ann", "ann"));
        assert_eq!(read(b"database\0lake\0user\0ann\0\0").unwrap().database, "lake");
    }

    #[test]
    fn settings_in_options_come_first_and_extensions_apart() {
        let startup = read(b"user\0u\0DateStyle\0ISO\0_pq_.x\x001\0options\0-c a=1\0\0").unwrap();
        assert_eq!(startup.extensions, ["_pq_.x"]);
        let settings = [("a".to_owned(), "1".to_owned()), ("DateStyle".to_owned(), "ISO".to_owned())];
        assert_eq!(startup.settings, settings);
    }

    #[test]
    fn packets_that_make_no_sense_are_refused() {
        for (bytes, code) in [
            (&b"\0"[..], SqlState::INVALID_AUTHORIZATION_SPECIFICATION),
            (b"user\0\0\0", SqlState::INVALID_AUTHORIZATION_SPECIFICATION),
            (b"user\0\xff\0\0", SqlState::INVALID_AUTHORIZATION_SPECIFICATION),
            (b"user\0ann\0", SqlState::PROTOCOL_VIOLATION),
            (b"user\0ann", SqlState::PROTOCOL_VIOLATION),
            (b"", SqlState::PROTOCOL_VIOLATION),
            (b"user\0ann\0\0\0", SqlState::PROTOCOL_VIOLATION),
            (b"user\0ann\0replication\0database\0\0", SqlState::FEATURE_NOT_SUPPORTED),
            (b"user\0ann\0options\0-x\0\0", SqlState::SYNTAX_ERROR),
        ] {
            assert_eq!(read(bytes), Err(code), "{bytes:?}");
        }
    }

    #[test]
    fn versions_other_than_3_are_refused() {
        let error = startup(2 << 16, Body::new(Bytes::from_static(b"user\0ann\0\0"))).unwrap_err();
        assert_eq!(error.message, "unsupported frontend protocol 2.0: server supports 3.0 to 3.2");
    }

    #[test]
    fn options_are_read_as_postgresql_reads_them() {
        for (text, expected) in [
            ("", &[][..]),
            ("-c a=1", &[("a", "1")]),
            ("-ca=1  --b-c=2", &[("a", "1"), ("b_c", "2")]),
            (r"-c search_path=a,\ b -c x=\\", &[("search_path", "a, b"), ("x", r"\")]),
        ] {
            let found = options(text).unwrap();
            let found: Vec<_> = found.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect();
            assert_eq!(found, expected, "{text}");
        }
        for text in ["-c", "-c a", "x", "-"] {
            assert!(options(text).is_err(), "{text}");
        }
    }
}
