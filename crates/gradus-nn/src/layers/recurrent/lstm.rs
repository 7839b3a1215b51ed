//! Long short-term memory: a layer that reads a sequence step by step and remembers.
//!
//! With `i, f, g, o` from `W_ih x_t + b_ih + W_hh h_{t-1} + b_hh`: `c_t = f c_{t-1} + i g`,
//! `h_t = o tanh(c_t)`; see [`gradus_tensor::lstm`]. The memory `c` changes by a sum, not by a product, and so
//! a gradient passes through many steps without dying out (Hochreiter and Schmidhuber, *Long short-term
//! memory*, 1997).

use gradus_autograd::Var;
use gradus_tensor::Float;

use super::cell::{Cell, last};
use super::{Recurrent, RecurrentBuilder};
use crate::Result;

/// Layers of long short-term memory, one above the other; each has four gates in the order `i, f, g, o`.
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
pub type Lstm<T = f32> = Recurrent<LstmCell, T>;

/// The settings of an [`Lstm`] that is not built yet.
pub type LstmBuilder = RecurrentBuilder<LstmCell>;

/// The last `h` and `c` of every layer, `[layers · directions, N, hidden]` each.
pub type LstmState<T = f32> = (Var<T>, Var<T>);

/// What makes a recurrent layer an [`Lstm`].
#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub struct LstmCell;

impl Cell for LstmCell {
    const NAME: &'static str = "Lstm";
    const TORCH: &'static str = "nn.LSTM";
    const GATES: usize = 4;
    const PARTS: usize = 2;

    type State<T: Float> = LstmState<T>;

    fn parts<T: Float>((h, c): &LstmState<T>) -> Vec<&Var<T>> {
        vec![h, c]
    }

    fn state<T: Float>(parts: Vec<Var<T>>) -> LstmState<T> {
        let [h, c] = parts.try_into().expect("a state of two parts");
        (h, c)
    }

    fn read<T: Float>(
        x: &Var<T>,
        start: &[Var<T>],
        weights: [&Var<T>; 4],
    ) -> Result<(Var<T>, Vec<Var<T>>)> {
        let [y, c] = x.lstm([&start[0], &start[1]], weights)?;
        let h = last(&y)?;
        Ok((y, vec![h, c]))
    }
}
