//! SCRAM-SHA-256, the server's half, as texts in and texts out.
//!
//! Does no I/O and knows no users: it is handed a verifier, real or mock, and takes the same
//! steps for both. Secrets are compared in constant time.
//!
//! Source: RFC 5802, RFC 7677 (SHA-256), RFC 5929 (`tls-server-end-point`), and PostgreSQL's
//! `auth-scram.c`, which lets the user name in the client's first message be anything: the one
//! in the start-up packet counts.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD as BASE64;
use hmac::{Hmac, Mac};
use lakeport_access::Verifier;
use lakeport_engine::Error;
use sha2::{Digest, Sha256};
use subtle::ConstantTimeEq;

use crate::body::violation;

/// The mechanism's name.
pub(crate) const SCRAM: &str = "SCRAM-SHA-256";

/// The name of the same, bound to the TLS connection it runs on.
pub(crate) const SCRAM_PLUS: &str = "SCRAM-SHA-256-PLUS";

/// Bytes of a nonce before it is written in base64. Source: `SCRAM_RAW_NONCE_LEN`.
pub(crate) const NONCE_SIZE: usize = 18;

/// The exchange after the client's first message.
#[derive(Debug)]
pub(crate) struct Exchange {
    first_bare: String,
    server_first: String,
    nonce: String,
    /// What the client must send as `c=` in its last message.
    binding: Vec<u8>,
}

/// How an exchange ended, other than by a message that makes no sense.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Outcome {
    /// The client knows the password; the server's last message proves that the server knows it.
    Proven(String),
    /// It does not.
    Refused,
}

impl Exchange {
    /// Reads the client's first message. `binding` is the hash of the certificate of this
    /// connection, where there is one and the mechanism was offered; `plus` whether the client
    /// chose it.
    pub(crate) fn begin(
        client_first: &str,
        plus: bool,
        binding: Option<&[u8]>,
        verifier: &Verifier,
        nonce: [u8; NONCE_SIZE],
    ) -> Result<Self, Error> {
        let (gs2_header, first_bare) = split_header(client_first)?;
        let binding = bound(gs2_header, plus, binding)?;
        let mut attributes = first_bare.split(',');
        // `m=` would be an extension that the client insists on, and there are none.
        let _user = attribute(attributes.next(), "n=")?;
        let client_nonce = attribute(attributes.next(), "r=")?;
        if client_nonce.is_empty() || !client_nonce.bytes().all(|byte| byte.is_ascii_graphic()) {
            return Err(
                violation("malformed SCRAM message").with_hint("The client's nonce is not printable.")
            );
        }
        let nonce = format!("{client_nonce}{}", BASE64.encode(nonce));
        let server_first =
            format!("r={nonce},s={},i={}", BASE64.encode(verifier.salt()), verifier.iterations());
        Ok(Self { first_bare: first_bare.to_owned(), server_first, nonce, binding })
    }

    /// The server's first message.
    pub(crate) fn server_first(&self) -> &str {
        &self.server_first
    }

    /// Reads the client's last message, and decides.
    pub(crate) fn finish(self, client_final: &str, verifier: &Verifier) -> Result<Outcome, Error> {
        let (without_proof, proof) =
            client_final.rsplit_once(",p=").ok_or_else(|| violation("malformed SCRAM message"))?;
        let mut attributes = without_proof.split(',');
        let binding = attribute(attributes.next(), "c=")?;
        let nonce = attribute(attributes.next(), "r=")?;
        if BASE64.decode(binding).ok().is_none_or(|binding| binding != self.binding) {
            return Err(violation("SCRAM channel binding check failed"));
        }
        if nonce != self.nonce {
            return Err(violation("invalid SCRAM response").with_hint("The nonce does not match."));
        }
        let proof = BASE64.decode(proof).ok().filter(|proof| proof.len() == 32);
        let proof = proof.ok_or_else(|| violation("malformed SCRAM message"))?;

        let signed = format!("{},{},{without_proof}", self.first_bare, self.server_first);
        let signature = hmac(verifier.stored_key(), signed.as_bytes());
        let client_key: Vec<u8> =
            proof.iter().zip(signature).map(|(proof, signature)| proof ^ signature).collect();
        if !bool::from(Sha256::digest(client_key).ct_eq(&verifier.stored_key()[..])) {
            return Ok(Outcome::Refused);
        }
        let proof = hmac(verifier.server_key(), signed.as_bytes());
        Ok(Outcome::Proven(format!("v={}", BASE64.encode(proof))))
    }
}

/// Splits the first message behind its second comma: how it is bound, and the rest.
fn split_header(client_first: &str) -> Result<(&str, &str), Error> {
    let mut commas = client_first.match_indices(',').map(|(index, _)| index);
    let (Some(_), Some(second)) = (commas.next(), commas.next()) else {
        return Err(violation("malformed SCRAM message"));
    };
    Ok(client_first.split_at(second + 1))
}

/// What `c=` of the last message must hold: the first message's header, and the certificate's
/// hash where the exchange is bound to it.
fn bound(gs2_header: &str, plus: bool, binding: Option<&[u8]>) -> Result<Vec<u8>, Error> {
    let (flag, user) = gs2_header[..gs2_header.len() - 1].split_once(',').unwrap_or((gs2_header, ""));
    if !user.is_empty() {
        return Err(violation("client uses authorization identity, but it is not supported"));
    }
    let mut bound = gs2_header.as_bytes().to_vec();
    match (flag, plus, binding) {
        ("n", false, _) | ("y", false, None) => {}
        ("p=tls-server-end-point", true, Some(hash)) => bound.extend_from_slice(hash),
        ("y", false, Some(_)) => {
            // The client could have bound the exchange and believes that we cannot: somebody
            // between us took the offer out.
            return Err(violation("SCRAM channel binding negotiation error").with_hint(
                "The client supports SCRAM channel binding but thinks the server does not. However, this server does \
                 support channel binding.",
            ));
        }
        ("n" | "y", true, _) => {
            return Err(violation("malformed SCRAM message")
                .with_hint("The client selected SCRAM-SHA-256-PLUS without channel binding."));
        }
        (flag, _, _) if flag.starts_with("p=") && binding.is_some() && plus => {
            return Err(violation(format!("unsupported SCRAM channel-binding type {:?}", &flag[2..])));
        }
        _ => return Err(violation("malformed SCRAM message")),
    }
    Ok(bound)
}

fn attribute<'a>(attribute: Option<&'a str>, prefix: &str) -> Result<&'a str, Error> {
    attribute.and_then(|text| text.strip_prefix(prefix)).ok_or_else(|| violation("malformed SCRAM message"))
}

fn hmac(key: &[u8], data: &[u8]) -> [u8; 32] {
    let mut mac = Hmac::<Sha256>::new_from_slice(key).expect("HMAC takes keys of any length");
    mac.update(data);
    mac.finalize().into_bytes().into()
}

#[cfg(test)]
mod tests {
    use base64::Engine as _;
    use lakeport_access::Verifier;

    use super::{BASE64, Exchange, NONCE_SIZE, Outcome, SCRAM, hmac};

    /// The verifier of RFC 7677's example.
    fn verifier() -> Verifier {
        let salt = BASE64.decode("W22ZaJ0SNY7soEsUEjb6gQ==").unwrap();
        Verifier::make_with("pencil", &salt, 4096).unwrap()
    }

    /// What the client of that example knows: PBKDF2 of its password, as its HMAC of `Client Key`.
    fn client_key() -> [u8; 32] {
        let verifier = verifier();
        let mut first = verifier.salt().to_vec();
        first.extend_from_slice(&1_u32.to_be_bytes());
        let mut block = hmac(b"pencil", &first);
        let mut salted = block;
        for _ in 1..verifier.iterations() {
            block = hmac(b"pencil", &block);
            salted.iter_mut().zip(block).for_each(|(sum, byte)| *sum ^= byte);
        }
        hmac(&salted, b"Client Key")
    }

    fn begin(first: &str, plus: bool, binding: Option<&[u8]>) -> Result<Exchange, lakeport_engine::Error> {
        Exchange::begin(first, plus, binding, &verifier(), [0; NONCE_SIZE])
    }

    #[test]
    fn the_example_of_rfc_7677_is_proven() {
        // The RFC's nonce is no base64 of 18 bytes, so it is put in place of ours.
        let mut exchange = begin("n,,n=user,r=rOprNGfwEbeRWgbNEkqO", false, None).unwrap();
        exchange.nonce = "rOprNGfwEbeRWgbNEkqO%hvYDpWUa2RaTCAfuxFIlj)hNlF$k0".to_owned();
        exchange.server_first = format!("r={},s=W22ZaJ0SNY7soEsUEjb6gQ==,i=4096", exchange.nonce);
        let last = "c=biws,r=rOprNGfwEbeRWgbNEkqO%hvYDpWUa2RaTCAfuxFIlj)hNlF$k0,\
                    p=dHzbZapWIk4jUhN+Ute9ytag9zjfMHgsqmmiz7AndVQ=";
        let outcome = exchange.finish(last, &verifier()).unwrap();
        assert_eq!(outcome, Outcome::Proven("v=6rriTRBi23WpRR/wtup+mMhUZUn/dB5nLTJRsjl95G4=".to_owned()));
    }

    /// The last message of a client that knows the password.
    fn last(exchange: &Exchange, key: [u8; 32], binding: &[u8]) -> String {
        let without_proof = format!("c={},r={}", BASE64.encode(binding), exchange.nonce);
        let signed = format!("{},{},{without_proof}", exchange.first_bare, exchange.server_first);
        let signature = hmac(verifier().stored_key(), signed.as_bytes());
        let proof: Vec<u8> = key.iter().zip(signature).map(|(key, byte)| key ^ byte).collect();
        format!("{without_proof},p={}", BASE64.encode(proof))
    }

    #[test]
    fn a_wrong_proof_is_refused_and_no_error() {
        let exchange = begin("n,,n=,r=abc", false, None).unwrap();
        let mut key = client_key();
        key[0] ^= 1;
        let last = last(&exchange, key, b"n,,");
        assert_eq!(exchange.finish(&last, &verifier()).unwrap(), Outcome::Refused);
    }

    #[test]
    fn a_bound_exchange_is_proven_only_with_this_certificate() {
        for (sent, proven) in
            [(&b"p=tls-server-end-point,,HASH"[..], true), (b"p=tls-server-end-point,,EVIL", false)]
        {
            let exchange = begin("p=tls-server-end-point,,n=,r=abc", true, Some(b"HASH")).unwrap();
            let last = last(&exchange, client_key(), sent);
            assert_eq!(matches!(exchange.finish(&last, &verifier()), Ok(Outcome::Proven(_))), proven);
        }
    }

    #[test]
    fn first_messages_that_make_no_sense_or_were_tampered_with_are_refused() {
        for (first, plus, binding) in [
            ("", false, None),
            ("n", false, None),
            ("n,", false, None),
            ("n,,", false, None),
            ("n,,n=", false, None),
            ("n,,n=,r=", false, None),
            ("n,,n=,r=a b", false, None),
            ("n,,m=x,n=,r=abc", false, None),
            ("n,a=other,n=,r=abc", false, None),
            ("x,,n=,r=abc", false, None),
            ("y,,n=,r=abc", false, Some(&b"HASH"[..])),
            ("n,,n=,r=abc", true, Some(b"HASH")),
            ("p=tls-unique,,n=,r=abc", true, Some(b"HASH")),
            ("p=tls-server-end-point,,n=,r=abc", false, Some(b"HASH")),
            ("p=tls-server-end-point,,n=,r=abc", true, None),
        ] {
            assert!(begin(first, plus, binding).is_err(), "{first:?} {plus} {binding:?}");
        }
    }

    #[test]
    fn last_messages_that_make_no_sense_are_refused() {
        let good = last(&begin("n,,n=,r=abc", false, None).unwrap(), client_key(), b"n,,");
        for last in [
            String::new(),
            good.replace("c=biws", "c=eSws"),
            good.replace("r=abc", "r=abd"),
            good.replace(",p=", ",q="),
            format!("{good}AAAA"),
            good[..good.len() - 4].to_owned(),
        ] {
            let exchange = begin("n,,n=,r=abc", false, None).unwrap();
            assert!(exchange.finish(&last, &verifier()).is_err(), "{SCRAM} {last:?}");
        }
    }
}
