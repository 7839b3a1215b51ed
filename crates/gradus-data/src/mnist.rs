//! MNIST, and data sets in its format: Fashion-MNIST and whatever lies in four IDX files.
//!
//! Sources: Y. LeCun, C. Cortes, C. Burges, *The MNIST database of handwritten digits*, 1998;
//! H. Xiao, K. Rasul, R. Vollgraf, *Fashion-MNIST*, arXiv:1708.07747, 2017.

use std::path::{Path, PathBuf};

use crate::{Digits, Error, LabelledImages, PublicData, Result, idx};

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
    /// dot in place of the hyphen before `idx`. The classes are named "0" to "9".
    ///
    /// # Errors
    /// [`Error::Value`] if that is no folder, [`Error::MissingFiles`] if it lacks a file,
    /// [`Error::Idx`] and [`Error::File`] if one is damaged or cannot be read; [`Error::Counts`] and
    /// [`Error::Label`] if images and labels do not fit; [`Error::Value`] if the images of the two
    /// parts differ in size.
    pub fn from_dir(dir: impl AsRef<Path>) -> Result<Self> {
        let (op, dir) = ("Mnist::from_dir", dir.as_ref());
        if !dir.is_dir() {
            let got = format!("{}, which is not a folder", dir.display());
            return Err(Error::value(
                op,
                got,
                format!("a folder with four IDX files.\n{}", hint(dir)),
            ));
        }
        let stems = ["train-images", "train-labels", "t10k-images", "t10k-labels"];
        let kinds = ["idx3", "idx1", "idx3", "idx1"];
        let found = [0, 1, 2, 3].map(|i| find(dir, stems[i], kinds[i]));
        let [Ok(train_images), Ok(train_labels), Ok(test_images), Ok(test_labels)] = &found else {
            let files = found.into_iter().filter_map(Result::err).collect();
            return Err(Error::MissingFiles { dir: dir.into(), files, hint: hint(dir) });
        };
        let train = part(train_images, train_labels)?;
        let test = part(test_images, test_labels)?;
        if train.image_shape() != test.image_shape() {
            let (train, test) = (train.image_shape(), test.image_shape());
            let got = format!("images of {train:?} to train and of {test:?} to test");
            return Err(Error::value(op, got, "the same size"));
        }
        Ok(Self { train, test })
    }

    /// The same images with other names for the classes.
    ///
    /// # Errors
    /// [`Error::Label`] if a label has no name.
    pub fn with_class_names(self, names: &[&str]) -> Result<Self> {
        let train = self.train.with_class_names(names.iter().copied())?;
        Ok(Self { train, test: self.test.with_class_names(names.iter().copied())? })
    }
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

fn part(images: &Path, labels: &Path) -> Result<LabelledImages> {
    let name = format!("{} with {}", images.display(), labels.display());
    let images = idx::open_images(images)?;
    let labels = idx::open_labels(labels)?;
    let shape = [1, images.rows, images.columns];
    LabelledImages::new(&name, images.pixels, labels, shape, u8::MAX, Digits::CLASS_NAMES)
}
