//! Changes to images on their way from the data set to the batch.
//!
//! An image is a tensor of shape `[C, H, W]`: channels, height, width. Pictures of bytes, with their masks and boxes, have
//! the transforms of [`vision`](crate::vision), sounds those of [`audio::augment`](crate::audio::augment). For items of
//! any type a transform is a function of an item and its random numbers, given to
//! [`Dataset::map`](crate::Dataset::map); [`sometimes`] makes it happen with a probability.

mod compose;
mod normalize;
mod random_crop;
mod random_horizontal_flip;
mod random_shift;
mod sometimes;

pub use compose::Compose;
pub use normalize::Normalize;
pub use random_crop::RandomCrop;
pub use random_horizontal_flip::RandomHorizontalFlip;
pub use random_shift::RandomShift;
pub use sometimes::sometimes;

use gradus_tensor::{Rng, Tensor};

use crate::{Error, Result};

/// A change to an image, random or not.
pub trait Transform: Send + Sync {
    /// The changed image. All chance comes from `rng`.
    ///
    /// # Errors
    /// If the image does not have the shape that the transform takes.
    fn apply(&self, image: &Tensor, rng: &mut Rng) -> Result<Tensor>;
}

/// A transform for the first half of (image, label) pairs, as
/// [`Dataset::map`](crate::Dataset::map) takes it.
///
/// ```
/// use gradus_data::transforms::{Normalize, on_images};
/// use gradus_data::{Dataset, Digits};
/// let digits = Digits::load()?.map(0, on_images(Normalize::new([0.31], [0.38])?));
/// assert_eq!(digits.get(0)?.0.shape(), [1, 8, 8]);
/// # Ok::<(), gradus_data::Error>(())
/// ```
pub fn on_images<L>(
    transform: impl Transform,
) -> impl Fn((Tensor, L), &mut Rng) -> Result<(Tensor, L)> + Send + Sync {
    move |(image, label), rng| Ok((transform.apply(&image, rng)?, label))
}

/// The sizes of an image.
fn sizes(op: &'static str, image: &Tensor) -> Result<[usize; 3]> {
    image
        .shape()
        .try_into()
        .map_err(|_| gradus_tensor::Error::shape(op, image.shape(), "an image [C, H, W]").into())
}

/// The `[C, height, width]` window of an image whose corner lies at (`top`, `left`), either of which
/// may be negative; zeros where the window sticks out.
fn window(
    image: &Tensor,
    [channels, rows, columns]: [usize; 3],
    (top, left): (isize, isize),
    (height, width): (usize, usize),
) -> Result<Tensor> {
    let too_large =
        || Error::value("window", format!("size {height}x{width}"), "one that memory can hold");
    let len = channels.checked_mul(height).and_then(|n| n.checked_mul(width));
    len.filter(|&n| n <= isize::MAX as usize / 4).ok_or_else(too_large)?;
    // Columns of the window that the image covers.
    let first = left.min(0).unsigned_abs().min(width);
    let from = left.max(0).unsigned_abs().min(columns);
    let covered = (width - first).min(columns - from);
    let source = image.contiguous();
    let source = source.as_slice().unwrap_or_default();
    Ok(Tensor::filled_by([channels, height, width], |out| {
        out.fill(0.0);
        for (line, to) in out.chunks_exact_mut(width.max(1)).enumerate() {
            let (channel, row) = (line / height, top.saturating_add_unsigned(line % height));
            if (0..rows as isize).contains(&row) {
                let start = (channel * rows + row.unsigned_abs()) * columns + from;
                to[first..first + covered].copy_from_slice(&source[start..start + covered]);
            }
        }
    }))
}
