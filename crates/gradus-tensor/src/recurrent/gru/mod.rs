//! Gated recurrent units, a whole sequence at once.
//!
//! With the products of each gate `a = W_ih x_t + b_ih` and `u = W_hh h_{t-1} + b_hh`, of `3 · hidden`
//! numbers each, in the order of the gates `r, z, n`:
//!
//! `r, z = σ(a_r + u_r), σ(a_z + u_z)`, `n = tanh(a_n + r u_n)`, `h_t = (1 - z) n + z h_{t-1}`
//!
//! (Cho et al., *Learning phrase representations using RNN encoder-decoder for statistical machine
//! translation*, 2014; with the reset gate `r` after the product, as in PyTorch, where they have it
//! before.) Backward through time, with `h̄_t = ȳ_t + z_{t+1} h̄_{t+1} + ū_{t+1} W_hh`:
//!
//! `ā_n = h̄ (1 - z) (1 - n²)`, `ā_z = h̄ (h_{t-1} - n) z (1 - z)`, `ā_r = ā_n u_n r (1 - r)`,
//! `ū_r, ū_z, ū_n = ā_r, ā_z, r ā_n`
//!
//! and over all steps `W̄_hh = Σ ū_tᵀ h_{t-1}`, `W̄_ih = Σ ā_tᵀ x_t`, `x̄_t = ā_t W_ih`, `b̄_hh = Σ ū_t`,
//! `b̄_ih = Σ ā_t`.

mod backward;
mod forward;

pub use backward::gru_grad;
pub use forward::gru;

use super::panels::UNITS;
use crate::{Float, Tensor};

/// Gates of a unit.
const GATES: usize = 3;
/// Numbers that the gates of a group of units make.
const WIDTH: usize = GATES * UNITS;

/// What [`gru`] computed.
#[derive(Debug, Clone)]
pub struct GruPass<T: Float> {
    /// `h` of every step, `[T, N, hidden]`.
    pub output: Tensor<T>,
    /// The gates of every step, `[groups, T, N, 3 · 16]`; of no meaning if they were not to be kept.
    gates: Tensor<T>,
    /// `u_n` of every step, `[groups, T, N, 16]`, or of none.
    inner: Tensor<T>,
    /// `h`, from the first state on: `[T + 1, N, hidden]`.
    states: Tensor<T>,
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Result;
    use crate::recurrent::check::{
        agree, differences, dot, near, normal, sequence, sigmoid, sum_of,
    };

    fn inputs<T: Float>([steps, batch, inputs, hidden]: [usize; 4], first: bool) -> [Tensor<T>; 6] {
        let rows = GATES * hidden;
        [
            sequence([steps, batch, inputs], 1, first),
            normal(&[batch, hidden], 2),
            normal(&[rows, inputs], 3),
            normal(&[rows, hidden], 4),
            normal(&[rows], 5),
            normal(&[rows], 6),
        ]
    }

    /// Output and all gradients.
    fn run<T: Float>(sizes: [usize; 4], first: bool) -> Vec<Tensor<T>> {
        let [x, h, weights @ ..] = inputs(sizes, first);
        let pass = gru(&x, &h, weights.each_ref(), true).unwrap();
        let short = gru(&x, &h, weights.each_ref(), false).unwrap();
        assert!(short.output == pass.output);
        let dy = sequence([sizes[0], sizes[1], sizes[3]], 7, first);
        let grads = gru_grad(&x, weights.each_ref(), &pass, &dy, [true; 6]).unwrap();
        [pass.output].into_iter().chain(grads.into_iter().map(Option::unwrap)).collect()
    }

    #[test]
    fn singles_are_near_doubles_and_threads_change_no_bits() {
        agree(run::<f32>, run::<f64>);
    }

    /// The output by the definition, number by number.
    fn plain(inputs: &[Tensor<f64>; 6]) -> Tensor<f64> {
        let [steps, batch, features] = [0, 1, 2].map(|axis| inputs[0].shape()[axis]);
        let hidden = inputs[1].shape()[1];
        let [x, mut h, w_ih, w_hh, b_ih, b_hh] = inputs.each_ref().map(Tensor::to_vec);
        let mut output = Vec::new();
        for t in 0..steps {
            for n in 0..batch {
                let x = &x[(t * batch + n) * features..][..features];
                let state = h[n * hidden..][..hidden].to_vec();
                let a = |row: usize| sum_of(&w_ih, row, x, &b_ih);
                let u = |row: usize| sum_of(&w_hh, row, &state, &b_hh);
                for j in 0..hidden {
                    let r = sigmoid(a(j) + u(j));
                    let z = sigmoid(a(hidden + j) + u(hidden + j));
                    let new = (a(2 * hidden + j) + r * u(2 * hidden + j)).tanh();
                    h[n * hidden + j] = (1.0 - z) * new + z * state[j];
                }
            }
            output.extend(&h);
        }
        Tensor::from_vec(output, [steps, batch, hidden]).unwrap()
    }

    /// The output, and of each input the gradient along one direction, by differences.
    #[test]
    fn both_are_what_the_definition_says() {
        for sizes in [[3, 2, 5, 7], [2, 3, 4, 33], [2, 50, 2, 20], [5, 1, 3, 48]] {
            let at = inputs::<f64>(sizes, false);
            let doubles = run::<f64>(sizes, false);
            near(&format!("{sizes:?}, singles"), &run::<f32>(sizes, false)[0], &plain(&at));
            let gap = doubles[0].sub(&plain(&at)).unwrap().map(f64::abs).max().unwrap();
            let gap = gap.item().unwrap();
            assert!(gap < 1e-14, "{sizes:?}: {gap}");
            let dy: Tensor<f64> = sequence([sizes[0], sizes[1], sizes[3]], 7, false);
            differences(&format!("{sizes:?}"), &at, &doubles[1..], |at| dot(&plain(at), &dy));
        }
    }

    #[test]
    fn what_does_not_fit_is_refused() {
        let of = |shape: &[usize]| Tensor::<f32>::zeros(shape);
        let says = |result: Result<GruPass<f32>>, text: &str| {
            assert_eq!(result.unwrap_err().to_string(), text);
        };
        let (x, h, bias) = (of(&[5, 4, 3]), of(&[4, 2]), of(&[6]));
        let (w_ih, w_hh) = (of(&[6, 3]), of(&[6, 2]));
        let weights = [&w_ih, &w_hh, &bias, &bias];
        says(
            gru(&of(&[5, 3]), &h, weights, true),
            "gru: got shape [5, 3], wanted a sequence [steps, samples, features]",
        );
        says(
            gru(&x, &h, [&w_ih, &of(&[8, 2]), &bias, &bias], true),
            "gru: got shape [8, 2], wanted recurrent weights [3 hidden, hidden]",
        );
        says(
            gru(&x, &of(&[3, 2]), weights, true),
            "gru: got shape [3, 2], wanted a first state [samples, hidden] = [4, 2]",
        );
        let grad = |pass: &GruPass<f32>, dy: &[usize]| {
            gru_grad(&x, weights, pass, &of(dy), [true; 6]).unwrap_err().to_string()
        };
        let pass = gru(&x, &h, weights, true).unwrap();
        let text = "gru_grad: got shape [5, 4, 1], wanted [5, 4, 2], of the output";
        assert_eq!(grad(&pass, &[5, 4, 1]), text);
        let pass = gru(&x, &h, weights, false).unwrap();
        let text = "gru_grad: got shape [1, 0, 4, 16], wanted [1, 5, 4, 16], kept";
        assert_eq!(grad(&pass, &[5, 4, 2]), text);
    }
}
