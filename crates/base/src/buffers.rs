//! Memory that waits to be used again.
//!
//! What is asked of the system anew has to be made empty first, page by page, which for large buffers takes about
//! as long as filling them; and the processor has nothing of it at hand.

use std::collections::VecDeque;
use std::sync::{Arc, Mutex, PoisonError};

use bytes::Bytes;

use crate::ByteSize;

/// Buffers that were used and wait to be used again. Cheap to clone; clones share them.
#[derive(Debug, Clone)]
pub struct Buffers {
    waiting: Arc<Mutex<Waiting>>,
    bound: usize,
}

#[derive(Debug, Default)]
struct Waiting {
    /// The one that waits longest is the first.
    buffers: VecDeque<Vec<u8>>,
    bytes: usize,
}

/// A buffer that waits serves for what takes at least this part of it.
const PART_MIN: usize = 4;

impl Buffers {
    /// Of so many bytes at most, while they wait; what is in use is not counted.
    pub fn new(bound: ByteSize) -> Buffers {
        Buffers { waiting: Arc::default(), bound: bound.as_usize() }
    }

    /// A buffer of this size or larger, all of which may be written to. What it holds has no meaning.
    pub fn take(&self, size: usize) -> Vec<u8> {
        let mut waiting = self.waiting.lock().unwrap_or_else(PoisonError::into_inner);
        let fits = |buffer: &Vec<u8>| buffer.len() >= size && buffer.len() / PART_MIN <= size;
        let fitting = waiting.buffers.iter().enumerate().filter(|(_, buffer)| fits(buffer));
        let place = fitting.min_by_key(|(_, buffer)| buffer.len()).map(|(place, _)| place);
        let Some(buffer) = place.and_then(|place| waiting.buffers.remove(place)) else {
            drop(waiting);
            return vec![0; size];
        };
        waiting.bytes -= buffer.len();
        buffer
    }

    /// The first `length` bytes of a buffer, which comes back when nobody needs them any more.
    ///
    /// # Panics
    ///
    /// If the buffer is shorter.
    pub fn lend(&self, buffer: Vec<u8>, length: usize) -> Bytes {
        assert!(length <= buffer.len(), "a buffer is as long as what it holds");
        Bytes::from_owner(Lent { buffer, length, home: self.clone() })
    }

    /// Keeps a buffer to be used again, and lets those go for which there is no more room.
    fn keep(&self, buffer: Vec<u8>) {
        let mut waiting = self.waiting.lock().unwrap_or_else(PoisonError::into_inner);
        waiting.bytes += buffer.len();
        waiting.buffers.push_back(buffer);
        let mut gone = Vec::new();
        while waiting.bytes > self.bound {
            let Some(oldest) = waiting.buffers.pop_front() else { break };
            waiting.bytes -= oldest.len();
            gone.push(oldest);
        }
        // Giving memory back takes a while, and nobody should wait for it.
        drop(waiting);
    }
}

/// A buffer in use.
struct Lent {
    buffer: Vec<u8>,
    length: usize,
    home: Buffers,
}

impl AsRef<[u8]> for Lent {
    fn as_ref(&self) -> &[u8] {
        &self.buffer[..self.length]
    }
}

impl Drop for Lent {
    fn drop(&mut self) {
        self.home.keep(std::mem::take(&mut self.buffer));
    }
}

#[cfg(test)]
mod tests {
    use super::Buffers;
    use crate::ByteSize;

    #[test]
    fn a_buffer_comes_back_once_nobody_needs_it_and_serves_what_fits() {
        let buffers = Buffers::new(ByteSize::bytes(1000));
        let mut buffer = buffers.take(100);
        buffer[..3].copy_from_slice(b"abc");
        let lent = buffers.lend(buffer, 3);
        let (whole, part) = (lent.clone(), lent.slice(1..));
        drop(lent);
        assert_eq!(buffers.take(50).len(), 50, "it is in use still");
        assert_eq!((&whole[..], &part[..]), (&b"abc"[..], &b"bc"[..]));
        drop((whole, part));
        assert_eq!(buffers.take(20).len(), 20, "it is too large for so little");
        assert_eq!(buffers.take(101).len(), 101);
        assert_eq!(buffers.take(50).len(), 100);
        assert_eq!(buffers.take(50).len(), 50, "it has been taken");
    }

    #[test]
    fn those_that_wait_longest_go_where_there_is_no_room() {
        let buffers = Buffers::new(ByteSize::bytes(250));
        for size in [100, 101, 102] {
            drop(buffers.lend(buffers.take(size), size));
        }
        // The first made room for the third.
        assert_eq!([buffers.take(100).len(), buffers.take(100).len()], [101, 102]);
        drop(buffers.lend(vec![0; 251], 1));
        assert_eq!(buffers.take(251).len(), 251);
        assert_eq!(buffers.waiting.lock().unwrap().bytes, 0);
    }
}
