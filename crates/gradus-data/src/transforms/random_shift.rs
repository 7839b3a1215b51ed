//! An image moved by a few pixels, which teaches a network that place does not matter.

use gradus_tensor::{Rng, Tensor};

use super::{RandomCrop, Transform, sizes};
use crate::Result;

/// Moves an image by up to `most` pixels up or down and left or right, every move equally likely;
/// zeros come in at the edges. The shape stays.
///
/// ```
/// use gradus_data::transforms::{RandomShift, Transform};
/// use gradus_tensor::{Rng, Tensor};
/// let image = Tensor::ones([1, 8, 8]);
/// let moved = RandomShift::new(1).apply(&image, &mut Rng::new(3))?;
/// assert!([49.0, 56.0, 64.0].contains(&moved.sum().item()?));
/// # Ok::<(), gradus_data::Error>(())
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct RandomShift {
    most: usize,
}

impl RandomShift {
    /// Moves of up to `most` pixels each way.
    pub fn new(most: usize) -> Self {
        Self { most }
    }
}

impl Transform for RandomShift {
    fn apply(&self, image: &Tensor, rng: &mut Rng) -> Result<Tensor> {
        let [_, height, width] = sizes("RandomShift", image)?;
        // A shift is a crop of the image's own size from the image with zeros around it.
        RandomCrop::new(height, width).padding(self.most).apply(image, rng)
    }
}
