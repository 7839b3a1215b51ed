//! Some random changes of one strength: E. Cubuk et al., *RandAugment: Practical automated data
//! augmentation with a reduced search space*, arXiv:1909.13719; torchvision's `RandAugment`. The changes
//! and their strengths are in `policy`.

use gradus_tensor::Rng;

use super::policy::{self, Move, PolicyChange, Strengths};
use crate::vision::{Augment, Filter, Size};
use crate::{Error, Result};

const STRENGTHS: Strengths = Strengths {
    shear: 0.3,
    translate: Move::Part(150.0 / 331.0),
    rotate: 30.0,
    factor: 0.9,
    bits: 4.0,
};

/// Draws changes, each equally likely, with replacement. Masks and boxes move with the picture, which
/// torchvision does not offer.
///
/// ```
/// use gradus_data::vision::{Augment, Image, RandAugment};
/// use gradus_tensor::Rng;
/// let image = Image::filled([16, 16], &[10, 20, 30])?;
/// let drawn = RandAugment::new().draw(image.size(), &mut Rng::new(0))?;
/// assert_eq!(drawn.len(), 2);
/// # Ok::<(), gradus_data::Error>(())
/// ```
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct RandAugment {
    changes: usize,
    magnitude: usize,
    bins: usize,
    filter: Filter,
    fill: u8,
}

impl Default for RandAugment {
    fn default() -> Self {
        Self { changes: 2, magnitude: 9, bins: 31, filter: Filter::Nearest, fill: 0 }
    }
}

impl RandAugment {
    /// Two changes of magnitude 9 of 31 bins, nearest pixels, black outside.
    pub fn new() -> Self {
        Self::default()
    }

    /// So many changes of one strength, `magnitude` from 0 to 30.
    ///
    /// # Errors
    /// [`Error::Value`] for a magnitude above 30 or more than 100 changes.
    pub fn strength(self, changes: usize, magnitude: usize) -> Result<Self> {
        if magnitude >= self.bins || changes > 100 {
            let got = format!("{changes} changes of magnitude {magnitude}");
            return Err(Error::value("RandAugment", got, "up to 100 changes, magnitude 0 to 30"));
        }
        Ok(Self { changes, magnitude, ..self })
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

impl Augment for RandAugment {
    type Change = Vec<PolicyChange>;

    fn draw(&self, size: Size, rng: &mut Rng) -> Result<Vec<PolicyChange>> {
        let u = self.magnitude as f64 / (self.bins - 1) as f64;
        let style = (self.filter, self.fill);
        Ok((0..self.changes).map(|_| policy::draw(&STRENGTHS, u, size, style, rng)).collect())
    }
}
