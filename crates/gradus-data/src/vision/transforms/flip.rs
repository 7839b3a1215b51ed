//! Pictures as in a mirror: torchvision's `RandomHorizontalFlip` and `RandomVerticalFlip`. A point
//! `(x, y)` goes to `(W − x, y)` or `(x, H − y)`.

use gradus_tensor::Rng;

use super::chance::Chance;
use crate::Result;
use crate::vision::{Augment, Boxes, Change, Image, Mask, Size};

/// A mirror.
///
/// ```
/// use gradus_data::vision::{Augment, Flip, Image};
/// use gradus_tensor::Rng;
/// let image = Image::new([1, 2], 3, vec![1, 2, 3, 4, 5, 6])?;
/// let mirrored = Flip::Horizontal.apply(image, &mut Rng::new(0))?;
/// assert_eq!(mirrored.pixels(), [4, 5, 6, 1, 2, 3]);
/// # Ok::<(), gradus_data::Error>(())
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum Flip {
    /// Left and right change places.
    Horizontal,
    /// Top and bottom change places.
    Vertical,
}

impl Change for Flip {
    fn image(&self, mut image: Image) -> Result<Image> {
        let (width, channels) = (image.width(), image.channels());
        match self {
            Self::Horizontal => {
                for row in image.pixels_mut().chunks_exact_mut(width * channels) {
                    row.reverse();
                    row.chunks_exact_mut(channels).for_each(<[u8]>::reverse);
                }
                Ok(image)
            }
            Self::Vertical => {
                let rows = image.pixels().chunks_exact(width * channels).rev();
                let pixels = rows.flatten().copied().collect();
                Ok(Image::of(image.size(), channels, pixels))
            }
        }
    }

    fn mask(&self, mask: Mask) -> Result<Mask> {
        mask.map(|classes| self.image(classes))
    }

    fn boxes(&self, boxes: Boxes) -> Result<Boxes> {
        let size = boxes.size();
        let (width, height) = (size.width as f64, size.height as f64);
        Ok(boxes.moved(size, |x, y| match self {
            Self::Horizontal => (width - x, y),
            Self::Vertical => (x, height - y),
        }))
    }
}

/// Exchanges left and right with probability `p`.
///
/// ```
/// use gradus_data::vision::{Augment, Image, RandomHorizontalFlip};
/// use gradus_tensor::Rng;
/// let image = Image::new([1, 3], 1, vec![1, 2, 3])?;
/// assert_eq!(RandomHorizontalFlip::new(1.0)?.apply(image, &mut Rng::new(0))?.pixels(), [3, 2, 1]);
/// # Ok::<(), gradus_data::Error>(())
/// ```
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct RandomHorizontalFlip(Chance);

impl RandomHorizontalFlip {
    /// Flips with probability `p`.
    ///
    /// # Errors
    /// [`Error::Value`](crate::Error::Value) unless `p` lies between 0 and 1.
    pub fn new(p: f64) -> Result<Self> {
        Chance::new("RandomHorizontalFlip::new", p).map(Self)
    }
}

impl Augment for RandomHorizontalFlip {
    type Change = Option<Flip>;
    fn draw(&self, _size: Size, rng: &mut Rng) -> Result<Option<Flip>> {
        Ok(self.0.draw(rng).then_some(Flip::Horizontal))
    }
}

/// Exchanges top and bottom with probability `p`.
///
/// ```
/// use gradus_data::vision::{Augment, Image, RandomVerticalFlip};
/// use gradus_tensor::Rng;
/// let image = Image::new([3, 1], 1, vec![1, 2, 3])?;
/// assert_eq!(RandomVerticalFlip::new(1.0)?.apply(image, &mut Rng::new(0))?.pixels(), [3, 2, 1]);
/// # Ok::<(), gradus_data::Error>(())
/// ```
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct RandomVerticalFlip(Chance);

impl RandomVerticalFlip {
    /// Flips with probability `p`.
    ///
    /// # Errors
    /// [`Error::Value`](crate::Error::Value) unless `p` lies between 0 and 1.
    pub fn new(p: f64) -> Result<Self> {
        Chance::new("RandomVerticalFlip::new", p).map(Self)
    }
}

impl Augment for RandomVerticalFlip {
    type Change = Option<Flip>;
    fn draw(&self, _size: Size, rng: &mut Rng) -> Result<Option<Flip>> {
        Ok(self.0.draw(rng).then_some(Flip::Vertical))
    }
}
