//! Random brightness, contrast, saturation and hue, in random order: torchvision's `ColorJitter`. For
//! the first three a factor is drawn from `1 − a` (at least 0) to `1 + a`, for the hue a turn from `−a`
//! to `a` of the circle; each value is equally likely, and so is each order.

use gradus_tensor::Rng;

use super::Adjust;
use super::chance::Range;
use crate::vision::{Augment, Size};
use crate::{Error, Result};

/// Draws changes of colours. What is not asked for does not change.
///
/// ```
/// use gradus_data::vision::{Augment, ColorJitter};
/// use gradus_tensor::Rng;
/// let jitter = ColorJitter::new().brightness(0.4)?.contrast(0.4)?.saturation(0.4)?.hue(0.1)?;
/// assert_eq!(jitter.draw([8, 8].into(), &mut Rng::new(0))?.len(), 4);
/// # Ok::<(), gradus_data::Error>(())
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub struct ColorJitter {
    brightness: Option<Range>,
    contrast: Option<Range>,
    saturation: Option<Range>,
    hue: Option<Range>,
}

fn factors(name: &str, a: f64) -> Result<Option<Range>> {
    if !(a.is_finite() && a >= 0.0) {
        return Err(Error::value("ColorJitter", format!("{name} {a}"), "a finite number >= 0"));
    }
    Ok((a > 0.0).then_some(Range { low: (1.0 - a).max(0.0), high: 1.0 + a }))
}

impl ColorJitter {
    /// No change.
    pub fn new() -> Self {
        Self::default()
    }

    /// Factors of the brightness from `1 − a` to `1 + a`.
    ///
    /// # Errors
    /// [`Error::Value`] unless `a` is finite and not negative.
    pub fn brightness(self, a: f64) -> Result<Self> {
        Ok(Self { brightness: factors("brightness", a)?, ..self })
    }

    /// Factors of the contrast from `1 − a` to `1 + a`.
    ///
    /// # Errors
    /// [`Error::Value`] unless `a` is finite and not negative.
    pub fn contrast(self, a: f64) -> Result<Self> {
        Ok(Self { contrast: factors("contrast", a)?, ..self })
    }

    /// Factors of the saturation from `1 − a` to `1 + a`.
    ///
    /// # Errors
    /// [`Error::Value`] unless `a` is finite and not negative.
    pub fn saturation(self, a: f64) -> Result<Self> {
        Ok(Self { saturation: factors("saturation", a)?, ..self })
    }

    /// Turns of the hue from `−a` to `a`, in parts of the circle.
    ///
    /// # Errors
    /// [`Error::Value`] unless `a` lies between 0 and 0.5.
    pub fn hue(self, a: f64) -> Result<Self> {
        if !(0.0..=0.5).contains(&a) {
            return Err(Error::value("ColorJitter", format!("hue {a}"), "a number from 0 to 0.5"));
        }
        Ok(Self { hue: (a > 0.0).then_some(Range { low: -a, high: a }), ..self })
    }
}

impl Augment for ColorJitter {
    type Change = Vec<Adjust>;

    fn draw(&self, _size: Size, rng: &mut Rng) -> Result<Vec<Adjust>> {
        let kinds: [fn(f64) -> Adjust; 4] =
            [Adjust::Brightness, Adjust::Contrast, Adjust::Saturation, Adjust::Hue];
        let ranges = [self.brightness, self.contrast, self.saturation, self.hue];
        let order = rng.permutation(4);
        let drawn =
            order.into_iter().filter_map(|i| ranges[i].map(|range| kinds[i](range.draw(rng))));
        Ok(drawn.collect())
    }
}
