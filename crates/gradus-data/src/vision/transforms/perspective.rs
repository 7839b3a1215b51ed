//! Pictures seen from another place: torchvision's `RandomPerspective`. Four points of the old picture
//! go to four of the new one. The point `(x, y)` of the new picture comes from
//! `((a x + b y + c) / (g x + h y + 1), (d x + e y + f) / (g x + h y + 1))`; the eight numbers solve
//! the eight equations of the four pairs (P. Heckbert, *Fundamentals of texture mapping and image
//! warping*, 1989, section 2.2.3).

use gradus_tensor::Rng;

use super::chance::Chance;
use crate::vision::warp::warp;
use crate::vision::{Augment, Boxes, Change, Filter, Image, Mask, Size};
use crate::{Error, Result};

type Points = [[f64; 2]; 4];

/// A change of perspective for a picture, its mask (nearest pixels, class 0 outside) and its boxes.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Perspective {
    there: [f64; 8],
    back: [f64; 8],
    filter: Filter,
    fill: u8,
}

impl Perspective {
    /// Four points `[x, y]` of the old picture, and where they go. Bilinear, black outside.
    ///
    /// ```
    /// use gradus_data::vision::{Augment, Image, Perspective};
    /// use gradus_tensor::Rng;
    /// let corners = [[0.0, 0.0], [3.0, 0.0], [3.0, 3.0], [0.0, 3.0]];
    /// let image = Image::filled([4, 4], &[7])?;
    /// let same = Perspective::new(corners, corners)?;
    /// assert_eq!(same.apply(image.clone(), &mut Rng::new(0))?, image);
    /// # Ok::<(), gradus_data::Error>(())
    /// ```
    ///
    /// # Errors
    /// [`Error::Value`] if points are not finite, or three of four lie on a line.
    pub fn new(from: Points, to: Points) -> Result<Self> {
        let wrong = || {
            let got = format!("from {from:?} to {to:?}");
            Error::value("Perspective", got, "four finite points, no three on a line")
        };
        let (there, back) = solve(from, to).zip(solve(to, from)).ok_or_else(wrong)?;
        Ok(Self { there, back, filter: Filter::Bilinear, fill: 0 })
    }

    /// With another filter.
    pub fn filter(self, filter: Filter) -> Self {
        Self { filter, ..self }
    }

    /// With another value outside of the picture.
    pub fn fill(self, fill: u8) -> Self {
        Self { fill, ..self }
    }
}

fn go([a, b, c, d, e, f, g, h]: [f64; 8], x: f64, y: f64) -> (f64, f64) {
    let depth = g * x + h * y + 1.0;
    ((a * x + b * y + c) / depth, (d * x + e * y + f) / depth)
}

/// The numbers of the map that takes `from` to `to`, by elimination; `None` if there is none.
fn solve(from: Points, to: Points) -> Option<[f64; 8]> {
    let mut rows = [[0.0; 9]; 8];
    for (i, ([x, y], [u, v])) in from.into_iter().zip(to).enumerate() {
        rows[2 * i] = [x, y, 1.0, 0.0, 0.0, 0.0, -x * u, -y * u, u];
        rows[2 * i + 1] = [0.0, 0.0, 0.0, x, y, 1.0, -x * v, -y * v, v];
    }
    let largest = rows.iter().flatten().fold(0.0_f64, |most, x| most.max(x.abs()));
    for k in 0..8 {
        let size = |i: &usize| rows[*i][k].abs();
        let pivot = (k..8).max_by(|i, j| size(i).total_cmp(&size(j)))?;
        rows.swap(k, pivot);
        let row = rows[k];
        // NaN is not above anything.
        (row[k].abs() > 1e-12 * largest).then_some(())?;
        for (_, other) in rows.iter_mut().enumerate().filter(|(i, _)| *i != k) {
            let factor = other[k] / row[k];
            other.iter_mut().zip(row).for_each(|(x, y)| *x -= factor * y);
        }
    }
    let mut numbers = [0.0; 8];
    numbers.iter_mut().enumerate().for_each(|(k, x)| *x = rows[k][8] / rows[k][k]);
    numbers.iter().all(|x| x.is_finite()).then_some(numbers)
}

impl Perspective {
    fn warped(&self, image: &Image, filter: Filter, fill: u8) -> Result<Image> {
        warp(image, image.size(), filter, fill, |x, y| go(self.back, x, y))
    }
}

impl Change for Perspective {
    fn image(&self, image: Image) -> Result<Image> {
        self.warped(&image, self.filter, self.fill)
    }

    fn mask(&self, mask: Mask) -> Result<Mask> {
        mask.map(|classes| self.warped(&classes, Filter::Nearest, 0))
    }

    fn boxes(&self, boxes: Boxes) -> Result<Boxes> {
        let size = boxes.size();
        Ok(boxes.moved(size, |x, y| go(self.there, x, y)))
    }
}

/// Draws a change of perspective with probability `p`: each corner moves inwards by up to
/// `distortion / 2` of width and height, whole pixels, each equally likely. A picture too small to have
/// four corners is left alone.
///
/// ```
/// use gradus_data::vision::{Augment, RandomPerspective};
/// use gradus_tensor::Rng;
/// let tilt = RandomPerspective::new(0.5, 1.0)?;
/// assert!(tilt.draw([20, 20].into(), &mut Rng::new(0))?.is_some());
/// # Ok::<(), gradus_data::Error>(())
/// ```
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct RandomPerspective {
    distortion: f64,
    chance: Chance,
    filter: Filter,
    fill: u8,
}

impl RandomPerspective {
    /// torchvision's defaults are a distortion of 0.5 and a probability of 0.5. Bilinear, black outside.
    ///
    /// # Errors
    /// [`Error::Value`] unless both lie between 0 and 1.
    pub fn new(distortion: f64, p: f64) -> Result<Self> {
        let op = "RandomPerspective::new";
        if !(0.0..=1.0).contains(&distortion) {
            let got = format!("distortion {distortion}");
            return Err(Error::value(op, got, "a number from 0 to 1"));
        }
        let chance = Chance::new(op, p)?;
        Ok(Self { distortion, chance, filter: Filter::Bilinear, fill: 0 })
    }

    /// With another filter.
    pub fn filter(self, filter: Filter) -> Self {
        Self { filter, ..self }
    }

    /// With another value outside of the picture.
    pub fn fill(self, fill: u8) -> Self {
        Self { fill, ..self }
    }
}

impl Augment for RandomPerspective {
    type Change = Option<Perspective>;

    fn draw(&self, size: Size, rng: &mut Rng) -> Result<Option<Perspective>> {
        if !self.chance.draw(rng) || size.height < 2 || size.width < 2 {
            return Ok(None);
        }
        let bound = |side: usize| (self.distortion * (side / 2) as f64) as usize;
        let (right, bottom) = ((size.width - 1) as f64, (size.height - 1) as f64);
        let from = [[0.0, 0.0], [right, 0.0], [right, bottom], [0.0, bottom]];
        // Corners of a tiny picture may fall on a line.
        for _ in 0..10 {
            let to = from.map(|[x, y]| {
                let mut inwards = |at: f64, side: usize| {
                    let by = rng.below(bound(side) + 1) as f64;
                    if at == 0.0 { by } else { at - by }
                };
                [inwards(x, size.width), inwards(y, size.height)]
            });
            if let Ok(drawn) = Perspective::new(from, to) {
                return Ok(Some(drawn.filter(self.filter).fill(self.fill)));
            }
        }
        Ok(None)
    }
}
