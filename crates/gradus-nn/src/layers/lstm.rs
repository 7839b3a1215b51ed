//! Long short-term memory: layers that read a sequence step by step and remember.
//!
//! `x` is `[T, N, in]` (steps, samples, features), or `[N, T, in]` if the layer is told so. With
//! `i, f, g, o` from `W_ih x_t + b_ih + W_hh h_{t-1} + b_hh`: `c_t = f c_{t-1} + i g`,
//! `h_t = o tanh(c_t)`; see [`gradus_tensor::lstm`]. The output of each layer is the sequence of its
//! `h`, and the input of the next. Names, shapes and start values are PyTorch's.

use gradus_autograd::Var;
use gradus_tensor::{Float, Rng, Tensor};

use super::recurrent::{RecurrentWeights, Settings, check_state, last, pass, together};
use crate::{Context, Module, Result, Visitor, VisitorMut};

/// Layers of long short-term memory, one above the other.
///
/// ```
/// use gradus_autograd::Var;
/// use gradus_nn::{Context, Lstm};
/// use gradus_tensor::{Rng, Tensor};
/// let layer: Lstm = Lstm::new(8, 16).layers(2).init(&mut Rng::new(0))?;
/// let x = Var::constant(Tensor::zeros([5, 3, 8])); // 5 steps of 3 samples
/// let (y, (h, c)) = layer.forward(&x, None, &mut Context::eval())?;
/// assert_eq!(y.shape(), [5, 3, 16]);
/// assert_eq!((h.shape(), c.shape()), (&[2, 3, 16][..], &[2, 3, 16][..]));
/// # Ok::<(), gradus_nn::Error>(())
/// ```
#[derive(Debug, Clone)]
pub struct Lstm<T: Float = f32> {
    /// The layers, the first one below, each with four gates in the order `i, f, g, o`.
    pub layers: Vec<RecurrentWeights<T>>,
    batch_first: bool,
}

/// The last `h` and `c` of every layer, `[layers, N, hidden]` each.
pub type LstmState<T = f32> = (Var<T>, Var<T>);

/// The settings of an [`Lstm`] that is not built yet.
#[derive(Debug, Clone, Copy)]
#[must_use = "a layer comes of it by `init`"]
pub struct LstmBuilder(Settings);

impl Lstm {
    /// From `inputs` features to `hidden` units, to be built with [`init`](LstmBuilder::init).
    #[expect(clippy::new_ret_no_self, reason = "parameters need random numbers, which init takes")]
    pub fn new(inputs: usize, hidden: usize) -> LstmBuilder {
        LstmBuilder(Settings::new(inputs, hidden))
    }
}

impl LstmBuilder {
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
    pub fn init<T: Float>(self, rng: &mut Rng) -> Result<Lstm<T>> {
        Ok(Lstm { layers: self.0.init("Lstm", 4, rng)?, batch_first: self.0.batch_first })
    }
}

impl<T: Float> Lstm<T> {
    /// The output of the last layer for every step, `[T, N, hidden]` (or `[N, T, hidden]`), and the
    /// state after the last step. The layers start from `state`; from zeros if there is none.
    ///
    /// # Errors
    /// If there is no step, or a shape does not fit.
    pub fn forward(
        &self,
        x: &Var<T>,
        state: Option<&LstmState<T>>,
        cx: &mut Context,
    ) -> Result<(Var<T>, LstmState<T>)> {
        let (mut hs, mut cs) = (Vec::new(), Vec::new());
        let y = pass("Lstm", &self.layers, self.batch_first, x, cx, |i, x, weights| {
            let start = match state {
                Some((h, c)) => {
                    for state in [h, c] {
                        check_state("Lstm", &self.layers, x.shape()[1], state)?;
                    }
                    [h.index(0, i)?, c.index(0, i)?]
                }
                None => {
                    let zeros = Tensor::zeros([x.shape()[1], self.layers[i].hidden()]);
                    [Var::from(&zeros), Var::from(zeros)]
                }
            };
            let [y, cell] = x.lstm(start.each_ref(), weights)?;
            hs.push(last(&y)?);
            cs.push(cell.unsqueeze(0)?);
            Ok(y)
        })?;
        Ok((y, (together(&hs)?, together(&cs)?)))
    }
}

impl<T: Float> Module<T> for Lstm<T> {
    fn visit(&self, visitor: &mut Visitor<'_, T>) {
        self.layers.iter().enumerate().for_each(|(i, layer)| layer.visit(i, visitor));
    }
    fn visit_mut(&mut self, visitor: &mut VisitorMut<'_, T>) {
        self.layers.iter_mut().enumerate().for_each(|(i, layer)| layer.visit_mut(i, visitor));
    }
}
