//! Turned, moved, scaled and sheared pictures: torchvision's `affine` and `rotate`.
//!
//! A point `p` goes to `p' = T C R Sy Sx s C⁻¹ p`: from the centre `c` it is scaled by `s`, sheared by
//! `Sx = [1, −tan φx; 0, 1]` and `Sy = [1, 0; −tan φy, 1]`, turned clockwise by `R(θ)`, brought back,
//! and moved by `t`. With `k = cos(θ − φy) / cos φy` and `l = sin(θ − φy) / cos φy`:
//! `a = k`, `b = −k tan φx − sin θ`, `c = l`, `d = −l tan φx + cos θ`, and `ad − bc = 1`.

use crate::vision::warp::warp;
use crate::vision::{Boxes, Change, Filter, Image, Mask, Size};
use crate::{Error, Result};

/// An affine map of a picture, its mask (nearest pixels, class 0 outside) and its boxes.
///
/// ```
/// use gradus_data::vision::{Affine, Augment, Image};
/// use gradus_tensor::Rng;
/// let quarter = Affine { angle: 90.0, ..Affine::default() };
/// let image = Image::new([2, 2], 1, vec![1, 2, 3, 4])?;
/// assert_eq!(quarter.apply(image, &mut Rng::new(0))?.pixels(), [3, 1, 4, 2]);
/// # Ok::<(), gradus_data::Error>(())
/// ```
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Affine {
    /// Degrees, clockwise.
    pub angle: f64,
    /// Pixels to the right and down.
    pub translate: [f64; 2],
    /// The factor of sizes, > 0.
    pub scale: f64,
    /// Degrees along x and along y, between −90 and 90.
    pub shear: [f64; 2],
    /// What stays where it is, `[x, y]` from the upper left corner; the middle if `None`.
    pub center: Option<[f64; 2]>,
    /// Whether the new picture is as large as what was turned; otherwise its corners are cut.
    pub expand: bool,
    /// How new pixels are made; nearest or between.
    pub filter: Filter,
    /// What comes in from outside, in every channel.
    pub fill: u8,
}

impl Default for Affine {
    /// Nothing moves; nearest pixels, black outside.
    fn default() -> Self {
        Self {
            angle: 0.0,
            translate: [0.0; 2],
            scale: 1.0,
            shear: [0.0; 2],
            center: None,
            expand: false,
            filter: Filter::Nearest,
            fill: 0,
        }
    }
}

/// `[a, b, x, c, d, y]`: `(p, q)` goes to `(a p + b q + x, c p + d q + y)`.
type Matrix = [f64; 6];

fn go([a, b, x, c, d, y]: Matrix, p: f64, q: f64) -> (f64, f64) {
    (a * p + b * q + x, c * p + d * q + y)
}

impl Affine {
    /// Where points of the old picture go, and where points of the new one come from.
    fn matrices(&self, old: Size, new: Size) -> Result<(Matrix, Matrix)> {
        let numbers = [self.angle, self.scale, self.shear[0], self.shear[1]];
        let places = self.center.into_iter().flatten().chain(self.translate).chain(numbers);
        let steep = self.shear.iter().any(|s| s.abs() >= 90.0);
        if places.into_iter().any(|x| !x.is_finite()) || self.scale <= 0.0 || steep {
            let wanted = "finite numbers, scale > 0, shear between -90 and 90 degrees";
            return Err(Error::value("Affine", format!("{self:?}"), wanted));
        }
        let (angle, [sx, sy]) = (self.angle.to_radians(), self.shear.map(f64::to_radians));
        let (k, l) = ((angle - sy).cos() / sy.cos(), (angle - sy).sin() / sy.cos());
        let (a, b) = (k, -k * sx.tan() - angle.sin());
        let (c, d) = (l, -l * sx.tan() + angle.cos());
        let middle = |size: Size| [size.width as f64 / 2.0, size.height as f64 / 2.0];
        let [cx, cy] = self.center.unwrap_or(middle(old));
        let s = self.scale;
        let [mut tx, mut ty] = self.translate;
        if self.expand {
            // The middle goes to the middle.
            let [x, y] = middle(old);
            let [to_x, to_y] = middle(new);
            (tx, ty) = (tx + to_x - x, ty + to_y - y);
        }
        let there = [
            s * a,
            s * b,
            cx + tx - s * (a * cx + b * cy),
            s * c,
            s * d,
            cy + ty - s * (c * cx + d * cy),
        ];
        let (x, y) = (cx + tx, cy + ty);
        let [ia, ib, ic, id] = [d / s, -b / s, -c / s, a / s];
        let back = [ia, ib, cx - ia * x - ib * y, ic, id, cy - ic * x - id * y];
        Ok((there, back))
    }

    fn moved(&self, image: &Image, filter: Filter, fill: u8) -> Result<Image> {
        let size = Change::size(self, image.size());
        let (_, back) = self.matrices(image.size(), size)?;
        warp(image, size, filter, fill, |x, y| go(back, x, y))
    }
}

impl Change for Affine {
    /// With `expand` as torchvision computes it: the box around the turned corners, in whole pixels.
    fn size(&self, before: Size) -> Size {
        let moved = Self { expand: false, center: None, translate: [0.0; 2], ..*self };
        let (true, Ok((_, back))) = (self.expand, moved.matrices(before, before)) else {
            return before;
        };
        let (width, height) = (before.width as f64, before.height as f64);
        let corners = [(0.0, 0.0), (width, 0.0), (0.0, height), (width, height)];
        let corners = corners.map(|(x, y)| go(back, x, y));
        // Rounding errors must not make another pixel.
        let rounded = |x: f64| (x * 1e4).trunc() / 1e4;
        let span = |values: [f64; 4]| {
            let low = values.iter().copied().fold(f64::INFINITY, f64::min);
            let high = values.iter().copied().fold(f64::NEG_INFINITY, f64::max);
            ((rounded(high).ceil() - rounded(low).floor()) as usize).max(1)
        };
        Size { height: span(corners.map(|c| c.1)), width: span(corners.map(|c| c.0)) }
    }

    fn image(&self, image: Image) -> Result<Image> {
        self.moved(&image, self.filter, self.fill)
    }

    fn mask(&self, mask: Mask) -> Result<Mask> {
        mask.map(|classes| self.moved(&classes, Filter::Nearest, 0))
    }

    fn boxes(&self, boxes: Boxes) -> Result<Boxes> {
        let size = Change::size(self, boxes.size());
        let (there, _) = self.matrices(boxes.size(), size)?;
        Ok(boxes.moved(size, |x, y| go(there, x, y)))
    }
}
