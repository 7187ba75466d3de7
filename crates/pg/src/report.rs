//! Turns errors into the bytes a client reads. The only place that does.

use std::any::Any;

use bytes::BytesMut;
use lakeport_base::SqlState;
use lakeport_engine::Error;
use pgwire::messages::Message;
use pgwire::messages::response::{ErrorResponse, NoticeResponse};

/// Longest message text that is sent; a statement of 64 MiB is not to come back in its own error.
/// A guess at what a person reads.
const TEXT_MAX: usize = 16 << 10;

/// What an error means for the connection.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Severity {
    /// The statement is over.
    Error,
    /// The connection is over.
    Fatal,
}

impl Severity {
    fn word(self) -> &'static str {
        match self {
            Self::Error => "ERROR",
            Self::Fatal => "FATAL",
        }
    }
}

/// Writes an error's message, and logs it.
pub(crate) fn error(error: &Error, severity: Severity, output: &mut BytesMut) {
    log(error, severity);
    // A list of short texts always fits a message.
    let _ = ErrorResponse::new(fields(error, severity.word())).encode(output);
}

/// Writes a notice's message.
pub(crate) fn notice(notice: &Error, output: &mut BytesMut) {
    let word = if notice.is_warning() { "WARNING" } else { "NOTICE" };
    let _ = NoticeResponse::new(fields(notice, word)).encode(output);
}

/// The error that a panic is for the client: a number to find it in the log by, and nothing of
/// what it says.
pub(crate) fn panicked(panic: &(dyn Any + Send)) -> Error {
    let incident = format!("{:016x}", rand::random::<u64>());
    let text = panic
        .downcast_ref::<&str>()
        .copied()
        .or_else(|| panic.downcast_ref::<String>().map(String::as_str))
        .unwrap_or("a panic without a text");
    tracing::error!(incident, panic = ?text, "a statement ran into a defect");
    Error::new(SqlState::INTERNAL_ERROR, format!("internal error, incident {incident}"))
        .with_hint("The server's log has more under this number.")
}

fn fields(error: &Error, word: &str) -> Vec<(u8, String)> {
    let mut fields = vec![
        (b'S', word.to_owned()),
        (b'V', word.to_owned()),
        (b'C', error.sqlstate.code().to_owned()),
        (b'M', sendable(&error.message)),
    ];
    fields.extend(error.detail.as_deref().map(|text| (b'D', sendable(text))));
    fields.extend(error.hint.as_deref().map(|text| (b'H', sendable(text))));
    fields.extend(error.position.map(|position| (b'P', position.to_string())));
    fields
}

/// The text as a field can hold it: not too long, and without the zero byte that would end it.
fn sendable(text: &str) -> String {
    let end = text.floor_char_boundary(TEXT_MAX);
    let mut sendable = text[..end].replace('\0', "\u{fffd}");
    if end < text.len() {
        sendable.push('…');
    }
    sendable
}

fn log(error: &Error, severity: Severity) {
    let code = error.sqlstate.code();
    if error.sqlstate.is_fault_of_server() {
        tracing::warn!(code, message = ?error.message, "statement failed on the server's side");
    } else if severity == Severity::Fatal {
        tracing::info!(code, reason = ?error.message, "connection ended");
    } else {
        tracing::debug!(code, reason = ?error.message, "statement failed");
    }
}
