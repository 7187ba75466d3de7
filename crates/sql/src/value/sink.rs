//! What texts are written to, one behind the other: a `Vec`, or a buffer that knows better where its end is.

use super::error::Error;
use super::numeral::Numeral;
use super::word::Word;

/// What texts are written to.
pub trait Sink {
    /// Gives so many bytes to be written to, and takes those that `write` says it has written. It may write to all.
    fn within<const N: usize>(&mut self, write: impl FnOnce(&mut [u8; N]) -> usize);

    /// Writes these bytes.
    fn put_slice(&mut self, bytes: &[u8]);

    /// Writes what `make` adds to a buffer of bytes.
    ///
    /// # Errors
    ///
    /// Those of `make`. What it has added before may be written or not.
    fn put_made(&mut self, make: impl FnOnce(&mut Vec<u8>) -> Result<(), Error>) -> Result<(), Error>;

    /// Writes a byte.
    #[inline(always)]
    fn put_byte(&mut self, byte: u8) {
        self.within::<1>(|room| {
            *room = [byte];
            1
        });
    }

    /// Writes a short text.
    #[inline(always)]
    fn put_word(&mut self, word: Word) {
        self.within::<{ Word::ROOM }>(|room| {
            *room = word.bytes();
            word.length()
        });
    }

    /// Writes parts that follow each other.
    #[inline(always)]
    fn put_parts(&mut self, parts: [Word; 3]) {
        self.within::<{ 3 * Word::ROOM }>(|room| store_parts(parts, room, 0));
    }

    /// Writes a number of many digits.
    #[inline(always)]
    fn put_numeral(&mut self, numeral: Numeral) {
        self.within::<{ Numeral::ROOM }>(|room| numeral.store(room));
    }
}

impl Sink for Vec<u8> {
    #[inline(always)]
    fn within<const N: usize>(&mut self, write: impl FnOnce(&mut [u8; N]) -> usize) {
        let start = self.len();
        self.extend_from_slice(&[0; N]);
        let written = self[start..].first_chunk_mut().map_or(0, write);
        self.truncate(start + written);
    }

    #[inline(always)]
    fn put_slice(&mut self, bytes: &[u8]) {
        self.extend_from_slice(bytes);
    }

    #[inline(always)]
    fn put_made(&mut self, make: impl FnOnce(&mut Vec<u8>) -> Result<(), Error>) -> Result<(), Error> {
        make(self)
    }
}

/// Stores parts behind each other from `at` on, and says where they end. The room has 16 bytes for each.
#[inline(always)]
pub fn store_parts(parts: [Word; 3], room: &mut [u8], at: usize) -> usize {
    // Each is stored whole: what is too much of one is overwritten by the next.
    parts.into_iter().fold(at, |end, word| {
        if let Some(place) = room.get_mut(end..end + Word::ROOM) {
            place.copy_from_slice(&word.bytes());
        }
        end + word.length()
    })
}
