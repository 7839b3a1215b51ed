//! Handwritten digits that ship inside the crate: 1,797 images of 8×8.
//!
//! Source: E. Alpaydin and C. Kaynak, *Optical Recognition of Handwritten Digits*, UCI Machine
//! Learning Repository, 1998, CC BY 4.0 (the test part, as scikit-learn distributes it). Each pixel
//! counts the inked ones among 4×4 pixels of a scan, 0 to 16; an item has it divided by 16.

use gradus_tensor::Tensor;

use crate::collate::BatchOf;
use crate::embedded::unpack;
use crate::{Dataset, Error, LabelledImages, Result};

/// One image a line: 64 pixels and the label.
static FILE: &[u8] = include_bytes!("../data/digits.csv.gz");

/// More than the text is long.
const LIMIT: u64 = 1 << 20;

/// The embedded digits: items are an image `[1, 8, 8]` from 0 to 1, and its digit.
///
/// ```
/// use gradus_data::{Dataset, Digits};
/// let digits = Digits::load()?;
/// assert_eq!(digits.len(), 1797);
/// let (image, label) = digits.get(0)?;
/// assert_eq!((image.shape(), label), (&[1, 8, 8][..], 0));
/// # Ok::<(), gradus_data::Error>(())
/// ```
#[derive(Debug, Clone)]
pub struct Digits {
    images: LabelledImages,
}

impl Digits {
    /// The names of the classes: "0" to "9".
    pub const CLASS_NAMES: [&str; 10] = ["0", "1", "2", "3", "4", "5", "6", "7", "8", "9"];

    /// Unpacks the digits, which takes some milliseconds.
    ///
    /// # Errors
    /// [`Error::Value`] if the embedded file was changed to something that is not digits.
    pub fn load() -> Result<Self> {
        let wrong = |got: String| Error::value("Digits::load", got, "the embedded digits.csv.gz");
        let text = unpack("Digits::load", FILE, "digits.csv.gz", LIMIT)?;
        let (mut pixels, mut labels) = (Vec::with_capacity(1797 * 64), Vec::with_capacity(1797));
        for (i, line) in text.lines().enumerate() {
            let numbers: Vec<u8> = line.split(',').map_while(|n| n.parse().ok()).collect();
            let [image @ .., label] = &numbers[..] else {
                return Err(wrong(format!("no numbers in line {}", i + 1)));
            };
            if image.len() != 64 {
                return Err(wrong(format!("{} numbers in line {}", numbers.len(), i + 1)));
            }
            pixels.extend_from_slice(image);
            labels.push(*label);
        }
        let names = Self::CLASS_NAMES;
        Ok(Self { images: LabelledImages::new("digits", pixels, labels, [1, 8, 8], 16, names)? })
    }

    /// All of them, with their counts and names.
    pub fn images(&self) -> &LabelledImages {
        &self.images
    }

    /// The names of the classes: "0" to "9".
    pub fn class_names(&self) -> &[String] {
        self.images.class_names()
    }
}

impl Dataset for Digits {
    type Item = (Tensor, i64);

    fn len(&self) -> usize {
        self.images.len()
    }

    fn get(&self, index: usize) -> Result<(Tensor, i64)> {
        self.images.get(index)
    }

    fn get_batch(&self, indices: &[usize], epoch: u64) -> Result<BatchOf<Self>> {
        self.images.get_batch(indices, epoch)
    }
}
