//! MNIST, and data sets in its format: Fashion-MNIST and whatever lies in four IDX files. For EMNIST see
//! [`Emnist`](crate::Emnist).
//!
//! Sources: Y. LeCun, C. Cortes, C. Burges, *The MNIST database of handwritten digits*, 1998;
//! H. Xiao, K. Rasul, R. Vollgraf, *Fashion-MNIST*, arXiv:1708.07747, 2017.

use std::path::{Path, PathBuf};

use crate::idx::{self, IdxImages};
use crate::{Error, LabelledImages, PublicData, Result};

/// The training and the test part of MNIST or Fashion-MNIST: 60,000 and 10,000 images `[1, 28, 28]`
/// from 0 to 1, of ten classes.
///
/// ```no_run
/// use gradus_data::{DataLoader, Mnist};
/// let mnist = Mnist::from_dir("data/mnist")?;
/// let loader = DataLoader::new(mnist.train).batch_size(64).shuffle(1).workers(1);
/// # Ok::<(), gradus_data::Error>(())
/// ```
#[derive(Debug, Clone)]
pub struct Mnist {
    /// The images to learn from.
    pub train: LabelledImages,
    /// The images to judge by.
    pub test: LabelledImages,
}

impl Mnist {
    /// The names of Fashion-MNIST's classes, for [`with_class_names`](Self::with_class_names).
    pub const FASHION: [&str; 10] = [
        "T-shirt/top",
        "Trouser",
        "Pullover",
        "Dress",
        "Coat",
        "Sandal",
        "Shirt",
        "Sneaker",
        "Bag",
        "Ankle boot",
    ];

    /// Reads the four files of a folder: `train-images-idx3-ubyte`, `train-labels-idx1-ubyte`,
    /// `t10k-images-idx3-ubyte`, `t10k-labels-idx1-ubyte`, each also with `.gz` behind it, or with a
    /// dot in place of the hyphen before `idx`. The classes are named by their numbers: "0" to "9", or to the largest
    /// label that there is.
    ///
    /// # Errors
    /// [`Error::Value`] if that is no folder, [`Error::MissingFiles`] if it lacks a file,
    /// [`Error::Idx`] and [`Error::File`] if one is damaged or cannot be read; [`Error::Counts`] if images and labels do
    /// not fit; [`Error::Value`] if the images of the two parts differ in size.
    pub fn from_dir(dir: impl AsRef<Path>) -> Result<Self> {
        let stems = ["train-images", "train-labels", "t10k-images", "t10k-labels"];
        let [train, test] = read("Mnist::from_dir", dir.as_ref(), stems.map(String::from), hint)?;
        let labels = train.labels.iter().chain(&test.labels);
        let classes = labels.max().map_or(0, |&label| usize::from(label) + 1).max(10);
        let names: Vec<String> = (0..classes).map(|class| class.to_string()).collect();
        Ok(Self { train: train.named(&names)?, test: test.named(&names)? })
    }

    /// The same images with other names for the classes.
    ///
    /// # Errors
    /// [`Error::Label`] if a label has no name.
    pub fn with_class_names(self, names: &[&str]) -> Result<Self> {
        let train = self.train.with_class_names(names.iter().copied())?;
        Ok(Self { train, test: self.test.with_class_names(names.iter().copied())? })
    }

    /// The same images with rows and columns exchanged; see [`LabelledImages::transposed`].
    pub fn transposed(self) -> Self {
        Self { train: self.train.transposed(), test: self.test.transposed() }
    }
}

/// The images and labels of two files.
pub(crate) struct Files {
    /// Both paths, for errors.
    pub name: String,
    pub images: IdxImages,
    pub labels: Vec<u8>,
}

impl Files {
    pub fn named<S: AsRef<str>>(self, names: &[S]) -> Result<LabelledImages> {
        let Self { name, images, labels } = self;
        let shape = [1, images.rows, images.columns];
        let names = names.iter().map(AsRef::as_ref);
        LabelledImages::new(&name, images.pixels, labels, shape, u8::MAX, names)
    }
}

/// Reads images and labels to train, then those to test, given what their files' names begin with.
pub(crate) fn read(
    op: &'static str,
    dir: &Path,
    stems: [String; 4],
    hint: fn(&Path) -> String,
) -> Result<[Files; 2]> {
    if !dir.is_dir() {
        let got = format!("{}, which is not a folder", dir.display());
        let wanted = format!("a folder with four IDX files.\n{}", hint(dir));
        return Err(Error::value(op, got, wanted));
    }
    let kinds = ["idx3", "idx1", "idx3", "idx1"];
    let found = [0, 1, 2, 3].map(|i| find(dir, &stems[i], kinds[i]));
    let [Ok(train_images), Ok(train_labels), Ok(test_images), Ok(test_labels)] = &found else {
        let files = found.into_iter().filter_map(Result::err).collect();
        return Err(Error::MissingFiles { dir: dir.into(), files, hint: hint(dir) });
    };
    let train = part(train_images, train_labels)?;
    let test = part(test_images, test_labels)?;
    let size = |files: &Files| [1, files.images.rows, files.images.columns];
    if size(&train) != size(&test) {
        let got = format!("images of {:?} to train and of {:?} to test", size(&train), size(&test));
        return Err(Error::value(op, got, "the same size"));
    }
    Ok([train, test])
}

/// The file under one of its spellings, raw before compressed; or what to call it when it is not
/// there.
fn find(dir: &Path, stem: &str, kind: &str) -> Result<PathBuf, String> {
    let spellings = ["-", "."].map(|joint| format!("{stem}{joint}{kind}-ubyte"));
    let paths = ["", ".gz"]
        .iter()
        .flat_map(|end| spellings.each_ref().map(|spelling| dir.join(format!("{spelling}{end}"))));
    let missing = || format!("{} (nor {0}.gz)", spellings[0]);
    paths.into_iter().find(|path| path.is_file()).ok_or_else(missing)
}

/// Where to get either set.
fn hint(dir: &Path) -> String {
    let [digits, clothes] =
        [PublicData::MNIST, PublicData::FASHION_MNIST].map(|data| data.how_to_get(dir));
    let debian =
        "the Debian package dataset-fashion-mnist has it, too, in the folder that `dpkg -L` names";
    format!("{digits}\nOr {clothes}\n({debian})")
}

fn part(images: &Path, labels: &Path) -> Result<Files> {
    let name = format!("{} with {}", images.display(), labels.display());
    Ok(Files { name, images: idx::open_images(images)?, labels: idx::open_labels(labels)? })
}
