//! What the door is told when it opens.

use std::time::Duration;

use lakeport_base::ByteSize;
use lakeport_config::Limits;

use crate::tls::Tls;

/// What the door is told when it opens. All of it is fixed while the door is open.
#[derive(Debug, Clone)]
pub struct Options {
    /// The certificate; none answers a client's wish for TLS with no.
    pub tls: Option<Tls>,
    /// Longest from the first byte to the end of the login.
    pub startup_timeout: Duration,
    /// Longest a session may wait for its client; zero waits for ever.
    pub idle_timeout: Duration,
    /// Longest that running statements get to finish once the door is to close.
    pub shutdown_grace: Duration,
    /// Longest message of a client that has logged in.
    pub message_max: ByteSize,
    /// Most clients that are logged in at once.
    pub connections_max: u32,
    /// Most prepared statements, and most portals, that one session may hold.
    pub session_objects_max: u32,
}

impl Options {
    /// What the limits of a config say, without TLS.
    pub fn new(limits: &Limits) -> Self {
        Self {
            tls: None,
            startup_timeout: limits.startup_timeout,
            idle_timeout: limits.idle_timeout,
            shutdown_grace: limits.shutdown_grace,
            message_max: limits.message,
            connections_max: limits.connections,
            session_objects_max: limits.session_objects,
        }
    }

    /// The same with a certificate.
    pub fn with_tls(mut self, tls: Tls) -> Self {
        self.tls = Some(tls);
        self
    }
}
