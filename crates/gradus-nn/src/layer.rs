//! A layer with one input and one output.

use gradus_autograd::Var;
use gradus_tensor::Float;

use crate::{Context, Module, Result};

/// A layer with one input and one output.
#[diagnostic::on_unimplemented(
    message = "`{Self}` is not a layer with one input and one output",
    note = "a builder such as `Linear::new(2, 3)` becomes a layer by `.init(&mut rng)?`"
)]
pub trait Layer<T: Float = f32>: Module<T> + Send + Sync {
    /// The output for an input.
    ///
    /// # Errors
    /// If the layer does not take an input of that shape.
    fn forward(&self, x: &Var<T>, cx: &mut Context) -> Result<Var<T>>;
}

impl<T: Float, L: Layer<T> + ?Sized> Layer<T> for Box<L> {
    fn forward(&self, x: &Var<T>, cx: &mut Context) -> Result<Var<T>> {
        (**self).forward(x, cx)
    }
}
