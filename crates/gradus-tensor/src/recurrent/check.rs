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
