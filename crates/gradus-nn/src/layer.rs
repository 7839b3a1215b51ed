//! A layer with one input and one output, and layers one after the other.

use gradus_autograd::Var;
use gradus_tensor::Float;

use crate::{Context, Error, Module, Result, Visitor, VisitorMut};

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

/// Layers one after the other: `fₙ(… f₂(f₁(x)))`. Their paths are `0`, `1`, `2`, …
///
/// ```
/// use gradus_autograd::Var;
/// use gradus_nn::{Context, Layer, Linear, Sequential, Tanh};
/// use gradus_tensor::{Rng, Tensor};
///
/// let mut rng = Rng::new(0);
/// let net: Sequential = Sequential::new()
///     .push(Linear::new(2, 8).init(&mut rng)?)
///     .push(Tanh)
///     .push(Linear::new(8, 1).init(&mut rng)?);
/// let y = net.forward(&Var::constant(Tensor::zeros([5, 2])), &mut Context::eval())?;
/// assert_eq!(y.shape(), [5, 1]);
/// # Ok::<(), gradus_nn::Error>(())
/// ```
pub struct Sequential<T: Float = f32> {
    layers: Vec<Box<dyn Layer<T>>>,
}

impl<T: Float> Sequential<T> {
    /// No layers: the output is the input.
    pub fn new() -> Self {
        Self { layers: Vec::new() }
    }

    /// With another layer at the end.
    pub fn push(mut self, layer: impl Layer<T> + 'static) -> Self {
        self.layers.push(Box::new(layer));
        self
    }

    /// How many layers there are.
    pub fn len(&self) -> usize {
        self.layers.len()
    }

    /// Whether there are no layers.
    pub fn is_empty(&self) -> bool {
        self.layers.is_empty()
    }
}

impl<T: Float> Default for Sequential<T> {
    fn default() -> Self {
        Self::new()
    }
}

impl<T: Float> Module<T> for Sequential<T> {
    fn visit(&self, visitor: &mut Visitor<'_, T>) {
        self.layers.visit(visitor);
    }
    fn visit_mut(&mut self, visitor: &mut VisitorMut<'_, T>) {
        self.layers.visit_mut(visitor);
    }
}

impl<T: Float> Layer<T> for Sequential<T> {
    /// # Errors
    /// [`Error::Inside`] with the number of the layer that failed.
    fn forward(&self, x: &Var<T>, cx: &mut Context) -> Result<Var<T>> {
        let mut x = x.clone();
        for (i, layer) in self.layers.iter().enumerate() {
            x = layer.forward(&x, cx).map_err(|e| inside(i, e))?;
        }
        Ok(x)
    }
}

/// Puts the number of a layer before the path that an error already has.
fn inside(layer: usize, error: Error) -> Error {
    match error {
        Error::Inside { path, source } => Error::Inside { path: format!("{layer}.{path}"), source },
        other => Error::Inside { path: layer.to_string(), source: Box::new(other) },
    }
}
