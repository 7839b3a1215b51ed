//! Gated recurrent units: a layer that reads a sequence step by step, with half the state of an
//! [`Lstm`](super::Lstm) and three quarters of its parameters.
//!
//! With the gates `r`, `z` and `n = tanh(W_in x_t + b_in + r (W_hn h_{t-1} + b_hn))`:
//! `h_t = (1 - z) n + z h_{t-1}`; see [`gradus_tensor::gru`] (Cho and others, *Learning phrase representations
//! using RNN encoder-decoder*, 2014).

use gradus_autograd::Var;
use gradus_tensor::Float;

use super::cell::{Cell, last};
use super::{Recurrent, RecurrentBuilder};
use crate::Result;

/// Layers of gated recurrent units, one above the other; each has three gates in the order `r, z, n`.
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
pub type Gru<T = f32> = Recurrent<GruCell, T>;

/// The settings of a [`Gru`] that is not built yet.
pub type GruBuilder = RecurrentBuilder<GruCell>;

/// What makes a recurrent layer a [`Gru`].
#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub struct GruCell;

impl Cell for GruCell {
    const NAME: &'static str = "Gru";
    const TORCH: &'static str = "nn.GRU";
    const GATES: usize = 3;
    const PARTS: usize = 1;

    /// The last `h` of every layer.
    type State<T: Float> = Var<T>;

    fn parts<T: Float>(h: &Var<T>) -> Vec<&Var<T>> {
        vec![h]
    }

    fn state<T: Float>(parts: Vec<Var<T>>) -> Var<T> {
        let [h] = parts.try_into().expect("a state of one part");
        h
    }

    fn read<T: Float>(
        x: &Var<T>,
        start: &[Var<T>],
        weights: [&Var<T>; 4],
    ) -> Result<(Var<T>, Vec<Var<T>>)> {
        let y = x.gru(&start[0], weights)?;
        let h = last(&y)?;
        Ok((y, vec![h]))
    }
}
