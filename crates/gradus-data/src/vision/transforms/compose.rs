//! Several transforms, one after the other: `(g ∘ f)(x) = g(f(x))`.

use std::fmt;

use gradus_tensor::Rng;

use crate::Result;
use crate::vision::{Augment, Change, Size};

/// An [`Augment`] of any kind.
trait AnyAugment: Send + Sync {
    fn draw_any(&self, size: Size, rng: &mut Rng) -> Result<Box<dyn Change>>;
}

impl<A: Augment<Change: 'static>> AnyAugment for A {
    fn draw_any(&self, size: Size, rng: &mut Rng) -> Result<Box<dyn Change>> {
        Ok(Box::new(self.draw(size, rng)?))
    }
}

/// A chain of transforms, which draw from one generator in their order. Its draw is the list of theirs,
/// so a chain can stand in a chain.
///
/// ```
/// use gradus_data::vision::{Augment, Compose, Image, RandomHorizontalFlip, RandomResizedCrop};
/// use gradus_tensor::Rng;
/// let augment = Compose::new()
///     .then(RandomResizedCrop::new([8, 8]))
///     .then(RandomHorizontalFlip::new(0.5)?);
/// let image = augment.apply(Image::filled([20, 30], &[1, 2, 3])?, &mut Rng::new(0))?;
/// assert_eq!(image, Image::filled([8, 8], &[1, 2, 3])?);
/// # Ok::<(), gradus_data::Error>(())
/// ```
#[derive(Default)]
pub struct Compose {
    steps: Vec<Box<dyn AnyAugment>>,
}

impl Compose {
    /// No transforms: items stay as they are.
    pub fn new() -> Self {
        Self::default()
    }

    /// This chain and one transform after it.
    pub fn then(mut self, augment: impl Augment<Change: 'static> + 'static) -> Self {
        self.steps.push(Box::new(augment));
        self
    }
}

impl Augment for Compose {
    type Change = Vec<Box<dyn Change>>;

    fn draw(&self, size: Size, rng: &mut Rng) -> Result<Self::Change> {
        let mut size = size;
        let drawn = self.steps.iter().map(|step| {
            let change = step.draw_any(size, rng)?;
            size = change.size(size);
            Ok(change)
        });
        drawn.collect()
    }
}

impl fmt::Debug for Compose {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Compose({} transforms)", self.steps.len())
    }
}
