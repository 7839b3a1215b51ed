//! The norm of all gradients taken as one vector.

use gradus_tensor::threads::{PIECE, map_indices};
use gradus_tensor::{Float, Tensor, simd};

/// Sums that run side by side, so that they fit into one vector.
const LANES: usize = 16;

/// `Σ g²`, added up in doubles in an order that depends on the shape alone.
pub(crate) fn sum_of_squares<T: Float>(gradient: &Tensor<T>) -> f64 {
    let gradient = gradient.contiguous();
    let Some(values) = gradient.as_slice() else { return 0.0 };
    let sums = map_indices(values.len().div_ceil(PIECE), true, |i| {
        let piece = &values[i * PIECE..values.len().min((i + 1) * PIECE)];
        simd::vectorize(
            #[inline(always)]
            || {
                let mut lanes = [0.0; LANES];
                for chunk in piece.chunks(LANES) {
                    for (sum, x) in lanes.iter_mut().zip(chunk) {
                        *sum += x.to_f64() * x.to_f64();
                    }
                }
                lanes.iter().sum::<f64>()
            },
        )
    });
    sums.iter().sum()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn squares_are_summed_whatever_the_layout() {
        let n = 2 * PIECE + 77;
        let x = Tensor::<f32>::filled_by([n], |out| {
            out.iter_mut().enumerate().for_each(|(i, x)| *x = (i % 10) as f32);
        });
        let want: f64 = (0..n).map(|i| ((i % 10) * (i % 10)) as f64).sum();
        assert_eq!(sum_of_squares(&x), want);
        assert_eq!(sum_of_squares(&Tensor::vector([3.0, 4.0]).flip(0).unwrap()), 25.0);
        assert_eq!(sum_of_squares(&Tensor::<f64>::zeros([0, 3])), 0.0);
    }
}
