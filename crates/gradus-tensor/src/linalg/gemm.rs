//! The one door to products of matrices.

use super::matrix::{Matrix, MatrixMut};
use super::product::tile::Finish;
use super::product::{Product, Right};
use crate::{Activation, Float, concrete};

/// What happens to the product `A B` on its way to `C`:
/// `C = activation(alpha · A B + C if accumulate + bias)`.
///
/// It is done in the last pass over `C`, while the sums are in registers.
#[derive(Clone, Copy)]
pub(crate) struct Epilogue<'a, T> {
    /// Whether to add to what is in `C`.
    pub(crate) accumulate: bool,
    /// A factor for the product.
    pub(crate) alpha: T,
    /// A number for each column of `C`.
    pub(crate) bias: Option<&'a [T]>,
    /// The last step.
    pub(crate) activation: Activation,
}

impl<T: Float> Default for Epilogue<'_, T> {
    fn default() -> Self {
        Self { accumulate: false, alpha: T::ONE, bias: None, activation: Activation::Identity }
    }
}

impl<T: Float> Epilogue<'_, T> {
    /// `C = A B`, or `C += A B`.
    pub(crate) fn adding(accumulate: bool) -> Self {
        Self { accumulate, ..Self::default() }
    }

    /// The same by pointer, for `n` columns.
    ///
    /// # Panics
    /// If the bias has another number of elements.
    pub(super) fn finish(self, n: usize) -> Finish<T> {
        assert!(self.bias.is_none_or(|bias| bias.len() == n), "a bias of another length");
        Finish {
            load: self.accumulate,
            alpha: self.alpha,
            bias: self.bias.map_or(std::ptr::null(), <[T]>::as_ptr),
            activation: self.activation,
        }
    }
}

/// `C = A B` for `A` of `m × k`, `B` of `k × n`, `C` of `m × n`, finished by `epilogue`; by several
/// threads if `parallel` and it is large.
///
/// Each element of `C` is summed up by one thread in an order that depends on the sizes alone.
///
/// # Panics
/// If a matrix reaches beyond its slice, if rows of `C` overlap, or if the bias has not `n` elements.
pub(crate) fn gemm<T: Float>(
    sizes: [usize; 3],
    a: Matrix<'_, T>,
    b: Matrix<'_, T>,
    c: MatrixMut<'_, T>,
    epilogue: Epilogue<'_, T>,
    parallel: bool,
) {
    let kernel = concrete!(
        checked: fn(
            [usize; 3],
            Matrix<'_, T>,
            Matrix<'_, T>,
            MatrixMut<'_, T>,
            Epilogue<'_, T>,
            bool,
        )
    );
    kernel(sizes, a, b, c, epilogue, parallel);
}

fn checked<T: Float>(
    [m, k, n]: [usize; 3],
    a: Matrix<'_, T>,
    b: Matrix<'_, T>,
    c: MatrixMut<'_, T>,
    epilogue: Epilogue<'_, T>,
    parallel: bool,
) {
    if m == 0 || n == 0 {
        return;
    }
    let (a, b, c) = (a.source([m, k]), b.source([k, n]), c.target([m, n]));
    let finish = epilogue.finish(n);
    // SAFETY: all elements lie in slices that are borrowed until this returns, that of `C` mutably, so
    // that it overlaps neither of the others; no two elements of `C` coincide; the bias has `n`.
    unsafe { Product::new([m, k, n], a, Right::Lies(b), c, finish) }.compute(parallel);
}
