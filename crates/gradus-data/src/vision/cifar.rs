//! CIFAR-10 and CIFAR-100: 50,000 and 10,000 pictures `[3, 32, 32]` of 10 or 100 classes.
//!
//! A file of the binary version is a row of records: for CIFAR-10 a label and 3,072 bytes, for
//! CIFAR-100 a coarse label, a fine one and 3,072 bytes. Pixels are all red ones row by row, then green,
//! then blue. Names of classes stand in a text file, one a line.
//!
//! Source: A. Krizhevsky, *Learning multiple layers of features from tiny images*, 2009, and
//! <https://www.cs.toronto.edu/~kriz/cifar.html>.

use std::fs::File;
use std::path::{Path, PathBuf};

use crate::bounded::up_to;
use crate::{Error, LabelledImages, PublicData, Result};

const PIXELS: usize = 3 * 32 * 32;

/// The longest file that is read: all 60,000 records with two labels, and room.
const LIMIT: u64 = 1 << 28;

/// The training and the test part of CIFAR-10 or CIFAR-100. Items are tensors from 0 to 1; for
/// transforms of bytes see [`LabelledImages::pictures`].
///
/// ```no_run
/// use gradus_data::DataLoader;
/// use gradus_data::vision::Cifar;
/// let cifar = Cifar::cifar10("data/cifar-10-batches-bin")?;
/// let loader = DataLoader::new(cifar.train).batch_size(128).shuffle(1);
/// # Ok::<(), gradus_data::Error>(())
/// ```
#[derive(Debug, Clone)]
pub struct Cifar {
    /// The pictures to learn from.
    pub train: LabelledImages,
    /// The pictures to judge by.
    pub test: LabelledImages,
}

impl Cifar {
    /// Reads the binary version of CIFAR-10 from a folder: `data_batch_1.bin` to `data_batch_5.bin`,
    /// `test_batch.bin`, `batches.meta.txt`.
    ///
    /// # Errors
    /// [`Error::MissingFiles`] with where to get them; [`Error::File`] if one cannot be read;
    /// [`Error::Value`] if one does not hold whole records, [`Error::Label`] if a label has no name.
    pub fn cifar10(dir: impl AsRef<Path>) -> Result<Self> {
        let train: Vec<_> = (1..=5).map(|i| format!("data_batch_{i}.bin")).collect();
        read(
            dir.as_ref(),
            &train,
            "test_batch.bin",
            "batches.meta.txt",
            (1, 0),
            &PublicData::CIFAR_10,
        )
    }

    /// Reads the binary version of CIFAR-100 from a folder, with its 100 fine classes: `train.bin`,
    /// `test.bin`, `fine_label_names.txt`.
    ///
    /// # Errors
    /// As [`cifar10`](Self::cifar10).
    pub fn cifar100(dir: impl AsRef<Path>) -> Result<Self> {
        let names = "fine_label_names.txt";
        read(dir.as_ref(), &["train.bin".into()], "test.bin", names, (2, 1), &PublicData::CIFAR_100)
    }

    /// As [`cifar100`](Self::cifar100), with its 20 coarse classes and `coarse_label_names.txt`.
    ///
    /// # Errors
    /// As [`cifar10`](Self::cifar10).
    pub fn cifar100_coarse(dir: impl AsRef<Path>) -> Result<Self> {
        let names = "coarse_label_names.txt";
        read(dir.as_ref(), &["train.bin".into()], "test.bin", names, (2, 0), &PublicData::CIFAR_100)
    }
}

/// `labels` is how many bytes of labels a record has, and which one counts.
fn read(
    dir: &Path,
    train: &[String],
    test: &str,
    names: &str,
    labels: (usize, usize),
    from: &PublicData<'_>,
) -> Result<Cifar> {
    let wanted = train.iter().map(String::as_str).chain([test, names]);
    let missing: Vec<_> = wanted.filter(|file| !dir.join(file).is_file()).map(Into::into).collect();
    if !missing.is_empty() {
        // The folder is in the archive: beside it is where that belongs.
        let hint = from.how_to_get(dir.parent().unwrap_or(dir));
        return Err(Error::MissingFiles { dir: dir.into(), files: missing, hint });
    }
    let text = bytes(&dir.join(names))?;
    let text = String::from_utf8_lossy(&text);
    let names: Vec<&str> = text.lines().map(str::trim).filter(|name| !name.is_empty()).collect();
    let part = |files: &[PathBuf]| {
        let (mut pixels, mut classes) = (Vec::new(), Vec::new());
        for path in files {
            let file = bytes(path)?;
            let record = labels.0 + PIXELS;
            if file.is_empty() || !file.len().is_multiple_of(record) {
                let got = format!("{} of {} bytes", path.display(), file.len());
                let wanted = format!("whole records of {record} bytes: get it again");
                return Err(Error::value("Cifar", got, wanted));
            }
            for record in file.chunks_exact(record) {
                classes.push(record[labels.1]);
                pixels.extend_from_slice(&record[labels.0..]);
            }
        }
        let name = files.first().map(|path| path.display().to_string()).unwrap_or_default();
        let names = names.iter().copied();
        LabelledImages::new(&name, pixels, classes, [3, 32, 32], u8::MAX, names)
    };
    let train: Vec<_> = train.iter().map(|file| dir.join(file)).collect();
    Ok(Cifar { train: part(&train)?, test: part(&[dir.join(test)])? })
}

fn bytes(path: &Path) -> Result<Vec<u8>> {
    let failed = |source| Error::File { path: path.into(), source };
    let mut file = File::open(path).map_err(failed)?;
    let bytes = up_to(&mut file, LIMIT + 1).map_err(failed)?;
    if bytes.len() as u64 > LIMIT {
        let got = format!("{} of more than {LIMIT} bytes", path.display());
        return Err(Error::value("Cifar", got, "a file of CIFAR, of at most 184,440,000 bytes"));
    }
    Ok(bytes)
}
