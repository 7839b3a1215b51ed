//! A class for every pixel of a picture, for segmentation: `[height, width]` bytes.

use gradus_tensor::Tensor;

use super::{Image, Size};
use crate::{Collate, Error, Result};

/// A class from 0 to 255 for every pixel. Where pixels are moved, those that come in from outside have
/// the class 0, as in torchvision, and no two classes are ever mixed.
///
/// ```
/// use gradus_data::vision::{Image, Mask};
/// let mask = Mask::new(Image::new([1, 3], 1, vec![0, 0, 21])?)?;
/// assert_eq!(mask.to_tensor().to_vec(), [0, 0, 21]);
/// # Ok::<(), gradus_data::Error>(())
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Mask(Image);

impl Mask {
    /// A mask of a picture with one channel, whose values are classes.
    ///
    /// # Errors
    /// [`Error::Value`] for more channels.
    pub fn new(classes: Image) -> Result<Self> {
        if classes.channels() != 1 {
            let got = format!("{} channels", classes.channels());
            return Err(Error::value("Mask::new", got, "1, whose values are classes"));
        }
        Ok(Self(classes))
    }

    /// Height and width.
    pub fn size(&self) -> Size {
        self.0.size()
    }

    /// The classes, row by row.
    pub fn classes(&self) -> &[u8] {
        self.0.pixels()
    }

    /// The mask as a picture with one channel.
    pub fn into_image(self) -> Image {
        self.0
    }

    /// The classes `[H, W]`.
    pub fn to_tensor(&self) -> Tensor<i64> {
        Tensor::filled_by([self.0.height(), self.0.width()], |out| {
            out.iter_mut().zip(self.classes()).for_each(|(x, &class)| *x = class.into());
        })
    }

    /// The mask after a change of its pixels that keeps one channel.
    pub(crate) fn map(self, change: impl FnOnce(Image) -> Result<Image>) -> Result<Self> {
        Self::new(change(self.0)?)
    }
}

/// A batch of masks is `[N, H, W]`.
impl Collate for Mask {
    type Batch = Tensor<i64>;

    fn collate(items: Vec<Self>) -> Result<Tensor<i64>> {
        Collate::collate(items.iter().map(Self::to_tensor).collect::<Vec<_>>())
    }

    fn digest(batch: &Tensor<i64>, so_far: u64) -> Option<u64> {
        i64::digest(batch, so_far)
    }
}
