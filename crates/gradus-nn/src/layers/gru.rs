//! Gated recurrent units: layers that read a sequence step by step, with half the state of an
//! [`Lstm`](crate::Lstm) and three quarters of its parameters.
//!
//! `x` is `[T, N, in]` (steps, samples, features), or `[N, T, in]` if the layer is told so. With the
//! gates `r`, `z` and `n = tanh(W_in x_t + b_in + r (W_hn h_{t-1} + b_hn))`:
//! `h_t = (1 - z) n + z h_{t-1}`; see [`gradus_tensor::gru`]. The output of each layer is the sequence
//! of its `h`, and the input of the next. Names, shapes and start values are PyTorch's.

use gradus_autograd::Var;
use gradus_tensor::{Float, Rng, Tensor};

use super::recurrent::{RecurrentWeights, Settings, check_state, last, pass, together};
use crate::{Context, Module, Result, Visitor, VisitorMut};

/// Layers of gated recurrent units, one above the other.
///
/// ```
/// use gradus_autograd::Var;
/// use gradus_nn::{Context, Gru};
/// use gradus_tensor::{Rng, Tensor};
/// let layer: Gru = Gru::new(8, 16).layers(2).init(&mut Rng::new(0))?;
/// let x = Var::constant(Tensor::zeros([5, 3, 8])); // 5 steps of 3 samples
/// let (y, h) = layer.forward(&x, None, &mut Context::eval())?;
/// assert_eq!((y.shape(), h.shape()), (&[5, 3, 16][..], &[2, 3, 16][..]));
/// # Ok::<(), gradus_nn::Error>(())
/// ```
#[derive(Debug, Clone)]
pub struct Gru<T: Float = f32> {
    /// The layers, the first one below, each with three gates in the order `r, z, n`.
    pub layers: Vec<RecurrentWeights<T>>,
    batch_first: bool,
}

/// The settings of a [`Gru`] that is not built yet.
#[derive(Debug, Clone, Copy)]
#[must_use = "a layer comes of it by `init`"]
pub struct GruBuilder(Settings);

impl Gru {
    /// From `inputs` features to `hidden` units, to be built with [`init`](GruBuilder::init).
    #[expect(clippy::new_ret_no_self, reason = "parameters need random numbers, which init takes")]
    pub fn new(inputs: usize, hidden: usize) -> GruBuilder {
        GruBuilder(Settings::new(inputs, hidden))
    }
}

impl GruBuilder {
    /// How many layers stand one above the other; 1 by default.
    pub fn layers(self, layers: usize) -> Self {
        Self(Settings { layers, ..self.0 })
    }

    /// Whether input and output are `[N, T, …]`, samples first; by default they are `[T, N, …]`.
    pub fn batch_first(self, batch_first: bool) -> Self {
        Self(Settings { batch_first, ..self.0 })
    }

    /// Builds the layers. All parameters start uniform within `±1 / √hidden`.
    ///
    /// # Errors
    /// [`Error::Setting`](crate::Error::Setting) if a size is zero.
    pub fn init<T: Float>(self, rng: &mut Rng) -> Result<Gru<T>> {
        Ok(Gru { layers: self.0.init("Gru", 3, rng)?, batch_first: self.0.batch_first })
    }
}

impl<T: Float> Gru<T> {
    /// The output of the last layer for every step, `[T, N, hidden]` (or `[N, T, hidden]`), and the
    /// state after the last step, `[layers, N, hidden]`. The layers start from `state`; from zeros if
    /// there is none.
    ///
    /// # Errors
    /// If there is no step, or a shape does not fit.
    pub fn forward(
        &self,
        x: &Var<T>,
        state: Option<&Var<T>>,
        cx: &mut Context,
    ) -> Result<(Var<T>, Var<T>)> {
        let mut states = Vec::new();
        let y = pass("Gru", &self.layers, self.batch_first, x, cx, |i, x, weights| {
            let start = match state {
                Some(h) => {
                    check_state("Gru", &self.layers, x.shape()[1], h)?;
                    h.index(0, i)?
                }
                None => Var::from(Tensor::zeros([x.shape()[1], self.layers[i].hidden()])),
            };
            let y = x.gru(&start, weights)?;
            states.push(last(&y)?);
            Ok(y)
        })?;
        Ok((y, together(&states)?))
    }
}

impl<T: Float> Module<T> for Gru<T> {
    fn visit(&self, visitor: &mut Visitor<'_, T>) {
        self.layers.iter().enumerate().for_each(|(i, layer)| layer.visit(i, visitor));
    }
    fn visit_mut(&mut self, visitor: &mut VisitorMut<'_, T>) {
        self.layers.iter_mut().enumerate().for_each(|(i, layer)| layer.visit_mut(i, visitor));
    }
}
