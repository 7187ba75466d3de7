//! A channel for pieces of a body that holds a bounded number of bytes.
//!
//! A slow reader slows the writer down; what waits between them is never more than the window
//! and one piece.

use std::sync::Arc;

use bytes::Bytes;
use futures::stream::{self, Stream};
use object_store::Result;
use tokio::sync::{OwnedSemaphorePermit, Semaphore, mpsc};
use tokio_util::task::AbortOnDropHandle;

/// Bytes that wait for a reader at most, per body.
pub(crate) const WINDOW_BYTES: u32 = 8 << 20;

/// The least that a piece counts for, so that tiny ones are bounded too.
const PIECE_MIN: u32 = 1024;

/// Where the writer puts pieces.
#[derive(Debug)]
pub(crate) struct Sender {
    window: Arc<Semaphore>,
    pieces: mpsc::UnboundedSender<Piece>,
}

/// Where the reader takes them.
#[derive(Debug)]
pub(crate) struct Receiver {
    pieces: mpsc::UnboundedReceiver<Piece>,
}

type Piece = Result<(Bytes, OwnedSemaphorePermit)>;

/// Makes a channel.
pub(crate) fn window() -> (Sender, Receiver) {
    // The channel itself need not be bounded: each piece holds a share of the window.
    let (sender, pieces) = mpsc::unbounded_channel();
    (Sender { window: Arc::new(Semaphore::new(WINDOW_BYTES as usize)), pieces: sender }, Receiver { pieces })
}

impl Sender {
    /// Waits for room and sends. False when nobody reads any more.
    pub(crate) async fn send(&self, bytes: Bytes) -> bool {
        let share = u32::try_from(bytes.len()).unwrap_or(u32::MAX).clamp(PIECE_MIN, WINDOW_BYTES);
        let room = tokio::select! {
            room = Arc::clone(&self.window).acquire_many_owned(share) => room,
            () = self.pieces.closed() => return false,
        };
        // The semaphore is never closed.
        room.is_ok_and(|room| self.pieces.send(Ok((bytes, room))).is_ok())
    }

    /// Sends the failure that ends the body.
    pub(crate) fn fail(&self, error: object_store::Error) {
        // Nobody left to hear it is no loss.
        let _ = self.pieces.send(Err(error));
    }
}

impl Receiver {
    /// The pieces as a stream. `writer` fills the window and ends with the stream; if it ends
    /// otherwise than by finishing, so does the stream, with an error.
    pub(crate) fn into_stream(
        self,
        writer: AbortOnDropHandle<()>,
    ) -> impl Stream<Item = Result<Bytes>> + Send + 'static {
        stream::unfold(Some((self, writer)), |state| async {
            let (mut receiver, writer) = state?;
            match receiver.pieces.recv().await {
                Some(Ok((bytes, room))) => {
                    drop(room);
                    Some((Ok(bytes), Some((receiver, writer))))
                }
                Some(Err(error)) => Some((Err(error), None)),
                None => writer.await.err().map(|source| (Err(source.into()), None)),
            }
        })
    }
}

#[cfg(test)]
mod tests {
    use bytes::Bytes;
    use futures::StreamExt as _;
    use tokio_util::task::AbortOnDropHandle;

    use super::{WINDOW_BYTES, window};

    #[tokio::test]
    async fn a_reader_that_stops_holds_the_writer_at_the_window() {
        let (sender, receiver) = window();
        let (count, mut counted) = tokio::sync::watch::channel(0);
        let writer = AbortOnDropHandle::new(tokio::spawn(async move {
            while sender.send(Bytes::from(vec![0; 1 << 20])).await {
                count.send_modify(|count| *count += 1);
            }
        }));
        let window_count = WINDOW_BYTES >> 20;
        counted.wait_for(|count| *count >= window_count).await.unwrap();
        for _ in 0..100 {
            tokio::task::yield_now().await;
        }
        assert_eq!(*counted.borrow(), window_count);
        let mut stream = Box::pin(receiver.into_stream(writer));
        stream.next().await.unwrap().unwrap();
        counted.wait_for(|count| *count > window_count).await.unwrap();
    }

    #[tokio::test]
    async fn a_writer_that_dies_ends_the_stream_with_an_error() {
        let (sender, receiver) = window();
        let writer = tokio::spawn(async move {
            sender.send(Bytes::from_static(b"x")).await;
            std::future::pending::<()>().await;
        });
        writer.abort();
        let mut stream = Box::pin(receiver.into_stream(AbortOnDropHandle::new(writer)));
        let mut last = stream.next().await.unwrap();
        if last.is_ok() {
            last = stream.next().await.unwrap();
        }
        assert!(matches!(last, Err(object_store::Error::JoinError { .. })));
        assert!(stream.next().await.is_none());
    }

    #[tokio::test]
    async fn a_piece_larger_than_the_window_passes() {
        let (sender, receiver) = window();
        let large = Bytes::from(vec![1; WINDOW_BYTES as usize * 2]);
        let writer = AbortOnDropHandle::new(tokio::spawn(async move {
            assert!(sender.send(large).await);
        }));
        let pieces: Vec<_> = receiver.into_stream(writer).collect().await;
        assert_eq!(pieces.len(), 1);
    }
}
