//! Several transforms, one after the other: `(g ∘ f)(x) = g(f(x))`.

use std::fmt;

use gradus_tensor::{Rng, Tensor};

use super::Transform;
use crate::Result;

/// A chain of transforms, which draw from one generator in their order.
///
/// ```
/// use gradus_data::transforms::{Compose, Normalize, RandomShift};
/// let augment = Compose::new().then(RandomShift::new(2)).then(Normalize::new([0.13], [0.31])?);
/// # Ok::<(), gradus_data::Error>(())
/// ```
#[derive(Default)]
pub struct Compose {
    steps: Vec<Box<dyn Transform>>,
}

impl Compose {
    /// No transforms: images stay as they are.
    pub fn new() -> Self {
        Self::default()
    }

    /// This chain and one transform after it.
    pub fn then(mut self, transform: impl Transform + 'static) -> Self {
        self.steps.push(Box::new(transform));
        self
    }
}

impl Transform for Compose {
    fn apply(&self, image: &Tensor, rng: &mut Rng) -> Result<Tensor> {
        self.steps.iter().try_fold(image.clone(), |image, step| step.apply(&image, rng))
    }
}

impl fmt::Debug for Compose {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Compose({} transforms)", self.steps.len())
    }
}
