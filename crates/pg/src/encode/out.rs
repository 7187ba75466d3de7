//! Where messages are written: a buffer that is there already, and how far it is filled.
//!
//! A `Vec` asks whether there is room for each part of a value and counts on after each. Here a value asks
//! once for as much as it may need, writes into that, and says once how much it took.

use lakeport_sql::value::{Column, Error, Numeral, Sink, Text, Word, store_parts};

/// What a buffer has when it has grown once.
const GROWN_MIN: usize = 1024;

/// A buffer that grows where it must.
#[derive(Debug, Default)]
pub struct Out {
    /// All of it may be written to; what is behind `at` has no meaning.
    bytes: Vec<u8>,
    at: usize,
    /// Where a value is made that has no bound: kept to be used again.
    spare: Vec<u8>,
    /// How long it may get, if it may not get as long as memory lasts.
    limit: Option<usize>,
    is_given_up: bool,
}

impl Out {
    /// The buffer, to be filled from its start.
    pub(super) fn over(bytes: Vec<u8>) -> Self {
        Self { bytes, ..Self::default() }
    }

    /// A buffer that is given up once it gets longer than this: what it holds from then on has no meaning.
    pub(super) fn line(limit: usize) -> Self {
        Self { limit: Some(limit), ..Self::default() }
    }

    /// Whether it got longer than it may.
    pub(super) fn is_given_up(&self) -> bool {
        self.is_given_up
    }

    /// How many bytes have been written.
    pub(super) fn len(&self) -> usize {
        self.at
    }

    /// What has been written.
    #[inline(always)]
    pub(super) fn written(&self) -> &[u8] {
        &self.bytes[..self.at]
    }

    /// Forgets what has been written behind the first so many bytes.
    pub(super) fn truncate(&mut self, length: usize) {
        self.at = self.at.min(length);
    }

    /// The buffer, and how far it is filled.
    pub(super) fn into_parts(self) -> (Vec<u8>, usize) {
        (self.bytes, self.at)
    }

    /// Gives so many bytes to be written to, and takes those that `write` says it has written. It may write to all.
    #[inline(always)]
    pub(super) fn within<const N: usize>(&mut self, write: impl FnOnce(&mut [u8; N]) -> usize) {
        if self.bytes.len() < self.at + N {
            self.grow(N);
        }
        if let Some(room) = self.bytes.get_mut(self.at..).and_then(<[u8]>::first_chunk_mut) {
            self.at += write(room);
        }
    }

    /// Makes room for so many bytes more.
    #[cold]
    #[inline(never)]
    fn grow(&mut self, more: usize) {
        if self.limit.is_some_and(|limit| self.at + more > limit) {
            self.is_given_up = true;
            self.at = 0;
            if more <= self.bytes.len() {
                return;
            }
        }
        let wanted = (self.at + more).max(2 * self.bytes.len()).max(GROWN_MIN);
        self.bytes.resize(wanted, 0);
    }

    /// Writes these bytes, whose number is known.
    #[inline(always)]
    pub(super) fn put<const N: usize>(&mut self, bytes: [u8; N]) {
        self.within(|room| {
            *room = bytes;
            N
        });
    }

    /// Writes these bytes.
    #[inline(always)]
    pub(super) fn put_slice(&mut self, bytes: &[u8]) {
        if self.bytes.len() < self.at + bytes.len() {
            self.grow(bytes.len());
        }
        let end = self.at + bytes.len();
        self.bytes[self.at..end].copy_from_slice(bytes);
        self.at = end;
    }

    /// Writes over four bytes that have been written.
    #[inline(always)]
    pub(super) fn patch(&mut self, at: usize, bytes: [u8; 4]) {
        self.bytes[at..at + 4].copy_from_slice(&bytes);
    }

    /// Writes the length of these bytes in four bytes, and the bytes.
    #[inline(always)]
    pub(super) fn put_sized_slice(&mut self, bytes: &[u8]) {
        if self.bytes.len() < self.at + 4 + bytes.len() {
            self.grow(4 + bytes.len());
        }
        let (start, end) = (self.at + 4, self.at + 4 + bytes.len());
        self.bytes[start - 4..start].copy_from_slice(&(bytes.len() as u32).to_be_bytes());
        self.bytes[start..end].copy_from_slice(bytes);
        self.at = end;
    }

    /// Writes what `write` writes, after its length in four bytes.
    #[inline(always)]
    pub(super) fn sized(&mut self, write: impl FnOnce(&mut Self) -> Result<(), Error>) -> Result<(), Error> {
        let start = self.at;
        self.put([0; 4]);
        write(self)?;
        self.patch(start, (self.at.wrapping_sub(start + 4) as u32).to_be_bytes());
        Ok(())
    }

    /// Writes the text of a row's value after its length.
    #[inline(always)]
    pub(super) fn put_sized_text(
        &mut self,
        text: Text<'_>,
        column: &Column,
        row: usize,
    ) -> Result<(), Error> {
        match text {
            Text::Short(word) => self.put_sized_word(word),
            Text::Slice(text) => self.put_sized_slice(text),
            Text::Numeral(numeral) => self.within::<{ 4 + Numeral::ROOM }>(|room| {
                let Some((size, room)) = room.split_first_chunk_mut() else { return 0 };
                let Some(room) = room.first_chunk_mut() else { return 0 };
                let length = numeral.store(room);
                *size = (length as u32).to_be_bytes();
                4 + length
            }),
            Text::Parts(parts) => self.within::<{ 4 + 3 * Word::ROOM }>(|room| {
                let end = store_parts(parts, room, 4);
                room[..4].copy_from_slice(&(end as u32 - 4).to_be_bytes());
                end
            }),
            Text::List(list) => self.sized(|out| list.write(out))?,
            Text::Long => self.sized(|out| out.put_text(column, row))?,
        }
        Ok(())
    }

    /// Writes a text.
    pub(super) fn put_text(&mut self, column: &Column, row: usize) -> Result<(), Error> {
        self.put_made(|made| column.write(row, made))
    }

    /// Writes the length of a short text in four bytes, and the text.
    #[inline(always)]
    pub(super) fn put_sized_word(&mut self, word: Word) {
        self.within::<{ 4 + Word::ROOM }>(|room| {
            room[..4].copy_from_slice(&(word.length() as u32).to_be_bytes());
            room[4..].copy_from_slice(&word.bytes());
            4 + word.length()
        });
    }

    /// What has been written.
    pub(super) fn into_bytes(self) -> Vec<u8> {
        let Self { mut bytes, at, .. } = self;
        bytes.truncate(at);
        bytes
    }

    /// What `make` makes, in a buffer to be [given back](Self::give_back).
    pub(super) fn made(
        &mut self,
        make: impl FnOnce(&mut Vec<u8>) -> Result<(), Error>,
    ) -> Result<Vec<u8>, Error> {
        let mut made = std::mem::take(&mut self.spare);
        made.clear();
        make(&mut made)?;
        Ok(made)
    }

    /// Takes a buffer to be used for what is made next.
    pub(super) fn give_back(&mut self, made: Vec<u8>) {
        self.spare = made;
    }
}

impl Sink for Out {
    #[inline(always)]
    fn within<const N: usize>(&mut self, write: impl FnOnce(&mut [u8; N]) -> usize) {
        Self::within(self, write);
    }

    #[inline(always)]
    fn put_slice(&mut self, bytes: &[u8]) {
        Self::put_slice(self, bytes);
    }

    fn put_made(&mut self, make: impl FnOnce(&mut Vec<u8>) -> Result<(), Error>) -> Result<(), Error> {
        let made = self.made(make)?;
        self.put_slice(&made);
        self.give_back(made);
        Ok(())
    }
}
