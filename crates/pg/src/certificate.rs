//! The hash of a certificate that a login is bound to.
//!
//! Reads just enough DER to find the signature's algorithm.
//!
//! Source: RFC 5929, section 4.1: the hash is the one of the signature, and SHA-256 in place of
//! MD5 and SHA-1. Where the signature has no single hash (Ed25519) or hides it in its
//! parameters (RSA-PSS), clients do not agree on one, and there is none.

use sha2::{Digest, Sha256, Sha384, Sha512};

/// The tag of a sequence in DER.
const SEQUENCE: u8 = 0x30;

/// The tag of an object identifier in DER.
const OBJECT_IDENTIFIER: u8 = 0x06;

/// The hash of this certificate, where there is one that clients agree on.
pub(crate) fn end_point_hash(der: &[u8]) -> Option<Vec<u8>> {
    match signature_algorithm(der)? {
        // RSA with MD5, SHA-1 or SHA-256: 1.2.840.113549.1.1.{4,5,11}.
        [0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, 0x01, 0x04 | 0x05 | 0x0b]
        // ECDSA with SHA-1 (1.2.840.10045.4.1) or SHA-256 (1.2.840.10045.4.3.2).
        | [0x2a, 0x86, 0x48, 0xce, 0x3d, 0x04, 0x01]
        | [0x2a, 0x86, 0x48, 0xce, 0x3d, 0x04, 0x03, 0x02] => Some(Sha256::digest(der).to_vec()),
        [0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, 0x01, 0x0c]
        | [0x2a, 0x86, 0x48, 0xce, 0x3d, 0x04, 0x03, 0x03] => Some(Sha384::digest(der).to_vec()),
        [0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, 0x01, 0x0d]
        | [0x2a, 0x86, 0x48, 0xce, 0x3d, 0x04, 0x03, 0x04] => Some(Sha512::digest(der).to_vec()),
        _ => None,
    }
}

/// The identifier of the algorithm that signed: the first thing in the second part of the whole.
fn signature_algorithm(der: &[u8]) -> Option<&[u8]> {
    let (certificate, _) = element(der, SEQUENCE)?;
    let (_, behind) = element(certificate, SEQUENCE)?;
    let (algorithm, _) = element(behind, SEQUENCE)?;
    element(algorithm, OBJECT_IDENTIFIER).map(|(identifier, _)| identifier)
}

/// The content of the element that begins here, which must have this tag, and what is behind it.
fn element(der: &[u8], tag: u8) -> Option<(&[u8], &[u8])> {
    let (&found, rest) = der.split_first()?;
    let (&first, rest) = rest.split_first()?;
    let (length, rest) = match first {
        short if short < 0x80 => (usize::from(short), rest),
        0x81..=0x84 => {
            let (bytes, rest) = rest.split_at_checked(usize::from(first - 0x80))?;
            (bytes.iter().fold(0, |length, byte| length << 8 | usize::from(*byte)), rest)
        }
        _ => return None,
    };
    (found == tag).then_some(())?;
    rest.split_at_checked(length)
}

#[cfg(test)]
mod tests {
    use sha2::{Digest, Sha256, Sha384};

    use super::end_point_hash;

    /// A certificate's outline: a body of this size, and a signature by this algorithm.
    fn outline(body_size: u16, algorithm: &[u8]) -> Vec<u8> {
        let mut inside = vec![0x30, 0x82];
        inside.extend(body_size.to_be_bytes());
        inside.extend(vec![0; usize::from(body_size)]);
        inside.extend([0x30, u8::try_from(algorithm.len()).unwrap() + 2, 0x06]);
        inside.push(u8::try_from(algorithm.len()).unwrap());
        inside.extend(algorithm);
        let mut outline = vec![0x30, 0x82];
        outline.extend(u16::try_from(inside.len()).unwrap().to_be_bytes());
        outline.extend(inside);
        outline
    }

    #[test]
    fn the_hash_is_the_one_of_the_signature() {
        let der = outline(700, &[0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, 0x01, 0x0b]);
        assert_eq!(end_point_hash(&der), Some(Sha256::digest(&der).to_vec()));
        let der = outline(700, &[0x2a, 0x86, 0x48, 0xce, 0x3d, 0x04, 0x03, 0x03]);
        assert_eq!(end_point_hash(&der), Some(Sha384::digest(&der).to_vec()));
    }

    #[test]
    fn a_signature_without_an_agreed_hash_has_none() {
        assert_eq!(end_point_hash(&outline(300, &[0x2b, 0x65, 0x70])), None);
    }

    #[test]
    fn a_certificate_that_ends_anywhere_is_no_certificate() {
        let der = outline(300, &[0x2a, 0x86, 0x48, 0xce, 0x3d, 0x04, 0x03, 0x03]);
        for end in 0..der.len() {
            assert_eq!(end_point_hash(&der[..end]), None);
        }
    }
}
