//! Pictures of one size, or with a shorter side of one length: torchvision's `Resize` with
//! `antialias=True` (its default). The arithmetic is in `vision/resize`.

use gradus_tensor::Rng;

use crate::vision::{Augment, Boxes, Change, Filter, Image, Mask, Size};
use crate::{Error, Result};

/// A picture resized to a size, mask by nearest pixels, boxes with it.
///
/// ```
/// use gradus_data::vision::{Boxes, Filter, Part, Resized};
/// let half = Resized { size: [5, 10].into(), filter: Filter::Bilinear };
/// let boxes = Boxes::new([10, 20], vec![[2.0, 4.0, 6.0, 8.0]], vec![0])?;
/// assert_eq!(boxes.change(&half)?.corners(), [[1.0, 2.0, 3.0, 4.0]]);
/// # Ok::<(), gradus_data::Error>(())
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Resized {
    /// The new size.
    pub size: Size,
    /// How new pixels are made.
    pub filter: Filter,
}

impl Change for Resized {
    fn size(&self, _before: Size) -> Size {
        self.size
    }
    fn image(&self, image: Image) -> Result<Image> {
        image.resize(self.size, self.filter)
    }
    fn mask(&self, mask: Mask) -> Result<Mask> {
        mask.map(|classes| classes.resize(self.size, Filter::Nearest))
    }
    fn boxes(&self, boxes: Boxes) -> Result<Boxes> {
        let (old, new) = (boxes.size(), self.size);
        let ratio = |new: usize, old: usize| new as f64 / old as f64;
        let (down, right) = (ratio(new.height, old.height), ratio(new.width, old.width));
        Ok(boxes.moved(new, |x, y| (x * right, y * down)))
    }
}

/// Resizes every picture.
///
/// ```
/// use gradus_data::vision::{Augment, Image, Resize};
/// use gradus_tensor::Rng;
/// let image = Image::filled([30, 40], &[0])?;
/// let size = |resize: Resize| Ok::<_, gradus_data::Error>(resize.draw(image.size(), &mut Rng::new(0))?.size);
/// assert_eq!(size(Resize::new(15))?, [15, 20].into());
/// assert_eq!(size(Resize::exact([15, 15]))?, [15, 15].into());
/// # Ok::<(), gradus_data::Error>(())
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Resize {
    to: To,
    filter: Filter,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum To {
    Shorter(usize),
    Exact(Size),
}

impl Resize {
    /// The shorter side becomes `side` pixels, the longer `⌊side · longer / shorter⌋`. Bilinear.
    pub fn new(side: usize) -> Self {
        Self { to: To::Shorter(side), filter: Filter::Bilinear }
    }

    /// Exactly this size, whatever becomes of the proportions. Bilinear.
    pub fn exact(size: impl Into<Size>) -> Self {
        Self { to: To::Exact(size.into()), filter: Filter::Bilinear }
    }

    /// With another filter.
    pub fn filter(self, filter: Filter) -> Self {
        Self { filter, ..self }
    }
}

impl Augment for Resize {
    type Change = Resized;

    fn draw(&self, size: Size, _rng: &mut Rng) -> Result<Resized> {
        let new = match self.to {
            To::Exact(size) => size,
            To::Shorter(side) => {
                let Size { height, width } = size;
                let longer =
                    side.checked_mul(height.max(width)).map(|n| n / height.min(width).max(1));
                let longer = longer.ok_or_else(|| {
                    Error::value("Resize", format!("side = {side}"), "a length in pixels")
                })?;
                if height < width { [side, longer].into() } else { [longer, side].into() }
            }
        };
        new.memory("Resize", 4)?;
        Ok(Resized { size: new, filter: self.filter })
    }
}
