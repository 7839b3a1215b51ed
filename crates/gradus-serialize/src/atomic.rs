//! Replacing a file so that a kill or a power cut at any instant leaves the old or the new one
//! whole.
//!
//! 1. Write everything to a temporary file in the same folder, `.NAME.PROCESS-COUNT.partial`.
//! 2. `fsync` it: the bytes are on the disk before any name leads to them.
//! 3. Rename it over the old file. POSIX demands that a rename replaces in one step: whoever opens
//!    the name finds the old file or the new one.
//! 4. `fsync` the folder: the new name is on the disk when the function returns.
//!
//! A killed process leaves its temporary file. The next write to the same name removes it: a
//! writer holds a lock on its file, and the system drops the lock of a dead process, so a
//! temporary file that can be locked belongs to nobody. (Where the file system has no locks,
//! such files stay.)

use std::ffi::{OsStr, OsString};
use std::fs::{self, File, OpenOptions, TryLockError};
use std::io::{self, BufWriter, Write};
use std::path::{Path, PathBuf};
use std::process;
use std::sync::atomic::{AtomicU64, Ordering};

use crate::{Error, Result};

/// The end of a temporary file's name.
const SUFFIX: &str = ".partial";
/// How often another temporary file is tried when somebody removes ours at once.
const TRIES: usize = 16;

/// Replaces the file at `path` by what `fill` writes, or leaves it as it was if that fails.
///
/// ```
/// # let folder = tempfile::tempdir()?;
/// # let path = folder.path().join("notes.txt");
/// gradus_serialize::atomic::write(&path, |file| file.write_all(b"whole"))?;
/// let cut = gradus_serialize::atomic::write(&path, |file| {
///     file.write_all(b"par")?;
///     Err(std::io::Error::other("no more"))
/// });
/// assert!(cut.is_err());
/// assert_eq!(std::fs::read(&path)?, b"whole");
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
///
/// # Errors
/// [`Error::Io`] with the path if the folder does not exist or cannot be written, if the disk is
/// full, if `path` is a folder, or with the error of `fill`.
pub fn write(
    path: impl AsRef<Path>,
    fill: impl FnOnce(&mut dyn Write) -> io::Result<()>,
) -> Result<()> {
    let path = path.as_ref();
    let mut fill = Some(fill);
    let mut once = |file: &mut dyn Write| fill.take().map_or(Ok(()), |fill| fill(file));
    replace(path, &mut once).map_err(Error::io("write", path))
}

/// Calls `fill` once, or not at all.
fn replace(path: &Path, fill: &mut dyn FnMut(&mut dyn Write) -> io::Result<()>) -> io::Result<()> {
    let Some(name) = path.file_name() else {
        return Err(io::Error::new(io::ErrorKind::InvalidInput, "the path does not name a file"));
    };
    if path.is_dir() {
        return Err(io::Error::new(io::ErrorKind::IsADirectory, "there is a folder of that name"));
    }
    let folder = match path.parent() {
        Some(parent) if !parent.as_os_str().is_empty() => parent,
        _ => Path::new("."),
    };
    if !folder.is_dir() {
        let reason = format!("the folder {} does not exist; create it first", folder.display());
        return Err(io::Error::new(io::ErrorKind::NotFound, reason));
    }
    remove_stale(folder, name);
    let mut temporary = Temporary::create(folder, name)?;
    let mut writer = BufWriter::with_capacity(1 << 16, &temporary.file);
    fill(&mut writer)?;
    writer.flush()?;
    drop(writer);
    temporary.file.sync_all()?;
    fs::rename(&temporary.path, path)?;
    temporary.renamed = true;
    sync_folder(folder)
}

/// A locked file that removes itself unless it was renamed.
struct Temporary {
    path: PathBuf,
    file: File,
    renamed: bool,
}

impl Temporary {
    fn create(folder: &Path, name: &OsStr) -> io::Result<Self> {
        static COUNT: AtomicU64 = AtomicU64::new(0);
        for _ in 0..TRIES {
            let count = COUNT.fetch_add(1, Ordering::Relaxed);
            let mut file_name = prefix(name);
            file_name.push(format!("{}-{count}{SUFFIX}", process::id()));
            let path = folder.join(file_name);
            let file = match OpenOptions::new().write(true).create_new(true).open(&path) {
                Ok(file) => file,
                // Left by a dead process that had our number.
                Err(error) if error.kind() == io::ErrorKind::AlreadyExists => continue,
                Err(error) => return Err(error),
            };
            // Another writer may take the file for a stale one before it is locked: then it holds
            // the lock now, or has removed the file already.
            match file.try_lock() {
                Err(TryLockError::WouldBlock) => continue,
                _ if !path.exists() => continue,
                _ => return Ok(Self { path, file, renamed: false }),
            }
        }
        Err(io::Error::other("other programs keep removing its temporary file"))
    }
}

impl Drop for Temporary {
    fn drop(&mut self) {
        if !self.renamed {
            // What cannot be removed now, the next write removes.
            let _ = fs::remove_file(&self.path);
        }
    }
}

/// Removes temporary files for `name` whose writers are dead. That is a courtesy: a file that
/// cannot be removed stays, and nothing depends on it.
fn remove_stale(folder: &Path, name: &OsStr) {
    let prefix = prefix(name);
    for entry in fs::read_dir(folder).into_iter().flatten().flatten() {
        let file_name = entry.file_name();
        let bytes = file_name.as_encoded_bytes();
        let middle = bytes
            .strip_prefix(prefix.as_encoded_bytes())
            .and_then(|rest| rest.strip_suffix(SUFFIX.as_bytes()));
        let ours =
            middle.is_some_and(|middle| middle.iter().all(|&b| b.is_ascii_digit() || b == b'-'));
        if ours
            && let Ok(file) = OpenOptions::new().write(true).open(entry.path())
            && file.try_lock().is_ok()
        {
            let _ = fs::remove_file(entry.path());
        }
    }
}

fn prefix(name: &OsStr) -> OsString {
    let mut prefix = OsString::from(".");
    prefix.push(name);
    prefix.push(".");
    prefix
}

/// Puts the folder's list of names on the disk.
#[cfg(unix)]
fn sync_folder(folder: &Path) -> io::Result<()> {
    match File::open(folder)?.sync_all() {
        // Some network file systems have no such operation; the rename itself was done.
        Err(e) if matches!(e.kind(), io::ErrorKind::InvalidInput | io::ErrorKind::Unsupported) => {
            Ok(())
        }
        result => result,
    }
}

/// Elsewhere a folder cannot be opened as a file; the rename is as durable as the system makes it.
#[cfg(not(unix))]
fn sync_folder(_: &Path) -> io::Result<()> {
    Ok(())
}
