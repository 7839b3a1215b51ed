//! In training each element is set to zero with probability `p`, and the others are scaled by
//! `1 / (1 - p)`, so that the mean stays; in evaluation nothing happens.
//!
//! A network cannot rely on any one element, which keeps it from learning its training data by
//! heart (Srivastava, Hinton, Krizhevsky, Sutskever and Salakhutdinov, *Dropout*, 2014).

use gradus_autograd::Var;
use gradus_tensor::Float;

use super::no_parameters;
use crate::{Context, Layer, Result, Settings};

/// Drops elements at random while training.
///
/// ```
/// use gradus_autograd::Var;
/// use gradus_nn::{Context, Dropout, Layer};
/// use gradus_tensor::Tensor;
/// let x: Var = Var::constant(Tensor::ones([4]));
/// let layer = Dropout::new(0.5);
/// assert_eq!(layer.forward(&x, &mut Context::eval())?.value(), x.value());
/// let y = layer.forward(&x, &mut Context::train(0))?;
/// assert!(y.value().to_vec().iter().all(|&y| y == 0.0 || y == 2.0));
/// # Ok::<(), gradus_nn::Error>(())
/// ```
#[derive(Settings, Debug, Clone, Copy, PartialEq)]
#[settings(torch = "nn.Dropout")]
pub struct Dropout {
    /// The probability with which an element is dropped.
    #[in_unit]
    p: f64,
}

no_parameters!(Dropout);

impl<T: Float> Layer<T> for Dropout {
    /// # Errors
    /// [`Error::Setting`](crate::Error::Setting) unless `0 <= p < 1`.
    fn forward(&self, x: &Var<T>, cx: &mut Context) -> Result<Var<T>> {
        self.check()?;
        let y = match cx.is_training() {
            true => x.dropout(self.p, cx.rng()),
            false => Ok(x.clone()),
        };
        cx.layer(self, y, |_| (format!("Dropout({})", self.p), 0))
    }
}
