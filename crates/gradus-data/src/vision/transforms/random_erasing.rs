//! A rectangle of a picture without what was there: Z. Zhong et al., *Random Erasing Data Augmentation*,
//! arXiv:1708.04896; torchvision's `RandomErasing`. Works on `[C, H, W]`, usually after
//! [`Normalize`](crate::transforms::Normalize).
//!
//! Up to ten times, the area is drawn from `scale` times the whole and `ln r` from the range of
//! `ln ratio`; `h = round(√(area · r))`, `w = round(√(area / r))`. The first rectangle that is smaller
//! than the picture in both directions is put at a random place; if there is none, nothing is erased.

use gradus_tensor::rand_distr::{Distribution, StandardNormal};
use gradus_tensor::{Rng, Tensor};

use super::chance::{Chance, Range};
use crate::Result;
use crate::transforms::Transform;

/// Erases a rectangle with a probability: scale 0.02 to 0.33, ratio 0.3 to 3.3.
///
/// ```
/// use gradus_data::transforms::Transform;
/// use gradus_data::vision::RandomErasing;
/// use gradus_tensor::{Rng, Tensor};
/// let erased = RandomErasing::new(1.0)?.apply(&Tensor::ones([3, 32, 32]), &mut Rng::new(0))?;
/// assert!(erased.sum().item()? < 3.0 * 32.0 * 32.0);
/// # Ok::<(), gradus_data::Error>(())
/// ```
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct RandomErasing {
    chance: Chance,
    scale: Range,
    ratio: Range,
    value: Option<f32>,
}

impl RandomErasing {
    /// Erases with probability `p` (0.5 in torchvision); zeros come in.
    ///
    /// # Errors
    /// [`Error::Value`](crate::Error::Value) unless `p` lies between 0 and 1.
    pub fn new(p: f64) -> Result<Self> {
        let (scale, ratio) = (Range { low: 0.02, high: 0.33 }, Range { low: 0.3, high: 3.3 });
        Ok(Self { chance: Chance::new("RandomErasing::new", p)?, scale, ratio, value: Some(0.0) })
    }

    /// The range of the rectangle's area, 1 for the whole picture.
    ///
    /// # Errors
    /// [`Error::Value`](crate::Error::Value) unless the range lies between 0 and 1.
    pub fn scale(self, scale: [f64; 2]) -> Result<Self> {
        let scale = Range::new("RandomErasing::scale", "scale", scale, [0.0, 1.0])?;
        Ok(Self { scale, ..self })
    }

    /// The range of the rectangle's height, 1 for its width.
    ///
    /// # Errors
    /// [`Error::Value`](crate::Error::Value) unless the range lies between 1/1000 and 1000.
    pub fn ratio(self, ratio: [f64; 2]) -> Result<Self> {
        let ratio = Range::new("RandomErasing::ratio", "ratio", ratio, [1e-3, 1e3])?;
        Ok(Self { ratio, ..self })
    }

    /// With this value in the rectangle.
    pub fn value(self, value: f32) -> Self {
        Self { value: Some(value), ..self }
    }

    /// With numbers from the normal distribution of mean 0 and deviation 1 in the rectangle.
    pub fn noise(self) -> Self {
        Self { value: None, ..self }
    }
}

impl Transform for RandomErasing {
    fn apply(&self, image: &Tensor, rng: &mut Rng) -> Result<Tensor> {
        let &[_, rows, columns] = image.shape() else {
            let wanted = "an image [C, H, W]";
            return Err(gradus_tensor::Error::shape("RandomErasing", image.shape(), wanted).into());
        };
        let mut image = image.clone();
        if !self.chance.draw(rng) {
            return Ok(image);
        }
        let logs = Range { low: self.ratio.low.ln(), high: self.ratio.high.ln() };
        for _ in 0..10 {
            let area = (rows * columns) as f64 * self.scale.draw(rng);
            let ratio = logs.draw(rng).exp();
            let h = (area * ratio).sqrt().round_ties_even() as usize;
            let w = (area / ratio).sqrt().round_ties_even() as usize;
            if h >= rows || w >= columns {
                continue;
            }
            let (top, left) = (rng.below(rows - h + 1), rng.below(columns - w + 1));
            for plane in image.as_mut_slice().chunks_exact_mut(rows * columns) {
                for row in plane.chunks_exact_mut(columns).skip(top).take(h) {
                    let erased = &mut row[left..left + w];
                    let mut normal = || StandardNormal.sample(rng);
                    erased.iter_mut().for_each(|x| *x = self.value.unwrap_or_else(&mut normal));
                }
            }
            break;
        }
        Ok(image)
    }
}
