//! A window of fixed size at a random place of an image that zeros surround.

use gradus_tensor::{Rng, Tensor};

use super::{Transform, sizes, window};
use crate::Result;

/// Cuts `[C, height, width]` out of an image, every place equally likely.
///
/// ```
/// use gradus_data::transforms::{RandomCrop, Transform};
/// use gradus_tensor::{Rng, Tensor};
/// let image = Tensor::ones([3, 32, 32]);
/// let crop = RandomCrop::new(28, 28).padding(2).apply(&image, &mut Rng::new(0))?;
/// assert_eq!(crop.shape(), [3, 28, 28]);
/// # Ok::<(), gradus_data::Error>(())
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct RandomCrop {
    height: usize,
    width: usize,
    padding: usize,
}

impl RandomCrop {
    /// Windows of this size.
    pub fn new(height: usize, width: usize) -> Self {
        Self { height, width, padding: 0 }
    }

    /// Puts `padding` zeros around the image before the cut.
    pub fn padding(self, padding: usize) -> Self {
        Self { padding, ..self }
    }
}

impl Transform for RandomCrop {
    fn apply(&self, image: &Tensor, rng: &mut Rng) -> Result<Tensor> {
        let shape @ [_, rows, columns] = sizes("RandomCrop", image)?;
        let &Self { height, width, padding } = self;
        // The number of places for the corner, less one; none if the window is too large.
        let room = |size: usize, window: usize| {
            let padded = padding.checked_mul(2).and_then(|p| p.checked_add(size));
            padded.filter(|&n| n < isize::MAX as usize).and_then(|n| n.checked_sub(window))
        };
        let (Some(down), Some(right)) = (room(rows, height), room(columns, width)) else {
            let wanted = format!("at least {height}x{width} with {padding} zeros on each side");
            return Err(gradus_tensor::Error::shape("RandomCrop", image.shape(), wanted).into());
        };
        let corner = |rng: &mut Rng, room| rng.below(room + 1) as isize - padding as isize;
        let (top, left) = (corner(rng, down), corner(rng, right));
        window(image, shape, (top, left), (height, width))
    }
}
