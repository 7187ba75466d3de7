//! Pieces of an answer: whole messages, ready to be written to the socket.

use bytes::Bytes;
use lakeport_engine::Weigh;

/// Some rows of an answer as whole messages, one for each row.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Piece {
    /// The messages.
    pub bytes: Bytes,
    /// How many there are.
    pub rows: usize,
}

impl Weigh for Piece {
    fn bytes(&self) -> usize {
        self.bytes.len()
    }
}

impl Piece {
    /// Takes the first `rows` rows out and leaves the others: what Execute with a row limit and
    /// FETCH need. No byte is copied. Takes all where there are no more.
    pub fn split(&mut self, rows: usize) -> Piece {
        if rows >= self.rows {
            return std::mem::take(self);
        }
        let mut at = 0;
        for _ in 0..rows {
            // One byte of type, then a length that counts itself and not the type.
            let length = self.bytes.get(at + 1..at + 5).and_then(|bytes| bytes.try_into().ok());
            at += 1 + length.map_or(0, u32::from_be_bytes) as usize;
        }
        self.rows -= rows;
        Piece { bytes: self.bytes.split_to(at.min(self.bytes.len())), rows }
    }
}

#[cfg(test)]
mod tests {
    use bytes::Bytes;

    use super::Piece;

    #[test]
    fn a_piece_is_cut_between_messages() {
        let mut piece = Piece { bytes: Bytes::from_static(b"D\0\0\0\x05aD\0\0\0\x04D\0\0\0\x06bc"), rows: 3 };
        let first = piece.split(2);
        assert_eq!((first.rows, &first.bytes[..]), (2, &b"D\0\0\0\x05aD\0\0\0\x04"[..]));
        assert_eq!((piece.rows, &piece.bytes[..]), (1, &b"D\0\0\0\x06bc"[..]));
        assert_eq!(piece.split(0), Piece::default());
        assert_eq!(piece.split(9).rows, 1);
        assert_eq!(piece, Piece::default());
    }
}
