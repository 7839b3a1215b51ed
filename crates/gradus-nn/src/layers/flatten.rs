//! Images to vectors: `[N, C, H, W]` to `[N, C·H·W]`.

use gradus_autograd::Var;
use gradus_tensor::Float;

use super::no_parameters;
use crate::{Context, Layer, Result, Settings};

/// Merges all axes from the second on into one.
///
/// ```
/// use gradus_autograd::Var;
/// use gradus_nn::{Context, Flatten, Layer};
/// use gradus_tensor::Tensor;
/// let images: Var = Var::constant(Tensor::zeros([64, 3, 8, 8]));
/// assert_eq!(Flatten.forward(&images, &mut Context::eval())?.shape(), [64, 192]);
/// # Ok::<(), gradus_nn::Error>(())
/// ```
#[derive(Settings, Debug, Clone, Copy, PartialEq)]
#[settings(torch = "nn.Flatten")]
pub struct Flatten;

no_parameters!(Flatten);

impl<T: Float> Layer<T> for Flatten {
    /// # Errors
    /// If `x` has fewer than two axes.
    fn forward(&self, x: &Var<T>, cx: &mut Context) -> Result<Var<T>> {
        cx.layer(self, x.flatten(1), |_| ("Flatten".into(), 0))
    }
}
