//! Cutting encoded rows between two messages.

use crate::codec::HEADER_SIZE;
use crate::encode::Chunk;

/// Cuts a piece behind so many rows; the second part is none where there is nothing left.
///
/// Walks over the messages' lengths, so it costs only as much as the rows in front of the cut.
pub(crate) fn split(mut chunk: Chunk, rows: u64) -> (Chunk, Option<Chunk>) {
    let Some(rows) = usize::try_from(rows).ok().filter(|rows| *rows < chunk.rows) else {
        return (chunk, None);
    };
    let end = (0..rows).fold(0, |end, _| end + length(&chunk.bytes[end..]));
    let rest = Chunk { bytes: chunk.bytes.split_off(end), rows: chunk.rows - rows };
    chunk.rows = rows;
    (chunk, Some(rest))
}

/// The length of the message that begins here, with its type; of what is there, if that is less.
fn length(bytes: &[u8]) -> usize {
    let length = bytes.get(1..HEADER_SIZE).unwrap_or_default();
    let length = length.iter().fold(0, |length, byte| length << 8 | usize::from(*byte));
    (1 + length).min(bytes.len())
}

#[cfg(test)]
mod tests {
    use bytes::Bytes;

    use super::split;
    use crate::encode::Chunk;

    #[test]
    fn a_piece_is_cut_between_two_messages() {
        let bytes = Bytes::from_static(b"D\0\0\0\x06\0\0D\0\0\0\x07\0\0xD\0\0\0\x06\0\0");
        for (rows, expected) in
            [(0, (0, Some(3))), (1, (7, Some(2))), (2, (15, Some(1))), (3, (22, None)), (9, (22, None))]
        {
            let (first, rest) = split(Chunk { bytes: bytes.clone(), rows: 3 }, rows);
            assert_eq!((first.bytes.len(), rest.as_ref().map(|rest| rest.rows)), expected, "{rows}");
            let rest = rest.map_or(Bytes::new(), |rest| rest.bytes);
            assert_eq!([&first.bytes[..], &rest[..]].concat(), bytes);
        }
    }
}
