//! A transform some of the time: torchvision's `RandomApply`.

use gradus_tensor::Rng;

use super::chance::Chance;
use crate::Result;
use crate::vision::{Augment, Size};

/// Applies a transform with probability `p`.
///
/// ```
/// use gradus_data::vision::{Adjust, Augment, Image, RandomApply};
/// use gradus_tensor::Rng;
/// // torchvision's RandomInvert.
/// let invert = RandomApply::new(Adjust::Invert, 1.0)?;
/// let image = invert.apply(Image::filled([1, 1], &[5])?, &mut Rng::new(0))?;
/// assert_eq!(image.pixels(), [250]);
/// # Ok::<(), gradus_data::Error>(())
/// ```
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct RandomApply<A> {
    augment: A,
    chance: Chance,
}

impl<A: Augment> RandomApply<A> {
    /// Applies `augment` with probability `p`.
    ///
    /// # Errors
    /// [`Error::Value`](crate::Error::Value) unless `p` lies between 0 and 1.
    pub fn new(augment: A, p: f64) -> Result<Self> {
        Ok(Self { augment, chance: Chance::new("RandomApply::new", p)? })
    }
}

impl<A: Augment> Augment for RandomApply<A> {
    type Change = Option<A::Change>;

    fn draw(&self, size: Size, rng: &mut Rng) -> Result<Self::Change> {
        self.chance.draw(rng).then(|| self.augment.draw(size, rng)).transpose()
    }
}

/// Pictures in grey with probability `p`, torchvision's `RandomGrayscale` (0.1 there); their channels
/// stay. For fewer channels see [`Image::with_channels`](crate::vision::Image::with_channels).
///
/// ```
/// use gradus_data::vision::{Augment, Image, RandomGrayscale};
/// use gradus_tensor::Rng;
/// let red = Image::filled([1, 1], &[255, 0, 0])?;
/// let grey = RandomGrayscale::new(1.0)?.apply(red, &mut Rng::new(0))?;
/// assert_eq!(grey.pixels(), [76; 3]);
/// # Ok::<(), gradus_data::Error>(())
/// ```
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct RandomGrayscale(Chance);

impl RandomGrayscale {
    /// Grey with probability `p`.
    ///
    /// # Errors
    /// [`Error::Value`](crate::Error::Value) unless `p` lies between 0 and 1.
    pub fn new(p: f64) -> Result<Self> {
        Chance::new("RandomGrayscale::new", p).map(Self)
    }
}

impl Augment for RandomGrayscale {
    type Change = Option<super::Adjust>;

    fn draw(&self, _size: Size, rng: &mut Rng) -> Result<Self::Change> {
        Ok(self.0.draw(rng).then_some(super::Adjust::Grayscale))
    }
}
