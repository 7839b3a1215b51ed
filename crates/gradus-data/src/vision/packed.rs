//! Decoded pictures in one file, so that the next run need not decode them again.
//!
//! | part | bytes |
//! |---|---|
//! | `GRADPICS` | 8 |
//! | pixels of all items, one after the other | `height · width · channels` each |
//! | for each item: where its pixels begin (`u64`), height, width, channels, CRC-32 of the pixels (`u32` each), label (`i64`) | 32 |
//! | where that list begins (`u64`), number of items (`u64`), CRC-32 of the list (`u32`), `PICS` | 24 |
//!
//! All numbers are little-endian. No number is believed: the list must fill the file to its end, and
//! each item must lie before the list.

use std::fs::{self, File};
use std::io::{BufWriter, Read, Seek, SeekFrom, Write};
use std::path::{Path, PathBuf};
use std::sync::{Mutex, PoisonError};
use std::thread;

use flate2::Crc;

use super::{Image, Size};
use crate::{Dataset, Error, Result};

const START: &[u8; 8] = b"GRADPICS";
const END: &[u8; 4] = b"PICS";
const ENTRY: usize = 32;
const FOOT: usize = 24;

/// Items a thread reads at a time.
const PIECE: usize = 16;

/// Where an item lies.
#[derive(Debug, Clone, Copy)]
struct Entry {
    offset: u64,
    size: Size,
    channels: usize,
    crc: u32,
    label: i64,
}

/// Pictures and their classes from a file that [`write`](Self::write) made.
///
/// ```
/// use gradus_data::vision::{Packed, Resize, on_items};
/// use gradus_data::{Dataset, Digits};
/// let small = Digits::load()?.images().clone().pictures().map(0, on_items(Resize::new(4)));
/// # let path = std::env::temp_dir().join(format!("gradus-packed-{}.pics", std::process::id()));
/// if !path.exists() {
///     Packed::write(&small, &path, 2)?;
/// }
/// let packed = Packed::open(&path)?;
/// assert_eq!((packed.len(), packed.get(5)?), (1797, small.get(5)?));
/// # std::fs::remove_file(path)?;
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug)]
pub struct Packed {
    path: PathBuf,
    file: Mutex<File>,
    entries: Vec<Entry>,
}

fn crc(bytes: &[u8]) -> u32 {
    let mut crc = Crc::new();
    crc.update(bytes);
    crc.sum()
}

impl Packed {
    /// Reads every item of a data set, as it looks in epoch 0, with so many threads (at least one), and
    /// writes them to a file. What was there stays until the new file is whole.
    ///
    /// # Errors
    /// The first of the data set's, and [`Error::File`] if the file cannot be written.
    pub fn write(
        dataset: &impl Dataset<Item = (Image, i64)>,
        path: impl AsRef<Path>,
        workers: usize,
    ) -> Result<()> {
        let path = path.as_ref();
        let mut part = path.as_os_str().to_owned();
        part.push(".part");
        let part = PathBuf::from(part);
        let written = write(dataset, &part, workers.max(1)).and_then(|()| {
            fs::rename(&part, path).map_err(|source| Error::File { path: path.into(), source })
        });
        if written.is_err() {
            // What is half there is of no use; the error that led here is what counts.
            let _ = fs::remove_file(&part);
        }
        written
    }

    /// Opens a file and reads its list of items.
    ///
    /// # Errors
    /// [`Error::File`] if it cannot be read, [`Error::Value`] if it is not what
    /// [`write`](Self::write) makes, or not whole.
    pub fn open(path: impl AsRef<Path>) -> Result<Self> {
        let path = path.as_ref();
        let failed = |source| Error::File { path: path.into(), source };
        let wrong = |what: &str| {
            let got = format!("{}, {what}", path.display());
            Error::value("Packed::open", got, "a whole file of `Packed::write`: write it again")
        };
        if !fs::metadata(path).map_err(failed)?.is_file() {
            return Err(wrong("which is no regular file"));
        }
        let mut file = File::open(path).map_err(failed)?;
        let len = file.metadata().map_err(failed)?.len();
        let (mut start, mut foot) = ([0; 8], [0; FOOT]);
        if len < (START.len() + FOOT) as u64 {
            return Err(wrong("which is too short"));
        }
        file.read_exact(&mut start).map_err(failed)?;
        file.seek(SeekFrom::End(-(FOOT as i64))).map_err(failed)?;
        file.read_exact(&mut foot).map_err(failed)?;
        let [list, count] = [u64_at(&foot, 0), u64_at(&foot, 8)];
        let bytes = count.checked_mul(ENTRY as u64);
        let end = bytes.and_then(|n| n.checked_add(list)).and_then(|n| n.checked_add(FOOT as u64));
        if start != *START || foot[20..] != *END || end != Some(len) {
            return Err(wrong("which is cut or of another kind"));
        }
        file.seek(SeekFrom::Start(list)).map_err(failed)?;
        // The list fills the file to its end, so its length is that of bytes that are there.
        let mut bytes = vec![0; bytes.unwrap_or(0) as usize];
        file.read_exact(&mut bytes).map_err(failed)?;
        if crc(&bytes) != u32_at(&foot, 16) {
            return Err(wrong("whose list of items is damaged"));
        }
        let entries = bytes.chunks_exact(ENTRY).map(|entry| {
            let size =
                Size { height: u32_at(entry, 8) as usize, width: u32_at(entry, 12) as usize };
            let (offset, channels) = (u64_at(entry, 0), u32_at(entry, 16) as usize);
            let pixels = size.area().and_then(|area| area.checked_mul(channels));
            let end = pixels.and_then(|n| offset.checked_add(n as u64));
            let inside = pixels != Some(0) && end.is_some_and(|end| end <= list);
            let (crc, label) = (u32_at(entry, 20), u64_at(entry, 24).cast_signed());
            let whole = inside && (1..=4).contains(&channels);
            whole.then_some(Entry { offset, size, channels, crc, label })
        });
        let entries = entries.collect::<Option<Vec<_>>>();
        let entries = entries.ok_or_else(|| wrong("whose items lie outside of it"))?;
        Ok(Self { path: path.into(), file: Mutex::new(file), entries })
    }

    /// The class of each item.
    pub fn labels(&self) -> Vec<i64> {
        self.entries.iter().map(|entry| entry.label).collect()
    }
}

fn u64_at(bytes: &[u8], at: usize) -> u64 {
    u64::from(u32_at(bytes, at)) | u64::from(u32_at(bytes, at + 4)) << 32
}

fn u32_at(bytes: &[u8], at: usize) -> u32 {
    bytes[at..at + 4].iter().rev().fold(0, |word, &byte| word << 8 | u32::from(byte))
}

fn write(dataset: &impl Dataset<Item = (Image, i64)>, path: &Path, workers: usize) -> Result<()> {
    let failed = |source| Error::File { path: path.into(), source };
    let mut file = BufWriter::new(File::create(path).map_err(failed)?);
    file.write_all(START).map_err(failed)?;
    let (mut at, mut list) = (START.len() as u64, Vec::new());
    let len = dataset.len();
    for first in (0..len).step_by(PIECE * workers) {
        // The threads' pieces are written in their order.
        let pieces: Vec<Vec<_>> = thread::scope(|scope| {
            let read = |worker: usize| {
                let start = first + worker * PIECE;
                scope.spawn(move || {
                    (start..(start + PIECE).min(len)).map(|i| dataset.get(i)).collect()
                })
            };
            let threads: Vec<_> = (0..workers).map(read).collect();
            threads.into_iter().map(|thread| thread.join().unwrap_or_else(|_| panicked())).collect()
        });
        for item in pieces.into_iter().flatten() {
            let (image, label) = item?;
            let side = |n: usize| u32::try_from(n).unwrap_or(u32::MAX).to_le_bytes();
            let Size { height, width } = image.size();
            list.extend(at.to_le_bytes());
            list.extend([side(height), side(width), side(image.channels())].concat());
            list.extend(crc(image.pixels()).to_le_bytes());
            list.extend(label.to_le_bytes());
            file.write_all(image.pixels()).map_err(failed)?;
            at += image.pixels().len() as u64;
        }
    }
    file.write_all(&list).map_err(failed)?;
    let foot = [&at.to_le_bytes()[..], &(len as u64).to_le_bytes(), &crc(&list).to_le_bytes(), END];
    file.write_all(&foot.concat()).map_err(failed)?;
    file.flush().map_err(failed)?;
    file.get_ref().sync_all().map_err(failed)
}

fn panicked<T>() -> Vec<Result<T>> {
    let message = "the data set panicked while `Packed::write` read it".into();
    vec![Err(Error::Worker { message })]
}

impl Dataset for Packed {
    type Item = (Image, i64);

    fn len(&self) -> usize {
        self.entries.len()
    }

    fn get(&self, index: usize) -> Result<(Image, i64)> {
        Error::check_index("Packed", index, self.len())?;
        let entry = self.entries[index];
        let failed = |source| Error::File { path: self.path.clone(), source };
        let mut pixels = vec![0; entry.size.height * entry.size.width * entry.channels];
        {
            let mut file = self.file.lock().unwrap_or_else(PoisonError::into_inner);
            file.seek(SeekFrom::Start(entry.offset)).map_err(failed)?;
            file.read_exact(&mut pixels).map_err(failed)?;
        }
        if crc(&pixels) != entry.crc {
            let got = format!("item {index} of {}, whose pixels are damaged", self.path.display());
            return Err(Error::value(
                "Packed::get",
                got,
                "what `Packed::write` wrote: write it again",
            ));
        }
        Ok((Image::new(entry.size, entry.channels, pixels)?, entry.label))
    }
}
