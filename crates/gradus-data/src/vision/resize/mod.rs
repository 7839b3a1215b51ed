//! Pictures of another size.
//!
//! Every new pixel is a weighted mean of old ones. In each direction, with `s = old / new` pixels for
//! one, the centre of new pixel `i` lies at `c = (i + ½) s`, and old pixel `j` weighs
//! `w_j = f((j + ½ − c) / max(s, 1))`, divided by the sum of all weights. So a smaller picture has
//! every old pixel in it (no aliasing), and a larger one is interpolated. Columns come first, then
//! rows, with bytes between; rows come first where they get fewer by more than twice what columns do
//! (found by trials with Pillow 13). `nearest` takes the old pixel at `⌊c⌋` alone.
//!
//! | filter | f(x) | where not 0 |
//! |---|---|---|
//! | box | 1 | −½ < x ≤ ½ |
//! | bilinear | 1 − \|x\| | \|x\| < 1 |
//! | bicubic | Keys' cubic with a = −½ | \|x\| < 2 |
//! | Lanczos | sinc(x) · sinc(x / 3) | −3 ≤ x < 3 |
//!
//! Colours count as far as they are opaque: they are multiplied by alpha before and divided after.
//!
//! Sources: R. Keys, *Cubic convolution interpolation for digital image processing*, IEEE ASSP 29(6),
//! 1981, and the definition of Pillow's `Image.resize`, whose bytes these are; torchvision's `resize`
//! with `antialias=True` is within one level of it.

mod alpha;
mod passes;
mod taps;

use self::taps::Taps;
use super::{Image, Size};
use crate::Result;

/// How the pixels of a resized or moved picture are made of the old ones.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Filter {
    /// The nearest pixel.
    Nearest,
    /// The mean of an area; "area" of other libraries.
    Box,
    /// Two pixels in each direction, and more for a smaller picture.
    Bilinear,
    /// Four pixels in each direction, and more for a smaller picture; sharper.
    Bicubic,
    /// Six pixels in each direction, and more for a smaller picture.
    Lanczos,
}

impl Filter {
    /// How far the weights reach, in pixels.
    fn support(self) -> f64 {
        match self {
            Self::Nearest | Self::Box => 0.5,
            Self::Bilinear => 1.0,
            Self::Bicubic => 2.0,
            Self::Lanczos => 3.0,
        }
    }

    /// The weight at a distance.
    pub(crate) fn weight(self, x: f64) -> f64 {
        let sinc = |x: f64| {
            let x = x * std::f64::consts::PI;
            if x == 0.0 { 1.0 } else { x.sin() / x }
        };
        let r = x.abs();
        match self {
            Self::Nearest | Self::Box if x > -0.5 && x <= 0.5 => 1.0,
            Self::Bilinear if r < 1.0 => 1.0 - r,
            Self::Bicubic if r < 1.0 => (1.5 * r - 2.5) * r * r + 1.0,
            Self::Bicubic if r < 2.0 => (((r - 5.0) * r + 8.0) * r - 4.0) * -0.5,
            Self::Lanczos if (-3.0..3.0).contains(&x) => sinc(x) * sinc(x / 3.0),
            _ => 0.0,
        }
    }
}

impl Image {
    /// The picture in another size, by a filter. A size of its own leaves it as it is.
    ///
    /// ```
    /// use gradus_data::vision::{Filter, Image};
    /// let line = Image::new([1, 4], 1, vec![0, 100, 100, 200])?;
    /// assert_eq!(line.resize([1, 2], Filter::Box)?.pixels(), [50, 150]);
    /// # Ok::<(), gradus_data::Error>(())
    /// ```
    ///
    /// # Errors
    /// [`Error::Value`](crate::Error::Value) unless the new size has pixels and fits into 4 GiB.
    pub fn resize(self, size: impl Into<Size>, filter: Filter) -> Result<Self> {
        let size = size.into();
        size.memory("resize", self.channels())?;
        if size == self.size() {
            return Ok(self);
        }
        if filter == Filter::Nearest {
            return Ok(nearest(&self, size));
        }
        if self.has_alpha() {
            return Ok(alpha::divide(weighted(alpha::multiply(self), size, filter)));
        }
        Ok(weighted(self, size, filter))
    }
}

fn weighted(mut image: Image, size: Size, filter: Filter) -> Image {
    let old = image.size();
    let columns = |image: Image| match size.width == old.width {
        true => image,
        false => passes::columns(&image, &Taps::new(old.width, size.width, filter)),
    };
    let less = |old: usize, new: usize| old as f64 - new as f64;
    let fewer_rows = less(old.height, size.height);
    let rows_first = fewer_rows > 0.0 && 2.0 * less(old.width, size.width) < fewer_rows;
    if !rows_first {
        image = columns(image);
    }
    if size.height != old.height {
        image = passes::rows(&image, &Taps::new(old.height, size.height, filter));
    }
    if rows_first { columns(image) } else { image }
}

fn nearest(image: &Image, size: Size) -> Image {
    // Places are added up, as Pillow does it, so that ties fall as they do there.
    let places = |old: usize, new: usize| {
        let step = old as f64 / new as f64;
        let mut at = step * 0.5;
        let place = move |_| {
            let place = (at as usize).min(old - 1);
            at += step;
            place
        };
        (0..new).map(place).collect::<Vec<_>>()
    };
    let channels = image.channels();
    let columns = places(image.width(), size.width);
    let mut pixels = Vec::with_capacity(size.height * size.width * channels);
    for y in places(image.height(), size.height) {
        let row = image.row(y);
        columns.iter().for_each(|&x| pixels.extend_from_slice(&row[x * channels..][..channels]));
    }
    Image::of(size, channels, pixels)
}
