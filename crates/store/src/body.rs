//! The body of one answer, brought from the store to its reader.
//!
//! Runs on the storage runtime. A connection that breaks off, or that was closed because the reader
//! took minutes over what it had, is opened again where it ended; the version is the same or the
//! body fails. A file of this machine is looked at again after each piece, for the same reason.

use std::fs::File;
use std::io;
use std::ops::Range;
use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use futures::StreamExt as _;
use futures::stream::BoxStream;
use lakeport_base::Buffers;
use object_store::path::Path;
use object_store::{GetOptions, GetRange, GetResult, GetResultPayload, ObjectMeta, ObjectStore, Result};
use tokio::time::timeout;

use crate::Version;
use crate::on_runtime::patient_get;
use crate::parts::{Parts, length};
use crate::refused::{Refused, at};
use crate::window::Sender;

/// Longest that a body may stand still before it is asked for again.
const STALL_WAIT: Duration = Duration::from_secs(30);

/// Times that a body is opened again without one byte of progress.
const REOPENED_MAX: usize = 2;

/// What is read of a file at once: as a rule all that a scan asks for (the columns of a row group), because
/// what comes in one piece need not be put together by its reader.
const FILE_PIECE: u64 = 64 << 20;

/// How much is read of a file in one go, which takes about a millisecond: pieces until they have so many bytes.
const FILE_GO: u64 = 4 << 20;

/// From this size on what is read of a file is put into a buffer that is used again. Such buffers are multiples of it.
/// Smaller ones come from the allocator, which has them at hand.
const LARGE: usize = 64 << 10;

/// What a body is a part of, and how far it is.
#[derive(Debug)]
pub(crate) struct Body {
    store: Arc<dyn ObjectStore>,
    location: Path,
    options: GetOptions,
    meta: ObjectMeta,
    /// What is still to come.
    rest: Range<u64>,
    /// What of it is wanted.
    parts: Parts,
    /// Where what is read of files is put.
    buffers: Buffers,
}

impl Body {
    /// The body of `answer`, which `store` gave for `location` asked with `options`.
    pub(crate) fn new(
        store: Arc<dyn ObjectStore>,
        location: Path,
        options: GetOptions,
        answer: &GetResult,
        buffers: Buffers,
    ) -> Self {
        let (meta, rest) = (answer.meta.clone(), answer.range.clone());
        let parts = Parts::of(&options, &rest);
        Self { store, location, options, meta, rest, parts, buffers }
    }

    /// Brings all of it to `sender`, beginning with `payload`.
    pub(crate) async fn pump(mut self, payload: GetResultPayload, sender: Sender) {
        let outcome = match payload {
            GetResultPayload::File(file, _) => self.pump_file(Arc::new(file), &sender).await,
            GetResultPayload::Stream(stream) => self.pump_stream(stream, &sender).await,
        };
        if let Err(error) = outcome {
            sender.fail(at(&self.location, error));
        }
    }

    async fn pump_stream(
        &mut self,
        mut pieces: BoxStream<'static, Result<Bytes>>,
        sender: &Sender,
    ) -> Result<()> {
        let mut reopened = 0;
        loop {
            let failure = match timeout(STALL_WAIT, pieces.next()).await {
                Ok(Some(Ok(bytes))) => {
                    if !bytes.is_empty() {
                        reopened = 0;
                        let start = self.rest.start;
                        self.rest.start += bytes.len() as u64;
                        for part in self.parts.within(start..self.rest.start) {
                            let part = (part.start - start) as usize..(part.end - start) as usize;
                            if !sender.send(bytes.slice(part)).await {
                                return Ok(());
                            }
                        }
                    }
                    continue;
                }
                Ok(None) if self.rest.is_empty() => return Ok(()),
                Ok(None) => generic(io::ErrorKind::UnexpectedEof.into()),
                Ok(Some(Err(error))) => error,
                Err(_) => Refused::Stalled.at(&self.location),
            };
            if self.rest.is_empty() {
                return Ok(());
            }
            if reopened == REOPENED_MAX {
                return Err(failure);
            }
            reopened += 1;
            pieces = self.reopen(failure).await?;
        }
    }

    /// Asks for the rest, in the version that the body began with.
    async fn reopen(&self, failure: object_store::Error) -> Result<BoxStream<'static, Result<Bytes>>> {
        let Version::Etag(etag) = Version::of(&self.meta) else { return Err(failure) };
        tracing::debug!(path = %self.location, at = self.rest.start, "a body broke off and is asked for again");
        let range = Some(GetRange::Bounded(self.rest.clone()));
        let options = GetOptions { range, if_match: Some(etag), ..self.options.clone() };
        let answer = patient_get(&*self.store, &self.location, &options).await?;
        if Version::of(&answer.meta) != Version::of(&self.meta) {
            return Err(Refused::Changed.at(&self.location));
        }
        Ok(answer.into_stream())
    }

    async fn pump_file(&self, file: Arc<File>, sender: &Sender) -> Result<()> {
        let mut pieces = self.parts.pieces(FILE_PIECE).peekable();
        while pieces.peek().is_some() {
            let mut bytes = 0;
            let go: Vec<Range<u64>> = std::iter::from_fn(|| {
                let piece = pieces.next_if(|_| bytes < FILE_GO)?;
                bytes += length(&piece);
                Some(piece)
            })
            .collect();
            let (file, meta, buffers) = (Arc::clone(&file), self.meta.clone(), self.buffers.clone());
            let read = move || read_pieces(&file, &go, &meta, &buffers);
            for bytes in tokio::task::spawn_blocking(read).await?? {
                if !sender.send(bytes).await {
                    return Ok(());
                }
            }
        }
        Ok(())
    }
}

/// Reads pieces of a file that has not changed since `meta` was taken.
fn read_pieces(
    file: &File,
    pieces: &[Range<u64>],
    meta: &ObjectMeta,
    buffers: &Buffers,
) -> Result<Vec<Bytes>> {
    let read = |piece: &Range<u64>| {
        let length = usize::try_from(length(piece)).unwrap_or(usize::MAX);
        let is_large = length >= LARGE;
        let mut bytes = if is_large { buffers.take(length.next_multiple_of(LARGE)) } else { vec![0; length] };
        read_exact_at(file, &mut bytes[..length], piece.start)?;
        Ok(if is_large { buffers.lend(bytes, length) } else { bytes.into() })
    };
    let outcome: io::Result<Vec<Bytes>> = pieces.iter().map(read).collect();
    let now = file.metadata().map_err(generic)?;
    let modified: chrono::DateTime<chrono::Utc> = now.modified().map_err(generic)?.into();
    if now.len() != meta.size || modified != meta.last_modified {
        return Err(Refused::Changed.at(&meta.location));
    }
    outcome.map_err(generic)
}

#[cfg(unix)]
fn read_exact_at(file: &File, bytes: &mut [u8], offset: u64) -> io::Result<()> {
    std::os::unix::fs::FileExt::read_exact_at(file, bytes, offset)
}

#[cfg(not(unix))]
fn read_exact_at(mut file: &File, bytes: &mut [u8], offset: u64) -> io::Result<()> {
    use std::io::{Read as _, Seek as _, SeekFrom};

    file.seek(SeekFrom::Start(offset))?;
    file.read_exact(bytes)
}

fn generic(source: io::Error) -> object_store::Error {
    object_store::Error::Generic { store: "lakeport", source: Box::new(source) }
}
