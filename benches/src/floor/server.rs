//! Who answers: one port, one table, text to a Query and binary to an Execute.

use std::fs::File;
use std::io::{BufReader, Read, Write};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::mpsc::{Receiver, SyncSender, sync_channel};
use std::sync::{Arc, Mutex, PoisonError};

use anyhow::{Context, Result};
use arrow::datatypes::{DataType, Field, Schema, SchemaRef};
use parquet::arrow::arrow_reader::{
    ArrowReaderMetadata, ArrowReaderOptions, ParquetRecordBatchReaderBuilder,
};

use super::rows::{Format, encode};

/// Buffers that may wait for the writer.
const QUEUE: usize = 8;
/// Rows that are decoded and encoded at once.
const BATCH_ROWS: usize = 8192;

/// A listening floor. It ends with the program.
pub struct Floor {
    /// Where it listens.
    pub address: SocketAddr,
}

/// A row group of one file, with the file's footer.
struct Group {
    path: PathBuf,
    metadata: ArrowReaderMetadata,
    index: usize,
}

/// A buffer, and how far it is filled.
struct Filled {
    buffer: Vec<u8>,
    size: usize,
}

impl Floor {
    /// Serves the Parquet files of a folder.
    ///
    /// # Errors
    ///
    /// Where a footer cannot be read.
    pub fn start(folder: &Path) -> Result<Floor> {
        let groups = Arc::new(groups(folder)?);
        let listener = TcpListener::bind("127.0.0.1:0")?;
        let address = listener.local_addr()?;
        std::thread::spawn(move || {
            for socket in listener.incoming().map_while(std::result::Result::ok) {
                let groups = Arc::clone(&groups);
                // A client that goes away ends its thread, and nothing else.
                std::thread::spawn(move || serve(&socket, &groups));
            }
        });
        Ok(Floor { address })
    }
}

/// All row groups, in the order of the files.
fn groups(folder: &Path) -> Result<Vec<Group>> {
    let mut paths: Vec<PathBuf> = std::fs::read_dir(folder)?
        .map(|entry| Ok(entry?.path()))
        .collect::<std::io::Result<Vec<_>>>()?
        .into_iter()
        .filter(|path| path.extension().is_some_and(|extension| extension == "parquet"))
        .collect();
    paths.sort();
    let mut groups = Vec::new();
    for path in paths {
        let file = File::open(&path)?;
        let about = || format!("the footer of {}", path.display());
        let metadata = ArrowReaderMetadata::load(&file, ArrowReaderOptions::new()).with_context(about)?;
        let options = ArrowReaderOptions::new().with_schema(with_views(metadata.schema()));
        let metadata =
            ArrowReaderMetadata::try_new(Arc::clone(metadata.metadata()), options).with_context(about)?;
        let count = metadata.metadata().num_row_groups();
        groups.extend((0..count).map(|index| Group {
            path: path.clone(),
            metadata: metadata.clone(),
            index,
        }));
    }
    Ok(groups)
}

/// Strings as views into what was decompressed, which need no copy.
fn with_views(schema: &Schema) -> SchemaRef {
    let fields = schema.fields().iter().map(|field| match field.data_type() {
        DataType::Utf8 => field.as_ref().clone().with_data_type(DataType::Utf8View),
        _ => field.as_ref().clone(),
    });
    Arc::new(Schema::new(fields.collect::<Vec<Field>>()))
}

fn serve(socket: &TcpStream, groups: &[Group]) -> Result<()> {
    let (mut reader, mut writer) = (BufReader::new(socket), socket);
    let mut body = Vec::new();
    greet(socket, &mut reader, &mut body)?;
    loop {
        let mut kind = [0];
        reader.read_exact(&mut kind)?;
        read_body(&mut reader, &mut body)?;
        let format = match kind[0] {
            b'Q' => Format::Text,
            b'S' => Format::Binary,
            b'X' => return Ok(()),
            _ => continue,
        };
        let rows = send_all(writer, groups, format)?;
        writer.write_all(&end_of_answer(rows))?;
    }
}

/// Reads who the client is and lets it in.
pub(super) fn greet(mut socket: &TcpStream, reader: &mut impl Read, body: &mut Vec<u8>) -> Result<()> {
    socket.set_nodelay(true)?;
    read_body(reader, body)?;
    // AuthenticationOk, ReadyForQuery.
    Ok(socket.write_all(b"R\0\0\0\x08\0\0\0\0Z\0\0\0\x05I")?)
}

/// What follows so many rows: CommandComplete, ReadyForQuery.
pub(super) fn end_of_answer(rows: usize) -> Vec<u8> {
    let tag = format!("SELECT {rows}\0");
    let mut end = vec![b'C'];
    end.extend((tag.len() as u32 + 4).to_be_bytes());
    end.extend(tag.as_bytes());
    end.extend(b"Z\0\0\0\x05I");
    end
}

/// Reads the length of a message and what comes after it.
pub(super) fn read_body(reader: &mut impl Read, body: &mut Vec<u8>) -> Result<()> {
    let mut length = [0; 4];
    reader.read_exact(&mut length)?;
    let size = u32::from_be_bytes(length).saturating_sub(4);
    body.clear();
    reader.take(u64::from(size)).read_to_end(body)?;
    Ok(())
}

/// Sends every row, and says how many there were.
fn send_all(mut socket: &TcpStream, groups: &[Group], format: Format) -> Result<usize> {
    let (next, rows) = (AtomicUsize::new(0), AtomicUsize::new(0));
    let (full, filled) = sync_channel::<Filled>(QUEUE);
    let (empty, emptied) = sync_channel::<Vec<u8>>(2 * QUEUE);
    let emptied = Mutex::new(emptied);
    std::thread::scope(|scope| {
        let workers: Vec<_> = (0..std::thread::available_parallelism().map_or(1, usize::from))
            .map(|_| {
                let full = full.clone();
                scope.spawn(|| {
                    let full = full;
                    while let Some(group) = groups.get(next.fetch_add(1, Ordering::Relaxed)) {
                        rows.fetch_add(fill(group, format, &full, &emptied)?, Ordering::Relaxed);
                    }
                    Ok(())
                })
            })
            .collect();
        drop(full);
        for Filled { buffer, size } in filled {
            socket.write_all(&buffer[..size])?;
            let _ = empty.try_send(buffer);
        }
        workers.into_iter().try_for_each(|worker| worker.join().expect("a worker does not panic"))
    })
    .map(|()| rows.into_inner())
}

/// Decodes and encodes a row group.
fn fill(
    group: &Group,
    format: Format,
    full: &SyncSender<Filled>,
    emptied: &Mutex<Receiver<Vec<u8>>>,
) -> Result<usize> {
    let file = File::open(&group.path)?;
    let reader = ParquetRecordBatchReaderBuilder::new_with_metadata(file, group.metadata.clone())
        .with_row_groups(vec![group.index])
        .with_batch_size(BATCH_ROWS)
        .build()?;
    let mut rows = 0;
    for batch in reader {
        let batch = batch?;
        let mut buffer =
            emptied.lock().unwrap_or_else(PoisonError::into_inner).try_recv().unwrap_or_default();
        let size = encode(&batch, format, &mut buffer);
        rows += batch.num_rows();
        if full.send(Filled { buffer, size }).is_err() {
            break;
        }
    }
    Ok(rows)
}
