//! One random change of random strength: S. Müller, F. Hutter, *TrivialAugment: Tuning-free yet
//! state-of-the-art data augmentation*, arXiv:2103.10158; torchvision's `TrivialAugmentWide`. The changes
//! and their strengths are in `policy`.

use gradus_tensor::Rng;

use super::policy::{self, Move, PolicyChange, Strengths};
use crate::Result;
use crate::vision::{Augment, Filter, Size};

const STRENGTHS: Strengths = Strengths {
    shear: 0.99,
    translate: Move::Pixels(32.0),
    rotate: 135.0,
    factor: 0.99,
    bits: 6.0,
};

/// The strengths there are: 0 to 30.
const BINS: usize = 31;

/// Draws one change and one of 31 strengths, all equally likely. Masks and boxes move with the picture.
///
/// ```
/// use gradus_data::vision::{Augment, Image, TrivialAugmentWide};
/// use gradus_tensor::Rng;
/// let image = Image::filled([16, 16], &[10, 20, 30])?;
/// let changed = TrivialAugmentWide::new().apply(image, &mut Rng::new(0))?;
/// assert_eq!(changed.size(), [16, 16].into());
/// # Ok::<(), gradus_data::Error>(())
/// ```
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct TrivialAugmentWide {
    filter: Filter,
    fill: u8,
}

impl Default for TrivialAugmentWide {
    fn default() -> Self {
        Self { filter: Filter::Nearest, fill: 0 }
    }
}

impl TrivialAugmentWide {
    /// Nearest pixels, black outside.
    pub fn new() -> Self {
        Self::default()
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

impl Augment for TrivialAugmentWide {
    type Change = PolicyChange;

    fn draw(&self, size: Size, rng: &mut Rng) -> Result<PolicyChange> {
        let u = rng.below(BINS) as f64 / (BINS - 1) as f64;
        Ok(policy::draw(&STRENGTHS, u, size, (self.filter, self.fill), rng))
    }
}
