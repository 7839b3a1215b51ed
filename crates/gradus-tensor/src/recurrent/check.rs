//! What is true of every recurrent layer.

use crate::{Float, Rng, Tensor, threads};

/// Steps, samples, features and units: fewer and more than fit into a group, a pair of groups or a
/// piece, and none.
const SIZES: [[usize; 4]; 11] = [
    [1, 1, 1, 1],
    [3, 2, 5, 7],
    [4, 1, 3, 16],
    [2, 3, 4, 33],
    [3, 50, 2, 20],
    [2, 13, 9, 48],
    [3, 100, 1, 100],
    [2, 2, 2, 300],
    [2, 0, 3, 4],
    [2, 3, 0, 4],
    [2, 3, 4, 0],
];

/// The same values in every type of float, up to rounding.
pub(super) fn normal<T: Float>(shape: &[usize], seed: u64) -> Tensor<T> {
    let x = Tensor::normal(shape, 0.0, 0.5, &mut Rng::new(seed)).unwrap();
    Tensor::<f64>::map(&x, |x| x).map(T::from_f64)
}

/// A sequence `[steps, samples, features]`, with its samples first in memory or not.
pub(super) fn sequence<T: Float>(shape: [usize; 3], seed: u64, samples_first: bool) -> Tensor<T> {
    let [steps, batch, features] = shape;
    match samples_first {
        true => normal(&[batch, steps, features], seed).transpose(0, 1).unwrap(),
        false => normal(&shape, seed),
    }
}

/// Runs a layer, which gives its results and gradients, for all sizes and both orders in memory: the
/// number of threads changes no bits, and both types of float agree.
pub(super) fn agree(
    single: impl Fn([usize; 4], bool) -> Vec<Tensor<f32>> + Sync,
    double: impl Fn([usize; 4], bool) -> Vec<Tensor<f64>>,
) {
    for sizes in SIZES {
        for first in [false, true] {
            let one = threads::with_count(1, || single(sizes, first)).unwrap();
            let three = threads::with_count(3, || single(sizes, first)).unwrap();
            assert!(one == three, "threads change bits for {sizes:?}");
            for (i, (one, exact)) in one.iter().zip(double(sizes, first)).enumerate() {
                near(&format!("{sizes:?}, result {i}"), one, &exact);
            }
        }
    }
}

/// Whether single precision was enough to compute `exact`.
pub(super) fn near<T: Float>(what: &str, got: &Tensor<T>, exact: &Tensor<f64>) {
    assert_eq!(got.shape(), exact.shape(), "{what}");
    for (a, b) in got.to_vec().into_iter().zip(exact.to_vec()) {
        let gap = (a.to_f64() - b).abs();
        assert!(gap <= 2e-5 * (1.0 + b.abs()), "{what}: {a} instead of {b}");
    }
}

/// Whether these are the gradients of a loss by its inputs: each along one direction, by differences.
pub(super) fn differences<const N: usize>(
    what: &str,
    at: &[Tensor<f64>; N],
    gradients: &[Tensor<f64>],
    loss: impl Fn(&[Tensor<f64>; N]) -> f64,
) {
    assert_eq!(gradients.len(), N);
    for (i, gradient) in gradients.iter().enumerate() {
        let direction: Tensor<f64> = normal(at[i].shape(), 10 + i as u64);
        let moved = |step: f64| {
            let mut there = at.clone();
            there[i] = at[i].add(&direction.map(|d| step * d)).unwrap();
            loss(&there)
        };
        let difference = (moved(1e-5) - moved(-1e-5)) / 2e-5;
        let gradient = dot(gradient, &direction);
        let gap = (gradient - difference).abs() / (1.0 + difference.abs());
        assert!(gap < 1e-7, "{what}, input {i}: {gradient}, not {difference}");
    }
}

/// `Σ a b`
pub(super) fn dot(a: &Tensor<f64>, b: &Tensor<f64>) -> f64 {
    a.mul(b).unwrap().sum().item().unwrap()
}

/// `w[row] · x`, and a bias.
pub(super) fn sum_of(w: &[f64], row: usize, x: &[f64], bias: &[f64]) -> f64 {
    w[row * x.len()..][..x.len()].iter().zip(x).map(|(w, x)| w * x).sum::<f64>() + bias[row]
}

/// The logistic function.
pub(super) fn sigmoid(x: f64) -> f64 {
    1.0 / (1.0 + (-x).exp())
}
