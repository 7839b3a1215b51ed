//! Long short-term memory, a whole sequence at once.
//!
//! With `a = W_ih x_t + b_ih + W_hh h_{t-1} + b_hh` of `4 · hidden` numbers, in the order of the gates
//! `i, f, g, o`:
//!
//! `i, f, o = σ(a_i), σ(a_f), σ(a_o)`, `g = tanh(a_g)`, `c_t = f c_{t-1} + i g`, `h_t = o tanh(c_t)`
//!
//! (Hochreiter and Schmidhuber, *Long short-term memory*, 1997; with the forget gate of Gers,
//! Schmidhuber and Cummins, *Learning to forget*, 2000.) Backward through time, with
//! `h̄_t = ȳ_t + ā_{t+1} W_hh` and `τ = tanh(c_t)`:
//!
//! `c̄_t = c̄_{t+1} f_{t+1} + h̄ o (1 - τ²)`, `ā_o = h̄ τ o (1 - o)`, `ā_i = c̄ g i (1 - i)`,
//! `ā_f = c̄ c_{t-1} f (1 - f)`, `ā_g = c̄ i (1 - g²)`
//!
//! and over all steps `W̄_hh = Σ ā_tᵀ h_{t-1}`, `W̄_ih = Σ ā_tᵀ x_t`, `x̄_t = ā_t W_ih`, `b̄ = Σ ā_t`.

mod backward;
mod forward;

pub use backward::lstm_grad;
pub use forward::lstm;

use super::panels::UNITS;
use crate::{Float, Tensor};

/// Gates of a unit.
const GATES: usize = 4;
/// Numbers that the gates of a group of units make.
const WIDTH: usize = GATES * UNITS;

/// What [`lstm`] computed.
#[derive(Debug, Clone)]
pub struct LstmPass<T: Float> {
    /// `h` of every step, `[T, N, hidden]`.
    pub output: Tensor<T>,
    /// `c` of the last step, `[N, hidden]`.
    pub cell: Tensor<T>,
    /// The gates of every step, `[groups, T, N, 4 · 16]`; of no meaning if they were not to be kept.
    gates: Tensor<T>,
    /// `c`, from the first state on: `[groups, T + 1, N, 16]`, or only the last one.
    cells: Tensor<T>,
    /// `h`, from the first state on: `[T + 1, N, hidden]`.
    states: Tensor<T>,
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::recurrent::check::{
        agree, differences, dot, near, normal, sequence, sigmoid, sum_of,
    };

    fn inputs<T: Float>([steps, batch, inputs, hidden]: [usize; 4], first: bool) -> [Tensor<T>; 7] {
        let rows = GATES * hidden;
        [
            sequence([steps, batch, inputs], 1, first),
            normal(&[batch, hidden], 2),
            normal(&[batch, hidden], 3),
            normal(&[rows, inputs], 4),
            normal(&[rows, hidden], 5),
            normal(&[rows], 6),
            normal(&[rows], 7),
        ]
    }

    /// The gradients of the output and of the last cell.
    fn given<T: Float>([steps, batch, _, hidden]: [usize; 4], first: bool) -> [Tensor<T>; 2] {
        [sequence([steps, batch, hidden], 8, first), normal(&[batch, hidden], 9)]
    }

    /// Output, last cell and all gradients.
    fn run<T: Float>(sizes: [usize; 4], first: bool) -> Vec<Tensor<T>> {
        let [x, h, c, weights @ ..] = inputs(sizes, first);
        let weights = weights.each_ref();
        let pass = lstm(&x, [&h, &c], weights, true).unwrap();
        let short = lstm(&x, [&h, &c], weights, false).unwrap();
        assert!(short.output == pass.output && short.cell == pass.cell);
        let [dy, dc] = given(sizes, first);
        let grads = lstm_grad(&x, weights, &pass, Some(&dy), Some(&dc), [true; 7]).unwrap();
        let grads = grads.into_iter().map(Option::unwrap);
        [pass.output, pass.cell].into_iter().chain(grads).collect()
    }

    #[test]
    fn singles_are_near_doubles_and_threads_change_no_bits() {
        agree(run::<f32>, run::<f64>);
    }

    /// Output and last cell by the definition, number by number.
    fn plain(inputs: &[Tensor<f64>; 7]) -> [Tensor<f64>; 2] {
        let [steps, batch, features] = [0, 1, 2].map(|axis| inputs[0].shape()[axis]);
        let hidden = inputs[1].shape()[1];
        let [x, mut h, mut c, w_ih, w_hh, b_ih, b_hh] = inputs.each_ref().map(Tensor::to_vec);
        let mut output = Vec::new();
        for t in 0..steps {
            for n in 0..batch {
                let x = &x[(t * batch + n) * features..][..features];
                let state = h[n * hidden..][..hidden].to_vec();
                for j in 0..hidden {
                    let [i, f, g, o] = [0, 1, 2, 3].map(|gate| gate * hidden + j).map(|row| {
                        sum_of(&w_ih, row, x, &b_ih) + sum_of(&w_hh, row, &state, &b_hh)
                    });
                    let c = &mut c[n * hidden + j];
                    *c = sigmoid(f) * *c + sigmoid(i) * g.tanh();
                    h[n * hidden + j] = sigmoid(o) * c.tanh();
                }
            }
            output.extend(&h);
        }
        [(output, vec![steps, batch, hidden]), (c, vec![batch, hidden])]
            .map(|(values, shape)| Tensor::from_vec(values, &shape[..]).unwrap())
    }

    /// Output and last cell, and of each input the gradient along one direction, by differences.
    #[test]
    fn all_are_what_the_definition_says() {
        for sizes in [[3, 2, 5, 7], [2, 3, 4, 33], [2, 50, 2, 20], [5, 1, 3, 48]] {
            let at = inputs::<f64>(sizes, false);
            let (singles, doubles) = (run::<f32>(sizes, false), run::<f64>(sizes, false));
            for (i, plain) in plain(&at).iter().enumerate() {
                near(&format!("{sizes:?}, singles"), &singles[i], plain);
                let gap = doubles[i].sub(plain).unwrap().map(f64::abs).max().unwrap();
                let gap = gap.item().unwrap();
                assert!(gap < 1e-14, "{sizes:?}: {gap}");
            }
            let [dy, dc] = given(sizes, false);
            differences(&format!("{sizes:?}"), &at, &doubles[2..], |at| {
                let [output, cell] = plain(at);
                dot(&output, &dy) + dot(&cell, &dc)
            });
        }
    }

    #[test]
    fn what_does_not_fit_is_refused() {
        let of = |shape: &[usize]| Tensor::<f32>::zeros(shape);
        let says = |x: &[usize], state: &[usize], w: [&[usize]; 4], text: &str| {
            let (x, state, w) = (of(x), of(state), w.map(of));
            let error = lstm(&x, [&state, &state], w.each_ref(), false).unwrap_err().to_string();
            assert_eq!(error, text);
        };
        let w: [&[usize]; 4] = [&[8, 3], &[8, 2], &[8], &[8]];
        says(
            &[5, 3],
            &[4, 2],
            w,
            "lstm: got shape [5, 3], wanted a sequence [steps, samples, features]",
        );
        says(&[0, 4, 3], &[4, 2], w, "lstm: got shape [0, 4, 3], wanted at least one step");
        says(&[5, 4, 2], &[4, 2], w, "lstm: got shape [8, 3], wanted input weights [8, 2]");
        says(
            &[5, 4, 3],
            &[3, 2],
            w,
            "lstm: got shape [3, 2], wanted a first state [samples, hidden] = [4, 2]",
        );
        let odd: [&[usize]; 4] = [&[8, 3], &[6, 2], &[8], &[8]];
        says(
            &[5, 4, 3],
            &[4, 2],
            odd,
            "lstm: got shape [6, 2], wanted recurrent weights [4 hidden, hidden]",
        );
        let odd: [&[usize]; 4] = [&[8, 3], &[8, 2], &[8], &[2]];
        says(&[5, 4, 3], &[4, 2], odd, "lstm: got shape [2], wanted a bias [8]");
    }
}
