//! A window of random area and proportions, resized: what networks for ImageNet learn from.
//! torchvision's `RandomResizedCrop`; C. Szegedy et al., *Going deeper with convolutions*, 2014, section
//! 6.
//!
//! Up to ten times, the area is drawn from `scale` times the whole and `ln(w / h)` from the range of
//! `ln ratio`; `w = round(√(area · w/h))`, `h = round(√(area / (w/h)))`. The first window that fits is
//! put at a random place. If none does, it is the largest in the middle with proportions in the range.

use gradus_tensor::Rng;

use super::chance::Range;
use super::{Crop, Resized};
use crate::Result;
use crate::vision::{Augment, Boxes, Change, Filter, Image, Mask, Size};

/// A window, resized.
///
/// ```
/// use gradus_data::vision::{Augment, Crop, Filter, Image, Resized, ResizedCrop};
/// use gradus_tensor::Rng;
/// let crop = Crop { top: 0, left: 1, size: [1, 2].into() };
/// let resized = Resized { size: [1, 1].into(), filter: Filter::Box };
/// let image = Image::new([1, 4], 1, vec![0, 10, 20, 0])?;
/// assert_eq!(ResizedCrop { crop, resized }.apply(image, &mut Rng::new(0))?.pixels(), [15]);
/// # Ok::<(), gradus_data::Error>(())
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ResizedCrop {
    /// The window.
    pub crop: Crop,
    /// What becomes of it.
    pub resized: Resized,
}

impl Change for ResizedCrop {
    fn size(&self, _before: Size) -> Size {
        self.resized.size
    }
    fn image(&self, image: Image) -> Result<Image> {
        self.resized.image(self.crop.image(image)?)
    }
    fn mask(&self, mask: Mask) -> Result<Mask> {
        self.resized.mask(self.crop.mask(mask)?)
    }
    fn boxes(&self, boxes: Boxes) -> Result<Boxes> {
        self.resized.boxes(self.crop.boxes(boxes)?)
    }
}

/// Draws windows and resizes them to one size, bilinear; scale 0.08 to 1, ratio 3/4 to 4/3.
///
/// ```
/// use gradus_data::vision::{Augment, Image, RandomResizedCrop};
/// use gradus_tensor::Rng;
/// let image = Image::filled([40, 60], &[1, 2, 3])?;
/// let crop = RandomResizedCrop::new([8, 8]).apply(image, &mut Rng::new(0))?;
/// assert_eq!(crop, Image::filled([8, 8], &[1, 2, 3])?);
/// # Ok::<(), gradus_data::Error>(())
/// ```
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct RandomResizedCrop {
    size: Size,
    scale: Range,
    ratio: Range,
    filter: Filter,
}

impl RandomResizedCrop {
    /// Pictures of this size.
    pub fn new(size: impl Into<Size>) -> Self {
        let scale = Range { low: 0.08, high: 1.0 };
        let ratio = Range { low: 3.0 / 4.0, high: 4.0 / 3.0 };
        Self { size: size.into(), scale, ratio, filter: Filter::Bilinear }
    }

    /// The range of the window's area, 1 for the whole picture.
    ///
    /// # Errors
    /// [`Error::Value`](crate::Error::Value) unless the range lies between 0 and 1.
    pub fn scale(self, scale: [f64; 2]) -> Result<Self> {
        let scale = Range::new("RandomResizedCrop::scale", "scale", scale, [0.0, 1.0])?;
        Ok(Self { scale, ..self })
    }

    /// The range of the window's width, 1 for its height.
    ///
    /// # Errors
    /// [`Error::Value`](crate::Error::Value) unless the range lies between 1/1000 and 1000.
    pub fn ratio(self, ratio: [f64; 2]) -> Result<Self> {
        let ratio = Range::new("RandomResizedCrop::ratio", "ratio", ratio, [1e-3, 1e3])?;
        Ok(Self { ratio, ..self })
    }

    /// With another filter.
    pub fn filter(self, filter: Filter) -> Self {
        Self { filter, ..self }
    }

    fn window(&self, size: Size, rng: &mut Rng) -> Crop {
        let (height, width) = (size.height as f64, size.width as f64);
        let logs = Range { low: self.ratio.low.ln(), high: self.ratio.high.ln() };
        for _ in 0..10 {
            let area = height * width * self.scale.draw(rng);
            let ratio = logs.draw(rng).exp();
            let w = (area * ratio).sqrt().round_ties_even() as usize;
            let h = (area / ratio).sqrt().round_ties_even() as usize;
            if (1..=size.width).contains(&w) && (1..=size.height).contains(&h) {
                let top = rng.below(size.height - h + 1) as isize;
                let left = rng.below(size.width - w + 1) as isize;
                return Crop { top, left, size: [h, w].into() };
            }
        }
        let whole = width / height;
        let side = |x: f64| (x.round_ties_even() as usize).max(1);
        let window: Size = if whole < self.ratio.low {
            [side(width / self.ratio.low), size.width].into()
        } else if whole > self.ratio.high {
            [size.height, side(height * self.ratio.high)].into()
        } else {
            size
        };
        let middle = |old: usize, new: usize| (old.saturating_sub(new) / 2) as isize;
        let (top, left) = (middle(size.height, window.height), middle(size.width, window.width));
        Crop { top, left, size: window }
    }
}

impl Augment for RandomResizedCrop {
    type Change = ResizedCrop;

    fn draw(&self, size: Size, rng: &mut Rng) -> Result<ResizedCrop> {
        self.size.memory("RandomResizedCrop", 4)?;
        let crop = self.window(size, rng);
        Ok(ResizedCrop { crop, resized: Resized { size: self.size, filter: self.filter } })
    }
}
