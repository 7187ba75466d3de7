//! Reading a file with a bound.
//!
//! Everything this crate reads goes through here, so that neither a device nor a huge file that a
//! setting names by mistake can hang or exhaust the program.

use std::fs::File;
use std::io::{Error, ErrorKind, Read, Result};
use std::path::Path;

/// Reads a regular file of at most `size_max` bytes; symbolic links are followed.
///
/// # Errors
///
/// Those of the system; [`ErrorKind::InvalidInput`] if it is no regular file,
/// [`ErrorKind::FileTooLarge`] if it is longer.
pub(crate) fn read(path: &Path, size_max: usize) -> Result<Vec<u8>> {
    // Asked before it is opened: opening a pipe waits for its writer.
    if !std::fs::metadata(path)?.is_file() {
        return Err(Error::new(ErrorKind::InvalidInput, "it is not a file"));
    }
    let mut bytes = Vec::new();
    let bound = u64::try_from(size_max).unwrap_or(u64::MAX).saturating_add(1);
    File::open(path)?.take(bound).read_to_end(&mut bytes)?;
    if bytes.len() > size_max {
        return Err(Error::new(ErrorKind::FileTooLarge, format!("it is longer than {size_max} bytes")));
    }
    Ok(bytes)
}

/// Why a file cannot be read, in words that stay the same on every system.
pub(crate) fn reason(error: &Error) -> String {
    match error.kind() {
        ErrorKind::NotFound => "there is no such file".to_owned(),
        ErrorKind::PermissionDenied => "this program may not read it".to_owned(),
        _ => error.to_string(),
    }
}

#[cfg(test)]
mod tests {
    use std::io::ErrorKind;

    use super::read;

    #[test]
    fn a_file_is_read_up_to_its_bound_and_nothing_else_is() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("a");
        std::fs::write(&path, "12345").unwrap();
        assert_eq!(read(&path, 5).unwrap(), b"12345");
        assert_eq!(read(&path, 4).unwrap_err().kind(), ErrorKind::FileTooLarge);
        assert_eq!(read(folder.path(), 5).unwrap_err().kind(), ErrorKind::InvalidInput);
        assert_eq!(read(&folder.path().join("b"), 5).unwrap_err().kind(), ErrorKind::NotFound);
    }
}
