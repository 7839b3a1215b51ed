//! The files below a folder of classes.

use std::fs::{self, Metadata};
use std::path::{Path, PathBuf};

use crate::{Error, Result};

/// How names of pictures end; case does not matter. The content decides what they are.
const ENDINGS: &[&str] = &["bmp", "dib", "jfif", "jpe", "jpeg", "jpg", "png"];

/// Those of the feature `image`.
const MORE: &[&str] = &["gif", "ico", "pbm", "pgm", "pnm", "ppm", "qoi", "tif", "tiff", "webp"];

fn known() -> impl Iterator<Item = &'static str> {
    let more = if cfg!(feature = "image") { MORE } else { &[] };
    ENDINGS.iter().chain(more).copied()
}

/// The endings, for messages.
pub(super) fn endings() -> String {
    known().map(|ending| format!(".{ending}")).collect::<Vec<_>>().join(" ")
}

/// What lies below a folder.
#[derive(Default)]
pub(super) struct Found {
    /// Files named as pictures are.
    pub pictures: Vec<PathBuf>,
    /// How many other files there are.
    pub others: usize,
    /// Entries that cannot be looked at, and why.
    pub broken: Vec<(PathBuf, String)>,
}

fn failed(path: &Path) -> impl Fn(std::io::Error) -> Error {
    move |source| Error::File { path: path.into(), source }
}

/// The entries of a folder, without hidden ones, sorted by name; links are followed.
fn entries(dir: &Path) -> Result<Vec<(PathBuf, std::io::Result<Metadata>)>> {
    let read = fs::read_dir(dir).map_err(failed(dir))?;
    let mut paths = Vec::new();
    for entry in read {
        let entry = entry.map_err(failed(dir))?;
        if !entry.file_name().as_encoded_bytes().starts_with(b".") {
            paths.push(entry.path());
        }
    }
    paths.sort();
    Ok(paths.into_iter().map(|path| (path.clone(), fs::metadata(path))).collect())
}

/// The folders in a folder, sorted by name.
pub(super) fn folders(root: &Path) -> Result<Vec<PathBuf>> {
    let all = entries(root)?.into_iter();
    Ok(all.filter(|(_, about)| about.as_ref().is_ok_and(Metadata::is_dir)).map(|e| e.0).collect())
}

/// All files below a folder, sorted by path.
pub(super) fn files(dir: &Path) -> Result<Found> {
    let mut found = Found::default();
    walk(dir, &mut Vec::new(), &mut found)?;
    Ok(found)
}

/// `above` has the folders on the way here, as the system names them without links: a folder that is
/// among them leads in a circle.
fn walk(dir: &Path, above: &mut Vec<PathBuf>, found: &mut Found) -> Result<()> {
    let real = fs::canonicalize(dir).map_err(failed(dir))?;
    if above.contains(&real) {
        let why = format!("is a link to {}, which it lies in", real.display());
        found.broken.push((dir.into(), why));
        return Ok(());
    }
    above.push(real);
    for (path, about) in entries(dir)? {
        match about {
            Err(e) => found.broken.push((path, e.to_string())),
            Ok(about) if about.is_dir() => walk(&path, above, found)?,
            Ok(about) if about.is_file() && is_picture(&path) => found.pictures.push(path),
            Ok(_) => found.others += 1,
        }
    }
    above.pop();
    Ok(())
}

fn is_picture(path: &Path) -> bool {
    let ending = path.extension().and_then(|e| e.to_str()).map(str::to_ascii_lowercase);
    ending.is_some_and(|ending| known().any(|k| k == ending))
}
