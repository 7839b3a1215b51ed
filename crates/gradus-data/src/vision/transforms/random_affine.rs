//! Random angles, moves, sizes and shears: torchvision's `RandomAffine` and `RandomRotation`. Every
//! number is drawn from its range, each value equally likely; moves are whole pixels.

use gradus_tensor::Rng;

use super::Affine;
use super::chance::Range;
use crate::vision::{Augment, Filter, Size};
use crate::{Error, Result};

const ANY: [f64; 2] = [f64::NEG_INFINITY, f64::INFINITY];

/// Draws an [`Affine`] map.
///
/// ```
/// use gradus_data::vision::{Augment, Image, RandomAffine};
/// use gradus_tensor::Rng;
/// let shaken = RandomAffine::new([-10.0, 10.0])?.translate([0.1, 0.1])?.scale([0.9, 1.1])?;
/// let drawn = shaken.draw([20, 20].into(), &mut Rng::new(0))?;
/// assert!(drawn.angle.abs() <= 10.0 && drawn.translate[0].abs() <= 2.0);
/// # Ok::<(), gradus_data::Error>(())
/// ```
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct RandomAffine {
    degrees: Range,
    translate: [f64; 2],
    scale: Range,
    shear: [Range; 2],
    filter: Filter,
    fill: u8,
}

impl RandomAffine {
    /// Angles in degrees, clockwise; nothing else moves, nearest pixels, black outside.
    ///
    /// # Errors
    /// [`Error::Value`] unless both are finite, the smaller first.
    pub fn new(degrees: [f64; 2]) -> Result<Self> {
        Ok(Self {
            degrees: Range::new("RandomAffine::new", "degrees", degrees, ANY)?,
            translate: [0.0; 2],
            scale: Range { low: 1.0, high: 1.0 },
            shear: [Range { low: 0.0, high: 0.0 }; 2],
            filter: Filter::Nearest,
            fill: 0,
        })
    }

    /// Moves by up to these parts of width and height, either way.
    ///
    /// # Errors
    /// [`Error::Value`] unless both lie between 0 and 1.
    pub fn translate(self, translate: [f64; 2]) -> Result<Self> {
        if translate.iter().all(|t| (0.0..=1.0).contains(t)) {
            return Ok(Self { translate, ..self });
        }
        let got = format!("translate = {translate:?}");
        Err(Error::value("RandomAffine::translate", got, "parts from 0 to 1 of width and height"))
    }

    /// Factors of the size.
    ///
    /// # Errors
    /// [`Error::Value`] unless both lie between 1/1000 and 1000, the smaller first.
    pub fn scale(self, scale: [f64; 2]) -> Result<Self> {
        let scale = Range::new("RandomAffine::scale", "scale", scale, [1e-3, 1e3])?;
        Ok(Self { scale, ..self })
    }

    /// Shears along x and along y in degrees, each a range.
    ///
    /// # Errors
    /// [`Error::Value`] unless all lie between −89 and 89, the smaller of a range first.
    pub fn shear(self, x: [f64; 2], y: [f64; 2]) -> Result<Self> {
        let range = |shear| Range::new("RandomAffine::shear", "shear", shear, [-89.0, 89.0]);
        Ok(Self { shear: [range(x)?, range(y)?], ..self })
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

impl Augment for RandomAffine {
    type Change = Affine;

    fn draw(&self, size: Size, rng: &mut Rng) -> Result<Affine> {
        let angle = self.degrees.draw(rng);
        let mut pixels = |part: f64, side: usize| {
            let most = part * side as f64;
            Range { low: -most, high: most }.draw(rng).round()
        };
        let [across, down] = self.translate;
        let translate = [pixels(across, size.width), pixels(down, size.height)];
        let scale = self.scale.draw(rng);
        let shear = self.shear.map(|range| range.draw(rng));
        let (filter, fill) = (self.filter, self.fill);
        Ok(Affine { angle, translate, scale, shear, filter, fill, ..Affine::default() })
    }
}

/// Draws an angle.
///
/// ```
/// use gradus_data::vision::{Augment, Image, RandomRotation};
/// use gradus_tensor::Rng;
/// let turned = RandomRotation::new([90.0, 90.0])?.expand(true);
/// let image = turned.apply(Image::new([1, 3], 1, vec![1, 2, 3])?, &mut Rng::new(0))?;
/// // Counter-clockwise, as torchvision's.
/// assert_eq!((image.size(), image.pixels()), ([3, 1].into(), &[3, 2, 1][..]));
/// # Ok::<(), gradus_data::Error>(())
/// ```
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct RandomRotation {
    degrees: Range,
    expand: bool,
    filter: Filter,
    fill: u8,
}

impl RandomRotation {
    /// Angles in degrees, counter-clockwise; the size stays, nearest pixels, black outside.
    ///
    /// # Errors
    /// [`Error::Value`] unless both are finite, the smaller first.
    pub fn new(degrees: [f64; 2]) -> Result<Self> {
        let degrees = Range::new("RandomRotation::new", "degrees", degrees, ANY)?;
        Ok(Self { degrees, expand: false, filter: Filter::Nearest, fill: 0 })
    }

    /// Whether pictures grow, so that their corners are not cut.
    pub fn expand(self, expand: bool) -> Self {
        Self { expand, ..self }
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

impl Augment for RandomRotation {
    type Change = Affine;

    fn draw(&self, _size: Size, rng: &mut Rng) -> Result<Affine> {
        let Self { expand, filter, fill, .. } = *self;
        Ok(Affine { angle: -self.degrees.draw(rng), expand, filter, fill, ..Affine::default() })
    }
}
