//! TLS: the certificate, and the handshake on a socket.
//!
//! TLS 1.2 and 1.3 by rustls with ring, no client certificates. The protocol name
//! `postgresql` is offered, so that a client may begin with TLS and no SSLRequest; such a client
//! must name it, or something else than a PostgreSQL client could be led here.

use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};

use bytes::{Buf, Bytes};
use lakeport_base::SqlState;
use lakeport_engine::Error;
use rustls::ServerConfig;
use rustls::crypto::ring;
use rustls_pki_types::pem::PemObject;
use rustls_pki_types::{CertificateDer, PrivateKeyDer};
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio_rustls::TlsAcceptor;

use crate::certificate;
use crate::wire::{Gone, Stream, Wire};

/// The first byte of a TLS handshake, which no start-up packet that is short enough begins with.
pub(crate) const HANDSHAKE: u8 = 0x16;

/// The name that a client asks for in a handshake. Source: `PG_ALPN_PROTOCOL`.
const PROTOCOL: &[u8] = b"postgresql";

/// A certificate with its key, ready for handshakes. Cheap to clone.
#[derive(Debug, Clone)]
pub struct Tls {
    config: Arc<ServerConfig>,
    binding: Option<Arc<[u8]>>,
}

/// What is known of a connection that runs over TLS.
#[derive(Debug, Clone)]
pub(crate) struct Secured {
    /// The hash of the certificate that was shown, which a login can be bound to; none where the
    /// certificate's signature has no hash that is agreed upon.
    pub(crate) binding: Option<Arc<[u8]>>,
}

/// Whether the client began with an SSLRequest.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Opening {
    /// It did.
    Requested,
    /// It began with the handshake itself.
    Direct,
}

impl Tls {
    /// Takes a chain and its key.
    ///
    /// # Errors
    ///
    /// F0000 where either is not PEM, or they do not belong together.
    pub fn new(settings: &lakeport_config::Tls) -> Result<Self, Error> {
        let chain: Vec<CertificateDer<'static>> = CertificateDer::pem_slice_iter(&settings.certificate)
            .collect::<Result<_, _>>()
            .map_err(|_| fault("the certificate is not written in PEM"))?;
        let own = chain.first().ok_or_else(|| fault("there is no certificate in the certificate file"))?;
        let binding = certificate::end_point_hash(own).map(Arc::from);
        let key = PrivateKeyDer::from_pem_slice(settings.key.reveal())
            .map_err(|_| fault("there is no private key in PEM in the key file"))?;
        let mut config = ServerConfig::builder_with_provider(Arc::new(ring::default_provider()))
            .with_protocol_versions(&[&rustls::version::TLS13, &rustls::version::TLS12])
            .map_err(|_| fault("TLS 1.2 and 1.3 are not to be had"))?
            .with_no_client_auth()
            .with_single_cert(chain, key)
            .map_err(|_| fault("the key does not belong to the certificate, or cannot be used for TLS"))?;
        config.alpn_protocols = vec![PROTOCOL.to_vec()];
        Ok(Self { config: Arc::new(config), binding })
    }

    /// Speaks the handshake, and the rest of the connection over it.
    pub(crate) async fn accept(&self, wire: &mut Wire, opening: Opening) -> Result<Secured, Gone> {
        let (stream, prefix) = wire.take_stream();
        let stream = Prefixed { prefix, stream };
        let stream = TlsAcceptor::from(self.config.clone()).accept(stream).await.map_err(|error| {
            tracing::debug!(reason = %error, "TLS handshake failed");
            Gone
        })?;
        if opening == Opening::Direct && stream.get_ref().1.alpn_protocol() != Some(PROTOCOL) {
            tracing::debug!("TLS without SSLRequest must name the protocol postgresql");
            return Err(Gone);
        }
        wire.set_stream(Box::new(stream));
        Ok(Secured { binding: self.binding.clone() })
    }
}

fn fault(message: &str) -> Error {
    Error::new(SqlState::CONFIG_FILE_ERROR, format!("postgres.tls: {message}"))
}

/// A socket of which the first bytes have been read already.
struct Prefixed {
    prefix: Bytes,
    stream: Box<dyn Stream>,
}

impl AsyncRead for Prefixed {
    fn poll_read(
        mut self: Pin<&mut Self>,
        ctx: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<std::io::Result<()>> {
        if self.prefix.is_empty() {
            return Pin::new(&mut self.stream).poll_read(ctx, buffer);
        }
        let length = self.prefix.len().min(buffer.remaining());
        buffer.put_slice(&self.prefix[..length]);
        self.prefix.advance(length);
        Poll::Ready(Ok(()))
    }
}

impl AsyncWrite for Prefixed {
    fn poll_write(
        mut self: Pin<&mut Self>,
        ctx: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<std::io::Result<usize>> {
        Pin::new(&mut self.stream).poll_write(ctx, bytes)
    }

    fn poll_flush(mut self: Pin<&mut Self>, ctx: &mut Context<'_>) -> Poll<std::io::Result<()>> {
        Pin::new(&mut self.stream).poll_flush(ctx)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, ctx: &mut Context<'_>) -> Poll<std::io::Result<()>> {
        Pin::new(&mut self.stream).poll_shutdown(ctx)
    }
}
