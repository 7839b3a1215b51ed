//! EMNIST: digits and letters of the forms that MNIST was made from, in six divisions.
//!
//! | division | classes |
//! |---|---|
//! | by class | 62: digits, capital and small letters |
//! | by merge | 47: as above, small letters that look like their capitals joined with them |
//! | balanced | the same 47, as many images of each |
//! | letters | 26: capital and small ones joined |
//! | digits | 10 |
//! | MNIST | 10, made anew from the same source as MNIST |
//!
//! The files hold images column by column, so they come out of an IDX reader lying on their side, and the labels of the
//! letters begin at 1. Both are put right here.
//!
//! Source: G. Cohen, S. Afshar, J. Tapson, A. van Schaik, *EMNIST: an extension of MNIST to handwritten letters*,
//! arXiv:1702.05373, 2017.

use std::path::Path;

use crate::mnist::{self, Files};
use crate::{Error, Mnist, Result};

/// Where to get it.
fn hint(_dir: &Path) -> String {
    "EMNIST: download https://biometrics.nist.gov/cs_links/EMNIST/gzip.zip (562 MB), unpack it, and give the folder \
     gzip"
        .into()
}

/// Which division of EMNIST.
///
/// ```no_run
/// use gradus_data::{Emnist, Mnist};
/// let letters = Mnist::emnist("data/emnist/gzip", Emnist::Letters)?;
/// assert_eq!(letters.train.class_names()[0], "A");
/// # Ok::<(), gradus_data::Error>(())
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Emnist {
    /// 62 classes: digits, capital letters, small letters.
    ByClass,
    /// 47 classes: the small letters c, i to m, o, p, s, and u to z count as capitals.
    ByMerge,
    /// The same 47 classes, as many images of each.
    Balanced,
    /// 26 classes: a letter, capital or small.
    Letters,
    /// 10 classes.
    Digits,
    /// 10 classes, as many images as MNIST.
    Mnist,
}

impl Emnist {
    /// All of them.
    pub const ALL: [Self; 6] =
        [Self::ByClass, Self::ByMerge, Self::Balanced, Self::Letters, Self::Digits, Self::Mnist];

    /// The names of the classes in their order.
    ///
    /// ```
    /// use gradus_data::Emnist;
    /// let names = Emnist::Balanced.class_names();
    /// assert_eq!((names.len(), &names[9..12], &names[36..39]), (47, &["9", "A", "B"][..], &["a", "b", "d"][..]));
    /// ```
    pub fn class_names(self) -> Vec<&'static str> {
        let characters = match self {
            Self::ByClass => "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz",
            Self::ByMerge | Self::Balanced => "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabdefghnqrt",
            Self::Letters => "ABCDEFGHIJKLMNOPQRSTUVWXYZ",
            Self::Digits | Self::Mnist => "0123456789",
        };
        (0..characters.len()).filter_map(|i| characters.get(i..=i)).collect()
    }

    /// What the names of its files have for it.
    fn stem(self) -> &'static str {
        match self {
            Self::ByClass => "byclass",
            Self::ByMerge => "bymerge",
            Self::Balanced => "balanced",
            Self::Letters => "letters",
            Self::Digits => "digits",
            Self::Mnist => "mnist",
        }
    }

    /// The label of the first class in its files.
    fn first(self) -> u8 {
        u8::from(self == Self::Letters)
    }

    /// Counts the classes from 0.
    fn count_from_zero(self, files: &mut Files) -> Result<()> {
        let (first, classes) = (self.first(), self.class_names().len());
        for (item, label) in files.labels.iter_mut().enumerate() {
            let class = label.checked_sub(first).filter(|&class| usize::from(class) < classes);
            *label = class.ok_or_else(|| {
                let got = format!("the label {label} of item {item} of {}", files.name);
                let last = usize::from(first) + classes - 1;
                Error::value("Mnist::emnist", got, format!("labels from {first} to {last}"))
            })?;
        }
        Ok(())
    }
}

impl Mnist {
    /// Reads a division of EMNIST from the folder of its files, `emnist-letters-train-images-idx3-ubyte` and so on, raw or
    /// with `.gz` behind. The images stand upright and the classes are counted from 0, in the order of
    /// [`Emnist::class_names`]. ([`transposed`](Mnist::transposed) gives the images as they lie in the files.)
    ///
    /// # Errors
    /// As [`from_dir`](Mnist::from_dir); [`Error::Value`] if a label is none of the division.
    pub fn emnist(dir: impl AsRef<Path>, division: Emnist) -> Result<Self> {
        let stem = |part: &str| format!("emnist-{}-{part}", division.stem());
        let stems = ["train-images", "train-labels", "test-images", "test-labels"].map(stem);
        let parts = mnist::read("Mnist::emnist", dir.as_ref(), stems, hint)?;
        let upright = |mut files: Files| {
            division.count_from_zero(&mut files)?;
            files.images = files.images.transposed();
            files.named(&division.class_names())
        };
        let [train, test] = parts.map(upright);
        Ok(Self { train: train?, test: test? })
    }
}
