//! Images of mean 0 and standard deviation 1: `y_c = (x_c - mean_c) / std_c` for each channel `c`.

use gradus_tensor::{Rng, Tensor};

use super::{Transform, sizes};
use crate::{Error, Result};

/// Subtracts a mean from each channel and divides by a standard deviation.
///
/// ```
/// use gradus_data::transforms::{Normalize, Transform};
/// use gradus_tensor::{Rng, Tensor};
/// let x = Tensor::from_vec(vec![0.0, 0.5, 1.0], [1, 1, 3])?;
/// let y = Normalize::new([0.5], [0.25])?.apply(&x, &mut Rng::new(0))?;
/// assert_eq!(y.to_vec(), [-2.0, 0.0, 2.0]);
/// # Ok::<(), gradus_data::Error>(())
/// ```
#[derive(Debug, Clone, PartialEq)]
pub struct Normalize {
    /// Mean and standard deviation of each channel.
    channels: Vec<(f32, f32)>,
}

impl Normalize {
    /// A mean and a standard deviation for each channel.
    ///
    /// # Errors
    /// [`Error::Value`] if there are none or not as many of one as of the other, if one is not
    /// finite, or if a standard deviation is not positive.
    pub fn new(mean: impl AsRef<[f32]>, std: impl AsRef<[f32]>) -> Result<Self> {
        let op = "Normalize::new";
        let (mean, std) = (mean.as_ref(), std.as_ref());
        if mean.len() != std.len() || mean.is_empty() {
            let got = format!("{} means and {} standard deviations", mean.len(), std.len());
            return Err(Error::value(op, got, "one of each for every channel"));
        }
        let channels: Vec<_> = mean.iter().copied().zip(std.iter().copied()).collect();
        for (c, (mean, std)) in channels.iter().enumerate() {
            if !(mean.is_finite() && std.is_finite() && *std > 0.0) {
                let got = format!("mean {mean} and standard deviation {std} of channel {c}");
                return Err(Error::value(op, got, "a finite mean, a finite deviation > 0"));
            }
        }
        Ok(Self { channels })
    }
}

impl Transform for Normalize {
    fn apply(&self, image: &Tensor, _rng: &mut Rng) -> Result<Tensor> {
        let [channels, rows, columns] = sizes("Normalize", image)?;
        if channels != self.channels.len() {
            let wanted = format!("{} channels, one a mean", self.channels.len());
            return Err(gradus_tensor::Error::shape("Normalize", image.shape(), wanted).into());
        }
        let mut image = image.clone();
        let planes = image.as_mut_slice().chunks_exact_mut((rows * columns).max(1));
        for (plane, &(mean, std)) in planes.zip(&self.channels) {
            plane.iter_mut().for_each(|x| *x = (*x - mean) / std);
        }
        Ok(image)
    }
}
