//! Small files, read with a limit and written whole: into a temporary file beside the target,
//! synced, then renamed over it, so that a kill at any instant leaves the old file or the new one.

use std::fs::{self, File};
use std::io::{Read, Write};
use std::path::Path;

use crate::{Error, Result};

/// More than any history or configuration needs; keeps a wrong path from filling the memory.
const LARGEST: u64 = 64 << 20;

/// Replaces the file at `path` by `bytes`, in one step for whoever reads it.
pub(crate) fn write_whole(path: &Path, bytes: &[u8]) -> Result<()> {
    let name = path.file_name().ok_or_else(|| {
        Error::value("write", format!("the path {}", path.display()), "the path of a file")
    })?;
    let temporary =
        path.with_file_name(format!(".{}.{}.tmp", name.to_string_lossy(), std::process::id()));
    let written = File::create(&temporary)
        .and_then(|mut file| file.write_all(bytes).and_then(|()| file.sync_all()))
        .and_then(|()| fs::rename(&temporary, path));
    if written.is_err() {
        // The error that counts is the first one; the leftover may not even exist.
        fs::remove_file(&temporary).ok();
    }
    written.map_err(Error::file("write", path))
}

/// The text of a small file.
pub(crate) fn read_text(path: &Path) -> Result<String> {
    let mut bytes = Vec::new();
    File::open(path)
        .and_then(|file| file.take(LARGEST + 1).read_to_end(&mut bytes))
        .map_err(Error::file("read", path))?;
    if bytes.len() as u64 > LARGEST {
        return Err(Error::format(path, 1, "more than 64 MiB", "a small text file"));
    }
    String::from_utf8(bytes).map_err(|e| {
        let good = &e.as_bytes()[..e.utf8_error().valid_up_to()];
        let line = 1 + good.iter().filter(|&&b| b == b'\n').count();
        Error::format(path, line, "bytes that are not UTF-8", "text")
    })
}
