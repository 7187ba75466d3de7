//! Byte strings and UUIDs as PostgreSQL writes them.

const HEX: &[u8; 16] = b"0123456789abcdef";

/// The two hexadecimal digits of each byte.
const HEX_PAIRS: [[u8; 2]; 256] = {
    let mut pairs = [[0; 2]; 256];
    let mut byte = 0;
    while byte < 256 {
        pairs[byte] = [HEX[byte >> 4], HEX[byte & 15]];
        byte += 1;
    }
    pairs
};

/// Writes a bytea: `\x` and hexadecimal digits, or the old escapes.
pub(crate) fn write_bytea(bytes: &[u8], is_escape: bool, out: &mut Vec<u8>) {
    if is_escape {
        return write_escaped(bytes, out);
    }
    out.reserve(2 + 2 * bytes.len());
    out.extend_from_slice(b"\\x");
    for byte in bytes {
        out.extend_from_slice(&HEX_PAIRS[usize::from(*byte)]);
    }
}

/// Source: `byteaout` in PostgreSQL's `varlena.c`.
fn write_escaped(bytes: &[u8], out: &mut Vec<u8>) {
    for &byte in bytes {
        match byte {
            b'\\' => out.extend_from_slice(b"\\\\"),
            0x20..=0x7e => out.push(byte),
            _ => out.extend_from_slice(&[
                b'\\',
                b'0' + (byte >> 6),
                b'0' + ((byte >> 3) & 7),
                b'0' + (byte & 7),
            ]),
        }
    }
}

/// Writes sixteen bytes as a UUID. Of another number of bytes, the hexadecimal digits.
pub(crate) fn write_uuid(bytes: &[u8], out: &mut Vec<u8>) {
    let mut text = [b'-'; 36];
    let mut at = 0;
    for (index, byte) in bytes.iter().take(16).enumerate() {
        if matches!(index, 4 | 6 | 8 | 10) {
            at += 1;
        }
        text[at..at + 2].copy_from_slice(&HEX_PAIRS[usize::from(*byte)]);
        at += 2;
    }
    out.extend_from_slice(&text[..at]);
}

#[cfg(test)]
mod tests {
    use super::{write_bytea, write_uuid};

    #[test]
    fn bytea_has_a_new_and_an_old_form() {
        for (is_escape, expected) in [(false, "\\x006162ff5c7f"), (true, "\\000ab\\377\\\\\\177")] {
            let mut out = Vec::new();
            write_bytea(b"\x00ab\xff\\\x7f", is_escape, &mut out);
            assert_eq!(String::from_utf8(out).unwrap(), expected);
        }
    }

    #[test]
    fn a_uuid_has_four_dashes() {
        let mut out = Vec::new();
        write_uuid(&(0..16).collect::<Vec<u8>>(), &mut out);
        assert_eq!(String::from_utf8(out).unwrap(), "00010203-0405-0607-0809-0a0b0c0d0e0f");
    }
}
