//! One client's socket: whole messages in, bytes out.
//!
//! Knows lengths and nothing of what messages mean. What is written goes through two buffers:
//! `output` for small messages, and `chunk` for one piece of an answer, which is never copied.
//!
//! What always holds: input that nobody has asked for is read only up to [`AHEAD_MAX`], so that
//! a client cannot fill our memory; every future here can be dropped at any moment and loses no
//! byte, so that a statement can be stopped while it writes; and [`Wire::cut`] then finds the
//! next place where a message may begin.

use std::future::poll_fn;
use std::io::IoSlice;
use std::pin::{Pin, pin};
use std::task::{Context, Poll, ready};
use std::time::Duration;

use bytes::{Buf, Bytes, BytesMut};
use lakeport_engine::Error;
use pgwire::messages::Message;
use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt};

use crate::codec::{HEADER_SIZE, header};

/// Most input that is read before somebody asks for it. A guess: some hundred pipelined messages.
pub(crate) const AHEAD_MAX: usize = 64 << 10;

/// Most output that is gathered before it is written unasked. The same guess.
const OUTPUT_MAX: usize = 64 << 10;

/// Room made for each read.
const READ_SIZE: usize = 16 << 10;

/// Something that bytes can be read from and written to.
pub(crate) trait Stream: AsyncRead + AsyncWrite + Send + Unpin {}

impl<S: AsyncRead + AsyncWrite + Send + Unpin> Stream for S {}

/// The client is not there any more.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Gone;

/// Why there is no next message.
#[derive(Debug)]
pub(crate) enum Broken {
    /// The client is not there any more.
    Gone,
    /// What it sent is no message, and where the next one begins is not known.
    Violation(Error),
}

impl From<Gone> for Broken {
    fn from(_: Gone) -> Self {
        Self::Gone
    }
}

/// One client's socket.
pub(crate) struct Wire {
    stream: Box<dyn Stream>,
    input: BytesMut,
    ended: bool,
    output: BytesMut,
    chunk: Bytes,
    chunk_written: usize,
}

impl Wire {
    /// A socket that nothing has been read from.
    pub(crate) fn new(stream: Box<dyn Stream>) -> Self {
        Self {
            stream,
            input: BytesMut::new(),
            ended: false,
            output: BytesMut::new(),
            chunk: Bytes::new(),
            chunk_written: 0,
        }
    }

    /// The socket, for TLS to be spoken on it, and what has been read from it. Until it has been
    /// [set](Self::set_stream) again the client is gone.
    pub(crate) fn take_stream(&mut self) -> (Box<dyn Stream>, Bytes) {
        (std::mem::replace(&mut self.stream, Box::new(tokio::io::empty())), self.input.split().freeze())
    }

    /// Goes on over this socket.
    pub(crate) fn set_stream(&mut self, stream: Box<dyn Stream>) {
        self.stream = stream;
    }

    /// What has been read and not been taken.
    pub(crate) fn input(&self) -> &[u8] {
        &self.input
    }

    /// Takes so many bytes of the input, which must be there.
    pub(crate) fn take(&mut self, length: usize) -> Bytes {
        self.input.split_to(length).freeze()
    }

    /// Reads until there are so many bytes of input.
    pub(crate) async fn fill(&mut self, length: usize) -> Result<(), Gone> {
        while self.input.len() < length {
            if self.ended {
                return Err(Gone);
            }
            self.input.reserve(READ_SIZE);
            match self.stream.read_buf(&mut self.input).await {
                Ok(0) | Err(_) => self.ended = true,
                Ok(_) => {}
            }
        }
        Ok(())
    }

    /// The next message: its type, and what is behind its length.
    pub(crate) async fn message(&mut self, length_max: usize) -> Result<(u8, Bytes), Broken> {
        self.fill(HEADER_SIZE).await?;
        let mut start = [0; HEADER_SIZE];
        start.copy_from_slice(&self.input[..HEADER_SIZE]);
        let length = header(start, length_max).map_err(Broken::Violation)?;
        self.fill(length).await?;
        let mut message = self.take(length);
        if self.input.is_empty() {
            // The room that a long message took is not kept for the short ones behind it.
            self.input = BytesMut::new();
        }
        message.advance(HEADER_SIZE);
        Ok((start[0], message))
    }

    /// Returns when the client is not there any more.
    pub(crate) async fn gone(&mut self) -> Gone {
        poll_fn(|ctx| self.poll_gone(ctx)).await
    }

    /// Where small messages are written to.
    pub(crate) fn output(&mut self) -> &mut BytesMut {
        &mut self.output
    }

    /// Writes a small message to the output.
    pub(crate) fn put(&mut self, message: &impl Message) {
        let before = self.output.len();
        if message.encode(&mut self.output).is_err() {
            // Longer than such a message may be; it has written its type by then.
            self.output.truncate(before);
            tracing::warn!(length = message.message_length(), "a message is too long to be sent");
        }
    }

    /// Whether there is so much output that it should be written unasked.
    pub(crate) fn is_full(&self) -> bool {
        self.output.len() >= OUTPUT_MAX
    }

    /// Takes a piece of an answer, to be written by the next flush: whole messages, and only
    /// when the last piece has been written.
    pub(crate) fn set_chunk(&mut self, chunk: Bytes) {
        debug_assert!(self.chunk.is_empty(), "one chunk at a time");
        self.chunk = chunk;
        self.chunk_written = 0;
    }

    /// Writes all output.
    pub(crate) async fn flush(&mut self) -> Result<(), Gone> {
        poll_fn(|ctx| self.poll_flush(ctx)).await
    }

    /// Writes all output; the client is gone if it takes longer than this.
    pub(crate) async fn flush_within(&mut self, limit: Duration) -> Result<(), Gone> {
        tokio::time::timeout(limit, self.flush()).await.unwrap_or(Err(Gone))
    }

    /// Writes all output, and notices meanwhile if the client goes away.
    pub(crate) async fn flush_watching(&mut self) -> Result<(), Gone> {
        poll_fn(|ctx| {
            if self.poll_gone(ctx).is_ready() {
                return Poll::Ready(Err(Gone));
            }
            self.poll_flush(ctx)
        })
        .await
    }

    /// Drops what is left of the piece of an answer, up to the end of the message that has been
    /// begun; another message may follow. Says whether there was anything left.
    pub(crate) fn cut(&mut self) -> bool {
        let is_cut = !self.chunk.is_empty();
        let mut end = 0;
        while end < self.chunk_written {
            let Some(length) = self.chunk.get(end + 1..end + HEADER_SIZE) else { break };
            let length = length.iter().fold(0, |length, byte| length << 8 | usize::from(*byte));
            end += 1 + length;
        }
        self.chunk.truncate(end);
        self.chunk.advance(self.chunk_written.min(end));
        // All output was written before the chunk was begun, so that it comes behind it now.
        if !self.chunk.is_empty() {
            let mut output = BytesMut::from(&self.chunk[..]);
            output.extend_from_slice(&self.output);
            self.output = output;
        }
        self.chunk = Bytes::new();
        self.chunk_written = 0;
        is_cut
    }

    /// Writes what output there is if that takes no longer than this, and hangs up.
    pub(crate) async fn close_within(&mut self, limit: Duration) {
        let _ = tokio::time::timeout(limit, async {
            self.flush().await?;
            self.stream.shutdown().await.map_err(|_| Gone)
        })
        .await;
    }

    fn poll_gone(&mut self, ctx: &mut Context<'_>) -> Poll<Gone> {
        while !self.ended {
            if self.input.len() >= AHEAD_MAX {
                // Whoever takes some of the input polls again.
                return Poll::Pending;
            }
            self.input.reserve(READ_SIZE);
            let read = pin!(self.stream.read_buf(&mut self.input));
            match ready!(read.poll(ctx)) {
                Ok(0) | Err(_) => self.ended = true,
                Ok(_) => {}
            }
        }
        Poll::Ready(Gone)
    }

    fn poll_flush(&mut self, ctx: &mut Context<'_>) -> Poll<Result<(), Gone>> {
        while !self.output.is_empty() || self.chunk_written < self.chunk.len() {
            let parts = [IoSlice::new(&self.output), IoSlice::new(&self.chunk[self.chunk_written..])];
            let written = ready!(Pin::new(&mut self.stream).poll_write_vectored(ctx, &parts));
            let written = advanced(written)?;
            let of_output = written.min(self.output.len());
            self.output.advance(of_output);
            self.chunk_written += written - of_output;
        }
        self.chunk = Bytes::new();
        self.chunk_written = 0;
        if self.output.capacity() > 2 * OUTPUT_MAX {
            self.output = BytesMut::new();
        }
        Pin::new(&mut self.stream).poll_flush(ctx).map_err(|_| Gone)
    }
}

/// How far a write came; a socket that takes no byte is none any more.
fn advanced(written: std::io::Result<usize>) -> Result<usize, Gone> {
    match written {
        Ok(0) | Err(_) => Err(Gone),
        Ok(length) => Ok(length),
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use bytes::Bytes;
    use tokio::io::AsyncReadExt;

    use super::{AHEAD_MAX, Gone, Wire};

    /// Writes two rows of 100 bytes through a window of so many bytes, cuts, writes `!`, and
    /// gives what the client reads.
    async fn cut_after(window: usize) -> Vec<u8> {
        let (mut ours, theirs) = tokio::io::duplex(window);
        let mut wire = Wire::new(Box::new(theirs));
        let row = [&b"D\0\0\0\x63"[..], &[b'x'; 95]].concat();
        wire.set_chunk(Bytes::from([&row[..], &row].concat()));
        let _ = tokio::time::timeout(Duration::from_millis(5), wire.flush()).await;
        wire.cut();
        wire.output().extend_from_slice(b"!");
        let (_, read) = tokio::join!(
            async {
                wire.flush().await.unwrap();
                drop(wire);
            },
            async {
                let mut read = Vec::new();
                ours.read_to_end(&mut read).await.unwrap();
                read
            }
        );
        read
    }

    #[tokio::test]
    async fn a_piece_is_cut_behind_the_message_that_was_begun() {
        for (window, rows) in [(1, 1), (50, 1), (100, 1), (101, 2), (199, 2), (500, 2)] {
            let read = cut_after(window).await;
            assert_eq!((read.len(), read.last()), (rows * 100 + 1, Some(&b'!')), "{window}");
        }
    }

    #[tokio::test]
    async fn only_so_much_is_read_before_it_is_asked_for_and_the_end_is_noticed() {
        let (mut ours, theirs) = tokio::io::duplex(1 << 20);
        let mut wire = Wire::new(Box::new(theirs));
        tokio::io::AsyncWriteExt::write_all(&mut ours, &vec![0; 1 << 19]).await.unwrap();
        assert!(tokio::time::timeout(Duration::from_millis(5), wire.gone()).await.is_err());
        assert!((AHEAD_MAX..2 * AHEAD_MAX).contains(&wire.input().len()));
        wire.fill(1 << 19).await.unwrap();
        wire.take(1 << 19);
        drop(ours);
        assert_eq!(wire.gone().await, Gone);
    }
}
