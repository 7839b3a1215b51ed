//! Norms and products of tensors taken as vectors, in doubles and in an order that depends on the shape alone.

use std::ops::Range;

use gradus_tensor::threads::{PIECE, map_indices};
use gradus_tensor::{Float, Tensor, simd};

/// Sums that run side by side, so that they fit into one vector.
const LANES: usize = 16;

/// `Σ g²`.
pub(crate) fn sum_of_squares<T: Float>(gradient: &Tensor<T>) -> f64 {
    let gradient = gradient.contiguous();
    let Some(values) = gradient.as_slice() else { return 0.0 };
    in_pieces(values.len(), &|piece| {
        let values = &values[piece];
        simd::vectorize(
            #[inline(always)]
            || {
                let mut lanes = [0.0; LANES];
                for chunk in values.chunks(LANES) {
                    for (sum, x) in lanes.iter_mut().zip(chunk) {
                        *sum += x.to_f64() * x.to_f64();
                    }
                }
                lanes.iter().sum::<f64>()
            },
        )
    })
}

/// `√(Σ x²)`.
pub(crate) fn norm<T: Float>(x: &Tensor<T>) -> f64 {
    sum_of_squares(x).sqrt()
}

/// `Σ a b`, of tensors of one shape.
pub(crate) fn dot<T: Float>(a: &Tensor<T>, b: &Tensor<T>) -> f64 {
    let (a, b) = (a.contiguous(), b.contiguous());
    let (Some(a), Some(b)) = (a.as_slice(), b.as_slice()) else { return 0.0 };
    in_pieces(a.len().min(b.len()), &|piece| {
        let (a, b) = (&a[piece.clone()], &b[piece]);
        simd::vectorize(
            #[inline(always)]
            || {
                let mut lanes = [0.0; LANES];
                for (a, b) in a.chunks(LANES).zip(b.chunks(LANES)) {
                    for (sum, (a, b)) in lanes.iter_mut().zip(a.iter().zip(b)) {
                        *sum += a.to_f64() * b.to_f64();
                    }
                }
                lanes.iter().sum::<f64>()
            },
        )
    })
}

/// The sum over all pieces of so many elements.
fn in_pieces(len: usize, sum: &(dyn Fn(Range<usize>) -> f64 + Sync)) -> f64 {
    let piece = |i: usize| i * PIECE..len.min((i + 1) * PIECE);
    map_indices(len.div_ceil(PIECE), true, |i| sum(piece(i))).iter().sum()
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
        assert_eq!(dot(&Tensor::vector([3.0, 4.0]), &Tensor::vector([1.0, -2.0])), -5.0);
        assert_eq!(sum_of_squares(&Tensor::vector([3.0, 4.0]).flip(0).unwrap()), 25.0);
        assert_eq!(sum_of_squares(&Tensor::<f64>::zeros([0, 3])), 0.0);
    }
}
