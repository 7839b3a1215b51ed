//! Windows of a picture. Row `i`, column `j` of the window is row `top + i`, column `left + j` of the
//! picture, or the fill where that is outside.

use gradus_tensor::Rng;

use crate::vision::{Augment, Boxes, Change, Image, Mask, Size};
use crate::{Error, Result};

/// A window of a picture. What sticks out is black in the picture and class 0 in the mask; boxes are cut
/// to the window.
///
/// ```
/// use gradus_data::vision::{Augment, Crop, Image};
/// use gradus_tensor::Rng;
/// let image = Image::new([2, 2], 1, vec![1, 2, 3, 4])?;
/// let crop = Crop { top: 1, left: -1, size: [2, 2].into() };
/// assert_eq!(crop.apply(image, &mut Rng::new(0))?.pixels(), [0, 3, 0, 0]);
/// # Ok::<(), gradus_data::Error>(())
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Crop {
    /// The window's first row.
    pub top: isize,
    /// The window's first column.
    pub left: isize,
    /// The window's size.
    pub size: Size,
}

impl Change for Crop {
    fn size(&self, _before: Size) -> Size {
        self.size
    }

    fn image(&self, image: Image) -> Result<Image> {
        let (channels, size) = (image.channels(), self.size);
        let area = size.memory("Crop", channels)?;
        let mut pixels = vec![0; area * channels];
        // Columns of the window that the picture covers.
        let first = self.left.min(0).unsigned_abs().min(size.width);
        let from = self.left.max(0).unsigned_abs().min(image.width());
        let covered = (size.width - first).min(image.width() - from);
        let (first, from, covered) = (first * channels, from * channels, covered * channels);
        for (i, out) in pixels.chunks_exact_mut(size.width * channels).enumerate() {
            let y = self.top.saturating_add_unsigned(i);
            if (0..image.height() as isize).contains(&y) {
                let row = image.row(y.unsigned_abs());
                out[first..first + covered].copy_from_slice(&row[from..from + covered]);
            }
        }
        Ok(Image::of(size, channels, pixels))
    }

    fn mask(&self, mask: Mask) -> Result<Mask> {
        mask.map(|classes| self.image(classes))
    }

    fn boxes(&self, boxes: Boxes) -> Result<Boxes> {
        let (top, left) = (self.top as f64, self.left as f64);
        Ok(boxes.moved(self.size, |x, y| (x - left, y - top)))
    }
}

/// The window in the middle: torchvision's `CenterCrop`. `top = round((H − h) / 2)` and so on, halves to
/// the even number; a picture that is too small gets black edges.
///
/// ```
/// use gradus_data::vision::{Augment, CenterCrop, Crop};
/// use gradus_tensor::Rng;
/// let crop = CenterCrop::new([224, 224]).draw([256, 341].into(), &mut Rng::new(0))?;
/// assert_eq!(crop, Crop { top: 16, left: 58, size: [224, 224].into() });
/// # Ok::<(), gradus_data::Error>(())
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct CenterCrop {
    size: Size,
}

impl CenterCrop {
    /// Windows of this size.
    pub fn new(size: impl Into<Size>) -> Self {
        Self { size: size.into() }
    }
}

impl Augment for CenterCrop {
    type Change = Crop;

    fn draw(&self, size: Size, _rng: &mut Rng) -> Result<Crop> {
        self.size.memory("CenterCrop", 4)?;
        let start = |old: usize, new: usize| match old >= new {
            true => ((old - new) as f64 / 2.0).round_ties_even() as isize,
            // torchvision pads half of what is missing first, rounded down.
            false => -(((new - old) / 2) as isize),
        };
        let (top, left) =
            (start(size.height, self.size.height), start(size.width, self.size.width));
        Ok(Crop { top, left, size: self.size })
    }
}

/// A window at a random place, each equally likely: torchvision's `RandomCrop`, with black around the
/// picture if you ask for it.
///
/// ```
/// use gradus_data::vision::{Augment, Image, RandomCrop};
/// use gradus_tensor::Rng;
/// let image = Image::filled([32, 32], &[9])?;
/// let crop = RandomCrop::new([32, 32]).padding(4).apply(image, &mut Rng::new(1))?;
/// assert_eq!(crop.size(), [32, 32].into());
/// # Ok::<(), gradus_data::Error>(())
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct RandomCrop {
    size: Size,
    padding: usize,
}

impl RandomCrop {
    /// Windows of this size.
    pub fn new(size: impl Into<Size>) -> Self {
        Self { size: size.into(), padding: 0 }
    }

    /// Puts `padding` black pixels around the picture before the cut.
    pub fn padding(self, padding: usize) -> Self {
        Self { padding, ..self }
    }
}

impl Augment for RandomCrop {
    type Change = Crop;

    fn draw(&self, size: Size, rng: &mut Rng) -> Result<Crop> {
        self.size.memory("RandomCrop", 4)?;
        let Self { size: window, padding } = *self;
        // The number of places for the corner, less one; none if the window is too large.
        let room = |old: usize, new: usize| {
            let padded = padding.checked_mul(2).and_then(|p| p.checked_add(old));
            padded.filter(|&n| n < isize::MAX as usize).and_then(|n| n.checked_sub(new))
        };
        let (down, right) = (room(size.height, window.height), room(size.width, window.width));
        let (Some(down), Some(right)) = (down, right) else {
            let wanted = format!("at least {window} with a padding of {padding} on each side");
            return Err(Error::value("RandomCrop", format!("a picture of {size}"), wanted));
        };
        let mut start = |room: usize| rng.below(room + 1) as isize - padding as isize;
        Ok(Crop { top: start(down), left: start(right), size: window })
    }
}
