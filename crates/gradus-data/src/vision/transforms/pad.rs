//! More pixels around a picture: torchvision's `Pad`.
//!
//! | edge | before `a b c d` come, two wide |
//! |---|---|
//! | constant | `k k` |
//! | edge | `a a` |
//! | reflect | `c b` |
//! | symmetric | `b a` |

use crate::vision::{Boxes, Change, Image, Mask, Size};
use crate::{Error, Result};

/// What comes in from outside.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum Edge {
    /// One value in every channel; 0 in masks, as torchvision has it.
    Constant(u8),
    /// The outermost pixel.
    Edge,
    /// The picture in a mirror that stands on the outermost pixel.
    Reflect,
    /// The picture in a mirror that stands outside of it.
    Symmetric,
}

impl Edge {
    /// The place of the picture for a place of it and its surroundings; `None` for the constant.
    pub(super) fn place(self, at: isize, len: usize) -> Option<usize> {
        let (len, period) = match self {
            Self::Reflect => (len as isize, 2 * (len as isize - 1).max(1)),
            _ => (len as isize, 2 * len as isize),
        };
        let place = match self {
            _ if (0..len).contains(&at) => at,
            Self::Constant(_) => return None,
            Self::Edge => at.clamp(0, len - 1),
            // Of one pixel every mirror image is that pixel.
            Self::Reflect => {
                let at = at.rem_euclid(period);
                at.min(period - at).min(len - 1)
            }
            Self::Symmetric => {
                let at = at.rem_euclid(period);
                at.min(period - 1 - at)
            }
        };
        Some(place.unsigned_abs())
    }
}

/// Pixels around a picture, its mask and its boxes.
///
/// ```
/// use gradus_data::vision::{Augment, Edge, Image, Pad};
/// use gradus_tensor::Rng;
/// let image = Image::new([1, 3], 1, vec![1, 2, 3])?;
/// let wide = Pad::new(1, 0, 2, 0, Edge::Reflect).apply(image, &mut Rng::new(0))?;
/// assert_eq!(wide.pixels(), [2, 1, 2, 3, 2, 1]);
/// # Ok::<(), gradus_data::Error>(())
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Pad {
    left: usize,
    top: usize,
    right: usize,
    bottom: usize,
    edge: Edge,
}

impl Pad {
    /// So many pixels at each side, in torchvision's order.
    pub fn new(left: usize, top: usize, right: usize, bottom: usize, edge: Edge) -> Self {
        Self { left, top, right, bottom, edge }
    }

    /// As many on each side.
    pub fn all(padding: usize, edge: Edge) -> Self {
        Self::new(padding, padding, padding, padding, edge)
    }

    fn pad(&self, image: &Image, constant: u8) -> Result<Image> {
        let size = Change::size(self, image.size());
        let channels = image.channels();
        let area = size.memory("Pad", channels)?;
        // A mirror has nothing behind it, in torchvision as here.
        let most = |side: usize| match self.edge {
            Edge::Reflect => side - 1,
            Edge::Symmetric => side,
            _ => usize::MAX,
        };
        let (tall, wide) = (self.top.max(self.bottom), self.left.max(self.right));
        if tall > most(image.height()) || wide > most(image.width()) {
            let got = format!("{tall} rows and {wide} columns around {}", image.size());
            return Err(Error::value("Pad", got, "no more than the mirrored picture has"));
        }
        let columns: Vec<_> = (0..size.width)
            .map(|x| self.edge.place(x as isize - self.left as isize, image.width()))
            .collect();
        let mut pixels = Vec::with_capacity(area * channels);
        for y in 0..size.height {
            match self.edge.place(y as isize - self.top as isize, image.height()) {
                None => pixels.resize(pixels.len() + size.width * channels, constant),
                Some(y) => {
                    let row = image.row(y);
                    for column in &columns {
                        match column {
                            None => pixels.resize(pixels.len() + channels, constant),
                            Some(x) => pixels.extend_from_slice(&row[x * channels..][..channels]),
                        }
                    }
                }
            }
        }
        Ok(Image::of(size, channels, pixels))
    }
}

impl Change for Pad {
    fn size(&self, before: Size) -> Size {
        let sum = |a: usize, b: usize, c: usize| a.saturating_add(b).saturating_add(c);
        let height = sum(before.height, self.top, self.bottom);
        Size { height, width: sum(before.width, self.left, self.right) }
    }

    fn image(&self, image: Image) -> Result<Image> {
        let constant = if let Edge::Constant(value) = self.edge { value } else { 0 };
        self.pad(&image, constant)
    }

    fn mask(&self, mask: Mask) -> Result<Mask> {
        mask.map(|classes| self.pad(&classes, 0))
    }

    fn boxes(&self, boxes: Boxes) -> Result<Boxes> {
        let size = Change::size(self, boxes.size());
        size.memory("Pad", 1)?;
        let (left, top) = (self.left as f64, self.top as f64);
        Ok(boxes.moved(size, |x, y| (x + left, y + top)))
    }
}
